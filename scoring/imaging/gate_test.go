package imaging

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	_ "image/jpeg"
	_ "image/png"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"wardwatch/ward"
)

// eachKind is how many pictures of each kind are made.
const eachKind = 24

// refusedShare is how many of the pictures are refused, with how often each reason was given.
func refusedShare(t *testing.T, m *Model, pictures []*ward.Image) (share float64, reasons map[string]int) {
	t.Helper()
	reasons = map[string]int{}
	for _, img := range pictures {
		r, err := m.Look(img)
		if err != nil {
			t.Fatal(err)
		}
		if r.Refused != nil {
			share += 1 / float64(len(pictures))
			reasons[r.Refused.Code]++
		}
	}
	return share, reasons
}

// Of pictures that are no upright frontal chest radiograph, nine of ten are refused; of real ones that
// are, 19 of 20 are looked at.
func TestGate(t *testing.T) {
	m, real := builtin(t, "demo-pneumonia"), realChests(t)
	t.Run("refuses what is no chest", func(t *testing.T) { refusesStrange(t, m, real) })
	t.Run("accepts chests", func(t *testing.T) { acceptsChests(t, m, real) })
}

func refusesStrange(t *testing.T, m *Model, real map[string][]*ward.Image) {
	kinds := map[string][]*ward.Image{}
	r := rand.New(rand.NewPCG(5, 7))
	for _, kind := range slices.Sorted(maps.Keys(strange)) {
		for range eachKind {
			kinds[kind] = append(kinds[kind], strange[kind](r))
		}
	}
	for set, pictures := range real {
		for i := range min(eachKind, len(pictures)) {
			img := pictures[i*len(pictures)/eachKind%len(pictures)]
			kinds[set+", a quarter turn"] = append(kinds[set+", a quarter turn"], turned(img, 1+2*(i%2)))
			kinds[set+", upside down"] = append(kinds[set+", upside down"], turned(img, 2))
		}
	}
	all, refused := 0, 0.0
	for _, kind := range slices.Sorted(maps.Keys(kinds)) {
		share, reasons := refusedShare(t, m, kinds[kind])
		t.Logf("%-45s %3.0f %% of %d refused %v", kind, 100*share, len(kinds[kind]), reasons)
		all += len(kinds[kind])
		refused += share * float64(len(kinds[kind]))
	}
	t.Logf("%.1f %% of %d pictures of %d kinds refused", 100*refused/float64(all), all, len(kinds))
	if all < 200 || refused < 0.9*float64(all) {
		t.Errorf("%.0f of %d were refused", refused, all)
	}
}

func acceptsChests(t *testing.T, m *Model, sets map[string][]*ward.Image) {
	if len(sets) == 0 {
		t.Skip("no real pictures: WARDWATCH_TESTDATA is not set")
	}
	for _, set := range slices.Sorted(maps.Keys(sets)) {
		share, reasons := refusedShare(t, m, sets[set])
		t.Logf("%-25s %.1f %% of %d accepted %v", set, 100*(1-share), len(sets[set]), reasons)
		if share > 0.05 {
			t.Errorf("%s: only %.1f %% were accepted", set, 100*(1-share))
		}
	}
}

// realChests are some of the real pictures, where they are.
func realChests(t *testing.T) map[string][]*ward.Image {
	t.Helper()
	dir := os.Getenv("WARDWATCH_TESTDATA")
	if dir == "" {
		t.Log("made pictures only: WARDWATCH_TESTDATA is not set")
		return nil
	}
	sets := map[string][]*ward.Image{}
	for set, every := range map[string]int{"cxr-covid-ccby": 2, "cxr-nih1000-64px": 6} {
		files, err := filepath.Glob(filepath.Join(dir, set, "images", "*"))
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: no pictures, %v", set, err)
		}
		for i := 0; i < len(files); i += every {
			sets[set] = append(sets[set], realFile(t, files[i]))
		}
	}
	sets["cxr-pneumoniamnist-28px"] = children(t, filepath.Join(dir, "cxr-pneumoniamnist-28px", "dev.npz"), 20)
	return sets
}

func realFile(t *testing.T, path string) *ward.Image {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	p, _, err := image.Decode(f)
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	if g, ok := p.(*image.Gray); ok {
		return drawn(g.Rect.Dy(), g.Rect.Dx(), func(row, col int) float64 { return float64(g.Pix[row*g.Stride+col]) })
	}
	b := p.Bounds()
	return drawn(b.Dy(), b.Dx(), func(row, col int) float64 {
		return float64(color.GrayModel.Convert(p.At(b.Min.X+col, b.Min.Y+row)).(color.Gray).Y)
	})
}

// children are every n-th of the pictures of an .npz file: arrays of bytes, picture by picture.
func children(t *testing.T, path string, every int) (out []*ward.Image) {
	t.Helper()
	z, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		raw, err := io.ReadAll(r)
		r.Close()
		if err != nil {
			t.Fatal(err)
		}
		shape, data := npy(t, raw)
		if len(shape) != 3 {
			continue // not the pictures
		}
		size := shape[1] * shape[2]
		for i := 0; i < shape[0]; i += every {
			one := data[i*size:][:size]
			out = append(out, drawn(shape[1], shape[2], func(row, col int) float64 { return float64(one[row*shape[2]+col]) }))
		}
	}
	if len(out) == 0 {
		t.Fatalf("%s has no pictures", path)
	}
	return out
}

// npy reads numpy's format 1.0, of bytes.
func npy(t *testing.T, raw []byte) (shape []int, data []byte) {
	t.Helper()
	if !bytes.HasPrefix(raw, []byte("\x93NUMPY\x01")) {
		t.Fatal("no numpy array")
	}
	length := int(binary.LittleEndian.Uint16(raw[8:]))
	header := string(raw[10 : 10+length])
	_, dims, _ := strings.Cut(header, "'shape': (")
	for _, d := range strings.Split(dims[:strings.Index(dims, ")")], ",") {
		var n int
		if _, err := fmt.Sscan(d, &n); err == nil {
			shape = append(shape, n)
		}
	}
	if len(shape) == 3 && !strings.Contains(header, "'|u1'") {
		t.Fatalf("pictures of another type: %s", header)
	}
	return shape, raw[10+length:]
}
