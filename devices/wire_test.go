package devices

import (
	"encoding/json"
	"math"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"wardwatch/ward"
)

func TestTopics(t *testing.T) {
	long := strings.Repeat("w", ward.MaxID)
	for _, c := range []struct {
		topic string
		place ward.Place
		kind  Kind
		ok    bool
	}{
		{"ward/v1/icu/12A/vitals", ward.Place{Ward: "icu", Bed: "12A"}, Vitals, true},
		{"ward/v1/icu/12A/status", ward.Place{Ward: "icu", Bed: "12A"}, Status, true},
		{"ward/v1/" + long + "/b/vitals", ward.Place{Ward: ward.WardID(long), Bed: "b"}, Vitals, true},
		{"ward/v1/" + long + "w/b/vitals", ward.Place{}, 0, false},
		{"ward/v1/icu/12A", ward.Place{}, 0, false},
		{"ward/v1/icu/12A/", ward.Place{}, 0, false},
		{"ward/v1/icu/12A/vitals/", ward.Place{}, 0, false},
		{"ward/v1/icu/12A/x/vitals", ward.Place{}, 0, false},
		{"ward/v1/icu//vitals", ward.Place{}, 0, false},
		{"ward/v1//12A/vitals", ward.Place{}, 0, false},
		{"ward/v1/icu/12 A/vitals", ward.Place{}, 0, false},
		{"ward/v1/hồi-sức/1/vitals", ward.Place{}, 0, false},
		{"ward/v1/+/+/vitals", ward.Place{}, 0, false},
		{"ward/v2/icu/12A/vitals", ward.Place{}, 0, false},
		{"/ward/v1/icu/12A/vitals", ward.Place{}, 0, false},
		{"ward/v1/icu/12A/Vitals", ward.Place{}, 0, false},
		{"", ward.Place{}, 0, false},
	} {
		p, k, err := ParseTopic(c.topic)
		if (err == nil) != c.ok || p != c.place || k != c.kind {
			t.Errorf("%q: %v %v %v", c.topic, p, k, err)
		}
		if f, isFault := err.(*Fault); err != nil && (!isFault || f.Reason != ReasonTopic) {
			t.Errorf("%q: error %T", c.topic, err)
		}
		if c.ok && Topic(p, k) != c.topic {
			t.Errorf("%q became %q", c.topic, Topic(p, k))
		}
	}
}

func TestStatus(t *testing.T) {
	at := time.Date(2026, 11, 21, 1, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		payload string
		want    ward.DeviceStatus
		reason  string
	}{
		{`{"state":"online","time":"2026-11-21T08:00:00+07:00","battery":0.83}`, ward.DeviceStatus{State: ward.DeviceOnline, At: at, Battery: 0.83}, ""},
		{`{"state":"offline"}`, ward.DeviceStatus{State: ward.DeviceOffline, Battery: -1}, ""},
		{`{"state":"standby","device":"mon-1","time":1795222800000,"x":[1]}`, ward.DeviceStatus{State: ward.DeviceStandby, Device: "mon-1", At: at, Battery: -1}, ""},
		{`{"state":"online","battery":83}`, ward.DeviceStatus{State: ward.DeviceOnline, Battery: -1}, ReasonRange},
		{`{"state":"online","battery":"full","time":null}`, ward.DeviceStatus{State: ward.DeviceOnline, Battery: -1}, ReasonType},
		{`{"state":"online","time":"08:00"}`, ward.DeviceStatus{State: ward.DeviceOnline, Battery: -1}, ReasonTime},
		{`{"state":"asleep"}`, ward.DeviceStatus{Battery: -1}, ReasonWord},
		{`{"state":"unknown"}`, ward.DeviceStatus{Battery: -1}, ReasonWord},
		{`{"state":7}`, ward.DeviceStatus{Battery: -1}, ReasonType},
		{`{}`, ward.DeviceStatus{Battery: -1}, ReasonWord},
		{`{"state":"online","state":"offline"}`, ward.DeviceStatus{Battery: -1}, ReasonDuplicate},
		{`["online"]`, ward.DeviceStatus{Battery: -1}, ReasonType},
		{`online`, ward.DeviceStatus{Battery: -1}, ReasonJSON},
		{``, ward.DeviceStatus{Battery: -1}, ReasonEmpty},
		{`{"state":"online"} `, ward.DeviceStatus{State: ward.DeviceOnline, Battery: -1}, ""},
		{`{"state":"online"}x`, ward.DeviceStatus{Battery: -1}, ReasonJSON},
	} {
		got, f := DecodeStatus([]byte(c.payload))
		reason := ""
		if f != nil {
			reason = f.Reason
		}
		if got != c.want || reason != c.reason {
			t.Errorf("%s: %+v %q, want %+v %q", c.payload, got, reason, c.want, c.reason)
		}
	}
}

func TestStatusRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := ward.DeviceStatus{
			Device:  ward.DeviceID(rapid.SampledFrom([]string{"", "mon-1", "A_b"}).Draw(t, "device")),
			State:   rapid.SampledFrom([]ward.DeviceState{ward.DeviceOnline, ward.DeviceOffline, ward.DeviceStandby}).Draw(t, "state"),
			Battery: rapid.OneOf(rapid.Just(-1.0), rapid.Float64Range(0, 1)).Draw(t, "battery"),
		}
		if rapid.Bool().Draw(t, "dated") {
			s.At = drawTime(t, "at")
		}
		got, f := DecodeStatus(EncodeStatus(s))
		if f != nil || got != s {
			t.Fatalf("%s: %+v, fault %v, want %+v", EncodeStatus(s), got, f, s)
		}
	})
}

func drawTime(t *rapid.T, label string) time.Time {
	return time.UnixMilli(rapid.Int64Range(firstMilli, lastMilli).Draw(t, label)).UTC()
}

// onWire says again, apart from the program, what a device may send.
func onWire(v ward.Vital) bool { return v != ward.RespDistress && v != ward.CapRefill }

// drawReading makes any reading that a device can send.
func drawReading(t *rapid.T) ward.Reading {
	id := rapid.StringMatching(`[A-Za-z0-9_-]{1,64}`)
	r := ward.Reading{Taken: drawTime(t, "taken")}
	if rapid.Bool().Draw(t, "named") {
		r.Device = ward.DeviceID(id.Draw(t, "device"))
		r.Boot = id.Draw(t, "boot")
		r.Seq, r.HasSeq = rapid.Uint64().Draw(t, "seq"), true
	}
	for v := range ward.NumVitals {
		if !onWire(v) || !rapid.Bool().Draw(t, "has "+v.String()) {
			continue
		}
		x := ward.Value{Vital: v, At: r.Taken, Quality: ward.Quality(rapid.IntRange(0, 2).Draw(t, "quality"))}
		switch {
		case v == ward.ACVPU:
			x.Number = float64(rapid.IntRange(0, int(ward.Unresponsive)).Draw(t, "acvpu"))
		case v == ward.O2Source:
			x.Number = float64(rapid.IntRange(0, int(ward.Ventilator)).Draw(t, "o2"))
		case v == ward.SpO2:
			x.Number = rapid.OneOf(rapid.Just(0.0), rapid.Float64Range(math.Nextafter(1, 2), 100)).Draw(t, "spo2")
		default:
			x.Number = rapid.Float64Range(spans[v].low, spans[v].high).Draw(t, v.String()) + 0
		}
		if rapid.Bool().Draw(t, "older") {
			ms := rapid.Int64Range(firstMilli, r.Taken.UnixMilli()).Draw(t, "at")
			x.At = time.UnixMilli(ms).UTC()
		}
		r.Values = append(r.Values, x)
	}
	for range rapid.IntRange(0, 3).Draw(t, "alarms") {
		r.Alarms = append(r.Alarms, ward.DeviceAlarm{
			Code:     rapid.StringMatching(`[ -~àệ"\\]{1,20}`).Draw(t, "code"),
			Priority: ward.Priority(rapid.IntRange(0, 2).Draw(t, "priority")),
			On:       rapid.Bool().Draw(t, "on"),
		})
	}
	return r
}

func TestDecodeUndoesEncode(t *testing.T) {
	var d Decoder
	rapid.Check(t, func(t *rapid.T) {
		r := drawReading(t)
		b := Encode(nil, &r)
		if !json.Valid(b) {
			t.Fatalf("not JSON: %s", b)
		}
		out, f := d.Decode(b, nil)
		if f != nil || len(out) != 1 {
			t.Fatalf("%s: %v", b, f)
		}
		empty := len(r.Values) == 0 && len(r.Alarms) == 0
		if out[0].Refused() != empty || !empty && out[0].Faults != nil || out[0].Unknown != 0 {
			t.Fatalf("%s: %+v", b, out[0])
		}
		if !reflect.DeepEqual(out[0].Reading, r) {
			t.Fatalf("%s\ngot  %+v\nwant %+v", b, out[0].Reading, r)
		}
	})
}

