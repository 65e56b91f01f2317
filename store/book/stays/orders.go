package stays

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"wardwatch/store/book/sqlite"
	"wardwatch/ward"
)

// longestOff is how long a person may be expected away: a pause of alerts must end by itself.
// Our proposal, for local clinicians to sign.
const longestOff = 24 * time.Hour

// longestText bounds names, numbers and reasons, in bytes.
const longestText = 256

// SetScale records a doctor's order of the SpO2 scale. Scale 2 needs a prescriber with a doctor's
// access and a reason (RCP NEWS2, 2017); going back to scale 1 needs neither. Ordering it again
// renews Since, which is when it was last looked at.
func (c *Census) SetScale(ctx context.Context, id ward.StayID, scale ward.SpO2Scale, by ward.PersonID) (ward.Stay, error) {
	return c.order(ctx, id, by, "stay.scale", func(e *edit, s *ward.Stay) (string, error) {
		if scale.Since.IsZero() {
			scale.Since = e.now
		}
		s.Scale = scale
		return fmt.Sprintf("%d", max(1, scale.Number)), e.checkScale(s)
	})
}

// SetCare records a doctor's order about treatment. Anything but full care needs a doctor in By.
func (c *Census) SetCare(ctx context.Context, id ward.StayID, care ward.Care, by ward.PersonID) (ward.Stay, error) {
	return c.order(ctx, id, by, "stay.care", func(e *edit, s *ward.Stay) (string, error) {
		if care.Since.IsZero() {
			care.Since = e.now
		}
		s.Care = care
		return string(care.Status), e.checkCare(s)
	})
}

// OffWard records that the person is elsewhere until a time, at most 24 hours ahead. The place
// stays theirs.
func (c *Census) OffWard(ctx context.Context, id ward.StayID, destination string, until time.Time, by ward.PersonID) (ward.Stay, error) {
	return c.order(ctx, id, by, "stay.off_ward", func(e *edit, s *ward.Stay) (string, error) {
		switch {
		case destination == "" || len(destination) > longestText:
			return "", bad("where the person goes is missing or too long", "give a short destination, for example X-ray")
		case !until.After(e.now):
			return "", bad("the expected return lies in the past", "give the time by which they are expected back")
		case until.After(e.now.Add(longestOff)):
			return "", bad("the expected return is more than 24 hours away", "give an earlier time and renew it, or discharge")
		}
		s.Off = ward.OffWard{Destination: destination, Since: e.now, Until: until}
		return "until " + until.UTC().Format(time.RFC3339), nil
	})
}

// Return records that the person is back. Being back already is no error.
func (c *Census) Return(ctx context.Context, id ward.StayID, by ward.PersonID) (ward.Stay, error) {
	return c.order(ctx, id, by, "stay.return", func(_ *edit, s *ward.Stay) (string, error) {
		s.Off = ward.OffWard{}
		return "", nil
	})
}

// Correct puts a stay's identifying details, sex and pregnancy right. Place, times and orders of
// the stay given are ignored.
func (c *Census) Correct(ctx context.Context, right ward.Stay, by ward.PersonID) (ward.Stay, error) {
	return c.order(ctx, right.ID, by, "stay.correct", func(e *edit, s *ward.Stay) (string, error) {
		setDetails(s, right)
		return "", e.checkDetails(s)
	})
}

func setDetails(s *ward.Stay, right ward.Stay) {
	s.HospitalID, s.FamilyName, s.GivenName = right.HospitalID, right.FamilyName, right.GivenName
	s.BirthDate, s.Sex, s.Pregnancy = right.BirthDate, right.Sex, right.Pregnancy
}

// order changes a stay that has not ended. fn edits it and says the audit's detail, which holds
// nothing identifying.
func (c *Census) order(ctx context.Context, id ward.StayID, by ward.PersonID, deed string, fn func(*edit, *ward.Stay) (string, error)) (s ward.Stay, err error) {
	err = c.change(ctx, func(e *edit) error {
		if s, err = stayByID(ctx, e.tx, id); err != nil {
			return err
		}
		if !s.Ended.IsZero() {
			return conflict("this stay has ended", "orders are for people on the ward")
		}
		detail, err := fn(e, &s)
		if err != nil {
			return err
		}
		if err := e.update(s); err != nil {
			return err
		}
		e.audit(by, deed, id, detail)
		s, err = stayByID(ctx, e.tx, id)
		return err
	})
	return s, err
}

