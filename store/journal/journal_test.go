package journal

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"wardwatch/store/journal/record"
	"wardwatch/ward"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// clock is a clock that tests move.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *clock) set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = t
}

func open(t testing.TB, dir string, o Options) *Journal {
	t.Helper()
	if o.Now == nil {
		o.Now = func() time.Time { return noon }
	}
	j, err := Open(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { j.Close() })
	return j
}

// reading is what the monitor of a bed sends in a second.
func reading(bed int, at time.Time, seq uint64) ward.Reading {
	return ward.Reading{
		Place: ward.Place{Ward: "icu", Bed: ward.BedID(fmt.Sprintf("bed-%04d", bed))}, Device: ward.DeviceID(fmt.Sprintf("mon-%04d", bed)),
		Boot: "b1", Seq: seq, HasSeq: true, Taken: at, At: at, Point: at, Arrived: at.Add(40 * time.Millisecond), Stay: "01JD4X9Q2M",
		Values: []ward.Value{
			{Vital: ward.HR, Number: float64(60 + seq%60), At: at}, {Vital: ward.RR, Number: 18, At: at}, {Vital: ward.SpO2, Number: 95, At: at},
			{Vital: ward.SBP, Number: 121, At: at}, {Vital: ward.Temp, Number: 36.8, At: at}, {Vital: ward.FiO2, Number: 0.21, At: at}, {Vital: ward.ACVPU, Number: 0, At: at},
		},
	}
}

// batch is n seconds of one bed.
func batch(bed int, from time.Time, seq uint64, n int) []ward.Reading {
	var rs []ward.Reading
	for i := range n {
		rs = append(rs, reading(bed, from.Add(time.Duration(i)*time.Second), seq+uint64(i)))
	}
	return rs
}

func appendAll(t testing.TB, j *Journal, rs []ward.Reading) {
	t.Helper()
	if err := j.Append(rs); err != nil {
		t.Fatal(err)
	}
}

// readAll reads the numbers and positions of every reading from a position on.
func readAll(t testing.TB, j *Journal, from uint64) (seqs, positions []uint64) {
	t.Helper()
	err := j.Read(from, 0, func(_ uint64, record ward.Record) bool {
		if record == (ward.Record{}) {
			t.Error("an empty record was handed on")
		}
		if r := record.Reading; r != nil {
			seqs = append(seqs, r.Seq)
			positions = append(positions, r.Position)
		}
		return true
	})
	if err != nil {
		t.Fatal(err)
	}
	return seqs, positions
}

func wantSeqs(t testing.TB, got []uint64, from, to uint64) {
	t.Helper()
	if uint64(len(got)) != to-from {
		t.Fatalf("read %d readings, want those numbered %d to %d", len(got), from, to-1)
	}
	for i, seq := range got {
		if seq != from+uint64(i) {
			t.Fatalf("reading %d has number %d, want %d", i, seq, from+uint64(i))
		}
	}
}

// The promise that an acknowledgement rests on: when Append returns, another process can read the
// records from the file.
func TestAppendIsInTheFileWhenItReturns(t *testing.T) {
	dir := t.TempDir()
	j := open(t, dir, Options{})
	for n := range 20 {
		rs := batch(1, noon.Add(time.Duration(n)*time.Minute), uint64(n*3), 3)
		appendAll(t, j, rs)
		raw, err := os.ReadFile(filepath.Join(dir, fmt.Sprintf("%020d.seg", 0)))
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range rs {
			_, payload, _, err := parseFrame(raw[r.Position:], r.Position)
			if err != nil {
				t.Fatalf("reading %d is acknowledged and not in the file: %v", r.Seq, err)
			}
			var d record.Decoder
			if got, err := d.Reading(payload); err != nil || got.Seq != r.Seq {
				t.Fatalf("reading %d in the file is %+v, %v", r.Seq, got, err)
			}
		}
	}
}

func TestOrderOfWriteAndSync(t *testing.T) {
	for _, power := range []bool{false, true} {
		var points []string
		j := open(t, t.TempDir(), Options{Power: power, Probe: func(p string) { points = append(points, p) }})
		appendAll(t, j, batch(1, noon, 0, 2))
		want := "[journal.write journal.written]"
		if power {
			want = "[journal.write journal.written journal.synced]"
		}
		if fmt.Sprint(points) != want {
			t.Errorf("power %v: %v, want %v", power, points, want)
		}
	}
}

