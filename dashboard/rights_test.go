package dashboard

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"wardwatch/dashboard/signin"
	"wardwatch/ward"
)

// rights says again, apart from the program, who may do what: N nurse, C nurse in charge,
// D doctor, E engineer, A administrator, V a wall's display. "all" needs no sign-in.
var rights = []struct{ route, body, who string }{
	{"GET /api/v1/session", "", "NCDEAV"},
	{"POST /api/v1/session", `{"login":"x","password":"y"}`, "own"},
	{"DELETE /api/v1/session", "", "NCDEAV"},
	{"PATCH /api/v1/session", `{"lang":"en"}`, "NCDEAV"},
	{"GET /api/v1/wards", "", "NCDEAV"},
	{"GET /api/v1/wards/icu/stream", "", "NCDEAV"},
	{"GET /api/v1/wards/icu/alerts", "", "NCDEAV"},
	{"GET /api/v1/wards/icu/beds/1/trend", "", "NCDEAV"},
	{"GET /api/v1/wards/icu/beds/1/assessment", "", "NCDEAV"},
	{"POST /api/v1/wards/icu/beds/1/device", `{"device":"mon-1","confirm":true}`, "NCDE"},
	{"GET /api/v1/alerts/A1", "", "NCDEAV"},
	{"POST /api/v1/alerts/A1/actions", `{"do":"accept"}`, "NCD"},
	{"POST /api/v1/alerts/T1/actions", `{"do":"accept"}`, "NCDE"},
	{"POST /api/v1/stays", `{"ward":"icu","bed":"1"}`, "NCD"},
	{"POST /api/v1/stays/import", "csv", "C"},
	{"GET /api/v1/stays/export?ward=icu", "", "C"},
	{"GET /api/v1/stays/s1", "", "NCD"},
	{"POST /api/v1/stays/s1/transfer", `{"ward":"icu","bed":"4"}`, "NCD"},
	{"POST /api/v1/stays/s1/discharge", `{"reason":"discharged"}`, "NCD"},
	{"POST /api/v1/stays/s1/off-ward", `{"destination":"X-ray","until":1}`, "NCD"},
	{"POST /api/v1/stays/s1/return", `{}`, "NCD"},
	{"POST /api/v1/stays/s1/scale", `{"number":2,"reason":"COPD"}`, "D"},
	{"POST /api/v1/stays/s1/limits", `{"vital":"hr","low":40,"reason":"athlete","until":1795348800000}`, "D"},
	{"DELETE /api/v1/stays/s1/limits/hr", "", "D"},
	{"POST /api/v1/stays/s1/care", `{"status":"ceilings"}`, "D"},
	{"POST /api/v1/stays/s1/undo", `{}`, "NCD"},
	{"POST /api/v1/stays/s1/observations", `{"values":{"rr":18},"partial":"monitored"}`, "NCD"},
	{"GET /api/v1/devices", "", "EA"},
	{"POST /api/v1/devices", `{"user":"mon-9","grants":[{"ward":"icu","bed":"1"}]}`, "EA"},
	{"DELETE /api/v1/devices/mon-9", "", "EA"},
	{"GET /api/v1/people", "", "A"},
	{"POST /api/v1/people", `{}`, "A"},
	{"GET /api/v1/tokens", "", "A"},
	{"POST /api/v1/tokens", `{"person":"p-nurse","name":"HIS"}`, "A"},
	{"DELETE /api/v1/tokens/t0", "", "A"},
	{"GET /api/v1/audit", "", "CA"},
	{"GET /api/v1/models", "", "CDEA"},
	{"GET /api/v1/models/deterioration/quality?ward=icu", "", "CDEA"},
	{"GET /api/v1/models/deterioration/predictions?ward=icu", "", "EA"},
	{"POST /api/v1/wards/icu/models/deterioration/gate", `{"open":false,"reason":"too many"}`, "CDA"},
	{"POST /api/v1/wards/icu/models/deterioration/gate", `{"open":true,"version":"3","override":"agreed by the safety board"}`, "DA"},
	{"GET /api/v1/wards/icu/beds/1/findings", "", "NCD"},
	{"GET /api/v1/findings/f1/picture", "", "NCD"},
	{"GET /api/v1/findings/f1/map", "", "NCD"},
	{"POST /api/v1/findings/f1/confirmation", `{"word":"confirmed"}`, "D"},
	{"GET /api/v1/imaging/worklist", "", "CD"},
	{"POST /api/v1/imaging/worklist/w1/assign", `{"stay":"s1","reason":"seen at the bedside"}`, "CD"},
	{"POST /api/v1/imaging/worklist/w1/dismiss", `{"reason":"an outpatient"}`, "CD"},
	{"POST /api/v1/imaging/studies/1.2.3/detach", `{"reason":"the names were swapped"}`, "CD"},
	{"GET /api/v1/imaging/merges", "", "CD"},
	{"POST /api/v1/imaging/merges", `{"old":"1","new":"2","reason":"same person"}`, "CD"},
	{"DELETE /api/v1/imaging/merges", `{"old":"1","reason":"not the same person"}`, "CD"},
	{"GET /api/v1/imaging/state", "", "CDEA"},
	{"GET /api/v1/imaging/quality?ward=icu", "", "CDEA"},
	{"GET /api/v1/imaging/quality.csv?ward=icu", "", "CDEA"},
	{"GET /api/v1/imaging/errors.csv?ward=icu", "", "CDEA"},
	{"GET /api/v1/wards/icu/duty", "", "NCDEAV"},
	{"GET /api/v1/wards/icu/staff", "", "NCDEA"},
	{"GET /api/v1/wards/icu/roster", "", "NCDEA"},
	{"POST /api/v1/wards/icu/roster", `{"role":"nurse","person":"p-nurse","from":1795262400000,"to":1795291200000}`, "CA"},
	{"GET /api/v1/wards/icu/roster.csv", "", "CA"},
	{"POST /api/v1/wards/icu/duty/nurse/default", `{"people":["p-nurse"]}`, "CA"},
	{"DELETE /api/v1/roster/sh3", "", "CA"},
	{"POST /api/v1/roster/import", "csv", "CA"},
	{"POST /api/v1/stays/s1/assignment", `{"nurse":"p-nurse"}`, "NC"},
	{"POST /api/v1/stays/s1/assignment", `{"doctor":"p-doctor"}`, "CD"},
	{"POST /api/v1/stays/s1/symptoms", `{"pain":0,"breathless":1,"agitation":0,"nausea":0,"secretions":0}`, "NCD"},
	{"GET /api/v1/stays/s1/symptoms", "", "NCD"},
	{"POST /api/v1/handovers", `{"ward":"icu","role":"nurse","to":"p-nurse","stays":["s1"]}`, "NCD"},
	{"POST /api/v1/handovers", `{"ward":"icu","role":"nurse","from":"p-elsewhere","to":"p-nurse","stays":["s1"]}`, "C"},
	{"GET /api/v1/wards/icu/handovers", "", "NCD"},
	{"POST /api/v1/handovers/h1/answer", `{"state":"withdrawn"}`, "C"},
	{"POST /api/v1/handovers/h1/answer", `{"state":"accepted"}`, "N"},
	{"GET /api/v1/wards/icu/handover-digest?role=nurse&lang=vi", "", "NCD"},
	{"GET /api/v1/me", "", "NCDEA"},
	{"GET /api/v1/me/alerts", "", "NCDEA"},
	{"POST /api/v1/me/contacts", `{"channel":"webpush"}`, "NCDEA"},
	{"POST /api/v1/me/contacts/c-nurse/test", "", "NCDEA"},
	{"DELETE /api/v1/me/contacts/c-nurse", "", "NCDEA"},
	{"GET /api/v1/alerts/A1/page", "", "NCD"},
	{"GET /api/v1/alerts/T1/page", "", "NCDE"},
	{"GET /api/v1/quality/alerts?ward=icu", "", "CDEA"},
	{"GET /api/v1/quality/alerts.csv?ward=icu&table=alerts", "", "CDEA"},
	{"GET /api/v1/channels", "", "CDEA"},
	{"POST /api/v1/channels/siren/test", "", "EA"},
	{"GET /a/good", "", "all"},
	{"GET /phone", "", "all"},
	{"GET /phone/alert/A1", "", "all"},
	{"GET /sw.js", "", "all"},
	{"GET /manifest.webmanifest", "", "all"},
	{"GET /api/v1/openapi.json", "", "all"},
	{"GET /api/v1/schema/vitals.json", "", "all"},
	{"GET /healthz", "", "all"},
	{"GET /readyz", "", "all"},
	{"GET /metrics", "", "all"},
	{"GET /", "", "all"},
	{"GET /signin", "", "all"},
	{"GET /board/icu", "", "all"},
}

