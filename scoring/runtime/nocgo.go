//go:build !cgo

package runtime

// Runtime is the loaded library; here there is none.
type Runtime struct{}

// Open always fails with ErrNoCgo.
func Open(string) (*Runtime, error) { return nil, ErrNoCgo }

// Version of the library.
func (*Runtime) Version() string { return "" }

// Load always fails with ErrNoCgo.
func (*Runtime) Load([]byte) (*Session, error) { return nil, ErrNoCgo }

// Session is a loaded model; here there is none.
type Session struct{}

// Shape is what the model takes and gives.
func (*Session) Shape() Shape { return Shape{} }

// Metadata is a text that the model's file carries.
func (*Session) Metadata(string) (string, bool) { return "", false }

// Run always fails with ErrNoCgo.
func (*Session) Run([]float32, int, []float32) error { return ErrNoCgo }

// Close does nothing.
func (*Session) Close() error { return nil }
