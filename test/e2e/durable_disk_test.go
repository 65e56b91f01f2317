//go:build e2e

package e2e

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"wardwatch/devices/publish"
)

// smallDisk mounts a tmpfs of so many MiB at dir, until the end of the test. Where we may not
// mount, the test runs once more in namespaces of its own, where we may.
func smallDisk(t *testing.T, dir string, size int) {
	t.Helper()
	err := syscall.Mount("tmpfs", dir, "tmpfs", 0, fmt.Sprintf("size=%dm", size))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
}

// insideNamespaces is set for the run that may mount.
const insideNamespaces = "WARDWATCH_TEST_MAY_MOUNT"

// mayMount reports whether the test may go on here; otherwise it has been run elsewhere already, or
// is skipped.
func mayMount(t *testing.T) bool {
	t.Helper()
	probe := t.TempDir()
	err := syscall.Mount("tmpfs", probe, "tmpfs", 0, "size=1m")
	if err == nil {
		_ = syscall.Unmount(probe, syscall.MNT_DETACH)
		return true
	}
	if os.Getenv(insideNamespaces) != "" {
		t.Skipf("a full disk needs a small one: mounting a tmpfs in a user namespace: %v", err)
	}
	if out, again := exec.Command("unshare", "-Urm", "true").CombinedOutput(); again != nil {
		t.Skipf("a full disk needs a small one: mounting a tmpfs: %v; unshare -Urm: %v: %s", err, again, out)
	}
	cmd := exec.Command("unshare", "-Urm", os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
	cmd.Env = append(os.Environ(), insideNamespaces+"=1")
	out, err := cmd.CombinedOutput()
	t.Logf("in a user namespace:\n%s", out)
	if err != nil {
		t.Error(err)
	}
	return false
}

// fill takes all that is left of the disk.
func fill(t testing.TB, dir string) (file string) {
	t.Helper()
	file = filepath.Join(dir, "filler")
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for block := make([]byte, 1<<20); ; {
		if _, err := f.Write(block); errors.Is(err, syscall.ENOSPC) {
			if len(block) == 1 {
				return file
			}
			block = block[:len(block)/2]
		} else if err != nil {
			t.Fatal(err)
		}
	}
}

// unready asks /readyz and lists what stands in the way, by code; ok is false without an answer.
func (s *server) unready() (why map[string]string, status int, ok bool) {
	resp, err := http.Get(s.http + "/readyz")
	if err != nil {
		return nil, 0, false
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	var answer struct {
		Checks []struct {
			Name   string `json:"name"`
			OK     bool   `json:"ok"`
			Detail string `json:"detail"`
		}
	}
	if err != nil || json.Unmarshal(raw, &answer) != nil {
		return nil, 0, false
	}
	why = map[string]string{}
	for _, c := range answer.Checks {
		if !c.OK {
			why[c.Name] = c.Detail
		}
	}
	return why, resp.StatusCode, true
}

// TestFullDisk fills the disk under the server: under its book, its journal, and the store of the
// embedded broker. Nothing is acknowledged that cannot be kept, the server says what is wrong, and
// when there is space again everything goes on by itself.
func TestFullDisk(t *testing.T) {
	if !mayMount(t) {
		return
	}
	for _, b := range brokers {
		t.Run(b.name, func(t *testing.T) {
			x, door := newTrial(t, 10), newRelay(t)
			disk := t.TempDir()
			smallDisk(t, disk, 96)
			data := filepath.Join(disk, "data")
			if err := os.CopyFS(data, os.DirFS(x.site.data)); err != nil {
				t.Fatal(err)
			}
			x.site.data = data
			fullDisk(x, disk, door, b.make(t, x, door))
		})
	}
}

func fullDisk(x *trial, disk string, door *relay, o publish.Options) {
	srv := x.serve(nil, door)
	o.Window = 8192
	g := newGateway(x, o, "boot", 10)
	g.stream(300, 300, 1<<30)
	g.flush()

	filler := fill(x, disk)
	// What is left in the last pages of the files may still be used; then it must end.
	until(x, "readiness ends", func() bool {
		g.stream(300, 30, 1<<30)
		why, status, ok := srv.unready()
		_, stalled := why["storage_stalled"]
		_, ingest := why["ingest_stalled"]
		_, broker := why["broker_down"]
		if ok && status == http.StatusServiceUnavailable && (stalled || ingest || broker) {
			x.Logf("not ready: %v", why)
			return true
		}
		return false
	})
	if srv.mqtt != "" { // an external broker has a disk of its own and goes on acknowledging
		until(x, "acknowledging ends", func() bool {
			g.stream(300, 30, 1<<30)
			return g.waiting() >= 300
		})
	}
	g.stream(300, 300, 0) // people fall ill meanwhile
	if !srv.alive() {
		x.Fatal("the server ended")
	}
	if err := os.Remove(filler); err != nil {
		x.Fatal(err)
	}
	g.flush()
	until(x, "the server is ready again", func() bool {
		g.stream(300, 30, 0) // the sick stay so
		_, status, ok := srv.unready()
		return ok && status == http.StatusOK
	})
	g.flush()
	receipted := g.receipted()
	x.alarmed()
	x.arrive(receipted)
	srv.stop()
	readings := x.kept(g, receipted)
	x.promised()
	x.Logf("%d messages, %d readings", len(receipted), len(readings))

	again := x.serve(nil, door) // nothing that was written while the disk was full stands in the way
	again.stop()
}
