package dashboard

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"wardwatch/dashboard/signin"
	"wardwatch/ward"
)

func TestFindingsOfABed(t *testing.T) {
	h := open(t, nil)
	h.imaging.findings = append(h.imaging.findings,
		StayFinding{Finding: ward.Finding{ID: "f8", Stay: "s1"}, Standing: ward.Standing{Age: ward.AgePast}, There: true},
		StayFinding{Finding: ward.Finding{ID: "f9", Stay: "s1"}, Standing: ward.Standing{Withdrawn: ward.WithdrawnSomeone}, There: true},
		StayFinding{Finding: ward.Finding{ID: "f10", Stay: "s1", Score: math.NaN(), Accession: "A"}, Standing: ward.Standing{Age: ward.AgeContext}, There: true})
	a := h.do(ask{method: "GET", path: "/api/v1/wards/icu/beds/1/findings", as: "p-nurse"})
	r := decode[FindingsReply](t, a)
	if r.Stay != "s1" || len(r.Findings) != 3 {
		t.Fatalf("%+v", r)
	}
	one, two, no := r.Findings[0], r.Findings[1], r.Findings[2]
	if one.ID != "f1" || one.Kind != "pneumothorax" || !one.There || !one.Unread || one.Age != "fresh" || *one.Score != 0.8 || *one.Threshold != 0.5 || one.Calibrated ||
		!one.Picture || !one.Map || one.Model != "cxr" || one.Version != "2" || *one.Acquired != noon.UnixMilli()-3*3_600_000 || one.Seen != nil {
		t.Errorf("%+v", one)
	}
	if two.There || two.Withdrawn != "absent" || two.Image != one.Image || two.Picture {
		t.Errorf("%+v", two)
	}
	if no.Score != nil || no.Threshold != nil || no.Acquired != nil || no.Image != "A" {
		t.Errorf("what is not known has a value: %+v", no)
	}
	if strings.Contains(a.body, "BN-SECRET") || strings.Contains(a.body, "Nguyễn") {
		t.Error("the answer says who it is")
	}
	if empty := decode[FindingsReply](t, h.do(ask{method: "GET", path: "/api/v1/wards/icu/beds/4/findings", as: "p-nurse"})); empty.Stay != "" || len(empty.Findings) != 0 {
		t.Errorf("an empty bed: %+v", empty)
	}
}

// The first look of a member of staff is what counts: at the picture, or where there is none at the words.
func TestWhoLookedIsKept(t *testing.T) {
	h := open(t, nil)
	picture := ask{method: "GET", path: "/api/v1/findings/f1/picture"}
	if _, err := h.book.NewToken(t.Context(), signin.HashSecret("a-program"), "p-nurse", "HIS"); err != nil {
		t.Fatal(err)
	}
	program := picture
	program.token = "a-program"
	if a := h.do(program); a.status != 200 || a.body != "\x89PNG one" || a.head.Get("Content-Type") != "image/png" || a.head.Get("Cache-Control") != "no-store" {
		t.Fatalf("%d %q %v", a.status, a.body, a.head)
	}
	if n := h.book.recorded("finding.seen"); n != 0 {
		t.Errorf("a program's look counts as a person's: %d", n)
	}
	picture.as = "p-nurse"
	h.do(picture)
	h.do(picture)
	if a := h.do(ask{method: "GET", path: "/api/v1/findings/f1/map", as: "p-doctor"}); a.body != "\x89PNG map" {
		t.Errorf("%d %q", a.status, a.body)
	}
	if seen, looks := h.book.recorded("finding.seen"), h.book.recorded("finding.picture"); seen != 1 || looks != 3 {
		t.Errorf("seen %d times, looked at %d times", seen, looks)
	}
	h.imaging.findings = append(h.imaging.findings, StayFinding{Finding: ward.Finding{ID: "f4", Stay: "s1"}, There: true})
	for range 2 {
		h.do(ask{method: "GET", path: "/api/v1/wards/icu/beds/1/findings", as: "p-nurse"})
	}
	if seen := h.book.recorded("finding.seen"); seen != 2 {
		t.Errorf("words without a picture: seen %d times", seen)
	}
}

