package scoring

import (
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"wardwatch/ward"
)

// listener is an engine whose scores are kept.
type listener struct {
	*Engine
	stays    map[ward.StayID]*ward.Stay
	scores   []string
	recorded int
}

func newListener() *listener {
	l := &listener{stays: map[ward.StayID]*ward.Stay{}}
	l.Engine = NewEngine(Options{
		Policy: DefaultPolicy(lib),
		Stay:   func(id ward.StayID) *ward.Stay { return l.stays[id] },
		Scored: func(s *ward.Score, _ *ward.Reading) { l.scores = append(l.scores, fmt.Sprintf("%+v", *s)) },
		Record: func(s []ward.Score) { l.recorded += len(s) },
	})
	return l
}

var bed1 = ward.Place{Ward: "W", Bed: "1"}

// reading is at's, of a stay at bed 1 with a journal position.
func reading(minute float64, stay ward.StayID, position uint64, values ...ward.Value) ward.Reading {
	r := at(minute, values...)
	r.Place, r.Stay, r.Position = bed1, stay, position
	return *r
}

// Nobody inherits another's values: a new stay in the bed starts from nothing.
func TestANewStayStartsFromNothing(t *testing.T) {
	l := newListener()
	l.Take([]ward.Reading{reading(0, "anna", 1, well()...)})
	l.Take([]ward.Reading{reading(1, "binh", 2, val(ward.HR, 70))})
	if s := l.beds[slot{bed1, false}].state; s.Stay != "binh" || s.Latest[ward.RR].At != 0 {
		t.Fatalf("%+v", s)
	}
}

// A stay that moves takes its held band along.
func TestAStayThatMovesKeepsItsState(t *testing.T) {
	l := newListener()
	sick := append(well(), val(ward.ACVPU, float64(ward.Confused)))
	l.Take([]ward.Reading{reading(0, "anna", 1, sick...)})
	moved := reading(1, "anna", 2, val(ward.HR, 70))
	moved.Place.Bed = "2"
	l.Take([]ward.Reading{moved})
	b := l.beds[slot{moved.Place, false}]
	if b == nil || b.state.Latest[ward.ACVPU].Number != float64(ward.Confused) || len(l.beds) != 1 {
		t.Fatalf("%+v", l.beds)
	}
}

// Readings kept apart never touch the stay that lies in the bed.
func TestApartReadingsAreScoredApart(t *testing.T) {
	l := newListener()
	l.Take([]ward.Reading{reading(0, "anna", 1, well()...), reading(0.1, "", 2, val(ward.RR, 40))})
	if s := l.beds[slot{bed1, false}].state; s.Latest[ward.RR].Number != 16 {
		t.Fatalf("anna's respiratory rate became %v", s.Latest[ward.RR].Number)
	}
}

// Promise 2: late readings are history and never scored.
func TestLateReadingsAreNotScored(t *testing.T) {
	l := newListener()
	late := reading(0, "anna", 1, well()...)
	late.Late = true
	l.Take([]ward.Reading{late})
	if len(l.scores) != 0 {
		t.Fatal("a late reading was scored")
	}
}

// A score is kept at each change and once a minute, not at each reading.
func TestRecordsChangesAndMinutes(t *testing.T) {
	l := newListener()
	for i := range 120 { // two minutes at 1 Hz, nothing changes
		l.Take([]ward.Reading{reading(float64(i)/60, "anna", uint64(i+1), well()...)})
	}
	if l.recorded != 2 {
		t.Fatalf("%d scores recorded in two minutes", l.recorded)
	}
}

// A flag that comes while the points stay the same is a change.
func TestRecordsFlags(t *testing.T) {
	l := newListener()
	l.stays["anna"] = &ward.Stay{Limits: []ward.Limit{{Vital: ward.HR, High: 85, Until: eight.AddDate(0, 0, 1)}}}
	l.Take([]ward.Reading{reading(0, "anna", 1, well()...)})
	l.Take([]ward.Reading{reading(0.5, "anna", 2, val(ward.HR, 88))})
	if l.recorded != 2 {
		t.Fatalf("%d scores recorded", l.recorded)
	}
}

