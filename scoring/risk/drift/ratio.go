package drift

// hoursAnEvent is how many hours an event marks when none was seen to tell by: both tasks look some
// six hours ahead.
const hoursAnEvent = 6

// mostRatio stands for every ratio over it.
const mostRatio = 1000

// ratio compares the hours marked by an event with those that the model expected. The interval is
// that of the number of people with an event, since an event marks several hours of one person.
func (t *tally) ratio(r Rules) Check {
	c := Check{Measure: ObservedExpected, Verdict: TooLittle, Advice: Wait, People: len(t.struck), Usual: 1}
	each := float64(hoursAnEvent)
	if t.observed > 0 {
		each = float64(t.observed) / float64(len(t.struck))
	}
	expected := t.expected / each // people
	if most := max(expected, float64(len(t.struck))); most == 0 || most < r.LeastEvents {
		return c
	}
	interval := func(sure float64) (low, high float64) {
		low, high = byar(len(t.struck), sure)
		return over(low, expected), over(high, expected)
	}
	c.Value = over(float64(len(t.struck)), expected)
	c.Low, c.High = interval(r.WatchSure)
	c.Verdict, c.Advice = OK, NoAdvice
	low, high := interval(r.ActSure)
	switch {
	case off(c.Value, r.ActRatio) && (low > 1 || high < 1):
		c.Verdict, c.Advice = Breach, Recalibrate
	case off(c.Value, r.WatchRatio) && (c.Low > 1 || c.High < 1):
		c.Verdict, c.Advice = Watch, Recalibrate
	}
	return c
}

func over(observed, expected float64) float64 {
	if observed >= mostRatio*expected {
		return mostRatio
	}
	return observed / expected
}

// off reports whether a ratio is as far from one as times, upwards or downwards.
func off(ratio, times float64) bool { return ratio >= times || ratio <= 1/times }
