package respiratory

import (
	"strings"
	"testing"

	"wardwatch/ward"
)

const well = "spo2=95 rr=18 device=room_air"

// A vital on its way to its limit within six hours.
func TestTrends(t *testing.T) {
	for _, c := range []struct {
		name   string
		trends []ward.Trend
		rows   string
	}{
		{"SpO2 falls, 6 h to go", []ward.Trend{{Vital: ward.SpO2, Means: ward.TrendFalling, Reach: span(6), Late: span(9)}}, "trend_spo2:low_medium"},
		{"SpO2 falls, over 6 h to go", []ward.Trend{{Vital: ward.SpO2, Means: ward.TrendFalling, Reach: span(6.02), Late: span(9)}}, ""},
		{"RR rises, 3 h to go", []ward.Trend{{Vital: ward.RR, Means: ward.TrendRising, Reach: span(3), Late: span(9)}}, "trend_rr:low_medium"},
		{"RR falls, 3 h to go", []ward.Trend{{Vital: ward.RR, Means: ward.TrendFalling, Reach: span(3), Late: span(9)}}, "trend_rr:low_medium"},
		{"RR rises, and may never get there", []ward.Trend{{Vital: ward.RR, Means: ward.TrendRising, Reach: span(3)}}, ""},
		{"RR rises, and says nothing of a limit", []ward.Trend{{Vital: ward.RR, Means: ward.TrendRising}}, ""},
		{"steady", []ward.Trend{{Vital: ward.RR, Means: ward.TrendSteady, Reach: span(3), Late: span(9)}}, ""},
		{"not known", []ward.Trend{{Vital: ward.RR, Reach: span(3), Late: span(9)}}, ""},
		{"HR is not breathing", []ward.Trend{{Vital: ward.HR, Means: ward.TrendRising, Reach: span(3), Late: span(9)}}, ""},
	} {
		in := given(t, well)
		in.Trends = c.trends
		v := View(Default(), in)
		if codes(v) != c.rows {
			t.Errorf("%s: %s", c.name, codes(v))
		}
		for _, r := range v.Rows {
			if r.Number != c.trends[0].Reach.Hours() || r.Limit != 6 {
				t.Errorf("%s: %+v", c.name, r)
			}
		}
	}
}

// The expected value, or the whole interval, where NEWS2 gives 3 points.
func TestForecasts(t *testing.T) {
	at := func(h, low, mid, high float64) ward.ForecastHour {
		return ward.ForecastHour{Ahead: span(h), Low: low, Mid: mid, High: high}
	}
	for _, c := range []struct {
		name  string
		vital ward.Vital
		hour  ward.ForecastHour
		given string
		rows  string
	}{
		{"RR under", ward.RR, at(6, 20, 24.9, 30), well, ""},
		{"RR expected at", ward.RR, at(6, 20, 25, 30), well, "forecast_rr:low_medium"},
		{"RR interval at", ward.RR, at(1, 25, 28, 32), well, "forecast_rr_interval:medium"},
		{"RR too far ahead", ward.RR, at(6.1, 25, 28, 32), well, ""},
		{"RR on a ventilator", ward.RR, at(1, 25, 28, 32), "spo2=95 rr=18 device=ventilator fio2=0.25", ""},
		{"SpO2 over", ward.SpO2, at(3, 89, 91.1, 95), well, ""},
		{"SpO2 expected at", ward.SpO2, at(3, 89, 91, 95), well, "forecast_spo2:low_medium"},
		{"SpO2 interval at", ward.SpO2, at(3, 86, 89, 91), well, "forecast_spo2_interval:medium"},
		{"SpO2 scale 2 over", ward.SpO2, at(3, 82, 83.1, 91), well + " scale=2", ""},
		{"SpO2 scale 2 expected at", ward.SpO2, at(3, 82, 83, 91), well + " scale=2", "forecast_spo2:low_medium"},
		{"SpO2 scale 2 interval at", ward.SpO2, at(3, 80, 82, 83), well + " scale=2", "forecast_spo2_interval:medium"},
		{"nonsense: out of order", ward.SpO2, at(3, 95, 80, 70), well, ""},
		{"nonsense: impossible", ward.SpO2, at(3, -20, -10, 0), well, ""},
		{"nonsense: in the past", ward.RR, at(-1, 25, 28, 32), well, ""},
	} {
		in := given(t, c.given)
		in.Forecasts = []ward.Forecast{{Vital: c.vital, Hours: []ward.ForecastHour{c.hour}}}
		if v := View(Default(), in); codes(v) != c.rows {
			t.Errorf("%s: %s", c.name, codes(v))
		}
		in.Forecasts[0].Withheld = ward.WithheldModel
		if v := View(Default(), in); len(v.Rows) > 0 {
			t.Errorf("%s, withheld: %s", c.name, codes(v))
		}
	}
}

