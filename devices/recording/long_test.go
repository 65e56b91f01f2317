package recording

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"wardwatch/ward"
)

func TestLong(t *testing.T) {
	got, counts := read(t, file(t, "x.csv", `patient,time,vital,value
A,0,hr,80
A,0,rr,18
A,0,spo2,
A,60,hr,82
A,60,hr,84
A,60,consciousness,v
A,60,o2_device,nasal_cannula
A,120,lactate,2.1
A,120,hr,high
A,120,temp,98.6
A,120,fio2,40
,180,hr,80
A,soon,hr,80
A,180,hr
A,180,hr,80,80
A,180,acvpu,awake
A,240,"hr","7""5"
A,240,hr,7"5
A,240,hr,NaN
A,240,hr,0x50
A,300,hr,0
B,10,sbp,120
A,299,hr,99
`), Options{Ward: "W1"})
	same(t, got,
		"row 9: not_a_vital",
		"row 10: not_a_number (hr)",
		"row 11: outside_limits (temp)",
		"row 12: outside_limits (fio2)",
		"row 13: no_patient",
		"row 14: bad_time",
		"row 15: wrong_number_of_columns (3 instead of 4)",
		"row 16: wrong_number_of_columns (5 instead of 4)",
		"row 17: unknown_text (acvpu)",
		`row 18: not_a_number (hr)`,
		"row 19: broken_quotes",
		"row 20: not_a_number (hr)",
		"row 21: not_a_number (hr)",
		"A rec-A 0s hr=80 rr=18",
		"A rec-A 1m0s hr=84 acvpu=2 o2_device=1",
		"A rec-A 5m0s hr=0",
		"B rec-B 10s sbp=120",
		"row 24: out_of_order",
	)
	if counts.Rows != 23 || counts.Readings != 4 || counts.Conflicts != 1 || counts.Skipped[Empty] != 1 || counts.Skipped[CoveredValue] != 1 {
		t.Errorf("%+v", counts)
	}
	if counts.Values[ward.HR] != 3 || counts.Values[ward.RR] != 1 {
		t.Errorf("%v", counts.Values)
	}
}

func TestLongRowsOfOnePatientMayStandInAnyOrder(t *testing.T) {
	got, _ := read(t, file(t, "x.csv", `patient,time,vital,value
A,60,hr,82
A,0,hr,80
A,60,rr,20
A,0,rr,18
`), Options{})
	same(t, got, "A rec-A 0s hr=80 rr=18", "A rec-A 1m0s hr=82 rr=20")
}

func TestLongColumnsAndVitalsAreMapped(t *testing.T) {
	o := Options{
		Columns: map[string]string{"patient": "MRN", "time": "charttime", "vital": "item", "value": "num"},
		Vitals:  map[string]string{"Nhịp tim": "hr", "Pulse Ox": "SpO2", "weight": ""},
		Zone:    time.FixedZone("+07", 7*3600), Ward: "W",
	}
	got, _ := read(t, file(t, "x.csv", "\ufeff"+`charttime,MRN,item,note,num
2026-02-01 07:00:00,12,Nhịp tim,"irregular, I think",80
2026-02-01T08:00:30+08:00,12,Pulse Ox,,95
2026-02-01 07:01,12,Pulse Ox,,96
2026-02-01T07:01:30.25,12,Pulse Ox,,97
2026-02-01T07:02:00,12,weight,,60
`), o)
	same(t, got, "row 6: not_a_vital", "12 rec-12 0s hr=80", "12 rec-12 30s spo2=95", "12 rec-12 1m0s spo2=96", "12 rec-12 1m30.25s spo2=97")
}

func TestLongTimes(t *testing.T) {
	content := "patient,time,vital,value\nA,2026-02-01 07:00:00,hr,80\nA,1.5,hr,81\nA,-2,hr,79\nA,1e300,hr,80\nA,,hr,80\n"
	got, _ := read(t, file(t, "x.csv", content), Options{Unit: time.Hour})
	same(t, got, "row 2: time_without_zone", "row 5: bad_time", "row 6: bad_time", "A rec-A -2h0m0s hr=79", "A rec-A 1h30m0s hr=81")
}

