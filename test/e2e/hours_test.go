//go:build e2e

package e2e

import (
	"compress/gzip"
	"encoding/csv"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
)

// This file picks people from the CinC 2019 set, or makes some up in its layout.

// hours is how many rows of each person are taken.
const hours = 30

// Columns of the files written here: what is known of a row, then what a monitor shows.
var (
	aboutRow  = []string{"patient", "ICULOS", "Age", "Gender", "SepsisLabel"}
	monitored = []string{"HR", "O2Sat", "Temp", "SBP", "MAP", "DBP", "Resp", "EtCO2", "FiO2"}
)

// hourRow is one row, by column; a column that is empty was not measured.
type hourRow map[string]string

func (r hourRow) measured() bool {
	return slices.ContainsFunc(monitored, func(vital string) bool { return r[vital] != "" })
}

func (r hourRow) number(t testing.TB, column string) int {
	t.Helper()
	n, err := strconv.ParseFloat(r[column], 64)
	if err != nil || n != float64(int(n)) {
		t.Fatalf("%s of %s is %q, want a whole number", column, r["patient"], r[column])
	}
	return int(n)
}

// hourlyFile writes the first hours of three people to a file: from the real set where there is
// one, with gaps and with EtCO2; otherwise made up.
func hourlyFile(t testing.TB) (path, which string, people [][]hourRow) {
	t.Helper()
	if dir := os.Getenv("WARDWATCH_TESTDATA"); dir != "" {
		people, which = realHours(t, filepath.Join(dir, "cinc2019-sepsis-setB", "dev.csv.gz")), "CinC 2019, set B"
	} else {
		people, which = madeUpHours(), "made-up rows of the CinC 2019 layout (WARDWATCH_TESTDATA is not set)"
	}
	path = filepath.Join(t.TempDir(), "hours.csv")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	w, columns := csv.NewWriter(f), slices.Concat(aboutRow, monitored)
	_ = w.Write(columns) // the writer keeps the first error
	for _, rows := range people {
		for _, row := range rows {
			var cells []string
			for _, column := range columns {
				cells = append(cells, row[column])
			}
			_ = w.Write(cells)
		}
	}
	w.Flush()
	if err := w.Error(); err != nil {
		t.Fatal(err)
	}
	return path, which, people
}

// realHours looks through the real set for three people.
func realHours(t testing.TB, path string) (people [][]hourRow) {
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
	in := csv.NewReader(z)
	header, err := in.Read()
	if err != nil {
		t.Fatal(err)
	}
	var rows []hourRow
	for len(people) < 3 {
		record, err := in.Read()
		if err != nil {
			t.Fatalf("%s: three people with gaps and EtCO2 were not found: %v", path, err)
		}
		row := hourRow{}
		for i, column := range header {
			row[column] = record[i]
		}
		if len(rows) > 0 && rows[0]["patient"] != row["patient"] {
			rows = nil
		}
		if rows = append(rows, row); len(rows) == hours && telling(t, rows) {
			people = append(people, rows)
		}
	}
	return people
}

// telling says whether a person's rows try what can go wrong: an adult with an EtCO2 at times, gaps
// in the vitals, and none so long that the monitor would have to be confirmed anew.
func telling(t testing.TB, rows []hourRow) bool {
	const longestGap = 6
	missing, exhaled, quiet := 0, 0, 0
	for i, row := range rows {
		if row.number(t, "ICULOS")-rows[0].number(t, "ICULOS") != i {
			return false
		}
		if quiet++; row.measured() {
			quiet = 0
		}
		if quiet > longestGap {
			return false
		}
		if row["EtCO2"] != "" {
			exhaled++
		}
		for _, vital := range monitored[:7] { // what is measured of nearly everybody
			if row[vital] == "" {
				missing++
			}
		}
	}
	known := rows[0]["Age"] != "" && rows[0]["Gender"] != ""
	return known && rows[0].number(t, "Age") >= 18 && exhaled >= 3 && missing >= 20
}

// madeUpHours makes three people whose values wander, with gaps.
func madeUpHours() (people [][]hourRow) {
	random := rand.New(rand.NewPCG(20, 19))
	usual := map[string][2]float64{ // and how far from it
		"HR": {86, 14}, "O2Sat": {96, 2.5}, "Temp": {37, 0.7}, "SBP": {122, 16}, "MAP": {84, 8}, "DBP": {62, 6}, "Resp": {18, 4}, "EtCO2": {35, 4},
	}
	for p := range 3 {
		var rows []hourRow
		for hour := range hours {
			row := hourRow{"patient": fmt.Sprintf("made%d", p), "ICULOS": strconv.Itoa(hour + 1), "Age": strconv.Itoa(41 + 17*p), "Gender": strconv.Itoa(p % 2), "SepsisLabel": "0"}
			for _, vital := range monitored {
				x, known := usual[vital]
				seldom := vital == "Temp" && hour%4 != 0 || vital == "EtCO2" && (p != 1 || hour < 8)
				if !known || seldom || hour > 0 && random.IntN(6) == 0 || hour == 11 {
					continue
				}
				row[vital] = strconv.FormatFloat(x[0]+x[1]*(2*random.Float64()-1), 'f', 1, 64)
			}
			rows = append(rows, row)
		}
		people = append(people, rows)
	}
	return people
}
