package influx

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"wardwatch/ward"
)

// records is a journal.
type records []ward.Record

func (b records) Read(from uint64, most int, fn func(uint64, ward.Record) bool) error {
	for i := int(from); i < len(b) && i-int(from) < most; i++ {
		if !fn(uint64(i+1), b[i]) {
			break
		}
	}
	return nil
}

func (b records) End() uint64 { return uint64(len(b)) }

// The live score and that of the set a nurse confirmed speak of the same moment and never meet.
func TestRealInfluxDBKeepsChartedScoresApart(t *testing.T) {
	i := newInfluxd(t)
	place := ward.Place{Ward: "icu", Bed: "1"}
	live := ward.Score{Place: place, At: at, Chart: "news2", Total: 7, LowerBound: 7, Complete: true, Band: ward.High}
	charted := ward.Score{Place: place, At: at, Chart: "news2", Total: 3, LowerBound: 3, Complete: true, Origin: ward.OriginCharted}
	corrected := charted // the same set, corrected
	corrected.Total, corrected.LowerBound = 2, 2
	f := i.forwarder(records{{Score: &live}, {Score: &charted}, {Score: &corrected}}, t.TempDir())
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

// A model's risks stand beside the charts' scores, and only who has the ward and bed knows whose they
// are.
func TestRealInfluxDBHoldsRisks(t *testing.T) {
	i := newInfluxd(t)
	place := ward.Place{Ward: "icu", Bed: "1"}
	score := ward.Score{Place: place, At: at, Chart: "news2", Total: 7, LowerBound: 7, Complete: true, Band: ward.High}
	assessed := func(when time.Time, risks ...ward.Risk) *ward.Assessment {
		return &ward.Assessment{Place: place, Stay: "01JD4X9Q2M", At: when, Policy: `p "1"`, Risks: risks}
	}
	told := ward.Risk{Task: ward.Deterioration, Model: "deterioration-vitals", Version: "1+0a1b2c3d", Value: 0.0312345678, Silent: true}
	withheld := ward.Risk{Task: ward.RespiratoryDecline, Model: "respiratory-vitals", Version: "1+99", Withheld: ward.WithheldScale2}
	whole := told // a whole number first must not make the field an integer one
	whole.Value = 1
	f := i.forwarder(records{{Assessment: assessed(at.Add(-time.Minute), whole)}, {Score: &score}, {Assessment: assessed(at, told, withheld)}, {Assessment: assessed(at, told, withheld)}}, t.TempDir())
	if _, err := f.step(context.Background()); err != nil {
		t.Fatal(err)
	}
	rows := i.ask(`SELECT * FROM score ORDER BY time`)
	if len(rows) != 4 {
		t.Fatalf("%d points, want 4: %v", len(rows), rows)
	}
	for _, row := range rows {
		if row["time"].(float64) != float64(at.UnixMilli()) {
			continue
		}
		switch row["chart"] {
		case "news2":
			if row["total"] != 7.0 || row["risk"] != nil || row["silent"] != nil {
				t.Errorf("the chart's score has become %v", row)
			}
		case "deterioration":
			if row["risk"] != 0.0312345678 || row["silent"] != 1.0 || row["model"] != "deterioration-vitals" || row["version"] != "1+0a1b2c3d" || row["policy"] != `p "1"` || row["withheld"] != nil {
				t.Errorf("%v", row)
			}
		case "respiratory":
			if row["risk"] != nil || row["withheld"] != "scale2" || row["silent"] != 0.0 {
				t.Errorf("%v", row)
			}
		default:
			t.Errorf("unexpected %v", row)
		}
		for column, v := range row {
			if strings.Contains(fmt.Sprint(v), "01JD4X9Q2M") {
				t.Errorf("%s names the stay", column)
			}
		}
	}
	for _, row := range i.ask(`SHOW TAG KEYS FROM score`) {
		if key := row["tagKey"]; key != "ward" && key != "bed" && key != "chart" {
			t.Errorf("tag %v", key)
		}
	}
	text := map[any]bool{"model": true, "version": true, "policy": true, "withheld": true}
	for _, row := range i.ask(`SHOW FIELD KEYS FROM score`) {
		if want := map[bool]string{true: "string", false: "float"}[text[row["fieldKey"]]]; row["fieldType"] != want {
			t.Errorf("%v", row)
		}
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
