package dashboard

import (
	"strings"
	"testing"
	"time"

	"wardwatch/dashboard/live"
	"wardwatch/dashboard/signin"
	"wardwatch/ward"
)

const assessmentPath = "/api/v1/wards/icu/beds/1/assessment"

// assess publishes what two models say of the person in bed 1: one that staff may see, one that is silent.
func (h *house) assess() {
	h.live.Publish(ward.Event{Ward: "icu", At: noon, Assessment: &ward.Assessment{
		Place: ward.Place{Ward: "icu", Bed: "1"}, Stay: "s1", At: noon,
		Risks: []ward.Risk{
			{Task: ward.Deterioration, Model: "seen-model", Version: "3", Value: 0.08, Threshold: 0.03},
			{Task: ward.RespiratoryDecline, Model: "silent-model", Version: "3", Value: 0.4, Threshold: 0.1, Silent: true},
		},
	}})
}

func TestAnAssessmentByBed(t *testing.T) {
	h := open(t, nil)
	if a := h.do(ask{method: "GET", path: assessmentPath, as: "p-nurse"}); a.status != 404 || !strings.Contains(a.body, "not_found") {
		t.Errorf("before the first: %d %s", a.status, a.body)
	}
	h.assess()
	for _, access := range everyAccess { // engineers too: a bed's screen may be left open
		a := h.do(ask{method: "GET", path: assessmentPath, as: ward.PersonID("p-" + access)})
		v := decode[live.AssessmentView](t, a)
		if a.status != 200 || v.Stay != "s1" || len(v.Risks) != 1 || *v.Risks[0].Value != 0.08 || strings.Contains(a.body, "silent-model") {
			t.Errorf("%s: %d %s", access, a.status, a.body)
		}
	}
	h.clock.pass(61 * time.Minute)
	if a := h.do(ask{method: "GET", path: assessmentPath, as: "p-nurse"}); a.status != 404 {
		t.Errorf("of an hour ago: %d %s", a.status, a.body)
	}
}

func TestSilentPredictionsAreForThoseWhoDoNotTreat(t *testing.T) {
	h := open(t, nil)
	h.assess()
	path := "/api/v1/models/respiratory/predictions?ward=icu"
	for _, access := range everyAccess {
		a := h.do(ask{method: "GET", path: path, as: ward.PersonID("p-" + access)})
		if judges := access == ward.AccessEngineer || access == ward.AccessAdmin; judges != strings.Contains(a.body, "silent-model") {
			t.Errorf("%s: %d %s", access, a.status, a.body)
		}
	}
	list := decode[[]live.PredictionView](t, h.do(ask{method: "GET", path: path, as: "p-engineer"}))
	if len(list) != 1 || !list[0].Silent || list[0].Bed != "1" || *list[0].Risk.Value != 0.4 {
		t.Errorf("%+v", list)
	}
	if n := h.book.recorded("models.predictions"); n != 3 {
		t.Errorf("%d looks were recorded, of 3", n)
	}
}

func TestModelsAreListedForOnesOwnWards(t *testing.T) {
	h := open(t, nil)
	all := decode[ModelsReply](t, h.do(ask{method: "GET", path: "/api/v1/models", as: "p-administrator"}))
	if len(all.Gates) != 4 || len(all.Models) != 1 || all.Problems[0].Code != "no_runtime" {
		t.Errorf("%+v", all)
	}
	own := decode[ModelsReply](t, h.do(ask{method: "GET", path: "/api/v1/models", as: "p-elsewhere"}))
	if len(own.Gates) != 2 || own.Gates[0].Ward != "er" || own.Gates[0].NeedEvents != 38 || *own.Gates[0].SilentSince != noon.UnixMilli() {
		t.Errorf("%+v", own.Gates)
	}
}

