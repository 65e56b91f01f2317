package ntfy

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"wardwatch/alerts"
	"wardwatch/ward"
)

const token = "tk_AgQdq7mVBoFD37zQVN29RhuMzNIz2"

var noon = time.Date(2026, 11, 22, 5, 0, 0, 0, time.UTC)

func notice() ward.Notice {
	return ward.Notice{
		ID: "JBSWY3DPEHPK3PXP", Alert: "A1", Place: ward.Place{Ward: "hstc", Bed: "12A"}, Kind: ward.Clinical, Band: ward.High, Level: 2,
		Role: ward.RoleDoctor, Channel: "ntfy", Made: noon, Due: noon, Expires: noon.Add(2 * time.Minute),
	}
}

// server starts the receiver in testdata, which is none of our code.
func server(t *testing.T) string {
	t.Helper()
	python, err := exec.LookPath("python3")
	if err != nil {
		const how = "python3 is not installed: the ntfy server of the tests needs it (`make packages` installs it)"
		if os.Getenv("CI") != "" {
			t.Fatal(how)
		}
		t.Skip(how)
	}
	c := exec.Command(python, "testdata/server.py", token)
	c.Stderr = os.Stderr
	out, err := c.StdoutPipe()
	if err == nil {
		err = c.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Process.Kill(); c.Wait() })
	port, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return "http://127.0.0.1:" + strings.TrimSpace(port)
}

func sender(t *testing.T, o Options) *Sender {
	t.Helper()
	if o.Now == nil {
		o.Now = func() time.Time { return noon }
	}
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.http.CloseIdleConnections)
	return s
}

// heard is what somebody who listens to a topic gets.
func heard(t *testing.T, server, topic string) []map[string]any {
	t.Helper()
	resp, err := http.Get(server + "/" + topic + "/json?poll=1")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var all []map[string]any
	for d := json.NewDecoder(resp.Body); ; {
		var m map[string]any
		if err := d.Decode(&m); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, m)
	}
}

// TestGroup: a ward's and role's topic hears the notice, loud, and can tell a repeat.
func TestGroup(t *testing.T) {
	at := server(t)
	s := sender(t, Options{URL: at + "/", Token: token, Simulation: true, Link: func(ward.Notice) string { return "https://ward.benhvien.vn/a/x" }})
	for range 2 { // as after a crash
		if err := s.Send(context.Background(), notice()); err != nil {
			t.Fatal(err)
		}
	}
	all := heard(t, at, "hstc-doctor_on_duty")
	if len(all) != 2 || all[0]["sequence_id"] != all[1]["sequence_id"] {
		t.Fatalf("heard %v", all)
	}
	want := map[string]any{
		"event": "message", "topic": "hstc-doctor_on_duty", "priority": 5.0, "click": "https://ward.benhvien.vn/a/x", "sequence_id": "JBSWY3DPEHPK3PXP",
		"title": "MÔ PHỎNG · Nguy cơ cao · khoa hstc · giường 12A", "message": "MÔ PHỎNG · Cảnh báo · nguy cơ cao · khoa hstc · giường 12A · bậc báo 2",
	}
	got := maps.Clone(all[0])
	if tags := got["tags"].([]any); !slices.Equal(tags, []any{"rotating_light", "simulation", "JBSWY3DPEHPK3PXP"}) {
		t.Errorf("tags %v", tags)
	}
	for _, of := range []string{"id", "time", "expires", "tags"} {
		delete(got, of)
	}
	if !maps.Equal(got, want) {
		t.Errorf("heard %v, want %v", got, want)
	}
}

// book holds topics and notes which were taken out of use.
type book struct {
	mu       sync.Mutex
	contacts []ward.Contact
	gone     []string
}

func (b *book) look(context.Context, ward.PersonID, string) ([]ward.Contact, error) {
	return b.contacts, nil
}

func (b *book) end(_ context.Context, id, _ string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.gone = append(b.gone, id)
	return nil
}

