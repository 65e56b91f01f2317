package stays

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"wardwatch/store/book/sqlite"
	"wardwatch/ward"
)

// undoWithin is how long after entering an admission, transfer or discharge it can be undone.
const undoWithin = time.Minute

// ahead is how far in the future a move may be dated: clocks of two computers differ.
const ahead = 5 * time.Minute

// Moves that can be undone; the words stand in stays.move.
const (
	moveAdmit     = "admit"
	moveTransfer  = "transfer"
	moveDischarge = "discharge"
)

// Reasons why a stay ended, as kept in Stay.EndReason.
const (
	Discharged     = "discharged"
	TransferredOut = "transferred_out"
	Died           = "died"
	Undone         = "undone" // the admission was a mistake
)

// Admit begins a stay at s.Place from s.Admitted on, zero meaning now; its ID is given by the book.
// The place must be free from then on, and the hospital number must not be on a ward already: both
// are conflicts.
func (c *Census) Admit(ctx context.Context, s ward.Stay, by ward.PersonID) (admitted ward.Stay, err error) {
	err = c.change(ctx, func(e *edit) error {
		admitted, err = e.admit(s, by)
		return err
	})
	return admitted, err
}

// Transfer moves a stay to another place at a time. The old place is free from then on. Another ward has
// its own nurses and doctors: the stay is nobody's until it is assigned there, undone or not.
func (c *Census) Transfer(ctx context.Context, id ward.StayID, to ward.Place, at time.Time, by ward.PersonID) (s ward.Stay, err error) {
	err = c.change(ctx, func(e *edit) error {
		s, err = e.transfer(id, to, at, by)
		return err
	})
	return s, err
}

// Discharge ends a stay. The reason is discharged, transferred_out or died.
func (c *Census) Discharge(ctx context.Context, id ward.StayID, at time.Time, reason string, by ward.PersonID) (s ward.Stay, err error) {
	switch reason {
	case Discharged, TransferredOut, Died:
	default:
		return s, bad(fmt.Sprintf("%q is not a reason to end a stay", reason), "give discharged, transferred_out or died")
	}
	err = c.change(ctx, func(e *edit) error {
		s, err = e.discharge(id, at, reason, by)
		return err
	})
	return s, err
}

// Undo takes the last admission, transfer or discharge of a stay back, within a minute of its
// being entered. An undone admission ends the stay with the reason undone and leaves no trace at
// the place; the others put the person back, if the place is still free.
func (c *Census) Undo(ctx context.Context, id ward.StayID, by ward.PersonID) (s ward.Stay, err error) {
	err = c.change(ctx, func(e *edit) error {
		s, err = e.undo(id, by)
		return err
	})
	return s, err
}

func (e *edit) admit(s ward.Stay, by ward.PersonID) (ward.Stay, error) {
	if s.Admitted.IsZero() {
		s.Admitted = e.now
	}
	s.Ended, s.EndReason = time.Time{}, ""
	if err := e.mayAdmit(&s); err != nil {
		return s, err
	}
	s.ID = ward.StayID(rand.Text()[:16])
	if err := e.insert(s); err != nil {
		return s, err
	}
	if err := e.lie(s.ID, s.Place, s.Admitted); err != nil {
		return s, err
	}
	e.audit(by, "stay.admit", s.ID, s.Place.String())
	return stayByID(e.ctx, e.tx, s.ID)
}

// mayAdmit checks everything before anything is written, so that an import can go on after a
// refused row within the same transaction.
func (e *edit) mayAdmit(s *ward.Stay) error {
	if err := checkPerson(s); err != nil {
		return err
	}
	if err := e.checkOrders(s); err != nil {
		return err
	}
	if s.Admitted.After(e.now.Add(ahead)) {
		return bad("the admission lies in the future", "admit when the person arrives")
	}
	if err := e.mustBeBed(s.Place); err != nil {
		return err
	}
	if s.HospitalID != "" {
		var ward, bed string
		err := e.tx.QueryRowContext(e.ctx, `SELECT ward, bed FROM stays WHERE hospital_id = ? AND ended = 0`, s.HospitalID).Scan(&ward, &bed)
		if err == nil {
			return conflict(fmt.Sprintf("this hospital number already lies in %s/%s", ward, bed), "transfer that stay, or discharge it first")
		}
		if !errors.Is(err, sql.ErrNoRows) {
			return err
		}
	}
	return e.mustBeFree(s.Place, s.Admitted, "")
}

