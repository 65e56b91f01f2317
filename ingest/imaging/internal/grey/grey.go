// Package grey turns colours into greys and measures how much colour there was.
package grey

// Meter turns the colours of one picture into greys.
type Meter struct {
	distance float64
	seen     int
}

// Of is the luma of a colour (ITU-R BT.601), 0–255.
func (m *Meter) Of(r, g, b uint8) float32 {
	m.distance += float64(max(r, g, b) - min(r, g, b))
	m.seen++
	return 0.299*float32(r) + 0.587*float32(g) + 0.114*float32(b)
}

// Colour is the mean distance of the colours from grey, 0–1: of each the brightest of its three parts less the
// darkest, over the whole range.
func (m *Meter) Colour() float64 {
	if m.seen == 0 {
		return 0
	}
	return m.distance / float64(m.seen) / 255
}
