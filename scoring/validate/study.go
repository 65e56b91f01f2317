package validate

import (
	"math"

	"wardwatch/scoring/backtest/stat"
)

// study is a set of rows with the patients numbered from 0. The numbers are those of all rows, also
// where a study holds but a part of them.
type study struct {
	rows    []Row
	patient []int32 // of each row
	people  int     // of all rows

	model, news2 *stat.Ranked
	logistic     *stat.Ranked // nil where there is none
}

func studyOf(rows []Row, numbers map[int32]int32, people int) *study {
	s := &study{rows: rows, patient: make([]int32, len(rows)), people: people}
	event := make([]bool, len(rows))
	p, news2, logistic := make([]float64, len(rows)), make([]float64, len(rows)), make([]float64, len(rows))
	for i := range rows {
		r := &rows[i]
		s.patient[i], event[i] = numbers[r.Patient], r.Event
		p[i], news2[i], logistic[i] = r.P, float64(r.News2), r.Logistic
	}
	s.model, s.news2 = stat.Rank(p, s.patient, event), stat.Rank(news2, s.patient, event)
	if len(rows) > 0 && !math.IsNaN(logistic[0]) {
		s.logistic = stat.Rank(logistic, s.patient, event)
	}
	return s
}

// where is the part of the study whose rows are so.
func (s *study) where(is func(*Row) bool) *study {
	var rows []Row
	numbers := map[int32]int32{}
	for i := range s.rows {
		if is(&s.rows[i]) {
			rows = append(rows, s.rows[i])
			numbers[s.rows[i].Patient] = s.patient[i]
		}
	}
	return studyOf(rows, numbers, s.people)
}

// sums adds up a figure of the rows by patient.
func (s *study) sums(of func(*Row) float64) []float64 {
	out := make([]float64, s.people)
	for i := range s.rows {
		out[s.patient[i]] += of(&s.rows[i])
	}
	return out
}

// count counts rows by patient.
func (s *study) count(is func(*Row) bool) []float64 {
	return s.sums(func(r *Row) float64 {
		if is(r) {
			return 1
		}
		return 0
	})
}

func hasEvent(r *Row) bool { return r.Event }
func noEvent(r *Row) bool  { return !r.Event }
func everyRow(*Row) bool   { return true }

// total adds up a figure by patient over those drawn.
func total(of []float64, drawn []uint8) (sum float64) {
	for i, n := range drawn {
		sum += float64(n) * of[i]
	}
	return sum
}

// some counts the patients of whom there is any.
func some(of []float64) (n int) {
	for _, v := range of {
		if v > 0 {
			n++
		}
	}
	return n
}

// ratio asks for one figure by patient over another.
func (m *measurer) ratio(over, under []float64, into ...sink) {
	s := stat.Ratio(over, under)
	m.ask(s.N, s.Of, into...)
}

// days are the patient-days of each patient.
func (s *study) days() []float64 {
	return s.sums(func(*Row) float64 { return 1. / dayRows })
}
