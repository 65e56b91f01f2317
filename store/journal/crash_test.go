package journal

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"wardwatch/ward"
)

// copyDir is the disk as a crash would leave it.
func copyDir(t testing.TB, from string) string {
	t.Helper()
	to := t.TempDir()
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
	return to
}

// Wherever the last write is cut, every batch before it is whole, what is left of it is a prefix of
// whole records, and the same batch can be sent again without loss or repeat.
func TestTornAtEveryByteOfTheLastBatch(t *testing.T) {
	dir := t.TempDir()
	j := open(t, dir, Options{})
	appendAll(t, j, batch(1, noon, 0, 5))
	before := j.End()
	appendAll(t, j, batch(1, noon.Add(5*time.Second), 5, 3))
	after := j.End()
	for cut := before; cut <= after; cut++ {
		crashed := copyDir(t, dir)
		if err := os.Truncate(filepath.Join(crashed, filepath.Base(j.segmentPath(0))), int64(cut)); err != nil {
			t.Fatal(err)
		}
		k := open(t, crashed, Options{})
		seqs, _ := readAll(t, k, 0)
		if len(seqs) < 5 || len(seqs) > 8 || (cut == after) != (len(seqs) == 8) {
			t.Fatalf("cut at %d of %d..%d: %d readings", cut, before, after, len(seqs))
		}
		wantSeqs(t, seqs, 0, uint64(len(seqs)))
		var again []ward.Reading
		for _, r := range batch(1, noon.Add(5*time.Second), 5, 3) {
			if repeat, _ := k.Admit(&r); !repeat {
				again = append(again, r)
			}
		}
		appendAll(t, k, again)
		seqs, _ = readAll(t, k, 0)
		wantSeqs(t, seqs, 0, 8)
		k.Close()
	}
}

// Old bytes behind the end, as a file system may leave after a power cut, are not taken for records.
func TestOldBytesBehindTheEnd(t *testing.T) {
	dir := t.TempDir()
	j := open(t, dir, Options{})
	appendAll(t, j, batch(1, noon, 0, 3))
	j.Close()
	raw, err := os.ReadFile(j.segmentPath(0))
	if err != nil {
		t.Fatal(err)
	}
	for what, tail := range map[string][]byte{"zeros": make([]byte, 5000), "records from elsewhere": raw[headerBytes:]} {
		crashed := copyDir(t, dir)
		if err := os.WriteFile(filepath.Join(crashed, filepath.Base(j.segmentPath(0))), append(bytes.Clone(raw), tail...), 0o640); err != nil {
			t.Fatal(err)
		}
		k := open(t, crashed, Options{})
		seqs, _ := readAll(t, k, 0)
		wantSeqs(t, seqs, 0, 3)
		if n := k.counts.torn.Load(); n != uint64(len(tail)) {
			t.Errorf("%s: %d bytes cut, want %d", what, n, len(tail))
		}
		if info, err := os.Stat(k.segmentPath(0)); err != nil || uint64(info.Size()) != k.End() {
			t.Errorf("%s: they are still in the file", what)
		}
		appendAll(t, k, batch(1, noon, 3, 1))
		seqs, _ = readAll(t, k, 0)
		wantSeqs(t, seqs, 0, 4)
	}
}

// One damaged record costs itself: it is reported once, counted, and everything around it is read,
// in a closed segment as in the last one, before a restart as after.
func TestDamageInTheMiddleCostsOneRecord(t *testing.T) {
	for _, where := range []string{"closed segment", "last segment"} {
		t.Run(where, func(t *testing.T) {
			dir := t.TempDir()
			var log bytes.Buffer
			o := Options{SegmentBytes: 3000, Log: slog.New(slog.NewTextHandler(&log, nil))}
			j := open(t, dir, o)
			for n := range 10 {
				appendAll(t, j, batch(1, noon, uint64(n*10), 10))
			}
			segments := *j.segments.Load()
			s := segments[1]
			if where == "last segment" {
				s = segments[len(segments)-1]
			}
			_, positions := readAll(t, j, s.base)
			victim, first := positions[2], int(100-len(positions))+2
			f, err := os.OpenFile(j.segmentPath(s.base), os.O_RDWR, 0)
			if err != nil {
				t.Fatal(err)
			}
			f.WriteAt([]byte{0xAA, 0x55, 0xAA}, int64(victim-s.base)+30)
			f.Close()
			check := func(j *Journal) {
				t.Helper()
				for range 2 {
					seqs, _ := readAll(t, j, 0)
					if len(seqs) != 99 {
						t.Fatalf("%d readings left of 100 with one damaged", len(seqs))
					}
					for _, seq := range seqs {
						if seq == uint64(first) {
							t.Fatal("the damaged reading was read")
						}
					}
					from, _ := readAll(t, j, victim)
					wantSeqs(t, from, uint64(first+1), 100)
				}
				if n := j.counts.damaged.Load(); n != 1 {
					t.Errorf("counted %d damaged places, want 1", n)
				}
				if n := strings.Count(log.String(), "journal is damaged"); n != 1 {
					t.Errorf("reported %d times, want once:\n%s", n, log.String())
				}
			}
			check(j)
			j.Close()
			log.Reset()
			check(open(t, dir, o))
		})
	}
}

