package episodes_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"wardwatch/store/book"
	. "wardwatch/store/book/booktest"
	"wardwatch/ward"
)

func alert(id ward.AlertID, w ward.WardID, raised, ended time.Time) ward.Alert {
	a := ward.Alert{ID: id, Place: ward.Place{Ward: w, Bed: "01"}, Kind: ward.Clinical, State: ward.Active, Raised: raised, Ended: ended, Version: 1}
	if !ended.IsZero() {
		a.State = ward.Resolved
	}
	return a
}

func notice(id ward.NoticeID, a ward.Alert, role ward.Role, who ward.PersonID, made time.Time) ward.Notice {
	return ward.Notice{ID: id, Alert: a.ID, Place: a.Place, Kind: a.Kind, Band: ward.High, Level: 1, Role: role, To: who, How: ward.HeldByRoster, Why: ward.WhySnoozeEnds,
		Channel: "webpush", Made: made, Due: made, Expires: made.Add(3 * time.Minute), State: ward.NoticePending}
}

func TestAlertsBetween(t *testing.T) {
	c := NewClock()
	b := Open(t, c)
	at := func(minutes int) time.Time { return c.At.Add(time.Duration(minutes) * time.Minute) }
	for _, a := range []ward.Alert{
		alert("before", "a9", at(0), at(10)),
		alert("into it", "a9", at(5), at(20)),
		alert("within", "a9", at(15), at(18)),
		alert("out of it", "a9", at(25), at(60)),
		alert("all of it", "a9", at(1), at(60)),
		alert("still open", "a9", at(2), time.Time{}),
		alert("after", "a9", at(30), at(60)),
		alert("elsewhere", "b1", at(15), at(20)),
		alert("of no ward", "", at(16), at(20)),
	} {
		OK(t, b.Commit(t.Context(), ward.Change{Alert: a}))
	}
	for _, x := range []struct {
		ward     ward.WardID
		from, to int
		want     string
	}{
		{"a9", 11, 30, "all of it, still open, into it, within, out of it"},
		{"a9", 10, 11, "before, all of it, still open, into it"},
		{"", 11, 30, "all of it, still open, into it, elsewhere, within, of no ward, out of it"},
		{"b1", 0, 100, "elsewhere"},
		{"zz", 0, 100, ""},
	} {
		var got []string
		for a, err := range b.AlertsBetween(t.Context(), x.ward, at(x.from), at(x.to)) {
			OK(t, err)
			got = append(got, string(a.ID))
		}
		if strings.Join(got, ", ") != x.want {
			t.Errorf("ward %q from %d to %d:\n%s\nwant:\n%s", x.ward, x.from, x.to, strings.Join(got, ", "), x.want)
		}
	}
	for range b.AlertsBetween(t.Context(), "", at(0), at(100)) {
		break // whoever has seen enough may go
	}
}

func TestNoticesBetween(t *testing.T) {
	c := NewClock()
	b := Open(t, c)
	ctx := t.Context()
	a, other := alert("K1", "a9", c.At, time.Time{}), alert("K2", "b1", c.At, time.Time{})
	first := notice("n1", a, ward.RoleNurse, "lan", c.At)
	OK(t, b.Commit(ctx, ward.Change{Alert: a, Notices: []ward.Notice{first, notice("n2", a, ward.RoleNurse, "mai", c.At.Add(time.Minute))}}))
	OK(t, b.Commit(ctx, ward.Change{Alert: other, Notices: []ward.Notice{notice("n3", other, ward.RoleNurse, "hoa", c.At)}}))
	ids := func(w ward.WardID, from, to time.Duration) (out []string) {
		for _, n := range Must[[]ward.Notice](t)(b.NoticesBetween(ctx, w, c.At.Add(from), c.At.Add(to))) {
			out = append(out, string(n.ID))
		}
		return out
	}
	if got := ids("a9", 0, time.Minute); !slices.Equal(got, []string{"n1"}) {
		t.Errorf("to excluded: %v", got)
	}
	if got := ids("", 0, time.Hour); !slices.Equal(got, []string{"n1", "n2", "n3"}) {
		t.Errorf("of every ward: %v", got)
	}
	if got := Must[[]ward.Notice](t)(b.NoticesOf(ctx, "K1")); len(got) != 2 || got[0] != first {
		t.Errorf("every field is kept: got %+v, want %+v", got, first)
	}
}

