package reader

import (
	"path/filepath"
	"syscall"
	"testing"

	"wardwatch/ingest/imaging/refuse"
	"wardwatch/ward"
)

// What has no end, or waits for somebody to write, is no picture.
func TestOnlyPlainFilesAreRead(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe.dcm")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Skip("no pipes here:", err)
	}
	for _, path := range []string{"/dev/zero", pipe, t.TempDir()} {
		if _, err := new(Viewer).Look(path); refuse.As(err) == nil || refuse.As(err).Code != ward.RefusedCorrupt {
			t.Errorf("%s: %v", path, err)
		}
	}
}
