package orthanc

import (
	"image"
	"image/jpeg"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// Picture makes a small grey DICOM picture, uncompressed. The attributes are by the names of the DICOM
// dictionary, for example "PatientID"; it needs StudyInstanceUID, SeriesInstanceUID and SOPInstanceUID.
func Picture(t testing.TB, attributes map[string]string) []byte {
	t.Helper()
	dir := t.TempDir()
	in, compressed, out := filepath.Join(dir, "in.jpg"), filepath.Join(dir, "c.dcm"), filepath.Join(dir, "out.dcm")
	writeJPEG(t, in)
	args := []string{in, compressed}
	for name, value := range attributes {
		args = append(args, "-k", name+"="+value)
	}
	run(t, "img2dcm", args...)
	run(t, "dcmdjpeg", compressed, out)
	return read(t, out)
}

// Lossless is the same picture in JPEG Lossless (1.2.840.10008.1.2.4.70), as many machines send it.
func Lossless(t testing.TB, dicom []byte) []byte {
	t.Helper()
	dir := t.TempDir()
	in, out := filepath.Join(dir, "in.dcm"), filepath.Join(dir, "out.dcm")
	if err := os.WriteFile(in, dicom, 0o600); err != nil {
		t.Fatal(err)
	}
	run(t, "dcmcjpeg", "+e1", in, out)
	return read(t, out)
}

func writeJPEG(t testing.TB, path string) {
	t.Helper()
	m := image.NewGray(image.Rect(0, 0, 64, 64))
	for i := range m.Pix {
		m.Pix[i] = byte(i)
	}
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := jpeg.Encode(f, m, nil); err != nil {
		t.Fatal(err)
	}
}

func run(t testing.TB, name string, args ...string) {
	t.Helper()
	if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v: %s", name, err, out)
	}
}

func read(t testing.TB, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