// mustBeFree refuses a place that anybody but the one given holds at any time from then on.
func (e *edit) mustBeFree(p ward.Place, from time.Time, but ward.StayID) error {
	l, err := scanLying(e.tx.QueryRowContext(e.ctx, `SELECT stay, ward, bed, from_ms, to_ms FROM lyings
		WHERE ward = ? AND bed = ? AND (to_ms = 0 OR to_ms > ?) AND stay <> ? ORDER BY from_ms LIMIT 1`, p.Ward, p.Bed, sqlite.Ms(from), but))
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	if l.To.IsZero() {
		return conflict(fmt.Sprintf("%s is occupied", p), "discharge or transfer the person who lies there, or choose another place")
	}
	return conflict(fmt.Sprintf("%s was occupied until %s", p, l.To.Format(time.RFC3339)), "give a later time, or correct the earlier stay")
}

func (e *edit) transfer(id ward.StayID, to ward.Place, at time.Time, by ward.PersonID) (ward.Stay, error) {
	s, at, err := e.present(id, at)
	if err != nil {
		return s, err
	}
	if s.Place == to {
		return s, conflict(fmt.Sprintf("the person already lies in %s", to), "nothing needs to be done")
	}
	if err := e.mustBeBed(to); err != nil {
		return s, err
	}
	if err := e.mustBeFree(to, at, id); err != nil {
		return s, err
	}
	if err := e.rise(id, s.Place, at); err != nil {
		return s, err
	}
	if err := e.lie(id, to, at); err != nil {
		return s, err
	}
	if err := e.exec(`UPDATE stays SET ward = ?, bed = ?, move = ?, moved = ? WHERE id = ?`, to.Ward, to.Bed, moveTransfer, sqlite.Ms(e.now), id); err != nil {
		return s, err
	}
	if to.Ward != s.Place.Ward {
		if err := e.exec(`UPDATE stays SET nurse = '', nurse_since = 0, doctor = '', doctor_since = 0 WHERE id = ?`, id); err != nil {
			return s, err
		}
	}
	e.audit(by, "stay.transfer", id, s.Place.String()+" to "+to.String())
	return stayByID(e.ctx, e.tx, id)
}

func (e *edit) discharge(id ward.StayID, at time.Time, reason string, by ward.PersonID) (ward.Stay, error) {
	s, at, err := e.present(id, at)
	if err != nil {
		return s, err
	}
	if err := e.rise(id, s.Place, at); err != nil {
		return s, err
	}
	if err := e.exec(`UPDATE stays SET ended = ?, end_reason = ?, move = ?, moved = ? WHERE id = ?`, sqlite.Ms(at), reason, moveDischarge, sqlite.Ms(e.now), id); err != nil {
		return s, err
	}
	e.audit(by, "stay.discharge", id, reason)
	return stayByID(e.ctx, e.tx, id)
}

// present finds a stay that has not ended and checks that it can move at the time given; zero
// means now.
func (e *edit) present(id ward.StayID, at time.Time) (ward.Stay, time.Time, error) {
	if at.IsZero() {
		at = e.now
	}
	s, err := stayByID(e.ctx, e.tx, id)
	if err != nil {
		return s, at, err
	}
	if !s.Ended.IsZero() {
		return s, at, conflict("this stay has ended", "admit the person again")
	}
	if at.After(e.now.Add(ahead)) {
		return s, at, bad("the time lies in the future", "enter the move when it happens")
	}
	since, err := sqlite.Number(e.ctx, e.tx, `SELECT from_ms FROM lyings WHERE stay = ? AND to_ms = 0`, id)
	if err != nil {
		return s, at, err
	}
	if sqlite.Ms(at) <= since {
		return s, at, bad(fmt.Sprintf("the person came to %s only at %s", s.Place, sqlite.Time(since).Format(time.RFC3339)), "give a later time")
	}
	return s, at, nil
}

func (e *edit) undo(id ward.StayID, by ward.PersonID) (ward.Stay, error) {
	s, err := stayByID(e.ctx, e.tx, id)
	if err != nil {
		return s, err
	}
	var move string
	var moved time.Time
	if err := e.tx.QueryRowContext(e.ctx, `SELECT move, moved FROM stays WHERE id = ?`, id).Scan(&move, sqlite.When(&moved)); err != nil {
		return s, err
	}
	if move == "" || e.now.Sub(moved) > undoWithin {
		return s, conflict("nothing can be undone any more", "a move can be undone for one minute; after that, enter a new one")
	}
	switch move {
	case moveAdmit:
		err = e.undoAdmit(s)
	case moveTransfer:
		err = e.undoTransfer(s)
	case moveDischarge:
		err = e.undoDischarge(s)
	}
	if err != nil {
		return s, err
	}
	if err := e.exec(`UPDATE stays SET move = '', moved = 0 WHERE id = ?`, id); err != nil {
		return s, err
	}
	e.audit(by, "stay.undo", id, move)
	return stayByID(e.ctx, e.tx, id)
}

