package backtest

import (
	"slices"
	"time"

	"wardwatch/ward"
)

// alert is one time that people were interrupted: a first telling, or a rise within an episode.
type alert struct {
	at    time.Time
	kind  ward.AlertKind
	band  ward.Band
	cause string
}

// listener reads from the desk's changes who was told of what.
type listener struct {
	open   []known
	staff  *staff
	zone   *time.Location // of the patient's times of day; nil: they say nothing
	alerts []alert
	// Told again without anything new: the ladder climbed, or a review or a snooze's end asked for
	// another look.
	escalations, reviews int
	load                 load
}

// known is what was last heard of an open alert.
type known struct {
	id     ward.AlertID
	told   time.Time
	causes []ward.Cause
}

func (l *listener) reset(s *staff, zone *time.Location) {
	*l = listener{open: l.open[:0], staff: s, zone: zone}
}

// committed receives each change in order.
func (l *listener) committed(c *ward.Change) {
	a := &c.Alert
	k := l.find(a.ID)
	if !a.Told.IsZero() && !a.Told.Equal(k.told) {
		l.telling(c, k)
		k.told = a.Told
		l.staff.told(a)
	}
	k.causes = a.Causes
	if a.State == ward.Resolved {
		l.forget(a.ID)
		l.staff.ended(a.ID)
	}
}

// telling sorts one round of telling.
func (l *listener) telling(c *ward.Change, before *known) {
	why := asCall
	switch {
	case c.Alert.Level > 1:
		why = asClimb
		l.escalations++
	case slices.ContainsFunc(c.Audit, again):
		why = asReview
		l.reviews++
	default:
		worst := newest(c.Alert.Causes, before.causes)
		l.alerts = append(l.alerts, alert{c.Alert.Told, c.Alert.Kind, worst.Told, worst.Code})
	}
	l.load.round(c, why, l.zone)
}

// again says whether the round repeats what people knew already.
func again(e ward.AuditEntry) bool { return e.Deed == "alert.review" || e.Deed == "alert.wake" }

// newest is the worst cause that people are told of now and were not before; when nothing is new,
// the worst of all they know.
func newest(now, before []ward.Cause) (worst ward.Cause) {
	fresh := false
	for _, c := range now {
		if !c.Live() || c.Told < ward.LowMedium {
			continue
		}
		is := !slices.ContainsFunc(before, func(b ward.Cause) bool {
			return b.Code == c.Code && b.Live() && b.Told >= c.Told
		})
		if is && !fresh || is == fresh && c.Told > worst.Told {
			worst, fresh = c, is
		}
	}
	return worst
}

func (l *listener) find(id ward.AlertID) *known {
	for i := range l.open {
		if l.open[i].id == id {
			return &l.open[i]
		}
	}
	l.open = append(l.open, known{id: id})
	return &l.open[len(l.open)-1]
}

func (l *listener) forget(id ward.AlertID) {
	l.open = slices.DeleteFunc(l.open, func(k known) bool { return k.id == id })
}
