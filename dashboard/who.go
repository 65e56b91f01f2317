package dashboard

import (
	"context"
	"crypto/subtle"
	"errors"
	"net"
	"net/netip"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"wardwatch/dashboard/signin"
	"wardwatch/ward"
)

// call is one request, with who asks.
type call struct {
	s   *Server
	c   *fiber.Ctx
	ctx context.Context
	who signin.Identity
}

// csrfHeader carries the word from GET /api/v1/session on every unsafe request of a browser.
const csrfHeader = "X-Wardwatch-CSRF"

// outermost wraps every request: headers that protect the browser, a count, and no panic that ends
// the process.
func (s *Server) outermost(c *fiber.Ctx) (err error) {
	s.guard(c)
	defer func() {
		if r := recover(); r != nil {
			s.log.Error("a request handler failed", "route", c.Route().Path, "panic", r)
			err = s.fail(c, errors.New("panic"))
		}
		s.meter.Count(c.Route().Path, c.Response().StatusCode())
	}()
	if err := c.Next(); err != nil {
		return s.fail(c, err)
	}
	return nil
}

// guard sets the headers that protect the browser. Scripts and styles come from files only.
func (s *Server) guard(c *fiber.Ctx) {
	h := &c.Response().Header
	h.Set("Content-Security-Policy", "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=(), screen-wake-lock=(self)")
	h.Set("Cache-Control", "no-store")
	if s.o.TLS != nil {
		h.Set("Strict-Transport-Security", "max-age=31536000")
	}
}

// handler is the one way into every route: who asks, may they, is it theirs to ask, is it not too
// big; then the route itself.
func (s *Server) handler(r route) fiber.Handler {
	return func(c *fiber.Ctx) error {
		ctx, cancel := context.WithTimeout(context.Background(), callTimeout)
		defer cancel()
		q := &call{s: s, c: c, ctx: ctx}
		// The bytes as sent: Fiber's own Body would unpack a small gzip into any amount of memory.
		if len(c.Request().Body()) > r.limit() {
			return &refusal{fiber.StatusRequestEntityTooLarge, "too_large", "the body is too large", "send less at a time"}
		}
		if !r.Open() {
			if err := q.admit(r); err != nil {
				return err
			}
		}
		return r.do(q)
	}
}

// admit finds who asks and refuses what is not theirs.
func (q *call) admit(r route) error {
	if q.crossSite() {
		return &refusal{fiber.StatusForbidden, "cross_site", "another site asked for this", "open the board itself"}
	}
	if err := q.identify(); err != nil {
		return err
	}
	if !slices.Contains(r.Access, q.who.Person.Access) {
		return forbidden("your access does not allow this", "ask someone whose access is one of: "+accessList(r.Access))
	}
	if r.unsafe() && q.who.Session != "" && !q.who.CSRFFits(q.c.Get(csrfHeader)) {
		return &refusal{fiber.StatusForbidden, "csrf", "the request does not carry this session's word", "send the csrf of GET /api/v1/session in the header " + csrfHeader}
	}
	return nil
}

func accessList(as []ward.Access) string {
	words := make([]string, len(as))
	for i, a := range as {
		words[i] = string(a)
	}
	return strings.Join(words, ", ")
}

// crossSite reports whether a browser says that a page of another site sent this.
func (q *call) crossSite() bool {
	switch q.c.Get("Sec-Fetch-Site") {
	case "", "same-origin", "none":
		return false
	}
	return true
}

func (q *call) identify() error {
	var err error
	if q.who, err = q.s.gate.Who(q.ctx, q.c.Cookies(q.s.cookieName()), q.bearer()); err == nil {
		return nil
	}
	if errors.Is(err, signin.ErrNobody) && q.bearer() == "" && q.onThisMachine() && !q.unsafe() {
		q.who = signin.Identity{Person: *q.s.o.Loopback}
		return nil
	}
	return err
}

func (q *call) unsafe() bool {
	return q.c.Method() != fiber.MethodGet && q.c.Method() != fiber.MethodHead
}

func (q *call) bearer() string { return bearerOf(q.c.Get(fiber.HeaderAuthorization)) }

func bearerOf(header string) string {
	scheme, token, ok := strings.Cut(header, " ")
	if !ok || !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}

// onThisMachine reports whether the demo's sign-in applies: the peer is this machine and the
// browser asked for it by a loopback name. Without the second, a page whose own name is made to
// point here (DNS rebinding) would be let in; and a proxy's peer is not the browser.
func (q *call) onThisMachine() bool {
	return q.s.o.Loopback != nil && q.peer().IsLoopback() && loopbackHost(string(q.c.Request().Host())) &&
		q.c.Get(fiber.HeaderXForwardedFor) == "" && q.c.Get("Forwarded") == ""
}

// peer is the address at the other end of the connection; headers are not believed.
func (q *call) peer() netip.Addr {
	if a, ok := q.c.Context().RemoteAddr().(*net.TCPAddr); ok {
		return a.AddrPort().Addr().Unmap()
	}
	return netip.Addr{}
}

func loopbackHost(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.Trim(host, "[]")
	if strings.EqualFold(host, "localhost") {
		return true
	}
	a, err := netip.ParseAddr(host)
	return err == nil && a.IsLoopback()
}

// cookieName: a browser keeps a __Host- cookie only for this host and only over TLS.
func (s *Server) cookieName() string {
	if s.o.TLS != nil {
		return "__Host-wardwatch"
	}
	return "wardwatch"
}

// mayEnter refuses a ward that is not the person's.
func (q *call) mayEnter(w ward.WardID) error {
	if !q.who.Person.MayEnter(w) {
		return forbidden("this ward is not among yours", "ask hospital IT to add it")
	}
	return nil
}

// metricsAllowed: figures say nothing of a patient, but nothing of the hospital either to the world.
func (q *call) metricsAllowed() bool {
	if q.peer().IsLoopback() && q.c.Get(fiber.HeaderXForwardedFor) == "" {
		return true
	}
	want := q.s.o.MetricsToken
	return want != "" && subtle.ConstantTimeCompare([]byte(q.bearer()), []byte(want)) == 1
}
