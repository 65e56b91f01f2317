package live

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"wardwatch/ward"
)

func assessment(bed int, at time.Time, risks ...ward.Risk) *ward.Assessment {
	return &ward.Assessment{
		Place: place(bed), Stay: person(bed).ID, At: at, Policy: "p1", Risks: risks,
		Trends:      []ward.Trend{{Vital: ward.SpO2, At: at, Means: ward.TrendFalling, Slope: -0.8, Limit: 91, Reach: 3 * time.Hour, Early: 2 * time.Hour, Late: 5 * time.Hour}},
		Respiratory: ward.Respiratory{Table: "1", Band: ward.Medium, SF: 310},
	}
}

func risk(task ward.Task, value float64) ward.Risk {
	return ward.Risk{Task: task, Model: "m-" + string(task), Version: "1", Value: value, Threshold: 0.05}
}

// clock is a time that a test sets.
func clock(at *time.Time) func() time.Time { return func() time.Time { return *at } }

func TestAnAssessmentIsOfWhoLiesThere(t *testing.T) {
	for _, c := range []struct {
		name  string
		then  func(l *Live)
		shown bool
	}{
		{"of the person in the bed", func(*Live) {}, true},
		{"nobody lies there any more", func(l *Live) { l.SetStays("icu", nil) }, false},
		{"somebody else lies there now", func(l *Live) {
			next := person(7)
			next.Place = place(1)
			l.SetStays("icu", []ward.Stay{next})
		}, false},
		{"the person has moved to another bed", func(l *Live) {
			moved := person(1)
			moved.Place = place(2)
			l.SetStays("icu", []ward.Stay{moved})
		}, false},
		{"it is uncertain whose monitor it is", func(l *Live) {
			r := reading(1, noon, 33)
			r.Stay, r.Apart = "", ward.Unconfirmed
			publish(l, r)
		}, false},
		{"a monitor speaks of them again", func(l *Live) {
			r := reading(1, noon, 33)
			r.Stay, r.Apart = "", ward.Unconfirmed
			publish(l, r)
			publish(l, reading(1, noon.Add(time.Second), 18))
		}, true},
	} {
		l := aWard(t, 1, always(noon))
		l.SetWard(ward.Ward{ID: "icu"}, []ward.Bed{{Place: place(1)}, {Place: place(2)}})
		publish(l, assessment(1, noon, risk(ward.Deterioration, 0.2)))
		c.then(l)
		for bed := 1; bed <= 2; bed++ {
			_, ok := l.Assessment(place(bed))
			want := c.shown && bed == 1
			if marked := tileOf(t, l, NamesGiven, bed).Assessed != nil; ok != want || marked != want {
				t.Errorf("%s: bed %d by itself %v, on its tile %v, want %v", c.name, bed, ok, marked, want)
			}
		}
	}
}

func TestAnAssessmentThatIsNotOfThisBedIsNotTaken(t *testing.T) {
	l := aWard(t, 1, always(noon))
	for name, edit := range map[string]func(*ward.Assessment){
		"of nobody":       func(a *ward.Assessment) { a.Stay = "" },
		"of another":      func(a *ward.Assessment) { a.Stay = "s9" },
		"of another ward": func(a *ward.Assessment) { a.Place.Ward = "er" },
		"of no bed":       func(a *ward.Assessment) { a.Place.Bed = "" },
		"of an empty bed": func(a *ward.Assessment) { a.Place.Bed = "99" },
	} {
		a := assessment(1, noon)
		edit(a)
		publish(l, a)
		if _, ok := l.Assessment(a.Place); ok {
			t.Errorf("%s: taken", name)
		}
		if _, ok := l.Assessment(place(1)); ok {
			t.Errorf("%s: shown at bed 1", name)
		}
	}
}

func TestAnAssessmentGrowsOldAndGoes(t *testing.T) {
	now := noon
	l := aWard(t, 1, clock(&now))
	publish(l, assessment(1, noon, risk(ward.Deterioration, 0.2)))
	publish(l, assessment(1, noon.Add(-time.Minute), risk(ward.Deterioration, 0.9))) // late: made before the one held
	for _, c := range []struct {
		after time.Duration
		shown bool
	}{{0, true}, {AssessmentFresh + time.Second, true}, {AssessmentShown, true}, {AssessmentShown + time.Second, false}} {
		now = noon.Add(c.after)
		v, ok := l.Assessment(place(1))
		x := tileOf(t, l, NamesGiven, 1).Assessed
		if ok != c.shown || (x != nil) != c.shown {
			t.Fatalf("after %v: %v, on the tile %v", c.after, ok, x)
		}
		if ok && (*v.Risks[0].Value != 0.2 || v.FreshUntil != noon.Add(15*time.Minute).UnixMilli() || x.ShownUntil != noon.Add(time.Hour).UnixMilli()) {
			t.Errorf("after %v: %+v", c.after, v)
		}
	}
}