var letters = map[ward.Access]string{
	ward.AccessNurse: "N", ward.AccessCharge: "C", ward.AccessDoctor: "D", ward.AccessEngineer: "E", ward.AccessAdmin: "A", ward.AccessDisplay: "V",
}

func TestEveryRouteForEveryAccess(t *testing.T) {
	h := open(t, func(o *Options) { o.StreamsPerPerson = 100 })
	named := map[string]bool{}
	for _, r := range rights {
		method, path, _ := strings.Cut(r.route, " ")
		named[h.patternOf(method, path)] = true
		a := ask{method: method, path: path, body: r.body}
		if r.body == "csv" {
			a.kind = "text/csv"
		}
		none := h.do(a).status
		switch r.who {
		case "own": // checks a password by itself
			if none != http.StatusUnauthorized {
				t.Errorf("%s with a wrong password: %d", r.route, none)
			}
			continue
		case "all":
			if none >= 400 {
				t.Errorf("%s needs no sign-in, and answered %d", r.route, none)
			}
			continue
		}
		if none != http.StatusUnauthorized {
			t.Errorf("%s without signing in: %d", r.route, none)
		}
		for _, access := range everyAccess {
			a.as = ward.PersonID("p-" + access)
			status := h.do(a).status
			allowed := status != http.StatusForbidden && status != http.StatusUnauthorized
			if want := strings.Contains(r.who, letters[access]); allowed != want {
				t.Errorf("%s as %s: %d, allowed should be %v", r.route, access, status, want)
			}
			select {
			case <-h.submitted:
			default:
			}
		}
	}
	for _, r := range h.s.routes {
		if !named[r.Method+" "+r.Path] {
			t.Errorf("%s %s is not in the matrix", r.Method, r.Path)
		}
	}
}

