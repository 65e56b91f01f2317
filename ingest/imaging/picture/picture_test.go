package picture

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime/metrics"
	"testing"

	"pgregory.net/rapid"

	"wardwatch/ingest/imaging/refuse"
	"wardwatch/ward"
)

func asPNG(t testing.TB, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func asJPEG(t testing.TB, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// filled is a picture of one colour.
func filled(m interface {
	image.Image
	Set(x, y int, c color.Color)
}, c color.Color) image.Image {
	for y := range m.Bounds().Dy() {
		for x := range m.Bounds().Dx() {
			m.Set(x, y, c)
		}
	}
	return m
}

var box = image.Rect(0, 0, 16, 16)

// Each way of storing a pixel.
func TestValues(t *testing.T) {
	red := color.RGBA{R: 200, A: 255}
	for _, c := range []struct {
		name   string
		file   []byte
		format string
		bits   int
		value  float32
		colour float64
		off    float64
	}{
		{"8 bits of grey", asPNG(t, filled(image.NewGray(box), color.Gray{Y: 77})), "png", 8, 77, 0, 0},
		{"16 bits of grey", asPNG(t, filled(image.NewGray16(box), color.Gray16{Y: 40_000})), "png", 16, 40_000, 0, 0},
		{"colours", asPNG(t, filled(image.NewRGBA(box), red)), "png", 8, 59.8, 200.0 / 255, 1e-3},
		{"16 bits of colour", asPNG(t, filled(image.NewRGBA64(box), red)), "png", 8, 59.8, 200.0 / 255, 1e-3},
		{"a palette", asPNG(t, filled(image.NewPaletted(box, color.Palette{color.Black, red}), red)), "png", 8, 59.8, 200.0 / 255, 1e-3},
		{"grey written as colours", asPNG(t, filled(image.NewRGBA(box), color.Gray{Y: 9})), "png", 8, 9, 0, 1e-3},
		{"transparent is black", asPNG(t, filled(image.NewNRGBA(box), color.NRGBA{R: 255, G: 255, B: 255})), "png", 8, 0, 0, 0},
		{"a grey JPEG", asJPEG(t, filled(image.NewGray(box), color.Gray{Y: 77})), "jpeg", 8, 77, 0, 1},
		{"a colour JPEG", asJPEG(t, filled(image.NewRGBA(box), red)), "jpeg", 8, 59.8, 200.0 / 255, 2},
	} {
		m, err := Read(c.file)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if m.Rows != 16 || m.Cols != 16 || len(m.Values) != 256 || m.Bits != c.bits || m.Inverted || m.Windows != nil {
			t.Errorf("%s: %d × %d, %d bits", c.name, m.Rows, m.Cols, m.Bits)
		}
		if m.Facts != (ward.ImageFacts{Format: c.format, Frames: 1}) {
			t.Errorf("%s: %+v", c.name, m.Facts)
		}
		if math.Abs(float64(m.Values[100]-c.value)) > c.off || math.Abs(m.Colour-c.colour) > 0.01 {
			t.Errorf("%s: %g, colour %g", c.name, m.Values[100], m.Colour)
		}
	}
}

// A grey PNG comes out as it went in.
func TestGreysPassUnchanged(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w, h := rapid.IntRange(1, 40).Draw(t, "width"), rapid.IntRange(1, 40).Draw(t, "height")
		g := image.NewGray16(image.Rect(0, 0, w, h))
		copy(g.Pix, rapid.SliceOfN(rapid.Byte(), len(g.Pix), len(g.Pix)).Draw(t, "values"))
		var b bytes.Buffer
		if err := png.Encode(&b, g); err != nil {
			t.Fatal(err)
		}
		m, err := Read(b.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		for i, v := range m.Values {
			if v != float32(binary.BigEndian.Uint16(g.Pix[2*i:])) {
				t.Fatalf("value %d is %g", i, v)
			}
		}
	})
}

// claim changes what a PNG says of its size.
func claim(b []byte, width, height uint32) []byte {
	b = bytes.Clone(b)
	binary.BigEndian.PutUint32(b[16:], width)
	binary.BigEndian.PutUint32(b[20:], height)
	binary.BigEndian.PutUint32(b[29:], crc32.ChecksumIEEE(b[12:29]))
	return b
}

// claimJPEG changes what a JPEG says of its size.
func claimJPEG(b []byte, width, height uint16) []byte {
	b = bytes.Clone(b)
	at := bytes.Index(b, []byte{0xFF, 0xC0})
	binary.BigEndian.PutUint16(b[at+5:], height)
	binary.BigEndian.PutUint16(b[at+7:], width)
	return b
}

// Sizes are believed only as far as the bytes can bear them, and before anything is allocated.
func TestBombs(t *testing.T) {
	smallPNG := asPNG(t, filled(image.NewGray(box), color.Gray{Y: 9}))
	smallJPEG := asJPEG(t, filled(image.NewGray(box), color.Gray{Y: 9}))
	for _, c := range []struct {
		name string
		file []byte
		code string
	}{
		{"a PNG of 2²⁰ × 2²⁰", claim(smallPNG, 1<<20, 1<<20), ward.RefusedTooBig},
		{"a PNG of 2³¹ × 1", claim(smallPNG, 1<<31-1, 1), ward.RefusedTooBig},
		{"a PNG of 10,000 × 10,000 that may be one", append(claim(smallPNG, 10_000, 10_000), make([]byte, 20<<10)...), ward.RefusedTooBig},
		{"a PNG of 8,000 × 8,000 in 100 bytes", claim(smallPNG, 8000, 8000), ward.RefusedCorrupt},
		{"16 bits of four colours, 7,000 × 7,000", claim(asPNG(t, filled(image.NewNRGBA64(box), color.NRGBA64{R: 1, A: 7})), 7000, 7000), ward.RefusedTooBig},
		{"a JPEG of 65,535 × 65,535", claimJPEG(smallJPEG, 65535, 65535), ward.RefusedTooBig},
		{"a JPEG of 8,000 × 8,000 in 500 bytes", claimJPEG(smallJPEG, 8000, 8000), ward.RefusedCorrupt},
		{"a PNG of no size", claim(smallPNG, 0, 5), ward.RefusedCorrupt},
	} {
		sample := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
		metrics.Read(sample)
		before := sample[0].Value.Uint64()
		_, err := Read(c.file)
		metrics.Read(sample)
		if r := refuse.As(err); r == nil || r.Code != c.code {
			t.Errorf("%s: %v, want %s", c.name, err, c.code)
		}
		if n := sample[0].Value.Uint64() - before; n > 1<<20 {
			t.Errorf("%s: took %d bytes", c.name, n)
		}
	}
}

// Damaged and cut files are refused, or read as far as they are sound.
func TestDamaged(t *testing.T) {
	seeds := [][]byte{
		asPNG(t, filled(image.NewGray(box), color.Gray{Y: 9})),
		asPNG(t, filled(image.NewPaletted(box, color.Palette{color.Black, color.White}), color.White)),
		asJPEG(t, filled(image.NewGray(box), color.Gray{Y: 9})),
		asJPEG(t, filled(image.NewRGBA(box), color.RGBA{R: 200, A: 255})),
	}
	r := rand.New(rand.NewPCG(3, 5))
	for i := range 3_000 {
		b := bytes.Clone(seeds[i%len(seeds)])
		for range 1 + r.IntN(4) {
			b[r.IntN(len(b))] = byte(r.Uint32())
		}
		if r.IntN(3) == 0 {
			b = b[:r.IntN(len(b))]
		}
		check(t, b)
	}
	for _, b := range [][]byte{nil, []byte("x"), []byte("GIF89a")} {
		if r := refuse.As(check(t, b)); r == nil || r.Code != ward.RefusedCorrupt {
			t.Errorf("%q: %v", b, r)
		}
	}
}

func check(t *testing.T, b []byte) error {
	t.Helper()
	m, err := Read(b)
	if err != nil && refuse.As(err) == nil {
		t.Fatalf("%v is no refusal", err)
	}
	if err == nil && len(m.Values) != m.Rows*m.Cols {
		t.Fatalf("%d values for %d × %d", len(m.Values), m.Rows, m.Cols)
	}
	return err
}

// Every picture of the real sets is read.
func TestRealPictures(t *testing.T) {
	dir := os.Getenv("WARDWATCH_TESTDATA")
	if dir == "" {
		t.Skip("WARDWATCH_TESTDATA is not set: only made pictures ran")
	}
	read := 0
	for _, set := range []string{"cxr-nih1000-64px", "cxr-covid-ccby"} {
		files, err := filepath.Glob(filepath.Join(dir, set, "images", "*"))
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %v, %d files", set, err, len(files))
		}
		for _, f := range files {
			b, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := Read(b); err != nil {
				t.Errorf("%s: %v", filepath.Base(f), err)
			}
			read++
		}
	}
	t.Logf("%d pictures", read)
}

func FuzzRead(f *testing.F) {
	f.Add(asPNG(f, filled(image.NewGray(box), color.Gray{Y: 9})))
	f.Add(asJPEG(f, filled(image.NewGray(box), color.Gray{Y: 9})))
	f.Fuzz(func(t *testing.T, b []byte) { _ = check(t, b) })
}
