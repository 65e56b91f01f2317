package influx

import (
	"context"
	"fmt"
	"testing"
	"time"

	"wardwatch/ward"
)

// scores is a journal of nothing but scores.
type scores []ward.Score

func (b scores) Read(from uint64, most int, fn func(uint64, *ward.Reading, *ward.Score) bool) error {
	for i := int(from); i < len(b) && i-int(from) < most; i++ {
		if !fn(uint64(i+1), nil, &b[i]) {
			break
		}
	}
	return nil
}

func (b scores) End() uint64 { return uint64(len(b)) }

// The live score and that of the set a nurse confirmed speak of the same moment and never meet.
func TestRealInfluxDBKeepsChartedScoresApart(t *testing.T) {
	i := newInfluxd(t)
	place := ward.Place{Ward: "icu", Bed: "1"}
	live := ward.Score{Place: place, At: at, Chart: "news2", Total: 7, LowerBound: 7, Complete: true, Band: ward.High}
	charted := ward.Score{Place: place, At: at, Chart: "news2", Total: 3, LowerBound: 3, Complete: true, Origin: ward.OriginCharted}
	corrected := charted // the same set, corrected
	corrected.Total, corrected.LowerBound = 2, 2
	f := i.forwarder(scores{live, charted, corrected}, t.TempDir())
	if _, err := f.step(context.Background()); err != nil {
		t.Fatal(err)
	}
	totals := map[string]float64{}
	for _, row := range i.ask(`SELECT chart, total FROM score`) {
		totals[fmt.Sprint(row["chart"])] += row["total"].(float64)
	}
	if len(totals) != 2 || totals["news2"] != 7 || totals["news2-charted"] != 2 {
		t.Errorf("%v", totals)
	}
}

// What only people chart stands beside the other vitals, as floats.
func TestRealInfluxDBHoldsAChildsSigns(t *testing.T) {
	i := newInfluxd(t)
	b := &book{}
	for n, v := range []float64{2, 2.5} {
		when := at.Add(time.Duration(n) * time.Minute)
		r := reading(value(ward.CapRefill, v, when), value(ward.RespDistress, float64(ward.SevereDistress), when))
		r.Source, r.Device, r.At, r.Point, r.Arrived = ward.Manual, "", when, when, when
		b.rs = append(b.rs, r)
	}
	drain(t, i.forwarder(b, t.TempDir()), b)
	rows := i.ask(`SELECT cap_refill, resp_distress FROM vitals WHERE source = 'manual'`)
	if len(rows) != 2 || rows[0]["cap_refill"] != 2.0 || rows[1]["cap_refill"] != 2.5 || rows[1]["resp_distress"] != 3.0 {
		t.Errorf("%v", rows)
	}
	for _, row := range i.ask(`SHOW FIELD KEYS FROM vitals`) {
		if row["fieldType"] != "float" {
			t.Errorf("%v", row)
		}
	}
}
