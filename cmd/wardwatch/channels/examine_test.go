package channels

import (
	"context"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
)

// authority is a certificate for files that only have to hold one.
var authority = func() string {
	s := httptest.NewTLSServer(nil)
	defer s.Close()
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw}))
}()

// TestExamine: each kind is looked at in its way, nobody is told, and what is wrong says how to mend it.
func TestExamine(t *testing.T) {
	asked := 0
	secure := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked++ }))
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	secure.StartTLS()
	defer secure.Close()
	plain := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/v1/health" || r.Method != http.MethodGet {
			asked++
		}
		fmt.Fprint(w, `{"healthy":true}`)
	}))
	defer plain.Close()
	closed := httptest.NewServer(nil)
	closed.Close()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() { // a mail server that wants nobody
		if c, err := l.Accept(); err == nil {
			fmt.Fprint(c, "554 no service here\r\n")
			c.Close()
		}
	}()
	ca := t.TempDir() + "/ca.pem"
	if err := os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: secure.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	cases := []struct{ name, text, detail, remedy string }{
		{"a webhook", "{name: a, kind: webhook, url: " + secure.URL + ", secret_file: a.secret, ca_file: " + ca + "}", "answers", ""},
		{"a webhook of an unknown authority", "{name: a, kind: webhook, url: " + secure.URL + ", secret_file: a.secret}", "certificate", "correct"},
		{"a webhook that is away", "{name: a, kind: webhook, url: " + closed.URL + ", secret_file: a.secret}", "refused", "start"},
		{"a webhook with a short secret", "{name: a, kind: webhook, url: " + plain.URL + ", secret_file: b.secret}", "too short", "16"},
		{"ntfy", "{name: a, kind: ntfy, url: " + plain.URL + "}", "healthy", ""},
		{"an SMS gateway", "{name: a, kind: sms, vendor: json, url: " + plain.URL + "}", "answers", ""},
		{"an SMS gateway behind a proxy that is away", "{name: a, kind: sms, vendor: json, url: \"http://sms.invalid/\", proxy: " + closed.URL + "}", "refused", "start"},
		{"a mail server that wants nobody", fmt.Sprintf("{name: a, kind: smtp, host: 127.0.0.1, port: %d, from: a@b.vn}", l.Addr().(*net.TCPAddr).Port), "554", "correct"},
		{"Web Push", "{name: webpush, kind: webpush, subject: cntt@benhvien.vn}", "key pair", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s, err := load(t, "channels:\n  - "+c.text, Site{Data: t.TempDir(), ReadOnly: true})
			if err != nil {
				t.Fatal(err)
			}
			got := s.Examine(context.Background())
			if len(got) != 1 || !strings.Contains(got[0].Detail, c.detail) || !strings.Contains(got[0].Remedy, c.remedy) || (got[0].Remedy == "") != (c.remedy == "") {
				t.Errorf("got %+v; want %q, %q", got, c.detail, c.remedy)
			}
		})
	}
	if asked != 0 {
		t.Errorf("%d requests that could have told somebody", asked)
	}
}
