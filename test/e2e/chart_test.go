//go:build e2e

package e2e

import (
	"compress/gzip"
	"encoding/csv"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// This file reads the MIMIC-III demo as its MAPPING.md says, for the tests' own use. It shares no
// code with the product: names of vitals, codes and limits are written down a second time.

// entry is what one device is held to have shown of one patient at one minute.
type entry struct {
	minute int // from the admission to intensive care
	cuff   bool
	values map[string]float64 // by the vital's name in InfluxDB, in its fixed unit
}

// patient is one stay of the file; entries are in order of minute, the cuff before the line.
type patient struct {
	id      string
	entries []entry
}

func (p *patient) first() int { return p.entries[0].minute }

// row is one charted value.
type row struct {
	item  int
	value string
}

// signals says which item numbers mean a vital. Where two stand at one minute, those of the second
// list give way: a cuff to an arterial line, a ventilator's total to a charted rate.
var signals = map[string][2][]int{
	"hr":      {{211, 220045}, nil},
	"rr":      {{618, 220210}, {615, 224690}},
	"spo2":    {{646, 220277}, nil},
	"sbp":     {{51, 6701, 220050}, {455, 442, 220179}},
	"dbp":     {{8368, 8555, 220051}, {8441, 8440, 220180}},
	"map":     {{52, 6702, 220052}, {456, 443, 220181}},
	"temp":    {{676, 678, 223761}, nil},
	"fio2":    {{190, 223835}, nil},
	"o2_flow": {{470, 471, 223834, 227287}, nil},
}

var (
	fahrenheit = []int{678, 223761}
	percent    = []int{223835}
	oxygen     = []int{467, 468, 226732}
	eyes       = []int{184, 220739}
	speech     = []int{723, 223900}
	ventilator = []int{720, 223848, 223849}
)

// wire is the range in which the contract takes a vital, both ends included.
var wire = map[string][2]float64{
	"hr": {0, 400}, "pr": {0, 400}, "rr": {0, 200}, "spo2": {0, 100}, "sbp": {-50, 400}, "dbp": {-50, 400}, "map": {-50, 400},
	"temp": {10, 50}, "etco2": {0, 250}, "fio2": {0.2, 1}, "o2_flow": {0, 100}, "acvpu": {0, 4}, "o2_device": {0, 8},
}

// oxygenDevices are the contract's codes for the texts of the source.
var oxygenDevices = map[string]float64{
	"none": 0, "room air": 0,
	"nasal cannula": 1, "oxymizer": 1,
	"face tent": 2, "medium conc mask": 2, "trach mask": 2,
	"venti mask": 3, "aerosol-cool": 3, "aerosol-hot": 3, "high flow neb": 3, "hi flow neb": 3, "ultrasonic neb": 3, "vapomist": 3, "t-piece": 3,
	"non-rebreather":          4,
	"high flow nasal cannula": 5,
	"cpap mask":               6,
	"bipap mask":              7,
	"endotracheal tube":       8, "tracheostomy tube": 8, "ventilator": 8,
}

// readChart reads the whole file. Patients come in the order of their first row.
func readChart(t testing.TB, path string) []patient {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var in io.Reader = f
	if strings.HasSuffix(path, ".gz") {
		if in, err = gzip.NewReader(f); err != nil {
			t.Fatal(err)
		}
	}
	r := csv.NewReader(in)
	header, err := r.Read()
	if err != nil {
		t.Fatal(err)
	}
	column := func(name string) int { return slices.Index(header, name) }
	stay, minute, item, value := column("icustay_id"), column("minute_from_icu_in"), column("itemid"), column("value")
	var order []string
	rows := map[string]map[int][]row{}
	for {
		record, err := r.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		id := record[stay]
		if rows[id] == nil {
			rows[id] = map[int][]row{}
			order = append(order, id)
		}
		at, err1 := strconv.Atoi(record[minute])
		number, err2 := strconv.Atoi(record[item])
		if err1 != nil || err2 != nil {
			t.Fatalf("a row of %s has no minute or item: %v", path, record)
		}
		if text := strings.TrimSpace(record[value]); text != "" { // empty values are not measurements
			rows[id][at] = append(rows[id][at], row{number, text})
		}
	}
	var patients []patient
	for _, id := range order {
		if p := settlePatient(id, rows[id]); len(p.entries) > 0 {
			patients = append(patients, p)
		}
	}
	return patients
}

func settlePatient(id string, rows map[int][]row) patient {
	var minutes, ventilated []int
	for m, rs := range rows {
		minutes = append(minutes, m)
		if slices.ContainsFunc(rs, func(r row) bool { return slices.Contains(ventilator, r.item) }) {
			ventilated = append(ventilated, m)
		}
	}
	slices.Sort(minutes)
	p := patient{id: id}
	for _, m := range minutes {
		tube := slices.ContainsFunc(ventilated, func(v int) bool { return v >= m-240 && v <= m+240 })
		line, cuff := settleMinute(rows[m], tube)
		for _, e := range []entry{{m, true, cuff}, {m, false, line}} {
			if len(e.values) > 0 {
				p.entries = append(p.entries, e)
			}
		}
	}
	return p
}

// settleMinute applies the rules of one minute: a later row wins over an earlier one of its rank.
func settleMinute(rows []row, tube bool) (line, cuff map[string]float64) {
	line, cuff = map[string]float64{}, map[string]float64{}
	for vital, ranks := range signals {
		before, hasBefore := latest(vital, rows, ranks[0])
		after, hasAfter := latest(vital, rows, ranks[1])
		switch {
		case hasBefore:
			line[vital] = before
			if hasAfter && vital != "rr" {
				cuff[vital] = after
			}
		case hasAfter:
			line[vital] = after
		}
	}
	for _, r := range rows {
		if !slices.Contains(oxygen, r.item) {
			continue
		}
		if code, known := oxygenDevices[strings.ToLower(r.value)]; known {
			line["o2_device"] = code
		}
	}
	if level, known := consciousness(rows, tube); known {
		line["acvpu"] = level
	}
	return line, cuff
}

// latest is the last usable value that any of the items has.
func latest(vital string, rows []row, items []int) (x float64, ok bool) {
	for _, r := range rows {
		if !slices.Contains(items, r.item) {
			continue
		}
		n, err := strconv.ParseFloat(r.value, 64)
		if err != nil {
			continue
		}
		switch {
		case slices.Contains(fahrenheit, r.item):
			n = (n - 32) * 5 / 9
		case slices.Contains(percent, r.item):
			n /= 100
		}
		if usable(vital, n) {
			x, ok = n, true
		}
	}
	return x, ok
}

func usable(vital string, n float64) bool {
	const shortOf21 = 0.2099999 // 0.21 was kept by the source in 32 bits
	switch {
	case vital == "fio2":
		return n >= shortOf21 && n <= 1
	case vital == "spo2" && n > 0 && n <= 1: // a fraction
		return false
	}
	return n >= wire[vital][0] && n <= wire[vital][1]
}

// consciousness is ACVPU (coded 0 to 4) from the eye and verbal parts of the coma scale.
func consciousness(rows []row, tube bool) (level float64, known bool) {
	eye, verbal, wordless := 0, 0, false
	for _, r := range rows {
		n, err := strconv.ParseFloat(r.value, 64)
		points := int(n)
		whole := err == nil && n == float64(points)
		switch {
		case slices.Contains(eyes, r.item) && whole && points >= 1 && points <= 4:
			eye = points
		case slices.Contains(speech, r.item) && err != nil: // text: "1.0 ET/Trach"
			verbal, wordless = 0, true
		case slices.Contains(speech, r.item) && whole && points >= 1 && points <= 5:
			verbal, wordless = points, false
		}
	}
	switch {
	case wordless || verbal == 1 && tube || eye == 0:
		return 0, false
	case eye < 4:
		return float64(5 - eye), true // 3: V, 2: P, 1: U
	case verbal == 5:
		return 0, true
	case verbal == 3 || verbal == 4:
		return 1, true
	}
	return 0, false
}