// patternOf is the route that serves a path.
func (h *house) patternOf(method, path string) string {
	path, _, _ = strings.Cut(path, "?")
	got := strings.Split(path, "/")
next:
	for _, r := range h.s.routes {
		want := strings.Split(r.Path, "/")
		if r.Method != method || len(want) != len(got) {
			continue
		}
		for i := range want {
			if want[i] != got[i] && !strings.HasPrefix(want[i], "{") {
				continue next
			}
		}
		return r.Method + " " + r.Path
	}
	h.t.Fatalf("no route for %s %s", method, path)
	return ""
}

// ofICU are parts of the addresses of what belongs to one ward, or to no ward alone.
var ofICU = []string{"icu", "/s1", "A1", "/f1", "/w1", "/1.2.3", "/merges", "/h1"}

// A person who works on one ward sees nothing of another.
func TestAnotherWardIsClosed(t *testing.T) {
	h := open(t, nil)
	for _, r := range rights {
		if !strings.Contains(r.who, "D") || !slices.ContainsFunc(ofICU, func(part string) bool { return strings.Contains(r.route, part) }) {
			continue
		}
		method, path, _ := strings.Cut(r.route, " ")
		if a := h.do(ask{method: method, path: path, body: r.body, as: "p-elsewhere"}); a.status != http.StatusForbidden {
			t.Errorf("%s from another ward: %d %s", r.route, a.status, a.body)
		}
	}
	// Nor can it be reached by a body.
	for path, body := range map[string]string{
		"/api/v1/stays":     `{"ward":"icu","bed":"3"}`,
		"/api/v1/handovers": `{"ward":"icu","role":"doctor_on_duty","to":"p-doctor","stays":["s1"]}`,
	} {
		if a := h.do(ask{method: "POST", path: path, body: body, as: "p-elsewhere"}); a.status != http.StatusForbidden {
			t.Errorf("%s into another ward: %d", path, a.status)
		}
	}
	if list := decode[[]WardReply](t, h.do(ask{method: "GET", path: "/api/v1/wards", as: "p-elsewhere"})); len(list) != 1 || list[0].ID != "er" {
		t.Errorf("wards: %+v", list)
	}
}

