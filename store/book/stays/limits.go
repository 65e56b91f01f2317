package stays

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"

	"wardwatch/store/book/sqlite"
	"wardwatch/ward"
)

// longestLimit is how far ahead a person's own limits may lapse: longer, and nobody would look at
// them again. Our proposal, for local clinicians to sign.
const longestLimit = 14 * 24 * time.Hour

// limitSpan is what a limit or a usual value of a vital can be at all, ends included, from the
// newborn to the old: wide, so that it tells a slip of the finger or a wrong unit from an order. A
// vital without one is coded or derived and has no limits. Ours.
type limitSpan struct{ low, high float64 }

var limitSpans = [ward.NumVitals]limitSpan{
	ward.HR: {20, 300}, ward.PR: {20, 300}, ward.RR: {3, 120}, ward.SpO2: {50, 100},
	ward.SBP: {30, 300}, ward.DBP: {10, 200}, ward.MAP: {20, 250}, ward.Temp: {30, 43},
	ward.EtCO2: {5, 150}, ward.FiO2: {0.21, 1},
}

// SetLimit records a doctor's order of limits for one vital, or of what is usual for the person:
// in force from now until l.Until, in place of an earlier one of the same vital, which is kept as
// history. by is its author and must have a doctor's access; l.By and l.Since are ignored.
func (c *Census) SetLimit(ctx context.Context, id ward.StayID, l ward.Limit, by ward.PersonID) (ward.Stay, error) {
	return c.order(ctx, id, by, "stay.limit", func(e *edit, s *ward.Stay) (string, error) {
		l.By, l.Since = by, e.now
		if err := e.checkLimit(&l); err != nil {
			return "", err
		}
		if err := e.endLimit(id, l.Vital, by); err != nil {
			return "", err
		}
		return limitText(&l), e.exec(`INSERT INTO limits (stay, vital, low, high, usual, by_person, reason, since, until, ended, ended_by)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0, '')`, id, l.Vital.String(), l.Low, l.High, l.Usual, l.By, l.Reason, sqlite.Ms(l.Since), sqlite.Ms(l.Until))
	})
}

// EndLimit ends the limits of a vital that are in force: the ward's own stand again. by must have a
// doctor's access.
func (c *Census) EndLimit(ctx context.Context, id ward.StayID, v ward.Vital, by ward.PersonID) (ward.Stay, error) {
	return c.order(ctx, id, by, "stay.limit_end", func(e *edit, s *ward.Stay) (string, error) {
		if err := e.mustBeDoctor(by, "the end of a person's own limits"); err != nil {
			return "", err
		}
		if _, ok := s.LimitAt(v, e.now); !ok {
			return "", &ward.Error{Code: ward.NotFound, Message: fmt.Sprintf("this person has no limits of their own for %s", v), Hint: "reload: they may have lapsed, or somebody has ended them"}
		}
		return v.String(), e.endLimit(id, v, by)
	})
}

// endLimit ends whatever stands for the vital. What has lapsed meanwhile ended then, by nobody.
func (e *edit) endLimit(id ward.StayID, v ward.Vital, by ward.PersonID) error {
	return e.exec(`UPDATE limits SET ended = min(until, ?1), ended_by = iif(until <= ?1, '', ?2)
		WHERE stay = ?3 AND vital = ?4 AND ended = 0`, sqlite.Ms(e.now), by, id, v.String())
}

func (e *edit) checkLimit(l *ward.Limit) error {
	if err := e.mustBeDoctor(l.By, "a person's own limits"); err != nil {
		return err
	}
	if err := checkLimitNumbers(l); err != nil {
		return err
	}
	switch {
	case !isReason(l.Reason):
		return bad("limits of a person's own need a reason of at most 256 bytes", "say why the ward's do not fit, for example known bradycardia")
	case !l.Until.After(e.now):
		return bad("the limits would have lapsed already", "give the time until which they stand")
	case l.Until.After(e.now.Add(longestLimit)):
		return bad("the limits would stand for more than 14 days", "give an earlier time and renew them when it comes")
	}
	return nil
}

