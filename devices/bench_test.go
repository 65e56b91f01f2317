package devices

import (
	"testing"
	"time"

	"wardwatch/ward"
)

// load is what the bench's publishers send.
const load = `{"device":"mon-bed00042","boot":"18a0c3f5d2b4e6f7","seq":517,"time":1795220102120,"vitals":{"hr":88,"rr":18,"spo2":97,"sbp":121,"temp":36.8,"fio2":0.21},"consciousness":"A"}`

func TestDecodeAllocatesLittle(t *testing.T) {
	var d Decoder
	var out []Element
	payload := []byte(load)
	got := testing.AllocsPerRun(100, func() { out, _ = d.Decode(payload, out[:0]) })
	if got > 1 {
		t.Errorf("%v allocations a message, want 1", got)
	}
}

func benchDecode(b *testing.B, payload string) {
	var d Decoder
	var out []Element
	p := []byte(payload)
	b.SetBytes(int64(len(p)))
	b.ReportAllocs()
	for b.Loop() {
		out, _ = d.Decode(p, out[:0])
	}
	if len(out) != 1 || out[0].Faults != nil {
		b.Fatal(out)
	}
}

func BenchmarkDecodeLoad(b *testing.B) { benchDecode(b, load) }

func BenchmarkDecodeContract(b *testing.B) { benchDecode(b, contract) }

func BenchmarkEncode(b *testing.B) {
	var d Decoder
	out, _ := d.Decode([]byte(load), nil)
	var dst []byte
	b.ReportAllocs()
	for b.Loop() {
		dst = Encode(dst[:0], &out[0].Reading)
	}
}

func BenchmarkParseTopic(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := ParseTopic("ward/v1/W1/bed00042/vitals"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkParseTime(b *testing.B) {
	s := []byte("2026-11-21T08:15:02.120+07:00")
	b.ReportAllocs()
	for b.Loop() {
		if t, _ := parseTime(s); t.Before(time.Unix(0, 0)) {
			b.Fatal(t)
		}
	}
}

func BenchmarkStatus(b *testing.B) {
	p := EncodeStatus(ward.DeviceStatus{State: ward.DeviceOnline, At: time.Unix(1795220102, 0), Battery: 0.5})
	b.ReportAllocs()
	for b.Loop() {
		DecodeStatus(p)
	}
}
