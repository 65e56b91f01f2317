package respiratory

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"wardwatch/ward"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

const somebody = ward.StayID("stay-1")

// given reads a person as a clinician would write them: "spo2=92 rr=28 device=hfnc fio2=0.6 hours=3".
func given(t testing.TB, text string) Input {
	t.Helper()
	in := Input{At: noon, Stay: somebody, Years: 60, HasAge: true}
	for _, field := range strings.Fields(text) {
		name, word, _ := strings.Cut(field, "=")
		x, err := strconv.ParseFloat(word, 64)
		m := Measured{x, noon.Add(-time.Minute)}
		device, isDevice := ward.O2DeviceNamed(word)
		switch {
		case name == "device" && isDevice:
			in.Device, in.HasDevice = device, true
			continue
		case name == "weakest" && isDevice:
			in.Weakest, in.HasWeakest = device, true
			continue
		case err != nil:
			t.Fatalf("%q: %v", field, err)
		}
		switch name {
		case "spo2":
			in.SpO2 = m
		case "rr":
			in.RR = m
		case "fio2":
			in.FiO2 = m
		case "flow":
			in.O2Flow = m
		case "hours":
			in.DeviceSince = noon.Add(-time.Duration(x * float64(time.Hour)))
		case "age":
			in.Years = int(x)
		case "scale":
			in.Scale2 = x == 2
		default:
			t.Fatalf("%q is not understood", field)
		}
	}
	return in
}

// codes are the rows of a view, the worst first, each with its band: "sf_148:high".
func codes(v ward.Respiratory) string {
	var out []string
	for _, r := range v.Rows {
		text := r.Code + ":" + r.Band.String()
		if r.Unread {
			text += ":unread"
		}
		if r.Silent {
			text += ":silent"
		}
		out = append(out, text)
	}
	return strings.Join(out, " ")
}

