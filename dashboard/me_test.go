package dashboard

import (
	"crypto/ecdh"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"wardwatch/ward"
)

func TestMe(t *testing.T) {
	h := open(t, nil)
	a := h.do(ask{method: "GET", path: "/api/v1/me", as: "p-doctor"})
	r := decode[MeReply](t, a)
	if len(r.OnDuty) != 1 || r.OnDuty[0].Role != "duty_lead" || r.OnDuty[0].Ward != "" || r.OnDuty[0].Until != noon.Add(19*time.Hour).UnixMilli() || r.PushKey != "BPushKey" || r.Person.ID != "p-doctor" {
		t.Errorf("%s", a.body)
	}
	if len(r.Contacts) != 1 || r.Contacts[0].Label != "Điện thoại" || strings.Contains(a.body, "SECRET") {
		t.Errorf("an address is shown, or a contact is not: %s", a.body)
	}
	if r := decode[MeReply](t, h.do(ask{method: "GET", path: "/api/v1/me", as: "p-nurse_in_charge"})); len(r.OnDuty) != 0 {
		t.Errorf("on duty tonight, and said to be so at noon: %+v", r.OnDuty)
	}
}

// subscription is what a browser gives: a P-256 point and a secret of 16 bytes.
func subscription(t *testing.T, edit func(map[string]string)) string {
	t.Helper()
	key, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	f := map[string]string{
		"channel": "webpush", "endpoint": "https://fcm.googleapis.com/fcm/send/abc", "label": "Điện thoại trực",
		"p256dh": base64.RawURLEncoding.EncodeToString(key.PublicKey().Bytes()), "auth": base64.RawURLEncoding.EncodeToString(make([]byte, 16)),
	}
	if edit != nil {
		edit(f)
	}
	return fmt.Sprintf(`{"channel":%q,"endpoint":%q,"p256dh":%q,"auth":%q,"label":%q}`, f["channel"], f["endpoint"], f["p256dh"], f["auth"], f["label"])
}

