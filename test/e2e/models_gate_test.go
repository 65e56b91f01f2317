//go:build e2e

package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"wardwatch/devices/publish"
	"wardwatch/ward"
)

// failing is somebody of whom both models raise a risk, with everything inside the range that they
// were trained in.
var failing = map[string]any{
	"vitals":        map[string]float64{"hr": 135, "spo2": 92, "temp": 39, "sbp": 88, "map": 61.6, "dbp": 48.4, "rr": 24},
	"consciousness": "A", "o2_device": "room_air",
}

const override = "the ward's doctors asked to see it early"

// TestGates follows a model of each task from silence to sight and back: nothing is shown until a
// named person opens it, what is opened stays so through kill -9, and what is closed is gone at once.
func TestGates(t *testing.T) {
	for _, c := range []struct {
		task           ward.Task
		opener, closer string // their access
		abrupt         bool   // the server is killed as soon as it has answered
	}{
		{ward.Deterioration, "doctor", "nurse_in_charge", false},
		{ward.RespiratoryDecline, "administrator", "doctor", true},
	} {
		t.Run(string(c.task), func(t *testing.T) {
			r := newGateRun(t, c.task)
			r.abrupt = c.abrupt
			r.silent()
			r.refused(c.opener)
			r.opened(c.opener)
			r.killed()
			r.shown()
			r.closed(c.closer)
			r.killed()
			r.hidden()
			r.recorded(c.opener, c.closer)
		})
	}
}

// gateRun is one person in a ward, and everybody who may want to see what is foretold of them.
type gateRun struct {
	*testing.T
	task    ward.Task
	abrupt  bool
	influx  string
	flags   []string
	site    site
	srv     *server
	people  map[string]*session // by access
	nurse   *session
	version string // of the model that runs
	newest  int64  // when the last prediction was made that was looked at
}

func newGateRun(t *testing.T, task ward.Task) *gateRun {
	r := &gateRun{T: t, task: task, site: prepare(t, 2), people: map[string]*session{}}
	r.site.admit(t, newcomer{
		bed: bed(0), born: time.Now().AddDate(-75, -6, 0), sex: "male", from: time.Now().Add(-time.Hour), monitors: []string{monitor(0)},
	})
	staff := map[string]person{}
	for _, access := range []string{"nurse", "nurse_in_charge", "doctor", "engineer", "administrator"} {
		staff[access] = r.site.addPerson(t, access)
	}
	r.influx, _ = influxd(t, t.TempDir(), port(t))
	r.flags = []string{"--influx", r.influx, "--policy", policyFile(t, "version: gates\nscoring: {models: {persist: 0s}}\n")}
	r.srv = r.site.serve(t, nil, r.flags...)
	r.srv.needsModels()
	for access, p := range staff {
		r.people[access] = r.srv.signIn(p)
	}
	r.nurse = r.people["nurse"]
	g := newGateway(t, publish.Options{URL: r.srv.mqtt, User: r.site.user, Password: r.site.password}, "boot", 2)
	g.send(0, failing, time.Now())
	g.flush()
	return r
}

func (r *gateRun) gatePath() string { return fmt.Sprintf("/api/v1/wards/W1/models/%s/gate", r.task) }

// prediction is what those who do not treat may see of the person, silent or not.
type prediction struct {
	At     int64
	Silent bool
	Risk   struct {
		Model, Version, Withheld string
		Raised                   bool
	}
}

// predicted waits for a prediction later than the last, and keeps its version.
func (r *gateRun) predicted() (p prediction) {
	r.Helper()
	until(r, "another round of the models", func() bool {
		var list []prediction
		raw := r.people["engineer"].ask(http.MethodGet, fmt.Sprintf("/api/v1/models/%s/predictions?ward=W1", r.task), nil)
		if err := json.Unmarshal([]byte(raw.body), &list); err != nil {
			r.Fatalf("%v: %s", err, raw.body)
		}
		if len(list) != 1 || list[0].At <= r.newest {
			return false
		}
		p = list[0]
		return true
	})
	r.newest, r.version = p.At, p.Risk.Version
	if !p.Risk.Raised {
		r.Fatalf("no risk is raised of somebody who fails: %+v", p)
	}
	return p
}

