package recording

import (
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"wardwatch/ward"
)

// real is a file of real data, where WARDWATCH_TESTDATA points to some.
func real(t testing.TB, name string) string {
	t.Helper()
	folder := os.Getenv("WARDWATCH_TESTDATA")
	if folder == "" {
		t.Skip("WARDWATCH_TESTDATA is not set: only the small generated files were read")
	}
	path := filepath.Join(folder, name)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("no real data: %v", err)
	}
	t.Logf("reading real data: %s", name)
	return path
}

const smallCinC = `patient,HR,O2Sat,Temp,SBP,MAP,DBP,Resp,EtCO2,FiO2,Lactate,Age,Gender,ICULOS,SepsisLabel
p1,,,,,,,,,,,48,1,1,0
p1,130,96,36.6,129,87,72,24,,,1.1,48,1,2,0
p1,120,x,,126,,,,,-50,,48,1,3,1
p1,121,,,,,,,,,,48,1,2,0
p1,121,,,,,,,,,,48,1,x,0
p1,121,,,,,,,,,,48,1,4,
p2,80,,,,,,,,0.4,,,0,1,0
`

func TestCinC(t *testing.T) {
	got, counts := read(t, file(t, "x.csv", smallCinC), Options{})
	same(t, got,
		"p1 rec-p1 2h0m0s hr=130 spo2=96 temp=36.6 sbp=129 map=87 dbp=72 rr=24",
		"row 4: not_a_number (O2Sat)",
		"row 4: outside_limits (FiO2)",
		"p1 rec-p1 3h0m0s hr=120 sbp=126",
		"row 5: out_of_order",
		"row 6: bad_time (ICULOS)",
		"row 7: not_a_number (SepsisLabel)",
		"p2 rec-p2 1h0m0s hr=80 fio2=0.4",
	)
	if counts.Rows != 7 || counts.Readings != 3 {
		t.Errorf("%+v", counts)
	}
}

// A labelled hour counts also where nothing was measured.
func TestCinCLabels(t *testing.T) {
	r, err := Open(file(t, "x.csv", smallCinC), Options{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for row, err := range r.Rows() {
		if err == nil {
			got = append(got, fmt.Sprintf("line %d: %s hour %d, event %v, %.0f years, %s, %d values", row.Number, row.Reading.Place.Bed, row.Label.Hour, row.Label.Event, row.Label.Age, row.Label.Sex, len(row.Reading.Values)))
		}
	}
	same(t, got,
		"line 2: p1 hour 1, event false, 48 years, male, 0 values",
		"line 3: p1 hour 2, event false, 48 years, male, 7 values",
		"line 4: p1 hour 3, event true, 48 years, male, 2 values",
		"line 8: p2 hour 1, event false, NaN years, female, 2 values",
	)
}

// enough is how many rows of the real set are compared; all of them take a quarter of a minute
// under the race detector.
const enough = 100_000

// The reader against encoding/csv on real rows.
func TestCinCReal(t *testing.T) {
	path := real(t, "cinc2019-sepsis-setB/dev.csv.gz")
	zipped, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer zipped.Close()
	z, err := gzip.NewReader(zipped)
	if err != nil {
		t.Fatal(err)
	}
	plain := csv.NewReader(z)
	plain.ReuseRecord = true
	header, err := plain.Read()
	if err != nil {
		t.Fatal(err)
	}
	at := map[string]int{}
	for i, h := range header {
		at[h] = i
	}
	columns := map[ward.Vital]int{
		ward.HR: at["HR"], ward.SpO2: at["O2Sat"], ward.Temp: at["Temp"], ward.SBP: at["SBP"], ward.MAP: at["MAP"],
		ward.DBP: at["DBP"], ward.RR: at["Resp"], ward.EtCO2: at["EtCO2"], ward.FiO2: at["FiO2"],
	}
	r, err := Open(path, Options{Base: base})
	if err != nil {
		t.Fatal(err)
	}
	refused, events, compared := 0, 0, 0
	for row, err := range r.Rows() {
		var bad *RowError
		if errors.As(err, &bad) {
			if bad.Reason != OutsideLimits || bad.Column != "FiO2" {
				t.Fatal(err)
			}
			refused++
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if compared++; compared > enough {
			break
		}
		want, err := plain.Read()
		if err != nil {
			t.Fatal(err)
		}
		if string(row.Reading.Place.Bed) != want[at["patient"]] || row.Label.Event != (want[at["SepsisLabel"]] == "1") || strconv.Itoa(row.Label.Hour) != want[at["ICULOS"]] {
			t.Fatalf("line %d: %+v, file has %v", row.Number, row.Label, want)
		}
		if row.Reading.At != base.Add(time.Duration(row.Label.Hour)*time.Hour) {
			t.Fatalf("line %d: %v", row.Number, row.Reading.At)
		}
		if row.Label.Event {
			events++
		}
		for v, i := range columns {
			got, ok := row.Reading.Value(v)
			x, err := strconv.ParseFloat(want[i], 64)
			if wanted := err == nil && !(v == ward.FiO2 && (x < 0.2 || x > 1)); ok != wanted || ok && got.Number != x {
				t.Fatalf("line %d, %s: %v, file has %q", row.Number, v, got.Number, want[i])
			}
		}
	}
	c := r.Counts()
	t.Logf("%d rows, %d readings, %d events, %d FiO2 refused", c.Rows, c.Readings, events, refused)
	if c.Skipped[OutsideLimits] != int64(refused) || len(c.Skipped) != 1 {
		t.Errorf("%v", c.Skipped)
	}
}

func BenchmarkCinC(b *testing.B) {
	var content bytes.Buffer
	content.WriteString("patient,HR,O2Sat,Temp,SBP,MAP,DBP,Resp,EtCO2,BaseExcess,HCO3,FiO2,pH,PaCO2,SaO2,AST,BUN,Alkalinephos,Calcium,Chloride,Creatinine,Bilirubin_direct,Glucose,Lactate,Magnesium,Phosphate,Potassium,Bilirubin_total,TroponinI,Hct,Hgb,PTT,WBC,Fibrinogen,Platelets,Age,Gender,Unit1,Unit2,HospAdmTime,ICULOS,SepsisLabel\n")
	for p := range 1000 {
		for h := range 50 {
			fmt.Fprintf(&content, "p%06d,%d,%d,36.%d,%d,%d,%d,%d,,,,,,,,,19,,8.3,,1.18,,190,,1.8,,4.7,,,32.3,10.8,,15.5,,337,%d,1,,,-2.83,%d,0\n",
				p, 70+h%40, 90+h%10, h%10, 100+h, 70+h%20, 60+h%20, 12+h%14, 40+p%50, h+1)
		}
	}
	r, err := Open(file(b, "x.csv.gz", content.String()), Options{})
	if err != nil {
		b.Fatal(err)
	}
	benchmark(b, r)
}

func BenchmarkCinCReal(b *testing.B) {
	r, err := Open(real(b, "cinc2019-sepsis-setB/dev.csv.gz"), Options{})
	if err != nil {
		b.Fatal(err)
	}
	benchmark(b, r)
}

func benchmark(b *testing.B, r *Recording) {
	b.ReportAllocs()
	var rows int64
	sum := 0.0
	for b.Loop() {
		for row, err := range r.Rows() {
			var bad *RowError
			if err != nil && !errors.As(err, &bad) {
				b.Fatal(err)
			}
			if len(row.Reading.Values) > 0 {
				sum += row.Reading.Values[0].Number
			}
		}
		rows += r.Counts().Rows
	}
	if math.IsNaN(sum) {
		b.Fatal(sum)
	}
	b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "rows/s")
}
