package dashboard

import (
	"cmp"
	"crypto/ecdh"
	"encoding/base64"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"wardwatch/dashboard/live"
	"wardwatch/dashboard/signin"
	"wardwatch/ward"
)

// MeReply is what a person's telephone must know of them.
type MeReply struct {
	Person   PersonReply    `json:"person"`
	OnDuty   []MyShift      `json:"on_duty"` // by the roster, now
	Contacts []ContactReply `json:"contacts"`
	PushKey  string         `json:"push_key"` // of Web Push (VAPID); empty: this server sends none
}

// MyShift is a duty that the person has now.
type MyShift struct {
	Ward  string `json:"ward"` // empty: for the whole hospital
	Role  string `json:"role"`
	Until int64  `json:"until"`
}

// ContactReply is one way to reach the person, without its address.
type ContactReply struct {
	ID      string `json:"id"`
	Channel string `json:"channel"`
	Label   string `json:"label"`
	Added   *int64 `json:"added"`
}

// ContactBody is a browser's push subscription (W3C Push API; keys as in RFC 8291), with what the
// person calls the telephone.
type ContactBody struct {
	Channel  string `json:"channel"` // webpush
	Endpoint string `json:"endpoint"`
	P256dh   string `json:"p256dh"` // base64url
	Auth     string `json:"auth"`   // base64url
	Label    string `json:"label,omitempty"`
}

// MyAlertReply is an open alert that concerns the person.
type MyAlertReply struct {
	live.AlertView
	Mine     string `json:"mine"`     // the duty in which it does
	Answered bool   `json:"answered"` // accepted or declined in that duty, by anybody
}

// webPush is the one channel in which people enter their own address; the others are kept by hospital IT.
const webPush = "webpush"

// Bounds of what a person may ask for: a telephone is enrolled, and tried, a few times.
const (
	ringBurst   = 6
	ringRefill  = 20 * time.Second // one more try each
	maxEndpoint = 1 << 10          // bytes
	maxLabel    = 100
	authBytes   = 16 // RFC 8291, 3.2
)

// slowDown refuses who adds addresses or sends tests too often.
func (q *call) slowDown() error {
	if until, ok := q.s.rings.Take(string(q.who.Person.ID), q.s.o.Now()); !ok {
		return &signin.WaitError{Until: until}
	}
	return nil
}

func getMe(q *call) error {
	me := q.who.Person
	list, err := q.s.o.Duty.Contacts(q.ctx, me.ID, "")
	if err != nil {
		return err
	}
	r := MeReply{Person: viewPerson(me), OnDuty: []MyShift{}, Contacts: make([]ContactReply, 0, len(list)), PushKey: q.s.o.PushKey}
	for _, c := range list {
		r.Contacts = append(r.Contacts, viewContact(c))
	}
	shifts, err := q.myShifts()
	if err != nil {
		return err
	}
	for _, s := range shifts {
		r.OnDuty = append(r.OnDuty, MyShift{Ward: string(s.Ward), Role: string(s.Role), Until: s.To.UnixMilli()})
	}
	return q.c.JSON(r)
}

func viewContact(c ward.Contact) ContactReply {
	return ContactReply{ID: c.ID, Channel: c.Channel, Label: c.Label, Added: live.Ms(c.Added)}
}

// myShifts are the person's present ones, on every ward of theirs and for the whole hospital.
func (q *call) myShifts() (out []ward.Shift, err error) {
	wards, err := q.s.o.Book.Wards(q.ctx)
	if err != nil {
		return nil, err
	}
	now := q.s.o.Now()
	for _, w := range append(slices.Clone(wards), ward.Ward{}) {
		shifts, err := q.s.o.Duty.Shifts(q.ctx, w.ID, now, now.Add(instant))
		if err != nil {
			return nil, err
		}
		for _, s := range shifts {
			if s.Person == q.who.Person.ID && s.Ward == w.ID && !now.Before(s.From) && now.Before(s.To) {
				out = append(out, s)
			}
		}
	}
	return out, nil
}

// myAlerts are the open alerts that concern the person: those still waiting first, the worst first.
func myAlerts(q *call) error {
	open, err := q.s.o.Book.OpenAlerts(q.ctx)
	if err != nil {
		return err
	}
	out := []MyAlertReply{}
	for i := range open {
		a := &open[i]
		d, ok := dutyOf(q.who.Person, a)
		if a.State == ward.Candidate || !ok || a.Place.Ward != "" && !q.who.Person.MayEnter(a.Place.Ward) {
			continue
		}
		out = append(out, MyAlertReply{AlertView: live.ViewAlert(a, q.s.o.Live.NameOf), Mine: string(d.Role), Answered: answered(d)})
	}
	slices.SortStableFunc(out, compareMine)
	return q.c.JSON(out)
}

