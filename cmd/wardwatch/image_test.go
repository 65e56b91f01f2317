package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	ort "wardwatch/scoring/runtime"
	"wardwatch/ward"
)

// drawnChest is a made-up frontal chest that the gate takes for one.
func drawnChest(t *testing.T) *image.Gray {
	t.Helper()
	f, err := os.Open(filepath.Join("..", "..", "scoring", "imaging", "testdata", "parity.json.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var fixture struct {
		Pictures []struct {
			Rows, Cols int
			Made       struct{ Values []uint8 }
		}
	}
	// other pictures may have more than 8 bits: the one meant is whole
	_ = json.NewDecoder(z).Decode(&fixture)
	for _, p := range fixture.Pictures {
		if p.Rows == 61 && p.Cols == 47 {
			img := image.NewGray(image.Rect(0, 0, p.Cols, p.Rows))
			copy(img.Pix, p.Made.Values)
			return img
		}
	}
	t.Fatal("the made chest is gone from the fixture")
	return nil
}

// pictureFolder has what a folder of pictures may have: good ones, one for nobody, one that is broken,
// and what is no picture.
func pictureFolder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	write := func(name string, b []byte) {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	encode := func(img image.Image) []byte {
		var b bytes.Buffer
		if err := png.Encode(&b, img); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	chest := drawnChest(t)
	photo := image.NewRGBA(chest.Rect)
	for y := range 61 {
		for x := range 47 {
			photo.SetRGBA(x, y, color.RGBA{R: uint8(4 * x), G: uint8(4 * y), B: 90, A: 255})
		}
	}
	var jpg bytes.Buffer
	if err := jpeg.Encode(&jpg, chest, nil); err != nil {
		t.Fatal(err)
	}
	write("a.png", encode(chest))
	write("b/photo.PNG", encode(photo))
	write("b/x-ray.jpg", jpg.Bytes())
	write("c.dcm", []byte("this is no DICOM file"))
	write("notes.txt", []byte("not to be taken"))
	write("README", []byte("without an ending, and no DICOM file"))
	return dir
}

// runImage is what the command prints.
func runImage(t *testing.T, c *imageCmd) (lines []imageLine, said string, err error) {
	t.Helper()
	if _, err := ort.Find(""); err != nil {
		t.Skipf("no library, so no run: %v", err)
	}
	talk, e := os.Create(filepath.Join(t.TempDir(), "stderr"))
	if e != nil {
		t.Fatal(e)
	}
	defer talk.Close()
	var out bytes.Buffer
	err = c.run(t.Context(), &out, talk)
	for d := json.NewDecoder(bytes.NewReader(out.Bytes())); d.More(); {
		var l imageLine
		if e := d.Decode(&l); e != nil {
			t.Fatal(e)
		}
		lines = append(lines, l)
	}
	text, e := os.ReadFile(talk.Name())
	if e != nil {
		t.Fatal(e)
	}
	return lines, string(text), err
}

// Every picture of a folder has its line, in order; what cannot be read does not stop the others, and
// shows in the exit code.
func TestImageOfAFolder(t *testing.T) {
	dir, maps := pictureFolder(t), filepath.Join(t.TempDir(), "new", "maps")
	lines, said, err := runImage(t, &imageCmd{Model: "demo-pneumonia", Map: maps, Jobs: 3, Files: []string{dir, filepath.Join(dir, "gone.png")}})
	var code exitCode
	if !errors.As(err, &code) || code != 1 || !strings.Contains(said, "2 of 5 files could not be read") {
		t.Errorf("%v, %q", err, said)
	}
	want := []struct{ file, refused string }{
		{"a.png", ""}, {"b/photo.PNG", ward.RefusedColour}, {"b/x-ray.jpg", ""}, {"c.dcm", ward.RefusedCorrupt}, {"gone.png", ward.RefusedCorrupt},
	}
	if len(lines) != len(want) {
		t.Fatalf("%+v", lines)
	}
	for i, w := range want {
		l := lines[i]
		if l.File != filepath.Join(dir, w.file) || l.Model != "demo-pneumonia" || !l.Demonstration || l.Version == "" {
			t.Errorf("line %d: %+v", i+1, l)
		}
		if w.refused != "" {
			if l.Refused == nil || !strings.HasPrefix(*l.Refused, w.refused+": ") || len(l.Findings) > 0 || l.Map != "" {
				t.Errorf("%s: %+v", w.file, l)
			}
			continue
		}
		checkSeen(t, w.file, &l)
	}
}

func checkSeen(t *testing.T, file string, l *imageLine) {
	t.Helper()
	if l.Refused != nil || len(l.Findings) != 1 {
		t.Errorf("%s: %+v", file, l)
		return
	}
	f := l.Findings[0]
	if f.Code != "233604007" || f.System != ward.SystemSNOMED || f.Label != "pneumonia" || f.Present != (f.Score >= f.Threshold) {
		t.Errorf("%s: %+v", file, f)
	}
	if !slices.Contains(l.Warnings, ward.WarnAgeUnknown) || !slices.Contains(l.Warnings, ward.WarnDemonstration) {
		t.Errorf("%s: warnings %v", file, l.Warnings)
	}
	m, err := os.Open(l.Map)
	if err != nil {
		t.Error(err)
		return
	}
	defer m.Close()
	if _, err := png.Decode(m); err != nil {
		t.Errorf("%s: its map: %v", file, err)
	}
}

// The line has the contract's names, and refused is null when nothing was.
func TestImageLine(t *testing.T) {
	dir := pictureFolder(t)
	lines, _, err := runImage(t, &imageCmd{Model: "demo-pneumonia", Files: []string{filepath.Join(dir, "a.png")}})
	if err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(lines[0])
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal(raw, &got); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"file", "model", "version", "demonstration", "findings", "warnings", "refused"} {
		if _, there := got[name]; !there {
			t.Errorf("%s has no %s", raw, name)
		}
	}
	if got["refused"] != nil || strings.Contains(string(raw), `"map"`) {
		t.Errorf("%s", raw)
	}
}

func TestImageMistakes(t *testing.T) {
	empty := t.TempDir()
	for _, c := range []struct {
		what string
		cmd  imageCmd
		says string
	}{
		{"a folder without pictures", imageCmd{Model: "demo-pneumonia", Files: []string{empty}}, "no pictures there"},
		{"no such model", imageCmd{Model: "demo-pneumona", Files: []string{"a.png"}}, "give one of demo-pneumonia"},
		{"a folder that is no model", imageCmd{Model: empty, Files: []string{"a.png"}}, "manifest.json"},
		{"no library there", imageCmd{Model: "demo-pneumonia", ONNXLib: filepath.Join(empty, "gone.so"), Files: []string{"a.png"}}, "make onnxruntime"},
	} {
		if _, _, err := runImage(t, &c.cmd); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", c.what, err)
		}
	}
}

