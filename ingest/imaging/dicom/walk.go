package dicom

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math"

	"wardwatch/ingest/imaging/refuse"
	"wardwatch/ward"
)

// undefined is the length of a value that ends with a delimiter (PS3.5 7.5).
const undefined = math.MaxUint32

// forever is the end of a stream whose length is not known.
const forever = math.MaxInt64

// walker goes through the data elements of one file. It checks that each lies inside what encloses it
// and keeps the values that are wanted; all others it only counts and skips.
type walker struct {
	in       *bufio.Reader
	at       int64 // bytes read so far
	limits   Limits
	wanted   func(tag) bool
	before   bool // stop before the picture
	library  bool // refuse what github.com/suyashkumar/dicom would read in another way
	elements int
	kept     int64
	deaf     int // items around here that nobody wants
	buffer   [12]byte

	pixels *pixelData // the picture of the top level, once met
}

// pixelData is where the picture lies in the file.
type pixelData struct {
	tag       tag
	value     span   // native
	fragments []span // encapsulated; the first is the offset table
}

// span is a stretch of the file.
type span struct{ at, length int64 }

// element is one data element with the value that was kept, or its items.
type element struct {
	vr    string
	value []byte
	items []set
}

// set is the data elements of the top level or of one item. Of a tag that is there twice the first counts.
type set map[tag]*element

// header is a data element without its value.
type header struct {
	tag    tag
	vr     string
	length uint32
}

var errEnd = errors.New("end")

func (w *walker) corrupt(format string, args ...any) error {
	return refuse.Because(ward.RefusedCorrupt, format, args...)
}

// top walks the data set that fills the file from here to end.
func (w *walker) top(implicit bool, end int64) (set, error) {
	return w.set(implicit, stretch{end: end}, 0)
}

// longestText is a generous bound, in bytes, of the texts that are kept: 64 characters in each of three ways
// of writing, several times over (PS3.5 6.2).
const longestText = 4096

// stretch is how far a data set, a sequence or an item goes: to its end, or to a delimiter before it.
type stretch struct {
	end       int64
	delimited bool
}

// set walks the data elements of a stretch. What was found is given with an error too.
func (w *walker) set(implicit bool, in stretch, depth int) (set, error) {
	s := set{}
	for w.at < in.end {
		h, err := w.header(implicit, in.end)
		if err == errEnd && depth == 0 && in.end == forever {
			return s, nil
		}
		if err != nil {
			return s, w.cut(err)
		}
		if h.tag == itemDelimiter {
			if !in.delimited {
				return s, w.corrupt("an item ends at byte %d that was not begun or has a length of its own", w.at)
			}
			return s, nil
		}
		if done, err := w.value(s, h, implicit, in.end, depth); done || err != nil {
			return s, err
		}
	}
	return s, w.closed(in)
}

// closed is an error when the delimiter that should have ended a stretch did not come.
func (w *walker) closed(in stretch) error {
	if in.delimited {
		return w.corrupt("a sequence or item goes past byte %d, where what holds it ends", in.end)
	}
	return nil
}

// cut is the error of a file that ends too soon.
func (w *walker) cut(err error) error {
	if errors.Is(err, errEnd) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return w.corrupt("the file ends at byte %d, in the middle of a data element: it was cut short", w.at)
	}
	return err
}

// value goes past the value of h and puts it into s when it is wanted; done when the walk ends here.
func (w *walker) value(s set, h header, implicit bool, end int64, depth int) (done bool, err error) {
	switch {
	case isPixels(h.tag) && depth == 0:
		if w.before {
			w.pixels = &pixelData{tag: h.tag}
			return true, nil
		}
		// Nothing after the picture is needed, and some archives pad their files with what is no element.
		return !w.library, w.picture(h, implicit, end)
	case h.length == undefined && isBytes(h.vr):
		_, err := w.fragments(end)
		return false, err
	case h.vr == "SQ" || h.length == undefined && h.vr == "UN":
		// An unknown value of undefined length is a sequence in implicit VR (PS3.5 6.2.2, note 5).
		if h.vr == "UN" && !implicit {
			if w.library {
				return false, w.corrupt("%v has an unknown type and no length", h.tag)
			}
			implicit = true
		}
		items, err := w.sequence(h, implicit, end, depth+1)
		if err == nil && w.isWanted(h.tag) && s[h.tag] == nil {
			s[h.tag] = &element{vr: "SQ", items: items}
		}
		return false, err
	case h.length == undefined:
		return false, w.corrupt("%v has no length, which its type %s must have", h.tag, h.vr)
	case w.isWanted(h.tag) && s[h.tag] == nil:
		v, err := w.keep(h, end)
		s[h.tag] = &element{vr: h.vr, value: v}
		return false, err
	}
	if err := w.skip(h, end); err != nil || !w.library {
		return false, err
	}
	return false, w.held(int64(h.length)) // the library holds every value but the picture
}

func (w *walker) isWanted(t tag) bool { return w.deaf == 0 && w.wanted != nil && w.wanted(t) }

// sequence walks the items of a sequence whose header was read, and keeps the first where it is wanted.
func (w *walker) sequence(h header, implicit bool, end int64, depth int) ([]set, error) {
	if depth > w.limits.Depth {
		return nil, w.corrupt("sequences are nested more than %d deep", w.limits.Depth)
	}
	in, err := w.inside(h, end)
	if err != nil {
		return nil, err
	}
	wanted := w.isWanted(h.tag)
	var items []set
	for w.at < in.end {
		item, err := w.itemHeader(in.end)
		if err != nil {
			return nil, err
		}
		if item.tag == sequenceDelimiter {
			if !in.delimited {
				return nil, w.corrupt("%v ends with a delimiter and has a length", h.tag)
			}
			return items, nil
		}
		within, err := w.inside(item, in.end)
		if err != nil {
			return nil, err
		}
		if wanted && items == nil {
			s, err := w.set(implicit, within, depth)
			if err != nil {
				return nil, err
			}
			items = []set{s}
		} else if err := w.pass(implicit, within, depth); err != nil {
			return nil, err
		}
	}
	return items, w.closed(in)
}

