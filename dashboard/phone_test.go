package dashboard

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"wardwatch/ward"
)

// A link leads whoever is signed in as its person to its alert; it is a key to nothing.
func TestTheLinkInANotice(t *testing.T) {
	h := open(t, nil)
	h.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	for _, c := range []struct {
		name, token string
		as          ward.PersonID
		status      int
		to, says    string
	}{
		{"by its person", "good", "p-nurse", 302, "/phone/alert/A1", ""},
		{"before signing in", "good", "", 302, "/signin?next=%2Fa%2Fgood", ""},
		{"by somebody else", "good", "p-doctor", 403, "", "dành cho người khác"},
		{"by a wall", "good", "p-display", 403, "", "somebody else"},
		{"too late", "old", "p-nurse", 410, "", "hết hạn"},
		{"too late, before signing in", "old", "", 410, "", "has expired"},
		{"made up", "guess", "p-nurse", 404, "", "not one of ours"},
	} {
		a := h.do(ask{method: "GET", path: "/a/" + c.token, as: c.as})
		if a.status != c.status || a.head.Get("Location") != c.to || !strings.Contains(a.body, c.says) {
			t.Errorf("%s: %d to %q, %s", c.name, a.status, a.head.Get("Location"), a.body)
		}
		if a.head.Get("Set-Cookie") != "" {
			t.Errorf("%s: a link opened a session", c.name)
		}
		if strings.Contains(a.body+a.head.Get("Location"), "nurse") {
			t.Errorf("%s: it says for whom it was made: %s", c.name, a.body)
		}
		if a.head.Get("Referrer-Policy") != "no-referrer" || a.head.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: the address may travel on or be kept: %v", c.name, a.head)
		}
		if c.status == 410 && !strings.Contains(a.body, `url=/phone"`) {
			t.Errorf("%s: it does not lead on: %s", c.name, a.body)
		}
	}
	// From a page of another site, as a mail in a browser is.
	if a := h.do(ask{method: "GET", path: "/a/good", as: "p-nurse", header: map[string]string{"Sec-Fetch-Site": "cross-site"}}); a.status != 302 {
		t.Errorf("from a mail: %d", a.status)
	}
	if n := h.book.recorded("link.refused"); n != 2 {
		t.Errorf("opening another's link was recorded %d times", n)
	}
	if strings.Contains(h.log.String(), "good") {
		t.Error("the log holds a link")
	}
}

func TestPhonePages(t *testing.T) {
	h := open(t, nil)
	for _, path := range []string{"/phone", "/phone/alert/A1"} {
		if a := h.do(ask{method: "GET", path: path}); a.status != 200 || !strings.Contains(a.body, "<!doctype html>") {
			t.Errorf("%s: %d", path, a.status)
		}
	}
	a := h.do(ask{method: "GET", path: "/sw.js"})
	if a.status != 200 || a.head.Get("Service-Worker-Allowed") != "/" || a.head.Get("Cache-Control") != "no-cache" || !strings.HasPrefix(a.head.Get("Content-Type"), "text/javascript") {
		t.Errorf("the service worker: %d %v", a.status, a.head)
	}
	if a := h.do(ask{method: "GET", path: "/manifest.webmanifest"}); a.status != 200 || a.head.Get("Content-Type") != "application/manifest+json" || a.head.Get("Service-Worker-Allowed") != "" {
		t.Errorf("the manifest: %d %v", a.status, a.head)
	}
	none := open(t, func(o *Options) { o.Web = nil })
	if a := none.do(ask{method: "GET", path: "/sw.js"}); a.status != 404 {
		t.Errorf("without a front end: %d", a.status)
	}
}

func page1(t *testing.T, h *house, alert string, as ward.PersonID) AlertPageReply {
	t.Helper()
	a := h.do(ask{method: "GET", path: "/api/v1/alerts/" + alert + "/page", as: as})
	if a.status != 200 {
		t.Fatalf("%s as %s: %d %s", alert, as, a.status, a.body)
	}
	return decode[AlertPageReply](t, a)
}

// scored is a score with two inputs of seven.
func scored(at time.Time) *ward.Score {
	s := &ward.Score{Place: ward.Place{Ward: "icu", Bed: "1"}, Stay: "s1", At: at, Chart: "news2", LowerBound: 5, Band: ward.Medium, NParts: 3, LastData: at}
	s.Parts[0] = ward.Part{Input: "rr", Points: 3, State: ward.Present, Number: 28, At: at}
	s.Parts[1] = ward.Part{Input: "spo2", Points: 2, State: ward.Present, Number: 93, At: at}
	s.Parts[2] = ward.Part{Input: "temp", State: ward.Missing}
	return s
}

