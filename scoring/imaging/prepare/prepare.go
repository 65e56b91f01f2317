// Package prepare turns a picture's values into a model's input, exactly as the training code does:
// window, polarity, crop, resize, pad, normalise. Sums are in double precision; the result is float32.
package prepare

import (
	"fmt"

	"wardwatch/ward"
)

// Input is what a model's input looks like, as its manifest says it.
type Input struct {
	Name     string    `json:"name"`
	Channels int       `json:"channels"` // the grey is repeated
	Width    int       `json:"width"`
	Height   int       `json:"height"`
	Resize   Resize    `json:"resize"`
	Window   Window    `json:"window"`
	Mean     []float64 `json:"mean"` // grey 0–1 becomes (grey − mean) / std, one number a channel
	Std      []float64 `json:"std"`
}

// Resize is how a picture of another shape is made to fit.
type Resize string

// Ways to resize.
const (
	Stretch Resize = "stretch" // each axis by itself
	Pad     Resize = "pad"     // the whole picture, in the middle of black
	Crop    Resize = "crop"    // the middle of the picture, in the shape asked for
)

// maxSide bounds what a manifest may ask for.
const maxSide = 4096

// Check says what is wrong with an input, and what would be right.
func (in *Input) Check() error {
	switch {
	case in.Name == "":
		return fmt.Errorf("input.name is empty: give the name of the ONNX model's input")
	case in.Channels != 1 && in.Channels != 3:
		return fmt.Errorf("input.channels is %d: give 1 or 3", in.Channels)
	case in.Width < 1 || in.Width > maxSide || in.Height < 1 || in.Height > maxSide:
		return fmt.Errorf("input is %d × %d pixels: give a width and a height of 1 to %d", in.Width, in.Height, maxSide)
	case in.Resize != Stretch && in.Resize != Pad && in.Resize != Crop:
		return fmt.Errorf("input.resize is %q: give stretch, pad or crop", in.Resize)
	case len(in.Mean) != in.Channels || len(in.Std) != in.Channels:
		return fmt.Errorf("input has %d means and %d standard deviations for %d channels: give one of each a channel", len(in.Mean), len(in.Std), in.Channels)
	}
	for _, std := range in.Std {
		if !(std > 0) {
			return fmt.Errorf("input.std has %v: give numbers over 0", std)
		}
	}
	return in.Window.check()
}

// Source is a picture that inputs are made of. What costs a look at all its values is found once, for
// every model and gate that asks. It is for one goroutine.
type Source struct {
	*ward.Image
	ranks *Ranks
}

// Of is a picture as a source.
func Of(img *ward.Image) *Source { return &Source{Image: img} }

// Ranks of the picture's values.
func (s *Source) Ranks() *Ranks {
	if s.ranks == nil {
		s.ranks = Rank(s.Values)
	}
	return s.ranks
}

// Picture is the model's input made of a picture, channel by channel, row by row.
func (in *Input) Picture(img *Source) []float32 {
	grey := in.Grey(img)
	out := make([]float32, 0, len(grey)*in.Channels)
	for c := range in.Channels {
		for _, g := range grey {
			out = append(out, float32((g-in.Mean[c])/in.Std[c]))
		}
	}
	return out
}

// Grey is the picture in the model's size, windowed but not normalised: 0 is black, 1 is white.
func (in *Input) Grey(img *Source) []float64 {
	p := in.Placed(img.Rows, img.Cols)
	return resized(img, in.Window.shade(img), p, in.Height, in.Width)
}

// Placement is where a picture comes to lie in a model's input: the stretch of the picture that is
// used, and the part of the input that it fills. Pixels, from the upper left.
type Placement struct {
	Top, Left, Rows, Cols         int // of the picture
	ToTop, ToLeft, ToRows, ToCols int // of the input
}

// Placed is where a picture of that size comes to lie.
func (in *Input) Placed(rows, cols int) Placement {
	p := Placement{Rows: rows, Cols: cols, ToRows: in.Height, ToCols: in.Width}
	down, across := float64(rows)/float64(in.Height), float64(cols)/float64(in.Width)
	switch in.Resize {
	case Crop:
		scale := min(down, across)
		p.Rows, p.Cols = min(rows, rounded(float64(in.Height)*scale)), min(cols, rounded(float64(in.Width)*scale))
		p.Top, p.Left = (rows-p.Rows)/2, (cols-p.Cols)/2
	case Pad:
		scale := max(down, across)
		p.ToRows, p.ToCols = min(in.Height, max(1, rounded(float64(rows)/scale))), min(in.Width, max(1, rounded(float64(cols)/scale)))
		p.ToTop, p.ToLeft = (in.Height-p.ToRows)/2, (in.Width-p.ToCols)/2
	}
	return p
}

// rounded is the nearest whole number, halves up.
func rounded(x float64) int { return int(x + 0.5) }
