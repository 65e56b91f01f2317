package risk

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"wardwatch/scoring/internal/tinymodel"
	"wardwatch/ward"
)

// What is wrong with one model is told, withholds its task, and costs the others nothing.
func TestOpenRefusesAModel(t *testing.T) {
	const id = "deterioration-vitals"
	for _, c := range []struct {
		what  string
		about func(*Metadata)
		file  func(*fakeFile)
		raw   func([]byte) []byte // after the hash was taken
		want  string              // in the problem's detail
	}{
		{what: "a bit flipped", raw: func(b []byte) []byte { b = bytes.Clone(b); b[len(b)/2] ^= 1; return b }, want: "was altered"},
		{what: "cut off", raw: func(b []byte) []byte { return b[:len(b)/2] }, want: "was altered"},
		{what: "another model in its place", raw: func([]byte) []byte { return forecastModel().bytes() }, want: "was altered"},
		{what: "no metadata", file: func(f *fakeFile) { f.Metadata = nil }, want: `no metadata under "wardwatch"`},
		{what: "no version", about: func(m *Metadata) { m.Version = " " }, want: `lacks "version"`},
		{what: "no hash of the data", about: func(m *Metadata) { m.DataSHA256 = "" }, want: `lacks "data_sha256"`},
		{what: "no patterns", about: func(m *Metadata) { m.Patterns = nil }, want: `lacks "patterns"`},
		{what: "an unknown task", about: func(m *Metadata) { m.Task = "weather" }, want: `task "weather" is unknown`},
		{what: "a threshold of 0", about: func(m *Metadata) { m.Threshold = 0 }, want: "threshold 0"},
		{what: "a feature too few in the list", about: func(m *Metadata) { m.Features = m.Features[:8] }, want: "9 reference values for 8 features"},
		{what: "a feature of no input", about: func(m *Metadata) { m.Inputs[0].Features = []int{0} }, want: `feature "hr.mean.6" belongs to no input`},
		{what: "a feature of two inputs", about: func(m *Metadata) { m.Inputs[1].Features = []int{2, 0} }, want: `which "hr" has already`},
		{what: "no training range", about: func(m *Metadata) { m.Inputs[2].Min = nil }, want: `input "spo2": needs min`},
		{what: "a range upside down", about: func(m *Metadata) { m.Inputs[2].Max = number(50) }, want: "must rise"},
		{what: "bins missing", about: func(m *Metadata) { m.Inputs[2].Bins = nil }, want: "bins"},
		{what: "shares that do not add up", about: func(m *Metadata) { m.Inputs[2].Shares[0] = 0.5 }, want: "shares"},
		{what: "features in another order", about: func(m *Metadata) { swap(m, 2, 3) }, want: "order of the features"},
		{what: "an unknown feature", about: func(m *Metadata) { rename(m, 2, "rr.median.6") }, want: "rr.median.6"},
		{what: "an unknown laboratory value", about: func(m *Metadata) {
			rename(m, 6, "lab.unobtainium.48")
			m.Inputs[5].Input, m.Inputs[5].Signal = "unobtainium", "lab.unobtainium"
		}, want: "unobtainium"},
		{what: "another version of the features", about: func(m *Metadata) { m.Spec = "0" }, want: "train it again"},
		{what: "another file of the features", about: func(m *Metadata) { m.SpecSHA256 = strings.Repeat("0", 64) }, want: "train it again"},
		{what: "more inputs than features in the list", file: func(f *fakeFile) { f.Linear.Weights = [][]float32{weights[:8]} }, want: "shape"},
		{what: "two outputs", file: func(f *fakeFile) {
			f.Linear.Weights = [][]float32{weights, weights}
			f.Linear.Bias = []float32{0, 0}
		}, want: "shape"},
		{what: "another output", file: func(f *fakeFile) { f.Linear.Output = "probability" }, want: "shape"},
		{what: "another input", file: func(f *fakeFile) { f.Input = "x" }, want: "shape"},
		{what: "another id than in the manifest", raw: nil, about: func(m *Metadata) { m.ID = "someone-else" }, want: "the manifest says"},
	} {
		t.Run(c.what, func(t *testing.T) {
			files := tinyModels()
			if c.about != nil {
				c.about(files[0].Metadata)
			}
			if c.file != nil {
				c.file(&files[0])
			}
			kept := files[0].Metadata
			files[0].Metadata = tiny(id, ward.Deterioration) // as the manifest has it
			broken := files[0]
			broken.Metadata = kept
			dir := folder(files, func(f fakeFile) []byte {
				if f.Metadata.ID == id {
					return broken.bytes()
				}
				return f.bytes()
			})
			if c.raw != nil {
				dir[id+".onnx"].Data = c.raw(dir[id+".onnx"].Data)
			}
			m := faked(t, new(fakeEngine), dir)
			p := m.Problems()
			if len(p) != 1 || p[0].Code != ward.WithheldModel || p[0].Task != ward.Deterioration || p[0].Model != id || p[0].Role != Serve || p[0].Hint == "" || !strings.Contains(p[0].Detail, c.want) {
				t.Errorf("problems %+v, want one with %q", p, c.want)
			}
			r := m.Assess([]Subject{anna()})[0]
			if got, want := whatWasSaid(&r), (said{deterioration: ward.WithheldModel}); got != want {
				t.Errorf("said %+v, want %+v", got, want)
			}
			checkSilence(t, &r)
		})
	}
}

