package findings

import (
	"context"
	"fmt"
	"strings"
	"time"

	"wardwatch/store/book/sqlite"
	"wardwatch/ward"
)

// AssignStudy records that a person says whose a study in the worklist is. Where the claim contradicts
// the stay a reason is required: without one it is ward.Conflict, and the message says what differs.
func (m *Imaging) AssignStudy(ctx context.Context, item string, stay ward.StayID, reason string, by ward.PersonID) ([]ward.StayID, error) {
	if reason != "" && !isReason(reason) {
		return nil, bad("the reason is blank or too long", "write it in plain text, at most 256 bytes")
	}
	return m.change(ctx, func(e *edit) error {
		s, err := e.decide(item, by)
		if err != nil || s.place.stay == stay {
			return err
		}
		if s.place.state == placed {
			return conflict("somebody has placed this study meanwhile", "reload the list; take the study off that person first if that is wrong")
		}
		to, err := stayOf(e.ctx, e.tx, stay)
		if err != nil {
			return err
		}
		if err := e.mayAssign(&s, &to, reason); err != nil {
			return err
		}
		return e.move(&s, placement{state: placed, stay: stay, by: by}, deedAssign, by, reason)
	})
}

// decide finds a study on which a person gives their word.
func (e *edit) decide(item string, by ward.PersonID) (study, error) {
	if _, err := e.mustBeStaff(by); err != nil {
		return study{}, err
	}
	s, known, err := e.studyByID(item)
	if err == nil && !known {
		err = missing("there is no such study", "reload the list")
	}
	return s, err
}

func (e *edit) mayAssign(s *study, to *ward.Stay, reason string) error {
	related, err := e.related(s)
	if err != nil {
		return err
	}
	elsewhere := false
	for i := range related {
		if on := related[i].place.stay; on != "" && on != to.ID {
			if related[i].about.UID == s.about.UID && s.about.UID != "" {
				return conflict("this study is on another person by what another source sent of it", "take it off that person first")
			}
			elsewhere = true
		}
	}
	is, err := e.carries(to, s.of.HospitalID)
	if err != nil || reason != "" {
		return err
	}
	if what := differences(s, to, !is, elsewhere); len(what) > 0 {
		return conflict(fmt.Sprintf("the study and the stay differ in %s", strings.Join(what, ", ")), "check whose it is; if it is this person's all the same, give the reason")
	}
	return nil
}

// differences names what speaks against a study being of a stay, never the values themselves.
func differences(s *study, to *ward.Stay, number, elsewhere bool) (what []string) {
	of, at := s.of, s.about.Acquired
	for _, d := range []struct {
		what string
		is   bool
	}{
		{"hospital number", number},
		{"accession", elsewhere},
		{"birth date", !of.BirthDate.IsZero() && !to.BirthDate.IsZero() && day(of.BirthDate) != day(to.BirthDate)},
		{"sex", isBinary(of.Sex) && isBinary(to.Sex) && of.Sex != to.Sex},
		{"name", s.place.why == ward.UnmatchedName},
		{"time", !at.IsZero() && (at.Before(to.Admitted.Add(-before)) || !to.Ended.IsZero() && at.After(to.Ended.Add(after)))},
	} {
		if d.is {
			what = append(what, d.what)
		}
	}
	return what
}

// How far outside a stay a picture may have been taken before a person must say why it is of it: as far as
// the matching rule allows. A proposal for local clinicians to sign.
const (
	before = 24 * time.Hour
	after  = time.Hour
)

func isBinary(s ward.Sex) bool { return s == ward.Female || s == ward.Male }

// DismissStudy records that a person says that a study in the worklist is nobody's here.
func (m *Imaging) DismissStudy(ctx context.Context, item, reason string, by ward.PersonID) error {
	if !isReason(reason) {
		return bad("taking a study off the list needs a reason of at most 256 bytes", "say why it is nobody's here")
	}
	_, err := m.change(ctx, func(e *edit) error {
		s, err := e.decide(item, by)
		switch {
		case err != nil || s.place.state == dismissed:
			return err
		case s.place.state == placed:
			return conflict("somebody has placed this study meanwhile", "reload the list")
		}
		return e.move(&s, placement{state: dismissed, why: s.place.why, by: by}, deedDismiss, by, reason)
	})
	return err
}

// StudyStay is whose a study is, by its UID, its id in the worklist or the id of one of its findings;
// ward.NotFound when it is nobody's.
func (m *Imaging) StudyStay(ctx context.Context, of string) (stay ward.StayID, err error) {
	err = m.db.Read().QueryRowContext(ctx, `SELECT stay FROM studies WHERE stay <> '' AND `+named+` ORDER BY id LIMIT 1`, of).Scan(&stay)
	return stay, sqlite.Absent(err, "this study is nobody's", "look for it in the worklist")
}

// named chooses studies by any id that people meet.
const named = `id IN (SELECT id FROM studies WHERE study_uid = ?1 AND study_uid <> '' UNION SELECT id FROM studies WHERE id = ?1 UNION SELECT study FROM findings WHERE id = ?1)`

// DetachStudy takes a study off the person it was given to, with all that the rule gave to them because
// of it: it waits in the worklist, and only a person may place it again. It is named as StudyStay takes it.
func (m *Imaging) DetachStudy(ctx context.Context, of, reason string, by ward.PersonID) ([]ward.StayID, error) {
	if !isReason(reason) {
		return nil, bad("taking a study off somebody needs a reason of at most 256 bytes", "say how it is known that it is not theirs")
	}
	return m.change(ctx, func(e *edit) error {
		if _, err := e.mustBeStaff(by); err != nil {
			return err
		}
		list, err := sqlite.List(ctx, e.tx, scanStudy, `SELECT `+studyColumns+` FROM studies WHERE stay <> '' AND `+named+` ORDER BY id`, of)
		if err != nil {
			return err
		}
		if len(list) == 0 {
			return missing("this study is nobody's", "look for it in the worklist")
		}
		return e.detach(list, by, reason)
	})
}

// detach takes studies off, and those with the same UID that anybody put on the same stay.
func (e *edit) detach(list []study, by ward.PersonID, reason string) error {
	for i := range list {
		related, err := e.related(&list[i])
		if err != nil {
			return err
		}
		for _, r := range related {
			if r.about.UID != "" && r.about.UID == list[i].about.UID && r.place.stay == list[i].place.stay {
				list = append(list, r)
			}
		}
	}
	for _, s := range list {
		now, _, err := e.studyByID(s.id) // it may have gone with another one
		if err != nil {
			return err
		}
		if now.place.state != placed {
			continue
		}
		if err := e.takeOff(&now, placement{state: waiting, why: ward.UnmatchedDetached, held: true}, deedDetach, by, reason); err != nil {
			return err
		}
	}
	return nil
}
