package journal

import (
	"fmt"
	"os"
	"testing"
	"time"

	"pgregory.net/rapid"

	"wardwatch/store/journal/record"
	"wardwatch/ward"
)

// model is the journal as a child would write it: every content, every point and every number.
type model struct {
	contents map[string]bool
	points   map[string]bool
	numbers  map[string]bool
}

func newModel() *model {
	return &model{contents: map[string]bool{}, points: map[string]bool{}, numbers: map[string]bool{}}
}

func content(r *ward.Reading) string { return string(record.AppendIdentity(nil, r)) }

func pointKey(r *ward.Reading, ms int64) string {
	return fmt.Sprint(r.Place, r.Device, r.Source, ms)
}

func (m *model) admit(r *ward.Reading) (repeat, reused bool, point int64) {
	if m.contents[content(r)] {
		return true, false, 0
	}
	point = r.At.UnixMilli()
	for m.points[pointKey(r, point)] {
		point++
	}
	number := fmt.Sprint(r.Place, r.Device, r.Source, r.Boot, r.Seq)
	return false, m.numbers[number], point
}

func (m *model) keep(r *ward.Reading) {
	m.contents[content(r)] = true
	m.points[pointKey(r, r.Point.UnixMilli())] = true
	m.numbers[fmt.Sprint(r.Place, r.Device, r.Source, r.Boot, r.Seq)] = true
}

// Whatever order readings come in, how often, from which clocks, and wherever the process ends,
// the journal says of each just what the model says.
func TestAdmitAgreesWithTheModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		dir, err := os.MkdirTemp("", "journal")
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(dir)
		o := Options{Now: func() time.Time { return noon }, SegmentBytes: int64(rapid.IntRange(100, 4000).Draw(t, "segment"))}
		j, err := Open(dir, o)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { j.Close() }()
		m := newModel()
		var kept, waiting []ward.Reading
		restarted := false
		draw := func(t *rapid.T) ward.Reading {
			if all := append(kept[:len(kept):len(kept)], waiting...); len(all) > 0 && rapid.Bool().Draw(t, "again") {
				r := rapid.SampledFrom(all).Draw(t, "earlier")
				r.Arrived, r.Point, r.Position = noon, time.Time{}, 0
				if rapid.IntRange(0, 3).Draw(t, "with") == 0 { // the number again, with other content
					r.Values = []ward.Value{{Vital: ward.HR, Number: 199, At: r.At}}
				}
				return r
			}
			at := noon.Add(time.Duration(rapid.IntRange(-40, 40).Draw(t, "ms")) * 500 * time.Microsecond)
			r := reading(rapid.IntRange(1, 2).Draw(t, "bed"), at, uint64(rapid.IntRange(0, 12).Draw(t, "seq")))
			r.Device = ward.DeviceID(rapid.SampledFrom([]string{"a", "b", ""}).Draw(t, "device"))
			r.Source = ward.Source(rapid.IntRange(0, 1).Draw(t, "source"))
			r.Boot = rapid.SampledFrom([]string{"x", "y"}).Draw(t, "boot")
			switch rapid.IntRange(0, 5).Draw(t, "clock") {
			case 0:
				r.Taken = time.Unix(int64(rapid.IntRange(-1, 1).Draw(t, "dead clock")), 0)
			case 1:
				r.Taken = time.Date(2100+rapid.IntRange(0, 20).Draw(t, "years"), 1, 1, 0, 0, 0, 0, time.UTC)
			}
			return r
		}
		reopen := func() {
			if err := j.Close(); err != nil {
				t.Fatal(err)
			}
			if j, err = Open(dir, o); err != nil {
				t.Fatal(err)
			}
			restarted = true
		}
		t.Repeat(map[string]func(*rapid.T){
			"admit": func(t *rapid.T) {
				for range rapid.IntRange(1, 8).Draw(t, "some") {
					r := draw(t)
					repeat, reused, point := m.admit(&r)
					gotRepeat, gotReused := j.Admit(&r)
					if gotRepeat != repeat {
						t.Fatalf("repeat %v, want %v: %+v", gotRepeat, repeat, r)
					}
					if repeat {
						continue
					}
					if got := r.Point.UnixMilli(); got != point || r.Point.Sub(r.At)%time.Millisecond != 0 {
						t.Fatalf("point %v, want %v", r.Point, time.UnixMilli(point).UTC())
					}
					certain := r.Device != "" && !restarted
					if gotReused && !reused || certain && gotReused != reused {
						t.Fatalf("reused %v, want %v: %+v", gotReused, reused, r)
					}
					m.keep(&r)
					waiting = append(waiting, r)
				}
			},
			"append": func(t *rapid.T) {
				if err := j.Append(waiting); err != nil {
					t.Fatal(err)
				}
				kept, waiting = append(kept, waiting...), nil
			},
			"append fails": func(t *rapid.T) {
				ok := j.writeAt
				j.writeAt = func(f *os.File, b []byte, off int64) (int, error) {
					n, _ := f.WriteAt(b[:len(b)/2], off)
					return n, fmt.Errorf("no space left")
				}
				if err := j.Append(waiting); err == nil && len(waiting) > 0 {
					t.Fatal("a failed write went unnoticed")
				}
				j.writeAt = ok
			},
			"reopen": func(t *rapid.T) {
				if len(waiting) > 0 {
					t.Skip("readings admitted are appended before an orderly end")
				}
				reopen()
			},
			"crash": func(t *rapid.T) { // what was only admitted was never acknowledged: it will come again
				waiting = nil
				m = newModel()
				for i := range kept {
					m.keep(&kept[i])
				}
				reopen()
			},
			"lose the indexes": func(t *rapid.T) {
				if len(waiting) > 0 {
					t.Skip()
				}
				for _, s := range *j.segments.Load() {
					os.Remove(j.indexPath(s.base))
				}
				reopen()
			},
			"": func(t *rapid.T) {
				var got []ward.Reading
				err := j.Read(0, 0, func(_ uint64, r ward.Record) bool {
					got = append(got, *r.Reading)
					return true
				})
				if err != nil || len(got) != len(kept) {
					t.Fatalf("read %d readings, %v; %d were appended", len(got), err, len(kept))
				}
				for i := range got {
					if got[i].Seq != kept[i].Seq || got[i].Position != kept[i].Position || !got[i].Point.Equal(kept[i].Point) {
						t.Fatalf("reading %d is %+v, want %+v", i, got[i], kept[i])
					}
				}
			},
		})
	})
}