// TestPersonal: each topic of the person hears the notice; one that is none is taken out of use; a
// person without a topic is nobody to tell.
func TestPersonal(t *testing.T) {
	at := server(t)
	b := &book{contacts: []ward.Contact{{ID: "c1", Address: "p-7f3a"}, {ID: "c2", Address: "p-9b1c"}, {ID: "c3", Address: "not a topic"}}}
	s := sender(t, Options{URL: at, Token: token, Personal: true, Contacts: b.look, Gone: b.end, Lang: "en"})
	n := notice()
	n.To = "p7"
	if err := s.Send(context.Background(), n); err != nil {
		t.Fatal(err)
	}
	for _, topic := range []string{"p-7f3a", "p-9b1c"} {
		if all := heard(t, at, topic); len(all) != 1 || all[0]["title"] != "High risk · ward hstc · bed 12A" {
			t.Errorf("%s heard %v", topic, all)
		}
	}
	if !slices.Equal(b.gone, []string{"c3"}) {
		t.Errorf("taken out of use: %v", b.gone)
	}
	b.contacts = nil
	var e *alerts.SendError
	if err := s.Send(context.Background(), n); !errors.As(err, &e) || !e.Nobody || !e.Permanent {
		t.Errorf("without a topic: %v", err)
	}
}

