package quality

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"wardwatch/alerts"
	"wardwatch/alerts/evidence"
	"wardwatch/store/book"
	. "wardwatch/store/book/booktest"
	"wardwatch/ward"
)

func records(b Book, c *Clock) *Records {
	return &Records{Book: b, Policy: alerts.Default("webpush"), Zone: Hanoi(), Now: c.Now}
}

func report(t *testing.T, r *Records, w ward.WardID, from, to time.Time) evidence.Report {
	t.Helper()
	return Must[any](t)(r.Report(t.Context(), w, from, to)).(evidence.Report)
}

// told is an alert that the nurse was told of, at a time, for a cause.
func told(id ward.AlertID, s ward.Stay, cause string, band ward.Band, at time.Time) (ward.Alert, ward.AuditEntry) {
	kind := ward.Clinical
	if strings.HasPrefix(cause, "device:") {
		kind = ward.DeviceRaise
	}
	a := ward.Alert{ID: id, Place: s.Place, Stay: s.ID, Kind: kind, Band: band, State: ward.Active, Raised: at, Told: at, Level: 1, Version: 1,
		Causes: []ward.Cause{{Code: cause, Band: band, Told: band, Since: at}}}
	return a, ward.AuditEntry{At: at, Deed: "alert.tell", Object: "alert:" + string(id), Detail: "level 1: nurse; " + cause + " " + band.String()}
}

// Nobody came for a day, and the ladder's top was told again and again: what was told first, and how
// late its answer was, is still in the figures.
func TestEveryRowOfALongAlertCounts(t *testing.T) {
	c := NewClock()
	b := Open(t, c)
	s := Admit(t, b, "a9", "01")
	a, first := told("K1", s, "news2", ward.High, c.At)
	rows := []ward.AuditEntry{first}
	for i := range 1150 {
		again := first
		again.At, again.Detail = c.At.Add(time.Duration(i+1)*3*time.Minute), "level 2: duty_lead; news2 high"
		rows = append(rows, again)
	}
	c.Pass(60 * time.Hour)
	a.State, a.Ended = ward.Resolved, c.At.Add(-time.Minute)
	OK(t, b.Commit(t.Context(), ward.Change{Alert: a, Audit: rows}))
	r := report(t, records(b, c), "a9", c.At.Add(-61*time.Hour), c.At)
	if r.Rounds != 1 || len(r.Tellings) != 1151 || len(r.Breaches) != 1 || r.Breaches[0].Told != first.At.UnixMilli() {
		t.Errorf("%d rounds, %d tellings, breaches %+v", r.Rounds, len(r.Tellings), r.Breaches)
	}
}

// A ward's report has the tests of its own channels and of those that serve every ward, made in the
// span.
func TestTestMessagesOfAWard(t *testing.T) {
	c := NewClock()
	b := Open(t, c)
	test := func(id ward.NoticeID, w ward.WardID, at time.Time, taken bool) {
		OK(t, b.AddNotice(t.Context(), ward.Notice{ID: id, Place: ward.Place{Ward: w}, Why: ward.WhyTest, Channel: "phones", Role: ward.RoleNurse, Made: at, Due: at, Expires: at.Add(time.Minute)}))
		Must[ward.Notice](t)(b.Settle(t.Context(), ward.Receipt{Notice: id, At: at.Add(time.Second), OK: taken, Final: !taken, Error: "no answer"}))
	}
	test("yesterday", "a9", c.At.Add(-24*time.Hour), true)
	test("of every ward", "", c.At, true)
	test("of a9", "a9", c.At, false)
	test("of b1", "b1", c.At, true)
	for w, want := range map[ward.WardID][2]int{"": {3, 2}, "a9": {2, 1}, "b1": {2, 2}} {
		r := report(t, records(b, c), w, c.At.Add(-time.Hour), c.At.Add(time.Hour))
		if len(r.Channels) != 1 || r.Channels[0].Tests != want[0] || r.Channels[0].Delivered != want[1] {
			t.Errorf("ward %q: %+v, want %d tests, %d delivered", w, r.Channels, want[0], want[1])
		}
	}
}

