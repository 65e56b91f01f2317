package findings

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"strings"
	"time"

	"wardwatch/store/book/sqlite"
	"wardwatch/ward"
)

// study is what one source has sent of one study, and whose it is.
type study struct {
	id       string
	source   string
	of       ward.Claim // the accession and the time of acquisition are the study's own
	about    ward.Study
	received time.Time // of the newest of it
	place    placement
}

// learn fills in what was not known of the study. What was said first stands: it is what a person saw.
func (s *study) learn(of ward.Claim, about ward.Study, received time.Time) {
	if contradicts(s.of, of) {
		of = ward.Claim{Accession: of.Accession, Acquired: of.Acquired}
	}
	fill(&s.of.HospitalID, of.HospitalID)
	fill(&s.of.Name, of.Name)
	fill(&s.of.BirthDate, of.BirthDate)
	fill(&s.of.Sex, of.Sex)
	fill(&s.of.Accession, of.Accession)
	fill(&s.about.UID, about.UID)
	fill(&s.about.Modality, about.Modality)
	fill(&s.about.Region, about.Region)
	fill(&s.about.Acquired, about.Acquired)
	fill(&s.about.Acquired, of.Acquired)
	s.of.Acquired = s.about.Acquired
	if received.After(s.received) {
		s.received = received
	}
}

func fill[T comparable](into *T, from T) {
	if *into == *new(T) {
		*into = from
	}
}

// studyID is the id of what a source sent of one study: the same way in which all ids of imaging are
// made, of what identifies it.
func studyID(source, uid, accession, delivery string) string {
	of := uid
	switch {
	case of == "" && accession != "":
		of = "accession:" + accession
	case of == "":
		of = "delivery:" + delivery
	}
	sum := sha256.Sum256([]byte(source + "\x00" + of))
	return hex.EncodeToString(sum[:16])
}

const studyColumns = `id, source, study_uid, accession, hospital_id, name, birth_date, sex, modality, region, acquired, received, state, stay, why, held, by_person, guesses`

func scanStudy(r sqlite.Row) (s study, err error) {
	var birth string
	err = r.Scan(&s.id, &s.source, &s.about.UID, &s.of.Accession, &s.of.HospitalID, &s.of.Name, &birth, &s.of.Sex, &s.about.Modality, &s.about.Region,
		sqlite.When(&s.about.Acquired), sqlite.When(&s.received), &s.place.state, &s.place.stay, &s.place.why, &s.place.held, &s.place.by, sqlite.FromJSON(&s.place.guesses))
	if err == nil && birth != "" {
		s.of.BirthDate, err = time.Parse(time.DateOnly, birth)
	}
	s.of.Acquired = s.about.Acquired
	return s, err
}

// studyByID finds a study; known is false when there is none.
func (e *edit) studyByID(id string) (s study, known bool, err error) {
	s, err = scanStudy(e.tx.QueryRowContext(e.ctx, `SELECT `+studyColumns+` FROM studies WHERE id = ?`, id))
	if errors.Is(err, sql.ErrNoRows) {
		return study{}, false, nil
	}
	return s, err == nil, err
}

func (e *edit) writeStudy(s *study) error {
	p := &s.place
	return e.exec(`INSERT INTO studies (`+studyColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET study_uid = excluded.study_uid, accession = excluded.accession, hospital_id = excluded.hospital_id,
		name = excluded.name, birth_date = excluded.birth_date, sex = excluded.sex, modality = excluded.modality, region = excluded.region,
		acquired = excluded.acquired, received = excluded.received, state = excluded.state, stay = excluded.stay, why = excluded.why,
		held = excluded.held, by_person = excluded.by_person, guesses = excluded.guesses`,
		s.id, s.source, s.about.UID, s.of.Accession, s.of.HospitalID, s.of.Name, day(s.of.BirthDate), s.of.Sex, s.about.Modality, s.about.Region,
		sqlite.Ms(s.about.Acquired), sqlite.Ms(s.received), p.state, p.stay, p.why, p.held, p.by, sqlite.AsJSON(ids(p.guesses)))
}

// related lists the other studies that are the same to people, from whatever source: those with its
// UID or its accession.
func (e *edit) related(s *study) ([]study, error) {
	return sqlite.List(e.ctx, e.tx, scanStudy, `SELECT `+studyColumns+` FROM studies WHERE id <> ?1 AND id IN (
		SELECT id FROM studies WHERE study_uid = ?2 AND study_uid <> ''
		UNION SELECT id FROM studies WHERE accession = ?3 AND accession <> '') ORDER BY id`, s.id, s.about.UID, s.of.Accession)
}

// Deeds, as the audit and the history of a study name them.
const (
	deedMatch    = "imaging.match"    // by the rule
	deedDoubt    = "imaging.doubt"    // what was certain is so no more
	deedAssign   = "imaging.assign"   // by a person
	deedDismiss  = "imaging.dismiss"  // by a person
	deedDetach   = "imaging.detach"   // by a person
	deedWithdraw = "imaging.withdraw" // the stay does not carry the number any more
)

// move writes that a study is somebody's, or nobody's, from now on, with who says so and why.
func (e *edit) move(s *study, to placement, deed string, by ward.PersonID, reason string) error {
	from := s.place
	s.place = to
	if err := e.writeStudy(s); err != nil {
		return err
	}
	if from.state == to.state && from.stay == to.stay && from.held == to.held {
		return nil
	}
	e.touch(from.stay, to.stay)
	e.audit(by, deed, "imaging:"+s.id, moveText(from, to, reason))
	return e.exec(`INSERT INTO placements (study, at, deed, stay, why, by_person, reason) VALUES (?, ?, ?, ?, ?, ?, ?)`,
		s.id, sqlite.Ms(e.now), deed, to.stay, to.why, by, reason)
}

// moveText is a move as the audit keeps it. It says that there was a reason, not its words, which may
// say too much of the person.
func moveText(from, to placement, reason string) string {
	var parts []string
	if from.stay != "" {
		parts = append(parts, "from stay "+string(from.stay))
	}
	if to.stay != "" {
		parts = append(parts, "to stay "+string(to.stay))
	}
	if to.why != ward.Matched {
		parts = append(parts, string(to.why))
	}
	if reason != "" {
		parts = append(parts, "with a reason")
	}
	return strings.Join(parts, ", ")
}

// stayOf reads what matching needs of a stay. An admission that was undone is no stay.
func stayOf(ctx context.Context, q sqlite.Querier, id ward.StayID) (ward.Stay, error) {
	s, err := scanPerson(q.QueryRowContext(ctx, people+` WHERE id = ? AND end_reason <> 'undone'`, id))
	return s, sqlite.Absent(err, "there is no such stay", "reload the board: the person may have been discharged or moved")
}

// people selects of stays what matching needs.
const people = `SELECT id, hospital_id, family_name, given_name, birth_date, sex, ward, bed, admitted, ended, end_reason FROM stays`

func scanPerson(r sqlite.Row) (s ward.Stay, err error) {
	var birth string
	err = r.Scan(&s.ID, &s.HospitalID, &s.FamilyName, &s.GivenName, &birth, &s.Sex, &s.Place.Ward, &s.Place.Bed, sqlite.When(&s.Admitted), sqlite.When(&s.Ended), &s.EndReason)
	if err == nil && birth != "" {
		s.BirthDate, err = time.Parse(time.DateOnly, birth)
	}
	return s, err
}

func day(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.DateOnly)
}

// ids is a list as it is kept: never null.
func ids(list []ward.StayID) []ward.StayID {
	if list == nil {
		return []ward.StayID{}
	}
	return list
}
