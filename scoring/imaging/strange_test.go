package imaging

import (
	"math"
	"math/rand/v2"

	"wardwatch/ward"
)

// strange makes pictures that are no upright frontal chest radiograph, by kind. They are drawn here, of
// shapes, and are other than those that the gate was trained on.
var strange = map[string]func(*rand.Rand) *ward.Image{
	"noise":         noise,
	"gradient":      gradient,
	"pattern":       pattern,
	"text":          page,
	"landscape":     landscape,
	"colour photo":  func(r *rand.Rand) *ward.Image { img := landscape(r); img.Colour = 0.05 + 0.3*r.Float64(); return img },
	"axial slice":   axial,
	"head slice":    head,
	"hand":          hand,
	"limb":          limb,
	"abdomen":       abdomen,
	"animal":        animal,
	"blank":         blankPicture,
	"things":        things,
	"cut and upset": func(r *rand.Rand) *ward.Image { return turned(chest(r), 1+r.IntN(3)) },
}

// canvas is a grey picture of 0 to 1 in coordinates of −1 to 1.
type canvas struct {
	rows, cols int
	grey       []float64
}

func blankCanvas(r *rand.Rand, ground float64) *canvas {
	sizes := []int{36, 48, 64, 112}
	c := &canvas{rows: sizes[r.IntN(len(sizes))]}
	c.cols = int(float64(c.rows) * (0.8 + 0.5*r.Float64()))
	c.grey = make([]float64, c.rows*c.cols)
	for i := range c.grey {
		c.grey[i] = ground
	}
	return c
}

func (c *canvas) each(do func(x, y float64, g *float64)) {
	for row := range c.rows {
		for col := range c.cols {
			do(2*(float64(col)+0.5)/float64(c.cols)-1, 2*(float64(row)+0.5)/float64(c.rows)-1, &c.grey[row*c.cols+col])
		}
	}
}

// ellipse sets what lies within to a grey, with an edge that is soft over a share of its size.
func (c *canvas) ellipse(x, y, width, height, turn, grey, soft float64) {
	sin, cos := math.Sincos(turn)
	c.each(func(px, py float64, g *float64) {
		dx, dy := px-x, py-y
		u, v := (dx*cos+dy*sin)/width, (dy*cos-dx*sin)/height
		if in := min(max((1-math.Hypot(u, v))/soft+0.5, 0), 1); in > 0 {
			*g += in * (grey - *g)
		}
	})
}

// bone is a shaft with a thick end at each side.
func (c *canvas) bone(x, y, x2, y2, width, grey float64) {
	length, turn := math.Hypot(x2-x, y2-y)/2, math.Atan2(y2-y, x2-x)
	c.ellipse((x+x2)/2, (y+y2)/2, length, width, turn, grey, 0.3)
	c.ellipse((x+x2)/2, (y+y2)/2, length*0.9, width*0.5, turn, grey*0.8, 0.3)
	c.ellipse(x, y, width*1.3, width*1.3, 0, grey, 0.3)
	c.ellipse(x2, y2, width*1.3, width*1.3, 0, grey, 0.3)
}

func (c *canvas) picture(r *rand.Rand, grain float64) *ward.Image {
	return drawn(c.rows, c.cols, func(row, col int) float64 { return 255*c.grey[row*c.cols+col] + grain*r.NormFloat64() })
}

func within(r *rand.Rand, low, high float64) float64 { return low + (high-low)*r.Float64() }

// noise is white, or has been smoothed some times.
func noise(r *rand.Rand) *ward.Image {
	c := blankCanvas(r, 0)
	for i := range c.grey {
		c.grey[i] = r.Float64()
	}
	for range r.IntN(6) {
		for row := range c.rows {
			for col := 1; col < c.cols; col++ {
				c.grey[row*c.cols+col] = (c.grey[row*c.cols+col] + c.grey[row*c.cols+col-1]) / 2
				if row > 0 {
					c.grey[row*c.cols+col] = (c.grey[row*c.cols+col] + c.grey[(row-1)*c.cols+col]) / 2
				}
			}
		}
	}
	return c.picture(r, 1)
}

