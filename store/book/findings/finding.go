package findings

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strings"
	"time"

	"wardwatch/store/book/sqlite"
	"wardwatch/ward"
)

// FindingsOf finds what imaging says of some stays, of pictures taken at or after a time; those of which
// nobody knows when they were taken count as taken when they were received. It is one query, and lists
// of each stay the newest first.
func (m *Imaging) FindingsOf(ctx context.Context, stays []ward.StayID, since time.Time) (map[ward.StayID][]ward.Finding, error) {
	list, err := sqlite.List(ctx, m.db.Read(), scanFinding, findings+` WHERE s.stay <> '' AND s.stay IN (SELECT value FROM json_each(?)) AND f.taken >= ?
		ORDER BY s.stay, f.taken DESC, f.id`, sqlite.AsJSON(ids(stays)), sqlite.Ms(since))
	if err != nil {
		return nil, err
	}
	out := make(map[ward.StayID][]ward.Finding, len(stays))
	for i := range list {
		out[list[i].Stay] = append(out[list[i].Stay], list[i])
	}
	return out, nil
}

// Finding finds one.
func (m *Imaging) Finding(ctx context.Context, id string) (ward.Finding, error) {
	return findingByID(ctx, m.db.Read(), id)
}

const findings = `SELECT f.id, s.stay, s.source, f.model, f.version, f.by_reader, f.demonstration,
	s.study_uid, f.series_uid, f.instance_uid, s.accession, s.hospital_id, f.modality, f.region, f.view, f.device,
	f.code_system, f.code, f.label, f.laterality, f.score, f.threshold, f.calibrated,
	iif(f.acquired = 0 AND f.by_reader = 1, ` + ofTheStudy + `, f.acquired), f.produced, f.received, f.delivery, f.map, f.warnings, f.retracted, f.word, f.word_by, f.word_at, f.seen
	FROM studies s JOIN findings f ON f.study = s.id`

// ofTheStudy is when the pictures of a finding's study were taken, by whatever source of the same stay knows
// it: a radiologist speaks of the study as a whole, often from another system than the pictures come from.
// Of two answers the earlier: nothing may look younger than it is.
const ofTheStudy = `(SELECT coalesce(min(o.acquired), 0) FROM studies o WHERE o.acquired > 0 AND o.stay = s.stay AND o.id IN (
		SELECT s.id UNION SELECT id FROM studies WHERE study_uid = s.study_uid AND study_uid <> ''
		UNION SELECT id FROM studies WHERE accession = s.accession AND accession <> '' AND (study_uid = '' OR s.study_uid = '')))`

func scanFinding(r sqlite.Row) (f ward.Finding, err error) {
	return f, r.Scan(&f.ID, &f.Stay, &f.Source, &f.Model, &f.ModelVersion, &f.ByPerson, &f.Demonstration,
		&f.StudyUID, &f.SeriesUID, &f.InstanceUID, &f.Accession, &f.HospitalID, &f.Modality, &f.Region, &f.View, &f.Device,
		&f.CodeSystem, &f.Code, &f.Label, &f.Laterality, &f.Score, &f.Threshold, &f.Calibrated,
		sqlite.When(&f.Acquired), sqlite.When(&f.Produced), sqlite.When(&f.Received), &f.Delivery, &f.Map, sqlite.FromJSON(&f.Warnings), sqlite.When(&f.Retracted),
		&f.Confirmed, &f.ConfirmedBy, sqlite.When(&f.ConfirmedAt), sqlite.When(&f.Seen))
}

func findingByID(ctx context.Context, q sqlite.Querier, id string) (ward.Finding, error) {
	f, err := scanFinding(q.QueryRowContext(ctx, findings+` WHERE f.id = ?`, id))
	return f, sqlite.Absent(err, "there is no such finding", "reload: it may have been corrected by its source")
}

// keepFinding writes a finding of a study unless what is kept is the same or newer. Another score or
// threshold is another statement, which nobody has seen yet; a word on the earlier one stands as outlives
// has it.
func (e *edit) keepFinding(s *study, f *ward.Finding) error {
	old, err := e.kept(f.ID)
	if errors.Is(err, sql.ErrNoRows) {
		e.touch(s.place.stay)
		return e.writeFinding(s, f)
	}
	if err != nil || cmp.Or(cmp.Compare(said(f), old.said), cmp.Compare(f.Delivery, old.by)) < 0 && f.Delivery != old.by {
		return err
	}
	if f.Retracted = old.Retracted; said(f) > sqlite.Ms(old.Retracted) {
		f.Retracted = time.Time{} // it is said again
	}
	moved := old.study != s.id
	if !moved && sameFinding(*f, old.Finding) {
		return e.exec(`UPDATE findings SET said = ?, said_by = ? WHERE id = ?`, said(f), f.Delivery, f.ID)
	}
	restated := f.Score != old.Score || f.Threshold != old.Threshold
	stands := !restated || !moved && outlives(&old.Finding, f)
	if restated || moved {
		e.audit("", "finding.correct", "finding:"+f.ID, correction(&old.Finding, f, moved, stands))
	}
	if stands {
		f.Confirmed, f.ConfirmedBy, f.ConfirmedAt, f.Seen = old.Confirmed, old.ConfirmedBy, old.ConfirmedAt, old.Seen
	}
	e.touch(old.Stay, s.place.stay)
	return e.writeFinding(s, f)
}

