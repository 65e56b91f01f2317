package book

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"testing"
	"time"

	"wardwatch/ward"
)

// fill sets every field that can be set to something that is not zero, so that a field that is
// not kept shows. It follows the types, whatever is added to them later.
func fill(v reflect.Value, n *int) {
	*n++
	if t, ok := v.Addr().Interface().(*time.Time); ok {
		*t = time.Date(2026, 11, 21, 1, 2, 3, *n*1e6, time.UTC)
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), n)
		}
	case reflect.Array:
		for i := range v.Len() {
			fill(v.Index(i), n)
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fill(v.Index(0), n)
		fill(v.Index(1), n)
	case reflect.String:
		v.SetString("Đ" + string(rune('a'+*n%26)))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Float64:
		v.SetFloat(float64(*n) + 0.1)
	case reflect.Uint8:
		v.SetUint(uint64(1 + *n%3))
	case reflect.Uint64:
		v.SetUint(uint64(*n))
	default:
		v.SetInt(int64(*n))
	}
}

func fullAlert(id ward.AlertID) ward.Alert {
	var a ward.Alert
	fill(reflect.ValueOf(&a).Elem(), new(int))
	a.ID, a.State, a.Version, a.Kind = id, ward.Active, 1, ward.Clinical
	return a
}

func notice(id ward.NoticeID, alert ward.AlertID, role ward.Role, due time.Time) ward.Notice {
	return ward.Notice{ID: id, Alert: alert, Place: bed("01"), Kind: ward.Clinical, Band: ward.High, Level: 1, Role: role, To: "p1", Channel: "webhook",
		Made: due, Due: due, Expires: due.Add(minutes(3)), State: ward.NoticePending}
}

func TestEveryFieldOfAnAlertIsKept(t *testing.T) {
	b := open(t, newClock())
	want := fullAlert("K1")
	ok(t, b.Commit(t.Context(), ward.Change{Alert: want}))
	got := must[ward.Alert](t)(b.Alert(t.Context(), "K1"))
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	odd := want
	odd.Version, odd.Score.Parts[0].Number = 2, math.NaN()
	ok(t, b.Commit(t.Context(), ward.Change{Alert: odd})) // an alert is never lost for a number
}

// Books written by the first version must stay readable: this is how it wrote an alert.
func TestAnAlertOfTheFirstVersionIsReadable(t *testing.T) {
	b := open(t, newClock())
	const doc = `{"ID":"K0","Place":{"ward":"a9","bed":"01"},"Stay":"S1","Kind":"clinical","State":"accepted","Band":4,"Points":7,
		"Score":{"Place":{"ward":"a9","bed":"01"},"Chart":"news2","Total":7,"Complete":true,"NParts":1,"Parts":[{"Input":"rr","Points":3,"State":1,"Number":26}]},
		"Causes":[{"code":"news2","band":4,"since":"2026-11-21T01:00:00Z"}],"Level":1,"Raised":"2026-11-21T01:00:00Z","NextAt":"2026-11-21T01:30:00Z","Next":"bedside",
		"Duties":[{"role":"nurse","level":1,"told":"2026-11-21T01:02:00Z","accepted":"2026-11-21T01:03:00Z","by":"p1"}],"Position":4711,"Version":3}`
	if _, err := b.db.Read().QueryContext(t.Context(), `SELECT 1`); err != nil {
		t.Fatal(err)
	}
	execute(t, b, `INSERT INTO alerts (id, ward, bed, stay, kind, state, raised, ended, version, doc) VALUES ('K0', 'a9', '01', 'S1', 'clinical', 'accepted', 1, 0, 3, ?)`, doc)
	a := must[ward.Alert](t)(b.Alert(t.Context(), "K0"))
	if a.Place != bed("01") || a.Stay != "S1" || a.State != ward.Accepted || a.Band != ward.High || a.Points != 7 || !a.Score.Complete || a.Score.PartList()[0].Number != 26 ||
		a.Causes[0].Code != "news2" || a.Causes[0].Band != ward.High || a.Next != ward.DueBedside || a.NextAt.IsZero() || a.Duties[0].Role != ward.RoleNurse || a.Duties[0].Accepted.IsZero() ||
		a.Position != 4711 || a.Version != 3 || a.Level != 1 {
		t.Errorf("read as %+v", a)
	}
}

