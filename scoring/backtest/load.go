package backtest

import (
	"slices"
	"time"

	"wardwatch/ward"
)

// why is what a round of telling was for.
type why uint8

const (
	asCall      why = iota // a first telling about the patient, or a rise
	asClimb                // nobody answered the rung before
	asReview               // another look, without news
	asTechnical            // the monitor, the network, us; whichever round it is
	whys
)

// Nights are from 22:00 to 06:00, as night shifts in hospitals here are counted for pages: our
// proposal.
const (
	nightFrom  = 22 // o'clock
	nightTo    = 6
	nightHours = 24 - nightFrom + nightTo
)

// topRung is the highest rung counted by itself; rounds beyond it, which repeat the ladder's top,
// count as it.
const topRung = 4

// load is how often each role was told during one run. One round tells a role once, by however many
// channels.
type load struct {
	roles []roleLoad
	rungs [topRung + 1]int32 // rounds by rung, technical ones left out
}

// roleLoad is one role's part.
type roleLoad struct {
	role    ward.Role
	told    [whys]int32
	night   int32 // of them at night
	notices int32 // promised by the policy's channels
}

func (r *roleLoad) all() (n int32) {
	for _, x := range r.told {
		n += x
	}
	return n
}

// round counts one round of telling.
func (l *load) round(c *ward.Change, of why, zone *time.Location) {
	a := &c.Alert
	if a.Kind == ward.Technical {
		of = asTechnical
	} else {
		l.rungs[min(a.Level, topRung)]++
	}
	night := zone != nil && atNight(a.Told.In(zone))
	for i := range a.Duties {
		u := &a.Duties[i]
		if !u.Told.Equal(a.Told) {
			continue // a duty of an earlier round, answered
		}
		r := l.role(u.Role)
		r.told[of]++
		if night {
			r.night++
		}
	}
	for i := range c.Notices {
		l.role(c.Notices[i].Role).notices++
	}
}

func (l *load) role(role ward.Role) *roleLoad {
	i := slices.IndexFunc(l.roles, func(r roleLoad) bool { return r.role == role })
	if i < 0 {
		i = len(l.roles)
		l.roles = append(l.roles, roleLoad{role: role})
	}
	return &l.roles[i]
}

// of is a role's part; nothing where it was never told.
func (l *load) of(role ward.Role) roleLoad {
	for i := range l.roles {
		if l.roles[i].role == role {
			return l.roles[i]
		}
	}
	return roleLoad{role: role}
}

func atNight(local time.Time) bool { return local.Hour() >= nightFrom || local.Hour() < nightTo }

// nightsBetween is how many nights lie between two moments, in nights of eight hours.
func nightsBetween(from, to time.Time, zone *time.Location) float64 {
	var dark time.Duration
	for from.Before(to) {
		local := from.In(zone)
		y, m, d := local.Date()
		next := time.Date(y, m, d, nightFrom, 0, 0, 0, zone)
		switch {
		case local.Hour() < nightTo:
			next = time.Date(y, m, d, nightTo, 0, 0, 0, zone)
		case local.Hour() >= nightFrom:
			next = time.Date(y, m, d+1, nightTo, 0, 0, 0, zone)
		}
		if next.After(to) {
			next = to
		}
		if atNight(local) {
			dark += next.Sub(from)
		}
		from = next
	}
	return dark.Hours() / nightHours
}
