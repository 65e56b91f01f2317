package risk

import (
	"errors"
	"math"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"wardwatch/ward"
)

// said is why each prediction was withheld.
type said struct{ deterioration, respiratory, rr, spo2 ward.Withheld }

func all(w ward.Withheld) said { return said{w, w, w, w} }

func whatWasSaid(r *Result) said {
	return said{r.Risks[0].Withheld, r.Risks[1].Withheld, r.Forecasts[0].Withheld, r.Forecasts[1].Withheld}
}

func TestWithheld(t *testing.T) {
	m := sound(t)
	for _, c := range []struct {
		who     string
		change  func(*Subject)
		want    said
		because []string
	}{
		{"everything usual", func(s *Subject) {}, all(ward.NotWithheld), nil},
		{"nobody is known to lie there", func(s *Subject) { s.Stay = nil }, all(ward.WithheldNobody), nil},

		{"birth date unknown", func(s *Subject) { s.Stay.BirthDate = time.Time{} }, all(ward.WithheldAgeUnknown), nil},
		{"17, the day before the birthday", born(2008, 11, 22), all(ward.WithheldAge), nil},
		{"18 today", born(2008, 11, 21), all(ward.NotWithheld), nil},
		{"pregnant", func(s *Subject) { s.Stay.Pregnancy = ward.Pregnant }, all(ward.WithheldPregnancy), nil},
		{"four weeks after birth", func(s *Subject) { s.Stay.Pregnancy = ward.Postpartum }, all(ward.WithheldPregnancy), nil},
		{"comfort care", func(s *Subject) { s.Stay.Care.Status = ward.ComfortCare }, all(ward.WithheldComfort), nil},
		{"ceilings of treatment: the models go on", func(s *Subject) { s.Stay.Care.Status = ward.Ceilings }, all(ward.NotWithheld), nil},

		{"SpO2 scale 2", func(s *Subject) { s.Stay.Scale.Number = 2 }, breathing(ward.WithheldScale2, ward.NotWithheld), nil},
		{"ventilated", on(ward.Ventilator), ventilated(ward.NotWithheld), nil},
		{"NIV", on(ward.NIV), ventilated(ward.NotWithheld), nil},
		{"CPAP", on(ward.CPAP), ventilated(ward.NotWithheld), nil},
		{"high-flow cannula: the models go on", on(ward.HFNC), all(ward.NotWithheld), nil},
		{"device not known: its code says nothing", func(s *Subject) { s.Oxygen.Device = ward.Ventilator }, all(ward.NotWithheld), nil},

		{"nothing measured", func(s *Subject) { s.Course = nil }, all(ward.WithheldTooLittle), []string{"hr", "rr", "spo2", "bp", "temp"}},
		{"rate and saturation of four hours ago: nothing is foretold of them", func(s *Subject) {
			s.At = noon.Add(4 * time.Hour)
		}, said{"", "", ward.WithheldTooLittle, ward.WithheldTooLittle}, nil},
		{"two of the five", measured(ward.HR, ward.RR), all(ward.WithheldTooLittle), []string{"spo2", "bp", "temp"}},
		{"measured 25 hours ago", func(s *Subject) { s.At = noon.Add(25 * time.Hour) }, all(ward.WithheldTooLittle), []string{"hr", "rr", "spo2", "bp", "temp"}},
		{"four of the five, as seen in training", measured(ward.HR, ward.RR, ward.SpO2, ward.SBP), all(ward.NotWithheld), nil},
		{"pressure missing: not in training", measured(ward.HR, ward.RR, ward.SpO2, ward.Temp), all(ward.WithheldPattern), []string{"bp", "oxygen"}},
		{"sex neither female nor male: as seen in training", func(s *Subject) { s.Stay.Sex = ward.OtherSex }, all(ward.NotWithheld), nil},
		{"temperature over all of training", having(ward.Temp, 42.1), all(ward.WithheldRange), []string{"temp"}},
		{"at the upper end of training", having(ward.Temp, 42), all(ward.NotWithheld), nil},
		{"rate under all of training", having(ward.RR, 4.9), all(ward.WithheldRange), []string{"rr"}},
		{"older than all of training", born(1920, 1, 1), all(ward.WithheldRange), []string{"age"}},

		{"the first reason is told: nobody, whatever else", func(s *Subject) { s.Stay, s.Course = nil, nil }, all(ward.WithheldNobody), nil},
		{"... a child before pregnancy", func(s *Subject) { born(2012, 1, 1)(s); s.Stay.Pregnancy = ward.Pregnant }, all(ward.WithheldAge), nil},
		{"... comfort care before scale 2", func(s *Subject) { s.Stay.Care.Status = ward.ComfortCare; s.Stay.Scale.Number = 2 }, all(ward.WithheldComfort), nil},
		{"... scale 2 before ventilated", func(s *Subject) { on(ward.NIV)(s); s.Stay.Scale.Number = 2 }, said{"", ward.WithheldScale2, ward.WithheldVentilated, ward.WithheldScale2}, nil},
		{"... ventilated before too little", func(s *Subject) { on(ward.NIV)(s); s.Course = nil }, ventilated(ward.WithheldTooLittle), []string{"hr", "rr", "spo2", "bp", "temp"}},
		{"... an unseen pattern before out of range", func(s *Subject) {
			*s = only(map[ward.Vital]float64{ward.HR: 80, ward.RR: 4, ward.SpO2: 97, ward.Temp: 37})
		}, all(ward.WithheldPattern), []string{"bp", "oxygen"}},
	} {
		s := anna()
		c.change(&s)
		r := m.Assess([]Subject{s})[0]
		if got := whatWasSaid(&r); got != c.want {
			t.Errorf("%s: %+v, want %+v", c.who, got, c.want)
		}
		if got := r.Risks[0].Because; !slices.Equal(got, c.because) {
			t.Errorf("%s: because %v, want %v", c.who, got, c.because)
		}
		checkSilence(t, &r)
	}
}

