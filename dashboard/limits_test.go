package dashboard

import (
	"fmt"
	"testing"
	"time"

	"wardwatch/dashboard/live"
)

func TestLimitsOfAPersonsOwn(t *testing.T) {
	h := open(t, nil)
	until := noon.Add(48 * time.Hour).UnixMilli()
	const path = "/api/v1/stays/s1/limits"
	for _, c := range []struct {
		name, body string
		status     int
	}{
		{"saturation of a person with COPD", `{"vital":"spo2","low":86,"high":94,"usual":90,"reason":"COPD","until":%d}`, 200},
		{"the lower heart rate alone", `{"vital":"hr","low":38,"reason":"athlete","until":%d}`, 200},
		{"no such vital", `{"vital":"mood","low":38,"reason":"x","until":%d}`, 400},
		{"no vital", `{"low":38,"reason":"x","until":%d}`, 400},
		{"zero for none", `{"vital":"rr","low":0,"high":30,"reason":"x","until":%d}`, 400},
		{"a word for a number", `{"vital":"rr","low":"9","reason":"x","until":%d}`, 400},
	} {
		a := h.do(ask{method: "POST", path: path, as: "p-doctor", body: fmt.Sprintf(c.body, until)})
		if a.status != c.status {
			t.Errorf("%s: %d %s, want %d", c.name, a.status, a.body, c.status)
		}
	}
	s := decode[StayReply](t, h.do(ask{method: "GET", path: "/api/v1/stays/s1", as: "p-nurse"}))
	if len(s.Limits) != 2 || s.Limits[0].Vital != "hr" || s.Limits[1].Vital != "spo2" {
		t.Fatalf("%+v", s.Limits)
	}
	if l := s.Limits[1]; *l.Low != 86 || *l.High != 94 || *l.Usual != 90 || l.By != "Tên doctor" || l.Reason != "COPD" || *l.Since != noon.UnixMilli() || *l.Until != until {
		t.Errorf("%+v", l)
	}
	if l := s.Limits[0]; *l.Low != 38 || l.High != nil || l.Usual != nil {
		t.Errorf("%+v", l)
	}
	shown := func(m live.Names) []live.LimitView {
		v, _ := h.live.Snapshot("icu", m)
		return v.Tiles[0].Stay.Limits
	}
	if l := shown(live.NamesGiven); len(l) != 2 || *l[1].Low != 86 || l[1].Reason != "COPD" || l[1].By != "Tên doctor" || *l[1].Until != until {
		t.Errorf("on the board: %+v", l)
	}
	if l := shown(live.NamesNone); len(l) != 2 || l[1].Reason != "" {
		t.Errorf("on a board that names nobody: %+v", l)
	}

	a := h.do(ask{method: "DELETE", path: path + "/spo2", as: "p-doctor"})
	if s := decode[StayReply](t, a); a.status != 200 || len(s.Limits) != 1 || len(shown(live.NamesGiven)) != 1 {
		t.Errorf("ended: %d %s", a.status, a.body)
	}
	if a := h.do(ask{method: "DELETE", path: path + "/mood", as: "p-doctor"}); a.status != 400 {
		t.Errorf("the end of no vital's: %d", a.status)
	}
	h.clock.pass(49 * time.Hour)
	s = decode[StayReply](t, h.do(ask{method: "GET", path: "/api/v1/stays/s1", as: "p-nurse"}))
	if len(s.Limits) != 0 || len(shown(live.NamesGiven)) != 0 {
		t.Errorf("lapsed, and still there: %+v", s.Limits)
	}
}
