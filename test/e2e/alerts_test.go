//go:build e2e

package e2e

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"wardwatch/devices/publish"
	"wardwatch/store/book"
	"wardwatch/store/book/audit"
	"wardwatch/store/book/episodes"
	"wardwatch/ward"
)

// ladderPolicy tells a second rung soon, and nobody after it, however long a restart takes.
const ladderPolicy = `version: ladder
scoring: {signal: {window: 1s}}
alerts:
  persist_score: 300ms
  notice_life: 10m
  ladder:
    clinical:
      high:
        - {roles: [nurse, nurse_charge, doctor_on_duty], must: [doctor_on_duty], accept: 3s, bedside: 30m}
        - {roles: [duty_lead, intensive_care], accept: 30m, bedside: 30m}
`

// story is one deterioration from the first reading to the snooze, told by a server that may die at
// any moment of it and is then started again.
type story struct {
	*trial
	door   *relay
	server *server
	doctor string // token
	died   bool
}

func newStory(t *testing.T) *story {
	t.Helper()
	x := newTrial(t, 1)
	x.ill = 1
	x.flags = append(x.pager.flags(), "--policy", policyFile(t, ladderPolicy))
	run(t, "user", "add", "--data", x.site.data, "--login", "bacsi", "--name", "Bác sĩ", "--access", "doctor", "--duties", "doctor_on_duty")
	doctor := strings.TrimSpace(run(t, "user", "token", "--data", x.site.data, "--login", "bacsi", "--name", "e2e"))
	return &story{trial: x, door: newRelay(t), doctor: doctor}
}

// alive starts the server again when it has died.
func (s *story) alive() {
	s.Helper()
	if s.server.process.alive() {
		return
	}
	if s.died {
		s.Fatal("the server died a second time")
	}
	s.died = true
	s.server = s.serve(nil, s.door)
}

// goesOn waits for a condition, through a death of the server.
func (s *story) goesOn(what string, ok func() bool) {
	s.Helper()
	until(s, what, func() bool { s.alive(); return ok() })
}

// does is the doctor's deed. An answer that was lost is asked for again.
func (s *story) does(do string, more map[string]any) {
	s.Helper()
	body := map[string]any{"do": do, "role": "doctor_on_duty"}
	maps.Copy(body, more)
	var last error
	s.goesOn("the doctor's "+do+" is taken", func() bool {
		var list []struct{ ID, Kind string }
		me := *s.server
		me.token = s.doctor
		if last = me.call("GET", "/api/v1/wards/W1/alerts", nil, &list); last != nil {
			return false
		}
		for _, a := range list {
			if a.Kind == "clinical" {
				last = me.call("POST", "/api/v1/alerts/"+a.ID+"/actions", body, nil)
			}
		}
		return last == nil && len(list) > 0
	})
	if last != nil {
		s.Fatal(last)
	}
}

// play tells the story with a server that dies at a point's n-th passage; it says whether it died.
func (s *story) play(point string, n int) bool {
	s.Helper()
	var env []string
	if point != "" {
		env = []string{"WARDWATCH_CRASH_AT=" + point + ":" + strconv.Itoa(n)}
	}
	s.server = s.serve(env, s.door)
	g := newGateway(s, publish.Options{URL: s.door.url(), User: s.site.user, Password: s.site.password}, "boot", 1)
	g.send(0, sick, time.Now())
	s.goesOn("the first rung is told", func() bool { return len(s.pager.roles(bed(0), 1)) == len(firstRung) })
	s.goesOn("nobody accepts, and the second rung is told", func() bool { return len(s.pager.roles(bed(0), 2)) == 2 })
	s.does("accept", nil)
	s.does("on_way", nil)
	s.does("at_bedside", nil)
	s.does("snooze", map[string]any{"reason": "thở oxy, đo lại", "until": time.Now().Add(20 * time.Minute).UnixMilli()})
	s.goesOn("it is snoozed", func() bool {
		var list []struct{ Kind, State string }
		return s.server.call("GET", "/api/v1/wards/W1/alerts", nil, &list) == nil && slices.ContainsFunc(list, func(a struct{ Kind, State string }) bool { return a.Kind == "clinical" && a.State == "snoozed" })
	})
	g.flush()
	s.server.stop()
	return s.died
}

