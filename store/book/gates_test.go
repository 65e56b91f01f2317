package book

import (
	"context"
	"errors"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"wardwatch/store/book/models"
	"wardwatch/ward"
)

func gate(by ward.PersonID) ward.Gate {
	return ward.Gate{Ward: "a9", Task: ward.Deterioration, Model: "m", Version: "1+ab", By: by}
}

func always(time.Time, int) error { return nil }

func TestGatesAreRefusedWithAReason(t *testing.T) {
	b := open(t, newClock())
	addStaff(t, b)
	change := func(fn func(*ward.Gate)) ward.Gate {
		g := gate("doctor")
		fn(&g)
		return g
	}
	for _, tc := range []struct {
		name string
		g    ward.Gate
	}{
		{"by nobody", gate("")},
		{"by a stranger", gate("stranger")},
		{"in no ward", change(func(g *ward.Gate) { g.Ward = "nowhere" })},
		{"for no task", change(func(g *ward.Gate) { g.Task = "longevity" })},
		{"for no model", change(func(g *ward.Gate) { g.Model = "" })},
		{"for no version", change(func(g *ward.Gate) { g.Version = "" })},
		{"with a blank override", change(func(g *ward.Gate) { g.Override = "  " })},
		{"with a novel for an override", change(func(g *ward.Gate) { g.Override = string(make([]byte, 257)) })},
	} {
		t.Run(tc.name, func(t *testing.T) { refused(t, b.OpenGate(t.Context(), tc.g, always), ward.BadInput) })
	}
	ok(t, b.Disable(t.Context(), "doctor", true, "doctor"))
	refused(t, b.OpenGate(t.Context(), gate("doctor"), always), ward.BadInput)
	refused(t, b.CloseGate(t.Context(), "a9", ward.Deterioration, " ", "doctor"), ward.BadInput)
	if list := must[[]ward.Gate](t)(b.Gates(t.Context())); list != nil {
		t.Errorf("a refused gate is there: %+v", list)
	}
}

func TestGatesOpenAndClose(t *testing.T) {
	c := newClock()
	b := open(t, c)
	addStaff(t, b)
	ctx := t.Context()
	keep(t, b, told("s1", c.at, 0.5))
	notYet := errors.New("not yet")
	err := b.OpenGate(ctx, gate("doctor"), func(since time.Time, events int) error {
		if !since.Equal(c.at) || events != 0 {
			t.Errorf("the rule is told %v, %d", since, events)
		}
		return notYet
	})
	if !errors.Is(err, notYet) {
		t.Fatalf("the rule's answer became %v", err)
	}
	ok(t, b.CloseGate(ctx, "a9", ward.Deterioration, "never opened", "doctor")) // nothing to close
	g := gate("doctor")
	g.Override, g.Reason, g.At = "pilot agreed by the board", "ignored", c.at.Add(-time.Hour)
	ok(t, b.OpenGate(ctx, g, always))
	opened := ward.Gate{Ward: "a9", Task: ward.Deterioration, Model: "m", Version: "1+ab", Open: true, By: "doctor", At: c.at, Override: g.Override}
	c.pass(minutes(5))
	ok(t, b.OpenGate(ctx, g, func(time.Time, int) error { return notYet })) // it is open already
	inForce := func(want ...ward.Gate) {
		t.Helper()
		if got := must[[]ward.Gate](t)(b.Gates(ctx)); !reflect.DeepEqual(got, want) {
			t.Fatalf("in force %+v\nwant     %+v", got, want)
		}
	}
	inForce(opened)

	c.pass(minutes(5))
	newer := g
	newer.Version, newer.Override = "2+cd", ""
	ok(t, b.OpenGate(ctx, newer, always))
	second := opened
	second.Version, second.Override, second.At = "2+cd", "", c.at
	other, labs := newer, newer
	other.Task, labs.Model = ward.RespiratoryDecline, "m-labs"
	ok(t, b.OpenGate(ctx, other, always))
	ok(t, b.OpenGate(ctx, labs, always))
	third, fourth := second, second
	third.Task, fourth.Model = ward.RespiratoryDecline, "m-labs"
	inForce(second, fourth, third)

	c.pass(minutes(5))
	for range 2 { // the second time there is nothing left to close
		ok(t, b.CloseGate(ctx, "a9", ward.Deterioration, "psi of spo2 0.31, usual 0.00", ""))
	}
	shut := func(g ward.Gate) ward.Gate {
		g.Open, g.By, g.At, g.Reason = false, "", c.at, "psi of spo2 0.31, usual 0.00"
		return g
	}
	inForce(shut(second), shut(fourth), third)
	if got := must[[]ward.Gate](t)(b.GateHistory(ctx, "a9", ward.Deterioration)); !reflect.DeepEqual(got, []ward.Gate{shut(fourth), shut(second), fourth, second, opened}) {
		t.Errorf("history %+v", got)
	}

	var deeds []string
	for _, r := range must[[]AuditRow](t)(b.Audit(ctx, AuditFilter{Object: "gate:a9/deterioration"})) {
		deeds = append(deeds, fmt.Sprintf("%s by %s: %s", r.Deed, r.By, r.Detail))
	}
	if want := []string{"model.close by : m-labs 2+cd", "model.close by : m 2+cd", "model.open by doctor: m-labs 2+cd", "model.open by doctor: m 2+cd", "model.open by doctor: m 1+ab, override"}; !reflect.DeepEqual(deeds, want) {
		t.Errorf("audit %q, want %q", deeds, want)
	}
}

