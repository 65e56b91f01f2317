package imaging

import (
	"fmt"

	"wardwatch/scoring/imaging/prepare"
	"wardwatch/ward"
)

// gate looks at the picture itself: is it like what the model was made for?
type gate struct {
	file    *GateFile
	session session
}

// judge refuses a picture that is not like it.
func (g *gate) judge(img *prepare.Source) (*Refusal, error) {
	f := g.file
	aspect := float64(img.Cols) / float64(img.Rows)
	switch {
	case min(img.Rows, img.Cols) < f.MinSide:
		return refuse(ward.RefusedSmall, "the picture has %d × %d pixels; at least %d on the shorter side are accepted", img.Cols, img.Rows, f.MinSide), nil
	case f.MinAspect > 0 && aspect < f.MinAspect || f.MaxAspect > 0 && aspect > f.MaxAspect:
		return refuse(ward.RefusedPicture, "the picture is %d × %d pixels, too long for what the model was made for", img.Cols, img.Rows), nil
	}
	like, err := g.ask(img)
	if err != nil {
		return nil, err
	}
	if !(like >= f.Threshold) {
		return refuse(ward.RefusedPicture, "the picture does not look like what the model was made for; accepted: %s", g.accepts()), nil
	}
	return nil, nil
}

// ask is how much the picture is like it, on the scale of the threshold.
func (g *gate) ask(img *prepare.Source) (float64, error) {
	out := make([]float32, g.session.Shape().Outputs)
	if err := g.session.Run(g.file.Input.Picture(img), 1, out); err != nil {
		return 0, fmt.Errorf("the gate of pictures failed: %w", err)
	}
	if !finite(float64(out[0])) {
		return 0, fmt.Errorf("the gate of pictures gave no number")
	}
	return float64(out[0]), nil
}

func (g *gate) accepts() string {
	if g.file.ID == builtinGate {
		return "upright frontal radiographs of a human chest"
	}
	return "pictures such as the model's card describes"
}
