// Package dicomtest writes DICOM files for tests: sound ones, and ones that are wrong in a way of the test's own.
package dicomtest

import (
	"encoding/binary"
	"fmt"
)

// Transfer syntaxes.
const (
	Implicit = "1.2.840.10008.1.2"
	Explicit = "1.2.840.10008.1.2.1"
	JPEG     = "1.2.840.10008.1.2.4.50"
)

// Element is one data element. Value is a string, a uint16, a []uint16, a []byte, a Fragments, or a
// []Set for a sequence.
type Element struct {
	Tag   uint32 // group, then element: 0x0010_0020
	VR    string
	Value any
}

// Set is the data elements of a file or of an item, in the order in which they are to be written.
type Set []Element

// Fragments is an encapsulated picture: the fragments after an empty offset table.
type Fragments [][]byte

// File is a whole file with a meta group that fits the SOP class and instance in the set.
func File(syntax string, s Set) []byte {
	meta := encode(Set{
		{0x0002_0001, "OB", []byte{0, 1}},
		{0x0002_0002, "UI", s.text(0x0008_0016)},
		{0x0002_0003, "UI", s.text(0x0008_0018)},
		{0x0002_0010, "UI", syntax},
		{0x0002_0012, "UI", "1.2.826.0.1.3680043.10.0"},
	}, false)
	length := binary.LittleEndian.AppendUint32(nil, uint32(len(meta)))
	b := append(make([]byte, 128), "DICM"...)
	b = append(b, encode(Set{{0x0002_0000, "UL", length}}, false)...)
	b = append(b, meta...)
	return append(b, encode(s, syntax == Implicit)...)
}

func (s Set) text(tag uint32) string {
	for _, e := range s {
		if e.Tag == tag {
			if v, ok := e.Value.(string); ok {
				return v
			}
		}
	}
	return ""
}

// With is the set with elements added in the order of their tags, or in place of those with the same tag.
func (s Set) With(elements ...Element) Set {
	out := append(Set(nil), s...)
	for _, e := range elements {
		at := 0
		for at < len(out) && out[at].Tag < e.Tag {
			at++
		}
		if at < len(out) && out[at].Tag == e.Tag {
			out[at] = e
			continue
		}
		out = append(out[:at], append(Set{e}, out[at:]...)...)
	}
	return out
}

// Without is the set without the tags.
func (s Set) Without(tags ...uint32) Set {
	var out Set
	for _, e := range s {
		gone := false
		for _, t := range tags {
			gone = gone || e.Tag == t
		}
		if !gone {
			out = append(out, e)
		}
	}
	return out
}

// Picture is a small DX of a made-up person, with rows × cols greys of 16 bits, 12 of them used.
func Picture(rows, cols int, values []uint16) Set {
	return Set{
		{0x0008_0005, "CS", "ISO_IR 192"},
		{0x0008_0016, "UI", "1.2.840.10008.5.1.4.1.1.1.1"},
		{0x0008_0018, "UI", "1.2.826.0.1.3680043.10.1.3"},
		{0x0008_0020, "DA", "20261121"},
		{0x0008_0022, "DA", "20261121"},
		{0x0008_0030, "TM", "080000"},
		{0x0008_0032, "TM", "081502"},
		{0x0008_0050, "SH", "A-17"},
		{0x0008_0060, "CS", "DX"},
		{0x0008_0070, "LO", "Maker"},
		{0x0008_1090, "LO", "Model 5"},
		{0x0010_0010, "PN", "Nguyễn^Văn An"},
		{0x0010_0020, "LO", "P-0042"},
		{0x0010_0030, "DA", "19600302"},
		{0x0010_0040, "CS", "M"},
		{0x0018_0015, "CS", "CHEST"},
		{0x0018_5101, "CS", "PA"},
		{0x0020_000D, "UI", "1.2.826.0.1.3680043.10.1.1"},
		{0x0020_000E, "UI", "1.2.826.0.1.3680043.10.1.2"},
		{0x0020_0020, "CS", `L\F`},
		{0x0028_0002, "US", uint16(1)},
		{0x0028_0004, "CS", "MONOCHROME2"},
		{0x0028_0010, "US", uint16(rows)},
		{0x0028_0011, "US", uint16(cols)},
		{0x0028_0100, "US", uint16(16)},
		{0x0028_0101, "US", uint16(12)},
		{0x0028_0102, "US", uint16(11)},
		{0x0028_0103, "US", uint16(0)},
		{0x7FE0_0010, "OW", values},
	}
}

func encode(s Set, implicit bool) []byte {
	var b []byte
	for _, e := range s {
		b = append(b, one(e, implicit)...)
	}
	return b
}

func one(e Element, implicit bool) []byte {
	b := binary.LittleEndian.AppendUint16(nil, uint16(e.Tag>>16))
	b = binary.LittleEndian.AppendUint16(b, uint16(e.Tag))
	v, length := value(e, implicit)
	switch {
	case implicit:
		b = binary.LittleEndian.AppendUint32(b, length)
	case long(e.VR):
		b = append(append(b, e.VR...), 0, 0)
		b = binary.LittleEndian.AppendUint32(b, length)
	default:
		b = append(b, e.VR...)
		b = binary.LittleEndian.AppendUint16(b, uint16(length))
	}
	return append(b, v...)
}

func long(vr string) bool {
	switch vr {
	case "OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV":
		return true
	}
	return false
}

const undefined = 0xFFFF_FFFF

func value(e Element, implicit bool) (b []byte, length uint32) {
	switch v := e.Value.(type) {
	case string:
		b = []byte(v)
		if len(b)%2 == 1 {
			pad := byte(' ')
			if e.VR == "UI" {
				pad = 0
			}
			b = append(b, pad)
		}
	case uint16:
		b = binary.LittleEndian.AppendUint16(nil, v)
	case []uint16:
		for _, n := range v {
			b = binary.LittleEndian.AppendUint16(b, n)
		}
	case []byte:
		b = append(b, v...)
		if len(b)%2 == 1 {
			b = append(b, 0)
		}
	case Fragments:
		b = item(nil)
		for _, f := range v {
			b = append(b, item(f)...)
		}
		return append(b, 0xFE, 0xFF, 0xDD, 0xE0, 0, 0, 0, 0), undefined
	case []Set:
		for _, s := range v {
			b = append(b, item(encode(s, implicit))...)
		}
	default:
		panic(fmt.Sprintf("a value of %T is not written", v))
	}
	return b, uint32(len(b))
}

func item(b []byte) []byte {
	if len(b)%2 == 1 {
		b = append(b[:len(b):len(b)], 0)
	}
	out := binary.LittleEndian.AppendUint32([]byte{0xFE, 0xFF, 0x00, 0xE0}, uint32(len(b)))
	return append(out, b...)
}
