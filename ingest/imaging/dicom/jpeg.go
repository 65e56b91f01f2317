package dicom

import (
	"bytes"
	"image"
	"image/jpeg"

	"wardwatch/ingest/imaging/refuse"
	"wardwatch/ward"
)

// jpeg decodes the fragments of a baseline picture (PS3.5 A.4.1) into values of 8 bits.
func (f *file) jpeg(p format, b []byte) (format, []byte, error) {
	if len(f.pixels.fragments) < 2 || p.allocated != 8 {
		return p, nil, refuse.Because(ward.RefusedCorrupt, "the file says JPEG baseline and holds no JPEG of 8 bits")
	}
	stream := f.stream(b)
	config, err := jpeg.DecodeConfig(bytes.NewReader(stream))
	if err != nil {
		return p, nil, refuse.Because(ward.RefusedCorrupt, "the JPEG is damaged or not baseline")
	}
	if config.Width != p.cols || config.Height != p.rows {
		return p, nil, refuse.Because(ward.RefusedCorrupt, "the JPEG is %d × %d and the file says %d × %d", config.Width, config.Height, p.cols, p.rows)
	}
	if !plausibleJPEG(p, stream) {
		return p, nil, refuse.Because(ward.RefusedCorrupt, "the JPEG is too short for %d × %d", p.cols, p.rows)
	}
	m, err := jpeg.Decode(bytes.NewReader(stream))
	if err != nil {
		return p, nil, refuse.Because(ward.RefusedCorrupt, "the JPEG is damaged or not baseline")
	}
	return p.unpack(m)
}

// plausibleJPEG: a block of 8 × 8 has one bit at least.
func plausibleJPEG(p format, stream []byte) bool {
	return int64(p.rows)*int64(p.cols) <= 64*8*int64(len(stream))
}

// stream is the JPEG: one frame may be cut into several fragments, after the offset table.
func (f *file) stream(b []byte) []byte {
	spans := f.pixels.fragments[1:]
	if len(spans) == 1 {
		return b[spans[0].at:][:spans[0].length]
	}
	var whole []byte
	for _, s := range spans {
		whole = append(whole, b[s.at:][:s.length]...)
	}
	return whole
}

// unpack lays a decoded JPEG out as native values.
func (p format) unpack(decoded image.Image) (format, []byte, error) {
	switch m := decoded.(type) {
	case *image.Gray:
		if p.samples != 1 {
			break
		}
		raw := make([]byte, 0, p.bytes())
		for y := range p.rows {
			raw = append(raw, m.Pix[y*m.Stride:][:p.cols]...)
		}
		return p, raw, nil
	case *image.YCbCr:
		if p.samples != 3 {
			break
		}
		raw := make([]byte, 0, p.bytes())
		for y := range p.rows {
			for x := range p.cols {
				c := m.YCbCrAt(x, y)
				raw = append(raw, c.Y, c.Cb, c.Cr)
			}
		}
		p.planes = false
		if p.photometric != "RGB" { // the values of an RGB JPEG are kept in the same three places
			p.photometric = "YBR_FULL"
		}
		return p, raw, nil
	case *image.RGBA: // with a marker that says that it is RGB
		if p.samples != 3 {
			break
		}
		raw := make([]byte, 0, p.bytes())
		for y := range p.rows {
			for x := range p.cols {
				c := m.RGBAAt(x, y)
				raw = append(raw, c.R, c.G, c.B)
			}
		}
		p.planes, p.photometric = false, "RGB"
		return p, raw, nil
	}
	return p, nil, refuse.Because(ward.RefusedCorrupt, "the JPEG does not have the %d values a pixel that the file says", p.samples)
}
