package chart

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// Every limit of every chart, from the print: what is read, in which circumstances, and the points
// just below, at and just above. A limit in a chart file that has no row here fails the test.
var boundaries = []struct{ chart, part, reads, given, rows string }{
	{"news2", "rr", "rr", "", "0→3 8→3 9→1 11→1 12→0 20→0 21→2 24→2 25→3 60→3"},
	{"news2", "spo2", "spo2", "", "50→3 91→3 92→2 93→2 94→1 95→1 96→0 100→0"},
	{"news2", "spo2", "spo2", "scale=2 o2=no", "50→3 83→3 84→2 85→2 86→1 87→1 88→0 92→0 93→0 97→0 100→0"},
	{"news2", "spo2", "spo2", "scale=2 o2=yes", "50→3 83→3 84→2 85→2 86→1 87→1 88→0 92→0 93→1 94→1 95→2 96→2 97→3 100→3"},
	{"news2", "o2", "o2", "", "no→0 yes→2"},
	{"news2", "sbp", "sbp", "", "40→3 90→3 91→2 100→2 101→1 110→1 111→0 219→0 220→3 300→3"},
	{"news2", "hr", "hr", "", "20→3 40→3 41→1 50→1 51→0 90→0 91→1 110→1 111→2 130→2 131→3 250→3"},
	{"news2", "consciousness", "consciousness", "", "A→0 C→3 V→3 P→3 U→3"},
	{"news2", "temp", "temp", "", "30→3 35.0→3 35.1→1 36.0→1 36.1→0 38.0→0 38.1→1 39.0→1 39.1→2 42→2"},

	{"news", "rr", "rr", "", "0→3 8→3 9→1 11→1 12→0 20→0 21→2 24→2 25→3"},
	{"news", "spo2", "spo2", "scale=2", "50→3 91→3 92→2 93→2 94→1 95→1 96→0 100→0"},
	{"news", "o2", "o2", "", "no→0 yes→2"},
	{"news", "sbp", "sbp", "", "40→3 90→3 91→2 100→2 101→1 110→1 111→0 219→0 220→3"},
	{"news", "hr", "hr", "", "20→3 40→3 41→1 50→1 51→0 90→0 91→1 110→1 111→2 130→2 131→3"},
	{"news", "consciousness", "consciousness", "", "A→0 C→3 V→3 P→3 U→3"},
	{"news", "temp", "temp", "", "30→3 35.0→3 35.1→1 36.0→1 36.1→0 38.0→0 38.1→1 39.0→1 39.1→2"},

	{"mews-subbe-2001", "sbp", "sbp", "", "40→3 70→3 71→2 80→2 81→1 100→1 101→0 199→0 200→2 250→2"},
	{"mews-subbe-2001", "hr", "hr", "", "20→2 39→2 40→2 41→1 50→1 51→0 100→0 101→1 110→1 111→2 129→2 130→3"},
	{"mews-subbe-2001", "rr", "rr", "", "0→2 8→2 9→0 14→0 15→1 20→1 21→2 29→2 30→3"},
	{"mews-subbe-2001", "temp", "temp", "", "30→2 34.9→2 35.0→2 35.1→0 38.4→0 38.5→2"},
	{"mews-subbe-2001", "consciousness", "consciousness", "", "A→0 C→1 V→1 P→2 U→3"},

	{"qsofa", "rr", "rr", "", "10→0 21→0 22→1 30→1"},
	{"qsofa", "sbp", "sbp", "", "80→1 99→1 100→1 101→0"},
	{"qsofa", "altered_mentation", "altered_mentation", "", "no→0 yes→1"},
	{"qsofa", "altered_mentation", "consciousness", "", "A→0 C→1 V→1 P→1 U→1"},
	{"qsofa", "altered_mentation", "gcs", "", "3→1 14→1 15→0"},

	{"sirs", "temp", "temp", "", "34→1 35.9→1 36.0→0 38.0→0 38.1→1 40→1"},
	{"sirs", "hr", "hr", "", "60→0 90→0 91→1"},
	{"sirs", "rr", "rr", "", "12→0 20→0 21→1"},
	{"sirs", "rr", "paco2", "rr=18", "25→1 31.9→1 32→0 32.1→0"},
	{"sirs", "wbc", "wbc", "", "2→1 3.99→1 4→0 12→0 12.01→1"},
	{"sirs", "wbc", "bands", "wbc=8", "0→0 10→0 10.1→1"},

	{"sofa", "respiration", "pf", "ventilated=no", "50→2 199→2 299→2 300→1 399→1 400→0 476→0"},
	{"sofa", "respiration", "pf", "ventilated=yes", "99→4 100→3 199→3 200→2 299→2 300→1 399→1 400→0"},
	{"sofa", "coagulation", "platelets", "", "19.9→4 20→3 49.9→3 50→2 99→2 100→1 149→1 150→0"},
	{"sofa", "liver", "bilirubin", "", "0.3→0 1.19→0 1.2→1 1.9→1 1.99→1 2.0→2 5.99→2 6.0→3 11.99→3 12.0→4 12.1→4"},
	{"sofa", "cardiovascular", "mean_pressure", "", "50→1 69.9→1 70→0 90→0"},
	{"sofa", "cardiovascular", "dopamine", "map=80", "0→0 0.01→2 5→2 5.01→3 15→3 15.1→4"},
	{"sofa", "cardiovascular", "dobutamine", "map=80", "0→0 0.01→2 20→2"},
	{"sofa", "cardiovascular", "epinephrine", "map=80", "0→0 0.01→3 0.1→3 0.101→4"},
	{"sofa", "cardiovascular", "norepinephrine", "map=80", "0→0 0.01→3 0.1→3 0.101→4"},
	{"sofa", "cns", "gcs", "", "3→4 5→4 6→3 9→3 10→2 12→2 13→1 14→1 15→0"},
	{"sofa", "renal", "creatinine", "", "0.6→0 1.19→0 1.2→1 1.99→1 2.0→2 3.49→2 3.5→3 4.99→3 5.0→4"},
	{"sofa", "renal", "urine_24h", "creatinine=1", "0→4 199→4 200→3 499→3 500→0 2000→0"},

	{"npews-england", "rr", "rr", "age_months=0", "9.99→4 10→2 19.99→2 20→1 29.99→1 30→0 49.99→0 50→1 59.99→1 60→2 69.99→2 70→4"},
	{"npews-england", "rr", "rr", "age_months=12", "9.99→4 10→2 19.99→2 20→0 39.99→0 40→1 49.99→1 50→2 59.99→2 60→4"},
	{"npews-england", "rr", "rr", "age_months=60", "9.99→4 10→2 14.99→2 15→1 19.99→1 20→0 24.99→0 25→1 39.99→1 40→2 49.99→2 50→4"},
	{"npews-england", "rr", "rr", "age_months=156", "9.99→4 10→1 14.99→1 15→0 24.99→0 25→1 29.99→1 30→2 39.99→2 40→4"},
	{"npews-england", "hr", "hr", "age_months=11", "79.99→4 80→2 89.99→2 90→1 109.99→1 110→0 149.99→0 150→1 169.99→1 170→2 179.99→2 180→4"},
	{"npews-england", "hr", "hr", "age_months=59", "59.99→4 60→2 69.99→2 70→1 89.99→1 90→0 139.99→0 140→1 149.99→1 150→2 169.99→2 170→4"},
	{"npews-england", "hr", "hr", "age_months=155", "59.99→4 60→2 69.99→2 70→1 79.99→1 80→0 119.99→0 120→1 139.99→1 140→2 159.99→2 160→4"},
	{"npews-england", "hr", "hr", "age_months=191", "49.99→4 50→2 59.99→2 60→1 69.99→1 70→0 99.99→0 100→1 119.99→1 120→2 129.99→2 130→4"},
	{"npews-england", "sbp", "sbp", "age_months=6", "49.99→4 50→2 59.99→2 60→1 69.99→1 70→0 89.99→0 90→1 99.99→1 100→2 109.99→2 110→4"},
	{"npews-england", "sbp", "sbp", "age_months=36", "49.99→4 50→2 59.99→2 60→1 79.99→1 80→0 99.99→0 100→1 119.99→1 120→2 129.99→2 130→4"},
	{"npews-england", "sbp", "sbp", "age_months=100", "69.99→4 70→2 79.99→2 80→1 89.99→1 90→0 109.99→0 110→1 119.99→1 120→2 129.99→2 130→4"},
	{"npews-england", "sbp", "sbp", "age_months=180", "79.99→4 80→2 89.99→2 90→1 99.99→1 100→0 119.99→0 120→1 129.99→1 130→2 139.99→2 140→4"},
	{"npews-england", "resp_distress", "resp_distress", "age_months=6", "none→0 mild→1 moderate→2 severe→4"},
	{"npews-england", "spo2", "spo2", "age_months=6", "80→4 91→4 91.01→1 94.99→1 95→0 100→0"},
	{"npews-england", "oxygen", "o2_device", "age_months=6", "room_air→0 nasal_cannula→0 simple_mask→0 venturi→0 non_rebreather→0 hfnc→4 cpap→4 niv→4 ventilator→4"},
	{"npews-england", "oxygen", "o2", "age_months=6", "no→0 yes→1"},
	{"npews-england", "oxygen", "o2_flow", "age_months=6", "0→0 0.0099→0 0.01→1 1.99→1 2→2 5.99→2 6→4 15→4"},
	{"npews-england", "oxygen", "fio2", "age_months=6", "0.21→0 0.2101→1 0.299→1 0.30→2 0.499→2 0.50→4 1→4"},
	{"npews-england", "cap_refill", "cap_refill", "age_months=6", "1→0 2→0 2.99→0 3→2 5→2"},
}