// An hour of two beds, delivered late and all of it twice, the second time after a restart: full
// blocks, many segments.
func TestBacklogSentAgainIsAllRepeats(t *testing.T) {
	dir := t.TempDir()
	o := Options{SegmentBytes: 200 << 10}
	j := open(t, dir, o)
	send := func(from time.Time, n int) (admitted, repeats int) {
		for i := 0; i < n; i += 60 {
			var rs []ward.Reading
			for bed := range 2 {
				for _, r := range batch(bed, from.Add(time.Duration(i)*time.Second), uint64(i)+uint64(from.Unix()), 60) {
					repeat, reused := j.Admit(&r)
					if reused {
						t.Fatal("a number is called reused")
					}
					if repeat {
						repeats++
					} else {
						admitted++
						rs = append(rs, r)
					}
					if !repeat && !r.Point.Equal(r.At) {
						t.Fatalf("a point was moved by %v", r.Point.Sub(r.At))
					}
				}
			}
			appendAll(t, j, rs)
		}
		return admitted, repeats
	}
	expect := func(what string, from time.Time, n, wantAdmitted, wantRepeats int) {
		t.Helper()
		if a, r := send(from, n); a != wantAdmitted || r != wantRepeats {
			t.Fatalf("%s: %d admitted, %d repeats; want %d and %d", what, a, r, wantAdmitted, wantRepeats)
		}
	}
	expect("live", noon, 600, 1200, 0)
	expect("backlog", noon.Add(-time.Hour), 3600, 7200, 0)
	expect("backlog again", noon.Add(-time.Hour), 3600, 0, 7200)
	j.Close()
	j = open(t, dir, o)
	expect("after a restart", noon.Add(-time.Hour), 3600, 0, 7200)
	expect("live again", noon, 600, 0, 1200)
	expect("later", noon.Add(time.Hour), 60, 120, 0)
	if n := j.tracker.index.faults.Load(); n != 0 {
		t.Fatalf("%d index faults", n)
	}
}

