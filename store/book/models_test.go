package book

import (
	"context"
	"fmt"
	"math"
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	"wardwatch/store/book/models"
	"wardwatch/ward"
)

// told is what a silent model says of a stay in the ward a9.
func told(stay ward.StayID, at time.Time, value float64) ward.Assessment {
	return ward.Assessment{Place: bed("01"), Stay: stay, At: at, Policy: "p1", Risks: []ward.Risk{{
		Task: ward.Deterioration, Model: "m", Version: "1+ab", Value: value, Threshold: 0.03, Silent: true,
		Inputs: []ward.RiskInput{{Input: "hr", Value: 88}, {Input: "temp", Value: 37.2}},
	}}}
}

func kept(t testing.TB, b *Book, f PredictionFilter) (ps []Prediction) {
	t.Helper()
	ok(t, b.Predictions(context.Background(), f, func(p *Prediction) bool {
		ps = append(ps, *p)
		return true
	}))
	return ps
}

func keep(t testing.TB, b *Book, as ...ward.Assessment) {
	t.Helper()
	ok(t, b.KeepPredictions(context.Background(), as))
}

func TestOnePredictionAnHour(t *testing.T) {
	c := newClock()
	b := open(t, c)
	nobody, broken := told("", c.at, 0.5), told("s2", c.at, math.NaN())
	broken.Risks[0].Inputs = append(broken.Risks[0].Inputs, ward.RiskInput{Input: "rr", Value: math.NaN()}, ward.RiskInput{Input: "bp", Value: math.Inf(1)})
	both := told("s3", c.at.Add(minutes(59)), 0.02)
	both.Risks = append(both.Risks, ward.Risk{Task: ward.RespiratoryDecline, Model: "r", Version: "2+cd", Threshold: math.NaN(), Value: 0.9, Withheld: ward.WithheldScale2, Because: []string{"spo2"}})
	labs := both.Risks[0]
	labs.Model, labs.Value = "m-labs", 0.2
	both.Risks = append(both.Risks, labs)
	as := []ward.Assessment{told("s1", c.at.Add(minutes(5)), 0.01), told("s1", c.at.Add(minutes(10)), 0.99), told("s1", c.at.Add(minutes(60)), 0.04), nobody, broken, both}
	keep(t, b, as...)
	inputs := map[string]float64{"hr": 88, "temp": 37.2}
	p := func(stay ward.StayID, hour int, value float64) Prediction {
		return Prediction{Hour: c.at.Add(minutes(60 * hour)), Stay: stay, Task: ward.Deterioration, Ward: "a9", Model: "m", Version: "1+ab", Value: value, Threshold: 0.03, Silent: true, Inputs: inputs}
	}
	failed, withheld := p("s2", 0, 0), Prediction{Hour: c.at, Stay: "s3", Task: ward.RespiratoryDecline, Ward: "a9", Model: "r", Version: "2+cd", Withheld: ward.WithheldScale2, Inputs: map[string]float64{}}
	failed.Withheld = ward.WithheldFailed
	second := p("s3", 0, 0.2)
	second.Model = "m-labs"
	want := []Prediction{p("s1", 0, 0.01), failed, p("s3", 0, 0.02), second, withheld, p("s1", 1, 0.04)}
	for range 3 { // what is kept again, or by another process, changes nothing
		if got := kept(t, b, PredictionFilter{}); !reflect.DeepEqual(got, want) {
			t.Fatalf("got  %+v\nwant %+v", got, want)
		}
		for i := range as {
			for k := range as[i].Risks {
				as[i].Risks[k].Value = 0.7
			}
		}
		keep(t, b, as...)
		keep(t, openAt(t, b.Path(), Options{Now: c.now}), as...)
	}
	if n := b.KeptPredictions(); n != 6 {
		t.Errorf("counts %d", n)
	}
}

