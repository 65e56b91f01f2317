package match

import (
	"cmp"
	"slices"
	"time"

	"wardwatch/ward"
)

// guesses are the stays that come near, the nearest in time first; without a time the latest first.
func guesses(c ward.Candidates, at time.Time) []ward.StayID {
	stays := distinct(slices.Concat(c.Stays, c.Bound))
	slices.SortFunc(stays, func(a, b ward.Stay) int {
		return cmp.Or(cmp.Compare(distance(&a, at), distance(&b, at)), b.Admitted.Compare(a.Admitted), cmp.Compare(a.ID, b.ID))
	})
	ids := make([]ward.StayID, 0, maxGuesses)
	for i := range stays[:min(len(stays), maxGuesses)] {
		ids = append(ids, stays[i].ID)
	}
	return ids
}

// distance is how far from the stay the time lies.
func distance(s *ward.Stay, at time.Time) time.Duration {
	switch {
	case at.IsZero():
		return 0
	case at.Before(s.Admitted):
		return s.Admitted.Sub(at)
	case !s.Ended.IsZero() && at.After(s.Ended):
		return at.Sub(s.Ended)
	}
	return 0
}

// distinct drops stays that come twice.
func distinct(stays []ward.Stay) []ward.Stay {
	var out []ward.Stay
	for i := range stays {
		if !slices.ContainsFunc(out, func(s ward.Stay) bool { return s.ID == stays[i].ID }) {
			out = append(out, stays[i])
		}
	}
	return out
}