// sees is what the nurse is told of the person, in so far as it is of the task.
func (r *gateRun) sees() (risks, forecasts int, raw string) {
	r.Helper()
	a := r.nurse.ask(http.MethodGet, "/api/v1/wards/W1/beds/"+bed(0)+"/assessment", nil)
	if a.status == http.StatusNotFound {
		return 0, 0, a.body // no round since the server was started
	}
	var v struct {
		Risks []struct {
			Task    string
			Raised  bool
			Reasons []struct{ Input string }
		}
		Forecasts []struct{ Vital string }
	}
	if err := json.Unmarshal([]byte(a.body), &v); err != nil || a.status != http.StatusOK {
		r.Fatalf("the assessment: %d: %s", a.status, a.body)
	}
	for _, x := range v.Risks {
		if x.Task != string(r.task) {
			r.Errorf("a risk of %s is shown, whose gate nobody opened", x.Task)
		} else if x.Raised && len(x.Reasons) > 0 {
			risks++
		}
	}
	return risks, len(v.Forecasts), a.body
}

// nothing: neither the bed's sheet nor a board tells of the models. The board was opened behind the
// closed gate; p is a prediction made since.
func (r *gateRun) nothing(board *screen, p prediction) {
	r.Helper()
	if !p.Silent {
		r.Errorf("behind a closed gate it is not silent: %+v", p)
	}
	until(r, "the board knows of the round", func() bool { return board.assessed(bed(0)) >= p.At })
	if risks, forecasts, raw := r.sees(); risks+forecasts > 0 || strings.Contains(raw, r.version) {
		r.Errorf("behind a closed gate the nurse is shown %d risks and %d forecasts: %s", risks, forecasts, raw)
	}
	for name, b := range map[string]*screen{"the open board": board, "a board opened now": r.nurse.watch()} {
		if marks, flags := b.everRaised(); len(marks)+len(flags) > 0 || strings.Contains(b.said(), r.version) {
			r.Errorf("behind a closed gate %s was told of risks: %v, and of their flags: %v", name, marks, flags)
		}
	}
}

// silent: by default what is foretold is computed, and is not shown to who treats.
func (r *gateRun) silent() {
	board := r.nurse.watch()
	r.nothing(board, r.predicted())
	if said := board.said(); strings.Contains(said, "risk:") { // an alert's cause, too
		r.Errorf("a risk is heard on the board before anybody opened its gate: %s", said)
	}
	for access, path := range map[string]string{
		"nurse": "/api/v1/models", "doctor": fmt.Sprintf("/api/v1/models/%s/predictions?ward=W1", r.task),
	} {
		if a := r.people[access].ask(http.MethodGet, path, nil); a.status != http.StatusForbidden {
			r.Errorf("%s as %s: %d: %s", path, access, a.status, a.body)
		}
	}
}

