package stays

import (
	"context"
	"fmt"

	"wardwatch/store/book/sqlite"
	"wardwatch/ward"
)

// AddWard adds a ward, or renames it when it is there.
func (c *Census) AddWard(ctx context.Context, w ward.Ward, by ward.PersonID) error {
	if !ward.ValidID(string(w.ID)) {
		return bad(fmt.Sprintf("%q cannot be a ward's id", w.ID), "use letters, digits, _ and -, at most 64")
	}
	if w.Name == "" {
		w.Name = string(w.ID)
	}
	return c.change(ctx, func(e *edit) error {
		same, err := sqlite.Number(ctx, e.tx, `SELECT count(*) FROM wards WHERE id = ? AND name = ?`, w.ID, w.Name)
		if err != nil || same > 0 {
			return err
		}
		e.entries = append(e.entries, ward.AuditEntry{At: e.now, By: by, Deed: "ward.add", Object: "ward:" + string(w.ID)})
		return e.exec(`INSERT INTO wards (id, name) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET name = excluded.name`, w.ID, w.Name)
	})
}

// AddBed adds a place to its ward, or changes its label and order when it is there.
func (c *Census) AddBed(ctx context.Context, b ward.Bed, by ward.PersonID) error {
	if !ward.ValidID(string(b.Place.Bed)) {
		return bad(fmt.Sprintf("%q cannot be a bed's id", b.Place.Bed), "use letters, digits, _ and -, at most 64")
	}
	if b.Label == "" {
		b.Label = string(b.Place.Bed)
	}
	return c.change(ctx, func(e *edit) error {
		n, err := sqlite.Number(ctx, e.tx, `SELECT count(*) FROM wards WHERE id = ?`, b.Place.Ward)
		if err != nil {
			return err
		}
		if n == 0 {
			return &ward.Error{Code: ward.NotFound, Message: fmt.Sprintf("there is no ward %q", b.Place.Ward), Hint: "add the ward first"}
		}
		same, err := sqlite.Number(ctx, e.tx, `SELECT count(*) FROM beds WHERE ward = ? AND bed = ? AND label = ? AND position = ?`, b.Place.Ward, b.Place.Bed, b.Label, b.Order)
		if err != nil || same > 0 {
			return err
		}
		e.places = append(e.places, b.Place)
		e.entries = append(e.entries, ward.AuditEntry{At: e.now, By: by, Deed: "bed.add", Object: "bed:" + b.Place.String()})
		return e.exec(`INSERT INTO beds (ward, bed, label, position) VALUES (?, ?, ?, ?)
			ON CONFLICT (ward, bed) DO UPDATE SET label = excluded.label, position = excluded.position`, b.Place.Ward, b.Place.Bed, b.Label, b.Order)
	})
}

// Wards lists the wards by id.
func (c *Census) Wards(ctx context.Context) ([]ward.Ward, error) {
	return sqlite.List(ctx, c.db.Read(), func(r sqlite.Row) (w ward.Ward, err error) {
		return w, r.Scan(&w.ID, &w.Name)
	}, `SELECT id, name FROM wards ORDER BY id`)
}

// Beds lists a ward's places in the order of a round; an empty ward means every ward's.
func (c *Census) Beds(ctx context.Context, w ward.WardID) ([]ward.Bed, error) {
	return sqlite.List(ctx, c.db.Read(), func(r sqlite.Row) (b ward.Bed, err error) {
		return b, r.Scan(&b.Place.Ward, &b.Place.Bed, &b.Label, &b.Order)
	}, `SELECT ward, bed, label, position FROM beds WHERE ward = ?1 OR ?1 = '' ORDER BY ward, position, bed`, w)
}

// mustBeBed refuses a place that the book does not know.
func (e *edit) mustBeBed(p ward.Place) error {
	n, err := sqlite.Number(e.ctx, e.tx, `SELECT count(*) FROM beds WHERE ward = ? AND bed = ?`, p.Ward, p.Bed)
	if err == nil && n == 0 {
		err = &ward.Error{Code: ward.NotFound, Message: fmt.Sprintf("there is no bed %s", p), Hint: "check the spelling, or add the bed first"}
	}
	return err
}
