package app

import (
	"slices"
	"testing"
	"time"

	"wardwatch/ward"
)

// TestThePulseOfEachWard: the outside heartbeat must fall silent for any one ward that is not fed or
// not scored, whatever the others do.
func TestThePulseOfEachWard(t *testing.T) {
	up := time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)
	at := func(d time.Duration) time.Time { return up.Add(d) }
	reading := func(w ward.WardID, arrived time.Time) ward.Reading {
		return ward.Reading{Place: ward.Place{Ward: w, Bed: "1"}, Source: ward.FromDevice, Arrived: arrived}
	}
	both := map[ward.WardID]bool{"A": true, "B": true}
	const m = time.Minute
	for _, c := range []struct {
		name        string
		fed, scored []ward.Reading
		monitored   map[ward.WardID]bool
		now         time.Duration
		missing     []ward.WardID
	}{
		{"just come up: nothing is missed yet", nil, nil, both, m, nil},
		{"nobody has been heard since", nil, nil, both, 3 * m, []ward.WardID{"A", "B"}},
		{"both are fed and scored", []ward.Reading{reading("A", at(9*m)), reading("B", at(9*m))}, []ward.Reading{reading("A", at(9*m)), reading("B", at(9*m))}, both, 10 * m, nil},
		{"one ward's network is down", []ward.Reading{reading("A", at(9*m)), reading("B", at(5*m))}, []ward.Reading{reading("A", at(9*m)), reading("B", at(5*m))}, both, 10 * m, []ward.WardID{"B"}},
		{"a ward without monitored patients may be silent", []ward.Reading{reading("A", at(9*m))}, []ward.Reading{reading("A", at(9*m))}, map[ward.WardID]bool{"A": true}, 10 * m, nil},
		{"readings come and are not scored", []ward.Reading{reading("A", at(9*m)), reading("B", at(9*m))}, []ward.Reading{reading("A", at(9*m)), reading("B", at(7*m))}, both, 10 * m, []ward.WardID{"B"}},
		{"a charted set or a backlog does not feed a ward", []ward.Reading{{Place: ward.Place{Ward: "A"}, Source: ward.Manual, Arrived: at(9 * m)}, {Place: ward.Place{Ward: "A"}, Late: true, Arrived: at(9 * m)}}, nil, map[ward.WardID]bool{"A": true}, 10 * m, []ward.WardID{"A"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := newPulse()
			p.feed(c.fed)
			p.score(c.scored)
			if got := p.missing(c.monitored, up, at(c.now)); !slices.Equal(got, c.missing) {
				t.Errorf("missing %v, want %v", got, c.missing)
			}
		})
	}
}
