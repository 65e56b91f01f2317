package broker

import (
	"crypto/rand"
	"crypto/subtle"
	"sort"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"wardwatch/ward"
)

// Violation is what a credential tried and may not. The server acknowledges and drops a forbidden
// publish, so without this a monitor with a wrong topic looks healthy.
type Violation struct {
	User    string // empty for a connection that is not known any more
	Count   uint64
	Last    time.Time
	Subject string // last subject, dotted as nats-server has it
}

// maxViolators bounds how many users are told apart; more are counted under "".
const maxViolators = 10000

// guard says who may connect and publish what, and counts what was refused.
type guard struct {
	authenticate func(user, password string) (ward.Credential, bool)
	connections  func() (map[uint64]bool, error)
	secret       string
	admitting    atomic.Bool

	refused, early atomic.Uint64 // wrong credentials; right or wrong ones before Admit

	mu         sync.Mutex
	users      map[uint64]string // by connection
	pruneAt    int
	violations map[string]*Violation
}

func newGuard(authenticate func(user, password string) (ward.Credential, bool)) *guard {
	return &guard{
		authenticate: authenticate, secret: rand.Text() + rand.Text(),
		users: map[uint64]string{}, pruneAt: 1024, violations: map[string]*Violation{},
	}
}

// Check implements server.Authentication.
func (g *guard) Check(c server.ClientAuthentication) bool {
	o := c.GetOpts()
	if o.Username == internalUser {
		if subtle.ConstantTimeCompare([]byte(o.Password), []byte(g.secret)) != 1 {
			g.refused.Add(1)
			return false
		}
		c.RegisterUser(&server.User{Username: internalUser})
		return true
	}
	if !g.admitting.Load() {
		g.early.Add(1)
		return false
	}
	cred, ok := g.authenticate(o.Username, o.Password)
	perms := permissions(cred)
	if o.Username == "" || !ok || !cred.Revoked.IsZero() || perms == nil {
		g.refused.Add(1)
		return false
	}
	g.remember(c.GetID(), o.Username)
	c.RegisterUser(&server.User{Username: o.Username, Permissions: perms})
	return true
}

// permissions lets a credential publish vitals and status of its beds and subscribe to nothing; nil
// when it may do nothing at all, which for the server would mean everything.
func permissions(c ward.Credential) *server.Permissions {
	var allow []string
	for _, g := range c.Grants {
		bed := string(g.Bed)
		switch {
		case !ward.ValidID(string(g.Ward)):
			continue
		case bed == "":
			bed = "*"
		case !ward.ValidID(bed):
			continue
		}
		prefix := "ward.v1." + string(g.Ward) + "." + bed
		allow = append(allow, prefix+".vitals", prefix+".status")
	}
	if len(allow) == 0 {
		return nil
	}
	return &server.Permissions{
		Publish:   &server.SubjectPermission{Allow: allow},
		Subscribe: &server.SubjectPermission{Deny: []string{">"}},
	}
}

// remember notes whose a connection is. The server does not tell when one ends, so now and then
// those that have are forgotten.
func (g *guard) remember(id uint64, user string) {
	g.mu.Lock()
	prune := len(g.users) >= g.pruneAt
	g.mu.Unlock()
	var open map[uint64]bool
	if prune {
		open, _ = g.connections() // without the lock: the server has its own
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if open != nil {
		for known := range g.users {
			if !open[known] {
				delete(g.users, known)
			}
		}
		g.pruneAt = 2*len(g.users) + 1024
	}
	g.users[id] = user
}

// of lists the connections of a user; some may have ended.
func (g *guard) of(user string) []uint64 {
	g.mu.Lock()
	defer g.mu.Unlock()
	var ids []uint64
	for id, u := range g.users {
		if u == user {
			ids = append(ids, id)
		}
	}
	return ids
}

// violate counts a forbidden act of a connection; first says that it is its user's first.
func (g *guard) violate(id uint64, subject string, at time.Time) (user string, first bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	user = g.users[id]
	v := g.violations[user]
	if v == nil {
		if len(g.violations) >= maxViolators {
			user = ""
		}
		if v = g.violations[user]; v == nil {
			v = &Violation{User: user}
			g.violations[user] = v
		}
	}
	v.Count++
	v.Last, v.Subject = at, subject
	return user, v.Count == 1
}

// Violations lists what each credential tried and may not, by user.
func (b *Broker) Violations() []Violation {
	b.guard.mu.Lock()
	defer b.guard.mu.Unlock()
	vs := make([]Violation, 0, len(b.guard.violations))
	for _, v := range b.guard.violations {
		vs = append(vs, *v)
	}
	sort.Slice(vs, func(i, j int) bool { return vs[i].User < vs[j].User })
	return vs
}
