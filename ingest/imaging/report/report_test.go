package report

import (
	"errors"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"wardwatch/ward"
)

// One JSON value that is safe to take apart passes; nothing else does.
func TestCheckJSON(t *testing.T) {
	for _, c := range []struct {
		name, json, want string
	}{
		{"an object", `{"a":[1,{"a":2}],"b":{"a":null}}`, ""},
		{"text", `"a"`, ""},
		{"a list of objects that say the same", `[{"a":1},{"a":1}]`, ""},
		{"nothing", ``, "too early"},
		{"cut short", `{"a":[1`, "too early"},
		{"a name twice", "{\"a\":1,\n \"a\":2}", "line 2"},
		{"a name twice, written otherwise", `{"a":1,"\u0061":2}`, "twice"},
		{"a name twice inside", `[{"b":{"a":1,"a":2}}]`, "twice"},
		{"two values", `{} {}`, "more than one"},
		{"no JSON", `{a:1}`, "line 1"},
		{"a bracket too many", `[1]]`, "not JSON"},
		{"deep", strings.Repeat("[", maxDepth+1) + strings.Repeat("]", maxDepth+1), "deep"},
		{"as deep as may be", strings.Repeat("[", maxDepth) + strings.Repeat("]", maxDepth), ""},
		{"many values", "[" + strings.Repeat("1,", maxTokens) + "1]", "too many"},
		{"long", `"` + strings.Repeat("a", MaxJSON) + `"`, "bytes long"},
	} {
		err := CheckJSON([]byte(c.json))
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
}

// What the words of a report mean.
func TestPresence(t *testing.T) {
	sct := func(v string) Code { return Code{System: ward.SystemSNOMED, Value: v, Text: "?"} }
	for _, c := range []struct {
		code Code
		want Said
	}{
		{sct("52101004"), There}, {sct("272519000"), NotThere}, {sct("2667000"), NotThere}, {sct("373067005"), NotThere},
		{sct("415684004"), There}, {sct("82334004"), Undecided}, {sct("39607008"), Unsaid},
		{Code{System: "SRT", Value: "G-A203", Text: "Present"}, There}, {Code{System: "SRT", Value: "R-4089B", Text: "Absent"}, NotThere},
		{Code{System: SystemLOINC, Value: "LA9634-2", Text: "?"}, NotThere}, {Code{System: systemYesNo, Value: "Y"}, There},
		{Code{Value: "N"}, Unsaid}, {Code{Text: " Not  Detected"}, NotThere}, {Code{Text: "Presentation"}, Unsaid}, {Code{}, Unsaid},
	} {
		if got := c.code.Presence(); got != c.want {
			t.Errorf("%+v: %v, want %v", c.code, got, c.want)
		}
	}
}

func TestSideAndRegion(t *testing.T) {
	for text, want := range map[string]string{
		"Left": ward.LateralityLeft, "right lower lobe": ward.LateralityRight, "Phổi phải": ward.LateralityRight, "hai bên": ward.LateralityBoth,
		"Left and right lung": ward.LateralityBoth, "L": ward.LateralityLeft, "l5": "", "upright": "", "": "", "central": "",
	} {
		if got := SideOf(text); got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
	for _, c := range []struct {
		code Code
		want string
	}{
		{Code{Value: "51185008"}, Chest}, {Code{Text: "THORAX"}, Chest}, {Code{Text: "XR Chest 2 Views"}, Chest}, {Code{Text: "Ngực"}, Chest},
		{Code{Text: "Thoracic spine"}, "thoracic spine"}, {Code{Text: "ABDOMEN"}, "abdomen"}, {Code{}, ""},
	} {
		if got := c.code.Region(); got != c.want {
			t.Errorf("%+v is %q, want %q", c.code, got, c.want)
		}
	}
}

func TestIsLikelihood(t *testing.T) {
	for _, c := range []struct {
		code Code
		want bool
	}{
		{Code{System: SystemDICOM, Value: "111012"}, true}, {Code{System: "99X", Value: "111012"}, false}, {Code{Text: "AI Confidence score"}, true},
		{Code{Text: "Probability of pneumonia"}, true}, {Code{Text: "Score"}, true}, {Code{Text: "Brixia score"}, false},
		{Code{Text: "Confidence interval, lower"}, false}, {Code{Text: "Likelihood ratio"}, false}, {Code{Text: "Volume"}, false},
	} {
		if got := c.code.IsLikelihood(); got != c.want {
			t.Errorf("%+v: %v", c.code, got)
		}
	}
}

func TestSystem(t *testing.T) {
	for sent, want := range map[string]string{
		"SCT": ward.SystemSNOMED, "http://snomed.info/sct/900000000000207008/version/20260101": ward.SystemSNOMED, "RADLEX": ward.SystemRadLex,
		"http://www.radlex.org/": ward.SystemRadLex, "DCM": SystemDICOM, "LN": SystemLOINC, "SRT": "SRT", "99VENDOR": "99VENDOR", " urn:x ": "urn:x",
	} {
		if got := System(sent); got != want {
			t.Errorf("%q is %q, want %q", sent, got, want)
		}
	}
}

// A word beside a number decides whether the finding counts as there, whatever threshold stands in for
// the sender's; a number alone stays as it is.
func TestWeigh(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := Word{
			Said:   rapid.SampledFrom([]Said{Unsaid, There, NotThere, Undecided}).Draw(t, "said"),
			Scored: rapid.Bool().Draw(t, "scored"), Score: rapid.Float64Range(0, 1).Draw(t, "score"),
		}
		if rapid.Bool().Draw(t, "told") {
			w.Threshold = rapid.Float64Range(0, 1).Draw(t, "threshold")
		}
		score, threshold, ok := w.Weigh()
		if !ok {
			if w.Claims() && !(w.Said == There && w.Score == 0) && !(w.Said == NotThere && w.Score == 1) {
				t.Fatalf("%+v is not understood", w)
			}
			return
		}
		f := ward.Finding{Score: score, Threshold: threshold}
		least := rapid.Float64Range(0.01, 0.99).Draw(t, "least")
		if w.Said == There && !f.Present(least) || w.Said == NotThere && f.Present(least) {
			t.Fatalf("%+v becomes %v of %v", w, score, threshold)
		}
		if w.Scored && score != w.Score {
			t.Fatalf("the score %v became %v", w.Score, score)
		}
		if w.Said == Unsaid && threshold != w.Threshold {
			t.Fatalf("the threshold %v became %v", w.Threshold, threshold)
		}
	})
}