func swap(m *Metadata, i, j int) {
	m.Features = append([]string(nil), m.Features...)
	m.Features[i], m.Features[j] = m.Features[j], m.Features[i]
}

func rename(m *Metadata, i int, name string) {
	m.Features = append([]string(nil), m.Features...)
	m.Features[i] = name
}

// A trial that fails, hangs or gives no number is found before anybody relies on the model.
func TestOpenTriesEveryModel(t *testing.T) {
	e := new(fakeEngine)
	e.on("deterioration-vitals", func([]float32, int, []float32) error { return errors.New("no such operator") })
	e.on("respiratory-vitals", func([]float32, int, []float32) error { panic("out of bounds") })
	e.on("vitals-forecast", func(_ []float32, _ int, out []float32) error { out[0] /= out[0]; return nil })
	m := faked(t, e, folder(tinyModels(), fakeFile.bytes))
	if p := m.Problems(); len(p) != 3 {
		t.Errorf("problems %+v", p)
	}
	if r := m.Assess([]Subject{anna()})[0]; whatWasSaid(&r) != all(ward.WithheldModel) {
		t.Errorf("said %+v", whatWasSaid(&r))
	}
}

func TestOpenWithoutModels(t *testing.T) {
	whole := folder(tinyModels(), fakeFile.bytes)
	without := fstest.MapFS{manifestFile: whole[manifestFile], "respiratory-vitals.onnx": whole["respiratory-vitals.onnx"], "vitals-forecast.onnx": whole["vitals-forecast.onnx"]}
	manifestOf := func(text string) fstest.MapFS { return fstest.MapFS{manifestFile: {Data: []byte(text)}} }
	for _, c := range []struct {
		what     string
		files    fstest.MapFS
		want     said
		problems int
	}{
		{"an empty folder", fstest.MapFS{}, all(ward.WithheldModel), 1},
		{"a manifest that is no JSON", manifestOf("{"), all(ward.WithheldModel), 1},
		{"a manifest that names no models", manifestOf("{}"), all(ward.WithheldModel), 3},
		{"a file is missing", without, said{deterioration: ward.WithheldModel}, 1},
	} {
		m := faked(t, new(fakeEngine), c.files)
		r := m.Assess([]Subject{anna(), {}})
		if got := whatWasSaid(&r[0]); got != c.want || len(m.Problems()) != c.problems {
			t.Errorf("%s: %+v, problems %+v", c.what, got, m.Problems())
		}
		if got := whatWasSaid(&r[1]); got != all(ward.WithheldNobody) {
			t.Errorf("%s: nobody there: %+v", c.what, got)
		}
	}
}

func TestManifestRefuses(t *testing.T) {
	for what, text := range map[string]string{
		"no id":            `{"models":[{"role":"serve","file":"a.onnx"}]}`,
		"an id twice":      `{"models":[{"id":"a","role":"reference","file":"a.onnx"},{"id":"a","role":"reference","file":"b.onnx"}]}`,
		"two that serve":   `{"models":[{"id":"a","task":"t","role":"serve","file":"a.onnx"},{"id":"b","task":"t","role":"serve","file":"b.onnx"}]}`,
		"an unknown role":  `{"models":[{"id":"a","role":"extra","file":"a.onnx"}]}`,
		"another folder":   `{"models":[{"id":"a","role":"serve","file":"../a.onnx"}]}`,
		"an absolute path": `{"models":[{"id":"a","role":"serve","file":"/a.onnx"}]}`,
		"no file":          `{"models":[{"id":"a","role":"serve"}]}`,
	} {
		if _, err := parseManifest([]byte(text)); err == nil {
			t.Errorf("%s was taken", what)
		}
	}
}

