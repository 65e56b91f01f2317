package dashboard

import (
	"context"
	"encoding/hex"
	"fmt"
	"time"

	"wardwatch/ward"
)

func (b *fakeBook) PersonByLogin(_ context.Context, login string) (ward.Person, string, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, p := range b.people {
		if p.Login == login {
			return p, b.pass[login], nil
		}
	}
	return ward.Person{}, "", errAbsent
}

func (b *fakeBook) NoteLogin(ctx context.Context, login string, ok bool, at time.Time) (time.Time, error) {
	b.mu.Lock()
	if ok {
		delete(b.failures, login)
	} else {
		b.failures[login]++
	}
	b.mu.Unlock()
	return b.LockedUntil(ctx, login, at)
}

func (b *fakeBook) LockedUntil(_ context.Context, login string, at time.Time) (time.Time, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.failures[login] >= 5 {
		return at.Add(time.Minute), nil
	}
	return time.Time{}, nil
}

func (b *fakeBook) NewSession(_ context.Context, hash []byte, p ward.PersonID, expires time.Time) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.sessions[string(hash)], b.expires[string(hash)] = p, expires
	return nil
}

func (b *fakeBook) Session(_ context.Context, hash []byte) (ward.Person, time.Time, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	p, ok := b.people[b.sessions[string(hash)]]
	if !ok || p.Disabled || !b.expires[string(hash)].After(b.now()) {
		return p, time.Time{}, errAbsent
	}
	return p, b.expires[string(hash)], nil
}

func (b *fakeBook) EndSession(_ context.Context, hash []byte) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.sessions, string(hash))
	return nil
}

func (b *fakeBook) Token(_ context.Context, hash []byte) (ward.Person, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	t, ok := b.tokens[hex.EncodeToString(hash)]
	if !ok || !t.Revoked.IsZero() {
		return ward.Person{}, errAbsent
	}
	return b.people[t.Person], nil
}

func (b *fakeBook) People(context.Context) ([]ward.Person, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	var out []ward.Person
	for _, p := range b.people {
		out = append(out, p)
	}
	return out, nil
}

func (b *fakeBook) AddPerson(_ context.Context, p ward.Person, hash string, by ward.PersonID) (ward.Person, error) {
	if p.ID == "" {
		p.ID = ward.PersonID("p-" + p.Login)
	}
	return p, b.do(by, "person.add", "person:"+string(p.ID), func() error { b.people[p.ID], b.pass[p.Login] = p, hash; return nil })
}

func (b *fakeBook) SetLang(_ context.Context, id ward.PersonID, lang string) error {
	return b.do(id, "person.lang", "person:"+string(id), func() error {
		p := b.people[id]
		p.Lang = lang
		b.people[id] = p
		return nil
	})
}

func (b *fakeBook) Tokens(context.Context, ward.PersonID) ([]Token, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	var out []Token
	for _, t := range b.tokens {
		out = append(out, t)
	}
	return out, nil
}

func (b *fakeBook) NewToken(_ context.Context, hash []byte, p ward.PersonID, name string) (Token, error) {
	t := Token{ID: fmt.Sprint("t", len(b.tokens)), Person: p, Name: name, Made: b.now()}
	return t, b.do(p, "token.add", "token:"+t.ID, func() error { b.tokens[hex.EncodeToString(hash)] = t; return nil })
}

func (b *fakeBook) RevokeToken(_ context.Context, id string, by ward.PersonID) error {
	return b.do(by, "token.revoke", "token:"+id, func() error {
		for k, t := range b.tokens {
			if t.ID == id {
				t.Revoked = b.now()
				b.tokens[k] = t
				return nil
			}
		}
		return errAbsent
	})
}
