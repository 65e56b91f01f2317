package sms

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/textproto"
	"net/url"
	"slices"
	"strings"
)

// Template says how a gateway is asked and how its answer is read. Texts may hold fields in braces:
// {to} +84912345678, {to_digits} 84912345678, {to_national} 0912345678, {text}, {notice} the same
// for every try of one notice to one number, {from}, {coding} 0 or 2 and {unicode} 0 or 1, {secret.NAME}. What they
// stand for is escaped as its place asks; a brace is written twice.
type Template struct {
	Method  string            // GET, POST or PUT; empty: POST
	URL     string            // fields in its query alone
	Headers map[string]string // never {text}
	User    string            // of HTTP basic authentication; empty: none
	Pass    string
	Query   map[string]string
	Form    map[string]string // a body of fields; or
	JSON    map[string]any    // a JSON body; fields in its texts at any depth

	Taken Rule // the gateway took the message; empty: any 2xx
	Dead  Rule // the number can never be reached; empty: nothing says so
	Again Rule // worth another try, besides 408, 425, 429 and 5xx
}

// text is a parsed text with fields.
type text []piece

// piece is words or a field.
type piece struct {
	words string
	field string
}

var fields = []string{"to", "to_digits", "to_national", "text", "notice", "from", "coding", "unicode"}

const secretField = "secret."

// parseText reads a text with fields. Secrets are filled in at once.
func parseText(s string, secrets map[string]string) (text, error) {
	var t text
	var words strings.Builder
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c != '{' && c != '}':
			words.WriteByte(c)
		case i+1 < len(s) && s[i+1] == c:
			words.WriteByte(c)
			i++
		case c == '}':
			return nil, bad("a } in an SMS template closes nothing", "write }} for the character itself")
		default:
			name, _, closed := strings.Cut(s[i+1:], "}")
			if !closed {
				return nil, bad("a { in an SMS template is not closed", "write {{ for the character itself")
			}
			i += len(name) + 1
			if secret, ok := strings.CutPrefix(name, secretField); ok {
				value, known := secrets[secret]
				if !known {
					return nil, bad(fmt.Sprintf("the SMS template wants the secret %q, which is not given", secret), "name its file under secrets")
				}
				words.WriteString(value)
				continue
			}
			if !slices.Contains(fields, name) {
				return nil, bad(fmt.Sprintf("an SMS template has no field {%s}", name), "the fields are {"+strings.Join(fields, "}, {")+"} and {secret.NAME}")
			}
			t = append(t, piece{words: words.String()}, piece{field: name})
			words.Reset()
		}
	}
	return append(t, piece{words: words.String()}), nil
}

// fill puts values in the place of fields.
func (t text) fill(values map[string]string) string {
	var b strings.Builder
	for _, p := range t {
		b.WriteString(p.words)
		if p.field != "" {
			b.WriteString(values[p.field])
		}
	}
	return b.String()
}

func (t text) has(field string) bool {
	return slices.ContainsFunc(t, func(p piece) bool { return p.field == field })
}

// template is a Template that has been read.
type template struct {
	method  string
	url     *url.URL
	host    string
	query   map[string]text
	headers map[string]text
	form    map[string]text
	json    any // of map[string]any, []any, text and plain values
	user    text
	pass    text

	taken, dead, again rule
}

func parse(from Template, secrets map[string]string) (*template, error) {
	t := &template{method: from.Method}
	if t.method == "" {
		t.method = http.MethodPost
	}
	r := reader{secrets: secrets}
	t.query, t.form = r.texts(from.Query), r.texts(from.Form)
	t.headers = r.texts(from.Headers)
	t.user, t.pass = r.text(from.User), r.text(from.Pass)
	if from.JSON != nil {
		t.json = r.tree(from.JSON, 0)
	}
	t.taken, t.dead, t.again = r.rule(from.Taken), r.rule(from.Dead), r.rule(from.Again)
	t.readURL(&r, from.URL)
	if r.err != nil {
		return nil, r.err
	}
	return t, t.check(&r)
}

