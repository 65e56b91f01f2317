//go:build !cgo

package runtime

// LoadPictures always fails with ErrNoCgo.
func (*Runtime) LoadPictures([]byte, string, string) (*PictureSession, error) { return nil, ErrNoCgo }

// PictureSession is a loaded picture model; here there is none.
type PictureSession struct{}

// Fix always fails with ErrNoCgo.
func (*PictureSession) Fix(int, int, int) error { return ErrNoCgo }

// Shape is what the model takes and gives.
func (*PictureSession) Shape() PictureShape { return PictureShape{} }

// Run always fails with ErrNoCgo.
func (*PictureSession) Run([]float32, int, []float32) error { return ErrNoCgo }

// Close does nothing.
func (*PictureSession) Close() error { return nil }
