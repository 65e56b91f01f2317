// Package trend says where a vital is going, and when it may reach its limit: only when the points
// are enough, recent and agree, the change matters to a clinician, and always with a range. It
// wraps github.com/sajari/regression, which answers nonsense without an error to constant,
// collinear and non-finite input; nothing of that gets through.
//
// It is pure: the time is an argument.
package trend

import (
	"math"
	"time"

	"wardwatch/ward"
)

// rounding is the standard deviation of what is lost when a device rounds to whole numbers, 1/√12:
// all vitals here are shown as such.
const rounding = 0.28867513459481287

// Of is what may be said at a moment of one vital's course. Points after it, or older than the
// rules' window, are left out. A direction needs a 95 % interval of the slope without 0 and a change
// that matters; what is less is steady: no clear direction. The reach counts from at, and its range
// is a 95 % interval where values scatter by chance. In simulated ten-minute means it held the true
// time in 97 % of those, in 94 % where neighbours share half and in 85 % where they share four
// fifths: a course that wanders is less sure than its range says.
func Of(v ward.Vital, points []Point, at time.Time, rules Rules) ward.Trend {
	trend := ward.Trend{Vital: v}
	if v >= ward.NumVitals || rules.Vitals[v].Matters <= 0 {
		return trend
	}
	line, ok := Fit(within(points, at.Add(-rules.Window), at))
	if !ok || at.Sub(line.At) > rules.Fresh {
		return trend
	}
	line = line.rounded(rounding)
	trend.At, trend.Points, trend.Span = line.At, line.Points, line.Span
	trend.Slope, trend.SE = line.Slope, line.SE
	trend.Means = rules.Vitals[v].means(line)
	reach(&trend, line, at, &rules)
	return trend
}

// within are the points of a stretch of time, both ends included.
func within(points []Point, from, to time.Time) []Point {
	kept := make([]Point, 0, len(points))
	for _, p := range points {
		if !p.At.Before(from) && !p.At.After(to) {
			kept = append(kept, p)
		}
	}
	return kept
}

// means is a direction where the slope is certain to have one and what it came to matters.
func (r *Rule) means(line Line) ward.TrendMeans {
	low, high := line.Interval()
	matters := math.Abs(line.Slope)*line.Span.Hours() >= r.Matters
	switch {
	case matters && low > 0:
		return ward.TrendRising
	case matters && high < 0:
		return ward.TrendFalling
	}
	return ward.TrendSteady
}

// reach adds the limit that the vital is heading for, and when. Nothing is added when the limit
// has been passed already, by the line or by the newest value, or is too far off.
func reach(trend *ward.Trend, line Line, at time.Time, rules *Rules) {
	limit, side := rules.Vitals[trend.Vital].heading(trend.Means)
	if limit == 0 || side*line.Level >= side*limit || side*line.newest >= side*limit {
		return
	}
	about, early, late := line.crosses(limit)
	age := at.Sub(line.At).Hours()
	if about-age > rules.Reach.Hours() {
		return
	}
	trend.Limit = limit
	trend.Reach, trend.Early = ahead(about-age), ahead(early-age)
	if late-age <= rules.Latest.Hours() {
		trend.Late = ahead(late - age)
	}
}

// heading is the limit that lies in a direction, 0 when none does, and the direction's sign.
func (r *Rule) heading(means ward.TrendMeans) (limit, side float64) {
	switch means {
	case ward.TrendRising:
		return r.High, 1
	case ward.TrendFalling:
		return r.Low, -1
	}
	return 0, 0
}

// ahead is a time to come in whole minutes, at least one: less is now.
func ahead(hours float64) time.Duration {
	return max(time.Minute, time.Duration(math.Round(max(0, hours)*60))*time.Minute)
}