// readURL splits off the query, in which fields may stand.
func (t *template) readURL(r *reader, address string) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.User != nil || u.Fragment != "" || strings.ContainsAny(u.Host+u.Path, "{}") {
		r.fail(bad("the SMS gateway has no usable address", "give a full URL without password or fragment, for example http://10.0.0.9:13013/cgi-bin/sendsms, with fields in its query alone"))
		return
	}
	values, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		r.fail(bad("the SMS gateway's address has a query that cannot be read", "give the fields under query instead"))
		return
	}
	for k, v := range values {
		if _, twice := t.query[k]; twice || len(v) > 1 {
			r.fail(bad(fmt.Sprintf("the SMS gateway's query has %q twice", k), "keep one"))
			return
		}
		t.query[k] = r.text(v[0])
	}
	u.RawQuery = ""
	t.url, t.host = u, u.Hostname()
}

func (t *template) check(r *reader) error {
	switch {
	case !slices.Contains([]string{http.MethodGet, http.MethodPost, http.MethodPut}, t.method):
		return bad(fmt.Sprintf("the method %q is not for SMS gateways", t.method), "give GET, POST or PUT")
	case t.json != nil && len(t.form) > 0:
		return bad("the SMS template has both a form and a JSON body", "keep one")
	case t.method == http.MethodGet && (t.json != nil || len(t.form) > 0):
		return bad("the SMS template has a body, but GET has none", "use POST, or put the fields under query")
	case !r.used["text"] || !r.used["to"] && !r.used["to_digits"] && !r.used["to_national"]:
		return bad("the SMS template does not use the text and the number", "put {text} and one of {to}, {to_digits} and {to_national} where the gateway expects them")
	}
	for name, value := range t.headers {
		if !headerName(name) {
			return bad(fmt.Sprintf("%q cannot be a header of the SMS template", name), "use a name of letters, digits and -; Host, Content-Length and Transfer-Encoding are set by themselves")
		}
		if value.has("text") {
			return bad("the SMS template puts {text} into a header", "put it into the query, form or json")
		}
	}
	return nil
}

func headerName(name string) bool {
	switch textproto.CanonicalMIMEHeaderKey(name) {
	case "", "Host", "Content-Length", "Transfer-Encoding", "Connection":
		return false
	}
	return !strings.ContainsFunc(name, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-')
	})
}

// request is what the gateway is sent.
func (t *template) request(ctx context.Context, values map[string]string) (*http.Request, error) {
	u := *t.url
	u.RawQuery = encoded(t.query, values)
	var body []byte
	kind := ""
	switch {
	case t.json != nil:
		raw, err := json.Marshal(fillTree(t.json, values))
		if err != nil {
			return nil, errors.New("the SMS template's JSON cannot be written")
		}
		body, kind = raw, "application/json; charset=utf-8"
	case len(t.form) > 0:
		body, kind = []byte(encoded(t.form, values)), "application/x-www-form-urlencoded"
	}
	req, err := http.NewRequestWithContext(ctx, t.method, u.String(), bytes.NewReader(body))
	if err != nil {
		return nil, errors.New("the request to the SMS gateway could not be made")
	}
	req.Header.Set("User-Agent", "wardwatch")
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	for name, value := range t.headers {
		v := value.fill(values)
		if strings.ContainsFunc(v, func(r rune) bool { return r < ' ' || r == 0x7f }) {
			return nil, fmt.Errorf("the header %s of the SMS template would hold a line break or control character", name)
		}
		req.Header.Set(name, v)
	}
	if len(t.user) > 0 {
		if user := t.user.fill(values); user != "" {
			req.SetBasicAuth(user, t.pass.fill(values))
		}
	}
	return req, nil
}

func encoded(texts map[string]text, values map[string]string) string {
	v := url.Values{}
	for k, t := range texts {
		v.Set(k, t.fill(values))
	}
	return v.Encode()
}

func fillTree(v any, values map[string]string) any {
	switch v := v.(type) {
	case text:
		return v.fill(values)
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, x := range v {
			out[k] = fillTree(x, values)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, x := range v {
			out[i] = fillTree(x, values)
		}
		return out
	}
	return v
}
