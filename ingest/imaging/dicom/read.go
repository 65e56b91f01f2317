package dicom

import (
	"encoding/binary"
	"image/color"

	"wardwatch/ingest/imaging/internal/grey"
	"wardwatch/ingest/imaging/refuse"
	"wardwatch/ward"
)

// Read decodes the one picture of a file. Its error is a refuse.Refusal; where the file could be understood so
// far, the image is given even then, with its facts and without values.
func Read(b []byte, o Options) (*ward.Image, error) {
	l := o.Limits.filled()
	f, err := walkBytes(b, l, forPicture)
	if err != nil {
		return nil, err
	}
	m := &ward.Image{Facts: f.facts(o.Zone)}
	p, raw, err := f.picture(b, l)
	if err != nil {
		return m, err
	}
	m.Rows, m.Cols, m.Bits = p.rows, p.cols, p.stored
	if p.samples == 3 {
		m.Values, m.Colour = colours(p, raw)
	} else if err := f.greys(m, p, raw); err != nil {
		return m, err
	}
	f.turnUpright(m)
	return m, nil
}

// inverse: small numbers are bright. A file may say so in either place (PS3.3 C.7.6.3.1.2 and C.7.6.1); where both
// do, it is said twice and not undone. MONOCHROME1 is believed against a shape of IDENTITY, which some
// machines write by mistake.
func (f *file) inverse(p format) bool {
	return p.photometric == "MONOCHROME1" || f.top.text().one(presentationShape) == "INVERSE"
}

// picture finds the raw values of the picture, decompressed, and how they are stored.
func (f *file) picture(b []byte, l Limits) (format, []byte, error) {
	if err := f.single(); err != nil {
		return format{}, nil, err
	}
	p, err := f.format(l)
	if err != nil {
		return p, nil, err
	}
	if f.syntax == jpegBaseline {
		return f.jpeg(p, b)
	}
	if f.pixels.fragments != nil {
		return p, nil, refuse.Because(ward.RefusedCorrupt, "the picture is compressed and the file says that it is not")
	}
	raw := b[f.pixels.value.at:][:f.pixels.value.length]
	// Less than a row too much is padding; more means that rows and columns are not what they are said to be.
	over := int64(len(raw)) - p.bytes()
	if over < 0 || over >= max(2, p.bytes()/int64(p.rows)) {
		return p, nil, refuse.Because(ward.RefusedCorrupt, "the picture has %d bytes where %d × %d values of %d bits need %d", len(raw), p.cols, p.rows, p.allocated*p.samples, p.bytes())
	}
	return p, raw[:p.bytes()], nil
}

// single refuses a file that does not hold one picture of a kind that is read here.
func (f *file) single() error {
	switch {
	case f.pixels == nil:
		return refuse.Because(ward.RefusedNoPicture, "the file holds no picture (SOP class %s)", f.identity().SOPClass)
	case f.top.text().frames() > 1 || f.top[sharedGroups] != nil || f.top[perFrameGroups] != nil:
		return refuse.Because(ward.RefusedFrames, "the file holds several frames or may do so; a file with one picture is needed")
	case !Readable(f.syntax):
		return refuseSyntax(f.syntax)
	case f.pixels.tag != pixelValues:
		return refuse.Because(ward.RefusedNoPicture, "the values are floating-point numbers; greys of 8 or 16 bits are read")
	}
	return nil
}

// greys fills in the values of a grey picture.
func (f *file) greys(m *ward.Image, p format, raw []byte) error {
	table, err := f.valueTable(p)
	if err != nil {
		return err
	}
	var inverts bool
	m.Windows, inverts = f.windows(p)
	m.Inverted = f.inverse(p) != inverts
	m.Values = make([]float32, p.rows*p.cols)
	if p.allocated == 8 {
		for i, b := range raw {
			m.Values[i] = table[b]
		}
	} else {
		for i := range m.Values {
			m.Values[i] = table[binary.LittleEndian.Uint16(raw[2*i:])]
		}
	}
	if f.top[paddingValue] != nil {
		darken(m)
	}
	return nil
}

// darken gives what is outside the picture the darkest value inside it, so that it bears on no window.
func darken(m *ward.Image) {
	var dark float32
	found := false
	for _, v := range m.Values {
		if v == v && (!found || m.Inverted == (v > dark)) {
			dark, found = v, true
		}
	}
	for i, v := range m.Values {
		if v != v { // NaN: padding
			m.Values[i] = dark
		}
	}
}

// colours makes greys of a picture with three values a pixel.
func colours(p format, raw []byte) ([]float32, float64) {
	n := p.rows * p.cols
	step, part := 3, 1
	if p.planes {
		step, part = 1, n
	}
	var meter grey.Meter
	values := make([]float32, n)
	for i := range values {
		at := i * step
		r, g, b := raw[at], raw[at+part], raw[at+2*part]
		if p.photometric == "YBR_FULL" {
			r, g, b = color.YCbCrToRGB(r, g, b)
		}
		values[i] = meter.Of(r, g, b)
	}
	return values, meter.Colour()
}
