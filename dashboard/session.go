package dashboard

import (
	"errors"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"wardwatch/dashboard/signin"
	"wardwatch/ward"
)

// SessionReply is who is signed in, and what the page must know before it draws.
type SessionReply struct {
	Person     PersonReply `json:"person"`
	CSRF       string      `json:"csrf"`
	Version    string      `json:"version"`
	Simulation bool        `json:"simulation"`
	Time       int64       `json:"time"`
	Zone       string      `json:"zone"`
}

// PersonReply is a member of staff.
type PersonReply struct {
	ID       string   `json:"id"`
	Login    string   `json:"login,omitempty"`
	Name     string   `json:"name"`
	Access   string   `json:"access"`
	Duties   []string `json:"duties"`
	Lang     string   `json:"lang"`
	Wards    []string `json:"wards"`
	Disabled bool     `json:"disabled,omitempty"`
}

// SignInBody is a sign-in.
type SignInBody struct {
	Login    string `json:"login"`
	Password string `json:"password"`
}

// LangBody is a choice of language.
type LangBody struct {
	Lang string `json:"lang"`
}

func viewPerson(p ward.Person) PersonReply {
	return PersonReply{ID: string(p.ID), Name: p.Name, Access: string(p.Access), Duties: words(p.Duties), Lang: p.Lang, Wards: words(p.Wards)}
}

// words is a list of any kind of word as JSON wants it: never null.
func words[T ~string](list []T) []string {
	out := make([]string, 0, len(list))
	for _, x := range list {
		out = append(out, string(x))
	}
	return out
}

func (q *call) sessionReply() error {
	return q.c.JSON(SessionReply{
		Person: viewPerson(q.who.Person), CSRF: q.who.CSRF(), Version: q.s.o.Version, Simulation: q.s.o.Simulation,
		Time: q.s.o.Now().UnixMilli(), Zone: q.s.o.Zone,
	})
}

// getSession also opens the demo's session: the page asks this first.
func getSession(q *call) error {
	if q.who.Session == "" && q.bearer() == "" {
		id, err := q.s.gate.Open(q.ctx, q.who.Person)
		if err != nil {
			return err
		}
		q.who = id
		q.setCookie(id.Session, signin.Life(id.Person.Access))
	}
	return q.sessionReply()
}

func signIn(q *call) error {
	if q.crossSite() {
		return &refusal{fiber.StatusForbidden, "cross_site", "another site asked for this", "open the board itself"}
	}
	var b SignInBody
	if err := q.read(&b); err != nil {
		return err
	}
	if b.Login == "" || len(b.Login) > ward.MaxID || b.Password == "" {
		return badInput("login or password is missing", "give both")
	}
	id, err := q.s.gate.SignIn(q.ctx, b.Login, b.Password, q.peer().String())
	if err != nil {
		if errors.Is(err, signin.ErrRefused) {
			// The login may be a password typed into the wrong field: it is not recorded. The
			// brake bounds how many rows one address can make.
			q.note(ward.AuditEntry{Deed: "session.refused", Object: "address:" + q.peer().String()})
		}
		return err
	}
	q.who = id
	q.note(ward.AuditEntry{By: id.Person.ID, Deed: "session.begin", Object: "person:" + string(id.Person.ID)})
	q.setCookie(id.Session, signin.Life(id.Person.Access))
	return q.sessionReply()
}

func signOut(q *call) error {
	if q.who.Session == "" {
		return badInput("there is no session to end", "a token is revoked at /api/v1/tokens")
	}
	if err := q.s.gate.SignOut(q.ctx, q.who); err != nil {
		return err
	}
	q.note(ward.AuditEntry{By: q.who.Person.ID, Deed: "session.end", Object: "person:" + string(q.who.Person.ID)})
	q.setCookie("", 0)
	return q.c.SendStatus(fiber.StatusNoContent)
}

func setLang(q *call) error {
	var b LangBody
	if err := q.read(&b); err != nil {
		return err
	}
	if b.Lang != "vi" && b.Lang != "en" {
		return badInput("there is no such language here", "choose vi or en")
	}
	if err := q.s.o.Book.SetLang(q.ctx, q.who.Person.ID, b.Lang); err != nil {
		return err
	}
	q.who.Person.Lang = b.Lang
	return q.sessionReply()
}

// setCookie keeps the session in the browser for its life; a life of zero takes it away.
func (q *call) setCookie(value string, life time.Duration) {
	c := fiber.Cookie{
		Name: q.s.cookieName(), Value: value, Path: "/", HTTPOnly: true, Secure: q.s.o.TLS != nil,
		SameSite: fiber.CookieSameSiteStrictMode, MaxAge: int(life.Seconds()),
	}
	if life == 0 {
		c.Expires = fasthttp.CookieExpireDelete
	}
	q.c.Cookie(&c)
}

// note writes to the audit what goes with no other change. It must not keep anyone from looking
// at a patient: what cannot be written is counted and logged, and shows in /metrics.
func (q *call) note(e ward.AuditEntry) { q.s.note(q.ctx, e) }
