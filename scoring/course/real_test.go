package course

import (
	"bufio"
	"compress/gzip"
	"encoding/binary"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"wardwatch/ward"
)

// Columns of the PhysioNet/CinC Challenge 2019 layout.
var (
	vitalColumns = map[string]ward.Vital{
		"HR": ward.HR, "Resp": ward.RR, "O2Sat": ward.SpO2, "SBP": ward.SBP, "DBP": ward.DBP, "MAP": ward.MAP,
		"Temp": ward.Temp, "EtCO2": ward.EtCO2, "FiO2": ward.FiO2,
	}
	labColumns = map[string]string{
		"BaseExcess": "base_excess", "HCO3": "bicarbonate", "pH": "ph", "PaCO2": "paco2", "SaO2": "sao2", "AST": "ast", "BUN": "bun",
		"Alkalinephos": "alp", "Calcium": "calcium", "Chloride": "chloride", "Creatinine": "creatinine", "Bilirubin_direct": "bilirubin_direct",
		"Glucose": "glucose", "Lactate": "lactate", "Magnesium": "magnesium", "Phosphate": "phosphate", "Potassium": "potassium",
		"Bilirubin_total": "bilirubin_total", "TroponinI": "troponin_i", "Hct": "haematocrit", "Hgb": "haemoglobin", "PTT": "ptt", "WBC": "wbc",
		"Fibrinogen": "fibrinogen", "Platelets": "platelets",
	}
)

// manyFeatures are those worth comparing: each operator of each signal over several windows.
func manyFeatures() []string {
	names := []string{"age", "male"}
	for signal := range Default().signals {
		for _, h := range []int{1, 6, 24} {
			for _, o := range opNames[:opOver] {
				names = append(names, fmt.Sprintf("%s.%s.%d", signal, o, h))
			}
		}
		for _, o := range opNames[opMean:opSlope] {
			names = append(names, signal+"."+o+".all")
		}
	}
	for _, l := range labs {
		names = append(names, "lab."+l+".24", "lab."+l+".48")
	}
	return append(names, "rr.over.24.6", "rr.over.30.24", "spo2.under.92.24", "spo2.under.94.3", "temp.over.38.3.12", "shock_index.over.0.9.24", "sf.under.235.24", "pulse_pressure.under.30.6")
}

// Training and the engine make the same of real people.
func TestFeaturesOfRealPeopleEqualTraining(t *testing.T) {
	data, python := os.Getenv("WARDWATCH_TESTDATA"), os.Getenv("WARDWATCH_PYTHON")
	if data == "" || python == "" {
		t.Skip("real people need WARDWATCH_TESTDATA, and WARDWATCH_PYTHON with numpy and pandas: only the generated people of testdata ran")
	}
	names := manyFeatures()
	plan := planOf(t, names)
	want := train(t, python, names)
	rows, people, zeros := 0, 0, 0
	var c Course
	var last string
	eachRow(t, filepath.Join(data, "cinc2019-sepsis-setB", "dev.csv.gz"), want.people, func(r *realRow) {
		if r.patient != last {
			c, last, people = Course{}, r.patient, people+1
		}
		Default().Believe(&r.values)
		takeHour(&c, r.hour, &r.values, r.labs)
		got := make([]float32, plan.Len())
		plan.Fill(&c, r.who, hourAt(r.hour).Add(30*time.Minute), got)
		for i, y := range want.row(t) {
			if !equal(got[i], float64(y)) {
				t.Errorf("a person's hour %d: %s is %v, training has %v", r.hour, names[i], got[i], y)
			}
			if (got[i] == 0) != (y == 0) {
				zeros++
			}
		}
		rows++
	})
	t.Logf("%d people, %d rows, %d features each", people, rows, len(names))
	if zeros != 0 {
		t.Errorf("%d numbers are 0 in one reader and next to it in the other: a tree that splits at 0 parts them", zeros)
	}
	if rows != want.Rows || people < 300 {
		t.Errorf("compared %d rows of %d people; training printed %d rows", rows, people, want.Rows)
	}
}

type trained struct {
	People []string
	Rows   int
	people map[string]bool
	r      io.Reader
	buffer []float32
}

func train(t *testing.T, python string, names []string) *trained {
	t.Helper()
	cmd := exec.Command(python, "-m", "wardwatch_training.parity", "320")
	cmd.Dir = filepath.Join("..", "..", "training")
	cmd.Stdin, cmd.Stderr = strings.NewReader(strings.Join(names, "\n")), os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := cmd.Wait(); err != nil {
			t.Errorf("training's reader: %v", err)
		}
	})
	r := bufio.NewReaderSize(out, 1<<20)
	head, err := r.ReadBytes('\n')
	if err != nil {
		t.Fatalf("training's reader printed nothing: %v", err)
	}
	w := &trained{r: r, people: map[string]bool{}, buffer: make([]float32, len(names))}
	if err := json.Unmarshal(head, w); err != nil {
		t.Fatal(err)
	}
	for _, p := range w.People {
		w.people[p] = true
	}
	return w
}

func (w *trained) row(t *testing.T) []float32 {
	if err := binary.Read(w.r, binary.LittleEndian, w.buffer); err != nil {
		t.Fatalf("training printed too few rows: %v", err)
	}
	return w.buffer
}

type realRow struct {
	patient string
	hour    int64
	who     Who
	values  [ward.NumVitals]float64
	labs    map[string]float64
}

func eachRow(t *testing.T, name string, people map[string]bool, do func(*realRow)) {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	r := csv.NewReader(z)
	r.ReuseRecord = true
	record, err := r.Read()
	header := append([]string(nil), record...)
	for ; err == nil; record, err = r.Read() {
		if people[record[0]] {
			do(readRow(t, header, record))
		}
	}
	if err != io.EOF {
		t.Fatal(err)
	}
}

func readRow(t *testing.T, header, record []string) *realRow {
	row := &realRow{patient: record[0], values: nothing(), labs: map[string]float64{}, who: Who{math.NaN(), math.NaN()}}
	for i, cell := range record[1:] {
		if cell == "" {
			continue
		}
		x, err := strconv.ParseFloat(cell, 64)
		if err != nil {
			t.Fatal(err)
		}
		column := header[i+1]
		if v, ok := vitalColumns[column]; ok {
			row.values[v] = x
		}
		if l, ok := labColumns[column]; ok {
			row.labs[l] = x
		}
		switch column {
		case "Age":
			row.who.Age = x
		case "Gender":
			row.who.Male = x
		case "ICULOS":
			row.hour = int64(x)
		}
	}
	return row
}
