package journal

import (
	"os"
	"runtime"
	"testing"
	"time"

	"wardwatch/ward"
)

// seconds of a ward: each call of the result is the next 256 readings of a thousand beds at 1 Hz.
func wardSeconds() func() []ward.Reading {
	const beds = 1000
	rs := make([]ward.Reading, beds)
	for i := range rs {
		rs[i] = reading(i, noon, 0)
	}
	out := make([]ward.Reading, 0, 256)
	next, second := 0, 0
	return func() []ward.Reading {
		out = out[:0]
		for range 256 {
			if next == beds {
				next, second = 0, second+1
			}
			r := &rs[next]
			r.Taken = noon.Add(time.Duration(second)*time.Second + time.Duration(next)*time.Millisecond)
			r.At, r.Point, r.Arrived, r.Seq = r.Taken, r.Taken, r.Taken.Add(40*time.Millisecond+12345), uint64(second)
			for i := range r.Values {
				r.Values[i].At = r.At
			}
			out = append(out, *r)
			next++
		}
		return out
	}
}

func benchAppend(b *testing.B, o Options) {
	j := open(b, b.TempDir(), o)
	produce := wardSeconds()
	b.ReportAllocs()
	b.ResetTimer()
	for n := 0; n < b.N; n += 256 {
		b.StopTimer()
		rs := produce()
		b.StartTimer()
		for i := range rs {
			if repeat, _ := j.Admit(&rs[i]); repeat {
				b.Fatal("repeat")
			}
		}
		if err := j.Append(rs); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(j.counts.bytes.Load())/float64(j.counts.readings.Load()), "bytes/reading")
}

// One op is one reading, in batches of 256 from 1,000 beds.
func BenchmarkAdmitAppend(b *testing.B) { benchAppend(b, Options{}) }

// The same, each batch synced.
func BenchmarkAdmitAppendPower(b *testing.B) { benchAppend(b, Options{Power: true}) }

// One op is one repeat of an hour-old backlog, from 1,000 beds in turn.
func BenchmarkAdmitRepeat(b *testing.B) {
	j := open(b, b.TempDir(), Options{})
	produce := wardSeconds()
	for range 4000 {
		if err := j.Append(produce()); err != nil {
			b.Fatal(err)
		}
	}
	produce = wardSeconds()
	b.ReportAllocs()
	b.ResetTimer()
	for n := 0; n < b.N; n += 256 {
		b.StopTimer()
		if n%(1<<20) == 0 {
			produce = wardSeconds()
		}
		rs := produce()
		b.StartTimer()
		for i := range rs {
			if repeat, _ := j.Admit(&rs[i]); !repeat {
				b.Fatal("not known")
			}
		}
	}
}

// One op is one record.
func BenchmarkRead(b *testing.B) {
	j := open(b, b.TempDir(), Options{})
	produce := wardSeconds()
	for range 400 {
		if err := j.Append(produce()); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportAllocs()
	b.ResetTimer()
	for n := 0; n < b.N; {
		j.Read(0, b.N-n, func(uint64, ward.Record) bool { n++; return true })
	}
}

// One op is one start with 1 GiB of 1,000 beds kept, the last segment all but full. It also tells
// what the journal holds in memory a bed.
func BenchmarkOpen(b *testing.B) {
	dir := b.TempDir()
	j := open(b, dir, Options{})
	produce := wardSeconds()
	for j.End() < 1<<30-1<<20 {
		if err := j.Append(produce()); err != nil {
			b.Fatal(err)
		}
	}
	j.Close()
	last, _ := os.Stat(j.segmentPath(j.last().base))
	b.ResetTimer()
	for b.Loop() {
		var before, after runtime.MemStats
		b.StopTimer()
		runtime.GC()
		runtime.ReadMemStats(&before)
		b.StartTimer()
		k, err := Open(dir, Options{Now: func() time.Time { return noon.Add(time.Hour) }})
		if err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		runtime.GC()
		runtime.ReadMemStats(&after)
		b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/1000, "B/bed")
		b.ReportMetric(float64(last.Size())/(1<<20), "MiB-scanned")
		k.Close()
		b.StartTimer()
	}
}