// outlives reports whether a clinician's word holds for another statement of the same thing until a person
// judges anew. A model may raise concern and never lower it: it cannot undo a confirmation, nor keep up a
// rejection of what it now says with more certainty.
func outlives(old, now *ward.Finding) bool {
	switch old.Confirmed {
	case ward.Confirmed:
		return true
	case ward.Rejected:
		given := now.Threshold > 0 == (old.Threshold > 0) // else nobody can tell which of the two says more
		return given && now.Score <= old.Score && now.Threshold >= old.Threshold
	}
	return false
}

// kept is a finding as it stands in the book.
type kept struct {
	ward.Finding
	study string
	said  int64  // when it was last said, Unix ms
	by    string // the delivery that last said it
}

func (e *edit) kept(id string) (k kept, err error) {
	var taken time.Time
	if err = e.tx.QueryRowContext(e.ctx, `SELECT study, said, said_by, acquired FROM findings WHERE id = ?`, id).Scan(&k.study, &k.said, &k.by, sqlite.When(&taken)); err != nil {
		return k, err
	}
	k.Finding, err = findingByID(e.ctx, e.tx, id)
	k.Acquired = taken // as it was said, whatever the study tells
	return k, err
}

func checkFinding(f *ward.Finding) error {
	switch {
	case f.ID == "" || f.Code == "":
		return bad("a finding without an id or a code cannot be kept", "give both")
	case f.InstanceUID+f.SeriesUID+f.StudyUID+f.Accession == "":
		return bad("a finding that names no picture, study or accession cannot be kept", "give the UID of the study, or the accession number")
	case !(f.Score >= 0 && f.Score <= 1):
		return bad("a finding's score is not between 0 and 1", "give it as a fraction")
	case math.IsNaN(f.Threshold) || math.IsInf(f.Threshold, 0):
		return bad("a finding's threshold is no number", "give one, or leave it out")
	}
	return nil
}

// said is when a finding was said, Unix ms. What two deliveries say of the same millisecond is ordered by
// their ids, so that the order in which they are read does not matter.
func said(f *ward.Finding) int64 {
	if f.Produced.IsZero() {
		return sqlite.Ms(f.Received)
	}
	return sqlite.Ms(f.Produced)
}

// sameFinding reports whether two findings say the same, whatever brought them and whatever people made
// of them since.
func sameFinding(a, b ward.Finding) bool { return reflect.DeepEqual(statement(a), statement(b)) }

func statement(f ward.Finding) ward.Finding {
	f.Received, f.Delivery = time.Time{}, ""
	f.Stay, f.Source, f.StudyUID, f.Accession, f.HospitalID = "", "", "", "", "" // of the study
	f.Confirmed, f.ConfirmedBy, f.ConfirmedAt, f.Seen = ward.Unread, "", time.Time{}, time.Time{}
	f.Acquired, f.Produced = sqlite.Time(sqlite.Ms(f.Acquired)), sqlite.Time(sqlite.Ms(f.Produced)) // as they are kept
	if len(f.Warnings) == 0 {
		f.Warnings = nil
	}
	return f
}

// correction is what the audit keeps of the statement that is replaced.
func correction(old, now *ward.Finding, moved, stands bool) string {
	parts := []string{fmt.Sprintf("score %g of %g to %g of %g", old.Score, old.Threshold, now.Score, now.Threshold)}
	if moved {
		parts = append(parts, "in another study")
	}
	switch {
	case old.Confirmed == ward.Unread:
	case stands:
		parts = append(parts, fmt.Sprintf("stays %s by %s", old.Confirmed, old.ConfirmedBy))
	default:
		parts = append(parts, fmt.Sprintf("was %s by %s", old.Confirmed, old.ConfirmedBy))
	}
	return strings.Join(parts, ", ")
}

