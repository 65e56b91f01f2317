package journal

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"wardwatch/ward"
)

// days writes an hourly segment for each hour of some days.
func days(t *testing.T, j *Journal, c *clock, hours int) {
	t.Helper()
	for range hours {
		c.set(c.now().Add(time.Hour))
		r := reading(1, c.now(), uint64(c.now().Unix()))
		r.Arrived = c.now()
		if repeat, _ := j.Admit(&r); repeat {
			t.Fatal("a new reading is called a repeat")
		}
		appendAll(t, j, []ward.Reading{r})
	}
}

func TestPruneDropsWhatIsOld(t *testing.T) {
	dir := t.TempDir()
	c := &clock{t: noon}
	j := open(t, dir, Options{Now: c.now, Keep: 48 * time.Hour})
	days(t, j, c, 100)
	dropped, err := j.Prune(c.now())
	if err != nil || dropped != 51 {
		t.Fatalf("dropped %d segments, %v; want 51", dropped, err)
	}
	seqs, _ := readAll(t, j, 0)
	if len(seqs) != 49 {
		t.Fatalf("%d hours left, want 49", len(seqs))
	}
	files, _ := filepath.Glob(filepath.Join(dir, "*"))
	if want := 2*49 - 1 + 1; len(files) != want { // each with its index, the last without; the lock
		t.Errorf("%d files left, want %d", len(files), want)
	}
	if j.Start() == 0 {
		t.Error("Start did not move")
	}
	j.Close()
	again, _ := readAll(t, open(t, dir, Options{Now: c.now}), 0)
	if len(again) != 49 {
		t.Fatalf("%d hours after a restart, want 49", len(again))
	}
}

func TestPruneKeepsWhatIsHeld(t *testing.T) {
	c := &clock{t: noon}
	j := open(t, t.TempDir(), Options{Now: c.now, Keep: 48 * time.Hour})
	j.Hold("influx", 0)
	j.Hold("other", ^uint64(0))
	days(t, j, c, 100)
	if dropped, err := j.Prune(c.now()); dropped != 0 || err != nil {
		t.Fatalf("dropped %d segments that a follower needs, %v", dropped, err)
	}
	if sp := j.Space(c.now()); sp.Held == 0 || sp.Held >= sp.Used {
		t.Errorf("held %d of %d bytes", sp.Held, sp.Used)
	}
	_, positions := readAll(t, j, 0)
	j.Hold("influx", positions[10])
	if dropped, _ := j.Prune(c.now()); dropped != 10 {
		t.Fatalf("dropped %d segments, want the 10 before the follower", dropped)
	}
	if seqs, _ := readAll(t, j, positions[10]); len(seqs) != 90 {
		t.Fatalf("the follower finds %d readings, want 90", len(seqs))
	}
	found := false
	for _, f := range j.Figures() {
		found = found || f.Name == "wardwatch_journal_lag_bytes" && f.Of == "influx" && f.Value == float64(j.End()-positions[10])
	}
	if !found {
		t.Error("the follower's lag is not among the figures")
	}
}

// Repeats are known for a day, and what is forgotten after that takes its memory along.
func TestRepeatsAreKnownForADay(t *testing.T) {
	c := &clock{t: noon}
	j := open(t, t.TempDir(), Options{Now: c.now})
	first := reading(7, noon, 1)
	if repeat, _ := j.Admit(&first); repeat {
		t.Fatal("new reading called a repeat")
	}
	appendAll(t, j, []ward.Reading{first})
	days(t, j, c, 24)
	if _, err := j.Prune(c.now()); err != nil {
		t.Fatal(err)
	}
	if repeat, _ := j.Admit(&first); !repeat {
		t.Fatal("a repeat was forgotten within 24 h")
	}
	if len(j.tracker.places) != 2 {
		t.Fatalf("%d places tracked, want 2", len(j.tracker.places))
	}
	days(t, j, c, 48)
	if _, err := j.Prune(c.now()); err != nil {
		t.Fatal(err)
	}
	if len(j.tracker.places) != 1 {
		t.Errorf("%d places tracked long after one fell silent, want 1", len(j.tracker.places))
	}
	for _, s := range j.tracker.places[ward.Place{Ward: "icu", Bed: "bed-0001"}].streams {
		if len(s.marks) > 27 {
			t.Errorf("%d marks kept for a day of hourly segments", len(s.marks))
		}
	}
}

func TestOldQuietSegmentIsClosed(t *testing.T) {
	c := &clock{t: noon}
	j := open(t, t.TempDir(), Options{Now: c.now})
	days(t, j, c, 1)
	c.set(c.now().Add(80 * time.Hour))
	for range 2 {
		if _, err := j.Prune(c.now()); err != nil {
			t.Fatal(err)
		}
	}
	if seqs, _ := readAll(t, j, 0); len(seqs) != 0 {
		t.Fatal("a reading is kept past its time because nothing came after it")
	}
	if _, err := os.Stat(j.segmentPath(0)); err == nil {
		t.Fatal("its file is still there")
	}
	days(t, j, c, 1)
	if seqs, _ := readAll(t, j, 0); len(seqs) != 1 {
		t.Fatal("the journal does not go on")
	}
}

// A disk too small for the wanted reserve is low only when little of it is left, not for ever.
func TestReserveOfSmallDisk(t *testing.T) {
	dir := t.TempDir()
	j := open(t, dir, Options{MinFree: 1 << 60})
	var fs syscall.Statfs_t
	if err := syscall.Statfs(dir, &fs); err != nil {
		t.Fatal(err)
	}
	sp := j.Space(noon)
	if want := sp.Free < fs.Blocks*uint64(fs.Bsize)/10; sp.Low != want {
		t.Errorf("%d of %d bytes are free and the disk is low: %v", sp.Free, fs.Blocks*uint64(fs.Bsize), sp.Low)
	}
}
