//go:build e2e

// Package e2e drives the real program from outside, with real brokers, a real InfluxDB and a real
// browser. Build tag e2e; `make e2e` sets it.
package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// limit bounds every wait for another process; it is long because test machines are slow, and
// nothing is concluded from how long a thing took.
const limit = 60 * time.Second

var built struct {
	once sync.Once
	path string
	err  error
}

// program builds wardwatch once, with the crash points in.
func program(t testing.TB) string {
	t.Helper()
	built.once.Do(func() {
		dir, err := os.MkdirTemp("", "wardwatch-e2e-*")
		if err != nil {
			built.err = err
			return
		}
		built.path = filepath.Join(dir, "wardwatch")
		out, err := exec.Command("go", "build", "-tags", "crashpoints", "-o", built.path, "wardwatch/cmd/wardwatch").CombinedOutput()
		if err != nil {
			built.err = fmt.Errorf("%w: %s", err, out)
		}
	})
	if built.err != nil {
		t.Fatal(built.err)
	}
	return built.path
}

// process is a child that dies with its test.
type process struct {
	cmd  *exec.Cmd
	out  *safeBuffer
	done chan struct{}
}

type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *safeBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *safeBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

func spawn(t testing.TB, env []string, name string, args ...string) *process {
	t.Helper()
	p := &process{cmd: exec.Command(name, args...), out: &safeBuffer{}, done: make(chan struct{})}
	p.cmd.Env = append(os.Environ(), env...)
	p.cmd.Stdout, p.cmd.Stderr = p.out, p.out
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { _ = p.cmd.Wait(); close(p.done) }()
	t.Cleanup(func() {
		p.kill()
		if t.Failed() {
			t.Logf("%s said:\n%s", name, tail(p.out.String(), 8000))
		}
	})
	return p
}

func tail(s string, n int) string {
	if len(s) > n {
		return "…" + s[len(s)-n:]
	}
	return s
}

// kill is SIGKILL, and waits for the end.
func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	<-p.done
}

// stop asks politely, and waits for the end.
func (p *process) stop() {
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	<-p.done
}

func (p *process) alive() bool {
	select {
	case <-p.done:
		return false
	default:
		return true
	}
}

// run runs the program to its end and returns what it printed.
func run(t testing.TB, args ...string) string {
	t.Helper()
	cmd := exec.Command(program(t), args...)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("wardwatch %s: %v: %s", strings.Join(args, " "), err, errs.String())
	}
	return string(out)
}

// until polls for a condition.
func until(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(limit); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if ok() {
			return
		}
	}
	t.Fatalf("after %v still not: %s", limit, what)
}

// server is a running `wardwatch serve`.
type server struct {
	*process
	t     testing.TB
	data  string
	http  string // http://host:port
	mqtt  string // tcp://host:port of the embedded broker
	token string
}

// addresses is what a running server leaves in its data directory.
type addresses struct {
	PID  int    `json:"pid"`
	HTTP string `json:"http"`
	MQTT string `json:"mqtt"`
}

// prepare makes a data directory with a ward W1 of n beds named by bed(i), an engineer's token, and
// a gateway credential for the whole ward.
type site struct {
	data, token, user, password string

	under []string // a command to run the server under, such as strace -D; it must keep the process id
}

func prepare(t testing.TB, beds int) site {
	t.Helper()
	s := site{data: t.TempDir(), user: "gateway-1"}
	var csv strings.Builder
	csv.WriteString("ward,ward_name,bed,label,order\n")
	for i := range beds {
		fmt.Fprintf(&csv, "W1,Khoa thử,%s,%s,%d\n", bed(i), bed(i), i)
	}
	file := filepath.Join(t.TempDir(), "beds.csv")
	if err := os.WriteFile(file, []byte(csv.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	run(t, "ward", "beds", file, "--data", s.data)
	run(t, "user", "add", "--data", s.data, "--login", "e2e", "--name", "E2E", "--access", "administrator", "--duties", "nurse")
	s.token = strings.TrimSpace(run(t, "user", "token", "--data", s.data, "--login", "e2e", "--name", "e2e"))
	s.password = strings.TrimSpace(run(t, "device", "add", "--data", s.data, "--user", s.user, "--ward", "W1", "--quiet"))
	return s
}

func bed(i int) string { return fmt.Sprintf("bed%05d", i) }

// serve starts a server and waits until it is ready.
func (s site) serve(t testing.TB, env []string, args ...string) *server {
	t.Helper()
	srv := s.launch(t, env, args...)
	srv.waitReady()
	return srv
}

// launch starts a server and does not wait.
func (s site) launch(t testing.TB, env []string, args ...string) *server {
	t.Helper()
	_ = os.Remove(filepath.Join(s.data, "run.json"))
	command := append(append([]string{}, s.under...), program(t), "serve", "--data", s.data, "--http", "127.0.0.1:0", "--mqtt-listen", "127.0.0.1:0")
	command = append(command, args...)
	return &server{process: spawn(t, env, command[0], command[1:]...), t: t, data: s.data, token: s.token}
}

func (s *server) waitReady() {
	s.t.Helper()
	until(s.t, "the server is ready", func() bool {
		if !s.alive() {
			s.t.Fatalf("the server ended: %s", tail(s.out.String(), 4000))
		}
		if !s.addressed() {
			return false
		}
		resp, err := http.Get(s.http + "/readyz")
		if err != nil {
			return false
		}
		_ = resp.Body.Close()
		return resp.StatusCode == http.StatusOK
	})
}

// addressed reads where the server listens; false while it has not said so.
func (s *server) addressed() bool {
	raw, err := os.ReadFile(filepath.Join(s.data, "run.json"))
	var a addresses
	if err != nil || json.Unmarshal(raw, &a) != nil || a.PID != s.cmd.Process.Pid {
		return false
	}
	s.http, s.mqtt = a.HTTP, a.MQTT
	return true
}

// get decodes a JSON answer of the API.
func (s *server) get(path string, into any) {
	s.t.Helper()
	if err := s.call(http.MethodGet, path, nil, into); err != nil {
		s.t.Fatal(err)
	}
}

func (s *server) call(method, path string, body, into any) error {
	var in io.Reader
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			return err
		}
		in = bytes.NewReader(raw)
	}
	req, err := http.NewRequestWithContext(context.Background(), method, s.http+path, in)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+s.token)
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode >= 300 {
		return fmt.Errorf("%s %s: %s: %s", method, path, resp.Status, raw)
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(raw, into)
}

