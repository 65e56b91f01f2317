// Package pixels reads a picture of any kind that is read here.
package pixels

import (
	"wardwatch/ingest/imaging/dicom"
	"wardwatch/ingest/imaging/picture"
	"wardwatch/ward"
)

// Decode reads a DICOM file, a PNG or a JPEG, told apart by how they begin. Its error is a refuse.Refusal; the
// image may be given even then, with its facts and without values.
func Decode(b []byte, o dicom.Options) (*ward.Image, error) {
	if picture.PNG(b) || picture.JPEG(b) {
		return picture.Read(b)
	}
	return dicom.Read(b, o)
}
