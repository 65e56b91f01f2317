package respiratory

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"wardwatch/ward"
)

// addition is one more thing known of a person.
type addition struct {
	name string
	to   func(*rapid.T, *Input)
}

// additions are everything that can become known. How oxygen is given comes first and by itself: it
// says what the other numbers mean.
func additions() []addition {
	at := func(t *rapid.T, low, high float64) Measured {
		return Measured{rapid.Float64Range(low, high).Draw(t, "number"), noon.Add(-time.Minute)}
	}
	return []addition{
		{"spo2", func(t *rapid.T, in *Input) { in.SpO2 = at(t, 60, 100) }},
		{"rr", func(t *rapid.T, in *Input) { in.RR = at(t, 4, 60) }},
		{"fio2", func(t *rapid.T, in *Input) {
			if in.O2Flow.At.IsZero() { // measured, it replaces an estimate, either way
				in.FiO2 = at(t, 0.21, 1)
			}
		}},
		{"flow", func(t *rapid.T, in *Input) { in.O2Flow = at(t, 0, 60) }},
		{"since", func(t *rapid.T, in *Input) {
			in.DeviceSince = noon.Add(-span(rapid.Float64Range(0, 48).Draw(t, "hours")))
		}},
		{"weakest", func(t *rapid.T, in *Input) { in.Weakest, in.HasWeakest = anyDevice(t), true }},
		{"trend", func(t *rapid.T, in *Input) { in.Trends = append(in.Trends, anyTrend(t)) }},
		{"forecast", func(t *rapid.T, in *Input) { in.Forecasts = append(in.Forecasts, anyForecast(t)) }},
		{"risk", func(t *rapid.T, in *Input) { in.Risks = append(in.Risks, anyRisk(t)) }},
		{"finding", func(t *rapid.T, in *Input) { in.Findings = append(in.Findings, anyFinding(t)) }},
	}
}

func anyDevice(t *rapid.T) ward.O2Device {
	return ward.O2Device(rapid.IntRange(0, int(ward.Ventilator)).Draw(t, "device"))
}

func anyTrend(t *rapid.T) ward.Trend {
	return ward.Trend{
		Vital: rapid.SampledFrom([]ward.Vital{ward.RR, ward.SpO2, ward.HR}).Draw(t, "vital"),
		Means: rapid.SampledFrom([]ward.TrendMeans{ward.TrendUnknown, ward.TrendSteady, ward.TrendRising, ward.TrendFalling}).Draw(t, "means"),
		Reach: span(rapid.Float64Range(0, 12).Draw(t, "reach")),
		Late:  span(rapid.Float64Range(0, 24).Draw(t, "late")),
		At:    noon,
	}
}

func anyForecast(t *rapid.T) ward.Forecast {
	mid := rapid.Float64Range(10, 100).Draw(t, "mid")
	half := rapid.Float64Range(0, 8).Draw(t, "half")
	return ward.Forecast{
		Vital:    rapid.SampledFrom([]ward.Vital{ward.RR, ward.SpO2}).Draw(t, "vital"),
		Withheld: rapid.SampledFrom([]ward.Withheld{ward.NotWithheld, ward.WithheldRange}).Draw(t, "withheld"),
		Silent:   rapid.Bool().Draw(t, "silent"),
		Hours:    []ward.ForecastHour{{Ahead: time.Duration(rapid.IntRange(1, 7).Draw(t, "ahead")) * time.Hour, Low: mid - half, Mid: mid, High: mid + half}},
	}
}

func anyRisk(t *rapid.T) ward.Risk {
	return ward.Risk{
		Task: rapid.SampledFrom(ward.Tasks).Draw(t, "task"), Threshold: 0.1,
		Value:  rapid.Float64Range(0, 1).Draw(t, "value"),
		Silent: rapid.Bool().Draw(t, "silent"),
	}
}

