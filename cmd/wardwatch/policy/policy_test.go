package policy_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"wardwatch/alerts"
	"wardwatch/cmd/wardwatch/policy"
	"wardwatch/ward"
)

func site(t testing.TB) policy.Site {
	t.Helper()
	lib, err := policy.Charts("", "")
	if err != nil {
		t.Fatal(err)
	}
	return policy.Site{Charts: lib, Channels: []string{"webhook"}}
}

func parse(t testing.TB, text string) (policy.Policy, error) {
	t.Helper()
	return policy.Parse("ward.yaml", []byte(text), site(t))
}

// What is printed is read back as the same policy, so that a hospital can begin from it.
func TestShownPolicyReadsBack(t *testing.T) {
	want := policy.Default(site(t))
	var b bytes.Buffer
	if err := policy.Write(&b, &want); err != nil {
		t.Fatal(err)
	}
	got, err := parse(t, b.String())
	if err != nil {
		t.Fatal(err)
	}
	want.Alerts.Version = want.Version // one version names both halves
	want.Scoring.Zone, got.Scoring.Zone = nil, nil
	if !reflect.DeepEqual(got, want) {
		t.Errorf("the printed default reads back as another policy:\n got %+v\nwant %+v", got, want)
	}
}

// A file holds only what differs; all else stays as it is by default.
func TestAFileIsLaidOverTheDefault(t *testing.T) {
	p, err := parse(t, `
version: ward-a-1
signed_by: BS. Trần Minh, trưởng khoa
scoring:
  stale:
    rr: {device: 4h}
  oxygen:
    high: 0.50
  charts:
    - {chart: npews-england, to: 16y, signed_by: BS. Lê Hoa}
    - {chart: news2, from: 16y, pregnant: no}
  limits: []
alerts:
  persist_score: 90s
  below: {medium: 3}
  ladder:
    clinical:
      medium:
        - {roles: [nurse, doctor_on_duty], accept: 5m, bedside: 30m}
`)
	if err != nil {
		t.Fatal(err)
	}
	d := policy.Default(site(t))
	for _, c := range []struct {
		what      string
		got, want any
	}{
		{"version of the scores", p.Scoring.Version, "ward-a-1"},
		{"version of the alerts", p.Alerts.Version, "ward-a-1"},
		{"signed by", p.SignedBy, "BS. Trần Minh, trưởng khoa"},
		{"staleness of a device's rate", p.Scoring.Stale[ward.RR].Device, 4 * time.Hour},
		{"staleness of a charted rate is the default's", p.Scoring.Stale[ward.RR].Charted, d.Scoring.Stale[ward.RR].Charted},
		{"high oxygen", p.Scoring.Oxygen.High, 0.50},
		{"rise of oxygen is the default's", p.Scoring.Oxygen.Rise, d.Scoring.Oxygen.Rise},
		{"charts", len(p.Scoring.Charts), 2},
		{"the children's chart", p.Scoring.Charts[0].Chart.ID(), "npews-england"},
		{"a children's chart ends at", p.Scoring.Charts[0].MaxMonths, 16 * 12},
		{"limits", len(p.Scoring.Limits), 0},
		{"persistence", p.Alerts.PersistScore, 90 * time.Second},
		{"margin of medium", p.Alerts.Below[ward.Medium], 3},
		{"margin of high is the default's", p.Alerts.Below[ward.High], d.Alerts.Below[ward.High]},
		{"a ladder's first rung", p.Alerts.Ladder[alerts.Step{Kind: ward.Clinical, Band: ward.Medium}][0].Accept, 5 * time.Minute},
		{"a rung without channels has all", p.Alerts.Ladder[alerts.Step{Kind: ward.Clinical, Band: ward.Medium}][0].Channels[0], "webhook"},
		{"the ladder of high is the default's", len(p.Alerts.Ladder[alerts.Step{Kind: ward.Clinical, Band: ward.High}]), 2},
	} {
		if c.got != c.want {
			t.Errorf("%s: %v, want %v", c.what, c.got, c.want)
		}
	}
	if d.Alerts.Below[ward.Medium] == 3 {
		t.Error("the file changed the default's own map")
	}
}

