package recording

import (
	"compress/gzip"
	"encoding/csv"
	"errors"
	"math"
	"os"
	"strconv"
	"testing"
	"time"

	"wardwatch/devices"
	"wardwatch/ward"
)

const smallMIMIC = `subject_id,icustay_id,minute_from_icu_in,signal,itemid,value,unit
1,201,-5,HR,211,88,BPM
1,201,-5,CodeStatus,128,Full Code,
1,201,-5,SpO2,646,,%
1,201,0,DBP,8368,60,mmHg
1,201,0,DBP,8441,58,mmHg
1,201,0,SBP,455,118,mmHg
1,201,0,SBP,51,120,mmHg
1,201,0,RR,615,14,BPM
1,201,0,RR,618,22,BPM
1,201,0,TempF,678,98.6,Deg. F
1,201,60,RR,615,14,BPM
1,201,60,SBP,455,110,mmHg
1,201,60,FiO2,190,0.400000005960464,torr
1,201,60,O2Device,467,Nasal Cannula,
1,201,60,O2Device,468,Other/Remarks,
1,201,60,O2Flow,470,4,lpm
1,201,60,O2Flow,471,2,lpm
1,201,120,FiO2,223835,40,
1,201,120,MBP,225312,80,mmHg
1,201,180,FiO2,223835,10,
1,201,180,HR,211,fast,BPM
`

func TestMIMIC(t *testing.T) {
	got, counts := read(t, file(t, "x.csv", smallMIMIC), Options{})
	same(t, got,
		"row 21: outside_limits (value)",
		"row 22: not_a_number (value)",
		"201 rec-201 -5m0s hr=88",
		"201 rec-201-cuff 0s sbp=118 dbp=58",
		"201 rec-201 0s rr=22 sbp=120 dbp=60 temp=37",
		"201 rec-201 1h0m0s rr=14 sbp=110 fio2=0.4 o2_flow=2 o2_device=1",
		"201 rec-201 2h0m0s fio2=0.4",
	)
	if counts.Conflicts != 4 || counts.Skipped[UnknownO2] != 1 || counts.Skipped[NotAVital] != 2 || counts.Skipped[Empty] != 1 {
		t.Errorf("%+v", counts)
	}
}

func TestMIMICConsciousness(t *testing.T) {
	cases := []struct {
		name        string
		eye, verbal string
		vent        int // minutes from a charted ventilator mode; 9999: none
		want        string
	}{
		{"alert", "4", "5", 9999, "A"}, {"confused", "4", "4", 9999, "C"}, {"inappropriate words", "4", "3", 9999, "C"},
		{"to voice", "3", "5", 9999, "V"}, {"to pain", "2", "2", 9999, "P"}, {"nothing", "1", "1", 9999, "U"},
		{"a tube, by its text", "4", "1.0 ET/Trach", 9999, ""}, {"a tube, by the ventilator", "1", "1", 0, ""},
		{"ventilator four hours before", "3", "1", 240, ""}, {"ventilator longer ago", "3", "1", 241, "V"},
		{"ventilator charted after", "3", "1", -240, ""},
		{"speaks although ventilated", "4", "5", 10, "A"},
		{"sounds only: not in the table", "4", "2", 9999, ""},
		{"eyes only", "2", "", 9999, "P"}, {"open eyes only", "4", "", 9999, ""}, {"voice only", "", "5", 9999, ""},
		{"no such score", "5", "5", 9999, ""},
	}
	for _, c := range cases {
		content := "icustay_id,minute_from_icu_in,signal,itemid,value\n1,1000,GCS_eye,184," + c.eye + "\n1,1000,GCS_verbal,723," + c.verbal + "\n1,1000,HR,211,80\n"
		if c.vent != 9999 {
			content += "1," + strconv.Itoa(1000-c.vent) + ",VentMode,720,Assist Control\n"
		}
		r, err := Open(file(t, "x.csv", content), Options{})
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for reading, err := range r.Readings() {
			if v, ok := reading.Value(ward.ACVPU); err == nil && ok {
				got = ward.Consciousness(v.Number).String()
			}
		}
		if got != c.want {
			t.Errorf("%s: %q, expected %q", c.name, got, c.want)
		}
	}
}

// chartKey is one charted value; cuff marks one that stood beside an arterial pressure.
type chartKey struct {
	stay   string
	minute int
	vital  ward.Vital
	cuff   bool
}