// Without the library the program starts, and says what is missing and how to mend it.
func TestOpenWithoutLibrary(t *testing.T) {
	text := filepath.Join(t.TempDir(), "libonnxruntime.so.1")
	if err := os.WriteFile(text, []byte("this is no library"), 0o644); err != nil {
		t.Fatal(err)
	}
	probed := 0
	probe := func() error { probed++; return errors.New("signal: segmentation fault") }
	for _, c := range []struct {
		what  string
		o     Options
		tries int
	}{
		{"missing", Options{Library: text + ".not", Probe: probe}, 0},
		{"a crash on loading", Options{Library: text, Probe: probe}, 1},
	} {
		probed = 0
		c.o.Files = folder(tinyModels(), fakeFile.onnx)
		m := opened(t, c.o)
		p := m.Problems()
		if len(p) != 1 || p[0].Code != ward.WithheldRuntime || p[0].Detail == "" || p[0].Hint == "" || probed != c.tries {
			t.Errorf("%s: %d trials, problems %+v", c.what, probed, p)
		}
		r := m.Assess([]Subject{anna()})[0]
		if got := whatWasSaid(&r); got != all(ward.WithheldRuntime) {
			t.Errorf("%s: %+v", c.what, got)
		}
		checkSilence(t, &r)
		if _, err := m.Panel("deterioration-vitals"); err == nil {
			t.Errorf("%s: a panel without models", c.what)
		}
		if len(m.List()) != 0 {
			t.Errorf("%s: models are listed", c.what)
		}
	}
}

// The same with the library: what is wrong inside a file is found by the library or by us.
func TestOpenWithLibrary(t *testing.T) {
	m := withLibrary(t, folder(tinyModels(), fakeFile.onnx))
	if got := len(m.List()); got != 3 {
		t.Errorf("%d models", got)
	}
	files := tinyModels()
	files[0].Linear.Weights = [][]float32{append([]float32{float32(math.NaN())}, weights[1:]...)}
	files[1].Linear.Weights = [][]float32{weights[:8]}
	dir := folder(files, func(f fakeFile) []byte {
		if f.Metadata.Task == Forecasting {
			return tinymodel.Linear{Weights: [][]float32{{1}}, Bias: []float32{0}}.Bytes() // without metadata
		}
		return f.onnx()
	})
	m = opened(t, Options{Files: dir})
	if p := m.Problems(); len(p) != 3 {
		t.Errorf("problems %+v", p)
	}
	if r := m.Assess([]Subject{anna()})[0]; whatWasSaid(&r) != all(ward.WithheldModel) {
		t.Errorf("said %+v", whatWasSaid(&r))
	}
}

// The models that are part of the program belong to it: hash, features, shape, trial.
func TestEmbedded(t *testing.T) {
	if err := noLibrary(); err != nil {
		t.Skipf("no library: %v", err)
	}
	if p := Verify(Options{Probe: func() error { return errors.New("must not be called") }}); len(p) != 0 {
		t.Fatalf("problems: %+v", p)
	}
}

func TestVersion(t *testing.T) {
	dir := folder(tinyModels(), fakeFile.bytes)
	m := faked(t, new(fakeEngine), dir)
	want := "7+" + fingerprint(dir["deterioration-vitals.onnx"].Data)[:8]
	if got := m.Assess([]Subject{anna()})[0].Risks[0]; got.Version != want || got.Model != "deterioration-vitals" || got.Threshold != 0.2 {
		t.Errorf("%s %s %v, want version %s", got.Model, got.Version, got.Threshold, want)
	}
}

func FuzzParseMetadata(f *testing.F) {
	raw, err := json.Marshal(tiny("a", ward.Deterioration))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw)
	f.Add([]byte(`{"inputs":[{"features":[-1]}],"features":["a"],"reference":[null]}`))
	f.Add([]byte(`{`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		m, err := ParseMetadata(raw)
		if err != nil {
			return
		}
		if len(m.Reference) != len(m.Features) || len(m.Inputs) > maxInputs || len(m.Patterns) == 0 {
			t.Errorf("taken: %s", raw)
		}
		m.checkOrder()
	})
}

func FuzzParseManifest(f *testing.F) {
	f.Add(folder(tinyModels(), fakeFile.bytes)[manifestFile].Data)
	f.Add([]byte(`{"models":[{"id":"a","role":"serve","file":"."}]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		m, err := parseManifest(raw)
		if err != nil {
			return
		}
		for _, e := range m.Models {
			if strings.ContainsAny(e.File, "/") || e.ID == "" {
				t.Errorf("taken: %+v", e)
			}
		}
	})
}
