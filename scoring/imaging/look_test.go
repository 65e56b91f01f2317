package imaging

import (
	"math"
	"slices"
	"testing"

	"wardwatch/ward"
)

// What the file says is compared with what the model was made for.
func TestWhatTheFileSays(t *testing.T) {
	m := loads(t, folder(t, described(), nil))
	for _, c := range []struct {
		what    string
		change  func(*ward.ImageFacts)
		refused string
		warns   []string
	}{
		{"all as it should be", func(f *ward.ImageFacts) {}, "", nil},
		{"nothing is said", func(f *ward.ImageFacts) { *f = ward.ImageFacts{} }, "", []string{ward.WarnModalityUnknown, ward.WarnRegionUnknown, ward.WarnViewUnknown, ward.WarnAgeUnknown}},
		{"a CT slice", func(f *ward.ImageFacts) { f.Modality = "CT" }, ward.RefusedModality, nil},
		{"small letters", func(f *ward.ImageFacts) { f.Modality = "dx" }, "", nil},
		{"no modality", func(f *ward.ImageFacts) { f.Modality = "" }, "", []string{ward.WarnModalityUnknown}},
		{"a hand", func(f *ward.ImageFacts) { f.BodyPart = "HAND" }, ward.RefusedRegion, nil},
		{"the chest, said otherwise", func(f *ward.ImageFacts) { f.BodyPart = "Port_Chest AP" }, "", nil},
		{"the chest in Vietnamese", func(f *ward.ImageFacts) { f.BodyPart = "Ngực thẳng" }, "", nil},
		{"more than the chest", func(f *ward.ImageFacts) { f.BodyPart = "CHESTABDPELVIS" }, ward.RefusedRegion, nil},
		{"no body part", func(f *ward.ImageFacts) { f.BodyPart = " " }, "", []string{ward.WarnRegionUnknown}},
		{"a lateral view", func(f *ward.ImageFacts) { f.View = "LL" }, ward.RefusedView, nil},
		{"no view, a description says lateral", func(f *ward.ImageFacts) { f.View, f.ViewText = "", "Thorax LAT" }, ward.RefusedView, nil},
		{"no view, a description says it in Vietnamese", func(f *ward.ImageFacts) { f.View, f.ViewText = "", "XQ ngực nghiêng trái" }, ward.RefusedView, nil},
		{"no view, the order names both", func(f *ward.ImageFacts) { f.View, f.ViewText = "", "Chest PA + LAT" }, "", []string{ward.WarnViewUnknown}},
		{"no view, a description says PA", func(f *ward.ImageFacts) { f.View, f.ViewText = "", "Chest PA" }, "", []string{ward.WarnViewUnknown}},
		{"the code goes before the description", func(f *ward.ImageFacts) { f.ViewText = "lateral" }, "", nil},
		{"no age", func(f *ward.ImageFacts) { f.HasAge = false }, "", []string{ward.WarnAgeUnknown}},
		{"too young", func(f *ward.ImageFacts) { f.AgeYears = 0.9 }, ward.RefusedPerson, nil},
		{"just old enough", func(f *ward.ImageFacts) { f.AgeYears = 1 }, "", nil},
		{"just too old", func(f *ward.ImageFacts) { f.AgeYears = 6 }, ward.RefusedPerson, nil},
		{"an age that is none", func(f *ward.ImageFacts) { f.AgeYears = math.NaN() }, ward.RefusedPerson, nil},
		{"a dog", func(f *ward.ImageFacts) { f.Species = "Canine species" }, ward.RefusedSpecies, nil},
		{"a person, and it says so", func(f *ward.ImageFacts) { f.Species = "Homo sapiens" }, "", nil},
		{"a person by code", func(f *ward.ImageFacts) { f.Species = "L-85B00" }, "", nil},
		{"several frames", func(f *ward.ImageFacts) { f.Frames = 20 }, ward.RefusedFrames, nil},
	} {
		img := known()
		c.change(&img.Facts)
		r, err := m.Look(img)
		if err != nil {
			t.Fatal(err)
		}
		checkResult(t, c.what, r, c.refused, c.warns)
	}
}

