package episodes

import (
	"path/filepath"
	"strings"
	"testing"

	"wardwatch/store/book/sqlite"
)

// Questions about a month find their rows by an index and never read a whole table.
func TestQuestionsAboutAMonthUseAnIndex(t *testing.T) {
	db, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "book.db"), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	for name, c := range map[string]struct {
		query string
		args  []any
		index []string
	}{
		"alerts of a ward":    {alertsBetween, []any{"a9", 1, 2}, []string{"alerts_ended"}},
		"notices of a ward":   {noticesBetween, []any{"a9", 1, 2}, []string{"notices_ward"}},
		"notices of an alert": {notices + ` WHERE alert = ? ORDER BY made, id`, []any{"K1"}, []string{"notices_alert"}},
		"what is due":         {dueNotices, []any{1, 2}, []string{"notices_due"}},
		"test messages":       {testsBetween, []any{"test", 1, 2}, []string{"notices_alert"}},
		"receipts of an alert": {receipts + ` WHERE notice IN (SELECT id FROM notices WHERE alert = ?) ORDER BY notice, try`, []any{"K1"},
			[]string{"notices_alert"}},
	} {
		t.Run(name, func(t *testing.T) {
			steps, err := sqlite.List(t.Context(), db.Read(), func(r sqlite.Row) (step string, err error) {
				var id, parent, unused int
				return step, r.Scan(&id, &parent, &unused, &step)
			}, `EXPLAIN QUERY PLAN `+c.query, c.args...)
			if err != nil {
				t.Fatal(err)
			}
			plan := strings.Join(steps, "\n")
			for _, index := range c.index {
				if !strings.Contains(plan+"\n", " INDEX "+index+" (") && !strings.Contains(plan+"\n", " INDEX "+index+"\n") {
					t.Errorf("not by %s:\n%s", index, plan)
				}
			}
			for _, step := range steps {
				for _, table := range []string{"SCAN a", "SCAN n", "SCAN alerts", "SCAN notices", "SCAN receipts"} {
					if step == table {
						t.Errorf("reads a whole table:\n%s", plan)
					}
				}
			}
		})
	}
}
