package evidence

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"wardwatch/ward"
)

// yield gathers what closing reasons say.
type yield struct {
	all                             tally
	kind, band, cause               map[string]*tally
	codes                           map[string]int
	uncoded, unknown, itself, still int
}

type tally struct{ yes, of int }

func newYield() yield {
	return yield{kind: map[string]*tally{}, band: map[string]*tally{}, cause: map[string]*tally{}, codes: map[string]int{}}
}

func (y *yield) add(c coder, a *ward.Alert) {
	if a.Kind == ward.Technical {
		return
	}
	reason, how := c.closing(a)
	switch how {
	case stillOpen:
		y.still++
		return
	case byItself:
		y.itself++
		return
	case uncoded:
		y.uncoded++
		return
	}
	y.codes[reason.Code]++
	if reason.Says == SaysUnknown {
		y.unknown++
		return
	}
	for _, t := range []*tally{&y.all, y.of(y.kind, string(a.Kind)), y.of(y.band, a.Band.String()), y.of(y.cause, firstCause(a))} {
		t.of++
		if reason.Says == SaysTrue {
			t.yes++
		}
	}
}

func (y *yield) of(m map[string]*tally, name string) *tally {
	if m[name] == nil {
		m[name] = &tally{}
	}
	return m[name]
}

// firstCause is the kind of the first cause that people were told of.
func firstCause(a *ward.Alert) string {
	code := ""
	for i := range a.Causes {
		if c := &a.Causes[i]; code == "" || c.Told > ward.Low {
			code, _, _ = strings.Cut(c.Code, ":")
			if c.Told > ward.Low {
				break
			}
		}
	}
	return code
}

func (y *yield) sum() Yield {
	out := Yield{
		PPV: share("", y.all.yes, y.all.of), Kind: tallies(y.kind), Band: tallies(y.band), Cause: tallies(y.cause),
		Reasons: []ReasonN{}, Uncoded: y.uncoded, Unknown: y.unknown, Itself: y.itself, Open: y.still,
	}
	for _, r := range Reasons() {
		if n := y.codes[r.Code]; n > 0 {
			out.Reasons = append(out.Reasons, ReasonN{r.Code, r.Says, n})
		}
	}
	return out
}

func tallies(m map[string]*tally) []Share {
	out := make([]Share, 0, len(m))
	for _, name := range sortedKeys(m) {
		out = append(out, share(name, m[name].yes, m[name].of))
	}
	return out
}

// A storm is so many technical alerts of one cause in one ward with no longer pause between two.
// Ours, for local clinicians to sign.
const (
	stormFrom  = 5
	stormPause = 2 * time.Minute
	// manyPrefix begins the cause of the one alert that speaks for many.
	manyPrefix = "many:"
)

// burst is one technical alert as storms are made of.
type burst struct {
	ward     ward.WardID
	code     string
	at       time.Time
	tellings int
	many     bool
}

func burstOf(a *ward.Alert, raised bool, rounds []round) []burst {
	if a.Kind != ward.Technical || !raised || len(a.Causes) == 0 {
		return nil
	}
	code, many := strings.CutPrefix(a.Causes[0].Code, manyPrefix)
	code, _, _ = strings.Cut(code, ":")
	b := burst{ward: a.Place.Ward, code: code, at: a.Raised, many: many}
	for i := range rounds {
		b.tellings += len(rounds[i].tellings)
	}
	return []burst{b}
}

func storms(all []burst) []Storm {
	out := []Storm{}
	slices.SortFunc(all, func(a, b burst) int {
		return cmp.Or(cmp.Compare(a.ward, b.ward), cmp.Compare(a.code, b.code), a.at.Compare(b.at))
	})
	for i := 0; i < len(all); {
		first := all[i]
		s := Storm{Ward: string(first.ward), Code: first.code, From: ms(first.at)}
		last := first.at
		for ; i < len(all) && all[i].ward == first.ward && all[i].code == first.code && all[i].at.Sub(last) <= stormPause; i++ {
			last = all[i].at
			s.Alerts++
			s.Tellings += all[i].tellings
			s.Merged = s.Merged || all[i].many
		}
		if s.To = ms(last); s.Merged || s.Alerts >= stormFrom {
			out = append(out, s)
		}
	}
	slices.SortStableFunc(out, func(a, b Storm) int { return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.Ward, b.Ward)) })
	return out
}