// Of two words on one thing the one that raises more concern is kept, whatever the order.
func TestFinishJoins(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		scores := rapid.SliceOfN(rapid.Float64Range(0, 1), 1, 6).Draw(t, "scores")
		r := ward.ImagingReport{Study: ward.Study{UID: "1.2"}}
		most, seen := 0.0, false
		for _, s := range scores {
			present := rapid.Bool().Draw(t, "present")
			r.Findings = append(r.Findings, ward.Finding{Code: "c", Score: s})
			r.Reads = append(r.Reads, ward.Read{Code: "c", Present: present, At: time.Unix(int64(len(r.Reads)), 0)})
			most, seen = max(most, s), seen || present
		}
		if err := Finish(&r, Options{Source: "s"}); err != nil {
			t.Fatal(err)
		}
		if len(r.Findings) != 1 || r.Findings[0].Score != most || len(r.Reads) != 1 || r.Reads[0].Present != seen {
			t.Fatalf("%+v", r)
		}
	})
}

// What everybody behind a report relies on is checked, and no error says whose it is.
func TestFinishRefuses(t *testing.T) {
	good := ward.Finding{Code: "c", Score: 0.5}
	with := func(change func(*ward.ImagingReport)) ward.ImagingReport {
		r := ward.ImagingReport{Of: ward.Claim{HospitalID: "BN-1"}, Study: ward.Study{UID: "1.2"}, Findings: []ward.Finding{good}}
		change(&r)
		return r
	}
	for name, r := range map[string]ward.ImagingReport{
		"no code":                  with(func(r *ward.ImagingReport) { r.Findings[0].Code = " " }),
		"no study":                 with(func(r *ward.ImagingReport) { r.Study.UID = "" }),
		"a read of no study":       with(func(r *ward.ImagingReport) { r.Study.UID, r.Findings, r.Reads = "", nil, []ward.Read{{Code: "c"}} }),
		"a retraction of no study": with(func(r *ward.ImagingReport) { r.Study.UID, r.Findings, r.Retracts = "", nil, []ward.Retraction{{}} }),
		"a score over one":         with(func(r *ward.ImagingReport) { r.Findings[0].Score = 1.1 }),
		"a long code":              with(func(r *ward.ImagingReport) { r.Findings[0].Code = strings.Repeat("c", 200) }),
		"a code of two lines":      with(func(r *ward.ImagingReport) { r.Findings[0].Code = "c\nd" }),
		"a long patient number":    with(func(r *ward.ImagingReport) { r.Of.HospitalID = "BN-1" + strings.Repeat("0", 70) }),
		"too many":                 with(func(r *ward.ImagingReport) { r.Findings = make([]ward.Finding, MaxFindings+1) }),
	} {
		err := Finish(&r, Options{Source: "s"})
		var e *ward.Error
		if !errors.As(err, &e) || e.Hint == "" || strings.Contains(err.Error(), "BN-1") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A label is one line of bounded length; a study is named by its UID, and by the accession only without.
func TestFinishShapes(t *testing.T) {
	r := ward.ImagingReport{
		Of: ward.Claim{Accession: " A1 "}, Study: ward.Study{UID: "1.2"},
		Findings: []ward.Finding{{Code: "c", Score: 1, Label: "a\n\tb" + strings.Repeat("x", 300)}}, Retracts: []ward.Retraction{{}},
	}
	if err := Finish(&r, Options{Source: "s", Received: time.Unix(1, 0)}); err != nil {
		t.Fatal(err)
	}
	if l := r.Findings[0].Label; len([]rune(l)) != maxText || !strings.HasPrefix(l, "a bxx") {
		t.Errorf("label %q", l)
	}
	if x := r.Retracts[0]; x.StudyUID != "1.2" || x.Accession != "" || !x.At.Equal(time.Unix(1, 0)) {
		t.Errorf("%+v", x)
	}
	if r.Findings[0].Accession != "A1" {
		t.Errorf("accession %q", r.Findings[0].Accession)
	}
}

func FuzzCheckJSON(f *testing.F) {
	f.Add([]byte(`{"a":[1,"b",{"c":null}]}`))
	f.Add([]byte(`[]]`))
	f.Fuzz(func(t *testing.T, b []byte) { _ = CheckJSON(b) })
}
