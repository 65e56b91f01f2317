package broker

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// tmpfs mounts a small file system that can really be full.
func tmpfs(t *testing.T, size string) string {
	t.Helper()
	dir := t.TempDir()
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size="+size, "tmpfs", dir).CombinedOutput(); err != nil {
		t.Skipf("a full disk needs leave to mount a tmpfs: %v: %s", err, out)
	}
	t.Cleanup(func() {
		if out, err := exec.Command("umount", dir).CombinedOutput(); err != nil {
			t.Errorf("umount: %v: %s", err, out)
		}
	})
	return dir
}

// The disk under the store is full, filled by something else: acknowledging stops and shows, what
// was acknowledged is kept, and all resumes when space returns.
func TestFullDisk(t *testing.T) {
	dir := tmpfs(t, "24m")
	b := start(t, func(o *Options) {
		o.Dir = filepath.Join(dir, "broker")
	})
	own(t, b).mqtt.Disconnect(50)
	b.Admit()
	payload := strings.Repeat("x", 60_000)
	send := func() bool {
		c, err := dial(b, "dev", "gateway", "pw", nil)
		defer c.Disconnect(10)
		return err == nil && publish(c, "ward/v1/icu/bed01/vitals", payload, time.Second)
	}
	kept := 0
	for range 20 {
		if send() {
			kept++
		}
	}
	ballast := filepath.Join(dir, "ballast")
	f, err := os.Create(ballast)
	if err != nil {
		t.Fatal(err)
	}
	for chunk := make([]byte, 1<<10); err == nil; _, err = f.Write(chunk) {
	}
	f.Close()
	refused := 0
	for range 60 {
		if send() {
			kept++
		} else if refused++; refused > 3 {
			break
		}
	}
	t.Logf("kept %d, refused %d, ready: %v, store errors %v", kept, refused, b.Ready(), figure(b, "store_errors_total"))
	if refused == 0 {
		t.Fatal("a full disk acknowledged everything")
	}
	if figure(b, "store_errors_total") == 0 && b.Ready() == nil {
		t.Error("a full disk does not show")
	}
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	eventually(t, "acknowledgements to resume", func() bool {
		if send() {
			kept++
			return true
		}
		return false
	})
	i := own(t, b)
	eventually(t, "what was kept", func() bool { return i.count() >= kept })
}
