package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"wardwatch/alerts"
	"wardwatch/cmd/wardwatch/policy"
	"wardwatch/devices/recording"
	"wardwatch/scoring"
	"wardwatch/scoring/backtest"
	"wardwatch/scoring/chart"
	"wardwatch/ward"
)

// recorded writes a small recorded set in the long layout with its outcomes: every third patient
// gets worse and dies at hour 20.
func recorded(t *testing.T, patients int) (data, outcomes string) {
	t.Helper()
	rng := rand.New(rand.NewPCG(7, 7))
	var rows, facts strings.Builder
	rows.WriteString("patient,time,vital,value\n")
	facts.WriteString("patient,event,time,age,sex\n")
	for p := range patients {
		ill := p%3 == 0
		for minute := 0; minute < 20*60; minute += 15 {
			worse := 0.0
			if ill {
				worse = float64(minute) / 120
			}
			for vital, x := range map[string]float64{
				"rr": 16 + worse, "spo2": 97 - worse/2, "hr": 80 + 5*worse, "sbp": 125 - 3*worse, "temp": 37,
			} {
				fmt.Fprintf(&rows, "p%d,%d,%s,%.0f\n", p, minute*60, vital, x+rng.Float64())
			}
		}
		if ill {
			fmt.Fprintf(&facts, "p%d,1,72000,%d,female\n", p, 50+p)
		} else {
			fmt.Fprintf(&facts, "p%d,0,,%d,male\n", p, 50+p)
		}
	}
	rows.WriteString("p0,never,hr,80\n")
	data, outcomes = filepath.Join(t.TempDir(), "data.csv"), filepath.Join(t.TempDir(), "facts.csv")
	for name, text := range map[string]string{data: rows.String(), outcomes: facts.String()} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return data, outcomes
}

