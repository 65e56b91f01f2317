package dashboard

import (
	"github.com/gofiber/fiber/v2"
)

// ReadyReply says whether Wardwatch can do its work, and why not.
type ReadyReply struct {
	Ready  bool    `json:"ready"`
	Checks []Check `json:"checks"`
}

// HealthReply says that the process lives, and what its one clock shows: a replay at another speed
// than life's must know it.
type HealthReply struct {
	OK   bool  `json:"ok"`
	Time int64 `json:"time"` // Unix milliseconds
}

func healthz(q *call) error { return q.c.JSON(HealthReply{OK: true, Time: q.s.o.Now().UnixMilli()}) }

func readyz(q *call) error {
	r := ReadyReply{Ready: true, Checks: []Check{}}
	if q.s.o.Health != nil {
		r.Checks = append(r.Checks, q.s.o.Health()...)
	}
	for _, c := range r.Checks {
		r.Ready = r.Ready && c.OK
	}
	if !r.Ready {
		q.c.Status(fiber.StatusServiceUnavailable)
	}
	return q.c.JSON(r)
}

func openAPI(q *call) error {
	q.c.Set(fiber.HeaderContentType, fiber.MIMEApplicationJSON)
	return q.c.Send(q.s.openAPI)
}

func vitalsSchema(q *call) error {
	if len(q.s.o.Vitals) == 0 {
		return fiber.ErrNotFound
	}
	q.c.Set(fiber.HeaderContentType, "application/schema+json")
	return q.c.Send(q.s.o.Vitals)
}

func metrics(q *call) error {
	if !q.metricsAllowed() {
		return &refusal{fiber.StatusForbidden, "forbidden", "metrics are for this machine, or with the metrics token", "send Authorization: Bearer with the token from the configuration"}
	}
	return q.s.meter.Write(q.c)
}

// page answers the board's addresses with the one page, which asks the API for the rest. It holds
// no data, so it needs no sign-in.
func page(q *call) error {
	if ok, err := q.s.files.Index(q.c); ok {
		return err
	}
	return &refusal{fiber.StatusNotFound, "no_front_end", "this build carries no front end", "build dashboard/web, or use the API"}
}

// nothing is behind every other address: a file of the front end, or not found.
func (s *Server) nothing(c *fiber.Ctx) error {
	if ok, err := s.files.File(c); ok {
		return err
	}
	return &refusal{fiber.StatusNotFound, "not_found", "there is nothing at this address, or not by this method", "GET /api/v1/openapi.json lists what there is"}
}
