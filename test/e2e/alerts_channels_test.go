//go:build e2e

package e2e

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"wardwatch/devices/publish"
)

// TestTheLadderMovesOn: the first rung's only channel fails in each way that a receiver can; the second
// rung has another. Its people are told as soon as the first one's notices have failed, and not when
// the ten minutes in which somebody might have accepted are over, which is longer than this test waits.
func TestTheLadderMovesOn(t *testing.T) {
	answers := func(code int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
	}
	for _, c := range []struct {
		name   string
		answer http.HandlerFunc // nil: refused
		tls    bool
	}{
		{"refused", nil, false},
		{"400", answers(http.StatusBadRequest), false},
		{"404", answers(http.StatusNotFound), false},
		{"410", answers(http.StatusGone), false},
		{"429", answers(http.StatusTooManyRequests), false},
		{"500", answers(http.StatusInternalServerError), false},
		{"503", answers(http.StatusServiceUnavailable), false},
		{"slow", func(_ http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body) // only then is it noticed that nobody waits any more
			<-r.Context().Done()
		}, false},
		{"elsewhere", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/again", http.StatusFound) }, false},
		{"an unknown certificate", answers(http.StatusOK), true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			x, door := newTrial(t, 1), newRelay(t)
			x.ill = 1
			x.flags = []string{"--channels", channelsFile(t, x.pager, badReceiver(t, c.answer, c.tls)), "--policy", policyFile(t, movingPolicy)}
			x.serve(nil, door)
			g := newGateway(t, publish.Options{URL: door.url(), User: x.site.user, Password: x.site.password}, "boot", 1)
			g.send(0, sick, time.Now())
			until(t, "the second rung is told", func() bool { return len(x.pager.roles(bed(0), 2)) == 2 })
			if first := x.pager.roles(bed(0), 1); len(first) > 0 {
				t.Errorf("the first rung was told by the wrong channel: %v", first)
			}
		})
	}
}

const movingPolicy = `version: moving
scoring: {signal: {window: 1s}}
alerts:
  persist_score: 300ms
  notice_life: 2s
  ladder:
    clinical:
      high:
        - {roles: [nurse, nurse_charge, doctor_on_duty], channels: [broken], accept: 10m, bedside: 30m}
        - {roles: [duty_lead, intensive_care], channels: [well], accept: 10m, bedside: 30m}
`

// badReceiver is a receiver that does not take a notice; it returns its address.
func badReceiver(t *testing.T, answer http.HandlerFunc, tls bool) string {
	t.Helper()
	if answer == nil {
		ln, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer ln.Close()
		return "http://" + ln.Addr().String()
	}
	s := httptest.NewUnstartedServer(answer)
	if tls {
		s.StartTLS()
	} else {
		s.Start()
	}
	t.Cleanup(func() { s.CloseClientConnections(); s.Close() })
	return s.URL
}

// channelsFile names a channel that works and one that does not.
func channelsFile(t *testing.T, good *receiver, broken string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "channels.yaml")
	text := fmt.Sprintf(`board_heard: true
channels:
  - {name: well, kind: webhook, audible: true, internet: false, url: %q, secret_file: %q}
  - {name: broken, kind: webhook, audible: true, internet: false, url: %q, secret_file: %q, timeout: 1s}
`, good.URL, good.secretFile, broken, good.secretFile)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}
