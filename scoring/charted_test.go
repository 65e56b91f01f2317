package scoring

import (
	"testing"
	"time"

	"wardwatch/ward"
)

// set is a set of observations that a person confirmed so many minutes after eight, entered at once.
func set(minute float64, values ...ward.Value) *ward.Reading {
	r := at(minute, values...)
	r.Source = ward.Manual
	return r
}

// entered is a set that was true at one minute and entered at a later one.
func entered(minute, later float64, values ...ward.Value) *ward.Reading {
	r := set(minute, values...)
	r.Arrived = minutes(later)
	return r
}

func minutes(m float64) time.Time { return eight.Add(time.Duration(m * float64(time.Minute))) }

// with is a set of values with one of them changed.
func with(values []ward.Value, v ward.Vital, n float64) []ward.Value {
	for i := range values {
		if values[i].Vital == v {
			values[i].Number = n
		}
	}
	return values
}

func without(values []ward.Value, v ward.Vital) (rest []ward.Value) {
	for _, x := range values {
		if x.Vital != v {
			rest = append(rest, x)
		}
	}
	return rest
}

// The confirmed set says when the next one is due (RCP NEWS2, chart 4).
func TestTheConfirmedSetSetsTheNextTime(t *testing.T) {
	for name, c := range map[string]struct {
		values []ward.Value
		due    time.Duration
		band   ward.Band
	}{
		"0 points: 12 h":               {well(), 12 * time.Hour, ward.Low},
		"1 point: 4 h":                 {with(well(), ward.SpO2, 95), 4 * time.Hour, ward.Low},
		"3 in one: 1 h":                {with(well(), ward.RR, 8), time.Hour, ward.LowMedium},
		"5 points: 1 h":                {with(with(well(), ward.RR, 22), ward.ACVPU, 1), time.Hour, ward.Medium},
		"without temperature, 0 known": {without(well(), ward.Temp), 4 * time.Hour, ward.Unknown}, // not 12 h: it is not complete
	} {
		b := newBed(t)
		b.stay = &ward.Stay{Admitted: eight.Add(-30 * time.Minute)}
		got := b.read(set(0, c.values...)).Charted
		if got.Due.Sub(eight) != c.due || got.Band != c.band || !got.At.Equal(eight) {
			t.Errorf("%s: due after %v, band %v, at %v; want %v, %v", name, got.Due.Sub(eight), got.Band, got.At, c.due, c.band)
		}
	}
}

func TestAPartialSetNeverPutsOff(t *testing.T) {
	b := newBed(t)
	b.read(set(0, with(well(), ward.SpO2, 95)...)) // due at 12:00
	partial := set(60, val(ward.RR, 16))
	partial.Partial = "asleep"
	got := b.read(partial).Charted
	if !got.Due.Equal(minutes(240)) || got.Complete || got.Partial != "asleep" || got.LowerBound != 0 {
		t.Fatalf("a good partial set moved the time: %+v", got)
	}
	got = b.read(set(90, val(ward.RR, 26))).Charted // 3 in one parameter: an hour
	if !got.Due.Equal(minutes(150)) || got.Band != ward.LowMedium || got.LowerBound != 3 {
		t.Fatalf("a bad partial set did not bring it forward: %+v", got)
	}
	got = b.read(set(100, well()...)).Charted
	if !got.Due.Equal(minutes(100+12*60)) || !got.Complete || got.Partial != "" {
		t.Fatalf("a complete set sets it anew: %+v", got)
	}
}

func TestTheFirstSetIsDueAfterAdmission(t *testing.T) {
	b := newBed(t)
	b.stay = &ward.Stay{Admitted: eight}
	got := b.read(at(1, val(ward.HR, 70))).Charted
	if !got.At.IsZero() || !got.Due.Equal(minutes(60)) {
		t.Fatalf("%+v", got)
	}
}

