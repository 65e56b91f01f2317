package runtime

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func TestFind(t *testing.T) {
	dir := t.TempDir()
	there := filepath.Join(dir, "there.so")
	if err := os.WriteFile(there, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	missing := filepath.Join(dir, "missing.so")
	inCache := filepath.Join(dir, "wardwatch", "onnxruntime-"+LibraryVersion, libraryFile)
	t.Setenv("XDG_CACHE_HOME", dir)
	for _, c := range []struct {
		what, asked, env, want string
	}{
		{"what was asked for", there, missing, there},
		{"what the environment says", "", there, there},
		{"asked for and not there: no other is taken", missing, there, ""},
		{"the environment names what is not there", "", missing, ""},
		{"a folder", dir, "", ""},
		{"nowhere", "", "", ""},
	} {
		t.Setenv(LibraryEnv, c.env)
		got, err := Find(c.asked)
		if c.want == "" {
			if !errors.Is(err, ErrNotFound) {
				t.Errorf("%s: got %q, %v", c.what, got, err)
			}
		} else if err != nil || got != c.want {
			t.Errorf("%s: got %q, %v", c.what, got, err)
		}
	}
	t.Setenv(LibraryEnv, "")
	if err := os.MkdirAll(filepath.Dir(inCache), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(inCache, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if got, err := Find(""); err != nil || got != inCache {
		t.Errorf("the cache: got %q, %v", got, err)
	}
}