// Each row at, under and over its limit.
func TestEachRow(t *testing.T) {
	for _, c := range []struct{ given, rows, band string }{
		// ROX = SpO2/FiO2/RR. At FiO2 1 and RR 20, SpO2 57 gives 2.85.
		{"spo2=57 fio2=1 rr=20 device=hfnc hours=2", "sf_148:high oxygen_60:high rox_grey:low_medium spo2_low:low_medium", "high"},
		{"spo2=56.9 fio2=1 rr=20 device=hfnc hours=2", "rox_failure_2h:high sf_148:high oxygen_60:high spo2_low:low_medium", "high"},
		{"spo2=56.9 fio2=1 rr=20 device=hfnc hours=1.99", "sf_148:high oxygen_60:high rox_grey:low_medium spo2_low:low_medium", "high"},
		{"spo2=56.9 fio2=1 rr=20 device=hfnc", "sf_148:high oxygen_60:high rox_grey:low_medium spo2_low:low_medium", "high"}, // since when is not known
		{"spo2=69.4 fio2=1 rr=20 device=hfnc hours=6", "sf_148:high oxygen_60:high rox_grey:low_medium spo2_low:low_medium", "high"},
		{"spo2=69.3 fio2=1 rr=20 device=hfnc hours=6", "rox_failure_6h:high sf_148:high oxygen_60:high spo2_low:low_medium", "high"},
		{"spo2=69.3 fio2=1 rr=20 device=hfnc hours=5.9", "sf_148:high oxygen_60:high rox_grey:low_medium spo2_low:low_medium", "high"},
		{"spo2=50 fio2=1 rr=20 device=hfnc hours=6", "rox_failure_6h:high sf_148:high oxygen_60:high spo2_low:low_medium", "high"}, // ROX 2.5: its own line, not the first
		{"spo2=77 fio2=1 rr=20 device=hfnc hours=12", "sf_148:high oxygen_60:high rox_grey:low_medium spo2_low:low_medium", "high"},
		{"spo2=76.9 fio2=1 rr=20 device=hfnc hours=12", "rox_failure_12h:high sf_148:high oxygen_60:high spo2_low:low_medium", "high"},
		{"spo2=76.9 fio2=1 rr=20 device=hfnc hours=300", "rox_failure_12h:high sf_148:high oxygen_60:high spo2_low:low_medium", "high"},
		{"spo2=97.6 fio2=1 rr=20 device=hfnc hours=12", "oxygen_60:high sf_saturated:low", "high"}, // ROX 4.88, and 97.6 is 98
		{"spo2=97.4 fio2=1 rr=20 device=hfnc hours=12", "sf_148:high oxygen_60:high rox_grey:low_medium", "high"},
		{"spo2=76.9 fio2=1 rr=20 device=venturi hours=12", "sf_148:high oxygen_60:high spo2_low:low_medium", "high"}, // ROX was studied on HFNC

		// S/F.
		{"spo2=94.8 fio2=0.3 rr=18 device=venturi", "", "low"},
		{"spo2=94.5 fio2=0.3 rr=18 device=venturi", "sf_315:medium", "medium"},
		{"spo2=94.3 fio2=0.4 rr=18 device=venturi", "sf_315:medium oxygen_40:medium", "medium"},
		{"spo2=94 fio2=0.4 rr=18 device=venturi", "sf_235:medium oxygen_40:medium", "medium"},
		{"spo2=89 fio2=0.6 rr=18 device=venturi", "oxygen_60:high sf_235:medium spo2_low:low_medium", "high"},
		{"spo2=88.8 fio2=0.6 rr=18 device=venturi", "sf_148:high oxygen_60:high spo2_low:low_medium", "high"},
		{"spo2=97 fio2=0.39 rr=18 device=venturi", "sf_315:medium", "medium"},
		{"spo2=98 fio2=0.39 rr=18 device=venturi", "sf_saturated:low", "low"},
		{"spo2=98 rr=18 device=room_air", "", "low"},
		{"spo2=92 fio2=0.95 rr=18 device=ventilator", "sf_148:high oxygen_60:high", "high"},

		// Oxygen.
		{"fio2=0.39 rr=18 spo2=98 device=venturi", "sf_saturated:low", "low"},
		{"fio2=0.4 rr=18 spo2=98 device=venturi", "oxygen_40:medium sf_saturated:low", "medium"},
		{"fio2=0.59 rr=18 spo2=98 device=venturi", "oxygen_40:medium sf_saturated:low", "medium"},
		{"fio2=0.6 rr=18 spo2=98 device=venturi", "oxygen_60:high sf_saturated:low", "high"},

		// A stronger device than the weakest of the last 24 h.
		{"device=nasal_cannula weakest=nasal_cannula", "", "unknown"},
		{"device=nasal_cannula weakest=room_air", "device_step:low_medium", "low_medium"},
		{"device=venturi weakest=simple_mask", "", "unknown"},
		{"device=hfnc weakest=simple_mask", "device_step_strong:medium", "medium"},
		{"device=niv weakest=cpap", "device_step_strong:medium", "medium"},
		{"device=room_air weakest=hfnc", "", "unknown"},

		// The present values, where NEWS2 gives 3 points.
		{"spo2=91.4 rr=18 fio2=0.21 device=room_air", "spo2_low:low_medium", "low_medium"}, // 91.4 is 91
		{"spo2=92 rr=18 fio2=0.21 device=room_air", "", "low"},
		{"spo2=84 rr=18 scale=2 fio2=0.24 device=venturi", "", "low"},
		{"spo2=83 rr=18 scale=2 fio2=0.24 device=venturi", "spo2_low:low_medium", "low_medium"},
		{"rr=25", "rr_high:low_medium", "low_medium"},
		{"rr=24", "", "unknown"},
		{"rr=8", "rr_low:low_medium", "low_medium"},
		{"rr=9", "", "unknown"},
		{"rr=32 device=ventilator", "", "unknown"}, // the machine's
	} {
		v := View(Default(), given(t, c.given))
		if codes(v) != c.rows || v.Band.String() != c.band {
			t.Errorf("%s\n got %s: %s\nwant %s: %s", c.given, v.Band, codes(v), c.band, c.rows)
		}
	}
}