func checkResult(t *testing.T, what string, r Result, refused string, warns []string) {
	t.Helper()
	switch {
	case refused == "" && r.Refused != nil:
		t.Errorf("%s: refused: %v", what, r.Refused)
	case refused != "" && (r.Refused == nil || r.Refused.Code != refused || r.Refused.Detail == "" || len(r.Findings) > 0):
		t.Errorf("%s: %+v, want the refusal %s and nothing else", what, r, refused)
	case refused == "" && !slices.Equal(r.Warnings, warns):
		t.Errorf("%s: warnings %v, want %v", what, r.Warnings, warns)
	case refused == "" && (len(r.Findings) != 2 || !slices.Equal(r.Findings[0].Warnings, warns)):
		t.Errorf("%s: findings %+v", what, r.Findings)
	}
}

// What no model can say anything of.
func TestWhatThePictureIs(t *testing.T) {
	m := loads(t, folder(t, described(), nil))
	of := func(change func(*ward.Image)) *ward.Image {
		img := known()
		change(img)
		return img
	}
	facts := known().Facts
	with := func(img *ward.Image) *ward.Image { img.Facts = facts; return img }
	for _, c := range []struct {
		what    string
		img     *ward.Image
		refused string
	}{
		{"many greys", known(), ""},
		{"white", with(drawn(16, 16, func(int, int) float64 { return 255 })), ward.RefusedBlank},
		{"black with a mark in a corner", with(drawn(32, 32, func(r, c int) float64 {
			if r < 5 && c < 5 {
				return float64(10 * (5*r + c))
			}
			return 0
		})), ward.RefusedBlank},
		{"two greys", with(drawn(16, 16, func(r, c int) float64 { return float64((r + c) % 2 * 255) })), ward.RefusedBlank},
		{"colours", of(func(i *ward.Image) { i.Colour = 0.2 }), ward.RefusedColour},
		{"a tint", of(func(i *ward.Image) { i.Colour = 0.01 }), ""},
		{"half the model's size", with(drawn(4, 12, func(r, c int) float64 { return float64(20*r + 5*c) })), ""},
		{"less", with(drawn(3, 16, func(r, c int) float64 { return float64(20*r + 5*c) })), ward.RefusedSmall},
		{"values that are no numbers", of(func(i *ward.Image) { i.Values[7] = float32(math.NaN()) }), ward.RefusedCorrupt},
		{"values that have no end", of(func(i *ward.Image) { i.Values[7] = float32(math.Inf(-1)) }), ward.RefusedCorrupt},
		{"fewer values than its size", of(func(i *ward.Image) { i.Values = i.Values[1:] }), ward.RefusedCorrupt},
		{"no size", of(func(i *ward.Image) { i.Rows, i.Cols, i.Values = 0, 0, nil }), ward.RefusedCorrupt},
	} {
		r, err := m.Look(c.img)
		if err != nil {
			t.Fatal(err)
		}
		checkResult(t, c.what, r, c.refused, nil)
	}
}

