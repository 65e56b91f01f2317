package devices

import (
	"strings"
	"testing"
	"time"

	"wardwatch/ward"
)

// contract is the example of the design, word for word.
const contract = `{"device":"mon-07","boot":"c1f3a2","seq":1042,"time":"2026-11-21T08:15:02.120+07:00",
 "vitals":{"hr":88,"pr":88,"rr":19,"spo2":95,"sbp":118,"dbp":70,"map":86,"temp":37.2,"etco2":36,"fio2":0.28,"o2_flow":2},
 "o2_device":"nasal_cannula","consciousness":"A",
 "alarms":[{"code":"asystole","priority":"high","state":"on"}],
 "measured":{"sbp":"2026-11-21T08:00:00+07:00"},"quality":{"spo2":"poor"}}`

func decodeOne(t *testing.T, payload string) Element {
	t.Helper()
	var d Decoder
	out, f := d.Decode([]byte(payload), nil)
	if f != nil {
		t.Fatalf("refused whole: %s: %s", f.Reason, f)
	}
	if len(out) != 1 {
		t.Fatalf("%d elements", len(out))
	}
	return out[0]
}

func TestDecodeReadsTheContract(t *testing.T) {
	e := decodeOne(t, contract)
	if e.Refused() || e.Faults != nil || e.Unknown != 0 {
		t.Fatalf("refused %v, faults %v, unknown %d", e.Refused(), e.Faults, e.Unknown)
	}
	r := e.Reading
	taken := time.Date(2026, 11, 21, 1, 15, 2, 120e6, time.UTC)
	if r.Device != "mon-07" || r.Boot != "c1f3a2" || r.Seq != 1042 || !r.HasSeq || r.Taken != taken {
		t.Errorf("head: %+v", r)
	}
	want := map[ward.Vital]float64{ward.HR: 88, ward.PR: 88, ward.RR: 19, ward.SpO2: 95, ward.SBP: 118, ward.DBP: 70,
		ward.MAP: 86, ward.Temp: 37.2, ward.EtCO2: 36, ward.FiO2: 0.28, ward.O2Flow: 2, ward.ACVPU: float64(ward.Awake), ward.O2Source: float64(ward.NasalCannula)}
	if len(r.Values) != len(want) {
		t.Fatalf("%d values, want %d", len(r.Values), len(want))
	}
	for _, v := range r.Values {
		at, q := taken, ward.Good
		if v.Vital == ward.SBP {
			at = time.Date(2026, 11, 21, 1, 0, 0, 0, time.UTC)
		}
		if v.Vital == ward.SpO2 {
			q = ward.Poor
		}
		if v.Number != want[v.Vital] || v.At != at || v.Quality != q {
			t.Errorf("%s: %+v", v.Vital, v)
		}
	}
	if len(r.Alarms) != 1 || r.Alarms[0] != (ward.DeviceAlarm{Code: "asystole", Priority: ward.HighPriority, On: true}) {
		t.Errorf("alarms: %+v", r.Alarms)
	}
}

// summary writes what is used of an element, and the reasons of what is not, in one line.
func summary(e *Element) string {
	var b strings.Builder
	for _, v := range e.Reading.Values {
		b.WriteString(v.Vital.String() + "=" + text(v.Number))
		if v.Quality != ward.Good {
			b.WriteString("(" + v.Quality.String() + ")")
		}
		if age := e.Reading.Taken.Sub(v.At); age != 0 {
			b.WriteString("@-" + age.String())
		}
		b.WriteString(" ")
	}
	for _, a := range e.Reading.Alarms {
		b.WriteString("alarm:" + a.Code + "/" + a.Priority.String() + map[bool]string{true: "/on ", false: "/off "}[a.On])
	}
	b.WriteString("|")
	for _, f := range e.Faults {
		b.WriteString(" " + f.Reason)
		if f.Vital != "" {
			b.WriteString(":" + f.Vital)
		}
	}
	if e.Refused() {
		b.WriteString(" REFUSED")
	}
	return b.String()
}

// at0 stands for "time":"2026-11-21T08:00:00Z".
const at0 = `"time":"2026-11-21T08:00:00Z"`

