package fhir

import (
	"encoding/json"
	"errors"

	"wardwatch/ingest/imaging/report"
	"wardwatch/ward"
)

// problem is an error with the path it is about.
type problem struct {
	path string
	err  error
}

func (p *problem) Error() string { return p.err.Error() }

func (p *problem) Unwrap() error { return p.err }

// wrong is the error about the value at a path.
func wrong(path, message, hint string) error {
	return &problem{path: path, err: report.Bad(path+": "+message, hint)}
}

type outcome struct {
	ResourceType string  `json:"resourceType"`
	Issue        []issue `json:"issue"`
}

type issue struct {
	Severity    string   `json:"severity"`
	Code        string   `json:"code"`
	Details     *detail  `json:"details,omitempty"`
	Diagnostics string   `json:"diagnostics,omitempty"`
	Expression  []string `json:"expression,omitempty"`
}

type detail struct {
	Text string `json:"text"`
}

// Outcome is the OperationOutcome that answers an error of Read. Of any other error it tells nothing but
// that there was one.
func Outcome(err error) []byte {
	one := issue{Severity: "error", Code: "exception", Details: &detail{"the result could not be taken; send it again later"}}
	var e *ward.Error
	if errors.As(err, &e) {
		one = issue{Severity: "error", Code: "invalid", Details: &detail{e.Message}, Diagnostics: e.Hint}
		if e.Code == ward.Unavailable {
			one.Code = "transient"
		}
	}
	var p *problem
	if errors.As(err, &p) {
		one.Expression = []string{p.path}
	}
	b, _ := json.Marshal(outcome{ResourceType: "OperationOutcome", Issue: []issue{one}}) // strings alone: it cannot fail
	return b
}