func TestEnrollingATelephone(t *testing.T) {
	h := open(t, nil)
	add := func(edit func(map[string]string)) answer {
		h.clock.pass(time.Minute) // not too often
		return h.do(ask{method: "POST", path: "/api/v1/me/contacts", as: "p-nurse", body: subscription(t, edit)})
	}
	a := add(nil)
	c := decode[ContactReply](t, a)
	if a.status != 201 || c.Label != "Điện thoại trực" || strings.Contains(a.body, "googleapis") {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if kept := h.duty.contacts[c.ID]; kept.Person != "p-nurse" || kept.Channel != "webpush" || !strings.HasSuffix(kept.Address, "/abc") || kept.Auth == "" {
		t.Errorf("%+v", kept)
	}
	if a := add(func(f map[string]string) { f["auth"] += "==" }); a.status != 201 {
		t.Errorf("a key with padding: %d %s", a.status, a.body)
	}
	set := func(field, value string) func(map[string]string) {
		return func(f map[string]string) { f[field] = value }
	}
	for name, edit := range map[string]func(map[string]string){
		"a telephone number by oneself": set("channel", "sms"),
		"without TLS":                   set("endpoint", "http://fcm.googleapis.com/x"),
		"no host":                       set("endpoint", "https:///x"),
		"with a password":               set("endpoint", "https://a:b@push.example/x"),
		"a file":                        set("endpoint", "file:///etc/passwd"),
		"longer than 1 kB":              set("endpoint", "https://push.example/"+strings.Repeat("x", maxEndpoint)),
		"not an address":                set("endpoint", "https://push.example/%zz"),
		"a point too short":             set("p256dh", base64.RawURLEncoding.EncodeToString(make([]byte, 64))),
		"65 bytes that are no point":    set("p256dh", base64.RawURLEncoding.EncodeToString(append([]byte{4}, make([]byte, 64)...))),
		"not base64url":                 set("p256dh", "a+b/"),
		"a secret of 15 bytes":          set("auth", base64.RawURLEncoding.EncodeToString(make([]byte, 15))),
		"too long a label":              set("label", strings.Repeat("a", maxLabel+1)),
	} {
		if a := add(edit); a.status != 400 || strings.Contains(a.body, "push.example") {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
	}
	for i := range 2 * ringBurst {
		a = h.do(ask{method: "POST", path: "/api/v1/me/contacts", as: "p-nurse", body: subscription(t, nil)})
		if i < ringBurst-1 && a.status == 429 {
			t.Fatalf("try %d is held back", i+1)
		}
	}
	if a.status != 429 {
		t.Errorf("one after the other: %d", a.status)
	}
}

func TestAServerWithoutWebPush(t *testing.T) {
	h := open(t, func(o *Options) { o.PushKey = "" })
	if a := h.do(ask{method: "POST", path: "/api/v1/me/contacts", as: "p-nurse", body: subscription(t, nil)}); a.status != 503 {
		t.Errorf("%d %s", a.status, a.body)
	}
}

// Somebody else's contact is not there to be tried or removed.
func TestOnesOwnContacts(t *testing.T) {
	h := open(t, nil)
	for _, c := range []struct {
		method, path string
		status       int
	}{
		{"POST", "/api/v1/me/contacts/c-doctor/test", 404},
		{"DELETE", "/api/v1/me/contacts/c-doctor", 404},
		{"POST", "/api/v1/me/contacts/c-nurse/test", 204},
		{"DELETE", "/api/v1/me/contacts/c-nurse", 204},
		{"DELETE", "/api/v1/me/contacts/c-nurse", 404},
	} {
		if a := h.do(ask{method: c.method, path: c.path, as: "p-nurse"}); a.status != c.status {
			t.Errorf("%s %s: %d, want %d", c.method, c.path, a.status, c.status)
		}
	}
	if want := []string{"webpush|p-nurse||p-nurse"}; !slices.Equal(h.channels.tests, want) {
		t.Errorf("%q", h.channels.tests)
	}
}

// An alert is mine when I was told by name, when a duty of mine was told as a whole on a ward of mine, or
// when I took it.
func TestMyAlerts(t *testing.T) {
	h := open(t, nil)
	icu, er := ward.Place{Ward: "icu", Bed: "1"}, ward.Place{Ward: "er", Bed: "1"}
	clear(h.book.alerts)
	put := func(id ward.AlertID, p ward.Place, band ward.Band, duties ...ward.Duty) {
		h.book.alerts[id] = ward.Alert{ID: id, Place: p, Kind: ward.Clinical, State: ward.Active, Band: band, Raised: noon, Duties: duties, Version: 1}
	}
	named := func(role ward.Role, people ...ward.PersonID) ward.Duty {
		return ward.Duty{Role: role, Told: noon, How: ward.HeldByRoster, People: people}
	}
	taken := named(ward.RoleNurse, "p-nurse")
	taken.Accepted, taken.By = noon, "p-nurse"
	put("by-name", icu, ward.Medium, named(ward.RoleNurse, "p-nurse"))
	put("by-duty", icu, ward.High, ward.Duty{Role: ward.RoleNurse, Told: noon})
	put("to-all", icu, ward.LowMedium, ward.Duty{Role: ward.RoleNurse, Told: noon, How: ward.HeldByAll, People: []ward.PersonID{"p-other"}})
	put("another", icu, ward.High, named(ward.RoleNurse, "p-other"))
	put("doctors", icu, ward.High, ward.Duty{Role: ward.RoleDoctor, Told: noon})
	put("taken", er, ward.High, taken)
	put("candidate", icu, ward.High, named(ward.RoleNurse, "p-nurse"))
	c := h.book.alerts["candidate"]
	c.State = ward.Candidate
	h.book.alerts["candidate"] = c
	list := func(as ward.PersonID) (out []string) {
		for _, a := range decode[[]MyAlertReply](t, h.do(ask{method: "GET", path: "/api/v1/me/alerts", as: as})) {
			out = append(out, fmt.Sprint(a.ID, " ", a.Mine, " ", a.Answered))
		}
		return out
	}
	if got, want := list("p-nurse"), []string{"by-duty nurse false", "by-name nurse false", "to-all nurse false", "taken nurse true"}; !slices.Equal(got, want) {
		t.Errorf("\n%q\n%q", got, want)
	}
	if got := list("p-doctor"); !slices.Equal(got, []string{"doctors doctor_on_duty false"}) {
		t.Errorf("%q", got)
	}
	if got := list("p-elsewhere"); len(got) != 0 {
		t.Errorf("a doctor of another ward has %q", got)
	}
}

// The duty in which somebody acts is the one that names them, before one that they hold with others.
func TestTheDutyOneActsIn(t *testing.T) {
	lead := ward.Person{ID: "lan", Access: ward.AccessDoctor, Duties: []ward.Role{ward.RoleDoctor, ward.RoleLead}}
	told := func(role ward.Role, people ...ward.PersonID) ward.Duty {
		return ward.Duty{Role: role, Told: noon, People: people}
	}
	accepted := func(d ward.Duty, by ward.PersonID) ward.Duty {
		d.Accepted, d.By = noon, by
		return d
	}
	for _, c := range []struct {
		name   string
		duties []ward.Duty
		do     ward.Deed
		want   ward.Role
	}{
		{"nobody was told yet", nil, ward.DoAccept, ward.RoleDoctor},
		{"named as duty lead", []ward.Duty{told(ward.RoleDoctor), told(ward.RoleLead, "lan")}, ward.DoAccept, ward.RoleLead},
		{"named in a duty that the list of people does not give them", []ward.Duty{told(ward.RoleICU, "lan")}, ward.DoAccept, ward.RoleICU},
		{"one answered by another, one open", []ward.Duty{accepted(told(ward.RoleDoctor), "hai"), told(ward.RoleLead)}, ward.DoAccept, ward.RoleLead},
		{"another was told in each", []ward.Duty{told(ward.RoleLead, "hai"), told(ward.RoleDoctor, "hai")}, ward.DoAccept, ward.RoleDoctor},
		{"on the way in the duty accepted", []ward.Duty{accepted(told(ward.RoleDoctor, "lan"), "lan"), told(ward.RoleLead)}, ward.DoOnWay, ward.RoleDoctor},
	} {
		q := &call{}
		q.who.Person = lead
		got, err := q.role("", c.do, &ward.Alert{Place: ward.Place{Ward: "icu"}, Duties: c.duties})
		if err != nil || got != c.want {
			t.Errorf("%s: %q %v, want %q", c.name, got, err, c.want)
		}
	}
}

// Whatever a browser sends: what is taken is an https address with keys of the right form.
func FuzzSubscription(f *testing.F) {
	f.Add("https://push.example/a", "BPoint", "AAAAAAAAAAAAAAAAAAAAAA")
	f.Add("https://[::1]:443/", "BA", "==")
	f.Add("javascript:alert(1)", "", "")
	f.Fuzz(func(t *testing.T, endpoint, p256dh, auth string) {
		if validSubscription(&ContactBody{Endpoint: endpoint, P256dh: p256dh, Auth: auth}) != nil {
			return
		}
		point, err := decodeKey(p256dh)
		secret, err2 := decodeKey(auth)
		if err != nil || err2 != nil || len(point) != 65 || len(secret) != 16 || !strings.HasPrefix(strings.ToLower(endpoint), "https://") || len(endpoint) > maxEndpoint {
			t.Fatalf("%q %q %q was taken", endpoint, p256dh, auth)
		}
	})
}
