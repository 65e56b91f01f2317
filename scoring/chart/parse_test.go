package chart

import (
	"fmt"
	"strings"
	"testing"
)

// small is a whole chart in as few lines as possible; the tests break it one line at a time.
const small = `id: small
version: "1"
name: {en: Small, vi: Nhỏ}
source: A book
population: {from_months: 192, pregnancy: refused, source: p. 1}
points: [0, 1, 3]
inputs:
  rr: {unit: /min, round_to: 1}
  temp: {unit: °C, round_to: 0.1}
  o2: {unit: no/yes}
  wbc: {unit: 10^9/L}
parts:
  rr:
    - reads: rr
      when: {o2: "no"}
      source: p. 2
      bands: {≤8: 3, 9–20: 0, ≥21: 1}
    - reads: rr
      when: {o2: "yes"}
      source: p. 2
      bands: {≤8: 3, ≥9: 1}
  temp:
    - {reads: temp, source: p. 3, bands: {≤35.0: 3, 35.1–38.0: 0, ">38.0": 1}}
  wbc:
    - {reads: wbc, source: p. 4, bands: {<4: 1, 4–12: 0, ">12": 1}}
levels:
  - {id: low, total: 0–2, band: low, monitor: 12h, source: p. 5, response: {en: Wait., vi: Chờ.}}
  - {id: alarm, single: 3, band: medium, source: p. 5, response: {en: Look., vi: Xem.}}
  - {id: high, total: ≥3, band: high, source: p. 5, response: {en: Call., vi: Gọi.}}
raises:
  - {when: {o2: "yes"}, level: alarm, source: p. 6}
notes:
  - {when: {temp: ≥38.5}, source: p. 7, text: {en: Hot., vi: Nóng.}}
`

const smallValue = `id: ratio
version: "1"
name: {en: Ratio, vi: Tỷ số}
source: A book
population: {from_months: 0, to_months: 192, pregnancy: allowed, source: p. 1}
inputs: {hr: {unit: /min}, sbp: {unit: mmHg}}
value: si
verdicts:
  - {when: {sbp: ≥50}, source: p. 2, bands: {<1: fine, ≥1: bad}}
levels:
  - {id: fine, band: low, source: p. 3, response: {en: Wait., vi: Chờ.}}
  - {id: bad, band: high, source: p. 3, response: {en: Call., vi: Gọi.}}
`

func TestASmallChartIsGood(t *testing.T) {
	for _, text := range []string{small, smallValue} {
		if _, err := Parse("small.yaml", []byte(text)); err != nil {
			t.Error(err)
		}
	}
}

