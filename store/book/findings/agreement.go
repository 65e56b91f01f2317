package findings

import (
	"context"
	"time"

	"wardwatch/store/book/sqlite"
	"wardwatch/ward"
)

// AgreementFilter chooses what AI said, and how codes are compared. Empty fields choose everything.
type AgreementFilter struct {
	Ward     ward.WardID // where the person lay when the picture was taken
	From, To time.Time   // of when the picture was taken, or received where that is not known; From included, To excluded
	Least    float64     // the threshold of what has none of its own
	// Meaning says what a code stands for: two with the same meaning are of the same thing. Nil: a code means
	// itself.
	Meaning func(system, code string) string
}

// AgreementRows lists what AI said in that time, in order of when the pictures were taken, with what
// people said of the same thing in the same study, whichever source brought it.
func (m *Imaging) AgreementRows(ctx context.Context, f AgreementFilter) ([]ward.AgreementRow, error) {
	if f.Meaning == nil {
		f.Meaning = func(system, code string) string { return system + "|" + code }
	}
	where, args := f.where()
	read, err := m.reads(ctx, where, args)
	if err != nil {
		return nil, err
	}
	return sqlite.List(ctx, m.db.Read(), func(r sqlite.Row) (ward.AgreementRow, error) { return f.row(r, read) },
		`SELECT f.study, f.word, coalesce(nullif(st.birth_date, ''), s.birth_date), coalesce(nullif(st.sex, ''), s.sex), f.taken,
			f.id, s.stay, s.study_uid, s.source, f.model, f.version, f.modality, f.device, f.code_system, f.code, f.label, f.laterality,
			f.score, f.threshold, f.acquired, f.produced, f.received, f.seen `+spoken+where+` ORDER BY f.taken, f.id`, args...)
}

// spoken is what AI said of whom, and did not take back.
const spoken = ` FROM findings f JOIN studies s ON s.id = f.study LEFT JOIN stays st ON st.id = s.stay WHERE f.by_reader = 0 AND f.retracted = 0`

func (f AgreementFilter) where() (string, []any) {
	where, args := "", []any{}
	add := func(cond string, arg any) { where, args = where+" AND "+cond, append(args, arg) }
	if f.Ward != "" {
		add(`coalesce((SELECT l.ward FROM lyings l WHERE l.stay = s.stay AND l.from_ms <= f.taken AND (l.to_ms = 0 OR l.to_ms > f.taken)), st.ward) = ?`, f.Ward)
	}
	if !f.From.IsZero() {
		add(`f.taken >= ?`, sqlite.Ms(f.From))
	}
	if !f.To.IsZero() {
		add(`f.taken < ?`, sqlite.Ms(f.To))
	}
	return where, args
}

// word is what a radiologist says of one thing in a study.
type word struct {
	system, code, side string
	present            bool
}

// reads collects, for each study that AI spoke of, what radiologists said of it: as reads or as findings
// of their own, in the same study or under its accession, unless that is on another person. The joins are
// CROSS so that the few studies asked for lead, and not all reads there are.
func (m *Imaging) reads(ctx context.Context, where string, args []any) (map[string][]word, error) {
	type row struct {
		study string
		word  word
	}
	list, err := sqlite.List(ctx, m.db.Read(), func(r sqlite.Row) (x row, err error) {
		return x, r.Scan(&x.study, &x.word.system, &x.word.code, &x.word.side, &x.word.present)
	}, `WITH spoken (id, stay, study_uid, accession) AS MATERIALIZED (SELECT DISTINCT s.id, s.stay, s.study_uid, s.accession`+spoken+where+`),
		pairs (whose, read) AS (
			SELECT a.id, b.id FROM spoken a CROSS JOIN studies b ON b.study_uid = a.study_uid AND b.study_uid <> '' AND (a.stay = '' OR b.stay IN ('', a.stay))
			UNION SELECT a.id, b.id FROM spoken a CROSS JOIN studies b ON b.accession = a.accession AND b.accession <> '' AND (a.stay = '' OR b.stay IN ('', a.stay))
			UNION SELECT id, id FROM spoken)
		SELECT whose, r.code_system, r.code, r.laterality, r.present FROM pairs CROSS JOIN reads r ON r.study = pairs.read AND r.retracted = 0
		UNION ALL SELECT whose, r.code_system, r.code, r.laterality, r.score >= 0.5 FROM pairs CROSS JOIN findings r ON r.study = pairs.read AND r.by_reader = 1 AND r.retracted = 0`, args...)
	out := make(map[string][]word)
	for _, x := range list {
		out[x.study] = append(out[x.study], x.word)
	}
	return out, err
}

func (f AgreementFilter) row(r sqlite.Row, read map[string][]word) (a ward.AgreementRow, err error) {
	var study, birth string
	var said ward.Confirmation
	var of ward.Finding
	var taken time.Time
	if err = r.Scan(&study, &said, &birth, &a.Sex, sqlite.When(&taken),
		&a.Finding, &a.Stay, &a.StudyUID, &a.Source, &a.Model, &a.Version, &a.Modality, &a.Device, &a.CodeSystem, &a.Code, &a.Label, &a.Laterality,
		&a.Score, &of.Threshold, sqlite.When(&a.Acquired), sqlite.When(&a.Produced), sqlite.When(&a.Received), sqlite.When(&a.Seen)); err != nil {
		return a, err
	}
	of.Score = a.Score
	a.Present = of.Present(f.Least)
	a.Truth = f.truth(&a, read[study], said)
	if birth != "" {
		var s ward.Stay
		if s.BirthDate, err = time.Parse(time.DateOnly, birth); err != nil {
			return a, err
		}
		a.Years, a.HasAge = s.AgeAt(taken)
	}
	return a, nil
}

// truth is what people say of what a row is of. Of several reads one that says that it is there holds:
// a thing on either side is there.
func (f AgreementFilter) truth(a *ward.AgreementRow, read []word, said ward.Confirmation) ward.Truth {
	truth := ward.TruthUnknown
	for _, w := range read {
		switch {
		case !overlap(a.Laterality, w.side) || f.Meaning(a.CodeSystem, a.Code) != f.Meaning(w.system, w.code):
		case w.present:
			return ward.TruthPresent
		default:
			truth = ward.TruthAbsent
		}
	}
	if truth != ward.TruthUnknown || said == ward.Unread {
		return truth
	}
	if (said == ward.Confirmed) == a.Present { // a word on the finding, which may be that nothing is there
		return ward.TruthConfirmed
	}
	return ward.TruthRejected
}

// overlap reports whether two sides can be of the same place; a side that is not said, or both, can be
// any.
func overlap(a, b string) bool {
	opposite := a == ward.LateralityLeft && b == ward.LateralityRight || a == ward.LateralityRight && b == ward.LateralityLeft
	return !opposite
}

// RefusalCount is how many pictures a model would not look at for a reason.
type RefusalCount struct {
	Model, Version, Code string
	Count                int64
}

// GateRefusals counts the pictures that models refused at or after a time, by model and reason.
func (m *Imaging) GateRefusals(ctx context.Context, since time.Time) ([]RefusalCount, error) {
	return sqlite.List(ctx, m.db.Read(), func(r sqlite.Row) (c RefusalCount, err error) {
		return c, r.Scan(&c.Model, &c.Version, &c.Code, &c.Count)
	}, `SELECT model, version, code, count(*) FROM gate_refusals WHERE at >= ? GROUP BY model, version, code ORDER BY model, version, code`, sqlite.Ms(since))
}