func TestPredictionsAreChosen(t *testing.T) {
	c := newClock()
	b := open(t, c)
	for i := range 6 {
		a := told("s1", c.at.Add(minutes(60*i)), 0.01)
		if i%2 == 1 {
			a.Place.Ward, a.Risks[0].Version = "b1", "2+cd"
		}
		keep(t, b, a)
	}
	for _, tc := range []struct {
		name string
		f    PredictionFilter
		want int
	}{
		{"all", PredictionFilter{}, 6},
		{"of a ward", PredictionFilter{Ward: "b1"}, 3},
		{"of a task nobody foretold", PredictionFilter{Task: ward.RespiratoryDecline}, 0},
		{"of a version", PredictionFilter{Task: ward.Deterioration, Model: "m", Version: "1+ab"}, 3},
		{"of a ward and another's version", PredictionFilter{Ward: "b1", Version: "1+ab"}, 0},
		{"of a period, its end left out", PredictionFilter{From: c.at.Add(minutes(60)), To: c.at.Add(minutes(180))}, 2},
	} {
		if got := kept(t, b, tc.f); len(got) != tc.want {
			t.Errorf("%s: %d, want %d", tc.name, len(got), tc.want)
		}
	}
	n := 0
	ok(t, b.Predictions(t.Context(), PredictionFilter{}, func(*Prediction) bool { n++; return n < 2 }))
	if n != 2 {
		t.Errorf("went on for %d after being told to stop", n)
	}
}

// Whatever comes, the first of each hour is kept and no other.
func TestKeptPredictionsAgreeWithTheModel(t *testing.T) {
	c := newClock()
	b := open(t, c)
	round := 0
	rapid.Check(t, func(r *rapid.T) {
		round++
		type key struct {
			stay ward.StayID
			hour int64
		}
		want := map[key]float64{}
		from := c.at.Add(time.Duration(round) * 1000 * time.Hour)
		for range rapid.IntRange(1, 4).Draw(r, "calls") {
			var as []ward.Assessment
			for range rapid.IntRange(0, 12).Draw(r, "assessments") {
				a := told(ward.StayID(rapid.SampledFrom([]string{"", "s1", "s2", "s3"}).Draw(r, "stay")), from.Add(minutes(rapid.IntRange(0, 240).Draw(r, "minute"))), rapid.Float64Range(0, 1).Draw(r, "value"))
				as = append(as, a)
				k := key{a.Stay, a.At.Truncate(time.Hour).UnixMilli()}
				if _, is := want[k]; !is && a.Stay != "" {
					want[k] = a.Risks[0].Value
				}
			}
			keep(t, b, as...)
		}
		got := kept(t, b, PredictionFilter{From: from, To: from.Add(500 * time.Hour)})
		for _, p := range got {
			if v, is := want[key{p.Stay, p.Hour.UnixMilli()}]; !is || v != p.Value {
				r.Fatalf("%+v, want %v", p, v)
			}
		}
		if len(got) != len(want) {
			r.Fatalf("%d kept, want %d", len(got), len(want))
		}
	})
}

func TestOutcomesAreWrittenOnce(t *testing.T) {
	c := newClock()
	b := open(t, c)
	ctx := t.Context()
	for h := range 4 {
		keep(t, b, told("s1", c.at.Add(minutes(60*h)), 0.01), told("s2", c.at.Add(minutes(60*h)), 0.02))
	}
	unsettled := func(task ward.Task, before time.Duration, most int) []Prediction {
		return must[[]Prediction](t)(b.UnsettledPredictions(ctx, task, c.at.Add(before), most))
	}
	list := unsettled(ward.Deterioration, minutes(120), 3)
	if len(list) != 3 || list[0].Stay != "s1" || list[1].Stay != "s2" || !list[2].Hour.Equal(c.at.Add(minutes(60))) {
		t.Fatalf("%+v", list)
	}
	if other := unsettled(ward.RespiratoryDecline, minutes(999), 9); other != nil {
		t.Errorf("of another task: %+v", other)
	}
	if n := must[int64](t)(b.UnsettledCount(ctx, c.at.Add(minutes(120)))); n != 4 {
		t.Errorf("%d unsettled, want 4", n)
	}
	list[0].Outcome, list[1].Outcome, list[2].Outcome = models.Event, models.NoEvent, models.Unknown
	gone := Prediction{Hour: c.at.Add(-time.Hour), Stay: "s9", Task: ward.Deterioration, Outcome: models.Event}
	ok(t, b.SettlePredictions(ctx, append(list, gone)))
	list[0].Outcome, list[2].Outcome = models.NoEvent, models.Event // too late
	ok(t, b.SettlePredictions(ctx, list))
	var got []models.Outcome
	for _, p := range kept(t, b, PredictionFilter{To: c.at.Add(minutes(120))}) {
		got = append(got, p.Outcome)
	}
	if want := []models.Outcome{models.Event, models.NoEvent, models.Unknown, models.Unsettled}; !reflect.DeepEqual(got, want) {
		t.Errorf("outcomes %v, want %v", got, want)
	}
	if rest := unsettled(ward.Deterioration, minutes(999), 99); len(rest) != 5 {
		t.Errorf("%d left, want 5", len(rest))
	}
	for _, bad := range []models.Outcome{models.Unsettled, 9, -1} {
		list[0].Outcome = bad
		refused(t, b.SettlePredictions(ctx, list), ward.BadInput)
	}
}