func TestPicturesThatAreNotThere(t *testing.T) {
	h := open(t, nil)
	for path, status := range map[string]int{
		"/api/v1/findings/f2/picture": 404, // none kept
		"/api/v1/findings/f2/map":     404,
		"/api/v1/findings/f3/picture": 404, // nobody's yet
		"/api/v1/findings/f9/picture": 404,
		"/api/v1/findings/f.9/map":    400,
	} {
		if a := h.do(ask{method: "GET", path: path, as: "p-doctor"}); a.status != status {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
	}
}

func TestADoctorsWordOnAFinding(t *testing.T) {
	h := open(t, nil)
	say := func(body string) answer {
		return h.do(ask{method: "POST", path: "/api/v1/findings/f1/confirmation", body: body, as: "p-doctor"})
	}
	for _, c := range []struct {
		name, body string
		want       FindingReply
		deeds      int
	}{
		{"confirmed", `{"word":"confirmed"}`, FindingReply{Confirmed: "confirmed", ConfirmedBy: "Tên doctor"}, 1},
		{"again", `{"word":"confirmed"}`, FindingReply{Confirmed: "confirmed", ConfirmedBy: "Tên doctor"}, 1},
		{"rejected instead", `{"word":"rejected","reason":"a skin fold"}`, FindingReply{Confirmed: "rejected", ConfirmedBy: "Tên doctor", Withdrawn: "rejected"}, 2},
		{"taken back", `{"word":""}`, FindingReply{ConfirmedBy: "Tên doctor", Unread: true}, 3},
	} {
		got := decode[FindingReply](t, say(c.body))
		if got.Confirmed != c.want.Confirmed || got.ConfirmedBy != c.want.ConfirmedBy || got.Withdrawn != c.want.Withdrawn || got.Unread != c.want.Unread {
			t.Errorf("%s: %+v", c.name, got)
		}
		if n := h.book.recorded("finding.confirmed") + h.book.recorded("finding.rejected") + h.book.recorded("finding."); n != c.deeds {
			t.Errorf("%s: %d deeds", c.name, n)
		}
	}
	for name, body := range map[string]string{"another word": `{"word":"maybe"}`, "a long reason": `{"word":"rejected","reason":"` + strings.Repeat("x", maxText+1) + `"}`, "nothing": ""} {
		if a := say(body); a.status != 400 && a.status != 415 {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
	}
	h.imaging.findings[0].Produced = noon
	for _, c := range []struct {
		name, body string
		status     int
	}{
		{"of another score", fmt.Sprintf(`{"word":"confirmed","score":0.7,"produced":%d}`, noon.UnixMilli()), 409},
		{"of another answer", fmt.Sprintf(`{"word":"confirmed","score":0.8,"produced":%d}`, noon.UnixMilli()-1), 409},
		{"of an answer without a time", `{"word":"confirmed","score":0.8,"produced":null}`, 409},
		{"of what it says", fmt.Sprintf(`{"word":"confirmed","score":0.8,"produced":%d}`, noon.UnixMilli()), 200},
	} {
		if a := say(c.body); a.status != c.status {
			t.Errorf("%s: %d %s", c.name, a.status, a.body)
		}
	}
	if _, err := h.book.NewToken(t.Context(), signin.HashSecret("a-program"), "p-doctor", "HIS"); err != nil {
		t.Fatal(err)
	}
	if a := h.do(ask{method: "POST", path: "/api/v1/findings/f1/confirmation", body: `{"word":"confirmed"}`, token: "a-program"}); a.status != 403 {
		t.Errorf("a program confirms: %d", a.status)
	}
}

// Without imaging the screens are as they were, and nothing can be done to what is not there.
func TestWithoutImaging(t *testing.T) {
	h := open(t, func(o *Options) { o.Imaging = nil })
	for path, want := range map[string]string{
		"/api/v1/wards/icu/beds/1/findings": `{"stay":"","findings":[]}`,
		"/api/v1/imaging/worklist":          `{"total":0,"items":[]}`,
		"/api/v1/imaging/merges":            `[]`,
	} {
		if a := h.do(ask{method: "GET", path: path, as: "p-doctor"}); a.status != 200 || a.body != want {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
	}
	if r := decode[ImagingStateReply](t, h.do(ask{method: "GET", path: "/api/v1/imaging/state", as: "p-doctor"})); r.Unmatched != 0 || r.Sources == nil {
		t.Errorf("%+v", r)
	}
	if a := h.do(ask{method: "GET", path: "/api/v1/findings/f1/picture", as: "p-doctor"}); a.status != 404 || !strings.Contains(a.body, "imaging source") {
		t.Errorf("%d %s", a.status, a.body)
	}
}
