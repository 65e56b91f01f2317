//go:build e2e

package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"wardwatch/ward"
)

// Real input: the MIMIC-III demo replayed through each broker into a real InfluxDB. Then file,
// journal and InfluxDB must say the same, and every NEWS2 recorded must be what a second telling of
// the chart says at that moment.
func TestRealInput(t *testing.T) {
	path, which := recorded(t)
	patients := readChart(t, path)
	t.Logf("input: %s, %d patients", which, len(patients))
	for _, external := range []bool{true, false} {
		name := "embedded broker"
		if external {
			name = "mosquitto"
		}
		t.Run(name, func(t *testing.T) {
			r := &realRun{T: t, path: path, external: external, hours: 14, speed: 1800}
			if soak() {
				r.hours, r.speed = 0, 7200
			}
			r.patients = firstHours(patients, r.hours)
			r.play()
			r.sameAsFile()
			r.attributed()
			r.sameInInflux()
			r.sameScores()
		})
	}
}

// recorded is the real file where there is one, or a made-up one of the same layout.
func recorded(t testing.TB) (path, which string) {
	t.Helper()
	if dir := os.Getenv("WARDWATCH_TESTDATA"); dir != "" {
		return filepath.Join(dir, "mimic3-demo-vitals", "dev_vitals.csv.gz"), "the MIMIC-III demo"
	}
	return madeUpChart(t), "a made-up file of the demo's layout (WARDWATCH_TESTDATA is not set)"
}

// firstHours cuts each patient's chart as `replay --hours` does; 0 keeps all.
func firstHours(patients []patient, hours int) []patient {
	out := make([]patient, len(patients))
	for i, p := range patients {
		out[i] = patient{id: p.id}
		for _, e := range p.entries {
			if hours == 0 || e.minute-p.first() < 60*hours {
				out[i].entries = append(out[i].entries, e)
			}
		}
	}
	return out
}

// realRun is one replay and what it left.
type realRun struct {
	*testing.T
	path     string
	external bool
	hours    int // of each patient; 0: all
	speed    int
	patients []patient
	opened   time.Time // the server's clock at its start
	admitted []admission

	readings []ward.Reading // the journal's, in order
	scores   []ward.Score
	risks    []ward.Assessment // what the models said, silently
	sent     time.Time         // InfluxDB has all that was said until then
	vitals   map[string]any    // InfluxDB's, by tags, time and field
	scored   map[string]any
	origin   time.Time // the moment to which every patient's first entry was moved
}

// admission is a stay entered before the replay.
type admission struct {
	bed  string
	id   ward.StayID
	from time.Time
}

// device is the name under which a replay sends an entry.
func device(bed, patient string, cuff bool) string {
	name := bed + "-rec-" + patient
	if cuff {
		name += "-cuff"
	}
	return name
}

func (r *realRun) entries() (n int) {
	for _, p := range r.patients {
		n += len(p.entries)
	}
	return n
}

// play runs the replay until everything has gone stale and InfluxDB has it all.
func (r *realRun) play() {
	s := prepare(r, len(r.patients)+1)
	r.opened = time.Now().AddDate(0, 0, -60).UTC().Truncate(time.Hour)
	r.admit(s)
	influx, _ := influxd(r, r.TempDir(), port(r))
	args := []string{
		"--clock-start", r.opened.Format(time.RFC3339), "--clock-speed", strconv.Itoa(r.speed),
		"--influx", influx, "--policy", policyFile(r, hourly("100000h")), "--late-after", "240h", "--keep", "10000h",
	}
	replay := []string{"replay", r.path, "--ward", "W1", "--bed", "bed%05d", "--speed", strconv.Itoa(r.speed), "--hours", strconv.Itoa(r.hours)}
	if r.external {
		p := port(r)
		mosquitto(r, r.TempDir(), p)
		url := fmt.Sprintf("tcp://127.0.0.1:%d", p)
		args, replay = append(args, "--mqtt-url", url), append(replay, "--url", url)
	}
	srv := s.serve(r, nil, args...)
	if !r.external {
		password := filepath.Join(r.TempDir(), "password")
		if err := os.WriteFile(password, []byte(s.password), 0o600); err != nil {
			r.Fatal(err)
		}
		replay = append(replay, "--url", srv.mqtt, "--user", s.user, "--password-file", password)
	}
	began := time.Now()
	run(r, append(replay, "--server", srv.http)...)
	r.Logf("replayed in %v", time.Since(began).Round(time.Second))
	until(r, "every reading is accepted", func() bool { return srv.metric("wardwatch_ingest_readings_total") >= float64(r.entries()) })
	stale := srv.clock().Add(time.Duration(slowFor)*time.Millisecond + time.Minute)
	until(r, "everything is stale", func() bool { return srv.clock().After(stale) })
	r.sent = srv.forwarded()
	for name, want := range map[string]float64{
		"wardwatch_ingest_readings_total": float64(r.entries()), "wardwatch_ingest_rejected_total": 0, "wardwatch_ingest_repeats_total": 0,
		"wardwatch_ingest_readings_late_total": 0, "wardwatch_influx_quarantined_total": 0,
	} {
		if got := srv.metric(name); got != want {
			r.Errorf("%s is %v, want %v", name, got, want)
		}
	}
	r.vitals, r.scored = points(r, influx, "vitals"), points(r, influx, "score")
	srv.stop()
	r.readings, r.scores = readJournal(r, s.data)
	r.risks = readRisks(r, s.data)
	if len(r.readings) == 0 {
		r.Fatal("the journal is empty")
	}
	r.origin = r.readings[0].Taken
	for _, x := range r.readings {
		if x.Taken.Before(r.origin) {
			r.origin = x.Taken
		}
	}
}

// forwarded waits until InfluxDB has all that is until now, by the server's clock. The models go on
// speaking: a round that is under way now is the next to be kept.
func (s *server) forwarded() (now time.Time) {
	s.t.Helper()
	const rounds = "wardwatch_journal_risks_total"
	now = s.clock()
	kept := s.metric(rounds)
	until(s.t, "another round of the models is kept", func() bool { return s.metric(rounds) > kept })
	until(s.t, "InfluxDB has everything", func() bool { return s.metric("wardwatch_influx_behind_bytes") == 0 })
	return now
}

// clock is what the server's clock shows.
func (s *server) clock() time.Time {
	var h struct {
		Time int64 `json:"time"`
	}
	s.get("/healthz", &h)
	return time.UnixMilli(h.Time)
}

// admit enters two people, one long before the replay and one in the middle of it, with their
// monitors registered for their beds. Every other bed is empty.
func (r *realRun) admit(s site) {
	middle := 12
	if r.hours > 0 {
		middle = r.hours / 2
	}
	for i, from := range []time.Time{r.opened.Add(-48 * time.Hour), r.opened.Add(time.Duration(middle) * time.Hour)} {
		r.admitted = append(r.admitted, admission{bed: bed(i + 1), from: from})
	}
	var people []newcomer
	for i, a := range r.admitted {
		people = append(people, newcomer{
			bed: a.bed, born: time.Date(1950, 2, 1+i, 0, 0, 0, 0, time.UTC), sex: "female", from: a.from,
			monitors: []string{device(a.bed, r.patients[i].id, false), device(a.bed, r.patients[i].id, true)},
		})
	}
	s.admit(r, people...)
	for i := range r.admitted {
		r.admitted[i].id = stayIn(r, s, r.admitted[i].bed)
	}
}
