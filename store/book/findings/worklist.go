package findings

import (
	"context"
	"fmt"
	"strings"
	"time"

	"wardwatch/store/book/sqlite"
	"wardwatch/ward"
)

// Bounds of the worklist, ours: what nobody has placed in a week is most likely of people who never lie
// here, and a longer list nobody reads. It stays in the book, and a later delivery of the same study
// brings it back.
const (
	worklistSpan = 7 * 24 * time.Hour
	longestList  = 500
)

// items selects of studies what the worklist shows.
const items = `SELECT ` + studyColumns + `, (SELECT count(*) FROM findings f WHERE f.study = studies.id AND f.retracted = 0) AS said FROM studies`

func scanItem(r sqlite.Row) (i ward.WorklistItem, err error) {
	var said int
	s, err := scanStudy(withCount{r, &said})
	return ward.WorklistItem{ID: s.id, Of: s.of, Study: s.about, Source: s.source, Why: s.place.why, Findings: said, Received: s.received, Guesses: s.place.guesses}, err
}

// withCount reads one column more than what it stands for does.
type withCount struct {
	sqlite.Row
	n *int
}

// Scan implements sqlite.Row.
func (w withCount) Scan(dest ...any) error { return w.Row.Scan(append(dest, w.n)...) }

// Worklist lists the results that wait for a person to say whose they are, at most 500 of the last week:
// those that somebody comes near first, so that none of them gives way to an archive's strangers, and of
// either the newest first.
func (m *Imaging) Worklist(ctx context.Context) ([]ward.WorklistItem, error) {
	return sqlite.List(ctx, m.db.Read(), scanItem, `SELECT * FROM (`+items+` WHERE state = 'waiting' AND received >= ?) WHERE said > 0
		ORDER BY guesses = '[]', received DESC, id LIMIT ?`, sqlite.Ms(m.now().Add(-worklistSpan)), longestList)
}

// WorklistItem finds one that waits.
func (m *Imaging) WorklistItem(ctx context.Context, id string) (ward.WorklistItem, error) {
	i, err := scanItem(m.db.Read().QueryRowContext(ctx, items+` WHERE id = ? AND state = 'waiting'`, id))
	return i, sqlite.Absent(err, "nothing waits under this id", "reload the list: somebody may have placed it")
}

// Unplaced lists what of the last week waits only because nobody was found whom it fits, and that the
// matching rule may place now, the oldest first. What only a person may place is not among it, nor what
// waits for a number that still nobody has: an archive of the whole hospital sends much of that.
func (m *Imaging) Unplaced(ctx context.Context) ([]ward.WorklistItem, error) {
	return sqlite.List(ctx, m.db.Read(), scanItem, items+` WHERE state = 'waiting' AND held = 0 AND received >= ?
		AND (why <> ? OR EXISTS (SELECT 1 FROM stays WHERE stays.hospital_id = studies.hospital_id AND stays.hospital_id <> '')
			OR EXISTS (SELECT 1 FROM aliases WHERE ended = 0 AND old = studies.hospital_id) OR EXISTS (SELECT 1 FROM aliases WHERE ended = 0 AND new = studies.hospital_id))
		ORDER BY received, id`, sqlite.Ms(m.now().Add(-worklistSpan)), ward.UnmatchedUnknown)
}

// Place gives to a stay what the matching rule now finds to be of it. What waits no more, or only a person
// may place, stays as it is.
func (m *Imaging) Place(ctx context.Context, item string, stay ward.StayID) ([]ward.StayID, error) {
	return m.change(ctx, func(e *edit) error {
		s, known, err := e.studyByID(item)
		if err != nil || !known || s.place.state != waiting || s.place.held {
			return err
		}
		v, err := e.checked(&s, verdict{stay: stay})
		if err != nil {
			return err
		}
		return e.move(&s, v.first(), deedMatch, "", "")
	})
}

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

// StudyMove is one answer to the question whose a study is.
type StudyMove struct {
	Study  string // its id in the worklist
	At     time.Time
	Deed   string         // as the audit names it
	Stay   ward.StayID    // empty: nobody's
	Why    ward.Unmatched // of what waits
	By     ward.PersonID  // empty: the matching rule
	Reason string         // in that person's words
}

// StudyHistory lists whose a study was taken to be, the oldest first. It is named as StudyStay takes it.
func (m *Imaging) StudyHistory(ctx context.Context, of string) ([]StudyMove, error) {
	return sqlite.List(ctx, m.db.Read(), func(r sqlite.Row) (v StudyMove, err error) {
		return v, r.Scan(&v.Study, sqlite.When(&v.At), &v.Deed, &v.Stay, &v.Why, &v.By, &v.Reason)
	}, `SELECT study, at, deed, stay, why, by_person, reason FROM placements WHERE study IN (SELECT id FROM studies WHERE `+named+`) ORDER BY seq`, of)
}

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
