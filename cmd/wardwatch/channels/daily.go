package channels

import (
	"slices"
	"time"

	"wardwatch/ward"
)

// Test is the daily test message: whoever misses it knows that their channel is broken.
type Test struct {
	Hour, Minute int // on the clocks of Zone
	Zone         *time.Location
	To           []string // logins or duties
}

// testGrace is how late a test may still be sent after a stop: later it would wake people up for
// nothing, and that it did not come is itself the sign. Ours.
const testGrace = 2 * time.Hour

// testLife is how long a test may be tried.
const testLife = 10 * time.Minute

// Due reports whether a test is to be sent now, when the last one was sent at last (zero: never).
func (t Test) Due(last, now time.Time) bool {
	if t.Zone == nil {
		return false
	}
	at := t.latest(now)
	return last.Before(at) && now.Sub(at) < testGrace
}

// latest is the test's last time up to now: today's, or yesterday's while today's is to come.
func (t Test) latest(now time.Time) time.Time {
	y, m, d := now.In(t.Zone).Date()
	at := time.Date(y, m, d, t.Hour, t.Minute, 0, 0, t.Zone)
	if at.After(now) {
		at = time.Date(y, m, d-1, t.Hour, t.Minute, 0, 0, t.Zone)
	}
	return at
}

// toPeople are the tests of a channel that tells one person at a time.
func (t Test) toPeople(channel, day string, people []ward.Person, now time.Time) (list []ward.Notice) {
	for _, p := range people {
		if t.names(p) {
			list = append(list, TestNotice(channel, day, p, now))
		}
	}
	return list
}

func (t Test) names(p ward.Person) bool {
	return !p.Disabled && slices.ContainsFunc(t.To, func(to string) bool { return to == p.Login || p.Holds(ward.Role(to)) })
}

// TestNotice is a notice that says that it is a test, to one person or, without an id, to a group.
// The same occasion has the same id again.
func TestNotice(channel, occasion string, to ward.Person, now time.Time) ward.Notice {
	return ward.Notice{
		ID: ward.NoticeID("test-" + occasion + "-" + channel + "-" + string(to.ID)), Kind: ward.Technical, Why: ward.WhyTest, Role: duty(to), To: to.ID,
		Channel: channel, Made: now, Due: now, Expires: now.Add(testLife), State: ward.NoticePending,
	}
}

// duty is the first duty of a person on the ladder. A test to nobody in particular goes to the
// engineers: they mend what fails.
func duty(p ward.Person) ward.Role {
	for _, r := range []ward.Role{ward.RoleNurse, ward.RoleCharge, ward.RoleDoctor, ward.RoleLead, ward.RoleICU} {
		if p.Holds(r) {
			return r
		}
	}
	return ward.RoleEngineer
}
