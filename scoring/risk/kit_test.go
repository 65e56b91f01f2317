package risk

import (
	"encoding/json"
	"errors"
	"io/fs"
	"math"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"wardwatch/scoring/course"
	"wardwatch/scoring/internal/tinymodel"
	"wardwatch/scoring/runtime"
	"wardwatch/ward"
)

// noon is the moment of most tests.
var noon = time.Date(2026, 11, 21, 12, 40, 0, 0, time.UTC)

// tinyFeatures are those of the models in these tests.
var tinyFeatures = []string{"hr.last.24", "hr.mean.6", "rr.last.24", "spo2.last.24", "sbp.last.24", "temp.last.24", "fio2.last.24", "age", "male"}

// Bits of the inputs in a pattern.
const (
	noTemp   = 1 << 4
	noOxygen = 1 << 5
	noSex    = 1 << 7
)

func number(x float64) *float64 { return &x }

func tinyInput(name, signal string, low, high, usualLow, usualHigh float64, features ...int) Input {
	in := Input{
		Input: name, Signal: signal, Features: features,
		Min: &low, Max: &high, Low: &usualLow, High: &usualHigh,
		Shares: []float64{.1, .1, .1, .1, .1, .1, .1, .1, .1, .1},
	}
	for i := 1; i < bins; i++ {
		in.Bins = append(in.Bins, usualLow+(usualHigh-usualLow)*float64(i)/bins)
	}
	return in
}

// tiny is a model's metadata: all vitals may be known, or oxygen, or oxygen and temperature, or sex
// missing.
func tiny(id string, task ward.Task) *Metadata {
	hr := tinyInput("hr", "hr", 30, 200, 60, 110, 0, 1)
	hr.SlopeLow, hr.SlopeHigh = number(-2), number(2)
	return &Metadata{
		ID: id, Task: task, Version: "7", TrainedAt: "2026-11-01", DataSHA256: "da7a",
		Spec: course.Default().Version(), SpecSHA256: course.Default().SHA256(),
		Features: tinyFeatures, Threshold: 0.2, BaseRate: 0.1, Rows: 1000, Events: 100, Patients: 200,
		Inputs: []Input{
			hr,
			tinyInput("rr", "rr", 5, 50, 12, 25, 2),
			tinyInput("spo2", "spo2", 60, 100, 92, 100, 3),
			tinyInput("bp", "sbp", 50, 250, 90, 160, 4),
			tinyInput("temp", "temp", 33, 42, 36, 38, 5),
			tinyInput("oxygen", "fio2", 0.21, 1, 0.21, 0.5, 6),
			tinyInput("age", "age", 18, 100, 30, 85, 7),
			tinyInput("sex", "male", 0, 1, 0, 1, 8),
		},
		Reference: []*float64{number(80), number(80), number(16), number(97), number(120), number(37), nil, number(65), number(1)},
		Patterns:  []uint64{0, noOxygen, noOxygen | noTemp, noOxygen | noSex},
		Least:     3,
	}
}

// weights of the tiny risk models: a fast heart, fast breathing and a low pressure push up.
var weights = []float32{0.02, 0.03, 0.2, -0.1, -0.02, 0.5, 1, 0.01, 0.25}

func riskModel(about *Metadata) fakeFile {
	return fakeFile{Metadata: about, Linear: tinymodel.Linear{Weights: [][]float32{weights}, Bias: []float32{-16}}}
}

// forecastModel foretells RR 18 (16–20) and SpO2 95 (93–97), rising by one each hour.
func forecastModel() fakeFile {
	l := tinymodel.Linear{Output: "quantiles", Weights: make([][]float32, forecastWidth)}
	for i := range l.Weights {
		l.Weights[i] = make([]float32, len(tinyFeatures))
		vital, hour, quantile := i/18, i/3%6, i%3
		l.Bias = append(l.Bias, float32([]int{18, 95}[vital]+hour+2*(quantile-1)))
	}
	about := tiny("vitals-forecast", Forecasting)
	about.Threshold = 0
	return fakeFile{Metadata: about, Linear: l}
}

// fakeFile is a model that needs no library.
type fakeFile struct {
	Metadata *Metadata
	Linear   tinymodel.Linear
	Input    string // empty: "features"
}

// onnx is the same model as the library reads it.
func (f fakeFile) onnx() []byte {
	f.Linear.Metadata = map[string]string{metadataKey: f.metadata()}
	return f.Linear.Bytes()
}

func (f fakeFile) metadata() string {
	raw, err := json.Marshal(f.Metadata)
	if err != nil {
		panic(err)
	}
	return string(raw)
}

func (f fakeFile) bytes() []byte {
	raw, err := json.Marshal(f)
	if err != nil {
		panic(err)
	}
	return raw
}

// fakeEngine loads fakeFiles. Run is called in the place of a model's run where it is set.
type fakeEngine struct {
	mu  sync.Mutex
	run map[string]func(rows []float32, n int, out []float32) error
}

func (e *fakeEngine) Load(raw []byte) (session, error) {
	var f fakeFile
	if err := json.Unmarshal(raw, &f); err != nil {
		return nil, errors.New("no model")
	}
	return &fakeSession{fakeFile: f, engine: e}, nil
}

// on sets what a model does from now on; nil: what it is made to do.
func (e *fakeEngine) on(id string, run func([]float32, int, []float32) error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.run == nil {
		e.run = map[string]func([]float32, int, []float32) error{}
	}
	e.run[id] = run
}

