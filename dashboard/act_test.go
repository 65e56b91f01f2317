package dashboard

import (
	"encoding/csv"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"wardwatch/dashboard/live"
	"wardwatch/ward"
)

func TestActing(t *testing.T) {
	h := open(t, nil)
	p := h.book.people["p-doctor"]
	p.Duties = []ward.Role{ward.RoleDoctor, ward.RoleLead}
	h.book.people["p-doctor"] = p
	both := h.book.people["p-nurse_in_charge"]
	both.Duties = []ward.Role{ward.RoleCharge, ward.RoleDoctor}
	h.book.people["p-nurse_in_charge"] = both
	for _, c := range []struct {
		name, alert, body string
		as                ward.PersonID
		status            int
		role              string
	}{
		{"accept in the duty that was told", "A1", `{"do":"accept"}`, "p-nurse", 200, "nurse"},
		{"accept in a duty one has", "A1", `{"do":"accept","role":"duty_lead"}`, "p-doctor", 200, "duty_lead"},
		{"plan as the doctor that one is, too", "A1", `{"do":"plan","reason":"plan","until":4102444800000}`, "p-nurse_in_charge", 200, "doctor_on_duty"},
		{"accept in a duty one has not", "A1", `{"do":"accept","role":"duty_lead"}`, "p-nurse", 403, ""},
		{"decline without a reason", "A1", `{"do":"decline"}`, "p-nurse", 409, ""},
		{"something else", "A1", `{"do":"delete"}`, "p-nurse", 400, ""},
		{"too long a reason", "A1", `{"do":"decline","reason":"` + strings.Repeat("a", maxText+1) + `"}`, "p-nurse", 400, ""},
		{"an alert that is not there", "A9", `{"do":"accept"}`, "p-nurse", 404, ""},
		{"an engineer on a patient's alert", "A1", `{"do":"accept"}`, "p-engineer", 403, ""},
		{"an engineer looks at a patient's alert", "A1", `{"do":"see"}`, "p-engineer", 200, "engineer"},
	} {
		a := h.do(ask{method: "POST", path: "/api/v1/alerts/" + c.alert + "/actions", as: c.as, body: c.body})
		if a.status != c.status {
			t.Errorf("%s: %d %s, want %d", c.name, a.status, a.body, c.status)
			continue
		}
		if c.role != "" {
			v := decode[live.AlertView](t, a)
			if last := v.Roles[len(v.Roles)-1]; last.Role != c.role || last.ByName != h.book.people[c.as].Name {
				t.Errorf("%s: %+v", c.name, last)
			}
		}
	}
}

func TestAlertsAsAList(t *testing.T) {
	h := open(t, nil)
	h.book.alerts["old"] = ward.Alert{ID: "old", Place: ward.Place{Ward: "icu", Bed: "1"}, State: ward.Resolved}
	ids := func(query string) (out []string) {
		for _, a := range decode[[]live.AlertView](t, h.do(ask{method: "GET", path: "/api/v1/wards/icu/alerts" + query, as: "p-nurse"})) {
			out = append(out, a.ID)
		}
		slices.Sort(out)
		return out
	}
	if got := ids("?open=true"); !slices.Equal(got, []string{"A1", "T1"}) {
		t.Errorf("open: %v (a candidate tells nobody)", got)
	}
	if got := ids(""); !slices.Equal(got, []string{"A1", "T1", "old"}) {
		t.Errorf("all: %v", got)
	}
	if err := h.book.AppendAudit(t.Context(), ward.AuditEntry{At: noon, Deed: "alert.raise", Object: "alert:A1"}, ward.AuditEntry{At: noon.Add(time.Minute), By: "p-nurse", Deed: "alert.accept", Object: "alert:A1"}); err != nil {
		t.Fatal(err)
	}
	a := decode[AlertReply](t, h.do(ask{method: "GET", path: "/api/v1/alerts/A1", as: "p-nurse"}))
	if a.ID != "A1" || len(a.Timeline) != 2 || a.Timeline[0].Deed != "alert.raise" || a.Timeline[1].ByName != "Tên nurse" {
		t.Errorf("%+v", a)
	}
}