func (e *edit) update(s ward.Stay) error {
	return e.exec(`UPDATE stays SET hospital_id = ?, family_name = ?, given_name = ?, birth_date = ?, sex = ?, pregnancy = ?,
		scale = ?, scale_by = ?, scale_reason = ?, scale_since = ?, care = ?, care_by = ?, care_since = ?, care_review = ?,
		off_to = ?, off_since = ?, off_until = ?, nurse = ?, nurse_since = ?, doctor = ?, doctor_since = ?, symptoms = ? WHERE id = ?`,
		s.HospitalID, s.FamilyName, s.GivenName, birthText(s.BirthDate), s.Sex, s.Pregnancy,
		s.Scale.Number, s.Scale.Prescriber, s.Scale.Reason, sqlite.Ms(s.Scale.Since),
		s.Care.Status, s.Care.By, sqlite.Ms(s.Care.Since), sqlite.Ms(s.Care.Review),
		s.Off.Destination, sqlite.Ms(s.Off.Since), sqlite.Ms(s.Off.Until),
		s.Nurse, sqlite.Ms(s.NurseSince), s.Doctor, sqlite.Ms(s.DoctorSince), sqlite.Ms(s.Symptoms), s.ID)
}

// checkDetails checks who the person is, and that no other stay has their hospital number.
func (e *edit) checkDetails(s *ward.Stay) error {
	if err := checkPerson(s); err != nil || s.HospitalID == "" {
		return err
	}
	n, err := sqlite.Number(e.ctx, e.tx, `SELECT count(*) FROM stays WHERE hospital_id = ? AND ended = 0 AND id <> ?`, s.HospitalID, s.ID)
	if err == nil && n > 0 {
		err = conflict("another person on the wards has this hospital number", "check both wristbands")
	}
	return err
}

func checkPerson(s *ward.Stay) error {
	for _, f := range []struct{ what, text string }{{"hospital number", s.HospitalID}, {"family name", s.FamilyName}, {"given name", s.GivenName}} {
		if len(f.text) > longestText || !utf8.ValidString(f.text) || strings.ContainsFunc(f.text, func(r rune) bool { return r < ' ' || r == 0x7f }) {
			return bad("the "+f.what+" is too long or has characters that cannot be shown", "write it in plain text, at most 256 bytes")
		}
	}
	switch s.Sex {
	case ward.SexUnknown, ward.Female, ward.Male, ward.OtherSex:
	default:
		return bad("the sex is not one we know", "give female, male, other, or leave it empty")
	}
	switch s.Pregnancy {
	case ward.NotPregnant, ward.Pregnant, ward.Postpartum:
	default:
		return bad("the pregnancy is not one we know", "give pregnant, postpartum, or leave it empty")
	}
	if y := s.BirthDate.Year(); !s.BirthDate.IsZero() && (y < 1870 || y > 2200) {
		return bad("the birth date cannot be right", "write it as YYYY-MM-DD")
	}
	return nil
}

func (e *edit) checkOrders(s *ward.Stay) error {
	if s.Scale.Number == 2 && s.Scale.Since.IsZero() {
		s.Scale.Since = s.Admitted
	}
	if err := e.checkScale(s); err != nil {
		return err
	}
	return e.checkCare(s)
}

func (e *edit) checkScale(s *ward.Stay) error {
	switch s.Scale.Number {
	case 0, 1:
		return nil
	case 2:
	default:
		return bad("there are SpO2 scales 1 and 2 only", "give 1 or 2")
	}
	if !isReason(s.Scale.Reason) {
		return bad("scale 2 needs a reason of at most 256 bytes", "name the confirmed hypercapnic respiratory failure")
	}
	return e.mustBeDoctor(s.Scale.Prescriber, "scale 2")
}

func (e *edit) checkCare(s *ward.Stay) error {
	switch s.Care.Status {
	case ward.FullCare:
		return nil
	case ward.Ceilings, ward.ComfortCare:
		return e.mustBeDoctor(s.Care.By, "this order about care")
	}
	return bad("the care status is not one we know", "give ceilings, comfort, or leave it empty for full care")
}

// isReason reports whether a text says something, at a length that can be shown.
func isReason(text string) bool {
	return strings.TrimSpace(text) != "" && len(text) <= longestText && utf8.ValidString(text)
}

func (e *edit) mustBeDoctor(id ward.PersonID, what string) error {
	access, err := e.accessOf(id)
	if err == nil && access != ward.AccessDoctor {
		err = &ward.Error{Code: ward.Forbidden, Message: what + " must be prescribed by a doctor", Hint: "name a doctor as its prescriber"}
	}
	return err
}

func (e *edit) accessOf(id ward.PersonID) (access ward.Access, err error) {
	err = e.tx.QueryRowContext(e.ctx, `SELECT access FROM people WHERE id = ? AND disabled = 0`, id).Scan(&access)
	if errors.Is(err, sql.ErrNoRows) {
		err = bad("the person named is not among the staff", "choose somebody from the list of staff")
	}
	return access, err
}
