package replay

import (
	"compress/gzip"
	"context"
	"encoding/csv"
	"errors"
	"io"
	"iter"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"wardwatch/devices"
	"wardwatch/ward"
)

// mimic reads the plain signals of the MIMIC-III demo, one reading a row: enough to see that real
// numbers come through the wire unchanged.
func mimic(t *testing.T) iter.Seq2[ward.Reading, error] {
	dir := os.Getenv("WARDWATCH_TESTDATA")
	if dir == "" {
		return nil
	}
	file, err := os.Open(filepath.Join(dir, "mimic3-demo-vitals", "dev_vitals.csv.gz"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { file.Close() })
	z, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	signals := map[string]ward.Vital{"HR": ward.HR, "RR": ward.RR, "SpO2": ward.SpO2, "SBP": ward.SBP, "DBP": ward.DBP, "MAP": ward.MAP, "TempC": ward.Temp}
	rows := csv.NewReader(z)
	return func(yield func(ward.Reading, error) bool) {
		for {
			row, err := rows.Read()
			if errors.Is(err, io.EOF) {
				return
			}
			minute, err1 := strconv.Atoi(row[2])
			x, err2 := strconv.ParseFloat(row[5], 64)
			v, ok := signals[row[3]]
			if err != nil || err1 != nil || err2 != nil || !ok || devices.Check(v, x) != nil {
				continue
			}
			at := time.Unix(int64(minute)*60, 0)
			r := ward.Reading{Place: ward.Place{Bed: ward.BedID(row[1])}, Taken: at, At: at, Values: []ward.Value{{Vital: v, Number: x, At: at}}}
			if !yield(r, nil) {
				return
			}
		}
	}
}

func TestRealNumbersComeThroughUnchanged(t *testing.T) {
	seq, which := mimic(t), "the MIMIC-III demo"
	if seq == nil {
		seq, which = shifted(), "five generated readings (WARDWATCH_TESTDATA is not set)"
	}
	p, err := New(seq, options())
	if err != nil {
		t.Fatal(err)
	}
	var d devices.Decoder
	i := 0
	err = p.Run(context.Background(), Pace{Now: func() time.Time { return start }, Send: func(_ context.Context, _ string, payload []byte) error {
		out, fault := d.Decode(payload, nil)
		if fault != nil || out[0].Faults != nil || out[0].Reading.Values[0] != p.Readings[i].Values[0] {
			t.Fatalf("%s: %v", payload, fault)
		}
		i++
		return nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("ran on %s: %d readings of %d patients", which, i, len(p.Patients))
}
