// Package agreement tells how well an imaging AI does here: how often it agrees with the radiologist's
// read, how long its answers take, what it gets wrong, and whether what it is given and what it says have
// moved.
//
// It is pure: rows and times are arguments. A unit is what one model says of one thing in one study;
// several units of one person are counted as if they were of several, so intervals are a little too
// narrow where few people have many pictures.
package agreement

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"time"

	"wardwatch/ward"
)

// By is what rows are put together by, beside model and finding.
type By string

// What rows can be put together by.
const (
	ByModel   By = "model"
	ByVersion By = "version"
	ByDevice  By = "device"
	ByAge     By = "age"
	BySex     By = "sex"
)

// Groupings are all of them, in the order in which they are offered.
var Groupings = []By{ByModel, ByVersion, ByDevice, ByAge, BySex}

// Group is how a model does at one finding, in one group.
type Group struct {
	Model, Code, Label string
	Of                 string // value of what rows are put together by; empty: all, or not known

	Said int // what the model spoke of

	// Against the radiologist's read. A word given at the bedside does not count here: it is asked for
	// only where the model saw something, so what the model missed would never be met.
	TP, FP, FN, TN           int
	Sensitivity, Specificity Interval
	Kappa                    Interval // Cohen's

	Confirmed, Rejected int      // by clinicians at the bedside, of what the model saw
	PPV                 Interval // of what the model saw and anybody has judged

	Result Spread // acquired → result received
	Seen   Spread // result received → first seen by staff
}

// Interval is a number with its 95 % interval; NaN where it cannot be told.
type Interval struct{ Value, Low, High float64 }

// Spread is how long something took.
type Spread struct {
	N        int
	P50, P90 time.Duration
}

// ageBands are the groups of ages, in completed years; ours.
var ageBands = [...]struct {
	under int
	name  string
}{{1, "<1"}, {6, "1-5"}, {16, "6-15"}, {40, "16-39"}, {65, "40-64"}, {math.MaxInt, "65+"}}

func (b By) of(r *ward.AgreementRow) string {
	switch b {
	case ByVersion:
		return r.Version
	case ByDevice:
		return r.Device
	case BySex:
		return string(r.Sex)
	case ByAge:
		return ageBand(r)
	}
	return ""
}

func ageBand(r *ward.AgreementRow) string {
	if !r.HasAge {
		return ""
	}
	for _, b := range ageBands {
		if r.Years < b.under {
			return b.name
		}
	}
	return ""
}

// Judge puts rows together: a group for each model, finding and value of by, sorted by these.
func Judge(rows []ward.AgreementRow, by By) []Group {
	type key struct{ model, system, code, of string }
	at, tallies := map[key]int{}, []*tally{}
	for i := range rows {
		r := &rows[i]
		k := key{r.Model, r.CodeSystem, r.Code, by.of(r)}
		n, known := at[k]
		if !known {
			n = len(tallies)
			at[k] = n
			tallies = append(tallies, &tally{Group: Group{Model: r.Model, Code: r.Code, Label: r.Label, Of: k.of}})
		}
		tallies[n].add(r)
	}
	out := make([]Group, len(tallies))
	for i, t := range tallies {
		out[i] = t.group()
	}
	slices.SortFunc(out, func(a, b Group) int {
		return cmp.Or(cmp.Compare(a.Model, b.Model), cmp.Compare(a.Label, b.Label), cmp.Compare(a.Code, b.Code), compareOf(by, a.Of, b.Of))
	})
	return out
}

// compareOf sorts ages by age and the rest by name.
func compareOf(by By, a, b string) int {
	if by != ByAge {
		return cmp.Compare(a, b)
	}
	rank := func(name string) int {
		return slices.IndexFunc(ageBands[:], func(b struct {
			under int
			name  string
		}) bool {
			return b.name == name
		})
	}
	return cmp.Compare(rank(a), rank(b))
}

// Errors are the rows where a model and a person disagree, the newest first: what there is to learn from.
func Errors(rows []ward.AgreementRow) []ward.AgreementRow {
	var out []ward.AgreementRow
	for i := range rows {
		if there, judged := said(rows[i].Truth); judged && there != rows[i].Present {
			out = append(out, rows[i])
		}
	}
	slices.SortStableFunc(out, func(a, b ward.AgreementRow) int { return b.Received.Compare(a.Received) })
	return out
}

// said is what people say.
func said(t ward.Truth) (there, judged bool) {
	return t == ward.TruthPresent || t == ward.TruthConfirmed, t != ward.TruthUnknown
}

// tally is a group being counted.
type tally struct {
	Group
	result, seen []time.Duration
}

func (t *tally) add(r *ward.AgreementRow) {
	t.Said++
	switch {
	case r.Truth == ward.TruthPresent && r.Present:
		t.TP++
	case r.Truth == ward.TruthPresent:
		t.FN++
	case r.Truth == ward.TruthAbsent && r.Present:
		t.FP++
	case r.Truth == ward.TruthAbsent:
		t.TN++
	case r.Truth == ward.TruthConfirmed && r.Present:
		t.Confirmed++
	case r.Truth == ward.TruthRejected && r.Present:
		t.Rejected++
	}
	t.result = span(t.result, r.Acquired, r.Received)
	t.seen = span(t.seen, r.Received, r.Seen)
}

// span adds the time between two moments that are known and in order.
func span(to []time.Duration, from, until time.Time) []time.Duration {
	if from.IsZero() || until.IsZero() || until.Before(from) {
		return to
	}
	return append(to, until.Sub(from))
}

func (t *tally) group() Group {
	g := t.Group
	g.Sensitivity, g.Specificity = wilson(g.TP, g.TP+g.FN), wilson(g.TN, g.TN+g.FP)
	g.Kappa = kappa(g.TP, g.FP, g.FN, g.TN)
	right := g.TP + g.Confirmed
	g.PPV = wilson(right, right+g.FP+g.Rejected)
	g.Result, g.Seen = spread(t.result), spread(t.seen)
	return g
}

// spread is the median and the ninetieth centile, each the smallest that so many are not over.
func spread(of []time.Duration) Spread {
	if len(of) == 0 {
		return Spread{}
	}
	slices.Sort(of)
	at := func(p float64) time.Duration { return of[max(0, int(math.Ceil(p*float64(len(of))))-1)] }
	return Spread{N: len(of), P50: at(0.5), P90: at(0.9)}
}

// Number is a number for a table: empty where it cannot be told.
func Number(x float64) string {
	if math.IsNaN(x) {
		return ""
	}
	return strconv.FormatFloat(x, 'f', 4, 64)
}
