//go:build e2e

package e2e

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"wardwatch/ward"
)

// Rubbish from many senders, beside one good monitor: nothing may crash, grow, or store what nobody
// said, and the good monitor must not notice.
func TestRubbish(t *testing.T) {
	for _, c := range []struct {
		name     string
		external bool
		messages int
	}{{"mosquitto", true, 4000}, {"embedded broker", false, 20_000}} {
		t.Run(c.name, func(t *testing.T) {
			if soak() {
				c.messages = 100_000
			}
			d := dump(t, c.external)
			d.eachFault()
			d.clocksAndClones()
			d.doctorNames()
			d.flood(c.messages)
			d.brokenTalk()
			d.stillWell()
			d.onlyWhatWasSaid()
		})
	}
}

const faultTimes = 6 // how often each fault is made; over the number that marks a bed as poisoned

// dumped is a server and those who talk to it.
type dumped struct {
	*testing.T
	srv      *server
	external bool
	url      string
	site     site
	stay     ward.StayID

	good   *steady
	wrong  []*steady // clocks that are off
	rough  *sender
	claims map[claim]bool
	lost   int // messages that the embedded broker does not pass on
}

func dump(t *testing.T, external bool) *dumped {
	s := prepare(t, 40)
	sheet := filepath.Join(t.TempDir(), "stays.csv")
	text := "hospital_id,family_name,given_name,birth_date,sex,ward,bed,admitted\nTEST-1,Thử,Nghiệm,1950-02-01,male,W1," + bed(0) + "," + time.Now().Add(-48*time.Hour).Format(time.RFC3339) + "\n"
	if err := os.WriteFile(sheet, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	run(t, "ward", "stays", sheet, "--data", s.data)
	secret := strings.TrimSpace(run(t, "device", "add", "--data", s.data, "--user", "good-1", "--ward", "W1", "--beds", bed(0), "--quiet"))
	d := &dumped{T: t, site: s, external: external, stay: stayIn(t, s, bed(0)), claims: map[claim]bool{}}
	args := []string{"--policy", policyFile(t, hourly("1h"))}
	if external {
		p := port(t)
		mosquitto(t, t.TempDir(), p)
		d.url = fmt.Sprintf("tcp://127.0.0.1:%d", p)
		args = append(args, "--mqtt-url", d.url)
	}
	d.srv = s.serve(t, nil, args...)
	if !external {
		d.url = d.srv.mqtt
	}
	d.rough = dial(t, d.url, "rough", s.user, s.password)
	d.good = &steady{sender: dial(t, d.url, "good-1", "good-1", secret), bed: bed(0), device: "good-1"}
	return d
}

// rubbish sends a payload for a bed and remembers what it may be read as.
func (d *dumped) rubbish(bed string, payload []byte) {
	claims(bed, payload, d.claims)
	d.rough.put("ward/v1/W1/"+bed+"/vitals", payload)
}

// taken waits until all that was sent has been through ingest.
func (d *dumped) taken() {
	d.Helper()
	d.rough.settle()
	sent := d.rough.sent - d.lost
	for _, s := range append(d.wrong, d.good) {
		s.settle()
		sent += s.sent
	}
	until(d, "ingest has taken every message", func() bool { return d.srv.metric("wardwatch_ingest_messages_total") >= float64(sent) })
}

// eachFault: a fault is counted under its reason, as often as it was made.
func (d *dumped) eachFault() {
	made := faultsMade()
	for i, f := range made {
		for range faultTimes {
			d.rubbish(bed(10+i), []byte(f.payload("bad-"+f.reason, time.Now())))
			d.good.show()
		}
	}
	for range faultTimes {
		for _, w := range wrongTopics {
			d.rough.put(w.topic, `{"time":1,"consciousness":"A"}`)
			if w.forbidden && !d.external {
				d.lost++
			}
		}
	}
	d.taken()
	for _, f := range made {
		if got := d.srv.metric(`wardwatch_ingest_rejected_total{reason="` + f.reason + `"}`); got != faultTimes {
			d.Errorf("%s was counted %v times, made %d times", f.reason, got, faultTimes)
		}
	}
	if got, want := d.srv.metric(`wardwatch_ingest_rejected_total{reason="bad_topic"}`), float64(faultTimes*len(wrongTopics)-d.lost); got != want {
		d.Errorf("bad_topic was counted %v times, made %v times", got, want)
	}
	if got := d.srv.metric("wardwatch_broker_violations_total"); got != float64(d.lost) {
		d.Errorf("%v forbidden publishes were counted, made %v", got, d.lost)
	}
}

// clocksAndClones: two clocks that are generations off, two devices with one name, a bed that is not.
func (d *dumped) clocksAndClones() {
	now := time.Now()
	for i, year := range []int{1970, 2100} {
		off := time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC).Sub(now)
		d.wrong = append(d.wrong, &steady{sender: dial(d, d.url, fmt.Sprint("clock-", year), d.site.user, d.site.password), bed: bed(1 + i), device: fmt.Sprint("clock-", year), off: off})
	}
	for seq := range 10 {
		sent := time.Now()
		for _, s := range d.wrong {
			s.show()
		}
		d.good.show()
		for clone := range 2 {
			d.rubbish(bed(4), fmt.Appendf(nil, `{"device":"clone-1","boot":"b","seq":%d,"time":%d,"vitals":{"hr":%d}}`, seq, time.Now().UnixMilli()+int64(clone), 80+clone))
		}
		d.rubbish("nobed", fmt.Appendf(nil, `{"device":"lost-1","time":%d,"vitals":{"hr":%d}}`, time.Now().UnixMilli(), 70+seq))
		// A device whose clock says nothing is told from a backlog by the rhythm of its messages: it
		// speaks no faster than the broker carries.
		d.taken()
		time.Sleep(100*time.Millisecond + 2*time.Since(sent))
	}
	for name, want := range map[string]float64{
		"wardwatch_ingest_readings_clock_impossible_total": float64(len(d.wrong[0].shown) + len(d.wrong[1].shown)),
		"wardwatch_ingest_seq_reuse_total":                 10,
	} {
		if got := d.srv.metric(name); got != want {
			d.Errorf("%s is %v, want %v", name, got, want)
		}
	}
}

