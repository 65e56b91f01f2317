package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"time"
)

// start is the time from the start of the process to ready, new and after kill -9 under load.
func (b *bench) start() error {
	s, err := b.prepare(cpuBeds, true)
	if err != nil {
		return err
	}
	took, err := b.serve(s)
	if err != nil {
		return err
	}
	b.add("start → ready, 1,000 beds", "≤ 1 s", "%v", took.Round(time.Millisecond))
	if _, _, err := (load{broker: s.mqtt, user: s.user, password: s.password, beds: cpuBeds, perBed: b.scale(45), conns: 50, rate: 1000}).run(); err != nil {
		return err
	}
	stop(s.server, syscall.SIGKILL)
	if took, err = b.serve(s); err != nil {
		return err
	}
	defer stop(s.server, syscall.SIGKILL)
	b.add("recovery after kill -9, 1,000 beds at 1 Hz", "≤ 3 s", "%v", took.Round(time.Millisecond))
	return nil
}

// memory is what a bed takes with 24 h of one-minute trend: the growth of resident memory from an
// empty ward to a full one, all told.
func (b *bench) memory() error {
	s, err := b.prepare(cpuBeds, true)
	if err != nil {
		return err
	}
	if _, err := b.serve(s); err != nil {
		return err
	}
	empty := rssOf(s.server.Process.Pid)
	minutes := b.scale(1440)
	base := time.Now().Add(-23*time.Hour - 50*time.Minute)
	l := load{broker: s.mqtt, user: s.user, password: s.password, beds: cpuBeds, perBed: minutes, conns: 50,
		time: func(i int) time.Time {
			return base.Add(time.Duration(i) * (23*time.Hour + 49*time.Minute) / time.Duration(minutes))
		}}
	if _, _, err := l.run(); err != nil {
		return err
	}
	now := func() error {
		_, _, err := load{broker: s.mqtt, user: s.user, password: s.password, beds: cpuBeds, perBed: 5, conns: 50, rate: 1000}.run()
		return err
	}
	if err := now(); err != nil {
		return err
	}
	running := rssOf(s.server.Process.Pid)
	stop(s.server, syscall.SIGTERM)
	if _, err := b.serve(s); err != nil { // the same ward without the load's garbage
		return err
	}
	defer stop(s.server, syscall.SIGKILL)
	if err := now(); err != nil {
		return err
	}
	kib := func(rss int64) int64 { return (rss - empty) / cpuBeds >> 10 }
	b.add("memory per bed, 24 h of one-minute trend", "≤ 64 KiB", "%d KiB (%d KiB just after the load)", kib(rssOf(s.server.Process.Pid)), kib(running))
	return nil
}

// code runs the Go benchmarks of the clinical core, and weighs the board.
func (b *bench) code() error {
	out, err := exec.Command("go", "test", "-run", "^$", "-bench", "^Benchmark(NEWS2|Step)$", "-benchmem", "./scoring").CombinedOutput()
	if err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	found := regexp.MustCompile(`Benchmark(\w+?)-\d+\s+\d+\s+([\d.]+) ns/op\s+\d+ B/op\s+(\d+) allocs/op`).FindAllStringSubmatch(string(out), -1)
	goals := map[string][2]string{"NEWS2": {"NEWS2 of one set", "≤ 100 ns, no allocation"}, "Step": {"engine step of one bed", "–"}}
	for _, m := range found {
		b.add(goals[m[1]][0], goals[m[1]][1], "%s ns, %s allocations", m[2], m[3])
	}
	size, err := gzipped("dashboard/web/dist")
	if err != nil {
		return err
	}
	b.add("ward board, gzipped, in all", "≤ 60 kB", "%.1f kB", float64(size)/1000)
	return nil
}

func gzipped(dir string) (total int64, err error) {
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(path, ".map") {
			return err
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		var z bytes.Buffer
		w := gzip.NewWriter(&z)
		_, _ = w.Write(raw)
		_ = w.Close()
		total += int64(z.Len())
		return nil
	})
	return total, err
}
