// Package runtime runs models with ONNX Runtime. It is the only place that knows the binding.
//
// Models have one input, rows of float32 features, and one output, rows of float32. The shared
// library is loaded once and stays for the life of the process. A build without cgo has the same
// names and says that it cannot.
package runtime

import (
	"errors"
	"fmt"
)

// ErrNoCgo says that this program was built without what the library needs.
var ErrNoCgo = errors.New("built without cgo, which ONNX Runtime needs")

// ErrClosed says that a session was closed.
var ErrClosed = errors.New("the model was closed")

// Shape is what a model takes and gives, a row.
type Shape struct {
	Input    string
	Features int
	Output   string
	Outputs  int
}

// fits checks the slices of one run, so that the library never reads or writes beyond them.
func (s Shape) fits(rows []float32, n int, out []float32) error {
	switch {
	case n < 1:
		return fmt.Errorf("%d rows: give at least one", n)
	case len(rows) != n*s.Features:
		return fmt.Errorf("%d numbers for %d rows: the model takes %d a row", len(rows), n, s.Features)
	case len(out) != n*s.Outputs:
		return fmt.Errorf("room for %d results of %d rows: the model gives %d a row", len(out), n, s.Outputs)
	}
	return nil
}