// doctorNames: the doctor says which device does what, or where a message names none, on which topic.
func (d *dumped) doctorNames() {
	args := []string{"doctor", "--data", d.srv.data}
	if d.external {
		args = append(args, "--mqtt-url", d.url)
	}
	out, err := exec.Command(program(d), args...).Output()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 1 {
		d.Errorf("doctor ended with %v; want exit code 1, something to mend", err)
	}
	says := func(words ...string) {
		d.Helper()
		for line := range strings.Lines(string(out)) {
			all := true
			for _, w := range words {
				all = all && strings.Contains(line, w)
			}
			if all {
				return
			}
		}
		d.Errorf("doctor does not say %q in one line:\n%s", words, out)
	}
	for i, f := range faultsMade() {
		if f.unnamed {
			says(fmt.Sprintf("%d × %s", faultTimes, f.reason), "W1/"+bed(10+i))
		} else {
			says("bad-"+f.reason, fmt.Sprintf("%d × %s", faultTimes, f.reason))
		}
	}
	says("clock_impossible", "clock-1970")
	says("clock_impossible", "clock-2100")
	says("seq_reuse", "clone-1")
}

// flood sends good messages spoilt at random, with the good monitor between them.
func (d *dumped) flood(messages int) {
	m := mutator{rand.New(rand.NewPCG(2026, 11))}
	began := time.Now()
	for i := range messages {
		at := 4 + m.IntN(36)
		d.rubbish(bed(at), m.mutate(m.good(fmt.Sprintf("fuzz-%d", m.IntN(60)), i, time.Now())))
		if i%40 == 0 {
			d.good.show()
		}
	}
	d.taken()
	d.Logf("%d mutated messages in %v; %v accepted readings, %v faults, %v repeats", messages, time.Since(began).Round(time.Second),
		d.srv.metric("wardwatch_ingest_readings_total"), d.srv.metric("wardwatch_ingest_rejected_total"), d.srv.metric("wardwatch_ingest_repeats_total"))
}

// brokenTalk is what no MQTT client should do, each on a line of its own.
func (d *dumped) brokenTalk() {
	address := strings.TrimPrefix(d.url, "tcp://")
	m := mutator{rand.New(rand.NewPCG(3, 5))}
	for range 20 {
		c, err := net.Dial("tcp", address)
		if err != nil {
			d.Fatal(err)
		}
		garbage := make([]byte, 1+m.IntN(2000))
		for i := range garbage {
			garbage[i] = byte(m.IntN(256))
		}
		_, _ = c.Write(garbage)
		_ = c.Close()
	}
	for i, talk := range []struct{ topic, payload string }{
		{"ward/v1/W1/" + bed(10) + "/vitals", strings.Repeat("x", 3<<19)}, // over any broker's own limit
		{"ward/v1/W1/bed 10/vitals", "{}"},
		{"ward/v1/W1/+/vitals", "{}"},
		{"ward/v1/#", "{}"},
		{"$SYS/x", "{}"},
	} {
		l := dial(d, d.url, fmt.Sprint("broken-", i), d.site.user, d.site.password)
		l.client.Publish(talk.topic, 1, false, talk.payload).WaitTimeout(200 * time.Millisecond)
	}
}

// stillWell: the server answers, took the good monitor's last word, and has not grown.
func (d *dumped) stillWell() {
	const most = 400 << 20 // of memory in use at the worst moment; a fresh server has about 60 MiB
	d.good.show()
	d.taken()
	if !d.srv.alive() {
		d.Fatal("the server has ended")
	}
	resp, err := http.Get(d.srv.http + "/readyz")
	if err != nil {
		d.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		d.Errorf("after the rubbish /readyz says %s", resp.Status)
	}
	peak := peakMemory(d, d.srv.cmd.Process.Pid)
	if peak > most {
		d.Errorf("memory reached %d MiB; want at most %d", peak>>20, most>>20)
	}
	d.Logf("memory reached %d MiB, of which %.0f MiB are alive now; %v messages came twice", peak>>20,
		d.srv.metric("go_memstats_heap_alloc_bytes")/(1<<20), d.srv.metric("wardwatch_ingest_messages_resent_total"))
	d.srv.stop()
}

// peakMemory is the most resident memory that a process has had.
func peakMemory(t testing.TB, pid int) int64 {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(raw)) {
		if f := strings.Fields(line); len(f) == 3 && f[0] == "VmHWM:" {
			kib, _ := strconv.ParseInt(f[1], 10, 64)
			return kib << 10
		}
	}
	t.Fatal("the system does not tell a process's memory")
	return 0
}