func TestReceiptsOf(t *testing.T) {
	c := NewClock()
	b := Open(t, c)
	ctx := t.Context()
	a := alert("K1", "a9", c.At, time.Time{})
	OK(t, b.Commit(ctx, ward.Change{Alert: a, Notices: []ward.Notice{notice("n1", a, ward.RoleNurse, "lan", c.At), notice("n2", a, ward.RoleNurse, "mai", c.At)}}))
	said := []ward.Receipt{{Notice: "n1", At: c.At, RetryAt: c.At.Add(time.Second), Error: "timeout"}, {Notice: "n1", At: c.At.Add(time.Second), OK: true},
		{Notice: "n2", At: c.At, Final: true, Nobody: true, Error: "nobody has signed up"}}
	for _, r := range said {
		Must[ward.Notice](t)(b.Settle(ctx, r))
	}
	got := Must[map[ward.NoticeID][]ward.Receipt](t)(b.ReceiptsOf(ctx, "K1"))
	if len(got) != 2 || !slices.Equal(got["n1"], said[:2]) || !slices.Equal(got["n2"], said[2:]) {
		t.Errorf("%+v", got)
	}
}

// A hand-over calls back what is on its way to one person in one duty: nobody else's, no other
// alert's, and not what the same change promises.
func TestRecall(t *testing.T) {
	c := NewClock()
	b := Open(t, c)
	ctx := t.Context()
	a, other := alert("K1", "a9", c.At, time.Time{}), alert("K2", "a9", c.At, time.Time{})
	delivered := notice("delivered", a, ward.RoleNurse, "lan", c.At)
	OK(t, b.Commit(ctx, ward.Change{Alert: a, Notices: []ward.Notice{notice("hers", a, ward.RoleNurse, "lan", c.At), notice("mai's", a, ward.RoleNurse, "mai", c.At),
		notice("in another duty", a, ward.RoleCharge, "lan", c.At), notice("the role's", a, ward.RoleNurse, "", c.At), delivered}}))
	OK(t, b.Commit(ctx, ward.Change{Alert: other, Notices: []ward.Notice{notice("of another alert", other, ward.RoleNurse, "lan", c.At)}}))
	Must[ward.Notice](t)(b.Settle(ctx, ward.Receipt{Notice: "delivered", At: c.At, OK: true}))
	c.Pass(time.Minute)
	a.Version = 2
	OK(t, b.Commit(ctx, ward.Change{Alert: a, Recall: []ward.Addressee{{Role: ward.RoleNurse, Person: "lan"}}, Notices: []ward.Notice{notice("hers anew", a, ward.RoleNurse, "lan", c.At)}}))
	for _, id := range []ward.AlertID{"K1", "K2"} {
		for _, n := range Must[[]ward.Notice](t)(b.NoticesOf(ctx, id)) {
			want := ward.NoticePending
			switch n.ID {
			case "hers":
				want = ward.NoticeWithdrawn
			case "delivered":
				want = ward.NoticeDelivered
			}
			if n.State != want || want == ward.NoticeWithdrawn && n.Settled != c.At {
				t.Errorf("%s is %s, want %s", n.ID, n.State, want)
			}
		}
	}
}

