package alerts

import (
	"context"
	"slices"
	"time"

	"wardwatch/ward"
)

// Receipt takes what became of a notice, from the outbox. A delivery moves the alert on; when no
// notice of the present rung reached those it waits for, the next rung is told at once. A channel that
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
	if !r.Nobody { // having no address for somebody says nothing of the channel
		if err := d.concern(ctx, CauseChannel+":"+n.Channel, failed, ward.Place{}, at, r.Error, 0); err != nil {
			d.o.Log.Error("a channel's state was not recorded", "channel", n.Channel, "error", err)
		}
	}
	if err := d.settled(ctx, n, failed, at); err != nil {
		d.o.Log.Error("a receipt was not recorded", "alert", n.Alert, "error", err)
	}
}

// settled lets the outcome of a notice act on its alert.
func (d *Desk) settled(ctx context.Context, n ward.Notice, failed bool, at time.Time) error {
	e, ok := d.byID[n.Alert]
	if !ok || n.Why != ward.WhyAlert || e.a.Level != n.Level {
		return nil // of an older round, or nobody was called by it
	}
	dr, ok := d.draft(e, at)
	if !ok {
		return nil
	}
	i := slices.IndexFunc(dr.next.Duties, func(u ward.Duty) bool {
		return u.Role == n.Role && u.Level == n.Level && !n.Made.Before(u.Told)
	})
	if i < 0 || failed && !dr.undelivered(&dr.next.Duties[i], n) || !failed && !dr.delivered() {
		return nil
	}
	return d.commit(ctx, e, dr.finish())
}

func (d *draft) delivered() bool {
	if d.next.State != ward.Active {
		return false
	}
	d.next.State = ward.Delivered
	return true
}

// undelivered notes a way that did not reach its role, and climbs when the rung cannot be answered
// for that. At the ladder's top there is nobody further: the rung's own deadline tells it again.
func (d *draft) undelivered(u *ward.Duty, n ward.Notice) bool {
	way := n.Channel
	if n.To != "" {
		way += "/" + string(n.To)
	}
	if slices.Contains(u.Undelivered, way) {
		return false
	}
	u.Undelivered = append(slices.Clone(u.Undelivered), way)
	d.unheard("no notice could be delivered")
	return true
}

// unheard climbs when the present rung waits for an answer that it cannot get.
func (d *draft) unheard(why string) {
	a := &d.next
	if a.State != ward.Snoozed && !a.AcceptDue.IsZero() && a.Level < len(d.rungs(d.known())) && d.unreachable(d.present()) {
		d.climb(why)
	}
}