// What was entered afterwards scores at its true time and is never taken for what is so now.
func TestEnteredAfterwards(t *testing.T) {
	sick := func() []ward.Value { return with(with(well(), ward.RR, 30), ward.ACVPU, float64(ward.Voice)) }
	b := newBed(t)
	b.read(at(0, well()...))
	s := b.read(entered(-20, 1, sick()...))
	if s.Band != ward.Low || s.Parts[inRR].Number != 16 {
		t.Fatalf("history became the present: %v, RR %v", s.Band, s.Parts[inRR].Number)
	}
	if c := s.Charted; !c.At.Equal(minutes(-20)) || c.Total != 6 || c.Band != ward.Medium || !c.Due.Equal(minutes(40)) {
		t.Fatalf("not charted at its true time: %+v", c)
	}
	if c := b.read(entered(-60, 2, well()...)).Charted; !c.At.Equal(minutes(-20)) {
		t.Fatalf("an older set replaced the newer: %+v", c)
	}
	if c := b.read(entered(-20, 3, well()...)).Charted; c.Total != 0 || !c.Complete {
		t.Fatalf("the same time corrects: %+v", c)
	}
	if s := b.read(entered(5, 15, sick()...)); s.Band != ward.Medium {
		t.Fatalf("ten minutes late is still now: %v", s.Band)
	}
}

// Not even where nothing newer is known: nobody is alerted to what has been.
func TestEnteredAfterwardsNeverAlerts(t *testing.T) {
	b := newBed(t)
	b.stay = &ward.Stay{Limits: []ward.Limit{{Vital: ward.RR, High: 25, Until: eight.AddDate(0, 0, 1)}}}
	s := b.read(entered(0, 11, val(ward.RR, 4), val(ward.SpO2, 60), val(ward.SBP, 80), val(ward.O2Source, 8), val(ward.FiO2, 0.8)))
	if s.Band != ward.Unknown || s.NFlags != 0 || s.Check != "" || s.LowerBound != 0 || s.Charted.Band != ward.High {
		t.Fatalf("band %v, flags %+v, check %q, charted %v", s.Band, s.FlagList(), s.Check, s.Charted.Band)
	}
}

// A slip in a value that is still in force is put right however late.
func TestALateCorrectionReplacesWhatIsInForce(t *testing.T) {
	b := newBed(t)
	if s := b.read(set(0, with(well(), ward.RR, 40)...)); s.Band != ward.LowMedium {
		t.Fatal(s.Band)
	}
	poor := val(ward.RR, 50)
	poor.Quality = ward.Poor
	b.read(at(5, poor)) // displaces nothing
	if s := b.read(entered(0, 30, with(well(), ward.RR, 14)...)); s.Band != ward.Low || s.Charted.Total != 0 {
		t.Fatalf("%v %+v", s.Band, s.Charted)
	}
}

// A bed without a monitor shows its charted score, age and due time, and is never silent.
func TestABedWithoutAMonitorIsNeverSilent(t *testing.T) {
	b := newBed(t)
	b.read(set(0, well()...))
	s := b.wait(20 * 60)
	if s.Lost || !s.LastData.IsZero() || !s.Charted.At.Equal(eight) || !s.Charted.Due.Equal(minutes(12*60)) {
		t.Fatalf("%+v", s)
	}
}

func TestChartedScore(t *testing.T) {
	p := DefaultPolicy(lib)
	r := set(7, with(well(), ward.SpO2, 93)...)
	r.Stay, r.Place, r.Position = "anna", bed1, 9
	s, ok := ChartedScore(&p, &ward.Stay{}, r)
	if !ok || s.Origin != ward.OriginCharted || s.Total != 2 || !s.Complete || !s.At.Equal(r.At) || s.Stay != "anna" || s.Place != bed1 || s.Position != 9 {
		t.Fatalf("%v %+v", ok, s)
	}
	if part := s.Parts[inSpO2]; part.Points != 2 || part.Source != ward.Manual || !part.At.Equal(r.At) {
		t.Fatalf("%+v", part)
	}
	for name, r := range map[string]*ward.Reading{
		"a device's reading": at(0, well()...), "no value": set(0), "nothing of the chart": set(0, val(ward.EtCO2, 36)),
	} {
		if _, ok := ChartedScore(&p, &ward.Stay{}, r); ok {
			t.Errorf("%s is not a set", name)
		}
	}
	wrong := set(0, with(well(), ward.RR, 900)...)
	if s, _ := ChartedScore(&p, nil, wrong); s.Complete || s.Doubts[ward.RR] != ward.OutOfRange {
		t.Fatalf("a slip was scored: %+v", s)
	}
}

