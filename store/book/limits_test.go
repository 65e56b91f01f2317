package book

import (
	"math"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"wardwatch/ward"
)

const hours = time.Hour

func limit(v ward.Vital, low, high, usual float64, until time.Time) ward.Limit {
	return ward.Limit{Vital: v, Low: low, High: high, Usual: usual, Reason: "quen thuộc", Until: until}
}

func TestLimitsAreRefusedWithAReason(t *testing.T) {
	c := newClock()
	b := open(t, c)
	addStaff(t, b)
	s := must[ward.Stay](t)(b.Admit(t.Context(), at(person("H1"), bed("01")), "nurse"))
	day := c.at.Add(24 * hours)
	unsaid, blank, long := limit(ward.HR, 40, 0, 0, day), limit(ward.HR, 40, 0, 0, day), limit(ward.HR, 40, 0, 0, day)
	unsaid.Reason, blank.Reason, long.Reason = "", " \t", strings.Repeat("a", 257)
	for _, tc := range []struct {
		name string
		l    ward.Limit
		by   ward.PersonID
		code ward.ErrorCode
	}{
		{"by a nurse", limit(ward.HR, 40, 0, 0, day), "nurse", ward.Forbidden},
		{"by nobody", limit(ward.HR, 40, 0, 0, day), "", ward.BadInput},
		{"without a reason", unsaid, "doctor", ward.BadInput},
		{"with a blank reason", blank, "doctor", ward.BadInput},
		{"with a novel for a reason", long, "doctor", ward.BadInput},
		{"without an end", limit(ward.HR, 40, 0, 0, time.Time{}), "doctor", ward.BadInput},
		{"until now", limit(ward.HR, 40, 0, 0, c.at), "doctor", ward.BadInput},
		{"for more than two weeks", limit(ward.HR, 40, 0, 0, c.at.Add(14*24*hours+time.Second)), "doctor", ward.BadInput},
		{"that say nothing", limit(ward.HR, 0, 0, 0, day), "doctor", ward.BadInput},
		{"turned round", limit(ward.HR, 120, 40, 0, day), "doctor", ward.BadInput},
		{"that leave no room", limit(ward.HR, 60, 60, 0, day), "doctor", ward.BadInput},
		{"with the usual below them", limit(ward.HR, 40, 0, 38, day), "doctor", ward.BadInput},
		{"with the usual above them", limit(ward.HR, 0, 100, 104, day), "doctor", ward.BadInput},
		{"in degrees Fahrenheit", limit(ward.Temp, 0, 102, 0, day), "doctor", ward.BadInput},
		{"of saturation as a fraction", limit(ward.SpO2, 0.86, 0, 0, day), "doctor", ward.BadInput},
		{"of FiO2 in percent", limit(ward.FiO2, 0, 40, 0, day), "doctor", ward.BadInput},
		{"below nothing", limit(ward.SBP, -90, 0, 0, day), "doctor", ward.BadInput},
		{"that are no number", limit(ward.SBP, math.NaN(), 0, 0, day), "doctor", ward.BadInput},
		{"of consciousness", limit(ward.ACVPU, 0, 1, 0, day), "doctor", ward.BadInput},
		{"of what only people chart", limit(ward.CapRefill, 0, 2, 0, day), "doctor", ward.BadInput},
		{"of no vital", limit(ward.NumVitals, 1, 2, 0, day), "doctor", ward.BadInput},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := b.SetLimit(t.Context(), s.ID, tc.l, tc.by)
			refused(t, err, tc.code)
		})
	}
	if got := must[ward.Stay](t)(b.Stay(t.Context(), s.ID)); got.Limits != nil {
		t.Errorf("a refused order left %+v", got.Limits)
	}
	_, err := b.SetLimit(t.Context(), "nobody", limit(ward.HR, 40, 0, 0, day), "doctor")
	refused(t, err, ward.NotFound)
	_, err = b.EndLimit(t.Context(), s.ID, ward.HR, "doctor")
	refused(t, err, ward.NotFound)
	must[ward.Stay](t)(b.SetLimit(t.Context(), s.ID, limit(ward.HR, 40, 0, 0, day), "doctor"))
	_, err = b.EndLimit(t.Context(), s.ID, ward.HR, "nurse")
	refused(t, err, ward.Forbidden)
	must[ward.Stay](t)(b.Discharge(t.Context(), s.ID, c.at.Add(time.Second), "died", "doctor"))
	_, err = b.SetLimit(t.Context(), s.ID, limit(ward.SpO2, 86, 0, 0, day), "doctor")
	refused(t, err, ward.Conflict)
}

