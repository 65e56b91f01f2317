package dashboard

import (
	"slices"
	"testing"

	"wardwatch/dashboard/live"
	"wardwatch/ward"
)

func TestHandOver(t *testing.T) {
	h := open(t, nil)
	offer := func(as ward.PersonID, body string) answer {
		return h.do(ask{method: "POST", path: "/api/v1/handovers", as: as, body: body})
	}
	a := offer("p-nurse", `{"ward":"icu","role":"nurse","to":"p-nurse_in_charge","stays":["s1"],"note":"đang chờ khí máu"}`)
	r := decode[HandOverReply](t, a)
	if a.status != 201 || r.From.ID != "p-nurse" || r.To.Name != "Tên nurse_in_charge" || len(r.Stays) != 1 || r.Stays[0].Name != "An" || r.State != "offered" || *r.Offered != noon.UnixMilli() {
		t.Fatalf("%d %s", a.status, a.body)
	}
	for name, body := range map[string]string{
		"to oneself":     `{"ward":"icu","role":"nurse","to":"p-nurse","stays":["s1"]}`,
		"nobody":         `{"ward":"icu","role":"nurse","to":"p-nurse_in_charge","stays":[]}`,
		"no such duty":   `{"ward":"icu","role":"nurse_charge","to":"p-nurse_in_charge","stays":["s1"]}`,
		"a strange stay": `{"ward":"icu","role":"nurse","to":"p-nurse_in_charge","stays":["s 1"]}`,
	} {
		if a := offer("p-nurse", body); a.status != 400 {
			t.Errorf("%s: %d", name, a.status)
		}
	}
	answer := func(as ward.PersonID, id, body string) answer {
		return h.do(ask{method: "POST", path: "/api/v1/handovers/" + id + "/answer", as: as, body: body})
	}
	for _, c := range []struct {
		name, body string
		as         ward.PersonID
		status     int
	}{
		{"by somebody else", `{"state":"accepted"}`, "p-doctor", 403},
		{"by the giver", `{"state":"accepted"}`, "p-nurse_in_charge", 403},
		{"withdrawn by the receiver", `{"state":"withdrawn"}`, "p-nurse", 403},
		{"declined without a reason", `{"state":"declined"}`, "p-nurse", 400},
		{"something else", `{"state":"offered"}`, "p-nurse", 400},
	} {
		if a := answer(c.as, "h1", c.body); a.status != c.status {
			t.Errorf("%s: %d %s, want %d", c.name, a.status, a.body, c.status)
		}
	}
	// The desk fails at first: the patients are the receiver's already, and the same answer again
	// brings the alerts after them.
	h.book.deskBroken = &ward.Error{Code: ward.Unavailable, Message: "the book cannot write", Hint: "try again"}
	if a := answer("p-nurse", "h1", `{"state":"accepted"}`); a.status != 503 {
		t.Errorf("while the desk fails: %d %s", a.status, a.body)
	}
	h.book.deskBroken = nil
	if a := answer("p-nurse", "h1", `{"state":"accepted"}`); a.status != 200 || decode[HandOverReply](t, a).State != "accepted" {
		t.Errorf("again: %d %s", a.status, a.body)
	}
	if got := h.book.deeds("handover:h1"); !slices.Equal(got, []string{"desk.handover [s1]", "handover.accepted"}) {
		t.Errorf("%v", got)
	}
	v, _ := h.live.Snapshot("icu", live.NamesGiven)
	if n := v.Tiles[0].Stay.Nurse; n == nil || n.ID != "p-nurse" {
		t.Errorf("the board shows %+v", n)
	}
	if a := answer("p-nurse", "h1", `{"state":"declined","reason":"busy"}`); a.status != 409 {
		t.Errorf("declined after accepting: %d", a.status)
	}
	list := decode[[]HandOverReply](t, h.do(ask{method: "GET", path: "/api/v1/wards/icu/handovers", as: "p-nurse"}))
	if len(list) != 2 {
		t.Errorf("%+v", list)
	}
}

func TestHandOverDigest(t *testing.T) {
	h := open(t, nil)
	get := func(query string) answer {
		return h.do(ask{method: "GET", path: "/api/v1/wards/icu/handover-digest" + query, as: "p-nurse"})
	}
	if r := decode[DigestReply](t, get("")); r.Text != "icu nurse vi" || r.Patients[0].Events == nil || r.Patients[0].Tasks == nil || r.Patients[0].Limits == nil {
		t.Errorf("%+v", r)
	}
	for _, bad := range []string{"?role=engineer", "?role=x", "?lang=fr"} {
		if a := get(bad); a.status != 400 {
			t.Errorf("%s: %d", bad, a.status)
		}
	}
	if h.book.recorded("handover.digest") != 1 {
		t.Error("who looked at everybody was not recorded")
	}
}