// In comfort care what is told has the time that its ladder there gives it, while the order stands.
func TestComfortCareHasItsOwnTimes(t *testing.T) {
	c := NewClock()
	b := Open(t, c)
	s := Admit(t, b, "a9", "01")
	tell := func(id ward.AlertID, cause string, band ward.Band, accepted time.Duration) {
		a, row := told(id, s, cause, band, c.At)
		answer := row
		answer.At, answer.By, answer.Deed, answer.Detail = c.At.Add(accepted), "lan", "alert.accept", "nurse"
		c.Pass(2 * time.Hour)
		a.State, a.Ended = ward.Resolved, c.At
		OK(t, b.Commit(t.Context(), ward.Change{Alert: a, Audit: []ward.AuditEntry{row, answer}}))
	}
	from := c.At
	tell("before the order", "device:asystole", ward.High, 5*time.Minute)
	Must[ward.Stay](t)(b.SetCare(t.Context(), s.ID, ward.Care{Status: ward.ComfortCare, By: "binh"}, "binh"))
	tell("in comfort care", "device:asystole", ward.High, 5*time.Minute)
	tell("a check, late", "symptom_check_due", ward.LowMedium, 20*time.Minute)
	tell("the order, in time", "care_review_due", ward.LowMedium, 50*time.Minute)
	tell("severe, late", "symptom_severe", ward.Medium, 6*time.Minute)
	Must[ward.Stay](t)(b.SetCare(t.Context(), s.ID, ward.Care{}, "binh"))
	tell("after it", "device:asystole", ward.High, 5*time.Minute)
	var got []string
	r := records(b, c)
	r.Policy.ComfortSevere[0].Accept = 5 * time.Minute
	for _, x := range report(t, r, "", from, c.At).Breaches {
		if x.What == "accept" {
			got = append(got, fmt.Sprintf("%s by %g min", x.Alert, x.Late/60))
		}
	}
	if want := "before the order by 4 min, a check, late by 10 min, severe, late by 1 min, after it by 4 min"; strings.Join(got, ", ") != want {
		t.Errorf("%s\nwant %s", strings.Join(got, ", "), want)
	}
}

// A year may be asked for, as the API says; what cannot be measured in time says what to do.
func TestSpans(t *testing.T) {
	c := NewClock()
	b := Open(t, c)
	r := records(b, c)
	report(t, r, "", c.At.AddDate(-1, 0, 0), c.At)
	var out bytes.Buffer
	OK(t, r.WriteCSV(t.Context(), &out, "a9", c.At.AddDate(-1, 0, 0), c.At, r.Tables()[0]))
	late, cancel := context.WithDeadline(t.Context(), time.Unix(1, 0))
	defer cancel()
	_, err := r.Report(late, "", c.At.Add(-time.Hour), c.At)
	var said *ward.Error
	if !errors.As(err, &said) || said.Code != ward.Unavailable || !strings.Contains(said.Hint, "shorter span") {
		t.Errorf("it was not done in time: %v", err)
	}
	gone, leave := context.WithCancel(t.Context())
	leave()
	if _, err := r.Report(gone, "", c.At.Add(-time.Hour), c.At); err == nil || errors.As(err, &said) && said.Code == ward.Unavailable && strings.Contains(said.Hint, "shorter span") {
		t.Errorf("who asked has gone: %v", err)
	}
}

// BenchmarkReport is what one alert costs, with three notices and eight audit rows.
func BenchmarkReport(b *testing.B) {
	const n = 1000
	c := NewClock()
	k := Open(b, c)
	s := Admit(b, k, "a9", "01")
	for i := range n {
		at := c.At.Add(time.Duration(i) * time.Minute)
		a, row := told(ward.AlertID(fmt.Sprint("K", i)), s, "news2", ward.High, at)
		a.State, a.Ended = ward.Resolved, at.Add(time.Minute)
		change := ward.Change{Alert: a}
		for range 8 {
			change.Audit = append(change.Audit, row)
		}
		for j := range 3 {
			change.Notices = append(change.Notices, ward.Notice{ID: ward.NoticeID(fmt.Sprint(i, "/", j)), Alert: a.ID, Place: a.Place, Role: ward.RoleNurse, Channel: "webpush", Made: at, State: ward.NoticeDelivered, Settled: at})
		}
		OK(b, k.Commit(b.Context(), change))
	}
	r := records(k, c)
	for b.Loop() {
		if rep := Must[any](b)(r.Report(b.Context(), "", c.At, c.At.AddDate(1, 0, 0))).(evidence.Report); rep.Alerts != n {
			b.Fatal(rep.Alerts)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/n, "µs/alert")
}

var _ Book = (*book.Book)(nil)
