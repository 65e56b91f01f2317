package agreement

import (
	"math"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"wardwatch/ward"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func row(present bool, truth ward.Truth, change func(*ward.AgreementRow)) ward.AgreementRow {
	r := ward.AgreementRow{
		Finding: "f", StudyUID: "1.2", Model: "cxr", Version: "1", Device: "Maker A", Code: "36118008", Label: "pneumothorax",
		Present: present, Truth: truth, Acquired: noon, Received: noon.Add(4 * time.Minute), Seen: noon.Add(10 * time.Minute),
	}
	if change != nil {
		change(&r)
	}
	return r
}

func times(n int, r ward.AgreementRow) (out []ward.AgreementRow) {
	for range n {
		out = append(out, r)
	}
	return out
}

func near(a, b float64) bool { return math.Abs(a-b) < 1e-6 || math.IsNaN(a) && math.IsNaN(b) }

// Shares and kappa with their intervals, as statsmodels 0.14 gives them.
func TestFigures(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct {
		tp, fp, fn, tn int
		want           Interval
	}{
		{20, 5, 10, 15, Interval{0.4, 0.151092, 0.648908}},
		{90, 12, 7, 400, Interval{0.881342, 0.829151, 0.933533}},
		{3, 0, 1, 40, Interval{0.845070, 0.548509, 1}}, // 1.14 there: no agreement is over 1
		{10, 10, 10, 10, Interval{0, -0.309898, 0.309898}},
		{0, 5, 5, 90, Interval{-0.052632, -0.085207, -0.020056}},
		{0, 0, 0, 9, Interval{nan, nan, nan}},
		{0, 0, 0, 0, Interval{nan, nan, nan}},
	} {
		k := kappa(c.tp, c.fp, c.fn, c.tn)
		if !near(k.Value, c.want.Value) || !near(k.Low, c.want.Low) || !near(k.High, c.want.High) {
			t.Errorf("kappa of %d %d %d %d: %+v", c.tp, c.fp, c.fn, c.tn, k)
		}
	}
	for _, c := range []struct {
		k, n      int
		low, high float64
	}{{9, 10, 0.595850, 0.982124}, {0, 10, 0, 0.277533}, {10, 10, 0.722467, 1}, {180, 200, 0.850594, 0.934330}, {0, 0, nan, nan}} {
		if w := wilson(c.k, c.n); !near(w.Low, c.low) || !near(w.High, c.high) {
			t.Errorf("%d of %d: %+v", c.k, c.n, w)
		}
	}
}

// What counts against the radiologist, and what only for the share that was right.
func TestWhatCounts(t *testing.T) {
	var rows []ward.AgreementRow
	rows = append(rows, times(8, row(true, ward.TruthPresent, nil))...)
	rows = append(rows, times(2, row(false, ward.TruthPresent, nil))...)
	rows = append(rows, times(1, row(true, ward.TruthAbsent, nil))...)
	rows = append(rows, times(9, row(false, ward.TruthAbsent, nil))...)
	rows = append(rows, times(3, row(true, ward.TruthConfirmed, nil))...)
	rows = append(rows, times(4, row(true, ward.TruthRejected, nil))...)
	rows = append(rows, times(5, row(true, ward.TruthUnknown, nil))...)
	g := Judge(rows, ByModel)
	if len(g) != 1 {
		t.Fatalf("%+v", g)
	}
	if g := g[0]; g.Said != 32 || g.TP != 8 || g.FN != 2 || g.FP != 1 || g.TN != 9 || g.Confirmed != 3 || g.Rejected != 4 ||
		!near(g.Sensitivity.Value, 0.8) || !near(g.Specificity.Value, 0.9) || !near(g.PPV.Value, 11.0/16) {
		t.Errorf("%+v", g)
	}
	if n := len(Errors(rows)); n != 2+1+4 {
		t.Errorf("%d errors to learn from", n)
	}
}

func TestGroupings(t *testing.T) {
	rows := []ward.AgreementRow{
		row(true, ward.TruthPresent, func(r *ward.AgreementRow) { r.Years, r.HasAge, r.Sex = 70, true, ward.Female }),
		row(true, ward.TruthPresent, func(r *ward.AgreementRow) { r.Years, r.HasAge, r.Version, r.Sex = 3, true, "2", ward.Male }),
		row(true, ward.TruthPresent, func(r *ward.AgreementRow) { r.Device = "Maker B" }),
	}
	for by, want := range map[By]string{ByModel: "cxr", ByVersion: "1,2", ByDevice: "Maker A,Maker B", ByAge: ",1-5,65+", BySex: ",female,male"} {
		var got []string
		for _, g := range Judge(rows, by) {
			got = append(got, g.Of)
		}
		if joined := strings.Join(got, ","); joined != want {
			t.Errorf("by %s: %q", by, joined)
		}
	}
}

// A study is timed once, by its first result and the first look at any of its findings. Times that are
// not known, or that run backwards, are left out.
func TestTurnaround(t *testing.T) {
	var rows []ward.AgreementRow
	study := func(uid string, received, seen time.Duration) ward.AgreementRow {
		return row(true, "", func(r *ward.AgreementRow) {
			r.StudyUID, r.Received, r.Seen = uid, noon.Add(received), time.Time{}
			if seen > 0 {
				r.Seen = noon.Add(seen)
			}
		})
	}
	for minutes := 1; minutes <= 10; minutes++ {
		uid := strings.Repeat("1", minutes)
		at := time.Duration(minutes) * time.Minute
		rows = append(rows, study(uid, at, 0), study(uid, at+time.Minute, 0))
	}
	rows = append(rows, study("2", time.Minute, time.Hour), study("2", time.Minute, 11*time.Minute),
		row(true, "", func(r *ward.AgreementRow) { r.StudyUID, r.Acquired = "3", time.Time{} }),
		row(true, "", func(r *ward.AgreementRow) { r.StudyUID, r.Acquired, r.Seen = "4", noon.Add(time.Hour), time.Time{} }))
	got := Turnarounds(rows, ByModel)
	if len(got) != 1 {
		t.Fatalf("%+v", got)
	}
	g := got[0]
	if g.Of != "cxr" || g.Studies != 13 || g.Unseen != 11 || g.Result != (Spread{11, 5 * time.Minute, 9 * time.Minute}) || g.Seen != (Spread{2, 6 * time.Minute, 10 * time.Minute}) {
		t.Errorf("%+v", g)
	}
}

// However rows are put together, nothing is counted twice or lost.
func TestGroupsAddUp(t *testing.T) {
	truths := []ward.Truth{"", ward.TruthPresent, ward.TruthAbsent, ward.TruthConfirmed, ward.TruthRejected}
	rapid.Check(t, func(t *rapid.T) {
		var rows []ward.AgreementRow
		for range rapid.IntRange(0, 40).Draw(t, "n") {
			rows = append(rows, row(rapid.Bool().Draw(t, "present"), rapid.SampledFrom(truths).Draw(t, "truth"), func(r *ward.AgreementRow) {
				r.Years, r.HasAge = rapid.IntRange(0, 100).Draw(t, "years"), rapid.Bool().Draw(t, "age")
				r.Device = rapid.SampledFrom([]string{"a", "b", ""}).Draw(t, "device")
			}))
		}
		whole := sum(Judge(rows, ByModel))
		for _, by := range Groupings {
			if got := sum(Judge(rows, by)); got != whole {
				t.Fatalf("by %s: %v, want %v", by, got, whole)
			}
		}
	})
}

func sum(groups []Group) (n [7]int) {
	for _, g := range groups {
		for i, x := range []int{g.Said, g.TP, g.FP, g.FN, g.TN, g.Confirmed, g.Rejected} {
			n[i] += x
		}
	}
	return n
}

func TestDrift(t *testing.T) {
	at := noon.AddDate(0, 0, -28)
	many := func(n int, when time.Time, change func(i int, r *ward.AgreementRow)) (rows []ward.AgreementRow) {
		for i := range n {
			rows = append(rows, row(true, "", func(r *ward.AgreementRow) {
				r.Received, r.Score = when, float64(i%100)/100
				if change != nil {
					change(i, r)
				}
			}))
		}
		return rows
	}
	before := many(400, at.Add(-time.Hour), nil)
	for _, c := range []struct {
		name  string
		after []ward.AgreementRow
		what  string
		want  Verdict
	}{
		{"as before", many(400, at, nil), "score:36118008", OK},
		{"too few to tell", many(49, at, nil), "score:36118008", TooLittle},
		{"every score is higher", many(400, at, func(_ int, r *ward.AgreementRow) { r.Score = 0.5 + r.Score/2 }), "score:36118008", Breach},
		{"somewhat higher", many(400, at, func(_ int, r *ward.AgreementRow) { r.Score = math.Pow(r.Score, 0.6) }), "score:36118008", Watch},
		{"another machine", many(400, at, func(i int, r *ward.AgreementRow) { r.Device = "Maker B" }), "device", Breach},
		{"other ages", many(400, at, func(i int, r *ward.AgreementRow) { r.Years, r.HasAge = 4, true }), "age", Breach},
		{"the same machine", many(400, at, nil), "device", OK},
	} {
		for _, s := range Drift(append(before[:len(before):len(before)], c.after...), at) {
			if s.What == c.what && s.Verdict != c.want {
				t.Errorf("%s: %+v", c.name, s)
			}
		}
	}
}
