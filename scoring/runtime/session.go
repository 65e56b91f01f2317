//go:build cgo

package runtime

import (
	goruntime "runtime"
	"sync"

	ort "github.com/yalue/onnxruntime_go"
)

// Session is a loaded model. Its methods may be called from several goroutines.
type Session struct {
	shape    Shape
	metadata map[string]string

	mu    sync.RWMutex // Run reads, Close writes
	inner *ort.DynamicAdvancedSession
}

// Shape is what the model takes and gives.
func (s *Session) Shape() Shape { return s.shape }

// Metadata is a text that the model's file carries under a key; ok is false when there is none.
func (s *Session) Metadata(key string) (text string, ok bool) {
	text, ok = s.metadata[key]
	return text, ok
}

// Run gives the model n rows of features, one after another, and writes its results into out, a
// row each. The library works on the caller's memory: nothing is copied.
func (s *Session) Run(rows []float32, n int, out []float32) error {
	if err := s.shape.fits(rows, n, out); err != nil {
		return err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.inner == nil {
		return ErrClosed
	}
	var pin goruntime.Pinner
	defer pin.Unpin()
	pin.Pin(&rows[0])
	pin.Pin(&out[0])
	in, err := ort.NewTensor(ort.NewShape(int64(n), int64(s.shape.Features)), rows)
	if err != nil {
		return err
	}
	defer in.Destroy()
	result, err := ort.NewTensor(ort.NewShape(int64(n), int64(s.shape.Outputs)), out)
	if err != nil {
		return err
	}
	defer result.Destroy()
	return s.inner.Run([]ort.Value{in}, []ort.Value{result})
}

// Close frees the model; it may be called again.
func (s *Session) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.inner == nil {
		return nil
	}
	err := s.inner.Destroy()
	s.inner = nil
	return err
}
