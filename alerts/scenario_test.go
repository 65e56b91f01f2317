package alerts

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"wardwatch/ward"
)

// TestScenarios runs every script of testdata against the real desk. testdata/README.md tells a
// clinician how to read and write them.
func TestScenarios(t *testing.T) {
	files, err := filepath.Glob("testdata/*.ward")
	if err != nil || len(files) == 0 {
		t.Fatal("no scripts found", err)
	}
	for _, f := range files {
		t.Run(strings.TrimSuffix(filepath.Base(f), ".ward"), func(t *testing.T) {
			text, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			runScript(t, string(text), false)
		})
		// The same again with the program killed and restarted before every line: nobody may notice.
		t.Run(strings.TrimSuffix(filepath.Base(f), ".ward")+"/restarted", func(t *testing.T) {
			text, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			runScript(t, string(text), true)
		})
	}
}

type script struct {
	*rig
	now    time.Time
	last   ward.Score
	told   int // notices already accounted for
	failed error
	brief  int // candidates that did not persist, already accounted for
	down   bool
}

func runScript(t *testing.T, text string, restarts bool) {
	s := &script{rig: newRig(t, Default("webhook"))}
	s.stays["s1"] = ward.Stay{ID: "s1", Place: bed7}
	lines := bufio.NewScanner(strings.NewReader(text))
	for n := 1; lines.Scan(); n++ {
		line, _, _ := strings.Cut(lines.Text(), "#")
		switch words := strings.Fields(line); {
		case len(words) == 0:
		case strings.HasPrefix(line, " "):
			if err := s.expect(strings.TrimSpace(line)); err != nil {
				t.Fatalf("line %d: %s: %v", n, strings.TrimSpace(line), err)
			}
		default:
			if restarts {
				s.restart()
				s.brief = 0
				s.rescore()
			}
			if err := s.happen(words); err != nil {
				t.Fatalf("line %d: %s: %v", n, line, err)
			}
		}
	}
}

// happen lets time pass to the line's clock time, second by second, and then does the event.
func (s *script) happen(words []string) error {
	at := clock(words[0])
	if s.now.IsZero() || words[1] == "clock" || words[1] == "downtime" {
		s.now = at
	}
	for ; s.now.Before(at); s.now = s.now.Add(time.Second) {
		s.pass()
	}
	defer s.pass()
	rest := strings.Join(words[1:], " ")
	who, what, _ := strings.Cut(rest, " ")
	switch {
	case rest == "nothing" || who == "clock" || who == "downtime":
		return nil
	case rest == "restart":
		s.restart()
		return nil
	case who == "score":
		return s.score(strings.Fields(what))
	case who == "monitor":
		return s.alarm(strings.Fields(what))
	case who == "patient":
		return s.stay(strings.Fields(what))
	case who == "webhook":
		s.down = what == "down"
		return nil
	}
	return s.deed(ward.Role(who), what)
}

// pass is one second of the real program: the clock ticks and the outbox delivers.
func (s *script) pass() {
	s.tick(s.now)
	due, _ := s.book.DueNotices(context.Background(), s.now, 1000)
	for _, n := range due {
		r := ward.Receipt{Notice: n.ID, At: s.now, OK: !s.down, Final: s.down, Error: "refused"}
		settled, _ := s.book.Settle(context.Background(), r)
		s.desk.Receipt(context.Background(), settled, r)
	}
}

func (s *script) score(w []string) error {
	switch {
	case w[0] == "lost":
		s.last = lost(s.now, s.last.Band)
	case w[0] == "check":
		s.last = partial(s.now, points(&s.last))
		s.last.Check = w[1]
		for i := range s.last.PartList() {
			if s.last.Parts[i].Input == w[1] {
				s.last.Parts[i].State = ward.Implausible
			}
		}
	case w[0] == "held":
		band := s.last.Band
		s.last = partial(s.now, 0)
		s.last.Band, s.last.Held = band, true
	case w[0] == "single":
		s.last = complete(s.now, 3)
		s.last.Band = ward.LowMedium
	case strings.HasPrefix(w[0], "≥"):
		n, err := strconv.Atoi(strings.TrimPrefix(w[0], "≥"))
		if err != nil {
			return err
		}
		s.last = partial(s.now, n)
	default:
		n, err := strconv.Atoi(w[0])
		if err != nil {
			return err
		}
		s.last = complete(s.now, n)
	}
	s.observe(s.last)
	return nil
}

// rescore is what the scoring engine does after a restart: every bed's state is scored once.
func (s *script) rescore() {
	if s.last.Chart == "" {
		return
	}
	again := s.last
	again.At, again.Position = s.now, 0
	if err := s.desk.Observe(context.Background(), &again, nil); err != nil {
		s.t.Fatal(err)
	}
}