// A burst in one instant takes one millisecond after another, also over blocks and a restart.
func TestBurstInOneInstant(t *testing.T) {
	dir := t.TempDir()
	j := open(t, dir, Options{SegmentBytes: 50 << 10})
	seen := map[int64]bool{}
	for i := range 3000 {
		r := reading(1, noon, uint64(i))
		if repeat, _ := j.Admit(&r); repeat {
			t.Fatalf("reading %d is called a repeat", i)
		}
		ms := r.Point.UnixMilli()
		if seen[ms] || ms != noon.UnixMilli()+int64(i) {
			t.Fatalf("reading %d got point %v", i, r.Point)
		}
		seen[ms] = true
		appendAll(t, j, []ward.Reading{r})
		if i%1000 == 999 {
			j.Close()
			j = open(t, dir, Options{SegmentBytes: 50 << 10})
		}
	}
}

// A device that names itself anew each time cannot fill the memory, and loses nothing by it.
func TestManyDevicesAtOnePlace(t *testing.T) {
	dir := t.TempDir()
	j := open(t, dir, Options{SegmentBytes: 5000})
	send := func() (repeats int) {
		points := map[string]bool{}
		for i := range 100 {
			r := reading(1, noon.Add(time.Duration(i%3)*time.Millisecond), uint64(i))
			r.Device = ward.DeviceID(fmt.Sprintf("rogue-%d", i%50))
			if repeat, _ := j.Admit(&r); repeat {
				repeats++
				continue
			}
			if k := pointKey(&r, r.Point.UnixMilli()); points[k] {
				t.Fatalf("two readings at %s", k)
			} else {
				points[k] = true
			}
			appendAll(t, j, []ward.Reading{r})
		}
		return repeats
	}
	if n := send(); n != 0 {
		t.Fatalf("%d readings called repeats", n)
	}
	for _, p := range j.tracker.places {
		if n := len(p.all()); n > maxStreams+1 {
			t.Fatalf("%d streams kept for one place", n)
		}
	}
	if n := send(); n != 100 {
		t.Fatalf("%d of 100 repeats known", n)
	}
	j.Close()
	j = open(t, dir, Options{SegmentBytes: 5000})
	if n := send(); n != 100 {
		t.Fatalf("%d of 100 repeats known after a restart", n)
	}
}

// Within its bounds, note agrees with a set of numbers.
func TestNumbersOfABoot(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var b boot
		seen := map[uint64]bool{}
		for range rapid.IntRange(0, 200).Draw(t, "n") {
			// at most 8 runs fit into 16 numbers
			n := rapid.OneOf(rapid.Uint64Range(0, 7), rapid.Uint64Range(^uint64(0)-7, ^uint64(0))).Draw(t, "number")
			if got := b.note(n); got != seen[n] {
				t.Fatalf("number %d: noted before %v, want %v (%v)", n, got, seen[n], b.runs)
			}
			seen[n] = true
		}
	})
}

// A charted set carries its version as its number: corrected back to what it first said it is no
// repeat of the first, and its reason is part of what it says.
func TestACorrectedSetIsNoRepeat(t *testing.T) {
	j, err := Open(t.TempDir(), Options{Now: func() time.Time { return noon }})
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	set := func(version uint64, rr float64, partial string) ward.Reading {
		return ward.Reading{Place: ward.Place{Ward: "icu", Bed: "1"}, Source: ward.Manual, Seq: version, HasSeq: true, Taken: noon, At: noon, Arrived: noon, Partial: partial,
			Values: []ward.Value{{Vital: ward.RR, Number: rr, At: noon}}}
	}
	for _, c := range []struct {
		what   string
		r      ward.Reading
		repeat bool
	}{
		{"charted", set(1, 32, "asleep"), false}, {"sent again", set(1, 32, "asleep"), true}, {"corrected", set(2, 23, "asleep"), false},
		{"corrected back", set(3, 32, "asleep"), false}, {"for another reason", set(3, 32, "refused"), false},
	} {
		if repeat, reused := j.Admit(&c.r); repeat != c.repeat || reused {
			t.Errorf("%s: repeat %v, number used before %v", c.what, repeat, reused)
		}
	}
}
