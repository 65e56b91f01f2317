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
	Model, System, Code, Label string
	Of                         string // value of what rows are put together by; empty: not known

	Said int // what the model spoke of

	// Against the radiologist's read. A word given at the bedside does not count here: it is asked for
	// only where the model saw something, so what the model missed would never be met.
	TP, FP, FN, TN           int
	Sensitivity, Specificity Interval
	Kappa                    Interval // Cohen's

	Confirmed, Rejected int      // by clinicians at the bedside, of what the model saw
	PPV                 Interval // of what the model saw and anybody has judged
}

// Turnaround is how long one group of studies took.
type Turnaround struct {
	Of      string
	Studies int
	Result  Spread // from the picture to the result that came in first
	Seen    Spread // from that result to the first look of staff
	Unseen  int    // nobody has looked yet
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
	case ByModel:
		return r.Model
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
	at, out := map[key]int{}, []Group(nil)
	for i := range rows {
		r := &rows[i]
		k := key{r.Model, r.CodeSystem, r.Code, by.of(r)}
		n, known := at[k]
		if !known {
			n = len(out)
			at[k] = n
			out = append(out, Group{Model: r.Model, System: r.CodeSystem, Code: r.Code, Label: r.Label, Of: k.of})
		}
		out[n].count(r)
	}
	for i := range out {
		out[i].figures()
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

// Turnarounds are how long studies took, by group, sorted as groups are.
func Turnarounds(rows []ward.AgreementRow, by By) []Turnaround {
	type key struct{ of, model, study string }
	studies := map[key]*ward.AgreementRow{}
	for i := range rows {
		r := rows[i]
		k := key{by.of(&r), r.Model, r.StudyUID}
		if r.StudyUID == "" {
			k.study = r.Finding
		}
		if first := studies[k]; first != nil {
			r.Received, r.Seen = earlier(first.Received, r.Received), earlier(first.Seen, r.Seen)
			r.Acquired = earlier(first.Acquired, r.Acquired)
		}
		studies[k] = &r
	}
	groups := map[string]*clock{}
	for k, r := range studies {
		g := groups[k.of]
		if g == nil {
			g = &clock{Turnaround: Turnaround{Of: k.of}}
			groups[k.of] = g
		}
		g.add(r)
	}
	out := make([]Turnaround, 0, len(groups))
	for _, g := range groups {
		g.Result, g.Seen = spread(g.result), spread(g.seen)
		out = append(out, g.Turnaround)
	}
	slices.SortFunc(out, func(a, b Turnaround) int { return compareOf(by, a.Of, b.Of) })
	return out
}

// clock is a Turnaround being measured.
type clock struct {
	Turnaround
	result, seen []time.Duration
}

func (c *clock) add(r *ward.AgreementRow) {
	c.Studies++
	if r.Seen.IsZero() {
		c.Unseen++
	}
	c.result = span(c.result, r.Acquired, r.Received)
	c.seen = span(c.seen, r.Received, r.Seen)
}

// earlier is the earlier of two moments of which either may not be known.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// count adds a row to its group.
func (g *Group) count(r *ward.AgreementRow) {
	g.Said++
	switch {
	case r.Truth == ward.TruthPresent && r.Present:
		g.TP++
	case r.Truth == ward.TruthPresent:
		g.FN++
	case r.Truth == ward.TruthAbsent && r.Present:
		g.FP++
	case r.Truth == ward.TruthAbsent:
		g.TN++
	case r.Truth == ward.TruthConfirmed && r.Present:
		g.Confirmed++
	case r.Truth == ward.TruthRejected && r.Present:
		g.Rejected++
	}
}

// span adds the time between two moments that are known and in order.
func span(to []time.Duration, from, until time.Time) []time.Duration {
	if from.IsZero() || until.IsZero() || until.Before(from) {
		return to
	}
	return append(to, until.Sub(from))
}

// figures works out what the counts mean.
func (g *Group) figures() {
	g.Sensitivity, g.Specificity = wilson(g.TP, g.TP+g.FN), wilson(g.TN, g.TN+g.FP)
	g.Kappa = kappa(g.TP, g.FP, g.FN, g.TN)
	right := g.TP + g.Confirmed
	g.PPV = wilson(right, right+g.FP+g.Rejected)
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
