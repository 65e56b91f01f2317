package influx

import (
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"wardwatch/ward"
)

var at = time.UnixMilli(1795220102120).UTC()

func reading(values ...ward.Value) ward.Reading {
	return ward.Reading{Place: ward.Place{Ward: "icu", Bed: "12A"}, Device: "mon-7", Taken: at, Arrived: at, At: at, Point: at, Values: values}
}

func value(v ward.Vital, x float64, when time.Time) ward.Value {
	return ward.Value{Vital: v, Number: x, At: when}
}

func encoded(rs ...ward.Reading) string {
	var e encoder
	for i := range rs {
		e.reading(&rs[i])
	}
	return string(e.buf)
}

func TestLinesOfAReading(t *testing.T) {
	cuffed := at.Add(-15 * time.Minute)
	plain := reading(value(ward.HR, 88, at), value(ward.Temp, 37.2, at))
	moved := plain
	moved.Point = at.Add(time.Millisecond)
	unnamed := plain
	unnamed.Device, unnamed.Source = "", ward.Manual
	odd := plain
	odd.Place = ward.Place{Ward: "a b", Bed: "c,d=e"}
	withCuff := reading(value(ward.HR, 88, at), value(ward.SBP, 118, cuffed), value(ward.DBP, 70, cuffed), value(ward.ACVPU, 2, cuffed.Add(-time.Hour)))
	newCuff := reading(value(ward.HR, 89, at), value(ward.SBP, 119, cuffed), value(ward.DBP, 70, cuffed))
	for _, c := range []struct {
		name string
		rs   []ward.Reading
		want string
	}{
		{"plain", []ward.Reading{plain}, "vitals,ward=icu,bed=12A,device=mon-7,source=device hr=88,temp=37.2 1795220102120\n"},
		{"moved by a millisecond", []ward.Reading{moved}, "vitals,ward=icu,bed=12A,device=mon-7,source=device hr=88,temp=37.2 1795220102121\n"},
		{"no device, charted", []ward.Reading{unnamed}, "vitals,ward=icu,bed=12A,source=manual hr=88,temp=37.2 1795220102120\n"},
		{"escapes", []ward.Reading{odd}, `vitals,ward=a\ b,bed=c\,d\=e,device=mon-7,source=device hr=88,temp=37.2 1795220102120` + "\n"},
		{"a cuff pressure at its own time, values of one age together", []ward.Reading{withCuff},
			"vitals,ward=icu,bed=12A,device=mon-7,source=device hr=88 1795220102120\n" +
				"vitals,ward=icu,bed=12A,device=mon-7,source=device sbp=118,dbp=70 1795219202120\n" +
				"vitals,ward=icu,bed=12A,device=mon-7,source=device acvpu=2 1795215602120\n"},
		{"the same cuff pressure again is not written again", []ward.Reading{withCuff, withCuff},
			"vitals,ward=icu,bed=12A,device=mon-7,source=device hr=88 1795220102120\n" +
				"vitals,ward=icu,bed=12A,device=mon-7,source=device sbp=118,dbp=70 1795219202120\n" +
				"vitals,ward=icu,bed=12A,device=mon-7,source=device acvpu=2 1795215602120\n" +
				"vitals,ward=icu,bed=12A,device=mon-7,source=device hr=88 1795220102120\n"},
		{"a corrected one is", []ward.Reading{withCuff, newCuff},
			"vitals,ward=icu,bed=12A,device=mon-7,source=device hr=88 1795220102120\n" +
				"vitals,ward=icu,bed=12A,device=mon-7,source=device sbp=118,dbp=70 1795219202120\n" +
				"vitals,ward=icu,bed=12A,device=mon-7,source=device acvpu=2 1795215602120\n" +
				"vitals,ward=icu,bed=12A,device=mon-7,source=device hr=89 1795220102120\n" +
				"vitals,ward=icu,bed=12A,device=mon-7,source=device sbp=119 1795219202120\n"},
		{"a child's signs", []ward.Reading{reading(value(ward.RespDistress, 2, at), value(ward.CapRefill, 3.5, at))},
			"vitals,ward=icu,bed=12A,device=mon-7,source=device resp_distress=2,cap_refill=3.5 1795220102120\n"},
		{"only an alarm", []ward.Reading{reading()}, ""},
	} {
		if got := encoded(c.rs...); got != c.want {
			t.Errorf("%s:\ngot  %s\nwant %s", c.name, got, c.want)
		}
	}
}

func TestLinesOfAScore(t *testing.T) {
	s := ward.Score{Place: ward.Place{Ward: "icu", Bed: "1"}, At: at, Chart: "news2", Total: 7, Complete: true, LowerBound: 7, Band: ward.High}
	part := s
	part.Complete, part.LowerBound, part.Band, part.Total = false, 3, ward.Unknown, 99
	charted := s
	charted.Origin, charted.Total, charted.LowerBound, charted.Band = ward.OriginCharted, 2, 2, ward.Low
	odd := charted
	odd.Chart = "a b"
	child := s
	child.Refused = ward.RefusedAge
	for _, c := range []struct {
		s    ward.Score
		want string
	}{
		{s, "score,ward=icu,bed=1,chart=news2 total=7,complete=1,lower_bound=7,band=4 1795220102120\n"},
		{part, "score,ward=icu,bed=1,chart=news2 complete=0,lower_bound=3,band=1 1795220102120\n"},
		{charted, "score,ward=icu,bed=1,chart=news2-charted total=2,complete=1,lower_bound=2,band=0 1795220102120\n"},
		{odd, `score,ward=icu,bed=1,chart=a\ b-charted total=2,complete=1,lower_bound=2,band=0 1795220102120` + "\n"},
		{child, ""},
	} {
		var e encoder
		e.score(&c.s)
		if string(e.buf) != c.want {
			t.Errorf("got %s, want %s", e.buf, c.want)
		}
	}
}

