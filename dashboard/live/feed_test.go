package live

import (
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"wardwatch/ward"
)

// fataler is what testing and rapid have in common.
type fataler interface {
	Helper()
	Fatal(...any)
	Fatalf(string, ...any)
}

// reader is a screen's memory, kept as the front end keeps it.
type reader struct {
	tiles  map[string]float64 // bed → rr
	system int
	last   string
}

func (r *reader) take(t fataler, events [][]byte) {
	for _, raw := range events {
		name, id, data := eventOf(t, raw)
		r.last = id
		switch name {
		case "snapshot":
			var v SnapshotView
			if err := json.Unmarshal(data, &v); err != nil {
				t.Fatal(err)
			}
			r.tiles, r.system = map[string]float64{}, len(v.System)
			for _, x := range v.Tiles {
				r.tiles[x.Bed] = x.Vitals["rr"].V
			}
		case "delta":
			var v struct {
				DeltaView
				System *[]SystemView `json:"system"`
			}
			if err := json.Unmarshal(data, &v); err != nil {
				t.Fatal(err)
			}
			for _, x := range v.Tiles {
				r.tiles[x.Bed] = x.Vitals["rr"].V
			}
			for _, bed := range v.Gone {
				delete(r.tiles, bed)
			}
			if v.System != nil {
				r.system = len(*v.System)
			}
		}
	}
}

// Whatever happens, in whatever order, to a screen that comes and goes: once the feed is quiet it
// shows exactly what the picture holds.
func TestAScreenAlwaysEndsUpRight(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := New(Options{Now: func() time.Time { return noon }, Pace: time.Hour}) // frames only when we say
		defer l.Close()
		setBeds := func(n int) {
			var beds []ward.Bed
			for i := 1; i <= n; i++ {
				beds = append(beds, ward.Bed{Place: place(i), Order: i})
			}
			l.SetWard(ward.Ward{ID: "icu"}, beds)
		}
		setBeds(3)
		b := l.board("icu")
		r := &reader{tiles: map[string]float64{}}
		var s *Screen
		open := func() {
			if s == nil {
				var err error
				if s, err = l.Subscribe("icu", NamesGiven, r.last); err != nil {
					t.Fatal(err)
				}
			}
		}
		drain := func() {
			for s != nil {
				events, _, err := s.Take()
				if errors.Is(err, ErrBehind) {
					s.Close()
					s = nil
					open()
					continue
				}
				r.take(t, events)
				return
			}
		}
		at := noon
		t.Repeat(map[string]func(*rapid.T){
			"reading": func(t *rapid.T) {
				at = at.Add(time.Second)
				x := reading(rapid.IntRange(1, 5).Draw(t, "bed"), at, float64(rapid.IntRange(1, 50).Draw(t, "rr")))
				x.Stay, x.Apart = "", ward.EmptyBed
				publish(l, x)
			},
			"beds": func(t *rapid.T) { setBeds(rapid.IntRange(1, 5).Draw(t, "beds")) },
			"system": func(t *rapid.T) {
				l.Publish(ward.Event{System: &ward.System{Code: fmt.Sprint(rapid.IntRange(1, 3).Draw(t, "code")), Bad: rapid.Bool().Draw(t, "bad")}})
			},
			"flush": func(*rapid.T) { b.flush() },
			"many": func(t *rapid.T) {
				if rapid.IntRange(0, 30).Draw(t, "rarely") > 0 {
					return
				}
				for range maxFrames + 1 {
					at = at.Add(time.Second)
					x := reading(1, at, 9)
					x.Stay, x.Apart = "", ward.EmptyBed
					publish(l, x)
					b.flush()
				}
			},
			"open": func(*rapid.T) { open() },
			"take": func(*rapid.T) { drain() },
			"leave": func(*rapid.T) {
				if s != nil {
					s.Close()
					s = nil
				}
			},
			"other mode": func(*rapid.T) {
				o, err := l.Subscribe("icu", NamesNone, r.last)
				if err != nil {
					t.Fatal(err)
				}
				b.flush()
				o.Close()
			},
			"": func(t *rapid.T) {},
		})
		open()
		b.flush()
		drain()
		want, _ := l.Snapshot("icu", NamesGiven)
		if len(want.Tiles) != len(r.tiles) || len(want.System) != r.system {
			t.Fatalf("the screen shows %v and %d states, the picture holds %d tiles and %d states", r.tiles, r.system, len(want.Tiles), len(want.System))
		}
		for _, x := range want.Tiles {
			if got, ok := r.tiles[x.Bed]; !ok || got != x.Vitals["rr"].V {
				t.Fatalf("bed %s: the screen shows %v, the picture holds %v", x.Bed, got, x.Vitals["rr"].V)
			}
		}
	})
}