// What came about came about for every model that spoke of it.
func TestAnOutcomeIsOfEveryModel(t *testing.T) {
	c := newClock()
	b := open(t, c)
	a := told("s1", c.at, 0.5)
	labs := a.Risks[0]
	labs.Model = "m-labs"
	a.Risks = append(a.Risks, labs)
	keep(t, b, a)
	list := must[[]Prediction](t)(b.UnsettledPredictions(t.Context(), ward.Deterioration, c.at.Add(time.Hour), 9))
	if len(list) != 2 {
		t.Fatalf("%+v", list)
	}
	list[0].Outcome = models.Event
	ok(t, b.SettlePredictions(t.Context(), list[:1]))
	for _, p := range kept(t, b, PredictionFilter{}) {
		_, events, err := b.SilentRun(t.Context(), "a9", ward.Deterioration, p.Model, p.Version)
		if ok(t, err); p.Outcome != models.Event || events != 1 {
			t.Errorf("%s: outcome %d, %d events", p.Model, p.Outcome, events)
		}
	}
}

// What a gate asks: since when the version has run silently in the ward, and how many people had an
// event meanwhile, whatever became of the predictions themselves.
func TestTheSilentRunOfAVersion(t *testing.T) {
	c := newClock()
	b := open(t, c)
	ctx := t.Context()
	run := func(w ward.WardID, version string) (time.Time, int) {
		t.Helper()
		since, events, err := b.SilentRun(ctx, w, ward.Deterioration, "m", version)
		ok(t, err)
		return since, events
	}
	if since, events := run("a9", "1+ab"); !since.IsZero() || events != 0 {
		t.Errorf("before it began: %v, %d", since, events)
	}
	began := c.at.Add(minutes(60))
	withheld, shown, newer, elsewhere := told("s4", c.at, 0.5), told("s5", c.at, 0.5), told("s6", began.Add(minutes(120)), 0.5), told("s7", began.Add(minutes(60)), 0.5)
	withheld.Risks[0].Withheld = ward.WithheldTooLittle
	shown.Risks[0].Silent = false
	newer.Risks[0].Version = "2+cd"
	elsewhere.Place.Ward = "b1"
	keep(t, b, withheld, shown, newer, elsewhere, told("s2", began.Add(minutes(60)), 0.01))
	keep(t, b, told("s1", began, 0.5), told("s1", began.Add(minutes(60)), 0.5), told("s3", began, 0.2)) // a late hour
	var all []Prediction
	for _, p := range kept(t, b, PredictionFilter{}) {
		if p.Outcome = models.Event; p.Stay == "s2" {
			p.Outcome = models.NoEvent
		}
		all = append(all, p)
	}
	ok(t, b.SettlePredictions(ctx, all))
	check := func() {
		t.Helper()
		for _, tc := range []struct {
			ward    ward.WardID
			version string
			since   time.Time
			events  int
		}{
			{"a9", "1+ab", began, 2}, // s1, though in two hours, and s3; not the one shown, not the one withheld
			{"a9", "2+cd", began.Add(minutes(120)), 1},
			{"b1", "1+ab", began.Add(minutes(60)), 1},
			{"b1", "2+cd", time.Time{}, 0},
		} {
			if since, events := run(tc.ward, tc.version); !since.Equal(tc.since) || events != tc.events {
				t.Errorf("%s %s: since %v with %d events, want %v with %d", tc.ward, tc.version, since, events, tc.since, tc.events)
			}
		}
	}
	check()
	if n := must[int64](t)(b.PrunePredictions(ctx, began.Add(minutes(60)))); n != 4 {
		t.Errorf("%d pruned, want 4", n)
	}
	if got := kept(t, b, PredictionFilter{}); len(got) != 4 || !got[0].Hour.Equal(began.Add(minutes(60))) {
		t.Errorf("left: %+v", got)
	}
	check()
	if n := must[int64](t)(b.PrunePredictions(ctx, began)); n != 0 {
		t.Errorf("%d pruned again", n)
	}
}

