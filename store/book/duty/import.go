package duty

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"wardwatch/store/book/people"
	"wardwatch/store/book/sqlite"
	"wardwatch/ward"
)

// atOnce is how many lines are written in one transaction, so that an alert never waits long.
const atOnce = 200

// Report is what an import did. Rows is the sum of the others.
type Report struct {
	Rows, Added, Unchanged int
	Refused                []Refusal // by line
}

// ImportRoster adds the shifts of a CSV file (ParseCSV) to the roster. Nothing is taken off it; the
// same file again changes nothing. Lines that cannot be taken are in the report. Some hundred lines
// are one transaction: when the book fails on the way the report says what was taken before.
func (r *Rota) ImportRoster(ctx context.Context, file io.Reader, by ward.PersonID) (Report, error) {
	rows, refused, err := ParseCSV(file, r.zone)
	if err != nil {
		return Report{}, err
	}
	report := Report{Rows: len(refused), Refused: refused}
	for part := range slices.Chunk(rows, atOnce) {
		var done Report
		err := r.change(ctx, func(e *edit) (err error) {
			done, err = e.importRows(part, by)
			return err
		})
		if err != nil {
			return report, err
		}
		report.Rows += done.Rows
		report.Added += done.Added
		report.Unchanged += done.Unchanged
		report.Refused = append(report.Refused, done.Refused...)
	}
	slices.SortFunc(report.Refused, func(a, b Refusal) int { return a.Line - b.Line })
	return report, nil
}

func (e *edit) importRows(rows []Row, by ward.PersonID) (done Report, err error) {
	done.Rows = len(rows)
	for i := range rows {
		fresh, err := e.importRow(&rows[i], by)
		var refusal *ward.Error
		switch {
		case err == nil && fresh:
			done.Added++
		case err == nil:
			done.Unchanged++
		case !errors.As(err, &refusal) || refusal.Code == ward.Unavailable:
			return done, err // the book failed, not the line
		default:
			done.Refused = append(done.Refused, Refusal{rows[i].Line, reason(err)})
		}
	}
	return done, nil
}

func (e *edit) importRow(row *Row, by ward.PersonID) (fresh bool, err error) {
	p, err := people.EnabledByName(e.ctx, e.tx, row.Person)
	if err != nil {
		return false, err
	}
	w, err := e.wardNamed(row.Ward)
	if err != nil {
		return false, err
	}
	_, fresh, err = e.add(ward.Shift{Ward: w, Role: row.Role, Person: p.ID, From: row.From, To: row.To}, by)
	return fresh, err
}

// wardNamed finds a ward by its id or its name, however it is written; an empty one is the whole
// hospital.
func (e *edit) wardNamed(text string) (ward.WardID, error) {
	if e.wards == nil {
		all, err := sqlite.List(e.ctx, e.tx, func(r sqlite.Row) (w ward.Ward, err error) { return w, r.Scan(&w.ID, &w.Name) }, `SELECT id, name FROM wards`)
		if err != nil {
			return "", err
		}
		e.wards = all
	}
	var named []ward.WardID
	for _, w := range e.wards {
		if string(w.ID) == text {
			return w.ID, nil
		}
		if fold(w.Name) == fold(text) || fold(string(w.ID)) == fold(text) {
			named = append(named, w.ID)
		}
	}
	switch {
	case len(named) == 1:
		return named[0], nil
	case len(named) > 1:
		return "", bad(fmt.Sprintf("several wards go by %q", shortened(text)), "write the id of one of them")
	case namesEveryWard(text):
		return "", nil
	}
	return "", bad(fmt.Sprintf("there is no ward %q", shortened(text)), "write the id of a ward, or "+everyWard+" for a duty of the whole hospital")
}

// ExportRoster writes a ward's shifts that touch the span, an empty ward's being those of the whole
// hospital, as a file that ImportRoster takes.
func (r *Rota) ExportRoster(ctx context.Context, w ward.WardID, from, to time.Time, out io.Writer) error {
	type row struct {
		ward.Shift
		login string
	}
	rows, err := sqlite.List(ctx, r.db.Read(), func(c sqlite.Row) (x row, err error) {
		return x, c.Scan(&x.Ward, &x.Role, &x.login, sqlite.When(&x.From), sqlite.When(&x.To))
	}, `SELECT s.ward, s.role, p.login, s.from_ms, s.to_ms FROM shifts s JOIN people p ON p.id = s.person
		WHERE s.removed = 0 AND s.ward = ? AND s.to_ms > ? AND s.from_ms < ? ORDER BY s.from_ms, s.role, p.login`, w, sqlite.Ms(from), sqlite.Ms(to))
	if err != nil {
		return err
	}
	zone := r.zone
	if zone == nil {
		zone = time.UTC
	}
	cw := csv.NewWriter(out)
	cw.Write([]string{"ward", "role", "login", "from", "to"}) // cw keeps its first error
	for _, x := range rows {
		where := string(x.Ward)
		if where == "" {
			where = everyWard
		}
		cw.Write([]string{where, string(x.Role), x.login, x.From.In(zone).Format(time.RFC3339), x.To.In(zone).Format(time.RFC3339)})
	}
	cw.Flush()
	return cw.Error()
}
