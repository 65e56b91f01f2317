package dicom

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	library "github.com/suyashkumar/dicom"

	"wardwatch/ingest/imaging/internal/dicomtest"
	"wardwatch/ingest/imaging/refuse"
	"wardwatch/ward"
)

// raw is a whole explicit file whose data set is these bytes.
func raw(set ...byte) []byte { return append(dicomtest.File(dicomtest.Explicit, nil), set...) }

// rawImplicit is the same with implicit types.
func rawImplicit(set ...byte) []byte { return append(dicomtest.File(dicomtest.Implicit, nil), set...) }

const any4G = "\xFF\xFF\xFF\xFF"

// deep is a file with n sequences one in the other, all of undefined length.
func deep(n int) []byte {
	open := "\x08\x00\x40\x11SQ\x00\x00" + any4G + "\xFE\xFF\x00\xE0" + any4G
	shut := "\xFE\xFF\x0D\xE0\x00\x00\x00\x00\xFE\xFF\xDD\xE0\x00\x00\x00\x00"
	return raw([]byte(strings.Repeat(open, n) + strings.Repeat(shut, n))...)
}

// Everything that is wrong with the elements is said, by all who read them.
func TestWrongElements(t *testing.T) {
	for _, c := range []struct {
		name string
		file []byte
		code string
	}{
		{"nothing", nil, ward.RefusedCorrupt},
		{"no mark", make([]byte, 500), ward.RefusedCorrupt},
		{"a mark and nothing", append(make([]byte, 128), "DICM"...), ward.RefusedCorrupt},
		{"no transfer syntax", append(append(make([]byte, 128), "DICM"...), "\x08\x00\x16\x00UI\x00\x00"...), ward.RefusedCorrupt},
		{"17 sequences deep", deep(17), ward.RefusedCorrupt},
		{"100,000 sequences deep", deep(100_000), ward.RefusedCorrupt},
		{"a type that is none", raw([]byte("\x10\x00\x10\x00ZZ\x02\x00ab")...), ward.RefusedCorrupt},
		{"a value of 4 GiB", raw([]byte("\x10\x00\x10\x00UT\x00\x00\xFE\xFF\xFF\xFF")...), ward.RefusedCorrupt},
		{"a wanted value of 4 GiB", raw([]byte("\x10\x00\x20\x00UT\x00\x00\xFE\xFF\xFF\xFF")...), ward.RefusedCorrupt},
		{"a text without a length", raw([]byte("\x10\x00\x10\x00UT\x00\x00" + any4G)...), ward.RefusedCorrupt},
		{"a sequence that is longer than the file", raw([]byte("\x08\x00\x40\x11SQ\x00\x00\x10\x00\x00\x00")...), ward.RefusedCorrupt},
		{"a sequence of something else than items", raw([]byte("\x08\x00\x40\x11SQ\x00\x00\x08\x00\x00\x00\x10\x00\x10\x00LO\x00\x00")...), ward.RefusedCorrupt},
		{"an item in no sequence", raw([]byte("\xFE\xFF\x00\xE0\x00\x00\x00\x00")...), ward.RefusedCorrupt},
		{"the end of no item", raw([]byte("\xFE\xFF\x0D\xE0\x00\x00\x00\x00")...), ward.RefusedCorrupt},
		{"an item longer than its sequence", raw([]byte("\x08\x00\x40\x11SQ\x00\x00\x08\x00\x00\x00\xFE\xFF\x00\xE0\x08\x00\x00\x00\x10\x00\x10\x00LO\x00\x00")...), ward.RefusedCorrupt},
		{"an item that leaves its sequence", raw([]byte("\x08\x00\x40\x11SQ\x00\x00\x10\x00\x00\x00\xFE\xFF\x00\xE0" + any4G + "\x10\x00\x10\x00LO\x00\x00\xFE\xFF\x0D\xE0\x00\x00\x00\x00")...), ward.RefusedCorrupt},
		{"a sequence without its end", raw([]byte("\x08\x00\x40\x11SQ\x00\x00" + any4G)...), ward.RefusedCorrupt},
		{"an element longer than its item", rawImplicit([]byte("\x08\x00\x40\x11\x10\x00\x00\x00\xFE\xFF\x00\xE0\x08\x00\x00\x00\x10\x00\x10\x00\x04\x00\x00\x00abcd")...), ward.RefusedCorrupt},
		{"a fragment without a length", raw([]byte("\xE0\x7F\x10\x00OB\x00\x00" + any4G + "\xFE\xFF\x00\xE0" + any4G)...), ward.RefusedCorrupt},
		{"fragments without an end", raw([]byte("\xE0\x7F\x10\x00OB\x00\x00" + any4G + "\xFE\xFF\x00\xE0\x00\x00\x00\x00")...), ward.RefusedCorrupt},
		{"5,000 bytes of a number", raw(append([]byte("\x10\x00\x20\x00LO\x88\x13"), make([]byte, 5000)...)...), ward.RefusedCorrupt},
		{"150,000 elements", raw(bytes.Repeat([]byte("\x10\x00\x10\x00LO\x00\x00"), 150_000)...), ward.RefusedTooBig},
		{"150,000 empty items", raw(append([]byte("\x08\x00\x40\x11SQ\x00\x00"+any4G), bytes.Repeat([]byte("\xFE\xFF\x00\xE0\x00\x00\x00\x00"), 150_000)...)...), ward.RefusedTooBig},
		{"150,000 fragments", raw(append([]byte("\xE0\x7F\x10\x00OB\x00\x00"+any4G), bytes.Repeat([]byte("\xFE\xFF\x00\xE0\x00\x00\x00\x00"), 150_000)...)...), ward.RefusedTooBig},
	} {
		for reader, read := range map[string]func([]byte) error{
			"Facts":   func(b []byte) error { _, err := Facts(b, Options{}); return err },
			"Read":    func(b []byte) error { _, err := Read(b, Options{}); return err },
			"Dataset": func(b []byte) error { _, err := Dataset(b, Limits{}); return err },
		} {
			if r := refuse.As(read(c.file)); r == nil || r.Code != c.code {
				t.Errorf("%s, %s: %v, want %s", c.name, reader, r, c.code)
			}
		}
	}
}

