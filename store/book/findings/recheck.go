package findings

import (
	"context"
	"slices"

	"wardwatch/store/book/sqlite"
	"wardwatch/ward"
)

// Recheck takes off their stays the studies that the matching rule placed and that do not fit any more:
// somebody corrected the stay's number, birth date or sex, or undid the admission. They wait for the rule
// or a person to place them again. Call it when stays change, before Unplaced.
func (m *Imaging) Recheck(ctx context.Context) ([]ward.StayID, error) {
	found, err := misfits(ctx, m.db.Read(), ward.UnmatchedUnknown)
	if err != nil || len(found) == 0 {
		return nil, err // nearly always: nothing to write
	}
	return m.change(ctx, func(e *edit) error { return e.withdraw("", ward.UnmatchedUnknown) })
}

// misfit is a placed study that does not fit its stay, and why.
type misfit struct {
	study
	why ward.Unmatched
}

// misfits lists them. Of what a person placed only what lies on an undone admission is among them: a
// person knew of the contradiction. other is the reason where the hospital number is another one.
func misfits(ctx context.Context, q sqlite.Querier, other ward.Unmatched) ([]misfit, error) {
	var numbers []string // of the stay, one for each found
	found, err := sqlite.List(ctx, q, func(r sqlite.Row) (m misfit, err error) {
		var id, number string
		if err = r.Scan(&id, &m.why, &number); err == nil {
			m.id = id
			numbers = append(numbers, number)
		}
		return m, err
	}, `SELECT * FROM (SELECT s.id, CASE
			WHEN st.end_reason = 'undone' THEN 'unknown_patient'
			WHEN s.by_person <> '' THEN ''
			WHEN s.birth_date <> '' AND st.birth_date <> '' AND s.birth_date <> st.birth_date THEN 'birth_date_differs'
			WHEN s.sex IN ('female', 'male') AND st.sex IN ('female', 'male') AND s.sex <> st.sex THEN 'sex_differs'
			WHEN s.hospital_id <> '' AND s.hospital_id <> st.hospital_id THEN 'number'
			ELSE '' END AS why, st.hospital_id
		FROM studies s JOIN stays st ON st.id = s.stay WHERE s.stay <> '') WHERE why <> '' ORDER BY id`)
	if err != nil {
		return nil, err
	}
	var out []misfit
	for i, m := range found {
		why := m.why
		if m.study, err = scanStudy(q.QueryRowContext(ctx, `SELECT `+studyColumns+` FROM studies WHERE id = ?`, m.id)); err != nil {
			return nil, sqlite.Explain(err)
		}
		if why == "number" {
			why = other
			same, err := numbersOf(ctx, q, m.of.HospitalID)
			if err != nil {
				return nil, err
			}
			if slices.Contains(same, numbers[i]) {
				continue
			}
		}
		out = append(out, misfit{m.study, why})
	}
	return out, nil
}

// withdraw takes the misfits off their stays, and with them what is there only because they are.
func (e *edit) withdraw(by ward.PersonID, other ward.Unmatched) error {
	list, err := misfits(e.ctx, e.tx, other)
	if err != nil {
		return err
	}
	for i := range list {
		to := placement{state: waiting, why: list[i].why}
		if err := e.takeOff(&list[i].study, to, deedWithdraw, by, ""); err != nil {
			return err
		}
	}
	return nil
}

// takeOff takes a study off its stay, and with it the related ones that the rule put there.
func (e *edit) takeOff(s *study, to placement, deed string, by ward.PersonID, reason string) error {
	related, err := e.related(s)
	if err != nil {
		return err
	}
	from := s.place.stay
	if err := e.move(s, to, deed, by, reason); err != nil {
		return err
	}
	for i := range related {
		r := &related[i]
		if r.place.state != placed || r.place.stay != from || r.place.by != "" {
			continue
		}
		if err := e.move(r, to, deed, by, reason); err != nil {
			return err
		}
	}
	return nil
}
