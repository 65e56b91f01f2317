package course

import (
	"testing"
	"time"

	"wardwatch/ward"
)

// fullCourse is a day and a half of all vitals, each once a minute.
func fullCourse(b *testing.B) *Course {
	var c Course
	begin := clock(b, "00:00").UnixMilli()
	for m := range int64(36 * 60) {
		for i, v := range inputs {
			c.Take(v, float64(20+i)+float64(m%17)/10, begin+m*60_000)
		}
	}
	return &c
}

func BenchmarkTake(b *testing.B) {
	c := fullCourse(b)
	at := int64(c.Newest[inHR]) * 1000
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		c.Take(ward.HR, 80+float64(i&7), at+int64(i)*1000)
	}
}

// modelFeatures is what one model reads: 119 features of nine signals.
func modelFeatures() []string {
	names := []string{"age", "male"}
	for _, s := range []string{"hr", "rr", "spo2", "sbp", "dbp", "map", "temp", "shock_index", "pulse_pressure"} {
		names = append(names, s+".last.24", s+".mean.all", s+".sd.all")
		for _, h := range []string{".6", ".24"} {
			for _, o := range opNames[opMean:opOver] {
				names = append(names, s+"."+o+h)
			}
		}
	}
	return names
}

func BenchmarkFill(b *testing.B) {
	c := fullCourse(b)
	plan, err := Default().Compile(modelFeatures())
	if err != nil {
		b.Fatal(err)
	}
	out, at := make([]float32, plan.Len()), clock(b, "+1 12:30")
	b.Logf("%d features", plan.Len())
	b.ReportAllocs()
	for b.Loop() {
		plan.Fill(c, Who{64, 1}, at, out)
	}
}

// 1,000 beds, each with a course of its own.
func BenchmarkFill1000(b *testing.B) {
	beds := make([]Course, 1000)
	one := fullCourse(b)
	for i := range beds {
		beds[i] = *one
	}
	plan, err := Default().Compile(modelFeatures())
	if err != nil {
		b.Fatal(err)
	}
	out, at := make([]float32, plan.Len()), clock(b, "+1 12:30")
	for b.Loop() {
		for i := range beds {
			plan.Fill(&beds[i], Who{64, 1}, at, out)
		}
	}
}

func BenchmarkNewest(b *testing.B) {
	c, at := fullCourse(b), clock(b, "+1 12:30")
	b.ReportAllocs()
	for b.Loop() {
		Default().Newest(c, "sf", at)
	}
}

func BenchmarkPoints(b *testing.B) {
	c, at := fullCourse(b), clock(b, "+1 12:00").Add(-time.Second)
	for b.Loop() {
		c.Points(ward.HR, at)
	}
}
