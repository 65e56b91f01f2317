package dashboard

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"wardwatch/ward"
)

// A symptom that nobody looked at is not absent; a severe one that the desk could not take is sent again.
func TestSymptomCheck(t *testing.T) {
	h := open(t, nil)
	post := func(body string) answer {
		return h.do(ask{method: "POST", path: "/api/v1/stays/s1/symptoms", as: "p-nurse", body: body})
	}
	full := fmt.Sprintf(`{"at":%d,"pain":3,"breathless":1,"agitation":0,"nausea":0,"secretions":2,"note":"đau lưng"}`, noon.UnixMilli())
	h.book.deskBroken = errors.New("disk full")
	if a := post(full); a.status != 500 {
		t.Errorf("while the desk fails: %d", a.status)
	}
	h.book.deskBroken = nil
	a := post(full)
	if r := decode[SymptomReply](t, a); a.status != 201 || r.Worst != 3 || r.ByName != "Tên nurse" || r.At != noon.UnixMilli() {
		t.Errorf("%d %s", a.status, a.body)
	}
	if n := h.book.recorded("desk.symptoms"); n != 1 {
		t.Errorf("the desk heard of it %d times", n)
	}
	if list := decode[[]SymptomReply](t, h.do(ask{method: "GET", path: "/api/v1/stays/s1/symptoms", as: "p-doctor"})); len(list) != 1 || list[0].Note != "đau lưng" {
		t.Errorf("the same twice is one: %+v", list)
	}
	for name, body := range map[string]string{
		"one not looked at": `{"pain":0,"breathless":0,"agitation":0,"nausea":0}`,
		"beyond the scale":  `{"pain":4,"breathless":0,"agitation":0,"nausea":0,"secretions":0}`,
		"below it":          `{"pain":-1,"breathless":0,"agitation":0,"nausea":0,"secretions":0}`,
		"in the future":     fmt.Sprintf(`{"at":%d,"pain":0,"breathless":0,"agitation":0,"nausea":0,"secretions":0}`, noon.Add(time.Hour).UnixMilli()),
	} {
		if a := post(body); a.status != 400 {
			t.Errorf("%s: %d", name, a.status)
		}
	}
}

// A set that speaks of now is told to the desk, in the duty of whoever charted it; one entered
// afterwards is not: it confirms nothing of now. That the desk fails loses no set.
func TestChartingIsToldToTheDesk(t *testing.T) {
	h := open(t, nil)
	s := h.book.stays["s1"]
	s.Nurse = "p-nurse_in_charge"
	h.book.stays["s1"] = s
	chart := func(as ward.PersonID, at time.Time) int {
		defer func() {
			select {
			case <-h.submitted:
			default:
			}
		}()
		return h.do(ask{method: "POST", path: "/api/v1/stays/s1/observations", as: as, body: fmt.Sprintf(`{"at":%d,"values":{"rr":20},"partial":"asleep"}`, at.UnixMilli())}).status
	}
	for _, c := range []struct {
		name   string
		as     ward.PersonID
		at     time.Time
		told   string
		broken error
	}{
		{"a nurse", "p-nurse", noon, "desk.charted.nurse", nil},
		{"the nurse in charge, whose patient it is", "p-nurse_in_charge", noon.Add(-time.Minute), "desk.charted.nurse", nil},
		{"the doctor", "p-doctor", noon.Add(-2 * time.Minute), "desk.charted.doctor_on_duty", nil},
		{"an hour late", "p-nurse", noon.Add(-time.Hour), "", nil},
		{"while the desk fails", "p-nurse", noon.Add(-3 * time.Minute), "", errors.New("disk full")},
	} {
		h.book.mu.Lock()
		h.book.audit, h.book.deskBroken = nil, c.broken
		h.book.mu.Unlock()
		if status := chart(c.as, c.at); status != 201 {
			t.Errorf("%s: %d", c.name, status)
		}
		told := ""
		for _, d := range h.book.deeds("stay:s1") {
			if strings.HasPrefix(d, "desk.") {
				told = d
			}
		}
		if told != c.told {
			t.Errorf("%s: the desk heard %q, want %q", c.name, told, c.told)
		}
	}
}
