package dicom

import (
	"bytes"
	"testing"

	library "github.com/suyashkumar/dicom"

	"wardwatch/ingest/imaging/internal/dicomtest"
)

// large is a chest radiograph of the usual size, 10 MB.
func large() []byte {
	values := make(numbers, 2500*2000)
	for i := range values {
		values[i] = uint16(i) & 0xFFF
	}
	return dicomtest.File(dicomtest.Explicit, dicomtest.Picture(2500, 2000, values))
}

func BenchmarkRead(b *testing.B) {
	file := large()
	b.SetBytes(int64(len(file)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Read(file, Options{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkScan(b *testing.B) {
	file := large()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Scan(bytes.NewReader(file), Limits{}); err != nil {
			b.Fatal(err)
		}
	}
}

// What reading the picture with the library would cost instead.
func BenchmarkLibrary(b *testing.B) {
	file := large()
	b.SetBytes(int64(len(file)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := library.Parse(bytes.NewReader(file), int64(len(file)), nil); err != nil {
			b.Fatal(err)
		}
	}
}