func TestCSRF(t *testing.T) {
	h := open(t, nil)
	a := ask{method: "POST", path: "/api/v1/alerts/A1/actions", body: `{"do":"accept"}`}
	for _, c := range []struct {
		name, csrf string
		header     map[string]string
		status     int
	}{
		{"without the word", "-", nil, 403},
		{"another session's word", signin.Identity{Session: "other"}.CSRF(), nil, 403},
		{"the right word", "", nil, 200},
		{"the right word from another site", "", map[string]string{"Sec-Fetch-Site": "cross-site"}, 403},
		{"the right word from a neighbouring host", "", map[string]string{"Sec-Fetch-Site": "same-site"}, 403},
		{"the right word from the board itself", "", map[string]string{"Sec-Fetch-Site": "same-origin"}, 200},
	} {
		a.as, a.csrf, a.header = "p-nurse", c.csrf, c.header
		if got := h.do(a); got.status != c.status {
			t.Errorf("%s: %d %s, want %d", c.name, got.status, got.body, c.status)
		}
	}
	if _, err := h.book.NewToken(t.Context(), signin.HashSecret("a-program"), "p-nurse", "HIS"); err != nil {
		t.Fatal(err)
	}
	a = ask{method: a.method, path: a.path, body: a.body, token: "a-program"}
	if got := h.do(a); got.status != 200 {
		t.Errorf("a program needs no word: %d %s", got.status, got.body)
	}
	a.cookie, a.csrf = h.book.enter("p-nurse"), "-"
	a.token = "not-a-token"
	if got := h.do(a); got.status != 401 {
		t.Errorf("a wrong token beside a good cookie: %d", got.status)
	}
}

func TestSignInAndOut(t *testing.T) {
	h := open(t, nil)
	hash, err := signin.HashPassword("đúng mật khẩu")
	if err != nil {
		t.Fatal(err)
	}
	h.book.pass["nurse"] = hash
	try := func(password string) answer {
		return h.do(ask{method: "POST", path: "/api/v1/session", body: fmt.Sprintf(`{"login":"nurse","password":%q}`, password)})
	}
	a := try("đúng mật khẩu")
	if a.status != 200 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	cookie := a.head.Get("Set-Cookie")
	for _, want := range []string{"HttpOnly", "SameSite=Strict", "path=/"} {
		if !strings.Contains(cookie, want) {
			t.Errorf("the cookie %q lacks %s", cookie, want)
		}
	}
	secret, _, _ := strings.Cut(strings.TrimPrefix(cookie, "wardwatch="), ";")
	me := decode[SessionReply](t, h.do(ask{method: "GET", path: "/api/v1/session", cookie: secret}))
	if me.Person.ID != "p-nurse" || me.CSRF != decode[SessionReply](t, a).CSRF || me.CSRF == "" || me.Zone != "Asia/Ho_Chi_Minh" || me.Time != noon.UnixMilli() {
		t.Errorf("%+v", me)
	}
	if got := decode[SessionReply](t, h.do(ask{method: "PATCH", path: "/api/v1/session", cookie: secret, body: `{"lang":"en"}`})); got.Person.Lang != "en" {
		t.Errorf("lang is %q", got.Person.Lang)
	}
	if got := h.do(ask{method: "DELETE", path: "/api/v1/session", cookie: secret}); got.status != 204 || !strings.Contains(got.head.Get("Set-Cookie"), "max-age=") && !strings.Contains(got.head.Get("Set-Cookie"), "expires=") {
		t.Errorf("signing out: %d %q", got.status, got.head.Get("Set-Cookie"))
	}
	if got := h.do(ask{method: "GET", path: "/api/v1/session", cookie: secret}); got.status != 401 {
		t.Errorf("after signing out: %d", got.status)
	}
	if h.book.recorded("session.begin") != 1 || h.book.recorded("session.end") != 1 {
		t.Error("signing in and out was not recorded")
	}
	if got := h.do(ask{method: "POST", path: "/api/v1/session", body: `{"login":"nurse","password":"x"}`, header: map[string]string{"Sec-Fetch-Site": "cross-site"}}); got.status != 403 {
		t.Errorf("signing in from another site: %d", got.status)
	}
}

