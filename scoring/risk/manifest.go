package risk

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"path"

	"wardwatch/ward"
)

// The trained models.
//
//go:embed models/manifest.json models/*.onnx
var embedded embed.FS

// Role is what a model is there for.
type Role string

// Roles.
const (
	Serve     Role = "serve"     // makes the predictions of its task
	Optional  Role = "optional"  // makes a second prediction where there is what it needs
	Reference Role = "reference" // is compared with in validation
	Extra     Role = "extra"     // was given beside the manifest, to be validated
)

// manifest lists the models that belong to the program, each with its file's hash.
type manifest struct {
	Models []entry `json:"models"`
}

type entry struct {
	ID     string    `json:"id"`
	Task   ward.Task `json:"task"`
	Role   Role      `json:"role"`
	File   string    `json:"file"`
	SHA256 string    `json:"sha256"`
}

const manifestFile = "manifest.json"

func readManifest(files fs.FS) (*manifest, error) {
	raw, err := fs.ReadFile(files, manifestFile)
	if err != nil {
		return nil, err
	}
	return parseManifest(raw)
}

func parseManifest(raw []byte) (*manifest, error) {
	m := new(manifest)
	if err := json.Unmarshal(raw, m); err != nil {
		return nil, fmt.Errorf("%s is no JSON of the right form: %w", manifestFile, err)
	}
	ids, serving := map[string]bool{}, map[ward.Task]string{}
	for i, e := range m.Models {
		if e.ID == "" || ids[e.ID] {
			return nil, fmt.Errorf("%s: model %d has the id %q: each needs one of its own", manifestFile, i, e.ID)
		}
		ids[e.ID] = true
		if e.File == "" || path.Base(e.File) != e.File || !fs.ValidPath(e.File) {
			return nil, fmt.Errorf("%s: %s: file %q must be a name in the same folder", manifestFile, e.ID, e.File)
		}
		switch e.Role {
		case Serve:
			if other := serving[e.Task]; other != "" {
				return nil, fmt.Errorf("%s: %s and %s both serve the task %s: only one can", manifestFile, other, e.ID, e.Task)
			}
			serving[e.Task] = e.ID
		case Optional, Reference:
		default:
			return nil, fmt.Errorf("%s: %s: role %q is unknown: use %s, %s or %s", manifestFile, e.ID, e.Role, Serve, Optional, Reference)
		}
	}
	return m, nil
}