func compareMine(a, b MyAlertReply) int {
	if a.Answered != b.Answered {
		if b.Answered {
			return -1
		}
		return 1
	}
	x, _ := ward.BandNamed(a.Band)
	y, _ := ward.BandNamed(b.Band)
	return cmp.Or(cmp.Compare(y, x), cmp.Compare(orNone(b.Raised), orNone(a.Raised)))
}

func orNone(ms *int64) int64 {
	if ms == nil {
		return 0
	}
	return *ms
}

func addContact(q *call) error {
	var b ContactBody
	if err := q.read(&b); err != nil {
		return err
	}
	if err := q.slowDown(); err != nil {
		return err
	}
	switch {
	case b.Channel != webPush:
		return badInput("only web push is entered here", "channel is webpush; hospital IT keeps telephone numbers and mail addresses")
	case q.s.o.PushKey == "":
		return &ward.Error{Code: ward.Unavailable, Message: "this server sends no web push", Hint: "hospital IT can turn it on in the configuration"}
	case len(b.Label) > maxLabel:
		return badInput("the label is too long", "a word or two, for example Điện thoại trực")
	}
	if err := validSubscription(&b); err != nil {
		return err
	}
	c := ward.Contact{Person: q.who.Person.ID, Channel: webPush, Address: b.Endpoint, P256dh: b.P256dh, Auth: b.Auth, Label: strings.TrimSpace(b.Label), Added: q.s.o.Now()}
	c, err := q.s.o.Duty.AddContact(q.ctx, c, q.who.Person.ID)
	if err != nil {
		return err
	}
	return q.c.Status(fiber.StatusCreated).JSON(viewContact(c))
}

// validSubscription refuses what no push service gives out. Nothing of it is repeated: it is an address.
func validSubscription(b *ContactBody) error {
	u, err := url.Parse(b.Endpoint)
	if err != nil || len(b.Endpoint) > maxEndpoint || u.Scheme != "https" || u.Hostname() == "" || u.User != nil || u.Fragment != "" {
		return badInput("the endpoint is not an address of a push service", "send the https endpoint of the browser's PushSubscription as it is")
	}
	point, err := decodeKey(b.P256dh)
	if err == nil {
		_, err = ecdh.P256().NewPublicKey(point)
	}
	if err != nil {
		return badInput("p256dh is not a public key", "send keys.p256dh of the PushSubscription: an uncompressed P-256 point of 65 bytes, base64url")
	}
	if secret, err := decodeKey(b.Auth); err != nil || len(secret) != authBytes {
		return badInput("auth is not a secret of 16 bytes", "send keys.auth of the PushSubscription, base64url")
	}
	return nil
}

// decodeKey reads base64url with or without its padding.
func decodeKey(s string) ([]byte, error) {
	return base64.RawURLEncoding.Strict().DecodeString(strings.TrimRight(s, "="))
}

// myContact is the contact of the path. Somebody else's is not there.
func (q *call) myContact() (ward.Contact, error) {
	id, err := q.id("id")
	if err != nil {
		return ward.Contact{}, err
	}
	list, err := q.s.o.Duty.Contacts(q.ctx, q.who.Person.ID, "")
	if err != nil {
		return ward.Contact{}, err
	}
	i := slices.IndexFunc(list, func(c ward.Contact) bool { return c.ID == id })
	if i < 0 {
		return ward.Contact{}, &ward.Error{Code: ward.NotFound, Message: "you have no such contact", Hint: "GET /api/v1/me lists yours"}
	}
	return list[i], nil
}

func removeContact(q *call) error {
	c, err := q.myContact()
	if err != nil {
		return err
	}
	if err := q.s.o.Duty.EndContact(q.ctx, c.ID, "removed by the person", q.who.Person.ID); err != nil {
		return err
	}
	return q.c.SendStatus(fiber.StatusNoContent)
}

// testContact sends a test to the person by the contact's channel.
func testContact(q *call) error {
	c, err := q.myContact()
	if err != nil {
		return err
	}
	return q.test(c.Channel, q.who.Person.ID, "")
}

// test promises a test message; whether it arrives shows at the receiver and in the channel's state.
func (q *call) test(channel string, to ward.PersonID, w ward.WardID) error {
	if q.s.o.Channels == nil {
		return errNoChannels
	}
	if err := q.slowDown(); err != nil {
		return err
	}
	if err := q.s.o.Channels.Test(q.ctx, channel, to, w, q.who.Person.ID); err != nil {
		return err
	}
	return q.c.SendStatus(fiber.StatusNoContent)
}
