package drift

import (
	"time"

	"wardwatch/ward"
)

const day = 24 * time.Hour

// tally is what the checks need of the rows.
type tally struct {
	to     time.Time
	recent time.Time // inputs count from here on
	rows   int
	people map[ward.StayID]struct{}
	inputs []inputTally

	expected float64 // events, in hours
	observed int
	struck   map[ward.StayID]struct{} // people with an event

	alerts map[personDay]bool // whether there was one, of every person-day with a prediction
}

// personDay is one person on one day, counted back from the end of the period: 0 is the last.
type personDay struct {
	stay ward.StayID
	day  int
}

// inputTally is one input over the recent rows.
type inputTally struct {
	Input
	bins  []int
	known hours // rows with it
	all   hours
}

func newTally(training []Input, r Rules, to time.Time) *tally {
	t := &tally{to: to, recent: to.Add(-r.Recent), people: map[ward.StayID]struct{}{}, struck: map[ward.StayID]struct{}{}, alerts: map[personDay]bool{}}
	for _, in := range training {
		t.inputs = append(t.inputs, inputTally{Input: in, bins: make([]int, len(in.Edges)+1), known: hours{}, all: hours{}})
	}
	return t
}

func (t *tally) add(row *Row) {
	if !row.Hour.Before(t.to) {
		return
	}
	t.rows++
	t.people[row.Stay] = struct{}{}
	if row.meant() && !row.Hour.Before(t.recent) {
		for i := range t.inputs {
			t.inputs[i].add(row)
		}
	}
	if !row.says() {
		return
	}
	pd := personDay{row.Stay, int((t.to.Sub(row.Hour) - 1) / day)}
	t.alerts[pd] = t.alerts[pd] || row.Value >= row.Threshold
	if !row.Settled {
		return
	}
	t.expected += row.Value
	if row.Event {
		t.observed++
		t.struck[row.Stay] = struct{}{}
	}
}

func (t *inputTally) add(row *Row) {
	t.all[row.Stay]++
	v, ok := row.Inputs[t.Name]
	if !ok || !finite(v) {
		return
	}
	t.known[row.Stay]++
	bin := 0
	for bin < len(t.Edges) && v >= t.Edges[bin] {
		bin++
	}
	t.bins[bin]++
}

// hours counts rows a person.
type hours map[ward.StayID]int

func (h hours) total() (n int) {
	for _, k := range h {
		n += k
	}
	return n
}

// effective is how many independent rows these are worth when the rows of one person tell no more
// than one of them would (Kish, Survey Sampling, 1965: design effect with an intraclass correlation
// of one): as many as people when all have as many rows, fewer otherwise.
func (h hours) effective() float64 {
	sum, squares := 0.0, 0.0
	for _, k := range h {
		sum += float64(k)
		squares += float64(k) * float64(k)
	}
	if squares == 0 {
		return 0
	}
	return sum * sum / squares
}

// tooFew reports whether inputs and alerts of so many people say nothing.
func (r Rules) tooFew(h hours) bool { return len(h) == 0 || len(h) < r.LeastPeople }