// What only people chart is an unknown field from a device, wherever it stands, and spoils nothing.
func TestWhatPeopleChartIsNotOnTheWire(t *testing.T) {
	var d Decoder
	out, f := d.Decode([]byte(`{"time":1795222800000,"vitals":{"rr":18,"cap_refill":2,"resp_distress":1},"cap_refill":2,"measured":{"cap_refill":1795222800000},"quality":{"resp_distress":"poor"}}`), nil)
	if f != nil || len(out) != 1 || out[0].Unknown != 5 || out[0].Faults != nil || len(out[0].Reading.Values) != 1 {
		t.Fatalf("%+v, %v", out, f)
	}
	at := time.UnixMilli(1795222800000).UTC()
	r := ward.Reading{Taken: at, Values: []ward.Value{{Vital: ward.RR, Number: 18, At: at}, {Vital: ward.CapRefill, Quality: ward.Poor, Number: 2, At: at.Add(-time.Hour)}, {Vital: ward.RespDistress, Number: 1, At: at}}}
	if b := Encode(nil, &r); string(b) != `{"time":"2026-11-21T01:00:00.000Z","vitals":{"rr":18}}` {
		t.Errorf("sent as a device would: %s", b)
	}
}

func TestSchemaNamesTheContract(t *testing.T) {
	var s struct {
		Defs struct {
			Element struct {
				Properties map[string]any `json:"properties"`
			} `json:"element"`
			Vitals struct {
				Properties map[string]struct{ Minimum, Maximum float64 } `json:"properties"`
			} `json:"vitals"`
		} `json:"$defs"`
	}
	if err := json.Unmarshal(Schema(), &s); err != nil {
		t.Fatal(err)
	}
	for f, name := range fieldNames {
		if _, ok := s.Defs.Element.Properties[name]; !ok || fieldNamed([]byte(name)) != f {
			t.Errorf("field %s", name)
		}
	}
	if len(s.Defs.Element.Properties) != len(fieldNames) || len(s.Defs.Vitals.Properties) != len(spans) {
		t.Errorf("%d fields, %d vitals", len(s.Defs.Element.Properties), len(s.Defs.Vitals.Properties))
	}
	for v := range ward.NumVitals {
		name := wireName(v)
		if !onWire(v) {
			if _, _, ok := vitalNamed([]byte(name)); ok {
				t.Errorf("%s is charted by people, and devices may send it", name)
			}
			continue
		}
		got, in, ok := vitalNamed([]byte(name))
		if !ok || got != v || in == isWord(v) {
			t.Errorf("vital %s: %v %v %v", name, got, in, ok)
		}
		if p, ok := s.Defs.Vitals.Properties[name]; in && (!ok || p.Minimum != spans[v].low || p.Maximum != spans[v].high) {
			t.Errorf("limits of %s in the schema: %+v", name, p)
		}
	}
}

func TestNumbersAreRoundedAsStrconvDoes(t *testing.T) {
	check := func(t interface{ Fatalf(string, ...any) }, s string) {
		var c cursor
		c.reset([]byte(s))
		got, ok := c.number()
		want, err := strconv.ParseFloat(s, 64)
		if ok != (err == nil) || ok && math.Float64bits(got) != math.Float64bits(want+0) || c.fault != nil {
			t.Fatalf("%s: %v %v, want %v %v", s, got, ok, want, err)
		}
	}
	for _, s := range []string{"0", "-0", "-0.0e5", "9007199254740993", "0.1", "37.2", "1e22", "1e23", "123456789012345678901234567890", "1e-400", "1e99999", "0.000000000000000000000000001", "5e-324", "1.7976931348623157e308", "1e309", "18446744073709551615", "0e99999"} {
		check(t, s)
	}
	rapid.Check(t, func(t *rapid.T) {
		check(t, rapid.StringMatching(`-?(0|[1-9][0-9]{0,25})(\.[0-9]{1,25})?([eE][+-]?[0-9]{1,3})?`).Draw(t, "number"))
		check(t, strconv.FormatFloat(rapid.Float64Range(-1e6, 1e6).Draw(t, "float"), 'f', -1, 64))
	})
}

func TestTimesAreReadAsTheStandardLibraryDoes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringMatching(`(0001|19[67][0-9]|20[0-9][0-9]|9999)-(0[0-9]|1[0-3])-([0-2][0-9]|3[0-2])T(0[0-9]|1[0-9]|2[0-4])(:[0-6][0-9]){2}(\.[0-9]{1,12})?(Z|[+-][01][0-9]:[0-5][0-9])`).Draw(t, "time")
		got, reason := parseTime([]byte(s))
		want, err := time.Parse(time.RFC3339, s)
		if err == nil && (want.UnixMilli() < firstMilli || want.UnixMilli() > lastMilli) {
			err = strconv.ErrRange
		}
		if (reason == "") != (err == nil) {
			t.Fatalf("%s: %q, want %v", s, reason, err)
		}
		if err == nil && (got.UnixMilli() != want.UnixMilli() || got.Location() != time.UTC) {
			t.Fatalf("%s: %v, want %v", s, got, want)
		}
	})
}
