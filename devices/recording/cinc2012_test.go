package recording

import (
	"bufio"
	"compress/gzip"
	"errors"
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"

	"wardwatch/ward"
)

const smallCinC2012 = `patient,set,minute,parameter,value
7,a,0,RecordID,7
7,a,0,Age,76
7,a,0,Gender,1
7,a,0,Height,-1
7,a,7,HR,80
7,a,7,NISysABP,120
7,a,7,SysABP,110
7,a,7,NIDiasABP,70
7,a,7,Temp,36.5
7,a,10,FiO2,0.5
7,a,10,MechVent,1
7,a,10,GCS,11
7,a,20,GCS,15
7,a,300,GCS,11
7,a,310,Temp,-17.8
7,a,311,DiasABP,-1
7,a,312,SaO2,97
7,a,313,GCS,2
7,a,314,HR,NaN
7,a,315,MechVent,0
7,a,316,FiO2,0.19
7,a,317,,5
7,a,x,HR,80
7,a,318,MAP,60
7,a,318,MAP,65
8,b,0,Gender,-1
8,b,0,Age,200
8,b,9,HR,90
`

func TestCinC2012(t *testing.T) {
	got, counts := read(t, file(t, "x.csv", smallCinC2012), Options{})
	same(t, got,
		"row 16: outside_limits (value)",
		"row 19: outside_limits (value)",
		"row 20: not_a_number (value)",
		"row 21: outside_limits (value)",
		"row 22: outside_limits (value)",
		"row 24: bad_time",
		"7 rec-7-cuff 7m0s sbp=120",
		"7 rec-7 7m0s hr=80 sbp=110 dbp=70 temp=36.5",
		"7 rec-7 10m0s fio2=0.5 o2_device=8",
		"7 rec-7 20m0s acvpu=0",
		"7 rec-7 5h0m0s acvpu=2",
		"7 rec-7 5h18m0s map=65",
		"row 28: outside_limits (value)",
		"8 rec-8 9m0s hr=90",
	)
	for reason, n := range map[Reason]int64{NotAVital: 3, Empty: 2, Arterial: 1, Intubated: 1, CoveredValue: 1} {
		if counts.Skipped[reason] != n {
			t.Errorf("%s: %d, want %d", reason, counts.Skipped[reason], n)
		}
	}
}

// A sample's saturation stands in for SpO2 only where asked for, and its slips never do.
func TestArterialSaturationOnRequest(t *testing.T) {
	path := file(t, "x.csv", "patient,set,minute,parameter,value\n7,a,1,SaO2,97\n7,a,2,SaO2,1.06\n7,a,3,SaO2,0.97\n7,a,4,SaO2,130\n")
	got, counts := read(t, path, Options{})
	same(t, got)
	if counts.Skipped[Arterial] != 4 {
		t.Errorf("%v", counts.Skipped)
	}
	got, _ = read(t, path, Options{ArterialSaturation: true})
	same(t, got, "row 4: outside_limits (value)", "row 5: outside_limits (value)", "7 rec-7 1m0s spo2=97", "7 rec-7 2m0s spo2=1.06")
}

// Every sum of the coma scale, with and without a tube near.
func TestComaTotal(t *testing.T) {
	const unknown = "unknown"
	cases := []struct {
		sum         int
		level, tube string
	}{
		{3, "U", unknown},
		{4, "P", unknown}, {5, "P", unknown}, {6, "P", unknown}, {7, "P", unknown}, {8, "P", unknown},
		{9, "V", unknown}, {10, "V", unknown}, {11, "V", unknown}, {12, "V", "V"}, {13, "V", "V"},
		{14, "C", "C"}, {15, "A", "A"},
	}
	for _, c := range cases {
		for tube, want := range map[bool]string{false: c.level, true: c.tube} {
			level, reason := ofTotal(float64(c.sum), tube)
			got := level.String()
			if reason != "" {
				got = unknown
			}
			if got != want {
				t.Errorf("%d, tube %v: %s, want %s", c.sum, tube, got, want)
			}
		}
	}
}

// The ventilator counts from four hours before to four hours after.
func TestTubeWindow(t *testing.T) {
	rows := "patient,set,minute,parameter,value\n7,a,1000,MechVent,1\n"
	for _, minute := range []int{759, 760, 1240, 1241} {
		rows += fmt.Sprintf("7,a,%d,GCS,10\n", minute)
	}
	got, _ := read(t, file(t, "x.csv", rows), Options{})
	same(t, got, "7 rec-7 12h39m0s acvpu=2", "7 rec-7 16h40m0s o2_device=8", "7 rec-7 20h41m0s acvpu=2")
}

// byHand2012 reads single signals of the real file the plain way: the last value of a patient's
// minute, without what cannot be.
func byHand2012(t *testing.T, path string) (want map[string]float64, patients int) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	want = map[string]float64{}
	last := ""
	for s := bufio.NewScanner(z); s.Scan(); {
		f := strings.Split(s.Text(), ",")
		if f[0] != last {
			if patients++; patients > 400 {
				break
			}
			last = f[0]
		}
		x, err := strconv.ParseFloat(f[4], 64)
		if err != nil || x == -1 {
			continue
		}
		key := f[0] + " " + f[2] + " "
		switch f[3] {
		case "HR":
			want[key+"hr"] = x
		case "RespRate":
			want[key+"rr"] = x
		case "Temp":
			if x >= 10 {
				want[key+"temp"] = x
			}
		case "FiO2":
			want[key+"fio2"] = x
		case "SysABP":
			want[key+"sbp"] = x
		case "NISysABP":
			want[key+"cuff sbp"] = x
		case "MechVent":
			want[key+"o2_device"] = float64(ward.Ventilator)
		}
	}
	return want, patients - 2 // the header, and the one cut short
}

func TestCinC2012RealAgainstASecondReader(t *testing.T) {
	path := real(t, "cinc2012-mortality/dev.csv.gz")
	want, patients := byHand2012(t, path)
	r, err := Open(path, Options{Base: base})
	if err != nil {
		t.Fatal(err)
	}
	seen, compared, last := 0, 0, ward.BedID("")
	for reading, err := range r.Readings() {
		var bad *RowError
		if errors.As(err, &bad) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if reading.Place.Bed != last {
			if seen++; seen > patients-20 { // some have nothing of ours
				break
			}
			last = reading.Place.Bed
		}
		for _, v := range reading.Values {
			switch v.Vital {
			case ward.HR, ward.RR, ward.Temp, ward.FiO2, ward.SBP, ward.O2Source:
			default:
				continue
			}
			key := fmt.Sprintf("%s %d ", reading.Place.Bed, int(reading.At.Sub(base).Minutes()))
			x, ok := want[key+v.Vital.String()]
			if cuff, yes := want[key+"cuff sbp"]; yes && v.Vital == ward.SBP && (!ok || strings.HasSuffix(string(reading.Device), "-cuff")) {
				x, ok = cuff, true
			}
			if !ok || math.Abs(x-v.Number) > 1e-12 {
				t.Fatalf("%s%s: read %v, charted %v (%v)", key, v.Vital, v.Number, x, ok)
			}
			compared++
		}
	}
	if compared < 50_000 {
		t.Errorf("only %d values compared", compared)
	}
	t.Logf("%d values of %d patients are as charted", compared, seen-1)
}