func (e *edit) writeFinding(s *study, f *ward.Finding) error {
	taken := f.Acquired
	if taken.IsZero() {
		taken = f.Received
	}
	return e.exec(`INSERT INTO findings (id, study, model, version, by_reader, demonstration, series_uid, instance_uid, modality, region, view, device,
		code_system, code, label, laterality, score, threshold, calibrated, acquired, produced, received, taken, delivery, said, said_by, map, warnings, retracted,
		word, word_by, word_at, word_reason, seen)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '', ?)
		ON CONFLICT (id) DO UPDATE SET study = excluded.study, model = excluded.model, version = excluded.version, by_reader = excluded.by_reader,
		demonstration = excluded.demonstration, series_uid = excluded.series_uid, instance_uid = excluded.instance_uid, modality = excluded.modality,
		region = excluded.region, view = excluded.view, device = excluded.device, code_system = excluded.code_system, code = excluded.code,
		label = excluded.label, laterality = excluded.laterality, score = excluded.score, threshold = excluded.threshold,
		calibrated = excluded.calibrated, acquired = excluded.acquired, produced = excluded.produced, received = excluded.received,
		taken = excluded.taken, delivery = excluded.delivery, said = excluded.said, said_by = excluded.said_by, map = excluded.map, warnings = excluded.warnings,
		retracted = excluded.retracted, word = excluded.word, word_by = excluded.word_by, word_at = excluded.word_at,
		word_reason = iif(excluded.word = '', '', word_reason), seen = excluded.seen`,
		f.ID, s.id, f.Model, f.ModelVersion, f.ByPerson, f.Demonstration, f.SeriesUID, f.InstanceUID, f.Modality, f.Region, f.View, f.Device,
		f.CodeSystem, f.Code, f.Label, f.Laterality, f.Score, f.Threshold, f.Calibrated,
		sqlite.Ms(f.Acquired), sqlite.Ms(f.Produced), sqlite.Ms(f.Received), sqlite.Ms(taken), f.Delivery, said(f), f.Delivery, f.Map, sqlite.AsJSON(f.Warnings), sqlite.Ms(f.Retracted),
		f.Confirmed, f.ConfirmedBy, sqlite.Ms(f.ConfirmedAt), sqlite.Ms(f.Seen))
}

// keepRead writes a radiologist's word on a study; of two on the same thing the one signed later holds.
func (e *edit) keepRead(s *study, r *ward.Read) error {
	return e.exec(`INSERT INTO reads (study, code_system, code, laterality, present, at, delivery, retracted) VALUES (?, ?, ?, ?, ?, ?, ?, 0)
		ON CONFLICT (study, code_system, code, laterality) DO UPDATE SET present = excluded.present, at = excluded.at, delivery = excluded.delivery,
		retracted = iif(excluded.at > retracted, 0, retracted)
		WHERE (excluded.at, excluded.delivery) > (at, delivery)`,
		s.id, r.CodeSystem, r.Code, r.Laterality, r.Present, sqlite.Ms(r.At), r.Delivery)
}

func (e *edit) keepRefusal(delivery string, r *ward.GateRefusal) error {
	return e.exec(`INSERT OR REPLACE INTO gate_refusals (delivery, model, version, instance_uid, study_uid, modality, device, code, detail, at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		delivery, r.Model, r.Version, r.InstanceUID, r.StudyUID, r.Modality, r.Device, r.Code, r.Detail, sqlite.Ms(r.At))
}

// A source takes back only what the same source said before: a later word on the same thing, which may
// have been read already, stands, and so does what the same delivery says beside it. What does not say when it was produced counts by when it was received.
const (
	ofStudy = ` study IN (SELECT id FROM studies WHERE study_uid = ?2 AND study_uid <> '' AND source = ?1
		UNION SELECT id FROM studies WHERE accession = ?3 AND accession <> '' AND source = ?1 AND ?2 = '')`
	ofCode  = ` AND (?4 = '' OR code_system = ?4) AND (?5 = '' OR code = ?5) AND (?6 = '' OR laterality = ?6) AND retracted < ?7`
	ofModel = ` AND by_reader = ?8 AND (?9 = '' OR model = ?9) AND (?10 = '' OR version = ?10) AND iif(produced > 0, produced <= ?7, received <= ?11) AND said_by <> ?12`
)

// retract marks what a source takes back. It stays in the book, and counts for nothing.
func (e *edit) retract(d *ward.Delivery, r *ward.Retraction) error {
	at := r.At
	if at.IsZero() {
		at = d.Received
	}
	args := []any{d.Source, strings.TrimSpace(r.StudyUID), strings.TrimSpace(r.Accession), r.CodeSystem, r.Code, r.Laterality, sqlite.Ms(at)}
	if r.ByPerson {
		if err := e.exec(`UPDATE reads SET retracted = ?7 WHERE`+ofStudy+ofCode+` AND at <= ?7 AND delivery <> ?8`, append(args, d.ID)...); err != nil {
			return err
		}
	}
	args = append(args, r.ByPerson, r.Model, r.Version, sqlite.Ms(d.Received), d.ID)
	type row struct {
		id   string
		stay ward.StayID
	}
	list, err := sqlite.List(e.ctx, e.tx, func(r sqlite.Row) (x row, err error) { return x, r.Scan(&x.id, &x.stay) },
		`UPDATE findings SET retracted = ?7 WHERE`+ofStudy+ofCode+ofModel+` RETURNING id, (SELECT stay FROM studies WHERE studies.id = study)`, args...)
	for _, x := range list {
		e.touch(x.stay)
		e.audit("", "finding.retract", "finding:"+x.id, "")
	}
	return err
}