// A whole file passes where the limit is just met, and not beyond.
func TestLimits(t *testing.T) {
	b := small()
	for _, c := range []struct {
		name string
		l    Limits
		ok   bool
	}{
		{"as long as the file", Limits{File: int64(len(b))}, true},
		{"a byte less", Limits{File: int64(len(b)) - 1}, false},
		{"as many values", Limits{Pixels: 6}, true},
		{"one less", Limits{Pixels: 5}, false},
		{"few elements", Limits{Elements: 10}, false},
		{"little room", Limits{Header: 50}, false},
	} {
		_, err := Read(b, Options{Limits: c.l})
		if r := refuse.As(err); (err == nil) != c.ok || !c.ok && r.Code != ward.RefusedTooBig {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	if _, err := Facts(deep(16), Options{}); err != nil {
		t.Errorf("16 sequences deep: %v", err)
	}
	if _, err := Scan(bytes.NewReader(b), Limits{File: 100}); refuse.As(err) == nil || refuse.As(err).Code != ward.RefusedTooBig {
		t.Errorf("a stream over the limit: %v", err)
	}
}

// A file that was cut anywhere is refused and harms nobody.
func TestCutAnywhere(t *testing.T) {
	for name, whole := range seeds(t) {
		for n := range min(len(whole), 4096) {
			_, errRead := Read(whole[:n:n], Options{})
			_, errScan := Scan(bytes.NewReader(whole[:n:n]), Limits{})
			_, errLibrary := Dataset(whole[:n:n], Limits{})
			for _, err := range []error{errRead, errScan, errLibrary} {
				if err != nil && refuse.As(err) == nil {
					t.Fatalf("%s cut at %d: %v is no refusal", name, n, err)
				}
			}
			if errRead == nil && !pictureIsWhole(whole[:n]) {
				t.Fatalf("%s cut at %d was read", name, n)
			}
		}
	}
}

// pictureIsWhole: only what follows the picture was cut.
func pictureIsWhole(b []byte) bool {
	f, err := walkBytes(b, Limits{}.filled(), forPicture)
	return err == nil && f.pixels != nil
}

// A reader that fails is not a file that is wrong.
func TestScanHandsOnTheReadersError(t *testing.T) {
	broken := errors.New("the disk is gone")
	_, err := Scan(io.MultiReader(bytes.NewReader(small()[:400]), &failing{broken}), Limits{})
	if !errors.Is(err, broken) || refuse.As(err) != nil {
		t.Errorf("%v", err)
	}
}

type failing struct{ err error }

func (f *failing) Read([]byte) (int, error) { return 0, f.err }

// Scan needs no memory for what a file only claims.
func TestScanIsFrugal(t *testing.T) {
	for name, claims := range map[string][]byte{
		"a name of 15 MiB, of which three bytes come": raw([]byte("\x10\x00\x20\x00UT\x00\x00\x00\x00\xF0\x00abc")...),
		"50,000 empty items":                          raw(append([]byte("\x08\x00\x18\x22SQ\x00\x00"+any4G), bytes.Repeat([]byte("\xFE\xFF\x00\xE0\x00\x00\x00\x00"), 50_000)...)...),
	} {
		if n := allocated(func() { _, _ = Scan(bytes.NewReader(claims), Limits{}) }); n > 4<<20 {
			t.Errorf("%s: %d bytes", name, n)
		}
	}
	large := raw(append([]byte("\x28\x00\x06\x30OW\x00\x00\x00\x00\xF0\x00"), "abc"...)...) // a table
	r := io.MultiReader(bytes.NewReader(large))
	w := &walker{in: bufio.NewReader(r), limits: Limits{}.filled(), wanted: forPicture}
	if n := allocated(func() { _, _ = w.open(forever) }); n > 64<<10 {
		t.Errorf("a table of 15 MiB, of which three bytes come: %d bytes", n)
	}
}

// What the library would read in another way than the walker, or too much of, does not reach it.
func TestGuard(t *testing.T) {
	// Shallow by the standard, which has it that what is in here is implicit; for the library, which does not,
	// it goes as deep as the file is long.
	inside := strings.Repeat("\x08\x00\x40\x11SQ\x00\x00"+any4G+"\xFE\xFF\x00\xE0"+any4G, 2)
	twofold := "\x09\x00\x10\x10UN\x00\x00" + any4G + "\xFE\xFF\x00\xE0" + any4G +
		"\x09\x00\x10\x10\x28\x00\x00\x00" + inside + "\xFE\xFF\x0D\xE0\x00\x00\x00\x00\xFE\xFF\xDD\xE0\x00\x00\x00\x00"
	for name, file := range map[string][]byte{
		"unknown type without a length": raw([]byte(twofold)...),
		"64-bit numbers":                raw([]byte("\x10\x00\x10\x10SV\x00\x00\x08\x00\x00\x0012345678")...),
		"65,535 bytes of text":          raw(append([]byte("\x10\x00\x10\x10LO\xFF\xFF"), make([]byte, 65535)...)...),
		"a first group of another size": longerGroup(small()),
		"17 MiB of header":              raw(append([]byte("\x11\x00\x10\x10OB\x00\x00\x00\x00\x10\x01"), make([]byte, 17<<20)...)...),
		"two pictures":                  raw([]byte("\xE0\x7F\x10\x00OB\x00\x00\x00\x00\x00\x00\xE0\x7F\x10\x00OB\x00\x00\x00\x00\x00\x00")...),
	} {
		if refuse.As(guard(file, Limits{})) == nil {
			t.Errorf("%s: let through", name)
		}
	}
}

// longerGroup says that the first group is longer than it is, and so that it holds what comes after it.
func longerGroup(b []byte) []byte {
	b[bytes.Index(b, []byte("UL\x04\x00"))+4] += 26
	return b
}

// The last line: these panic in the library although the walker has nothing against them.
func TestTheLibraryPanics(t *testing.T) {
	for name, file := range map[string][]byte{
		"a character set of numbers":     dicomtest.File(dicomtest.Explicit, attributes{us(0x0008_0005, 1)}),
		"a character set it cannot find": dicomtest.File(dicomtest.Explicit, attributes{cs(0x0008_0005, "ISO_IR 166"), lo(0x0010_0010, "A")}),
	} {
		if err := guard(file, Limits{}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		panicked := func() (yes bool) {
			defer func() { yes = recover() != nil }()
			_, _ = library.Parse(bytes.NewReader(file), int64(len(file)), nil)
			return false
		}()
		if _, err := Dataset(file, Limits{}); refuse.As(err) == nil {
			t.Errorf("%s: %v is no refusal", name, err)
		}
		if !panicked {
			t.Errorf("%s: the library no longer panics; is throughLibrary still needed?", name)
		}
	}
}

// A sound file reaches the library in either encoding, without its picture.
func TestDataset(t *testing.T) {
	for name, b := range seeds(t) {
		d, err := Dataset(b, Limits{})
		if err != nil || len(d.Elements) < 5 {
			t.Errorf("%s: %v, %d elements", name, err, len(d.Elements))
		}
	}
}

// The real report reads, and the library and the walker agree on it.
func TestDatasetOfARealReport(t *testing.T) {
	dir := os.Getenv("WARDWATCH_TESTDATA")
	if dir == "" {
		t.Skip("WARDWATCH_TESTDATA is not set: only made files ran")
	}
	b, err := os.ReadFile(filepath.Join(dir, "dicom-samples", "sr_document.dcm"))
	if err != nil {
		t.Fatal(err)
	}
	if d, err := Dataset(b, Limits{}); err != nil || len(d.Elements) < 30 {
		t.Errorf("%v: %d elements", err, len(d.Elements))
	}
	agree(t, b)
	id, err := Scan(bytes.NewReader(b), Limits{})
	if err != nil || !id.Report() || id.Picture {
		t.Errorf("%v %+v", err, id)
	}
	if _, err := Read(b, Options{}); refuse.As(err) == nil || refuse.As(err).Code != ward.RefusedNoPicture {
		t.Errorf("read as a picture: %v", err)
	}
}