// A model's own threshold decides; a withheld risk says nothing; another task is not breathing.
func TestRisk(t *testing.T) {
	for _, c := range []struct {
		name string
		risk ward.Risk
		rows string
	}{
		{"under", ward.Risk{Task: ward.RespiratoryDecline, Value: 0.079, Threshold: 0.08}, ""},
		{"at", ward.Risk{Task: ward.RespiratoryDecline, Value: 0.08, Threshold: 0.08}, "risk:medium"},
		{"over", ward.Risk{Task: ward.RespiratoryDecline, Value: 0.5, Threshold: 0.08}, "risk:medium"},
		{"withheld", ward.Risk{Task: ward.RespiratoryDecline, Value: 0.5, Threshold: 0.08, Withheld: ward.WithheldRange}, ""},
		{"no threshold", ward.Risk{Task: ward.RespiratoryDecline, Value: 0.5}, ""},
		{"no model", ward.Risk{Task: ward.RespiratoryDecline}, ""},
		{"impossible", ward.Risk{Task: ward.RespiratoryDecline, Value: 8, Threshold: 0.08}, ""},
		{"sepsis", ward.Risk{Task: ward.Deterioration, Value: 0.5, Threshold: 0.08}, ""},
	} {
		in := given(t, well)
		in.Risks = []ward.Risk{c.risk}
		v := View(Default(), in)
		if codes(v) != c.rows {
			t.Errorf("%s: %s", c.name, codes(v))
		}
		for _, r := range v.Rows {
			if r.Number != c.risk.Value || r.Limit != c.risk.Threshold || !r.At.Equal(noon) {
				t.Errorf("%s: %+v", c.name, r)
			}
		}
	}
}

// A silent model's rows are listed and marked, and count for nothing; nor do they hide what counts.
func TestSilentModelsRaiseNothing(t *testing.T) {
	in := given(t, well)
	in.Risks = []ward.Risk{{Task: ward.RespiratoryDecline, Value: 0.5, Threshold: 0.1, Silent: true}}
	surely := []ward.ForecastHour{{Ahead: span(2), Low: 26, Mid: 28, High: 30}}
	in.Forecasts = []ward.Forecast{{Vital: ward.RR, Silent: true, Hours: surely}}
	v := View(Default(), in)
	if want := "forecast_rr_interval:medium:silent risk:medium:silent"; codes(v) != want || !v.Silent || v.Band != ward.Low {
		t.Errorf("%s %v: %s", v.Band, v.Silent, codes(v))
	}
	maybe := []ward.ForecastHour{{Ahead: span(2), Low: 20, Mid: 26, High: 30}}
	in.Forecasts = append(in.Forecasts, ward.Forecast{Vital: ward.RR, Hours: maybe})
	in.Risks = append(in.Risks, ward.Risk{Task: ward.RespiratoryDecline, Value: 0.2, Threshold: 0.1})
	v = View(Default(), in)
	if want := "risk:medium forecast_rr:low_medium"; codes(v) != want || v.Silent || v.Band != ward.Medium {
		t.Errorf("%s %v: %s", v.Band, v.Silent, codes(v))
	}
}

// In a group the worst row is shown; a silent one takes nobody's place.
func TestASilentRowHidesNoOther(t *testing.T) {
	raw := strings.Replace(string(embedded), `"code": "risk",`, `"code": "risk", "group": "forecast_rr",`, 1)
	table, err := Parse([]byte(raw))
	if err != nil {
		t.Fatal(err)
	}
	in := given(t, well)
	in.Forecasts = []ward.Forecast{{Vital: ward.RR, Hours: []ward.ForecastHour{{Ahead: span(1), Low: 20, Mid: 26, High: 30}}}}
	for silent, want := range map[bool]string{true: "risk:medium:silent forecast_rr:low_medium", false: "risk:medium"} {
		in.Risks = []ward.Risk{{Task: ward.RespiratoryDecline, Value: 0.5, Threshold: 0.1, Silent: silent}}
		if v := View(table, in); codes(v) != want {
			t.Errorf("silent %v: %s", silent, codes(v))
		}
	}
}
