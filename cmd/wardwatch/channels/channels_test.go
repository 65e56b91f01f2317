package channels

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"sync"
	"testing"

	"wardwatch/ward"
)

// load reads a channels file with this text; the secrets that tests name are beside it.
func load(t *testing.T, text string, site Site) (*Set, error) {
	t.Helper()
	dir := t.TempDir()
	for name, secret := range map[string]string{"a.secret": "0123456789abcdef0123456789abcdef", "b.secret": "hush"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(secret+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	file := filepath.Join(dir, "channels.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return Load(file, site)
}

const every = `
board_heard: true
channels:
  - {name: webpush, kind: webpush, subject: cntt@benhvien.vn}
  - {name: phones, kind: ntfy, url: "https://ntfy.benhvien.vn", internet: false, audible: true}
  - {name: mine, kind: ntfy, url: "https://ntfy.benhvien.vn", personal: true, token_file: b.secret}
  - {name: pager, kind: webhook, url: "https://pager.benhvien.vn/x", secret_file: a.secret, timeout: 5s}
  - {name: voice, kind: webhook, url: "https://voice.benhvien.vn/x"}
  - {name: mail, kind: smtp, host: mail.benhvien.vn, from: wardwatch@benhvien.vn, user: ww, password_file: b.secret}
  - {name: modem, kind: sms, vendor: kannel, url: "http://10.0.0.9/cgi-bin/sendsms", country: "84", secrets: {username: b.secret, password: b.secret}}
  - name: own
    kind: sms
    url: https://sms.example.vn/send
    json: {to: "{to}", text: "{text}", deep: {list: [1, true, null, "{from}"]}}
    dead: {status: [422], json: {code: bad}}
`

// TestEveryKind: the file says what it says, and every kind of sender is made from it.
func TestEveryKind(t *testing.T) {
	s, err := load(t, every, Site{Data: t.TempDir(), Webhook: "https://old.benhvien.vn/hook"})
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"webpush", "phones", "mine", "pager", "voice", "mail", "modem", "own", "webhook"}; !reflect.DeepEqual(s.Names(), want) {
		t.Errorf("names %v, want %v", s.Names(), want)
	}
	if want := map[string]bool{"webpush": true, "mine": true, "mail": true, "modem": true, "own": true}; !reflect.DeepEqual(s.Personal(), want) {
		t.Errorf("personal %v, want %v", s.Personal(), want)
	}
	if d, ok := s.Find("phones"); !ok || d != (Description{Name: "phones", Kind: KindNtfy, Audible: true}) {
		t.Errorf("phones: %+v", d)
	}
	if d, _ := s.Find("pager"); !d.Internet || d.Audible {
		t.Errorf("a claim that nobody made: %+v", d)
	}
	senders, err := s.Senders(nobody())
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range s.Names() {
		if senders[name] == nil {
			t.Errorf("no sender for %s", name)
		}
	}
	for _, made := range []string{"vapid.json", "voice.secret", "webhook.secret"} {
		info, err := os.Stat(filepath.Join(s.site.Data, made))
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", made, info, err)
		}
	}
	if entries, _ := os.ReadDir(s.site.Data); len(entries) != 3 {
		t.Errorf("left behind: %v", entries)
	}
}

// TestNothing: no file is no channel, as before there were channels.
func TestNothing(t *testing.T) {
	for _, s := range []func() (*Set, error){
		func() (*Set, error) { return Load("", Site{}) },
		func() (*Set, error) { return load(t, "", Site{}) },
		func() (*Set, error) { return load(t, "# nothing yet\n", Site{}) },
	} {
		set, err := s()
		if err != nil {
			t.Fatal(err)
		}
		senders, err := set.Senders(nobody())
		if err != nil || len(set.Names())+len(senders)+len(set.Personal())+len(set.TestNotices(nil, nil, nil, at("2026-11-21 07:30", hanoi(t)))) != 0 {
			t.Errorf("%v, %v", set.Names(), err)
		}
		if _, ok, err := set.Keys(); ok || err != nil {
			t.Errorf("keys without Web Push: %v", err)
		}
	}
}

// TestRefused: what is wrong is refused on its line, with its remedy.
func TestRefused(t *testing.T) {
	cases := []struct {
		name, text string
		line       int
		says       string
	}{
		{"a misspelt setting at the top", "chanels: []", 1, "the settings are test, board_heard, channels"},
		{"a misspelt setting of a channel", "channels:\n  - name: a\n    kind: webhook\n    urll: x", 4, "the settings are name, kind, audible, internet, url, secret_file"},
		{"a setting of another kind", "channels:\n  - {name: a, kind: smtp, vendor: x}", 2, `no setting "vendor"`},
		{"a setting twice", "channels:\n  - name: a\n    name: b\n    kind: webhook", 3, "line 2"},
		{"no kind", "channels:\n  - {name: a}", 2, "give one of webpush, ntfy, webhook, smtp, sms"},
		{"an unknown kind", "channels:\n  - {name: a, kind: fax}", 2, "give one of webpush"},
		{"no name", "channels:\n  - {kind: webhook, url: x}", 2, "name"},
		{"a name that is no id", "channels:\n  - {name: a b, kind: webhook}", 2, "letters, digits"},
		{"the same name twice", "channels:\n  - {name: a, kind: webhook}\n  - {name: a, kind: webhook}", 3, "a name of its own"},
		{"a channel that is a word", "channels:\n  - webhook", 2, "name: and kind:"},
		{"channels that are no list", "channels: {name: a}", 1, "a list"},
		{"yes for true", "channels:\n  - {name: a, kind: webhook, audible: maybe}", 2, "true or false"},
		{"a timeout without a unit", "channels:\n  - {name: a, kind: webhook, timeout: 10}", 2, "for example 10s"},
		{"a timeout too short", "channels:\n  - {name: a, kind: webhook, timeout: 10ms}", 2, "1s to 1m"},
		{"a timeout that is none", "channels:\n  - {name: a, kind: webhook, timeout: soon}", 2, "10s"},
		{"a timeout too long", "channels:\n  - {name: a, kind: webhook, timeout: 1h}", 2, "1s to 1m"},
		{"another name for Web Push", "channels:\n  - {name: push, kind: webpush}", 2, "named webpush"},
		{"a user without a password", "channels:\n  - {name: a, kind: smtp, user: u}", 2, "go together"},
		{"a password in the file", "channels:\n  - {name: a, kind: smtp, password: hush}", 2, "password_file"},
		{"an SMS password in the file", "channels:\n  - {name: a, kind: sms, vendor: json, password: hush}", 2, "secrets"},
		{"an unknown SMS vendor", "channels:\n  - {name: a, kind: sms, vendor: x}", 2, "give one of json, kannel"},
		{"an SMS gateway of which nothing is said", "channels:\n  - {name: a, kind: sms, url: x}", 2, "vendor"},
		{"an SMS spelling that is none", "channels:\n  - {name: a, kind: sms, vendor: json, text: loud}", 2, "plain"},
		{"a misspelt rule", "channels:\n  - {name: a, kind: sms, vendor: json, dead: {stat: [400]}}", 2, "the settings are status, json, match"},
		{"a port that is a word", "channels:\n  - {name: a, kind: smtp, port: smtp}", 2, "whole number"},
		{"a test without a time", "test: {zone: Asia/Ho_Chi_Minh, to: [a]}", 1, "07:30"},
		{"a test at no time", "test: {at: \"25:00\", zone: Asia/Ho_Chi_Minh, to: [a]}", 1, "07:30"},
		{"a test without a zone", "\ntest:\n  at: \"07:30\"\n  to: [a]", 3, "Asia/Ho_Chi_Minh"},
		{"a test to nobody", "test: {at: \"07:30\", zone: Asia/Ho_Chi_Minh}", 1, "to is empty"},
		{"a list at the top", "- a", 1, "settings with names"},
		{"no YAML", "channels: [", 1, "not YAML"},
		{"two documents", "board_heard: true\n---\nboard_heard: false", 0, "more than one document"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := load(t, c.text, Site{})
			var p *Problem
			if !errors.As(err, &p) {
				t.Fatalf("got %v", err)
			}
			if p.Line != c.line || !strings.Contains(p.Message, c.says) || !strings.Contains(err.Error(), "channels.yaml") {
				t.Errorf("got %v; want line %d and %q", err, c.line, c.says)
			}
		})
	}
	if _, err := load(t, "channels:\n  - {name: webhook, kind: webhook}", Site{Webhook: "http://127.0.0.1/"}); err == nil || !strings.Contains(err.Error(), "--webhook") {
		t.Errorf("one name for two channels: %v", err)
	}
	if _, err := load(t, strings.Repeat("#", maxFile+1), Site{}); err == nil {
		t.Error("a file without end was taken")
	}
}

