package sim

import (
	"math/rand/v2"
	"slices"
	"time"

	"wardwatch/ward"
)

// duplicate: one message in ten is sent again at once, and some of those once more later, as a
// device does that missed the acknowledgement.
type duplicate struct {
	plain
	random *rand.Rand
	again  []Message
	wait   int
}

func (f *duplicate) deliver(_ time.Time, sent []Message) []Message {
	chance := f.random.Float64()
	if f.wait > 0 {
		if f.wait--; f.wait == 0 {
			sent = append(sent, copies(f.again)...)
		}
	}
	if chance >= 0.1 {
		return sent
	}
	if chance < 0.03 && f.wait == 0 {
		f.again, f.wait = slices.Clone(sent), 4
	}
	return append(sent, copies(sent)...)
}

// copies gives each message a reading of its own: when it was sent is its own matter.
func copies(ms []Message) []Message {
	out := slices.Clone(ms)
	for i := range out {
		if out[i].Reading != nil {
			r := *out[i].Reading
			out[i].Reading = &r
		}
	}
	return out
}

// reordered: one message in ten waits until three later ones have gone.
type reordered struct {
	plain
	random *rand.Rand
	held   []Message
	wait   int
}

func (f *reordered) deliver(_ time.Time, sent []Message) []Message {
	pick := f.random.Float64() < 0.1
	if f.wait > 0 {
		if f.wait--; f.wait > 0 {
			return sent
		}
		sent = append(sent, f.held...)
		f.held = nil
		return sent
	}
	if pick {
		f.held, f.wait = sent, 3
		return nil
	}
	return sent
}

// lateBurst: of each five minutes the last two are held back and then sent at once.
type lateBurst struct {
	plain
	start time.Time
	held  []Message
}

func (f *lateBurst) deliver(t time.Time, sent []Message) []Message {
	if cycle(f.start, t, 5*time.Minute) >= 3*time.Minute {
		f.held = append(f.held, sent...)
		return nil
	}
	sent = append(f.held, sent...)
	f.held = nil
	return sent
}

// lastWill is how long a broker waits before it believes that a device has gone.
const lastWill = 30 * time.Second

// silent: nothing after the grace but the last will.
type silent struct {
	plain
	bed   *bed
	start time.Time
	told  bool
}

func (f *silent) deliver(t time.Time, sent []Message) []Message {
	gone := t.Sub(f.start) - grace
	switch {
	case gone < 0:
		return sent
	case gone < lastWill || f.told:
		return nil
	}
	f.told = true
	return []Message{f.bed.monitor.status(f.bed.place, ward.DeviceOffline, t)}
}

// moved: after the grace the monitor stands at the next bed, measures whoever lies there and
// publishes under that bed. That bed's own monitor goes on.
type moved struct {
	bed   *bed
	start time.Time
	told  bool
}

func (f *moved) distort(t time.Time, r *ward.Reading) {
	there := f.bed.neighbour
	if t.Sub(f.start) < grace || len(there.truth.Values) == 0 {
		return
	}
	r.Place = there.place
	r.Values = slices.Clone(there.truth.Values)
	for i := range r.Values {
		if v := &r.Values[i]; v.At.Equal(there.truth.Taken) {
			v.At = r.Taken
		}
	}
}

func (f *moved) deliver(t time.Time, sent []Message) []Message {
	if f.told || t.Sub(f.start) < grace {
		return sent
	}
	f.told = true
	goodbye := f.bed.monitor.status(f.bed.place, ward.DeviceOffline, t)
	hello := f.bed.monitor.status(f.bed.neighbour.place, ward.DeviceOnline, t)
	return append([]Message{goodbye, hello}, sent...)
}