func TestAStayFromAdmissionToDischarge(t *testing.T) {
	h := open(t, nil)
	post := func(path, body string, as ward.PersonID) StayReply {
		t.Helper()
		a := h.do(ask{method: "POST", path: path, body: body, as: as})
		if a.status >= 300 {
			t.Fatalf("%s: %d %s", path, a.status, a.body)
		}
		return decode[StayReply](t, a)
	}
	shown := func(bed string) *live.StayView {
		v, _ := h.live.Snapshot("icu", live.NamesGiven)
		i := slices.IndexFunc(v.Tiles, func(x live.Tile) bool { return x.Bed == bed })
		return v.Tiles[i].Stay
	}
	s := post("/api/v1/stays", `{"hospital_id":"BN-7","family_name":"Trần Thị","given_name":"Bình","birth_date":"1948-03-02","sex":"female","ward":"icu","bed":"3"}`, "p-nurse")
	if s.BirthDate != "1948-03-02" || s.Bed != "3" || *s.Admitted != noon.UnixMilli() || shown("3") == nil || shown("3").Name != "Bình" {
		t.Fatalf("admitted: %+v, on the board %+v", s, shown("3"))
	}
	path := "/api/v1/stays/" + s.ID
	post(path+"/transfer", `{"ward":"icu","bed":"4"}`, "p-nurse")
	if shown("3") != nil || shown("4") == nil {
		t.Error("the board did not follow the transfer")
	}
	if s = post(path+"/scale", `{"number":2,"reason":"COPD, PaCO2 60"}`, "p-doctor"); s.Scale.Number != 2 || s.Scale.Prescriber != "Tên doctor" || shown("4").Scale != 2 {
		t.Errorf("scale: %+v", s.Scale)
	}
	if s = post(path+"/care", fmt.Sprintf(`{"status":"comfort","review":%d}`, noon.Add(24*time.Hour).UnixMilli()), "p-doctor"); s.Care.Status != "comfort" || shown("4").Care != "comfort" {
		t.Errorf("care: %+v", s.Care)
	}
	if a := h.do(ask{method: "POST", path: path + "/care", as: "p-doctor", body: `{"status":"comfort"}`}); a.status != 400 {
		t.Errorf("comfort care without a review date: %d", a.status)
	}
	post(path+"/off-ward", fmt.Sprintf(`{"destination":"X-ray","until":%d}`, noon.Add(time.Hour).UnixMilli()), "p-nurse")
	if off := shown("4").Off; off == nil || off.Destination != "X-ray" {
		t.Errorf("off the ward: %+v", off)
	}
	post(path+"/return", "", "p-nurse")
	if shown("4").Off != nil {
		t.Error("back, and shown as away")
	}
	post(path+"/discharge", `{"reason":"discharged"}`, "p-nurse")
	if shown("4") != nil {
		t.Error("discharged, and still on the board")
	}
	post(path+"/undo", `{}`, "p-nurse")
	if shown("4") == nil {
		t.Error("the discharge was undone, and the board does not show it")
	}
	if a := h.do(ask{method: "GET", path: path, as: "p-doctor"}); a.status != 200 || h.book.recorded("stay.view") != 1 {
		t.Errorf("looking at a stay: %d, recorded %d times", a.status, h.book.recorded("stay.view"))
	}
	if a := h.do(ask{method: "POST", path: "/api/v1/stays", as: "p-nurse", body: `{"given_name":"X","ward":"icu","bed":"1"}`}); a.status != 409 {
		t.Errorf("into a bed that is taken: %d %s", a.status, a.body)
	}
}

func TestImportAndExport(t *testing.T) {
	h := open(t, nil)
	h.admit("s2", "2", "=cmd()", "Hoa, \"Út\"")
	a := h.do(ask{method: "GET", path: "/api/v1/stays/export?ward=icu", as: "p-nurse_in_charge"})
	rows, err := csv.NewReader(strings.NewReader(a.body)).ReadAll()
	if err != nil || len(rows) != 3 {
		t.Fatalf("%v %s", err, a.body)
	}
	if i := slices.IndexFunc(rows, func(r []string) bool { return r[6] == "2" }); rows[i][1] != "'=cmd()" || rows[i][2] != "Hoa, \"Út\"" {
		t.Errorf("%q", rows[i])
	}
	if h.book.recorded("stays.export") != 1 {
		t.Error("the export was not recorded")
	}
	a = h.do(ask{method: "POST", path: "/api/v1/stays/import", as: "p-nurse_in_charge", kind: "text/csv; charset=utf-8", body: "abc"})
	if r := decode[ImportReply](t, a); r.Rows != 3 || r.Refused[0].Row != 2 || r.Refused[0].Hint != "add it" {
		t.Errorf("%d %s", a.status, a.body)
	}
	if a := h.do(ask{method: "POST", path: "/api/v1/stays/import", as: "p-nurse_in_charge", body: "abc"}); a.status != 415 {
		t.Errorf("not said to be CSV: %d", a.status)
	}
}

