package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestScoreLines(t *testing.T) {
	for _, c := range []struct{ in, out string }{
		{`{"chart":"news2","rr":18,"spo2":96,"o2":false,"sbp":120,"hr":80,"consciousness":"A","temp":37.0,"scale":1}`,
			`{"chart":"news2","total":0,"lower_bound":0,"complete":true,"band":"low","parts":{"consciousness":0,"hr":0,"o2":0,"rr":0,"sbp":0,"spo2":0,"temp":0},"missing":[]}`},
		{`{"chart":"news2","rr":26,"spo2":91,"sbp":120}`,
			`{"chart":"news2","total":null,"lower_bound":6,"complete":false,"band":"medium","parts":{"rr":3,"sbp":0,"spo2":3},"missing":["o2","hr","consciousness","temp"]}`},
		{`{"chart":"news2","rr":18}`,
			`{"chart":"news2","total":null,"lower_bound":0,"complete":false,"band":"unknown","parts":{"rr":0},"missing":["spo2","o2","sbp","hr","consciousness","temp"]}`},
		{`{"chart":"news2","age":12,"rr":18}`,
			`{"chart":"news2","total":null,"lower_bound":0,"complete":false,"band":"unknown","parts":{},"missing":[],"refused":"under_16"}`},
		{`{"chart":"news2","spo2":"96"}`, `{"error":"spo2 must be a number, not a string","line":1}`},
		{`{"chart":"news2","spo2":0.96}`, `{"error":"spo2 is 0.96: give it in percent, for example 96, not as a fraction","line":1}`},
		{`{"chart":"news2","o2":false,"o2_device":"nasal_cannula"}`, `{"error":"o2 is false, but o2_device, fio2 or o2_flow say that oxygen is given: correct one of them","line":1}`},
		{`{"chart":"news2","fio2":40}`, `{"error":"fio2 is 40: give a fraction from 0.21 to 1.0, not percent","line":1}`},
		{`{"chart":"news2","temp":98.6}`, `{"error":"temp is 98.6: give it in °C, from 10 to 50","line":1}`},
		{`{"chart":"nonsense"}`, `{"error":"unknown chart \"nonsense\": the charts here are news2","line":1}`},
	} {
		var out strings.Builder
		if err := scoreLines(strings.NewReader(c.in+"\n"), &out); err != nil {
			t.Fatal(err)
		}
		if got := strings.TrimSpace(out.String()); got != c.out {
			t.Errorf("%s\n got %s\nwant %s", c.in, got, c.out)
		}
	}
}

func TestScoreGoesOnAfterABadLine(t *testing.T) {
	var out strings.Builder
	in := "rubbish\n\n" + strings.Repeat("x", maxLine+5) + "\n" + `{"chart":"news2","rr":18}`
	if err := scoreLines(strings.NewReader(in), &out); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 3 || !strings.Contains(lines[0], `"line":1`) || !strings.Contains(lines[1], `"line":3`) || !strings.Contains(lines[2], `"lower_bound":0`) {
		t.Fatalf("got %d lines: %s", len(lines), out.String())
	}
}

// The public vectors of NEWS2, where they are to be had. Those marked as wrong against the RCP's
// chart are left out.
func TestScorePublicVectors(t *testing.T) {
	root := os.Getenv("WARDWATCH_TESTDATA")
	if root == "" {
		t.Skip("WARDWATCH_TESTDATA is not set: only the worked examples ran")
	}
	raw, err := os.ReadFile(filepath.Join(root, "score-vectors", "dev.json"))
	if err != nil {
		t.Skip(err)
	}
	var vectors []struct {
		Score    string          `json:"score"`
		Case     string          `json:"case"`
		Input    json.RawMessage `json:"input"`
		Total    *int            `json:"expected_total"`
		Disagree any             `json:"disagrees_with_rcp"`
	}
	if err := json.Unmarshal(raw, &vectors); err != nil {
		t.Fatal(err)
	}
	ran := 0
	for _, v := range vectors {
		if v.Score != "NEWS2" || v.Input == nil || v.Total == nil || v.Disagree != nil {
			continue
		}
		line := append([]byte(`{"chart":"news2",`), v.Input[1:]...)
		got, err := scoreLine(line)
		if err != nil || got.Total == nil || *got.Total != *v.Total {
			t.Errorf("%s: %s: got %+v %v, want %d", v.Case, v.Input, got, err, *v.Total)
		}
		ran++
	}
	t.Logf("%d public vectors of NEWS2", ran)
}
