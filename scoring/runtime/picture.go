//go:build cgo

package runtime

import (
	"fmt"
	goruntime "runtime"
	"strings"
	"sync"

	ort "github.com/yalue/onnxruntime_go"
)

// PictureSession is a loaded picture model. Its methods may be called from several goroutines.
type PictureSession struct {
	shape PictureShape

	mu    sync.RWMutex // Run reads, Close writes
	inner *ort.DynamicAdvancedSession
}

// LoadPictures makes a picture model ready to run, on one thread. input and output name what is used of
// the model; it may give more. A dimension that the model leaves open is 0 in its Shape.
func (*Runtime) LoadPictures(model []byte, input, output string) (*PictureSession, error) {
	shape, err := pictureShapeOf(model, input, output)
	if err != nil {
		return nil, err
	}
	options, err := oneThread()
	if err != nil {
		return nil, err
	}
	defer options.Destroy()
	inner, err := ort.NewDynamicAdvancedSessionWithONNXData(model, []string{input}, []string{output}, options)
	if err != nil {
		return nil, fmt.Errorf("the model cannot be loaded: %w", err)
	}
	return &PictureSession{inner: inner, shape: shape}, nil
}

func pictureShapeOf(model []byte, input, output string) (PictureShape, error) {
	if len(model) == 0 {
		return PictureShape{}, fmt.Errorf("the model is empty")
	}
	ins, outs, err := ort.GetInputOutputInfoWithONNXData(model)
	if err != nil {
		return PictureShape{}, fmt.Errorf("the model cannot be read: %w", err)
	}
	if len(ins) != 1 {
		return PictureShape{}, fmt.Errorf("the model has %d inputs (%s): it must have one, the picture", len(ins), names(ins))
	}
	in, out := named(ins, input), named(outs, output)
	switch {
	case in == nil:
		return PictureShape{}, fmt.Errorf("the model has no input %q: its input is %s", input, names(ins))
	case out == nil:
		return PictureShape{}, fmt.Errorf("the model has no output %q: it has %s", output, names(outs))
	case !isFloats(in) || len(in.Dimensions) != 4:
		return PictureShape{}, fmt.Errorf("%s must be float32 of four dimensions: picture, channel, row, column", in)
	case !isFloats(out) || len(out.Dimensions) < 1:
		return PictureShape{}, fmt.Errorf("%s must be float32 with a row a picture", out)
	}
	d := in.Dimensions
	shape := PictureShape{Input: input, Output: output, AtOnce: open(d[0]), Channels: open(d[1]), Height: open(d[2]), Width: open(d[3]), Outputs: 1}
	for _, size := range out.Dimensions[1:] {
		if size < 1 || size > maxOutputs {
			return PictureShape{}, fmt.Errorf("%s must have a fixed number of results a picture, at most %d", out, maxOutputs)
		}
		shape.Outputs *= int(size)
	}
	if shape.Outputs > maxOutputs {
		return PictureShape{}, fmt.Errorf("%s has %d results a picture: at most %d are taken", out, shape.Outputs, maxOutputs)
	}
	return shape, nil
}

// maxOutputs bounds what a file may claim of itself; classifiers have hundreds at most.
const maxOutputs = 1 << 14

func isFloats(t *ort.InputOutputInfo) bool {
	return t.OrtValueType == ort.ONNXTypeTensor && t.DataType == ort.TensorElementDataTypeFloat
}

// open is a dimension; 0 where the model takes any size.
func open(size int64) int { return int(max(size, 0)) }

func named(list []ort.InputOutputInfo, name string) *ort.InputOutputInfo {
	for i := range list {
		if list[i].Name == name {
			return &list[i]
		}
	}
	return nil
}

func names(list []ort.InputOutputInfo) string {
	out := make([]string, len(list))
	for i := range list {
		out[i] = fmt.Sprintf("%q", list[i].Name)
	}
	return strings.Join(out, ", ")
}

// Fix settles the dimensions that the model leaves open, and refuses those that it does not have.
func (s *PictureSession) Fix(channels, height, width int) error {
	for _, d := range []struct {
		what string
		has  *int
		want int
	}{{"channels", &s.shape.Channels, channels}, {"rows", &s.shape.Height, height}, {"columns", &s.shape.Width, width}} {
		if *d.has != 0 && *d.has != d.want {
			return fmt.Errorf("the model takes pictures of %d %s, not of %d", *d.has, d.what, d.want)
		}
		*d.has = d.want
	}
	return nil
}

// Shape is what the model takes and gives.
func (s *PictureSession) Shape() PictureShape { return s.shape }

// Run gives the model n pictures, one after another, and writes its results into out, a row each. The
// library works on the caller's memory: nothing is copied.
func (s *PictureSession) Run(pixels []float32, n int, out []float32) error {
	if err := s.shape.fits(pixels, n, out); err != nil {
		return err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.inner == nil {
		return ErrClosed
	}
	at := s.shape.AtOnce
	if at == 0 {
		return s.run(pixels, n, out)
	}
	for i := 0; i < n; i += at {
		if err := s.run(pixels[i*s.shape.Pixels():(i+at)*s.shape.Pixels()], at, out[i*s.shape.Outputs:(i+at)*s.shape.Outputs]); err != nil {
			return err
		}
	}
	return nil
}

func (s *PictureSession) run(pixels []float32, n int, out []float32) error {
	var pin goruntime.Pinner
	defer pin.Unpin()
	pin.Pin(&pixels[0])
	in, err := ort.NewTensor(ort.NewShape(int64(n), int64(s.shape.Channels), int64(s.shape.Height), int64(s.shape.Width)), pixels)
	if err != nil {
		return err
	}
	defer in.Destroy()
	// the library makes the result: a model may give it more dimensions than a row a picture
	results := []ort.Value{nil}
	if err := s.inner.Run([]ort.Value{in}, results); err != nil {
		return err
	}
	defer results[0].Destroy()
	got, ok := results[0].(*ort.Tensor[float32])
	if !ok || len(got.GetData()) != len(out) {
		return fmt.Errorf("the model gave %v for %d pictures: %d numbers were expected", results[0].GetShape(), n, len(out))
	}
	copy(out, got.GetData())
	return nil
}

// Close frees the model; it may be called again.
func (s *PictureSession) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.inner == nil {
		return nil
	}
	err := s.inner.Destroy()
	s.inner = nil
	return err
}
