package imaging

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"wardwatch/scoring/imaging/prepare"
	"wardwatch/scoring/runtime"
)

// Options say where the library is.
type Options struct {
	Library string // path of the shared library of ONNX Runtime; empty: the usual places (runtime.Find)
}

// Load loads a model from its directory: its manifest, its file, and the gate before it. Its errors say
// what to mend.
func Load(files fs.FS, o Options) (*Model, error) {
	m, err := ReadManifest(files)
	if err != nil {
		return nil, err
	}
	raw, err := readFile(files, m.File, m.SHA256)
	if err != nil {
		return nil, err
	}
	library, err := open(o.Library)
	if err != nil {
		return nil, err
	}
	one := &Model{manifest: m, version: m.Version + "+" + strings.ToLower(m.SHA256[:8])}
	if one.session, err = newSession(library, raw, &m.Input, &m.Output, m.outputs()); err != nil {
		return nil, fmt.Errorf("%s: %w", m.File, err)
	}
	if one.gate, err = m.Picture.load(library, files); err != nil {
		one.session.Close()
		return nil, err
	}
	return one, nil
}

// open finds and loads the library.
func open(path string) (*runtime.Runtime, error) {
	found, err := runtime.Find(path)
	if err != nil {
		return nil, fmt.Errorf("%w: fetch it with `make onnxruntime`, or name its place with --onnx-lib or %s", err, runtime.LibraryEnv)
	}
	r, err := runtime.Open(found)
	switch {
	case errors.Is(err, runtime.ErrNoCgo):
		return nil, fmt.Errorf("%w: build with CGO_ENABLED=1 and a C compiler", err)
	case err != nil:
		return nil, fmt.Errorf("%w: fetch it again with `make onnxruntime`; it must be for this machine", err)
	}
	return r, nil
}

// maxModel is the largest file that is taken for a model, in bytes.
const maxModel = 1 << 30

func readFile(files fs.FS, name, hash string) ([]byte, error) {
	info, err := fs.Stat(files, name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("there is no %s beside the manifest that names it: put it there", name)
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular() || info.Size() > maxModel:
		return nil, fmt.Errorf("%s is no file of at most %d MiB", name, maxModel>>20)
	}
	raw, err := fs.ReadFile(files, name)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(raw)
	if got := hex.EncodeToString(sum[:]); !strings.EqualFold(got, hash) {
		return nil, fmt.Errorf("%s is not the file that the manifest means: its SHA-256 is %.8s…, the manifest says %.8s…; restore the file, or write down its own hash once you know that it is right", name, got, hash)
	}
	return raw, nil
}

// outputs is how many numbers the model must give at least.
func (m *Manifest) outputs() int {
	most := 0
	for i := range m.Findings {
		most = max(most, m.Findings[i].Output+1)
	}
	return most
}

// newSession loads a model, checks that it fits what is said of it, and tries it once.
func newSession(library *runtime.Runtime, raw []byte, in *prepare.Input, out *Output, outputs int) (session, error) {
	s, err := library.LoadPictures(raw, in.Name, out.Name)
	if err != nil {
		return nil, err
	}
	if err := fitted(s, in, outputs); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

func fitted(s *runtime.PictureSession, in *prepare.Input, outputs int) error {
	if err := s.Fix(in.Channels, in.Height, in.Width); err != nil {
		return fmt.Errorf("%w: correct the manifest's input", err)
	}
	shape := s.Shape()
	if shape.AtOnce > 1 {
		return fmt.Errorf("the model takes %d pictures at a time: export it for any number, or for one", shape.AtOnce)
	}
	if shape.Outputs < outputs {
		return fmt.Errorf("the model gives %d numbers a picture, the manifest speaks of number %d, counted from 0", shape.Outputs, outputs-1)
	}
	got := make([]float32, shape.Outputs)
	if err := s.Run(make([]float32, shape.Pixels()), 1, got); err != nil {
		return fmt.Errorf("a trial of the model failed: %w", err)
	}
	return nil
}

// load makes the gate ready; nil where any picture will do.
func (p *Picture) load(library *runtime.Runtime, files fs.FS) (*gate, error) {
	file := p.Own
	if p.Builtin != "" {
		var err error
		if files, file, err = builtinGateFile(); err != nil {
			return nil, err
		}
	}
	if file == nil {
		return nil, nil
	}
	raw, err := readFile(files, file.File, file.SHA256)
	if err != nil {
		return nil, fmt.Errorf("picture: %w", err)
	}
	s, err := newSession(library, raw, &file.Input, &file.Output, 1)
	if err != nil {
		return nil, fmt.Errorf("picture, %s: %w", file.File, err)
	}
	return &gate{file: file, session: s}, nil
}