func TestWhatATileShowsOfARisk(t *testing.T) {
	withheld := func(w ward.Withheld) ward.Risk {
		r := risk(ward.Deterioration, 0.9)
		r.Withheld = w
		return r
	}
	silent := risk(ward.Deterioration, 0.9)
	silent.Silent = true
	silentOff := withheld(ward.WithheldRuntime)
	silentOff.Silent = true
	for _, c := range []struct {
		name                 string
		risk                 ward.Risk
		shown, raised, value bool
	}{
		{"over its threshold", risk(ward.Deterioration, 0.2), true, true, true},
		{"at its threshold", risk(ward.Deterioration, 0.05), true, true, true},
		{"under it: a low risk reassures nobody", risk(ward.Deterioration, 0.049), false, false, false},
		{"no runtime", withheld(ward.WithheldRuntime), true, false, false},
		{"no model", withheld(ward.WithheldModel), true, false, false},
		{"no answer", withheld(ward.WithheldFailed), true, false, false},
		{"too slow", withheld(ward.WithheldSlow), true, false, false},
		{"drift", withheld(ward.WithheldDrift), true, false, false},
		{"does not apply to this person", withheld(ward.WithheldPregnancy), false, false, false},
		{"too little measured", withheld(ward.WithheldTooLittle), false, false, false},
		{"silent", silent, false, false, false},
		{"silent and off", silentOff, false, false, false},
		{"not a number", risk(ward.Deterioration, math.NaN()), false, false, false},
	} {
		l := aWard(t, 1, always(noon))
		publish(l, assessment(1, noon, c.risk))
		marks := tileOf(t, l, NamesGiven, 1).Assessed.Risks
		if len(marks) > 0 != c.shown {
			t.Errorf("%s: %+v", c.name, marks)
			continue
		}
		if c.shown && (marks[0].Raised != c.raised || (marks[0].Value != nil) != c.value) {
			t.Errorf("%s: %+v", c.name, marks[0])
		}
	}
}

// A silent model is computed and kept, and reaches no screen: not its figure, not its name, not what
// rests on it.
func TestWhatIsSilentReachesNoScreen(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := assessment(1, noon)
		heard := 0
		for _, task := range ward.Tasks {
			r := risk(task, rapid.Float64Range(0, 1).Draw(t, "value"))
			r.Withheld = rapid.SampledFrom([]ward.Withheld{ward.NotWithheld, ward.WithheldRuntime, ward.WithheldAge}).Draw(t, "withheld")
			if r.Silent = rapid.Bool().Draw(t, "silent"); r.Silent {
				r.Model, r.Reasons = "SECRET", []ward.Contribution{{Input: "SECRET"}}
			} else {
				heard++
			}
			a.Risks = append(a.Risks, r)
		}
		for range rapid.IntRange(0, 3).Draw(t, "more") {
			silent := rapid.Bool().Draw(t, "silent")
			word := "open"
			if silent {
				word = "SECRET"
			}
			a.Forecasts = append(a.Forecasts, ward.Forecast{Vital: ward.SpO2, Model: word, Silent: silent, Hours: []ward.ForecastHour{{Ahead: time.Hour, Mid: 90, Low: 88, High: 92}}})
			a.Respiratory.Rows = append(a.Respiratory.Rows, ward.RespiratoryRow{Code: word, Silent: silent})
		}
		l := New(Options{Now: always(noon)})
		l.SetWard(ward.Ward{ID: "icu"}, []ward.Bed{{Place: place(1)}})
		l.SetStays("icu", []ward.Stay{person(1)})
		s, err := l.Subscribe("icu", NamesGiven, "")
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		publish(l, a)
		l.board("icu").flush()
		events, _, _ := s.Take()
		v, ok := l.Assessment(place(1))
		body, err := json.Marshal(v)
		if err != nil || !ok {
			t.Fatal(err, ok)
		}
		for _, e := range append(events, body) {
			if strings.Contains(string(e), "SECRET") {
				t.Fatalf("a silent model is heard: %s", e)
			}
		}
		if len(v.Risks) != heard {
			t.Fatalf("%d of %d open risks", len(v.Risks), heard)
		}
		seen := 0
		for _, task := range ward.Tasks {
			seen += len(l.Predictions("icu", task))
		}
		if seen != len(ward.Tasks) {
			t.Fatalf("who judges a model sees %d of %d", seen, len(ward.Tasks))
		}
	})
}

