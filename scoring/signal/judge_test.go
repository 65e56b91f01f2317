package signal

import (
	"strings"
	"testing"
	"time"

	"wardwatch/ward"
)

const adult = 40 * 12

// moment is one reading: what the monitor says so many seconds after eight o'clock.
type moment struct {
	second float64
	values map[ward.Vital]float64
	poor   []ward.Vital
}

// watch plays readings to the rules as a bed would, and returns the doubts of the last.
func watch(r *Rules, months int, moments ...moment) (doubts [ward.NumVitals]ward.Doubt) {
	var m Memory
	for _, x := range moments {
		var values []ward.Value
		for v := range ward.NumVitals {
			number, there := x.values[v]
			if !there {
				continue
			}
			value := ward.Value{Vital: v, Number: number, At: eight.Add(time.Duration(x.second * float64(time.Second)))}
			for _, p := range x.poor {
				if p == v {
					value.Quality = ward.Poor
				}
			}
			values = append(values, value)
		}
		doubts = r.Judge(&m, months, values)
		for i := range values {
			if Windowed(values[i].Vital) {
				r.Sample(&m, &values[i], doubts[values[i].Vital])
			}
		}
	}
	return doubts
}

// every repeats the same values each step seconds from first to last.
func every(step, first, last float64, values map[ward.Vital]float64) (out []moment) {
	for s := first; s <= last; s += step {
		out = append(out, moment{second: s, values: values})
	}
	return out
}

type is = map[ward.Vital]float64

func TestPossibleByAge(t *testing.T) {
	for _, c := range []struct {
		months int
		v      ward.Vital
		n      float64
		want   ward.Doubt
	}{
		{adult, ward.RR, 0, ward.OutOfRange}, {adult, ward.RR, 1, ward.Believed}, {adult, ward.RR, 80, ward.Believed}, {adult, ward.RR, 81, ward.OutOfRange},
		{6, ward.RR, 110, ward.Believed}, {6, ward.RR, 151, ward.OutOfRange},
		{adult, ward.SpO2, 49, ward.OutOfRange}, {adult, ward.SpO2, 50, ward.Believed}, {adult, ward.SpO2, 101, ward.OutOfRange},
		{adult, ward.HR, 14, ward.OutOfRange}, {adult, ward.HR, 15, ward.Believed}, {adult, ward.HR, 301, ward.OutOfRange}, {3, ward.HR, 310, ward.Believed},
		{adult, ward.SBP, 29, ward.OutOfRange}, {1, ward.SBP, 25, ward.Believed},
		{adult, ward.Temp, 24.9, ward.OutOfRange}, {adult, ward.Temp, 45.1, ward.OutOfRange},
		{adult, ward.FiO2, 0.2, ward.OutOfRange}, {adult, ward.FiO2, 28, ward.OutOfRange}, {adult, ward.O2Flow, 81, ward.OutOfRange},
	} {
		r := Default()
		if got := r.Possible(c.months, &ward.Value{Vital: c.v, Number: c.n}); got != c.want {
			t.Errorf("%v %v at %d months: %q, want %q", c.v, c.n, c.months, got, c.want)
		}
		if got := r.Possible(c.months, &ward.Value{Vital: c.v, Number: c.n, Quality: ward.Poor}); got != ward.PoorSignal {
			t.Errorf("%v marked poor: %q", c.v, got)
		}
	}
}