func TestFiguresOfPredictions(t *testing.T) {
	c := newClock()
	b := open(t, c)
	keep(t, b, told("s1", c.at, 0.5), told("s1", c.at.Add(minutes(25*60)), 0.5))
	c.pass(minutes(26 * 60))
	want := map[string]float64{"wardwatch_predictions_kept_total": 2, "wardwatch_predictions_unsettled": 1}
	for _, f := range b.Figures() {
		if v, is := want[f.Name]; is && f.Value == v {
			delete(want, f.Name)
		}
	}
	if len(want) != 0 {
		t.Errorf("not among the figures: %v", want)
	}
}

// thousand is what two models say of 1,000 beds.
func thousand(at time.Time) []ward.Assessment {
	as := make([]ward.Assessment, 1000)
	for i := range as {
		as[i] = told(ward.StayID(fmt.Sprintf("01JD4X9Q2M%06d", i)), at, 0.0312345678)
		r := &as[i].Risks[0]
		r.Model, r.Version = "deterioration-vitals", "1+0a1b2c3d"
		r.Inputs = nil
		for k, name := range []string{"hr", "rr", "spo2", "bp", "temp", "etco2", "oxygen", "age", "sex"} {
			r.Inputs = append(r.Inputs, ward.RiskInput{Input: name, Value: float64(20+k*i%80) + 0.5})
		}
		as[i].Risks = append(as[i].Risks, *r)
		as[i].Risks[1].Task = ward.RespiratoryDecline
	}
	return as
}

// One op is the first assessment of an hour of 1,000 beds by two models. It also tells what a
// prediction takes in the file and how long one transaction lasts.
func BenchmarkKeepPredictions(b *testing.B) {
	c := newClock()
	k := open(b, c)
	before := k.db.Stats()
	b.ResetTimer()
	for n := 0; b.Loop(); n++ {
		b.StopTimer()
		as := thousand(hour(n))
		b.StartTimer()
		keep(b, k, as...)
	}
	b.StopTimer()
	after := k.db.Stats()
	b.ReportMetric((after.Busy-before.Busy).Seconds()*1e3/float64(after.Commits-before.Commits), "ms/tx")
	_, err := raw(b, k).Exec(`PRAGMA wal_checkpoint(TRUNCATE)`)
	ok(b, err)
	b.ReportMetric(float64(k.db.Stats().Bytes-before.Bytes)/float64(k.KeptPredictions()), "B/prediction")
}

// One op is every later assessment of that hour.
func BenchmarkKeepPredictionsAgain(b *testing.B) {
	k := open(b, newClock())
	as := thousand(hour(0))
	keep(b, k, as...)
	b.ReportAllocs()
	for b.Loop() {
		keep(b, k, as...)
	}
}

// One op is four weeks of a ward of forty beds, read for measuring.
func BenchmarkPredictions(b *testing.B) {
	k := open(b, newClock())
	for h := range 28 * 24 {
		keep(b, k, thousand(hour(h))[:40]...)
	}
	b.ReportAllocs()
	for b.Loop() {
		if n := len(kept(b, k, PredictionFilter{Ward: "a9", Task: ward.Deterioration})); n != 28*24*40 {
			b.Fatal(n)
		}
	}
}
