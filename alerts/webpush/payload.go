package webpush

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"time"

	push "github.com/SherClockHolmes/webpush-go"

	"wardwatch/alerts/wording"
	"wardwatch/ward"
)

// MaxPayload is the longest payload sent, in bytes before encryption. Push services take 4,096 bytes
// encrypted, but some pass a message on in base64 inside another of that size, so that this much is
// what reaches every browser.
const MaxPayload = 2820

// recordSize is the length of every message as sent: 86 bytes of header (RFC 8188, 2.1, with a P-256
// point as key id), payload, delimiter and padding, and 16 bytes of tag.
const recordSize = 86 + MaxPayload + 1 + 16

// payload is what the service worker shows. It is a contract: fields are added, never renamed, and
// V rises when that cannot be kept.
type payload struct {
	V          int            `json:"v"`
	Notice     ward.NoticeID  `json:"notice"`
	Alert      ward.AlertID   `json:"alert"`
	Ward       ward.WardID    `json:"ward"`
	Bed        ward.BedID     `json:"bed"`
	Kind       ward.AlertKind `json:"kind"`
	Band       string         `json:"band"`
	Level      int            `json:"level"`
	Role       ward.Role      `json:"role"`
	Why        ward.NoticeWhy `json:"why"`
	Link       string         `json:"link"`
	Simulation bool           `json:"simulation"`
	TitleVI    string         `json:"title_vi"`
	TitleEN    string         `json:"title_en"`
	TextVI     string         `json:"text_vi"`
	TextEN     string         `json:"text_en"`
	Tag        string         `json:"tag"`     // a newer notice of the same tag replaces the older on the screen
	At         int64          `json:"at"`      // when the notice was made, Unix ms
	Require    bool           `json:"require"` // stays on the screen until somebody answers it
}

// Body is the payload of a notice, before encryption.
func (s *Sender) Body(n ward.Notice) ([]byte, error) {
	sim := s.o.Simulation
	p := payload{
		V: 1, Notice: n.ID, Alert: n.Alert, Ward: n.Place.Ward, Bed: n.Place.Bed, Kind: n.Kind, Band: n.Band.String(),
		Level: n.Level, Role: n.Role, Why: n.Why, Simulation: sim, Tag: topic(n), At: n.Made.UnixMilli(), Require: insists(n),
		TitleVI: wording.Title(wording.Vietnamese, n, sim), TitleEN: wording.Title(wording.English, n, sim),
		TextVI: wording.Line(wording.Vietnamese, n, sim), TextEN: wording.Line(wording.English, n, sim),
	}
	if s.o.Link != nil {
		p.Link = s.o.Link(n)
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(p); err != nil {
		return nil, errors.New("the notice could not be written as JSON")
	}
	body := bytes.TrimRight(b.Bytes(), "\n")
	if len(body) > MaxPayload {
		return nil, errors.New("the notice is too long for a push message: shorten public_url")
	}
	return body, nil
}

// insists says whether the notification stays until it is answered.
func insists(n ward.Notice) bool {
	return n.Why == ward.WhyAlert && n.Kind != ward.Technical && n.Band == ward.High
}

// topic names what a newer message replaces while the older is undelivered (RFC 8030, 5.4): at most
// 32 characters of base64url. The push service sees it, so that it is not the alert's own id.
func topic(n ward.Notice) string {
	about := string(n.Alert)
	if n.Why == ward.WhyTest {
		about = "test"
	}
	sum := sha256.Sum256([]byte("wardwatch|" + about))
	return base64.RawURLEncoding.EncodeToString(sum[:24])
}

// urgency is normal for technical notices alone. A telephone that sleeps holds a normal message back
// for longer than any clinical notice lives (RFC 8030, 5.3, counts time-sensitive alerts as high).
func urgency(n ward.Notice) push.Urgency {
	if n.Kind == ward.Technical && n.Why != ward.WhyTest {
		return push.UrgencyNormal
	}
	return push.UrgencyHigh
}

// ttl is how long the push service may keep the message, in seconds: not past the notice's deadline,
// when the ladder has moved on.
func ttl(n ward.Notice, now time.Time) int {
	left := n.Expires.Sub(now)
	return int(max(0, (left+time.Second-1)/time.Second))
}
