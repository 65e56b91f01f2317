package link

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wardwatch/ward"
)

var made = time.Date(2026, 11, 22, 2, 0, 0, 0, time.UTC)

func links(t *testing.T) *Links {
	t.Helper()
	l, err := New(filepath.Join(t.TempDir(), "link.key"), "https://ward.example.vn/")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func notice() ward.Notice {
	return ward.Notice{Alert: "K3ABCDEFGHIJKLMN", To: "p-anna", Place: ward.Place{Ward: "A", Bed: "12"}, Made: made}
}

// TestALinkIsForOnePersonAndAShortTime: what a person's notice links to names them and the alert, and
// only until its life is over; one letter changed, or another installation's key, opens nothing.
func TestALinkIsForOnePersonAndAShortTime(t *testing.T) {
	l := links(t)
	token, ok := strings.CutPrefix(l.For(notice()), "https://ward.example.vn/a/")
	if !ok || len(token) > 90 {
		t.Fatalf("%q is not a short link", l.For(notice()))
	}
	person, alert, err := l.Open(token, made.Add(Life-time.Second))
	if person != "p-anna" || alert != "K3ABCDEFGHIJKLMN" || err != nil {
		t.Fatalf("opened for %s, %s: %v", person, alert, err)
	}
	var e *ward.Error
	if person, _, err = l.Open(token, made.Add(Life)); !errors.As(err, &e) || e.Code != ward.Unavailable || person != "p-anna" {
		t.Errorf("after its life: %s, %v", person, err)
	}
	for i := range token {
		other := byte('A')
		if token[i] == other {
			other = 'B'
		}
		if _, _, err := l.Open(token[:i]+string(other)+token[i+1:], made); err == nil {
			t.Fatalf("opened with letter %d changed", i)
		}
	}
	if _, _, err := links(t).Open(token, made); err == nil {
		t.Error("another installation's key opens it")
	}
}

// TestLinksOfGroupsAndTests: a notice to nobody in particular leads to the board, a test leads nowhere.
func TestLinksOfGroupsAndTests(t *testing.T) {
	l := links(t)
	n := notice()
	n.To = ""
	if got := l.For(n); got != "https://ward.example.vn/board/A?alert=K3ABCDEFGHIJKLMN" {
		t.Error(got)
	}
	n.Place = ward.Place{}
	if got := l.For(n); got != "https://ward.example.vn/" {
		t.Error(got)
	}
	n = notice()
	n.Why = ward.WhyTest
	if got := l.For(n); got != "" {
		t.Error(got)
	}
}

// TestTheKeyStays: links sent before a restart open after it; a damaged key says how to mend it.
func TestTheKeyStays(t *testing.T) {
	file := filepath.Join(t.TempDir(), "link.key")
	before, err := New(file, "https://w.vn")
	if err != nil {
		t.Fatal(err)
	}
	token := strings.TrimPrefix(before.For(notice()), "https://w.vn/a/")
	after, err := New(file, "https://w.vn")
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := after.Open(token, made); err != nil {
		t.Error(err)
	}
	if err := os.WriteFile(file, []byte("short"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := New(file, "https://w.vn"); err == nil {
		t.Error("a damaged key was taken")
	}
}

func FuzzOpen(f *testing.F) {
	f.Add("")
	f.Add("AAAA")
	l := &Links{key: make([]byte, keySize), board: "https://w.vn"}
	f.Add(strings.TrimPrefix(l.For(notice()), "https://w.vn/a/"))
	f.Fuzz(func(t *testing.T, token string) {
		p, a, err := l.Open(token, made)
		if err == nil && l.token(p, a, made.Add(Life)) == "" {
			t.Fatal("opened what cannot be made")
		}
	})
}
