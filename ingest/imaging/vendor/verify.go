package vendor

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
	"time"

	"wardwatch/ward"
)

// Tolerance is how far the time in a signature may lie from now: a signed body that somebody recorded
// cannot be sent again later.
const Tolerance = 5 * time.Minute

// maxSignatures bounds how many signatures one header may hold; a sender that changes its secret sends two.
const maxSignatures = 4

// minSecret is the shortest secret that is taken, in bytes.
const minSecret = 16

// Verify checks the signature of a body: "t=<unix seconds>,v1=<hex>", where v1 is HMAC-SHA256 over
// "<t>.<body>". The error is a *ward.Error of Forbidden.
func Verify(secret []byte, header string, body []byte, now time.Time) error {
	stamp, sums := "", []string(nil)
	for _, part := range strings.Split(header, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		switch name {
		case "t":
			stamp = value
		case "v1":
			sums = append(sums, value)
		}
	}
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil || len(sums) == 0 || len(sums) > maxSignatures {
		return forbidden("the request is not signed as it must be", `send the header as "t=<unix seconds>,v1=<hex of HMAC-SHA256 over t, a full stop and the body>"`)
	}
	if !signed(secret, sums, []byte(stamp+"."), body) {
		return forbidden("the signature does not fit the body", "check the secret, and that the body is signed as it is sent")
	}
	if age := now.Sub(time.Unix(seconds, 0)); age > Tolerance || age < -Tolerance {
		return forbidden("the signature is more than 5 minutes off our clock", "sign each request when it is sent, and check the clocks")
	}
	return nil
}

// VerifyBody checks a signature over the body alone: "sha256=<hex>". It does not notice a body that
// somebody recorded and sends again. The error is a *ward.Error of Forbidden.
func VerifyBody(secret []byte, header string, body []byte) error {
	sum, is := strings.CutPrefix(strings.TrimSpace(header), "sha256=")
	if !is {
		return forbidden("the request is not signed as it must be", `send the header as "sha256=<hex of HMAC-SHA256 over the body>"`)
	}
	if !signed(secret, []string{sum}, body) {
		return forbidden("the signature does not fit the body", "check the secret, and that the body is signed as it is sent")
	}
	return nil
}

// signed reports whether one of the sums is that of the parts. A secret that is too short signs nothing.
func signed(secret []byte, sums []string, parts ...[]byte) bool {
	mac := hmac.New(sha256.New, secret)
	for _, p := range parts {
		mac.Write(p)
	}
	right, ok := mac.Sum(nil), false
	for _, s := range sums {
		sum, err := hex.DecodeString(s)
		if err == nil && hmac.Equal(sum, right) {
			ok = true
		}
	}
	return ok && len(secret) >= minSecret
}

func forbidden(message, hint string) error {
	return &ward.Error{Code: ward.Forbidden, Message: message, Hint: hint}
}