func (s *script) alarm(w []string) error {
	a := ward.DeviceAlarm{Code: w[0], On: w[1] != "ends"}
	if a.On {
		p, ok := ward.PriorityNamed(w[1])
		if !ok {
			return fmt.Errorf("no priority %q", w[1])
		}
		a.Priority = p
	}
	if s.last.Chart == "" {
		s.last = complete(s.now, 0)
	}
	s.last.At = s.now
	s.observe(s.last, a)
	return nil
}

func (s *script) stay(w []string) error {
	stay := s.stays["s1"]
	switch w[0] {
	case "off": // patient off until 09:00:00
		stay.Off = ward.OffWard{Destination: "CT", Since: s.now, Until: clock(w[2])}
	case "returns":
		stay.Off = ward.OffWard{}
	case "comfort":
		stay.Care = ward.Care{Status: ward.ComfortCare, By: "d1", Since: s.now}
	case "full":
		stay.Care = ward.Care{}
	case "moves": // patient moves 09
		if err := s.desk.StayMoved(context.Background(), "s1", ward.Place{Ward: "icu", Bed: ward.BedID(w[1])}, s.now); err != nil {
			return err
		}
		s.last.Place.Bed = ward.BedID(w[1])
	case "leaves":
		return s.desk.StayEnded(context.Background(), "s1", s.now, "discharged")
	default:
		return fmt.Errorf("unknown: %v", w)
	}
	s.stays["s1"] = stay
	if s.last.Chart != "" { // a changed record is scored again
		s.last.At = s.now
		s.observe(s.last)
	}
	return nil
}

func (s *script) deed(role ward.Role, what string) error {
	deeds := map[string]ward.Deed{
		"sees": ward.DoSee, "accepts": ward.DoAccept, "declines": ward.DoDecline, "arrives": ward.DoBedside,
		"closes": ward.DoResolve, "snoozes": ward.DoSnooze, "escalates": ward.DoEscalate,
	}
	verb, reason, _ := strings.Cut(what, " ")
	do, ok := deeds[verb]
	if !ok {
		return fmt.Errorf("unknown event")
	}
	x := ward.Action{Do: do, Role: role, By: ward.PersonID("p-" + string(role)), At: s.now}
	if do == ward.DoSnooze {
		until, why, _ := strings.Cut(strings.TrimPrefix(reason, "until "), " ")
		x.Until, reason = clock(until), why
	}
	x.Reason = reason
	for _, a := range s.desk.Open() {
		if a.Kind != ward.Technical {
			x.Alert = a.ID
		}
	}
	_, s.failed = s.desk.Act(context.Background(), x)
	return nil
}

func (s *script) expect(line string) error {
	what, value, _ := strings.Cut(line, ": ")
	switch what {
	case "alert", "technical":
		return s.expectAlert(what == "technical", value)
	case "told":
		return s.expectTold(value)
	case "ended":
		if value == ReasonBrief { // it was never written down
			if s.desk.counts.brief == s.brief {
				return fmt.Errorf("no candidate ended")
			}
			s.brief = s.desk.counts.brief
			return nil
		}
		var last ward.Alert
		for _, a := range s.book.alerts {
			if a.State == ward.Resolved && !a.Ended.Before(last.Ended) {
				last = a
			}
		}
		if last.Reason != value {
			return fmt.Errorf("ended because %q", last.Reason)
		}
		return nil
	case "refused":
		var e *ward.Error
		if !errors.As(s.failed, &e) || !strings.Contains(e.Message, value) || e.Hint == "" {
			return fmt.Errorf("got %v", s.failed)
		}
		s.failed = nil
		return nil
	}
	return fmt.Errorf("unknown expectation")
}

func (s *script) expectAlert(technical bool, want string) error {
	got := "none"
	for _, a := range s.desk.Open() {
		if (a.Kind == ward.Technical) != technical {
			continue
		}
		got = string(a.State) + " " + a.Band.String()
		if a.Level > 0 {
			got += " level " + strconv.Itoa(a.Level)
		}
		if a.State == ward.Suppressed {
			got += " by " + a.Rule
		}
		for _, c := range a.Causes {
			if c.Live() {
				got += " " + c.Code
			}
		}
	}
	if got != want {
		return fmt.Errorf("the alert is %q", got)
	}
	return nil
}

// expectTold checks everything promised since the last such line.
func (s *script) expectTold(want string) error {
	if s.failed != nil {
		return fmt.Errorf("the deed before was refused: %v", s.failed)
	}
	var got []string
	for _, n := range s.book.notices[s.told:] {
		got = append(got, string(n.Role))
	}
	s.told = len(s.book.notices)
	if len(got) == 0 {
		got = []string{"nobody"}
	}
	if w := strings.Fields(want); !slices.Equal(got, w) {
		return fmt.Errorf("told were %v", got)
	}
	return nil
}
