package recording

import (
	"testing"

	"wardwatch/ward"
)

const smallEICU = `patientunitstayid,offset_min,signal,value
5,-72,LPM O2,5
5,-67,RR (patient),18
5,-67,Total RR,22
5,-60,Total RR,22
5,-60,NIBP_SYS,120
5,-60,NIBP_DIA,70
5,-60,NIBP_MEAN,86
5,10,O2 Device,None (Room air)
5,20,O2 Device,Other (Comment)
5,30,O2 Device,Bi-PAP
5,40,RT Vent On/Off,Continued
5,50,RT Vent On/Off,Off
5,60,RT Vent On/Off,perhaps
5,70,SaO2,97
5,80,FIO2 (%),40
5,80,O2 Percentage,150
5,90,RR (patient),340
6,5,FiO2,40%
6,6,Something,1
`

func TestEICU(t *testing.T) {
	got, counts := read(t, file(t, "x.csv", smallEICU), Options{})
	same(t, got,
		"row 14: unknown_text (value)",
		"row 17: outside_limits (value)",
		"row 18: outside_limits (value)",
		"5 rec-5 -1h12m0s o2_flow=5",
		"5 rec-5 -1h7m0s rr=18",
		"5 rec-5 -1h0m0s rr=22 sbp=120 dbp=70 map=86",
		"5 rec-5 10m0s o2_device=0",
		"5 rec-5 30m0s o2_device=7",
		"5 rec-5 40m0s o2_device=8",
		"5 rec-5 1h20m0s fio2=0.4",
		"6 rec-6 5m0s fio2=0.4",
	)
	for reason, n := range map[Reason]int64{NotAVital: 1, UnknownO2: 2, Arterial: 1, CoveredValue: 1} {
		if counts.Skipped[reason] != n {
			t.Errorf("%s: %d, want %d", reason, counts.Skipped[reason], n)
		}
	}
}

// Oxygen under a name that does not say its unit is taken only where it cannot be mistaken.
func TestFractionOrPercent(t *testing.T) {
	cases := []struct {
		field  string
		want   float64
		reason Reason
	}{
		{"21", 0.21, ""}, {"40", 0.4, ""}, {"100", 1, ""}, {"100.0", 1, ""}, {"45%", 0.45, ""},
		{"0.21", 0.21, ""}, {"0.5", 0.5, ""}, {"0.99", 0.99, ""},
		{"1", 0, Ambiguous}, {"2", 0, Ambiguous}, {"20", 0, Ambiguous}, {"20.9", 0, Ambiguous},
		{"0", 0, OutsideLimits}, {"0.2", 0, OutsideLimits}, {"101", 0, OutsideLimits}, {"-40", 0, OutsideLimits}, {"20%", 0, OutsideLimits}, {"0.4%", 0, OutsideLimits},
		{"", 0, NotANumber}, {"%", 0, NotANumber}, {"NaN", 0, NotANumber}, {"4o", 0, NotANumber},
	}
	for _, c := range cases {
		x, reason := fractionOrPercent([]byte(c.field))
		if reason != c.reason || reason == "" && x != c.want {
			t.Errorf("%q: %v %q, want %v %q", c.field, x, reason, c.want, c.reason)
		}
	}
}

func TestEICUReal(t *testing.T) {
	path := real(t, "eicu-demo/obs.csv.gz")
	r, err := Open(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	facts, err := OpenOutcomes(Companion(path), r.Layout(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range r.Patients(facts) {
		if err == nil {
			continue
		}
		if bad, ok := err.(*RowError); !ok || bad.Reason != Ambiguous && bad.Reason != OutsideLimits {
			t.Fatal(err)
		}
	}
	c := r.Counts()
	t.Logf("%d rows, %d readings, %d patients, %d without outcome, values %v, left out %v, never %v", c.Rows, c.Readings, c.Patients, c.NoOutcome, c.Values, c.Skipped, c.Never())
	if c.Values[ward.SBP] < 170_000 || c.Skipped[Ambiguous] > 200 || len(c.Never()) != 8 || c.NoOutcome > 30 || c.Patients < 1650 {
		t.Errorf("%+v", c)
	}
}
