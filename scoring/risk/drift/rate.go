package drift

import (
	"math"
	"slices"
	"time"
)

// rate holds the recent days' share of people with an alert against the days before, on a p′ control
// chart (Laney, Quality Engineering 2002; for health care Mohammed, Laney, Qual Saf Health Care 2006):
// limits at three sigma, widened by as much as days differ more than chance lets them.
func (t *tally) rate(r Rules, to time.Time) (Check, []Day) {
	c := Check{Measure: AlertRate, Verdict: TooLittle, Advice: Wait}
	days := t.days(r, to)
	base := slices.DeleteFunc(slices.Clone(days), func(d Day) bool { return d.Recent })
	week := hours{}
	alerted := 0
	for pd, raised := range t.alerts {
		if !t.dayEnd(pd.day, to).After(t.recent) {
			continue
		}
		week[pd.stay]++
		if raised {
			alerted++
		}
	}
	c.People = len(week)
	if len(base) < max(2, r.BaselineDays) || r.tooFew(week) {
		return c, nil
	}
	centre, spread := chart(base)
	for i := range days {
		days[i].Low, days[i].High = limits(centre, spread, float64(days[i].People))
	}
	c.Value, c.Usual = float64(alerted)/float64(week.total()), centre
	c.Low, c.High = limits(centre, spread, week.effective())
	c.Verdict, c.Advice = OK, NoAdvice
	switch {
	case c.Value > c.High && c.Value >= r.ActRate*centre:
		c.Verdict, c.Advice = Breach, ReviewAlerts
	case c.Value > c.High || c.Value < c.Low || slices.ContainsFunc(days, Day.out):
		c.Verdict, c.Advice = Watch, ReviewAlerts
	}
	return c, days
}

func (t *tally) dayEnd(back int, to time.Time) time.Time { return to.Add(-time.Duration(back) * day) }

// days lists the days that have a prediction, oldest first.
func (t *tally) days(r Rules, to time.Time) []Day {
	byDay := map[int]Day{}
	for pd, raised := range t.alerts {
		d := byDay[pd.day]
		d.People++
		if raised {
			d.Alerted++
		}
		byDay[pd.day] = d
	}
	list := make([]Day, 0, len(byDay))
	for back, d := range byDay {
		d.Until = t.dayEnd(back, to)
		d.Recent = d.Until.After(t.recent)
		list = append(list, d)
	}
	slices.SortFunc(list, func(a, b Day) int { return a.Until.Compare(b.Until) })
	return list
}

// share is the share of people with an alert.
func (d Day) share() float64 { return float64(d.Alerted) / float64(d.People) }

// out reports whether a recent day lies beyond its limits.
func (d Day) out() bool { return d.Recent && (d.share() > d.High || d.share() < d.Low) }

// movingRange is the mean moving range of two normal values, in sigmas.
const movingRange = 1.128

// chart is the centre line, and by how much days differ more than chance lets them; never less than
// one, so that quiet weeks do not make the limits narrow.
func chart(base []Day) (centre, spread float64) {
	people, alerted := 0, 0
	for _, d := range base {
		people += d.People
		alerted += d.Alerted
	}
	centre = (float64(alerted) + 0.5) / (float64(people) + 1) // never 0 or 1, whose limits have no width
	z := func(d Day) float64 { return (d.share() - centre) / sigma(centre, float64(d.People)) }
	moved := 0.0
	for i := 1; i < len(base); i++ {
		moved += math.Abs(z(base[i]) - z(base[i-1]))
	}
	return centre, max(1, moved/float64(len(base)-1)/movingRange)
}

func sigma(share, n float64) float64 { return math.Sqrt(share * (1 - share) / n) }

// limits are three sigma from the centre, within what a share can be.
func limits(centre, spread, n float64) (low, high float64) {
	d := 3 * sigma(centre, n) * spread
	return max(0, centre-d), min(1, centre+d)
}
