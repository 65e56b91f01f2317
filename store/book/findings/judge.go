package findings

import (
	"context"
	"time"

	"wardwatch/store/book/sqlite"
	"wardwatch/ward"
)

// Looked is what a person had before them when they gave their word on a finding.
type Looked struct {
	Score    float64
	Produced time.Time // when the AI answered; zero when not said
}

// is reports whether the finding still says that.
func (l Looked) is(f *ward.Finding) bool {
	return l.Score == f.Score && sqlite.Ms(l.Produced) == sqlite.Ms(f.Produced)
}

// JudgeFinding records a doctor's word on a finding; ward.Unread takes it back. The reason may be empty.
// The word that stands already changes nothing, whoever gave it. Whoever gives a word has seen the
// finding: where it says something else by now it is ward.Conflict. Nil is a word that does not say what it
// is on, and holds for what the finding says now.
func (m *Imaging) JudgeFinding(ctx context.Context, id string, word ward.Confirmation, reason string, looked *Looked, by ward.PersonID) (ward.Finding, error) {
	switch word {
	case ward.Unread, ward.Confirmed, ward.Rejected:
	default:
		return ward.Finding{}, bad("this is no word on a finding", "give confirmed, rejected, or nothing to take it back")
	}
	if reason != "" && !isReason(reason) {
		return ward.Finding{}, bad("the reason is blank or too long", "write it in plain text, at most 256 bytes")
	}
	var f ward.Finding
	_, err := m.change(ctx, func(e *edit) (err error) {
		if f, err = e.mayJudge(id, by); err != nil {
			return err
		}
		if looked != nil && !looked.is(&f) {
			return conflict("the AI has corrected this finding meanwhile", "reload, look at what it says now, and then give your word on that")
		}
		if f.Confirmed == word {
			return nil
		}
		if err := e.exec(`UPDATE findings SET word = ?1, word_by = iif(?1 = '', '', ?2), word_at = iif(?1 = '', 0, ?3), word_reason = ?4,
			seen = iif(seen = 0, ?3, seen) WHERE id = ?5`, word, by, sqlite.Ms(e.now), reason, id); err != nil {
			return err
		}
		e.audit(by, deedOf(word), "finding:"+id, judgement(f.Confirmed, reason))
		f, err = findingByID(ctx, e.tx, id)
		return err
	})
	return f, err
}

func (e *edit) mayJudge(id string, by ward.PersonID) (ward.Finding, error) {
	access, err := e.mustBeStaff(by)
	if err != nil {
		return ward.Finding{}, err
	}
	if access != ward.AccessDoctor {
		return ward.Finding{}, &ward.Error{Code: ward.Forbidden, Message: "a finding is confirmed or rejected by a doctor", Hint: "ask the doctor on duty to look at it"}
	}
	f, err := findingByID(e.ctx, e.tx, id)
	switch {
	case err != nil:
		return f, err
	case f.Stay == "":
		return f, conflict("this finding is nobody's any more", "reload: it waits in the worklist")
	case !f.Retracted.IsZero():
		return f, conflict("its source has taken this finding back", "nothing needs to be done")
	case f.ByPerson:
		return f, conflict("this is a radiologist's own word", "ask the radiologist for an addendum")
	}
	return f, nil
}

func deedOf(word ward.Confirmation) string {
	switch word {
	case ward.Confirmed:
		return "finding.confirm"
	case ward.Rejected:
		return "finding.reject"
	}
	return "finding.unjudge"
}

// judgement is a word as the audit keeps it; the reason may say too much of the person.
func judgement(was ward.Confirmation, reason string) string {
	text := ""
	if was != ward.Unread {
		text = "was " + string(was)
	}
	if reason != "" {
		if text != "" {
			text += ", "
		}
		text += "with a reason"
	}
	return text
}

// SawFinding records that a member of staff has looked at a finding. Only the first look is kept.
func (m *Imaging) SawFinding(ctx context.Context, id string, by ward.PersonID) error {
	f, err := findingByID(ctx, m.db.Read(), id)
	if err != nil || !f.Seen.IsZero() {
		return err
	}
	_, err = m.change(ctx, func(e *edit) error {
		if _, err := e.mustBeStaff(by); err != nil {
			return err
		}
		res, err := e.tx.ExecContext(ctx, `UPDATE findings SET seen = ? WHERE id = ? AND seen = 0`, sqlite.Ms(e.now), id)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return err
		}
		e.audit(by, "finding.see", "finding:"+id, "")
		return nil
	})
	return err
}