func TestGuessingIsLockedOut(t *testing.T) {
	h := open(t, nil)
	hash, _ := signin.HashPassword("đúng mật khẩu")
	h.book.pass["nurse"] = hash
	try := func(login, password string) answer {
		return h.do(ask{method: "POST", path: "/api/v1/session", body: fmt.Sprintf(`{"login":%q,"password":%q}`, login, password)})
	}
	var unknown, wrong string
	for i := range 5 {
		a, b := try("nurse", "sai"), try("nobody", "sai")
		wrong, unknown = a.body, b.body
		if i < 4 && (a.status != 401 || b.status != 401) {
			t.Fatalf("try %d: %d and %d", i+1, a.status, b.status)
		}
	}
	if wrong != unknown {
		t.Errorf("an unknown login is told apart: %s, %s", wrong, unknown)
	}
	a := try("nurse", "đúng mật khẩu")
	if a.status != 429 || a.head.Get("Retry-After") == "" {
		t.Errorf("the right password while locked: %d %s", a.status, a.body)
	}
}

func TestSessionsEnd(t *testing.T) {
	h := open(t, nil)
	secret := h.book.enter("p-nurse")
	h.clock.pass(2 * time.Hour)
	if a := h.do(ask{method: "GET", path: "/api/v1/session", cookie: secret}); a.status != 401 {
		t.Errorf("an expired session: %d", a.status)
	}
	secret = h.book.enter("p-nurse")
	p := h.book.people["p-nurse"]
	p.Disabled = true
	h.book.people["p-nurse"] = p
	if a := h.do(ask{method: "GET", path: "/api/v1/session", cookie: secret}); a.status != 401 {
		t.Errorf("a disabled person: %d", a.status)
	}
}

// The demo signs a browser of this machine in; a page from elsewhere gains nothing by it.
func TestLoopbackSignIn(t *testing.T) {
	h := open(t, func(o *Options) {
		o.Simulation = true
		o.Loopback = &ward.Person{ID: "p-nurse", Access: ward.AccessNurse, Lang: "vi"}
	})
	a := h.do(ask{method: "GET", path: "/api/v1/session"})
	if a.status != 200 || a.head.Get("Set-Cookie") == "" || !decode[SessionReply](t, a).Simulation {
		t.Fatalf("%d %s", a.status, a.body)
	}
	for _, host := range []string{"localhost", "localhost:8080", "127.0.0.1", "[::1]:8080"} {
		if a := h.do(ask{method: "GET", path: "/api/v1/wards", host: host}); a.status != 200 {
			t.Errorf("as %s: %d", host, a.status)
		}
	}
	for _, c := range []struct {
		name   string
		ask    ask
		status int
	}{
		{"a name made to point here", ask{method: "GET", path: "/api/v1/session", host: "evil.example"}, 401},
		{"a name that looks like it", ask{method: "GET", path: "/api/v1/session", host: "localhost.evil.example"}, 401},
		{"an address of the network", ask{method: "GET", path: "/api/v1/session", host: "192.0.2.7:8080"}, 401},
		{"through a proxy", ask{method: "GET", path: "/api/v1/session", header: map[string]string{"X-Forwarded-For": "203.0.113.5"}}, 401},
		{"a page of another site", ask{method: "GET", path: "/api/v1/session", header: map[string]string{"Sec-Fetch-Site": "cross-site"}}, 403},
		{"a change without a session", ask{method: "POST", path: "/api/v1/alerts/A1/actions", body: `{"do":"accept"}`}, 401},
		{"a change without its word", ask{method: "POST", path: "/api/v1/alerts/A1/actions", body: `{"do":"accept"}`, cookie: h.book.enter("p-nurse"), csrf: "-"}, 403},
		{"a wrong token", ask{method: "GET", path: "/api/v1/wards", token: "wrong"}, 401},
	} {
		if a := h.do(c.ask); a.status != c.status {
			t.Errorf("%s: %d %s, want %d", c.name, a.status, a.body, c.status)
		}
	}
}
