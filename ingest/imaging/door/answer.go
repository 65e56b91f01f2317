package door

import (
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"wardwatch/ingest/imaging/fhir"
	"wardwatch/ingest/imaging/intake"
	"wardwatch/ward"
)

// problem answers as RFC 9457 says.
func problem(w http.ResponseWriter, status int, err error) {
	e := told(err)
	b, _ := json.Marshal(struct {
		Title  string         `json:"title"`
		Status int            `json:"status"`
		Code   ward.ErrorCode `json:"code"`
		Hint   string         `json:"hint,omitempty"`
	}{e.Message, status, e.Code, e.Hint})
	send(w, status, "application/problem+json", b)
}

// outcome answers as FHIR says.
func outcome(w http.ResponseWriter, status int, err error) {
	send(w, status, "application/fhir+json", fhir.Outcome(err))
}

// told is what a sender is told of an error. What is not made for telling may say too much of us.
func told(err error) *ward.Error {
	var e *ward.Error
	if errors.As(err, &e) {
		return e
	}
	return &ward.Error{Code: ward.BadInput, Message: "what was sent cannot be read"}
}

func send(w http.ResponseWriter, status int, kind string, body []byte) {
	// A sender that does not take its answer is not waited for; it will send again.
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(answerLimit))
	w.Header().Set("Content-Type", kind)
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

// unkept answers a request whose content could not be kept: nothing is acknowledged.
func (d *Door) unkept(w http.ResponseWriter, no answer, err error) {
	var cut *intake.SenderError
	if errors.As(err, &cut) {
		d.unread(w, no, cut.Err)
		return
	}
	d.count.failed.Add(1)
	d.o.Log.Error("an imaging delivery cannot be kept; its sender was told to send again", "error", err)
	w.Header().Set("Retry-After", retryAfter)
	no(w, http.StatusServiceUnavailable, &ward.Error{Code: ward.Unavailable, Message: "what was sent cannot be kept now", Hint: "send it again later"})
}

// unread answers a request whose body did not come to its end.
func (d *Door) unread(w http.ResponseWriter, no answer, err error) {
	var long *http.MaxBytesError
	switch {
	case errors.As(err, &long):
		no(w, http.StatusRequestEntityTooLarge, &ward.Error{Code: ward.BadInput, Message: "the request is larger than this source may send", Hint: "send less at a time, or raise the limit of the source"})
	case slow(err):
		d.count.slow.Add(1)
		w.Header().Set("Connection", "close")
		no(w, http.StatusRequestTimeout, &ward.Error{Code: ward.BadInput, Message: "the request came too slowly", Hint: "send it again over a faster line"})
	default:
		no(w, http.StatusBadRequest, &ward.Error{Code: ward.BadInput, Message: "the request ends early or is not formed as its type says", Hint: "send it again"})
	}
}