// A row carries what was measured, what it passed, when, and where that is from.
func TestARowIsExplained(t *testing.T) {
	in := given(t, "spo2=92 fio2=0.6 rr=28 device=hfnc hours=3")
	in.FiO2.At = noon.Add(-2 * time.Hour)
	v := View(Default(), in)
	if v.Table != Default().Version() || v.Table == "" || v.ROX != 5.476190476 || v.SF != 153.333333333 || v.ROXLow != 0 {
		t.Errorf("%+v", v)
	}
	for _, r := range v.Rows {
		if r.Code == "sf_235" && (r.Number != v.SF || r.Limit != 235 || !r.At.Equal(in.FiO2.At) || !strings.Contains(r.Source, "Matthay")) {
			t.Errorf("%+v", r)
		}
		if r.Source == "" {
			t.Errorf("%s has no source", r.Code)
		}
	}
}

// Unknown is not normal.
func TestUnknownIsNotLow(t *testing.T) {
	for _, c := range []struct {
		given   string
		rox, sf float64
		band    string
	}{
		{"", 0, 0, "unknown"},
		{"spo2=97", 0, 0, "unknown"},
		{"spo2=97 rr=16", 0, 0, "unknown"},                       // on how much oxygen?
		{"spo2=97 device=room_air", 0, 461.904761905, "unknown"}, // and the rate?
		{"rr=16 device=room_air", 0, 0, "unknown"},
		{"spo2=97 rr=16 device=room_air", 28.869047619, 461.904761905, "low"},
		{"spo2=97 rr=16 device=hfnc flow=40", 0, 0, "unknown"},   // its fraction is set, never guessed
		{"spo2=97 rr=16 device=venturi flow=4", 0, 0, "unknown"}, // likewise, by its valve
		{"spo2=97 rr=16 device=nasal_cannula", 0, 0, "unknown"},
		{"spo2=0.97 rr=16 device=room_air", 0, 0, "unknown"}, // a fraction in place of per cent
		{"spo2=101 rr=16 device=room_air", 0, 0, "unknown"},  //
		{"spo2=97 rr=0 device=room_air", 0, 461.904761905, "unknown"},
		{"spo2=97 rr=16 fio2=40 device=venturi", 0, 0, "unknown"},  // per cent in place of a fraction
		{"spo2=97 rr=16 fio2=0.2 device=venturi", 0, 0, "unknown"}, // less than air
		{"spo2=NaN rr=NaN fio2=NaN device=venturi", 0, 0, "unknown"},
		{"spo2=+Inf rr=-Inf fio2=+Inf device=venturi", 0, 0, "unknown"},
	} {
		v := View(Default(), given(t, c.given))
		if v.ROX != c.rox || v.SF != c.sf || v.Band.String() != c.band || len(v.Rows) > 0 {
			t.Errorf("%s: ROX %v, S/F %v, %s, %s", c.given, v.ROX, v.SF, v.Band, codes(v))
		}
	}
}