func gradient(r *rand.Rand) *ward.Image {
	c := blankCanvas(r, 0)
	sin, cos := math.Sincos(within(r, 0, 2*math.Pi))
	round, x, y := r.IntN(2) == 0, within(r, -1, 1), within(r, -1, 1)
	c.each(func(px, py float64, g *float64) {
		if *g = (px*cos + py*sin + 1.5) / 3; round {
			*g = math.Hypot(px-x, py-y) / 2.5
		}
	})
	return c.picture(r, 2)
}

func pattern(r *rand.Rand) *ward.Image {
	c := blankCanvas(r, 0)
	across, down := within(r, 0, 25), within(r, 2, 25)
	hard := r.IntN(2) == 0
	c.each(func(x, y float64, g *float64) {
		*g = 0.5 + 0.25*math.Sin(across*x) + 0.25*math.Sin(down*y)
		if hard {
			*g = 0.5 + 0.45*math.Copysign(1, math.Sin(across*x)*math.Sin(down*y))
		}
	})
	return c.picture(r, 6)
}

// page is lines of words, dark on light or light on dark.
func page(r *rand.Rand) *ward.Image {
	c := blankCanvas(r, 0.95)
	ink, line := within(r, 0, 0.2), within(r, 0.05, 0.12)
	for y := -0.9; y < 0.9; y += 2 * line {
		for x := -0.9; x < within(r, 0.5, 0.95); {
			word := within(r, 0.02, 0.12)
			c.ellipse(x+word, y, word, line*0.5, 0, ink, 0.6)
			x += 2*word + 0.05
		}
	}
	if r.IntN(2) == 0 {
		for i := range c.grey {
			c.grey[i] = 1 - c.grey[i]
		}
	}
	return c.picture(r, 4)
}

func landscape(r *rand.Rand) *ward.Image {
	c := blankCanvas(r, 0)
	horizon, a, b := within(r, -0.3, 0.5), within(r, 1, 5), within(r, 0, 6)
	c.each(func(x, y float64, g *float64) {
		if *g = 0.9 - 0.2*(y+1); y > horizon+0.15*math.Sin(a*x+b) {
			*g = 0.35 + 0.1*math.Sin(9*x+b)*math.Sin(11*y)
		}
	})
	for range 2 + r.IntN(6) {
		x, size := within(r, -1, 1), within(r, 0.05, 0.3)
		c.bone(x, horizon+0.2, x, horizon-size, size/8, 0.2)
		c.ellipse(x, horizon-size, size, size, 0, within(r, 0.15, 0.4), 0.4)
	}
	c.ellipse(within(r, -0.8, 0.8), -0.7, 0.12, 0.12, 0, 1, 0.2)
	return c.picture(r, 6)
}

// axial is a slice through a chest or a belly, as CT makes it.
func axial(r *rand.Rand) *ward.Image {
	c := blankCanvas(r, 0)
	width, height, turn := within(r, 0.75, 0.95), within(r, 0.5, 0.75), within(r, -0.1, 0.1)
	c.ellipse(0, 0, width, height, turn, 0.35, 0.05)
	c.ellipse(0, 0, width*0.93, height*0.9, turn, within(r, 0.45, 0.6), 0.05)
	if r.IntN(2) == 0 {
		for _, s := range []float64{-1, 1} {
			c.ellipse(s*width*0.5, -0.05, width*0.35, height*within(r, 0.5, 0.7), s*0.2, 0.08, 0.1)
		}
		c.ellipse(width*0.12, -height*0.2, width*0.25, height*0.35, 0, 0.65, 0.1)
	} else {
		c.ellipse(-width*0.45, -0.1, width*0.42, height*0.5, 0.3, 0.68, 0.1)
		c.ellipse(width*0.5, -0.15, width*0.25, height*0.3, 0, 0.3, 0.1)
	}
	c.ellipse(0, height*0.55, width*0.13, height*0.2, 0, 0.95, 0.2)
	c.ellipse(0, 0.9, 0.9, 0.04, 0, 0.3, 0.5)
	return c.picture(r, 5)
}

