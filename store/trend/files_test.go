package trend

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"wardwatch/ward"
)

func rows() *rapid.Generator[row] {
	return rapid.Custom(func(t *rapid.T) (r row) {
		for v := range r.cells {
			if !rapid.Bool().Draw(t, "has") {
				continue
			}
			unit := rapid.SampledFrom([]int64{1, 10}).Draw(t, "unit")
			for range rapid.IntRange(1, 5).Draw(t, "count") {
				n := rapid.OneOf(rapid.Int64Range(80, 90), rapid.Int64Range(-maxStep/10, maxStep/10)).Draw(t, "number")
				r.cells[v].add(n * unit)
			}
		}
		if rapid.Bool().Draw(t, "score") {
			r.score = worst{known: true, complete: rapid.Bool().Draw(t, "complete"), band: ward.Band(rapid.IntRange(0, 7).Draw(t, "band")), points: rapid.Int16().Draw(t, "points")}
		}
		return r
	})
}

func TestRowComesBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		prev, r := rows().Draw(t, "before"), rows().Draw(t, "row")
		if rapid.Bool().Draw(t, "partly the same") {
			copy(r.cells[:6], prev.cells[:6])
			r.score = prev.score
		}
		var got row
		rest, err := got.decode(append(r.encode(nil, &prev), "rest"...), &prev)
		if err != nil || got != r || string(rest) != "rest" {
			t.Fatalf("got %+v, %q, %v\nwant %+v", got, rest, err, r)
		}
	})
}

func FuzzFrame(f *testing.F) {
	r := row{score: worst{known: true, points: 5}}
	r.cells[ward.HR].add(800)
	r.cells[ward.HR].add(1900)
	fr := frame{safe: 9}
	fr.add(bed(1), minuteOf(noon), 12, &r)
	f.Add(fr.bytes()[frameHead:])
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		_, _ = parseFrame(b, 0, 1<<40, func(f rowInFrame) error {
			var r, again, none row
			if _, err := r.decode(f.cells, &none); err != nil {
				return err
			}
			if _, err := again.decode(r.encode(nil, &none), &none); err != nil {
				t.Fatalf("%+v does not come back: %v", r, err)
			}
			return nil
		})
	})
}

// fill adds a reading a minute for a bed, with a Tick after each.
func fill(t testing.TB, tr *Trend, place ward.Place, from time.Time, minutes int) {
	t.Helper()
	for i := range minutes {
		at := from.Add(time.Duration(i) * time.Minute)
		tr.Add(reading(place, at, float64(60+i%50), uint64(at.Unix())))
		tick(t, tr, at)
	}
	tick(t, tr, from.Add(time.Duration(minutes+1)*time.Minute))
}

func count(ms []ward.Minute) (n int) {
	for _, m := range ms {
		if m.Count > 0 {
			n++
		}
	}
	return n
}

// Minutes older than memory holds are read from the files; older than Keep they are gone.
func TestThreeDays(t *testing.T) {
	dir := t.TempDir()
	tr := open(t, dir, Options{})
	p, days := bed(1), 5*24*60
	fill(t, tr, p, noon, days)
	end := noon.Add(time.Duration(days) * time.Minute)
	check := func(tr *Trend) {
		t.Helper()
		for hours, want := range map[int]int{1: 60, 24: 24 * 60, 48: 48 * 60, 72: 72 * 60} {
			if n := count(tr.Range(p, ward.HR, end.Add(-time.Duration(hours)*time.Hour), end)); n != want {
				t.Errorf("%d minutes in the last %d hours, want %d", n, hours, want)
			}
		}
		if n := count(tr.Range(p, ward.HR, noon, end)); n < 72*60 || n > 74*60 {
			t.Errorf("%d minutes kept in all, want those of 72 to 74 hours", n)
		}
		middle := tr.Range(p, ward.HR, end.Add(-30*time.Hour), end.Add(-29*time.Hour))
		if count(middle) != 60 || !middle[0].Start.Equal(end.Add(-30*time.Hour)) {
			t.Errorf("an hour of yesterday: %s", say(middle))
		}
	}
	check(tr)
	tr.Close()
	check(open(t, dir, Options{}))
}