func TestTheAlertsPage(t *testing.T) {
	h := open(t, nil)
	h.duty.notices = []ward.Notice{
		{ID: "n1", Alert: "A1", Role: ward.RoleNurse, To: "p-nurse", How: ward.HeldByRoster, Channel: "webpush", Made: noon, Settled: noon.Add(time.Second), State: ward.NoticeDelivered, Level: 1},
		{ID: "n2", Alert: "T1", Role: ward.RoleEngineer, Channel: "siren", Made: noon},
	}
	h.duty.receipts["n1"] = []ward.Receipt{{Notice: "n1"}, {Notice: "n1", OK: true}}
	h.live.Publish(ward.Event{Ward: "icu", At: noon, Score: scored(noon)})
	r := page1(t, h, "A1", "p-nurse")
	switch {
	case r.Alert.ID != "A1" || r.Stay == nil || r.Stay.Name != "Nguyễn Văn An" || r.Stay.Label != "Giường 1" || *r.Stay.Age != 76:
		t.Errorf("%+v %+v", r.Alert, r.Stay)
	case r.Score == nil || r.Score.LowerBound != 5 || r.Score.Complete || r.Score.Have != 2:
		t.Errorf("%+v", r.Score)
	case len(r.Since["rr"]) == 0 || len(r.Since["rr"]) > 121 || r.Since["rr"][0][1] != 15 || int64(r.Since["rr"][0][0]) < noon.Add(-2*time.Hour).UnixMilli():
		t.Errorf("the last hours, from when the person came: %v", r.Since["rr"])
	case len(r.Findings) != 1 || r.Findings[0].ID != "f1":
		t.Errorf("only what is there and counts: %+v", r.Findings)
	case len(r.Notices) != 1 || r.Notices[0].ToName != "Tên nurse" || r.Notices[0].How != "roster" || r.Notices[0].Tries != 2:
		t.Errorf("%+v", r.Notices)
	case r.ISBAR == nil || !strings.Contains(r.ISBAR.VI.S, "ít nhất 5 điểm") || !strings.Contains(r.ISBAR.EN.A, "NOT KNOWN"):
		t.Errorf("%+v", r.ISBAR)
	case !r.May.Accept || !r.May.Decline || r.May.OnWay || r.May.Plan || r.May.Resolve || r.May.Snooze || !r.May.Escalate:
		t.Errorf("a nurse and a high alert: %+v", r.May)
	}
	page1(t, h, "A1", "p-nurse") // the page asks again every few seconds
	if n := h.book.recorded("alert.open"); n != 1 {
		t.Errorf("one look was recorded %d times", n)
	}
	h.clock.pass(viewEvery)
	page1(t, h, "A1", "p-nurse")
	if n := h.book.recorded("alert.open"); n != 2 {
		t.Errorf("a look much later was recorded %d times", n)
	}
	if f := h.imaging.findings[0]; !f.Seen.IsZero() {
		t.Error("a finding counts as looked at by a page that shows no picture")
	}
	if doctor := page1(t, h, "A1", "p-doctor"); !doctor.May.Snooze || doctor.May.Decline {
		t.Errorf("a doctor who was not told: %+v", doctor.May)
	}
}

// A technical alert is of nobody; who mends machines sees no patient through it.
func TestTheAlertsPageOfAMachine(t *testing.T) {
	h := open(t, nil)
	a := h.book.alerts["T1"]
	a.Stay = "s1"
	h.book.alerts["T1"] = a
	r := page1(t, h, "T1", "p-engineer")
	if r.Stay != nil || r.ISBAR != nil || r.Score != nil || len(r.Findings) != 0 || !r.May.Accept || !r.May.Resolve {
		t.Errorf("%+v", r)
	}
}

// The figures on the page are the person's own, wherever they have moved; after their stay none are.
func TestTheAlertsPageFollowsThePerson(t *testing.T) {
	h := open(t, nil)
	h.live.Publish(ward.Event{Ward: "icu", At: noon, Score: scored(noon)})
	s := h.book.stays["s1"]
	s.Ended = noon
	h.book.stays["s1"] = s
	h.admit("s9", "1", "Lê", "Bình")
	if err := h.s.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	other := scored(noon)
	other.Stay = "s9"
	h.live.Publish(ward.Event{Ward: "icu", At: noon, Score: other})
	if r := page1(t, h, "A1", "p-nurse"); r.Score != nil || len(r.Since) != 0 || r.Stay.ID != "s1" || strings.Contains(r.ISBAR.VI.I, "Bình") {
		t.Errorf("another person's figures: %+v", r)
	}
	s.Ended, s.Place = time.Time{}, ward.Place{Ward: "er", Bed: "1"}
	h.book.stays["s1"] = s
	p := h.book.people["p-nurse"]
	p.Wards = []ward.WardID{"icu"}
	h.book.people["p-nurse"] = p
	if a := h.do(ask{method: "GET", path: "/api/v1/alerts/A1/page", as: "p-nurse"}); a.status != 403 {
		t.Errorf("the person moved to a ward that is not the nurse's: %d", a.status)
	}
}