// DICOM files of dcmtk's making: what their attributes say keeps them from a model for other pictures.
func TestImageOfDICOM(t *testing.T) {
	tool, err := exec.LookPath("img2dcm")
	if err != nil {
		t.Skip("no dcmtk, so no DICOM made by others: apt-get install dcmtk")
	}
	dir := t.TempDir()
	jpg := filepath.Join(pictureFolder(t), "b", "x-ray.jpg")
	child := []string{"Modality=DX", "BodyPartExamined=CHEST", "ViewPosition=PA", "PatientAge=004Y"}
	for name, c := range dicomCases {
		args := []string{}
		for _, key := range append(slices.Clone(child), c.says...) {
			args = append(args, "-k", key)
		}
		if said, err := exec.Command(tool, append(args, jpg, filepath.Join(dir, name))...).CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, said)
		}
	}
	lines, _, err := runImage(t, &imageCmd{Model: "demo-pneumonia", Files: []string{dir}})
	if err != nil {
		t.Fatal(err)
	}
	if len(lines) != len(dicomCases) {
		t.Fatalf("%d lines of %d files", len(lines), len(dicomCases))
	}
	for _, l := range lines {
		c := dicomCases[filepath.Base(l.File)]
		switch {
		case c.refused == "" && (l.Refused != nil || !slices.Equal(l.Warnings, append(slices.Clone(c.warns), ward.WarnDemonstration))):
			t.Errorf("%s: %+v", l.File, l)
		case c.refused != "" && (l.Refused == nil || !strings.HasPrefix(*l.Refused, c.refused+": ")):
			t.Errorf("%s: want %s, got %+v", l.File, c.refused, l)
		}
	}
}

// dicomCases are files by name, two without an ending, and what becomes of them.
var dicomCases = map[string]struct {
	says    []string
	refused string
	warns   []string
}{
	"child.dcm":       {nil, "", nil},
	"child":           {nil, "", nil},
	"1.2.840.99.7":    {nil, "", nil},
	"no-age.dcm":      {[]string{"PatientAge="}, "", []string{ward.WarnAgeUnknown}},
	"no-view.dcm":     {[]string{"ViewPosition="}, "", []string{ward.WarnViewUnknown}},
	"adult.dcm":       {[]string{"PatientAge=044Y"}, ward.RefusedPerson, nil},
	"baby.dcm":        {[]string{"PatientAge=011M"}, ward.RefusedPerson, nil},
	"ct.dcm":          {[]string{"Modality=CT"}, ward.RefusedModality, nil},
	"hand.dcm":        {[]string{"BodyPartExamined=HAND"}, ward.RefusedRegion, nil},
	"lateral.dcm":     {[]string{"ViewPosition=LL"}, ward.RefusedView, nil},
	"dog.dcm":         {[]string{"PatientSpeciesDescription=Canine species"}, ward.RefusedSpecies, nil},
	"description.dcm": {[]string{"ViewPosition=", "SeriesDescription=CHEST LATERAL"}, ward.RefusedView, nil},
}

// Lines come in the order of the files, however long each takes, and a stop ends the work.
func TestInOrder(t *testing.T) {
	var files []string
	for i := range 200 {
		files = append(files, fmt.Sprint(i))
	}
	next := 0
	err := inOrder(t.Context(), files, 7, func(n int, path string) imageLine {
		for range (n * 7919) % 50 {
			runtime.Gosched()
		}
		return imageLine{File: path}
	}, func(l imageLine) error {
		if l.File != files[next] {
			t.Fatalf("line %d is of file %s", next, l.File)
		}
		next++
		return nil
	})
	if err != nil || next != len(files) {
		t.Errorf("%d lines, %v", next, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	seen := 0
	err = inOrder(ctx, files, 2, func(int, string) imageLine { return imageLine{} }, func(imageLine) error {
		seen++
		cancel()
		return nil
	})
	if !errors.Is(err, context.Canceled) || seen == len(files) {
		t.Errorf("after a stop: %d lines, %v", seen, err)
	}
	full := errors.New("the disk is full")
	if err := inOrder(t.Context(), files, 2, func(int, string) imageLine { return imageLine{} }, func(imageLine) error { return full }); !errors.Is(err, full) {
		t.Errorf("got %v", err)
	}
}