// A model that must be hidden is hidden, however much there is to say.
func TestALongReasonDoesNotKeepAGateOpen(t *testing.T) {
	b := open(t, newClock())
	addStaff(t, b)
	ok(t, b.OpenGate(t.Context(), gate("doctor"), always))
	ok(t, b.CloseGate(t.Context(), "a9", ward.Deterioration, strings.Repeat("ậ", 2000)+"\xff", ""))
	g := must[[]ward.Gate](t)(b.Gates(t.Context()))[0]
	if g.Open || len(g.Reason) > 1024 || !utf8.ValidString(g.Reason) {
		t.Errorf("%v, %d bytes", g.Open, len(g.Reason))
	}
}

// Who opened what is never changed, by whatever means.
func TestGatesAreAppendOnly(t *testing.T) {
	b := open(t, newClock())
	addStaff(t, b)
	ok(t, b.OpenGate(t.Context(), gate("doctor"), always))
	for _, query := range []string{`UPDATE gates SET by_person = 'nurse'`, `DELETE FROM gates`} {
		if _, err := raw(t, b).Exec(query); err == nil {
			t.Errorf("%s was done", query)
		}
	}
}

// gatesForEver opens and closes a gate and keeps predictions, one after the other, for ever.
func gatesForEver(path, dies, first string) {
	var i, points int
	fmt.Sscan(first, &i)
	ctx := context.Background()
	b, err := Open(ctx, path, Options{Probe: func(point string) {
		if points++; point == dies && points > 20 {
			killSelf()
		}
	}})
	for ; err == nil; i++ {
		err = errors.Join(b.KeepPredictions(ctx, []ward.Assessment{told("s1", hour(i), 0.5), told("s2", hour(i), 0.5)}),
			b.SettlePredictions(ctx, []Prediction{{Hour: hour(i), Stay: "s1", Task: ward.Deterioration, Outcome: models.Event}}),
			b.OpenGate(ctx, gate("doctor"), always), b.CloseGate(ctx, "a9", ward.Deterioration, "again", ""))
		if err == nil {
			fmt.Println(i)
		}
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

func hour(i int) time.Time { return newClock().at.Add(time.Duration(i) * time.Hour) }

// Killed at any moment, all that was answered is there, and no gate without its audit entry.
func TestKilledBetweenGatesAndPredictions(t *testing.T) {
	b := open(t, newClock())
	addStaff(t, b)
	path := b.Path()
	ok(t, b.Close())
	first := 0
	for round, dies := range []string{"", "book_written", "book_committed", ""} {
		last := runChild(t, path, childGates, dies, first, time.Duration(20+30*round)*time.Millisecond)
		b := openAt(t, path, Options{})
		db := raw(t, b)
		count := func(query string) (n int) {
			ok(t, db.QueryRow(query).Scan(&n))
			return n
		}
		predictions, settled, gates := len(kept(t, b, PredictionFilter{})), count(`SELECT count(*) FROM predictions WHERE outcome = 1`), count(`SELECT count(*) FROM gates`)
		if predictions < 2*(last+1) || predictions%2 != 0 || settled < last+1 || gates < 2*(last+1) {
			t.Fatalf("round %d (%s): number %d was answered; %d predictions, %d settled, %d gates", round, dies, last, predictions, settled, gates)
		}
		if audited := count(`SELECT count(*) FROM audit WHERE deed LIKE 'model.%'`); audited != gates {
			t.Fatalf("round %d (%s): %d gates, %d audit entries", round, dies, gates, audited)
		}
		if v := must[AuditVerdict](t)(b.VerifyAudit(t.Context(), nil)); !v.OK {
			t.Fatalf("audit %+v", v)
		}
		ok(t, db.Close())
		ok(t, b.Close())
		first = last + 1 // what was begun is done again
	}
	t.Logf("%d rounds over 4 kills", first)
}