func born(year int, month time.Month, day int) func(*Subject) {
	return func(s *Subject) { s.Stay.BirthDate = time.Date(year, month, day, 0, 0, 0, 0, time.UTC) }
}

func on(d ward.O2Device) func(*Subject) {
	return func(s *Subject) { s.Oxygen = Oxygen{Known: true, On: true, Device: d, HasDevice: true} }
}

func measured(vitals ...ward.Vital) func(*Subject) {
	return func(s *Subject) {
		values := map[ward.Vital]float64{}
		for _, v := range vitals {
			values[v] = usual[v]
		}
		*s = only(values)
	}
}

func having(v ward.Vital, x float64) func(*Subject) {
	return func(s *Subject) { *s = only(but(v, x)) }
}

// breathing is a reason that concerns what is said of oxygen saturation, and what is said else.
func breathing(w, rest ward.Withheld) said { return said{rest, w, rest, w} }

// ventilated: a machine that breathes sets the rate too.
func ventilated(rest ward.Withheld) said {
	return said{rest, ward.WithheldVentilated, ward.WithheldVentilated, ward.WithheldVentilated}
}

// checkSilence sees that what is withheld carries nothing that could pass for a prediction.
func checkSilence(t rapid.TB, r *Result) {
	t.Helper()
	for _, k := range r.Risks {
		if k.Withheld == ward.NotWithheld {
			if !(k.Value > 0 && k.Value < 1) {
				t.Errorf("%s: a probability of %v", k.Task, k.Value)
			}
		} else if k.Value != 0 || k.Reasons != nil || k.Raised() {
			t.Errorf("%s is withheld (%s) and says %v, %v", k.Task, k.Withheld, k.Value, k.Reasons)
		}
	}
	for _, f := range r.Forecasts {
		if (f.Withheld == ward.NotWithheld) != (len(f.Hours) == hoursAhead) {
			t.Errorf("forecast of %s: withheld %q and %d hours", f.Vital, f.Withheld, len(f.Hours))
		}
	}
}

