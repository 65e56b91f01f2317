// Package show makes small pictures for people: what was looked at, and where a score came from. They
// are for orientation on a screen, not for diagnosis.
package show

import (
	"image"
	"image/color"
	"math"

	"wardwatch/scoring/imaging/prepare"
	"wardwatch/ward"
)

// Heat is where a score came from: by how much the logit fell when a part of the model's input was
// covered. It has the model's input's size.
type Heat struct {
	Rows, Cols int
	Drops      []float64 // row by row; under 0: the score rose
	Place      prepare.Placement
}

// Most is the largest drop.
func (h *Heat) Most() float64 {
	most := 0.0
	for _, d := range h.Drops {
		most = max(most, d)
	}
	return most
}

// Side is the length of the longer side, in pixels, of what is made for screens.
const Side = 1024

// least is the length of an overlay's longer side at least, so that its patches have soft edges.
const least = 256

// Preview is the picture in shades of grey, its longer side at most side pixels. The window is the
// file's first, or else leaves half a percent of the values black and as many white.
func Preview(img *ward.Image, side int) *image.Gray {
	long := max(img.Rows, img.Cols)
	return grey(img, min(side, long), long)
}

// Overlay is the picture with the heat over it, its longer side at most side pixels.
func Overlay(img *ward.Image, h *Heat, side int) *image.RGBA {
	long := max(img.Rows, img.Cols)
	under := grey(img, min(side, max(least, long)), long)
	out := image.NewRGBA(under.Bounds())
	rows, cols := out.Rect.Dy(), out.Rect.Dx()
	scale := max(h.Most(), weak)
	for y := range rows {
		for x := range cols {
			at := h.at((float64(y)+0.5)*float64(img.Rows)/float64(rows), (float64(x)+0.5)*float64(img.Cols)/float64(cols))
			out.SetRGBA(x, y, blend(under.GrayAt(x, y).Y, at/scale))
		}
	}
	return out
}

// weak is the drop under which a map stays pale, however it compares with its own rest: half a unit of
// the logit, a proposal.
const weak = 0.5

// hot is an orange that stays apart from grey for people who see few colours; opaque is how much of it
// covers the picture at most, which must stay readable beneath.
var hot = color.RGBA{R: 255, G: 120, B: 0, A: 255}

const opaque = 0.6

func blend(under uint8, heat float64) color.RGBA {
	a := opaque * min(max(heat, 0), 1)
	mix := func(over uint8) uint8 { return uint8((1-a)*float64(under) + a*float64(over) + 0.5) }
	return color.RGBA{R: mix(hot.R), G: mix(hot.G), B: mix(hot.B), A: 255}
}

// grey scales a picture so that its longer side, long pixels, has side pixels.
func grey(img *ward.Image, side, long int) *image.Gray {
	in := prepare.Input{
		Width: max(1, img.Cols*side/long), Height: max(1, img.Rows*side/long), Resize: prepare.Stretch,
		Window: prepare.Window{Kind: prepare.Percentiles, Low: 0.5, High: 99.5},
	}
	if len(img.Windows) > 0 {
		in.Window = prepare.Window{Kind: prepare.FromFile}
	}
	out := image.NewGray(image.Rect(0, 0, in.Width, in.Height))
	for i, g := range in.Grey(prepare.Of(img)) {
		out.Pix[i] = uint8(g*255 + 0.5)
	}
	return out
}

// at is the heat at a place of the picture; nothing beyond what the model saw.
func (h *Heat) at(row, col float64) float64 {
	p := h.Place
	row, col = (row-float64(p.Top))/float64(p.Rows), (col-float64(p.Left))/float64(p.Cols)
	if row < 0 || row > 1 || col < 0 || col > 1 {
		return 0
	}
	return h.between(float64(p.ToTop)+row*float64(p.ToRows)-0.5, float64(p.ToLeft)+col*float64(p.ToCols)-0.5)
}

// between is the straight line between the four pixels that are nearest, held at the edges.
func (h *Heat) between(row, col float64) float64 {
	row, col = min(max(row, 0), float64(h.Rows-1)), min(max(col, 0), float64(h.Cols-1))
	r, c := int(row), int(col)
	down, across := row-math.Floor(row), col-math.Floor(col)
	below, right := min(r+1, h.Rows-1), min(c+1, h.Cols-1)
	upper := h.Drops[r*h.Cols+c]*(1-across) + h.Drops[r*h.Cols+right]*across
	lower := h.Drops[below*h.Cols+c]*(1-across) + h.Drops[below*h.Cols+right]*across
	return upper*(1-down) + lower*down
}
