package incident

import (
	"bytes"
	"crypto/ed25519"
	"io"
	"testing"
	"time"

	"wardwatch/ward"
)

// BenchmarkDay makes the file of a day of one bed at a reading a second.
func BenchmarkDay(b *testing.B) {
	w := begin(b)
	var batch []ward.Reading
	for s := range 86_400 {
		at := noon.Add(time.Duration(s) * time.Second)
		w.at(at)
		r := ward.Reading{Place: bed(1), Device: "mon-1", Boot: "b", Seq: uint64(s), HasSeq: true, Taken: at, At: at, Point: at, Arrived: at, Stay: w.a.ID}
		for _, v := range []ward.Vital{ward.HR, ward.RR, ward.SpO2, ward.SBP, ward.Temp, ward.FiO2} {
			r.Values = append(r.Values, ward.Value{Vital: v, Number: float64(60 + s%40), At: at})
		}
		if batch = append(batch, r); len(batch) == 600 {
			ok(b, w.journal.Append(batch))
			ok(b, w.journal.AppendScores([]ward.Score{{Place: bed(1), Stay: w.a.ID, At: at, Chart: "news2", Version: "rcp-2017", NParts: 7}}))
			batch = batch[:0]
		}
	}
	q := w.request()
	q.To = noon.Add(24 * time.Hour)
	b.ReportAllocs()
	for b.Loop() {
		var size counter
		m, err := Make(b.Context(), w.source(), q, &size)
		ok(b, err)
		for _, f := range m.Files {
			if f.Name == "readings.jsonl" && f.Rows != 86_400 {
				b.Fatalf("%d readings", f.Rows)
			}
		}
		b.ReportMetric(float64(size)/(1<<20), "MiB")
	}
}

type counter int64

func (c *counter) Write(p []byte) (int, error) { *c += counter(len(p)); return len(p), nil }

// FuzzVerify: whatever is shown, there is an answer, and nothing that the key did not sign is whole.
func FuzzVerify(f *testing.F) {
	f.Add([]byte("PK\x05\x06" + string(make([]byte, 18))))
	f.Add([]byte{})
	var out bytes.Buffer
	_, key := keyOf(1)
	s := newBundle(&out, &Manifest{Format: 1, Key: publicOf(key), Files: []File{}})
	ok(f, s.add("audit.jsonl", func(w io.Writer) (int, error) { return io.WriteString(w, "{\"seq\":1,\"hash\":\"00\",\"at\":5}\n") }))
	ok(f, s.add("heads.json", func(w io.Writer) (int, error) { return io.WriteString(w, `[{"seq":1,"hash":"00","key":"00"}]`) }))
	ok(f, s.close(key))
	f.Add(out.Bytes())
	public, _ := keyOf(2)
	f.Fuzz(func(t *testing.T, raw []byte) {
		v, err := Verify(bytes.NewReader(raw), int64(len(raw)), public)
		if err == nil && len(v.Faults) == 0 {
			t.Fatal("nobody signed this")
		}
	})
}

func keyOf(seed byte) (ed25519.PublicKey, ed25519.PrivateKey) {
	key := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, ed25519.SeedSize))
	return key.Public().(ed25519.PublicKey), key
}