func TestAModelThatDoesNotAnswer(t *testing.T) {
	const bad = "respiratory-vitals"
	fill := func(x float32) func([]float32, int, []float32) error {
		return func(_ []float32, _ int, out []float32) error {
			for i := range out {
				out[i] = x
			}
			return nil
		}
	}
	for _, c := range []struct {
		what string
		run  func([]float32, int, []float32) error
		told bool // a problem is told: the model as a whole does not answer
	}{
		{"an error", func([]float32, int, []float32) error { return errors.New("out of memory") }, true},
		{"a panic", func([]float32, int, []float32) error { panic("index out of range") }, true},
		{"no number", fill(float32(math.NaN())), false},
		{"infinity", fill(float32(math.Inf(1))), false},
		{"minus infinity", fill(float32(math.Inf(-1))), false},
	} {
		e := new(fakeEngine)
		m := faked(t, e, folder(tinyModels(), fakeFile.bytes))
		e.on(bad, c.run)
		r := m.Assess([]Subject{anna()})[0]
		if got, want := whatWasSaid(&r), (said{respiratory: ward.WithheldFailed}); got != want {
			t.Errorf("%s: %+v, want %+v", c.what, got, want)
		}
		checkSilence(t, &r)
		if p := m.Problems(); (len(p) == 1 && p[0].Model == bad && p[0].Code == ward.WithheldFailed && p[0].Hint != "") != c.told {
			t.Errorf("%s: problems %+v", c.what, p)
		}
		e.on(bad, nil)
		r = m.Assess([]Subject{anna()})[0]
		if whatWasSaid(&r) != (said{}) || len(m.Problems()) != 0 {
			t.Errorf("after %s it did not come back: %+v, %+v", c.what, whatWasSaid(&r), m.Problems())
		}
	}
}

func TestAForecastThatIsNone(t *testing.T) {
	e := new(fakeEngine)
	m := faked(t, e, folder(tinyModels(), fakeFile.bytes))
	right := func(out []float32) {
		for i := range out {
			out[i] = float32(20 + i%quantiles)
		}
	}
	for _, c := range []struct {
		what string
		out  func([]float32)
		want said
	}{
		{"right", right, said{}},
		{"an hour of SpO2 is no number", func(out []float32) { right(out); out[35] = float32(math.NaN()) }, said{spo2: ward.WithheldFailed}},
		{"the interval of RR lies beside its middle", func(out []float32) { right(out); out[3] = 22 }, said{rr: ward.WithheldFailed}},
	} {
		e.on("vitals-forecast", func(_ []float32, _ int, out []float32) error { c.out(out); return nil })
		r := m.Assess([]Subject{anna()})[0]
		if got := whatWasSaid(&r); got != c.want {
			t.Errorf("%s: %+v, want %+v", c.what, got, c.want)
		}
		checkSilence(t, &r)
	}
}

// A model that hangs costs its own predictions and nothing else, is not asked again while it hangs,
// and comes back by itself.
func TestASlowModel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := new(fakeEngine)
		m := faked(t, e, folder(tinyModels(), fakeFile.bytes))
		release := make(chan struct{})
		var calls atomic.Int32
		e.on("deterioration-vitals", func(_ []float32, _ int, out []float32) error {
			calls.Add(1)
			<-release
			return nil
		})
		for pass := range 3 {
			before := time.Now()
			r := m.Assess([]Subject{anna()})[0]
			if got, want := whatWasSaid(&r), (said{deterioration: ward.WithheldSlow}); got != want {
				t.Errorf("pass %d: %+v, want %+v", pass, got, want)
			}
			checkSilence(t, &r)
			want := time.Duration(0)
			if pass == 0 {
				want = defaultPatience
			}
			if took := time.Since(before); took != want {
				t.Errorf("pass %d waited %v for a model that hangs, want %v", pass, took, want)
			}
		}
		if p := m.Problems(); len(p) != 1 || p[0].Code != ward.WithheldSlow || calls.Load() != 1 {
			t.Errorf("called %d times, problems %+v", calls.Load(), p)
		}
		e.on("deterioration-vitals", nil)
		close(release)
		synctest.Wait()
		if r := m.Assess([]Subject{anna()})[0]; whatWasSaid(&r) != (said{}) || len(m.Problems()) != 0 {
			t.Errorf("it did not come back: %+v", whatWasSaid(&r))
		}
	})
}

func TestACourseThatCannotBeRead(t *testing.T) {
	m := sound(t)
	m.serving.plan = nil // whoever reads a course by it panics
	r := m.Assess([]Subject{anna()})[0]
	if got := whatWasSaid(&r); got != all(ward.WithheldFailed) {
		t.Errorf("got %+v", got)
	}
}
