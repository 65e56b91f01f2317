package assess

import (
	"testing"
	"time"

	"wardwatch/scoring"
	"wardwatch/scoring/respiratory"
	"wardwatch/scoring/risk"
	"wardwatch/scoring/trend"
	"wardwatch/ward"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// certain is a model that is sure of decline, and a forecast that says so.
type certain struct{}

func (certain) Assess(subjects []risk.Subject) []risk.Result {
	out := make([]risk.Result, len(subjects))
	for i := range out {
		out[i].Risks = []ward.Risk{{Task: ward.RespiratoryDecline, Model: "m", Version: "1", Value: 0.9, Threshold: 0.1}}
		f := ward.Forecast{Vital: ward.RR, Model: "f", Version: "1"}
		for h := range 6 {
			f.Hours = append(f.Hours, ward.ForecastHour{Ahead: time.Duration(h+1) * time.Hour, Low: 31, Mid: 34, High: 36})
		}
		out[i].Forecasts = []ward.Forecast{f}
	}
	return out
}

func options(open bool) *Options {
	return &Options{
		Policy: "p", Models: certain{}, Table: respiratory.Default(), Trends: trend.Default(),
		Open: func(ward.WardID, ward.Task, string, string) bool { return open },
	}
}

// falling is somebody whose saturation falls a point and a half an hour, to 94.
func falling() scoring.Subject {
	s := scoring.Subject{
		Place: ward.Place{Ward: "w", Bed: "1"}, ID: "s", At: noon, Stay: &ward.Stay{ID: "s", BirthDate: noon.AddDate(-60, 0, 0)},
		RR: scoring.Measured{Number: 20, At: noon}, SpO2: scoring.Measured{Number: 94, At: noon}, FiO2: scoring.Measured{Number: 0.21, At: noon},
		Oxygen: scoring.Oxygenation{Known: true, HasDevice: true, Device: ward.RoomAir},
	}
	for minute := -240; minute <= 0; minute += 5 {
		at := noon.Add(time.Duration(minute) * time.Minute)
		s.Course.Take(ward.SpO2, 94-1.5*float64(minute)/60, at.UnixMilli())
		s.Course.Take(ward.RR, 20, at.UnixMilli())
	}
	return s
}

// What a silent model says is marked, and raises nothing in the respiratory view.
func TestSilentUntilTheGateIsOpen(t *testing.T) {
	for _, open := range []bool{false, true} {
		a := All(options(open), []scoring.Subject{falling()})[0]
		if a.Risks[0].Silent == open || a.Forecasts[0].Silent == open {
			t.Errorf("open %v: risk silent %v, forecast silent %v", open, a.Risks[0].Silent, a.Forecasts[0].Silent)
		}
		if raised := a.Respiratory.Band >= ward.Medium; raised != open {
			t.Errorf("open %v: the respiratory view says %v", open, a.Respiratory.Band)
		}
	}
}

// The limit is the person's own where there is an order, and scale 2's where that is ordered.
func TestTrendsKnowThePerson(t *testing.T) {
	order := []ward.Limit{{Vital: ward.SpO2, Low: 88, Since: noon.Add(-time.Hour), Until: noon.Add(time.Hour)}}
	for _, c := range []struct {
		name   string
		change func(*ward.Stay)
		limit  float64
	}{
		{"the chart's", func(*ward.Stay) {}, 91},
		{"scale 2", func(s *ward.Stay) { s.Scale.Number = 2 }, 83},
		{"an order", func(s *ward.Stay) { s.Limits = order }, 88},
	} {
		s := falling()
		c.change(s.Stay)
		a := All(options(false), []scoring.Subject{s})[0]
		if got := a.Trends[0]; got.Vital != ward.SpO2 || got.Means != ward.TrendFalling || got.Limit != c.limit {
			t.Errorf("%s: %+v", c.name, got)
		}
	}
}

// While the models do not answer, trends and the view go on.
func TestWithheldLeavesTheRest(t *testing.T) {
	o := options(true)
	o.Models = Withheld{Why: ward.WithheldSlow}
	a := All(o, []scoring.Subject{falling()})[0]
	for _, r := range a.Risks {
		if r.Withheld != ward.WithheldSlow {
			t.Errorf("%+v", r)
		}
	}
	if len(a.Risks) != len(ward.Tasks) || a.Trends[0].Means != ward.TrendFalling || a.Respiratory.SF == 0 {
		t.Errorf("%+v", a)
	}
}

// What imaging says reaches the view, and so does that it could not be read.
func TestFindingsThatCouldNotBeRead(t *testing.T) {
	s := falling()
	for _, unknown := range []bool{false, true} {
		s.FindingsUnknown = unknown
		if v := All(options(true), []scoring.Subject{s})[0].Respiratory; v.Blind != unknown || unknown && v.Complete {
			t.Errorf("unknown %v: %+v", unknown, v)
		}
	}
}

func TestDue(t *testing.T) {
	for _, c := range []struct {
		last time.Time
		want bool
	}{{time.Time{}, true}, {noon.Add(-5 * time.Minute), true}, {noon.Add(-5*time.Minute + time.Second), false}} {
		if got := Due(5*time.Minute, c.last, noon); got != c.want {
			t.Errorf("last %v: %v", c.last, got)
		}
	}
}

// broken panics, as a model that is asked or a gate that is looked up might.
type broken struct{}

func (broken) Assess([]risk.Subject) []risk.Result { panic("broken") }

func TestAPanicCostsPredictionsOnly(t *testing.T) {
	o := options(true)
	o.Models = broken{}
	if a := All(o, []scoring.Subject{falling()})[0]; a.Risks[0].Withheld != ward.WithheldFailed || a.Trends[0].Means != ward.TrendFalling {
		t.Errorf("a model that panics: %+v", a)
	}
	o = options(true)
	o.Open = func(ward.WardID, ward.Task, string, string) bool { panic("broken") }
	if a := All(o, []scoring.Subject{falling()})[0]; len(a.Risks) != 0 || a.Respiratory.Band != ward.Unknown {
		t.Errorf("a gate that panics: %+v", a)
	}
}