func head(r *rand.Rand) *ward.Image {
	c := blankCanvas(r, 0)
	turn := within(r, -0.4, 0.4)
	c.ellipse(0, 0, 0.68, 0.9, turn, within(r, 0.5, 1), 0.03)
	c.ellipse(0, 0, 0.6, 0.8, turn, within(r, 0.35, 0.5), 0.03)
	for _, s := range []float64{-1, 1} {
		c.ellipse(s*0.15, -0.05, 0.08, 0.3, turn+s*0.3, 0.15, 0.2)
	}
	for range r.IntN(6) {
		c.ellipse(within(r, -0.4, 0.4), within(r, -0.5, 0.5), within(r, 0.03, 0.12), within(r, 0.03, 0.12), 0, within(r, 0.2, 0.9), 0.3)
	}
	return c.picture(r, 4)
}

func hand(r *rand.Rand) *ward.Image {
	c := blankCanvas(r, 0.05)
	c.ellipse(0, 0.45, 0.45, 0.4, 0, 0.35, 0.15)
	for i := range 5 {
		x, top := -0.5+0.25*float64(i), -0.8+0.12*math.Abs(float64(i)-2)+within(r, -0.05, 0.05)
		lean := 0.15 * (float64(i) - 2)
		c.ellipse(x+lean/2, (top+0.3)/2, 0.1, (0.5-top)/2, -lean/3, 0.3, 0.2)
		for k := range 4 {
			y := 0.5 - (0.5-top)*float64(k)/4
			c.bone(x*0.8, y, x+lean*float64(k)/4, y-(0.5-top)/5, 0.04, 0.8)
		}
	}
	c.bone(-0.15, 0.95, -0.1, 0.75, 0.09, 0.8)
	c.bone(0.15, 0.95, 0.1, 0.75, 0.08, 0.8)
	return turned(c.picture(r, 4), r.IntN(4))
}

func limb(r *rand.Rand) *ward.Image {
	c := blankCanvas(r, 0.04)
	turn := within(r, -0.5, 0.5)
	c.ellipse(0, 0, within(r, 0.3, 0.5), 1.6, turn, 0.3, 0.1)
	n := 1 + r.IntN(2)
	for i := range n {
		x := 0.22 * (float64(i) - float64(n-1)/2)
		c.bone(x-1.1*math.Sin(turn), -1.1, x+0.02, -0.05, within(r, 0.07, 0.13), 0.8)
		c.bone(x, 0.06, x+1.1*math.Sin(turn), 1.2, within(r, 0.07, 0.13), 0.8)
	}
	return turned(c.picture(r, 4), r.IntN(2))
}

// abdomen is a plain film of the belly with the pelvis.
func abdomen(r *rand.Rand) *ward.Image {
	c := blankCanvas(r, 0.5)
	for i := range 7 {
		c.ellipse(0, -1+0.25*float64(i), 0.14, 0.1, 0, 0.75, 0.3)
	}
	for range 4 + r.IntN(8) {
		c.ellipse(within(r, -0.7, 0.7), within(r, -0.8, 0.3), within(r, 0.06, 0.2), within(r, 0.05, 0.12), within(r, 0, 3), within(r, 0.2, 0.4), 0.4)
	}
	for _, s := range []float64{-1, 1} {
		c.ellipse(s*0.55, 0.5, 0.38, 0.3, s*0.5, 0.85, 0.15)
		c.ellipse(s*0.35, 0.85, 0.16, 0.14, 0, 0.35, 0.2)
		c.bone(s*0.7, 0.85, s*0.85, 1.2, 0.12, 0.9)
	}
	return c.picture(r, 6)
}

