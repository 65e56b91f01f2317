package recording

import "time"

// order keeps the promise that each patient's rows come in time order, also in a file where
// patients are mixed. It holds one moment for each patient.
type order struct {
	last    map[string]time.Time
	patient string
	now     time.Time
}

func newOrder() order { return order{last: map[string]time.Time{}} }

// start turns to a patient.
func (o *order) start(patient string) {
	o.last[o.patient] = o.now
	o.patient, o.now = patient, o.last[patient]
}

// after reports whether t is not before what the patient has had already, and remembers it.
func (o *order) after(t time.Time) bool {
	if t.Before(o.now) {
		return false
	}
	o.now = t
	return true
}
