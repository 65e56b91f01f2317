// Package gate is the rule by which treating staff come to see a learned model's predictions in a
// ward. It is pure.
package gate

import (
	"fmt"
	"math"
	"strings"
	"time"
	"unicode/utf8"

	"wardwatch/ward"
)

// What a version of a model must have behind it in a ward before its gate opens: four weeks of silent
// running and fifty stays with an event. Our proposals, for local clinicians to sign: enough to see
// that it works here at all. Judging calibration asks for a hundred events and more (Collins,
// Ogundimu, Altman, Stat Med 2016).
const (
	SilentFor   = 28 * 24 * time.Hour
	LeastEvents = 50
)

// LeastReason is the shortest reason of an override, in characters without blanks around them: long
// enough that a word must be said.
const LeastReason = 10

// Need is what is still missing before a gate may open without an override.
type Need struct {
	Silent time.Duration // of silent running; the whole of it when that has not begun
	Events int
}

// None reports whether nothing is missing.
func (n Need) None() bool { return n == Need{} }

// Needs says what a version that has run silently since a time (zero: it has not), with so many
// events, still lacks now.
func Needs(since time.Time, events int, now time.Time) Need {
	n := Need{Silent: SilentFor, Events: max(0, LeastEvents-events)}
	if !since.IsZero() && !since.After(now) {
		n.Silent = max(0, SilentFor-now.Sub(since))
	}
	return n
}

// May reports why g may not be opened, by the silent run of its version in its ward; nil when it
// may. g.By must be a person; g.Override stands for what is missing. The error is a *ward.Error.
func May(g ward.Gate, since time.Time, events int, now time.Time) error {
	if g.By == "" {
		return &ward.Error{Code: ward.Forbidden, Message: "a gate is opened by a named person", Hint: "sign in as yourself"}
	}
	need := Needs(since, events, now)
	override := utf8.RuneCountInString(strings.TrimSpace(g.Override))
	switch {
	case need.None() || override >= LeastReason:
		return nil
	case override > 0:
		return &ward.Error{Code: ward.BadInput, Message: "the reason of the override is too short", Hint: fmt.Sprintf("say in at least %d characters why this model may be shown already", LeastReason)}
	}
	return &ward.Error{Code: ward.Conflict, Message: "this version of the model has not run silently here for long enough: " + need.String(), Hint: "wait, or open it by an override with its reason, which is recorded under your name"}
}

// String says what is missing, for an error.
func (n Need) String() string {
	var missing []string
	if n.Silent > 0 {
		missing = append(missing, fmt.Sprintf("%d of %d days", int(math.Ceil(n.Silent.Hours()/24)), int(SilentFor.Hours()/24)))
	}
	if n.Events > 0 {
		missing = append(missing, fmt.Sprintf("%d of %d events", n.Events, LeastEvents))
	}
	return strings.Join(missing, " and ") + " are missing"
}

// Lets reports whether treating staff see what a model's version says: g must be open for that very
// version. A new version closes every gate by itself.
func Lets(g ward.Gate, model, version string) bool {
	return g.Open && version != "" && g.Model == model && g.Version == version
}
