package findings

import (
	"context"
	"time"

	"wardwatch/store/book/sqlite"
	"wardwatch/ward"
)

// Bounds of the worklist, ours: what nobody has placed in a week is most likely of people who never lie
// here, and a longer list nobody reads. It stays in the book, and a later delivery of the same study
// brings it back.
const (
	worklistSpan = 7 * 24 * time.Hour
	longestList  = 500
)

// items selects of studies what the worklist shows.
const items = `SELECT ` + studyColumns + `, (SELECT count(*) FROM findings f WHERE f.study = studies.id) AS said FROM studies`

func scanItem(r sqlite.Row) (i ward.WorklistItem, err error) {
	var said int
	s, err := scanStudy(withCount{r, &said})
	return ward.WorklistItem{ID: s.id, Of: s.of, Study: s.about, Source: s.source, Why: s.place.why, Findings: said, Received: s.received, Guesses: s.place.guesses}, err
}

// withCount reads one column more than what it stands for does.
type withCount struct {
	sqlite.Row
	n *int
}

// Scan implements sqlite.Row.
func (w withCount) Scan(dest ...any) error { return w.Row.Scan(append(dest, w.n)...) }

// Worklist lists the results that wait for a person to say whose they are, the newest first: at most 500
// of the last week. With a ward, those with a guess that lies there, or with none at all.
func (m *Imaging) Worklist(ctx context.Context, w ward.WardID) ([]ward.WorklistItem, error) {
	return sqlite.List(ctx, m.db.Read(), scanItem, `SELECT * FROM (`+items+` WHERE state = 'waiting' AND received >= ?1) AS i WHERE said > 0
		AND (?2 = '' OR guesses = '[]' OR EXISTS (SELECT 1 FROM json_each(i.guesses) g JOIN stays st ON st.id = g.value WHERE st.ward = ?2))
		ORDER BY received DESC, id LIMIT ?3`, sqlite.Ms(m.now().Add(-worklistSpan)), w, longestList)
}

// WorklistItem finds one that waits.
func (m *Imaging) WorklistItem(ctx context.Context, id string) (ward.WorklistItem, error) {
	i, err := scanItem(m.db.Read().QueryRowContext(ctx, items+` WHERE id = ? AND state = 'waiting'`, id))
	return i, sqlite.Absent(err, "nothing waits under this id", "reload the list: somebody may have placed it")
}

// Unplaced lists what of the last week waits only because nobody was found whom it fits, and that the
// matching rule may place. What only a person may place is not among it.
func (m *Imaging) Unplaced(ctx context.Context) ([]ward.WorklistItem, error) {
	return sqlite.List(ctx, m.db.Read(), scanItem, items+` WHERE state = 'waiting' AND held = 0 AND received >= ? ORDER BY received, id`, sqlite.Ms(m.now().Add(-worklistSpan)))
}

// Place gives to a stay what the matching rule now finds to be of it. What waits no more, or only a person
// may place, stays as it is.
func (m *Imaging) Place(ctx context.Context, item string, stay ward.StayID) ([]ward.StayID, error) {
	return m.change(ctx, func(e *edit) error {
		s, known, err := e.studyByID(item)
		if err != nil || !known || s.place.state != waiting || s.place.held {
			return err
		}
		v, err := e.checked(&s, verdict{stay: stay})
		if err != nil {
			return err
		}
		return e.move(&s, v.first(), deedMatch, "", "")
	})
}