// Who must accept, and a time to chart, stand in a rung where it asks for them, and only there.
func TestARungSaysWhatItAsks(t *testing.T) {
	p, err := parse(t, `
version: ward-a-2
alerts:
  ladder:
    clinical:
      medium:
        - {roles: [nurse, doctor_on_duty], must: [doctor_on_duty, nurse], accept: 5m, confirm: 15m, bedside: 30m}
        - {roles: [duty_lead], accept: 5m, bedside: 30m}
`)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := policy.Write(&b, &p); err != nil {
		t.Fatal(err)
	}
	again, err := parse(t, b.String())
	if err != nil {
		t.Fatal(err)
	}
	step := alerts.Step{Kind: ward.Clinical, Band: ward.Medium}
	for _, rungs := range [][]alerts.Rung{p.Alerts.Ladder[step], again.Alerts.Ladder[step]} {
		if r := rungs[0]; !slices.Equal(r.Must, []ward.Role{ward.RoleDoctor, ward.RoleNurse}) || r.Confirm != 15*time.Minute {
			t.Errorf("the first rung reads %+v", r)
		}
		if r := rungs[1]; r.Must != nil || r.Confirm != 0 {
			t.Errorf("the second rung reads %+v", r)
		}
	}
	if n := strings.Count(b.String(), "confirm:"); n != 1 {
		t.Errorf("%d rungs ask for a set:\n%s", n, b.String())
	}
}

// Every error names the line and says what would be right.
func TestErrorsNameLineAndRemedy(t *testing.T) {
	for _, c := range []struct {
		name, text string
		line       int
		says       []string
	}{
		{"no version", "scoring: {silence: 1m}\n", 0, []string{"version is missing", "version: ward-a-2"}},
		{"a setting that there is not", "version: x\nscoring:\n  silense: 1m\n", 3, []string{`"silense"`, "silence"}},
		{"no length of time", "version: x\nscoring:\n  silence: soon\n", 3, []string{`"soon"`, "90s"}},
		{"a negative time", "version: x\nalerts:\n  clear: -2m\n", 3, []string{"clear", "2m"}},
		{"a number without a unit", "version: x\nscoring:\n  silence: 60\n", 3, []string{`"60"`, "90s"}},
		{"a word for a number", "version: x\nscoring:\n  oxygen:\n    high: much\n", 4, []string{`"much" is not a number`}},
		{"percent for a fraction", "version: x\nscoring:\n  oxygen:\n    high: 40\n", 4, []string{"oxygen.high"}},
		{"an unknown chart", "version: x\nscoring:\n  charts:\n    - {chart: news3}\n", 4, []string{`"news3"`, "news2"}},
		{"an unknown vital", "version: x\nscoring:\n  stale:\n    pulse: {device: 5m}\n", 4, []string{`"pulse"`, "pr"}},
		{"an unknown role", "version: x\nalerts:\n  ladder:\n    clinical:\n      high:\n        - {roles: [boss], accept: 1m, bedside: 5m}\n", 6, []string{`"boss"`, "nurse"}},
		{"a rung that tells nobody", "version: x\nalerts:\n  ladder:\n    clinical:\n      high:\n        - {accept: 1m, bedside: 5m}\n", 6, []string{"tells nobody"}},
		{"an unknown kind of alert", "version: x\nalerts:\n  ladder:\n    clincal: {}\n", 4, []string{`"clincal"`, "clinical"}},
		{"an unknown band", "version: x\nalerts:\n  below: {severe: 4}\n", 3, []string{`"severe"`, "medium"}},
		{"an age without a unit", "version: x\nscoring:\n  charts:\n    - {chart: news2, from: 16}\n", 4, []string{`"16"`, "16y"}},
		{"a key twice", "version: x\nscoring: {}\nscoring: {}\n", 3, []string{"line 2"}},
		{"a list for a group", "version: x\nscoring: [1]\n", 2, []string{"settings with names"}},
		{"a group for a list", "version: x\nscoring:\n  limits: {rr: 5}\n", 3, []string{"list", "dash"}},
		{"a value for a group", "version: x\nscoring: yes\n", 2, []string{"group"}},
		{"bad indentation", "version: x\nscoring:\n silence: 1m\n   stale: {}\n", 4, []string{"not YAML"}},
		{"an empty file", "", 0, []string{"version is missing"}},
		{"an image to review that no table knows", "version: x\nscoring: {imaging: {review: [hernia]}}\n", 2, []string{"hernia", "no row of the respiratory table"}},
		{"somebody must accept who is not told", "version: x\nalerts:\n  ladder:\n    clinical:\n      high:\n        - {roles: [nurse], must: [doctor_on_duty], accept: 3m, bedside: 30m}\n", 6, []string{"doctor_on_duty must accept and is not told"}},
		{"a snooze of no length", "version: x\nalerts:\n  clear: 2m\n  max_snooze: 0s\n", 4, []string{"more than zero"}},
		{"another policy under the shipped name", "version: default-5\nscoring: {silence: 20m}\n", 1, []string{"name of its own"}},
		{"another zone under the shipped name", "version: default-5\nscoring: {zone: Europe/Paris}\n", 1, []string{"name of its own"}},
		{"a limit in °F", "version: x\nscoring:\n  limits:\n    - {vital: temp, high: 102, band: medium}\n", 4, []string{"25 to 45"}},
		{"a saturation as a fraction", "version: x\nscoring:\n  limits:\n    - {vital: spo2, low: 0.9, band: medium}\n", 4, []string{"30 to 100"}},
		{"a check that everybody is under", "version: x\nscoring:\n  check_below:\n    - {below: {spo2: 100}}\n", 4, []string{"30 to 92"}},
		{"a crossing that never lasts long enough", "version: x\nalerts:\n  persist_score: 10d\n", 3, []string{"at most 1h"}},
		{"two documents", "version: x\n---\nversion: y\n", 0, []string{"second document"}},
		{"endless repetition", "version: x\na: &a [1,1,1,1,1,1,1,1,1,1]\n", 2, []string{`"a"`}},
		{"a limit the wrong way round", "version: x\nscoring:\n  limits:\n    - {vital: rr, low: 30, high: 10, band: medium}\n", 4, []string{"limits"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := parse(t, c.text)
			var p *policy.Problem
			if !errors.As(err, &p) {
				t.Fatalf("got %v, want a problem", err)
			}
			if p.File != "ward.yaml" || p.Line != c.line {
				t.Errorf("at %s line %d, want line %d: %v", p.File, p.Line, c.line, err)
			}
			for _, word := range c.says {
				if !strings.Contains(err.Error(), word) {
					t.Errorf("%q does not say %q", err, word)
				}
			}
		})
	}
}

