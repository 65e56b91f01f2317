package journal

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"wardwatch/ward"
)

func viewed(t *testing.T, dir string) (*View, []uint64) {
	t.Helper()
	v, err := NewView(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	var seqs []uint64
	if err := v.Read(0, 0, func(_ uint64, r ward.Record) bool {
		seqs = append(seqs, r.Reading.Seq)
		return true
	}); err != nil {
		t.Fatal(err)
	}
	return v, seqs
}

// A legal hold of five hours keeps those five hours and nothing after them, over a restart too.
func TestPruneKeepsWhatIsRetainedAndNothingElse(t *testing.T) {
	dir := t.TempDir()
	c := &clock{t: noon}
	o := Options{Now: c.now, Keep: 48 * time.Hour}
	j := open(t, dir, o)
	days(t, j, c, 100)
	held := Span{noon.Add(10 * time.Hour), noon.Add(15 * time.Hour)}
	j.Retain("holds", []Span{held})
	if sp := j.Space(c.now()); sp.Held == 0 {
		t.Error("what a hold keeps is not said")
	}
	want := func(j *Journal, hours int) {
		t.Helper()
		if seqs, _ := readAll(t, j, 0); len(seqs) != hours || !slices.Contains(seqs, uint64(noon.Add(12*time.Hour).Unix())) {
			t.Errorf("%d hours are left, want %d: %v", len(seqs), hours, seqs)
		}
	}
	if _, err := j.Prune(c.now()); err != nil {
		t.Fatal(err)
	}
	want(j, 49+6) // hours 10 to 15, both ends
	j.Close()
	j = open(t, dir, o)
	j.Retain("holds", []Span{held})
	if dropped, err := j.Prune(c.now()); err != nil || dropped != 0 {
		t.Errorf("a second pruning dropped %d, %v", dropped, err)
	}
	want(j, 49+6)
	v, seqs := viewed(t, dir)
	if len(seqs) != 55 {
		t.Errorf("a view shows %d hours", len(seqs))
	}
	if st := v.Stretches(); len(st) != 55 || st[5].To == st[6].From || !st[0].Newest.Equal(noon.Add(10*time.Hour)) {
		t.Errorf("stretches %+v", st[:7])
	}
	j.Retain("holds", nil)
	if dropped, err := j.Prune(c.now()); err != nil || dropped != 6 {
		t.Errorf("released, pruning dropped %d, %v", dropped, err)
	}
}

// Beside the writer: a view shows what was whole when it was made, and changes nothing.
func TestViewBesideTheWriter(t *testing.T) {
	dir := t.TempDir()
	j := open(t, dir, Options{SegmentBytes: 4 << 10})
	appendAll(t, j, batch(1, noon, 1, 40))
	appendAll(t, j, batch(1, noon.Add(time.Minute), 41, 40))
	path := filepath.Join(dir, "*.seg")
	files, _ := filepath.Glob(path)
	last := files[len(files)-1]
	f, err := os.OpenFile(last, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write([]byte{1, 2, 3, 4, 200, 0, 0, 0, 1, 9, 9}); err != nil { // half of a record under way
		t.Fatal(err)
	}
	f.Close()
	before, _ := os.ReadFile(last)
	v, seqs := viewed(t, dir)
	if len(seqs) != 80 || v.j.End() != j.End() {
		t.Errorf("%d readings up to %d, the writer is at %d", len(seqs), v.j.End(), j.End())
	}
	if after, _ := os.ReadFile(last); len(after) != len(before) {
		t.Error("a view changed the file")
	}
	if v, seqs := viewed(t, t.TempDir()); len(seqs) != 0 || len(v.Stretches()) != 0 {
		t.Error("an empty directory shows something")
	}
	if _, err := NewView(filepath.Join(dir, "nowhere"), nil); err == nil {
		t.Error("a directory that is not there is no error")
	}
}

// What the server prunes under a view's feet is left out.
func TestViewOfWhatIsPruned(t *testing.T) {
	dir := t.TempDir()
	c := &clock{t: noon}
	j := open(t, dir, Options{Now: c.now, Keep: 48 * time.Hour})
	days(t, j, c, 60)
	v, _ := viewed(t, dir)
	if _, err := j.Prune(c.now()); err != nil {
		t.Fatal(err)
	}
	n := 0
	if err := v.Read(0, 0, func(uint64, ward.Record) bool { n++; return true }); err != nil || n != 49 {
		t.Errorf("%d readings, %v", n, err)
	}
}
