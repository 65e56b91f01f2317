//go:build e2e

package e2e

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"wardwatch/ward"
)

// stayIn finds the id of who lies in a bed.
func stayIn(t testing.TB, s site, bed string) ward.StayID {
	t.Helper()
	for line := range strings.Lines(run(t, "ward", "list", "--data", s.data)) {
		if f := strings.Fields(line); len(f) == 4 && f[1] == bed {
			return ward.StayID(f[3])
		}
	}
	t.Fatalf("nobody lies in %s", bed)
	return ""
}

// sameAsFile: the journal holds each entry of the file once, at its time, with its values, and
// nothing else.
func (r *realRun) sameAsFile() {
	type moment struct {
		device string
		minute int
	}
	want := map[moment]entry{}
	for i, p := range r.patients {
		for _, e := range p.entries {
			want[moment{device(bed(i+1), p.id, e.cuff), e.minute - p.first()}] = e
		}
	}
	values, wrong := 0, faults{T: r.T}
	var delay time.Duration
	for _, x := range r.readings {
		delay += x.Arrived.Sub(x.Taken)
		at := x.Taken.Sub(r.origin)
		key := moment{string(x.Device), int(at / time.Minute)}
		e, ok := want[key]
		delete(want, key)
		if !ok || at%time.Minute != 0 || !strings.HasPrefix(string(x.Device), string(x.Place.Bed)+"-") {
			wrong.say("the journal has %s of %s at %v, which is not in the file", x.Place, x.Device, at)
			continue
		}
		if x.Clock != ward.ClockGood || x.Late || !x.At.Equal(x.Taken) || !x.Point.Equal(x.Taken) || x.Source != ward.FromDevice {
			wrong.say("%s at %v: clock %v, late %v, held to be true at %v, in history at %v", x.Device, at, x.Clock, x.Late, x.At, x.Point)
		}
		if len(x.Values) != len(e.values) {
			wrong.say("%s at %v: %d values, the file has %d", x.Device, at, len(x.Values), len(e.values))
		}
		for _, v := range x.Values {
			values++
			if n, ok := e.values[v.Vital.String()]; !ok || n != v.Number || v.Quality != ward.Good || !v.At.Equal(x.Taken) {
				wrong.say("%s at %v: %v is %v, the file has %v (%v)", x.Device, at, v.Vital, v.Number, n, ok)
			}
		}
	}
	for key := range want {
		wrong.say("the journal lacks %s at minute %d", key.device, key.minute)
	}
	delay = (delay / time.Duration(len(r.readings))).Round(time.Second)
	r.Logf("journal = file: %d readings, %d values; a reading arrived %v after its time on average", len(r.readings), values, delay)
}

// attributed: a reading belongs to the stay that held the bed when it was taken, as far as that is
// certain; in an empty bed to nobody.
func (r *realRun) attributed() {
	const (
		transit = 2 * time.Minute // a new device is trusted from this long before it was first heard
		shift   = 8 * time.Hour   // a device silent for longer must be confirmed anew
	)
	heard, lost, first := map[ward.DeviceID]time.Time{}, map[ward.DeviceID]bool{}, map[ward.DeviceID]time.Time{}
	given, wrong := 0, faults{T: r.T}
	for _, x := range r.readings {
		if heard[x.Device].IsZero() {
			first[x.Device] = x.Arrived
		} else if x.Arrived.Sub(heard[x.Device]) > shift {
			lost[x.Device] = true
		}
		heard[x.Device] = x.Arrived
		var want ward.StayID
		for _, a := range r.admitted {
			doubt := max(x.Arrived.Sub(x.At), time.Second)
			if string(x.Place.Bed) == a.bed && x.At.Sub(a.from) > doubt && !lost[x.Device] && !x.At.Before(first[x.Device].Add(-transit)) {
				want = a.id
			}
		}
		if x.Stay != want {
			wrong.say("%s of %s at %v (arrived %v) is under stay %q (%v), want %q", x.Place, x.Device, x.At, x.Arrived, x.Stay, x.Apart, want)
		}
		if want != "" {
			given++
		}
	}
	if given == 0 {
		r.Error("no reading of the people admitted was given to them")
	}
	r.Logf("attributed: %d readings to %d stays", given, len(r.admitted))
}

