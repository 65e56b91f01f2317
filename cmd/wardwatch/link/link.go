// Package link makes the addresses in notices: short-lived, bound to one person, and no key to
// anything by themselves. Whoever opens one must be signed in as that person.
package link

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"strings"
	"time"

	"wardwatch/ward"
)

// Life is how long an address in a notice opens its alert; a proposal. After it the person's own list
// of alerts is one step further.
const Life = 30 * time.Minute

const (
	keySize = 32
	macSize = 12 // 96 bits: an address must fit a text message, and a guess is tried against a server
)

// Links signs and opens addresses.
type Links struct {
	key   []byte
	board string
}

// New makes addresses under board, the address at which staff reach Wardwatch; empty: there are none.
// The key is kept in file, made on first use.
func New(file, board string) (*Links, error) {
	key, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		key = make([]byte, keySize)
		_, _ = rand.Read(key) // never fails
		err = os.WriteFile(file, key, 0o600)
	}
	if err != nil {
		return nil, fmt.Errorf("the key of the links in notices: %w", err)
	}
	if len(key) != keySize {
		return nil, &ward.Error{Code: ward.BadInput, Message: "the key of the links in notices is damaged", Hint: "remove " + file + ": a new one is made, and links already sent end"}
	}
	return &Links{key: key, board: strings.TrimRight(board, "/")}, nil
}

// For is the address in a notice made at n.Made: of the alert's page for a person, of the board for a
// group. Empty without an address of the board, and for a test.
func (l *Links) For(n ward.Notice) string {
	switch {
	case l.board == "" || n.Why == ward.WhyTest:
		return ""
	case n.To == "" && n.Place.Ward == "":
		return l.board + "/"
	case n.To == "":
		return l.board + "/board/" + url.PathEscape(string(n.Place.Ward)) + "?alert=" + url.QueryEscape(string(n.Alert))
	}
	return l.board + "/a/" + l.token(n.To, n.Alert, n.Made.Add(Life))
}

// token is the end of its life in Unix seconds, the alert, the person, and the signature of these.
func (l *Links) token(p ward.PersonID, a ward.AlertID, until time.Time) string {
	b := binary.BigEndian.AppendUint32(nil, uint32(until.Unix()))
	b = append(b, a...)
	b = append(b, 0)
	b = append(b, p...)
	return base64.RawURLEncoding.EncodeToString(append(b, l.mac(b)...))
}

func (l *Links) mac(b []byte) []byte {
	m := hmac.New(sha256.New, l.key)
	m.Write([]byte("wardwatch link 1\x00"))
	m.Write(b)
	return m.Sum(nil)[:macSize]
}

// maxToken bounds what is looked at; two identifiers fit.
const maxToken = 4 * (ward.MaxID + 32)

// Open says for whom and for which alert a token was made. It refuses with ward.NotFound what is not
// one of ours, and with ward.Unavailable, naming person and alert all the same, one that has expired.
func (l *Links) Open(token string, now time.Time) (ward.PersonID, ward.AlertID, error) {
	no := &ward.Error{Code: ward.NotFound, Message: "this link was not made here", Hint: "open it from the message again, or sign in"}
	if len(token) > maxToken {
		return "", "", no
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(b) < 4+macSize {
		return "", "", no
	}
	body, mac := b[:len(b)-macSize], b[len(b)-macSize:]
	if !hmac.Equal(mac, l.mac(body)) {
		return "", "", no
	}
	alert, person, _ := strings.Cut(string(body[4:]), "\x00")
	until := time.Unix(int64(binary.BigEndian.Uint32(body)), 0)
	if !now.Before(until) {
		return ward.PersonID(person), ward.AlertID(alert), &ward.Error{Code: ward.Unavailable, Message: "this link has expired", Hint: "your alerts are on the phone page"}
	}
	return ward.PersonID(person), ward.AlertID(alert), nil
}
