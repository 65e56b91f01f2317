package devices

import (
	"bytes"
	"encoding/json"
	"reflect"
	"testing"

	"wardwatch/ward"
)

// FuzzDecode holds what must be true of any bytes: no crash, nothing impossible comes out, what is
// used can be sent again unchanged, and the grammar is that of encoding/json.
func FuzzDecode(f *testing.F) {
	for _, s := range []string{contract, `[` + contract + `,{}]`, `{"time":NaN}`, `{"time":1,"vitals":{"hr":1e5,"temp":-0}}`, `{"time":"2026-11-21T08:00:00.1-07:00","alarms":[{"code":"\ud83d\ude00"}]}`,
		`{"time":9,"vitals":{"sbp":1},"measured":{"sbp":5}}`, `[[[[[[[[[[[[[[[[[[[[`, `{"a":"\ud800"}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, payload []byte) {
		was := bytes.Clone(payload)
		var d Decoder
		out, fault := d.Decode(payload, nil)
		if !bytes.Equal(was, payload) {
			t.Fatal("the payload was changed")
		}
		if fault != nil && (len(out) != 0 || fault.Message == "") {
			t.Fatalf("fault %+v with %d elements", fault, len(out))
		}
		mercy := bytes.Contains(payload, []byte("NaN")) || bytes.Contains(payload, []byte("Infinity"))
		if valid := json.Valid(payload); !mercy && (fault == nil && !valid || valid && fault != nil && fault.Reason == ReasonJSON) {
			t.Fatalf("valid JSON: %v, fault %v", valid, fault)
		}
		for i := range out {
			checkElement(t, &out[i])
		}
	})
}

func checkElement(t *testing.T, e *Element) {
	t.Helper()
	r := &e.Reading
	for _, f := range e.Faults {
		if f.Reason == "" || f.Message == "" {
			t.Fatalf("fault %+v", f)
		}
	}
	if r.Device != "" && !ward.ValidID(string(r.Device)) || r.Boot != "" && !ward.ValidID(r.Boot) {
		t.Fatalf("device %q, boot %q", r.Device, r.Boot)
	}
	if e.Refused() {
		if len(e.Faults) == 0 {
			t.Fatal("refused without a reason")
		}
		return
	}
	var seen [ward.NumVitals]bool
	for _, v := range r.Values {
		if seen[v.Vital] || Check(v.Vital, v.Number) != nil || v.At.After(r.Taken) || v.At.IsZero() {
			t.Fatalf("value %+v at %v", v, r.Taken)
		}
		seen[v.Vital] = true
	}
	var d Decoder
	again, fault := d.Decode(Encode(nil, r), nil)
	if fault != nil || len(again) != 1 || again[0].Faults != nil || !reflect.DeepEqual(again[0].Reading, *r) {
		t.Fatalf("%s: %v %+v, want %+v", Encode(nil, r), fault, again, *r)
	}
}

func FuzzDecodeStatus(f *testing.F) {
	f.Add([]byte(`{"state":"online","time":"2026-11-21T08:15:02.120+07:00","battery":0.83}`))
	f.Add([]byte(`{"state":"offline","device":"x","time":5}`))
	f.Fuzz(func(t *testing.T, payload []byte) {
		s, fault := DecodeStatus(payload)
		if fault == nil && s.State == ward.DeviceUnknown {
			t.Fatal("no state and no fault")
		}
		if s.State == ward.DeviceUnknown {
			return
		}
		again, fault := DecodeStatus(EncodeStatus(s))
		if fault != nil || again != s {
			t.Fatalf("%s: %+v %v, want %+v", EncodeStatus(s), again, fault, s)
		}
	})
}

func FuzzParseTopic(f *testing.F) {
	f.Add("ward/v1/icu/12A/vitals")
	f.Add("ward/v1//x/status")
	f.Fuzz(func(t *testing.T, topic string) {
		p, k, err := ParseTopic(topic)
		if err == nil && (Topic(p, k) != topic || !ward.ValidID(string(p.Ward)) || !ward.ValidID(string(p.Bed))) {
			t.Fatalf("%q: %v %v", topic, p, k)
		}
	})
}
