//go:build e2e

package e2e

import (
	"fmt"
	"strings"
	"time"
)

// fault is one thing wrong with a message, made on purpose.
type fault struct {
	reason  string // under which it must be counted, once a message
	unnamed bool   // the message as a whole cannot be used: it names no device
	payload func(device string, now time.Time) string
}

// wrongVitals is a fault within vitals, whatever else there is.
func wrongVitals(vitals string) func(string, time.Time) string {
	return wrongField(`"vitals":{` + vitals + `}`)
}

// wrongField is a message whose other fields are good.
func wrongField(field string) func(string, time.Time) string {
	return func(device string, now time.Time) string {
		return fmt.Sprintf(`{"device":"%s","time":%d,%s}`, device, now.UnixMilli(), field)
	}
}

func plainly(text string) func(string, time.Time) string {
	return func(string, time.Time) string { return text }
}

// faultsMade has one message for each reason in the contract but bad_topic, which is about no payload.
func faultsMade() []fault {
	return []fault{
		{"too_large", true, wrongField(`"consciousness":"A","note":"` + strings.Repeat("x", 70<<10) + `"`)},
		{"bad_utf8", true, wrongField("\"consciousness\":\"\xff\"")},
		{"bad_json", true, plainly(`{"device":"mon-1","time":`)},
		{"too_deep", true, wrongField(`"consciousness":"A","note":` + strings.Repeat("[", 500) + strings.Repeat("]", 500))},
		{"too_many_elements", true, plainly("[" + strings.TrimSuffix(strings.Repeat(`{"time":1},`, 1025), ",") + "]")},
		{"no_content", true, plainly(`[]`)},
		{"wrong_type", false, wrongVitals(`"hr":"88"`)},
		{"duplicate_key", false, wrongVitals(`"hr":80,"hr":90`)},
		{"no_time", false, func(device string, _ time.Time) string {
			return fmt.Sprintf(`{"device":"%s","vitals":{"hr":80}}`, device)
		}},
		{"bad_time", false, func(device string, _ time.Time) string {
			return fmt.Sprintf(`{"device":"%s","time":"yesterday","vitals":{"hr":80}}`, device)
		}},
		{"time_without_zone", false, func(device string, now time.Time) string {
			return fmt.Sprintf(`{"device":"%s","time":"%s","vitals":{"hr":80}}`, device, now.Format("2006-01-02T15:04:05"))
		}},
		{"bad_id", false, wrongField(`"boot":"not an id!","vitals":{"hr":80}`)},
		{"bad_seq", false, wrongField(`"seq":-1,"vitals":{"hr":80}`)},
		{"not_a_number", false, wrongVitals(`"hr":NaN`)},
		{"out_of_range", false, wrongVitals(`"rr":999`)},
		{"percent_fio2", false, wrongVitals(`"fio2":40`)},
		{"fraction_spo2", false, wrongVitals(`"spo2":0.95`)},
		{"fahrenheit", false, wrongVitals(`"temp":98.6`)},
		{"unknown_word", false, wrongField(`"consciousness":"X"`)},
		{"bad_measured", false, func(device string, now time.Time) string {
			return fmt.Sprintf(`{"device":"%s","time":%d,"vitals":{"sbp":120},"measured":{"sbp":%d}}`, device, now.UnixMilli(), now.Add(time.Hour).UnixMilli())
		}},
		{"bad_alarm", false, wrongField(`"alarms":[{"priority":"low","state":"off"}]`)},
		{"too_many_alarms", false, wrongField(`"alarms":[` + strings.TrimSuffix(strings.Repeat(`{"code":"test","priority":"low","state":"off"},`, 33), ",") + `]`)},
	}
}

// wrongTopics are refused by ingest. Where the embedded broker forbids them they do not get so far;
// the others look to it like one of the ward's beds.
var wrongTopics = []struct {
	topic     string
	forbidden bool
}{
	{"ward/v1/W1/bed00010/vital", true}, {"ward/v1/W1/bed00010/VITALS", true}, {"ward/v1//bed00010/vitals", true},
	{"ward/v1/W1/gi\u01b0\u1eddng/vitals", false}, {"ward/v1/W1/" + strings.Repeat("b", 65) + "/vitals", false},
}
