package risk

import (
	"bytes"
	"encoding/csv"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"wardwatch/scoring/course"
	"wardwatch/ward"
)

// filled are the panel's rows of these people.
func filled(p *Panel, people []Subject) []float32 {
	rows := make([]float32, len(people)*p.Width())
	for i := range people {
		s := &people[i]
		p.Fill(s.course(), s.who(), s.At, rows[i*p.Width():(i+1)*p.Width()])
	}
	return rows
}

// Validation asks the very model that serves: the same probability, and the same reasons by what a
// row can tell, which here is everything.
func TestRawIsWhatIsServed(t *testing.T) {
	for what, m := range tinyAndEmbedded(t) {
		people := append(crowd(50, 3), only(but(ward.Temp, 41.9)), only(but(ward.Temp, 44)), only(nil))
		child, unknown := anna(), anna()
		child.Stay.BirthDate = noon.AddDate(-9, 0, 0)
		unknown.Stay.BirthDate = time.Time{}
		people = append(people, child, unknown)
		ids := []string{"deterioration-vitals", "respiratory-vitals"}
		p, err := m.Panel(ids...)
		if err != nil {
			t.Fatal(err)
		}
		rows := filled(p, people)
		results := m.Assess(people)
		for k, id := range ids {
			raw, err := p.PredictRaw(id, rows, len(people))
			if err != nil {
				t.Fatal(err)
			}
			for i, got := range raw {
				r := results[i].Risks[k]
				if got.Withheld != r.Withheld || !slices.Equal(got.Because, r.Because) {
					t.Errorf("%s: %s: %d: withheld %q %v, served %q %v", what, id, i, got.Withheld, got.Because, r.Withheld, r.Because)
				}
				if r.Withheld == ward.NotWithheld && !near(got.P, r.Value, 1e-9) || !(got.P > 0 && got.P < 1) {
					t.Errorf("%s: %s: %d: %v, served %v", what, id, i, got.P, r.Value)
				}
			}
		}
	}
}

func TestRawRefuses(t *testing.T) {
	e := new(fakeEngine)
	m := faked(t, e, folder(tinyModels(), fakeFile.bytes))
	p, err := m.Panel("deterioration-vitals", "vitals-forecast")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.Panel("someone-else"); err == nil {
		t.Error("a panel of a model that is not loaded")
	}
	row := filled(p, []Subject{anna()})
	for _, c := range []struct {
		what, id string
		rows     []float32
		n        int
	}{
		{"a model of another panel", "respiratory-vitals", row, 1},
		{"a model that makes forecasts", "vitals-forecast", row, 1},
		{"rows of another width", "deterioration-vitals", row[1:], 1},
		{"another number of rows", "deterioration-vitals", row, 2},
		{"a negative number of rows", "deterioration-vitals", nil, -1},
	} {
		if _, err := p.PredictRaw(c.id, c.rows, c.n); err == nil {
			t.Errorf("%s was taken", c.what)
		}
	}
	e.on("deterioration-vitals", func(_ []float32, _ int, out []float32) error { out[0] = float32(math.NaN()); return nil })
	if _, err := p.PredictRaw("deterioration-vitals", row, 1); err == nil {
		t.Error("no number was taken for a probability")
	}
}

// A model that is not of the manifest is checked like the others and validated in the place of the
// one of its name, which goes on serving.
func TestExtra(t *testing.T) {
	other := riskModel(tiny("deterioration-vitals", ward.Deterioration))
	other.Linear.Bias = []float32{-17}
	m := opened(t, Options{Files: folder(tinyModels(), fakeFile.bytes), Extra: other.bytes(), engine: new(fakeEngine)})
	if len(m.Problems()) != 0 || len(m.List()) != 4 {
		t.Fatalf("problems %+v, models %+v", m.Problems(), m.List())
	}
	p, err := m.Panel("deterioration-vitals")
	if err != nil {
		t.Fatal(err)
	}
	raw, err := p.PredictRaw("deterioration-vitals", filled(p, []Subject{anna()}), 1)
	if err != nil {
		t.Fatal(err)
	}
	odds := func(p float64) float64 { return math.Log(p / (1 - p)) }
	served := m.Assess([]Subject{anna()})[0].Risks[0].Value
	if !near(odds(raw[0].P)+1, odds(served), 1e-4) {
		t.Errorf("validated %v, served %v", raw[0].P, served)
	}

	m = opened(t, Options{Files: folder(tinyModels(), fakeFile.bytes), Extra: []byte("no model"), engine: new(fakeEngine)})
	if p := m.Problems(); len(p) != 1 || p[0].Role != Extra {
		t.Errorf("problems %+v", p)
	}
}