// What the values of the charts without points mean, at and around every limit.
var verdicts = []struct{ chart, given, rows string }{
	{"rox", "o2_device=hfnc hfnc_hours=2", "2.84→high_risk 2.85→between 4.87→between 4.88→low_risk"},
	{"rox", "o2_device=hfnc hfnc_hours=5.9", "2.84→high_risk 2.85→between 4.88→low_risk"},
	{"rox", "o2_device=hfnc hfnc_hours=6", "3.46→high_risk 3.47→between 4.87→between 4.88→low_risk"},
	{"rox", "o2_device=hfnc hfnc_hours=12", "3.84→high_risk 3.85→between 4.87→between 4.88→low_risk"},
	{"rox", "o2_device=hfnc hfnc_hours=1.9", "2→ 5→"},
	{"rox", "o2_device=hfnc", "2→ 5→"},
	{"rox", "o2_device=venturi hfnc_hours=6", "2→ 5→"},
	{"rox-hr", "o2_device=hfnc hfnc_hours=10", "6.7→not_low_risk 6.80→not_low_risk 6.81→low_risk"},
	{"rox-hr", "o2_device=hfnc hfnc_hours=1", "6→ 7→"},
	{"rox-hr", "o2_device=hfnc hfnc_hours=25", "6→ 7→"},
	{"sf", "o2_device=ventilator", "147→intubated_severe 148→intubated_severe 148.1→intubated_moderate 235→intubated_moderate 235.1→intubated_mild 315→intubated_mild 315.1→not_met"},
	{"sf", "o2_device=hfnc o2_flow=30", "315→non_intubated 315.1→not_met"},
	{"sf", "o2_device=hfnc o2_flow=29.9", "315→resource_limited 315.1→not_met"},
	{"sf", "o2_device=niv peep=5", "100→non_intubated 315→non_intubated 315.1→not_met"},
	{"sf", "o2_device=cpap peep=4.9", "315→resource_limited 315.1→not_met"},
	{"sf", "o2_device=simple_mask", "315→resource_limited 315.1→not_met"},
	{"si", "", "0.4→not_raised 0.7→not_raised 0.701→raised 0.999→raised 1.0→high 1.5→high"},
	{"msi", "", "0.5→not_raised 1.3→not_raised 1.301→raised"},
}