func (e *fakeEngine) of(id string) func([]float32, int, []float32) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.run[id]
}

type fakeSession struct {
	fakeFile
	engine *fakeEngine
}

func (s *fakeSession) Shape() runtime.Shape {
	shape := runtime.Shape{Input: "features", Output: "logit", Features: len(s.Linear.Weights[0]), Outputs: len(s.Linear.Weights)}
	if s.Input != "" {
		shape.Input = s.Input
	}
	if s.Linear.Output != "" {
		shape.Output = s.Linear.Output
	}
	return shape
}

func (s *fakeSession) Metadata(key string) (string, bool) {
	return s.metadata(), key == metadataKey && s.fakeFile.Metadata != nil
}

func (s *fakeSession) Run(rows []float32, n int, out []float32) error {
	if run := s.engine.of(s.fakeFile.Metadata.ID); run != nil {
		return run(rows, n, out)
	}
	f, k := len(s.Linear.Weights[0]), len(s.Linear.Weights)
	for i := range out {
		out[i] = s.Linear.Bias[i%k]
		for c, w := range s.Linear.Weights[i%k] {
			if x := rows[i/k*f+c]; !math.IsNaN(float64(x)) {
				out[i] += w * x
			}
		}
	}
	return nil
}

func (s *fakeSession) Close() error { return nil }

// tinyModels are the three models that serve.
func tinyModels() []fakeFile {
	return []fakeFile{
		riskModel(tiny("deterioration-vitals", ward.Deterioration)),
		riskModel(tiny("respiratory-vitals", ward.RespiratoryDecline)),
		forecastModel(),
	}
}

// folder is a folder with these models and their manifest.
func folder(files []fakeFile, bytes func(fakeFile) []byte) fstest.MapFS {
	out := fstest.MapFS{}
	var list manifest
	for _, f := range files {
		raw, id := bytes(f), f.Metadata.ID
		out[id+".onnx"] = &fstest.MapFile{Data: raw}
		list.Models = append(list.Models, entry{ID: id, Task: f.Metadata.Task, Role: roleOf(id), File: id + ".onnx", SHA256: fingerprint(raw)})
	}
	raw, err := json.Marshal(list)
	if err != nil {
		panic(err)
	}
	out[manifestFile] = &fstest.MapFile{Data: raw}
	return out
}

func roleOf(id string) Role {
	switch id {
	case "deterioration-labs":
		return Optional
	case "deterioration-logistic", "respiratory-logistic":
		return Reference
	}
	return Serve
}

func opened(t testing.TB, o Options) *Models {
	t.Helper()
	m := Open(o)
	t.Cleanup(func() {
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	})
	return m
}

// faked opens the models without the library.
func faked(t testing.TB, e *fakeEngine, files fs.FS) *Models {
	t.Helper()
	return opened(t, Options{Files: files, engine: e})
}

func sound(t testing.TB) *Models {
	t.Helper()
	m := faked(t, new(fakeEngine), folder(tinyModels(), fakeFile.bytes))
	if p := m.Problems(); len(p) != 0 {
		t.Fatalf("problems: %+v", p)
	}
	return m
}

// noLibrary is why the library cannot be used here; nil when it can.
func noLibrary() error {
	path, err := runtime.Find("")
	if err != nil {
		return err
	}
	_, err = runtime.Open(path)
	return err
}

// withLibrary opens the models in the library; without it the test is skipped.
func withLibrary(t testing.TB, files fs.FS) *Models {
	t.Helper()
	if err := noLibrary(); err != nil {
		t.Skipf("no library: %v", err)
	}
	m := opened(t, Options{Files: files})
	if p := m.Problems(); len(p) != 0 {
		t.Fatalf("problems: %+v", p)
	}
	return m
}

// tinyAndEmbedded are models that need no library and, where there is one, those that are part of the
// program.
func tinyAndEmbedded(t testing.TB) map[string]*Models {
	t.Helper()
	out := map[string]*Models{"tiny": sound(t)}
	if err := noLibrary(); err != nil {
		t.Logf("without the embedded models: %v", err)
		return out
	}
	out["embedded"] = withLibrary(t, nil)
	return out
}

// anna is a woman of 70 in whom everything is usual and was measured in the last hours.
func anna() Subject {
	c := new(course.Course)
	for hour := 5; hour >= 0; hour-- {
		measure(c, noon.Add(-time.Duration(hour)*time.Hour), usual)
	}
	return Subject{
		Stay: &ward.Stay{BirthDate: time.Date(1956, 3, 1, 0, 0, 0, 0, time.UTC), Sex: ward.Female},
		At:   noon, Course: c,
	}
}

var usual = map[ward.Vital]float64{ward.HR: 80, ward.RR: 16, ward.SpO2: 97, ward.SBP: 120, ward.Temp: 37}

func measure(c *course.Course, at time.Time, values map[ward.Vital]float64) {
	for v, x := range values {
		c.Take(v, x, at.UnixMilli())
	}
}

// only is anna with nothing but these vitals, measured now.
func only(values map[ward.Vital]float64) Subject {
	s := anna()
	s.Course = new(course.Course)
	measure(s.Course, noon, values)
	return s
}

// but is the usual values with one changed.
func but(v ward.Vital, x float64) map[ward.Vital]float64 {
	out := map[ward.Vital]float64{v: x}
	for u, y := range usual {
		if u != v {
			out[u] = y
		}
	}
	return out
}