// Cut anywhere, the newest file gives its whole frames, and the journal the rest.
func TestTornFile(t *testing.T) {
	dir := t.TempDir()
	tr := open(t, dir, Options{})
	fill(t, tr, bed(1), noon, 5)
	tr.Close()
	name := filepath.Base(tr.files.path(tr.files.hours[0]))
	raw, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	for cut := 0; cut < len(raw); cut++ {
		crashed := t.TempDir()
		if err := os.WriteFile(filepath.Join(crashed, name), raw[:cut], 0o640); err != nil {
			t.Fatal(err)
		}
		again := open(t, crashed, Options{})
		fill(t, again, bed(1), noon, 5) // the journal, read again
		if got := again.Range(bed(1), ward.HR, noon, noon.Add(time.Hour)); say(got) != say(tr.Range(bed(1), ward.HR, noon, noon.Add(time.Hour))) {
			t.Fatalf("cut at %d of %d:\n%s", cut, len(raw), say(got))
		}
		again.Close()
		third := open(t, crashed, Options{})
		if n := count(third.Range(bed(1), ward.HR, noon, noon.Add(time.Hour))); n != 5 || third.counts.damaged != 0 {
			t.Fatalf("cut at %d: %d minutes and %g damaged after a second start", cut, n, third.counts.damaged)
		}
		third.Close()
	}
}

func TestDamagedFileIsReported(t *testing.T) {
	dir := t.TempDir()
	tr := open(t, dir, Options{})
	fill(t, tr, bed(1), noon, 120)
	tr.Close()
	path := tr.files.path(tr.files.hours[0])
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	raw[len(raw)/2] ^= 0xff
	if err := os.WriteFile(path, raw, 0o640); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	tr = open(t, dir, Options{Log: slog.New(slog.NewTextHandler(&log, nil))})
	if n := count(tr.Range(bed(1), ward.HR, noon, noon.Add(2*time.Hour))); n < 80 || n > 100 {
		t.Errorf("%d of 120 minutes left, want the half hour before the damage and the hour after", n)
	}
	if tr.counts.damaged != 1 || !strings.Contains(log.String(), "damaged") {
		t.Errorf("counted %g, log %q", tr.counts.damaged, log.String())
	}
	if after, _ := os.ReadFile(path); len(after) != len(raw) {
		t.Error("a closed file was cut")
	}
}

// A backlog of many minutes at once neither grows the memory nor loses a reading.
func TestBacklogOfADay(t *testing.T) {
	tr := open(t, t.TempDir(), Options{})
	p, pos := bed(1), uint64(0)
	for i := range 23 * 60 * 4 {
		r := reading(p, noon.Add(-23*time.Hour+time.Duration(i)*15*time.Second), 80, pos+1)
		pos, r.Arrived = pos+1, noon
		tr.Add(r)
		if n := len(tr.places[p].open); n > maxOpen {
			t.Fatalf("%d minutes gather at once", n)
		}
	}
	tick(t, tr, noon.Add(time.Minute))
	sum := 0
	for _, m := range tr.Range(p, ward.HR, noon.Add(-24*time.Hour), noon) {
		sum += int(m.Count)
	}
	if sum != int(pos) || tr.Position() != pos {
		t.Fatalf("%d of %d readings rolled up, position %d", sum, pos, tr.Position())
	}
}

// Memory of a place is bounded however wild its numbers; what does not fit is read from the files.
func TestMemoryOfAPlaceIsBounded(t *testing.T) {
	tr := open(t, t.TempDir(), Options{})
	p := bed(1)
	const minutes = 24 * 60
	for i := range minutes {
		at := noon.Add(time.Duration(i) * time.Minute)
		r := &ward.Reading{Place: p, At: at, Arrived: at, Position: uint64(i + 1)}
		for v := range ward.NumVitals {
			for k := range 3 {
				r.Values = append(r.Values, ward.Value{Vital: v, Number: float64((i*7919+k*104729+int(v)*31)%997) / 3, At: at})
			}
		}
		tr.Add(r)
		tick(t, tr, at)
	}
	tick(t, tr, noon.Add((minutes+2)*time.Minute))
	if size := tr.places[p].history.size; size > memoryBytes+8<<10 {
		t.Errorf("%d bytes in memory", size)
	}
	if n := count(tr.Range(p, ward.HR, noon, noon.Add(minutes*time.Minute))); n != minutes {
		t.Errorf("%d of %d minutes", n, minutes)
	}
}

func TestSilentPlacesAreForgottenInMemoryOnly(t *testing.T) {
	tr := open(t, t.TempDir(), Options{})
	fill(t, tr, bed(1), noon, 60)
	fill(t, tr, bed(2), noon.Add(time.Hour), 30*60)
	if len(tr.places) != 1 {
		t.Errorf("%d places in memory, want 1", len(tr.places))
	}
	if n := count(tr.Range(bed(1), ward.HR, noon, noon.Add(40*time.Hour))); n != 60 {
		t.Errorf("%d of 60 minutes of the silent place", n)
	}
}