func TestCommitIsOneTransactionGuardedByTheVersion(t *testing.T) {
	c := newClock()
	b := open(t, c)
	ctx := t.Context()
	a := ward.Alert{ID: "K1", Place: bed("01"), Kind: ward.Clinical, State: ward.Active, Raised: c.at, Position: 100, Version: 1}
	first := ward.Change{Alert: a, Notices: []ward.Notice{notice("n1", "K1", ward.RoleNurse, c.at), notice("n2", "K1", ward.RoleDoctor, c.at)},
		Audit: []ward.AuditEntry{{At: c.at, Deed: "alert.raise", Object: "alert:K1"}}}
	ok(t, b.Commit(ctx, first))
	ok(t, b.Commit(ctx, first)) // the caller did not learn that it was kept
	if rows := must[[]AuditRow](t)(b.Audit(ctx, AuditFilter{Object: "alert:K1"})); len(rows) != 1 {
		t.Errorf("a repeated commit is audited %d times", len(rows))
	}

	late := first
	late.Alert.State = ward.Accepted // another writer, still at version 1
	late.Notices = []ward.Notice{notice("n3", "K1", ward.RoleLead, c.at)}
	refused(t, b.Commit(ctx, late), ward.Conflict)
	late.Alert.Version = 3
	refused(t, b.Commit(ctx, late), ward.Conflict)
	if n := must[[]ward.Notice](t)(b.NoticesOf(ctx, "K1")); len(n) != 2 {
		t.Errorf("a refused commit left %d notices", len(n))
	}

	a.Version, a.State, a.Position = 2, ward.Resolved, 90
	ok(t, b.Commit(ctx, ward.Change{Alert: a, Withdraw: []ward.Role{ward.RoleNurse}, Notices: []ward.Notice{notice("n4", "K1", ward.RoleNurse, c.at), notice("n1", "K1", ward.RoleNurse, c.at)}}))
	states := map[ward.NoticeID]ward.NoticeState{}
	for _, n := range must[[]ward.Notice](t)(b.NoticesOf(ctx, "K1")) {
		states[n.ID] = n.State
	}
	want := map[ward.NoticeID]ward.NoticeState{"n1": ward.NoticeWithdrawn, "n2": ward.NoticePending, "n4": ward.NoticePending}
	if !reflect.DeepEqual(states, want) {
		t.Errorf("notices %v, want %v", states, want)
	}
	if open := must[[]ward.Alert](t)(b.OpenAlerts(ctx)); len(open) != 0 {
		t.Errorf("open after resolving: %v", open)
	}
	if p := must[map[ward.Place]uint64](t)(b.Positions(ctx)); len(p) != 1 || p[bed("01")] != 100 {
		t.Errorf("positions %v: the highest, resolved alerts included, is 100", p)
	}
	_, err := b.Alert(ctx, "K9")
	refused(t, err, ward.NotFound)
}

func TestAlertsAreChosen(t *testing.T) {
	c := newClock()
	b := open(t, c)
	ctx := t.Context()
	for i, a := range []ward.Alert{
		{ID: "K1", Place: bed("01"), Stay: "s1", State: ward.Active},
		{ID: "K2", Place: bed("02"), Stay: "s2", State: ward.Resolved},
		{ID: "K3", Place: bed("01"), Stay: "s1", State: ward.Resolved},
		{ID: "K4", Kind: ward.Technical, State: ward.Active, Position: 50},
	} {
		a.Raised, a.Version = c.at.Add(minutes(i)), 1
		ok(t, b.Commit(ctx, ward.Change{Alert: a}))
	}
	cases := []struct {
		filter AlertFilter
		want   []ward.AlertID
	}{
		{AlertFilter{}, []ward.AlertID{"K4", "K3", "K2", "K1"}},
		{AlertFilter{Ward: "a9"}, []ward.AlertID{"K3", "K2", "K1"}},
		{AlertFilter{Stay: "s1"}, []ward.AlertID{"K3", "K1"}},
		{AlertFilter{Stay: "s1", Open: true}, []ward.AlertID{"K1"}},
		{AlertFilter{From: c.at.Add(minutes(1)), To: c.at.Add(minutes(3))}, []ward.AlertID{"K3", "K2"}},
		{AlertFilter{Limit: 1}, []ward.AlertID{"K4"}},
	}
	for _, tc := range cases {
		var got []ward.AlertID
		for _, a := range must[[]ward.Alert](t)(b.Alerts(ctx, tc.filter)) {
			got = append(got, a.ID)
		}
		if !slices.Equal(got, tc.want) {
			t.Errorf("%+v: %v, want %v", tc.filter, got, tc.want)
		}
	}
	if p := must[map[ward.Place]uint64](t)(b.Positions(ctx)); len(p) != 0 {
		t.Errorf("a technical alert has taken readings into account: %v", p)
	}
}