// One order a vital stands at a time; those before it are kept as they ended.
func TestLimitsOfAStay(t *testing.T) {
	c := newClock()
	b := open(t, c)
	addStaff(t, b)
	ctx, began := t.Context(), c.at
	s := must[ward.Stay](t)(b.Admit(ctx, at(person("H1"), bed("01")), "nurse"))
	order := func(l ward.Limit) { s = must[ward.Stay](t)(b.SetLimit(ctx, s.ID, l, "doctor")) }

	order(limit(ward.SpO2, 86, 94, 90, began.Add(48*hours)))
	order(limit(ward.HR, 38, 0, 0, began.Add(2*hours)))
	want := []ward.Limit{
		{Vital: ward.HR, Low: 38, By: "doctor", Reason: "quen thuộc", Since: began, Until: began.Add(2 * hours)},
		{Vital: ward.SpO2, Low: 86, High: 94, Usual: 90, By: "doctor", Reason: "quen thuộc", Since: began, Until: began.Add(48 * hours)},
	}
	everywhere := func(want []ward.Limit) {
		t.Helper()
		full := s
		full.Limits = want
		for where, got := range map[string]*ward.Stay{
			"the order's answer": &s, "Stay": ptr(must[ward.Stay](t)(b.Stay(ctx, s.ID))), "memory": b.LookUp(s.ID),
			"StaysOn": &must[[]ward.Stay](t)(b.StaysOn(ctx, "a9"))[0], "StaysSince": &must[[]ward.Stay](t)(b.StaysSince(ctx, began))[0],
		} {
			if !got.Same(&full) {
				t.Errorf("%s: %+v\nwant %+v", where, got.Limits, want)
			}
		}
	}
	everywhere(want)

	c.pass(hours)
	order(limit(ward.SpO2, 84, 0, 0, began.Add(72*hours))) // in place of the first
	want[1] = ward.Limit{Vital: ward.SpO2, Low: 84, By: "doctor", Reason: "quen thuộc", Since: c.at, Until: began.Add(72 * hours)}
	everywhere(want)
	s = must[ward.Stay](t)(b.SetCare(ctx, s.ID, ward.Care{}, "doctor")) // another order leaves them
	everywhere(want)

	c.pass(2 * hours) // the heart rate's has lapsed
	if _, ok := s.LimitAt(ward.HR, c.at); ok {
		t.Error("a lapsed limit stands")
	}
	_, err := b.EndLimit(ctx, s.ID, ward.HR, "doctor")
	refused(t, err, ward.NotFound)
	order(limit(ward.HR, 40, 0, 0, c.at.Add(hours)))
	s = must[ward.Stay](t)(b.EndLimit(ctx, s.ID, ward.SpO2, "doctor"))
	everywhere([]ward.Limit{{Vital: ward.HR, Low: 40, By: "doctor", Reason: "quen thuộc", Since: c.at, Until: c.at.Add(hours)}})

	type row struct {
		vital, endedBy string
		low            float64
		ended          time.Duration // after began; 0: not
	}
	var got []row
	rows, err := raw(t, b).Query(`SELECT vital, low, ended, ended_by FROM limits ORDER BY id`)
	ok(t, err)
	for rows.Next() {
		var r row
		var ended int64
		ok(t, rows.Scan(&r.vital, &r.low, &ended, &r.endedBy))
		if ended > 0 {
			r.ended = time.UnixMilli(ended).Sub(began)
		}
		got = append(got, r)
	}
	ok(t, rows.Close())
	history := []row{{"spo2", "doctor", 86, hours}, {"hr", "", 38, 2 * hours}, {"spo2", "doctor", 84, 3 * hours}, {"hr", "", 40, 0}}
	if len(got) != len(history) {
		t.Fatalf("history %+v", got)
	}
	for i := range got {
		if got[i] != history[i] {
			t.Errorf("row %d: %+v, want %+v", i, got[i], history[i])
		}
	}

	audit := must[[]AuditRow](t)(b.Audit(ctx, AuditFilter{Object: "stay:" + string(s.ID), Deed: "stay.limit"}))
	if len(audit) != 4 || audit[3].Detail != "spo2 low 86, high 94, usual 90, until 2026-11-23T01:00:00Z" || audit[3].By != "doctor" {
		t.Errorf("audit %+v", audit)
	}
	ended := must[[]AuditRow](t)(b.Audit(ctx, AuditFilter{Object: "stay:" + string(s.ID), Deed: "stay.limit_end"}))
	if len(ended) != 1 || ended[0].Detail != "spo2" {
		t.Errorf("audit %+v", ended)
	}
	for _, r := range audit {
		if strings.Contains(r.Detail, "quen") {
			t.Errorf("the audit holds the reason: %q", r.Detail)
		}
	}
}