// A full disk takes nothing and shows nothing; the same batch goes in once there is room.
func TestFailedWriteLeavesNothing(t *testing.T) {
	rs := batch(1, noon, 3, 4)
	for cut := 0; cut < 600; cut += 7 {
		j := open(t, t.TempDir(), Options{})
		appendAll(t, j, batch(1, noon, 0, 3))
		ok := j.writeAt
		j.writeAt = func(f *os.File, b []byte, off int64) (int, error) {
			n, _ := f.WriteAt(b[:min(cut, len(b)-1)], off)
			return n, syscall.ENOSPC
		}
		end := j.End()
		for range 2 {
			if err := j.Append(rs); err == nil {
				t.Fatal("a failed write went unnoticed")
			}
			if j.End() != end || rs[0].Position != 0 {
				t.Fatal("something of a failed batch is visible")
			}
			if info, _ := os.Stat(j.segmentPath(0)); uint64(info.Size()) != end {
				t.Fatalf("the file was left with %d bytes of %d", info.Size(), end)
			}
		}
		j.writeAt = ok
		appendAll(t, j, rs)
		seqs, _ := readAll(t, j, 0)
		wantSeqs(t, seqs, 0, 7)
		rs[0].Position = 0
		j.Close()
	}
}

// The same on a file system that is really full, through roll-over and restart.
func TestFullDisk(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=512k"); err != nil {
		t.Skip("needs the right to mount a tmpfs: ", err)
	}
	t.Cleanup(func() { syscall.Unmount(dir, syscall.MNT_DETACH) })
	ballast := filepath.Join(dir, "ballast")
	if err := os.WriteFile(ballast, make([]byte, 300<<10), 0o600); err != nil {
		t.Fatal(err)
	}
	o := Options{SegmentBytes: 40 << 10, MinFree: 1 << 20}
	j := open(t, dir, o)
	held, failed := uint64(0), false
	for !failed {
		rs := batch(1, noon, held, 50)
		if err := j.Append(rs); err != nil {
			failed = true
		} else {
			held += 50
		}
		if held > 100000 {
			t.Fatal("the disk never filled")
		}
	}
	if !j.Space(noon).Low {
		t.Error("the full disk does not show")
	}
	seqs, _ := readAll(t, j, 0)
	wantSeqs(t, seqs, 0, held)
	k := copyDir(t, dir)
	again := open(t, k, o)
	seqs, _ = readAll(t, again, 0)
	wantSeqs(t, seqs, 0, held)
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	for range 20 {
		appendAll(t, j, batch(1, noon, held, 50))
		held += 50
	}
	seqs, _ = readAll(t, j, 0)
	wantSeqs(t, seqs, 0, held)
	j.Close()
	j = open(t, dir, o)
	seqs, _ = readAll(t, j, 0)
	wantSeqs(t, seqs, 0, held)
	for _, r := range batch(1, noon, held-50, 50) {
		if repeat, _ := j.Admit(&r); !repeat {
			t.Fatal("a reading from after the full disk is not known again")
		}
	}
}

