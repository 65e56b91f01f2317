package trend

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"wardwatch/ward"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

func bed(n int) ward.Place {
	return ward.Place{Ward: "icu", Bed: ward.BedID(fmt.Sprintf("bed-%04d", n))}
}

func open(t testing.TB, dir string, o Options) *Trend {
	t.Helper()
	tr, err := Open(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { tr.Close() })
	return tr
}

func tick(t testing.TB, tr *Trend, now time.Time) {
	t.Helper()
	if err := tr.Tick(now); err != nil {
		t.Fatal(err)
	}
}

// reading is one heart rate, arriving when it was taken.
func reading(place ward.Place, at time.Time, hr float64, position uint64) *ward.Reading {
	return &ward.Reading{Place: place, Taken: at, At: at, Point: at, Arrived: at, Position: position, Values: []ward.Value{{Vital: ward.HR, Number: hr, At: at}}}
}

func say(ms []ward.Minute) (s string) {
	for _, m := range ms {
		if m.Count == 0 {
			s += fmt.Sprintf("%s gap\n", m.Start.Format("15:04"))
			continue
		}
		s += fmt.Sprintf("%s %g–%g mean %g of %d\n", m.Start.Format("15:04"), m.Min, m.Max, m.Mean, m.Count)
	}
	return s
}

func TestMinutesOfAMorning(t *testing.T) {
	dir := t.TempDir()
	tr := open(t, dir, Options{})
	p, pos := bed(1), uint64(0)
	add := func(at string, hr float64) {
		when, err := time.Parse("2006-01-02 15:04:05", "2026-11-21 "+at)
		if err != nil {
			t.Fatal(err)
		}
		pos++
		tr.Add(reading(p, when, hr, pos))
		tick(t, tr, when)
	}
	add("12:00:00", 80)
	add("12:00:30", 90)
	add("12:01:59", 70.5)
	add("12:03:00", 100)
	check := func(want string) {
		t.Helper()
		if got := say(tr.Range(p, ward.HR, noon, noon.Add(time.Hour))); got != want {
			t.Fatalf("got\n%swant\n%s", got, want)
		}
	}
	check("12:00 80–90 mean 85 of 2\n12:01 70.5–70.5 mean 70.5 of 1\n12:02 gap\n12:03 100–100 mean 100 of 1\n")
	add("12:10:00", 60)
	add("12:02:10", 75) // late, into the gap
	add("12:00:10", 40) // late, into a closed minute
	tick(t, tr, noon.Add(12*time.Minute))
	want := "12:00 40–90 mean 70 of 3\n12:01 70.5–70.5 mean 70.5 of 1\n12:02 75–75 mean 75 of 1\n12:03 100–100 mean 100 of 1\n" +
		"12:04 gap\n12:05 gap\n12:06 gap\n12:07 gap\n12:08 gap\n12:09 gap\n12:10 60–60 mean 60 of 1\n"
	check(want)
	if tr.Position() != pos {
		t.Errorf("position %d, want %d: everything is written", tr.Position(), pos)
	}
	tr.Close()
	tr = open(t, dir, Options{})
	check(want)
}

func TestWhatIsLeftOut(t *testing.T) {
	tr := open(t, t.TempDir(), Options{})
	p := bed(1)
	r := reading(p, noon, 80, 1)
	r.Values = append(r.Values,
		ward.Value{Vital: ward.SpO2, Number: 40, At: noon, Quality: ward.Invalid},
		ward.Value{Vital: ward.RR, Number: 20, At: noon, Quality: ward.Poor},
		ward.Value{Vital: ward.Temp, Number: 37, At: noon.Add(-25 * time.Hour)},
		ward.Value{Vital: ward.MAP, Number: 80, At: noon.Add(time.Hour)},
		ward.Value{Vital: 99, Number: 1, At: noon},
	)
	tr.Add(r)
	for i := range 10 { // a cuff pressure is sent again with each reading until the next
		r := reading(p, noon.Add(time.Duration(i)*time.Second), 80, uint64(i+2))
		r.Values[0] = ward.Value{Vital: ward.SBP, Number: 120, At: noon.Add(-10 * time.Minute)}
		tr.Add(r)
	}
	from, to := noon.Add(-48*time.Hour), noon.Add(2*time.Hour)
	for v, want := range map[ward.Vital]string{
		ward.HR:   "12:00 80–80 mean 80 of 1\n",
		ward.SpO2: "", ward.Temp: "", ward.MAP: "",
		ward.RR:  "12:00 20–20 mean 20 of 1\n",
		ward.SBP: "11:50 120–120 mean 120 of 1\n",
	} {
		var got []ward.Minute
		for _, m := range tr.Range(p, v, from, to) {
			if m.Count > 0 {
				got = append(got, m)
			}
		}
		if say(got) != want {
			t.Errorf("%s: got %q, want %q", v, say(got), want)
		}
	}
	if tr.Range(p, 99, from, to) != nil || tr.Range(p, ward.HR, to, from) != nil {
		t.Error("a range of nothing is something")
	}
}