// sameInInflux: InfluxDB has each value, score and prediction of the journal under its tags and
// time, and nothing else.
func (r *realRun) sameInInflux() {
	vitals := map[string]any{}
	for _, x := range r.readings {
		for _, v := range x.Values {
			vitals[fmt.Sprintf("bed=%s,device=%s,source=device,ward=%s %d %s", x.Place.Bed, x.Device, x.Place.Ward, x.Taken.UnixMilli(), v.Vital)] = v.Number
		}
	}
	same(r, "vitals", r.vitals, vitals)
	scores := map[string]any{}
	for _, s := range r.scores {
		if _, there := r.scored[scoreKey(s.Place, s.Chart, s.At, "lower_bound")]; !there && s.At.After(r.sent) {
			continue // said while InfluxDB was being read
		}
		put := func(field string, n float64) { scores[scoreKey(s.Place, s.Chart, s.At, field)] = n }
		put("lower_bound", float64(s.LowerBound))
		put("band", float64(s.Band))
		if s.Complete {
			put("total", float64(s.Total))
			put("complete", 1)
		} else {
			put("complete", 0)
		}
	}
	predictions, withheld := 0, 0
	for _, a := range r.risks {
		for _, x := range a.Risks {
			if _, there := r.scored[scoreKey(a.Place, string(x.Task), a.At, "silent")]; !there && a.At.After(r.sent) {
				continue // said while InfluxDB was being read
			}
			if x.Withheld != ward.NotWithheld {
				withheld++
			}
			predictions++
			putRisk(scores, &a, &x)
		}
	}
	same(r, "score", r.scored, scores)
	r.Logf("of them %d predictions, %d withheld", predictions, withheld)
}

// scoreKey is how points names a field of the measurement score.
func scoreKey(at ward.Place, chart string, when time.Time, field string) string {
	return fmt.Sprintf("bed=%s,chart=%s,ward=%s %d %s", at.Bed, chart, at.Ward, when.UnixMilli(), field)
}

// putRisk adds the fields of one prediction, in the series of its task. There is one model a task
// where no laboratory values come in.
func putRisk(into map[string]any, a *ward.Assessment, x *ward.Risk) {
	put := func(field string, value any) {
		if value != "" {
			into[scoreKey(a.Place, string(x.Task), a.At, field)] = value
		}
	}
	put("model", x.Model)
	put("version", x.Version)
	put("policy", a.Policy)
	put("withheld", string(x.Withheld))
	put("silent", 0.0)
	if x.Silent {
		put("silent", 1.0)
	}
	if x.Withheld == ward.NotWithheld {
		put("risk", x.Value)
	}
}

func same(t testing.TB, what string, got, want map[string]any) {
	t.Helper()
	wrong := faults{T: t}
	for key, n := range want {
		if x, ok := got[key]; !ok {
			wrong.say("InfluxDB lacks %s %s", what, key)
		} else if x != n {
			wrong.say("InfluxDB has %s %s = %v, the journal %v", what, key, x, n)
		}
	}
	for key := range got {
		if _, ok := want[key]; !ok {
			wrong.say("InfluxDB has %s %s, the journal does not", what, key)
		}
	}
	t.Logf("InfluxDB = journal: %d fields of %s", len(got), what)
}

// faults reports the first few of what may be thousands.
type faults struct {
	T     testing.TB
	count int
}

func (f *faults) say(format string, args ...any) {
	f.T.Helper()
	if f.count++; f.count <= 10 {
		f.T.Errorf(format, args...)
	} else if f.count == 11 {
		f.T.Error("… and more")
	}
}
