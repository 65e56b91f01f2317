package trend

import (
	"encoding/hex"
	"testing"
	"time"

	"wardwatch/ward"
)

func TestEveryVitalHasItsSteps(t *testing.T) {
	for v := range ward.NumVitals {
		if steps[v] == 0 {
			t.Errorf("%s has no steps: its numbers would all be lost", v)
		}
	}
}

// A frame as it was written when there were thirteen vitals: heart rate twice, a temperature, an
// oxygen device and a score.
const thirteenVitals = "390b351a2e0000000109a0bcc41ca0bcc41c012203696375086265642d30303031a0bcc41c0c81610002cae60200019a3a000102ac02"

func TestFilesOfThirteenVitalsAreReadAsTheyWereMeant(t *testing.T) {
	var want row
	want.cells[ward.HR].add(880)
	want.cells[ward.HR].add(910)
	want.cells[ward.Temp].add(3725)
	want.cells[ward.O2Source].add(1)
	want.score = worst{known: true, complete: true, band: ward.High, points: 9}
	old, err := hex.DecodeString(thirteenVitals)
	if err != nil {
		t.Fatal(err)
	}
	rows := 0
	if _, err := parseFrame(old[frameHead:], 0, 1<<40, func(f rowInFrame) error {
		var got, none row
		if _, err := got.decode(f.cells, &none); err != nil {
			return err
		}
		if rows++; got != want {
			t.Errorf("got %+v\nwant %+v", got, want)
		}
		return nil
	}); err != nil || rows != 1 {
		t.Fatalf("%d rows, %v", rows, err)
	}
	fr := frame{safe: 9}
	fr.add(bed(1), minuteOf(noon), 12, &want)
	if now := hex.EncodeToString(fr.bytes()); now != thirteenVitals {
		t.Errorf("the same row is written in another way: %s", now)
	}
}

// What only people chart has a line too.
func TestChartedSignsOverAMinute(t *testing.T) {
	dir := t.TempDir()
	tr := open(t, dir, Options{})
	r := &ward.Reading{Place: bed(1), Source: ward.Manual, At: noon, Arrived: noon, Position: 1, Values: []ward.Value{
		{Vital: ward.RespDistress, Number: float64(ward.SevereDistress), At: noon}, {Vital: ward.CapRefill, Number: 3.5, At: noon}}}
	tr.Add(r)
	tr.AddScore(&ward.Score{Place: bed(1), At: noon, Total: 2, Complete: true})
	charted := &ward.Score{Place: bed(1), At: noon, Total: 9, Complete: true, Band: ward.High, Origin: ward.OriginCharted}
	tr.AddScore(charted)
	tick(t, tr, noon.Add(2*time.Minute))
	check := func(tr *Trend) {
		t.Helper()
		for v, want := range map[ward.Vital]float64{ward.RespDistress: 3, ward.CapRefill: 3.5} {
			if ms := tr.Range(bed(1), v, noon, noon.Add(time.Minute)); len(ms) != 1 || ms[0].Count != 1 || ms[0].Mean != want {
				t.Errorf("%s: %+v", v, ms)
			}
		}
		if s := tr.Scores(bed(1), noon, noon.Add(time.Minute)); len(s) != 1 || s[0].Points != 2 {
			t.Errorf("the line of the live score: %+v", s)
		}
	}
	check(tr)
	tr.Close()
	check(open(t, dir, Options{}))
}
