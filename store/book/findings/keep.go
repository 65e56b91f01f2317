package findings

import (
	"cmp"
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

// keepFinding writes a finding of a study unless what is kept is the same or newer. Another score or
// threshold is another statement: what people said of the earlier one, and that they saw it, does not
// hold for it.
func (e *edit) keepFinding(s *study, f *ward.Finding) error {
	if err := checkFinding(f); err != nil {
		return err
	}
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
	if restated || moved {
		e.audit("", "finding.correct", "finding:"+f.ID, correction(&old.Finding, f, moved))
	}
	if !restated {
		f.Confirmed, f.ConfirmedBy, f.ConfirmedAt, f.Seen = old.Confirmed, old.ConfirmedBy, old.ConfirmedAt, old.Seen
	}
	e.touch(old.Stay, s.place.stay)
	return e.writeFinding(s, f)
}

// kept is a finding as it stands in the book.
type kept struct {
	ward.Finding
	study string
	said  int64  // when it was last said, Unix ms
	by    string // the delivery that last said it
}

func (e *edit) kept(id string) (k kept, err error) {
	if err = e.tx.QueryRowContext(e.ctx, `SELECT study, said, said_by FROM findings WHERE id = ?`, id).Scan(&k.study, &k.said, &k.by); err != nil {
		return k, err
	}
	k.Finding, err = findingByID(e.ctx, e.tx, id)
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
func correction(old, now *ward.Finding, moved bool) string {
	parts := []string{fmt.Sprintf("score %g of %g to %g of %g", old.Score, old.Threshold, now.Score, now.Threshold)}
	if moved {
		parts = append(parts, "in another study")
	}
	if old.Confirmed != ward.Unread {
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
	if r.Code == "" {
		return bad("a read without a code cannot be kept", "say what it is that is there or not")
	}
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
