package record

import (
	"encoding/hex"
	"reflect"
	"testing"
	"time"

	"wardwatch/ward"
)

// Records as they were written before a set could say why it is not complete and a score whether it
// was charted. Journals of hospitals hold them; their identity tells repeats.
const (
	oldReading  = "01000100f194fcf3b2eee69118edd4befc3b08027331036963750331324100056d6f6e2d3780e0ebe4cf3204633166330192080300c0053be9e801fceadc0d6008010861737973746f6c6505"
	oldIdentity = 22 // where it begins
	oldScore    = "010104036963750331324102733180e0ebe4cf32056e65777332067363616c6531087263702d3230313702703100000e0e02ffdb8ff9ce0300bc3e6301027272010006d001bc3e"
)

func oldContents() (ward.Reading, ward.Score) {
	taken, at := noon, noon.Add(-2*time.Second)
	r := ward.Reading{
		Place: ward.Place{Ward: "icu", Bed: "12A"}, Device: "mon-7", Boot: "c1f3", Seq: 1042, HasSeq: true,
		Taken: taken, At: at, Point: at.Add(time.Millisecond), Arrived: noon.Add(12345678), Clock: ward.ClockSkewed, Stay: "s1",
		Values: []ward.Value{{Vital: ward.HR, Number: 88, At: at}, {Vital: ward.Temp, Quality: ward.Poor, Number: 37.25, At: noon.Add(-time.Hour)}, {Vital: ward.O2Source, Number: 1, At: at}},
		Alarms: []ward.DeviceAlarm{{Code: "asystole", Priority: ward.HighPriority, On: true}},
	}
	s := ward.Score{
		Place: r.Place, Stay: "s1", At: noon, Chart: "news2", Variant: "scale1", Version: "rcp-2017", Policy: "p1", Total: 7, Complete: true, LowerBound: 7, Band: ward.High,
		LastData: noon.Add(-time.Second), Position: 99, NParts: 1, Parts: [ward.MaxParts]ward.Part{{Input: "rr", Points: 3, State: ward.Present, Number: 26, At: noon.Add(-time.Second)}},
	}
	return r, s
}

func TestOldRecordsAreReadAndWrittenAsTheyWere(t *testing.T) {
	r, s := oldContents()
	var d Decoder
	raw, err := hex.DecodeString(oldReading)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := d.Reading(raw); err != nil || !same(*got, r) {
		t.Errorf("reading %+v, %v", got, err)
	}
	if now, identity := AppendReading(nil, &r); hex.EncodeToString(now) != oldReading || identity != oldIdentity {
		t.Errorf("a reading without a reason is written in another way: %x, identity from %d", now, identity)
	}
	if raw, err = hex.DecodeString(oldScore); err != nil {
		t.Fatal(err)
	}
	if got, err := d.Score(raw); err != nil || *got != s {
		t.Errorf("score %+v, %v", got, err)
	}
	if now := AppendScore(nil, &s); hex.EncodeToString(now) != oldScore {
		t.Errorf("a live score is written in another way: %x", now)
	}
}

// Risks as they were first written.
const oldRisks = "010369637503313241027331d0efebe4cf3202703102010d6465746572696f726174696f6e146465746572696f726174696f6e2d766974616c730a312b30613162326333640002a0a1d25cf4fb9f3f19000b72657370697261746f72790000067363616c65320000"

func TestOldRisksAreReadAndWrittenAsTheyWere(t *testing.T) {
	want := ward.Assessment{
		Place: ward.Place{Ward: "icu", Bed: "12A"}, Stay: "s1", At: noon.Add(250 * time.Millisecond), Policy: "p1",
		Risks: []ward.Risk{
			{Task: ward.Deterioration, Model: "deterioration-vitals", Version: "1+0a1b2c3d", Value: 0.0312345678, Threshold: 0.03, Silent: true},
			{Task: ward.RespiratoryDecline, Withheld: ward.WithheldScale2},
		},
	}
	raw, err := hex.DecodeString(oldRisks)
	if err != nil {
		t.Fatal(err)
	}
	var d Decoder
	if got, err := d.Risks(raw); err != nil || !reflect.DeepEqual(*got, want) {
		t.Errorf("risks %+v, %v", got, err)
	}
	if now := AppendRisks(nil, &want); hex.EncodeToString(now) != oldRisks {
		t.Errorf("risks are written in another way: %x", now)
	}
}

// What a score carries of the moment only costs history nothing.
func TestOnlyHistoryIsKeptOfAScore(t *testing.T) {
	_, s := oldContents()
	full := s
	full.Origin = ward.OriginDevice
	full.Flags[0], full.NFlags = ward.Flag{Code: ward.FlagOxygenRise, Band: ward.Medium}, 1
	full.Doubts[ward.SpO2], full.Parts[0].Doubt = ward.PoorSignal, ward.PoorSignal
	full.Charted = ward.Charted{At: noon, Total: 3, Complete: true}
	if now := AppendScore(nil, &full); hex.EncodeToString(now) != oldScore {
		t.Errorf("%x", now)
	}
}