// people is who was told at which rung, once each, however often it came.
func (s *story) people() []string {
	notices, _ := s.pager.heard()
	var list []string
	for _, n := range notices {
		if n.Kind == "clinical" {
			list = append(list, fmt.Sprintf("%d %s", n.Level, n.Role))
		}
	}
	slices.Sort(list)
	return list
}

var toldInTheStory = []string{"1 doctor_on_duty", "1 nurse", "1 nurse_charge", "2 duty_lead", "2 intensive_care"}

// TestKilledAtEachCommitOfAStory: a person gets worse, nobody answers, the ladder climbs, a doctor
// accepts, comes, and snoozes. The server is killed after each commit of that, and between each sending
// and its receipt, and started again: the same people are told, each once or by repeats under one
// key; the record is whole, and says of each deed once who did it.
func TestKilledAtEachCommitOfAStory(t *testing.T) {
	t.Run("undisturbed", func(t *testing.T) {
		t.Parallel()
		newStory(t).whole("", 0)
	})
	for n := range toldInTheStory {
		t.Run("sent/"+strconv.Itoa(n+1), func(t *testing.T) {
			t.Parallel()
			if !newStory(t).whole("sent", n+1) {
				t.Error("the server never came to this sending: this shows nothing")
			}
		})
	}
	for n := 1; n <= moreThanItsCommits; n++ {
		t.Run("alerted/"+strconv.Itoa(n), func(t *testing.T) {
			t.Parallel()
			if newStory(t).whole("alerted", n) && n == moreThanItsCommits {
				t.Error("the story has more commits than are tried")
			}
		})
	}
}

// moreThanItsCommits is beyond the story's last commit: there the server does not die, and the run is as
// the undisturbed one.
const moreThanItsCommits = 11

// whole tells the story and looks at what became of it; it says whether the server died.
func (s *story) whole(point string, n int) (died bool) {
	s.Helper()
	died = s.play(point, n)
	s.Logf("%s %d: died %v", point, n, died)
	if got := s.people(); !slices.Equal(got, toldInTheStory) {
		s.Errorf("told: %v, want %v", got, toldInTheStory)
	}
	if point == "sent" {
		s.repeated()
	}
	s.recorded()
	return died
}

// recorded looks into the book of the stopped server.
func (s *story) recorded() {
	s.Helper()
	ctx := context.Background()
	b, err := book.Open(ctx, filepath.Join(s.site.data, "book.db"), book.Options{})
	if err != nil {
		s.Fatal(err)
	}
	defer b.Close()
	list, err := b.Alerts(ctx, episodes.Filter{Limit: 100})
	if err != nil {
		s.Fatal(err)
	}
	list = slices.DeleteFunc(list, func(a ward.Alert) bool { return a.Kind != ward.Clinical })
	if len(list) != 1 || list[0].State != ward.Snoozed || list[0].Reason != "" || list[0].Rule == "" {
		s.Fatalf("%d alerts of the person, want one that is snoozed with a reason: %+v", len(list), list)
	}
	rows, err := b.Audit(ctx, audit.Filter{Object: "alert:" + string(list[0].ID)})
	if err != nil {
		s.Fatal(err)
	}
	deeds := map[string]int{}
	for _, r := range rows {
		deeds[r.Deed]++
	}
	for deed, want := range map[string]int{
		"alert.raise": 1, "alert.tell": 2, "alert.escalate": 1, "alert.accept": 1, "alert.on_way": 1, "alert.at_bedside": 1, "alert.snooze": 1, "alert.resolve": 0,
	} {
		if deeds[deed] != want {
			s.Errorf("the record has %s %d times, want %d: %v", deed, deeds[deed], want, deeds)
		}
	}
	if v, err := b.VerifyAudit(ctx, nil); err != nil || !v.OK {
		s.Errorf("the record's chain: %+v, %v", v, err)
	}
	for _, w := range s.pager.wrong {
		s.Error(w)
	}
}
