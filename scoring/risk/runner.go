package risk

import (
	"errors"
	"fmt"
	"math"
	"sync/atomic"
	"time"

	"wardwatch/scoring/runtime"
)

// session is a loaded model.
type session interface {
	Shape() runtime.Shape
	Metadata(key string) (string, bool)
	Run(rows []float32, n int, out []float32) error
	Close() error
}

// errSlow says that a model did not answer in time, or has not yet answered an earlier call.
var errSlow = errors.New("the model did not answer in time")

// atOnce is the most rows that the library gets in one call: it bounds the memory that it takes and
// keeps.
const atOnce = 1024

// runner lets a model answer within a time, whatever it does: it may fail, panic or hang, and its
// caller goes on.
type runner struct {
	session session
	busy    atomic.Bool // an earlier call is still running
}

// predict gives the model n rows and waits for at most patience. The rows belong to the model from
// then on, for it may go on after the time is up.
func (r *runner) predict(rows []float32, n int, patience time.Duration) ([]float32, error) {
	if n == 0 {
		return nil, nil
	}
	if !r.busy.CompareAndSwap(false, true) {
		return nil, errSlow
	}
	out := make([]float32, n*r.session.Shape().Outputs)
	done := make(chan error, 1)
	var late atomic.Bool
	go func() {
		err := r.chunks(rows, n, out, &late)
		r.busy.Store(false) // before the answer: the next call may come with it
		done <- err
	}()
	select {
	case err := <-done:
		return out, err
	case <-time.After(patience):
		late.Store(true)
		return nil, errSlow
	}
}

// close frees the model. One that still hangs is left alone: it would hang its closer too.
func (r *runner) close() error {
	if r.busy.Load() {
		return nil
	}
	return r.session.Close()
}

// chunks runs the rows, some at a time; it stops between them once nobody waits any more.
func (r *runner) chunks(rows []float32, n int, out []float32, late *atomic.Bool) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the model panicked: %v", p)
		}
	}()
	s := r.session.Shape()
	for from := 0; from < n && !late.Load(); from += atOnce {
		to := min(from+atOnce, n)
		if err := r.session.Run(rows[from*s.Features:to*s.Features], to-from, out[from*s.Outputs:to*s.Outputs]); err != nil {
			return err
		}
	}
	return nil
}

// finite reports whether every number is one.
func finite(xs []float32) bool {
	for _, x := range xs {
		if math.IsNaN(float64(x)) || math.IsInf(float64(x), 0) {
			return false
		}
	}
	return true
}
