package main

import (
	"encoding/json"
	"errors"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// vector is one public test of a score: inputs as we write them (one or all of them), or as its source does.
type vector struct {
	Score    string            `json:"score"`
	Case     string            `json:"case"`
	Input    map[string]any    `json:"input"`
	Single   map[string]any    `json:"input_single"`
	Raw      map[string]string `json:"raw_input"`
	RawWant  map[string]string `json:"raw_expected"`
	Total    *int              `json:"expected_total"`
	Part     *int              `json:"expected_component"`
	Value    *float64          `json:"expected"`
	Within   float64           `json:"tolerance"`
	Risk     string            `json:"expected_risk"`
	RCPTotal *int              `json:"disagrees_with_rcp"` // the source is wrong: the chart itself gives this
}

var vectorCharts = map[string]string{"NEWS2": "news2", "NEWS1": "news", "MEWS": "mews-subbe-2001", "qSOFA": "qsofa", "SOFA": "sofa", "ROX": "rox"}

// leftOut are the vectors of charts that are not ours, or that do not say enough.
func leftOut(v vector) string {
	switch {
	case strings.HasPrefix(v.Case, "MEWS.v1.2"):
		return "MEWS with urine output is another chart"
	case v.Score == "PEWS":
		return "PEWS Brighton is another chart"
	case v.Case == "qSOFA.v1/All":
		return "its source expects 3 points of the 2 criteria it gives"
	}
	return ""
}

// The public vectors, through the command's own line. Those marked as wrong against the RCP's chart
// follow the chart.
func TestScorePublicVectors(t *testing.T) {
	root := os.Getenv("WARDWATCH_TESTDATA")
	raw, err := os.ReadFile(filepath.Join(root, "score-vectors", "dev.json"))
	if root == "" || errors.Is(err, fs.ErrNotExist) {
		t.Skip("no public vectors in WARDWATCH_TESTDATA: only the worked examples ran")
	}
	if err != nil {
		t.Fatal(err)
	}
	var vectors []vector
	if err := json.Unmarshal(raw, &vectors); err != nil {
		t.Fatal(err)
	}
	lib := library(t)
	ran, out := map[string]int{}, 0
	for _, v := range vectors {
		if why := leftOut(v); why != "" {
			t.Logf("left out %s: %s", v.Case, why)
			out++
			continue
		}
		line := map[string]any{"chart": vectorCharts[v.Score]}
		switch {
		case v.Input != nil:
			add(line, v.Input)
			checkVector(t, v, scoreMap(t, lib, line))
		case v.Single != nil:
			add(line, v.Single)
			checkPart(t, v, scoreMap(t, lib, line))
		case v.Raw != nil:
			add(line, fromSource(t, v))
			checkSource(t, v, scoreMap(t, lib, line))
		default:
			t.Errorf("%s: has no input", v.Case)
		}
		ran[v.Score]++
	}
	t.Logf("ran %v, left out %d of %d", ran, out, len(vectors))
}

func add(line, more map[string]any) {
	for k, x := range more {
		line[k] = x
	}
}

func checkVector(t *testing.T, v vector, got *scored) {
	t.Helper()
	if v.Value != nil {
		if got.valued == nil || got.Value == nil || math.Abs(*got.Value-*v.Value) > v.Within {
			t.Errorf("%s: got %+v, want %g", v.Case, got, *v.Value)
		}
		return
	}
	want := *v.Total
	if v.RCPTotal != nil {
		want = *v.RCPTotal
	}
	if got.Total == nil || *got.Total != want {
		t.Errorf("%s: got %+v, want %d", v.Case, got, want)
	}
	if risk := strings.ReplaceAll(v.Risk, "-", "_"); risk != "" && v.RCPTotal == nil && got.Band != risk {
		t.Errorf("%s: band %s, want %s", v.Case, got.Band, risk)
	}
}

func checkPart(t *testing.T, v vector, got *scored) {
	t.Helper()
	if len(*got.Parts) != 1 || got.LowerBound != *v.Part {
		t.Errorf("%s: got %+v, want %d", v.Case, got, *v.Part)
	}
}

// sourceKeys are our names of what the openEHR guidelines call their inputs and parts.
var sourceKeys = map[string]string{
	"Rate": "hr", "Heart rate": "hr", "Heart Rate": "hr",
	"Respiration rate": "rr", "Respiratory Rate": "rr", "Respiratory rate ≥22": "rr",
	"Systolic": "sbp", "Systolic Blood Pressure": "sbp", "Systolic blood pressure": "sbp", "Systolic blood pressure ≤100": "sbp",
	"Body temperature": "temp", "Temperature": "temp", "SaO2": "spo2", "Oxygen saturation": "spo2",
	"Supplemental oxygen": "o2", "Oxygen therapy": "o2",
	"AVPU Observation": "avpu", "Level of consciousness": "consciousness", "Altered mental status GCS <15": "altered_mentation",
	"GCS Total score": "gcs", "Total Bilirubin (mg/dL)": "bilirubin", "PaO2 (mmHg)": "pao2", "FiO2": "fio2",
	"Platelet count (10*9/L)": "platelets", "Total urine output/24 hr": "urine_24h",
}

// criteria are a value that meets and one that does not meet each yes-or-no criterion of the sources.
var criteria = map[string][2]any{"rr": {21, 22}, "sbp": {101, 100}, "altered_mentation": {false, true}, "o2": {false, true}}

// fromSource writes a source's inputs in our terms.
func fromSource(t *testing.T, v vector) map[string]any {
	t.Helper()
	in := map[string]any{}
	confused := strings.Contains(v.Raw["New Confusion"], "Present")
	for name, text := range v.Raw {
		key, ok := sourceKeys[name]
		switch {
		case name == "New Confusion":
			continue
		case !ok:
			t.Fatalf("%s: we have no name for %q", v.Case, name)
		}
		number, rest, _ := strings.Cut(text, ",")
		x, err := strconv.ParseFloat(number, 64)
		switch {
		case key == "avpu":
			words := strings.Split(text, "|")
			in[key] = words[1][:1]
			if confused && in[key] == "A" {
				in[key] = "C"
			}
		case strings.Contains(text, "|"): // "1|local::at0009|Yes|"
			in[key] = criteria[key][text[0]-'0']
		case err != nil:
			t.Fatalf("%s: %s is %q", v.Case, name, text)
		case rest == "%" && key == "fio2":
			in[key] = x / 100
		case key == "gcs" && x > 15:
			// No such Glasgow Coma Scale: the source gives it no points, and we leave it out.
		default:
			in[key] = x
		}
	}
	return in
}

// checkSource compares the total and every part whose name we know. The sources count what is missing
// as 0, so that their total is our lower bound.
func checkSource(t *testing.T, v vector, got *scored) {
	t.Helper()
	total := v.RawWant["Total score"]
	if total == "" {
		total = v.RawWant["qSOFA Score"]
	}
	if strconv.Itoa(got.LowerBound) != total {
		t.Errorf("%s: got %+v, want %s", v.Case, got, total)
	}
	for name, text := range v.RawWant {
		points, _, _ := strings.Cut(text, "|")
		if key := sourceKeys[name]; key != "" {
			if have, ok := (*got.Parts)[key]; !ok || strconv.Itoa(have) != points {
				t.Errorf("%s: %s gives %d (known %v), want %s", v.Case, key, have, ok, points)
			}
		}
	}
}
