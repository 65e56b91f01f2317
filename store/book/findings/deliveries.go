package findings

import (
	"context"
	"time"

	"wardwatch/store/book/sqlite"
	"wardwatch/ward"
)

// Accept keeps a delivery, waiting to be read unless it says that it was refused. Once it returns the
// delivery may be acknowledged. One whose id is in the book already changes nothing and is not fresh, but that
// one that was refused and is sent again waits once more: what it was refused for may have passed.
func (m *Imaging) Accept(ctx context.Context, d ward.Delivery) (fresh bool, err error) {
	if d.ID == "" || d.Source == "" || d.Kind == "" {
		return false, bad("a delivery without an id, a source or a kind cannot be kept", "give all three")
	}
	if d.State == "" {
		d.State = ward.DeliveryWaiting
	}
	_, err = m.change(ctx, func(e *edit) error {
		res, err := e.tx.ExecContext(ctx, `INSERT INTO deliveries (id, source, kind, object, size, instance_uid, study_uid, received, state, code, detail, done)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) 
			ON CONFLICT (id) DO UPDATE SET state = excluded.state, code = '', detail = '', done = 0, received = excluded.received
			WHERE deliveries.state = 'refused' AND excluded.state = 'waiting'`,
			d.ID, d.Source, d.Kind, d.Object, d.Size, d.InstanceUID, d.StudyUID, sqlite.Ms(d.Received), d.State, d.Code, d.Detail, sqlite.Ms(d.Done))
		if err != nil {
			return err
		}
		n, err := res.RowsAffected()
		fresh = n > 0
		return err
	})
	return fresh, err
}

// Waiting lists deliveries that wait to be read, in the order of their arrival, at most limit.
func (m *Imaging) Waiting(ctx context.Context, limit int) ([]ward.Delivery, error) {
	return sqlite.List(ctx, m.db.Read(), scanDelivery, deliveries+` WHERE state = 'waiting' ORDER BY seq LIMIT ?`, limit)
}

// Delivery finds a delivery that is still in the book.
func (m *Imaging) Delivery(ctx context.Context, id string) (ward.Delivery, error) {
	return deliveryByID(ctx, m.db.Read(), id)
}

// RefuseDelivery says why a waiting delivery cannot be read: a code of a closed list, and how to mend
// it, without anything that identifies a person. One that waits no more stays as it is.
func (m *Imaging) RefuseDelivery(ctx context.Context, id, code, detail string) error {
	_, err := m.change(ctx, func(e *edit) error {
		if _, err := deliveryByID(ctx, e.tx, id); err != nil {
			return err
		}
		return e.exec(`UPDATE deliveries SET state = ?, code = ?, detail = ?, done = ? WHERE id = ? AND state = ?`,
			ward.DeliveryRefused, code, detail, sqlite.Ms(e.now), id, ward.DeliveryWaiting)
	})
	return err
}

// Known picks those of some instances that a source has delivered already, and that are still in the
// book.
func (m *Imaging) Known(ctx context.Context, source string, instances []string) (map[string]bool, error) {
	list, err := sqlite.List(ctx, m.db.Read(), func(r sqlite.Row) (uid string, err error) { return uid, r.Scan(&uid) },
		`SELECT instance_uid FROM deliveries WHERE source = ? AND instance_uid <> '' AND instance_uid IN (SELECT value FROM json_each(?))`,
		source, sqlite.AsJSON(instances))
	known := make(map[string]bool, len(list))
	for _, uid := range list {
		known[uid] = true
	}
	return known, err
}

// DeliveryCount is how many deliveries in the book are in one state.
type DeliveryCount struct {
	Source      string
	Kind        ward.DeliveryKind
	State       ward.DeliveryState
	Code        string // of those refused
	Count       int64
	First, Last time.Time // when the oldest and the newest of them were received
}

// DeliveryCounts counts the deliveries that are in the book, by source, kind, state and code.
func (m *Imaging) DeliveryCounts(ctx context.Context) ([]DeliveryCount, error) {
	return m.counts(ctx, `true`)
}

// RefusedDeliveries counts those in the book that were received at or after a time and refused.
func (m *Imaging) RefusedDeliveries(ctx context.Context, since time.Time) ([]DeliveryCount, error) {
	return m.counts(ctx, `state = ? AND received >= ?`, ward.DeliveryRefused, sqlite.Ms(since))
}

func (m *Imaging) counts(ctx context.Context, which string, args ...any) ([]DeliveryCount, error) {
	return sqlite.List(ctx, m.db.Read(), func(r sqlite.Row) (c DeliveryCount, err error) {
		return c, r.Scan(&c.Source, &c.Kind, &c.State, &c.Code, &c.Count, sqlite.When(&c.First), sqlite.When(&c.Last))
	}, `SELECT source, kind, state, code, count(*), min(received), max(received) FROM deliveries WHERE `+which+`
		GROUP BY source, kind, state, code ORDER BY source, kind, state, code`, args...)
}

const deliveries = `SELECT id, source, kind, object, size, instance_uid, study_uid, received, state, code, detail, done FROM deliveries`

func scanDelivery(r sqlite.Row) (d ward.Delivery, err error) {
	return d, r.Scan(&d.ID, &d.Source, &d.Kind, &d.Object, &d.Size, &d.InstanceUID, &d.StudyUID, sqlite.When(&d.Received), &d.State, &d.Code, &d.Detail, sqlite.When(&d.Done))
}

func deliveryByID(ctx context.Context, q sqlite.Querier, id string) (ward.Delivery, error) {
	d, err := scanDelivery(q.QueryRowContext(ctx, deliveries+` WHERE id = ?`, id))
	return d, sqlite.Absent(err, "there is no such delivery", "it may be older than deliveries are kept")
}

// PruneDeliveries forgets deliveries read or refused before a time, but for those whose findings are
// still of use: of people who are here, or left after that time, or of whom something is held, or in the worklist. What the deliveries
// said is kept. It says how many went; their objects may go then, too (ClaimsObject).
func (m *Imaging) PruneDeliveries(ctx context.Context, before time.Time) (gone int64, err error) {
	for {
		var n int64
		_, err := m.change(ctx, func(e *edit) error {
			res, err := e.tx.ExecContext(ctx, `DELETE FROM deliveries WHERE seq IN (
				SELECT seq FROM deliveries d WHERE state <> 'waiting' AND done < ?1
				AND NOT EXISTS (SELECT 1 FROM findings f JOIN studies s ON s.id = f.study LEFT JOIN stays st ON st.id = s.stay
					WHERE f.delivery = d.id AND (st.ended = 0 OR st.ended >= ?1 OR s.state = 'waiting' AND s.received >= ?1
						OR EXISTS (SELECT 1 FROM holds h WHERE h.stay = s.stay AND h.released = 0)))
				LIMIT ?2)`, sqlite.Ms(before), atOnce)
			if err != nil {
				return err
			}
			n, err = res.RowsAffected()
			return err
		})
		if err != nil || n == 0 {
			return gone, err
		}
		gone += n
	}
}

// ClaimsObject reports whether anything in the book needs a kept object: a delivery, or a finding whose
// delivery is there.
func (m *Imaging) ClaimsObject(ctx context.Context, name string) (bool, error) {
	n, err := sqlite.Number(ctx, m.db.Read(), `SELECT EXISTS (SELECT 1 FROM deliveries WHERE object = ?1)
		OR EXISTS (SELECT 1 FROM findings f JOIN deliveries d ON d.id = f.delivery WHERE f.map = ?1 AND f.map <> '')`, name)
	return n > 0, err
}
