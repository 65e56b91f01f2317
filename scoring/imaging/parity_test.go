package imaging

import (
	"compress/gzip"
	"encoding/json"
	"math"
	"os"
	"testing"

	"wardwatch/scoring/imaging/prepare"
	"wardwatch/ward"
)

// parityFile is what the training code made of some pictures, written by it.
type parityFile struct {
	SHA256   map[string]string `json:"sha256"`
	Pictures []parityPicture   `json:"pictures"`
}

type parityPicture struct {
	What     string `json:"what"`
	Rows     int    `json:"rows"`
	Cols     int    `json:"cols"`
	Bits     int    `json:"bits"`
	Inverted bool   `json:"inverted"`
	Made     struct {
		Values []float32    `json:"values"`
		Waves  [][4]float64 `json:"waves"` // down, across, size, phase
	} `json:"made"`
	Children parityAnswer `json:"children"`
	Gate     parityAnswer `json:"gate"`
	Resized  struct {
		Spec  prepare.Input `json:"spec"`
		Input []float64     `json:"input"`
	} `json:"resized"`
}

type parityAnswer struct {
	Input []float64 `json:"input"`
	Logit float64   `json:"logit"`
}

func (p *parityPicture) image() *ward.Image {
	img := &ward.Image{Rows: p.Rows, Cols: p.Cols, Bits: p.Bits, Inverted: p.Inverted, Values: p.Made.Values}
	if len(img.Values) > 0 {
		return img
	}
	most := math.Exp2(float64(p.Bits)) - 1
	for r := range p.Rows {
		for c := range p.Cols {
			v := 0.5
			for _, w := range p.Made.Waves {
				v += w[2] * math.Sin(w[0]*float64(r)/float64(p.Rows)+w[1]*float64(c)/float64(p.Cols)+w[3])
			}
			img.Values = append(img.Values, float32(math.Floor(0.5+most*min(max(v, 0), 1))))
		}
	}
	return img
}

// parityTolerance is how far an input or a logit may be from that of the training code.
const parityTolerance = 1e-4

func parity(t *testing.T) parityFile {
	t.Helper()
	f, err := os.Open("testdata/parity.json.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var p parityFile
	if err := json.NewDecoder(z).Decode(&p); err != nil {
		t.Fatal(err)
	}
	if len(p.Pictures) < 8 {
		t.Fatalf("only %d pictures", len(p.Pictures))
	}
	return p
}

func worst(got []float32, want []float64) float64 {
	if len(got) != len(want) {
		return math.Inf(1)
	}
	most := 0.0
	for i := range got {
		most = max(most, math.Abs(float64(got[i])-want[i]))
	}
	return most
}

// The program prepares pictures as the training code does.
func TestParityOfInputs(t *testing.T) {
	files, err := Files("demo-pneumonia")
	if err != nil {
		t.Fatal(err)
	}
	children, err := ReadManifest(files)
	if err != nil {
		t.Fatal(err)
	}
	_, gate, err := builtinGateFile()
	if err != nil {
		t.Fatal(err)
	}
	most := 0.0
	for _, p := range parity(t).Pictures {
		img := prepare.Of(p.image())
		for _, c := range []struct {
			by   string
			in   *prepare.Input
			want []float64
		}{{"the model", &children.Input, p.Children.Input}, {"the gate", &gate.Input, p.Gate.Input}, {"another", &p.Resized.Spec, p.Resized.Input}} {
			off := worst(c.in.Picture(img), c.want)
			if most = max(most, off); off > parityTolerance {
				t.Errorf("%s, input of %s: off by %v", p.What, c.by, off)
			}
		}
	}
	t.Logf("off by %.1e at most", most)
}

// What the models say is what they said when they were made.
func TestParityOfModels(t *testing.T) {
	p := parity(t)
	m := builtin(t, "demo-pneumonia")
	if got, want := [2]string{m.manifest.SHA256, m.gate.file.SHA256}, [2]string{p.SHA256["demo-pneumonia"], p.SHA256["frontal-chest"]}; got != want {
		t.Fatalf("the fixture is of other models: write it again by the training code (%v, %v)", got, want)
	}
	most := 0.0
	for _, p := range p.Pictures {
		img := prepare.Of(p.image())
		out := make([]float32, m.session.Shape().Outputs)
		if err := m.session.Run(m.manifest.Input.Picture(img), 1, out); err != nil {
			t.Fatal(err)
		}
		like, err := m.gate.ask(img)
		if err != nil {
			t.Fatal(err)
		}
		off := max(math.Abs(float64(out[0])-p.Children.Logit), math.Abs(like-p.Gate.Logit))
		if most = max(most, off); off > parityTolerance {
			t.Errorf("%s: the model says %v, the gate %v; want %v and %v", p.What, out[0], like, p.Children.Logit, p.Gate.Logit)
		}
	}
	t.Logf("off by %.1e at most", most)
}
