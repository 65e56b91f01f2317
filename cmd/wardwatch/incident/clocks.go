package incident

import (
	"maps"
	"slices"

	"wardwatch/ward"
)

// ClockOffset is how far a device's clock was from ours over the span: its time less the time of
// arrival, in seconds, so that the way through the network counts as the device being behind.
type ClockOffset struct {
	Device     string  `json:"device"`   // empty: did not name itself
	Readings   int     `json:"readings"` // those that arrived live
	Min        float64 `json:"min_s"`
	Median     float64 `json:"median_s"`
	Max        float64 `json:"max_s"`
	Late       int     `json:"late"`       // readings of a backlog: they say nothing of the clock
	Skewed     int     `json:"skewed"`     // readings put right by a steady offset
	Impossible int     `json:"impossible"` // readings whose own time was not believed
}

type offsets struct {
	ms    []int32
	count ClockOffset
}

func (g *gathering) clock(r *ward.Reading) {
	if r.Source != ward.FromDevice {
		return
	}
	o := g.clocks[r.Device]
	if o == nil {
		o = &offsets{count: ClockOffset{Device: string(r.Device)}}
		g.clocks[r.Device] = o
	}
	switch r.Clock {
	case ward.ClockSkewed:
		o.count.Skewed++
	case ward.ClockImpossible:
		o.count.Impossible++
	}
	if r.Late {
		o.count.Late++
		return
	}
	const most = 1 << 30
	o.ms = append(o.ms, int32(max(-most, min(most, r.Taken.Sub(r.Arrived).Milliseconds()))))
}

func (g *gathering) clockOffsets() []ClockOffset {
	out := []ClockOffset{}
	for _, d := range slices.Sorted(maps.Keys(g.clocks)) {
		o := g.clocks[d]
		if n := len(o.ms); n > 0 {
			slices.Sort(o.ms)
			seconds := func(i int) float64 { return float64(o.ms[i]) / 1e3 }
			o.count.Readings, o.count.Min, o.count.Median, o.count.Max = n, seconds(0), seconds((n-1)/2), seconds(n-1)
		}
		out = append(out, o.count)
	}
	return out
}