// Each mistake is told with its line and what to do about it.
func TestMistakesInAChart(t *testing.T) {
	for _, x := range []struct {
		what, from, to string
		line           int
		says           []string
	}{
		{"an unknown key", "source: A book", "source: A book\ncolour: red", 5, []string{`no "colour"`, "it may have"}},
		{"a key twice", "source: A book", "source: A book\nsource: B", 5, []string{"twice", "keep one"}},
		{"a missing key", "source: A book\n", "", 1, []string{`lacks "source"`, "add it"}},
		{"a bad id", "id: small", "id: Small Chart", 1, []string{"small letters"}},
		{"only one language", "{en: Small, vi: Nhỏ}", "{en: Small}", 3, []string{`lacks "vi"`}},
		{"an unknown input", "reads: temp", "reads: tempo", 23, []string{`no input "tempo"`}},
		{"an input that is not declared", "  wbc: {unit: 10^9/L}\n", "", 24, []string{`"wbc"`, "not among the inputs"}},
		{"an input that nothing reads", "  wbc: {", "  gcs: {unit: points}\n  wbc: {", 11, []string{`"gcs"`, "remove it"}},
		{"a wrong unit", "unit: °C", "unit: °F", 9, []string{`"°C"`, "convert"}},
		{"an unknown unit", "{unit: 10^9/L}", "{unit: G/l}", 11, []string{`"10^9/L"`}},
		{"a gap", "9–20: 0, ≥21: 1", "9–19: 0, ≥21: 1", 17, []string{`gap between "9–19" and "≥21"`}},
		{"an overlap", "9–20: 0, ≥21: 1", "9–21: 0, ≥21: 1", 17, []string{`"≥21" overlaps "9–21"`}},
		{"not ascending", "≤35.0: 3, 35.1–38.0: 0", "35.1–38.0: 0, ≤35.0: 3", 23, []string{"out of order"}},
		{"a hundredth's gap", `4–12: 0, ">12": 1`, "4–12: 0, ≥12.1: 1", 25, []string{"gap"}},
		{"both ends included", `4–12: 0, ">12": 1`, "4–12: 0, ≥12: 1", 25, []string{"overlaps"}},
		{"no lowest band", "≤35.0: 3, 35.1–38.0: 0", "35.1–38.0: 0", 23, []string{"nothing is said below"}},
		{"no highest band", `, ">38.0": 1`, "", 23, []string{"nothing is said above"}},
		{"no bands", "{<4: 1, 4–12: 0, \">12\": 1}", "{}", 25, []string{"no bands"}},
		{"a limit between the steps", "35.1–38.0: 0, \">38.0\"", "35.1–38.05: 0, \">38.05\"", 23, []string{"between the steps of 0.1"}},
		{"an unreachable band", `">12": 1}`, `12–2000: 1, ">2000": 1}`, 25, []string{"never be reached"}},
		{"not a range", "9–20: 0", "nine: 0", 17, []string{"is not a range", "≤8"}},
		{"an empty range", "9–20: 0", "20–9: 0", 17, []string{"holds nothing"}},
		{"points out of range", "≤8: 3, 9–20", "≤8: 2, 9–20", 17, []string{`"2" points`, "[0 1 3]"}},
		{"no source of a row", "source: p. 4, ", "", 25, []string{`lacks "source"`}},
		{"no response", ", response: {en: Wait., vi: Chờ.}", "", 27, []string{`lacks "response"`}},
		{"no levels", small[strings.Index(small, "  - {id: low"):strings.Index(small, "raises:")], "  []\n", 27, []string{"no response"}},
		{"half a total", "total: 0–2,", "total: 0–2.5,", 27, []string{"between the steps"}},
		{"a total left out", "total: ≥3", "total: ≥4", 29, []string{"must begin at 3"}},
		{"a total never reached", "total: ≥3", "total: 3–90", 29, []string{"never be reached", "the most is 7"}},
		{"an open end", "total: ≥3", "total: 3–5", 27, []string{"no response to a total of 6"}},
		{"a level that only a raise reaches", "single: 3, band", "band", 31, nil},
		{"a level nothing reaches", "  - {id: high,", "  - {id: lost, band: medium, source: p. 5, response: {en: Look., vi: Xem.}}\n  - {id: high,", 29, []string{"nothing reaches"}},
		{"a single that no part gives", "single: 3, band", "single: 2, band", 28, []string{"no part ever gives 2"}},
		{"two levels of one band", "band: medium", "band: high", 29, nil},
		{"milder after worse", "total: ≥3, band: high", "total: ≥3, band: low", 29, []string{"milder"}},
		{"a band that is none", "band: medium", "band: orange", 28, []string{"low_medium"}},
		{"unknown as a band", "band: medium", "band: unknown", 28, []string{"low_medium"}},
		{"a raise to nowhere", "level: alarm", "level: panic", 31, []string{`no level "panic"`}},
		{"a time that is none", "monitor: 12h", "monitor: often", 27, []string{"30m"}},
		{"a case left out", `when: {o2: "yes"}` + "\n      source: p. 2", `when: {o2: "no"}` + "\n      source: p. 2", 13, []string{"keep one"}},
		{"cases that hold at once", `      when: {o2: "yes"}` + "\n", "", 13, []string{"hold at once"}},
		{"a condition on a range", `when: {o2: "yes"}` + "\n      source: p. 2", "when: {wbc: ≥4}\n      source: p. 2", 18, []string{"coded input"}},
		{"a word that is none", `{o2: "yes"}, level`, `{o2: maybe}, level`, 31, []string{`no "maybe"`, "no, yes"}},
		{"nothing settles a part", "{reads: wbc, ", "{reads: wbc, only_adds: yes, ", 24, []string{"settles"}},
		{"a variant that is none", "{reads: wbc, ", "{reads: wbc, variants: big, ", 25, []string{`no variant "big"`}},
		{"points and a value", "points: [0, 1, 3]", "points: [0, 1, 3]\nvalue: si", 1, []string{"decide which"}},
		{"points that do not go up", "[0, 1, 3]", "[0, 3, 1]", 6, []string{"go up from 0"}},
		{"a pregnancy that is none", "pregnancy: refused", "pregnancy: maybe", 5, []string{`"allowed"`}},
		{"not a mapping", "name: {en: Small, vi: Nhỏ}", "name: Small", 3, []string{"mapping"}},
		{"an alias", "source: A book", "source: &s A book\nmore: *s", 5, []string{`no "more"`}},
	} {
		broken := strings.Replace(small, x.from, x.to, 1)
		if broken == small {
			t.Errorf("%s: the test changes nothing", x.what)
			continue
		}
		_, err := Parse("small.yaml", []byte(broken))
		if x.says == nil {
			if err != nil {
				t.Errorf("%s: should be allowed, but: %v", x.what, err)
			}
			continue
		}
		if err == nil || !strings.Contains(err.Error(), fmt.Sprintf("small.yaml:%d: ", x.line)) {
			t.Errorf("%s: want an error at line %d, got: %v", x.what, x.line, err)
			continue
		}
		for _, s := range x.says {
			if !strings.Contains(err.Error(), s) {
				t.Errorf("%s: the error should say %q, but says: %v", x.what, s, err)
			}
		}
	}
}

