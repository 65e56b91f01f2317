package imaging

import (
	"syscall"
	"testing"
	"time"

	"wardwatch/ward"
)

// BenchmarkLook is pictures a second on one core, decoding apart, and what share of it is ours: the rest
// is spent in the runtime.
func BenchmarkLook(b *testing.B) {
	m := builtin(b, "demo-pneumonia")
	m.manifest.Population = Population{Region: "chest"}
	small := drawn(28, 28, func(r, c int) float64 { return float64(3*r + 5*c) })
	large := drawn(2500, 2000, func(r, c int) float64 { return float64((r*r + 3*c) % 251) })
	large.Bits = 12
	m.gate.file.Threshold = -1e9 // a made picture, and the model is to be asked
	for _, c := range []struct {
		name string
		img  *ward.Image
	}{{"28px", small}, {"2500x2000", large}} {
		b.Run(c.name, func(b *testing.B) { lookAt(b, m, c.img) })
	}
	b.Run("28px-map", func(b *testing.B) {
		for b.Loop() {
			if _, err := m.Occlude(small, 0); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func lookAt(b *testing.B, m *Model, img *ward.Image) {
	inside := &timed{session: m.session}
	before := &timed{session: m.gate.session}
	one := *m
	one.session, one.gate = inside, &gate{file: m.gate.file, session: before}
	began := processor()
	for b.Loop() {
		if r, err := one.Look(img); err != nil || r.Refused != nil {
			b.Fatal(r.Refused, err)
		}
	}
	b.ReportMetric(float64(b.N)/(processor()-began).Seconds(), "pictures/s-of-cpu")
	b.ReportMetric(100*(1-float64(inside.took+before.took)/float64(b.Elapsed())), "%-outside-runtime")
}

// processor is the time of the processor that this process has had: others share the machine.
func processor() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// timed notes how long the runtime took.
type timed struct {
	session
	took time.Duration
}

func (s *timed) Run(pixels []float32, n int, out []float32) error {
	began := time.Now()
	err := s.session.Run(pixels, n, out)
	s.took += time.Since(began)
	return err
}