// metric sums a metric's values over its labels.
func (s *server) metric(name string) (sum float64) {
	resp, err := http.Get(s.http + "/metrics")
	if err != nil {
		return -1
	}
	defer resp.Body.Close()
	raw, _ := io.ReadAll(resp.Body)
	for _, line := range strings.Split(string(raw), "\n") {
		if !strings.HasPrefix(line, name) || strings.HasPrefix(line, "#") {
			continue
		}
		rest := line[len(name):]
		if rest == "" || rest[0] != ' ' && rest[0] != '{' {
			continue
		}
		var v float64
		if _, err := fmt.Sscan(line[strings.LastIndexByte(line, ' ')+1:], &v); err == nil {
			sum += v
		}
	}
	return sum
}

// port finds a free TCP port.
func port(t testing.TB) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

func needs(t testing.TB, program string) string {
	t.Helper()
	for _, p := range []string{program, "/usr/sbin/" + filepath.Base(program)} {
		if path, err := exec.LookPath(p); err == nil {
			return path
		}
	}
	t.Fatalf("%s is not installed: run make packages", program)
	return ""
}

// mosquitto starts a real Mosquitto with the settings that the project ships.
func mosquitto(t testing.TB, dir string, p int) *process {
	t.Helper()
	shipped, err := os.ReadFile("../../deploy/mosquitto/wardwatch.conf")
	if err != nil {
		t.Fatal(err)
	}
	conf := filepath.Join(dir, "mosquitto.conf")
	var keep []string
	for _, line := range strings.Split(string(shipped), "\n") {
		word, _, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch word {
		case "listener", "bind_address", "persistence_location", "password_file", "acl_file", "allow_anonymous", "cafile", "certfile", "keyfile", "log_dest", "pid_file", "user":
			continue // the site's own; the durable settings stay as shipped
		}
		keep = append(keep, line)
	}
	text := strings.Join(keep, "\n") + fmt.Sprintf("\nlistener %d 127.0.0.1\nallow_anonymous true\npersistence_location %s/\nlog_dest stderr\n", p, dir)
	if os.Getuid() == 0 {
		text += "user root\n"
	}
	if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	m := spawn(t, nil, needs(t, "mosquitto"), "-c", conf)
	until(t, "mosquitto listens", func() bool {
		c, err := net.DialTimeout("tcp", fmt.Sprintf("127.0.0.1:%d", p), time.Second)
		if err != nil {
			return false
		}
		_ = c.Close()
		return true
	})
	return m
}

// influxd starts a real InfluxDB 1.8.10 and makes the database; it returns its address.
func influxd(t testing.TB, dir string, p int) (string, *process) {
	t.Helper()
	conf := filepath.Join(dir, "influxd.conf")
	text := fmt.Sprintf(`reporting-disabled = true
bind-address = "127.0.0.1:%d"
[meta]
  dir = "%[2]s/meta"
[data]
  dir = "%[2]s/data"
  wal-dir = "%[2]s/wal"
  query-log-enabled = false
[http]
  bind-address = "127.0.0.1:%[3]d"
  log-enabled = false
[monitor]
  store-enabled = false
`, port(t), dir, p)
	if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	path := os.Getenv("WARDWATCH_INFLUXD")
	if path == "" {
		path = "influxd"
	}
	proc := spawn(t, nil, needs(t, path), "run", "-config", conf)
	url := fmt.Sprintf("http://127.0.0.1:%d", p)
	until(t, "influxd answers", func() bool {
		resp, err := http.Post(url+"/query?q=CREATE+DATABASE+wardwatch", "", nil)
		if err != nil {
			return false
		}
		_ = resp.Body.Close()
		return resp.StatusCode == http.StatusOK
	})
	return url, proc
}