// chartedByHand reads the file a second time by its signal names, sharing nothing with the reader.
func chartedByHand(t *testing.T, path string) map[chartKey]float64 {
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
	rows, err := csv.NewReader(z).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	type spot struct {
		stay   string
		minute int
	}
	plain, arterial, cuff := map[chartKey]float64{}, map[chartKey]float64{}, map[chartKey]float64{}
	ventTotal, eye, verbal := map[spot]float64{}, map[spot]float64{}, map[spot]float64{}
	vent := map[string][]int{}
	signals := map[string]ward.Vital{"HR": ward.HR, "RR": ward.RR, "SpO2": ward.SpO2, "SBP": ward.SBP, "DBP": ward.DBP, "MBP": ward.MAP, "TempC": ward.Temp, "TempF": ward.Temp, "FiO2": ward.FiO2, "O2Flow": ward.O2Flow}
	for _, r := range rows[1:] {
		stay, signal, item, text := r[1], r[3], r[4], r[5]
		minute, _ := strconv.Atoi(r[2])
		at := spot{stay, minute}
		if text == "" {
			continue
		}
		x, numeric := strconv.ParseFloat(text, 64)
		v, isVital := signals[signal]
		k := chartKey{stay: stay, minute: minute, vital: v}
		switch {
		case signal == "VentMode":
			vent[stay] = append(vent[stay], minute)
		case signal == "O2Device" && text != "Other" && text != "Other/Remarks":
			k.vital = ward.O2Source
			plain[k] = handO2[text]
		case numeric != nil:
		case signal == "GCS_eye":
			eye[at] = x
		case signal == "GCS_verbal":
			verbal[at] = x
		case signal == "RR_total_vent" || item == "615":
			ventTotal[at] = x
		case !isVital || item == "225312" || signal == "SBP" && x > 1000:
		case signal == "TempF":
			plain[k] = (x - 32) * 5 / 9
		case signal == "FiO2" && item == "223835":
			if x >= 21 && x <= 100 {
				plain[k] = x / 100
			}
		case item == "455" || item == "8441" || item == "456" || item == "442" || item == "8440" || item == "443" || item == "220179" || item == "220180" || item == "220181":
			cuff[k] = x
		case signal == "SBP" || signal == "DBP" || signal == "MBP":
			arterial[k] = x
		default:
			plain[k] = x
		}
	}
	for at, x := range ventTotal {
		k := chartKey{stay: at.stay, minute: at.minute, vital: ward.RR}
		if _, ok := plain[k]; !ok {
			plain[k] = x
		}
	}
	for k, x := range arterial {
		plain[k] = x
	}
	for k, x := range cuff {
		_, k.cuff = arterial[k]
		plain[k] = x
	}
	for at, e := range eye {
		v, spoke := verbal[at]
		tube := false
		for _, m := range vent[at.stay] {
			tube = tube || spoke && v == 1 && m-at.minute <= 240 && at.minute-m <= 240
		}
		k := chartKey{stay: at.stay, minute: at.minute, vital: ward.ACVPU}
		switch {
		case tube:
		case e == 4 && v == 5:
			plain[k] = 0
		case e == 4 && (v == 3 || v == 4):
			plain[k] = 1
		case e < 4:
			plain[k] = 5 - e
		}
	}
	return plain
}

// handO2 is the chart's oxygen devices by their code in history.
var handO2 = map[string]float64{
	"None": 0, "Nasal Cannula": 1, "Nasal cannula": 1, "Face Tent": 2, "Face tent": 2, "Medium conc mask": 2, "Trach mask": 2,
	"Venti Mask": 3, "Venti mask": 3, "Aerosol-Cool": 3, "Aerosol-cool": 3, "Hi Flow Neb": 3, "High flow neb": 3, "T-piece": 3,
	"Non-Rebreather": 4, "Non-rebreather": 4, "CPAP mask": 6, "Bipap Mask": 7, "Bipap mask": 7, "Endotracheal tube": 8, "Tracheostomy tube": 8,
}

// Every value in the file comes out exactly once, at its minute, and nothing else does.
func TestMIMICRealAgainstASecondReader(t *testing.T) {
	path := real(t, "mimic3-demo-vitals/dev_vitals.csv.gz")
	want := chartedByHand(t, path)
	var byHand [ward.NumVitals]int64
	for k := range want {
		byHand[k.vital]++
	}
	r, err := Open(path, Options{Base: base})
	if err != nil {
		t.Fatal(err)
	}
	for reading, err := range r.Readings() {
		var bad *RowError
		if errors.As(err, &bad) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		stay := string(reading.Place.Bed)
		for _, v := range reading.Values {
			k := chartKey{stay, int(reading.At.Sub(base).Minutes()), v.Vital, string(reading.Device) == "rec-"+stay+"-cuff"}
			x, ok := want[k]
			if !ok || math.Abs(x-v.Number) > 1e-12 {
				t.Fatalf("%+v: read %v, charted %v (%v)", k, v.Number, x, ok)
			}
			delete(want, k)
		}
	}
	for k, x := range want {
		t.Errorf("%+v: %v was not read", k, x)
	}
	c := r.Counts()
	if c.Values != byHand {
		t.Errorf("read %v, by hand %v", c.Values, byHand)
	}
	t.Logf("%d rows, %d readings, %d conflicts, values %v, skipped %v", c.Rows, c.Readings, c.Conflicts, c.Values, c.Skipped)
}

// What is read can be sent: the wire takes each reading and gives the same back.
func TestMIMICRealSurvivesTheWire(t *testing.T) {
	r, err := Open(real(t, "mimic3-demo-vitals/dev_vitals.csv.gz"), Options{Base: base})
	if err != nil {
		t.Fatal(err)
	}
	var d devices.Decoder
	last := map[ward.BedID]time.Time{}
	for reading, err := range r.Readings() {
		if err != nil {
			continue
		}
		if reading.At.Before(last[reading.Place.Bed]) {
			t.Fatalf("%v: %v after %v", reading.Place, reading.At, last[reading.Place.Bed])
		}
		last[reading.Place.Bed] = reading.At
		got, fault := d.Decode(devices.Encode(nil, &reading), nil)
		if fault != nil || len(got) != 1 || len(got[0].Faults) > 0 || len(got[0].Reading.Values) != len(reading.Values) {
			t.Fatalf("%v: %v %v", show(reading), fault, got)
		}
		for _, v := range reading.Values {
			if w, ok := got[0].Reading.Value(v.Vital); !ok || w.Number != v.Number || !w.At.Equal(v.At) {
				t.Fatalf("%v became %v", v, w)
			}
		}
	}
}

func BenchmarkMIMICReal(b *testing.B) {
	r, err := Open(real(b, "mimic3-demo-vitals/dev_vitals.csv.gz"), Options{})
	if err != nil {
		b.Fatal(err)
	}
	benchmark(b, r)
}
