package imaging

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
)

// Each mistake in a manifest is told with its remedy.
func TestManifestMistakes(t *testing.T) {
	for _, c := range []struct {
		what   string
		change func(*Manifest)
		says   string
	}{
		{"no id", func(m *Manifest) { m.ID = "" }, "small letters"},
		{"an id that is a path", func(m *Manifest) { m.ID = "../x" }, "small letters"},
		{"no version", func(m *Manifest) { m.Version = " " }, "name this version"},
		{"no licence", func(m *Manifest) { m.Licence = "" }, "under what terms"},
		{"a file elsewhere", func(m *Manifest) { m.File = "../model.onnx" }, "in the model's directory"},
		{"no hash", func(m *Manifest) { m.SHA256 = "abc" }, "64 hex digits"},
		{"no output", func(m *Manifest) { m.Output.Name = "" }, "name of the ONNX model's output"},
		{"another kind of output", func(m *Manifest) { m.Output.Kind = "score" }, "logit or probability"},
		{"no findings", func(m *Manifest) { m.Findings = nil }, "what the model's outputs mean"},
		{"an output under 0", func(m *Manifest) { m.Findings[0].Output = -1 }, "count from 0"},
		{"no code", func(m *Manifest) { m.Findings[0].Code = "" }, "give all three"},
		{"another side", func(m *Manifest) { m.Findings[1].Laterality = "L" }, "left, right, bilateral"},
		{"a threshold of 0", func(m *Manifest) { m.Findings[0].Threshold = 0 }, "over 0 and under 1"},
		{"a threshold in percent", func(m *Manifest) { m.Findings[0].Threshold = 50 }, "over 0 and under 1"},
		{"calibrated by nothing", func(m *Manifest) { m.Findings[1].Calibrated = true }, "slope and intercept"},
		{"a calibration that turns round", func(m *Manifest) { m.Findings[0].Calibration.Slope = -1 }, "slope over 0"},
		{"a code twice", func(m *Manifest) { m.Findings[1].Code, m.Findings[1].Laterality = "1", "" }, "leave one"},
		{"no region", func(m *Manifest) { m.Population.Region = "" }, "small letters"},
		{"ages turned round", func(m *Manifest) { m.Population.AgeFrom = age(7) }, "the lower first"},
		{"an empty entry", func(m *Manifest) { m.Population.Views = []string{""} }, "take it out"},
		{"an input of two channels", func(m *Manifest) { m.Input.Channels = 2 }, "1 or 3"},
		{"a gate without a file", func(m *Manifest) { m.Picture.Own = &GateFile{} }, "picture: file"},
		{"a gate with a share over 1", func(m *Manifest) {
			m.Picture.Own = &GateFile{File: "g", SHA256: m.SHA256, Input: grey(), Output: Output{"logits", Probability}, Threshold: 2}
		}, "probability over 0"},
	} {
		m := described()
		c.change(m)
		if err := m.check(); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want a word of %q", c.what, err, c.says)
		}
	}
	if err := described().check(); err != nil {
		t.Error(err)
	}
}

// A manifest that is no manifest is told with its line.
func TestManifestLines(t *testing.T) {
	right, err := json.MarshalIndent(described(), "", " ")
	if err != nil {
		t.Fatal(err)
	}
	replace := func(old, new string) []byte { return bytes.Replace(right, []byte(old), []byte(new), 1) }
	for _, c := range []struct {
		what string
		raw  []byte
		says string
	}{
		{"nothing", nil, "line 1"},
		{"a misspelt key", replace(`"threshold"`, `"treshold"`), `"treshold" is not known here: correct its spelling`},
		{"a text where a number belongs", replace(`"width": 8`, `"width": "8"`), "line 11"},
		{"an end too early", right[:len(right)/2], "unexpected EOF"},
		{"more after the end", append(append([]byte(nil), right...), "{}"...), "more after the end"},
		{"another gate", replace(`"picture": "none"`, `"picture": "lateral_chest"`), `give "frontal_chest", "none"`},
		{"a gate with an unknown key", replace(`"picture": "none"`, `"picture": {"files":"x"}`), `"files" is not known here`},
	} {
		if _, err := ParseManifest(c.raw); err == nil || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), "line") {
			t.Errorf("%s: %v, want a word of %q", c.what, err, c.says)
		}
	}
	if _, err := ParseManifest(right); err != nil {
		t.Error(err)
	}
}

