package stays

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"unicode/utf8"

	"wardwatch/store/book/sqlite"
	"wardwatch/ward"
)

// longestNote bounds clinical free text, in bytes.
const longestNote = 4096

// AddSymptomCheck keeps what was looked at in comfort care and notes on the stay when. An empty ID
// is given one; the same check again changes nothing. A zero At or Entered means now.
func (c *Census) AddSymptomCheck(ctx context.Context, k ward.SymptomCheck) error {
	if k.ID == "" {
		k.ID = rand.Text()[:16]
	}
	return c.change(ctx, func(e *edit) error {
		if k.Entered.IsZero() {
			k.Entered = e.now
		}
		if k.At.IsZero() {
			k.At = k.Entered
		}
		s, err := stayByID(ctx, e.tx, k.Stay)
		if err != nil {
			return err
		}
		if same, err := e.sameCheck(&k); err != nil || same {
			return err
		}
		if err := e.checkSymptoms(&k, &s); err != nil {
			return err
		}
		if err := e.exec(`INSERT INTO symptom_checks (id, stay, at, entered, by_person, pain, breathless, agitation, nausea, secretions, note)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, k.ID, k.Stay, sqlite.Ms(k.At), sqlite.Ms(k.Entered), k.By,
			k.Pain, k.Breathless, k.Agitation, k.Nausea, k.Secretions, k.Note); err != nil {
			return err
		}
		e.audit(k.By, "stay.symptoms", s.ID, "check "+k.ID)
		return e.exec(`UPDATE stays SET symptoms = max(symptoms, ?) WHERE id = ?`, sqlite.Ms(k.At), s.ID)
	})
}

// sameCheck says whether the check is there already. Another one under its ID is refused.
func (e *edit) sameCheck(k *ward.SymptomCheck) (bool, error) {
	old, err := scanCheck(e.tx.QueryRowContext(e.ctx, symptomChecks+`WHERE id = ?`, k.ID))
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	again := *k
	again.At, again.Entered = old.At, old.Entered
	if again != old || sqlite.Ms(k.At) != sqlite.Ms(old.At) {
		return false, conflict("another symptom check has this id", "give each check an id of its own")
	}
	return true, nil
}

func (e *edit) checkSymptoms(k *ward.SymptomCheck, s *ward.Stay) error {
	for _, f := range []struct {
		what  string
		grade int
	}{{"pain", k.Pain}, {"breathless", k.Breathless}, {"agitation", k.Agitation}, {"nausea", k.Nausea}, {"secretions", k.Secretions}} {
		if f.grade < 0 || f.grade > 3 {
			return bad(fmt.Sprintf("%d is not a grade of %s", f.grade, f.what), "give 0 (none) to 3 (severe)")
		}
	}
	switch {
	case k.By == "":
		return bad("nobody is named as having looked", "sign in")
	case len(k.ID) > ward.MaxID:
		return bad("the check's id is too long", "give an id of at most 64 bytes, or none")
	case len(k.Note) > longestNote || !utf8.ValidString(k.Note):
		return bad("the note is too long", "write at most 4096 bytes")
	case !s.Ended.IsZero():
		return conflict("this stay has ended", "symptom checks are for people on the ward")
	case k.At.Before(s.Admitted):
		return bad("the person was not here yet at that time", "give the time at which they were looked at")
	}
	_, err := e.moment(k.At)
	return err
}

const symptomChecks = `SELECT id, stay, at, entered, by_person, pain, breathless, agitation, nausea, secretions, note FROM symptom_checks `

func scanCheck(r sqlite.Row) (k ward.SymptomCheck, err error) {
	return k, r.Scan(&k.ID, &k.Stay, sqlite.When(&k.At), sqlite.When(&k.Entered), &k.By, &k.Pain, &k.Breathless, &k.Agitation, &k.Nausea, &k.Secretions, &k.Note)
}

// SymptomChecks lists a stay's symptom checks, the newest first.
func (c *Census) SymptomChecks(ctx context.Context, id ward.StayID) ([]ward.SymptomCheck, error) {
	return sqlite.List(ctx, c.db.Read(), scanCheck, symptomChecks+`WHERE stay = ? ORDER BY at DESC, id`, id)
}
