package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wardwatch/store/book"
	"wardwatch/ward"
)

// TestChannelCommands: a person gets an address, is told a test, and loses the address when the
// gateway calls it dead.
func TestChannelCommands(t *testing.T) {
	var asked []string
	gateway := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		asked = append(asked, r.URL.Path+" "+string(body))
		if strings.Contains(string(body), "+84999999999") {
			w.WriteHeader(http.StatusGone)
		}
	}))
	defer gateway.Close()
	dir := t.TempDir()
	file := filepath.Join(dir, "channels.yaml")
	text := fmt.Sprintf(`
channels:
  - {name: modem, kind: sms, vendor: json, url: "%[1]s/sms", country: "84", dead: {status: [410]}}
  - {name: pager, kind: webhook, url: "%[1]s/pager"}
`, gateway.URL)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	data := dataDir{filepath.Join(dir, "data")}
	flags := channelFlags{dataDir: data, Channels: file}
	var lan ward.PersonID
	if err := data.openOrBegin(func(ctx context.Context, b *book.Book) error {
		p, err := b.AddPerson(ctx, ward.Person{Login: "lan", Name: "Lan", Access: ward.AccessNurse, Lang: "vi"}, "hash", byCommandLine)
		lan = p.ID
		return err
	}); err != nil {
		t.Fatal(err)
	}
	contacts := func() (list []ward.Contact) {
		t.Helper()
		if err := data.open(func(ctx context.Context, b *book.Book) (err error) {
			list, err = b.Contacts(ctx, lan, "")
			return err
		}); err != nil {
			t.Fatal(err)
		}
		return list
	}
	run := func(what string, c interface{ Run() error }, want string) {
		t.Helper()
		err := c.Run()
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v; want %q", what, err, want)
		}
	}
	run("a mistyped channel", &contactAdd{channelFlags: flags, Login: "lan", Channel: "modm", Address: "0912345678"}, "modem, pager")
	run("no number", &contactAdd{channelFlags: flags, Login: "lan", Channel: "modem", Address: "12"}, "+84")
	run("a number", &contactAdd{channelFlags: flags, Login: "lan", Channel: "modem", Address: "0912 345 678"}, "")
	if list := contacts(); len(list) != 1 || list[0].Address != "+84912345678" {
		t.Fatalf("contacts %v", list)
	}
	run("a test to nobody", &channelTest{channelFlags: flags, Name: "modem"}, "--to")
	run("a test to somebody unknown", &channelTest{channelFlags: flags, Name: "modem", To: "minh"}, "no such person")
	run("a test of no channel", &channelTest{channelFlags: flags, Name: "fax", To: "lan"}, "modem, pager")
	run("a test of a group to a person", &channelTest{channelFlags: flags, Name: "pager", To: "lan"}, "leave out")
	run("a test", &channelTest{channelFlags: flags, Name: "modem", To: "lan"}, "")
	run("a test of a group", &channelTest{channelFlags: flags, Name: "pager", Ward: "hstc"}, "")
	if len(asked) != 2 || !strings.Contains(asked[0], "/sms") || !strings.Contains(asked[0], "TIN THU") || !strings.Contains(asked[1], `"why":"test"`) || !strings.Contains(asked[1], `"ward":"hstc"`) {
		t.Errorf("asked %q", asked)
	}
	run("the address is removed", &contactRemove{dataDir: data, Login: "lan", Contact: contacts()[0].ID}, "")
	run("it is removed again", &contactRemove{dataDir: data, Login: "lan", Contact: "c"}, "list")
	run("a dead number", &contactAdd{channelFlags: flags, Login: "lan", Channel: "modem", Address: "+84999999999"}, "")
	run("a test to a dead number", &channelTest{channelFlags: flags, Name: "modem", To: "lan"}, "dead")
	if list := contacts(); len(list) != 0 {
		t.Errorf("still in use: %v", list)
	}
	run("a list", &channelList{flags}, "")
	run("a look", &channelCheck{flags}, "")
	run("no Web Push", &channelVAPID{channelFlags: flags}, "webpush")
	run("no channels", &channelList{channelFlags{dataDir: data}}, "--channels")
}

// TestSimulationTellsNobody: the book of a simulation reaches this machine only, by the command line too.
func TestSimulationTellsNobody(t *testing.T) {
	dir := t.TempDir()
	data := dataDir{dir}
	if err := data.openOrBegin(func(ctx context.Context, b *book.Book) error { return b.MarkSimulation(ctx, true) }); err != nil {
		t.Fatal(err)
	}
	c := channelTest{channelFlags: channelFlags{dataDir: data, Webhook: "https://pager.example.vn/"}, Name: "webhook"}
	if err := c.Run(); err == nil || !strings.Contains(err.Error(), "simulation") {
		t.Errorf("got %v", err)
	}
}

func TestTail(t *testing.T) {
	for address, want := range map[string]string{"+84912345678": "…5678", "lan@bv.vn": "…v.vn", "abcd": "…cd", "": "…"} {
		if got := tail(address); got != want {
			t.Errorf("%q: %q", address, got)
		}
	}
}
