package alerts

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
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
			runScript(t, string(text), script{})
		})
		// The same again with the program killed and restarted before every line: nobody may notice.
		t.Run(strings.TrimSuffix(filepath.Base(f), ".ward")+"/restarted", func(t *testing.T) {
			text, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			runScript(t, string(text), script{restarts: true})
		})
	}
}

type script struct {
	*rig
	now    time.Time
	last   ward.Score
	heard  int // notices already accounted for
	failed error
	brief  int // candidates that did not persist, already accounted for
	down   bool
	flags  []ward.Flag
	chart  string // "" is news2; "none": no chart may be used

	duty     map[ward.Role]ward.OnDuty // by the script's roster
	homeless ward.PersonID             // has no address

	restarts bool // before every line
	jumps    bool // time jumps to what is due
	passes   int
}

func runScript(t *testing.T, text string, how script) *script {
	s := &how
	channel := "webhook"
	if regexp.MustCompile(`(?m)^[0-9:]+ duty `).MatchString(text) { // a story of people is told by a channel that reaches one person
		channel = "push"
		s.duty = map[ward.Role]ward.OnDuty{}
	}
	p := Default(channel)
	p.ClosedScore = p.ClosedFor // a story fits in a day
	s.rig = newRig(t, p)
	s.staffed()
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
			if s.restarts {
				s.restart()
				s.brief = 0
				s.rescore()
			}
			if err := s.happen(words); err != nil {
				t.Fatalf("line %d: %s: %v", n, line, err)
			}
		}
	}
	return s
}

// told is every promise that was made, and when.
func (s *script) told() string {
	var b strings.Builder
	for _, n := range s.book.notices {
		fmt.Fprintf(&b, "%s %s level %d to %s at %v\n", n.Kind, n.Band, n.Level, n.Role, n.Made)
	}
	return b.String()
}

// happen lets time pass to the line's clock time, second by second, and then does the event.
func (s *script) happen(words []string) error {
	at := clock(words[0])
	if s.now.IsZero() || words[1] == "clock" || words[1] == "downtime" {
		s.now = at
	}
	for ; s.now.Before(at); s.now = s.next(at) {
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
	case who == "flag":
		return s.flag(strings.Fields(what))
	case who == "chart":
		s.chart = what
		return nil
	case who == "monitor":
		return s.alarm(strings.Fields(what))
	case who == "patient":
		return s.stay(strings.Fields(what))
	case who == "webhook" || who == "push":
		s.down = what == "down"
		s.homeless = ward.PersonID(strings.TrimPrefix(what, "has no address for "))
		return nil
	case who == "duty":
		return s.roster(strings.Fields(what))
	case who == "handover":
		return s.handOver(strings.Fields(what))
	}
	role, person, named := strings.Cut(who, "/")
	if !named {
		person = "p-" + role
	}
	return s.deed(ward.Role(role), ward.PersonID(person), what)
}

// next is when time is looked at again.
func (s *script) next(at time.Time) time.Time {
	second := s.now.Add(time.Second)
	if !s.jumps {
		return second
	}
	notice, _ := s.book.NextNotice(context.Background())
	due := earlier(s.desk.Due(), notice)
	switch {
	case due.IsZero() || !due.Before(plain(at)): // a line comes before what is due at its time
		return at
	case due.Before(second): // the outbox goes round once a second
		return second
	}
	return due
}