// Screens ask while readings come in.
func TestRangeWhileAdding(t *testing.T) {
	tr := open(t, t.TempDir(), Options{})
	var wg sync.WaitGroup
	stop := make(chan struct{})
	for range 3 {
		wg.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				ms := tr.Range(bed(1), ward.HR, noon.Add(-time.Hour), noon.Add(24*time.Hour))
				for i := 1; i < len(ms); i++ {
					if ms[i].Count > 1 {
						t.Errorf("%d readings in a minute of one", ms[i].Count)
					}
				}
				tr.Scores(bed(1), noon, noon.Add(time.Hour))
				tr.Figures()
			}
		})
	}
	for i := range 600 {
		fill(t, tr, bed(1), noon.Add(time.Duration(i)*time.Minute), 1)
	}
	close(stop)
	wg.Wait()
}

// day fills a trend with 24 h of a ward, all vitals, as monitors would.
func day(b testing.TB, tr *Trend, beds int) time.Time {
	pos := uint64(0)
	for i := range 24 * 60 {
		at := noon.Add(time.Duration(i) * time.Minute)
		for n := range beds {
			for k := range 4 {
				pos++
				tr.Add(monitor(n, at.Add(time.Duration(k)*10*time.Second), i*7+n*13+k*3, pos))
			}
			tr.AddScore(&ward.Score{Place: bed(n), At: at, Total: (i / 45) % 7, Complete: true})
		}
		tick(b, tr, at.Add(-time.Second))
	}
	tick(b, tr, noon.Add(24*time.Hour+time.Minute))
	return noon.Add(24 * time.Hour)
}

// monitor is a reading with all vitals, of which some wander and others rest.
func monitor(n int, at time.Time, i int, position uint64) *ward.Reading {
	r := &ward.Reading{Place: bed(n), At: at, Arrived: at, Position: position}
	for v, x := range map[ward.Vital]float64{
		ward.HR: float64(80 + i%9), ward.PR: float64(80 + i%8), ward.RR: float64(16 + i%5), ward.SpO2: float64(93 + i%4), ward.EtCO2: float64(34 + i%4),
		ward.SBP: float64(118 + i/60%5), ward.DBP: float64(70 + i/60%4), ward.MAP: float64(86 + i/60%4), ward.Temp: 37 + float64(i/200%8)/10,
		ward.FiO2: 0.28, ward.O2Flow: 2, ward.ACVPU: 0, ward.O2Source: 1,
	} {
		r.Values = append(r.Values, ward.Value{Vital: v, Number: x, At: at})
	}
	return r
}

func TestDayFitsIntoMemory(t *testing.T) {
	tr := open(t, t.TempDir(), Options{})
	end := day(t, tr, 2)
	h := &tr.places[bed(0)].history
	bytes := 0
	for _, c := range h.hours {
		bytes += cap(c.data) + 32
	}
	t.Logf("24 h of %d vitals and the score: %d bytes in memory", ward.NumVitals, bytes)
	if bytes > 40<<10 {
		t.Errorf("a place takes %d bytes, over 40 KiB", bytes)
	}
	if w := tr.look(bed(0), end.Add(-24*time.Hour), end); w.whole > w.from {
		t.Error("a usual day does not fit into memory")
	}
}

func BenchmarkAdd(b *testing.B) {
	tr := open(b, b.TempDir(), Options{})
	var rs []*ward.Reading
	for n := range 1000 {
		r := monitor(n, noon, n, 0)
		r.Values = r.Values[:7]
		rs = append(rs, r)
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		r := rs[i%1000]
		r.Position = uint64(i + 1)
		tr.Add(r)
	}
}

func BenchmarkRangeDay(b *testing.B) {
	tr := open(b, b.TempDir(), Options{})
	end := day(b, tr, 1)
	b.ReportAllocs()
	for b.Loop() {
		tr.Range(bed(0), ward.HR, end.Add(-24*time.Hour), end)
	}
}

func BenchmarkTick1000Beds(b *testing.B) {
	tr := open(b, b.TempDir(), Options{})
	for i := 0; b.Loop(); i++ {
		b.StopTimer()
		at := noon.Add(time.Duration(i) * time.Minute)
		for n := range 1000 {
			tr.Add(monitor(n, at, i*7+n, uint64(i*1000+n+1)))
		}
		b.StartTimer()
		if err := tr.Tick(at.Add(time.Minute + 6*time.Second)); err != nil {
			b.Fatal(err)
		}
	}
}

// One op is one start with a day of 1,000 beds.
func BenchmarkOpen(b *testing.B) {
	dir := b.TempDir()
	tr := open(b, dir, Options{})
	day(b, tr, 1000)
	tr.Close()
	size := int64(0)
	files, _ := filepath.Glob(filepath.Join(dir, "*.trend"))
	for _, f := range files {
		info, _ := os.Stat(f)
		size += info.Size()
	}
	for b.Loop() {
		tr, err := Open(dir, Options{})
		if err != nil {
			b.Fatal(err)
		}
		tr.Close()
	}
	b.ReportMetric(float64(size)/(1<<20), "MiB")
}
