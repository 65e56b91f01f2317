package scoring

import (
	"strings"
	"testing"
	"time"

	"wardwatch/scoring/chart"
	"wardwatch/ward"
)

func find(t testing.TB, id string) *chart.Chart {
	t.Helper()
	c, ok := lib.Find(id)
	if !ok {
		t.Fatalf("no chart %s", id)
	}
	return c
}

// children signs the children's chart beside NEWS2.
func children(t testing.TB, p *Policy) {
	p.Charts = append(p.Charts, ChartRule{Who: Who{0, sixteen, No}, Chart: find(t, "npews-england"), SignedBy: "Dr A"})
}

func TestTheChartIsChosenByAgeAndPregnancy(t *testing.T) {
	born := func(y, m, d int) time.Time { return time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC) }
	for name, c := range map[string]struct {
		stay     *ward.Stay
		children bool
		chart    string
		refused  ward.Refusal
	}{
		"nobody known":              {nil, false, NEWS2, ward.NotRefused},
		"age not known":             {&ward.Stay{}, true, NEWS2, ward.NotRefused},
		"sixteen today":             {&ward.Stay{BirthDate: born(2010, 11, 21)}, false, NEWS2, ward.NotRefused},
		"sixteen tomorrow":          {&ward.Stay{BirthDate: born(2010, 11, 22)}, false, NEWS2, ward.RefusedAge},
		"the same, signed chart":    {&ward.Stay{BirthDate: born(2010, 11, 22)}, true, "npews-england", ward.NotRefused},
		"born on a leap day":        {&ward.Stay{BirthDate: born(2008, 2, 29)}, false, NEWS2, ward.NotRefused},
		"pregnant":                  {&ward.Stay{BirthDate: born(1996, 1, 1), Pregnancy: ward.Pregnant}, true, NEWS2, ward.RefusedPregnancy},
		"within six weeks after":    {&ward.Stay{Pregnancy: ward.Postpartum}, false, NEWS2, ward.RefusedPregnancy},
		"pregnant at fourteen":      {&ward.Stay{BirthDate: born(2012, 1, 1), Pregnancy: ward.Pregnant}, true, NEWS2, ward.RefusedAge},
		"born today":                {&ward.Stay{BirthDate: born(2026, 11, 21)}, true, "npews-england", ward.NotRefused},
		"born tomorrow, by mistake": {&ward.Stay{BirthDate: born(2026, 11, 22)}, true, "npews-england", ward.NotRefused},
	} {
		b := newBed(t)
		if c.children {
			children(t, &b.p)
		}
		if err := b.p.Check(); err != nil {
			t.Fatal(err)
		}
		b.stay = c.stay
		s := b.read(at(0, well()...))
		if s.Chart != c.chart || s.Refused != c.refused || c.refused != "" && (s.Band != ward.Unknown || s.LowerBound != 0) {
			t.Errorf("%s: %s refused %q band %v, want %s %q", name, s.Chart, s.Refused, s.Band, c.chart, c.refused)
		}
	}
}

// A birthday begins at midnight in the hospital, not in Greenwich.
func TestABirthdayBeginsInTheHospital(t *testing.T) {
	b := newBed(t)
	b.stay = &ward.Stay{BirthDate: time.Date(2010, 11, 22, 0, 0, 0, 0, time.UTC)}
	for name, c := range map[string]struct {
		at   time.Time
		want ward.Refusal
	}{
		"23:59 in Hanoi": {time.Date(2026, 11, 21, 16, 59, 0, 0, time.UTC), ward.RefusedAge},
		"midnight there": {time.Date(2026, 11, 21, 17, 0, 0, 0, time.UTC), ward.NotRefused},
	} {
		if _, s, _ := Step(&b.p, b.stay, State{}, nil, c.at); s.Refused != c.want {
			t.Errorf("%s: %q, want %q", name, s.Refused, c.want)
		}
	}
}

func TestNoChartForAnybody(t *testing.T) {
	for name, rules := range map[string][]ChartRule{
		"none given":        nil,
		"none for them":     {{Who: Who{65 * 12, 0, Any}, Chart: find(t, NEWS2)}},
		"expressly without": {{Who: Who{0, 0, Any}}, {Who: Who{sixteen, 0, No}, Chart: find(t, NEWS2)}},
	} {
		b := newBed(t)
		b.p.Charts = rules
		s := b.read(at(0, val(ward.SpO2, 40)))
		if s.Refused != ward.RefusedNoChart || s.Band != ward.Unknown || s.Check != "spo2" || s.Doubts[ward.SpO2] != ward.OutOfRange {
			t.Errorf("%s: %+v", name, s)
		}
	}
}