func TestClosingAGateTakesAModelFromEveryScreenAtOnce(t *testing.T) {
	l := aWard(t, 2, always(noon))
	for bed := 1; bed <= 2; bed++ {
		a := assessment(bed, noon, risk(ward.Deterioration, 0.2), risk(ward.RespiratoryDecline, 0.3))
		a.Forecasts = []ward.Forecast{{Vital: ward.RR, Hours: []ward.ForecastHour{{Ahead: time.Hour, Mid: 20, Low: 18, High: 24}}}}
		publish(l, a)
	}
	before := tileOf(t, l, NamesGiven, 1).Assessed
	l.Silence("icu", ward.Deterioration)
	v, _ := l.Assessment(place(1))
	if len(v.Risks) != 1 || v.Risks[0].Task != "respiratory" || v.Respiratory == nil || len(v.Forecasts) != 1 {
		t.Errorf("one task closed: %+v", v)
	}
	after := tileOf(t, l, NamesGiven, 2).Assessed
	if len(after.Risks) != 1 || after.Version == before.Version {
		t.Errorf("the tile: %+v, before %+v", after, before)
	}
	l.Silence("icu", ward.RespiratoryDecline)
	if v, _ = l.Assessment(place(2)); len(v.Risks) != 0 || v.Respiratory != nil || len(v.Forecasts) != 0 || len(v.Trends) != 1 {
		t.Errorf("both closed: %+v", v)
	}
	l.Silence("er", ward.Deterioration) // no such ward
	if got := l.Predictions("icu", ward.Deterioration); len(got) != 2 || !got[0].Silent || *got[0].Risk.Value != 0.2 {
		t.Errorf("it is still computed: %+v", got)
	}
}

// One number JSON cannot hold would cost every screen of the ward its event.
func TestAnAssessmentWithNumbersThatJSONCannotHold(t *testing.T) {
	for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		a := assessment(1, noon, ward.Risk{Task: ward.Deterioration, Value: bad, Threshold: bad,
			Reasons: []ward.Contribution{{Input: "rr", Push: bad, Value: bad}}, Inputs: []ward.RiskInput{{Input: "rr", Value: bad}}})
		a.Trends = []ward.Trend{{Vital: ward.RR, Slope: bad, Limit: bad, Reach: time.Hour}}
		a.Forecasts = []ward.Forecast{{Vital: ward.RR, Hours: []ward.ForecastHour{{Mid: bad, Low: bad, High: bad}}}}
		a.Respiratory = ward.Respiratory{Table: "1", ROX: bad, SF: bad, ROXLow: bad, Rows: []ward.RespiratoryRow{{Number: bad, Limit: bad}}}
		l := aWard(t, 1, always(noon))
		publish(l, a)
		v, _ := l.Assessment(place(1))
		for _, x := range []any{v, tileOf(t, l, NamesGiven, 1), l.Predictions("icu", ward.Deterioration)} {
			if _, err := json.Marshal(x); err != nil {
				t.Errorf("%v: %v", bad, err)
			}
		}
		if r := v.Risks[0]; r.Value != nil || r.Reasons[0].Value != nil || r.Reasons[0].At != nil || len(v.Forecasts[0].Hours) != 0 {
			t.Errorf("%v is shown: %+v", bad, v)
		}
	}
}

func TestWhatIsSaidOfATrend(t *testing.T) {
	for _, c := range []struct {
		name        string
		trend       ward.Trend
		reach, late bool
	}{
		{"reaches its limit", ward.Trend{Means: ward.TrendFalling, Limit: 91, Reach: 3 * time.Hour, Early: 2 * time.Hour, Late: 5 * time.Hour}, true, true},
		{"may never reach it", ward.Trend{Means: ward.TrendFalling, Limit: 91, Reach: 3 * time.Hour, Early: 2 * time.Hour}, true, false},
		{"only a direction", ward.Trend{Means: ward.TrendRising, Limit: 25}, false, false},
	} {
		v := viewTrend(&c.trend)
		if (v.Reach != nil) != c.reach || (v.Limit != nil) != c.reach || (v.Late != nil) != c.late {
			t.Errorf("%s: %+v", c.name, v)
		}
	}
}

// The mark of a tile: what somebody should look at goes before what somebody has confirmed, and that
// before what is only background; what is silent is no mark.
func TestImagingMark(t *testing.T) {
	row := func(finding string, unread bool, age ward.FindingAge) ward.RespiratoryRow {
		return ward.RespiratoryRow{Finding: finding, Unread: unread, Age: age}
	}
	silent := row("f0", true, ward.AgeFresh)
	silent.Silent = true
	unread, confirmed, old := row("f1", true, ward.AgeFresh), row("f2", false, ward.AgeFading), row("f3", true, ward.AgeContext)
	for _, c := range []struct {
		name string
		rows []ward.RespiratoryRow
		want string
	}{
		{"no finding", []ward.RespiratoryRow{row("", false, "")}, ""},
		{"unconfirmed", []ward.RespiratoryRow{old, confirmed, unread}, "unread"},
		{"confirmed", []ward.RespiratoryRow{old, confirmed, old}, "confirmed"},
		{"too old to raise anything, whoever has read it", []ward.RespiratoryRow{old}, "context"},
		{"silent", []ward.RespiratoryRow{silent}, ""},
	} {
		if got := viewAssessed(&ward.Assessment{Respiratory: ward.Respiratory{Rows: c.rows}}, 1).Imaging; got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}