func TestTestMessages(t *testing.T) {
	c := NewClock()
	b := Open(t, c)
	ctx := t.Context()
	n := ward.Notice{ID: "t1", Why: ward.WhyTest, Channel: "sms", To: "lan", How: ward.HeldByRoster, Role: ward.RoleNurse, Made: c.At, Expires: c.At.Add(time.Minute)}
	OK(t, b.AddNotice(ctx, n))
	OK(t, b.AddNotice(ctx, n))
	due := Must[[]ward.Notice](t)(b.DueNotices(ctx, c.At, 10))
	if len(due) != 1 || due[0].Alert != book.TestAlert || due[0].Why != ward.WhyTest || due[0].To != "lan" {
		t.Fatalf("due: %+v", due)
	}
	if n := Must[ward.Notice](t)(b.Settle(ctx, ward.Receipt{Notice: "t1", At: c.At, OK: true})); n.State != ward.NoticeDelivered {
		t.Errorf("settled as %+v", n)
	}
	if open := Must[[]ward.Alert](t)(b.OpenAlerts(ctx)); len(open) != 0 {
		t.Errorf("an alert stands behind a test: %+v", open)
	}
	for name, change := range map[string]func(*ward.Notice){
		"an alert's notice without it": func(n *ward.Notice) { n.Why = ward.WhyAlert },
		"no id":                        func(n *ward.Notice) { n.ID = "" },
		"no channel":                   func(n *ward.Notice) { n.Channel = "" },
	} {
		t.Run(name, func(t *testing.T) {
			bad := n
			change(&bad)
			Refused(t, b.AddNotice(ctx, bad), ward.BadInput)
		})
	}
}

// manyNotices is a book of two years of twenty wards: a month of one has 2,000 alerts and 50,000 notices
// in a hospital that has 400,000 of them.
func manyNotices(b testing.TB) (*book.Book, *Clock) {
	c := NewClock()
	k := Open(b, c)
	db := Raw(b, k)
	for _, q := range []string{
		`INSERT INTO alerts SELECT 'seed', 'a9', '01', 's', 'clinical', 'resolved', 1, 2, 1, doc FROM (SELECT '{"ID":"seed","Kind":"clinical","Score":{"Chart":"news2","NParts":7,"Parts":[' || group_concat('{"Input":"rr","State":1,"Number":20}') || ']}}' AS doc FROM (SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4 UNION ALL SELECT 5 UNION ALL SELECT 6 UNION ALL SELECT 7))`,
		// alert i: every 40 s one of 20 wards, open for 10 min
		`WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 39999)
			INSERT INTO alerts SELECT 'K' || i, 'w' || (i % 20), '01', 's' || i, 'clinical', 'resolved', 1795000000000 + i * 64800, 1795000000000 + i * 64800 + 600000, 1, doc FROM n, (SELECT doc FROM alerts WHERE id = 'seed')`,
		`WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 399999)
			INSERT INTO notices (id, alert, ward, bed, kind, band, level, role, to_person, channel, made, due, expires, tries, state, settled, error)
			SELECT 'n' || i, 'K' || (i / 10), 'w' || iif(i % 8 = 0, 0, i / 10 % 20), '01', 'clinical', 'high', 1, 'nurse', 'p' || (i % 100), 'webpush', 1795000000000 + i * 6480, 1795000000000 + i * 6480, 0, 1, 'delivered', 1795000000000 + i * 6480 + 1000, '' FROM n`,
	} {
		if _, err := db.Exec(q); err != nil {
			b.Fatal(err)
		}
	}
	return k, c
}

func BenchmarkEvidence(b *testing.B) {
	k, _ := manyNotices(b)
	ctx := b.Context()
	from, to := time.UnixMilli(1795000000000), time.UnixMilli(1795000000000+400_000*6480)
	for _, w := range []ward.WardID{"w0", ""} {
		b.Run(fmt.Sprintf("notices of ward %q", w), func(b *testing.B) {
			n := 0
			for b.Loop() {
				n = len(Must[[]ward.Notice](b)(k.NoticesBetween(ctx, w, from, to)))
			}
			b.ReportMetric(float64(n), "notices")
		})
		b.Run(fmt.Sprintf("alerts of ward %q", w), func(b *testing.B) {
			n := 0
			for b.Loop() {
				n = 0
				for _, err := range k.AlertsBetween(ctx, w, from, to) {
					OK(b, err)
					n++
				}
			}
			b.ReportMetric(float64(n), "alerts")
		})
	}
	b.Run("notices of one alert", func(b *testing.B) {
		for b.Loop() {
			Must[[]ward.Notice](b)(k.NoticesOf(ctx, "K77"))
		}
	})
}