// A low-flow device gives a range. What its rows say is certain: they take the least fraction.
func TestEstimatedOxygen(t *testing.T) {
	for _, c := range []struct {
		given        string
		sf, sfLow    float64
		rox, roxLow  float64
		rows         string
		notEstimated bool
	}{
		{"device=nasal_cannula flow=2 spo2=94 rr=20", 348.148148148, 335.714285714, 17.407407407, 16.785714286, "", false},
		{"device=nasal_cannula flow=4 spo2=94 rr=20", 284.848484848, 261.111111111, 14.242424242, 13.055555556, "sf_315:medium", false},
		{"device=simple_mask flow=6 spo2=94 rr=20", 241.025641026, 156.666666667, 12.051282051, 7.833333333, "sf_315:medium", false},
		{"device=non_rebreather flow=15 spo2=90 rr=30", 136.363636364, 100, 4.545454545, 3.333333333, "sf_148:high oxygen_60:high spo2_low:low_medium rr_high:low_medium", false},
		{"device=nasal_cannula flow=8 spo2=94 rr=20", 0, 0, 0, 0, "", true}, // beyond what the estimate holds for
		{"device=nasal_cannula flow=4 fio2=0.4 spo2=94 rr=20", 235, 0, 11.75, 0, "sf_235:medium oxygen_40:medium", true},
	} {
		v := View(Default(), given(t, c.given))
		if v.SF != c.sf || v.SFLow != c.sfLow || v.ROX != c.rox || v.ROXLow != c.roxLow || codes(v) != c.rows || v.Estimated == c.notEstimated {
			t.Errorf("%s: %+v %s", c.given, v, codes(v))
		}
	}
}

// The figures are adults'; a machine that breathes silences what reads the person's own breathing.
func TestWithheld(t *testing.T) {
	sick := "spo2=88 fio2=0.6 rr=32 device=hfnc hours=3"
	for _, c := range []struct {
		given    string
		withheld ward.Withheld
		rows     string
	}{
		{sick + " age=15", ward.WithheldAge, ""},
		{sick + " age=16", ward.NotWithheld, "sf_148:high oxygen_60:high rox_grey:low_medium spo2_low:low_medium rr_high:low_medium trend_rr:low_medium"},
		{"spo2=88 fio2=0.6 rr=32 device=niv", ward.WithheldVentilated, "sf_148:high oxygen_60:high spo2_low:low_medium"},
		{"spo2=88 fio2=0.6 rr=32 device=cpap", ward.WithheldVentilated, "sf_148:high oxygen_60:high spo2_low:low_medium"},
		{"spo2=88 fio2=0.6 rr=32 device=ventilator", ward.WithheldVentilated, "sf_148:high oxygen_60:high spo2_low:low_medium"},
		{"spo2=96 fio2=0.25 rr=14 device=ventilator", ward.WithheldVentilated, ""},
	} {
		in := given(t, c.given)
		in.Trends = []ward.Trend{{Vital: ward.RR, Means: ward.TrendRising, Reach: time.Hour, Late: 2 * time.Hour}}
		in.Risks = []ward.Risk{{Task: ward.RespiratoryDecline, Value: 0.01, Threshold: 0.1}}
		v := View(Default(), in)
		if v.Withheld != c.withheld || codes(v) != c.rows {
			t.Errorf("%s: withheld %q, %s", c.given, v.Withheld, codes(v))
		}
		if v.Withheld != ward.NotWithheld && v.Band == ward.Low {
			t.Errorf("%s: withheld and low", c.given)
		}
	}
	in := given(t, sick)
	in.HasAge = false
	if v := View(Default(), in); v.Withheld != ward.NotWithheld || v.Band != ward.High {
		t.Errorf("an unknown age is taken for an adult's: %+v", v)
	}
}

func span(hours float64) time.Duration { return time.Duration(hours * float64(time.Hour)) }

// While nobody can read what imaging says, a view never says that all is well.
func TestAViewThatDoesNotSeeFindings(t *testing.T) {
	in := given(t, "spo2=97 fio2=0.21 rr=16 device=room_air")
	if v := View(Default(), in); v.Band != ward.Low || !v.Complete || v.Blind {
		t.Fatalf("%+v", v)
	}
	in.FindingsUnknown = true
	if v := View(Default(), in); v.Band != ward.Unknown || v.Complete || !v.Blind {
		t.Errorf("%+v", v)
	}
	in.Findings = []ward.Finding{seenOn("pneumothorax", 1, nil)}
	if v := View(Default(), in); v.Band != ward.Medium || v.Complete || !v.Blind {
		t.Errorf("what was read before goes on: %+v", v)
	}
}
