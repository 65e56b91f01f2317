package trend

import (
	"encoding/binary"
	"errors"
	"math"

	"wardwatch/ward"
)

// A row is one minute of one place: count, least, greatest and sum of each vital, and the worst
// score. Numbers are kept as whole steps, so that rows merge exactly, in any order.

// steps is how many steps make one unit of a vital: tenths for most, finer where a tenth is much.
var steps = [ward.NumVitals]float64{
	ward.HR: 10, ward.PR: 10, ward.RR: 10, ward.SpO2: 10, ward.SBP: 10, ward.DBP: 10, ward.MAP: 10, ward.EtCO2: 10,
	ward.Temp: 100, ward.FiO2: 1000, ward.O2Flow: 100, ward.ACVPU: 1, ward.O2Source: 1,
	ward.RespDistress: 1, ward.CapRefill: 10,
}

// maxStep bounds what a number may be, far beyond anything measured.
const maxStep = 1 << 24

func toSteps(v ward.Vital, number float64) int64 {
	return int64(math.Round(min(max(number*steps[v], -maxStep), maxStep)))
}

// cell is one vital over one minute.
type cell struct {
	count    int64
	min, max int64
	sum      int64
}

func (c *cell) add(n int64) {
	if c.count == 0 {
		c.min, c.max = n, n
	}
	c.min, c.max = min(c.min, n), max(c.max, n)
	c.sum += n
	c.count++
}

func (c *cell) merge(o cell) {
	switch {
	case o.count == 0:
	case c.count == 0:
		*c = o
	default:
		c.min, c.max = min(c.min, o.min), max(c.max, o.max)
		c.sum += o.sum
		c.count += o.count
	}
}

// worst is the worst score of a minute.
type worst struct {
	known    bool
	complete bool
	band     ward.Band
	points   int16
}

// merge keeps the worse: by band, then by points; of equals the complete one.
func (w *worst) merge(o worst) {
	if !o.known {
		return
	}
	if w.known && (w.band > o.band || w.band == o.band && (w.points > o.points || w.points == o.points && w.complete)) {
		return
	}
	*w = o
}

// row is one minute of one place.
type row struct {
	cells [ward.NumVitals]cell
	score worst
}

func (r *row) merge(o *row) {
	for v := range r.cells {
		r.cells[v].merge(o.cells[v])
	}
	r.score.merge(o.score)
}

// scoreBit marks a row with a score. It stands where it has always stood, behind the first thirteen
// vitals; vitals that came later have the bits above it, so that older files are read as they were
// meant. An older version takes a row with a later vital for damage, never for another vital.
const scoreBit = 1 << 13

// bitOf is the bit of a vital in a row's head.
func bitOf(v int) uint64 {
	if bit := uint64(1) << v; bit < scoreBit {
		return bit
	}
	return 2 << v
}

// The head of a cell: whether its numbers are in whole units of ten steps, whether its count is
// the row's, and the distances of least and greatest from the mean when those are small.
const (
	coarse    = 0x80
	sameCount = 0x40
	far       = 7 // a distance that did not fit its three bits, and follows
)

// encode writes the row. What is the same as in prev takes a bit, what is near it a byte or two;
// an empty prev gives a row that stands alone.
func (r *row) encode(dst []byte, prev *row) []byte {
	var present, same, common uint64
	for v, c := range r.cells {
		if c.count == 0 {
			continue
		}
		present |= bitOf(v)
		if c == prev.cells[v] {
			same |= bitOf(v)
		} else if common == 0 {
			common = uint64(c.count)
		}
	}
	if r.score.known {
		present |= scoreBit
		if r.score == prev.score {
			same |= scoreBit
		}
	}
	dst = binary.AppendUvarint(dst, present)
	dst = binary.AppendUvarint(dst, same)
	if present&^scoreBit != same&^scoreBit {
		dst = binary.AppendUvarint(dst, common)
	}
	for v := range r.cells {
		if bit := bitOf(v); present&bit != 0 && same&bit == 0 {
			dst = r.cells[v].encode(dst, prev.cells[v], int64(common))
		}
	}
	if r.score.known && same&scoreBit == 0 {
		n := zigzag(int64(r.score.points))<<4 | uint64(r.score.band)&7
		if r.score.complete {
			n |= 8
		}
		dst = binary.AppendUvarint(dst, n)
	}
	return dst
}