// refused: who may open, and what must have been seen before.
func (r *gateRun) refused(opener string) {
	right := map[string]any{"open": true, "version": r.version}
	early := map[string]any{"open": true, "version": r.version, "override": override}
	for _, c := range []struct {
		what, access string
		body         map[string]any
		status       int
		says         []string
	}{
		{"a nurse", "nurse", early, http.StatusForbidden, nil},
		{"the nurse in charge, who may only close", "nurse_in_charge", early, http.StatusForbidden, nil},
		{"an engineer", "engineer", early, http.StatusForbidden, nil},
		{"before its time", opener, right, http.StatusConflict, []string{"28 of 28 days", "50 of 50 events", "override"}},
		{"an override that says nothing", opener, map[string]any{"open": true, "version": r.version, "override": "ok"}, http.StatusBadRequest, []string{"too short"}},
		{"another version", opener, map[string]any{"open": true, "version": "0+00000000", "override": override}, http.StatusConflict, []string{r.version}},
		{"no version", opener, map[string]any{"open": true, "override": override}, http.StatusBadRequest, []string{"version"}},
	} {
		a := r.people[c.access].ask(http.MethodPost, r.gatePath(), c.body)
		if a.status != c.status {
			r.Errorf("%s: %d, want %d: %s", c.what, a.status, c.status, a.body)
		}
		for _, word := range c.says {
			if !strings.Contains(a.body, word) {
				r.Errorf("%s: the refusal does not say %q: %s", c.what, word, a.body)
			}
		}
	}
	if err := r.srv.call(http.MethodPost, r.gatePath(), early, nil); err == nil || !strings.Contains(err.Error(), "403") {
		r.Errorf("a program, by an administrator's token: %v", err)
	}
	if g := r.gate(); g.Open || g.SilentSince == nil || g.NeedEvents != 50 {
		r.Errorf("after all refusals the gate is %+v", g)
	}
}

// gateView is a gate as those who judge models see it.
type gateView struct {
	Ward, Task, Version string
	Open                bool
	By                  string
	Override            string
	SilentSince         *int64 `json:"silent_since"`
	NeedEvents          int    `json:"need_events"`
}

func (r *gateRun) gate() gateView {
	r.Helper()
	var list struct{ Gates []gateView }
	a := r.people["nurse_in_charge"].ask(http.MethodGet, "/api/v1/models", nil)
	if err := json.Unmarshal([]byte(a.body), &list); err != nil {
		r.Fatalf("%v: %s", err, a.body)
	}
	i := slices.IndexFunc(list.Gates, func(g gateView) bool { return g.Ward == "W1" && g.Task == string(r.task) })
	if i < 0 {
		r.Fatalf("the ward has no gate of the task: %s", a.body)
	}
	return list.Gates[i]
}

// opened: by an override of a named person it is seen with the next round, which comes at once.
func (r *gateRun) opened(by string) {
	board := r.nurse.watch()
	a := r.people[by].ask(http.MethodPost, r.gatePath(), map[string]any{"open": true, "version": r.version, "override": override})
	if a.status != http.StatusOK {
		r.Fatalf("opening as %s: %d: %s", by, a.status, a.body)
	}
	if r.abrupt {
		r.killed()
		board = r.nurse.watch()
	}
	until(r, "the nurse's board shows the risk, and its flag", func() bool {
		mark, flag := board.raised(bed(0), string(r.task))
		return mark && flag
	})
	r.shown()
}

// shown: with its reasons, and with the forecasts where the task is breathing.
func (r *gateRun) shown() {
	r.Helper()
	until(r, "the nurse is shown the risk with its reasons", func() bool {
		risks, forecasts, _ := r.sees()
		return risks == 1 && forecasts == map[ward.Task]int{ward.RespiratoryDecline: 2}[r.task]
	})
	if g := r.gate(); !g.Open || g.By == "" || g.Version != r.version || g.Override != override {
		r.Errorf("the gate is %+v", g)
	}
}

// killed ends the server in the middle of whatever it does, and starts another one.
func (r *gateRun) killed() {
	r.Helper()
	r.srv.kill()
	r.srv = r.site.serve(r, nil, r.flags...)
	for _, b := range r.people {
		b.s = r.srv
	}
	r.srv.models()
}

