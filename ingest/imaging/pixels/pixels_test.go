package pixels

import (
	"bytes"
	"image"
	"image/jpeg"
	"image/png"
	"testing"

	"wardwatch/ingest/imaging/dicom"
	"wardwatch/ingest/imaging/internal/dicomtest"
	"wardwatch/ingest/imaging/refuse"
)

// Each kind is told by its bytes.
func TestDecode(t *testing.T) {
	grey := image.NewGray(image.Rect(0, 0, 3, 2))
	var p, j bytes.Buffer
	if err := png.Encode(&p, grey); err != nil {
		t.Fatal(err)
	}
	if err := jpeg.Encode(&j, grey, nil); err != nil {
		t.Fatal(err)
	}
	for want, b := range map[string][]byte{
		"png":   p.Bytes(),
		"jpeg":  j.Bytes(),
		"dicom": dicomtest.File(dicomtest.Explicit, dicomtest.Picture(2, 3, make([]uint16, 6))),
	} {
		m, err := Decode(b, dicom.Options{})
		if err != nil || m.Facts.Format != want || m.Rows != 2 || m.Cols != 3 {
			t.Errorf("%s: %v", want, err)
		}
	}
	if _, err := Decode([]byte("%PDF-1.7"), dicom.Options{}); refuse.As(err) == nil {
		t.Errorf("a PDF: %v", err)
	}
}
