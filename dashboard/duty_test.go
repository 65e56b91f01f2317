package dashboard

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"wardwatch/dashboard/live"
	"wardwatch/ward"
)

func TestWhoIsOnDuty(t *testing.T) {
	h := open(t, nil)
	h.duty.defaults[ward.RoleDoctor] = []ward.PersonID{"p-doctor"}
	r := decode[OnDutyReply](t, h.do(ask{method: "GET", path: "/api/v1/wards/icu/duty", as: "p-display"}))
	got := map[string]string{}
	for _, x := range r.Roles {
		got[x.Role] = x.How
		for _, p := range x.People {
			got[x.Role] += " " + p.Name
		}
	}
	for role, want := range map[string]string{
		"nurse": "roster Tên nurse", "duty_lead": "roster Tên doctor", "doctor_on_duty": "default Tên doctor", "nurse_charge": "nobody", "intensive_care": "nobody", "engineer": "nobody",
	} {
		if got[role] != want {
			t.Errorf("%s is held by %q, want %q", role, got[role], want)
		}
	}
}

func TestStaffOfAWard(t *testing.T) {
	h := open(t, nil)
	var got []string
	for _, p := range decode[[]StaffReply](t, h.do(ask{method: "GET", path: "/api/v1/wards/icu/staff", as: "p-nurse"})) {
		got = append(got, p.ID+" "+strings.Join(p.Duties, ",")+" "+strings.Join(p.OnDuty, ","))
	}
	want := []string{"p-administrator  ", "p-doctor doctor_on_duty duty_lead", "p-engineer engineer ", "p-nurse nurse nurse", "p-nurse_in_charge nurse_charge "}
	if !slices.Equal(got, want) {
		t.Errorf("a wall and another ward's doctor do not work here:\n%q\n%q", got, want)
	}
}

func TestTheRoster(t *testing.T) {
	h := open(t, nil)
	charge := ward.PersonID("p-nurse_in_charge")
	r := decode[RosterReply](t, h.do(ask{method: "GET", path: "/api/v1/wards/icu/roster", as: "p-nurse"}))
	if len(r.Shifts) != 3 || r.Shifts[2].ID != "sh3" || r.Shifts[1].Ward != "" || r.Shifts[0].Name != "Tên nurse" {
		t.Errorf("%+v", r)
	}
	body := func(extra string) string {
		return fmt.Sprintf(`{"role":"nurse","person":"p-nurse","from":%d,"to":%d%s}`, noon.UnixMilli(), noon.Add(8*time.Hour).UnixMilli(), extra)
	}
	post := func(as ward.PersonID, body string) answer {
		return h.do(ask{method: "POST", path: "/api/v1/wards/icu/roster", as: as, body: body})
	}
	if a := post(charge, body("")); a.status != 201 || decode[ShiftReply](t, a).Ward != "icu" {
		t.Errorf("on the ward: %d %s", a.status, a.body)
	}
	if a := post(charge, body(`,"hospital":true`)); a.status != 201 || decode[ShiftReply](t, a).Ward != "" {
		t.Errorf("for the hospital: %d %s", a.status, a.body)
	}
	p := h.book.people[charge]
	p.Wards = []ward.WardID{"icu"}
	h.book.people[charge] = p
	for name, a := range map[string]answer{
		"a shift for the hospital":           post(charge, body(`,"hospital":true`)),
		"the end of one for the hospital":    h.do(ask{method: "DELETE", path: "/api/v1/roster/sh2", as: charge}),
		"a list, which may name any ward":    h.do(ask{method: "POST", path: "/api/v1/roster/import", as: charge, kind: "text/csv", body: "x"}),
		"a shift on a ward that is not hers": h.do(ask{method: "POST", path: "/api/v1/wards/er/roster", as: charge, body: body("")}),
	} {
		if a.status != 403 {
			t.Errorf("%s by somebody of one ward: %d", name, a.status)
		}
	}
	if a := h.do(ask{method: "DELETE", path: "/api/v1/roster/sh3", as: charge}); a.status != 204 {
		t.Errorf("removing: %d %s", a.status, a.body)
	}
	if a := h.do(ask{method: "DELETE", path: "/api/v1/roster/sh3", as: charge}); a.status != 404 {
		t.Errorf("removing again: %d", a.status)
	}
	for _, bad := range []string{`{"role":"cook","person":"p-nurse"}`, `{"role":"nurse","person":"../x"}`} {
		if a := post(charge, bad); a.status != 400 {
			t.Errorf("%s: %d", bad, a.status)
		}
	}
	if a := h.do(ask{method: "GET", path: "/api/v1/wards/icu/roster?from=0&to=1795262400000", as: "p-nurse"}); a.status != 400 {
		t.Errorf("too long a span: %d", a.status)
	}
}