// pythonRuns makes the library predict in Python what it predicts here.
const pythonRuns = `
import sys
import numpy, onnxruntime
model, rows, out = sys.argv[1:]
x = numpy.loadtxt(rows, delimiter=",", dtype=numpy.float32, ndmin=2)
numpy.savetxt(out, onnxruntime.InferenceSession(model).run(None, {"features": x})[0], fmt="%.9g", delimiter=",")
`

// The library gives the same in Python, where models are trained, on the same rows.
func TestSameAsInPython(t *testing.T) {
	python := os.Getenv("WARDWATCH_PYTHON")
	if python == "" {
		t.Skip("WARDWATCH_PYTHON names no Python with numpy and onnxruntime: not compared")
	}
	m := withLibrary(t, nil)
	people := crowd(300, 5)
	people = append(people, only(nil), only(map[ward.Vital]float64{ward.HR: 90}))
	for _, one := range m.all() {
		p, err := m.Panel(one.about.ID)
		if err != nil {
			t.Fatal(err)
		}
		of := make([]int, len(people))
		sheet := &sheet{panel: p, rows: filled(p, people)}
		for i := range of {
			of[i] = i
		}
		batch := sheet.gather(&p.views[0], of)
		here, err := one.predict(batch, len(people), time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		there := inPython(t, python, one.about.ID, batch, len(one.about.Features))
		if len(here) != len(there) {
			t.Fatalf("%s: %d results here, %d there", one.about.ID, len(here), len(there))
		}
		worst := 0.0
		for i := range here {
			worst = max(worst, math.Abs(float64(here[i])-there[i]))
		}
		t.Logf("%s: %d results, the largest difference is %.2g", one.about.ID, len(here), worst)
		if !(worst <= 1e-5*scaleOf(there)) {
			t.Errorf("%s: differs by %v", one.about.ID, worst)
		}
	}
}

// scaleOf is 1, or the largest of the numbers: float32 has seven figures.
func scaleOf(xs []float64) float64 {
	scale := 1.0
	for _, x := range xs {
		scale = max(scale, math.Abs(x))
	}
	return scale
}

func inPython(t *testing.T, python, id string, batch []float32, features int) []float64 {
	dir := t.TempDir()
	rows, out := filepath.Join(dir, "rows.csv"), filepath.Join(dir, "out.csv")
	var text bytes.Buffer
	for i, x := range batch {
		text.WriteString(strconv.FormatFloat(float64(x), 'g', 9, 32))
		if (i+1)%features == 0 {
			text.WriteByte('\n')
		} else {
			text.WriteByte(',')
		}
	}
	if err := os.WriteFile(rows, text.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	said, err := exec.Command(python, "-c", pythonRuns, filepath.Join("models", id+".onnx"), rows, out).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	f, err := os.Open(out)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	table, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var numbers []float64
	for _, line := range table {
		for _, cell := range line {
			x, err := strconv.ParseFloat(cell, 64)
			if err != nil {
				t.Fatal(err)
			}
			numbers = append(numbers, x)
		}
	}
	return numbers
}

// 1,000 people through features, both models, the forecast and the reasons of those raised.
func BenchmarkAssess1000(b *testing.B) {
	m, people := withLibrary(b, nil), crowd(1000, 1)
	var raised int
	for b.Loop() {
		raised = 0
		for _, r := range m.Assess(people) {
			for _, k := range r.Risks {
				if k.Raised() {
					raised++
				}
			}
		}
	}
	b.ReportMetric(float64(raised), "raised")
}

// The parts of the same.
func BenchmarkParts1000(b *testing.B) {
	m, people := withLibrary(b, nil), crowd(1000, 1)
	b.Run("features", func(b *testing.B) {
		for b.Loop() {
			m.serving.sheet(people)
		}
	})
	sheet := m.serving.sheet(people)
	of := everybody(people)
	for i := range m.serving.views {
		v := &m.serving.views[i]
		batch := sheet.gather(v, of)
		b.Run(v.about.ID, func(b *testing.B) {
			for b.Loop() {
				if _, err := v.predict(batch, len(of), time.Minute); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkFill is one person's features for every model that serves.
func BenchmarkFill(b *testing.B) {
	m, s := withLibrary(b, nil), crowd(1, 1)[0]
	row := make([]float32, m.serving.Width())
	who := course.Who{Age: 70, Male: 1}
	for b.Loop() {
		m.serving.Fill(s.Course, who, s.At, row)
	}
	b.ReportMetric(float64(len(row)), "features")
}
