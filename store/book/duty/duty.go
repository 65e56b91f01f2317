// Package duty is the part of the book that keeps the duty roster: who holds which duty when, and who
// is told when the roster names nobody. Every change writes its audit entry in the same transaction.
package duty

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"wardwatch/store/book/audit"
	"wardwatch/store/book/people"
	"wardwatch/store/book/sqlite"
	"wardwatch/ward"
)

// longestShift bounds one row of the roster: a day and a half is longer than anybody's duty, and a
// slip of a date is longer still. Our proposal, for local clinicians to sign.
const longestShift = 36 * time.Hour

// maxDefault bounds who is told when the roster names nobody: it is a handful, or nobody feels meant.
const maxDefault = 20

// Rota holds shifts and defaults.
type Rota struct {
	db      *sqlite.DB
	now     func() time.Time
	zone    *time.Location
	changed func(context.Context)
}

// New is the roster kept in db. Times without a zone in imported files are read in zone; when it is
// nil they are refused. changed is told after each commit.
func New(db *sqlite.DB, now func() time.Time, zone *time.Location, changed func(context.Context)) *Rota {
	return &Rota{db: db, now: now, zone: zone, changed: changed}
}

// change runs fn in one transaction with its audit entries, then tells of it.
func (r *Rota) change(ctx context.Context, fn func(*edit) error) error {
	err := r.db.Write(ctx, func(tx *sql.Tx) error {
		e := &edit{ctx: ctx, tx: sqlite.Prepare(tx), now: r.now()}
		if err := fn(e); err != nil {
			return err
		}
		return audit.Write(ctx, e.tx, e.entries...)
	})
	if err == nil {
		r.changed(ctx)
	}
	return err
}

// edit is one change being made.
type edit struct {
	ctx     context.Context
	tx      *sqlite.Prepared
	now     time.Time
	entries []ward.AuditEntry
	wards   []ward.Ward // once asked for
}

func (e *edit) exec(query string, args ...any) error {
	_, err := e.tx.ExecContext(e.ctx, query, args...)
	return err
}

func (e *edit) audit(by ward.PersonID, deed, object, detail string) {
	e.entries = append(e.entries, ward.AuditEntry{At: e.now, By: by, Deed: deed, Object: object, Detail: detail})
}

const shifts = `SELECT s.id, s.ward, s.role, s.person, s.from_ms, s.to_ms FROM shifts s `

func scanShift(r sqlite.Row) (s ward.Shift, err error) {
	return s, r.Scan(&s.ID, &s.Ward, &s.Role, &s.Person, sqlite.When(&s.From), sqlite.When(&s.To))
}

// Shifts lists a ward's rows of the roster that touch the span, to excluded, the earliest first; an
// empty ward has those of the whole hospital.
func (r *Rota) Shifts(ctx context.Context, w ward.WardID, from, to time.Time) ([]ward.Shift, error) {
	return sqlite.List(ctx, r.db.Read(), scanShift, shifts+`WHERE s.removed = 0 AND s.ward = ? AND s.to_ms > ? AND s.from_ms < ? ORDER BY s.from_ms, s.role, s.person`,
		w, sqlite.Ms(from), sqlite.Ms(to))
}

// ShiftsBetween is Shifts for every ward and the whole hospital, in no particular order.
func (r *Rota) ShiftsBetween(ctx context.Context, from, to time.Time) ([]ward.Shift, error) {
	return sqlite.List(ctx, r.db.Read(), scanShift, shifts+`WHERE s.removed = 0 AND s.to_ms > ? AND s.from_ms < ?`, sqlite.Ms(from), sqlite.Ms(to))
}

// Keeps reports whether anybody has ever put a shift of a duty into the roster, of the ward or for the
// whole hospital: a roster that has run out is still one.
func (r *Rota) Keeps(ctx context.Context, w ward.WardID, role ward.Role) (bool, error) {
	n, err := sqlite.Number(ctx, r.db.Read(), `SELECT EXISTS (SELECT 1 FROM shifts WHERE role = ?2 AND ward IN (?1, ''))`, w, role)
	return n == 1, err
}

// Shift finds one row of the roster.
func (r *Rota) Shift(ctx context.Context, id string) (ward.Shift, error) {
	s, err := scanShift(r.db.Read().QueryRowContext(ctx, shifts+`WHERE s.id = ? AND s.removed = 0`, id))
	return s, sqlite.Absent(err, noShift, noShiftHint)
}

