package alerts

import (
	"context"
	"slices"
	"strings"
	"time"

	"wardwatch/ward"
)

// Charted takes note of a set of observations, whole or partial, that a person charted in a duty role.
// One entered since the present rung was told
//
//   - is the set that a rung with a time to confirm waits for;
//   - is its charter's acceptance, if their role had not accepted: who measures a patient has taken them on;
//   - puts a nurse at the bedside, while nothing high is known. Whoever else charts must still come, or
//     say that they are there; and for what is high a set is not yet an assessment.
//
// Nobody is told by it, and what the values say is the score's matter. The same set again changes
// nothing. An error means that the book could not write: call it again.
func (d *Desk) Charted(ctx context.Context, o ward.Observation, role ward.Role) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.sure(ctx); err != nil {
		return err
	}
	e, at := d.stays[o.Stay], plain(o.Entered)
	if e == nil || o.By == "" || at.Before(e.a.Told) || !awaiting(e.a.State) {
		return nil
	}
	dr, ok := d.draft(e, at)
	if !ok || !dr.charted(o.By, role) {
		return nil
	}
	dr.sign(ward.Action{At: at, By: o.By, Role: role}, "alert.charted")
	return d.commit(ctx, e, dr.finish())
}

// awaiting says that people were told, and something is asked of them.
func awaiting(s ward.AlertState) bool {
	switch s {
	case ward.Active, ward.Delivered, ward.Seen, ward.Accepted, ward.AtBedside:
		return true
	}
	return false
}

func (d *draft) charted(by ward.PersonID, role ward.Role) (changed bool) {
	a := &d.next
	if changed = !a.ConfirmDue.IsZero(); changed {
		a.ConfirmDue = time.Time{}
	}
	if role == "" {
		return changed
	}
	if !d.held(role) {
		d.take(role, by, d.g.at)
		d.comes(role, d.g.at)
		changed = true
	}
	if role == ward.RoleNurse && d.known().Told < ward.High && a.State != ward.AtBedside {
		d.arrives(role, by, d.g.at)
		changed = true
	}
	return changed
}

// HandOver gives what one person has of their patients' open alerts to the next, once the receiver
// has accepted it: what From accepted is To's, with the time it had; what waits for From's answer
// waits for To's, who is told, while what is still on its way to From is called back; what From
// snoozed wakes To. What came after it was answered is left alone, and so are patients who are another's by
// now: doing the same again, however late, changes nothing. An error means that the book could not write:
// call it again.
func (d *Desk) HandOver(ctx context.Context, h ward.HandOver, at time.Time) error {
	if h.From == h.To || h.From == "" || h.To == "" {
		return nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.sure(ctx); err != nil {
		return err
	}
	for _, id := range h.Stays {
		e := d.stays[id]
		if e == nil || d.othersNow(id, &h) {
			continue
		}
		dr, ok := d.draft(e, plain(at))
		if !ok || !dr.handOver(h) {
			continue
		}
		dr.entries = append(dr.entries, ward.AuditEntry{
			At: dr.g.at, By: h.To, Deed: "alert.handover", Object: "alert:" + string(e.a.ID),
			Detail: string(h.Role) + " from " + string(h.From) + " to " + string(h.To),
		})
		if err := d.commit(ctx, e, dr.finish()); err != nil {
			return err
		}
	}
	return nil
}

// othersNow says that a patient has been given to somebody else than a hand-over's receiver.
func (d *Desk) othersNow(id ward.StayID, h *ward.HandOver) bool {
	s, ok := d.o.Stay(id)
	has := map[ward.Role]ward.PersonID{ward.RoleNurse: s.Nurse, ward.RoleDoctor: s.Doctor}[h.Role]
	return ok && has != "" && has != h.To
}

func (d *draft) handOver(h ward.HandOver) (changed bool) {
	a := &d.next
	since := func(t time.Time) bool { return !h.Answered.IsZero() && t.After(plain(h.Answered)) }
	if a.SnoozedBy == h.From && a.SnoozedAs == h.Role {
		a.SnoozedBy, changed = h.To, true
	}
	for i := range a.Duties {
		u := &a.Duties[i]
		switch {
		case u.Role != h.Role:
		case since(u.Told), since(u.Accepted):
		case holds(*u) && u.By == h.From:
			u.By, u.OnWay, changed = h.To, time.Time{}, true // on their way is who said so
		case u.Accepted.IsZero() && u.Declined.IsZero() && slices.Contains(u.People, h.From):
			d.replace(u, h.From, h.To)
			changed = true
		}
	}
	if changed {
		d.unheard("nobody can be told")
	}
	return changed
}

// replace lets one person be told of an unanswered duty in another's place.
func (d *draft) replace(u *ward.Duty, from, to ward.PersonID) {
	a := &d.next
	d.recall = append(d.recall, ward.Addressee{Role: u.Role, Person: from})
	known := slices.Contains(u.People, to)
	u.People = slices.DeleteFunc(slices.Clone(u.People), func(p ward.PersonID) bool { return p == from || p == to })
	u.People = append(u.People, to)
	slices.Sort(u.People)
	u.Undelivered = slices.DeleteFunc(slices.Clone(u.Undelivered), func(way string) bool { return strings.HasSuffix(way, "/"+string(from)) })

	worst := d.known()
	rung := d.rung(worst, u.Level)
	for _, channel := range rung.Channels {
		switch {
		case !d.g.crew.personal[channel]:
		case known:
			u.Promised--
		case a.AcceptDue.IsZero(): // nothing is asked any more
		default:
			n := d.notice(u.Role, channel, worst, rung)
			n.Level, n.To, n.How = u.Level, to, ward.HeldByAssignment
			n.ID = noticeID(&n, a.Version)
			d.notices = append(d.notices, n)
		}
	}
}

// draft begins a decision about an alert that people know of, at a time, under the rule in force; ok is
// false while they know of nothing that stands.
func (d *Desk) draft(e *entry, at time.Time) (dr draft, ok bool) {
	g := moment{kind: e.a.Kind, place: e.a.Place, stay: e.a.Stay, at: at, position: d.seenFor(&e.a), rule: d.ruleOf(&e.a, at), crew: &d.crew}
	if worstVoiced(e.a.Causes, g.rule) == nil {
		return draft{}, false
	}
	dr = draft{p: &d.p, g: &g, next: e.a}
	dr.next.Duties, dr.next.Causes = slices.Clone(e.a.Duties), slices.Clone(e.a.Causes)
	return dr, true
}