func TestOpeningAndClosingAGate(t *testing.T) {
	h := open(t, nil)
	h.assess()
	const path = "/api/v1/wards/icu/models/deterioration/gate"
	const early = `{"open":true,"version":"3","override":"agreed by the safety board"}`
	if _, err := h.book.NewToken(t.Context(), signin.HashSecret("a-program"), "p-doctor", "HIS"); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		ask    ask
		status int
	}{
		{"too early, and no reason given", ask{as: "p-doctor", body: `{"open":true,"version":"3"}`}, 409},
		{"of a version that no longer runs", ask{as: "p-doctor", body: `{"open":true,"version":"2","override":"agreed by the safety board"}`}, 409},
		{"of no version", ask{as: "p-doctor", body: `{"open":true,"override":"agreed by the safety board"}`}, 400},
		{"by the nurse in charge", ask{as: "p-nurse_in_charge", body: early}, 403},
		{"by a program for a doctor", ask{token: "a-program", body: early}, 403},
		{"by a doctor of another ward", ask{as: "p-elsewhere", body: early}, 403},
		{"with a reason of a page", ask{as: "p-doctor", body: `{"open":true,"version":"3","override":"` + strings.Repeat("x", maxText+1) + `"}`}, 400},
		{"by a doctor with a reason", ask{as: "p-doctor", body: early}, 200},
		{"closed without a reason", ask{as: "p-nurse_in_charge", body: `{"open":false,"reason":" "}`}, 400},
		{"closed by the nurse in charge", ask{as: "p-nurse_in_charge", body: `{"open":false,"reason":"too many for nothing"}`}, 200},
		{"closed by a program", ask{token: "a-program", body: `{"open":false,"reason":"watchdog"}`}, 200},
	} {
		c.ask.method, c.ask.path = "POST", path
		a := h.do(c.ask)
		if a.status != c.status {
			t.Errorf("%s: %d %s, want %d", c.name, a.status, a.body, c.status)
			continue
		}
		if a.status != 200 {
			continue
		}
		g := decode[GateReply](t, a)
		if opens := c.ask.body == early; g.Open != opens || g.Ward != "icu" || g.Task != "deterioration" || g.At == nil || opens && (g.ByName != "Tên doctor" || g.Override == "") {
			t.Errorf("%s: %+v", c.name, g)
		}
	}
	if opened, closed := h.book.recorded("model.open"), h.book.recorded("model.close"); opened != 1 || closed != 2 {
		t.Errorf("recorded: %d opened, %d closed", opened, closed)
	}
	if a := h.do(ask{method: "GET", path: assessmentPath, as: "p-nurse"}); a.status != 200 || strings.Contains(a.body, "seen-model") {
		t.Errorf("closed, and still seen: %d %s", a.status, a.body)
	}
	if a := h.do(ask{method: "POST", path: "/api/v1/wards/icu/models/mood/gate", as: "p-doctor", body: early}); a.status != 400 {
		t.Errorf("a task that there is not: %d", a.status)
	}
}

func TestQualityOfAModel(t *testing.T) {
	h := open(t, nil)
	const path = "/api/v1/models/respiratory/quality"
	q := decode[QualityReply](t, h.do(ask{method: "GET", path: path + "?ward=icu", as: "p-nurse_in_charge"}))
	if q.Task != "respiratory" || q.Ward != "icu" || q.Predictions != 900 || *q.Ratio.Value != 1.1 || q.AUROC.Value != nil || q.Checks == nil || q.FallBack == nil {
		t.Errorf("%+v", q)
	}
	for name, c := range map[string]struct {
		query  string
		as     ward.PersonID
		status int
	}{"no ward": {"", "p-doctor", 400}, "another ward": {"?ward=icu", "p-elsewhere", 403}} {
		if a := h.do(ask{method: "GET", path: path + c.query, as: c.as}); a.status != c.status {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
	}
}

func TestAServerWithoutModelsSaysSo(t *testing.T) {
	h := open(t, func(o *Options) { o.Models = nil })
	for _, c := range []struct{ method, path, body string }{
		{"GET", "/api/v1/models", ""},
		{"GET", "/api/v1/models/deterioration/quality?ward=icu", ""},
		{"POST", "/api/v1/wards/icu/models/deterioration/gate", `{"open":true,"version":"3"}`},
		{"POST", "/api/v1/wards/icu/models/deterioration/gate", `{"open":false,"reason":"x"}`},
	} {
		if a := h.do(ask{method: c.method, path: c.path, body: c.body, as: "p-administrator"}); a.status != 503 || !strings.Contains(a.body, "doctor") {
			t.Errorf("%s %s: %d %s", c.method, c.path, a.status, a.body)
		}
	}
}