// The change to another chart never lowers an alerting band by itself: it is held until a complete
// set of the new chart, all of it measured since, says less.
func TestANewChartDoesNotLowerTheBand(t *testing.T) {
	b := newBed(t)
	children(t, &b.p)
	b.stay = &ward.Stay{BirthDate: time.Date(2010, 11, 22, 0, 0, 0, 0, time.UTC)} // sixteen at 17:00 UTC
	child := append(well(), val(ward.RespDistress, 0), val(ward.CapRefill, 1))
	s := b.read(at(8*60+40, with(with(with(child, ward.RR, 45), ward.HR, 135), ward.SBP, 118)...)) // 4 + 4 points
	if s.Chart != "npews-england" || s.Band != ward.Medium {
		t.Fatalf("the evening before: %s %d %v", s.Chart, s.LowerBound, s.Band)
	}
	s = b.read(at(9*60+1, without(well(), ward.ACVPU)...))
	if s.Chart != NEWS2 || !s.Complete || s.Total != 0 || s.Band != ward.Medium || !s.Held {
		t.Fatalf("sixteen: %s total %d band %v held %v; want a 0 held at medium", s.Chart, s.Total, s.Band, s.Held)
	}
	if s = b.read(at(9*60+3, val(ward.ACVPU, 0))); s.Band != ward.Low || s.Held {
		t.Fatalf("all measured since: %v", s.Band)
	}
}

// What says how much oxygen is given is more than one thing, and some points are certain before all
// is known: losing any of it lowers nothing.
func TestLosingTheAmountOfOxygenLowersNothing(t *testing.T) {
	const cannula = float64(ward.NasalCannula)
	for name, c := range map[string]struct {
		sets  []*ward.Reading
		lost  float64 // the minute at which something is stale
		bound int     // what is certain then
	}{
		"the device, its flow not known": {[]*ward.Reading{set(0, val(ward.O2Source, cannula)), set(250, val(ward.PR, 20))}, 326, 4},
		"the flow, a fraction is known":  {[]*ward.Reading{set(0, val(ward.O2Flow, 6)), set(250, val(ward.FiO2, 0.22), val(ward.PR, 80))}, 326, 3},
		"the fraction, then the device":  {[]*ward.Reading{set(0, val(ward.O2Source, cannula), val(ward.FiO2, 0.22)), set(200, val(ward.O2Source, cannula)), set(310, val(ward.PR, 20))}, 501, 4},
	} {
		b := newBed(t)
		children(t, &b.p)
		b.stay = &ward.Stay{BirthDate: eight.AddDate(0, -5, 0)}
		for _, r := range c.sets {
			b.read(r)
		}
		if b.last.Band != ward.Medium {
			t.Errorf("%s: begins with %d, %v", name, b.last.LowerBound, b.last.Band)
		}
		if s := b.wait(c.lost); s.LowerBound != c.bound || s.Band != ward.Medium || !s.Held {
			t.Errorf("%s: %d %v held %v, want %d held at medium", name, s.LowerBound, s.Band, s.Held, c.bound)
		}
	}
}

// Room air is shown as such in whatever line of a chart asks for the device.
func TestAirIsShownInEveryChart(t *testing.T) {
	b := newBed(t)
	children(t, &b.p)
	b.stay = &ward.Stay{BirthDate: eight.AddDate(-3, 0, 0)}
	s := b.read(at(0, val(ward.FiO2, 0.21)))
	for _, part := range s.PartList() {
		if part.Input == "oxygen" && (part.State != ward.Present || part.Number != float64(ward.RoomAir) || part.Points != 0) {
			t.Fatalf("%+v", part)
		}
	}
}

// While a pregnancy keeps the chart away its holds wait.
func TestHoldsWaitWhileTheChartIsRefused(t *testing.T) {
	b := newBed(t)
	b.stay = &ward.Stay{}
	b.read(at(0, with(with(well(), ward.RR, 22), ward.ACVPU, 1)...))
	b.stay.Pregnancy = ward.Pregnant
	if s := b.wait(1); s.Band != ward.Unknown || s.Refused != ward.RefusedPregnancy {
		t.Fatal(s.Band)
	}
	b.stay.Pregnancy = ward.NotPregnant
	if s := b.wait(6); s.Band != ward.Medium || !s.Held {
		t.Fatalf("%v held %v", s.Band, s.Held)
	}
}

// A full set has the parts of the person's own chart; nobody asks for more where no chart is.
func TestWhatAFullSetNeeds(t *testing.T) {
	p := DefaultPolicy(lib)
	children(t, &p)
	child := ward.Stay{BirthDate: eight.AddDate(-3, 0, 0)}
	for name, c := range map[string]struct {
		stay *ward.Stay
		want string
	}{
		"an adult":   {&ward.Stay{}, "rr spo2 o2 sbp hr consciousness temp"},
		"a child":    {&child, "rr resp_distress spo2 oxygen hr sbp cap_refill"},
		"a pregnant": {&ward.Stay{Pregnancy: ward.Pregnant}, ""},
	} {
		if got := strings.Join(p.Needs(c.stay, eight), " "); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}