// pass is one second of the real program: the clock ticks and the outbox delivers.
func (s *script) pass() {
	s.passes++
	s.tick(s.now)
	due, _ := s.book.DueNotices(context.Background(), s.now, 1000)
	for _, n := range due {
		lost := s.homeless != "" && n.To == s.homeless
		r := ward.Receipt{Notice: n.ID, At: s.now, OK: !s.down && !lost, Final: s.down || lost, Nobody: lost, Error: "refused"}
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
	s.seen()
	return nil
}

// seen hands the last score over, with what else stands now.
func (s *script) seen(alarms ...ward.DeviceAlarm) {
	s.last.At = s.now
	s.last.NFlags = copy(s.last.Flags[:], s.flags)
	switch s.chart {
	case "":
	case "none":
		s.last.Chart, s.last.Refused, s.last.Band = "", ward.RefusedNoChart, ward.Unknown
	default:
		s.last.Chart = s.chart
	}
	s.observe(s.last, alarms...)
}

// flag limit:spo2:low medium after 15s | flag limit:spo2:low held | flag limit:spo2:low ends
func (s *script) flag(w []string) error {
	i := slices.IndexFunc(s.flags, func(f ward.Flag) bool { return f.Code == w[0] })
	f := ward.Flag{Code: w[0], Since: s.now, Due: s.now}
	if i >= 0 {
		f = s.flags[i]
		s.flags = slices.Delete(s.flags, i, i+1)
	}
	switch {
	case w[1] == "held":
		f.Held = true
	case w[1] != "ends":
		band, ok := ward.BandNamed(w[1])
		if !ok {
			return fmt.Errorf("no band %q", w[1])
		}
		f.Band, f.Held = band, false
	}
	if len(w) == 4 {
		wait, err := time.ParseDuration(w[3])
		if err != nil {
			return err
		}
		f.Due = s.now.Add(wait)
	}
	if w[1] != "ends" {
		s.flags = append(s.flags, f)
	}
	if s.last.NParts == 0 {
		s.last = complete(s.now, 0)
	}
	s.seen()
	return nil
}

// rescore is what the scoring engine does after a restart: every bed's state is scored once.
func (s *script) rescore() {
	if s.last.NParts == 0 {
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
	if s.last.NParts == 0 {
		s.last = complete(s.now, 0)
	}
	s.seen(a)
	return nil
}

func (s *script) stay(w []string) error {
	stay := s.stays["s1"]
	switch w[0] {
	case "off": // patient off until 09:00:00
		stay.Off = ward.OffWard{Destination: "CT", Since: s.now, Until: clock(w[2])}
	case "returns":
		stay.Off = ward.OffWard{}
	case "comfort": // patient comfort until 09:00:00
		stay.Care = ward.Care{Status: ward.ComfortCare, By: "d1", Since: s.now}
		if len(w) > 2 {
			stay.Care.Review = clock(w[2])
		}
	case "symptoms": // patient symptoms 3
		return s.symptoms(w[1])
	case "full":
		stay.Care = ward.Care{}
	case "moves": // patient moves 09
		if err := s.desk.StayMoved(context.Background(), "s1", ward.Place{Ward: "icu", Bed: ward.BedID(w[1])}, s.now); err != nil {
			return err
		}
		s.last.Place.Bed = ward.BedID(w[1])
		stay.Place = s.last.Place
	case "leaves":
		return s.desk.StayEnded(context.Background(), "s1", s.now, "discharged")
	default:
		return fmt.Errorf("unknown: %v", w)
	}
	s.stays["s1"] = stay
	if err := s.desk.Stays(context.Background(), []ward.Stay{stay}, s.now); err != nil {
		return err
	}
	if s.last.NParts > 0 { // a changed record is scored again
		s.seen()
	}
	return nil
}

func (s *script) deed(role ward.Role, by ward.PersonID, what string) error {
	deeds := map[string]ward.Deed{
		"sees": ward.DoSee, "accepts": ward.DoAccept, "declines": ward.DoDecline, "arrives": ward.DoBedside,
		"closes": ward.DoResolve, "snoozes": ward.DoSnooze, "escalates": ward.DoEscalate, "comes": ward.DoOnWay, "plans": ward.DoPlan,
	}
	verb, reason, _ := strings.Cut(what, " ")
	if verb == "charts" {
		return s.charts(role, by)
	}
	do, ok := deeds[verb]
	if !ok {
		return fmt.Errorf("unknown event")
	}
	x := ward.Action{Do: do, Role: role, By: by, At: s.now}
	if do == ward.DoSnooze || do == ward.DoPlan {
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
