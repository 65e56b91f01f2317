//go:build e2e

package dashboard

import (
	"context"
	"math"
	"os/exec"
	"testing"
	"time"

	"wardwatch/dashboard/web"
	"wardwatch/ward"
)

// TestOutlook looks at what is foretold through a real browser, on the real front end: what models say
// is set by hand here, so that every case is on the screen at once. See web/test/outlook.mjs.
func TestOutlook(t *testing.T) {
	h := open(t, func(o *Options) {
		o.Web, o.Simulation = web.Files(), true
		o.Loopback = &ward.Person{ID: "p-nurse", Name: "Điều dưỡng", Access: ward.AccessNurse, Lang: "vi"}
	})
	h.clock.pass(time.Since(noon)) // a browser has its own clock, and says so when ours is another
	h.foretell()
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	defer cancel()
	script := exec.CommandContext(ctx, "node", "web/test/outlook.mjs")
	script.Env = append(script.Environ(), "WARDWATCH_URL="+h.base, "WARDWATCH_WARD=icu")
	out, err := script.CombinedOutput()
	t.Logf("%s", out)
	if err != nil {
		t.Fatal(err)
	}
}

// foretell fills the ward: bed 1 of great concern, bed 2 without a runtime, bed 3 of some time ago,
// bed 4 to whom models do not apply.
func (h *house) foretell() {
	now := h.clock.now()
	for i, name := range []string{"An", "Bình", "Cúc", "Dũng"} {
		bed := ward.BedID("1234"[i : i+1])
		h.admit(ward.StayID("s"+string(bed)), bed, "Nguyễn Văn", name)
	}
	if err := h.s.Refresh(h.t.Context()); err != nil {
		h.t.Fatal(err)
	}
	for _, bed := range []ward.BedID{"1", "2", "3", "4"} {
		h.vitals(bed, now)
	}
	h.say("1", now.Add(-4*time.Minute), concerning(now))
	h.say("2", now.Add(-time.Minute), ward.Assessment{Risks: []ward.Risk{
		{Task: ward.Deterioration, Withheld: ward.WithheldRuntime}, {Task: ward.RespiratoryDecline, Withheld: ward.WithheldRuntime},
	}})
	old := concerning(now.Add(-25 * time.Minute))
	h.say("3", now.Add(-25*time.Minute), ward.Assessment{Risks: old.Risks[:1], Trends: old.Trends})
	h.say("4", now, ward.Assessment{
		Risks: []ward.Risk{
			{Task: ward.Deterioration, Model: "deterioration-vitals", Version: "1-3f9a", Withheld: ward.WithheldPattern, Because: []string{"bp", "temp"}},
			{Task: ward.RespiratoryDecline, Withheld: ward.WithheldScale2},
		},
		Respiratory: ward.Respiratory{Table: "2026-11-1", Band: ward.Unknown, Withheld: ward.WithheldVentilated, HasDevice: true, Device: ward.NIV},
	})
}

func (h *house) vitals(bed ward.BedID, now time.Time) {
	p, stay := ward.Place{Ward: "icu", Bed: bed}, ward.StayID("s"+bed)
	var values []ward.Value
	device := ward.NasalCannula
	if bed == "4" {
		device = ward.NIV
	}
	s := ward.Score{Place: p, Stay: stay, At: now, Chart: "news2", Total: 7, LowerBound: 7, Complete: true, Band: ward.High, LastData: now}
	for _, v := range []struct {
		vital  ward.Vital
		input  string
		number float64
		points int
	}{{ward.RR, "rr", 26, 3}, {ward.SpO2, "spo2", 93, 2}, {ward.O2Source, "o2", float64(device), 2}, {ward.SBP, "sbp", 118, 0}, {ward.HR, "hr", 88, 0}, {ward.ACVPU, "consciousness", 0, 0}, {ward.Temp, "temp", 37.2, 0}, {ward.O2Flow, "", 4, 0}} {
		values = append(values, ward.Value{Vital: v.vital, Number: v.number, At: now})
		if v.input != "" {
			s.Parts[s.NParts] = ward.Part{Input: v.input, Points: v.points, State: ward.Present, Number: v.number, At: now}
			s.NParts++
		}
	}
	if bed == "1" {
		s.Flags = [ward.MaxFlags]ward.Flag{
			{Code: "respiratory", Band: ward.Medium, Since: now},
			{Code: "risk:deterioration", Band: ward.Medium, Number: 0.081, Limit: 0.03, Since: now},
		}
		s.NFlags = 2
	}
	h.live.Publish(ward.Event{Ward: "icu", At: now, Reading: &ward.Reading{Place: p, Stay: stay, Device: ward.DeviceID("mon-" + bed), Arrived: now, At: now, Values: values}})
	h.live.Publish(ward.Event{Ward: "icu", At: now, Score: &s})
}

