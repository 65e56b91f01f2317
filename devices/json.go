package devices

import (
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// maxDepth is how deep arrays and objects may nest; the contract itself needs four levels.
const maxDepth = 16

// cursor reads JSON (RFC 8259) once, from front to back, without building a tree. It is strict
// except for one mercy: NaN and Infinity, which some encoders write for a missing number, are
// taken as a value that is not a number, so that one probe off does not cost the whole message.
//
// The first error is kept in fault and moves the cursor to the end, so that every loop ends.
type cursor struct {
	b     []byte
	i     int
	fault *Fault
	text  []byte // a string that had escapes
}

func (c *cursor) reset(b []byte) { c.b, c.i, c.fault = b, 0, nil }

func (c *cursor) fail(reason, message string) {
	if c.fault == nil {
		c.fault = &Fault{Reason: reason, Message: message}
	}
	c.i = len(c.b)
}

func (c *cursor) bad(what string) {
	c.fail(ReasonJSON, "not JSON at byte "+strconv.Itoa(c.i)+": "+what)
}

// peek skips blanks and shows the next byte; 0 at the end.
func (c *cursor) peek() byte {
	for c.i < len(c.b) {
		switch ch := c.b[c.i]; ch {
		case ' ', '\t', '\n', '\r':
			c.i++
		default:
			return ch
		}
	}
	return 0
}

// enter steps into an array or object; it reports whether there is anything inside.
func (c *cursor) enter(shut byte) bool {
	c.i++
	if c.peek() == shut {
		c.i++
		return false
	}
	return c.fault == nil
}

// next steps over a comma; it reports false once it has stepped over the shutting bracket.
func (c *cursor) next(shut byte) bool {
	switch c.peek() {
	case ',':
		c.i++
		return true
	case shut:
		c.i++
	default:
		if c.fault == nil {
			c.bad("expected , or " + string(rune(shut)))
		}
	}
	return false
}

// key reads a member's name and its colon. The bytes are good until the next string is read.
func (c *cursor) key() []byte {
	if c.peek() != '"' {
		c.bad("expected a name in quotes")
		return nil
	}
	k := c.str()
	if c.peek() != ':' {
		c.bad("expected :")
		return nil
	}
	c.i++
	return k
}

// str reads a string, the cursor being on its opening quote. The bytes are good until the next
// string is read.
func (c *cursor) str() []byte {
	c.i++
	start := c.i
	for c.i < len(c.b) {
		switch ch := c.b[c.i]; {
		case ch == '"':
			c.i++
			return c.b[start : c.i-1]
		case ch == '\\':
			return c.escaped(start)
		case ch < 0x20:
			c.bad("control character in a string")
			return nil
		}
		c.i++
	}
	c.bad("string without end")
	return nil
}

func (c *cursor) escaped(start int) []byte {
	c.text = append(c.text[:0], c.b[start:c.i]...)
	for c.i < len(c.b) {
		ch := c.b[c.i]
		c.i++
		switch {
		case ch == '"':
			return c.text
		case ch < 0x20:
			c.bad("control character in a string")
			return nil
		case ch != '\\':
			c.text = append(c.text, ch)
		default:
			if !c.escape() {
				c.bad("bad escape in a string")
				return nil
			}
		}
	}
	c.bad("string without end")
	return nil
}

func (c *cursor) escape() bool {
	if c.i >= len(c.b) {
		return false
	}
	ch := c.b[c.i]
	c.i++
	switch ch {
	case '"', '\\', '/':
	case 'b':
		ch = '\b'
	case 'f':
		ch = '\f'
	case 'n':
		ch = '\n'
	case 'r':
		ch = '\r'
	case 't':
		ch = '\t'
	case 'u':
		r, ok := c.hex4()
		if !ok {
			return false
		}
		c.text = utf8.AppendRune(c.text, c.surrogate(r))
		return true
	default:
		return false
	}
	c.text = append(c.text, ch)
	return true
}

// surrogate joins r with the escape that follows when both are halves of one character. A half
// alone becomes U+FFFD.
func (c *cursor) surrogate(r rune) rune {
	if !utf16.IsSurrogate(r) {
		return r
	}
	at := c.i
	if at+1 < len(c.b) && c.b[at] == '\\' && c.b[at+1] == 'u' {
		c.i += 2
		if low, ok := c.hex4(); ok {
			if whole := utf16.DecodeRune(r, low); whole != utf8.RuneError {
				return whole
			}
		}
		c.i = at
	}
	return utf8.RuneError
}

func (c *cursor) hex4() (rune, bool) {
	if c.i+4 > len(c.b) {
		return 0, false
	}
	var r rune
	for _, ch := range c.b[c.i : c.i+4] {
		switch {
		case ch >= '0' && ch <= '9':
			r = r<<4 | rune(ch-'0')
		case ch|0x20 >= 'a' && ch|0x20 <= 'f':
			r = r<<4 | rune(ch|0x20-'a'+10)
		default:
			return 0, false
		}
	}
	c.i += 4
	return r, true
}

// word steps over w if it is next.
func (c *cursor) word(w string) bool {
	if len(c.b)-c.i >= len(w) && string(c.b[c.i:c.i+len(w)]) == w {
		c.i += len(w)
		return true
	}
	return false
}

// null steps over a null.
func (c *cursor) null() bool { return c.peek() == 'n' && c.word("null") }

// skip steps over one value of any kind that nobody asked for.
func (c *cursor) skip(depth int) {
	if depth > maxDepth {
		c.fail(ReasonDeep, "nested too deep; the payload needs four levels")
		return
	}
	switch ch := c.peek(); ch {
	case '{':
		for more := c.enter('}'); more; more = c.next('}') {
			c.key()
			c.skip(depth + 1)
		}
	case '[':
		for more := c.enter(']'); more; more = c.next(']') {
			c.skip(depth + 1)
		}
	case '"':
		c.str()
	case 't', 'f', 'n', 'N', 'I':
		if !c.word("true") && !c.word("false") && !c.word("null") && !c.notNumber() {
			c.bad("unknown word")
		}
	default:
		if ch != '-' || !c.notNumber() {
			c.number()
		}
	}
}

func (c *cursor) notNumber() bool {
	return c.word("NaN") || c.word("Infinity") || c.word("-Infinity")
}
