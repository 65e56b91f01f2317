package objects

import (
	"crypto/rand"
	"io"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"wardwatch/ward"
)

// A full disk keeps nothing, says so, and all resumes when there is space again.
func TestDiskFull(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root to mount a small tmpfs")
	}
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=1m"); err != nil {
		t.Skipf("cannot mount a small tmpfs: %v", err)
	}
	t.Cleanup(func() { syscall.Unmount(dir, 0) })
	s := open(t, dir)
	first := keep(t, s, strings.Repeat("x", 1<<19))
	_, _, _, err := s.Keep(t.Context(), io.LimitReader(rand.Reader, 1<<20), 1<<21)
	refused(t, err, ward.Unavailable)
	if !strings.Contains(err.Error(), "nearly full") || figure(s, "wardwatch_objects_failures_total") != 1 {
		t.Errorf("says %v", err)
	}
	if left := files(t, dir); len(left) != 1 || left[0] != first {
		t.Errorf("left %v", left)
	}
	keep(t, s, strings.Repeat("y", 1<<18))
	if err := unwritable(syscall.ENOSPC); !strings.Contains(err.Error(), "disk is full") {
		t.Errorf("where others fill it meanwhile it says %v", err)
	}
}

// Pictures stop before the vital signs have too little: also in the middle of one, and also where the disk
// is smaller than the reserve.
func TestTheReserveIsLeft(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root to mount a small tmpfs")
	}
	for _, tc := range []struct {
		name          string
		reserve, left uint64
	}{
		{"of some bytes", 1 << 20, 1 << 20},
		{"of a disk smaller than it: a fifth", 0, 8 << 20 / 5},
	} {
		t.Run(tc.name, func(t *testing.T) {
			dir := t.TempDir()
			if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=8m"); err != nil {
				t.Skipf("cannot mount a small tmpfs: %v", err)
			}
			t.Cleanup(func() { syscall.Unmount(dir, 0) })
			s, err := Open(dir, Options{Reserve: tc.reserve})
			if err != nil {
				t.Fatal(err)
			}
			var kept []string
			for err == nil && len(kept) < 99 {
				var name string
				if name, _, _, err = s.Keep(t.Context(), io.LimitReader(rand.Reader, 1<<20), 1<<20); err == nil {
					kept = append(kept, name)
				}
			}
			refused(t, err, ward.Unavailable)
			var fs syscall.Statfs_t
			if err := syscall.Statfs(dir, &fs); err != nil {
				t.Fatal(err)
			}
			if free := fs.Bavail * uint64(fs.Bsize); free < tc.left || free > tc.left+1<<20+1<<16 || !strings.Contains(err.Error(), "nearly full") || len(files(t, dir)) != len(kept) {
				t.Errorf("%d of %d bytes are left, %d kept: %v", free, tc.left, len(kept), err)
			}
			if _, err := s.Prune(t.Context(), time.Now().Add(time.Hour), func(string) (bool, error) { return false, nil }); err != nil {
				t.Fatal(err)
			}
			keep(t, s, "there is space again")
		})
	}
}
