package dicom

import (
	"bytes"
	"fmt"
	"image"
	"image/jpeg"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"wardwatch/ingest/imaging/internal/dicomtest"
	"wardwatch/ingest/imaging/refuse"
	"wardwatch/ward"
)

type (
	el         = dicomtest.Element
	attributes = dicomtest.Set
	numbers    = []uint16
)

func us(tag uint32, n uint16) el        { return el{Tag: tag, VR: "US", Value: n} }
func cs(tag uint32, s string) el        { return el{Tag: tag, VR: "CS", Value: s} }
func ds(tag uint32, s string) el        { return el{Tag: tag, VR: "DS", Value: s} }
func px(values ...uint16) el            { return el{Tag: 0x7FE0_0010, VR: "OW", Value: values} }
func px8(values ...byte) el             { return el{Tag: 0x7FE0_0010, VR: "OB", Value: values} }
func sq(tag uint32, s ...attributes) el { return el{Tag: tag, VR: "SQ", Value: s} }
func bits8(elements ...el) []el {
	return append(elements, us(0x0028_0100, 8), us(0x0028_0101, 8), us(0x0028_0102, 7))
}
func colour(kind string, e ...el) []el {
	return bits8(append(e, us(0x0028_0002, 3), cs(0x0028_0004, kind), us(0x0028_0006, 0))...)
}

// small is a picture of 2 rows and 3 columns with some elements of its own.
func small(elements ...el) []byte {
	return dicomtest.File(dicomtest.Explicit, dicomtest.Picture(2, 3, numbers{0, 1, 2, 3, 4, 4095}).With(elements...))
}

