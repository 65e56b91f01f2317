package recording

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"wardwatch/devices"
	"wardwatch/ward"
)

func fileIn(t interface{ Fatal(...any) }, folder, content string) string {
	path := filepath.Join(folder, "x.csv")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// linesOf reads from memory, with a line limit small enough for a fuzzer to reach.
func linesOf(content []byte) *lines {
	return &lines{file: io.NopCloser(nil), in: bufio.NewReaderSize(bytes.NewReader(content), 512)}
}

// walk reads content as the layout that its header names and checks what every consumer relies on.
func walk(t *testing.T, content []byte) Counts {
	o := Options{Base: base, Zone: time.UTC}.withDefaults()
	f := linesOf(content)
	header, err := f.header()
	if err != nil {
		return Counts{}
	}
	l, err := recognise(kinds(), header, o)
	if err != nil {
		return Counts{}
	}
	counts := Counts{Skipped: map[Reason]int64{}}
	last := map[ward.BedID]time.Time{}
	out := &sink{counts: &counts, yield: func(row Row, err error) bool {
		if err != nil {
			if len(err.Error()) > 200 {
				t.Fatalf("an error of %d bytes", len(err.Error()))
			}
			return true
		}
		r := &row.Reading
		if !ward.ValidID(string(r.Place.Bed)) || !ward.ValidID(string(r.Device)) || r.Place.Ward != "recorded" {
			t.Fatalf("place %v, device %q", r.Place, r.Device)
		}
		if r.At.Before(last[r.Place.Bed]) {
			t.Fatalf("%v: %v after %v", r.Place, r.At, last[r.Place.Bed])
		}
		last[r.Place.Bed] = r.At
		for _, v := range r.Values {
			if math.IsNaN(v.Number) || math.IsInf(v.Number, 0) || devices.Check(v.Vital, v.Number) != nil {
				t.Fatalf("%v", v)
			}
		}
		return true
	}}
	if err := (&Recording{layout: l, o: o}).read(linesOf(content), out); err != nil {
		t.Fatal(err)
	}
	return counts
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(smallLong))
	f.Add([]byte("patient,time,vital,value,unit\nA,2026-02-01 07:00:00,temp,98.6,F\n\"B\",\"1\",fio2,40,%\n"))
	f.Add([]byte(strings.Join(cincColumns, ",") + "\np1,1,80,97,37,120,80,60,18,,0.5,60,1,0\np1,1,,,,,,,,,,,,1\n"))
	f.Add([]byte(smallMIMIC))
	f.Add([]byte(smallCinC2012))
	f.Add([]byte(smallEICU))
	f.Fuzz(func(t *testing.T, content []byte) { walk(t, content) })
}

// Where quotes stay within their line, the reader agrees with encoding/csv.
func TestSplitAgreesWithEncodingCSV(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		line := rapid.StringMatching(`([a-c ]|,|"){0,20}`).Draw(t, "line")
		std := csv.NewReader(strings.NewReader(line))
		want, wantErr := std.Read()
		if wantErr == io.EOF {
			return
		}
		got, err := linesOf([]byte(line)).next()
		if (err != nil) != (wantErr != nil) {
			t.Fatalf("%q: %v, encoding/csv says %v", line, err, wantErr)
		}
		if err != nil {
			return
		}
		if len(got) != len(want) {
			t.Fatalf("%q: %q, encoding/csv says %q", line, got, want)
		}
		k := rapid.IntRange(0, len(want)-1).Draw(t, "k")
		if one, err := linesOf([]byte(line)).field(k, len(want)); err != nil || string(one) != want[k] {
			t.Fatalf("%q: field %d is %q, encoding/csv says %q (%v)", line, k, one, want[k], err)
		}
		if none, err := linesOf([]byte(line)).field(0, len(want)+1); err != nil || none != nil {
			t.Fatalf("%q has no %d fields, yet %q, %v", line, len(want)+1, none, err)
		}
		for i := range got {
			if string(got[i]) != want[i] {
				t.Fatalf("%q: %q, encoding/csv says %q", line, got, want)
			}
		}
	})
}

// However a file mixes its patients, each comes once, in time order, with every reading counted.
func FuzzPatients(f *testing.F) {
	f.Add([]byte("patient,time,vital,value\nA,0,hr,80\nB,0,hr,70\nA,0,rr,18\nA,0,hr,81\nB,5,hr,71\nA,0,hr,99\n"))
	f.Add([]byte("patient,set,minute,parameter,value\n7,a,0,Age,76\n7,a,7,HR,80\n8,a,7,HR,80\n7,a,7,SysABP,110\n7,a,7,NISysABP,110\n"))
	f.Add([]byte(smallCinC))
	f.Add([]byte(smallEICU))
	folder := f.TempDir()
	f.Fuzz(func(t *testing.T, content []byte) {
		r, err := Open(fileIn(t, folder, string(content)), Options{Base: base})
		if err != nil {
			return
		}
		seen := map[ward.BedID]bool{}
		var readings, values int64
		for c, err := range r.Patients(nil) {
			if err != nil {
				continue
			}
			if seen[c.ID] || len(c.Rows) == 0 {
				t.Fatalf("%s again, or without rows", c.ID)
			}
			seen[c.ID] = true
			for i, row := range c.Rows {
				if row.Reading.Place.Bed != c.ID || i > 0 && row.Reading.At.Before(c.Rows[i-1].Reading.At) {
					t.Fatalf("row %d of %s", i, c.ID)
				}
				values += int64(len(row.Reading.Values))
				if len(row.Reading.Values) > 0 {
					readings++
				}
			}
		}
		n := r.Counts()
		var counted int64
		for _, v := range n.Values {
			counted += v
		}
		if n.Readings != readings || counted != values || n.Patients != int64(len(seen)) || n.Bare < 0 {
			t.Fatalf("%d readings, %d values, %+v", readings, values, n)
		}
	})
}