func TestLinesOfRisks(t *testing.T) {
	told := ward.Risk{Task: ward.Deterioration, Model: "deterioration-vitals", Version: "1+0a1b2c3d", Value: 0.031, Threshold: 0.03, Silent: true}
	shown := told
	shown.Silent = false
	withheld := ward.Risk{Task: ward.RespiratoryDecline, Model: "respiratory-vitals", Version: "1+99", Value: 0.5, Withheld: ward.WithheldScale2, Silent: true}
	none := ward.Risk{Task: ward.Deterioration, Withheld: ward.WithheldRuntime}
	broken := told
	broken.Value = math.NaN()
	odd := shown
	odd.Model, odd.Version = `a "b" \c`, "1\n2"
	labs := shown
	labs.Model, labs.Value = "deterioration-labs", 0.2
	const head = "score,ward=icu,bed=1,chart="
	for _, c := range []struct {
		name  string
		risks []ward.Risk
		want  string
	}{
		{"silent", []ward.Risk{told}, head + `deterioration silent=1,risk=0.031,model="deterioration-vitals",version="1+0a1b2c3d",policy="p1" 1795220102120` + "\n"},
		{"shown", []ward.Risk{shown}, head + `deterioration silent=0,risk=0.031,model="deterioration-vitals",version="1+0a1b2c3d",policy="p1" 1795220102120` + "\n"},
		{"withheld", []ward.Risk{withheld}, head + `respiratory silent=1,withheld="scale2",model="respiratory-vitals",version="1+99",policy="p1" 1795220102120` + "\n"},
		{"no model", []ward.Risk{none}, head + `deterioration silent=0,withheld="no_runtime",policy="p1" 1795220102120` + "\n"},
		{"not a number", []ward.Risk{broken}, head + `deterioration silent=1,withheld="failed",model="deterioration-vitals",version="1+0a1b2c3d",policy="p1" 1795220102120` + "\n"},
		{"escapes", []ward.Risk{odd}, head + `deterioration silent=0,risk=0.031,model="a \"b\" \\c",version="1 2",policy="p1" 1795220102120` + "\n"},
		{"with and without laboratory values", []ward.Risk{shown, labs}, head + `deterioration silent=0,risk=0.031,model="deterioration-vitals",version="1+0a1b2c3d",policy="p1" 1795220102120` + "\n" +
			head + `deterioration-labs silent=0,risk=0.2,model="deterioration-labs",version="1+0a1b2c3d",policy="p1" 1795220102120` + "\n"},
		{"nothing", nil, ""},
	} {
		var e encoder
		e.risks(&ward.Assessment{Place: ward.Place{Ward: "icu", Bed: "1"}, Stay: "s1", At: at, Policy: "p1", Risks: c.risks})
		if string(e.buf) != c.want || e.lines() != len(c.risks) {
			t.Errorf("%s:\ngot  %s\nwant %s", c.name, e.buf, c.want)
		}
	}
}

func TestNumbersAreReadBackTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := rapid.OneOf(rapid.Float64(), rapid.Float64Range(-1000, 1000), rapid.Map(rapid.Int64(), func(n int64) float64 { return float64(n) }),
			rapid.Map(rapid.Int64Range(-1e7, 1e7), func(n int64) float64 { return float64(n) / 1000 })).Draw(t, "x")
		var e encoder
		e.number(x)
		back, err := strconv.ParseFloat(string(e.buf), 64)
		if err != nil || back != x || strings.HasSuffix(string(e.buf), "i") {
			t.Fatalf("%v became %s", x, e.buf)
		}
	})
}

func TestTheCuffMemoryIsBounded(t *testing.T) {
	var e encoder
	for i := range maxSent + 10 {
		r := reading(value(ward.SBP, 1, at.Add(-time.Hour)))
		r.Place.Bed = ward.BedID(strconv.Itoa(i))
		e.reading(&r)
		e.reset()
	}
	if len(e.sent) > maxSent {
		t.Errorf("%d remembered", len(e.sent))
	}
}

func BenchmarkEncodeReading(b *testing.B) {
	r := reading(value(ward.HR, 88, at), value(ward.RR, 18, at), value(ward.SpO2, 97, at), value(ward.SBP, 121, at), value(ward.Temp, 36.8, at), value(ward.FiO2, 0.21, at), value(ward.ACVPU, 0, at))
	var e encoder
	b.ReportAllocs()
	for b.Loop() {
		e.reset()
		e.reading(&r)
	}
	if math.Signbit(float64(len(e.buf)) - 1) {
		b.Fatal("empty")
	}
}

func BenchmarkEncodeScore(b *testing.B) {
	s := ward.Score{Place: ward.Place{Ward: "icu", Bed: "1"}, At: at, Chart: "news2", Total: 7, Complete: true, LowerBound: 7, Band: ward.High}
	var e encoder
	b.ReportAllocs()
	for b.Loop() {
		e.reset()
		e.score(&s)
	}
}