// closed: what is closed is gone with the answer, and its flag with the next round.
func (r *gateRun) closed(by string) {
	board := r.nurse.watch()
	until(r, "the flag is there again", func() bool { _, flag := board.raised(bed(0), string(r.task)); return flag })
	path := r.gatePath()
	if a := r.people[by].ask(http.MethodPost, path, map[string]any{"open": false}); a.status != http.StatusBadRequest {
		r.Errorf("closing without a reason: %d: %s", a.status, a.body)
	}
	if a := r.people[by].ask(http.MethodPost, path, map[string]any{"open": false, "reason": "too many alarms"}); a.status != http.StatusOK {
		r.Fatalf("closing as %s: %d: %s", by, a.status, a.body)
	}
	if risks, forecasts, raw := r.sees(); risks+forecasts > 0 {
		r.Errorf("after the closing was answered %d risks and %d forecasts are shown: %s", risks, forecasts, raw)
	}
	if mark, _ := r.nurse.watch().raised(bed(0), string(r.task)); mark {
		r.Error("after the closing was answered a board shows the risk")
	}
	if r.abrupt {
		return // killed next: it must stay closed
	}
	until(r, "the open board has neither the risk nor its flag", func() bool {
		mark, flag := board.raised(bed(0), string(r.task))
		return !mark && !flag
	})
}

// hidden: it stays closed, and is computed as before.
func (r *gateRun) hidden() {
	board := r.nurse.watch()
	r.nothing(board, r.predicted())
}

// recorded: the audit names who opened and closed it, and InfluxDB what was seen when.
func (r *gateRun) recorded(opener, closer string) {
	var rows []struct {
		ByName       string `json:"by_name"`
		Deed, Detail string
	}
	a := r.people["administrator"].ask(http.MethodGet, "/api/v1/audit?object=gate:W1/"+string(r.task), nil)
	if err := json.Unmarshal([]byte(a.body), &rows); err != nil {
		r.Fatalf("%v: %s", err, a.body)
	}
	var deeds []string // the newest first
	for _, x := range rows {
		deeds = append(deeds, x.Deed+" by "+x.ByName)
		if !strings.Contains(x.Detail, r.version) || strings.Contains(x.Detail, override) || strings.Contains(x.Detail, "override") != (x.Deed == "model.open") {
			r.Errorf("the audit says %q of %s", x.Detail, x.Deed)
		}
	}
	if want := []string{"model.close by " + closer, "model.open by " + opener}; !slices.Equal(deeds, want) {
		r.Errorf("the audit has %q, want %q", deeds, want)
	}
	until(r, "InfluxDB has everything", func() bool { return r.srv.metric("wardwatch_influx_behind_bytes") == 0 })
	r.srv.stop()
	if said := run(r, "audit", "verify", "--data", r.site.data); !strings.HasPrefix(said, "whole") {
		r.Errorf("the audit: %s", said)
	}
	r.seenWhen()
}

// seenWhen: in InfluxDB the model of the task was silent, then seen, then silent; the other always
// silent.
func (r *gateRun) seenWhen() {
	said := points(r, r.influx, "score")
	for _, task := range ward.Tasks {
		var times []string
		of := map[string]string{}
		for key, value := range said {
			before, ok := strings.CutSuffix(key, " silent")
			tags, at, _ := strings.Cut(before, " ")
			if !ok || tags != "bed="+bed(0)+",chart="+string(task)+",ward=W1" {
				continue
			}
			times = append(times, at)
			of[at] = fmt.Sprint(value)
			if n, there := said[before+" risk"].(float64); !there || !(n > 0 && n < 1) {
				r.Errorf("InfluxDB has no risk at %s", before)
			}
		}
		slices.Sort(times)
		var turns []string
		for _, at := range times {
			if n := len(turns); n == 0 || turns[n-1] != of[at] {
				turns = append(turns, of[at])
			}
		}
		want := []string{"1"}
		if task == r.task {
			want = []string{"1", "0", "1"}
		}
		if !slices.Equal(turns, want) {
			r.Errorf("%s was silent in InfluxDB in these turns: %v, want %v", task, turns, want)
		}
		r.Logf("%s: %d predictions in InfluxDB, silent in turns %v", task, len(times), turns)
	}
}
