package book

import (
	"reflect"
	"testing"
	"time"

	"wardwatch/ward"
)

func TestPeople(t *testing.T) {
	c := newClock()
	b := open(t, c)
	ctx := t.Context()
	lan := ward.Person{Login: "lan", Name: "Lan", Access: ward.AccessNurse, Duties: []ward.Role{ward.RoleNurse, ward.RoleCharge}, Wards: []ward.WardID{"a9"}, Lang: "vi"}
	lan = must[ward.Person](t)(b.AddPerson(ctx, lan, "hash", "admin"))
	got, hash, err := b.PersonByLogin(ctx, "LAN")
	ok(t, err)
	if !reflect.DeepEqual(got, lan) || hash != "hash" {
		t.Errorf("got %+v, %q; want %+v", got, hash, lan)
	}
	_, err = b.AddPerson(ctx, ward.Person{Login: "Lan", Access: ward.AccessDoctor}, "", "admin")
	refused(t, err, ward.Conflict)
	_, err = b.AddPerson(ctx, ward.Person{Login: "an", Access: "boss"}, "", "admin")
	refused(t, err, ward.BadInput)
	_, err = b.AddPerson(ctx, ward.Person{Login: "n guyen", Access: ward.AccessDoctor}, "", "admin")
	refused(t, err, ward.BadInput)
	ok(t, b.SetLang(ctx, lan.ID, "en"))
	refused(t, b.SetLang(ctx, lan.ID, "fr"), ward.BadInput)
	lan.Lang, lan.Access = "en", ward.AccessCharge
	ok(t, b.UpdatePerson(ctx, lan, "admin"))
	if all := must[[]ward.Person](t)(b.People(ctx)); len(all) != 1 || !reflect.DeepEqual(all[0], lan) {
		t.Errorf("people %+v", all)
	}
	refused(t, b.SetPassword(ctx, "nobody", "h", "admin"), ward.NotFound)
	refused(t, b.Disable(ctx, "nobody", true, "admin"), ward.NotFound)
	_, err = b.Person(ctx, "nobody")
	refused(t, err, ward.NotFound)
}

func TestSessionsAndTokensEnd(t *testing.T) {
	hash := func(s string) []byte { return []byte(s) }
	cases := []struct {
		name           string
		do             func(b *Book, c *clock, p ward.PersonID, token string) error
		session, token bool
	}{
		{"nothing happens", func(*Book, *clock, ward.PersonID, string) error { return nil }, true, true},
		{"it expires", func(_ *Book, c *clock, _ ward.PersonID, _ string) error { c.pass(time.Hour); return nil }, false, true},
		{"signing out", func(b *Book, _ *clock, _ ward.PersonID, _ string) error { return b.EndSession(t.Context(), hash("s")) }, false, true},
		{"signed out everywhere", func(b *Book, _ *clock, p ward.PersonID, _ string) error { return b.EndSessions(t.Context(), p) }, false, true},
		{"a new password", func(b *Book, _ *clock, p ward.PersonID, _ string) error {
			return b.SetPassword(t.Context(), p, "new", "admin")
		}, false, true},
		{"the person leaves", func(b *Book, _ *clock, p ward.PersonID, _ string) error {
			return b.Disable(t.Context(), p, true, "admin")
		}, false, false},
		{"the person has left and signs in", func(b *Book, c *clock, p ward.PersonID, _ string) error {
			if err := b.Disable(t.Context(), p, true, "admin"); err != nil {
				return err
			}
			return b.NewSession(t.Context(), hash("s"), p, c.at.Add(time.Hour))
		}, false, false},
		{"the token is revoked", func(b *Book, _ *clock, _ ward.PersonID, token string) error {
			return b.RevokeToken(t.Context(), token, "admin")
		}, true, false},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			c := newClock()
			b := open(t, c)
			ctx := t.Context()
			p := must[ward.Person](t)(b.AddPerson(ctx, ward.Person{Login: "lan", Access: ward.AccessNurse}, "hash", "admin"))
			ok(t, b.NewSession(ctx, hash("s"), p.ID, c.at.Add(time.Hour)))
			token := must[Token](t)(b.NewToken(ctx, hash("t"), p.ID, "HIS"))
			ok(t, tc.do(b, c, p.ID, token.ID))
			if _, _, err := b.Session(ctx, hash("s")); (err == nil) != tc.session {
				t.Errorf("session: %v", err)
			}
			if _, err := b.Token(ctx, hash("t")); (err == nil) != tc.token {
				t.Errorf("token: %v", err)
			}
			if all := must[[]Token](t)(b.Tokens(ctx, p.ID)); len(all) != 1 || all[0].Name != "HIS" {
				t.Errorf("tokens %+v", all)
			}
		})
	}
}

// Wrong passwords in a row, one every second, and the lock that the next ones meet.
func TestLockOut(t *testing.T) {
	c := newClock()
	b := open(t, c)
	ctx := t.Context()
	try := func(right bool) time.Duration {
		until := must[time.Time](t)(b.NoteLogin(ctx, "lan", right, c.at))
		if until.IsZero() {
			return 0
		}
		return until.Sub(c.at)
	}
	for i, want := range []time.Duration{0, 0, 0, 0, time.Minute, time.Minute - time.Second} {
		if got := try(false); got != want {
			t.Errorf("try %d: locked for %v, want %v", i+1, got, want)
		}
		c.pass(time.Second)
	}
	if got := try(true); got != 58*time.Second {
		t.Errorf("a right password while it is locked: locked for %v", got)
	}
	if got := must[time.Time](t)(b.LockedUntil(ctx, "LAN", c.at)); got.Sub(c.at) != 58*time.Second {
		t.Errorf("locked until %v", got)
	}
	for _, want := range []time.Duration{2, 4, 8, 15, 15} {
		c.pass(20 * time.Minute)
		if got := try(false); got != want*time.Minute {
			t.Errorf("locked for %v, want %d min", got, want)
		}
	}
	c.pass(20 * time.Minute)
	if got := try(true); got != 0 {
		t.Errorf("a right password after the lock: locked for %v", got)
	}
	if got := try(false); got != 0 {
		t.Errorf("the first failure after a success: locked for %v", got)
	}
}
