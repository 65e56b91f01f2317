package dashboard

import (
	"bytes"
	"context"
	"slices"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

// bound says how large a body may be, by the head of its request. fasthttp makes room for a whole
// body as soon as its length is announced, before any handler runs: thousands of connections that
// announce a file would take gigabytes. So only who may bring a file is let bring one.
func (s *Server) bound(h *fasthttp.RequestHeader) fasthttp.RequestConfig {
	limit := maxBody
	if r := s.largeRoute(h); r != nil && s.mayTake(r, h) {
		limit = r.limit()
	}
	return fasthttp.RequestConfig{MaxRequestBodySize: limit}
}

func (s *Server) largeRoute(h *fasthttp.RequestHeader) *route {
	path, _, _ := bytes.Cut(h.RequestURI(), []byte("?"))
	for i := range s.routes {
		if r := &s.routes[i]; r.Large && string(h.Method()) == r.Method && string(path) == r.Path {
			return r
		}
	}
	return nil
}

func (s *Server) mayTake(r *route, h *fasthttp.RequestHeader) bool {
	ctx, cancel := context.WithTimeout(context.Background(), callTimeout)
	defer cancel()
	id, err := s.gate.Who(ctx, string(h.Cookie(s.cookieName())), bearerOf(string(h.Peek(fiber.HeaderAuthorization))))
	return err == nil && slices.Contains(r.Access, id.Person.Access)
}
