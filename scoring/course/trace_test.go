package course

import (
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"

	"wardwatch/ward"
)

func TestPoints(t *testing.T) {
	type point struct {
		when  string
		value float64
	}
	for _, x := range []struct {
		what  string
		c     *Course
		vital ward.Vital
		when  string
		want  []point
	}{
		{"means of ten minutes, dated by their middle", courseOf(t,
			said{"08:01", ward.SpO2, 96}, said{"08:09", ward.SpO2, 95}, said{"08:10", ward.SpO2, 92}, said{"08:31", ward.SpO2, 90.25},
		), ward.SpO2, "08:34", []point{{"08:05", 95.5}, {"08:15", 92}, {"08:32", 90.25}}},
		{"six hours", courseOf(t, said{"02:05", ward.RR, 12}, said{"02:15", ward.RR, 14}, said{"08:05", ward.RR, 20}),
			ward.RR, "08:09", []point{{"02:15", 14}, {"08:04:30", 20}}},
		{"nothing came since", courseOf(t, said{"02:15", ward.RR, 14}, said{"05:05", ward.RR, 20}), ward.RR, "09:00", []point{{"05:05", 20}}},
		{"asked of the past", courseOf(t, said{"05:05", ward.RR, 20}, said{"08:05", ward.RR, 30}), ward.RR, "07:00", []point{{"05:05", 20}}},
		{"late, where nothing was", courseOf(t, said{"08:05", ward.RR, 20}, said{"07:45", ward.RR, 16}), ward.RR, "08:06", []point{{"07:45", 16}, {"08:03", 20}}},
		{"late, where a mean is", courseOf(t, said{"07:45", ward.RR, 18}, said{"08:05", ward.RR, 20}, said{"07:45", ward.RR, 16}),
			ward.RR, "08:06", []point{{"07:45", 18}, {"08:03", 20}}},
		{"late by more than six hours", courseOf(t, said{"08:05", ward.RR, 20}, said{"01:15", ward.RR, 16}), ward.RR, "08:06", []point{{"08:03", 20}}},
		{"the pulse stands in for the heart", courseOf(t,
			said{"07:45", ward.PR, 80}, said{"07:55", ward.HR, 90}, said{"07:56", ward.PR, 70}, said{"08:05", ward.PR, 70}, said{"08:15", ward.PR, 84},
		), ward.HR, "08:20", []point{{"07:45", 80}, {"07:55", 90}, {"08:15", 84}}},
		{"and is asked for by either name", courseOf(t, said{"07:45", ward.PR, 80}), ward.PR, "08:00", []point{{"07:45", 80}}},
		{"a pressure of one cuff", courseOf(t, said{"07:45", ward.SBP, 142}), ward.SBP, "08:00", []point{{"07:45", 142}}},
		{"after two days", courseOf(t, said{"07:45", ward.SBP, 142}, said{"+2 07:45", ward.SBP, 120}), ward.SBP, "+2 08:00", []point{{"+2 07:45", 120}}},
		{"no trend is kept of it", courseOf(t, said{"07:45", ward.Temp, 37}), ward.Temp, "08:00", nil},
		{"no such vital", courseOf(t, said{"07:45", ward.Temp, 37}), ward.NumVitals, "08:00", nil},
		{"nobody", &Course{}, ward.HR, "08:00", nil},
	} {
		got := x.c.Points(x.vital, clock(t, x.when))
		if len(got) != len(x.want) {
			t.Errorf("%s: %d points %v, want %v", x.what, len(got), got, x.want)
			continue
		}
		for i, want := range x.want {
			if !got[i].At.Equal(clock(t, want.when)) || math.Abs(got[i].Value-want.value) > 0.005 {
				t.Errorf("%s: point %d is %v of %v, want %v", x.what, i, got[i].Value, got[i].At, want)
			}
		}
	}
}

// A monitor that sends twice a second all night leaves 36 means that are right.
func TestPointsOfANight(t *testing.T) {
	var c Course
	begin := clock(t, "00:00")
	for i := range int64(2 * 8 * 3600) {
		c.Take(ward.SpO2, 97-float64(i)/10_000+float64(i%2), begin.UnixMilli()+i*500)
	}
	points := c.Points(ward.SpO2, begin.Add(8*time.Hour-time.Second))
	if len(points) != 36 {
		t.Fatalf("%d points, want 36", len(points))
	}
	for _, p := range points {
		want := 97.5 - p.At.Sub(begin).Seconds()*2/10_000
		if math.Abs(p.Value-want) > 0.02 {
			t.Errorf("%v: %v, want %v", p.At, p.Value, want)
		}
	}
}

// Points are the means of all values of each ten minutes, of a stay told in order, with whatever
// gaps; also asked of the past, as far as the trace still reaches back.
func TestPointsEqualThePlainWay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var c Course
		samples := life(t, 200)
		for i := range samples {
			samples[i].input, samples[i].number = inRR, samples[i].number+1 // a trace holds no number next to 0
		}
		c.takeAll(samples)
		if len(samples) == 0 {
			return
		}
		const step = 600
		head := samples[len(samples)-1].second / step
		at := (head+rapid.Int64Range(-50, 50).Draw(t, "asked, steps after"))*step + step - 1
		got := c.Points(ward.RR, time.Unix(at, 0))
		for s := max(at/step, head) - traceSteps + 1; s <= at/step; s++ {
			sum, n := 0., 0.
			for _, x := range samples {
				if x.second/step == s {
					sum, n = sum+x.number, n+1
				}
			}
			if n == 0 {
				continue
			}
			if len(got) == 0 || math.Abs(got[0].Value-sum/n) > 0.011 || got[0].At.Unix()/step != s {
				t.Fatalf("%v: want %v first of %v", time.Unix(s*step, 0), sum/n, got)
			}
			got = got[1:]
		}
		if len(got) != 0 {
			t.Errorf("points too many: %v", got)
		}
	})
}