// TestSendersRefuse: what only shows when a sender is made names its channel, line and remedy, and
// never a secret.
func TestSendersRefuse(t *testing.T) {
	cases := []struct{ name, text, says string }{
		{"a secret that is not there", "{name: a, kind: webhook, url: \"https://x.vn/\", secret_file: none.secret}", "none.secret"},
		{"a short secret", "{name: a, kind: webhook, url: \"https://x.vn/\", secret_file: b.secret}", "16"},
		{"an address that is none", "{name: a, kind: webhook, url: x, secret_file: a.secret}", "URL"},
		{"mail in the open", "{name: a, kind: smtp, host: x.vn, from: a@x.vn, tls: none}", "insecure: true"},
		{"an SMS secret that is not given", "{name: a, kind: sms, vendor: kannel, url: \"http://x.vn/\"}", "under secrets"},
		{"a field that is none", "{name: a, kind: sms, url: \"http://x.vn/\", form: {a: \"{name}\"}}", "the fields are"},
		{"no authority", "{name: a, kind: ntfy, url: \"https://x.vn/\", ca_file: b.secret}", "PEM"},
		{"a proxy that is none", "{name: webpush, kind: webpush, subject: a@x.vn, proxy: x}", "proxy"},
		{"no subject", "{name: webpush, kind: webpush}", "subject"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s, err := load(t, "channels:\n  - "+c.text, Site{Data: t.TempDir()})
			if err != nil {
				t.Fatal(err)
			}
			_, err = s.Senders(nobody())
			if err == nil || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), "channels.yaml:2: channel ") || strings.Contains(err.Error(), "hush") {
				t.Errorf("got %v; want %q", err, c.says)
			}
		})
	}
}

