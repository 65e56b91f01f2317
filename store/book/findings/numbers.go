package findings

import (
	"context"
	"crypto/rand"
	"slices"
	"strings"

	"wardwatch/store/book/sqlite"
	"wardwatch/ward"
)

// group is every hospital number that is one person's with the given one, itself included.
const group = `WITH RECURSIVE numbers (n) AS (
	SELECT ?1
	UNION SELECT a.new FROM numbers JOIN aliases a ON a.old = n AND a.ended = 0
	UNION SELECT a.old FROM numbers JOIN aliases a ON a.new = n AND a.ended = 0)`

func numbersOf(ctx context.Context, q sqlite.Querier, number string) ([]string, error) {
	return sqlite.List(ctx, q, func(r sqlite.Row) (n string, err error) { return n, r.Scan(&n) }, group+` SELECT n FROM numbers ORDER BY n`, number)
}

// Candidates finds the stays, ended or not, that carry the claim's hospital number or one that was
// merged with it, and those that the study or the accession is known to be of.
func (m *Imaging) Candidates(ctx context.Context, of ward.Claim, studyUID string) (c ward.Candidates, err error) {
	if number := strings.TrimSpace(of.HospitalID); number != "" {
		c.Stays, err = sqlite.List(ctx, m.db.Read(), scanPerson, group+` `+people+` WHERE hospital_id <> '' AND end_reason <> 'undone' AND hospital_id IN (SELECT n FROM numbers) ORDER BY admitted, id`, number)
		if err != nil {
			return c, err
		}
	}
	c.Bound, err = sqlite.List(ctx, m.db.Read(), scanPerson, people+` WHERE end_reason <> 'undone' AND id IN (
		SELECT stay FROM studies WHERE study_uid = ?1 AND study_uid <> '' AND stay <> ''
		UNION SELECT stay FROM studies WHERE accession = ?2 AND accession <> '' AND stay <> '') ORDER BY admitted, id`,
		strings.TrimSpace(studyUID), strings.TrimSpace(of.Accession))
	return c, err
}

// MergedNumbers lists which hospital numbers are one person's, the newest first.
func (m *Imaging) MergedNumbers(ctx context.Context) ([]ward.PatientAlias, error) {
	return sqlite.List(ctx, m.db.Read(), func(r sqlite.Row) (a ward.PatientAlias, err error) {
		return a, r.Scan(&a.Old, &a.New, &a.By, sqlite.When(&a.At), &a.Reason)
	}, `SELECT old, new, by_person, at, reason FROM aliases WHERE ended = 0 ORDER BY at DESC, id`)
}

// MergeNumbers records that two hospital numbers are one person's; a.At is now. What waits under either
// may be placed from then on (Unplaced). The same again changes nothing; two numbers that both lie on the
// wards now cannot be one person's.
func (m *Imaging) MergeNumbers(ctx context.Context, a ward.PatientAlias) error {
	a.Old, a.New = strings.TrimSpace(a.Old), strings.TrimSpace(a.New)
	switch {
	case !isReason(a.Old) || !isReason(a.New):
		return bad("a hospital number is missing or too long", "give both numbers, at most 256 bytes each")
	case a.Old == a.New:
		return bad("the two hospital numbers are the same", "give the old number and the one that stands for it now")
	case !isReason(a.Reason):
		return bad("a merge needs a reason of at most 256 bytes", "say how it is known that they are one person")
	}
	_, err := m.change(ctx, func(e *edit) error {
		if _, err := e.mustBeStaff(a.By); err != nil {
			return err
		}
		same, err := sqlite.Number(ctx, e.tx, `SELECT count(*) FROM aliases WHERE old = ? AND new = ? AND ended = 0`, a.Old, a.New)
		if err != nil || same > 0 {
			return err
		}
		if err := e.mayMerge(a); err != nil {
			return err
		}
		id := rand.Text()[:16]
		e.audit(a.By, "imaging.merge", "alias:"+id, "with a reason")
		return e.exec(`INSERT INTO aliases (id, old, new, by_person, at, reason, ended, ended_by, end_reason) VALUES (?, ?, ?, ?, ?, ?, 0, '', '')`,
			id, a.Old, a.New, a.By, sqlite.Ms(e.now), a.Reason)
	})
	return err
}

func (e *edit) mayMerge(a ward.PatientAlias) error {
	old, err := numbersOf(e.ctx, e.tx, a.Old)
	if err != nil {
		return err
	}
	if slices.Contains(old, a.New) {
		return conflict("the two numbers are one person's already, by other merges", "look at the list of merged numbers")
	}
	n, err := sqlite.Number(e.ctx, e.tx, `SELECT count(*) FROM aliases WHERE old = ? AND ended = 0`, a.Old)
	if err != nil {
		return err
	}
	if n > 0 {
		return conflict("the old number is merged with another one", "undo that merge first, or merge the other number")
	}
	new, err := numbersOf(e.ctx, e.tx, a.New)
	if err != nil {
		return err
	}
	n, err = sqlite.Number(e.ctx, e.tx, `SELECT count(*) FROM stays WHERE ended = 0 AND hospital_id IN (SELECT value FROM json_each(?))`, sqlite.AsJSON(append(old, new...)))
	if err == nil && n > 1 {
		err = conflict("both numbers lie on the wards now: they cannot be one person's", "check both wristbands; discharge the stay that is a mistake first")
	}
	return err
}

// UnmergeNumbers undoes the merge of an old hospital number. Studies that only that merge had placed go
// back to the worklist.
func (m *Imaging) UnmergeNumbers(ctx context.Context, old, reason string, by ward.PersonID) ([]ward.StayID, error) {
	old = strings.TrimSpace(old)
	if !isReason(reason) {
		return nil, bad("undoing a merge needs a reason of at most 256 bytes", "say how it is known that they are two people")
	}
	return m.change(ctx, func(e *edit) error {
		if _, err := e.mustBeStaff(by); err != nil {
			return err
		}
		var id string
		err := e.tx.QueryRowContext(ctx, `SELECT id FROM aliases WHERE old = ? AND ended = 0`, old).Scan(&id)
		if err != nil {
			return sqlite.Absent(err, "this number is not merged with another one", "look at the list of merged numbers")
		}
		if err := e.exec(`UPDATE aliases SET ended = ?, ended_by = ?, end_reason = ? WHERE id = ?`, sqlite.Ms(e.now), by, reason, id); err != nil {
			return err
		}
		e.audit(by, "imaging.unmerge", "alias:"+id, "with a reason")
		return e.withdraw(by, ward.UnmatchedMergedBack)
	})
}
