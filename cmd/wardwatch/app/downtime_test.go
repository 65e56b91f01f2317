package app

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"wardwatch/dashboard/live"
	"wardwatch/ward"
)

// TestListsForDowntime: every ward's list is in the folder, replaced whole when a quarter of an hour
// is over and not before; a folder that cannot be written is noticed, and does not stop the others.
func TestListsForDowntime(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "downtime")
	zone := time.FixedZone("+07", 7*3600)
	d, err := newDowntime(dir, 15*time.Minute, zone)
	if err != nil {
		t.Fatal(err)
	}
	d.wards = func(context.Context) ([]ward.Ward, error) { return []ward.Ward{{ID: "A"}, {ID: "B"}}, nil }
	d.snapshot = func(w ward.WardID, _ live.Names) (live.SnapshotView, bool) {
		return live.SnapshotView{Ward: live.WardView{ID: string(w), Name: "Khoa " + string(w)}, Tiles: []live.Tile{{Bed: "1", Label: "1"}}}, true
	}
	now := time.Date(2026, 11, 22, 8, 0, 0, 0, zone)
	read := func(w string) []byte {
		raw, err := os.ReadFile(filepath.Join(dir, w+".pdf"))
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	if err := d.write(t.Context(), now); err != nil {
		t.Fatal(err)
	}
	first := read("A")
	if !bytes.HasPrefix(read("B"), []byte("%PDF-")) {
		t.Error("ward B has no PDF")
	}
	if err := d.write(t.Context(), now.Add(14*time.Minute)); err != nil || !bytes.Equal(first, read("A")) {
		t.Errorf("written before it was due: %v", err)
	}
	if err := d.write(t.Context(), now.Add(15*time.Minute)); err != nil || bytes.Equal(first, read("A")) {
		t.Errorf("not written when it was due: %v", err)
	}
	if late := now.Add(15*time.Minute + 15*time.Minute + downtimeGrace); d.stale(late, now) || !d.stale(late.Add(time.Second), now) {
		t.Error("a list that stays away is not noticed in time")
	}

	if err := os.Mkdir(filepath.Join(dir, "A.pdf.part"), 0o700); err != nil { // as good as a full disk, for ward A
		t.Fatal(err)
	}
	before := read("B")
	if err := d.write(t.Context(), now.Add(30*time.Minute)); err == nil || bytes.Equal(before, read("B")) {
		t.Errorf("A failed (%v), and B was not written", err)
	}
	if err := os.Remove(filepath.Join(dir, "A.pdf.part")); err != nil {
		t.Fatal(err)
	}
	if err := d.write(t.Context(), now.Add(31*time.Minute)); err != nil {
		t.Errorf("not tried again at once: %v", err)
	}
}

func TestAListTooOften(t *testing.T) {
	_, err := newDowntime(t.TempDir(), time.Second, time.UTC)
	var e *ward.Error
	if !errors.As(err, &e) || e.Hint == "" {
		t.Errorf("%v", err)
	}
}
