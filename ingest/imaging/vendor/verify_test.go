package vendor

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var (
	secret = []byte("a secret of 32 bytes for a test.")
	body   = []byte(`{"scores":{}}`)
	now    = time.Unix(1_795_223_820, 0)
)

func sum(secret []byte, what string) string {
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(what))
	return hex.EncodeToString(mac.Sum(nil))
}

func header(secret []byte, at time.Time, body []byte) string {
	return fmt.Sprintf("t=%d,v1=%s", at.Unix(), sum(secret, fmt.Sprintf("%d.%s", at.Unix(), body)))
}

func TestVerify(t *testing.T) {
	good := header(secret, now, body)
	for _, c := range []struct {
		name   string
		secret []byte
		header string
		body   string
		ok     bool
	}{
		{"signed now", secret, good, string(body), true},
		{"4 minutes ago", secret, header(secret, now.Add(-4*time.Minute), body), string(body), true},
		{"a clock 4 minutes ahead", secret, header(secret, now.Add(4*time.Minute), body), string(body), true},
		{"spaces", secret, "t=" + good[2:12] + ", v1=" + good[16:], string(body), true},
		{"an old secret and the new one", secret, good[:12] + ",v1=" + sum([]byte("old"), "x") + good[12:], string(body), true},
		{"6 minutes ago", secret, header(secret, now.Add(-6*time.Minute), body), string(body), false},
		{"6 minutes ahead", secret, header(secret, now.Add(6*time.Minute), body), string(body), false},
		{"another body", secret, good, `{"scores":{"a":1}}`, false},
		{"another secret", []byte("another secret for this test."), good, string(body), false},
		{"another time", secret, "t=1795223821" + good[12:], string(body), false},
		{"no time", secret, good[13:], string(body), false},
		{"no signature", secret, good[:12], string(body), false},
		{"nothing", secret, "", string(body), false},
		{"no hex", secret, good[:12] + ",v1=zz", string(body), false},
		{"a far time", secret, "t=9223372036854775807,v1=" + sum(secret, "9223372036854775807."+string(body)), string(body), false},
		{"many signatures", secret, good + ",v1=a,v1=b,v1=c,v1=d", string(body), false},
		{"no secret", nil, header(nil, now, body), string(body), false},
	} {
		if err := Verify(c.secret, c.header, []byte(c.body), now); (err == nil) != c.ok {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestVerifyBody(t *testing.T) {
	good := "sha256=" + sum(secret, string(body))
	if err := VerifyBody(secret, good, body); err != nil {
		t.Error(err)
	}
	for _, wrong := range []string{"", "sha256=", good + "00", good[:len(good)-1], header(secret, now, body)} {
		if VerifyBody(secret, wrong, body) == nil {
			t.Errorf("%q passes", wrong)
		}
	}
	if VerifyBody(secret, good, []byte("other")) == nil {
		t.Error("another body passes")
	}
	if VerifyBody(nil, "sha256="+sum(nil, string(body)), body) == nil {
		t.Error("an empty secret signs")
	}
}

// No header that was not made with the secret passes, whatever else is in it.
func TestVerifyProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		other := rapid.SliceOfN(rapid.Byte(), 16, 40).Draw(t, "secret")
		b := rapid.SliceOf(rapid.Byte()).Draw(t, "body")
		if string(other) == string(secret) {
			return
		}
		if Verify(secret, header(other, now, b), b, now) == nil || Verify(secret, rapid.String().Draw(t, "header"), b, now) == nil {
			t.Fatal("passes")
		}
		if Verify(secret, header(secret, now, b), b, now) != nil {
			t.Fatal("does not pass")
		}
	})
}