func anyFinding(t *rapid.T) ward.Finding {
	return ward.Finding{
		ID: "f", Stay: rapid.SampledFrom([]ward.StayID{somebody, "stay-2", ""}).Draw(t, "stay"),
		Code:       rapid.SampledFrom([]string{"pneumothorax", "effusion", "consolidation", "opacity", "edema", "ild", "emphysema", "hernia"}).Draw(t, "code"),
		Laterality: rapid.SampledFrom([]string{"", "left", "right", "bilateral"}).Draw(t, "side"),
		StudyUID:   rapid.SampledFrom([]string{"", "1", "2"}).Draw(t, "study"),
		Confirmed:  rapid.SampledFrom([]ward.Confirmation{ward.Unread, ward.Confirmed, ward.Rejected}).Draw(t, "word"),
		Score:      rapid.Float64Range(0, 1).Draw(t, "score"),
		Acquired:   noon.Add(-span(rapid.Float64Range(-1, 100).Draw(t, "age"))),
	}
}

// anybody is a person of whom some things are known.
func anybody(t *rapid.T) Input {
	in := Input{At: noon, Stay: somebody, Years: rapid.IntRange(16, 99).Draw(t, "years"), HasAge: true}
	in.Scale2 = rapid.Bool().Draw(t, "scale2")
	if in.HasDevice = rapid.Bool().Draw(t, "has device"); in.HasDevice {
		in.Device = anyDevice(t)
	}
	for _, a := range additions() {
		if rapid.Bool().Draw(t, a.name) {
			a.to(t, &in)
		}
	}
	return in
}

// Knowing more never lowers the concern: the table may only raise it. Unknown may become low, and
// nothing else goes down.
func TestKnowingMoreNeverLowers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := anybody(t)
		before := View(Default(), in)
		more := rapid.SampledFrom(additions()).Draw(t, "more")
		if known(&in, more.name) {
			return
		}
		more.to(t, &in)
		after := View(Default(), in)
		if after.Band < before.Band && before.Band != ward.Unknown {
			t.Fatalf("%s took the band from %s (%s) to %s (%s)", more.name, before.Band, codes(before), after.Band, codes(after))
		}
	})
}

// known is whether a number is there already: another one would be a change, no addition.
func known(in *Input, name string) bool {
	switch name {
	case "spo2":
		return !in.SpO2.At.IsZero()
	case "rr":
		return !in.RR.At.IsZero()
	case "fio2":
		return !in.FiO2.At.IsZero()
	case "flow":
		return !in.O2Flow.At.IsZero()
	case "since":
		return !in.DeviceSince.IsZero()
	case "weakest":
		return in.HasWeakest
	}
	return false
}

// Without what is silent the band is the same: it counts for nothing.
func TestSilentNeverCounts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := anybody(t)
		v := View(Default(), in)
		less := in
		less.Risks, less.Forecasts = nil, nil
		for _, r := range in.Risks {
			if !r.Silent {
				less.Risks = append(less.Risks, r)
			}
		}
		for _, f := range in.Forecasts {
			if !f.Silent {
				less.Forecasts = append(less.Forecasts, f)
			}
		}
		if w := View(Default(), less); w.Band != v.Band || w.Silent {
			t.Fatalf("%s (%s), without the silent ones %s (%s)", v.Band, codes(v), w.Band, codes(w))
		}
	})
}

// Every view makes sense in itself.
func TestAViewAgreesWithItsRows(t *testing.T) {
	all := map[string]bool{}
	for _, c := range Default().Codes() {
		all[c] = true
	}
	rapid.Check(t, func(t *rapid.T) {
		in := anybody(t)
		v := View(Default(), in)
		worst, last := ward.Low, ward.High
		seen := map[string]bool{}
		for _, r := range v.Rows {
			if !all[r.Code] || seen[r.Code] && !r.Silent || r.Source == "" || r.Band > last {
				t.Fatalf("%+v in %s", r, codes(v))
			}
			seen[r.Code] = true
			last = r.Band
			if !r.Silent {
				worst = max(worst, r.Band)
			}
		}
		switch {
		case worst > ward.Low && v.Band != worst,
			worst == ward.Low && v.Band != ward.Low && v.Band != ward.Unknown,
			v.Band == ward.Low && (v.SF == 0 || v.ROX == 0 || v.Withheld != ward.NotWithheld):
			t.Fatalf("%s: %+v", codes(v), v)
		case v.ROX < 0 || v.SF < 0 || v.SF > 477 || v.SFLow > v.SF || v.ROXLow > v.ROX:
			t.Fatalf("%+v", v)
		}
	})
}
