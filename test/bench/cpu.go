package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// cpu compares the whole way (MQTT → durable → scored → alerted → InfluxDB) with the floor, both
// subscribed to the same Mosquitto under the same load at the same time.
func (b *bench) cpu() error {
	for _, c := range []struct {
		name string
		n    int
		rate float64
	}{{"saturated", b.scale(200), 0}, {"1,000 beds × 1 Hz", b.scale(60), 1000}} {
		if err := b.besideFloor(c.name, c.n, c.rate); err != nil {
			return err
		}
	}
	return nil
}

const cpuBeds = 1000

func (b *bench) besideFloor(name string, perBed int, rate float64) error {
	broker, mosquitto, err := b.mosquitto()
	if err != nil {
		return err
	}
	defer stop(mosquitto, syscall.SIGKILL)
	influx, influxd, err := b.influx()
	if err != nil {
		return err
	}
	defer stop(influxd, syscall.SIGKILL)
	s, err := b.prepare(cpuBeds, true)
	if err != nil {
		return err
	}
	if _, err := b.serve(s, append([]string{"--mqtt-url", broker, "--influx", influx}, b.profileArgs()...)...); err != nil {
		return err
	}
	defer stop(s.server, syscall.SIGTERM)
	floor, log, err := b.floor(broker, cpuBeds*perBed)
	if err != nil {
		return err
	}
	defer stop(floor, syscall.SIGKILL)

	before, floorBefore := cpuOf(s.server.Process.Pid), cpuOf(floor.Process.Pid)
	l := load{broker: broker, beds: cpuBeds, perBed: perBed, conns: 50, rate: rate}
	if rate == 0 {
		base := time.Now().Add(-time.Duration(min(perBed, 100)) * time.Second)
		l.time = func(i int) time.Time { return base.Add(time.Duration(i) * 100 * time.Second / time.Duration(perBed)) }
	}
	sent, took, err := l.run()
	if err != nil {
		return err
	}
	if err := until("everything is in InfluxDB", func() bool { return stored(influx) >= sent }); err != nil {
		return fmt.Errorf("%w: sent %d, stored %d", err, sent, stored(influx))
	}
	if err := until("the floor has counted", func() bool { raw, _ := os.ReadFile(log); return strings.Contains(string(raw), "counted") }); err != nil {
		return err
	}
	ours := float64((cpuOf(s.server.Process.Pid) - before).Microseconds()) / float64(sent)
	least := float64((cpuOf(floor.Process.Pid) - floorBefore).Microseconds()) / float64(sent)
	b.add("CPU per reading over the floor, "+name, "≤ 1.5 ×", "%.2f × (%.1f µs over %.1f µs; sent = stored = %d in %.1f s)", ours/least, ours, least, sent, took.Seconds())
	return nil
}

func (b *bench) floor(broker string, want int) (*exec.Cmd, string, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, "", err
	}
	log := filepath.Join(b.dir, fmt.Sprintf("floor-%d.log", time.Now().UnixNano()))
	c, err := spawn(log, self, "-floor", broker, "-want", fmt.Sprint(want))
	if err != nil {
		return nil, "", err
	}
	return c, log, until("the floor listens", func() bool { raw, _ := os.ReadFile(log); return strings.Contains(string(raw), "ready") })
}

// beds compares the CPU of a reading with few and with many beds at the same total rate.
func (b *bench) beds() error {
	few, err := b.atBeds(500)
	if err != nil {
		return err
	}
	many, err := b.atBeds(20_000)
	if err != nil {
		return err
	}
	b.add("growth of CPU per reading, 500 → 20,000 beds", "≤ 10 %", "%+.0f %% (%.1f → %.1f µs)", (many/few-1)*100, few, many)
	return nil
}

func (b *bench) atBeds(beds int) (perReading float64, err error) {
	broker, mosquitto, err := b.mosquitto()
	if err != nil {
		return 0, err
	}
	defer stop(mosquitto, syscall.SIGKILL)
	s, err := b.prepare(beds, true)
	if err != nil {
		return 0, err
	}
	if _, err := b.serve(s, append([]string{"--mqtt-url", broker}, b.profileArgs()...)...); err != nil {
		return 0, err
	}
	defer stop(s.server, syscall.SIGTERM)
	const rate = 2000
	warm := load{broker: broker, beds: beds, perBed: 1, conns: 20, rate: 10_000}
	if _, _, err := warm.run(); err != nil {
		return 0, err
	}
	if err := until("every bed was heard", func() bool { return s.metric("wardwatch_ingest_readings_total") >= float64(beds) }); err != nil {
		return 0, err
	}
	time.Sleep(2 * time.Second) // what the first readings set off
	before := cpuOf(s.server.Process.Pid)
	sent, _, err := load{broker: broker, beds: beds, perBed: max(1, b.scale(120_000)/beds), conns: 20, rate: rate}.run()
	if err != nil {
		return 0, err
	}
	return float64((cpuOf(s.server.Process.Pid) - before).Microseconds()) / float64(sent), nil
}

func (b *bench) profileArgs() []string {
	if b.profile == "" {
		return nil
	}
	return []string{"--cpu-profile", fmt.Sprintf("%s-%d", b.profile, time.Now().Unix())}
}
