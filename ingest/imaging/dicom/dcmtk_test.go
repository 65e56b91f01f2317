package dicom

import (
	"bufio"
	"bytes"
	"fmt"
	"image"
	"image/jpeg"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"wardwatch/ingest/imaging/internal/dicomtest"
	"wardwatch/ingest/imaging/refuse"
	"wardwatch/ward"
)

// dcmtk runs one of its tools in a folder of the test's own.
type dcmtk struct {
	*testing.T
	dir string
}

func newDCMTK(t *testing.T) dcmtk {
	t.Helper()
	if _, err := exec.LookPath("dcm2pnm"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("dcmtk is not installed")
		}
		t.Skip("dcmtk is not installed (Debian package dcmtk): only files made here ran")
	}
	return dcmtk{t, t.TempDir()}
}

func (d dcmtk) run(tool string, args ...string) {
	d.Helper()
	c := exec.Command(tool, args...)
	c.Dir = d.dir
	if out, err := c.CombinedOutput(); err != nil {
		d.Fatalf("%s %v: %v\n%s", tool, args, err, out)
	}
}

func (d dcmtk) write(name string, b []byte) {
	d.Helper()
	if err := os.WriteFile(filepath.Join(d.dir, name), b, 0o600); err != nil {
		d.Fatal(err)
	}
}

func (d dcmtk) read(name string) []byte {
	d.Helper()
	b, err := os.ReadFile(filepath.Join(d.dir, name))
	if err != nil {
		d.Fatal(err)
	}
	return b
}

// shown is the picture as dcm2pnm shows it between its smallest and largest value, 0–65535.
func (d dcmtk) shown(name string, args ...string) (rows, cols int, values []float64) {
	d.Helper()
	d.run("dcm2pnm", append(args, "+opw", name, name+".pnm")...)
	r := bufio.NewReader(bytes.NewReader(d.read(name + ".pnm")))
	var magic string
	var full int
	if _, err := fmt.Fscan(r, &magic, &cols, &rows, &full); err != nil || magic != "P2" || full != 65535 {
		d.Fatalf("%v %s %d", err, magic, full)
	}
	values = make([]float64, rows*cols)
	for i := range values {
		if _, err := fmt.Fscan(r, &values[i]); err != nil {
			d.Fatal(err)
		}
	}
	return rows, cols, values
}

// show is an image as dcm2pnm would show it.
func show(m *ward.Image) []float64 {
	low, high := float64(slices.Min(m.Values)), float64(slices.Max(m.Values))
	out := make([]float64, len(m.Values))
	for i, v := range m.Values {
		if out[i] = (float64(v) - low) / (high - low) * 65535; m.Inverted {
			out[i] = 65535 - out[i]
		}
	}
	return out
}

// near allows for what dcmtk rounds.
func near(a, b []float64, off float64) bool {
	return slices.EqualFunc(a, b, func(x, y float64) bool { return math.Abs(x-y) <= off })
}

// ramp is 64 × 48 values, each once, of as many bits.
func ramp(bits int) numbers {
	values := make(numbers, 64*48)
	for i := range values {
		values[i] = uint16(i*2654435761>>7) & (1<<bits - 1)
	}
	return values
}

// The same picture as the toolkit that the field trusts, for each way of storing greys.
func TestAsDCMTKShowsIt(t *testing.T) {
	d := newDCMTK(t)
	base := dicomtest.Picture(48, 64, ramp(12)).Without(0x0020_0020)
	eight := make([]byte, 64*48)
	for i, v := range ramp(8) {
		eight[i] = byte(v)
	}
	for _, c := range []struct {
		name     string
		elements []el
	}{
		{"12 bits", nil},
		{"MONOCHROME1", []el{cs(0x0028_0004, "MONOCHROME1")}},
		{"inverse", []el{cs(0x2050_0020, "INVERSE")}},
		{"both", []el{cs(0x0028_0004, "MONOCHROME1"), cs(0x2050_0020, "INVERSE")}},
		{"signed", []el{us(0x0028_0103, 1)}},
		{"16 bits", []el{us(0x0028_0101, 16), us(0x0028_0102, 15), px(ramp(16)...)}},
		{"16 bits, signed", []el{us(0x0028_0101, 16), us(0x0028_0102, 15), us(0x0028_0103, 1), px(ramp(16)...)}},
		{"12 bits at the top", []el{us(0x0028_0102, 15), px(ramp(16)...)}},
		{"8 bits", bits8(px8(eight...))},
		{"8 bits, signed", bits8(us(0x0028_0103, 1), px8(eight...))},
		{"rescaled", []el{ds(0x0028_1052, "-1024"), ds(0x0028_1053, "2.5")}},
		{"a modality table", []el{sq(0x0028_3000, attributes{{Tag: 0x0028_3002, VR: "US", Value: numbers{4096, 0, 16}}, {Tag: 0x0028_3003, VR: "LO", Value: "x"}, {Tag: 0x0028_3004, VR: "LO", Value: "US"}, {Tag: 0x0028_3006, VR: "OW", Value: squares()}})}},
	} {
		b := dicomtest.File(dicomtest.Explicit, base.With(c.elements...))
		d.write("a.dcm", b)
		rows, cols, want := d.shown("a.dcm", "+Wm")
		m := mustRead(t, b)
		if m.Rows != rows || m.Cols != cols || !near(show(m), want, 4) {
			t.Errorf("%s: not what dcmtk shows", c.name)
		}
	}
}

