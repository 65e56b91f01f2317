package findings

import (
	"strings"

	"wardwatch/store/book/sqlite"
	"wardwatch/ward"
)

// A source takes back only what the same source said before: a later word on the same thing, which may
// have been read already, stands. What does not say when it was produced counts by when it was received.
const (
	ofStudy = ` study IN (SELECT id FROM studies WHERE study_uid = ?2 AND study_uid <> '' AND source = ?1
		UNION SELECT id FROM studies WHERE accession = ?3 AND accession <> '' AND source = ?1 AND ?2 = '')`
	ofCode  = ` AND (?4 = '' OR code_system = ?4) AND (?5 = '' OR code = ?5) AND (?6 = '' OR laterality = ?6) AND retracted < ?7`
	ofModel = ` AND by_reader = ?8 AND (?9 = '' OR model = ?9) AND (?10 = '' OR version = ?10) AND iif(produced > 0, produced <= ?7, received <= ?11)`
)

// retract marks what a source takes back. It stays in the book, and counts for nothing.
func (e *edit) retract(d *ward.Delivery, r *ward.Retraction) error {
	at := r.At
	if at.IsZero() {
		at = d.Received
	}
	args := []any{d.Source, strings.TrimSpace(r.StudyUID), strings.TrimSpace(r.Accession), r.CodeSystem, r.Code, r.Laterality, sqlite.Ms(at)}
	if r.ByPerson {
		if err := e.exec(`UPDATE reads SET retracted = ?7 WHERE`+ofStudy+ofCode+` AND at <= ?7`, args...); err != nil {
			return err
		}
	}
	args = append(args, r.ByPerson, r.Model, r.Version, sqlite.Ms(d.Received))
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
