//go:build e2e

package e2e

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestBoard runs the whole product as `wardwatch demo` does and looks at it through a real browser:
// the story of one alert until somebody is at the bedside, then the board in every size, language
// and theme. The scripts say what must be seen; see dashboard/web/test.
func TestBoard(t *testing.T) {
	needsBrowser(t)
	for _, script := range []string{"story.mjs", "board.mjs", "journey.mjs"} {
		t.Run(script, func(t *testing.T) {
			t.Parallel() // both mostly wait for people to get worse
			hook := newPhone(t)
			d := &demo{t: t, data: t.TempDir(), hook: hook.URL, http: port(t), mqtt: port(t)}
			d.start()
			control := httptest.NewServer(d.control(hook))
			t.Cleanup(control.Close)
			browse(t, script, d.url(), "CONTROL="+control.URL)
		})
	}
}

// needsBrowser looks for what the scripts need; nothing is skipped for want of it.
func needsBrowser(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("node"); err != nil {
		t.Fatal("node is not installed: install Node.js 20 or later")
	}
	needs(t, chromium())
	if _, err := os.Stat(filepath.Join(frontEnd, "node_modules", "playwright-core")); err != nil {
		t.Fatal("the browser driver is not installed: run make web-deps")
	}
}

const frontEnd = "../../dashboard/web"

func chromium() string {
	if path := os.Getenv("CHROMIUM"); path != "" {
		return path
	}
	return "chromium"
}

// browse runs one script against the server and fails with what it said.
func browse(t *testing.T, script, url string, env ...string) {
	t.Helper()
	p := spawn(t, append(env, "WARDWATCH_URL="+url, "CHROMIUM="+needs(t, chromium())), "node", filepath.Join(frontEnd, "test", script))
	select {
	case <-p.done:
	case <-time.After(3 * limit):
		t.Fatalf("%s has not ended after %v", script, 3*limit)
	}
	if code := p.cmd.ProcessState.ExitCode(); code != 0 {
		t.Fatalf("%s ended with %d", script, code)
	}
	for _, line := range strings.Split(strings.TrimSpace(p.out.String()), "\n") {
		t.Log(line)
	}
}

// demo is the demonstration at fixed addresses, so that a board finds it again after a restart.
type demo struct {
	*process
	t          testing.TB
	data, hook string
	http, mqtt int
}

func (d *demo) url() string { return fmt.Sprintf("http://127.0.0.1:%d", d.http) }

// start runs the ward at twice the demonstration's usual pace, and waits until it is ready.
func (d *demo) start() {
	d.t.Helper()
	d.process = spawn(d.t, nil, program(d.t), "demo", "--data", d.data, "--seed", "1", "--pace", "60", "--persist", "5s", "--webhook", d.hook,
		"--http", fmt.Sprintf("127.0.0.1:%d", d.http), "--mqtt-listen", fmt.Sprintf("127.0.0.1:%d", d.mqtt))
	until(d.t, "the demonstration is ready", func() bool {
		resp, err := http.Get(d.url() + "/readyz")
		if err != nil {
			return !d.alive()
		}
		_ = resp.Body.Close()
		return resp.StatusCode == http.StatusOK
	})
	if !d.alive() {
		d.t.Fatalf("the demonstration ended: %s", tail(d.out.String(), 4000))
	}
}

// control lets a script stop and start the server, and read what the webhook received.
func (d *demo) control(hook *phone) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /stop", func(http.ResponseWriter, *http.Request) { d.stop() })
	mux.HandleFunc("POST /start", func(http.ResponseWriter, *http.Request) { d.start() })
	mux.HandleFunc("GET /notices", func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(hook.notices())
	})
	return mux
}

// phone is the far end of the webhook: somebody else's server.
type phone struct {
	*httptest.Server
	mu  sync.Mutex
	got []notice
}

// notice is what one delivery said, with its whole body.
type notice struct {
	Alert      string `json:"alert"`
	Role       string `json:"role"`
	Made       string `json:"made"`
	Simulation bool   `json:"simulation"`
	Body       string `json:"body"`
}

func newPhone(t *testing.T) *phone {
	t.Helper()
	p := &phone{got: []notice{}}
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(io.LimitReader(r.Body, 64<<10))
		n := notice{Body: string(body)}
		if err == nil {
			err = json.Unmarshal(body, &n)
		}
		if err != nil {
			http.Error(w, "not JSON", http.StatusBadRequest)
			return
		}
		p.mu.Lock()
		defer p.mu.Unlock()
		p.got = append(p.got, n)
		w.WriteHeader(http.StatusNoContent)
	}))
	t.Cleanup(p.Close)
	return p
}

func (p *phone) notices() []notice {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]notice{}, p.got...)
}