// What is allowed but hardly meant is said.
func TestWarnings(t *testing.T) {
	p, err := parse(t, "version: x\nscoring: {charts: [], silence: 10h, stale: {hr: {device: 500h}}}\nalerts: {concerns: {chanel_down: {persist: 1m, band: high}}}\n")
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"alerts.concerns.chanel_down", "scoring.charts is empty", "scoring.silence is 10h", "scoring.stale.hr.device is 500h"}
	got := p.Warnings()
	if len(got) != len(want) {
		t.Fatalf("warnings %q", got)
	}
	for i := range want {
		if !strings.HasPrefix(got[i], want[i]) {
			t.Errorf("%q, want %q", got[i], want[i])
		}
	}
	d := policy.Default(site(t))
	if got := d.Warnings(); len(got) > 0 {
		t.Errorf("the default warns %q", got)
	}
}

func TestLoadNamesTheFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "p.yaml")
	if err := os.WriteFile(file, []byte("version: x\nscoring: {silence: never}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := policy.Load(file, site(t)); err == nil || !strings.HasPrefix(err.Error(), file+":2: ") {
		t.Errorf("got %v", err)
	}
	if _, err := policy.Load(file+"x", site(t)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a missing file gives %v", err)
	}
}

// Whatever a file holds, reading it ends, and what it accepts can be written and read again.
func FuzzPolicy(f *testing.F) {
	f.Add("version: x\nscoring: {silence: 2m, charts: [{chart: none}]}\n")
	f.Add("version: x\nalerts: {ladder: {clinical: {high: [{roles: [nurse], accept: 1m, bedside: 2m}]}}}\n")
	f.Add("a: &a [*a, *a]\nversion: *a\n")
	s := site(f)
	f.Fuzz(func(t *testing.T, text string) {
		p, err := policy.Parse("f", []byte(text), s)
		if err != nil {
			return
		}
		var b bytes.Buffer
		if err := policy.Write(&b, &p); err != nil {
			t.Fatal(err)
		}
		if _, err := policy.Parse("again", b.Bytes(), s); err != nil {
			t.Fatalf("%v in\n%s", err, b.String())
		}
	})
}
