package dicom

import (
	"encoding/binary"
	"math"

	"wardwatch/ingest/imaging/refuse"
	"wardwatch/ward"
)

// valueTable gives each raw value of a grey picture its value of the modality. Padding is NaN.
func (f *file) valueTable(p format) ([]float32, error) {
	scale, err := f.modality(p)
	if err != nil {
		return nil, err
	}
	padded := f.padding(p)
	table := make([]float32, 1<<p.allocated)
	for raw := range table {
		stored := p.grey(raw)
		if padded(stored) {
			table[raw] = float32(math.NaN())
			continue
		}
		table[raw] = float32(scale(stored))
	}
	return table, nil
}

// modality is the modality LUT module (PS3.3 C.11.1): a table, or a slope and an intercept.
func (f *file) modality(p format) (func(int) float64, error) {
	if s := f.top.item(modalityLUT); s != nil {
		t, err := readLUT(s, p.signed)
		return t.at, err
	}
	t := f.top.text()
	slope, hasSlope := t.number(rescaleSlope)
	intercept, _ := t.number(rescaleIntercept)
	if !hasSlope {
		slope = 1
	}
	if far := math.Abs(slope)*math.MaxUint16 + math.Abs(intercept); slope == 0 || far > math.MaxFloat32 {
		return nil, refuse.Because(ward.RefusedCorrupt, "a rescale slope of %g and intercept of %g make no values", slope, intercept)
	}
	return func(v int) float64 { return float64(v)*slope + intercept }, nil
}

// padding tells the numbers that fill what is outside the picture (PS3.3 C.7.5.1.1.2).
func (f *file) padding(p format) func(int) bool {
	first, ok := f.top.short(paddingValue)
	if !ok {
		return func(int) bool { return false }
	}
	last := f.top.shortOr(paddingLimit, first)
	if p.signed {
		first, last = int(int16(first)), int(int16(last))
	}
	first, last = min(first, last), max(first, last)
	return func(v int) bool { return v >= first && v <= last }
}

// lut is a look-up table (PS3.3 C.11.1.1).
type lut struct {
	first int // the number that the first entry is for
	out   []uint16
}

func readLUT(s set, signed bool) (lut, error) {
	d, data := s[lutDescriptor], s[lutData]
	if d == nil || data == nil || len(d.value) < 6 {
		return lut{}, refuse.Because(ward.RefusedCorrupt, "a look-up table has no descriptor or no data")
	}
	n := int(binary.LittleEndian.Uint16(d.value))
	first := int(binary.LittleEndian.Uint16(d.value[2:]))
	if n == 0 {
		n = 1 << 16
	}
	if signed {
		first = int(int16(first))
	}
	l := lut{first: first, out: make([]uint16, n)}
	switch {
	case len(data.value) >= 2*n:
		for i := range l.out {
			l.out[i] = binary.LittleEndian.Uint16(data.value[2*i:])
		}
	case len(data.value) >= n:
		for i := range l.out {
			l.out[i] = uint16(data.value[i])
		}
	default:
		return lut{}, refuse.Because(ward.RefusedCorrupt, "a look-up table of %d entries has %d bytes", n, len(data.value))
	}
	return l, nil
}

// at is the entry for v; outside the table, the nearest.
func (l lut) at(v int) float64 {
	return float64(l.out[min(max(v-l.first, 0), len(l.out)-1)])
}

// window is about what the table shows between black and white: where it has risen by 1 % to where 1 % is
// left. falling: small numbers are bright. ok is false for a table that shows nothing.
func (l lut) window() (w ward.Window, falling, ok bool) {
	begin, end := float64(l.out[0]), float64(l.out[len(l.out)-1])
	if begin == end {
		return w, false, false
	}
	risen := func(i int) float64 { return (float64(l.out[i]) - begin) / (end - begin) }
	low, high := 0, len(l.out)-1
	for low < high && risen(low+1) <= 0.01 {
		low++
	}
	for high > low && risen(high-1) >= 0.99 {
		high--
	}
	center := float64(l.first) + float64(low+high)/2
	return ward.Window{Center: center, Width: float64(high - low + 1)}, end < begin, true
}

// windows are those that the file proposes (PS3.3 C.11.2). A VOI table is turned into the window nearest to it,
// where there is no window; inverts: that table shows small numbers bright.
func (f *file) windows(p format) (windows []ward.Window, inverts bool) {
	t := f.top.text()
	centers, widths := t.numbers(windowCenter), t.numbers(windowWidth)
	for i := range min(len(centers), len(widths)) {
		if widths[i] > 0 {
			windows = append(windows, ward.Window{Center: centers[i], Width: widths[i]})
		}
	}
	s := f.top.item(voiLUT)
	if len(windows) > 0 || s == nil {
		return windows, false
	}
	// A table that cannot be read proposes nothing: the picture is there without it.
	intercept, _ := t.number(rescaleIntercept)
	l, err := readLUT(s, f.top.item(modalityLUT) == nil && (p.signed || intercept < 0))
	if err != nil {
		return nil, false
	}
	w, falling, ok := l.window()
	if !ok {
		return nil, false
	}
	return []ward.Window{w}, falling
}
