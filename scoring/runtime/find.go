package runtime

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// LibraryVersion is the ONNX Runtime that is fetched and tested with; the binding asks for at least
// it.
const LibraryVersion = "1.24.3"

// LibraryEnv names the environment variable that says where the shared library lies.
const LibraryEnv = "WARDWATCH_ONNX_LIB"

// ErrNotFound says that the shared library lies at none of the usual places.
var ErrNotFound = errors.New("the ONNX Runtime library is not there")

const libraryFile = "libonnxruntime.so.1"

// Find is where the shared library lies: at the path given, else where the environment says, else
// beside the executable in lib/, else in the user's cache. A path that was asked for and is not
// there is an error; no other library is taken in its stead.
func Find(asked string) (string, error) {
	if asked == "" {
		asked = os.Getenv(LibraryEnv)
	}
	if asked != "" {
		return asked, isFile(asked)
	}
	for _, path := range usualPlaces() {
		if isFile(path) == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("%w: looked at %v", ErrNotFound, usualPlaces())
}

func usualPlaces() []string {
	var places []string
	if exe, err := os.Executable(); err == nil {
		places = append(places, filepath.Join(filepath.Dir(exe), "lib", libraryFile))
	}
	if cache, err := os.UserCacheDir(); err == nil {
		places = append(places, filepath.Join(cache, "wardwatch", "onnxruntime-"+LibraryVersion, libraryFile))
	}
	return places
}

func isFile(path string) error {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%w: no file at %s", ErrNotFound, path)
	case err != nil:
		return fmt.Errorf("the ONNX Runtime library cannot be read: %w", err)
	case !info.Mode().IsRegular():
		return fmt.Errorf("%w: %s is no file", ErrNotFound, path)
	}
	return nil
}