// Promise 9: the same readings give the same scores, whether or not the program was stopped in
// between and read some of them twice.
func TestRestartChangesNoScore(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var readings []ward.Reading
		minute := 0.0
		for i := range rapid.IntRange(1, 30).Draw(t, "readings") {
			minute += float64(rapid.IntRange(0, 90).Draw(t, "gap")) / 10
			values := rapid.SliceOfNDistinct(rapid.IntRange(0, 6), 0, 7, rapid.ID).Draw(t, "values")
			var set []ward.Value
			for _, v := range values {
				set = append(set, well()[v])
			}
			readings = append(readings, reading(minute, "anna", uint64(i+1), set...))
		}
		whole := newListener()
		whole.Take(readings)

		cut := rapid.IntRange(0, len(readings)).Draw(t, "checkpoint after")
		again := rapid.IntRange(0, cut).Draw(t, "read again from")
		first, second := newListener(), newListener()
		first.Take(readings[:cut])
		second.Restore(first.Checkpoint())
		second.Take(readings[again:])
		got := append(first.scores, second.scores...)
		if len(got) != len(whole.scores) {
			t.Fatalf("%d scores, want %d", len(got), len(whole.scores))
		}
		for i := range got {
			if got[i] != whole.scores[i] {
				t.Fatalf("score %d:\n%s\nwant\n%s", i, got[i], whole.scores[i])
			}
		}
	})
}

// A set that a person confirmed is kept by itself beside the live score, and only kept.
func TestAConfirmedSetIsRecordedByItself(t *testing.T) {
	l := newListener()
	var kept []ward.Score
	l.o.Record = func(s []ward.Score) { kept = append(kept, s...) }
	l.Take([]ward.Reading{reading(0, "anna", 1, well()...)})
	l.o.Scored = func(s *ward.Score, r *ward.Reading) {
		if s.Origin == ward.OriginCharted || r != nil {
			t.Errorf("the desk was told of what has been: %+v", r)
		}
	}
	charted := reading(-30, "anna", 2, with(well(), ward.RR, 22)...)
	charted.Source, charted.Arrived = ward.Manual, minutes(1)
	l.Take([]ward.Reading{charted})
	var sets []ward.Score
	for _, s := range kept {
		if s.Origin == ward.OriginCharted {
			sets = append(sets, s)
		}
	}
	if len(sets) != 1 || sets[0].Total != 2 || !sets[0].At.Equal(minutes(-30)) || sets[0].Place != bed1 || sets[0].Position != 2 {
		t.Fatalf("%+v", sets)
	}
}

// What was entered afterwards moves nobody and displaces nobody.
func TestEnteredAfterwardsMovesNobody(t *testing.T) {
	l := newListener()
	late := func(stay ward.StayID, position uint64) ward.Reading {
		r := reading(-30, stay, position, well()...)
		r.Source, r.Arrived = ward.Manual, minutes(1)
		return r
	}
	l.Take([]ward.Reading{reading(0, "anna", 1, well()...)})
	l.Take([]ward.Reading{late("binh", 2)}) // lay there before, and has left
	if b := l.beds[slot{bed1, false}]; b.state.Stay != "anna" || len(l.beds) != 1 {
		t.Fatalf("%+v", b.state.Stay)
	}
	moved := reading(1, "anna", 3, val(ward.HR, 70))
	moved.Place.Bed = "2"
	l.Take([]ward.Reading{moved, late("anna", 4)}) // was true before the move
	b := l.beds[slot{moved.Place, false}]
	if b == nil || len(l.beds) != 1 || b.state.Charted.At != minutes(-30).UnixMilli() {
		t.Fatalf("%+v", l.beds)
	}
}

// After a restart silence is noticed at the first tick.
func TestSilenceDuringDowntimeIsNoticed(t *testing.T) {
	l := newListener()
	l.Take([]ward.Reading{reading(0, "anna", 1, well()...)})
	back := newListener()
	lost := false
	back.o.Scored = func(s *ward.Score, _ *ward.Reading) { lost = s.Lost }
	back.Restore(l.Checkpoint())
	back.Tick(eight.Add(10 * time.Minute))
	if !lost {
		t.Fatal("nobody noticed")
	}
}

// A stay that has ended is not missed.
func TestAForgottenStayIsNeverLost(t *testing.T) {
	l := newListener()
	l.Take([]ward.Reading{reading(0, "anna", 1, well()...)})
	l.Forget("anna")
	l.scores = nil
	l.Tick(eight.Add(time.Hour))
	if len(l.scores) != 0 {
		t.Fatal("scored after its end")
	}
}