func TestWorstScoreOfTheMinute(t *testing.T) {
	dir := t.TempDir()
	tr := open(t, dir, Options{})
	p := bed(1)
	add := func(sec int, s ward.Score) {
		s.Place, s.At = p, noon.Add(time.Duration(sec)*time.Second)
		tr.AddScore(&s)
	}
	add(0, ward.Score{Total: 3, LowerBound: 3, Complete: true, Band: ward.Low})
	add(1, ward.Score{LowerBound: 5, Band: ward.Medium})
	add(2, ward.Score{Total: 4, LowerBound: 4, Complete: true, Band: ward.LowMedium})
	add(60, ward.Score{LowerBound: 2, Band: ward.Unknown})
	add(61, ward.Score{Total: 2, LowerBound: 2, Complete: true, Band: ward.Low}) // unknown is worse than low
	add(120, ward.Score{Total: 9, Complete: true, Band: ward.High, Refused: ward.RefusedAge})
	add(180, ward.Score{LowerBound: 6, Band: ward.Medium})
	add(181, ward.Score{Total: 6, LowerBound: 6, Complete: true, Band: ward.Medium})
	check := func() {
		t.Helper()
		var got string
		for _, m := range tr.Scores(p, noon, noon.Add(10*time.Minute)) {
			got += fmt.Sprintf("%s %d %s complete:%v known:%v\n", m.Start.Format("15:04"), m.Points, m.Band, m.Complete, m.Known)
		}
		want := "12:00 5 medium complete:false known:true\n12:01 2 unknown complete:false known:true\n" +
			"12:02 0 low complete:false known:false\n12:03 6 medium complete:true known:true\n"
		if got != want {
			t.Fatalf("got\n%swant\n%s", got, want)
		}
	}
	check()
	tick(t, tr, noon.Add(5*time.Minute))
	check()
	tr.Close()
	tr = open(t, dir, Options{})
	check()
}

// naive is the roll-ups as a child would write them: every number of every minute.
type naive map[string][]float64

func key(p ward.Place, v ward.Vital, start time.Time) string {
	return fmt.Sprintf("%s %s %d", p, v, start.Unix())
}

func (n naive) add(r *ward.Reading) {
	for _, v := range r.Values {
		k := key(r.Place, v.Vital, v.At.Truncate(time.Minute))
		n[k] = append(n[k], math.Round(v.Number*steps[v.Vital])/steps[v.Vital])
	}
}

func (n naive) check(t *rapid.T, tr *Trend, p ward.Place, v ward.Vital) {
	found := 0
	for _, m := range tr.Range(p, v, noon.Add(-3*time.Hour), noon.Add(6*time.Hour)) {
		numbers := n[key(p, v, m.Start)]
		if int(m.Count) != len(numbers) {
			t.Fatalf("%s %s %s: count %d, want %v", p, v, m.Start.Format("02 15:04"), m.Count, numbers)
		}
		if len(numbers) == 0 {
			continue
		}
		found++
		lo, hi, sum := math.Inf(1), math.Inf(-1), 0.0
		for _, x := range numbers {
			lo, hi, sum = min(lo, x), max(hi, x), sum+x
		}
		if m.Min != lo || m.Max != hi || math.Abs(m.Mean-sum/float64(len(numbers))) > 1e-9*max(1, math.Abs(sum)) {
			t.Fatalf("%s %s %s: %g–%g mean %g, want of %v", p, v, m.Start.Format("02 15:04"), m.Min, m.Max, m.Mean, numbers)
		}
	}
	want := 0
	for k := range n {
		if strings.HasPrefix(k, fmt.Sprintf("%s %s ", p, v)) {
			want++
		}
	}
	if found != want {
		t.Fatalf("%s %s: %d minutes, want %d", p, v, found, want)
	}
}

