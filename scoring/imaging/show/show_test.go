package show

import (
	"image/color"
	"testing"

	"wardwatch/scoring/imaging/prepare"
	"wardwatch/ward"
)

func slope(rows, cols int) *ward.Image {
	img := &ward.Image{Rows: rows, Cols: cols, Bits: 8}
	for r := range rows {
		for c := range cols {
			img.Values = append(img.Values, float32(255*(r+c))/float32(rows+cols-2))
		}
	}
	return img
}

// A preview keeps the picture's shape, is never larger than it, and shows black to white.
func TestPreview(t *testing.T) {
	for _, c := range []struct{ rows, cols, side, height, width int }{
		{100, 50, 1000, 100, 50},
		{100, 50, 40, 40, 20},
		{50, 3000, 100, 1, 100},
		{3, 3, 100, 3, 3},
	} {
		p := Preview(slope(c.rows, c.cols), c.side)
		if p.Rect.Dy() != c.height || p.Rect.Dx() != c.width {
			t.Errorf("%d × %d in %d: %v", c.rows, c.cols, c.side, p.Rect)
		}
	}
	p := Preview(slope(100, 100), 100)
	if a, b := p.GrayAt(0, 0).Y, p.GrayAt(99, 99).Y; a != 0 || b != 255 {
		t.Errorf("from %d to %d", a, b)
	}
	windowed := slope(100, 100)
	windowed.Windows = []ward.Window{{Center: 200, Width: 10}}
	if got := Preview(windowed, 100).GrayAt(30, 30).Y; got != 0 {
		t.Errorf("the file's own window: %d", got)
	}
	inverted := slope(100, 100)
	inverted.Inverted = true
	if got := Preview(inverted, 100).GrayAt(0, 0).Y; got != 255 {
		t.Errorf("where small values are bright: %d", got)
	}
}

// The heat lies where the part of the picture lies that the model saw there, and nowhere else.
func TestOverlay(t *testing.T) {
	img := slope(400, 200)
	in := prepare.Input{Width: 4, Height: 4, Resize: prepare.Crop}
	h := &Heat{Rows: 4, Cols: 4, Drops: make([]float64, 16), Place: in.Placed(400, 200)} // rows 100 to 299
	h.Drops[0] = 2                                                                       // upper left of what was seen
	o := Overlay(img, h, 1000)
	if o.Rect.Dy() != 400 || o.Rect.Dx() != 200 {
		t.Fatalf("%v", o.Rect)
	}
	coloured := func(row, col int) bool { c := o.RGBAAt(col, row); return c.R != c.B }
	for _, c := range []struct {
		row, col int
		hot      bool
	}{{110, 10, true}, {120, 30, true}, {10, 10, false}, {90, 10, false}, {290, 190, false}, {390, 10, false}} {
		if got := coloured(c.row, c.col); got != c.hot {
			t.Errorf("row %d, column %d: hot %v", c.row, c.col, got)
		}
	}
}

// A map without drops is the picture; what raised the score when covered is not shown as its cause.
func TestOverlayOfNothing(t *testing.T) {
	h := &Heat{Rows: 2, Cols: 2, Drops: []float64{0, -3, 0, -1}, Place: prepare.Placement{Rows: 28, Cols: 28, ToRows: 2, ToCols: 2}}
	o := Overlay(slope(28, 28), h, 1000)
	if o.Rect.Dx() != least {
		t.Errorf("a small picture is shown %d pixels wide", o.Rect.Dx())
	}
	for y := range least {
		for x := range least {
			if c := o.RGBAAt(x, y); c.R != c.G || c.G != c.B {
				t.Fatalf("%v at %d, %d", c, x, y)
			}
		}
	}
}

// A drop that hardly moved the score does not look like one that made it.
func TestWeakMapsStayPale(t *testing.T) {
	place := prepare.Placement{Rows: 2, Cols: 2, ToRows: 2, ToCols: 2}
	red := func(drop float64) color.RGBA {
		h := &Heat{Rows: 2, Cols: 2, Drops: []float64{drop, drop, drop, drop}, Place: place}
		return Overlay(slope(2, 2), h, 4).RGBAAt(0, 0)
	}
	if weak, strong := red(0.05), red(2); weak.R > strong.R/4 {
		t.Errorf("%v beside %v", weak, strong)
	}
}