const noShift, noShiftHint = "there is no such shift", "reload the roster: somebody may have removed it"

// AddShift adds a row to the roster; its ID is given by the book. Whoever is named has the duty and
// may enter the ward, every ward for a duty of the whole hospital. The very same row again is the one
// that is there; one that overlaps another of the same person, duty and ward is a conflict.
func (r *Rota) AddShift(ctx context.Context, s ward.Shift, by ward.PersonID) (kept ward.Shift, err error) {
	err = r.change(ctx, func(e *edit) error {
		kept, _, err = e.add(s, by)
		return err
	})
	return kept, err
}

// RemoveShift takes a row off the roster, of the past too: it stays on record as removed.
func (r *Rota) RemoveShift(ctx context.Context, id string, by ward.PersonID) error {
	return r.change(ctx, func(e *edit) error {
		s, err := scanShift(e.tx.QueryRowContext(ctx, shifts+`WHERE s.id = ? AND s.removed = 0`, id))
		if err != nil {
			return sqlite.Absent(err, noShift, noShiftHint)
		}
		e.audit(by, "shift.remove", "shift:"+id, shiftText(&s))
		return e.exec(`UPDATE shifts SET removed = ?, removed_by = ? WHERE id = ?`, sqlite.Ms(e.now), by, id)
	})
}

// add checks and writes one row; fresh is false when it is there already.
func (e *edit) add(s ward.Shift, by ward.PersonID) (kept ward.Shift, fresh bool, err error) {
	s.From, s.To = s.From.UTC().Truncate(time.Second), s.To.UTC().Truncate(time.Second) // as a file has them
	if err := e.checkShift(&s); err != nil {
		return s, false, err
	}
	if err := e.mayHold(s.Person, s.Role, s.Ward); err != nil {
		return s, false, err
	}
	old, err := scanShift(e.tx.QueryRowContext(e.ctx, shifts+`WHERE s.person = ? AND s.role = ? AND s.ward = ? AND s.removed = 0 AND s.to_ms > ? AND s.from_ms < ? ORDER BY s.from_ms LIMIT 1`,
		s.Person, s.Role, s.Ward, sqlite.Ms(s.From), sqlite.Ms(s.To)))
	switch {
	case err == nil && old.From.Equal(s.From) && old.To.Equal(s.To):
		return old, false, nil
	case err == nil:
		return s, false, conflict(fmt.Sprintf("this person has the duty already from %s to %s", clock(old.From), clock(old.To)), "remove that shift first, or choose times that do not overlap it")
	case !errors.Is(err, sql.ErrNoRows):
		return s, false, err
	}
	s.ID = rand.Text()[:16]
	e.audit(by, "shift.add", "shift:"+s.ID, shiftText(&s))
	return s, true, e.exec(`INSERT INTO shifts (id, ward, role, person, from_ms, to_ms, added, added_by, removed, removed_by) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, '')`,
		s.ID, s.Ward, s.Role, s.Person, sqlite.Ms(s.From), sqlite.Ms(s.To), sqlite.Ms(e.now), by)
}

func (e *edit) checkShift(s *ward.Shift) error {
	switch {
	case s.From.IsZero() || s.To.IsZero():
		return bad("the shift has no beginning or no end", "give both times")
	case !s.To.After(s.From):
		return bad("the shift ends before it begins", "a night shift ends on the next day: check the date of its end")
	case s.To.Sub(s.From) > longestShift:
		return bad("the shift is longer than 36 hours", "check the dates; enter longer duties as several shifts")
	}
	return e.checkDuty(s.Role, s.Ward)
}

// checkDuty refuses a duty that is none, and a ward that is not there.
func (e *edit) checkDuty(role ward.Role, w ward.WardID) error {
	if !slices.Contains(roles, role) {
		return bad(fmt.Sprintf("%q is not a duty", role), "give one of "+list(roles))
	}
	if w == "" {
		return nil
	}
	n, err := sqlite.Number(e.ctx, e.tx, `SELECT count(*) FROM wards WHERE id = ?`, w)
	if err == nil && n == 0 {
		err = bad(fmt.Sprintf("there is no ward %q", w), "give the id of a ward, as the list of wards has it")
	}
	return err
}

