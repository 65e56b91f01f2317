package reader

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"wardwatch/ingest/imaging/refuse"
	"wardwatch/scoring/runtime"
	"wardwatch/ward"
)

// madeChest is a made-up frontal chest that the gate takes for one, with which the training code and the
// program are compared.
func madeChest(t *testing.T) image.Image {
	t.Helper()
	f, err := os.Open(filepath.Join("..", "..", "..", "scoring", "imaging", "testdata", "parity.json.gz"))
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
	// the later pictures have more than 8 bits: what is read until then is enough
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

// dicomOf is a picture as DICOM, made by dcmtk, with what else it is to say.
func dicomOf(t *testing.T, img image.Image, says ...string) string {
	t.Helper()
	tool, err := exec.LookPath("img2dcm")
	if err != nil {
		t.Skip("no dcmtk, so no DICOM made by others: apt-get install dcmtk")
	}
	dir := t.TempDir()
	in, out := filepath.Join(dir, "picture.jpg"), filepath.Join(dir, "picture.dcm")
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 98}); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(in, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	var args []string
	for _, s := range says {
		args = append(args, "-k", s)
	}
	if said, err := exec.Command(tool, append(args, in, out)...).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	return out
}

// aChild is what a child's X-ray says of itself.
func aChild(more ...string) []string {
	return append([]string{
		"Modality=DX", "BodyPartExamined=CHEST", "ViewPosition=PA", "PatientAge=004Y", "PatientID=P-1", "PatientName=Nguyen^An",
		"AccessionNumber=A-1", "StudyInstanceUID=1.2.3", "SeriesInstanceUID=1.2.3.4", "SOPInstanceUID=1.2.3.4.5", "Manufacturer=Maker",
	}, more...)
}

// kept is where maps are put.
type kept [][]byte

func (k *kept) keep(_ context.Context, b []byte) (string, error) {
	*k = append(*k, b)
	return "map-1", nil
}

func real(t *testing.T, models ...string) (*Reader, *kept) {
	t.Helper()
	if _, err := runtime.Find(""); err != nil {
		t.Skipf("no library, so no run: %v", err)
	}
	k := &kept{}
	r, _ := reading(t, "serve", func(o *Options) {
		o.Models, o.Demonstrations, o.Keep = models, true, k.keep
		o.Command = append(o.Command, models...)
	})
	return r, k
}

// A delivered picture becomes findings with all that tells whose, of what and by whom they are.
func TestAPictureBecomesAReport(t *testing.T) {
	r, k := real(t, "demo-pneumonia")
	path := dicomOf(t, madeChest(t), aChild()...)
	got, err := r.Read(t.Context(), delivered(), path)
	if err != nil {
		t.Fatal(err)
	}
	if got.Delivery != "d1" || got.Of.HospitalID != "P-1" || got.Of.Accession != "A-1" || got.Study.UID != "1.2.3" || got.Study.Modality != "DX" || got.Study.Region != "chest" || len(got.Refused) > 0 {
		t.Errorf("report %+v", got)
	}
	if len(got.Findings) != 1 {
		t.Fatalf("findings %+v", got.Findings)
	}
	f := got.Findings[0]
	if f.ID == "" || f.Source != "pacs" || f.Delivery != "d1" || f.StudyUID != "1.2.3" || f.SeriesUID != "1.2.3.4" || f.InstanceUID != "1.2.3.4.5" ||
		f.HospitalID != "P-1" || f.Model != "demo-pneumonia" || !f.Demonstration || !f.Produced.Equal(r.o.Now()) || !f.Received.Equal(delivered().Received) ||
		f.Stay != "" || !slices.Equal(f.Warnings, []string{ward.WarnDemonstration}) {
		t.Errorf("finding %+v", f)
	}
	if there := f.Present(f.Threshold); there != (f.Map == "map-1") || there != (len(*k) == 1) {
		t.Errorf("there %v, map %q, %d kept", there, f.Map, len(*k))
	}
	again, err := r.Read(t.Context(), delivered(), path)
	if err != nil || again.Findings[0].ID != f.ID || again.Findings[0].Score != f.Score {
		t.Errorf("again: %+v, %v", again.Findings, err)
	}
	small, err := r.Preview(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	if p, err := png.Decode(bytes.NewReader(small)); err != nil || p.Bounds().Dy() != 61 {
		t.Errorf("preview: %v", err)
	}
}

// A map shows where what is there comes from, in a PNG of its own.
func TestMapsAreKept(t *testing.T) {
	r, k := real(t, "demo-pneumonia")
	bright := madeChest(t).(*image.Gray)
	for row := 20; row < 55; row++ { // a shadow over both fields, below
		for col := 3; col < 44; col++ {
			at := bright.PixOffset(col, row)
			bright.Pix[at] = max(bright.Pix[at], uint8(120+(row*col)%40))
		}
	}
	got, err := r.Read(t.Context(), delivered(), dicomOf(t, bright, aChild()...))
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Findings) == 0 || !got.Findings[0].Present(0.5) {
		t.Skipf("the model sees nothing there, so there is nothing to map: %+v", got)
	}
	if len(*k) != 1 {
		t.Fatalf("%d maps", len(*k))
	}
	p, err := png.Decode(bytes.NewReader((*k)[0]))
	if err != nil {
		t.Fatal(err)
	}
	coloured := 0
	for y := range p.Bounds().Dy() {
		for x := range p.Bounds().Dx() {
			if c := color.RGBAModel.Convert(p.At(x, y)).(color.RGBA); c.R != c.B {
				coloured++
			}
		}
	}
	if coloured == 0 {
		t.Error("the map is grey")
	}
}

