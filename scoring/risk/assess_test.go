package risk

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"wardwatch/scoring/course"
	"wardwatch/ward"
)

func near(a, b, by float64) bool { return math.Abs(a-b) <= by }

// A linear model's contributions are its terms: weight × (value − usual value), by input.
func TestContributionsAreTheTermsOfAnAdditiveModel(t *testing.T) {
	t.Run("by hand", func(t *testing.T) { checkTerms(t, sound(t)) })
	t.Run("in the library", func(t *testing.T) { checkTerms(t, withLibrary(t, folder(tinyModels(), fakeFile.onnx))) })
}

func checkTerms(t *testing.T, m *Models) {
	s := anna()
	s.Course = new(course.Course)
	measure(s.Course, noon.Add(-2*time.Hour), map[ward.Vital]float64{ward.HR: 70, ward.FiO2: 0.65})
	measure(s.Course, noon.Add(-time.Hour), map[ward.Vital]float64{ward.HR: 120, ward.SpO2: 91})
	measure(s.Course, noon, map[ward.Vital]float64{ward.HR: 125, ward.RR: 30, ward.SBP: 85, ward.Temp: 37.1})
	r := m.Assess([]Subject{s})[0].Risks[0]
	// hr 125 now and 105 in the mean: 0.02×45 + 0.03×25; the temperature's 0.05 is too little to
	// tell; of the six others the five strongest are told
	want := []ward.Contribution{
		{Input: "rr", Push: 0.2 * 14, Value: 30, Level: ward.LevelHigh},
		{Input: "hr", Push: 0.02*45 + 0.03*25, Value: 125, Level: ward.LevelHigh, Course: ward.CourseRising},
		{Input: "bp", Push: -0.02 * -35, Value: 85, Level: ward.LevelLow},
		{Input: "oxygen", Push: 0.65, Value: 0.65, Level: ward.LevelHigh, Age: 2 * time.Hour},
		{Input: "spo2", Push: -0.1 * -6, Value: 91, Level: ward.LevelLow, Age: time.Hour},
	}
	if len(r.Reasons) != len(want) {
		t.Fatalf("reasons %+v", r.Reasons)
	}
	for i, got := range r.Reasons {
		w := want[i]
		if !near(got.Push, w.Push, 1e-4) {
			t.Errorf("%s pushes %v, want %v", w.Input, got.Push, w.Push)
		}
		got.Push, w.Push = 0, 0
		if got != w {
			t.Errorf("got %+v, want %+v", got, w)
		}
	}
}

func TestAMissingInputMayPush(t *testing.T) {
	files := tinyModels()
	files[0].Metadata.Reference[6] = number(0.4) // usual: on oxygen
	m := faked(t, new(fakeEngine), folder(files, fakeFile.bytes))
	r := m.Assess([]Subject{anna()})[0].Risks[0]
	at := slices.IndexFunc(r.Reasons, func(c ward.Contribution) bool { return c.Input == "oxygen" })
	if at < 0 || !near(r.Reasons[at].Push, -0.4, 1e-5) || !math.IsNaN(r.Reasons[at].Value) || r.Reasons[at].Level != ward.LevelUsual {
		t.Errorf("reasons %+v", r.Reasons)
	}
}

func TestCourseOfAnInput(t *testing.T) {
	up, down := 1.0, -1.0
	low, high := 0.5, 2.0 // in training even the lowest tenth rose
	for _, c := range []struct {
		in    Input
		slope float64
		want  ward.Course
	}{
		{Input{SlopeLow: &down, SlopeHigh: &up}, 1.1, ward.CourseRising},
		{Input{SlopeLow: &down, SlopeHigh: &up}, 1, ward.CourseSteady},
		{Input{SlopeLow: &down, SlopeHigh: &up}, -1.1, ward.CourseFalling},
		{Input{SlopeLow: &down, SlopeHigh: &up}, math.NaN(), ward.CourseSteady},
		{Input{SlopeLow: &low, SlopeHigh: &high}, 0.2, ward.CourseSteady}, // it rises, if slowly
	} {
		if got := c.in.course(c.slope); got != c.want {
			t.Errorf("slope %v in %v–%v: %q, want %q", c.slope, *c.in.SlopeLow, *c.in.SlopeHigh, got, c.want)
		}
	}
}

