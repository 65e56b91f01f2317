package webpush

import (
	"bytes"
	"context"
	"crypto/ecdh"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"wardwatch/ward"
)

var noon = time.Date(2026, 11, 22, 5, 0, 0, 0, time.UTC)

func notice() ward.Notice {
	return ward.Notice{
		ID: "N1", Alert: "A1", Place: ward.Place{Ward: "hstc", Bed: "12A"}, Kind: ward.Clinical, Band: ward.High, Level: 2,
		Role: ward.RoleDoctor, To: "p7", Channel: "webpush", Made: noon.Add(-time.Minute), Due: noon.Add(-time.Minute), Expires: noon.Add(2 * time.Minute),
	}
}

// message is what the push service was given.
type message struct {
	path   string
	header http.Header
	body   []byte
}

// service is a push service on this machine.
type service struct {
	*httptest.Server
	mu       sync.Mutex
	messages []message
}

// newService answers as told; nil: 201 to everything.
func newService(t testing.TB, answer http.HandlerFunc) *service {
	s := &service{}
	s.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		s.mu.Lock()
		s.messages = append(s.messages, message{r.URL.Path, r.Header.Clone(), body})
		s.mu.Unlock()
		if answer == nil {
			w.WriteHeader(http.StatusCreated)
			return
		}
		answer(w, r)
	}))
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	t.Cleanup(s.Close)
	return s
}

func (s *service) got() []message {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.messages
}

func (s *service) roots() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(s.Certificate())
	return pool
}

// book holds subscriptions and notes which were taken out of use.
type book struct {
	mu       sync.Mutex
	contacts []ward.Contact
	gone     map[string]string
	err      error
}

func (b *book) look(_ context.Context, who ward.PersonID, channel string) ([]ward.Contact, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	var found []ward.Contact
	for _, c := range b.contacts {
		if c.Person == who && c.Channel == channel && b.gone[c.ID] == "" {
			found = append(found, c)
		}
	}
	return found, b.err
}

func (b *book) end(_ context.Context, id, why string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.gone == nil {
		b.gone = map[string]string{}
	}
	b.gone[id] = why
	return nil
}

// phone is a subscription with keys of its own.
func phone(t testing.TB, id, endpoint string) ward.Contact {
	k, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	b64 := base64.RawURLEncoding.EncodeToString
	return ward.Contact{ID: id, Person: "p7", Channel: "webpush", Address: endpoint, P256dh: b64(k.PublicKey().Bytes()), Auth: b64([]byte("0123456789abcdef"))}
}

func sender(t testing.TB, b *book, change func(*Options)) *Sender {
	t.Helper()
	keys, err := NewKeys()
	if err != nil {
		t.Fatal(err)
	}
	o := Options{Keys: keys, Subject: "cntt@benhvien.vn", Contacts: b.look, Gone: b.end, AllowHosts: []string{"127.0.0.1"}, Now: func() time.Time { return noon }}
	if change != nil {
		change(&o)
	}
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.http.CloseIdleConnections)
	return s
}

// browser runs the independent receiver. Where CI is set it must be there.
func browser(t *testing.T, verb string, in any) (map[string]any, error) {
	t.Helper()
	python := os.Getenv("WARDWATCH_RECEIVERS")
	if python == "" {
		const how = "WARDWATCH_RECEIVERS is not set: give it the python of a venv with test/receivers/requirements.txt installed, as `make test` does"
		if os.Getenv("CI") != "" {
			t.Fatal(how)
		}
		t.Skip(how)
	}
	c := exec.Command(python, "testdata/browser.py", verb)
	var why bytes.Buffer
	c.Stderr = &why
	if in != nil {
		b, err := json.Marshal(in)
		if err != nil {
			t.Fatal(err)
		}
		c.Stdin = bytes.NewReader(b)
	}
	out, err := c.Output()
	if err != nil {
		return nil, &refused{why.String()}
	}
	var got map[string]any
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatalf("browser.py %s printed %q: %v", verb, out, err)
	}
	return got, nil
}

type refused struct{ why string }

func (r *refused) Error() string { return r.why }