func TestRosterAsCSV(t *testing.T) {
	h := open(t, nil)
	a := h.do(ask{method: "POST", path: "/api/v1/roster/import", as: "p-administrator", kind: "text/csv; charset=utf-8", body: "abcd"})
	if r := decode[RosterImportReply](t, a); a.status != 200 || r.Rows != 4 || r.Refused[0].Line != 3 || !strings.Contains(r.Refused[0].Reason, "add them") {
		t.Errorf("%d %s", a.status, a.body)
	}
	if a := h.do(ask{method: "POST", path: "/api/v1/roster/import", as: "p-administrator", body: "abcd"}); a.status != 415 {
		t.Errorf("not said to be CSV: %d", a.status)
	}
	if a := h.do(ask{method: "POST", path: "/api/v1/roster/import", as: "p-administrator", kind: "text/csv", body: strings.Repeat("x", 2*maxBody)}); a.status != 200 {
		t.Errorf("a long list: %d", a.status)
	}
	if a := h.do(ask{method: "GET", path: "/api/v1/wards/icu/roster.csv", as: "p-nurse_in_charge"}); !strings.HasPrefix(a.head.Get("Content-Type"), "text/csv") || !strings.Contains(a.body, "icu,nurse") {
		t.Errorf("%d %s", a.status, a.body)
	}
}

// A default names only people who can answer: else nobody would be told.
func TestTheDefault(t *testing.T) {
	h := open(t, nil)
	set := func(role, people string) int {
		return h.do(ask{method: "POST", path: "/api/v1/wards/icu/duty/" + role + "/default", as: "p-nurse_in_charge", body: `{"people":` + people + `}`}).status
	}
	gone := h.book.people["p-engineer"]
	gone.Disabled = true
	h.book.people["p-engineer"] = gone
	for _, c := range []struct {
		name, role, people string
		status             int
	}{
		{"the doctor, as doctor", "doctor_on_duty", `["p-doctor"]`, 200},
		{"nobody again", "doctor_on_duty", `[]`, 200},
		{"the nurse, as doctor", "doctor_on_duty", `["p-nurse"]`, 400},
		{"a doctor of another ward", "doctor_on_duty", `["p-elsewhere"]`, 400},
		{"somebody who has left", "engineer", `["p-engineer"]`, 400},
		{"a wall", "nurse", `["p-display"]`, 400},
		{"somebody who is not there", "nurse", `["p-nobody"]`, 400},
		{"no such duty", "cook", `["p-nurse"]`, 400},
	} {
		if got := set(c.role, c.people); got != c.status {
			t.Errorf("%s: %d, want %d", c.name, got, c.status)
		}
	}
}

// Everybody takes a patient or gives up their own; the nurse in charge gives them to anybody.
func TestAssignment(t *testing.T) {
	h := open(t, nil)
	h.book.people["p-nurse2"] = ward.Person{ID: "p-nurse2", Name: "Hoa", Access: ward.AccessNurse, Lang: "vi"}
	for _, c := range []struct {
		name, body string
		as         ward.PersonID
		status     int
	}{
		{"a nurse takes a patient", `{"nurse":"p-nurse"}`, "p-nurse", 200},
		{"another takes over", `{"nurse":"p-nurse2"}`, "p-nurse2", 200},
		{"one gives up what is another's", `{"nurse":""}`, "p-nurse", 403},
		{"one gives a patient to another", `{"nurse":"p-nurse2"}`, "p-nurse", 403},
		{"one gives up her own", `{"nurse":""}`, "p-nurse2", 200},
		{"a nurse names the doctor", `{"doctor":"p-doctor"}`, "p-nurse", 403},
		{"a nurse as the doctor", `{"doctor":"p-nurse"}`, "p-nurse", 403},
		{"the doctor takes a patient", `{"doctor":"p-doctor"}`, "p-doctor", 200},
		{"the nurse in charge names both", `{"nurse":"p-nurse2","doctor":"p-doctor"}`, "p-nurse_in_charge", 200},
		{"… but a doctor of another ward", `{"doctor":"p-elsewhere"}`, "p-nurse_in_charge", 400},
		{"… nor a nurse as doctor", `{"doctor":"p-nurse"}`, "p-nurse_in_charge", 400},
		{"nothing", `{}`, "p-nurse_in_charge", 400},
	} {
		if a := h.do(ask{method: "POST", path: "/api/v1/stays/s1/assignment", as: c.as, body: c.body}); a.status != c.status {
			t.Errorf("%s: %d %s, want %d", c.name, a.status, a.body, c.status)
		}
	}
	s := decode[StayReply](t, h.do(ask{method: "GET", path: "/api/v1/stays/s1", as: "p-nurse"}))
	if s.Nurse == nil || s.Nurse.ID != "p-nurse2" || s.Doctor == nil || s.Doctor.Name != "Tên doctor" {
		t.Errorf("%+v %+v", s.Nurse, s.Doctor)
	}
	// The board shows them at once; without names it still says whose the patient is.
	for mode, want := range map[live.Names]string{live.NamesGiven: "Tên doctor", live.NamesNone: ""} {
		v, _ := h.live.Snapshot("icu", mode)
		if d := v.Tiles[0].Stay.Doctor; d == nil || d.ID != "p-doctor" || d.Name != want {
			t.Errorf("%s: %+v", mode, d)
		}
	}
}