func (h *house) say(bed ward.BedID, at time.Time, a ward.Assessment) {
	a.Place, a.Stay, a.At = ward.Place{Ward: "icu", Bed: bed}, ward.StayID("s"+bed), at
	h.live.Publish(ward.Event{Ward: "icu", At: at, Assessment: &a})
}

func concerning(now time.Time) ward.Assessment {
	inputs := []ward.RiskInput{{Input: "rr", Value: 26, Age: time.Minute}, {Input: "spo2", Value: 93, Age: time.Minute}, {Input: "hr", Value: 88}, {Input: "bp", Value: 118, Age: 40 * time.Minute}, {Input: "age", Value: 76}, {Input: "sex", Value: 1}}
	hours := func(mid, step, spread float64) (out []ward.ForecastHour) {
		for i := range 6 {
			x := mid + step*float64(i+1)
			out = append(out, ward.ForecastHour{Ahead: time.Duration(i+1) * time.Hour, Mid: x, Low: x - spread*math.Sqrt(float64(i+1)), High: x + spread*math.Sqrt(float64(i+1))})
		}
		return out
	}
	return ward.Assessment{
		Risks: []ward.Risk{
			{Task: ward.Deterioration, Model: "deterioration-vitals", Version: "1-3f9a", Value: 0.081, Threshold: 0.03, Inputs: inputs, Reasons: []ward.Contribution{
				{Input: "rr", Push: 0.9, Value: 26, Level: ward.LevelHigh, Course: ward.CourseRising}, {Input: "age", Push: 0.3, Value: 76, Level: ward.LevelHigh},
				{Input: "temp", Push: 0.2, Value: math.NaN()}, {Input: "lactate", Push: 0.15, Value: 3.2, Level: ward.LevelHigh}, {Input: "hr", Push: -0.1, Value: 88},
			}},
			{Task: ward.RespiratoryDecline, Model: "respiratory-vitals", Version: "1-77c0", Value: 0.32, Threshold: 0.12, Inputs: inputs, Reasons: []ward.Contribution{
				{Input: "spo2", Push: 1.1, Value: 93, Level: ward.LevelLow, Course: ward.CourseFalling}, {Input: "rr", Push: 0.7, Value: 26, Course: ward.CourseRising},
			}},
		},
		Trends: []ward.Trend{
			{Vital: ward.SpO2, At: now, Means: ward.TrendFalling, Slope: -0.8, Limit: 91, Reach: 3 * time.Hour, Early: 2 * time.Hour, Late: 5 * time.Hour},
			{Vital: ward.RR, At: now, Means: ward.TrendRising, Slope: 1.2},
			{Vital: ward.HR, At: now, Means: ward.TrendSteady},
			{Vital: ward.SBP, At: now, Means: ward.TrendFalling, Slope: -6.4, Limit: 90, Reach: 80 * time.Minute, Early: 50 * time.Minute},
		},
		Forecasts: []ward.Forecast{{Vital: ward.RR, Hours: hours(26, 0.5, 1.6)}, {Vital: ward.SpO2, Hours: hours(93, -0.5, 1)}},
		Respiratory: ward.Respiratory{
			Table: "2026-11-1", Band: ward.Medium, ROX: 10.9, ROXLow: 9.9, SF: 282, SFLow: 258, Estimated: true, HasDevice: true, Device: ward.NasalCannula,
			Rows: []ward.RespiratoryRow{
				{Code: "pneumothorax", Band: ward.Medium, Number: 0.8, At: now.Add(-2 * time.Hour), Finding: "f1", Unread: true, Source: "proposal"},
				{Code: "sf_315", Band: ward.Medium, Number: 282, Limit: 315, At: now, Source: "Matthay MA et al., Am J Respir Crit Care Med 2024;209:37-47"},
				{Code: "trend_spo2", Band: ward.Medium, Number: 3, Limit: 6, At: now, Source: "proposal"},
				{Code: "forecast_spo2", Band: ward.LowMedium, Number: 90, Limit: 91, At: now, Source: "proposal"},
				{Code: "device_step", Band: ward.LowMedium, Number: 1, Limit: 0, At: now, Source: "proposal"},
				{Code: "emphysema", Band: ward.Low, Finding: "f2", Source: "proposal"},
				{Code: "brand_new_row", Band: ward.Low, Source: "proposal"},
			},
		},
	}
}
