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
	id          string
	why         ward.Unmatched
	number, own string // the hospital number that the sender gave, and that of the stay
}

// otherNumber is why a study may be a misfit: only the merges tell.
const otherNumber = "number"

// misfits lists them. Of what a person placed only what lies on an undone admission is among them: a
// person knew of the contradiction. other is the reason where the hospital number is another one.
func misfits(ctx context.Context, q sqlite.Querier, other ward.Unmatched) ([]misfit, error) {
	found, err := sqlite.List(ctx, q, func(r sqlite.Row) (m misfit, err error) {
		return m, r.Scan(&m.id, &m.why, &m.number, &m.own)
	}, `SELECT * FROM (SELECT s.id, CASE
			WHEN st.end_reason = 'undone' THEN ?
			WHEN s.by_person <> '' THEN ''
			WHEN s.birth_date <> '' AND st.birth_date <> '' AND s.birth_date <> st.birth_date THEN ?
			WHEN s.sex IN ('female', 'male') AND st.sex IN ('female', 'male') AND s.sex <> st.sex THEN ?
			WHEN s.hospital_id <> '' AND s.hospital_id <> st.hospital_id THEN ?
			ELSE '' END AS why, s.hospital_id, st.hospital_id
		FROM studies s JOIN stays st ON st.id = s.stay WHERE s.stay <> '') WHERE why <> '' ORDER BY id`,
		ward.UnmatchedUnknown, ward.UnmatchedBirth, ward.UnmatchedSex, otherNumber)
	if err != nil {
		return nil, err
	}
	var out []misfit
	for _, m := range found {
		if m.why == otherNumber {
			same, err := numbersOf(ctx, q, m.number)
			if err != nil {
				return nil, err
			}
			if slices.Contains(same, m.own) {
				continue
			}
			m.why = other
		}
		out = append(out, m)
	}
	return out, nil
}

// withdraw takes the misfits off their stays, and with them what is there only because they are.
func (e *edit) withdraw(by ward.PersonID, other ward.Unmatched) error {
	list, err := misfits(e.ctx, e.tx, other)
	if err != nil {
		return err
	}
	for _, m := range list {
		now, _, err := e.studyByID(m.id)
		if err != nil {
			return err
		}
		if now.place.state != placed { // it went with another one
			continue
		}
		if err := e.takeOff(&now, placement{state: waiting, why: m.why}, deedWithdraw, by, ""); err != nil {
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
