package episodes_test

import (
	"testing"
	"time"

	. "wardwatch/store/book/booktest"
	"wardwatch/ward"
)

// A clock that was put back keeps no notice waiting, and a try that fails then is put off by the clock
// as it is, not repeated without a pause.
func TestClockPutBackKeepsNoNoticeWaiting(t *testing.T) {
	c := NewClock()
	b := Open(t, c)
	a := alert("K1", "a9", c.At, time.Time{})
	tried := notice("tried", a, ward.RoleNurse, "lan", c.At)
	OK(t, b.Commit(t.Context(), ward.Change{Alert: a, Notices: []ward.Notice{tried, notice("new", a, ward.RoleNurse, "mai", c.At)}}))
	Must[ward.Notice](t)(b.Settle(t.Context(), ward.Receipt{Notice: "tried", At: c.At, RetryAt: c.At.Add(15 * time.Second), Error: "timeout"}))

	due := func(want ...ward.NoticeID) {
		t.Helper()
		got := Must[[]ward.Notice](t)(b.DueNotices(t.Context(), c.At, 10))
		if len(got) != len(want) {
			t.Fatalf("%d due, want %v", len(got), want)
		}
		for i := range want {
			if got[i].ID != want[i] {
				t.Errorf("%s is due, want %s", got[i].ID, want[i])
			}
		}
	}
	due("new")
	c.Pass(-time.Hour)
	due("new", "tried")
	for _, id := range []ward.NoticeID{"new", "tried"} {
		Must[ward.Notice](t)(b.Settle(t.Context(), ward.Receipt{Notice: id, At: c.At, RetryAt: c.At.Add(15 * time.Second), Error: "timeout"}))
	}
	due()
	c.Pass(15 * time.Second)
	due("new", "tried")
}
