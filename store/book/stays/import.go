package stays

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"time"

	"wardwatch/ward"
)

// Report is what an import did. Rows is the sum of the others.
type Report struct {
	Rows, Admitted, Transferred, Corrected, Unchanged int
	Refused                                           []Refused
}

// Refused is a line that was not taken, and its remedy. The message carries nothing identifying.
type Refused struct {
	Line    int // in the file, the header being 1
	Message string
	Hint    string
}

// ImportStays takes a CSV file with the header
// hospital_id,family_name,given_name,birth_date,sex,ward,bed,admitted and, if wanted, pregnancy,
// scale, scale_prescriber (a login) and scale_reason. Who is not on the wards is admitted; who lies
// elsewhere is transferred as of now; other details are corrected; the same file again changes
// nothing. Nobody is discharged. Lines that cannot be taken are in the report; the others are kept,
// all in one transaction.
func (c *Census) ImportStays(ctx context.Context, r io.Reader, by ward.PersonID) (Report, error) {
	lines, err := readSheet(r, c.zone)
	if err != nil {
		return Report{}, err
	}
	var report Report
	err = c.change(ctx, func(e *edit) error {
		report = Report{Rows: len(lines)}
		return e.importAll(lines, by, &report)
	})
	if err != nil {
		return Report{}, err
	}
	return report, nil
}

// maxRounds bounds how often refused lines are tried again, while the book waits for this import.
const maxRounds = 20

// importAll takes the lines in turn. A line whose place is still held may become possible when a
// later line moves that person away, so refused ones are tried again as long as others succeed.
func (e *edit) importAll(lines []line, by ward.PersonID, report *Report) error {
	refuseRepeats(lines)
	waiting := lines
	progress := true
	for round := 0; progress && round < maxRounds; round++ {
		progress = false
		var still []line
		for _, l := range waiting {
			if l.err == nil {
				l.err = e.importOne(l, by, report)
				var refusal *ward.Error
				switch {
				case l.err == nil:
					progress = true
					continue
				case !errors.As(l.err, &refusal) || refusal.Code == ward.Unavailable:
					return l.err // the book failed, not the line
				case refusal.Code == ward.Conflict:
					l.err = nil // for the next round
					still = append(still, l)
					continue
				}
			}
			report.refuse(l.number, l.err)
		}
		waiting = still
	}
	for _, l := range waiting {
		report.refuse(l.number, e.importOne(l, by, report))
	}
	return nil
}

func (r *Report) refuse(number int, err error) {
	refused := Refused{Line: number, Message: err.Error()}
	var known *ward.Error
	if errors.As(err, &known) {
		refused.Message, refused.Hint = known.Message, known.Hint
	}
	r.Refused = append(r.Refused, refused)
}

func refuseRepeats(lines []line) {
	seen := make(map[string]int, len(lines))
	for i := range lines {
		id := lines[i].stay.HospitalID
		if first, twice := seen[id]; twice && lines[i].err == nil {
			lines[i].err = bad(fmt.Sprintf("this hospital number stands on line %d already", first), "keep the line that is right")
		} else if id != "" && !twice {
			seen[id] = lines[i].number
		}
	}
}

// importOne checks everything before it writes anything, so that a refused line leaves no trace.
func (e *edit) importOne(l line, by ward.PersonID, report *Report) error {
	if err := e.findPrescriber(&l); err != nil {
		return err
	}
	old, err := scanStay(e.tx.QueryRowContext(e.ctx, `SELECT `+whole+` FROM stays WHERE hospital_id = ? AND ended = 0`, l.stay.HospitalID))
	if errors.Is(err, sql.ErrNoRows) {
		if _, err := e.admit(l.stay, by); err != nil {
			return err
		}
		report.Admitted++
		return nil
	}
	if err != nil {
		return err
	}
	right := corrected(old, &l.stay)
	if err := checkPerson(&right); err != nil {
		return err
	}
	moved := old.Place != l.stay.Place
	if moved {
		if old, err = e.transfer(old.ID, l.stay.Place, time.Time{}, by); err != nil {
			return err
		}
		right = corrected(old, &l.stay)
		report.Transferred++
	}
	if right.Same(&old) {
		if !moved {
			report.Unchanged++
		}
		return nil
	}
	if !moved {
		report.Corrected++
	}
	e.audit(by, "stay.correct", old.ID, "import")
	return e.update(right)
}

// corrected is a stay with the details of a line. A column that is absent says nothing.
func corrected(s ward.Stay, details *ward.Stay) ward.Stay {
	pregnancy := s.Pregnancy
	setDetails(&s, *details)
	if s.Pregnancy == ward.NotPregnant {
		s.Pregnancy = pregnancy
	}
	return s
}

func (e *edit) findPrescriber(l *line) error {
	if l.stay.Scale.Number != 2 {
		l.stay.Scale = ward.SpO2Scale{}
		return nil
	}
	err := e.tx.QueryRowContext(e.ctx, `SELECT id FROM people WHERE login = ? AND disabled = 0`, l.prescriber).Scan(&l.stay.Scale.Prescriber)
	if errors.Is(err, sql.ErrNoRows) {
		return bad("scale 2 needs the login of the doctor who prescribed it", "fill scale_prescriber, or leave scale empty and prescribe it at the bedside")
	}
	return err
}