func TestArtefactRules(t *testing.T) {
	off := func(change func(*Rules)) *Rules { r := Default(); change(&r); return &r }
	all := off(func(*Rules) {})
	fall := []moment{{second: 0, values: is{ward.SpO2: 97}}, {second: 4, values: is{ward.SpO2: 95}, poor: []ward.Vital{ward.SpO2}}, {second: 6, values: is{ward.SpO2: 85}}}
	apart := is{ward.HR: 100, ward.PR: 79, ward.SpO2: 96}
	follows := is{ward.HR: 62, ward.RR: 60}
	line := moment{second: 0, values: is{ward.SBP: 120, ward.DBP: 70, ward.MAP: 87}}
	for _, c := range []struct {
		name    string
		rules   *Rules
		moments []moment
		v       ward.Vital
		want    ward.Doubt
	}{
		{"pressures in order", all, []moment{line}, ward.SBP, ward.Believed},
		{"diastolic over systolic", all, []moment{{values: is{ward.SBP: 70, ward.DBP: 120}}}, ward.SBP, ward.PressureOrder},
		{"mean over systolic", all, []moment{{values: is{ward.SBP: 100, ward.MAP: 110}}}, ward.MAP, ward.PressureOrder},
		{"mean under diastolic", all, []moment{{values: is{ward.DBP: 70, ward.MAP: 60}}}, ward.DBP, ward.PressureOrder},
		{"pulse pressure of 9", all, []moment{{values: is{ward.SBP: 99, ward.DBP: 90}}}, ward.DBP, ward.PressureOrder},
		{"pulse pressure of 10", all, []moment{{values: is{ward.SBP: 100, ward.DBP: 90}}}, ward.DBP, ward.Believed},
		{"order switched off", off(func(r *Rules) { r.PressureOrder.Off = true }), []moment{{values: is{ward.SBP: 70, ward.DBP: 120}}}, ward.SBP, ward.Believed},

		{"a line without its pulse", all, []moment{line, {second: 1, values: is{ward.SBP: 85, ward.DBP: 80, ward.MAP: 82}}}, ward.SBP, ward.LineDamped},
		{"its mean is kept", all, []moment{line, {second: 1, values: is{ward.SBP: 85, ward.DBP: 80, ward.MAP: 82}}}, ward.MAP, ward.Believed},
		{"a cuff is not damped", all, []moment{line, {second: 900, values: is{ward.SBP: 85, ward.DBP: 80}}}, ward.SBP, ward.PressureOrder},
		{"damping switched off", off(func(r *Rules) { r.Damped.Off = true }), []moment{line, {second: 1, values: is{ward.SBP: 85, ward.DBP: 80}}}, ward.SBP, ward.PressureOrder},
		{"a line being flushed", all, []moment{line, {second: 1, values: is{ward.SBP: 301, ward.DBP: 150, ward.MAP: 200}}}, ward.DBP, ward.LineFlush},
		{"the bag's pressure", all, []moment{line, {second: 1, values: is{ward.SBP: 290, ward.DBP: 240, ward.MAP: 260}}}, ward.SBP, ward.LineFlush},
		{"flush switched off", off(func(r *Rules) { r.Flush.Off = true }), []moment{line, {second: 1, values: is{ward.SBP: 301, ward.DBP: 150, ward.MAP: 200}}}, ward.SBP, ward.OutOfRange},

		{"rates apart for 15 s", all, every(1, 0, 15, apart), ward.SpO2, ward.Believed},
		{"rates apart for longer", all, every(1, 0, 16, apart), ward.SpO2, ward.PulseMismatch},
		{"apart for five minutes and more: the patient's own pulse", all, every(1, 0, 301, apart), ward.SpO2, ward.Believed},
		{"the ECG keeps its word", all, every(1, 0, 16, apart), ward.HR, ward.Believed},
		{"rates agree again", all, append(every(1, 0, 16, apart), moment{second: 17, values: is{ward.HR: 100, ward.PR: 95, ward.SpO2: 96}}), ward.SpO2, ward.Believed},
		{"apart by 20 beats and 20 %", all, every(1, 0, 20, is{ward.HR: 100, ward.PR: 80, ward.SpO2: 96}), ward.SpO2, ward.Believed},
		{"no pulse rate, nothing to compare", all, every(1, 0, 20, is{ward.HR: 100, ward.SpO2: 96}), ward.SpO2, ward.Believed},
		{"mismatch switched off", off(func(r *Rules) { r.PulseMismatch.Off = true }), every(1, 0, 20, apart), ward.SpO2, ward.Believed},

		{"fell by 12 in 6 s with a poor signal", all, fall, ward.SpO2, ward.SuddenFall},
		{"still suspect after 29 s", all, append(fall, moment{second: 35, values: is{ward.SpO2: 84}}), ward.SpO2, ward.SuddenFall},
		{"what lasts is believed", all, append(fall, moment{second: 36, values: is{ward.SpO2: 84}}), ward.SpO2, ward.Believed},
		{"and stays believed", all, append(fall, moment{second: 36, values: is{ward.SpO2: 84}}, moment{second: 38, values: is{ward.SpO2: 82}}), ward.SpO2, ward.Believed},
		{"recovered at once", all, append(fall, moment{second: 8, values: is{ward.SpO2: 96}}), ward.SpO2, ward.Believed},
		{"fell by 8", all, []moment{fall[0], fall[1], {second: 6, values: is{ward.SpO2: 89}}}, ward.SpO2, ward.Believed},
		{"fell with a good signal", all, []moment{fall[0], {second: 6, values: is{ward.SpO2: 85}}}, ward.SpO2, ward.Believed},
		{"fell more slowly", all, []moment{fall[0], {second: 18, values: is{ward.SpO2: 95}, poor: []ward.Vital{ward.SpO2}}, {second: 20, values: is{ward.SpO2: 85}}}, ward.SpO2, ward.Believed},
		{"fall switched off", off(func(r *Rules) { r.SuddenFall.Off = true }), fall, ward.SpO2, ward.Believed},

		{"respiration follows the heart for a minute", all, every(1, 0, 60, follows), ward.RR, ward.Believed},
		{"for longer", all, every(1, 0, 61, follows), ward.RR, ward.CardiacArtefact},
		{"not that close", all, every(1, 0, 61, is{ward.HR: 64, ward.RR: 60}), ward.RR, ward.Believed},
		{"cardiac switched off", off(func(r *Rules) { r.Cardiac.Off = true }), every(1, 0, 61, follows), ward.RR, ward.Believed},

		{"the same fraction for 10 min", all, every(10, 0, 600, is{ward.RR: 17.5}), ward.RR, ward.Believed},
		{"for longer", all, every(10, 0, 610, is{ward.RR: 17.5}), ward.RR, ward.StuckValue},
		{"whole numbers repeat in health", all, every(10, 0, 3600, is{ward.SpO2: 98}), ward.SpO2, ward.Believed},
		{"a temperature may stand still", all, every(10, 0, 3600, is{ward.Temp: 36.8}), ward.Temp, ward.Believed},
		{"stuck switched off", off(func(r *Rules) { r.Stuck.Off = true }), every(10, 0, 610, is{ward.RR: 17.5}), ward.RR, ward.Believed},

		{"a temperature that falls by 0.6 in a minute", all, []moment{{0, is{ward.Temp: 37}, nil}, {60, is{ward.Temp: 36.4}, nil}}, ward.Temp, ward.ProbeOff},
		{"step by step", all, []moment{{0, is{ward.Temp: 37}, nil}, {20, is{ward.Temp: 36.7}, nil}, {40, is{ward.Temp: 36.4}, nil}}, ward.Temp, ward.ProbeOff},
		{"as low half an hour later", all, []moment{{0, is{ward.Temp: 37}, nil}, {60, is{ward.Temp: 33}, nil}, {1860, is{ward.Temp: 33}, nil}}, ward.Temp, ward.ProbeOff},
		{"what lasts is believed", all, []moment{{0, is{ward.Temp: 37}, nil}, {60, is{ward.Temp: 33}, nil}, {1861, is{ward.Temp: 33}, nil}}, ward.Temp, ward.Believed},
		{"back on", all, []moment{{0, is{ward.Temp: 37}, nil}, {60, is{ward.Temp: 33}, nil}, {300, is{ward.Temp: 36.8}, nil}}, ward.Temp, ward.Believed},
		{"a fall of 0.5", all, []moment{{0, is{ward.Temp: 37}, nil}, {60, is{ward.Temp: 36.5}, nil}}, ward.Temp, ward.Believed},
		{"a slow fall", all, []moment{{0, is{ward.Temp: 37}, nil}, {61, is{ward.Temp: 36.4}, nil}}, ward.Temp, ward.Believed},
		{"a rise", all, []moment{{0, is{ward.Temp: 37}, nil}, {10, is{ward.Temp: 38}, nil}}, ward.Temp, ward.Believed},
		{"probe switched off", off(func(r *Rules) { r.ProbeOff.Off = true }), []moment{{0, is{ward.Temp: 37}, nil}, {60, is{ward.Temp: 33}, nil}}, ward.Temp, ward.Believed},
	} {
		if got := watch(c.rules, adult, c.moments...)[c.v]; got != c.want {
			t.Errorf("%s: %v is %q, want %q", c.name, c.v, got, c.want)
		}
	}
}

func TestRulesCheck(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Rules)
		want   string
	}{
		"as shipped":      {func(*Rules) {}, ""},
		"window too long": {func(r *Rules) { r.Window = 2 * time.Minute }, "signal.window"},
		"no window":       {func(r *Rules) { r.Window = 0 }, "signal.window"},
		"no share":        {func(r *Rules) { r.GoodShare = 0 }, "signal.good_share"},
		"ages crossed":    {func(r *Rules) { r.Believe[0].MinMonths, r.Believe[0].MaxMonths = 9, 3 }, "signal.believe[0]"},
		"range crossed":   {func(r *Rules) { r.Believe[1].Range[ward.RR] = Range{80, 1} }, "signal.believe[1].rr"},
		"empty rule":      {func(r *Rules) { r.Stuck.After = 0 }, "signal.stuck"},
		"empty but off":   {func(r *Rules) { r.Stuck = Stuck{Off: true} }, ""},
	} {
		r := Default()
		c.change(&r)
		err := r.Check()
		if (err == nil) != (c.want == "") || err != nil && !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s: %v, want one of %q", name, err, c.want)
		}
	}
}
