//go:build e2e

package e2e

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

const webhookSecret = "a secret of the durable tests"

// told is a notice as a receiver gets it.
type told struct {
	Notice string    `json:"notice"`
	Alert  string    `json:"alert"`
	Bed    string    `json:"bed"`
	Kind   string    `json:"kind"`
	Band   string    `json:"band"`
	Level  int       `json:"level"`
	Role   string    `json:"role"`
	Made   time.Time `json:"made"`
}

// receiver is a pager's server: it checks the signature and remembers what it was told.
type receiver struct {
	*httptest.Server
	secretFile string

	mu      sync.Mutex
	notices map[string]told
	times   map[string]int // how often each notice came
	wrong   []string
}

func newReceiver(t testing.TB) *receiver {
	t.Helper()
	r := &receiver{secretFile: filepath.Join(t.TempDir(), "secret"), notices: map[string]told{}, times: map[string]int{}}
	if err := os.WriteFile(r.secretFile, []byte(webhookSecret+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	r.Server = httptest.NewServer(http.HandlerFunc(r.take))
	t.Cleanup(r.Close)
	return r
}

// flags make a server tell this receiver.
func (r *receiver) flags() []string {
	return []string{"--webhook", r.URL, "--webhook-secret-file", r.secretFile}
}

func (r *receiver) take(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	var n told
	switch {
	case err != nil:
		return // cut off: the sender has not been answered
	case !signed(req.Header.Get("Wardwatch-Signature"), body):
		err = fmt.Errorf("a wrong signature: %q", req.Header.Get("Wardwatch-Signature"))
	default:
		err = json.Unmarshal(body, &n)
	}
	if err == nil && (n.Notice == "" || n.Notice != req.Header.Get("Idempotency-Key")) {
		err = fmt.Errorf("the idempotency key %q is not the notice's id %q", req.Header.Get("Idempotency-Key"), n.Notice)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if before, again := r.notices[n.Notice]; err == nil && again && before != n {
		err = fmt.Errorf("notice %s came with other content: %v, then %v", n.Notice, before, n)
	}
	if err != nil {
		r.wrong = append(r.wrong, err.Error())
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	r.notices[n.Notice] = n
	r.times[n.Notice]++
}

// signed checks "t=…,v1=…" against the HMAC-SHA256 of "t.body".
func signed(header string, body []byte) bool {
	at, sum, ok := strings.Cut(strings.TrimPrefix(header, "t="), ",v1=")
	mac := hmac.New(sha256.New, []byte(webhookSecret))
	fmt.Fprintf(mac, "%s.%s", at, body)
	return ok && sum == hex.EncodeToString(mac.Sum(nil))
}

// heard copies what has come so far.
func (r *receiver) heard() (notices map[string]told, times map[string]int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	notices, times = map[string]told{}, map[string]int{}
	for id, n := range r.notices {
		notices[id], times[id] = n, r.times[id]
	}
	return notices, times
}

// roles lists who has been told of a patient in the bed at a level.
func (r *receiver) roles(bed string, level int) map[string]bool {
	out := map[string]bool{}
	notices, _ := r.heard()
	for _, n := range notices {
		if n.Bed == bed && n.Level == level && n.Kind == "clinical" {
			out[n.Role] = true
		}
	}
	return out
}
