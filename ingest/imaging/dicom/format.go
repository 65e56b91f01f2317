package dicom

import (
	"strings"

	"wardwatch/ingest/imaging/refuse"
	"wardwatch/ward"
)

// format is how the values of a picture are stored (PS3.3 C.7.6.3).
type format struct {
	rows, cols, samples     int
	allocated, stored, high int // bits
	signed                  bool
	planes                  bool // all of the red, then green, then blue
	photometric             string
}

// format reads and checks the image pixel module.
func (f *file) format(l Limits) (format, error) {
	s := f.top
	p := format{photometric: s.text().one(photometric)}
	p.rows, _ = s.short(rows)
	p.cols, _ = s.short(columns)
	p.samples = s.shortOr(samplesPerPixel, 1)
	p.allocated = s.shortOr(bitsAllocated, 0)
	p.stored = s.shortOr(bitsStored, p.allocated)
	p.high = s.shortOr(highBit, p.stored-1)
	p.signed = s.shortOr(pixelRepresentation, 0) == 1
	p.planes = s.shortOr(planarConfiguration, 0) == 1
	if err := p.size(l); err != nil {
		return p, err
	}
	if err := p.colours(f.syntax); err != nil {
		return p, err
	}
	return p, p.bits()
}

func (s set) shortOr(of tag, otherwise int) int {
	if n, ok := s.short(of); ok {
		return n
	}
	return otherwise
}

func (p format) size(l Limits) error {
	if p.rows == 0 || p.cols == 0 {
		return refuse.Because(ward.RefusedCorrupt, "the file does not say how many rows and columns its picture has")
	}
	if int64(p.rows)*int64(p.cols) > l.Pixels {
		return refuse.Because(ward.RefusedTooBig, "the picture has %d × %d values; %d are read at most", p.cols, p.rows, l.Pixels)
	}
	return nil
}

func (p format) colours(syntax string) error {
	switch {
	case p.samples == 1 && (p.photometric == "MONOCHROME1" || p.photometric == "MONOCHROME2"):
		return nil
	case p.samples == 3 && (p.photometric == "RGB" || p.photometric == "YBR_FULL"),
		p.samples == 3 && p.photometric == "YBR_FULL_422" && syntax == jpegBaseline:
		return nil
	case p.photometric == "PALETTE COLOR" || strings.HasPrefix(p.photometric, "YBR"):
		return refuse.Because(ward.RefusedColour, "the picture has colours (%s); a grey one (MONOCHROME1 or MONOCHROME2) is needed", p.photometric)
	}
	return refuse.Because(ward.RefusedCorrupt, "the file does not say what its values mean: (0028,0004) must be MONOCHROME1 or MONOCHROME2 with one value a pixel, or RGB with three")
}

func (p format) bits() error {
	wide := p.allocated == 16 && p.samples == 1
	if p.allocated != 8 && !wide {
		return refuse.Because(ward.RefusedNoPicture, "the values have %d bits each; greys of 8 or 16 bits and colours of 8 are read", p.allocated)
	}
	if p.stored < 1 || p.high >= p.allocated || p.high+1 < p.stored {
		return refuse.Because(ward.RefusedCorrupt, "%d bits up to bit %d do not fit into %d", p.stored, p.high, p.allocated)
	}
	if p.samples == 3 && (p.stored != 8 || p.signed) {
		return refuse.Because(ward.RefusedColour, "the picture has colours of %d bits; a grey one (MONOCHROME1 or MONOCHROME2) is needed", p.stored)
	}
	return nil
}

// bytes is how long the picture is.
func (p format) bytes() int64 {
	return int64(p.rows) * int64(p.cols) * int64(p.samples) * int64(p.allocated/8)
}

// grey is the stored number in a raw value: overlays may use the bits around it.
func (p format) grey(raw int) int {
	v := raw >> (p.high + 1 - p.stored) & (1<<p.stored - 1)
	if p.signed && v>>(p.stored-1) != 0 {
		v -= 1 << p.stored
	}
	return v
}