func ptr[T any](v T) *T { return &v }

// Whatever numbers a doctor writes come back as they were written.
func TestNumbersOfLimitsComeBack(t *testing.T) {
	c := newClock()
	b := open(t, c)
	addStaff(t, b)
	s := must[ward.Stay](t)(b.Admit(t.Context(), at(person("H1"), bed("01")), "nurse"))
	rapid.Check(t, func(r *rapid.T) {
		l := limit(ward.Temp, 0, 0, 0, c.at.Add(hours))
		if rapid.Bool().Draw(r, "tenths") {
			l.Low = float64(rapid.IntRange(300, 430).Draw(r, "low")) / 10
		} else {
			l.Low = rapid.Float64Range(30, 42).Draw(r, "low")
		}
		got, err := b.SetLimit(t.Context(), s.ID, l, "doctor")
		if err != nil || len(got.Limits) != 1 || got.Limits[0].Low != l.Low {
			r.Fatalf("%v came back as %+v, %v", l.Low, got.Limits, err)
		}
	})
}

// A book of the version before gets the table and keeps all it has; another process sees new limits.
func TestABookWithoutLimitsIsBroughtUpToDate(t *testing.T) {
	c := newClock()
	b := open(t, c)
	addStaff(t, b)
	s := must[ward.Stay](t)(b.Admit(t.Context(), at(person("H1"), bed("01")), "nurse"))
	execute(t, b, undoDuty)
	for _, table := range []string{"limits", "gates", "predictions", "silent_runs", "silent_events",
		"placements", "findings", "reads", "gate_refusals", "studies", "deliveries", "aliases"} {
		execute(t, b, `DROP TABLE `+table)
	}
	execute(t, b, `DROP INDEX stays_number`)
	execute(t, b, `DELETE FROM goose_db_version WHERE version_id >= 2`)
	ok(t, b.Close())

	b = openAt(t, b.Path(), Options{Now: c.now})
	if got := b.LookUp(s.ID); got == nil || !got.Same(&s) {
		t.Fatalf("brought up to date: %+v, want %+v", got, s)
	}
	cli := openAt(t, b.Path(), Options{Now: c.now})
	ok(t, b.Reload(t.Context()))
	before := b.Generation()
	must[ward.Stay](t)(cli.SetLimit(t.Context(), s.ID, limit(ward.HR, 40, 0, 0, c.at.Add(hours)), "doctor"))
	ok(t, b.Reload(t.Context()))
	if _, found := b.LookUp(s.ID).LimitAt(ward.HR, c.at); !found || b.Generation() == before {
		t.Errorf("another process's order: found %v, generation %d after %d", found, b.Generation(), before)
	}
}

// Scale 2 is looked at again by being ordered again, with its reason.
func TestOrderingScale2AgainRenewsIt(t *testing.T) {
	c := newClock()
	b := open(t, c)
	addStaff(t, b)
	s := must[ward.Stay](t)(b.Admit(t.Context(), at(person("H1"), bed("01")), "nurse"))
	scale := ward.SpO2Scale{Number: 2, Prescriber: "doctor", Reason: "COPD, pCO2 62"}
	for range 2 {
		c.pass(24 * hours)
		if s = must[ward.Stay](t)(b.SetScale(t.Context(), s.ID, scale, "doctor")); !s.Scale.Since.Equal(c.at) {
			t.Errorf("ordered at %v, looked at %v", c.at, s.Scale.Since)
		}
	}
	scale.Reason = " "
	_, err := b.SetScale(t.Context(), s.ID, scale, "doctor")
	refused(t, err, ward.BadInput)
}

func BenchmarkLoadStaysWithLimits(b *testing.B) {
	c := newClock()
	k := open(b, c)
	addStaff(b, k)
	for i := range 400 {
		place := ward.Place{Ward: "a9", Bed: ward.BedID("b" + string(rune('a'+i/26)) + string(rune('a'+i%26)))}
		ok(b, k.AddBed(b.Context(), ward.Bed{Place: place}, ""))
		s := must[ward.Stay](b)(k.Admit(b.Context(), at(person(""), place), "nurse"))
		for _, v := range []ward.Vital{ward.HR, ward.RR, ward.SBP} {
			must[ward.Stay](b)(k.SetLimit(b.Context(), s.ID, limit(v, 30, 200-float64(v)*40, 0, c.at.Add(hours)), "doctor"))
		}
	}
	for b.Loop() {
		if got := must[[]ward.Stay](b)(k.StaysSince(b.Context(), c.at)); len(got) != 400 || len(got[0].Limits) != 3 {
			b.Fatal(len(got))
		}
	}
}
