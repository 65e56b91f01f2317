package app

import (
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"wardwatch/scoring"
	"wardwatch/store/book"
	"wardwatch/ward"
)

func gatesOf(list ...ward.Gate) *assessor {
	x := &assessor{}
	gates := map[gateOf]ward.Gate{}
	for _, g := range list {
		gates[gateOf{g.Ward, g.Task, g.Model}] = g
	}
	x.gates.Store(&gates)
	return x
}

// Who sees what: a gate is open for one version of one model in one ward.
func TestOpenForItsVersionOnly(t *testing.T) {
	risk := ward.Gate{Ward: "w", Task: ward.RespiratoryDecline, Model: "m", Version: "1", Open: true}
	forecast := ward.Gate{Ward: "w", Task: ward.Forecasting, Model: "f", Version: "1", Open: true}
	x := gatesOf(risk, forecast)
	for _, c := range []struct {
		name    string
		ward    ward.WardID
		task    ward.Task
		model   string
		version string
		want    bool
	}{
		{"as signed", "w", ward.RespiratoryDecline, "m", "1", true},
		{"another version", "w", ward.RespiratoryDecline, "m", "2", false},
		{"another model of the task", "w", ward.RespiratoryDecline, "labs", "1", false},
		{"another ward", "v", ward.RespiratoryDecline, "m", "1", false},
		{"another task", "w", ward.Deterioration, "m", "1", false},
		{"the forecast", "w", ward.Forecasting, "f", "1", true},
		{"a new forecaster under the same risk model", "w", ward.Forecasting, "f", "2", false},
		{"no model runs: whoever would see it sees that", "w", ward.RespiratoryDecline, "", "", true},
		{"no model runs, and nobody would see it", "w", ward.Deterioration, "", "", false},
	} {
		if got := x.open(c.ward, c.task, c.model, c.version); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

// A gate that closed while a round was under way shows nothing of that round.
func TestSilenceOfARoundUnderWay(t *testing.T) {
	x := gatesOf()
	a := ward.Assessment{
		Place: ward.Place{Ward: "w", Bed: "1"}, At: time.Now(),
		Risks:       []ward.Risk{{Task: ward.RespiratoryDecline, Model: "m", Version: "1", Value: 0.9, Threshold: 0.1}},
		Forecasts:   []ward.Forecast{{Vital: ward.RR, Model: "f", Version: "1"}},
		Respiratory: ward.Respiratory{Band: ward.High, Complete: true},
	}
	x.silence(&a)
	if !a.Risks[0].Silent || !a.Forecasts[0].Silent || a.Respiratory.Band != ward.Unknown {
		t.Errorf("%+v", a)
	}
}

// The view may rest on the risk alone: it goes with it, whatever stands of the forecast.
func TestTheViewGoesWithItsRisk(t *testing.T) {
	x := gatesOf(ward.Gate{Ward: "w", Task: ward.Forecasting, Model: "f", Version: "1", Open: true})
	a := ward.Assessment{
		Place:       ward.Place{Ward: "w", Bed: "1"},
		Risks:       []ward.Risk{{Task: ward.RespiratoryDecline, Model: "m", Version: "1", Value: 0.9, Threshold: 0.1}},
		Forecasts:   []ward.Forecast{{Vital: ward.RR, Model: "f", Version: "1"}},
		Respiratory: ward.Respiratory{Band: ward.Medium, Complete: true, Rows: []ward.RespiratoryRow{{Code: "risk", Band: ward.Medium}}},
	}
	x.silence(&a)
	if a.Respiratory.Band != ward.Unknown || len(a.Respiratory.Rows) != 0 {
		t.Errorf("%+v", a.Respiratory)
	}
}

// Findings that cannot be read are marked, also where nothing has been read since the start; what was read
// before goes on.
func TestFindingsThatCannotBeRead(t *testing.T) {
	b, err := book.Open(t.Context(), filepath.Join(t.TempDir(), "book.db"), book.Options{})
	if err != nil {
		t.Fatal(err)
	}
	x := &assessor{a: &App{book: b, clock: &clock{speed: 1}, log: slog.New(slog.DiscardHandler)}}
	read := func() scoring.Subject {
		people := []scoring.Subject{{ID: "s"}}
		x.findings(t.Context(), people)
		return people[0]
	}
	if s := read(); s.FindingsUnknown {
		t.Error("nothing is said of them, and that is known")
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	for _, before := range []map[ward.StayID][]ward.Finding{nil, {"s": {{ID: "f"}}}} {
		x.said = before
		if s := read(); !s.FindingsUnknown || len(s.Findings) != len(before["s"]) {
			t.Errorf("after %v: %+v, unknown %v", before, s.Findings, s.FindingsUnknown)
		}
	}
}

// An outcome is looked for where the person lay at that hour.
func TestLyings(t *testing.T) {
	noon := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	one, two := ward.Place{Ward: "w", Bed: "1"}, ward.Place{Ward: "w", Bed: "2"}
	l := lyingsOf([]ward.Lying{{Stay: "a", Place: one, From: noon, To: noon.Add(time.Hour)}, {Stay: "a", Place: two, From: noon.Add(time.Hour)}})
	for _, c := range []struct {
		after time.Duration
		want  ward.Place
		ok    bool
	}{{-time.Minute, ward.Place{}, false}, {0, one, true}, {time.Hour, two, true}, {30 * time.Hour, two, true}} {
		if got, ok := l.at("a", noon.Add(c.after)); got != c.want || ok != c.ok {
			t.Errorf("after %v: %v %v", c.after, got, ok)
		}
	}
}