func FuzzParseManifest(f *testing.F) {
	raw, err := json.Marshal(described())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw)
	f.Add([]byte(`{"picture":{"file":"a","input":{"window":{"kind":"fixed"}}}}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		m, err := ParseManifest(raw)
		if err != nil {
			return
		}
		again, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := ParseManifest(again); err != nil {
			t.Fatalf("%s was read and is not read again: %v", raw, err)
		}
	})
}

// What does not fit the file that the manifest means is refused before any picture is seen.
func TestLoadRefusesWhatDoesNotFit(t *testing.T) {
	needLibrary(t)
	other := small()
	other.Bias = []float32{0, 0}
	three := small()
	three.Channels, three.Weights = 3, [][]float32{make([]float32, 3*side*side), make([]float32, 3*side*side)}
	pairs := small()
	pairs.AtOnce = 2
	with := func(raw []byte, change func(*Manifest)) fstest.MapFS {
		m := described()
		m.SHA256 = hashed(raw)
		change(m)
		return folder(t, m, map[string][]byte{"model.onnx": raw})
	}
	asItIs := func(*Manifest) {}
	for _, c := range []struct {
		what  string
		files fstest.MapFS
		says  string
	}{
		{"no manifest", fstest.MapFS{}, "a model is a directory with"},
		{"another file", folder(t, described(), map[string][]byte{"model.onnx": other.Bytes()}), "is not the file that the manifest means"},
		{"no file", with(small().Bytes(), func(m *Manifest) { m.File = "gone.onnx" }), "put it there"},
		{"no model", with([]byte("no model"), asItIs), "cannot be read"},
		{"another input", with(small().Bytes(), func(m *Manifest) { m.Input.Name = "x" }), `its input is "image"`},
		{"another output", with(small().Bytes(), func(m *Manifest) { m.Output.Name = "scores" }), `it has "logits", "seen"`},
		{"another size", with(small().Bytes(), func(m *Manifest) { m.Input.Width = 9 }), "8 columns, not of 9: correct the manifest's input"},
		{"other channels", with(three.Bytes(), asItIs), "3 channels, not of 1"},
		{"an output that is not there", with(small().Bytes(), func(m *Manifest) { m.Findings[1].Output = 2 }), "gives 2 numbers a picture"},
		{"pictures in pairs", with(pairs.Bytes(), asItIs), "export it for any number, or for one"},
		{"a gate that is not there", with(small().Bytes(), func(m *Manifest) {
			m.Picture.Own = &GateFile{File: "gate.onnx", SHA256: m.SHA256, Input: grey(), Output: m.Output}
		}), "picture: there is no gate.onnx"},
		{"a gate of another size", with(small().Bytes(), func(m *Manifest) {
			in := grey()
			in.Height = 9
			m.Picture.Own = &GateFile{File: "model.onnx", SHA256: m.SHA256, Input: in, Output: m.Output}
		}), "picture, model.onnx"},
	} {
		m, err := Load(c.files, Options{})
		if err == nil {
			m.Close()
			t.Errorf("%s: loaded", c.what)
		} else if !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want a word of %q", c.what, err, c.says)
		}
	}
}

// A model may be one that takes a single picture at a time, or colours.
func TestLoadTakesOtherShapes(t *testing.T) {
	one := small()
	one.AtOnce = 1
	d := described()
	d.SHA256 = hashed(one.Bytes())
	m := loads(t, folder(t, d, map[string][]byte{"model.onnx": one.Bytes()}))
	if _, err := m.Look(known()); err != nil {
		t.Error(err)
	}
	if _, err := m.Occlude(known(), 0); err != nil {
		t.Error(err)
	}
	three := small()
	three.Channels, three.Weights = 3, [][]float32{make([]float32, 3*side*side), make([]float32, 3*side*side)}
	d.SHA256, d.Input.Channels, d.Input.Mean, d.Input.Std = hashed(three.Bytes()), 3, []float64{0, 0, 0}, []float64{1, 1, 1}
	m = loads(t, folder(t, d, map[string][]byte{"model.onnx": three.Bytes()}))
	if _, err := m.Look(known()); err != nil {
		t.Error(err)
	}
}

func TestLibraryThatIsNotThere(t *testing.T) {
	_, err := Load(folder(t, described(), nil), Options{Library: filepath.Join(t.TempDir(), "gone.so")})
	if err == nil || !strings.Contains(err.Error(), "make onnxruntime") {
		t.Errorf("got %v", err)
	}
}

// Every model that is part of the program says whole what it is, and its files are its own.
func TestBuiltins(t *testing.T) {
	names := Builtins()
	if len(names) == 0 {
		t.Fatal("there are none")
	}
	for _, name := range names {
		m := builtin(t, name)
		if got := m.Manifest(); got.ID != name || got.Picture.Builtin != FrontalChest {
			t.Errorf("%s calls itself %s, its gate is %q", name, got.ID, got.Picture.Builtin)
		}
	}
}

// A demonstration model is none for patients, whatever its manifest is made to say.
func TestForPatients(t *testing.T) {
	files, err := Files("demo-pneumonia")
	if err != nil {
		t.Fatal(err)
	}
	m, err := ReadManifest(files)
	if err != nil {
		t.Fatal(err)
	}
	if err := m.ForPatients(); !errors.Is(err, ErrDemonstration) {
		t.Errorf("the demonstration model: %v", err)
	}
	m.ID, m.Demonstration, m.SHA256 = "ours", false, strings.ToUpper(m.SHA256)
	if err := m.ForPatients(); !errors.Is(err, ErrDemonstration) {
		t.Errorf("the demonstration model by another name: %v", err)
	}
	if err := described().ForPatients(); err != nil {
		t.Errorf("a hospital's own: %v", err)
	}
}

func TestFiles(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "model.onnx")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Files(dir); err != nil {
		t.Error(err)
	}
	for name, says := range map[string]string{"gone": "demo-pneumonia", file: "give the directory"} {
		if _, err := Files(name); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