// pass walks an item of which nothing is kept.
func (w *walker) pass(implicit bool, in stretch, depth int) error {
	w.deaf++
	defer func() { w.deaf-- }()
	_, err := w.set(implicit, in, depth)
	return err
}

// inside is how far the value of h goes, which must be no further than end.
func (w *walker) inside(h header, end int64) (stretch, error) {
	if h.length == undefined {
		return stretch{end: end, delimited: true}, nil
	}
	to := w.at + int64(h.length)
	if to > end {
		return stretch{}, w.tooLong(h)
	}
	return stretch{end: to}, nil
}

func (w *walker) tooLong(h header) error {
	return w.corrupt("%v claims %d bytes, more than there are: the file was cut short or is damaged", h.tag, h.length)
}

// itemHeader reads the header of an item or of the delimiter after the last.
func (w *walker) itemHeader(end int64) (header, error) {
	b, err := w.read(8, end)
	if err != nil {
		return header{}, w.cut(err)
	}
	h := header{tag: tagOf(b), length: binary.LittleEndian.Uint32(b[4:])}
	switch {
	case h.tag == item:
	case h.tag == sequenceDelimiter && h.length == 0:
	default:
		return header{}, w.corrupt("byte %d should begin an item and does not", w.at-8)
	}
	return h, w.count()
}

// header reads the header of a data element in front of end. errEnd: nothing is left to read.
func (w *walker) header(implicit bool, end int64) (header, error) {
	b, err := w.read(8, end)
	if err != nil {
		return header{}, err
	}
	h := header{tag: tagOf(b)}
	switch {
	case h.tag == itemDelimiter:
		if binary.LittleEndian.Uint32(b[4:]) != 0 {
			return h, w.corrupt("the end of an item at byte %d has a length", w.at-8)
		}
		return h, w.count()
	case h.tag.group() == 0xFFFE:
		return h, w.corrupt("an item at byte %d is in no sequence", w.at-8)
	case implicit:
		h.vr, h.length = implicitVR(h.tag), binary.LittleEndian.Uint32(b[4:])
		return h, w.count()
	}
	h.vr = string(b[4:6])
	long, known := longVR(h.vr)
	switch {
	case !known:
		return h, w.corrupt("%v at byte %d has no type that DICOM knows", h.tag, w.at-8)
	case !long:
		h.length = uint32(binary.LittleEndian.Uint16(b[6:]))
		if w.library && h.length == math.MaxUint16 {
			return h, w.corrupt("%v is longer than it may be", h.tag)
		}
		return h, w.count()
	case w.library && isVeryLong(h.vr):
		return h, w.corrupt("%v is of type %s, which is not read in a report", h.tag, h.vr)
	}
	if b, err = w.read(4, end); err != nil {
		return h, w.cut(err)
	}
	h.length = binary.LittleEndian.Uint32(b)
	return h, w.count()
}

// keep reads the value of h. A long one grows with the bytes that come, not with those that are claimed.
func (w *walker) keep(h header, end int64) ([]byte, error) {
	n := int64(h.length)
	if err := w.goes(h, end); err != nil {
		return nil, err
	}
	if n > longestText && h.tag.group() <= 0x0020 {
		return nil, w.corrupt("%v has %d bytes; it may have %d", h.tag, n, longestText)
	}
	if err := w.held(n); err != nil {
		return nil, err
	}
	v := bytes.NewBuffer(make([]byte, 0, min(n, 4096)))
	done, err := io.CopyN(v, w.in, n)
	w.at += done
	if err != nil {
		return nil, w.cut(err)
	}
	return v.Bytes(), nil
}

// held counts n bytes of values that are held in memory.
func (w *walker) held(n int64) error {
	if w.kept += n; w.kept > w.limits.Header {
		return refuse.Because(ward.RefusedTooBig, "the header has more than %d bytes of values", w.limits.Header)
	}
	return nil
}

// skip goes past the value of h.
func (w *walker) skip(h header, end int64) error {
	if err := w.goes(h, end); err != nil {
		return err
	}
	done, err := w.in.Discard(int(h.length))
	w.at += int64(done)
	return w.cut(err)
}

// goes reports whether the value of h fits into what encloses it and into the limits.
func (w *walker) goes(h header, end int64) error {
	if int64(h.length) > end-w.at {
		return w.tooLong(h)
	}
	return w.room(w.at + int64(h.length))
}

// read reads n ≤ 12 bytes, which are good until the next read. errEnd: there was not one.
func (w *walker) read(n int, end int64) ([]byte, error) {
	if int64(n) > end-w.at {
		return nil, io.ErrUnexpectedEOF
	}
	if err := w.room(w.at + int64(n)); err != nil {
		return nil, err
	}
	got, err := io.ReadFull(w.in, w.buffer[:n])
	w.at += int64(got)
	if err == io.EOF {
		err = errEnd
	}
	return w.buffer[:n], err
}

// room reports whether the file may be as long as to.
func (w *walker) room(to int64) error {
	if to > w.limits.File {
		return refuse.Because(ward.RefusedTooBig, "the file has more than %d bytes", w.limits.File)
	}
	return nil
}

func (w *walker) count() error {
	if w.elements++; w.elements > w.limits.Elements {
		return refuse.Because(ward.RefusedTooBig, "the file has more than %d data elements", w.limits.Elements)
	}
	return nil
}