func TestBacktest(t *testing.T) {
	dir := t.TempDir()
	data, outcomes := recorded(t, 12)
	milder := filepath.Join(dir, "slower.yaml")
	if err := os.WriteFile(milder, []byte("version: slower\nalerts:\n  persist_score: 30m\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	shipped := filepath.Join(dir, "shipped.yaml")
	if err := os.WriteFile(shipped, []byte("version: shipped\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c := backtestCmd{
		recordedFlags: recordedFlags{Data: data, Outcomes: outcomes}, Source: "his", Policy: []string{shipped, milder}, Half: "all", Scores: []string{"news2", "qsofa"}, Resamples: 20,
		JSON: filepath.Join(dir, "out.json"), HTML: filepath.Join(dir, "out.html"),
	}
	r, err := c.run(t.Context(), &bar{})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.write(r); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(c.JSON)
	if err != nil {
		t.Fatal(err)
	}
	var back backtest.Report
	if err := json.Unmarshal(raw, &back); err != nil {
		t.Fatal(err)
	}
	if s := back.Set; s.Patients != 12 || s.Events != 4 || s.Skipped["bad_time"] != 1 || !s.Timed || s.Event != "event" {
		t.Errorf("the set is %+v", s)
	}
	if len(back.Policies) != 2 || back.Policies[1].Name != "slower" {
		t.Fatalf("policies: %d", len(back.Policies))
	}
	quick, slow := back.Policies[0].Accuracy[0], back.Policies[1].Accuracy[0]
	if quick.Sensitivity.Value != 1 || quick.Lead.Median <= slow.Lead.Median {
		t.Errorf("sensitivity %v; lead %v and, waiting longer, %v", quick.Sensitivity.Value, quick.Lead.Median, slow.Lead.Median)
	}
	if b := back.Policies[0].Burden; len(b.Roles) != 6 || len(b.Goals) != 2 || b.Roles[0].Tellings == 0 || b.Goals[0].Sensitivity.Value != 1 || back.Set.Clock {
		t.Errorf("the burden is %+v, %+v; clock times: %v", b.Roles, b.Goals, back.Set.Clock)
	}
	page, err := os.ReadFile(c.HTML)
	if err != nil || !strings.Contains(string(page), "<b>slower</b>") {
		t.Errorf("the page lacks a policy: %v", err)
	}
	halves := 0
	for _, half := range []string{"a", "b"} {
		c.Half = half
		r, err := c.run(t.Context(), &bar{})
		if err != nil {
			t.Fatal(err)
		}
		halves += r.Set.Patients
	}
	if halves != 12 {
		t.Errorf("the halves have %d patients together", halves)
	}
}

func TestBacktestErrors(t *testing.T) {
	data, outcomes := recorded(t, 1)
	bad := filepath.Join(t.TempDir(), "bad.yaml")
	if err := os.WriteFile(bad, []byte("version: x\nscoring:\n  silense: 1m\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct {
		what string
		c    backtestCmd
		want string
	}{
		{"a policy with a slip", backtestCmd{recordedFlags: recordedFlags{Data: data}, Policy: []string{bad}}, "bad.yaml:3"},
		{"a chart that is not there", backtestCmd{recordedFlags: recordedFlags{Data: data}, Scores: []string{"apache"}}, "the charts are"},
		{"a file of another kind", backtestCmd{recordedFlags: recordedFlags{Data: outcomes}}, "unknown header"},
		{"a layout that it is not", backtestCmd{recordedFlags: recordedFlags{Data: data, Layout: "cinc2019"}}, "the header lacks"},
	} {
		x.c.Half = "all"
		_, err := x.c.run(t.Context(), &bar{})
		if err == nil || !strings.Contains(err.Error(), x.want) {
			t.Errorf("%s: %v", x.what, err)
		}
	}
}

// The engine and the desk, ticked each second as they are live, tell the same people at the same
// moments as the backtest, which jumps.
func TestTheSameCallsAsLive(t *testing.T) {
	lib, err := chart.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	p := policy.Default(policy.Site{Charts: lib})
	data, outcomes := recorded(t, 2)
	c := backtestCmd{recordedFlags: recordedFlags{Data: data, Outcomes: outcomes}}
	set, err := c.open(&bar{})
	if err != nil {
		t.Fatal(err)
	}
	for one, err := range set.cases("all") {
		if err != nil {
			t.Fatal(err)
		}
		want := liveCalls(t, &p, one)
		arm, got := armOf("default", &p), []string(nil)
		desk := arm.NewDesk
		arm.NewDesk = func(stay *ward.Stay, committed func(*ward.Change)) (backtest.Desk, error) {
			return desk(stay, func(c *ward.Change) {
				got = appendCall(got, c)
				committed(c)
			})
		}
		nobodyComes := backtest.Responder{Accept: 1000 * time.Hour, Set: 1000 * time.Hour, Bedside: 1000 * time.Hour, Quiet: 1000 * time.Hour}
		only := func(yield func(backtest.Case, error) bool) { yield(one, nil) }
		if _, err := backtest.Run(t.Context(), only, []backtest.Arm{arm}, backtest.Options{Responder: nobodyComes, Resamples: 1}); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(got, want) {
			t.Errorf("live\n%s\nbacktest\n%s", strings.Join(want, "\n"), strings.Join(got, "\n"))
		}
		if one.Event && len(want) == 0 {
			t.Error("nobody was told of a patient who died")
		}
	}
}

// appendCall notes who was told, if the change tells anybody.
func appendCall(calls []string, c *ward.Change) []string {
	told := fmt.Sprintf("%s level %d %s %s", c.Alert.Told.Format(time.RFC3339Nano), c.Alert.Level, c.Alert.Band, c.Alert.State)
	if c.Alert.Told.IsZero() || slices.Contains(calls, told) {
		return calls
	}
	return append(calls, told)
}

func liveCalls(t *testing.T, p *policy.Policy, c backtest.Case) (calls []string) {
	t.Helper()
	ctx := context.Background()
	born := c.Rows[0].Reading.Arrived.AddDate(-int(c.AgeYears), 0, 0)
	stay := &ward.Stay{ID: ward.StayID(c.ID), BirthDate: born, Sex: c.Sex, Admitted: c.Rows[0].Reading.Arrived}
	desk, err := alerts.New(alerts.Options{
		Policy: p.Alerts, Book: &recordedBook{committed: func(c *ward.Change) { calls = appendCall(calls, c) }},
		Stay: func(ward.StayID) (ward.Stay, bool) { return *stay, true },
	})
	if err != nil {
		t.Fatal(err)
	}
	engine := scoring.NewEngine(scoring.Options{
		Policy: p.Scoring, Stay: func(ward.StayID) *ward.Stay { return stay }, Record: func([]ward.Score) {},
		Scored: func(s *ward.Score, _ *ward.Reading) {
			if err := desk.Observe(ctx, s, nil); err != nil {
				t.Fatal(err)
			}
		},
	})
	i := 0
	for now := c.Rows[0].Reading.Arrived; ; now = now.Add(time.Second) {
		for i < len(c.Rows) && !c.Rows[i].Reading.Arrived.After(now) {
			r := c.Rows[i].Reading
			r.Position, r.Stay = uint64(i+1), stay.ID
			engine.Take([]ward.Reading{r})
			i++
		}
		if !now.Before(c.End) {
			return calls
		}
		engine.Tick(now)
		if err := desk.Tick(ctx, now); err != nil {
			t.Fatal(err)
		}
	}
}

// The staff of the model are refused in words where they cannot be.
func TestModelStaff(t *testing.T) {
	usual := modelStaff{Accept: 2 * time.Minute, Charted: 8 * time.Minute, Bedside: 10 * time.Minute, Close: time.Hour, Miss: 0.1}
	for _, x := range []struct {
		what  string
		spoil func(*modelStaff)
		says  string // empty: taken
	}{
		{"as shipped", func(*modelStaff) {}, ""},
		{"nobody ever answers", func(s *modelStaff) { s.Miss = 1 }, ""},
		{"everybody answers at once", func(s *modelStaff) { s.Miss, s.Accept = 0, 0 }, ""},
		{"more than all", func(s *modelStaff) { s.Miss = 1.5 }, "--staff-miss: 1.5 is no share"},
		{"less than none", func(s *modelStaff) { s.Miss = -0.1 }, "--staff-miss: -0.1 is no share"},
		{"no number", func(s *modelStaff) { s.Miss = math.NaN() }, "--staff-miss: NaN is no share"},
		{"before they are told", func(s *modelStaff) { s.Bedside = -time.Minute }, "a time is negative (-1m0s)"},
	} {
		s := usual
		x.spoil(&s)
		_, err := s.responder(1)
		if x.says == "" && err != nil || x.says != "" && (err == nil || !strings.Contains(err.Error(), x.says)) {
			t.Errorf("%s: %v", x.what, err)
		}
	}
	shipped, err := usual.responder(0)
	if err != nil || shipped != backtest.DefaultResponder() {
		t.Errorf("the flags' defaults are %+v, the package's %+v", shipped, backtest.DefaultResponder())
	}
}

// Only the long layout may have a clock's times: the others, and bare numbers, count from the admission.
func TestClockTimes(t *testing.T) {
	at := func(text string) *recording.Case {
		moment, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		return &recording.Case{Rows: []recording.Row{{Reading: ward.Reading{At: moment}}}}
	}
	for _, x := range []struct {
		layout, first string
		want          bool
	}{
		{"long", "2026-03-01T21:00:00+07:00", true},
		{"long", "2143-03-01T21:00:00Z", true}, // shifted into the future to hide who it was, by whole days
		{"long", "1999-12-31T23:59:59Z", true},
		{"long", "2000-01-01T00:00:00Z", false},
		{"long", "2000-02-11T06:30:00Z", false},
		{"cinc2019", "2026-03-01T21:00:00Z", false},
	} {
		if got := clockTimes(x.layout, at(x.first)); got != x.want {
			t.Errorf("%s from %s: %v", x.layout, x.first, got)
		}
	}
	if clockTimes("long", &recording.Case{}) {
		t.Error("a case without rows has times")
	}
}
