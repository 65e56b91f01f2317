package imaging

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
)

// The models that are part of the program, a directory each, and the built-in gate.
//
//go:embed models
var embedded embed.FS

// builtinGate is the directory, and the id, of the gate that FrontalChest means.
const builtinGate = "frontal-chest"

// ErrDemonstration says that a model was made to be shown, not to be used.
var ErrDemonstration = errors.New("this is a demonstration model, not to be used on patients")

// Builtins are the names of the models that are part of the program.
func Builtins() []string {
	found, err := fs.Glob(embedded, "models/*/"+ManifestName)
	if err != nil {
		return nil // the pattern is right
	}
	for i, path := range found {
		found[i] = strings.Split(path, "/")[1]
	}
	slices.Sort(found)
	return found
}

// Files is where a model lies: the name of a built-in one, or the path of a directory. A name that is
// both is the built-in; write ./NAME for the directory.
func Files(model string) (fs.FS, error) {
	if slices.Contains(Builtins(), model) {
		return fs.Sub(embedded, "models/"+model)
	}
	info, err := os.Stat(model)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("there is no model %q: give one of %s, or a directory with a %s", model, strings.Join(Builtins(), ", "), ManifestName)
	case err != nil:
		return nil, err
	case !info.IsDir():
		return nil, fmt.Errorf("%s is no directory: give the directory that holds the model's %s", model, ManifestName)
	}
	return os.DirFS(model), nil
}

// Open loads a model by the name of a built-in one, or from a directory.
func Open(model string, o Options) (*Model, error) {
	files, err := Files(model)
	if err != nil {
		return nil, err
	}
	m, err := Load(files, o)
	if err != nil {
		return nil, fmt.Errorf("model %s: %w", model, err)
	}
	return m, nil
}

// ForPatients refuses a demonstration model with ErrDemonstration, under whatever name it comes.
func (m *Manifest) ForPatients() error {
	demonstration := m.Demonstration
	for _, name := range Builtins() {
		files, err := Files(name)
		if err != nil {
			return err
		}
		ours, err := ReadManifest(files)
		if err != nil {
			return err
		}
		demonstration = demonstration || ours.Demonstration && strings.EqualFold(ours.SHA256, m.SHA256)
	}
	if demonstration {
		return fmt.Errorf("model %s: %w: name a model that is meant for them; only `demo` and `image` load this one", m.ID, ErrDemonstration)
	}
	return nil
}

// builtinGateFile reads the built-in gate's description.
func builtinGateFile() (fs.FS, *GateFile, error) {
	files, err := fs.Sub(embedded, "models/"+builtinGate)
	if err != nil {
		return nil, nil, err
	}
	raw, err := fs.ReadFile(files, "gate.json")
	if err != nil {
		return nil, nil, fmt.Errorf("the built-in gate %s is not part of this program: %w", FrontalChest, err)
	}
	g := &GateFile{}
	if err := strict(raw, g); err != nil {
		return nil, nil, fmt.Errorf("the built-in gate: %w", err)
	}
	g.ID = builtinGate
	return files, g, g.check()
}