// animal lies on its side, as its radiograph or its photograph shows it.
func animal(r *rand.Rand) *ward.Image {
	xray := r.IntN(2) == 0
	ground, flesh := within(r, 0.6, 0.95), within(r, 0.1, 0.4)
	if xray {
		ground, flesh = 0.03, 0.45
	}
	c := blankCanvas(r, ground)
	c.ellipse(0, 0, 0.6, 0.32, 0, flesh, 0.08)
	c.ellipse(-0.72, -0.35, 0.2, 0.15, 0.4, flesh, 0.1)
	c.ellipse(-0.6, -0.15, 0.15, 0.25, 0.5, flesh, 0.1)
	c.bone(0.55, -0.1, 0.95, -0.4, 0.04, flesh)
	for _, x := range []float64{-0.4, -0.28, 0.32, 0.45} {
		c.bone(x, 0.2, x+within(r, -0.1, 0.1), 0.85, 0.06, flesh)
	}
	if xray {
		c.ellipse(-0.15, 0, 0.3, 0.2, 0.1, 0.15, 0.2)
		c.ellipse(-0.2, 0.08, 0.13, 0.13, 0, 0.6, 0.2)
		for i := range 12 {
			c.ellipse(-0.6+0.1*float64(i), -0.24, 0.035, 0.05, 0, 0.85, 0.3)
		}
	}
	return c.picture(r, 5)
}

func blankPicture(r *rand.Rand) *ward.Image {
	c := blankCanvas(r, r.Float64())
	switch r.IntN(3) {
	case 0:
		return c.picture(r, 0)
	case 1: // a mark in a corner
		c.ellipse(-0.85, -0.85, 0.1, 0.1, 0, 1-c.grey[0], 0.5)
		return c.picture(r, 0)
	}
	return c.picture(r, within(r, 0.3, 3)) // a detector without anybody before it
}

// things is a heap of shapes.
func things(r *rand.Rand) *ward.Image {
	c := blankCanvas(r, r.Float64())
	for range 5 + r.IntN(20) {
		c.ellipse(within(r, -1, 1), within(r, -1, 1), within(r, 0.05, 0.5), within(r, 0.05, 0.5), within(r, 0, 3), r.Float64(), within(r, 0.02, 0.5))
	}
	return c.picture(r, 3)
}

// chest is something like a chest.
func chest(r *rand.Rand) *ward.Image {
	c := blankCanvas(r, 0.12)
	c.ellipse(0, 0.1, 1, 1.2, 0, 0.6, 0.1)
	for _, s := range []float64{-1, 1} {
		c.ellipse(s*0.42, -0.05, 0.32, 0.72, -s*0.1, within(r, 0.15, 0.3), 0.15)
		for i := range 6 {
			c.ellipse(s*0.45, -0.65+0.2*float64(i), 0.35, 0.03, s*0.25, 0.42, 0.8)
		}
		c.ellipse(s*0.45, 0.75, 0.45, 0.25, 0, 0.75, 0.2)
	}
	c.ellipse(0, 0, 0.1, 1.2, 0, 0.75, 0.3)
	c.ellipse(0.15, 0.25, 0.3, 0.3, 0.5, 0.8, 0.2)
	return c.picture(r, 4)
}

// turned is a picture after quarter turns.
func turned(img *ward.Image, quarters int) *ward.Image {
	for range quarters {
		next := *img
		next.Rows, next.Cols, next.Values = img.Cols, img.Rows, make([]float32, 0, len(img.Values))
		for row := range next.Rows {
			for col := range next.Cols {
				next.Values = append(next.Values, img.Values[(img.Rows-1-col)*img.Cols+row])
			}
		}
		img = &next
	}
	return img
}