// The level of every total at which it changes.
var totals = map[string]string{
	"news2":           "0→low 1→low 4→low 5→medium 6→medium 7→high 20→high",
	"news":            "0→low 1→low 4→low 5→medium 6→medium 7→high 20→high",
	"mews-subbe-2001": "0→low 4→low 5→critical 14→critical",
	"qsofa":           "0→negative 1→negative 2→positive 3→positive",
	"sirs":            "0→negative 1→negative 2→positive 4→positive",
	"sofa":            "0→below_2 1→below_2 2→organ_dysfunction 24→organ_dysfunction",
	"npews-england":   "0→none 1→low 4→low 5→medium 8→medium 9→high 12→high 13→emergency 26→emergency",
}

var load = sync.OnceValues(Embedded)

func embedded(t testing.TB) *Library {
	t.Helper()
	l, err := load()
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func find(t testing.TB, id string) *Chart {
	t.Helper()
	c, ok := embedded(t).Find(id)
	if !ok {
		t.Fatalf("no chart %s", id)
	}
	return c
}

// given reads a set from words such as "o2=yes scale=2 rr=18".
func given(t testing.TB, words string) Set {
	t.Helper()
	var s Set
	for _, w := range strings.Fields(words) {
		name, value, _ := strings.Cut(w, "=")
		if name == "scale" {
			s.Scale2 = value == "2"
			continue
		}
		in, ok := InputNamed(name)
		if !ok {
			t.Fatalf("no input %q", name)
		}
		s.Put(in, numberOf(t, quantity(in), value))
	}
	return s
}

func numberOf(t testing.TB, q quantity, text string) float64 {
	t.Helper()
	if q.codes() != nil {
		x, ok := Input(q).CodeNamed(text)
		if !ok {
			t.Fatalf("%s has no %q", q.name(), text)
		}
		return x
	}
	x, err := strconv.ParseFloat(text, 64)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// put makes a set in which the quantity is x.
func put(t testing.TB, s *Set, q quantity, x float64) {
	t.Helper()
	switch q {
	case meanPressure:
		s.Put(MAP, x)
	case pfRatio:
		s.Put(FiO2, 1)
		s.Put(PaO2, x)
	case sfRatio:
		s.Put(FiO2, 0.21)
		s.Put(SpO2, x*0.21)
	case roxIndex, roxHRIndex:
		s.Put(FiO2, 0.5)
		s.Put(RR, 20)
		s.Put(SpO2, x*10)
		if q == roxHRIndex {
			s.Put(HR, 100)
		}
	case shockIndex:
		s.Put(SBP, 100)
		s.Put(HR, x*100)
	case modifiedShockIndex:
		s.Put(MAP, 100)
		s.Put(HR, x*100)
	default:
		s.Put(Input(q), x)
	}
	if got, ok := q.read(s); !ok || math.Abs(got-x) > 1e-9 {
		t.Fatalf("%s of %g came out as %g %v", q.name(), x, got, ok)
	}
}

// probes are the values that were tried on each table of the charts.
type probes map[*int8][]float64

func (p probes) add(t *table, x float64) { p[&t.gives[0]] = append(p[&t.gives[0]], x) }

// missing tells the limits of a table without a probe closely below and one closely above.
func (p probes) missing(t *table, q quantity, step float64) (untried []string) {
	for _, limit := range t.limits {
		near := max(step, math.Abs(limit)*0.011, 0.011)
		below, above := false, false
		for _, x := range p[&t.gives[0]] {
			below = below || x < limit && limit-x <= near
			above = above || x >= limit && x-limit <= near
		}
		if q.codes() != nil {
			below, above = p.has(t, math.Floor(limit)), p.has(t, math.Ceil(limit))
		}
		if !below || !above {
			untried = append(untried, fmt.Sprintf("%s around %g", q.name(), limit))
		}
	}
	return untried
}

func (p probes) has(t *table, x float64) bool {
	for _, y := range p[&t.gives[0]] {
		if x == y {
			return true
		}
	}
	return false
}

// each visits "value→wanted" pairs.
func each(rows string, visit func(value, want string)) {
	for _, pair := range strings.Fields(rows) {
		value, want, _ := strings.Cut(pair, "→")
		visit(value, want)
	}
}

func TestEveryBoundaryOfEveryChart(t *testing.T) {
	tried := probes{}
	lib := embedded(t)
	for _, b := range boundaries {
		c, _ := lib.Find(b.chart)
		q, ok := quantityNamed(b.reads)
		if c == nil || !ok {
			t.Fatalf("no chart %s or no input %s", b.chart, b.reads)
		}
		each(b.rows, func(value, want string) {
			s := given(t, b.given)
			x := numberOf(t, q, value)
			put(t, &s, q, x)
			part := partNamed(t, c, b.part)
			got := c.Score(&s).Points[part]
			if fmt.Sprint(got) != want {
				t.Errorf("%s: %s with %s %q: got %d points, want %s", b.chart, b.part, b.reads, value+" "+b.given, got, want)
			}
			tried.add(tableOf(t, c, &s, part, q), x)
		})
	}
	for _, id := range lib.IDs() {
		c, _ := lib.Find(id)
		for _, plans := range c.plans {
			for i := range plans {
				eachTable(&plans[i], func(table *table, q quantity) {
					for _, u := range tried.missing(table, q, stepOf(c, q)) {
						t.Errorf("%s, part %s: no row tries %s", id, c.parts[i].Name, u)
					}
				})
			}
		}
	}
}

func partNamed(t *testing.T, c *Chart, name string) int {
	t.Helper()
	for i, p := range c.Parts() {
		if p.Name == name {
			return i
		}
	}
	t.Fatalf("%s has no part %q", c.ID(), name)
	return 0
}

func eachTable(p *plan, visit func(*table, quantity)) {
	if p.plain != nil {
		visit(p.plain, quantity(p.input))
	}
	for i := range p.ways {
		for j := range p.ways[i].cases {
			visit(&p.ways[i].cases[j].table, p.ways[i].reads)
		}
	}
}

// tableOf is the table that a set is scored by.
func tableOf(t *testing.T, c *Chart, s *Set, part int, q quantity) *table {
	t.Helper()
	p := &c.plans[c.variantOf(s)][part]
	if p.plain != nil {
		return p.plain
	}
	for i := range p.ways {
		for j := range p.ways[i].cases {
			k := &p.ways[i].cases[j]
			if p.ways[i].reads != q {
				continue
			}
			if k.when == nil {
				return &k.table
			}
			if holds, _ := k.when.holds(s); holds {
				return &k.table
			}
		}
	}
	t.Fatalf("%s has no table for %s", c.ID(), q.name())
	return nil
}

// stepOf is what the chart rounds a quantity to, read again from its file.
func stepOf(c *Chart, q quantity) float64 {
	p := parser{reader: reader{file: c.id}, chart: &Chart{}}
	p.read(p.document(c.file))
	return p.step(q)
}

func TestEveryVerdict(t *testing.T) {
	tried := probes{}
	lib := embedded(t)
	for _, b := range verdicts {
		c, _ := lib.Find(b.chart)
		each(b.rows, func(value, want string) {
			s := given(t, b.given)
			x := numberOf(t, c.value, value)
			put(t, &s, c.value, x)
			got := c.Score(&s)
			if got.Verdict != want || !got.HasValue {
				t.Errorf("%s of %s with %q: got %q %v, want %q", b.chart, value, b.given, got.Verdict, got.Value, want)
			}
			for i := range c.verdicts {
				if allHold(c.verdicts[i].when, &s) {
					tried.add(&c.verdicts[i].bands, x)
					break
				}
			}
		})
	}
	for _, id := range lib.IDs() {
		c, _ := lib.Find(id)
		for i := range c.verdicts {
			for _, u := range tried.missing(&c.verdicts[i].bands, c.value, 0) {
				t.Errorf("%s: no row tries %s in verdict %d", id, u, i+1)
			}
		}
	}
}

func TestEveryLevelByTotal(t *testing.T) {
	lib := embedded(t)
	for _, id := range lib.IDs() {
		c, _ := lib.Find(id)
		if c.valued {
			continue
		}
		seen := map[int]bool{}
		each(totals[id], func(value, want string) {
			total, err := strconv.Atoi(value)
			if err != nil || total >= len(c.byTotal) {
				t.Fatalf("%s: total %s is beyond %d", id, value, len(c.byTotal)-1)
			}
			seen[total] = true
			if got := c.levels[c.byTotal[total]].id; got != want {
				t.Errorf("%s: a total of %d is %q, want %q", id, total, got, want)
			}
		})
		for total := 1; total < len(c.byTotal); total++ {
			if c.byTotal[total] != c.byTotal[total-1] && !(seen[total] && seen[total-1]) {
				t.Errorf("%s: no row tries the totals %d and %d", id, total-1, total)
			}
		}
		if !seen[len(c.byTotal)-1] {
			t.Errorf("%s: no row tries the greatest total, %d", id, len(c.byTotal)-1)
		}
	}
}
