package respiratory

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"wardwatch/ward"
)

func TestTheEmbeddedTable(t *testing.T) {
	table := Default()
	if len(table.Codes()) < 20 || table.Version() == "" {
		t.Fatalf("%s: %v", table.Version(), table.Codes())
	}
	for i := range table.rows {
		if table.rows[i].source == "" {
			t.Errorf("%s has no source", table.rows[i].code)
		}
	}
}

// A mistake in the table is refused, with its line and what to do.
func TestParseRefuses(t *testing.T) {
	raw, err := os.ReadFile("table.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ was, is, part, says string }{
		{`"version": "2026-11-3"`, `"version": " "`, "", "version is empty"},
		{`"version"`, `"verzion"`, "", "verzion"},
		{`"adult_from_years": 16`, `"adult_from_years": 0`, "", "give an age in years"},
		{`"adult_from_years": 16`, `"adult_from_years": "16"`, "line 3:", "give a int"},
		{`"least_score": 0.5`, `"least_score": 50`, "", "over 0 and at most 1"},
		{`"fresh_hours": 24`, `"fresh_hours": 100`, "", "each under the next"},
		{`"ventilator": 6`, `"ventilater": 6`, "", "is no oxygen device"},
		{`"support_source": "proposal"`, `"support_source": ""`, "", "say where each is from"},
		{`"device": "simple_mask"`, `"device": "mask"`, "part", "is no oxygen device"},
		{`"device": "simple_mask"`, `"device": "nasal_cannula"`, "part", "is there twice"},
		{`"flow_from": 5`, `"flow_from": 15`, "part", "the lower first"},
		{`{"base": 0.90, "per_litre": 0}`, `{"base": 90, "per_litre": 0}`, "part", "give fractions"},
		{`{"kind": "effusion"`, `{"kind": "Effusion!"`, "part", "small letters"},
		{`"RID34539"`, `"RID5352"`, "part", "stands for pneumothorax already"},
		{`"code": "rox_failure_6h"`, `"code": "rox_failure_2h"`, "part", "is there twice"},
		{`"reads": "sf"`, `"reads": "pf"`, "part", "give one of rox, sf"},
		{`{"under": 3.47}`, `{"under": 3.47, "at_most": 3}`, "part", "exactly one of"},
		{`{"under": 3.47}`, `{}`, "part", "exactly one of"},
		{`{"at_least": 0.40}`, `{"at_least": 40}`, "", "check the unit"},
		{`"limits": {"under": 2.85}, "band": "high"`, `"limits": {"under": 2.85}, "band": "unknown"`, "part", "give one of low, low_medium"},
		{`"limits": {"under": 2.85}, "band": "high"`, `"limits": {"under": 2.85, "within_hours": 2}, "band": "high"`, "part", "within_hours belongs"},
		{`"hours_from": 2, "hours_to": 6`, `"hours_from": 6, "hours_to": 2`, "part", "give the lower first"},
		{`{"devices": ["hfnc"], "hours_from": 12}`, `{"hours_from": 12}`, "part", "name the devices"},
		{`"devices": ["hfnc"]`, `"devices": ["optiflow"]`, "part", "is no oxygen device"},
		{`"spo2_at_most": 97`, `"spo2_at_most": 0.97`, "part", "give per cent"},
		{`"finding": "bilateral_opacities"`, `"finding": "opacities"`, "", "is no kind"},
		{`"band": "high", "unread_band": "medium", "source": "proposal"`, `"band": "high", "source": "proposal"`, "", "go together"},
		{`"band": "high", "unread_band": "medium", "source": "proposal"`, `"band": "low", "unread_band": "medium", "source": "proposal"`, "", "cannot count for less"},
		{`"finding": "oedema"`, `"finding": "bilateral_opacities"`, "", "name the kind"},
		{`"band": "low_medium", "source": "proposal"`, `"band": "low_medium", "source": " "`, "", "no source"},
		{`"clause": "abstract: at 2 h below 2.85`, `"remark": "abstract: at 2 h below 2.85`, "part", "remark"},
		{`"rows": [`, `"rows": [{]`, "", "not JSON"},
	} {
		if !bytes.Contains(raw, []byte(c.was)) {
			t.Errorf("the table has no %s", c.was)
			continue
		}
		line := c.part
		if line == "part" { // where the row, kind or estimate begins
			before := raw[:bytes.Index(raw, []byte(c.was))+1]
			line = fmt.Sprintf("line %d:", 2+bytes.Count(before[:bytes.LastIndex(before, []byte("\n    {"))], []byte("\n")))
		}
		_, err := Parse(bytes.Replace(raw, []byte(c.was), []byte(c.is), 1))
		if err == nil || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), line) {
			t.Errorf("%s: %v; want %q and %q", c.is, err, line, c.says)
		}
	}
	for _, c := range []struct {
		raw  []byte
		says string
	}{
		{nil, "ends too soon"},
		{raw[:len(raw)/2], "ends too soon"},
		{append(raw[:len(raw):len(raw)], "{}"...), "something follows"},
		{bytes.Repeat([]byte{' '}, maxFile+1), "at most"},
		{[]byte(`{"version":"1","adult_from_years":16,"adult_source":"x","support_source":"x","findings":{"fresh_hours":1,"fading_hours":2,"context_hours":3,"least_score":1,"source":"x"}}`), "rows is empty"},
	} {
		if _, err := Parse(c.raw); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%.40q: %v; want %q", c.raw, err, c.says)
		}
	}
}

// Whatever a file holds, it is refused with an error or gives a table that can be used.
func FuzzParse(f *testing.F) {
	f.Add(embedded)
	var small map[string]any
	if err := json.Unmarshal(embedded, &small); err != nil {
		f.Fatal(err)
	}
	small["rows"] = small["rows"].([]any)[:1]
	small["estimates"] = []any{}
	raw, err := json.Marshal(small)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw)
	f.Fuzz(func(t *testing.T, raw []byte) {
		table, err := Parse(raw)
		if err != nil {
			if !strings.HasPrefix(err.Error(), "respiratory table: ") {
				t.Fatalf("%v", err)
			}
			return
		}
		for _, text := range []string{"", well, "spo2=88 fio2=0.9 rr=35 device=hfnc hours=7 weakest=room_air", "spo2=90 rr=30 device=nasal_cannula flow=5"} {
			in := given(t, text)
			in.Findings = []ward.Finding{seenOn("opacity", 1, func(f *ward.Finding) { f.Laterality = "B" })}
			v := View(table, in)
			if v.Band == ward.Low && v.SF == 0 {
				t.Fatalf("%s: %+v", text, v)
			}
		}
	})
}

func BenchmarkView(b *testing.B) {
	in := given(b, "spo2=88 fio2=0.6 rr=32 device=hfnc hours=3 weakest=room_air")
	in.Findings = []ward.Finding{seenOn("opacity", 1, nil), seenOn("effusion", 30, nil)}
	in.Trends = []ward.Trend{{Vital: ward.RR, Means: ward.TrendRising, Reach: span(2), Late: span(4)}}
	for b.Loop() {
		View(Default(), in)
	}
}
