package dicom

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/jpeg"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"runtime/metrics"
	"testing"

	tags "github.com/suyashkumar/dicom/pkg/tag"

	"wardwatch/ingest/imaging/internal/dicomtest"
	"wardwatch/ingest/imaging/refuse"
)

// agree checks that the library names the same instance as Scan, where both accept the file.
func agree(t *testing.T, b []byte) {
	t.Helper()
	d, err := Dataset(b, Limits{})
	if err != nil {
		return
	}
	id, err := Scan(bytes.NewReader(b), Limits{})
	if err != nil {
		return
	}
	for _, c := range []struct {
		tag  tags.Tag
		ours string
	}{{tags.SOPInstanceUID, id.InstanceUID}, {tags.StudyInstanceUID, id.StudyUID}, {tags.SeriesInstanceUID, id.SeriesUID}} {
		e, err := d.FindElementByTag(c.tag)
		if err != nil {
			continue // the walker may have found it in the meta group
		}
		if s, ok := e.Value.GetValue().([]string); ok && len(s) > 0 && validUID(s[0]) && s[0] != c.ours {
			t.Errorf("the library reads %v as %s, the walker as %s", c.tag, s[0], c.ours)
		}
	}
}

// seeds are small sound files of each kind.
func seeds(t testing.TB) map[string][]byte {
	t.Helper()
	grey := image.NewGray(image.Rect(0, 0, 16, 16))
	for i := range grey.Pix {
		grey.Pix[i] = byte(i)
	}
	var encoded bytes.Buffer
	if err := jpeg.Encode(&encoded, grey, nil); err != nil {
		t.Fatal(err)
	}
	whole := dicomtest.Picture(2, 3, numbers{0, 1, 2, 3, 4, 4095})
	table := attributes{el{Tag: 0x0028_3002, VR: "US", Value: numbers{3, 1, 16}}, el{Tag: 0x0028_3006, VR: "OW", Value: numbers{100, 200, 400}}}
	rich := whole.With(sq(0x0028_3000, table), sq(0x0028_3010, table), code(0x0054_0220, "R-10214", "postero-anterior"), us(0x0028_0120, 0), cs(0x0020_0020, `F\R`))
	out := map[string][]byte{
		"explicit": dicomtest.File(dicomtest.Explicit, rich),
		"implicit": dicomtest.File(dicomtest.Implicit, rich),
		"colour":   dicomtest.File(dicomtest.Explicit, whole.With(colour("RGB", px8(make([]byte, 18)...))...)),
		"jpeg":     dicomtest.File(dicomtest.JPEG, dicomtest.Picture(16, 16, nil).With(bits8(el{Tag: 0x7FE0_0010, VR: "OB", Value: dicomtest.Fragments{encoded.Bytes()}})...)),
		"deep":     deep(16),
	}
	if dir := os.Getenv("WARDWATCH_TESTDATA"); dir != "" {
		b, err := os.ReadFile(filepath.Join(dir, "dicom-samples", "sr_document.dcm"))
		if err != nil {
			t.Fatal(err)
		}
		out["report"] = b
	}
	return out
}

// 10,000 damaged files: none panics, none costs more memory than a small file may.
func TestDamagedFiles(t *testing.T) {
	const files = 10_000
	r := rand.New(rand.NewPCG(7, 11))
	whole := seeds(t)
	names := []string{"explicit", "implicit", "colour", "jpeg", "deep", "report"}
	var worst uint64
	read := 0
	for i := range files {
		seed, ok := whole[names[i%len(names)]]
		if !ok {
			seed = whole["explicit"]
		}
		b := damage(r, seed)
		n := allocated(func() {
			m, err := Read(b, Options{})
			if err != nil && refuse.As(err) == nil {
				t.Errorf("file %d: %v is no refusal", i, err)
			}
			if err == nil && len(m.Values) != m.Rows*m.Cols {
				t.Errorf("file %d: %d values for %d × %d", i, len(m.Values), m.Rows, m.Cols)
			}
			if err == nil {
				read++
			}
		})
		worst = max(worst, n)
		agree(t, b)
	}
	t.Logf("%d damaged files, %d of them still readable; the most memory one took: %d KiB", files, read, worst>>10)
	if worst > 4<<20 {
		t.Errorf("one took %d bytes", worst)
	}
}

// damage changes a file in one of the ways in which files go wrong, or are made to.
func damage(r *rand.Rand, seed []byte) []byte {
	b := bytes.Clone(seed)
	for range 1 + r.IntN(4) {
		at := r.IntN(len(b))
		switch r.IntN(6) {
		case 0:
			b[at] ^= 1 << r.IntN(8)
		case 1:
			b[at] = byte(r.Uint32())
		case 2: // a length or a size at one of its edges
			edge := []uint32{0, 1, 0xFFFF, 0x10000, 0x7FFFFFFF, 0xFFFFFFFE, 0xFFFFFFFF}[r.IntN(7)]
			var v [4]byte
			binary.LittleEndian.PutUint32(v[:], edge)
			copy(b[at:], v[:])
		case 3: // cut
			b = b[:max(at, 200)]
		case 4: // a stretch again
			to := min(len(b), at+1+r.IntN(64))
			b = append(b[:to:to], b[at:]...)
		case 5: // another type
			copy(b[at:], []string{"SQ", "UN", "OB", "UT", "US", "ZZ"}[r.IntN(6)])
		}
	}
	return b
}

// allocated is how many bytes f took from the heap.
func allocated(f func()) uint64 {
	sample := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(sample)
	before := sample[0].Value.Uint64()
	f()
	runtime.KeepAlive(sample)
	metrics.Read(sample)
	return sample[0].Value.Uint64() - before
}

func FuzzRead(f *testing.F) {
	for _, b := range seeds(f) {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		l := Limits{Pixels: 1 << 20}
		m, err := Read(b, Options{Limits: l})
		if err == nil && len(m.Values) != m.Rows*m.Cols || err != nil && refuse.As(err) == nil {
			t.Fatalf("%v", err)
		}
	})
}

// Whatever the walker lets through, the library reads in the same way.
func FuzzDataset(f *testing.F) {
	for _, b := range seeds(f) {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		agree(t, b)
		if _, err := Dataset(b, Limits{}); err != nil && refuse.As(err) == nil {
			t.Fatalf("%v", err)
		}
	})
}