func TestReadGoesOnFromAnywhere(t *testing.T) {
	j := open(t, t.TempDir(), Options{SegmentBytes: 2000})
	for n := range 20 {
		appendAll(t, j, batch(1, noon, uint64(n*5), 5))
	}
	if n := len(*j.segments.Load()); n < 4 {
		t.Fatalf("only %d segments: the test means to cross some", n)
	}
	seqs, positions := readAll(t, j, 0)
	wantSeqs(t, seqs, 0, 100)
	for i, p := range positions {
		if p == 0 {
			t.Fatal("a record stands at position 0")
		}
		at, _ := readAll(t, j, p)
		wantSeqs(t, at, uint64(i), 100)
		after, _ := readAll(t, j, p+1)
		wantSeqs(t, after, uint64(i+1), 100)
	}
	if rest, _ := readAll(t, j, j.End()); len(rest) != 0 {
		t.Fatal("there is something behind the end")
	}
	cursor, steps := uint64(0), 0
	for cursor != j.End() { // a follower arrives at End exactly, also where a segment ends
		err := j.Read(cursor, 7, func(next uint64, _ ward.Record) bool {
			cursor = next
			return true
		})
		if err != nil || steps > 100 {
			t.Fatal(steps, err)
		}
		steps++
	}
}

func TestEveryKindOfRecordInOneOrder(t *testing.T) {
	j := open(t, t.TempDir(), Options{})
	appendAll(t, j, batch(1, noon, 0, 1))
	if err := j.AppendScores([]ward.Score{{Place: ward.Place{Ward: "icu", Bed: "1"}, At: noon, Chart: "news2", LowerBound: 5, Position: 16}}); err != nil {
		t.Fatal(err)
	}
	if err := j.AppendRisks([]ward.Assessment{{Stay: "s0", At: noon}, {Stay: "s1", At: noon, Risks: []ward.Risk{{Task: ward.Deterioration}}}}); err != nil {
		t.Fatal(err)
	}
	appendAll(t, j, batch(1, noon, 1, 1))
	var got string
	j.Read(0, 0, func(_ uint64, r ward.Record) bool {
		switch {
		case r.Reading != nil:
			got += fmt.Sprintf("reading %d, ", r.Reading.Seq)
		case r.Score != nil:
			got += fmt.Sprintf("score %d of %d, ", r.Score.LowerBound, r.Score.Position)
		case r.Assessment != nil:
			got += fmt.Sprintf("risks of %s, ", r.Assessment.Stay)
		}
		return true
	})
	if want := "reading 0, score 5 of 16, risks of s1, reading 1, "; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// A journal that a later version wrote to, with kinds of record that this one does not know: all else
// in it is read, nothing is called damage, and nothing is cut off its end.
func TestAKindOfALaterVersionIsSteppedOver(t *testing.T) {
	dir := t.TempDir()
	var log strings.Builder
	o := Options{Log: slog.New(slog.NewTextHandler(&log, nil))}
	j := open(t, dir, o)
	later := func() {
		err := j.appendMade(3, record.LastKind, new(atomic.Uint64), func(dst []byte, i int) ([]byte, time.Time) {
			return append(dst, "what a later version has to say"...), noon
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	appendAll(t, j, batch(1, noon, 0, 2))
	later()
	appendAll(t, j, batch(1, noon.Add(2*time.Second), 2, 2))
	later()
	end := j.End()
	for range 2 {
		j.Close()
		j = open(t, dir, o)
		seqs, _ := readAll(t, j, 0)
		wantSeqs(t, seqs, 0, 4)
		n := 0
		if err := j.Read(0, 4, func(uint64, ward.Record) bool { n++; return true }); n != 4 || err != nil {
			t.Fatalf("%d records were handed on, %v", n, err)
		}
		if j.End() != end || log.Len() > 0 || j.counts.damaged.Load() != 0 || j.counts.torn.Load() != 0 {
			t.Fatalf("ends at %d, was %d; says %q", j.End(), end, log.String())
		}
	}
	first := reading(1, noon, 0)
	if repeat, _ := j.Admit(&first); !repeat {
		t.Error("a reading before the unknown records is forgotten")
	}
	appendAll(t, j, batch(1, noon.Add(4*time.Second), 4, 1))
	seqs, _ := readAll(t, j, 0)
	wantSeqs(t, seqs, 0, 5)
}

// A segment that holds nothing but risks is closed, kept and dropped by their time.
func TestRisksHaveTheirTimeInTheJournal(t *testing.T) {
	c := &clock{t: noon}
	dir := t.TempDir()
	j := open(t, dir, Options{Now: c.now, Keep: 48 * time.Hour})
	risks := func() {
		if err := j.AppendRisks([]ward.Assessment{{Stay: "s1", At: c.now(), Risks: make([]ward.Risk, 1)}}); err != nil {
			t.Fatal(err)
		}
	}
	risks()
	for range 2 { // of what was just written, and of what is found again
		c.set(c.now().Add(61 * time.Minute))
		risks()
		j.Close()
		j = open(t, dir, Options{Now: c.now, Keep: 48 * time.Hour})
	}
	if n := len(*j.segments.Load()); n != 3 {
		t.Fatalf("%d segments after two hours, want 3", n)
	}
	if dropped, err := j.Prune(noon.Add(48 * time.Hour)); dropped != 0 || err != nil {
		t.Errorf("dropped %d before their time, %v", dropped, err)
	}
	if dropped, err := j.Prune(noon.Add(48*time.Hour + time.Minute)); dropped != 1 || err != nil {
		t.Errorf("dropped %d after 48 h, want the first, %v", dropped, err)
	}
}

func TestFollowerWakes(t *testing.T) {
	j := open(t, t.TempDir(), Options{SegmentBytes: 4000})
	const n = 500
	done := make(chan []uint64)
	go func() {
		var seqs []uint64
		cursor := uint64(0)
		for len(seqs) < n {
			grown := j.Notify()
			if j.End() == cursor {
				<-grown
				continue
			}
			if err := j.Read(cursor, 10, func(next uint64, r ward.Record) bool {
				seqs = append(seqs, r.Reading.Seq)
				cursor = next
				return true
			}); err != nil {
				t.Error(err)
			}
		}
		done <- seqs
	}()
	for i := range n {
		appendAll(t, j, batch(1, noon, uint64(i), 1))
	}
	wantSeqs(t, <-done, 0, n)
}

func TestOnlyOneProcessWrites(t *testing.T) {
	dir := t.TempDir()
	j := open(t, dir, Options{})
	_, err := Open(dir, Options{Now: func() time.Time { return noon }})
	var e *ward.Error
	if !errors.As(err, &e) || e.Code != ward.Conflict || e.Hint == "" {
		t.Fatalf("a second writer got %v, want a conflict with a hint", err)
	}
	j.Close()
	open(t, dir, Options{})
}

func TestClosedJournalTakesNothing(t *testing.T) {
	j := open(t, t.TempDir(), Options{})
	grown := j.Notify()
	j.Close()
	<-grown
	if err := j.Append(batch(1, noon, 0, 1)); !errors.Is(err, ErrClosed) {
		t.Errorf("append after close: %v", err)
	}
	if err := j.AppendScores(make([]ward.Score, 1)); !errors.Is(err, ErrClosed) {
		t.Errorf("append of scores after close: %v", err)
	}
	if err := j.AppendRisks([]ward.Assessment{{Risks: make([]ward.Risk, 1)}}); !errors.Is(err, ErrClosed) {
		t.Errorf("append of risks after close: %v", err)
	}
	if _, err := j.Prune(noon); !errors.Is(err, ErrClosed) {
		t.Errorf("prune after close: %v", err)
	}
}

func TestUnknownFormatIsRefused(t *testing.T) {
	dir := t.TempDir()
	j := open(t, dir, Options{})
	appendAll(t, j, batch(1, noon, 0, 3))
	j.Close()
	path := j.segmentPath(0)
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	f.WriteAt([]byte("WWJRNL02"), 0)
	f.Close()
	before, _ := os.ReadFile(path)
	if _, err := Open(dir, Options{Now: func() time.Time { return noon }}); err == nil {
		t.Fatal("a segment of a later format was opened")
	}
	if after, _ := os.ReadFile(path); string(after) != string(before) {
		t.Fatal("a segment of a later format was changed")
	}
}