// Promise 7: the line under a name begins when that person came to the bed.
func TestTrendBeginsWithTheStay(t *testing.T) {
	h := open(t, nil)
	a := decode[TrendReply](t, h.do(ask{method: "GET", path: "/api/v1/wards/icu/beds/1/trend?vitals=rr,hr", as: "p-nurse"}))
	came := noon.Add(-2 * time.Hour)
	if a.Start < came.UnixMilli() || a.Start > came.Add(time.Minute).UnixMilli() {
		t.Errorf("it begins at %v, and the person came at %v", time.UnixMilli(a.Start).UTC(), came)
	}
	if n := len(a.Series["rr"].Mean); n != 120 || len(a.Series["hr"].Min) != n || len(a.Score) != n || a.Series["rr"].Max[0] != 20 {
		t.Errorf("%d steps, %d of the score", n, len(a.Score))
	}
	b := decode[TrendReply](t, h.do(ask{method: "GET", path: "/api/v1/wards/icu/beds/2/trend", as: "p-nurse"}))
	if len(b.Score) != 24*60+1 {
		t.Errorf("an empty bed has %d steps, want a day", len(b.Score))
	}
}

func TestSecretsAreShownOnce(t *testing.T) {
	h := open(t, nil)
	c := decode[CredentialReply](t, h.do(ask{method: "POST", path: "/api/v1/devices", as: "p-engineer", body: `{"user":"mon-9","grants":[{"ward":"icu","bed":"1"}]}`}))
	if c.Secret == "" || h.book.hashes["mon-9"] == "" || strings.Contains(h.book.hashes["mon-9"], c.Secret) {
		t.Errorf("%+v, kept as %q", c, h.book.hashes["mon-9"])
	}
	k := decode[TokenReply](t, h.do(ask{method: "POST", path: "/api/v1/tokens", as: "p-administrator", body: `{"person":"p-nurse","name":"HIS"}`}))
	if a := h.do(ask{method: "GET", path: "/api/v1/wards", token: k.Token}); a.status != 200 {
		t.Errorf("the new token: %d", a.status)
	}
	for _, path := range []string{"/api/v1/devices", "/api/v1/tokens", "/api/v1/people"} {
		if a := h.do(ask{method: "GET", path: path, as: "p-administrator"}); strings.Contains(a.body, c.Secret) || strings.Contains(a.body, k.Token) || strings.Contains(a.body, "argon2") {
			t.Errorf("%s shows a secret: %s", path, a.body)
		}
	}
	h.do(ask{method: "DELETE", path: "/api/v1/tokens/" + k.ID, as: "p-administrator"})
	if a := h.do(ask{method: "GET", path: "/api/v1/wards", token: k.Token}); a.status != 401 {
		t.Errorf("the revoked token: %d", a.status)
	}
	for _, bad := range []string{
		`{"user":"m","grants":[]}`, `{"user":"a b","grants":[{"ward":"icu","bed":"1"}]}`, `{"user":"m","grants":[{"ward":"icu","bed":""}]}`,
		`{"user":"m","grants":[{"ward":"icu","bed":"1"},{"ward":"icu","bed":"2"}]}`, `{"user":"m","gateway":true,"grants":[{"ward":"+","bed":"1"}]}`,
	} {
		if a := h.do(ask{method: "POST", path: "/api/v1/devices", as: "p-engineer", body: bad}); a.status != 400 {
			t.Errorf("%s: %d", bad, a.status)
		}
	}
	p := decode[PersonReply](t, h.do(ask{method: "POST", path: "/api/v1/people", as: "p-administrator",
		body: `{"login":"hoa","name":"Lê Hoa","access":"nurse","duties":["nurse"],"wards":["icu"],"lang":"vi","password":"mật khẩu dài"}`}))
	if p.ID != "p-hoa" || h.live.NameOf("p-hoa") != "Lê Hoa" {
		t.Errorf("%+v", p)
	}
}

