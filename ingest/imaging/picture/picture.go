// Package picture reads PNG and JPEG pictures that may be hostile.
package picture

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"image/png"

	"wardwatch/ingest/imaging/internal/grey"
	"wardwatch/ingest/imaging/refuse"
	"wardwatch/ward"
)

// Limits of one picture: proposals of ours, several times the largest chest radiograph.
const (
	MaxFile   = 256 << 20 // bytes
	MaxPixels = 64 << 20  // width × height
	MaxMemory = 256 << 20 // bytes that the decoded picture takes
)

// kind is a format and its decoders.
type kind struct {
	name   string
	config func([]byte) (image.Config, error)
	decode func([]byte) (image.Image, error)
	most   int64 // pixels, at 8 bits of grey, that a byte can stand for
}

// PNG reports whether b begins like a PNG, JPEG whether like a JPEG.
func PNG(b []byte) bool  { return bytes.HasPrefix(b, []byte("\x89PNG\r\n\x1a\n")) }
func JPEG(b []byte) bool { return bytes.HasPrefix(b, []byte("\xff\xd8\xff")) }

func kindOf(b []byte) (kind, error) {
	switch {
	case PNG(b):
		// Deflate makes at most 1,032 bytes of one (RFC 1951); a pixel has one bit at least.
		return kind{"png",
			func(b []byte) (image.Config, error) { return png.DecodeConfig(bytes.NewReader(b)) },
			func(b []byte) (image.Image, error) { return png.Decode(bytes.NewReader(b)) }, 8 * 1032}, nil
	case JPEG(b):
		// A block of 8 × 8 pixels has one bit at least.
		return kind{"jpeg",
			func(b []byte) (image.Config, error) { return jpeg.DecodeConfig(bytes.NewReader(b)) },
			func(b []byte) (image.Image, error) { return jpeg.Decode(bytes.NewReader(b)) }, 8 * 64}, nil
	}
	return kind{}, refuse.Because(ward.RefusedCorrupt, "this is neither a PNG nor a JPEG")
}

// Read decodes a PNG or JPEG. Greys keep their depth (8 or 16 bits), colours become greys of 8 bits and are
// measured; what is transparent is black. Its error is a refuse.Refusal.
func Read(b []byte) (*ward.Image, error) {
	if len(b) > MaxFile {
		return nil, refuse.Because(ward.RefusedTooBig, "the file has more than %d bytes", MaxFile)
	}
	k, err := kindOf(b)
	if err != nil {
		return nil, err
	}
	config, err := k.config(b)
	if err != nil {
		return nil, damaged(k, err)
	}
	if err := bounded(k, config, int64(len(b))); err != nil {
		return nil, err
	}
	decoded, err := k.decode(b)
	if err != nil {
		return nil, damaged(k, err)
	}
	m := values(decoded)
	m.Facts = ward.ImageFacts{Format: k.name, Frames: 1}
	return m, nil
}

// damaged words an error of a decoder for a person.
func damaged(k kind, err error) error {
	var notJPEG jpeg.UnsupportedError
	var notPNG png.UnsupportedError
	if errors.As(err, &notJPEG) || errors.As(err, &notPNG) {
		return refuse.Because(ward.RefusedSyntax, "this sort of %s is not read here; 8-bit JPEG and 8- or 16-bit PNG are", k.name)
	}
	return refuse.Because(ward.RefusedCorrupt, "the %s is damaged or was cut short", k.name)
}

// bounded refuses, before anything is allocated, a picture that is too big or bigger than its bytes can hold.
func bounded(k kind, c image.Config, size int64) error {
	pixels := int64(c.Width) * int64(c.Height)
	switch {
	case c.Width <= 0 || c.Height <= 0:
		return refuse.Because(ward.RefusedCorrupt, "the %s has no pixels", k.name)
	case int64(c.Width) > MaxPixels || int64(c.Height) > MaxPixels || pixels > MaxPixels || pixels*depth(c.ColorModel) > MaxMemory:
		return refuse.Because(ward.RefusedTooBig, "the picture has %d × %d pixels; %d are read at most, in %d bytes", c.Width, c.Height, MaxPixels, MaxMemory)
	case pixels > size*k.most:
		return refuse.Because(ward.RefusedCorrupt, "%d bytes are too few for %d × %d pixels", size, c.Width, c.Height)
	}
	return nil
}

// depth is how many bytes a decoded pixel takes.
func depth(m color.Model) int64 {
	switch m {
	case color.GrayModel:
		return 1
	case color.Gray16Model:
		return 2
	case color.YCbCrModel:
		return 3
	case color.RGBA64Model, color.NRGBA64Model:
		return 8
	case color.RGBAModel, color.NRGBAModel, color.CMYKModel:
		return 4
	}
	return 1 // a palette
}

func values(decoded image.Image) *ward.Image {
	size := decoded.Bounds().Size()
	m := &ward.Image{Rows: size.Y, Cols: size.X, Bits: 8, Values: make([]float32, 0, size.X*size.Y)}
	switch d := decoded.(type) {
	case *image.Gray:
		for y := range size.Y {
			for _, v := range d.Pix[y*d.Stride:][:size.X] {
				m.Values = append(m.Values, float32(v))
			}
		}
	case *image.Gray16:
		m.Bits = 16
		for y := range size.Y {
			for x := range size.X {
				m.Values = append(m.Values, float32(binary.BigEndian.Uint16(d.Pix[y*d.Stride+2*x:])))
			}
		}
	default:
		colours(m, decoded)
	}
	return m
}

// colours goes row by row, so that a copy of the whole picture is not needed.
func colours(m *ward.Image, decoded image.Image) {
	from := decoded.Bounds().Min
	row := image.NewRGBA(image.Rect(0, 0, m.Cols, 1))
	var meter grey.Meter
	for y := range m.Rows {
		draw.Draw(row, row.Rect, decoded, image.Pt(from.X, from.Y+y), draw.Src)
		for i := 0; i < len(row.Pix); i += 4 {
			m.Values = append(m.Values, meter.Of(row.Pix[i], row.Pix[i+1], row.Pix[i+2]))
		}
	}
	m.Colour = meter.Colour()
}
