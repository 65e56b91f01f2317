//go:build e2e

package e2e

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"wardwatch/devices/publish"
)

// TestTrace watches the server's system calls from outside: for each message the journal's write
// has returned before the write of its PUBACK begins; with durability "power" its sync has, too.
//
// It was seen to fail with the acknowledgement moved before the append in ingest/committer.go
// ("acknowledged before it was written"), and with the sync taken out of store/journal/append.go
// ("acknowledged before it was synced").
func TestTrace(t *testing.T) {
	strace := needs(t, "strace")
	if out, err := exec.Command(strace, "-D", "-f", "-o", "/dev/null", "/bin/true").CombinedOutput(); err != nil {
		t.Skipf("strace may not trace here: %v: %s", err, out)
	}
	for _, durability := range []string{"process", "power"} {
		t.Run(durability, func(t *testing.T) { traceOne(t, strace, durability) })
	}
}

func traceOne(t *testing.T, strace, durability string) {
	const messages = 200
	s := prepare(t, 10)
	file := filepath.Join(t.TempDir(), "trace")
	s.under = []string{strace, "-D", "-f", "-ttt", "-yy", "-xx", "-s", "1000000", "-o", file,
		"-e", "trace=read,readv,recvfrom,write,writev,sendto,sendmsg,pwrite64,pwritev,pwritev2,fsync,fdatasync,sync_file_range", "--"}
	p := port(t)
	mosquitto(t, t.TempDir(), p)
	url := fmt.Sprintf("tcp://127.0.0.1:%d", p)
	srv := s.serve(t, nil, "--mqtt-url", url, "--durability", durability)
	g := newGateway(t, publish.Options{URL: url}, "boot", 10)
	for n := range messages { // each under a boot of its own, by which it is found in the trace
		g.boot = fmt.Sprintf("trace-%06d", n)
		g.send(n%10, healthy, time.Now())
		if n%7 == 0 {
			g.flush()
		}
	}
	g.flush()
	until(t, "all is acknowledged", func() bool { return srv.metric("wardwatch_ingest_readings_total") >= messages })
	srv.stop()

	tr := readTrace(t, file, p)
	late, unsynced := 0, 0
	for n := range messages {
		name := fmt.Sprintf("trace-%06d", n)
		written, wrote := tr.written[name]
		acked, said := tr.acked[name]
		if !wrote || !said {
			t.Fatalf("%s is not in the trace: written %v, acknowledged %v", name, wrote, said)
		}
		if acked < written {
			if late++; late <= 3 {
				t.Errorf("%s was acknowledged before it was written (line %d, line %d)", name, acked, written)
			}
		}
		if synced, ok := tr.synced[name]; durability == "power" && (!ok || acked < synced) {
			if unsynced++; unsynced <= 3 {
				t.Errorf("%s was acknowledged before it was synced (line %d, line %d)", name, acked, synced)
			}
		}
	}
	t.Logf("of %d messages %d were acknowledged before they were written, %d before they were synced; %d calls read", messages, late, unsynced, tr.calls)
}

// trace is what a trace says of each message, by the line on which it happened. For the journal
// that is where the call had returned, for the PUBACK where its call began: strace writes a line
// before it lets the thread go on, so what one led to stands below it.
type trace struct {
	written, synced, acked map[string]int

	unsynced []string // written, waiting for the next sync
	ids      map[uint16]string
	in, out  *packets
	at       int // line of the call being looked at
	calls    int
}

// call is one finished system call.
type call struct {
	name         string
	args         string
	began, ended int // lines
}

var (
	traceLine  = regexp.MustCompile(`^(\d+) +[\d.]+ (.*)$`)
	unfinished = regexp.MustCompile(`^(\w+)\((.*) <unfinished \.\.\.>$`)
	resumed    = regexp.MustCompile(`^<\.\.\. (\w+) resumed>(.*)$`)
	finished   = regexp.MustCompile(`^(\w+)\((.*)$`)
	text       = regexp.MustCompile(`"((?:\\x[0-9a-f]{2})*)"`)
	result     = regexp.MustCompile(`\) += (\d+)(?: |$)`)
	names      = regexp.MustCompile(`trace-\d{6}`)
)

func readTrace(t testing.TB, file string, brokerPort int) *trace {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	tr := &trace{written: map[string]int{}, synced: map[string]int{}, acked: map[string]int{}, ids: map[uint16]string{}}
	tr.in = &packets{give: tr.received}
	tr.out = &packets{give: tr.sent}
	link := fmt.Sprintf("->127.0.0.1:%d]>", brokerPort)
	open := map[string]call{}
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 64<<20)
	for n := 1; lines.Scan(); n++ {
		m := traceLine.FindStringSubmatch(lines.Text())
		if m == nil {
			continue
		}
		thread, rest := m[1], m[2]
		if u := unfinished.FindStringSubmatch(rest); u != nil {
			open[thread] = call{name: u[1], args: u[2], began: n}
			continue
		}
		var c call
		if r := resumed.FindStringSubmatch(rest); r != nil {
			c = open[thread]
			c.args, c.ended = c.args+r[2], n
		} else if r := finished.FindStringSubmatch(rest); r != nil {
			c = call{name: r[1], args: r[2], began: n, ended: n}
		} else {
			continue
		}
		tr.calls++
		tr.look(c, link)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return tr
}

// look takes in one call. PUBACKs are dated by where their write began; calls come in the order of
// their ends, which for one connection's writes is the order of their bytes.
func (tr *trace) look(c call, link string) {
	done := result.FindStringSubmatch(c.args)
	if done == nil {
		return // it failed
	}
	size, _ := strconv.Atoi(done[1])
	target, _, _ := strings.Cut(c.args, ",")
	target = string(bytesOf(target))
	switch {
	case strings.Contains(target, link):
		data := payload(c.args, size)
		if c.name == "read" || c.name == "readv" || c.name == "recvfrom" {
			tr.in.hear(data)
			return
		}
		tr.at = c.began
		tr.out.hear(data)
	case !strings.Contains(target, "/journal/") || !strings.Contains(target, ".seg"):
	case c.name == "fsync" || c.name == "fdatasync":
		for _, name := range tr.unsynced {
			tr.synced[name] = c.ended
		}
		tr.unsynced = nil
	default:
		for _, name := range names.FindAllString(string(payload(c.args, size)), -1) {
			tr.written[name] = c.ended
			tr.unsynced = append(tr.unsynced, name)
		}
	}
}

// payload is the first size bytes of what a call read or wrote.
func payload(args string, size int) (out []byte) {
	for _, m := range text.FindAllStringSubmatch(args, -1) {
		out = append(out, bytesOf(m[1])...)
	}
	return out[:min(size, len(out))]
}

// bytesOf undoes strace's \xNN; what is not written so stays as it is.
func bytesOf(s string) (out []byte) {
	for len(s) > 0 {
		if strings.HasPrefix(s, `\x`) && len(s) >= 4 {
			b, _ := strconv.ParseUint(s[2:4], 16, 8)
			out, s = append(out, byte(b)), s[4:]
			continue
		}
		out, s = append(out, s[0]), s[1:]
	}
	return out
}

func (tr *trace) received(kind byte, body []byte) {
	if kind == publishPacket {
		id, payload := opened(body)
		tr.ids[id] = names.FindString(string(payload))
	}
}

func (tr *trace) sent(kind byte, body []byte) {
	if kind == pubackPacket {
		tr.acked[tr.ids[packetID(body)]] = tr.at
	}
}
