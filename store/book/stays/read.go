package stays

import (
	"context"
	"time"

	"wardwatch/store/book/sqlite"
	"wardwatch/ward"
)

const columns = `id, hospital_id, family_name, given_name, birth_date, sex, pregnancy,
	scale, scale_by, scale_reason, scale_since, care, care_by, care_since, care_review,
	off_to, off_since, off_until, nurse, nurse_since, doctor, doctor_since, symptoms, ward, bed, admitted, ended, end_reason`

// whole is what scanStay reads: the stay's own columns and its limits.
const whole = columns + `, ` + limitsOf

func scanStay(r sqlite.Row) (s ward.Stay, err error) {
	var birth string
	err = r.Scan(&s.ID, &s.HospitalID, &s.FamilyName, &s.GivenName, &birth, &s.Sex, &s.Pregnancy,
		&s.Scale.Number, &s.Scale.Prescriber, &s.Scale.Reason, sqlite.When(&s.Scale.Since),
		&s.Care.Status, &s.Care.By, sqlite.When(&s.Care.Since), sqlite.When(&s.Care.Review),
		&s.Off.Destination, sqlite.When(&s.Off.Since), sqlite.When(&s.Off.Until),
		&s.Nurse, sqlite.When(&s.NurseSince), &s.Doctor, sqlite.When(&s.DoctorSince), sqlite.When(&s.Symptoms), &s.Place.Ward, &s.Place.Bed, sqlite.When(&s.Admitted), sqlite.When(&s.Ended), &s.EndReason, limitsColumn{&s.Limits})
	if err == nil && birth != "" {
		s.BirthDate, err = time.Parse(time.DateOnly, birth)
	}
	return s, err
}

func scanLying(r sqlite.Row) (l ward.Lying, err error) {
	err = r.Scan(&l.Stay, &l.Place.Ward, &l.Place.Bed, sqlite.When(&l.From), sqlite.When(&l.To))
	return l, err
}

const noStay, noStayHint = "there is no such stay", "reload the board: the person may have been discharged or moved"

func stayByID(ctx context.Context, q sqlite.Querier, id ward.StayID) (ward.Stay, error) {
	s, err := scanStay(q.QueryRowContext(ctx, `SELECT `+whole+` FROM stays WHERE id = ?`, id))
	return s, sqlite.Absent(err, noStay, noStayHint)
}

// Stay finds a stay, ended or not.
func (c *Census) Stay(ctx context.Context, id ward.StayID) (ward.Stay, error) {
	return stayByID(ctx, c.db.Read(), id)
}

// StaysOn lists the people who lie on a ward now, by bed; an empty ward means every ward.
func (c *Census) StaysOn(ctx context.Context, w ward.WardID) ([]ward.Stay, error) {
	return sqlite.List(ctx, c.db.Read(), scanStay, `SELECT `+whole+` FROM stays WHERE ended = 0 AND (ward = ?1 OR ?1 = '') ORDER BY ward, bed`, w)
}

// StaysSince lists the stays that have not ended before the time given.
func (c *Census) StaysSince(ctx context.Context, since time.Time) ([]ward.Stay, error) {
	return sqlite.List(ctx, c.db.Read(), scanStay, `SELECT `+whole+` FROM stays WHERE ended = 0 OR ended >= ?`, sqlite.Ms(since))
}

// History lists where a stay has lain, oldest first.
func (c *Census) History(ctx context.Context, id ward.StayID) ([]ward.Lying, error) {
	return sqlite.List(ctx, c.db.Read(), scanLying, `SELECT stay, ward, bed, from_ms, to_ms FROM lyings WHERE stay = ? ORDER BY from_ms`, id)
}

// LyingsAt lists who has held a place since the time given, oldest first.
func (c *Census) LyingsAt(ctx context.Context, p ward.Place, since time.Time) ([]ward.Lying, error) {
	return sqlite.List(ctx, c.db.Read(), scanLying, `SELECT stay, ward, bed, from_ms, to_ms FROM lyings
		WHERE ward = ? AND bed = ? AND (to_ms = 0 OR to_ms >= ?) ORDER BY from_ms`, p.Ward, p.Bed, sqlite.Ms(since))
}

// LyingsSince is LyingsAt for every place.
func (c *Census) LyingsSince(ctx context.Context, since time.Time) ([]ward.Lying, error) {
	return sqlite.List(ctx, c.db.Read(), scanLying, `SELECT stay, ward, bed, from_ms, to_ms FROM lyings
		WHERE to_ms = 0 OR to_ms >= ? ORDER BY ward, bed, from_ms`, sqlite.Ms(since))
}
