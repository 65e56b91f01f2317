package scoring

import (
	"time"

	"wardwatch/ward"
)

// reviews raises what waits for a doctor's look: SpO2 scale 2, which never lapses by itself but is
// to be looked at each day, by day; and a person's own limits that end soon.
func reviews(p *Policy, stay *ward.Stay, at time.Time, score *ward.Score) (wake int64) {
	if stay == nil {
		return Never
	}
	return min(scaleReview(p, stay, at, score), limitsLapse(p, stay, at, score))
}

func scaleReview(p *Policy, stay *ward.Stay, at time.Time, score *ward.Score) (wake int64) {
	v := &p.Reviews
	if stay.Scale.Number != 2 || v.Scale2Every <= 0 {
		return Never
	}
	due := stay.Scale.Since.Add(v.Scale2Every)
	if at.Before(due) {
		return due.UnixMilli()
	}
	day := p.local(at)
	midnight := time.Date(day.Year(), day.Month(), day.Day(), 0, 0, 0, 0, day.Location())
	from, to := midnight.Add(v.DayFrom), midnight.Add(v.DayTo)
	switch {
	case at.Before(from):
		return from.UnixMilli()
	case !at.Before(to):
		return from.AddDate(0, 0, 1).UnixMilli()
	}
	since := from
	if due.After(from) {
		since = due
	}
	raise(score, ward.Flag{Code: ward.FlagScaleReview, Band: ward.LowMedium, Since: since, Due: since})
	return to.UnixMilli()
}

// limitsLapse warns of the limit that ends first.
func limitsLapse(p *Policy, stay *ward.Stay, at time.Time, score *ward.Score) (wake int64) {
	wake = Never
	var first *ward.Limit
	for i := range stay.Limits {
		l := &stay.Limits[i]
		warn := l.Until.Add(-p.Reviews.LimitsWarn)
		for _, t := range [...]time.Time{l.Since, warn, l.Until} {
			if t.After(at) {
				wake = min(wake, t.UnixMilli())
			}
		}
		if at.Before(warn) || at.Before(l.Since) || !at.Before(l.Until) || p.Reviews.LimitsWarn <= 0 {
			continue
		}
		if first == nil || l.Until.Before(first.Until) {
			first = l
		}
	}
	if first != nil {
		since := first.Until.Add(-p.Reviews.LimitsWarn)
		if since.Before(first.Since) {
			since = first.Since
		}
		raise(score, ward.Flag{Code: ward.FlagLimitsLapse, Band: ward.LowMedium, Since: since, Due: since})
	}
	return wake
}