func TestInputsAndForecast(t *testing.T) {
	s := anna()
	s.Course.Take(ward.Temp, 36.4, noon.Add(-50*time.Minute).UnixMilli())
	s.At = noon.Add(15 * time.Minute)
	r := sound(t).Assess([]Subject{s})[0]
	want := []ward.RiskInput{
		{Input: "hr", Value: 80, Age: 15 * time.Minute},
		{Input: "rr", Value: 16, Age: 15 * time.Minute},
		{Input: "spo2", Value: 97, Age: 15 * time.Minute},
		{Input: "bp", Value: 120, Age: 15 * time.Minute},
		{Input: "temp", Value: 37, Age: 15 * time.Minute},
		{Input: "age", Value: 70},
		{Input: "sex", Value: 0},
	}
	if got := r.Risks[0].Inputs; !slices.Equal(got, want) {
		t.Errorf("inputs %+v, want %+v", got, want)
	}
	for i, mid := range []float64{18, 95} {
		f := r.Forecasts[i]
		if f.Vital != forecastVitals[i] || f.Model != "vitals-forecast" || f.Version == "" || len(f.Hours) != 6 {
			t.Fatalf("forecast %+v", f)
		}
		for h, got := range f.Hours {
			x := mid + float64(h)
			if want := (ward.ForecastHour{Ahead: time.Duration(h+1) * time.Hour, Low: x - 2, Mid: x, High: x + 2}); got != want {
				t.Errorf("%s: %+v, want %+v", f.Vital, got, want)
			}
		}
	}
}

// Reasons are told of those raised, of those asked for, and of all where there are few.
func TestWhoIsExplained(t *testing.T) {
	m := sound(t)
	few, many := make([]Subject, fewEnough), make([]Subject, fewEnough+1)
	for _, list := range [][]Subject{few, many} {
		for i := range list {
			list[i] = only(but(ward.RR, 17))
		}
		list[1] = only(but(ward.RR, 40))
		list[2].Explain = true
	}
	for i, r := range m.Assess(few) {
		if len(r.Risks[0].Reasons) == 0 {
			t.Errorf("few: %d has no reasons", i)
		}
	}
	for i, r := range m.Assess(many) {
		k := r.Risks[0]
		if k.Raised() != (i == 1) {
			t.Errorf("many: %d at %v", i, k.Value)
		}
		if (len(k.Reasons) > 0) != (i == 1 || i == 2) {
			t.Errorf("many: %d has %d reasons", i, len(k.Reasons))
		}
	}
}

// A second model speaks only where there is a laboratory value to go by, beside the first and
// never in its stead.
func TestOptionalModel(t *testing.T) {
	labs := tiny("deterioration-labs", ward.Deterioration)
	labs.Features = append(slices.Clone(tinyFeatures), "lab.lactate.48")
	labs.Inputs = append(labs.Inputs, tinyInput("lactate", "lab.lactate", 0.2, 20, 0.7, 4, 9))
	labs.Reference = append(labs.Reference, number(1.5))
	noLactate := uint64(1 << 8)
	labs.Patterns = []uint64{noOxygen, noOxygen | noLactate}
	model := riskModel(labs)
	model.Linear.Weights = [][]float32{append(slices.Clone(weights), 0.5)}
	m := faked(t, new(fakeEngine), folder(append(tinyModels(), model), fakeFile.bytes))

	with, without, old := anna(), anna(), anna()
	with.Course.TakeLab(&ward.Lab{Name: "lactate", Number: 4.5, At: noon.Add(-3 * time.Hour)})
	old.Course.TakeLab(&ward.Lab{Name: "lactate", Number: 4.5, At: noon.Add(-49 * time.Hour)})
	r := m.Assess([]Subject{with, without, old, {}})
	if len(m.Problems()) != 0 || len(r[0].Risks) != 3 || len(r[1].Risks) != 2 || len(r[2].Risks) != 2 || len(r[3].Risks) != 2 {
		t.Fatalf("problems %+v, risks %+v", m.Problems(), r)
	}
	second := r[0].Risks[2]
	if second.Model != "deterioration-labs" || second.Task != ward.Deterioration || second.Withheld != ward.NotWithheld {
		t.Errorf("second %+v", second)
	}
	if want := (ward.Contribution{Input: "lactate", Push: 1.5, Value: 4.5, Age: 3 * time.Hour, Level: ward.LevelHigh}); !slices.Contains(second.Reasons, want) {
		t.Errorf("reasons %+v", second.Reasons)
	}
	if !slices.Contains(second.Inputs, ward.RiskInput{Input: "lactate", Value: 4.5, Age: 3 * time.Hour}) {
		t.Errorf("inputs %+v", second.Inputs)
	}
	if first := r[0].Risks[0]; first.Value != r[1].Risks[0].Value || first.Model != "deterioration-vitals" {
		t.Errorf("the first model's prediction changed: %+v", first)
	}
}

// Asked together, people get what they get asked one by one.
func TestTogetherAndOneByOne(t *testing.T) {
	for what, m := range tinyAndEmbedded(t) {
		people := crowd(60, 1)
		raised := 0
		for i, together := range m.Assess(people) {
			alone := m.Assess(people[i : i+1])[0]
			for k, r := range together.Risks {
				a := alone.Risks[k]
				if r.Withheld != a.Withheld || !near(r.Value, a.Value, 1e-6) || len(r.Reasons) != len(a.Reasons) {
					t.Errorf("%s: %d: %+v together, %+v alone", what, i, r, a)
				}
				if r.Raised() {
					raised++
				}
			}
			for k, f := range together.Forecasts {
				for h, hour := range f.Hours {
					if a := alone.Forecasts[k].Hours[h]; !near(hour.Mid, a.Mid, 1e-4) || !near(hour.Low, a.Low, 1e-4) {
						t.Errorf("%s: %d: %+v together, %+v alone", what, i, hour, a)
					}
				}
			}
		}
		if raised == 0 {
			t.Errorf("%s: nobody's risk is raised: the crowd shows too little", what)
		}
	}
}

