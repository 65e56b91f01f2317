// Package refuse is how the readers of imaging say no: with a code of a closed list and a sentence for a
// person, which says what is wrong and what would be accepted and never identifies anybody.
package refuse

import (
	"errors"
	"fmt"
)

// Refusal is why a file cannot be read as a picture.
type Refusal struct {
	Code    string // ward.RefusedCorrupt and so on
	Message string
}

// Error is "code: message".
func (r *Refusal) Error() string { return r.Code + ": " + r.Message }

// ErrNoReader says that nobody reads pictures now. No picture is to blame: it waits until somebody does.
var ErrNoReader = errors.New("pictures cannot be read now")

// Because is a refusal with a code and a sentence.
func Because(code, format string, args ...any) *Refusal {
	return &Refusal{Code: code, Message: fmt.Sprintf(format, args...)}
}

// As finds the refusal in an error; nil when there is none.
func As(err error) *Refusal {
	var r *Refusal
	if errors.As(err, &r) {
		return r
	}
	return nil
}