func TestSettle(t *testing.T) {
	start := newClock().at
	cases := []struct {
		name    string
		receipt ward.Receipt
		state   ward.NoticeState
		due     time.Time
	}{
		{"delivered", ward.Receipt{OK: true}, ward.NoticeDelivered, start},
		{"refused for good", ward.Receipt{Final: true, Error: "410"}, ward.NoticeFailed, start},
		{"to be tried again", ward.Receipt{RetryAt: start.Add(minutes(1)), Error: "503"}, ward.NoticePending, start.Add(minutes(1))},
		{"to be tried again at once", ward.Receipt{Error: "reset"}, ward.NoticePending, start.Add(time.Second)},
		{"no later try before it expires", ward.Receipt{RetryAt: start.Add(minutes(3)), Error: "503"}, ward.NoticeFailed, start},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			c := newClock()
			b := open(t, c)
			ctx := t.Context()
			ok(t, b.Commit(ctx, ward.Change{Alert: ward.Alert{ID: "K1", Version: 1, State: ward.Active}, Notices: []ward.Notice{notice("n1", "K1", ward.RoleNurse, start)}}))
			if behind := must[int](t)(b.PendingBehind(ctx, c.at)); behind != 1 {
				t.Errorf("%d behind", behind)
			}
			tc.receipt.Notice, tc.receipt.At = "n1", c.at.Add(time.Second)
			n := must[ward.Notice](t)(b.Settle(ctx, tc.receipt))
			if n.State != tc.state || !n.Due.Equal(tc.due) || n.Tries != 1 || n.Error != tc.receipt.Error || n.Settled.IsZero() != (tc.state == ward.NoticePending) {
				t.Errorf("settled as %+v", n)
			}
			if kept := must[[]ward.Notice](t)(b.NoticesOf(ctx, "K1")); kept[0] != n {
				t.Errorf("kept as %+v, given as %+v", kept[0], n)
			}
			if r := must[[]ward.Receipt](t)(b.Receipts(ctx, "n1")); len(r) != 1 || r[0] != tc.receipt {
				t.Errorf("receipts %+v", r)
			}
			due := must[[]ward.Notice](t)(b.DueNotices(ctx, c.at, 10))
			next := must[time.Time](t)(b.NextNotice(ctx))
			if len(due) != 0 || next.IsZero() != (tc.state != ward.NoticePending) || !next.IsZero() && !next.Equal(tc.due) {
				t.Errorf("due now %v, next %v", due, next)
			}
		})
	}
}

func TestAWithdrawnNoticeStaysWithdrawn(t *testing.T) {
	c := newClock()
	b := open(t, c)
	ctx := t.Context()
	a := ward.Alert{ID: "K1", Version: 1, State: ward.Active}
	ok(t, b.Commit(ctx, ward.Change{Alert: a, Notices: []ward.Notice{notice("n1", "K1", ward.RoleNurse, c.at)}}))
	if due := must[[]ward.Notice](t)(b.DueNotices(ctx, c.at, 10)); len(due) != 1 || due[0] != notice("n1", "K1", ward.RoleNurse, c.at) {
		t.Errorf("due: %+v", due)
	}
	a.Version = 2
	ok(t, b.Commit(ctx, ward.Change{Alert: a, Withdraw: []ward.Role{ward.RoleNurse}}))
	for i, r := range []ward.Receipt{{RetryAt: c.at.Add(time.Second), Error: "timeout"}, {OK: true}} { // tries that ended after the withdrawal
		r.Notice, r.At = "n1", c.at
		n := must[ward.Notice](t)(b.Settle(ctx, r))
		if n.State != ward.NoticeWithdrawn || !n.Due.Equal(c.at) || n.Tries != i+1 {
			t.Errorf("after %+v: %+v", r, n)
		}
	}
	_, err := b.Settle(ctx, ward.Receipt{Notice: "n9"})
	refused(t, err, ward.NotFound)
}

func BenchmarkCommit(b *testing.B) {
	for name, power := range map[string]bool{"normal": false, "power": true} {
		b.Run(name, func(b *testing.B) {
			book := must[*Book](b)(Open(b.Context(), b.TempDir()+"/book.db", Options{Power: power}))
			defer book.Close()
			a := fullAlert("")
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ { // four commits an alert
				a.ID, a.Version = ward.AlertID(fmt.Sprint("K", i/4)), int64(i%4+1)
				ok(b, book.Commit(b.Context(), ward.Change{Alert: a, Withdraw: []ward.Role{ward.RoleNurse},
					Audit:   []ward.AuditEntry{{At: a.Raised, Deed: "alert.raise", Object: "alert:" + string(a.ID)}},
					Notices: []ward.Notice{notice(ward.NoticeID(fmt.Sprint("n", i)), a.ID, ward.RoleDoctor, a.Raised)}}))
			}
		})
	}
}
