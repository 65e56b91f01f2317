package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

var children []*exec.Cmd

func killAll() {
	for _, c := range children {
		if c.ProcessState == nil {
			_ = c.Process.Kill()
			_ = c.Wait()
		}
	}
	children = nil
}

func spawn(log string, name string, args ...string) (*exec.Cmd, error) {
	out, err := os.OpenFile(log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	defer out.Close()
	c := exec.Command(name, args...)
	c.Stdout, c.Stderr = out, out
	c.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := c.Start(); err != nil {
		return nil, err
	}
	children = append(children, c)
	return c, nil
}

func stop(c *exec.Cmd, sig syscall.Signal) {
	_ = c.Process.Signal(sig)
	_ = c.Wait()
}

const patience = 60 * time.Second

func until(what string, ok func() bool) error {
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(2 * time.Millisecond) {
		if ok() {
			return nil
		}
	}
	return errors.New("still not: " + what)
}

func freePort() int {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

func listening(port int) bool {
	c, err := net.DialTimeout("tcp", fmt.Sprintf("127.0.0.1:%d", port), time.Second)
	if err == nil {
		_ = c.Close()
	}
	return err == nil
}

// mosquitto starts a broker and returns its URL. Its store is off: what is measured is not it.
func (b *bench) mosquitto() (string, *exec.Cmd, error) {
	port := freePort()
	conf := filepath.Join(b.dir, fmt.Sprintf("mosquitto-%d.conf", port))
	text := fmt.Sprintf("listener %d 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\nmax_inflight_messages 1000\npersistence false\n", port)
	if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
		return "", nil, err
	}
	path, err := exec.LookPath("mosquitto")
	if err != nil {
		path = "/usr/sbin/mosquitto"
	}
	c, err := spawn(filepath.Join(b.dir, "mosquitto.log"), path, "-c", conf)
	if err != nil {
		return "", nil, err
	}
	return fmt.Sprintf("tcp://127.0.0.1:%d", port), c, until("mosquitto listens", func() bool { return listening(port) })
}

// influx starts an InfluxDB with an empty database and returns its URL.
func (b *bench) influx() (string, *exec.Cmd, error) {
	port := freePort()
	dir, err := os.MkdirTemp(b.dir, "influx-*")
	if err != nil {
		return "", nil, err
	}
	text := fmt.Sprintf("reporting-disabled = true\nbind-address = \"127.0.0.1:%d\"\n[meta]\n dir = \"%[2]s/meta\"\n[data]\n dir = \"%[2]s/data\"\n wal-dir = \"%[2]s/wal\"\n query-log-enabled = false\n[http]\n bind-address = \"127.0.0.1:%[3]d\"\n log-enabled = false\n[monitor]\n store-enabled = false\n", freePort(), dir, port)
	conf := filepath.Join(dir, "influxd.conf")
	if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
		return "", nil, err
	}
	c, err := spawn(filepath.Join(b.dir, "influxd.log"), b.influxd, "run", "-config", conf)
	if err != nil {
		return "", nil, err
	}
	url := fmt.Sprintf("http://127.0.0.1:%d", port)
	return url, c, until("influxd answers", func() bool {
		resp, err := http.Post(url+"/query?q=CREATE+DATABASE+wardwatch", "", nil)
		if err == nil {
			_ = resp.Body.Close()
		}
		return err == nil && resp.StatusCode == 200
	})
}

// stored counts the points of the vitals measurement by one field that every reading has.
func stored(influx string) int64 {
	resp, err := http.Get(influx + "/query?db=wardwatch&q=" + "SELECT+count(hr)+FROM+vitals")
	if err != nil {
		return -1
	}
	defer resp.Body.Close()
	var r struct {
		Results []struct {
			Series []struct{ Values [][]any }
		}
	}
	if json.NewDecoder(resp.Body).Decode(&r) != nil || len(r.Results) == 0 || len(r.Results[0].Series) == 0 {
		return 0
	}
	n, _ := r.Results[0].Series[0].Values[0][1].(float64)
	return int64(n)
}

// site is a prepared data directory and the server on it.
type site struct {
	dir, token, user, password string
	http, mqtt                 string
	server                     *exec.Cmd
}

