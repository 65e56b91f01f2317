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
// empty ward, its learned models open, to a full one that they have looked at time and again.
func (b *bench) memory() error {
	s, err := b.prepare(cpuBeds, true)
	if err != nil {
		return err
	}
	often := filepath.Join(s.dir, "policy.yaml") // so that a short run sees a few rounds
	if err := os.WriteFile(often, []byte("version: bench\nscoring: {models: {every: 1m}}\n"), 0o600); err != nil {
		return err
	}
	if _, err := b.serve(s, "--policy", often); err != nil {
		return err
	}
	if err := until("the learned models are open", func() bool { return s.answers("/api/v1/models") }); err != nil {
		return err
	}
	empty := rssOf(s.server.Process.Pid)
	minutes := b.scale(1440)
	base := time.Now().Add(-23*time.Hour - 50*time.Minute)
	day := load{perBed: minutes, time: func(i int) time.Time {
		return base.Add(time.Duration(i) * (23*time.Hour + 49*time.Minute) / time.Duration(minutes))
	}}
	if err := b.fill(s, day); err != nil {
		return err
	}
	if err := b.present(s); err != nil {
		return err
	}
	running := rssOf(s.server.Process.Pid)
	stop(s.server, syscall.SIGTERM)
	if _, err := b.serve(s, "--policy", often); err != nil { // the same ward without the load's garbage
		return err
	}
	defer stop(s.server, syscall.SIGKILL)
	if err := b.present(s); err != nil {
		return err
	}
	kib := func(rss int64) int64 { return (rss - empty) / cpuBeds >> 10 }
	b.add("memory per bed, 24 h of one-minute trend", "≤ 64 KiB", "%d KiB (%d KiB just after the load; beside %d MiB of an empty ward)",
		kib(rssOf(s.server.Process.Pid)), kib(running), empty>>20)
	return nil
}

// fill sends readings for every bed of a site and waits until they are taken in: what the broker still
// holds would count as the ward's memory.
func (b *bench) fill(s *site, l load) error {
	before := s.metric(readings)
	l.broker, l.user, l.password, l.beds, l.conns = s.mqtt, s.user, s.password, cpuBeds, 50
	sent, _, err := l.run()
	if err != nil {
		return err
	}
	return s.takenIn(before + float64(sent))
}

// present has every bed heard for more than a minute, and assessed by the models.
func (b *bench) present(s *site) error {
	if err := b.fill(s, load{perBed: b.scale(70), rate: cpuBeds}); err != nil {
		return err
	}
	return until("everybody has been assessed", func() bool { return s.answers("/api/v1/wards/W1/beds/" + bed(cpuBeds-1) + "/assessment") })
}

const readings = "wardwatch_ingest_readings_total"

// takenIn waits for so many readings, for as long as more and more are taken in.
func (s *site) takenIn(want float64) error {
	for have := s.metric(readings); have < want; {
		last := have
		if err := until("another reading is taken in", func() bool { have = s.metric(readings); return have > last }); err != nil {
			return fmt.Errorf("%w: %.0f of %.0f", err, have, want)
		}
	}
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