// TestRefusedByServer: a wrong token and a topic that may not be written are final, and say so.
func TestRefusedByServer(t *testing.T) {
	at := server(t)
	for name, o := range map[string]Options{
		"no token":    {URL: at},
		"wrong token": {URL: at, Token: "tk_other"},
		"not allowed": {URL: at, Token: token, Topic: "forbidden"},
	} {
		err := sender(t, o).Send(context.Background(), notice())
		var e *alerts.SendError
		if !errors.As(err, &e) || !e.Permanent || !strings.Contains(err.Error(), "token") || strings.Contains(err.Error(), "tk_") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A notice whose id ntfy would refuse as a sequence id is told all the same.
func TestOddID(t *testing.T) {
	n := notice()
	n.ID = "test 2026-11-22/p7"
	if err := sender(t, Options{URL: server(t), Token: token}).Send(context.Background(), n); err != nil {
		t.Error(err)
	}
}

func TestCheck(t *testing.T) {
	if err := sender(t, Options{URL: server(t)}).Check(context.Background()); err != nil {
		t.Error(err)
	}
}

// TestLoudness: who is woken. A proposal for local clinicians to sign.
func TestLoudness(t *testing.T) {
	cases := []struct {
		name string
		n    ward.Notice
		want int
		tag  string
	}{
		{"a high score", ward.Notice{Kind: ward.Clinical, Band: ward.High}, 5, "rotating_light"},
		{"the monitor's own alarm of high priority", ward.Notice{Kind: ward.DeviceRaise, Band: ward.High}, 5, "rotating_light"},
		{"the monitor's own alarm of medium priority", ward.Notice{Kind: ward.DeviceRaise, Band: ward.Medium}, 4, "warning"},
		{"a medium score", ward.Notice{Kind: ward.Clinical, Band: ward.Medium}, 4, "warning"},
		{"a single 3", ward.Notice{Kind: ward.Clinical, Band: ward.LowMedium}, 3, ""},
		{"not enough known", ward.Notice{Kind: ward.Clinical, Band: ward.Unknown}, 3, ""},
		{"a fault", ward.Notice{Kind: ward.Technical, Band: ward.High}, 2, "wrench"},
		{"a test", ward.Notice{Kind: ward.Technical, Why: ward.WhyTest}, 3, "test"},
		{"a snooze of a high score ends", ward.Notice{Kind: ward.Clinical, Band: ward.High, Why: ward.WhySnoozeEnds}, 5, "snooze_ends"},
	}
	s := sender(t, Options{URL: "https://ntfy.benhvien.vn"})
	for _, c := range cases {
		if got := priority(c.n); got != c.want {
			t.Errorf("%s: priority %d, want %d", c.name, got, c.want)
		}
		if c.tag != "" && !slices.Contains(s.tags(c.n), c.tag) {
			t.Errorf("%s: tags %v", c.name, s.tags(c.n))
		}
	}
}

// TestTopics: every ward and role has one topic, different from every other's, or an error; never a
// topic that ntfy would refuse.
func TestTopics(t *testing.T) {
	s := sender(t, Options{URL: "https://ntfy.benhvien.vn"})
	if topic, err := s.topicOf(ward.Notice{Role: ward.RoleEngineer}); err != nil || topic != "hospital-engineer" {
		t.Errorf("without a ward: %q, %v", topic, err)
	}
	if topic, err := s.topicOf(ward.Notice{Place: ward.Place{Ward: ward.WardID(strings.Repeat("k", ward.MaxID))}, Role: ward.RoleNurse}); err == nil {
		t.Errorf("of a very long ward: %q", topic)
	}
	id := rapid.StringMatching(`[A-Za-z0-9_-]{1,64}`)
	roles := rapid.SampledFrom([]ward.Role{ward.RoleNurse, ward.RoleCharge, ward.RoleDoctor, ward.RoleLead, ward.RoleICU, ward.RoleEngineer})
	rapid.Check(t, func(t *rapid.T) {
		a := ward.Notice{Place: ward.Place{Ward: ward.WardID(id.Draw(t, "ward"))}, Role: roles.Draw(t, "role")}
		b := ward.Notice{Place: ward.Place{Ward: ward.WardID(id.Draw(t, "other ward"))}, Role: roles.Draw(t, "other role")}
		x, errX := s.topicOf(a)
		y, errY := s.topicOf(b)
		if errX == nil && !ward.ValidID(x) {
			t.Fatalf("topic %q", x)
		}
		if (len(a.Place.Ward)+1+len(a.Role) <= 64) != (errX == nil) {
			t.Fatalf("ward %q, role %q: %v", a.Place.Ward, a.Role, errX)
		}
		same := a.Place.Ward == b.Place.Ward && a.Role == b.Role
		if errX == nil && errY == nil && (x == y) != same {
			t.Fatalf("topics %q and %q", x, y)
		}
	})
}

func TestNewRefuses(t *testing.T) {
	cases := []struct {
		name string
		o    Options
		ok   bool
	}{
		{"a server on the hospital's network", Options{URL: "http://10.0.0.9:8080"}, true},
		{"a topic a ward", Options{URL: "https://ntfy.benhvien.vn", Topic: "ww-{ward}"}, true},
		{"no address", Options{}, false},
		{"another scheme", Options{URL: "ftp://ntfy.benhvien.vn"}, false},
		{"a topic in the address", Options{URL: "https://ntfy.benhvien.vn/hstc"}, false},
		{"a password in the address", Options{URL: "https://u:p@ntfy.benhvien.vn"}, false},
		{"a question in the address", Options{URL: "https://ntfy.benhvien.vn?auth=x"}, false},
		{"a topic with a space", Options{URL: "https://ntfy.benhvien.vn", Topic: "khoa {ward}"}, false},
		{"a place that is none", Options{URL: "https://ntfy.benhvien.vn", Topic: "{bed}"}, false},
		{"a token of two lines", Options{URL: "https://ntfy.benhvien.vn", Token: "tk_a\nX-Evil: 1"}, false},
		{"personal without a book", Options{URL: "https://ntfy.benhvien.vn", Personal: true}, false},
		{"a simulation to another host", Options{URL: "https://ntfy.sh", Simulation: true}, false},
	}
	for _, c := range cases {
		_, err := New(c.o)
		if (err == nil) != c.ok {
			t.Errorf("%s: %v", c.name, err)
		}
		if err != nil && c.o.Token != "" && strings.Contains(err.Error(), c.o.Token) {
			t.Errorf("%s: the error holds the token", c.name)
		}
	}
}

// FuzzTopic: whatever template the file gives, what New takes makes topics that ntfy takes.
func FuzzTopic(f *testing.F) {
	for _, x := range []string{"", "{ward}-{role}", "ww", "{ward}{ward}", "{}", "{ward", "á"} {
		f.Add(x, "hstc")
	}
	f.Fuzz(func(t *testing.T, template, w string) {
		s, err := New(Options{URL: "https://ntfy.benhvien.vn", Topic: template})
		if err != nil || !ward.ValidID(w) {
			return
		}
		if topic, err := s.topicOf(ward.Notice{Place: ward.Place{Ward: ward.WardID(w)}, Role: ward.RoleNurse}); err == nil && !ward.ValidID(topic) {
			t.Errorf("template %q, ward %q: topic %q", template, w, topic)
		}
	})
}
