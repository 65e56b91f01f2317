package alerts

import (
	"context"
	"slices"

	"wardwatch/ward"
)

// Receipt takes what became of a notice, from the outbox. A delivery moves the alert on; when no
// notice of the present rung could be delivered the next rung is told at once. A channel that
// fails is itself an alert, and its next delivery ends it. What cannot be written is logged: the
// rung's own deadline still stands.
func (d *Desk) Receipt(ctx context.Context, n ward.Notice, r ward.Receipt) {
	failed := n.State == ward.NoticeFailed
	if !failed && n.State != ward.NoticeDelivered {
		return
	}
	at := plain(r.At)
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.sure(ctx); err != nil {
		d.o.Log.Error("a receipt was not recorded", "alert", n.Alert, "error", err)
		return
	}
	if err := d.concern(ctx, CauseChannel+":"+n.Channel, failed, ward.Place{}, at, r.Error, 0); err != nil {
		d.o.Log.Error("a channel's state was not recorded", "channel", n.Channel, "error", err)
	}
	e, ok := d.byID[n.Alert]
	if !ok || e.a.Level != n.Level || !e.a.Told.Equal(n.Made) {
		return // an older round
	}
	g := moment{kind: e.a.Kind, place: e.a.Place, stay: e.a.Stay, at: at, position: d.seenFor(&e.a), rule: d.rule(e.a.Stay, at)}
	if worstVoiced(e.a.Causes, g.rule) == nil {
		return
	}
	dr := draft{p: &d.p, g: &g, next: e.a}
	dr.next.Duties, dr.next.Causes = slices.Clone(e.a.Duties), slices.Clone(e.a.Causes)
	if failed && !dr.undelivered(n) || !failed && !dr.delivered() {
		return
	}
	if err := d.commit(ctx, e, dr.finish()); err != nil {
		d.o.Log.Error("a receipt was not recorded", "alert", n.Alert, "error", err)
	}
}

func (d *draft) delivered() bool {
	if d.next.State != ward.Active {
		return false
	}
	d.next.State = ward.Delivered
	return true
}

// undelivered notes a channel that did not reach its role, and climbs when none reached anybody.
// At the ladder's top there is nobody further: the rung's own deadline tells it again.
func (d *draft) undelivered(n ward.Notice) bool {
	a := &d.next
	i := slices.IndexFunc(a.Duties, func(u ward.Duty) bool { return u.Role == n.Role && u.Level == n.Level })
	if i < 0 || slices.Contains(a.Duties[i].Undelivered, n.Channel) {
		return false
	}
	a.Duties[i].Undelivered = append(slices.Clone(a.Duties[i].Undelivered), n.Channel)
	if a.State != ward.Active {
		return true
	}
	worst := d.known()
	rung := d.rung(worst, a.Level)
	for _, u := range a.Duties {
		if u.Level == a.Level && len(u.Undelivered) < len(rung.Channels) {
			return true
		}
	}
	if a.Level < len(d.rungs(worst)) {
		d.climb("no notice could be delivered")
	}
	return true
}