// An audit that cannot be written must not hide a patient, and must not go unseen.
func TestAnAuditThatFails(t *testing.T) {
	h := open(t, nil)
	h.book.broken = errors.New("disk full")
	if a := h.do(ask{method: "GET", path: "/api/v1/stays/s1", as: "p-nurse"}); a.status != 200 {
		t.Errorf("%d", a.status)
	}
	if a := h.do(ask{method: "GET", path: "/metrics"}); !strings.Contains(a.body, "wardwatch_http_unaudited_total 1") {
		t.Error("it was not counted")
	}
	if !strings.Contains(h.log.String(), "audit could not be written") {
		t.Error("it was not logged")
	}
}

func TestAuditIsReadInPages(t *testing.T) {
	h := open(t, nil)
	for range 3 {
		h.do(ask{method: "GET", path: "/api/v1/stays/s1", as: "p-nurse"})
	}
	rows := decode[[]AuditReply](t, h.do(ask{method: "GET", path: "/api/v1/audit?object=stay:s1&limit=2", as: "p-administrator"}))
	if len(rows) != 2 || rows[0].Seq != 3 || rows[0].ByName != "Tên nurse" || rows[0].Deed != "stay.view" {
		t.Errorf("%+v", rows)
	}
	for _, bad := range []string{"limit=0", "limit=501", "limit=x", "before=-1", "from=x"} {
		if a := h.do(ask{method: "GET", path: "/api/v1/audit?" + bad, as: "p-administrator"}); a.status != 400 {
			t.Errorf("%s: %d", bad, a.status)
		}
	}
}

// TestAcceptingOnceForAllOnesDuties: on a small ward one person holds several of the duties that were
// told; one tap takes all of them, and none of anybody else's.
func TestAcceptingOnceForAllOnesDuties(t *testing.T) {
	h := open(t, nil)
	p := h.book.people["p-doctor"]
	p.Duties = []ward.Role{ward.RoleDoctor, ward.RoleLead}
	h.book.people["p-doctor"] = p
	a := h.book.alerts["A1"]
	a.Duties = []ward.Duty{{Role: ward.RoleDoctor}, {Role: ward.RoleNurse}, {Role: ward.RoleLead, People: []ward.PersonID{"p-doctor"}}, {Role: ward.RoleICU}}
	h.book.alerts["A1"] = a
	v := decode[live.AlertView](t, h.do(ask{method: "POST", path: "/api/v1/alerts/A1/actions", as: "p-doctor", body: `{"do":"accept"}`}))
	var taken []string
	for _, d := range v.Roles {
		if d.Accepted != nil {
			taken = append(taken, d.Role)
		}
	}
	slices.Sort(taken)
	if want := []string{"doctor_on_duty", "duty_lead"}; !slices.Equal(taken, want) {
		t.Errorf("accepted as %v, want %v", taken, want)
	}
}

// TestAnAcceptanceNobodyKept: who accepted and did not come is asked anew, as if they had not
// answered; and another ward's alert is not among one's own, whoever once named one in it.
func TestAnAcceptanceNobodyKept(t *testing.T) {
	h := open(t, nil)
	a := h.book.alerts["A1"]
	a.State = ward.Active
	a.Duties = []ward.Duty{{Role: ward.RoleNurse, People: []ward.PersonID{"p-nurse"}, By: "p-nurse", Accepted: noon, Lapsed: true}}
	h.book.alerts["A1"] = a
	mine := func() []MyAlertReply {
		return decode[[]MyAlertReply](t, h.do(ask{method: "GET", path: "/api/v1/me/alerts", as: "p-nurse"}))
	}
	list := mine()
	if len(list) != 1 || list[0].Answered || list[0].Roles[0].Accepted != nil || list[0].Owner != nil {
		t.Errorf("an acceptance that lapsed counts: %+v", list)
	}
	if page := decode[AlertPageReply](t, h.do(ask{method: "GET", path: "/api/v1/alerts/A1/page", as: "p-nurse"})); !page.May.Accept {
		t.Error("it cannot be accepted anew")
	}
	p := h.book.people["p-nurse"]
	p.Wards = []ward.WardID{"elsewhere"}
	h.book.people["p-nurse"] = p
	if list := mine(); len(list) != 0 {
		t.Errorf("an alert of a ward that is not theirs: %+v", list)
	}
}