func checkLimitNumbers(l *ward.Limit) error {
	if l.Vital >= ward.NumVitals || limitSpans[l.Vital] == (limitSpan{}) {
		return bad("this vital can have no limits", "the vitals that can are "+limitedVitals())
	}
	if l.Low == 0 && l.High == 0 && l.Usual == 0 {
		return bad("the limits say nothing", "give low, high or usual; 0 stands for none")
	}
	span := limitSpans[l.Vital]
	for _, n := range []struct {
		what   string
		number float64
	}{{"low", l.Low}, {"high", l.High}, {"usual", l.Usual}} {
		if n.number != 0 && !(n.number >= span.low && n.number <= span.high) { // NaN is in no span
			return bad(fmt.Sprintf("%s cannot be %s for %s", number(n.number), n.what, l.Vital), fmt.Sprintf("give a number from %s to %s, or 0 for none", number(span.low), number(span.high)))
		}
	}
	low, high := l.Low, l.High
	if high == 0 {
		high = math.Inf(1)
	}
	switch {
	case low >= high:
		return bad("the lower limit is not below the upper one", "check whether they are the right way round")
	case l.Usual != 0 && (l.Usual < low || l.Usual > high):
		return bad("what is usual lies beyond the limits", "widen the limits, or leave usual out")
	}
	return nil
}

func limitedVitals() string {
	var list []byte
	for v, span := range limitSpans {
		if span != (limitSpan{}) {
			list = append(append(list, ' '), ward.Vital(v).String()...)
		}
	}
	return string(list[1:])
}

// limitText is the order as the audit keeps it; the reason may say too much of the person.
func limitText(l *ward.Limit) string {
	return fmt.Sprintf("%s low %s, high %s, usual %s, until %s", l.Vital, number(l.Low), number(l.High), number(l.Usual), l.Until.UTC().Format(time.RFC3339))
}

func number(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }

// limitsOf selects a stay's limits that nobody has ended, as one JSON column of each stay's row: a
// stay is always read whole, and never with a query more.
const limitsOf = `(SELECT json_group_array(json_array(vital, low, high, usual, by_person, reason, since, until))
	FROM limits WHERE limits.stay = stays.id AND limits.ended = 0)`

// limitsColumn scans limitsOf. Lapsed ones are among them: who asks, asks of a moment (LimitAt), and
// a limit lapses without anything being written.
type limitsColumn struct{ into *[]ward.Limit }

// Scan implements sql.Scanner.
func (c limitsColumn) Scan(v any) error {
	text, ok := v.(string)
	if !ok {
		return fmt.Errorf("column holds %T where limits as JSON belong", v)
	}
	*c.into = nil
	if text == "[]" {
		return nil
	}
	var rows []limitRow
	if err := json.Unmarshal([]byte(text), &rows); err != nil {
		return err
	}
	for _, r := range rows {
		*c.into = append(*c.into, ward.Limit(r))
	}
	slices.SortFunc(*c.into, func(a, b ward.Limit) int { return int(a.Vital) - int(b.Vital) })
	return nil
}

// limitRow is a limit as limitsOf writes it.
type limitRow ward.Limit

// UnmarshalJSON implements json.Unmarshaler.
func (r *limitRow) UnmarshalJSON(b []byte) error {
	var vital string
	var since, until int64
	if err := json.Unmarshal(b, &[]any{&vital, &r.Low, &r.High, &r.Usual, &r.By, &r.Reason, &since, &until}); err != nil {
		return err
	}
	v, ok := ward.VitalNamed(vital)
	if !ok {
		return fmt.Errorf("the book has limits of a vital %q that this version does not know", vital)
	}
	r.Vital, r.Since, r.Until = v, sqlite.Time(since), sqlite.Time(until)
	return nil
}