// A missing, cut or damaged index is made again from its segment.
func TestIndexIsMadeAgain(t *testing.T) {
	spoil := map[string]func(path string) error{
		"missing":           os.Remove,
		"empty":             func(path string) error { return os.Truncate(path, 0) },
		"cut":               func(path string) error { return os.Truncate(path, 100) },
		"damaged directory": func(path string) error { return flip(path, -trailerBytes-3) },
		"damaged trailer":   func(path string) error { return flip(path, -20) },
	}
	for what, spoil := range spoil {
		t.Run(what, func(t *testing.T) {
			dir := t.TempDir()
			o := Options{SegmentBytes: 4000}
			j := open(t, dir, o)
			for n := range 20 {
				appendAll(t, j, batch(n%3, noon.Add(time.Duration(n)*time.Minute), uint64(n*10), 10))
			}
			for _, s := range (*j.segments.Load())[:3] {
				if err := spoil(j.indexPath(s.base)); err != nil {
					t.Fatal(err)
				}
			}
			j.Close()
			j = open(t, dir, o)
			for n := range 20 {
				for _, r := range batch(n%3, noon.Add(time.Duration(n)*time.Minute), uint64(n*10), 10) {
					if repeat, _ := j.Admit(&r); !repeat {
						t.Fatalf("reading %d is not known again", r.Seq)
					}
				}
			}
		})
	}
}

// flip damages one byte, counted from the end of the file.
func flip(path string, from int64) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	off, err := f.Seek(from, io.SeekEnd)
	if err != nil {
		return err
	}
	b := []byte{0}
	if _, err := f.ReadAt(b, off); err != nil {
		return err
	}
	b[0] ^= 0xff
	_, err = f.WriteAt(b, off)
	return err
}

// A block damaged while we run makes a repeat be kept, never a reading be dropped, and is mended
// at the next start.
func TestDamagedBlockKeepsInDoubt(t *testing.T) {
	dir := t.TempDir()
	o := Options{SegmentBytes: 4000}
	j := open(t, dir, o)
	for n := range 10 {
		appendAll(t, j, batch(1, noon, uint64(n*10), 10))
	}
	if err := flipAt(j.indexPath(0), blockHead+2); err != nil {
		t.Fatal(err)
	}
	r := reading(1, noon, 0)
	if repeat, _ := j.Admit(&r); repeat {
		t.Fatal("known from a damaged block")
	}
	if j.tracker.index.faults.Load() == 0 {
		t.Fatal("the fault is not counted")
	}
	j.Close()
	j = open(t, dir, o)
	if repeat, _ := j.Admit(&r); !repeat {
		t.Fatal("the index was not made again")
	}
}

func flipAt(path string, off int64) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	return flip(path, off-info.Size())
}

// TestMain lets the test run itself as the process that is killed.
func TestMain(m *testing.M) {
	if dir := os.Getenv("JOURNAL_TEST_VICTIM"); dir != "" {
		victim(dir)
	}
	os.Exit(m.Run())
}

// victim appends for ever, and says on stdout what it has acknowledged.
func victim(dir string) {
	j, err := Open(dir, Options{Now: func() time.Time { return noon }, SegmentBytes: 20 << 10})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	seqs := uint64(0)
	j.Read(0, 0, func(uint64, ward.Record) bool { seqs++; return true })
	for {
		rs := batch(1, noon.Add(time.Duration(seqs)*time.Second), seqs, 7)
		for i := range rs {
			if repeat, _ := j.Admit(&rs[i]); repeat {
				fmt.Fprintln(os.Stderr, "a new reading is called a repeat")
				os.Exit(1)
			}
		}
		if err := j.Append(rs); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		seqs += 7
		fmt.Println(seqs)
	}
}

// Killed at any moment, a process loses nothing that its Append had returned for.
func TestKilledWhileAppending(t *testing.T) {
	dir := t.TempDir()
	for round := range 8 {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), "JOURNAL_TEST_VICTIM="+dir)
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		acknowledged, lines := uint64(0), bufio.NewScanner(out)
		for n := 0; lines.Scan(); n++ {
			fmt.Sscan(lines.Text(), &acknowledged)
			if n == 20+round*31 {
				cmd.Process.Kill() // what it says until the signal lands counts too
			}
		}
		cmd.Wait()
		if stderr.Len() > 0 {
			t.Fatal(stderr.String())
		}
		j := open(t, dir, Options{})
		seqs, _ := readAll(t, j, 0)
		if uint64(len(seqs)) < acknowledged {
			t.Fatalf("%d readings acknowledged, %d held", acknowledged, len(seqs))
		}
		wantSeqs(t, seqs, 0, uint64(len(seqs)))
		j.Close()
	}
}