// A charted value counts for the interval that the last complete score allows, plus a quarter.
func TestHowLongAChartedValueCounts(t *testing.T) {
	consciousness := func(b *bedside, minute float64) ward.PartState { return b.wait(minute).Parts[inConsciousness].State }
	for name, c := range map[string]struct {
		sets []*ward.Reading
		last float64 // the last minute at which consciousness counts
	}{
		"no complete set yet: 4 h":    {[]*ward.Reading{set(0, val(ward.ACVPU, 0))}, 300},
		"0 points: 12 h":              {[]*ward.Reading{set(0, well()...)}, 900},
		"1 to 4: 4 h":                 {[]*ward.Reading{set(0, with(well(), ward.SpO2, 95)...)}, 300},
		"5 and over: 1 h":             {[]*ward.Reading{set(0, with(with(well(), ward.RR, 22), ward.SpO2, 91)...)}, 75},
		"worse since: 1 h from then":  {[]*ward.Reading{set(0, well()...), set(120, val(ward.RR, 22), val(ward.SpO2, 91))}, 195},
		"but not longer than before":  {[]*ward.Reading{set(0, with(well(), ward.SpO2, 95)...), set(290, val(ward.RR, 22), val(ward.SpO2, 91))}, 300},
		"worse twice: the first hour": {[]*ward.Reading{set(0, well()...), set(120, val(ward.RR, 22), val(ward.SpO2, 91)), set(180, val(ward.SBP, 80), val(ward.HR, 140))}, 195},
		"better again, not observed":  {[]*ward.Reading{set(0, well()...), set(120, val(ward.RR, 22), val(ward.SpO2, 91)), set(130, val(ward.RR, 16), val(ward.SpO2, 98))}, 195},
		"better again, all observed":  {[]*ward.Reading{set(0, with(with(well(), ward.RR, 22), ward.SpO2, 91)...), set(60, well()...)}, 960},
	} {
		b := newBed(t)
		for _, r := range c.sets {
			b.read(r)
		}
		if got := consciousness(b, c.last); got != ward.Present {
			t.Errorf("%s: at %v min %v, want present", name, c.last, got)
		}
		if got := consciousness(b, c.last+0.01); got != ward.Stale {
			t.Errorf("%s: past %v min %v, want stale", name, c.last, got)
		}
	}
}

// A longer interval brings back nothing that has gone stale.
func TestALongerIntervalRevivesNothing(t *testing.T) {
	b := newBed(t)
	sick := with(with(with(well(), ward.RR, 30), ward.SBP, 85), ward.O2Source, float64(ward.NasalCannula))
	b.read(set(0, sick...)) // 8 points: half an hour
	b.read(set(38, append(without(well(), ward.O2Source), val(ward.O2Flow, 0))...))
	if s := b.wait(39); s.Total != 0 || !s.Complete || s.Parts[inO2].Number != 0 {
		t.Fatalf("total %d, oxygen %+v", s.Total, s.Parts[inO2])
	}
}

// What people have set stays as it was when an entry in doubt follows, whoever makes it.
func TestADoubtedSettingChangesNothing(t *testing.T) {
	for name, slip := range map[string]*ward.Reading{"a device": at(10, val(ward.FiO2, 28)), "a person": set(10, val(ward.FiO2, 28))} {
		b := newBed(t)
		b.read(set(0, val(ward.FiO2, 0.28)))
		s := b.read(slip)
		if part := s.Parts[inO2]; part.State != ward.Present || part.Number != 1 || s.Doubts[ward.FiO2] != ward.OutOfRange {
			t.Errorf("%s: %+v, doubt %q", name, part, s.Doubts[ward.FiO2])
		}
	}
}

// What a person confirmed is not displaced by a device's value that is in doubt.
func TestADoubtedValueDoesNotDisplaceAConfirmedOne(t *testing.T) {
	poor := val(ward.SpO2, 84)
	poor.Quality = ward.Poor
	b := newBed(t)
	b.read(set(0, well()...))
	s := b.read(at(1, poor))
	if part := s.Parts[inSpO2]; part.State != ward.Present || part.Number != 98 || s.Doubts[ward.SpO2] != ward.PoorSignal {
		t.Fatalf("%+v, doubt %q", part, s.Doubts[ward.SpO2])
	}
	s = b.read(at(2, val(ward.SpO2, 30)))
	if part := s.Parts[inSpO2]; part.State != ward.Implausible || part.Doubt != ward.OutOfRange || s.Check != "spo2" {
		t.Fatalf("too low to believe: %+v, check %q", part, s.Check)
	}
}
