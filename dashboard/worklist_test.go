package dashboard

import (
	"strings"
	"testing"
	"time"

	"wardwatch/dashboard/signin"
	"wardwatch/ward"
)

func (h *house) waitingFor(as ward.PersonID) WorklistReply {
	return decode[WorklistReply](h.t, h.do(ask{method: "GET", path: "/api/v1/imaging/worklist", as: as}))
}

func TestWhatWaitsForItsOwner(t *testing.T) {
	h := open(t, nil)
	r := h.waitingFor("p-nurse_in_charge")
	if r.Total != 2 || len(r.Items) != 2 || r.Items[0].ID != "w1" || r.Items[1].ID != "w2" {
		t.Fatalf("those that come near to somebody go first: %+v", r)
	}
	near := r.Items[0]
	if near.Why != "birth_date_differs" || near.BirthDate != "1986-11-21" || len(near.Guesses) != 1 || near.Guesses[0].Name != "Nguyễn Văn An" || near.Guesses[0].BirthDate != "1950-01-02" {
		t.Errorf("%+v", near)
	}
	if h.book.recorded("imaging.worklist") != 1 {
		t.Error("who saw whose results wait was not recorded")
	}
}

// What comes near to somebody is for their ward; what comes near to nobody is for everybody who may decide.
func TestWhoSeesWhatWaits(t *testing.T) {
	h := open(t, nil)
	if r := h.waitingFor("p-elsewhere"); r.Total != 1 || r.Items[0].ID != "w2" || strings.Contains(r.Items[0].HospitalID, "SECRET") {
		t.Errorf("from another ward: %+v", r)
	}
	if a := h.do(ask{method: "POST", path: "/api/v1/imaging/worklist/w2/assign", body: `{"stay":"s1","reason":"seen"}`, as: "p-elsewhere"}); a.status != 403 {
		t.Errorf("given to somebody on another ward: %d %s", a.status, a.body)
	}
	if r := decode[ImagingStateReply](t, h.do(ask{method: "GET", path: "/api/v1/imaging/state", as: "p-elsewhere"})); r.Unmatched != 1 || r.Waiting != 2 {
		t.Errorf("%+v", r)
	}
	h.imaging.items[1].Guesses = []ward.StayID{"gone"}
	if r := h.waitingFor("p-elsewhere"); r.Total != 2 {
		t.Errorf("near to somebody whom the book does not have: %+v", r)
	}
	for i := range maxWorklist {
		h.imaging.items = append(h.imaging.items, ward.WorklistItem{ID: "more" + string(rune('a'+i%26)), Received: noon.Add(time.Duration(-i) * time.Minute)})
	}
	if r := h.waitingFor("p-doctor"); r.Total != maxWorklist+2 || len(r.Items) != maxWorklist {
		t.Errorf("%d of %d", len(r.Items), r.Total)
	}
}

func TestSayingWhoseItIs(t *testing.T) {
	h := open(t, nil)
	h.imaging.findings = append(h.imaging.findings, StayFinding{Finding: ward.Finding{ID: "by-accession", Stay: "s1", Accession: "A7"}})
	do := func(path, body string) answer {
		return h.do(ask{method: "POST", path: path, body: body, as: "p-nurse_in_charge"})
	}
	for _, c := range []struct {
		name, path, body string
		status           int
	}{
		{"a contradiction without a reason", "/api/v1/imaging/worklist/w1/assign", `{"stay":"s1"}`, 409},
		{"to nobody", "/api/v1/imaging/worklist/w1/assign", `{}`, 400},
		{"to somebody who is not there", "/api/v1/imaging/worklist/w1/assign", `{"stay":"s9"}`, 404},
		{"what does not wait", "/api/v1/imaging/worklist/w9/assign", `{"stay":"s1"}`, 404},
		{"with a reason", "/api/v1/imaging/worklist/w1/assign", `{"stay":"s1","reason":"the record is wrong"}`, 204},
		{"nobody's, and no reason", "/api/v1/imaging/worklist/w2/dismiss", `{"reason":"  "}`, 400},
		{"nobody's", "/api/v1/imaging/worklist/w2/dismiss", `{"reason":"an outpatient"}`, 204},
		{"what names no study", "/api/v1/imaging/studies/1.2.x/detach", `{"reason":"swapped"}`, 400},
		{"a study that is nobody's", "/api/v1/imaging/studies/9.9/detach", `{"reason":"swapped"}`, 404},
		{"off the person, without a reason", "/api/v1/imaging/studies/1.2.3/detach", `{}`, 400},
		{"off the person", "/api/v1/imaging/studies/1.2.3/detach", `{"reason":"swapped"}`, 204},
		{"a finding of a study without a UID", "/api/v1/imaging/studies/by-accession/detach", `{"reason":"swapped"}`, 204},
		{"that finding again", "/api/v1/imaging/studies/by-accession/detach", `{"reason":"swapped"}`, 404},
	} {
		if a := do(c.path, c.body); a.status != c.status {
			t.Errorf("%s: %d %s, want %d", c.name, a.status, a.body, c.status)
		}
	}
	if r := h.waitingFor("p-nurse_in_charge"); r.Total != 2 || r.Items[0].Why != "detached" {
		t.Errorf("%+v", r)
	}
}

// A program may read the list; what is decided about a person is decided by a person.
func TestAProgramDecidesNothing(t *testing.T) {
	h := open(t, nil)
	if _, err := h.book.NewToken(t.Context(), signin.HashSecret("a-program"), "p-doctor", "RIS"); err != nil {
		t.Fatal(err)
	}
	if a := h.do(ask{method: "GET", path: "/api/v1/imaging/worklist", token: "a-program"}); a.status != 200 {
		t.Errorf("%d %s", a.status, a.body)
	}
	for _, r := range rights {
		method, path, _ := strings.Cut(r.route, " ")
		if method == "GET" || !strings.Contains(path, "/imaging/") {
			continue
		}
		if a := h.do(ask{method: method, path: path, body: r.body, token: "a-program"}); a.status != 403 {
			t.Errorf("%s by a program: %d %s", r.route, a.status, a.body)
		}
	}
	if len(h.imaging.items) != 2 || len(h.imaging.merged) != 0 {
		t.Error("something was changed")
	}
}

func TestTwoNumbersOfOnePerson(t *testing.T) {
	h := open(t, nil)
	do := func(method, body string) answer {
		return h.do(ask{method: method, path: "/api/v1/imaging/merges", body: body, as: "p-doctor"})
	}
	for name, c := range map[string]struct{ method, body string }{
		"no reason": {"POST", `{"old":"1","new":"2"}`}, "the same": {"POST", `{"old":"1","new":" 1 ","reason":"r"}`}, "no old one": {"POST", `{"new":"2","reason":"r"}`},
		"no new one": {"POST", `{"old":"1","reason":"r"}`}, "taken back without a reason": {"DELETE", `{"old":"1"}`},
	} {
		if a := do(c.method, c.body); a.status != 400 {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
	}
	if a := do("POST", `{"old":" 1 ","new":"2","reason":"the same identity card"}`); a.status != 204 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	list := decode[[]MergeReply](t, do("GET", ""))
	if len(list) != 1 || list[0].Old != "1" || list[0].New != "2" || list[0].By != "Tên doctor" || *list[0].At != noon.UnixMilli() {
		t.Errorf("%+v", list)
	}
	if a := do("DELETE", `{"old":"1","reason":"two people after all"}`); a.status != 204 || len(h.imaging.merged) != 0 {
		t.Errorf("%d %+v", a.status, h.imaging.merged)
	}
}