// More people than the library gets at once are answered each with their own.
func TestMoreThanAtOnce(t *testing.T) {
	m := sound(t)
	kinds := crowd(7, 4)
	people := make([]Subject, 2*atOnce+10)
	for i := range people {
		people[i] = kinds[i%len(kinds)]
	}
	p, err := m.Panel("deterioration-vitals")
	if err != nil {
		t.Fatal(err)
	}
	raw, err := p.PredictRaw("deterioration-vitals", filled(p, people), len(people))
	if err != nil {
		t.Fatal(err)
	}
	alone := m.Assess(kinds)
	for i, r := range m.Assess(people) {
		if want := alone[i%len(kinds)].Risks[0].Value; r.Risks[0].Value != want || want != 0 && raw[i].P != want {
			t.Fatalf("%d: %v, raw %v, alone %v", i, r.Risks[0].Value, raw[i].P, want)
		}
	}
}

// crowd are people of every kind, with a day or two of measurements.
func crowd(n int, seed uint64) []Subject {
	r := rand.New(rand.NewPCG(seed, 2))
	people := make([]Subject, n)
	for i := range people {
		s := anna()
		s.Course = new(course.Course)
		s.Stay.BirthDate = noon.AddDate(-20-r.IntN(70), 0, -3)
		s.Stay.Sex = []ward.Sex{ward.Female, ward.Male}[r.IntN(2)]
		ill := float64(i%4) / 3
		for hour := 6 + r.IntN(40); hour >= 0; hour-- {
			at := noon.Add(-time.Duration(hour) * time.Hour)
			now := map[ward.Vital]float64{
				ward.HR: 75 + 50*ill + 10*r.NormFloat64(), ward.RR: 16 + 6*ill + 2*r.NormFloat64(),
				ward.SpO2: min(100, 98-4*ill+r.NormFloat64()), ward.Temp: 36.8 + ill + 0.3*r.NormFloat64(),
				ward.SBP: 125 - 30*ill + 8*r.NormFloat64(), ward.DBP: 65 - 10*ill + 4*r.NormFloat64(), ward.MAP: 85 - 20*ill + 3*r.NormFloat64(),
			}
			for v, x := range now {
				if r.IntN(8) > 0 || hour == 0 {
					s.Course.Take(v, x, at.UnixMilli())
				}
			}
		}
		people[i] = s
	}
	return people
}

// Whatever was measured: a number between 0 and 1, or a reason; never both, never neither. What is
// told of it is finite, in order and short.
func TestNothingPassesForAPrediction(t *testing.T) {
	models := tinyAndEmbedded(t)
	rapid.Check(t, func(rt *rapid.T) {
		s := anna()
		s.Course = new(course.Course)
		for range rapid.IntRange(0, 12).Draw(rt, "values") {
			v := rapid.SampledFrom([]ward.Vital{ward.HR, ward.PR, ward.RR, ward.SpO2, ward.SBP, ward.DBP, ward.MAP, ward.Temp, ward.EtCO2, ward.FiO2}).Draw(rt, "vital")
			x := rapid.Float64Range(0, 300).Draw(rt, "value")
			s.Course.Take(v, x, noon.Add(-time.Duration(rapid.IntRange(0, 40*60).Draw(rt, "minutes"))*time.Minute).UnixMilli())
		}
		if rapid.IntRange(0, 3).Draw(rt, "usual too") > 0 {
			measure(s.Course, noon, usual)
		}
		for _, m := range models {
			r := m.Assess([]Subject{s})[0]
			checkSilence(rt, &r)
			for _, k := range r.Risks {
				checkReasons(rt, &k)
			}
		}
	})
}

func checkReasons(t rapid.TB, r *ward.Risk) {
	if len(r.Reasons) > mostPushes {
		t.Errorf("%d reasons", len(r.Reasons))
	}
	last := math.Inf(1)
	for _, c := range r.Reasons {
		size := math.Abs(c.Push)
		if !(size >= leastPush && size <= last) {
			t.Errorf("a push of %v after one of %v", c.Push, last)
		}
		last = size
	}
	for _, in := range r.Inputs {
		if math.IsNaN(in.Value) || in.Age < 0 || in.Age > 24*time.Hour {
			t.Errorf("input %+v", in)
		}
	}
}

func TestAssessNobody(t *testing.T) {
	if got := sound(t).Assess(nil); len(got) != 0 {
		t.Errorf("results of nobody: %+v", got)
	}
}
