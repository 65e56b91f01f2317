package runtime

import "fmt"

// PictureShape is what a picture model takes and gives: pictures in the order channel, row, column, and
// one row of numbers for each.
type PictureShape struct {
	Input    string
	Channels int
	Height   int
	Width    int
	Output   string
	Outputs  int
	AtOnce   int // pictures a run; 0: any number
}

// Pixels is how many numbers make one picture.
func (s PictureShape) Pixels() int { return s.Channels * s.Height * s.Width }

// fits checks the slices of one run, so that the library never reads or writes beyond them.
func (s PictureShape) fits(pixels []float32, n int, out []float32) error {
	switch {
	case n < 1:
		return fmt.Errorf("%d pictures: give at least one", n)
	case s.AtOnce > 0 && n%s.AtOnce != 0:
		return fmt.Errorf("%d pictures: the model takes %d at a time", n, s.AtOnce)
	case len(pixels) != n*s.Pixels():
		return fmt.Errorf("%d numbers for %d pictures: the model takes %d a picture", len(pixels), n, s.Pixels())
	case len(out) != n*s.Outputs:
		return fmt.Errorf("room for %d results of %d pictures: the model gives %d a picture", len(out), n, s.Outputs)
	}
	return nil
}
