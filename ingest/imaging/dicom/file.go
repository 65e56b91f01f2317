package dicom

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"strings"

	"wardwatch/ingest/imaging/refuse"
	"wardwatch/ward"
)

// file is what the walker found in one file.
type file struct {
	syntax string
	meta   set
	top    set
	pixels *pixelData
}

// preamble is 128 bytes of anything, then DICM (PS3.10 7.1).
const preamble = 128 + 4

// open walks a file. size is forever when it is not known. The file is given even with an error, as far as
// it was understood.
func (w *walker) open(size int64) (*file, error) {
	f := &file{}
	if size != forever {
		if err := w.room(size); err != nil {
			return f, err
		}
	}
	if err := w.mark(); err != nil {
		return f, err
	}
	var err error
	if f.meta, err = w.metaGroup(size); err != nil {
		return f, err
	}
	f.syntax = f.meta.uid(transferSyntax)
	implicit, err := f.implicit()
	if err != nil {
		return f, err
	}
	f.top, err = w.top(implicit, size)
	f.pixels = w.pixels
	return f, err
}

func (w *walker) mark() error {
	head, err := w.in.Peek(preamble)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if len(head) < preamble || string(head[preamble-4:]) != "DICM" {
		return w.corrupt("this is no DICOM file: byte 128 does not begin with DICM; a bare data set becomes a file with dcmconv of dcmtk")
	}
	_, err = w.in.Discard(preamble)
	w.at = preamble
	return err
}

// metaGroup walks group 0002, which is always explicit little endian, up to the first element of another.
func (w *walker) metaGroup(end int64) (set, error) {
	s := set{}
	length := int64(-1)
	begin := w.at
	for {
		next, err := w.in.Peek(2)
		if len(next) < 2 {
			if err != nil && !errors.Is(err, io.EOF) {
				return s, err
			}
			return s, w.corrupt("the file ends after its first group")
		}
		if binary.LittleEndian.Uint16(next) != 0x0002 {
			break
		}
		h, err := w.header(false, end)
		if err != nil {
			return s, w.cut(err)
		}
		if h.vr == "SQ" || h.length == undefined {
			return s, w.corrupt("%v cannot be a sequence", h.tag)
		}
		if h.tag == 0x0002_0000 && h.length == 4 && length < 0 {
			v, err := w.keep(h, end)
			if err != nil {
				return s, err
			}
			length, begin = int64(binary.LittleEndian.Uint32(v)), w.at
			continue
		}
		if _, err := w.value(s, h, false, end, 0); err != nil {
			return s, err
		}
	}
	if w.library && length != w.at-begin {
		return s, w.corrupt("the first group is not as long as it says")
	}
	return s, nil
}

// implicit is how the data set is encoded.
func (f *file) implicit() (bool, error) {
	if !validUID(f.syntax) {
		return false, refuse.Because(ward.RefusedCorrupt, "the file does not say how it is encoded: %v holds no transfer syntax", transferSyntax)
	}
	switch f.syntax {
	case implicitLittle:
		return true, nil
	case explicitBig, deflated, jpipDeflated, privateGE:
		return false, refuseSyntax(f.syntax)
	}
	return false, nil
}

// uid is the first value of a UI, without the padding.
func (s set) uid(t tag) string {
	if e := s[t]; e != nil {
		first, _, _ := strings.Cut(string(e.value), `\`)
		return strings.Trim(first, "\x00 ")
	}
	return ""
}

func walkBytes(b []byte, l Limits, wanted func(tag) bool) (*file, error) {
	w := &walker{in: bufio.NewReader(bytes.NewReader(b)), limits: l.filled(), wanted: wanted}
	return w.open(int64(len(b)))
}