func squares() numbers {
	out := make(numbers, 4096)
	for i := range out {
		out[i] = uint16(i * i >> 8)
	}
	return out
}

// Turned by the toolkit by hand, as the letters ask.
func TestAsDCMTKTurnsIt(t *testing.T) {
	d := newDCMTK(t)
	for lies, turn := range map[string][]string{
		`L\F`: nil, `R\F`: {"+Lh"}, `L\H`: {"+Lv"}, `R\H`: {"+Rtd"}, `H\L`: {"+Rl"}, `F\R`: {"+Rr"}, `F\L`: {"+Rr", "+Lh"}, `H\R`: {"+Rl", "+Lh"},
	} {
		b := dicomtest.File(dicomtest.Explicit, dicomtest.Picture(48, 64, ramp(12)).With(cs(0x0020_0020, lies)))
		d.write("a.dcm", b)
		rows, cols, want := d.shown("a.dcm", append([]string{"+Wm"}, turn...)...)
		m := mustRead(t, b)
		same := near(show(m), want, 4)
		if m.Rows != rows || m.Cols != cols || !same {
			t.Errorf("%s: not as dcmtk turns it with %v", lies, turn)
		}
	}
}

// Files that the toolkit wrote: other encodings of one picture, and what is not decoded here.
func TestFilesOfDCMTK(t *testing.T) {
	d := newDCMTK(t)
	eight := make([]byte, 64*48)
	for i := range eight {
		eight[i] = byte(128 + 100*math.Sin(float64(i%64)/9)*math.Cos(float64(i/64)/7))
	}
	b := dicomtest.File(dicomtest.Explicit, dicomtest.Picture(48, 64, nil).With(bits8(px8(eight...))...))
	d.write("a.dcm", b)
	native := mustRead(t, b)
	for _, c := range []struct {
		tool string
		args []string
		off  float64 // how far a value may be; negative: refused
		code string
	}{
		{"dcmconv", []string{"+ti"}, 0, ""},
		{"dcmconv", []string{"+te", "-e"}, 0, ""}, // sequences and items without lengths
		{"dcmconv", []string{"+ti", "-e", "+g"}, 0, ""},
		{"dcmconv", []string{"+tb"}, -1, ward.RefusedSyntax},
		{"dcmconv", []string{"+td"}, -1, ward.RefusedSyntax},
		{"dcmcjpeg", []string{"+eb", "+q", "95", "+sr"}, 8, ""},
		{"dcmcjpeg", []string{"+eb", "+q", "95", "+sr", "+fs", "1"}, 8, ""}, // in fragments of a kilobyte
		{"dcmcjpeg", []string{"+e1"}, -1, ward.RefusedSyntax},
		{"dcmcjpeg", []string{"+ee"}, -1, ward.RefusedSyntax},
		{"dcmcjpls", nil, -1, ward.RefusedSyntax},
		{"dcmcrle", nil, -1, ward.RefusedSyntax},
	} {
		d.run(c.tool, append(slices.Clone(c.args), "a.dcm", "b.dcm")...)
		m, err := Read(d.read("b.dcm"), Options{})
		if c.off < 0 {
			if r := refuse.As(err); r == nil || r.Code != c.code {
				t.Errorf("%s %v: %v, want %s", c.tool, c.args, err, c.code)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s %v: %v", c.tool, c.args, err)
			continue
		}
		for i := range m.Values {
			if math.Abs(float64(m.Values[i]-native.Values[i])) > c.off {
				t.Errorf("%s %v: value %d is %g, want %g", c.tool, c.args, i, m.Values[i], native.Values[i])
				break
			}
		}
		agree(t, d.read("b.dcm"))
		if _, err := Dataset(d.read("b.dcm"), Limits{}); err != nil {
			t.Errorf("%s %v: the library: %v", c.tool, c.args, err)
		}
	}
}

// A picture that img2dcm wraps, as gateways do, decodes as dcmtk decodes it.
func TestWrappedJPEG(t *testing.T) {
	d := newDCMTK(t)
	grey := image.NewGray(image.Rect(0, 0, 64, 48))
	for i := range grey.Pix {
		grey.Pix[i] = byte(128 + 100*math.Sin(float64(i%64)/9))
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, grey, &jpeg.Options{Quality: 95}); err != nil {
		t.Fatal(err)
	}
	d.write("a.jpg", b.Bytes())
	d.run("img2dcm", "a.jpg", "a.dcm", "-k", "PatientName=Tran^Thi B", "-k", "Modality=CR")
	m := mustRead(t, d.read("a.dcm"))
	if m.Facts.Of.Name != "Tran Thi B" || m.Facts.Modality != "CR" || m.Bits != 8 {
		t.Errorf("%+v", m.Facts)
	}
	d.run("dcmdjpeg", "a.dcm", "b.dcm")
	native := mustRead(t, d.read("b.dcm"))
	for i := range m.Values {
		if math.Abs(float64(m.Values[i]-native.Values[i])) > 2 {
			t.Fatalf("value %d is %g, dcmtk has %g", i, m.Values[i], native.Values[i])
		}
	}
}
