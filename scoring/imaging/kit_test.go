package imaging

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"math"
	"testing"
	"testing/fstest"

	"wardwatch/scoring/imaging/prepare"
	"wardwatch/scoring/internal/tinymodel"
	"wardwatch/scoring/runtime"
	"wardwatch/ward"
)

const side = 8 // of the small models' pictures

// weights are one output's: what each pixel gives.
func weights(of func(row, col int) float32) []float32 {
	out := make([]float32, 0, side*side)
	for row := range side {
		for col := range side {
			out = append(out, of(row, col))
		}
	}
	return out
}

// small is a model that says "bright" of bright pictures and "corner" of those with a bright upper left.
func small() tinymodel.Picture {
	return tinymodel.Picture{
		Channels: 1, Height: side, Width: side, Bias: []float32{-2, -2},
		Weights: [][]float32{
			weights(func(int, int) float32 { return 4. / side / side }),
			weights(func(row, col int) float32 {
				if row < 2 && col < 2 {
					return 1
				}
				return 0
			}),
		},
	}
}

func hashed(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

func age(years float64) *float64 { return &years }

// grey is how the small models see a picture: as it is.
func grey() prepare.Input {
	return prepare.Input{Name: "image", Channels: 1, Width: side, Height: side, Resize: prepare.Stretch, Window: prepare.Window{Kind: prepare.Full}, Mean: []float64{0}, Std: []float64{1}}
}

// described is the small model's manifest.
func described() *Manifest {
	raw := small().Bytes()
	return &Manifest{
		ID: "small", Version: "3", Licence: "own work", File: "model.onnx", SHA256: hashed(raw),
		Input: grey(), Output: Output{Name: "logits", Kind: Logit},
		Findings: []Outcome{
			{Output: 0, Label: "bright", System: ward.SystemSNOMED, Code: "1", Threshold: 0.5, Calibration: &Calibration{Slope: 2, Intercept: 1}, Calibrated: true},
			{Output: 1, Label: "corner", System: ward.SystemSNOMED, Code: "2", Laterality: ward.LateralityLeft, Threshold: 0.6},
		},
		Population: Population{
			Modalities: []string{"CR", "DX"}, Region: "chest", BodyParts: []string{"CHEST", "THORAX", "NGỰC"},
			Views: []string{"AP", "PA"}, AgeFrom: age(1), AgeTo: age(6), Species: []string{"human"},
		},
	}
}

func folder(t testing.TB, m *Manifest, files map[string][]byte) fstest.MapFS {
	t.Helper()
	raw, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	fsys := fstest.MapFS{ManifestName: {Data: raw}, "model.onnx": {Data: small().Bytes()}}
	for name, data := range files {
		fsys[name] = &fstest.MapFile{Data: data}
	}
	return fsys
}

// loads loads a model; the test is skipped where the library is not.
func loads(t testing.TB, fsys fstest.MapFS) *Model {
	t.Helper()
	needLibrary(t)
	m, err := Load(fsys, Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close() })
	return m
}

func needLibrary(t testing.TB) {
	t.Helper()
	if _, err := runtime.Find(""); err != nil {
		t.Skipf("no library, so no run: %v", err)
	}
	if _, err := open(""); errors.Is(err, runtime.ErrNoCgo) {
		t.Skip(err)
	}
}

// builtin loads a model that is part of the program.
func builtin(t testing.TB, name string) *Model {
	t.Helper()
	needLibrary(t)
	m, err := Open(name, Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close() })
	return m
}

// drawn is an 8-bit picture.
func drawn(rows, cols int, of func(row, col int) float64) *ward.Image {
	img := &ward.Image{Rows: rows, Cols: cols, Bits: 8, Facts: ward.ImageFacts{Format: "png"}}
	for row := range rows {
		for col := range cols {
			img.Values = append(img.Values, float32(math.Round(min(max(of(row, col), 0), 255))))
		}
	}
	return img
}

// slope is a picture with many greys.
func slope() *ward.Image {
	return drawn(16, 16, func(row, col int) float64 { return float64(16*row + col) })
}

// known is slope with all that its file could say.
func known() *ward.Image {
	img := slope()
	img.Facts = ward.ImageFacts{Format: "dicom", Modality: "DX", BodyPart: "CHEST", View: "PA", HasAge: true, AgeYears: 4, Device: "Maker Model 5", Frames: 1}
	return img
}
