package dashboard

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"wardwatch/dashboard/signin"
	"wardwatch/ward"
)

// Problem is an error as the API says it (RFC 9457), with a hint for whoever must mend it.
type Problem struct {
	Type   string `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail"`
	Hint   string `json:"hint"`
	Code   string `json:"code"`
}

// refusal is an error of HTTP itself, before anything was asked of the book.
type refusal struct {
	status               int
	code, detail, remedy string
}

func (r *refusal) Error() string { return r.detail }

func badInput(message, hint string) error {
	return &ward.Error{Code: ward.BadInput, Message: message, Hint: hint}
}

func forbidden(message, hint string) error {
	return &ward.Error{Code: ward.Forbidden, Message: message, Hint: hint}
}

var statusOf = map[ward.ErrorCode]int{
	ward.NotFound:    fiber.StatusNotFound,
	ward.BadInput:    fiber.StatusBadRequest,
	ward.Conflict:    fiber.StatusConflict,
	ward.Forbidden:   fiber.StatusForbidden,
	ward.Unavailable: fiber.StatusServiceUnavailable,
}

// problemOf is err for the person who asked. An error that nobody foresaw says nothing of itself:
// it may hold what must not leave.
func problemOf(err error) Problem {
	var (
		known *ward.Error
		ours  *refusal
		its   *fiber.Error
	)
	p := Problem{Status: fiber.StatusInternalServerError, Code: "internal", Detail: "something went wrong here", Hint: "try again; if it lasts, call hospital IT"}
	switch {
	case errors.Is(err, signin.ErrNobody):
		p = Problem{Status: fiber.StatusUnauthorized, Code: "not_signed_in", Detail: "nobody is signed in, or the session has ended", Hint: "sign in, or send a token that has not been revoked"}
	case errors.Is(err, signin.ErrRefused):
		p = Problem{Status: fiber.StatusUnauthorized, Code: "refused", Detail: "login or password is wrong", Hint: "check both; the nurse in charge or hospital IT can set a new password"}
	case errors.As(err, new(*signin.WaitError)):
		p = Problem{Status: fiber.StatusTooManyRequests, Code: "too_many_tries", Detail: "too many tries", Hint: "wait a moment, then try again"}
	case errors.As(err, &ours):
		p = Problem{Status: ours.status, Code: ours.code, Detail: ours.detail, Hint: ours.remedy}
	case errors.As(err, &known):
		if status, ok := statusOf[known.Code]; ok {
			p = Problem{Status: status, Code: string(known.Code), Detail: known.Message, Hint: known.Hint}
		}
	case errors.As(err, &its):
		p = Problem{Status: its.Code, Code: strings.ReplaceAll(strings.ToLower(fiber.NewError(its.Code).Message), " ", "_"), Detail: its.Message}
	}
	p.Title = fiber.NewError(p.Status).Message
	p.Type = "urn:wardwatch:problem:" + p.Code
	return p
}

// fail answers with a problem. It is Fiber's error handler, so that what Fiber refuses by itself
// looks the same.
func (s *Server) fail(c *fiber.Ctx, err error) error {
	p := problemOf(err)
	if p.Status >= fiber.StatusInternalServerError {
		s.log.Error("request failed", "method", c.Method(), "route", c.Route().Path, "status", p.Status, "error", err)
	}
	var wait *signin.WaitError
	if errors.As(err, &wait) {
		seconds := math.Ceil(wait.Until.Sub(s.o.Now()).Seconds())
		c.Set(fiber.HeaderRetryAfter, strconv.Itoa(max(1, int(seconds))))
	}
	body, err := json.Marshal(p)
	if err != nil {
		return err
	}
	// Fiber calls this for a request it could not read, before any handler has set headers.
	s.guard(c)
	c.Set(fiber.HeaderContentType, "application/problem+json")
	return c.Status(p.Status).Send(body)
}

// read decodes a JSON body strictly: a misspelt field must not be taken for an absent one.
func (q *call) read(into any) error {
	kind, _, _ := strings.Cut(q.c.Get(fiber.HeaderContentType), ";")
	if !strings.EqualFold(strings.TrimSpace(kind), fiber.MIMEApplicationJSON) {
		return &refusal{fiber.StatusUnsupportedMediaType, "not_json", "the body is not said to be JSON", "send Content-Type: application/json"}
	}
	d := json.NewDecoder(bytes.NewReader(q.c.Request().Body()))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return badInput("the body cannot be read: "+jsonFault(err), "GET /api/v1/openapi.json shows its form")
	}
	if _, err := d.Token(); err != io.EOF {
		return badInput("the body holds more than one JSON value", "send one object")
	}
	return nil
}

// jsonFault says what is wrong with JSON in words that repeat nothing of its values.
func jsonFault(err error) string {
	var (
		kind   *json.UnmarshalTypeError
		syntax *json.SyntaxError
	)
	switch {
	case errors.As(err, &kind):
		return "field " + kind.Field + " has the wrong type"
	case errors.As(err, &syntax):
		return "it is not JSON at byte " + strconv.FormatInt(syntax.Offset, 10)
	case strings.HasPrefix(err.Error(), "json: unknown field"):
		return "it has a field that is not known"
	}
	return "it ends too early"
}

// moment is a time in milliseconds from a body; now when it was left out.
func moment(ms *int64, now time.Time) time.Time {
	if ms == nil {
		return now
	}
	return time.UnixMilli(*ms)
}