func (e *edit) undoAdmit(s ward.Stay) error {
	e.places = append(e.places, s.Place)
	if err := e.exec(`DELETE FROM lyings WHERE stay = ?`, s.ID); err != nil {
		return err
	}
	return e.exec(`UPDATE stays SET ended = ?, end_reason = ? WHERE id = ?`, sqlite.Ms(e.now), Undone, s.ID)
}

func (e *edit) undoTransfer(s ward.Stay) error {
	from, err := sqlite.Number(e.ctx, e.tx, `SELECT from_ms FROM lyings WHERE stay = ? AND to_ms = 0`, s.ID)
	if err != nil {
		return err
	}
	if err := e.exec(`DELETE FROM lyings WHERE stay = ? AND from_ms = ?`, s.ID, from); err != nil {
		return err
	}
	e.places = append(e.places, s.Place)
	return e.lieAgain(s.ID, sqlite.Time(from))
}

func (e *edit) undoDischarge(s ward.Stay) error {
	if s.HospitalID != "" {
		n, err := sqlite.Number(e.ctx, e.tx, `SELECT count(*) FROM stays WHERE hospital_id = ? AND ended = 0`, s.HospitalID)
		if err != nil {
			return err
		}
		if n > 0 {
			return conflict("this hospital number has been admitted again meanwhile", "discharge the newer stay first")
		}
	}
	if err := e.exec(`UPDATE stays SET ended = 0, end_reason = '' WHERE id = ?`, s.ID); err != nil {
		return err
	}
	return e.lieAgain(s.ID, s.Ended)
}

// lieAgain reopens the row of a stay that ended at the time given.
func (e *edit) lieAgain(id ward.StayID, ended time.Time) error {
	l, err := scanLying(e.tx.QueryRowContext(e.ctx, `SELECT stay, ward, bed, from_ms, to_ms FROM lyings WHERE stay = ? AND to_ms = ?`, id, sqlite.Ms(ended)))
	if err != nil {
		return err
	}
	if err := e.mustBeFree(l.Place, ended, id); err != nil {
		return err
	}
	e.places = append(e.places, l.Place)
	if err := e.exec(`UPDATE lyings SET to_ms = 0 WHERE stay = ? AND from_ms = ?`, id, sqlite.Ms(l.From)); err != nil {
		return err
	}
	return e.exec(`UPDATE stays SET ward = ?, bed = ? WHERE id = ?`, l.Place.Ward, l.Place.Bed, id)
}

func (e *edit) lie(id ward.StayID, p ward.Place, from time.Time) error {
	e.places = append(e.places, p)
	return e.exec(`INSERT INTO lyings (stay, ward, bed, from_ms, to_ms) VALUES (?, ?, ?, ?, 0)`, id, p.Ward, p.Bed, sqlite.Ms(from))
}

func (e *edit) rise(id ward.StayID, p ward.Place, at time.Time) error {
	e.places = append(e.places, p)
	return e.exec(`UPDATE lyings SET to_ms = ? WHERE stay = ? AND to_ms = 0`, sqlite.Ms(at), id)
}

func (e *edit) insert(s ward.Stay) error {
	return e.exec(`INSERT INTO stays (`+columns+`, move, moved) VALUES (?`+strings.Repeat(`, ?`, 29)+`)`,
		s.ID, s.HospitalID, s.FamilyName, s.GivenName, birthText(s.BirthDate), s.Sex, s.Pregnancy,
		s.Scale.Number, s.Scale.Prescriber, s.Scale.Reason, sqlite.Ms(s.Scale.Since),
		s.Care.Status, s.Care.By, sqlite.Ms(s.Care.Since), sqlite.Ms(s.Care.Review),
		s.Off.Destination, sqlite.Ms(s.Off.Since), sqlite.Ms(s.Off.Until),
		s.Nurse, sqlite.Ms(s.NurseSince), s.Doctor, sqlite.Ms(s.DoctorSince), sqlite.Ms(s.Symptoms), s.Place.Ward, s.Place.Bed, sqlite.Ms(s.Admitted), int64(0), "", moveAdmit, sqlite.Ms(e.now))
}

func birthText(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.DateOnly)
}