func TestResume(t *testing.T) {
	l := aWard(t, 2, always(noon))
	defer l.Close()
	b := l.board("icu")
	first := func(m Names, last string) (name, id string) {
		s, err := l.Subscribe("icu", m, last)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		events, _, err := s.Take()
		if err != nil {
			t.Fatal(err)
		}
		if len(events) == 0 {
			return "", last
		}
		name, id, _ = eventOf(t, events[0])
		return name, id
	}
	name, id := first(NamesGiven, "")
	if name != "snapshot" {
		t.Fatalf("a new screen begins with %q", name)
	}
	publish(l, reading(1, noon, 20)) // while nobody watches
	if name, _ = first(NamesGiven, id); name != "delta" {
		t.Errorf("resuming begins with %q, want the delta that was missed", name)
	}
	for _, c := range []struct{ why, last string }{
		{"another start of the program", "ffffffffffffg-0"},
		{"a number that was never given", b.id(NamesGiven, 1<<40)},
		{"the largest number", b.epoch + "g-18446744073709551615"},
		{"rubbish", "'; DROP TABLE--"},
		{"another way to show names", b.id(NamesNone, 0)},
	} {
		if name, _ := first(NamesGiven, c.last); name != "snapshot" {
			t.Errorf("%s: begins with %q, want a snapshot", c.why, name)
		}
	}
	if _, err := l.Subscribe("nowhere", NamesGiven, ""); err == nil {
		t.Error("a ward that is not there can be watched")
	}
}

// A screen that does not read costs a bounded amount and is told so.
func TestASlowScreenIsCut(t *testing.T) {
	l := aWard(t, 1, always(noon))
	defer l.Close()
	s, err := l.Subscribe("icu", NamesGiven, "")
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	b := l.board("icu")
	for i := range maxFrames + 1 {
		publish(l, reading(1, noon.Add(time.Duration(i)*time.Second), 20))
		b.flush()
	}
	if _, _, err := s.Take(); !errors.Is(err, ErrBehind) {
		t.Fatalf("got %v, want ErrBehind", err)
	}
	if n := len(b.feed.frames); n > maxFrames || b.feed.bytes > maxFrameBytes {
		t.Errorf("%d frames of %d bytes are held", n, b.feed.bytes)
	}
	if l.cut.Load() != 1 {
		t.Error("the cut was not counted")
	}
}

// Nobody watching: no JSON. Watching in one mode: JSON of that mode only.
func TestNothingIsWrittenForNobody(t *testing.T) {
	l := aWard(t, 1, always(noon))
	defer l.Close()
	for i := range 100 {
		publish(l, reading(1, noon.Add(time.Duration(i)*time.Second), 20))
	}
	if n := l.frames.Load(); n != 0 {
		t.Errorf("%d frames were made for nobody", n)
	}
	s, _ := l.Subscribe("icu", NamesNone, "")
	defer s.Close()
	l.board("icu").flush()
	fr := l.board("icu").feed.frames[0]
	if fr[NamesGiven.index()] != nil || fr[NamesInitials.index()] != nil || fr[NamesNone.index()] == nil {
		t.Error("JSON was made for a mode that nobody watches")
	}
}

func TestManyAtOnce(t *testing.T) {
	l := aWard(t, 8, time.Now)
	l.o.Pace = time.Millisecond
	var readers, writers sync.WaitGroup
	for i := range 4 {
		readers.Go(func() {
			s, err := l.Subscribe("icu", modes[i%numModes], "")
			if err != nil {
				t.Error(err)
				return
			}
			defer s.Close()
			for {
				_, more, err := s.Take()
				if err != nil {
					return
				}
				<-more
			}
		})
	}
	for w := range 4 {
		writers.Go(func() {
			for i := range 500 {
				publish(l, reading(1+(w+i)%8, time.Now(), float64(i%40)))
				publish(l, score(1+i%8, i%20, time.Now()))
				switch i % 50 {
				case 0:
					l.SetStays("icu", []ward.Stay{person(1 + i%8)})
				case 1:
					st := person(1 + i%8)
					publish(l, &st)
				case 2:
					l.Publish(ward.Event{System: &ward.System{Code: "influx_lag", Bad: i%100 == 2}})
				}
			}
		})
	}
	writers.Wait()
	l.Close()
	readers.Wait()
}

func BenchmarkPublish(b *testing.B) {
	for _, screens := range []int{0, 1, 50} {
		b.Run(fmt.Sprint("screens=", screens), func(b *testing.B) {
			l := aWard(b, 24, time.Now)
			defer l.Close()
			var wg sync.WaitGroup
			for range screens {
				s, err := l.Subscribe("icu", NamesGiven, "")
				if err != nil {
					b.Fatal(err)
				}
				wg.Go(func() {
					defer s.Close()
					for {
						_, more, err := s.Take()
						if err != nil {
							return
						}
						<-more
					}
				})
			}
			at := time.Now()
			rs := make([]*ward.Reading, 24)
			sc := make([]*ward.Score, 24)
			for i := range rs {
				rs[i], sc[i] = reading(i+1, at, 20), score(i+1, 3, at)
			}
			b.ReportAllocs()
			b.ResetTimer()
			for i := range b.N {
				k := i / 2 % 24
				if i%2 == 0 {
					l.Publish(ward.Event{Ward: "icu", At: at, Reading: rs[k]})
				} else {
					l.Publish(ward.Event{Ward: "icu", At: at, Score: sc[k]})
				}
			}
			b.StopTimer()
			l.Close()
			wg.Wait()
		})
	}
}

func BenchmarkTile(b *testing.B) {
	l := aWard(b, 1, time.Now)
	publish(l, reading(1, noon, 20))
	publish(l, score(1, 3, noon))
	x := l.board("icu").beds["1"].copy(false)
	b.ReportAllocs()
	for b.Loop() {
		l.event("delta", "x-1", DeltaView{Tiles: tiles([]bed{x}, NamesGiven, l.NameOf, noon, false)})
	}
}