// However readings come and go, late or in bursts, over full disks, crashes and re-reading from
// anywhere up to Position, each counts once in its minute.
func TestAgreesWithTheModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		dir, err := os.MkdirTemp("", "trend")
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(dir)
		tr, err := Open(dir, Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { tr.Close() }()
		now, model := noon, naive{}
		var journal []*ward.Reading
		t.Repeat(map[string]func(*rapid.T){
			"add": func(t *rapid.T) {
				now = now.Add(time.Duration(rapid.IntRange(0, 90).Draw(t, "seconds")) * time.Second)
				for range rapid.IntRange(1, 12).Draw(t, "batch") {
					late := rapid.SampledFrom([]int{0, 0, 0, 0, 1, 59, 60, 120, 600, 4000, 9000}).Draw(t, "late")
					at := now.Add(-time.Duration(late) * time.Second)
					r := &ward.Reading{Place: bed(rapid.IntRange(1, 2).Draw(t, "bed")), At: at, Taken: at, Point: at, Arrived: now, Position: uint64(len(journal)*100 + 16)}
					for _, v := range []ward.Vital{ward.HR, ward.Temp, ward.ACVPU} {
						if rapid.Bool().Draw(t, "sent") {
							n := rapid.OneOf(rapid.Float64Range(-5, 300), rapid.Map(rapid.IntRange(50, 60), func(n int) float64 { return float64(n) })).Draw(t, "number")
							r.Values = append(r.Values, ward.Value{Vital: v, Number: n, At: at})
						}
					}
					journal = append(journal, r)
					model.add(r)
					tr.Add(r)
				}
			},
			"tick": func(t *rapid.T) {
				now = now.Add(time.Duration(rapid.IntRange(0, 90).Draw(t, "seconds")) * time.Second)
				if err := tr.Tick(now); err != nil {
					t.Fatal(err)
				}
			},
			"tick on a full disk": func(t *rapid.T) {
				ok := tr.files.dir
				tr.files.dir = filepath.Join(ok, "gone")
				tr.files.close()
				tr.Tick(now.Add(time.Minute))
				tr.files.dir = ok
			},
			"crash": func(t *rapid.T) {
				position := tr.Position()
				tr.Close()
				if tr, err = Open(dir, Options{}); err != nil {
					t.Fatal(err)
				}
				if tr.Position() != position {
					t.Fatalf("position %d before the crash, %d after", position, tr.Position())
				}
				from := uint64(rapid.IntRange(0, int(position)).Draw(t, "re-read from"))
				ticks := rapid.Bool().Draw(t, "ticks meanwhile")
				for i, r := range journal {
					if r.Position > from {
						tr.Add(r)
					}
					if ticks && i%5 == 0 {
						if err := tr.Tick(r.Arrived); err != nil {
							t.Fatal(err)
						}
					}
				}
			},
			"crash twice": func(t *rapid.T) {
				tr.Close()
				if tr, err = Open(dir, Options{}); err != nil {
					t.Fatal(err)
				}
				until := rapid.IntRange(0, len(journal)).Draw(t, "until")
				for _, r := range journal[:until] {
					tr.Add(r)
				}
				for i := range 5 { // scores open minutes again without a reading
					tr.AddScore(&ward.Score{Place: bed(1), At: now.Add(-time.Duration(i) * time.Minute)})
				}
				if err := tr.Tick(now.Add(2 * time.Minute)); err != nil {
					t.Fatal(err)
				}
				tr.Close()
				if tr, err = Open(dir, Options{}); err != nil {
					t.Fatal(err)
				}
				for _, r := range journal {
					tr.Add(r)
				}
			},
			"": func(t *rapid.T) {
				v := rapid.SampledFrom([]ward.Vital{ward.HR, ward.Temp, ward.ACVPU}).Draw(t, "looked at")
				model.check(t, tr, bed(rapid.IntRange(1, 2).Draw(t, "of bed")), v)
			},
		})
	})
}