func TestMistakesInAValueChart(t *testing.T) {
	for from, says := range map[string][2]string{
		"value: si":                 {"value: bmi", `no value "bmi"`},
		"≥1: bad":                   {"≥1: worse", `no level "worse"`},
		"<1: fine, ≥1":              {"<1: fine, ≥2", "gap"},
		"sbp: {unit: mmHg}":         {"dbp: {unit: mmHg}", `"sbp" is read here`},
		"id: bad, band":             {"id: bad, total: ≥3, band", "no totals"},
		"to_months: 192":            {"to_months: 1, from_months: 2", "twice"},
		"from_months: 0, to_months": {"from_months: 200, to_months", "ends before it begins"},
		"levels:":                   {"  - {source: p. 4, bands: {<1: fine, ≥1: bad}}\n  - {source: p. 5, bands: {<1: fine, ≥1: bad}}\nlevels:", "never be reached"},
	} {
		broken := strings.Replace(smallValue, from, says[0], 1)
		if _, err := Parse("ratio.yaml", []byte(broken)); err == nil || !strings.Contains(err.Error(), says[1]) {
			t.Errorf("%q for %q: want %q, got %v", says[0], from, says[1], err)
		}
	}
}

func TestMistakesInVariants(t *testing.T) {
	const plain = "points: [0, 1, 3]\n"
	for variants, says := range map[string]string{
		"variants:\n  one: {spo2_scale: 1, source: s}\n":                                                                     "both",
		"variants:\n  one: {spo2_scale: 1, source: s}\n  two: {spo2_scale: 1, source: s}\n":                                  "both",
		"variants:\n  one: {source: s}\n":                                                                                    `"spo2_scale" or "age_months"`,
		"variants:\n  young: {age_months: 0–<12, source: s}\n  old: {age_months: 13–<192, source: s}\n":                      "begins where the last",
		"variants:\n  young: {age_months: 0–12, source: s}\n":                                                                "begins where the last",
		"variants:\n  young: {age_months: 0–<12, source: s}\n":                                                               "let them meet",
		"variants:\n  young: {age_months: 0–<12, source: s}\n  two: {spo2_scale: 1, source: s}\n":                            "all variants the same",
		"variants:\n  young: {age_months: 0–<12}\n":                                                                          `lacks "source"`,
		"variants:\n  young: {age_months: soon, source: s}\n":                                                                "begins where the last",
		"variants:\n  one: {spo2_scale: 3, source: s}\n":                                                                     "whole number from 1 to 2",
		"variants:\n  Ω: {spo2_scale: 1, source: s}\n  two: {spo2_scale: 2, source: s}\n":                                    "short id",
		"variants:\n  one: {spo2_scale: 1, source: s}\n  two: {spo2_scale: 2, source: s}\n  x: {spo2_scale: 2, source: s}\n": "both",
	} {
		broken := strings.Replace(small, plain, plain+variants, 1)
		if _, err := Parse("small.yaml", []byte(broken)); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: want %q, got %v", variants, says, err)
		}
	}
}

func TestNotAChartAtAll(t *testing.T) {
	for text, says := range map[string]string{
		"":                                      "EOF",
		"- a\n- b\n":                            "mapping",
		"id: [":                                 "not a YAML file",
		"id: a\n---\nid: b\n":                   "more than one document",
		strings.Repeat("# long\n", maxFile/6):   "over",
		"\x00":                                  "not a YAML file",
		"a: &a [*a]\n":                          "",
		"{? [a, b] : c}":                        "plain text",
		"id: &x small\nversion: *x\nname: *x\n": "",
	} {
		if _, err := Parse("x.yaml", []byte(text)); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%.20q: want %q, got %v", text, says, err)
		}
	}
}

func TestSpans(t *testing.T) {
	for text, want := range map[string]string{
		"≤8": "-Inf 8 false true", "<= 8": "-Inf 8 false true", "<10": "-Inf 10 false false", "≥25": "25 +Inf true false",
		">38.0": "38 +Inf false false", "9–11": "9 11 true true", "9-11": "9 11 true true", "30–<50": "30 50 true false",
		">235–315": "235 315 false true", ">91–<95": "91 95 false false", "15": "15 15 true true",
	} {
		s, err := parseSpan(text)
		if got := fmt.Sprint(s.low, s.high, s.lowIn, s.highIn); err != nil || got != want {
			t.Errorf("%q: got %s %v, want %s", text, got, err, want)
		}
	}
	for _, text := range []string{"", "≤", "a", "1–", "–1", "1–2–3", "≤1–2", "1e3", "+1", "0x1", "Inf", "NaN", "2–1", ">1–<1", "≤≤1", "9999999999999"} {
		if s, err := parseSpan(text); err == nil {
			t.Errorf("%q was read as %+v", text, s)
		}
	}
}