func TestChannels(t *testing.T) {
	h := open(t, nil)
	list := decode[[]ChannelReply](t, h.do(ask{method: "GET", path: "/api/v1/channels", as: "p-engineer"}))
	if len(list) != 2 || !list[0].Personal || *list[0].LastOK != noon.UnixMilli() || list[1].LastOK != nil || !list[1].Audible {
		t.Errorf("%+v", list)
	}
	test := func(name, body string) int {
		return h.do(ask{method: "POST", path: "/api/v1/channels/" + name + "/test", as: "p-engineer", body: body}).status
	}
	for _, c := range []struct {
		name, body string
		status     int
	}{{"webpush", "", 204}, {"siren", "", 204}, {"siren", `{"ward":"icu"}`, 204}, {"pigeon", "", 404}, {"siren", `{"ward":"../x"}`, 400}} {
		if got := test(c.name, c.body); got != c.status {
			t.Errorf("%s %s: %d, want %d", c.name, c.body, got, c.status)
		}
	}
	if want := []string{"webpush|p-engineer||p-engineer", "siren|||p-engineer", "siren||icu|p-engineer"}; !slices.Equal(h.channels.tests, want) {
		t.Errorf("%q", h.channels.tests)
	}
	for range ringBurst {
		test("siren", "")
	}
	if a := h.do(ask{method: "POST", path: "/api/v1/channels/siren/test", as: "p-engineer"}); a.status != 429 || a.head.Get("Retry-After") == "" {
		t.Errorf("test after test: %d", a.status)
	}
}

func TestEvidence(t *testing.T) {
	h := open(t, nil)
	if a := h.do(ask{method: "GET", path: "/api/v1/quality/alerts?ward=icu", as: "p-nurse_in_charge"}); decode[map[string]any](t, a)["alerts"] != 3.0 {
		t.Errorf("%s", a.body)
	}
	if a := h.do(ask{method: "GET", path: "/api/v1/quality/alerts.csv?table=responses", as: "p-engineer"}); a.body != "responses\n3\n" {
		t.Errorf("%s", a.body)
	}
	for _, c := range []struct {
		query  string
		as     ward.PersonID
		status int
	}{{"?table=secrets", "p-engineer", 400}, {"?table=alerts&from=0", "p-engineer", 400}, {"?table=alerts", "p-elsewhere", 403}, {"?table=alerts&ward=icu", "p-elsewhere", 403}} {
		if a := h.do(ask{method: "GET", path: "/api/v1/quality/alerts.csv" + c.query, as: c.as}); a.status != c.status {
			t.Errorf("%s as %s: %d, want %d", c.query, c.as, a.status, c.status)
		}
	}
}

// A server without a roster, channels and evidence says so, and nothing else is the worse for it.
func TestWithoutARoster(t *testing.T) {
	h := open(t, func(o *Options) {
		o.Duty, o.Channels, o.Evidence, o.Digest, o.OpenLink = nil, nil, nil, nil, nil
	})
	for _, path := range []string{"/api/v1/me", "/api/v1/wards/icu/roster", "/api/v1/quality/alerts?ward=icu", "/api/v1/wards/icu/handover-digest", "/a/good"} {
		if a := h.do(ask{method: "GET", path: path, as: "p-doctor"}); a.status != 404 {
			t.Errorf("%s: %d", path, a.status)
		}
	}
	for _, path := range []string{"/api/v1/me/alerts", "/api/v1/alerts/A1/page", "/api/v1/channels"} {
		if a := h.do(ask{method: "GET", path: path, as: "p-doctor"}); a.status != 200 || !json.Valid([]byte(a.body)) {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
	}
}