func TestOneBadValueNeverSpoilsTheRest(t *testing.T) {
	for _, c := range []struct{ name, payload, want string }{
		{"plain", `{` + at0 + `,"vitals":{"hr":80,"rr":16}}`, "hr=80 rr=16 |"},
		{"a value too low to believe is taken in", `{` + at0 + `,"vitals":{"rr":0,"spo2":40,"hr":0}}`, "hr=0 rr=0 spo2=40 |"},
		{"percent oxygen", `{` + at0 + `,"vitals":{"hr":80,"fio2":40}}`, "hr=80 | percent_fio2:fio2"},
		{"oxygen 100 %", `{` + at0 + `,"vitals":{"hr":80,"fio2":100}}`, "hr=80 | percent_fio2:fio2"},
		{"pure oxygen as a fraction", `{` + at0 + `,"vitals":{"fio2":1.0}}`, "fio2=1 |"},
		{"room air, rounded", `{` + at0 + `,"vitals":{"fio2":0.209}}`, "fio2=0.209 |"},
		{"no oxygen at all", `{` + at0 + `,"vitals":{"hr":80,"fio2":0}}`, "hr=80 | out_of_range:fio2"},
		{"Fahrenheit", `{` + at0 + `,"vitals":{"hr":80,"temp":98.6}}`, "hr=80 | fahrenheit:temp"},
		{"Kelvin", `{` + at0 + `,"vitals":{"hr":80,"temp":310}}`, "hr=80 | out_of_range:temp"},
		{"a probe in room air is a temperature", `{` + at0 + `,"vitals":{"temp":18.3}}`, "temp=18.3 |"},
		{"saturation as a fraction", `{` + at0 + `,"vitals":{"hr":80,"spo2":0.97}}`, "hr=80 | fraction_spo2:spo2"},
		{"saturation as a fraction, full", `{` + at0 + `,"vitals":{"hr":80,"spo2":1}}`, "hr=80 | fraction_spo2:spo2"},
		{"saturation over 100", `{` + at0 + `,"vitals":{"hr":80,"spo2":101}}`, "hr=80 | out_of_range:spo2"},
		{"heart rate 900", `{` + at0 + `,"vitals":{"hr":900,"rr":16}}`, "rr=16 | out_of_range:hr"},
		{"negative rate", `{` + at0 + `,"vitals":{"hr":-1,"rr":16}}`, "rr=16 | out_of_range:hr"},
		{"sentinels of monitors", `{` + at0 + `,"vitals":{"hr":8388607,"rr":-100,"spo2":-999,"sbp":2147483647,"temp":-99.9,"pr":60}}`,
			"pr=60 | out_of_range:hr out_of_range:rr out_of_range:spo2 out_of_range:sbp out_of_range:temp"},
		{"huge exponent", `{` + at0 + `,"vitals":{"hr":1e999,"rr":16}}`, "rr=16 | out_of_range:hr"},
		{"number as text", `{` + at0 + `,"vitals":{"hr":"80","rr":16}}`, "rr=16 | wrong_type:hr"},
		{"NaN", `{` + at0 + `,"vitals":{"hr":NaN,"rr":16}}`, "rr=16 | not_a_number:hr"},
		{"Infinity", `{` + at0 + `,"vitals":{"hr":-Infinity,"pr":Infinity,"rr":16}}`, "rr=16 | not_a_number:hr not_a_number:pr"},
		{"a value as object, array, boolean", `{` + at0 + `,"vitals":{"hr":{"v":80},"pr":[80],"sbp":true,"rr":16}}`, "rr=16 | wrong_type:hr wrong_type:pr wrong_type:sbp"},
		{"null is not sent", `{` + at0 + `,"device":null,"measured":null,"vitals":{"hr":null,"rr":16}}`, "rr=16 |"},
		{"the same vital twice", `{` + at0 + `,"vitals":{"hr":80,"hr":190,"rr":16}}`, "rr=16 | duplicate_key:hr"},
		{"the same vital twice, first one bad", `{` + at0 + `,"vitals":{"hr":900,"hr":80,"rr":16}}`, "rr=16 | out_of_range:hr duplicate_key:hr"},
		{"the same vital twice, by an escape", `{` + at0 + `,"vitals":{"hr":80,"\u0068r":190,"rr":16}}`, "rr=16 | duplicate_key:hr"},
		{"vitals twice", `{` + at0 + `,"vitals":{"hr":80},"vitals":{"rr":16},"consciousness":"V"}`, "acvpu=2 | duplicate_key"},
		{"alarms twice are both kept", `{` + at0 + `,"alarms":[{"code":"a","priority":"low","state":"on"}],"alarms":[{"code":"b","priority":"low","state":"off"}]}`, "alarm:a/low/on alarm:b/low/off | duplicate_key"},
		{"time twice", `{` + at0 + `,` + at0 + `,"vitals":{"hr":80}}`, "| duplicate_key REFUSED"},
		{"unknown consciousness", `{` + at0 + `,"vitals":{"hr":80},"consciousness":"X"}`, "hr=80 | unknown_word:acvpu"},
		{"lower-case consciousness", `{` + at0 + `,"vitals":{"hr":80},"consciousness":"a"}`, "hr=80 | unknown_word:acvpu"},
		{"unknown oxygen device", `{` + at0 + `,"vitals":{"hr":80},"o2_device":"tent"}`, "hr=80 | unknown_word:o2_device"},
		{"words alone", `{` + at0 + `,"consciousness":"C","o2_device":"hfnc"}`, "acvpu=1 o2_device=5 |"},
		{"cuff pressure of a quarter of an hour ago", `{` + at0 + `,"measured":{"sbp":"2026-11-21T07:45:00Z"},"vitals":{"sbp":118}}`, "sbp=118@-15m0s |"},
		{"measured for what was not sent", `{` + at0 + `,"vitals":{"hr":80},"measured":{"sbp":"2026-11-21T07:45:00Z"}}`, "hr=80 | bad_measured:sbp"},
		{"measured a moment later than time", `{` + at0 + `,"vitals":{"sbp":118},"measured":{"sbp":"2026-11-21T08:05:00Z"}}`, "sbp=118 |"},
		{"measured later than time by more than 5 min", `{` + at0 + `,"vitals":{"hr":80,"sbp":118},"measured":{"sbp":"2026-11-21T08:05:00.001Z"}}`, "hr=80 | bad_measured:sbp"},
		{"measured without zone: its age is unknown", `{` + at0 + `,"vitals":{"hr":80,"sbp":118},"measured":{"sbp":"2026-11-21T07:45:00"}}`, "hr=80 | time_without_zone:sbp"},
		{"measured twice", `{` + at0 + `,"vitals":{"hr":80,"sbp":118},"measured":{"sbp":1,"sbp":2}}`, "hr=80 | duplicate_key:sbp"},
		{"measured unreadable as a whole: no number has an age", `{` + at0 + `,"vitals":{"hr":80},"consciousness":"P","measured":"08:00"}`, "acvpu=3 | wrong_type"},
		{"quality", `{` + at0 + `,"vitals":{"hr":80,"spo2":70},"quality":{"spo2":"invalid"}}`, "hr=80 spo2=70(invalid) |"},
		{"a quality that is no word counts as poor", `{` + at0 + `,"vitals":{"spo2":70},"quality":{"spo2":"ok"}}`, "spo2=70(poor) | unknown_word:spo2"},
		{"quality of what is not there", `{` + at0 + `,"vitals":{"hr":80},"quality":{"spo2":"invalid"}}`, "hr=80 |"},
		{"no time", `{"vitals":{"hr":80}}`, "| no_time REFUSED"},
		{"time null", `{"time":null,"vitals":{"hr":80}}`, "| bad_time REFUSED"},
		{"time without zone", `{"time":"2026-11-21T08:00:00","vitals":{"hr":80}}`, "| time_without_zone REFUSED"},
		{"time with a blank", `{"time":"2026-11-21 08:00:00Z","vitals":{"hr":80}}`, "| bad_time REFUSED"},
		{"time of a day that is not", `{"time":"2026-02-29T08:00:00Z","vitals":{"hr":80}}`, "| bad_time REFUSED"},
		{"time with a fraction of milliseconds", `{"time":1764000000000.5,"vitals":{"hr":80}}`, "| bad_time REFUSED"},
		{"time far beyond", `{"time":99999999999999999999,"vitals":{"hr":80}}`, "| bad_time REFUSED"},
		{"1970", `{"time":0,"vitals":{"hr":80}}`, "hr=80 |"},
		{"before 1970", `{"time":-86400000,"vitals":{"hr":80}}`, "hr=80 |"},
		{"2100", `{"time":"2100-01-01T00:00:00Z","vitals":{"hr":80}}`, "hr=80 |"},
		{"nothing in it", `{` + at0 + `}`, "| no_content REFUSED"},
		{"empty vitals", `{` + at0 + `,"vitals":{}}`, "| no_content REFUSED"},
		{"only a bad value", `{` + at0 + `,"vitals":{"fio2":40}}`, "| percent_fio2:fio2 REFUSED"},
		{"bad device", `{` + at0 + `,"device":"mon 7","vitals":{"hr":80}}`, "hr=80 | bad_id"},
		{"empty device", `{` + at0 + `,"device":"","vitals":{"hr":80}}`, "hr=80 | bad_id"},
		{"long boot", `{` + at0 + `,"boot":"` + strings.Repeat("x", 65) + `","vitals":{"hr":80}}`, "hr=80 | bad_id"},
		{"device as a number", `{` + at0 + `,"device":7,"vitals":{"hr":80}}`, "hr=80 | wrong_type"},
		{"seq with a point", `{` + at0 + `,"seq":1.0,"vitals":{"hr":80}}`, "hr=80 | bad_seq"},
		{"seq below zero", `{` + at0 + `,"seq":-1,"vitals":{"hr":80}}`, "hr=80 | bad_seq"},
		{"seq as text", `{` + at0 + `,"seq":"1","vitals":{"hr":80}}`, "hr=80 | wrong_type"},
		{"seq too large", `{` + at0 + `,"seq":18446744073709551616,"vitals":{"hr":80}}`, "hr=80 | bad_seq"},
		{"vitals as array", `{` + at0 + `,"vitals":[80],"consciousness":"A"}`, "acvpu=0 | wrong_type"},
		{"alarm alone", `{` + at0 + `,"alarms":[{"code":"apnoea","priority":"medium","state":"off"}]}`, "alarm:apnoea/medium/off |"},
		{"an alarm is never lost for its priority or state", `{` + at0 + `,"alarms":[{"code":"vfib","priority":"urgent"}]}`, "alarm:vfib/high/on | bad_alarm bad_alarm"},
		{"an alarm said twice over is taken at its worst", `{` + at0 + `,"alarms":[{"code":"vfib","priority":"low","state":"off","state":"on","priority":"low"}]}`, "alarm:vfib/high/on | bad_alarm bad_alarm"},
		{"an alarm without a code", `{` + at0 + `,"alarms":[{"priority":"high","state":"on"},{"code":"x","priority":"low","state":"on"}]}`, "alarm:x/low/on | bad_alarm"},
		{"an alarm with a line feed in its code", `{` + at0 + `,"alarms":[{"code":"a\nb","priority":"high","state":"on"}]}`, "| bad_alarm REFUSED"},
		{"an alarm in Vietnamese", `{` + at0 + `,"alarms":[{"code":"Ngưng thở","priority":"high","state":"on"}]}`, "alarm:Ngưng thở/high/on |"},
		{"an alarm that is a word", `{` + at0 + `,"vitals":{"hr":80},"alarms":["asystole"]}`, "hr=80 | bad_alarm"},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := decodeOne(t, c.payload)
			if got := summary(&e); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestEachElementIsJudgedByItself(t *testing.T) {
	var d Decoder
	out, f := d.Decode([]byte(`[{`+at0+`,"vitals":{"hr":80}},7,{"vitals":{"hr":81}},{`+at0+`,"vitals":{"hr":82},"x":[1,{"y":2}],"z":null}]`), nil)
	if f != nil {
		t.Fatal(f)
	}
	want := []string{"hr=80 |", "| wrong_type REFUSED", "| no_time REFUSED", "hr=82 |"}
	for i := range out {
		if got := summary(&out[i]); got != want[i] {
			t.Errorf("element %d: %s, want %s", i, got, want[i])
		}
	}
	if out[3].Unknown != 2 {
		t.Errorf("unknown fields: %d, want 2", out[3].Unknown)
	}
}

func TestAMessageThatIsRefusedWhole(t *testing.T) {
	deep := strings.Repeat("[", 100) + strings.Repeat("]", 100)
	for _, c := range []struct{ name, payload, reason string }{
		{"empty", "", ReasonEmpty},
		{"blanks", "  \n", ReasonJSON},
		{"empty array", "[]", ReasonEmpty},
		{"a number", "7", ReasonType},
		{"a word", `"hello"`, ReasonType},
		{"cut off", contract[:len(contract)-1], ReasonJSON},
		{"something after the end", contract + "x", ReasonJSON},
		{"two messages", contract + contract, ReasonJSON},
		{"a comma too many", `{` + at0 + `,"vitals":{"hr":80,}}`, ReasonJSON},
		{"a comma too many in an array", `[{` + at0 + `},]`, ReasonJSON},
		{"leading zero", `{` + at0 + `,"vitals":{"hr":080}}`, ReasonJSON},
		{"plus sign", `{` + at0 + `,"vitals":{"hr":+80}}`, ReasonJSON},
		{"point without digits", `{` + at0 + `,"vitals":{"hr":80.}}`, ReasonJSON},
		{"exponent without digits", `{` + at0 + `,"vitals":{"hr":8e}}`, ReasonJSON},
		{"two points", `{` + at0 + `,"x":1.2.3}`, ReasonJSON},
		{"hexadecimal", `{` + at0 + `,"vitals":{"hr":0x50}}`, ReasonJSON},
		{"single quotes", `{'time':1}`, ReasonJSON},
		{"a comment", `{/* */}`, ReasonJSON},
		{"line feed in a string", "{\"x\":\"a\nb\"}", ReasonJSON},
		{"bad escape", `{"x":"\q"}`, ReasonJSON},
		{"short escape", `{"x":"\u12"}`, ReasonJSON},
		{"signed escape", `{"x":"\u+123"}`, ReasonJSON},
		{"zero byte", "{\"x\":1\x00}", ReasonJSON},
		{"lower-case nan", `{"x":nan}`, ReasonJSON},
		{"not UTF-8", "{\"x\":\"\xff\"}", ReasonUTF8},
		{"Latin-1 name", "{" + at0 + ",\"alarms\":[{\"code\":\"\xe9\"}]}", ReasonUTF8},
		{"deep", `{"x":` + deep + `}`, ReasonDeep},
		{"deep at the top", deep, ReasonDeep},
		{"too large", `{"x":"` + strings.Repeat("a", MaxPayload) + `"}`, ReasonTooLarge},
		{"too many elements", "[" + strings.Repeat("{},", MaxElements) + "{}]", ReasonElements},
	} {
		t.Run(c.name, func(t *testing.T) {
			var d Decoder
			kept := []Element{{Unknown: 7}}
			out, f := d.Decode([]byte(c.payload), kept)
			if f == nil || f.Reason != c.reason {
				t.Fatalf("fault %+v, want %s", f, c.reason)
			}
			if len(out) != 1 || out[0].Unknown != 7 {
				t.Errorf("out was changed: %+v", out)
			}
			if f.Message == "" || len(f.Message) > 200 {
				t.Errorf("message %q", f.Message)
			}
		})
	}
}

func TestBounds(t *testing.T) {
	alarm := `{"code":"x","priority":"low","state":"on"},`
	e := decodeOne(t, `{`+at0+`,"alarms":[`+strings.TrimSuffix(strings.Repeat(alarm, MaxAlarms+1), ",")+`]}`)
	if len(e.Reading.Alarms) != MaxAlarms || len(e.Faults) != 1 || e.Faults[0].Reason != ReasonAlarms {
		t.Errorf("%d alarms, faults %v", len(e.Reading.Alarms), e.Faults)
	}
	var d Decoder
	full := "[" + strings.TrimSuffix(strings.Repeat(`{"time":1,"vitals":{"hr":80}},`, MaxElements), ",") + "]"
	out, f := d.Decode([]byte(full), nil)
	if f != nil || len(out) != MaxElements {
		t.Errorf("%d elements, fault %v", len(out), f)
	}
	for i := range 3 * maxNames {
		d.intern([]byte(text(float64(i))))
	}
	if len(d.names) > maxNames {
		t.Errorf("%d names kept", len(d.names))
	}
}

// What a call hands out must not change when the decoder, or the payload's memory, is used again.
func TestHandedOutValuesStay(t *testing.T) {
	var d Decoder
	payload := []byte(contract)
	first, _ := d.Decode(payload, nil)
	was := summary(&first[0]) + string(first[0].Reading.Device)
	copy(payload, strings.Repeat("x", len(payload)))
	out := make([]Element, 0, 4)
	for range 50 {
		out, _ = d.Decode([]byte(`[{"time":5,"device":"other","vitals":{"hr":1,"rr":2},"alarms":[{"code":"q"}]},{"time":5,"vitals":{"hr":3}}]`), out[:0])
	}
	if now := summary(&first[0]) + string(first[0].Reading.Device); now != was {
		t.Errorf("was %s\nnow %s", was, now)
	}
	if got := summary(&out[1]); got != "hr=3 |" {
		t.Errorf("a reused element: %s", got)
	}
}

func TestReasonsAreAllListed(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range Reasons() {
		if seen[r] || r == "" {
			t.Errorf("reason %q twice or empty", r)
		}
		seen[r] = true
	}
	for _, p := range []string{"", "7", "[]", "{", "{}", "[1]", `{"time":1,"vitals":{"fio2":40,"temp":99,"spo2":0.9,"hr":900,"rr":"x","pr":NaN},"seq":-1,"device":"","alarms":[1],"consciousness":"x","measured":{"sbp":1}}`} {
		var d Decoder
		out, f := d.Decode([]byte(p), nil)
		if f != nil && !seen[f.Reason] {
			t.Errorf("%q is not listed", f.Reason)
		}
		for _, e := range out {
			for _, f := range e.Faults {
				if !seen[f.Reason] {
					t.Errorf("%q is not listed", f.Reason)
				}
			}
		}
	}
}