// roles are the duties there are.
var roles = []ward.Role{ward.RoleNurse, ward.RoleCharge, ward.RoleDoctor, ward.RoleLead, ward.RoleICU, ward.RoleEngineer}

// mayHold refuses a person who may not be given a duty on a ward, or with an empty ward on all.
func (e *edit) mayHold(id ward.PersonID, role ward.Role, w ward.WardID) error {
	p, err := people.Enabled(e.ctx, e.tx, id)
	switch {
	case err != nil:
		return err
	case !p.Holds(role):
		return bad(fmt.Sprintf("person %s does not have the duty %s", id, role), "add it to their duties, or choose somebody who has it")
	case w == "" && len(p.Wards) > 0:
		return bad(fmt.Sprintf("person %s does not work on every ward", id), "let them into every ward, or enter the duty for the wards that are theirs")
	case !p.MayEnter(w):
		return bad(fmt.Sprintf("person %s does not work on the ward %s", id, w), "add the ward to theirs, or choose somebody who works there")
	}
	return nil
}

const defaults = `SELECT ward, role, people FROM duty_defaults `

func scanDefault(r sqlite.Row) (d ward.DutyDefault, err error) {
	return d, r.Scan(&d.Ward, &d.Role, sqlite.FromJSON(&d.People))
}

// DutyDefaults lists who is told on a ward when the roster names nobody; an empty ward has those of
// the whole hospital.
func (r *Rota) DutyDefaults(ctx context.Context, w ward.WardID) ([]ward.DutyDefault, error) {
	return sqlite.List(ctx, r.db.Read(), scanDefault, defaults+`WHERE ward = ? ORDER BY role`, w)
}

// AllDefaults is DutyDefaults for every ward and the whole hospital.
func (r *Rota) AllDefaults(ctx context.Context) ([]ward.DutyDefault, error) {
	return sqlite.List(ctx, r.db.Read(), scanDefault, defaults+`ORDER BY ward, role`)
}

// SetDutyDefault says who is told when the roster names nobody for a duty on a ward, with an empty
// ward on those that have none of their own. Nobody in it takes it away. Each has the duty and may
// enter the ward.
func (r *Rota) SetDutyDefault(ctx context.Context, d ward.DutyDefault, by ward.PersonID) error {
	d.People = slices.Clone(d.People)
	slices.Sort(d.People)
	d.People = slices.Compact(d.People)
	return r.change(ctx, func(e *edit) error {
		if err := e.checkDuty(d.Role, d.Ward); err != nil {
			return err
		}
		if len(d.People) > maxDefault {
			return bad("more than 20 people would be told at once", "choose those who are to answer for the duty")
		}
		for _, id := range d.People {
			if err := e.mayHold(id, d.Role, d.Ward); err != nil {
				return err
			}
		}
		e.audit(by, "duty.default", fmt.Sprintf("duty:%s/%s", d.Ward, d.Role), list(d.People))
		if len(d.People) == 0 {
			return e.exec(`DELETE FROM duty_defaults WHERE ward = ? AND role = ?`, d.Ward, d.Role)
		}
		return e.exec(`INSERT INTO duty_defaults (ward, role, people) VALUES (?, ?, ?) ON CONFLICT (ward, role) DO UPDATE SET people = excluded.people`, d.Ward, d.Role, sqlite.AsJSON(d.People))
	})
}

// shiftText is a row as the audit keeps it: together the entries are the roster's history.
func shiftText(s *ward.Shift) string {
	where := string(s.Ward)
	if where == "" {
		where = everyWard
	}
	return fmt.Sprintf("%s %s %s from %s to %s", where, s.Role, s.Person, clock(s.From), clock(s.To))
}

func clock(t time.Time) string { return t.UTC().Format(time.RFC3339) }

func list[T ~string](of []T) string {
	words := make([]string, len(of))
	for i, x := range of {
		words[i] = string(x)
	}
	return strings.Join(words, ", ")
}

func bad(message, hint string) error {
	return &ward.Error{Code: ward.BadInput, Message: message, Hint: hint}
}

func conflict(message, hint string) error {
	return &ward.Error{Code: ward.Conflict, Message: message, Hint: hint}
}