// Somebody who has moved lies where the book says, with or without a monitor there: what is said of them is
// said of their own bed, and nobody loses what is known of them.
func TestWhereTheBookSaysTheyLie(t *testing.T) {
	bed := func(n string) ward.Place { return ward.Place{Ward: "W", Bed: ward.BedID(n)} }
	begin := func() *listener {
		l := newListener()
		l.stays["anna"] = &ward.Stay{ID: "anna", Place: bed("1")}
		l.Take([]ward.Reading{reading(0, "anna", 1, well()...)})
		l.stays["anna"] = &ward.Stay{ID: "anna", Place: bed("5")}
		l.stays["binh"] = &ward.Stay{ID: "binh", Place: bed("1")}
		return l
	}
	for _, c := range []struct {
		name string
		do   func(*listener)
		want map[ward.StayID]ward.Place
	}{
		{"an order is written", func(l *listener) { l.Rescore("anna", eight) }, map[ward.StayID]ward.Place{"anna": bed("5")}},
		{"an image says something", func(l *listener) { l.Know("anna") }, map[ward.StayID]ward.Place{"anna": bed("5")}},
		{"an image says something of who lies there now", func(l *listener) { l.Know("binh") }, map[ward.StayID]ward.Place{"anna": bed("5"), "binh": bed("1")}},
		{"a monitor there speaks of who lies there now", func(l *listener) {
			l.Take([]ward.Reading{reading(1, "binh", 2, val(ward.HR, 70))})
		}, map[ward.StayID]ward.Place{"anna": bed("5"), "binh": bed("1")}},
		{"two have changed beds", func(l *listener) {
			l.stays["binh"] = &ward.Stay{ID: "binh", Place: bed("5")}
			l.Take([]ward.Reading{func() ward.Reading { r := reading(1, "binh", 2, well()...); r.Place = bed("5"); return r }()})
			l.stays["binh"] = &ward.Stay{ID: "binh", Place: bed("1")}
			l.Rescore("anna", eight)
			if l.beds[l.Engine.stays["binh"]].state.Latest[ward.RR].At == 0 {
				t.Error("binh begins anew")
			}
		}, map[ward.StayID]ward.Place{"anna": bed("5"), "binh": bed("1")}},
		{"who lay in the new bed has left", func(l *listener) {
			l.Take([]ward.Reading{func() ward.Reading { r := reading(1, "cuc", 2, val(ward.HR, 70)); r.Place = bed("5"); return r }()})
			l.stays["cuc"] = &ward.Stay{ID: "cuc", Place: bed("5"), Ended: eight}
			l.Rescore("anna", eight)
		}, map[ward.StayID]ward.Place{"anna": bed("5")}},
		{"somebody lies in the new bed, by the book too", func(l *listener) {
			l.Take([]ward.Reading{func() ward.Reading { r := reading(1, "cuc", 2, val(ward.HR, 70)); r.Place = bed("5"); return r }()})
			l.stays["cuc"] = &ward.Stay{ID: "cuc", Place: bed("5")}
			l.Rescore("anna", eight)
		}, map[ward.StayID]ward.Place{"anna": bed("1"), "cuc": bed("5")}},
		{"a reading from before the move comes late", func(l *listener) {
			l.Know("binh")
			l.Take([]ward.Reading{reading(1, "anna", 2, val(ward.HR, 70))})
			if last := l.scores[len(l.scores)-1]; !strings.Contains(last, "Place:W/5 Stay:anna") {
				t.Errorf("the score is of another bed: %s", last)
			}
		}, map[ward.StayID]ward.Place{"anna": bed("5"), "binh": bed("1")}},
		{"a reading of somebody who has left comes late", func(l *listener) {
			l.Know("binh")
			l.stays["cuc"] = &ward.Stay{ID: "cuc", Place: bed("1"), Ended: eight}
			before := len(l.scores)
			l.Take([]ward.Reading{reading(1, "cuc", 2, val(ward.HR, 70))})
			if len(l.scores) != before {
				t.Error("they are scored in the bed of somebody else")
			}
		}, map[ward.StayID]ward.Place{"anna": bed("5"), "binh": bed("1")}},
	} {
		l := begin()
		c.do(l)
		got := map[ward.StayID]ward.Place{}
		for _, s := range l.Subjects(eight) {
			got[s.ID] = s.Place
		}
		if !maps.Equal(got, c.want) || l.Beds() != len(c.want) {
			t.Errorf("%s: %v, %d beds, want %v", c.name, got, l.Beds(), c.want)
		}
		if l.beds[l.Engine.stays["anna"]].state.Latest[ward.RR].At == 0 {
			t.Errorf("%s: anna begins anew", c.name)
		}
	}
	l := begin()
	l.Rescore("anna", eight)
	if last := l.scores[len(l.scores)-1]; !strings.Contains(last, "Place:W/5 Stay:anna") {
		t.Errorf("the score is of another bed: %s", last)
	}
}
