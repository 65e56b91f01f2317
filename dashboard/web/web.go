// Package web carries the front end: the built files of dist, which are committed so that Go alone
// can make the whole program. `npm run build` in this folder makes them anew.
package web

import (
	"embed"
	"io/fs"
)

//go:embed dist
var dist embed.FS

// Files is the built front end: index.html at the root and the files it names, with hashed names,
// under assets.
func Files() fs.FS {
	files, err := fs.Sub(dist, "dist")
	if err != nil {
		panic("web: dist was not embedded: " + err.Error()) // only a broken build can do this
	}
	return files
}
