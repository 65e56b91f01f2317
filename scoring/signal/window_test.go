package signal

import (
	"math"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"wardwatch/ward"
)

var eight = time.Date(2026, 11, 21, 8, 0, 0, 0, time.UTC)

// spo2 is a saturation so many seconds after eight o'clock.
func spo2(second, number float64) ward.Value {
	return ward.Value{Vital: ward.SpO2, Number: number, At: eight.Add(time.Duration(second * float64(time.Second)))}
}

func TestMedianOfTheWindow(t *testing.T) {
	type sample struct {
		second, number float64
		good           bool
	}
	for name, c := range map[string]struct {
		samples []sample
		want    float64
		ok      bool
	}{
		"one sample is itself":                        {[]sample{{0, 97.3, true}}, 97.3, true},
		"middle of three":                             {[]sample{{0, 97, true}, {2, 91, true}, {4, 96, true}}, 96, true},
		"of two the newest":                           {[]sample{{0, 97, true}, {2, 90, true}}, 90, true},
		"mean of the middle two":                      {[]sample{{0, 97, true}, {2, 96, true}, {4, 90, true}, {6, 99, true}}, 96.5, true},
		"of two good ones the newest good":            {[]sample{{0, 97, true}, {2, 90, true}, {4, 30, false}}, 90, true},
		"one artefact among good ones changes little": {[]sample{{0, 97, true}, {2, 97, true}, {4, 60, true}, {6, 97, true}}, 97, true},
		"half good is enough":                         {[]sample{{0, 97, true}, {2, 50, false}}, 97, true},
		"less than half is not":                       {[]sample{{0, 97, true}, {2, 50, false}, {4, 50, false}}, 0, false},
		"none good":                                   {[]sample{{0, 50, false}}, 0, false},
		"a minute old is out":                         {[]sample{{0, 80, true}, {60, 97, true}}, 97, true},
		"just under a minute old is in":               {[]sample{{0, 80, true}, {50, 81, true}, {59.9, 97, true}}, 81, true},
		"a faster sample overwrites its neighbour":    {[]sample{{0, 80, true}, {1, 97, true}}, 97, true},
		"the same moment again replaces":              {[]sample{{0, 80, true}, {0, 97, true}}, 97, true},
		"a slow device behaves as without a window":   {[]sample{{0, 97, true}, {70, 90, true}, {140, 88, true}}, 88, true},
	} {
		var m Memory
		r := Default()
		var got float64
		var ok bool
		for _, s := range c.samples {
			doubt := ward.Believed
			if !s.good {
				doubt = ward.PoorSignal
			}
			v := spo2(s.second, s.number)
			got, _, ok = r.Sample(&m, &v, doubt)
		}
		if got != c.want || ok != c.ok {
			t.Errorf("%s: got %v %v, want %v %v", name, got, ok, c.want, c.ok)
		}
	}
}

// The window against a second telling of it that keeps every sample in a list.
func TestWindowAgreesWithAPlainList(t *testing.T) {
	type kept struct {
		at   int64
		x    float64
		good bool
	}
	rapid.Check(t, func(t *rapid.T) {
		var m Memory
		r := Default()
		var list []kept
		at := eight.UnixMilli()
		for range rapid.IntRange(1, 200).Draw(t, "samples") {
			at += int64(rapid.SampledFrom([]int{0, 500, 1000, 1999, 2000, 5000, 31000, 59999, 60000, 300000}).Draw(t, "gap"))
			x := float64(rapid.IntRange(-5, 1200).Draw(t, "x")) / 4
			doubt := ward.Doubt(rapid.IntRange(0, 1).Draw(t, "doubt"))
			v := ward.Value{Vital: ward.HR, Number: x, At: time.UnixMilli(at)}
			got, newest, ok := r.Sample(&m, &v, doubt)

			list = slices.DeleteFunc(list, func(k kept) bool { return at-k.at >= 60000 })
			if n := len(list); n > 0 && at-list[n-1].at < 2000 {
				list[n-1].x, list[n-1].good = x, doubt == ward.Believed
			} else {
				list = append(list, kept{at, x, doubt == ward.Believed})
			}
			var good []float64
			for _, k := range list {
				if k.good {
					good = append(good, k.x)
				}
			}
			last := 0.0
			if len(good) > 0 {
				last = good[len(good)-1]
			}
			slices.Sort(good)
			enough := len(good) > 0 && 2*len(good) >= len(list)
			if ok != enough {
				t.Fatalf("enough %v, want %v: %v", ok, enough, list)
			}
			if !ok {
				continue
			}
			want := (good[(len(good)-1)/2] + good[len(good)/2]) / 2
			if len(good) < 3 {
				want = last
			}
			if math.Abs(got-want) > 1e-9 {
				t.Fatalf("median %v, want %v of %v", got, want, good)
			}
			if got < good[0] || got > good[len(good)-1] || newest > at || at-newest >= 60000+2000 {
				t.Fatalf("median %v of %v to %v, newest %d ms old", got, good[0], good[len(good)-1], at-newest)
			}
		}
	})
}

func BenchmarkSample(b *testing.B) {
	var m Memory
	r := Default()
	v := spo2(0, 97)
	i := 0
	b.ReportAllocs()
	for b.Loop() {
		i++
		v.At, v.Number = v.At.Add(time.Second), float64(90+i*7%11)
		r.Sample(&m, &v, ward.Believed)
	}
}
