package devices

import (
	"unicode/utf8"

	"wardwatch/ward"
)

// Limits of one message. A larger one is refused whole.
const (
	MaxPayload  = 64 << 10 // bytes
	MaxElements = 1024
	MaxAlarms   = 32 // in one element; the first ones are kept
)

// Element is one object of a message: a reading, and what of it could not be used.
type Element struct {
	Reading ward.Reading // Device, Boot, Seq, Taken, Values and Alarms; the rest is for ingest to fill
	Faults  []Fault      // nil when there are none
	Unknown int          // fields that the contract does not name; they were ignored
	Masked  bool         // a device was named, but there is no telling which; not the same as naming none
}

// Refused reports whether nothing in the element can be used. Its device may still be known.
func (e *Element) Refused() bool {
	return e.Reading.Taken.IsZero() || len(e.Reading.Values) == 0 && len(e.Reading.Alarms) == 0
}

// Decoder decodes payloads. It reuses its memory from one call to the next; what it hands out
// stays good. It is not for use by two goroutines at once. The zero value is ready.
type Decoder struct {
	c     cursor
	d     draft
	names map[string]string
	arena []ward.Value
}

// Decode reads one message: an object, or an array of objects of which each is judged by itself.
// The elements are appended to out. When the message as a whole cannot be used it returns out as
// it was and a *Fault. payload is not kept.
func (d *Decoder) Decode(payload []byte, out []Element) ([]Element, *Fault) {
	if f := d.open(payload); f != nil {
		return out, f
	}
	d.arena = nil
	was := len(out)
	switch d.c.peek() {
	case '{':
		out = d.element(out)
	case '[':
		for more := d.c.enter(']'); more; more = d.c.next(']') {
			if len(out)-was == MaxElements {
				d.c.fail(ReasonElements, "too many elements in one message; send at most 1024")
				break
			}
			out = d.element(out)
		}
	default:
		d.c.skip(1)
		if d.c.fault == nil {
			d.c.fail(ReasonType, "send an object, or an array of objects")
		}
	}
	if f := d.c.close(); f != nil {
		clear(out[was:])
		return out[:was], f
	}
	if len(out) == was {
		return out, &Fault{Reason: ReasonEmpty, Message: "the message holds no element"}
	}
	return out, nil
}

func (d *Decoder) open(payload []byte) *Fault {
	switch {
	case len(payload) > MaxPayload:
		return &Fault{Reason: ReasonTooLarge, Message: "send at most 64 KiB in one message"}
	case len(payload) == 0:
		return &Fault{Reason: ReasonEmpty, Message: "the message is empty"}
	case !utf8.Valid(payload):
		return &Fault{Reason: ReasonUTF8, Message: "encode text as UTF-8"}
	}
	d.c.reset(payload)
	return nil
}

// close checks that nothing follows.
func (c *cursor) close() *Fault {
	if c.fault == nil {
		if c.peek(); c.i < len(c.b) {
			c.bad("something follows the end")
		}
	}
	return c.fault
}

func (d *Decoder) element(out []Element) []Element {
	if len(out) < cap(out) {
		out = out[:len(out)+1]
		out[len(out)-1] = Element{}
	} else {
		out = append(out, Element{})
	}
	e := &out[len(out)-1]
	if d.c.peek() != '{' {
		d.c.skip(2)
		e.fault(ReasonType, "", "each element of the array must be an object")
		return out
	}
	d.d.reset(e)
	for more := d.c.enter('}'); more; more = d.c.next('}') {
		d.field()
	}
	if d.c.fault == nil {
		d.finish()
	}
	return out
}

func (e *Element) fault(reason, vital, message string) {
	e.Faults = append(e.Faults, Fault{Reason: reason, Vital: vital, Message: message})
}

// take cuts room for n values from the call's arena: one allocation for a single object, a few
// for an array.
func (d *Decoder) take(n int) []ward.Value {
	if cap(d.arena)-len(d.arena) < n {
		size := n
		if d.arena != nil {
			size = max(n, 256)
		}
		d.arena = make([]ward.Value, 0, size)
	}
	at := len(d.arena)
	d.arena = d.arena[:at+n]
	return d.arena[at : at : at+n]
}

// maxNames bounds the names that are kept to save allocations. A ward's devices fit; a sender
// that makes up names only costs allocations.
const maxNames = 8192

// intern returns s as a string, the same memory each time.
func (d *Decoder) intern(s []byte) string {
	if name, ok := d.names[string(s)]; ok {
		return name
	}
	if d.names == nil || len(d.names) >= maxNames {
		d.names = make(map[string]string)
	}
	name := string(s)
	d.names[name] = name
	return name
}
