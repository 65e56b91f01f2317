package signin

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"time"

	"wardwatch/dashboard/brake"
	"wardwatch/ward"
)

// Keys is what the gate needs kept. Only hashes of secrets are kept, so that a stolen book opens
// nothing. A look-up that finds nothing answers with a *ward.Error of code NotFound.
type Keys interface {
	// PersonByLogin finds a member of staff with the hash of the password.
	PersonByLogin(ctx context.Context, login string) (p ward.Person, passwordHash string, err error)
	// NoteLogin counts a try, of an unknown login too, and says until when the login is locked
	// now; zero when it is not. A success forgets the failures.
	NoteLogin(ctx context.Context, login string, ok bool, at time.Time) (until time.Time, err error)
	LockedUntil(ctx context.Context, login string, at time.Time) (time.Time, error)

	NewSession(ctx context.Context, hash []byte, p ward.PersonID, expires time.Time) error
	// Session finds whose session it is, unless it has ended or expired.
	Session(ctx context.Context, hash []byte) (p ward.Person, expires time.Time, err error)
	EndSession(ctx context.Context, hash []byte) error
	// Token finds for whom a program acts, unless the token is revoked.
	Token(ctx context.Context, hash []byte) (ward.Person, error)
}

// How long a session lasts: a long shift; a wall screen is signed in once a quarter.
const (
	SessionLife = 13 * time.Hour
	DisplayLife = 92 * 24 * time.Hour
)

// One address may try this often; the book's lock on the login comes on top. Many people share one
// address behind a hospital's proxy, so the brake is loose.
const (
	brakeBurst  = 20
	brakeRefill = 3 * time.Second // one more try each
)

// checks bounds how many passwords are hashed at once: 19 MiB and a core each.
const checks = 2

// Options are what a Gate is made of.
type Options struct {
	Keys Keys
	Now  func() time.Time
}

// Gate lets people in. Its methods may be called from any goroutine.
type Gate struct {
	keys  Keys
	now   func() time.Time
	brake *brake.Brake
	turns chan struct{}
	dummy string // hashed for logins that do not exist, so that time does not tell
}

// New is a Gate.
func New(o Options) (*Gate, error) {
	dummy, err := HashPassword(NewSecret())
	if err != nil {
		return nil, err
	}
	return &Gate{keys: o.Keys, now: o.Now, brake: brake.New(brakeBurst, brakeRefill), turns: make(chan struct{}, checks), dummy: dummy}, nil
}

// Identity is who is asking.
type Identity struct {
	Person  ward.Person
	Session string // the session's secret; empty for a program
}

// CSRF is the word that an unsafe request of this session must carry. It is made from the secret
// but does not give it away.
func (id Identity) CSRF() string {
	if id.Session == "" {
		return ""
	}
	sum := sha256.Sum256([]byte("csrf\x00" + id.Session))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// CSRFFits compares in constant time.
func (id Identity) CSRFFits(word string) bool {
	return subtle.ConstantTimeCompare([]byte(id.CSRF()), []byte(word)) == 1
}

// NewSecret is a random word of 256 bits: a session, a token, a device's password.
func NewSecret() string {
	var b [32]byte
	_, _ = rand.Read(b[:]) // never fails: crypto/rand ends the program instead
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// HashSecret is what is kept of a secret. The secret is random, so one round of SHA-256 is enough.
func HashSecret(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}

// SecretHash is HashSecret as text, as a device's credential keeps it.
func SecretHash(secret string) string { return hex.EncodeToString(HashSecret(secret)) }

// SecretFits compares in constant time.
func SecretFits(hash, secret string) bool {
	return subtle.ConstantTimeCompare([]byte(hash), []byte(SecretHash(secret))) == 1
}

// Errors the caller must tell apart. All others are *ward.Error.
var (
	// ErrNobody: no valid session or token.
	ErrNobody = errors.New("nobody is signed in")
	// ErrRefused: wrong login or password, or disabled; which one is not said.
	ErrRefused = errors.New("login or password is wrong")
)

// WaitError says that there were too many tries.
type WaitError struct{ Until time.Time }

// Error is for the log.
func (e *WaitError) Error() string { return "too many tries" }

// SignIn checks a password and opens a session. from is the address that asks.
func (g *Gate) SignIn(ctx context.Context, login, password, from string) (Identity, error) {
	now := g.now()
	if until, ok := g.brake.Take(from, now); !ok {
		return Identity{}, &WaitError{Until: until}
	}
	locked, err := g.keys.LockedUntil(ctx, login, now)
	if err != nil {
		return Identity{}, err
	}
	if locked.After(now) { // even the right password: otherwise guessing would go on
		return Identity{}, &WaitError{Until: locked}
	}
	p, hash, err := g.keys.PersonByLogin(ctx, login)
	known := err == nil
	if err != nil {
		if !IsNotFound(err) {
			return Identity{}, err
		}
		hash = g.dummy
	}
	fits, err := g.check(ctx, hash, password)
	if err != nil {
		return Identity{}, err
	}
	ok := known && fits && !p.Disabled
	locked, err = g.keys.NoteLogin(ctx, login, ok, now)
	if err != nil {
		return Identity{}, err
	}
	if locked.After(now) {
		return Identity{}, &WaitError{Until: locked}
	}
	if !ok {
		return Identity{}, ErrRefused
	}
	g.brake.Refund(from)
	return g.Open(ctx, p)
}

// check hashes in turn.
func (g *Gate) check(ctx context.Context, hash, password string) (bool, error) {
	select {
	case g.turns <- struct{}{}:
		defer func() { <-g.turns }()
		return CheckPassword(hash, password), nil
	case <-ctx.Done():
		return false, &ward.Error{Code: ward.Unavailable, Message: "too many people are signing in at once", Hint: "try again in a few seconds", Err: ctx.Err()}
	}
}

// Open begins a session of a person who is known by other means.
func (g *Gate) Open(ctx context.Context, p ward.Person) (Identity, error) {
	id := Identity{Person: p, Session: NewSecret()}
	if err := g.keys.NewSession(ctx, HashSecret(id.Session), p.ID, g.now().Add(Life(p.Access))); err != nil {
		return Identity{}, err
	}
	return id, nil
}

// Life is how long a session of this access lasts.
func Life(a ward.Access) time.Duration {
	if a == ward.AccessDisplay {
		return DisplayLife
	}
	return SessionLife
}

// Who finds who is asking, from a session's secret or a program's token; a token wins.
func (g *Gate) Who(ctx context.Context, session, token string) (Identity, error) {
	id := Identity{}
	var err error
	switch {
	case token != "":
		id.Person, err = g.keys.Token(ctx, HashSecret(token))
	case session != "":
		id.Session = session
		id.Person, _, err = g.keys.Session(ctx, HashSecret(session))
	default:
		return id, ErrNobody
	}
	if err != nil {
		if IsNotFound(err) {
			err = ErrNobody
		}
		return Identity{}, err
	}
	if id.Person.Disabled {
		return Identity{}, ErrNobody
	}
	return id, nil
}

// SignOut ends the session.
func (g *Gate) SignOut(ctx context.Context, id Identity) error {
	return g.keys.EndSession(ctx, HashSecret(id.Session))
}

// IsNotFound reports whether err says that there is no such thing.
func IsNotFound(err error) bool {
	var e *ward.Error
	return errors.As(err, &e) && e.Code == ward.NotFound
}