func mustRead(t *testing.T, b []byte) *ward.Image {
	t.Helper()
	m, err := Read(b, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// What the bytes say, value by value.
func TestValues(t *testing.T) {
	for _, c := range []struct {
		name     string
		elements []el
		want     []float32
	}{
		{"12 bits of 16", nil, []float32{0, 1, 2, 3, 4, 4095}},
		{"bits above the high bit belong to an overlay", []el{px(0xF001, 0x1002, 3, 4, 5, 6)}, []float32{1, 2, 3, 4, 5, 6}},
		{"12 bits at the top", []el{us(0x0028_0102, 15), px(0x0010, 0x002F, 0x0030, 0x0040, 0x0050, 0xFFF0)}, []float32{1, 2, 3, 4, 5, 4095}},
		{"12 bits with a sign", []el{us(0x0028_0103, 1), px(0x0FFF, 0x0800, 0x07FF, 0, 1, 2)}, []float32{-1, -2048, 2047, 0, 1, 2}},
		{"16 bits", []el{us(0x0028_0101, 16), us(0x0028_0102, 15), px(65535, 1, 2, 3, 4, 5)}, []float32{65535, 1, 2, 3, 4, 5}},
		{"16 bits with a sign", []el{us(0x0028_0101, 16), us(0x0028_0102, 15), us(0x0028_0103, 1), px(65535, 32768, 2, 3, 4, 5)}, []float32{-1, -32768, 2, 3, 4, 5}},
		{"8 bits", bits8(px8(0, 1, 2, 3, 4, 255)), []float32{0, 1, 2, 3, 4, 255}},
		{"8 bits with a sign", bits8(us(0x0028_0103, 1), px8(0, 127, 128, 255, 4, 5)), []float32{0, 127, -128, -1, 4, 5}},
		{"slope and intercept", []el{ds(0x0028_1052, "-1024"), ds(0x0028_1053, "2.5")}, []float32{-1024, -1021.5, -1019, -1016.5, -1014, 9213.5}},
		{"an intercept alone", []el{ds(0x0028_1052, "-1024 ")}, []float32{-1024, -1023, -1022, -1021, -1020, 3071}},
		{"a modality table, which is held at its ends", []el{sq(0x0028_3000, attributes{el{Tag: 0x0028_3002, VR: "US", Value: numbers{3, 1, 16}}, el{Tag: 0x0028_3006, VR: "OW", Value: numbers{100, 200, 400}}})}, []float32{100, 100, 200, 400, 400, 400}},
		{"a modality table of bytes", []el{sq(0x0028_3000, attributes{el{Tag: 0x0028_3002, VR: "US", Value: numbers{4, 1, 8}}, el{Tag: 0x0028_3006, VR: "OW", Value: []byte{9, 8, 7, 6}}})}, []float32{9, 9, 8, 7, 6, 6}},
		{"padding is as dark as the darkest", []el{us(0x0028_0120, 0), px(0, 0, 7, 9, 5, 6)}, []float32{5, 5, 7, 9, 5, 6}},
		{"a range of padding", []el{us(0x0028_0120, 0), us(0x0028_0121, 6), px(0, 5, 7, 9, 5, 6)}, []float32{7, 7, 7, 9, 7, 7}},
		{"padding with a sign", []el{us(0x0028_0103, 1), us(0x0028_0101, 16), us(0x0028_0102, 15), us(0x0028_0120, 0xF830), px(0xF830, 1, 2, 3, 4, 5)}, []float32{1, 1, 2, 3, 4, 5}},
		{"padding where large is dark", []el{us(0x0028_0120, 0), cs(0x0028_0004, "MONOCHROME1"), px(0, 0, 7, 9, 5, 6)}, []float32{9, 9, 7, 9, 5, 6}},
		{"nothing but padding", []el{us(0x0028_0120, 3), px(3, 3, 3, 3, 3, 3)}, []float32{0, 0, 0, 0, 0, 0}},
		{"an odd byte of padding at the end", bits8(us(0x0028_0010, 1), px8(1, 2, 3)), []float32{1, 2, 3}},
	} {
		for _, syntax := range []string{dicomtest.Explicit, dicomtest.Implicit} {
			m := mustRead(t, dicomtest.File(syntax, dicomtest.Picture(2, 3, numbers{0, 1, 2, 3, 4, 4095}).With(c.elements...)))
			if !slices.Equal(m.Values, c.want) || m.Colour != 0 {
				t.Errorf("%s (%s): %v, want %v", c.name, syntax, m.Values, c.want)
			}
		}
	}
}

// Colours become greys, and how much colour there was is measured.
func TestColours(t *testing.T) {
	grey := func(r, g, b float64) float32 { return float32(0.299*r + 0.587*g + 0.114*b) }
	for _, c := range []struct {
		name     string
		elements []el
		want     []float32
		colour   float64
	}{
		{"by pixel", colour("RGB", us(0x0028_0010, 1), us(0x0028_0011, 2), px8(255, 0, 0, 10, 20, 30)), []float32{grey(255, 0, 0), grey(10, 20, 30)}, (255.0 + 20) / 2 / 255},
		{"by plane", append(colour("RGB", us(0x0028_0010, 1), us(0x0028_0011, 2), px8(255, 10, 0, 20, 0, 30)), us(0x0028_0006, 1)), []float32{grey(255, 0, 0), grey(10, 20, 30)}, (255.0 + 20) / 2 / 255},
		{"greys written as colours", colour("RGB", us(0x0028_0010, 1), us(0x0028_0011, 2), px8(7, 7, 7, 9, 9, 9)), []float32{7, 9}, 0},
		{"luminance and chrominance", colour("YBR_FULL", us(0x0028_0010, 1), us(0x0028_0011, 2), px8(100, 128, 128, 50, 128, 128)), []float32{100, 50}, 0},
	} {
		m := mustRead(t, small(c.elements...))
		for i := range c.want {
			if math.Abs(float64(m.Values[i]-c.want[i])) > 1e-3 {
				t.Errorf("%s: %v, want %v", c.name, m.Values, c.want)
			}
		}
		if math.Abs(m.Colour-c.colour) > 1e-9 {
			t.Errorf("%s: colour %g, want %g", c.name, m.Colour, c.colour)
		}
	}
}

// The picture is turned as it is shown. Upright it is 1 2 3 above 4 5 6.
func TestUpright(t *testing.T) {
	wide, tall := [2]uint16{2, 3}, [2]uint16{3, 2}
	frontal := []float32{1, 2, 3, 4, 5, 6}
	for _, c := range []struct {
		name   string
		lies   string
		size   [2]uint16
		stored numbers
		want   []float32
	}{
		{"as it is shown", `L\F`, wide, numbers{1, 2, 3, 4, 5, 6}, frontal},
		{"mirrored", `R\F`, wide, numbers{3, 2, 1, 6, 5, 4}, frontal},
		{"flipped", `L\H`, wide, numbers{4, 5, 6, 1, 2, 3}, frontal},
		{"half a turn", `R\H`, wide, numbers{6, 5, 4, 3, 2, 1}, frontal},
		{"a quarter, mirrored", `F\L`, tall, numbers{1, 4, 2, 5, 3, 6}, frontal},
		{"a quarter to the left", `F\R`, tall, numbers{3, 6, 2, 5, 1, 4}, frontal},
		{"a quarter to the right", `H\L`, tall, numbers{4, 1, 5, 2, 6, 3}, frontal},
		{"a quarter to the right, mirrored", `H\R`, tall, numbers{6, 3, 5, 2, 4, 1}, frontal},
		{"lateral, upside down", `A\H`, wide, numbers{4, 5, 6, 1, 2, 3}, frontal},
		{"lateral, facing left: not mirrored", `P\F`, wide, numbers{1, 2, 3, 4, 5, 6}, frontal},
		{"oblique letters", `LH\FP`, wide, numbers{1, 2, 3, 4, 5, 6}, frontal},
		{"a slice lies as it is shown", `L\P`, wide, numbers{1, 2, 3, 4, 5, 6}, frontal},
		{"not said", ``, wide, numbers{1, 2, 3, 4, 5, 6}, frontal},
		{"nonsense", `X\Y`, wide, numbers{1, 2, 3, 4, 5, 6}, frontal},
		{"both to the head", `H\F`, wide, numbers{1, 2, 3, 4, 5, 6}, frontal},
	} {
		m := mustRead(t, small(cs(0x0020_0020, c.lies), us(0x0028_0010, c.size[0]), us(0x0028_0011, c.size[1]), px(c.stored...)))
		if m.Rows != 2 || m.Cols != 3 || !slices.Equal(m.Values, c.want) {
			t.Errorf("%s (%s): %d × %d %v", c.name, c.lies, m.Rows, m.Cols, m.Values)
		}
	}
}

// Where the letters are not given, the direction cosines say how it lies.
func TestUprightByCosines(t *testing.T) {
	for _, c := range []struct {
		cosines string
		want    []float32
	}{
		{`1\0\0\0\0\-1`, []float32{1, 2, 3, 4, 5, 6}},
		{`-0.99\0.1\0\0\0\-1`, []float32{3, 2, 1, 6, 5, 4}},
		{`1\0\0\0\0.2\0.97`, []float32{4, 5, 6, 1, 2, 3}},
		{`0\0\0\0\0\0`, []float32{1, 2, 3, 4, 5, 6}},
		{`1\0\0`, []float32{1, 2, 3, 4, 5, 6}},
		{`1\0\0\0\0\x`, []float32{1, 2, 3, 4, 5, 6}},
	} {
		m := mustRead(t, small(cs(0x0020_0020, ""), ds(0x0020_0037, c.cosines), px(1, 2, 3, 4, 5, 6)))
		if !slices.Equal(m.Values, c.want) {
			t.Errorf("%s: %v", c.cosines, m.Values)
		}
	}
}

// An animal's letters are others, and how the detector lay says nothing of how the picture lies.
func TestWhatTurnsNothing(t *testing.T) {
	stored := px(1, 2, 3, 4, 5, 6)
	for name, e := range map[string][]el{
		"four legs":         {cs(0x0010_2210, "QUADRUPED"), cs(0x0020_0020, `R\H`), stored},
		"field of view":     {ds(0x0018_7032, "180"), cs(0x0018_7034, "YES"), stored},
		"cosines of little": {cs(0x0020_0020, `L\F`), ds(0x0020_0037, `-1\0\0\0\0\1`), stored},
	} {
		if m := mustRead(t, small(e...)); m.Values[0] != 1 {
			t.Errorf("%s: %v", name, m.Values)
		}
	}
}

// Which way is bright, and what the file would show.
func TestPresentation(t *testing.T) {
	voi := func(data ...uint16) el {
		return sq(0x0028_3010, attributes{el{Tag: 0x0028_3002, VR: "US", Value: numbers{uint16(len(data)), 1000, 12}}, el{Tag: 0x0028_3006, VR: "US", Value: data}})
	}
	for _, c := range []struct {
		name     string
		elements []el
		inverted bool
		windows  []ward.Window
	}{
		{"large is bright", nil, false, nil},
		{"MONOCHROME1", []el{cs(0x0028_0004, "MONOCHROME1")}, true, nil},
		{"inverse shape", []el{cs(0x2050_0020, "INVERSE")}, true, nil},
		{"said twice, meant once", []el{cs(0x0028_0004, "MONOCHROME1"), cs(0x2050_0020, "INVERSE")}, true, nil},
		{"MONOCHROME1 against identity", []el{cs(0x0028_0004, "MONOCHROME1"), cs(0x2050_0020, "IDENTITY")}, true, nil},
		{"identity", []el{cs(0x2050_0020, "IDENTITY")}, false, nil},
		{"two windows", []el{ds(0x0028_1050, `2048\-600`), ds(0x0028_1051, `4096\1500`)}, false, []ward.Window{{Center: 2048, Width: 4096}, {Center: -600, Width: 1500}}},
		{"a window of no width", []el{ds(0x0028_1050, "2048"), ds(0x0028_1051, "0")}, false, nil},
		{"a window that is no number", []el{ds(0x0028_1050, "AUTO"), ds(0x0028_1051, "1")}, false, nil},
		{"a table", []el{voi(0, 0, 50, 100, 100)}, false, []ward.Window{{Center: 1002, Width: 3}}},
		{"a falling table", []el{voi(100, 100, 50, 0, 0)}, true, []ward.Window{{Center: 1002, Width: 3}}},
		{"a table beside a window", []el{voi(100, 50, 0), ds(0x0028_1050, "40"), ds(0x0028_1051, "400")}, false, []ward.Window{{Center: 40, Width: 400}}},
		{"a flat table", []el{voi(5, 5, 5)}, false, nil},
		{"a table with nothing in it", []el{sq(0x0028_3010, attributes{us(0x0028_3002, 1)})}, false, nil},
	} {
		m := mustRead(t, small(c.elements...))
		if m.Inverted != c.inverted || !slices.Equal(m.Windows, c.windows) {
			t.Errorf("%s: inverted %v, windows %v", c.name, m.Inverted, m.Windows)
		}
	}
}

// What is not one picture of a kind that is read here is refused, and why is said.
func TestRefused(t *testing.T) {
	whole := dicomtest.Picture(2, 3, numbers{0, 1, 2, 3, 4, 4095})
	for _, c := range []struct {
		name, syntax string
		set          attributes
		code         string
	}{
		{"no picture", dicomtest.Explicit, whole.Without(0x7FE0_0010), ward.RefusedNoPicture},
		{"floating-point values", dicomtest.Explicit, whole.Without(0x7FE0_0010).With(el{Tag: 0x7FE0_0008, VR: "OF", Value: make([]byte, 24)}), ward.RefusedNoPicture},
		{"a mask of one bit", dicomtest.Explicit, whole.With(us(0x0028_0100, 1), us(0x0028_0101, 1), us(0x0028_0102, 0)), ward.RefusedNoPicture},
		{"values of 32 bits", dicomtest.Explicit, whole.With(us(0x0028_0100, 32)), ward.RefusedNoPicture},
		{"two frames", dicomtest.Explicit, whole.With(el{Tag: 0x0028_0008, VR: "IS", Value: "2"}), ward.RefusedFrames},
		{"an enhanced object with one frame", dicomtest.Explicit, whole.With(sq(0x5200_9229, attributes{})), ward.RefusedFrames},
		{"palette", dicomtest.Explicit, whole.With(cs(0x0028_0004, "PALETTE COLOR")), ward.RefusedColour},
		{"colours of 16 bits", dicomtest.Explicit, whole.With(cs(0x0028_0004, "RGB"), us(0x0028_0002, 3)), ward.RefusedNoPicture},
		{"nothing says what values mean", dicomtest.Explicit, whole.Without(0x0028_0004), ward.RefusedCorrupt},
		{"no rows", dicomtest.Explicit, whole.Without(0x0028_0010), ward.RefusedCorrupt},
		{"more rows than bytes", dicomtest.Explicit, whole.With(us(0x0028_0010, 3)), ward.RefusedCorrupt},
		{"fewer rows than bytes", dicomtest.Explicit, whole.With(us(0x0028_0010, 1)), ward.RefusedCorrupt},
		{"65,535 × 65,535", dicomtest.Explicit, whole.With(us(0x0028_0010, 65535), us(0x0028_0011, 65535)), ward.RefusedTooBig},
		{"13 bits up to bit 11", dicomtest.Explicit, whole.With(us(0x0028_0101, 13)), ward.RefusedCorrupt},
		{"bit 16 of 16", dicomtest.Explicit, whole.With(us(0x0028_0102, 16)), ward.RefusedCorrupt},
		{"a slope of nothing", dicomtest.Explicit, whole.With(ds(0x0028_1053, "0")), ward.RefusedCorrupt},
		{"a slope beyond numbers", dicomtest.Explicit, whole.With(ds(0x0028_1053, "1e300")), ward.RefusedCorrupt},
		{"a table without data", dicomtest.Explicit, whole.With(sq(0x0028_3000, attributes{el{Tag: 0x0028_3002, VR: "US", Value: numbers{0, 0, 16}}})), ward.RefusedCorrupt},
		{"a table that is too short", dicomtest.Explicit, whole.With(sq(0x0028_3000, attributes{el{Tag: 0x0028_3002, VR: "US", Value: numbers{0, 0, 16}}, el{Tag: 0x0028_3006, VR: "OW", Value: numbers{1}}})), ward.RefusedCorrupt},
		{"JPEG 2000", "1.2.840.10008.1.2.4.90", whole.With(el{Tag: 0x7FE0_0010, VR: "OB", Value: dicomtest.Fragments{{1, 2}}}), ward.RefusedSyntax},
		{"RLE", "1.2.840.10008.1.2.5", whole.With(el{Tag: 0x7FE0_0010, VR: "OB", Value: dicomtest.Fragments{{1, 2}}}), ward.RefusedSyntax},
		{"big endian", "1.2.840.10008.1.2.2", whole, ward.RefusedSyntax},
		{"deflated", "1.2.840.10008.1.2.1.99", whole, ward.RefusedSyntax},
		{"a transfer syntax that is none", "1.2.840\n", whole, ward.RefusedCorrupt},
		{"fragments in a native syntax", dicomtest.Explicit, whole.With(el{Tag: 0x7FE0_0010, VR: "OB", Value: dicomtest.Fragments{{1, 2}}}), ward.RefusedCorrupt},
		{"native values in a JPEG syntax", dicomtest.JPEG, whole, ward.RefusedCorrupt},
		{"a JPEG that is none", dicomtest.JPEG, whole.With(bits8(el{Tag: 0x7FE0_0010, VR: "OB", Value: dicomtest.Fragments{{1, 2}}})...), ward.RefusedCorrupt},
	} {
		_, err := Read(dicomtest.File(c.syntax, c.set), Options{})
		r := refuse.As(err)
		if r == nil || r.Code != c.code {
			t.Errorf("%s: %v, want %s", c.name, err, c.code)
			continue
		}
		for _, secret := range []string{"P-0042", "Nguy", "A-17"} {
			if bytes.Contains([]byte(err.Error()), []byte(secret)) {
				t.Errorf("%s: the refusal tells who it is: %v", c.name, err)
			}
		}
	}
}

// What follows the picture does not matter: some archives pad their files.
func TestPaddedFile(t *testing.T) {
	if m := mustRead(t, append(small(), make([]byte, 100)...)); m.Values[5] != 4095 {
		t.Errorf("%v", m.Values)
	}
}

// Any number of any depth comes out as it was put in.
func TestGreysPassUnchanged(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows, cols := rapid.IntRange(1, 20).Draw(t, "rows"), rapid.IntRange(1, 20).Draw(t, "columns")
		stored := rapid.IntRange(1, 16).Draw(t, "bits")
		high := rapid.IntRange(stored-1, 15).Draw(t, "high bit")
		signed := rapid.Bool().Draw(t, "signed")
		junk := rapid.Uint16().Draw(t, "other bits")
		mask := uint16(1<<stored-1) << (high + 1 - stored)
		low, span := 0, 1<<stored
		if signed {
			low = -span / 2
		}
		want := make([]float32, rows*cols)
		values := make(numbers, rows*cols)
		for i := range values {
			v := low + rapid.IntRange(0, span-1).Draw(t, "value")
			want[i] = float32(v)
			values[i] = uint16(v)<<(high+1-stored)&mask | junk&^mask
		}
		sign := uint16(0)
		if signed {
			sign = 1
		}
		syntax := rapid.SampledFrom([]string{dicomtest.Explicit, dicomtest.Implicit}).Draw(t, "syntax")
		m, err := Read(dicomtest.File(syntax, dicomtest.Picture(rows, cols, values).With(
			us(0x0028_0101, uint16(stored)), us(0x0028_0102, uint16(high)), us(0x0028_0103, sign))), Options{})
		if err != nil || !slices.Equal(m.Values, want) || m.Rows != rows || m.Cols != cols || m.Bits != stored {
			t.Fatalf("%v: %v, want %v", err, m, want)
		}
	})
}

