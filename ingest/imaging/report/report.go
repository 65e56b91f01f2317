// Package report holds what the readers of imaging reports share: where the bytes came from, what the
// words of the field mean (there or not, which side, how likely), and the last check before a report is
// believed. It is pure.
package report

import (
	"time"

	"wardwatch/ward"
)

// Options says where some bytes came from and what they leave unsaid.
type Options struct {
	Source        string // name of the imaging source in the configuration
	Delivery      string // id of the delivery
	Received      time.Time
	Zone          *time.Location // of times that name none; nil: UTC
	PatientSystem string         // FHIR identifier system of the hospital's patient numbers; empty: see fhir.Read
}

// Location is the zone of times that name none.
func (o Options) Location() *time.Location {
	if o.Zone == nil {
		return time.UTC
	}
	return o.Zone
}

// Bad is the error for what a sender got wrong, with how to mend it. Neither may identify anybody.
func Bad(message, hint string) error {
	return &ward.Error{Code: ward.BadInput, Message: message, Hint: hint}
}