// A unit is converted only when the file says it; otherwise the wire's limits decide.
func TestLongUnits(t *testing.T) {
	cases := []struct{ vital, value, unit, want string }{
		{"temp", "98.6", "°F", "temp=37"}, {"temp", "98.6", "Deg. F", "temp=37"}, {"temp", "37", "°C", "temp=37"},
		{"temp", "37", "", "temp=37"}, {"temp", "98.6", "", "outside_limits (temp)"}, {"temp", "310", "K", "unknown_unit (temp)"},
		{"sbp", "16", "kPa", "sbp=120.01"}, {"sbp", "120", "mmHg", "sbp=120"}, {"sbp", "120", "%", "unknown_unit (sbp)"},
		{"etco2", "5", "kPa", "etco2=37.503"},
		{"fio2", "40", "%", "fio2=0.4"}, {"fio2", "40", "", "outside_limits (fio2)"}, {"fio2", "0.4", "fraction", "fio2=0.4"}, {"fio2", "4", "%", "outside_limits (fio2)"},
		{"spo2", "95", "%", "spo2=95"}, {"spo2", "0.95", "", "outside_limits (spo2)"},
		{"hr", "80", "bpm", "hr=80"}, {"hr", "1.3", "Hz", "unknown_unit (hr)"}, {"rr", "18", "insp/min", "rr=18"},
		{"o2_flow", "4", "L/min", "o2_flow=4"}, {"o2_flow", "4", "mL/h", "unknown_unit (o2_flow)"},
		{"cap_refill", "2.5", "s", "cap_refill=2.5"}, {"cap_refill", "21", "", "outside_limits (cap_refill)"}, {"cap_refill", "2", "min", "unknown_unit (cap_refill)"},
		{"resp_distress", "Moderate", "", "resp_distress=2"}, {"resp_distress", "2", "", "unknown_text (resp_distress)"},
	}
	for _, c := range cases {
		got, _ := read(t, file(t, "x.csv", fmt.Sprintf("patient,time,vital,value,unit\nA,0,%s,%s,%s\n", c.vital, c.value, c.unit)), Options{})
		want := "A rec-A 0s " + c.want
		if !strings.Contains(c.want, "=") {
			want = "row 2: " + c.want
		}
		same(t, got, want)
	}
}

func TestLinesThatCannotBeLines(t *testing.T) {
	content := "patient,time,vital,value\r\nA,0,hr,80\r\n\r\nA,1,hr," + strings.Repeat("9", 2*maxLine) + "\r\nA,2,hr,82\nA,3,\"hr,83\nA,4,hr,84"
	got, counts := read(t, file(t, "x.csv", content), Options{})
	same(t, got, "row 4: line_too_long", "row 6: broken_quotes", "A rec-A 0s hr=80", "A rec-A 2s hr=82", "A rec-A 4s hr=84")
	if counts.Rows != 5 {
		t.Errorf("%d rows", counts.Rows)
	}
}

// Whatever was written, one row a value and in any order, comes back exactly once.
func TestLongComesBackAsWritten(t *testing.T) {
	folder := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		type key struct {
			patient string
			second  int
			vital   ward.Vital
		}
		want := map[key]float64{}
		var b strings.Builder
		b.WriteString("patient,time,vital,value\n")
		for _, p := range rapid.SliceOfNDistinct(rapid.StringMatching(`[A-Za-z0-9_-]{1,20}`), 1, 4, rapid.ID[string]).Draw(t, "patients") {
			for range rapid.IntRange(0, 30).Draw(t, "rows") {
				k := key{p, rapid.IntRange(-100, 100).Draw(t, "second"), rapid.SampledFrom([]ward.Vital{ward.HR, ward.RR, ward.SBP}).Draw(t, "vital")}
				want[k] = rapid.Float64Range(1, 150).Draw(t, "value")
				fmt.Fprintf(&b, "%s,%d,%s,%v\n", p, k.second, k.vital, want[k])
			}
		}
		r, err := Open(fileIn(t, folder, b.String()), Options{Base: base})
		if err != nil {
			t.Fatal(err)
		}
		last := map[ward.BedID]time.Time{}
		for reading, err := range r.Readings() {
			if err != nil {
				t.Fatal(err)
			}
			if at, ok := last[reading.Place.Bed]; ok && !reading.At.After(at) {
				t.Fatalf("%v after %v", reading.At, at)
			}
			last[reading.Place.Bed] = reading.At
			for _, v := range reading.Values {
				k := key{string(reading.Place.Bed), int(reading.At.Sub(base).Seconds()), v.Vital}
				if x, ok := want[k]; !ok || x != v.Number {
					t.Fatalf("%v: got %v, wrote %v", k, v.Number, x)
				}
				delete(want, k)
			}
		}
		if len(want) > 0 {
			t.Fatalf("lost %v", want)
		}
	})
}

func TestTheLaterRowWinsAConflict(t *testing.T) {
	rows := []string{"A,5,hr,70", "A,3,hr,60", "A,5,hr,71", "A,5,rr,20", "A,3,rr,18"}
	got, counts := read(t, file(t, "x.csv", "patient,time,vital,value\n"+strings.Join(rows, "\n")), Options{})
	same(t, got, "A rec-A 3s hr=60 rr=18", "A rec-A 5s hr=71 rr=20")
	if counts.Conflicts != 1 || counts.Skipped[CoveredValue] != 1 {
		t.Errorf("%+v", counts)
	}
}