// A refused picture still says what it is, so that refusals can be counted by machine.
func TestFactsOfARefused(t *testing.T) {
	m, err := Read(small(el{Tag: 0x0028_0008, VR: "IS", Value: "30"}), Options{})
	if err == nil || m == nil || m.Facts.Device != "Maker Model 5" || m.Facts.Frames != 30 || m.Values != nil {
		t.Errorf("%v: %+v", err, m)
	}
}

// A baseline JPEG comes out as its own decoder gives it, whole or cut into fragments.
func TestJPEG(t *testing.T) {
	grey := image.NewGray(image.Rect(0, 0, 24, 16))
	for i := range grey.Pix {
		grey.Pix[i] = byte(i * 7 % 251)
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, grey, &jpeg.Options{Quality: 95}); err != nil {
		t.Fatal(err)
	}
	decoded, err := jpeg.Decode(bytes.NewReader(b.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	for name, fragments := range map[string]dicomtest.Fragments{
		"whole":     {b.Bytes()},
		"fragments": {b.Bytes()[:100], b.Bytes()[100:300], b.Bytes()[300:]},
	} {
		set := dicomtest.Picture(16, 24, nil).With(bits8(el{Tag: 0x7FE0_0010, VR: "OB", Value: fragments})...)
		m := mustRead(t, dicomtest.File(dicomtest.JPEG, set))
		for i, v := range decoded.(*image.Gray).Pix {
			if m.Values[i] != float32(v) {
				t.Fatalf("%s: value %d is %g, want %d", name, i, m.Values[i], v)
			}
		}
		for _, wrong := range []el{us(0x0028_0010, 15), us(0x0028_0002, 3), us(0x0028_0100, 16)} {
			if _, err := Read(dicomtest.File(dicomtest.JPEG, set.With(wrong)), Options{}); refuse.As(err) == nil {
				t.Errorf("%s: accepted with %x = %v", name, wrong.Tag, wrong.Value)
			}
		}
	}
}

// A colour JPEG is read whichever way its colours are written.
func TestColourJPEG(t *testing.T) {
	red := image.NewRGBA(image.Rect(0, 0, 16, 16))
	for i := range red.Pix {
		red.Pix[i] = []byte{200, 0, 0, 255}[i%4]
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, red, nil); err != nil {
		t.Fatal(err)
	}
	set := dicomtest.Picture(16, 16, nil).With(colour("YBR_FULL_422", el{Tag: 0x7FE0_0010, VR: "OB", Value: dicomtest.Fragments{b.Bytes()}})...)
	m := mustRead(t, dicomtest.File(dicomtest.JPEG, set))
	if got := fmt.Sprintf("%.0f %.2f", m.Values[0], m.Colour); got != "60 0.78" && got != "60 0.79" {
		t.Errorf("red of 200 is grey and colour %s", got)
	}
}

// A JPEG that is far too short for its size is refused before it is decoded.
func TestJPEGBomb(t *testing.T) {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, 16, 16)), nil); err != nil {
		t.Fatal(err)
	}
	bomb := b.Bytes()
	at := bytes.Index(bomb, []byte{0xFF, 0xC0})
	copy(bomb[at+5:], []byte{0x1F, 0x40, 0x1F, 0x40}) // 8,000 × 8,000
	file := dicomtest.File(dicomtest.JPEG, dicomtest.Picture(8000, 8000, nil).With(bits8(el{Tag: 0x7FE0_0010, VR: "OB", Value: dicomtest.Fragments{bomb}})...))
	n := allocated(func() {
		if _, err := Read(file, Options{}); refuse.As(err) == nil {
			t.Errorf("%v", err)
		}
	})
	if n > 1<<20 {
		t.Errorf("took %d bytes", n)
	}
}