// TestSimulationStaysHere: no kind of channel leaves this machine with made-up patients.
func TestSimulationStaysHere(t *testing.T) {
	for _, text := range []string{
		"{name: a, kind: ntfy, url: \"https://ntfy.benhvien.vn\"}",
		"{name: a, kind: webhook, url: \"https://pager.benhvien.vn/x\"}",
		"{name: a, kind: smtp, host: mail.benhvien.vn, from: a@b.vn}",
		"{name: a, kind: sms, vendor: esms, secrets: {api_key: b.secret, secret_key: b.secret}}",
	} {
		s, err := load(t, "channels:\n  - "+text, Site{Data: t.TempDir(), Simulation: true})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Senders(nobody()); err == nil || !strings.Contains(err.Error(), "simulation") {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// TestWarnings: a high alert must be heard without the internet.
func TestWarnings(t *testing.T) {
	cases := []struct {
		name, text string
		warned     bool
	}{
		{"nothing", "", true},
		{"heard, but by the internet", "channels:\n  - {name: a, kind: sms, vendor: json, audible: true}", true},
		{"without the internet, but silent", "channels:\n  - {name: a, kind: smtp, internet: false}", true},
		{"heard without the internet", "channels:\n  - {name: a, kind: webhook, audible: true, internet: false}", false},
		{"the boards are heard", "board_heard: true", false},
	}
	for _, c := range cases {
		s, err := load(t, c.text, Site{})
		if err != nil || (len(s.Warnings()) > 0) != c.warned {
			t.Errorf("%s: %v, %v", c.name, s.Warnings(), err)
		}
	}
}

// TestKeysOnce: however many come at the same time, there is one key pair, and it stays.
func TestKeysOnce(t *testing.T) {
	dir := t.TempDir()
	const many = 16
	got := make([]string, many)
	var all sync.WaitGroup
	for i := range many {
		all.Go(func() {
			s, err := load(t, "channels:\n  - {name: webpush, kind: webpush, subject: a@b.vn}", Site{Data: dir})
			if err != nil {
				t.Error(err)
				return
			}
			keys, _, err := s.Keys()
			if err != nil {
				t.Error(err)
			}
			got[i] = keys.Public
		})
	}
	all.Wait()
	for _, k := range got {
		if k == "" || k != got[0] {
			t.Fatalf("keys %v", got)
		}
	}
	s, _ := load(t, "channels:\n  - {name: webpush, kind: webpush, subject: a@b.vn}", Site{Data: dir})
	renewed, err := s.RenewKeys()
	if again, _, _ := s.Keys(); err != nil || renewed.Public == got[0] || again != renewed {
		t.Errorf("renewed: %v", err)
	}
	if _, err := os.Stat(filepath.Join(dir, "vapid.json.old")); err != nil {
		t.Error("the old pair is lost:", err)
	}
}

// TestReadOnly: what is only looked at is not changed.
func TestReadOnly(t *testing.T) {
	dir := t.TempDir()
	s, err := load(t, every, Site{Data: dir, ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Senders(nobody()); err != nil {
		t.Fatal(err)
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 0 {
		t.Errorf("made: %v", entries)
	}
}

// TestAddress: an address is kept as its channel writes it, or refused with a remedy.
func TestAddress(t *testing.T) {
	s, err := load(t, every, Site{})
	if err != nil {
		t.Fatal(err)
	}
	cases := []struct{ channel, given, want string }{
		{"modem", "0912 345 678", "+84912345678"},
		{"own", "0912 345 678", ""},
		{"own", "+84 912 345 678", "+84912345678"},
		{"mail", "Nguyễn Thị Lan <lan@benhvien.vn>", "lan@benhvien.vn"},
		{"mail", "lan", ""},
		{"mine", "trực-7Hq2", ""},
		{"mine", "truc-7Hq2", "truc-7Hq2"},
		{"webpush", "https://fcm.googleapis.com/x", ""},
		{"pager", "lan", ""},
		{"phones", "lan", ""},
		{"nobody", "lan", ""},
	}
	for _, c := range cases {
		got, err := s.Address(c.channel, c.given)
		var e *ward.Error
		if got != c.want || (err == nil) != (c.want != "") || err != nil && (!errors.As(err, &e) || e.Hint == "") {
			t.Errorf("%s %q: %q, %v; want %q", c.channel, c.given, got, err, c.want)
		}
	}
}

// TestDocumented: the sample, and every file in the documentation, is one that is taken.
func TestDocumented(t *testing.T) {
	sample, err := os.ReadFile("../../../deploy/channels.yaml")
	if err != nil {
		t.Fatal(err)
	}
	docs, err := os.ReadFile("../../../docs/channels.md")
	if err != nil {
		t.Fatal(err)
	}
	texts := []string{string(sample), regexp.MustCompile(`(?m)^( +)# (- name:|  \w+:|proxy:)`).ReplaceAllString(string(sample), "$1$2")}
	for _, m := range regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllStringSubmatch(string(docs), -1) {
		texts = append(texts, m[1])
	}
	if len(texts) < 8 {
		t.Fatalf("%d files in the documentation", len(texts))
	}
	for i, text := range texts {
		s, err := load(t, text, Site{Data: t.TempDir()})
		if err != nil {
			t.Errorf("%v\n%s", err, text)
			continue
		}
		secrets(t, s)
		if _, err := s.Senders(nobody()); err != nil {
			t.Errorf("file %d: %v\n%s", i, err, text)
		}
	}
}

// secrets writes what the files of the documentation name.
func secrets(t *testing.T, s *Set) {
	t.Helper()
	write := func(file, text string) {
		if file == "" {
			return
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for i := range s.channels {
		c := &s.channels[i]
		for _, f := range []string{c.ntfy.TokenFile, c.webhook.SecretFile, c.smtp.PasswordFile} {
			write(f, "0123456789abcdef")
		}
		for _, f := range c.sms.Secrets {
			write(f, "0123456789abcdef")
		}
		for _, f := range []string{c.ntfy.CAFile, c.webhook.CAFile, c.smtp.CAFile} {
			write(f, authority)
		}
	}
}

// FuzzDecode: no file breaks the reading of it, and one that is taken describes itself.
func FuzzDecode(f *testing.F) {
	f.Add([]byte(every))
	f.Add([]byte("channels:\n  - &a {name: a, kind: webhook}\n  - *a"))
	f.Add([]byte("channels: &a [*a]"))
	f.Add([]byte("test: {at: \"07:30\", zone: Asia/Ho_Chi_Minh, to: [engineer]}"))
	f.Add([]byte("a: &a [x,x]\nb: &b [*a,*a]\nc: &c [*b,*b]"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		s := &Set{}
		if err := s.decode(raw, "/etc/wardwatch"); err != nil {
			if err.Error() == "" {
				t.Error("an error without words")
			}
			return
		}
		if len(s.Describe()) != len(s.Names()) || len(s.Personal()) > len(s.Names()) {
			t.Error("the set does not know itself")
		}
		_ = fmt.Sprint(s.Warnings(), s.Examine(cancelled()))
	})
}

func cancelled() context.Context {
	ctx, stop := context.WithCancel(context.Background())
	stop()
	return ctx
}
