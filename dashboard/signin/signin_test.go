package signin

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"wardwatch/ward"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

func TestPassword(t *testing.T) {
	hash, err := HashPassword("mật khẩu dài")
	if err != nil {
		t.Fatal(err)
	}
	again, _ := HashPassword("mật khẩu dài")
	if hash == again {
		t.Error("two hashes of one password are the same: there is no salt")
	}
	if !strings.HasPrefix(hash, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("%s", hash)
	}
	for _, c := range []struct {
		name, hash, password string
		fits                 bool
	}{
		{"right", hash, "mật khẩu dài", true},
		{"wrong", hash, "mật khẩu dàj", false},
		{"empty", hash, "", false},
		{"longer than any", hash, strings.Repeat("a", maxPassword+1), false},
		{"no hash", "", "", false},
		{"another kind", "$2a$10$abcdefghijklmnopqrstuv", "x", false},
		{"cut short", hash[:len(hash)-30], "mật khẩu dài", false},
		{"a hash that would take all memory", strings.Replace(hash, "m=19456", "m=99999999", 1), "mật khẩu dài", false},
	} {
		if got := CheckPassword(c.hash, c.password); got != c.fits {
			t.Errorf("%s: %v", c.name, got)
		}
	}
	for _, bad := range []string{"", "ngắn", strings.Repeat("a", maxPassword+1)} {
		if _, err := HashPassword(bad); err == nil {
			t.Errorf("a password of %d bytes was taken", len(bad))
		}
	}
}

func FuzzCheckPassword(f *testing.F) {
	f.Add("$argon2id$v=19$m=64,t=1,p=1$c2FsdHNhbHQ$AAAAAAAAAAAAAAAAAAAAAA", "x")
	f.Add("$argon2id$v=19$m=64,t=1,p=1$$", "")
	f.Add("$$$$$", "x")
	f.Fuzz(func(t *testing.T, hash, password string) {
		if len(hash) > 12 && !strings.Contains(hash, "$m=64,t=1,p=1$") {
			hash = "$argon2id$v=19$m=64,t=1,p=1$" + hash // costly ones are refused elsewhere
		}
		if CheckPassword(hash, password) {
			t.Fatalf("%q opens %q", password, hash)
		}
	})
}

func TestSecrets(t *testing.T) {
	a, b := NewSecret(), NewSecret()
	if a == b || len(a) < 43 {
		t.Errorf("%q, %q", a, b)
	}
	if !SecretFits(SecretHash(a), a) || SecretFits(SecretHash(a), b) || SecretFits("", "") {
		t.Error("a secret's hash does not tell it")
	}
	x, y := Identity{Session: a}, Identity{Session: b}
	if !x.CSRFFits(x.CSRF()) || x.CSRFFits(y.CSRF()) || x.CSRFFits("") || strings.Contains(x.CSRF(), a) {
		t.Error("the word of a session does not tell it")
	}
	if (Identity{}).CSRF() != "" {
		t.Error("a program has a word")
	}
}

// oneKey is a book with one person in it.
type oneKey struct {
	Keys
	p    ward.Person
	hash string
	fail error
}

func (k *oneKey) LockedUntil(context.Context, string, time.Time) (time.Time, error) {
	return time.Time{}, k.fail
}

func (k *oneKey) PersonByLogin(_ context.Context, login string) (ward.Person, string, error) {
	if login != k.p.Login {
		return ward.Person{}, "", &ward.Error{Code: ward.NotFound}
	}
	return k.p, k.hash, nil
}

func (k *oneKey) NoteLogin(context.Context, string, bool, time.Time) (time.Time, error) {
	return time.Time{}, nil
}

func (k *oneKey) NewSession(_ context.Context, _ []byte, _ ward.PersonID, expires time.Time) error {
	want := noon.Add(SessionLife)
	if k.p.Access == ward.AccessDisplay {
		want = noon.Add(DisplayLife)
	}
	if !expires.Equal(want) {
		return fmt.Errorf("expires at %v, want %v", expires, want)
	}
	return nil
}

func TestSignIn(t *testing.T) {
	hash, _ := HashPassword("mật khẩu dài")
	for _, c := range []struct {
		name            string
		p               ward.Person
		login, password string
		fail            error
		want            error
	}{
		{"right", ward.Person{Login: "an"}, "an", "mật khẩu dài", nil, nil},
		{"a wall's display", ward.Person{Login: "an", Access: ward.AccessDisplay}, "an", "mật khẩu dài", nil, nil},
		{"wrong password", ward.Person{Login: "an"}, "an", "sai", nil, ErrRefused},
		{"unknown", ward.Person{Login: "an"}, "ai", "mật khẩu dài", nil, ErrRefused},
		{"disabled", ward.Person{Login: "an", Disabled: true}, "an", "mật khẩu dài", nil, ErrRefused},
		{"the book is away", ward.Person{Login: "an"}, "an", "mật khẩu dài", errors.ErrUnsupported, errors.ErrUnsupported},
	} {
		g, err := New(Options{Keys: &oneKey{p: c.p, hash: hash, fail: c.fail}, Now: func() time.Time { return noon }})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := g.SignIn(t.Context(), c.login, c.password, "192.0.2.1"); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
}

func BenchmarkCheckPassword(b *testing.B) {
	hash, _ := HashPassword("mật khẩu dài")
	b.ReportAllocs()
	for b.Loop() {
		CheckPassword(hash, "mật khẩu dài")
	}
}
