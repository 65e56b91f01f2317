package respiratory

import (
	_ "embed"
	"fmt"
	"sync"
	"time"

	"wardwatch/ward"
)

//go:embed table.json
var embedded []byte

var parsed = sync.OnceValue(func() *Table {
	t, err := Parse(embedded)
	if err != nil {
		panic(fmt.Sprintf("the embedded respiratory table: %v", err))
	}
	return t
})

// Default is the table that is part of the program: our proposal, for local clinicians to sign.
func Default() *Table { return parsed() }

// Table is which rows there are, what each needs and how much concern it raises. It is immutable.
type Table struct {
	version     string
	adult       int // years; under it nothing is said
	fresh       time.Duration
	fading      time.Duration // up to this age a finding counts for fadingSteps bands less
	context     time.Duration // up to this age it is shown, and raises nothing
	fadingSteps int
	leastScore  float64
	support     [ward.Ventilator + 1]int // how much each device can give
	estimates   []estimate
	kinds       map[string]kind // by code or name
	rows        []row
}

// LeastScore is the score from which on a finding that came without a threshold is there.
func (t *Table) LeastScore() float64 { return t.leastScore }

// Remembers is how long a finding is shown after its picture was taken.
func (t *Table) Remembers() time.Duration { return t.context }

// Kind is what the table takes a finding's code for; empty: nothing that concerns breathing.
func (t *Table) Kind(code string) string { return t.kinds[plain(code)].name }

// Version is the table's own; it is kept with every view.
func (t *Table) Version() string { return t.version }

// Codes are the codes of all rows, in the table's order.
func (t *Table) Codes() []string {
	codes := make([]string, len(t.rows))
	for i := range t.rows {
		codes[i] = t.rows[i].code
	}
	return codes
}

// row is one line: where what it reads passes its limit, and what it needs is so, it raises its band.
type row struct {
	code, group string
	reads       reads
	needs       needs
	compare     func(x, limit float64) bool // nil: the row has no limit of its own
	bound       float64
	scale2      float64 // in place of bound on SpO2 scale 2; 0: the same
	within      time.Duration
	band        ward.Band
	unread      ward.Band // in place of band while the finding it rests on is unread
	source      string
}

func (r *row) limit(scale2 bool) float64 {
	if scale2 && r.scale2 > 0 {
		return r.scale2
	}
	return r.bound
}

// needs are a row's conditions; a zero one is no condition.
type needs struct {
	devices            []ward.O2Device // one of these is in use …
	hoursFrom, hoursTo float64         // … for so long: from, up to but not including; hoursTo 0: no end
	spo2To             float64         // at most, rounded to whole per cent
	oxygen             bool            // more than room air
	ownBreath          bool            // no machine breathes with the person
	kind               string          // of a finding
}

func (n *needs) hours() bool { return n.hoursFrom > 0 || n.hoursTo > 0 }

func under(x, limit float64) bool   { return x < limit }
func atMost(x, limit float64) bool  { return x <= limit }
func atLeast(x, limit float64) bool { return x >= limit }
