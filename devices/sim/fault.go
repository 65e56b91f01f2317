package sim

import (
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"wardwatch/ward"
)

// grace is how long a faulty monitor works before its fault begins, so that it is known by then.
const grace = time.Minute

// fault is what is wrong with a monitor. Both methods are called for every message, in turn.
type fault interface {
	distort(t time.Time, r *ward.Reading)          // before it is encoded
	deliver(t time.Time, sent []Message) []Message // what goes out at t instead
}

// plain does nothing; each fault overrides what it spoils.
type plain struct{}

func (plain) distort(time.Time, *ward.Reading)              {}
func (plain) deliver(_ time.Time, sent []Message) []Message { return sent }

// faultKind is a fault by name.
type faultKind struct {
	Named
	make func(b *bed, o Options) fault
}

// faults are in the order in which they act: whom the monitor measures, then how well, then its
// clock, then the network.
func faults() []faultKind {
	return []faultKind{
		{Named{"moved", "monitor bị đẩy sang giường khác", "the monitor is wheeled to the next bed"}, func(b *bed, o Options) fault { return &moved{bed: b, start: o.Start} }},
		{Named{"probe_off", "tuột đầu dò SpO2", "the SpO2 probe comes off again and again"}, func(_ *bed, o Options) fault { return &probeOff{start: o.Start} }},
		{Named{"motion", "nhiễu do cử động", "bursts of movement artefact, marked poor"}, func(b *bed, o Options) fault {
			return &motion{start: o.Start, random: o.random("motion", b.place.Bed)}
		}},
		{Named{"skewed_clock", "đồng hồ nhanh 7 phút", "the clock is seven minutes ahead"}, func(*bed, Options) fault { return &wrongClock{by: 7 * time.Minute} }},
		{Named{"dead_clock", "đồng hồ về năm 1970", "the clock has started again in 1970"}, func(_ *bed, o Options) fault {
			return &wrongClock{by: -time.Duration(o.Start.UnixMilli()) * time.Millisecond}
		}},
		{Named{"duplicate", "gửi lặp bản tin", "some messages are sent twice"}, func(b *bed, o Options) fault {
			return &duplicate{random: o.random("duplicate", b.place.Bed)}
		}},
		{Named{"reordered", "bản tin đến sai thứ tự", "some messages are overtaken by later ones"}, func(b *bed, o Options) fault {
			return &reordered{random: o.random("reordered", b.place.Bed)}
		}},
		{Named{"late_burst", "mất mạng rồi gửi dồn", "cut off for two minutes in five, then all at once"}, func(_ *bed, o Options) fault { return &lateBurst{start: o.Start} }},
		{Named{"silent", "monitor ngừng gửi", "the monitor falls silent; its last will says offline"}, func(b *bed, o Options) fault { return &silent{bed: b, start: o.Start} }},
	}
}

// Faults lists what can be wrong with a monitor.
func Faults() []Named {
	var out []Named
	for _, f := range faults() {
		out = append(out, f.Named)
	}
	return out
}

func faultNamed(name string) *faultKind {
	all := faults()
	i := slices.IndexFunc(all, func(f faultKind) bool { return f.Name == name })
	if i < 0 {
		return nil
	}
	return &all[i]
}

// cycle is how far t is into a cycle that begins after the grace; negative before.
func cycle(start, t time.Time, length time.Duration) time.Duration {
	since := t.Sub(start) - grace
	if since < 0 {
		return -1
	}
	return since % length
}

// probeOff: three minutes in five there is no SpO2; for the first ten seconds it shows the light of
// the room.
type probeOff struct {
	plain
	start time.Time
}

func (f *probeOff) distort(t time.Time, r *ward.Reading) {
	into := cycle(f.start, t, 5*time.Minute)
	if into < 0 || into >= 3*time.Minute {
		return
	}
	if into >= 10*time.Second {
		r.Values = slices.DeleteFunc(r.Values, func(v ward.Value) bool { return v.Vital == ward.SpO2 || v.Vital == ward.PR })
		return
	}
	spoil(r, ward.SpO2, 71, ward.Poor)
	spoil(r, ward.PR, 40, ward.Poor)
}

// motion: twenty seconds in each minute and a half.
type motion struct {
	plain
	start  time.Time
	random *rand.Rand
}

func (f *motion) distort(t time.Time, r *ward.Reading) {
	shake := f.random.NormFloat64() // drawn always, so that the bytes do not depend on the cycle
	if into := cycle(f.start, t, 90*time.Second); into < 0 || into >= 20*time.Second {
		return
	}
	for i := range r.Values {
		switch v := &r.Values[i]; v.Vital {
		case ward.HR, ward.PR:
			v.Number, v.Quality = math.Round(clamp(v.Number+30+15*shake, 25, 230)), ward.Poor
		case ward.RR:
			v.Number, v.Quality = math.Round(clamp(v.Number+12+8*shake, 2, 70)), ward.Poor
		case ward.SpO2:
			v.Number, v.Quality = math.Round(clamp(v.Number-10-6*shake, 50, 100)), ward.Poor
		}
	}
}

func spoil(r *ward.Reading, vital ward.Vital, x float64, q ward.Quality) {
	for i := range r.Values {
		if v := &r.Values[i]; v.Vital == vital {
			v.Number, v.Quality = x, q
		}
	}
}

// wrongClock shifts every time the device speaks of.
type wrongClock struct {
	plain
	by time.Duration
}

func (f *wrongClock) distort(_ time.Time, r *ward.Reading) {
	r.Taken = r.Taken.Add(f.by)
	for i := range r.Values {
		r.Values[i].At = r.Values[i].At.Add(f.by)
	}
}