// What a model was not made for is in the report, with whose picture it was; the delivery was read.
func TestARefusedPictureIsReported(t *testing.T) {
	r, _ := real(t, "demo-pneumonia")
	chest := madeChest(t)
	for _, c := range []struct{ says, code string }{
		{"PatientAge=060Y", ward.RefusedPerson},
		{"Modality=CT", ward.RefusedModality},
		{"BodyPartExamined=HAND", ward.RefusedRegion},
		{"ViewPosition=LL", ward.RefusedView},
		{"PatientSpeciesDescription=Canine", ward.RefusedSpecies},
	} {
		got, err := r.Read(t.Context(), delivered(), dicomOf(t, chest, aChild(c.says)...))
		if err != nil {
			t.Fatal(err)
		}
		if len(got.Findings) > 0 || len(got.Refused) != 1 || got.Refused[0].Code != c.code || got.Of.HospitalID != "P-1" {
			t.Errorf("%s: %+v", c.says, got)
			continue
		}
		if g := got.Refused[0]; g.Model != "demo-pneumonia" || g.Version == "" || g.InstanceUID != "1.2.3.4.5" || g.Device != "Maker" || g.At.IsZero() || g.Detail == "" {
			t.Errorf("%s: %+v", c.says, g)
		}
	}
}

// While a model cannot be loaded pictures wait for it, and are shown all the same; it is tried again later
// and later.
func TestAModelThatIsMissing(t *testing.T) {
	r, clock := reading(t, "serve", func(o *Options) { o.Command = append(o.Command, "gone-model") })
	path := writePNG(t, func(row, col int) uint8 { return uint8(row + col) })
	waits := func() {
		t.Helper()
		if _, err := r.Read(t.Context(), delivered(), path); !errors.Is(err, refuse.ErrNoReader) || refuse.As(err) != nil {
			t.Fatalf("got %v", err)
		}
		if err := r.State(); err == nil || !strings.Contains(err.Error(), "gone-model") {
			t.Errorf("its state is %v", err)
		}
		if _, err := r.Preview(t.Context(), path); err != nil {
			t.Errorf("it is not shown: %v", err)
		}
	}
	waits()
	r.o.Command = r.o.Command[:len(r.o.Command)-1] // the model is mended
	waits()
	clock.pass(time.Second)
	if _, err := r.Read(t.Context(), delivered(), path); err != nil || r.State() != nil {
		t.Errorf("%v, its state is %v", err, r.State())
	}
}

// A file that is no picture is refused at the first try, and the child lives on.
func TestFilesThatAreNoPictures(t *testing.T) {
	r, _ := reading(t, "serve", nil)
	dir := t.TempDir()
	text := filepath.Join(dir, "text.dcm")
	if err := os.WriteFile(text, []byte("this is no picture"), 0o600); err != nil {
		t.Fatal(err)
	}
	well := writePNG(t, func(row, col int) uint8 { return uint8(row + col) })
	if _, err := r.Preview(t.Context(), well); err != nil {
		t.Fatal(err)
	}
	before := <-r.turn
	r.turn <- before
	for _, path := range []string{text, filepath.Join(dir, "gone.dcm"), dir} {
		if _, err := r.Read(t.Context(), delivered(), path); refuse.As(err) == nil {
			t.Errorf("%s: %v", path, err)
		}
	}
	after := <-r.turn
	r.turn <- after
	if before != after {
		t.Error("the child was started again")
	}
}

// TestServeEndsWithItsInput: what the server leaves behind ends by itself.
func TestServeEndsWithItsInput(t *testing.T) {
	cmd := exec.CommandContext(t.Context(), os.Args[0], "child", "serve")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	in.Close()
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	select {
	case err := <-ended:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(30 * time.Second):
		t.Error("it still runs")
	}
}
