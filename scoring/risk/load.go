package risk

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"wardwatch/scoring/runtime"
	"wardwatch/ward"
)

// engine makes models out of files.
type engine interface {
	Load(model []byte) (session, error)
}

// start finds and loads the library.
func (m *Models) start(o *Options) *Problem {
	if o.Files == nil {
		o.Files, _ = fs.Sub(embedded, "models") // the folder is part of the program
	}
	m.engine = o.engine
	if m.engine != nil {
		return nil
	}
	path, err := runtime.Find(o.Library)
	if err != nil {
		return noRuntime(err, "fetch it with `make onnxruntime`, or name its place with "+runtime.LibraryEnv)
	}
	if o.Probe != nil {
		if err := o.Probe(); err != nil {
			return noRuntime(fmt.Errorf("a trial in a process of its own failed, so it was not loaded: %w", err), "fetch the library again with `make onnxruntime`; it must be for this machine")
		}
	}
	r, err := runtime.Open(path)
	switch {
	case errors.Is(err, runtime.ErrNoCgo):
		return noRuntime(err, "build with CGO_ENABLED=1 and a C compiler")
	case err != nil:
		return noRuntime(err, "fetch the library again with `make onnxruntime`; it must be for this machine")
	}
	m.engine = library{r}
	return nil
}

func noRuntime(err error, hint string) *Problem {
	return &Problem{Code: ward.WithheldRuntime, Detail: err.Error(), Hint: hint}
}

// library is the engine that makes models with ONNX Runtime.
type library struct{ r *runtime.Runtime }

func (l library) Load(raw []byte) (session, error) {
	s, err := l.r.Load(raw)
	if err != nil {
		return nil, err
	}
	return s, nil
}

const hintFiles = "restore the file that belongs to this version of the program, or train and export the models again"

func (m *Models) loadAll(files fs.FS) {
	list, err := readManifest(files)
	if err != nil {
		m.broken = append(m.broken, Problem{Code: ward.WithheldModel, Detail: err.Error(), Hint: hintFiles})
		return
	}
	for i := range list.Models {
		e := &list.Models[i]
		if err := m.load(files, e); err != nil {
			m.broken = append(m.broken, Problem{Code: ward.WithheldModel, Task: e.Task, Model: e.ID, Role: e.Role, Detail: err.Error(), Hint: hintFiles})
		}
	}
}

func (m *Models) load(files fs.FS, e *entry) error {
	raw, err := fs.ReadFile(files, e.File)
	if err != nil {
		return err
	}
	if got := fingerprint(raw); !strings.EqualFold(got, e.SHA256) {
		return fmt.Errorf("%s was altered: its SHA-256 is %.8s…, the manifest says %.8s…", e.File, got, e.SHA256)
	}
	one, err := newModel(m.engine, m.spec, raw, e.Role, m.patience)
	if err != nil {
		return fmt.Errorf("%s: %w", e.File, err)
	}
	if one.about.ID != e.ID || one.about.Task != e.Task {
		one.close()
		return fmt.Errorf("%s holds the model %s for %s, the manifest says %s for %s", e.File, one.about.ID, one.about.Task, e.ID, e.Task)
	}
	m.models[e.ID] = one
	return nil
}

func (m *Models) loadExtra(raw []byte) {
	if raw == nil {
		return
	}
	one, err := newModel(m.engine, m.spec, raw, Extra, m.patience)
	if err != nil {
		m.broken = append(m.broken, Problem{Code: ward.WithheldModel, Role: Extra, Detail: err.Error(), Hint: "export the model again by the training code"})
		return
	}
	m.extra = one
}
