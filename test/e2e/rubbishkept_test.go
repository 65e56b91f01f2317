//go:build e2e

package e2e

import (
	"slices"
	"time"

	"wardwatch/ward"
)

// onlyWhatWasSaid reads the journal: the good monitor's every set is there, under its patient
// and scored; so are those of the monitors with wrong clocks; and no value is there that no
// message can be read as saying.
func (d *dumped) onlyWhatWasSaid() {
	readings, scores := readJournal(d, d.srv.data)
	byBed, scored := map[string][]ward.Reading{}, map[string][]ward.Score{}
	for _, x := range readings {
		byBed[string(x.Place.Bed)] = append(byBed[string(x.Place.Bed)], x)
	}
	for _, s := range scores {
		scored[string(s.Place.Bed)] = append(scored[string(s.Place.Bed)], s)
	}
	wrong := faults{T: d.T}
	d.complete(&wrong, d.good, d.stay, ward.ClockGood, byBed[d.good.bed], scored[d.good.bed])
	for _, s := range d.wrong {
		d.complete(&wrong, s, "", ward.ClockImpossible, byBed[s.bed], scored[s.bed])
	}
	values := 0
	for name, list := range byBed {
		if name == d.good.bed || name == d.wrong[0].bed || name == d.wrong[1].bed {
			continue
		}
		for i := range list {
			values += d.derivable(&wrong, name, &list[i])
		}
	}
	for _, x := range byBed["nobed"] {
		if x.Apart != ward.UnknownBed {
			wrong.say("a reading of a bed that is not in the book is %q apart", x.Apart)
		}
	}
	if n := len(byBed["nobed"]); n != 10 {
		wrong.say("%d readings of the bed that is not in the book, want 10", n)
	}
	d.Logf("%d good sets stored and scored; %d values of spoilt messages stored, each of them said", len(d.good.shown), values)
}

// complete: what a steady monitor showed is stored and scored as the chart says. A broker may bring
// messages in another order than they were sent; the scores must bear it.
func (d *dumped) complete(wrong *faults, s *steady, stay ward.StayID, clock ward.Clock, readings []ward.Reading, scores []ward.Score) {
	if len(readings) != len(s.shown) {
		wrong.say("%s showed %d sets, %d are stored", s.device, len(s.shown), len(readings))
		return
	}
	byTime := slices.Clone(readings)
	slices.SortFunc(byTime, func(a, b ward.Reading) int { return a.Taken.Compare(b.Taken) })
	overtaken, slowest := 0, time.Duration(0)
	for i := range readings {
		if i > 0 && readings[i].Taken.Before(readings[i-1].Taken) {
			overtaken++
		}
		slowest = max(slowest, readings[i].Arrived.Sub(readings[i].At))
	}
	d.Logf("%s: %d sets, %d overtaken on the way, the slowest arrived after %v", s.device, len(readings), overtaken, slowest)
	for i := range byTime {
		x, shown := &byTime[i], s.shown[i]
		// A steady delay in an overloaded broker may be taken for a clock a little behind, never for more.
		clockRight := x.Clock == clock || clock == ward.ClockGood && x.Clock == ward.ClockSkewed && !x.At.Before(x.Taken)
		if x.Taken.UnixMilli() != shown.taken || !clockRight || x.At.After(x.Arrived) || x.Late || x.Stay != stay || len(x.Values) != len(shown.values) {
			wrong.say("%s, set %d: taken %v, clock %v, late %v, stay %q, %d values", s.device, i, x.Taken, x.Clock, x.Late, x.Stay, len(x.Values))
		}
		for _, v := range x.Values {
			if n, ok := shown.values[v.Vital.String()]; !ok || n != v.Number {
				wrong.say("%s, set %d: %v is %v, shown %v", s.device, i, v.Vital, v.Number, n)
			}
		}
	}
	key := slot{ward.Place{Ward: "W1", Bed: ward.BedID(s.bed)}, stay}
	if judged(wrong, key, readings, scores) == 0 {
		wrong.say("%s was never scored completely", s.device)
	}
	recordedChanges(wrong, key, readings, scores)
}

// derivable counts the values of a reading, each of which some message must have said, in limits.
func (d *dumped) derivable(wrong *faults, name string, x *ward.Reading) int {
	shift := x.At.UnixMilli() - x.Taken.UnixMilli()
	for _, v := range x.Values {
		c := claim{name, v.Vital.String(), v.Number, x.Taken.UnixMilli(), v.At.UnixMilli() - shift}
		if !d.claims[c] {
			wrong.say("%s of %q stores %+v, which no message said", name, x.Device, c)
		}
		if r := wire[c.vital]; v.Number < r[0] || v.Number > r[1] {
			wrong.say("%s of %q stores %v = %v, outside the contract", name, x.Device, v.Vital, v.Number)
		}
	}
	return len(x.Values)
}
