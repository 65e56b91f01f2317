package door

import (
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"strings"
	"time"

	"wardwatch/ward"
)

// credential is the hash of a secret. The zero value is no secret: it is the hash of nothing that can be
// found. Secrets are long and random, so that a plain hash is enough; it makes comparing take as long
// whatever was sent.
type credential [sha256.Size]byte

func hashed(secret string) credential { return sha256.Sum256([]byte(secret)) }

// fits compares in constant time.
func (c credential) fits(secret credential) bool {
	return subtle.ConstantTimeCompare(c[:], secret[:]) == 1
}

// knock is a request of a known source that has its turn.
type knock func(w http.ResponseWriter, r *http.Request, s *source)

// answer says why not, as the sender's protocol does.
type answer func(w http.ResponseWriter, status int, err error)

// known lets only sources of one kind in, and only so many at a time.
func (d *Door) known(kind ward.DeliveryKind, no answer, then knock) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s := d.authenticate(r)
		if s == nil {
			d.unauthorised(w, r, no)
			return
		}
		if s.Kind != kind {
			d.count.forbidden.Add(1)
			no(w, http.StatusForbidden, &ward.Error{Code: ward.Forbidden, Message: "this source may not send that here", Hint: "it is configured for another kind"})
			return
		}
		d.inTurn(w, r, s, no, then)
	}
}

// authenticate finds the source that a request proves to be of; nil when there is none.
func (d *Door) authenticate(r *http.Request) *source {
	var shown credential
	var of func(*source) credential
	if user, password, ok := r.BasicAuth(); ok {
		shown, of = hashed(user+":"+password), func(s *source) credential { return s.password }
	} else if kind, token, _ := strings.Cut(r.Header.Get("Authorization"), " "); strings.EqualFold(kind, "Bearer") {
		shown, of = hashed(strings.TrimSpace(token)), func(s *source) credential { return s.token }
	} else {
		return nil
	}
	var found *source
	for _, s := range d.sources { // all of them, whoever it is
		if of(s).fits(shown) {
			found = s
		}
	}
	return found
}

func (d *Door) unauthorised(w http.ResponseWriter, r *http.Request, no answer) {
	d.count.unauthorised.Add(1)
	now := time.Now().Unix()
	if last := d.said.Load(); now-last >= 60 && d.said.CompareAndSwap(last, now) {
		d.o.Log.Warn("somebody knocks at the imaging door without a valid secret", "from", r.RemoteAddr)
	}
	w.Header().Add("WWW-Authenticate", `Bearer realm="wardwatch"`)
	w.Header().Add("WWW-Authenticate", `Basic realm="wardwatch"`)
	no(w, http.StatusUnauthorized, &ward.Error{Code: ward.Forbidden, Message: "the sender is not known", Hint: "send the token, the user and password, or the signature of a configured imaging source"})
}

// inTurn holds a place among the uploads of the source and of all sources while then runs.
func (d *Door) inTurn(w http.ResponseWriter, r *http.Request, s *source, no answer, then knock) {
	status, slots := http.StatusTooManyRequests, s.slots
	if take(slots) {
		defer leave(slots)
		status, slots = http.StatusServiceUnavailable, d.slots
		if take(slots) {
			defer leave(slots)
			d.pace(w, r)
			then(w, r, s)
			return
		}
	}
	d.count.busy.Add(1)
	w.Header().Set("Retry-After", retryAfter)
	no(w, status, &ward.Error{Code: ward.Unavailable, Message: "too many uploads at the same time", Hint: "send again in a few seconds, fewer at a time"})
}

func take(slots chan struct{}) bool {
	select {
	case slots <- struct{}{}:
		return true
	default:
		return false
	}
}

func leave(slots chan struct{}) { <-slots }