// prepare makes a ward W1 with beds, all admitted when admit is set.
func (b *bench) prepare(beds int, admit bool) (*site, error) {
	dir, err := os.MkdirTemp(b.dir, "data-*")
	if err != nil {
		return nil, err
	}
	s := &site{dir: dir, user: "gateway-1"}
	var places strings.Builder
	places.WriteString("ward,ward_name,bed,label,order\n")
	for i := range beds {
		fmt.Fprintf(&places, "W1,Bench,%s,%s,%d\n", bed(i), bed(i), i)
	}
	file := filepath.Join(dir, "beds.csv")
	if err := os.WriteFile(file, []byte(places.String()), 0o600); err != nil {
		return nil, err
	}
	steps := [][]string{{"ward", "beds", file}}
	for first := 0; admit && first < beds; first += fileOfStays {
		file, err := staysFile(dir, first, min(beds, first+fileOfStays))
		if err != nil {
			return nil, err
		}
		steps = append(steps, []string{"ward", "stays", file})
	}
	steps = append(steps, []string{"user", "add", "--login", "bench", "--name", "Bench", "--access", "nurse_in_charge"})
	for _, args := range steps {
		if _, err := b.command(append(args, "--data", dir)...); err != nil {
			return nil, err
		}
	}
	if s.token, err = b.command("user", "token", "--login", "bench", "--name", "bench", "--data", dir); err != nil {
		return nil, err
	}
	s.password, err = b.command("device", "add", "--user", s.user, "--ward", "W1", "--quiet", "--data", dir)
	return s, err
}

// fileOfStays is below the most lines that one import takes.
const fileOfStays = 4000

func staysFile(dir string, first, end int) (string, error) {
	var people strings.Builder
	people.WriteString("hospital_id,family_name,given_name,birth_date,sex,ward,bed,admitted\n")
	since := time.Now().Add(-time.Hour).Format(time.RFC3339)
	for i := first; i < end; i++ {
		fmt.Fprintf(&people, "B%d,Nguyễn,Thử %d,1950-01-01,female,W1,%s,%s\n", i, i, bed(i), since)
	}
	file := filepath.Join(dir, fmt.Sprintf("stays-%d.csv", first))
	return file, os.WriteFile(file, []byte(people.String()), 0o600)
}

func (b *bench) command(args ...string) (string, error) {
	out, err := exec.Command(b.binary, args...).Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			return "", fmt.Errorf("wardwatch %s: %s", strings.Join(args, " "), exit.Stderr)
		}
		return "", err
	}
	return strings.TrimSpace(string(out)), nil
}

// serve starts the server on a site and waits until it is ready; it returns how long that took.
func (b *bench) serve(s *site, args ...string) (time.Duration, error) {
	began := time.Now()
	args = append([]string{"serve", "--data", s.dir, "--http", "127.0.0.1:0", "--mqtt-listen", "127.0.0.1:0"}, args...)
	var err error
	if s.server, err = spawn(filepath.Join(b.dir, "server.log"), b.binary, args...); err != nil {
		return 0, err
	}
	err = until("the server is ready", func() bool {
		raw, err := os.ReadFile(filepath.Join(s.dir, "run.json"))
		var run struct {
			PID        int
			HTTP, MQTT string
		}
		if err != nil || json.Unmarshal(raw, &run) != nil || run.PID != s.server.Process.Pid {
			return false
		}
		s.http, s.mqtt = run.HTTP, run.MQTT
		resp, err := http.Get(s.http + "/readyz")
		if err != nil {
			return false
		}
		_ = resp.Body.Close()
		return resp.StatusCode == 200
	})
	return time.Since(began), err
}

// metric sums one metric over its labels.
func (s *site) metric(name string) float64 {
	resp, err := http.Get(s.http + "/metrics")
	if err != nil {
		return -1
	}
	defer resp.Body.Close()
	raw, _ := io.ReadAll(resp.Body)
	sum := 0.0
	for _, line := range strings.Split(string(raw), "\n") {
		rest, ok := strings.CutPrefix(line, name)
		if !ok || rest == "" || rest[0] != ' ' && rest[0] != '{' {
			continue
		}
		if v, err := strconv.ParseFloat(line[strings.LastIndexByte(line, ' ')+1:], 64); err == nil {
			sum += v
		}
	}
	return sum
}

// answers says whether a page of the API has something to tell.
func (s *site) answers(path string) bool {
	req, err := http.NewRequest(http.MethodGet, s.http+path, nil)
	if err != nil {
		return false
	}
	req.Header.Set("Authorization", "Bearer "+s.token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	_ = resp.Body.Close()
	return resp.StatusCode == http.StatusOK
}

// cpuOf is the CPU time a process has used, user and system.
func cpuOf(pid int) time.Duration {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	fields := strings.Fields(string(raw[strings.LastIndexByte(string(raw), ')')+1:]))
	u, _ := strconv.ParseInt(fields[11], 10, 64)
	k, _ := strconv.ParseInt(fields[12], 10, 64)
	const tick = 10 * time.Millisecond // USER_HZ is 100 on every Linux
	return time.Duration(u+k) * tick
}

// rssOf is a process's resident memory in bytes.
func rssOf(pid int) int64 {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	for _, line := range strings.Split(string(raw), "\n") {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kb, _ := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
			return kb << 10
		}
	}
	return 0
}

func bed(i int) string { return fmt.Sprintf("bed%05d", i) }
