package signal

import (
	"math"
	"time"
)

// A window holds at most slots samples no closer than spacing; a faster device overwrites its last.
const (
	slots     = 32
	spacing   = 2 * time.Second
	MaxWindow = slots * spacing // MaxWindow is the longest median window that fits
)

// perUnit is the precision to which a window keeps numbers: thousandths of the unit.
const perUnit = 1000

// Window is the last minute of one vital of a device. It is a plain value of fixed size: its fields
// are exported only so that a checkpoint keeps them.
type Window struct {
	Newest int64 // time of the newest sample, Unix ms; 0: none
	Good   int64 // time of the newest believed one
	Last   int32 // number of the newest sample, in thousandths
	Flat   int64 // since when the number has been the same

	First, N uint8
	At       [slots]uint32 // the low bits of each slot's time
	Number   [slots]int32  // in thousandths
	Fine     uint32        // bit i: slot i is believed
	Order    [slots]uint8  // the believed slots, by number
	NGood    uint8
}

// thousandths is a number as the window keeps it; one too large for any vital is cut.
func thousandths(number float64) int32 {
	return int32(math.Round(max(-math.MaxInt32, min(number*perUnit, math.MaxInt32))))
}

// add takes a sample that is not older than the newest; span is the window's length in ms.
func (w *Window) add(at int64, number float64, good bool, span int64) {
	x := thousandths(number)
	gone := w.Newest == 0 || at-w.Newest >= span
	if gone {
		w.First, w.N, w.Fine, w.NGood = 0, 0, 0, 0
	}
	if gone || x != w.Last {
		w.Flat = at
	}
	for w.N > 0 && w.age(w.First, at) >= span {
		w.drop()
	}
	if last := (w.First + w.N - 1) % slots; w.N > 0 && w.age(last, at) < spacing.Milliseconds() {
		w.unsort(last)
		w.put(last, x, good)
	} else {
		if w.N == slots {
			w.drop()
		}
		next := (w.First + w.N) % slots
		w.N++
		w.At[next] = uint32(at)
		w.put(next, x, good)
	}
	w.Newest, w.Last = at, x
	if good {
		w.Good = at
	}
}

// age of a slot at a time not before it. Slots are never older than a window, so the low bits do.
func (w *Window) age(slot uint8, at int64) int64 { return int64(uint32(at) - w.At[slot]) }

func (w *Window) put(slot uint8, x int32, good bool) {
	w.Number[slot] = x
	if !good {
		return
	}
	w.Fine |= 1 << slot
	i := w.NGood
	for i > 0 && w.Number[w.Order[i-1]] > x {
		w.Order[i] = w.Order[i-1]
		i--
	}
	w.Order[i] = slot
	w.NGood++
}

func (w *Window) drop() {
	w.unsort(w.First)
	w.First = (w.First + 1) % slots
	w.N--
}

func (w *Window) unsort(slot uint8) {
	if w.Fine&(1<<slot) == 0 {
		return
	}
	w.Fine &^= 1 << slot
	i := uint8(0)
	for w.Order[i] != slot {
		i++
	}
	w.NGood--
	copy(w.Order[i:w.NGood], w.Order[i+1:w.NGood+1])
}

// fewest samples whose median is robust: of two the middle is as wrong as half the worse one.
const fewest = 3

// robust is the median of the believed samples, or the newest of fewer than three; there must be one.
func (w *Window) robust() float64 {
	if w.NGood < fewest {
		slot := (w.First + w.N - 1) % slots
		for w.Fine&(1<<slot) == 0 {
			slot = (slot + slots - 1) % slots
		}
		return float64(w.Number[slot]) / perUnit
	}
	low, high := w.Order[(w.NGood-1)/2], w.Order[w.NGood/2]
	return (float64(w.Number[low]) + float64(w.Number[high])) / (2 * perUnit)
}

// highest believed number not older than span ms before at; ok is false when there is none.
func (w *Window) highest(at, span int64) (number float64, ok bool) {
	for i := int(w.N) - 1; i >= 0; i-- {
		slot := (w.First + uint8(i)) % slots
		if w.age(slot, at) > span {
			break
		}
		if w.Fine&(1<<slot) != 0 {
			number, ok = max(number, float64(w.Number[slot])/perUnit), true
		}
	}
	return number, ok
}

// poor reports whether a sample not older than span ms before at was not believed.
func (w *Window) poor(at, span int64) bool {
	for i := int(w.N) - 1; i >= 0; i-- {
		slot := (w.First + uint8(i)) % slots
		if w.age(slot, at) > span {
			break
		}
		if w.Fine&(1<<slot) == 0 {
			return true
		}
	}
	return false
}
