package prepare

import (
	"fmt"
	"math"
)

// Window is which values are shown from black to white.
type Window struct {
	Kind   Kind    `json:"kind"`
	Low    float64 `json:"low,omitempty"`    // percentile, 0–100
	High   float64 `json:"high,omitempty"`   // percentile, 0–100
	Center float64 `json:"center,omitempty"` // fixed: values after rescaling
	Width  float64 `json:"width,omitempty"`
}

// Kind is where a window comes from.
type Kind string

// Kinds of windows.
const (
	FromFile    Kind = "file"       // the first that the file proposes; without one: Full, for DICOM what the values span
	Percentiles Kind = "percentile" // of all values of the picture
	Fixed       Kind = "fixed"
	Full        Kind = "full" // all that the stored bits can hold
)

func (w *Window) check() error {
	switch w.Kind {
	case FromFile, Full:
		if *w != (Window{Kind: w.Kind}) {
			return fmt.Errorf("input.window of kind %s takes no numbers: leave them out", w.Kind)
		}
	case Percentiles:
		if !(w.Low >= 0 && w.Low < w.High && w.High <= 100) || w.Center != 0 || w.Width != 0 {
			return fmt.Errorf("input.window: give low and high as percentiles, 0 ≤ low < high ≤ 100, and nothing else")
		}
	case Fixed:
		if !(w.Width > 0) || math.IsInf(w.Width, 0) || math.IsNaN(w.Center) || math.IsInf(w.Center, 0) || w.Low != 0 || w.High != 0 {
			return fmt.Errorf("input.window: give center and a width over 0, and nothing else")
		}
	default:
		return fmt.Errorf("input.window.kind is %q: give file, percentile, fixed or full", w.Kind)
	}
	return nil
}

// shade is grey as a straight line of the value, held at both ends.
type shade struct {
	low, by float64 // by 0: everything is black
	invert  bool
}

func (s shade) of(v float32) float64 {
	if s.by == 0 {
		return 0
	}
	g := (float64(v) - s.low) * s.by
	switch {
	case !(g > 0): // and what is no number
		g = 0
	case g > 1:
		g = 1
	}
	if s.invert {
		return 1 - g
	}
	return g
}

// shade is the line of one picture. Where small values are bright, it is turned round: 0 is air.
func (w *Window) shade(img *Source) shade {
	low, high := w.ends(img)
	if !(high > low) {
		return shade{}
	}
	return shade{low: low, by: 1 / (high - low), invert: img.Inverted}
}

func (w *Window) ends(img *Source) (low, high float64) {
	switch w.Kind {
	case Percentiles:
		p := img.Ranks().Percentiles(w.Low, w.High)
		return p[0], p[1]
	case Fixed:
		return w.Center - w.Width/2, w.Center + w.Width/2
	case FromFile:
		if len(img.Windows) > 0 {
			f := img.Windows[0]
			return f.Center - f.Width/2, f.Center + f.Width/2
		}
		if img.Facts.Format == "dicom" {
			return span(img.Values)
		}
	}
	return full(img)
}

// full is what the stored bits can hold. Where rescaling took the values out of that, it says nothing
// of them, and what they span stands in.
func full(img *Source) (low, high float64) {
	most := math.Exp2(float64(img.Bits)) - 1
	low, high = span(img.Values)
	if low < 0 || high > most {
		return low, high
	}
	return 0, most
}

func span(values []float32) (low, high float64) {
	if len(values) == 0 {
		return 0, 0
	}
	least, most := values[0], values[0]
	for _, v := range values {
		least, most = min(least, v), max(most, v)
	}
	return float64(least), float64(most)
}