func (c cell) encode(dst []byte, prev cell, common int64) []byte {
	head, unit := byte(0), int64(1)
	if c.min%10 == 0 && c.max%10 == 0 && c.sum%10 == 0 {
		head, unit = coarse, 10
	}
	if c.count == common {
		head |= sameCount
	}
	sum := c.sum / unit
	mean := floorDiv(sum, c.count)
	below, above := uint64(mean-floorDiv(c.min, unit)), uint64(floorDiv(c.max, unit)-mean)
	head |= byte(min(below, far))<<3 | byte(min(above, far))
	dst = append(dst, head)
	if c.count != common {
		dst = binary.AppendUvarint(dst, uint64(c.count))
	}
	dst = binary.AppendUvarint(dst, zigzag(sum-prev.predict(c.count, unit)))
	if below >= far {
		dst = binary.AppendUvarint(dst, below-far)
	}
	if above >= far {
		dst = binary.AppendUvarint(dst, above-far)
	}
	return dst
}

// predict guesses the sum of so many values of the minute after c.
func (c cell) predict(count, unit int64) int64 {
	if c.count == 0 {
		return 0
	}
	return c.sum * count / c.count / unit
}

var errRow = errors.New("not a readable row")

// decode reads what encode wrote against the same prev, and answers what follows it.
func (r *row) decode(b []byte, prev *row) ([]byte, error) {
	in := input{b: b}
	*r = row{}
	present, same := in.uvarint(), in.uvarint()
	if present >= 2<<ward.NumVitals || same&^present != 0 {
		return nil, errRow
	}
	var common int64
	if present&^scoreBit != same&^scoreBit {
		common = int64(in.uvarint() & (1<<40 - 1))
	}
	for v := range r.cells {
		switch bit := bitOf(v); {
		case present&bit == 0:
		case same&bit != 0:
			r.cells[v] = prev.cells[v]
		default:
			r.cells[v] = in.cell(prev.cells[v], common)
		}
	}
	if same&scoreBit != 0 {
		r.score = prev.score
	} else if present&scoreBit != 0 {
		n := in.uvarint()
		r.score = worst{known: true, complete: n&8 != 0, band: ward.Band(n & 7), points: int16(unzigzag(n >> 4))}
	}
	if in.bad {
		return nil, errRow
	}
	return in.b, nil
}

func (in *input) cell(prev cell, common int64) cell {
	head, unit := in.byte(), int64(1)
	if head&coarse != 0 {
		unit = 10
	}
	c := cell{count: common}
	if head&sameCount == 0 {
		c.count = int64(in.uvarint() & (1<<40 - 1))
	}
	if c.count == 0 {
		in.bad = true
		return cell{}
	}
	sum := unzigzag(in.uvarint()) + prev.predict(c.count, unit)
	below, above := int64(head>>3&7), int64(head&7)
	if below == far {
		below += int64(in.uvarint())
	}
	if above == far {
		above += int64(in.uvarint())
	}
	mean := floorDiv(sum, c.count)
	c.sum, c.min, c.max = sum*unit, (mean-below)*unit, (mean+above)*unit
	return c
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

func zigzag(n int64) uint64   { return uint64(n<<1) ^ uint64(n>>63) }
func unzigzag(u uint64) int64 { return int64(u>>1) ^ -int64(u&1) }

// input reads from front to back; after the first thing that does not fit, bad is set and the rest
// reads as zero.
type input struct {
	b   []byte
	bad bool
}

func (in *input) byte() byte {
	if len(in.b) == 0 {
		in.bad = true
		return 0
	}
	c := in.b[0]
	in.b = in.b[1:]
	return c
}

func (in *input) uvarint() uint64 {
	u, n := binary.Uvarint(in.b)
	if n <= 0 {
		in.b, in.bad = nil, true
		return 0
	}
	in.b = in.b[n:]
	return u
}

func (in *input) bytes() []byte {
	n := in.uvarint()
	if n > uint64(len(in.b)) {
		in.b, in.bad = nil, true
		return nil
	}
	b := in.b[:n]
	in.b = in.b[n:]
	return b
}
