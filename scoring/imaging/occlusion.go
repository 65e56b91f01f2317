package imaging

import (
	"fmt"

	"wardwatch/scoring/imaging/prepare"
	"wardwatch/scoring/imaging/show"
	"wardwatch/ward"
)

// patches is how many patches lie side by side across the shorter side of the input, and atOnce how
// many covered pictures are looked at in one run. Proposals: the map is as fine as the lobes of a lung.
const (
	patches = 7
	atOnce  = 32
)

// Occlude finds where the score of a finding (its number in Result.Findings) came from: a grey patch, as
// bright as what lies around it, is slid over the input, and what the logit loses is noted wherever the
// patch lay. It is for a picture that Look did not refuse.
func (m *Model) Occlude(img *ward.Image, finding int) (*show.Heat, error) {
	if finding < 0 || finding >= len(m.manifest.Findings) {
		return nil, fmt.Errorf("the model %s has no finding number %d", m.manifest.ID, finding)
	}
	in := &m.manifest.Input
	base := in.Picture(prepare.Of(img))
	c := covering{model: m, output: m.manifest.Findings[finding].Output, base: base, sum: make([]float64, in.Height*in.Width), times: make([]float64, in.Height*in.Width)}
	whole, err := c.logits(base, 1)
	if err != nil {
		return nil, err
	}
	if err := c.all(whole[0]); err != nil {
		return nil, err
	}
	for i, n := range c.times {
		c.sum[i] /= n
	}
	return &show.Heat{Rows: in.Height, Cols: in.Width, Drops: c.sum, Place: in.Placed(img.Rows, img.Cols)}, nil
}

// Strongest is the finding whose score is most over its threshold, or least under it.
func (r *Result) Strongest() int {
	best := 0
	for i := range r.Findings {
		if r.Findings[i].Score-r.Findings[i].Threshold > r.Findings[best].Score-r.Findings[best].Threshold {
			best = i
		}
	}
	return best
}

// covering is one picture being covered, patch by patch.
type covering struct {
	model  *Model
	output int
	base   []float32
	sum    []float64 // of the drops, at each pixel of the input
	times  []float64 // that a patch lay there
}

// rect is a part of the input: rows and columns from, and up to without.
type rect struct{ top, left, bottom, right int }

// all covers every place and notes the drops from the whole picture's logit.
func (c *covering) all(whole float64) error {
	places := c.places()
	pixels := make([]float32, 0, min(atOnce, len(places))*len(c.base))
	for len(places) > 0 {
		now := places[:min(atOnce, len(places))]
		places = places[len(now):]
		pixels = pixels[:0]
		for _, p := range now {
			pixels = append(pixels, c.base...)
			c.cover(pixels[len(pixels)-len(c.base):], p)
		}
		logits, err := c.logits(pixels, len(now))
		if err != nil {
			return err
		}
		for i, p := range now {
			c.note(p, whole-logits[i])
		}
	}
	return nil
}

// places is where the patches lie: each overlaps half of the next, and the last ends at the edge.
func (c *covering) places() (out []rect) {
	in := &c.model.manifest.Input
	side := max(min(in.Height, in.Width)/patches, 1)
	for _, top := range starts(in.Height, side) {
		for _, left := range starts(in.Width, side) {
			out = append(out, rect{top, left, top + side, left + side})
		}
	}
	return out
}

func starts(length, side int) (out []int) {
	step := max(side/2, 1)
	for at := 0; at < length-side; at += step {
		out = append(out, at)
	}
	return append(out, length-side)
}

// cover lays the patch over one prepared picture.
func (c *covering) cover(pixels []float32, p rect) {
	in := &c.model.manifest.Input
	border := max((p.bottom-p.top)/2, 1)
	around := rect{max(p.top-border, 0), max(p.left-border, 0), min(p.bottom+border, in.Height), min(p.right+border, in.Width)}
	for channel := range in.Channels {
		plane := pixels[channel*in.Height*in.Width:][:in.Height*in.Width]
		sum, n := 0.0, 0
		each(around, in.Width, func(i int) { sum += float64(plane[i]); n++ })
		mean := float32(sum / float64(n))
		each(p, in.Width, func(i int) { plane[i] = mean })
	}
}

func each(r rect, width int, do func(i int)) {
	for row := r.top; row < r.bottom; row++ {
		for col := r.left; col < r.right; col++ {
			do(row*width + col)
		}
	}
}

func (c *covering) note(p rect, drop float64) {
	each(p, c.model.manifest.Input.Width, func(i int) {
		c.sum[i] += drop
		c.times[i]++
	})
}

// logits asks the model about n prepared pictures.
func (c *covering) logits(pixels []float32, n int) ([]float64, error) {
	width := c.model.session.Shape().Outputs
	out := make([]float32, n*width)
	if err := c.model.session.Run(pixels, n, out); err != nil {
		return nil, fmt.Errorf("the model %s failed: %w", c.model.manifest.ID, err)
	}
	logits := make([]float64, n)
	for i := range logits {
		logits[i] = c.model.logit(float64(out[i*width+c.output]))
		if !finite(logits[i]) {
			return nil, fmt.Errorf("the model %s gave no number", c.model.manifest.ID)
		}
	}
	return logits, nil
}