// The model's numbers become scores as its manifest says.
func TestScores(t *testing.T) {
	img := drawn(side, side, func(row, col int) float64 {
		if row < 2 && col < 2 {
			return 255
		}
		return float64(side*row + col) // not blank
	})
	sum := 0.0
	for _, v := range img.Values {
		sum += float64(v) / 255
	}
	bright, corner := 4*sum/side/side-2, 4.-2
	sigmoid := func(x float64) float64 { return 1 / (1 + math.Exp(-x)) }
	for _, c := range []struct {
		what   string
		change func(*Manifest)
		want   [2]float64
	}{
		{"logits, the first calibrated", func(*Manifest) {}, [2]float64{sigmoid(2*bright + 1), sigmoid(corner)}},
		{"none calibrated", func(m *Manifest) { m.Findings[0].Calibration, m.Findings[0].Calibrated = nil, false }, [2]float64{sigmoid(bright), sigmoid(corner)}},
		{"the outputs the other way round", func(m *Manifest) {
			m.Findings[0].Output, m.Findings[1].Output = 1, 0
		}, [2]float64{sigmoid(2*corner + 1), sigmoid(bright)}},
		{"normalised", func(m *Manifest) { m.Input.Std = []float64{0.5} }, [2]float64{sigmoid(2*(2*bright+2) + 1), sigmoid(6)}},
	} {
		d := described()
		c.change(d)
		r, err := loads(t, folder(t, d, nil)).Look(img)
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range c.want {
			if got := r.Findings[i].Score; math.Abs(got-want) > 1e-6 {
				t.Errorf("%s: finding %d: %v, want %v", c.what, i, got, want)
			}
		}
	}
}

// A number that the manifest rules out is the model's failure, not a score.
func TestProbabilitiesAreHeldToTheirRange(t *testing.T) {
	d := described()
	d.Output.Kind = Probability
	d.Findings[0].Calibration, d.Findings[0].Calibrated = nil, false
	if r, err := loads(t, folder(t, d, nil)).Look(known()); err == nil {
		t.Errorf("a probability under 0 became %+v", r.Findings)
	}
}

func TestAFindingSaysWhatItIs(t *testing.T) {
	d := described()
	d.Demonstration = true
	r, err := loads(t, folder(t, d, nil)).Look(known())
	if err != nil {
		t.Fatal(err)
	}
	got := r.Findings[1]
	got.Score = 0
	if len(got.Warnings) != 1 || got.Warnings[0] != ward.WarnDemonstration {
		t.Errorf("warnings %v", got.Warnings)
	}
	got.Warnings = nil
	want := ward.Finding{
		Model: "small", ModelVersion: "3+" + d.SHA256[:8], Demonstration: true,
		Modality: "DX", Region: "chest", View: "PA", Device: "Maker Model 5",
		CodeSystem: ward.SystemSNOMED, Code: "2", Label: "corner", Laterality: ward.LateralityLeft, Threshold: 0.6,
	}
	if !equalFindings(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
}

func equalFindings(a, b ward.Finding) bool {
	return a.Model == b.Model && a.ModelVersion == b.ModelVersion && a.Demonstration == b.Demonstration &&
		a.Modality == b.Modality && a.Region == b.Region && a.View == b.View && a.Device == b.Device &&
		a.CodeSystem == b.CodeSystem && a.Code == b.Code && a.Label == b.Label && a.Laterality == b.Laterality && a.Threshold == b.Threshold
}

// A hospital's own gate looks at the picture before its model does.
func TestOwnGate(t *testing.T) {
	d := described()
	raw := small().Bytes()
	d.Picture.Own = &GateFile{File: "gate.onnx", SHA256: hashed(raw), Input: grey(), Output: Output{Name: "logits", Kind: Logit}, Threshold: 0, MinSide: 12, MinAspect: 0.5, MaxAspect: 2}
	m := loads(t, folder(t, d, map[string][]byte{"gate.onnx": raw}))
	facts := known().Facts
	for _, c := range []struct {
		what       string
		rows, cols int
		brightness float64
		refused    string
	}{
		{"bright", 16, 16, 160, ""},
		{"dark", 16, 16, 60, ward.RefusedPicture},
		{"too small", 11, 16, 160, ward.RefusedSmall},
		{"just long", 32, 16, 160, ""},
		{"too long", 33, 16, 160, ward.RefusedPicture},
		{"too wide", 16, 33, 160, ward.RefusedPicture},
	} {
		img := drawn(c.rows, c.cols, func(r, col int) float64 { return c.brightness + float64(r+col) })
		img.Facts = facts
		r, err := m.Look(img)
		if err != nil {
			t.Fatal(err)
		}
		checkResult(t, c.what, r, c.refused, nil)
	}
}
