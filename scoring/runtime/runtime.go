//go:build cgo

package runtime

import (
	"fmt"
	"sync"

	ort "github.com/yalue/onnxruntime_go"
)

// opening guards the binding's one environment: the library is the process's, not ours.
var opening sync.Mutex

// Runtime is the loaded library.
type Runtime struct{}

// Open loads the shared library at path. The library is loaded once a process: later calls answer
// with it, whatever their path.
func Open(path string) (*Runtime, error) {
	opening.Lock()
	defer opening.Unlock()
	if ort.IsInitialized() {
		return &Runtime{}, nil
	}
	ort.SetSharedLibraryPath(path)
	// the library's own log would go past ours; every error comes back to us anyway
	if err := ort.InitializeEnvironment(ort.WithLogLevelFatal()); err != nil {
		return nil, fmt.Errorf("%s cannot be used as ONNX Runtime %s or newer: %w", path, LibraryVersion, err)
	}
	return &Runtime{}, nil
}

// Version of the library.
func (*Runtime) Version() string { return ort.GetVersion() }

// Load makes a model ready to run, on one thread. It refuses bytes that are no model, and models
// that do not take and give one table of float32.
func (*Runtime) Load(model []byte) (*Session, error) {
	shape, err := shapeOf(model)
	if err != nil {
		return nil, err
	}
	options, err := oneThread()
	if err != nil {
		return nil, err
	}
	defer options.Destroy()
	inner, err := ort.NewDynamicAdvancedSessionWithONNXData(model, []string{shape.Input}, []string{shape.Output}, options)
	if err != nil {
		return nil, fmt.Errorf("the model cannot be loaded: %w", err)
	}
	texts, err := metadata(inner)
	if err != nil {
		inner.Destroy()
		return nil, fmt.Errorf("the model's metadata cannot be read: %w", err)
	}
	return &Session{inner: inner, shape: shape, metadata: texts}, nil
}

// oneThread leaves the other cores to the ward; batches differ in size, so no memory pattern.
func oneThread() (*ort.SessionOptions, error) {
	o, err := ort.NewSessionOptions()
	if err != nil {
		return nil, err
	}
	for _, set := range []func() error{
		func() error { return o.SetIntraOpNumThreads(1) },
		func() error { return o.SetInterOpNumThreads(1) },
		func() error { return o.SetMemPattern(false) },
		func() error { return o.SetLogSeverityLevel(ort.LoggingLevelFatal) },
	} {
		if err := set(); err != nil {
			o.Destroy()
			return nil, err
		}
	}
	return o, nil
}

func shapeOf(model []byte) (Shape, error) {
	if len(model) == 0 {
		return Shape{}, fmt.Errorf("the model is empty")
	}
	in, out, err := ort.GetInputOutputInfoWithONNXData(model)
	if err != nil {
		return Shape{}, fmt.Errorf("the model cannot be read: %w", err)
	}
	if len(in) != 1 || len(out) != 1 {
		return Shape{}, fmt.Errorf("the model has %d inputs and %d outputs: it must have one of each", len(in), len(out))
	}
	features, err := width(&in[0])
	if err != nil {
		return Shape{}, fmt.Errorf("the model's input: %w", err)
	}
	outputs, err := width(&out[0])
	if err != nil {
		return Shape{}, fmt.Errorf("the model's output: %w", err)
	}
	return Shape{Input: in[0].Name, Features: features, Output: out[0].Name, Outputs: outputs}, nil
}

// width is the number of columns of a table of float32 with any number of rows.
func width(t *ort.InputOutputInfo) (int, error) {
	d := t.Dimensions
	if t.OrtValueType != ort.ONNXTypeTensor || t.DataType != ort.TensorElementDataTypeFloat || len(d) != 2 || d[0] != -1 || d[1] < 1 {
		return 0, fmt.Errorf("%s must be float32 of any number of rows and a fixed number of columns", t)
	}
	return int(d[1]), nil
}

func metadata(s *ort.DynamicAdvancedSession) (map[string]string, error) {
	m, err := s.GetModelMetadata()
	if err != nil {
		return nil, err
	}
	defer m.Destroy()
	keys, err := m.GetCustomMetadataMapKeys()
	if err != nil {
		return nil, err
	}
	texts := make(map[string]string, len(keys))
	for _, k := range keys {
		if texts[k], _, err = m.LookupCustomMetadataMap(k); err != nil {
			return nil, err
		}
	}
	return texts, nil
}
