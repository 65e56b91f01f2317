package alerts

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"wardwatch/ward"
)

// highAt is a desk at which a high alert has just been told.
func highAt(t *testing.T, at time.Time) (*rig, ward.AlertID) {
	t.Helper()
	r := newRig(t, Default("webhook"))
	r.stays["s1"] = ward.Stay{ID: "s1", Place: bed7}
	r.observe(complete(at.Add(-2*time.Minute), 8))
	r.tick(at)
	return r, r.desk.Open()[0].ID
}

// TestTwoAcceptAtOnce: of two doctors who accept in the same moment one has it, and the other is
// told so; two roles both have it. The nurse's notices and the doctor's are withdrawn once.
func TestTwoAcceptAtOnce(t *testing.T) {
	at := clock("08:00:00")
	r, id := highAt(t, at)
	var all sync.WaitGroup
	got := make([]error, 3)
	for i, x := range []ward.Action{{Role: ward.RoleDoctor, By: "an"}, {Role: ward.RoleDoctor, By: "binh"}, {Role: ward.RoleNurse, By: "chi"}} {
		x.Alert, x.Do, x.At = id, ward.DoAccept, at.Add(time.Second)
		all.Go(func() { _, got[i] = r.desk.Act(context.Background(), x) })
	}
	all.Wait()
	var e *ward.Error
	if (got[0] == nil) == (got[1] == nil) || !errors.As(errors.Join(got[0], got[1]), &e) || e.Code != ward.Conflict || got[2] != nil {
		t.Fatalf("got %v", got)
	}
	a := r.desk.Open()[0]
	if a.State != ward.Accepted || !a.AcceptDue.IsZero() || !a.BedsideDue.Equal(plain(at.Add(time.Second+30*time.Minute))) {
		t.Errorf("%s, to be accepted by %v, at the bedside by %v", a.State, a.AcceptDue, a.BedsideDue)
	}
}

// TestAcceptanceRacesEscalation: whichever comes first, the deadline or the doctor, nothing is lost:
// the doctor has accepted, and the next rung is told at most once.
func TestAcceptanceRacesEscalation(t *testing.T) {
	for range 50 {
		at := clock("08:00:00")
		r, id := highAt(t, at)
		due := at.Add(3 * time.Minute)
		var all sync.WaitGroup
		all.Go(func() {
			if _, err := r.desk.Act(context.Background(), ward.Action{Alert: id, Do: ward.DoAccept, Role: ward.RoleDoctor, By: "an", At: due}); err != nil {
				t.Error(err)
			}
		})
		all.Go(func() {
			if err := r.desk.Tick(context.Background(), due); err != nil {
				t.Error(err)
			}
		})
		all.Wait()
		r.tick(due.Add(10 * time.Minute))
		a := r.desk.Open()[0]
		if a.State != ward.Accepted || a.Level > 2 || a.Next != ward.DueBedside {
			t.Fatalf("%s level %d, next %s", a.State, a.Level, a.Next)
		}
	}
}

// TestDaylightSaving: deadlines are moments, not clock faces. In the night in which clocks go back, or
// forward, each passes after its own length, whatever zone the times come in.
func TestDaylightSaving(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Skip("this machine has no time zones")
	}
	for name, at := range map[string]time.Time{
		"an hour twice":    time.Date(2026, 10, 25, 2, 59, 0, 0, berlin),
		"an hour left out": time.Date(2026, 3, 29, 1, 59, 0, 0, berlin),
	} {
		r, _ := highAt(t, at)
		r.tick(at.Add(3*time.Minute - time.Second))
		if a := r.desk.Open()[0]; a.Level != 1 {
			t.Errorf("%s: climbed early", name)
		}
		r.tick(at.Add(3 * time.Minute).In(time.UTC))
		if a := r.desk.Open()[0]; a.Level != 2 {
			t.Errorf("%s: level %d when three minutes were over", name, a.Level)
		}
	}
}

// TestOlderAlerts: an alert that an older version wrote, with one deadline, keeps it.
func TestOlderAlerts(t *testing.T) {
	at := clock("08:00:00")
	r, id := highAt(t, at)
	a := r.book.alerts[id]
	a.AcceptDue = time.Time{}
	r.book.alerts[id] = a
	r.desk = nil
	r.restart()
	if err := r.act(ward.DoSee, at.Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	r.tick(at.Add(3 * time.Minute))
	if a := r.desk.Open()[0]; a.Level != 2 {
		t.Errorf("level %d when the older deadline had passed", a.Level)
	}
}

// TestHandOverCallsBack: what is on its way to the giver is withdrawn, by person.
func TestHandOverCallsBack(t *testing.T) {
	r := newRig(t, Default("push", "webhook"))
	r.personal = map[string]bool{"push": true}
	r.who = func(role ward.Role, _ ward.Alert, _ time.Time) ward.OnDuty {
		return ward.OnDuty{Role: role, How: ward.HeldByRoster, People: []ward.PersonID{"an", "chi"}}
	}
	r.restart()
	r.stays["s1"] = ward.Stay{ID: "s1", Place: bed7}
	at := clock("08:00:00")
	r.observe(complete(at, 5))
	r.tick(at.Add(2 * time.Minute))
	at = at.Add(3 * time.Minute)
	h := ward.HandOver{Role: ward.RoleNurse, From: "an", To: "binh", Stays: []ward.StayID{"s1", "s2"}}
	for range 2 {
		if err := r.desk.HandOver(context.Background(), h, at); err != nil {
			t.Fatal(err)
		}
	}
	want := map[ward.PersonID]ward.NoticeState{"an": ward.NoticeWithdrawn, "chi": ward.NoticePending, "binh": ward.NoticePending, "": ward.NoticePending}
	if len(r.book.notices) != len(want) {
		t.Fatalf("%d notices", len(r.book.notices))
	}
	for _, n := range r.book.notices {
		if n.State != want[n.To] {
			t.Errorf("the notice to %q is %s", n.To, n.State)
		}
	}
	if u := r.desk.Open()[0].Duties[0]; u.Promised != 3 || len(u.People) != 2 {
		t.Errorf("duty of %v with %d promises", u.People, u.Promised)
	}
}

// TestHandOverAgainLater: the same answer, sent again hours later, takes nothing from the giver that came to
// them since; nor does it take a patient from whoever has them by then.
func TestHandOverAgainLater(t *testing.T) {
	at := clock("08:00:00")
	r, id := highAt(t, at)
	h := ward.HandOver{Role: ward.RoleNurse, From: "an", To: "binh", Stays: []ward.StayID{"s1"}, Answered: at.Add(-time.Hour)}
	owner := func(what string, want ward.PersonID) {
		t.Helper()
		if err := r.desk.HandOver(context.Background(), h, at.Add(time.Minute)); err != nil {
			t.Fatal(err)
		}
		if u := r.desk.Open()[0].Duties[0]; u.By != want {
			t.Errorf("%s: %q has it", what, u.By)
		}
	}
	x := ward.Action{Alert: id, Do: ward.DoAccept, Role: ward.RoleNurse, By: "an", At: at.Add(time.Second)}
	if _, err := r.desk.Act(context.Background(), x); err != nil {
		t.Fatal(err)
	}
	owner("told and accepted since", "an")
	h.Answered = at
	owner("accepted since", "an")
	h.Answered = at.Add(time.Minute)
	r.stays["s1"] = ward.Stay{ID: "s1", Place: bed7, Nurse: "chi"}
	owner("another's patient", "an")
	r.stays["s1"] = ward.Stay{ID: "s1", Place: bed7, Nurse: "binh"}
	owner("accepted before", "binh")
}

// TestNoBedsideTime: a rung without a time to the bedside takes the first one's, so that what is
// accepted there never sits.
func TestNoBedsideTime(t *testing.T) {
	p := Default("webhook")
	p.Ladder[Step{ward.Clinical, ward.High}][1].Bedside = 0
	r := newRig(t, p)
	r.stays["s1"] = ward.Stay{ID: "s1", Place: bed7}
	at := clock("08:00:00")
	r.observe(complete(at, 8))
	r.tick(at.Add(2 * time.Minute))
	r.tick(at.Add(5 * time.Minute))
	x := ward.Action{Alert: r.desk.Open()[0].ID, Do: ward.DoAccept, Role: ward.RoleLead, By: "an", At: at.Add(6 * time.Minute)}
	if _, err := r.desk.Act(context.Background(), x); err != nil {
		t.Fatal(err)
	}
	if a := r.desk.Open()[0]; a.Next != ward.DueBedside || !a.NextAt.Equal(plain(at.Add(36*time.Minute))) {
		t.Errorf("due is %s at %v", a.Next, a.NextAt)
	}
}

// TestComfortWithoutScores: whoever has no monitor is looked after, too, from the record alone, also
// after a restart; and a driver that sleeps until Due wakes in time.
func TestComfortWithoutScores(t *testing.T) {
	at := clock("08:00:00")
	r := newRig(t, Default("webhook"))
	s := ward.Stay{ID: "s1", Place: bed7, Care: ward.Care{Status: ward.ComfortCare, Since: at}}
	r.stays["s1"] = s
	r.tick(at)
	if err := r.desk.Stays(context.Background(), []ward.Stay{s}, at); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if due := r.desk.Due(); !due.Equal(plain(at.Add(4 * time.Hour))) {
			t.Fatalf("due at %v", due)
		}
		r.restart()
	}
	r.tick(at.Add(4 * time.Hour))
	if a := r.desk.Open(); len(a) != 1 || a[0].Causes[0].Code != CauseSymptoms || a[0].State != ward.Active {
		t.Fatalf("open are %v", a)
	}
	s.Ended = at.Add(5 * time.Hour)
	r.stays["s1"] = s
	if err := r.desk.StayEnded(context.Background(), "s1", s.Ended, "died"); err != nil {
		t.Fatal(err)
	}
	r.tick(at.Add(9 * time.Hour))
	if n := len(r.desk.Open()); n != 0 {
		t.Errorf("%d alerts for who is not here", n)
	}
}

// TestRoundsOfOneMillisecond: two rounds that are told in the same millisecond are two promises.
func TestRoundsOfOneMillisecond(t *testing.T) {
	at := clock("08:00:00")
	r := newRig(t, Default("webhook"))
	r.stays["s1"] = ward.Stay{ID: "s1", Place: bed7}
	r.observe(complete(at, 5))
	at = at.Add(2 * time.Minute)
	r.tick(at) // the nurse is told of five points
	r.observe(complete(at, 5), ward.DeviceAlarm{Code: "asystole", Priority: ward.HighPriority, On: true})
	if n := len(r.book.notices); n != 1+3 {
		t.Errorf("%d notices for two tellings, of one role and of three", n)
	}
}

// TestSetsOfBefore: a set that was entered before the rung was told confirms nothing, however late we
// hear of it; nor does one that names nobody, or another's.
func TestSetsOfBefore(t *testing.T) {
	at := clock("08:00:00")
	r := newRig(t, Default("webhook"))
	r.stays["s1"] = ward.Stay{ID: "s1", Place: bed7}
	r.observe(complete(at.Add(-2*time.Minute), 5))
	r.tick(at)
	for name, o := range map[string]ward.Observation{
		"entered before":   {Stay: "s1", At: at, Entered: at.Add(-time.Second), By: "an"},
		"a device's own":   {Stay: "s1", At: at, Entered: at},
		"of somebody else": {Stay: "s2", At: at, Entered: at, By: "an"},
	} {
		if err := r.desk.Charted(context.Background(), o, ward.RoleNurse); err != nil {
			t.Fatal(err)
		}
		if a := r.desk.Open()[0]; a.ConfirmDue.IsZero() || a.State != ward.Active {
			t.Errorf("%s: %s, to be confirmed by %v", name, a.State, a.ConfirmDue)
		}
	}
	if err := r.desk.Charted(context.Background(), ward.Observation{Stay: "s1", At: at.Add(-time.Hour), Entered: at, By: "an"}, ""); err != nil {
		t.Fatal(err)
	}
	if a := r.desk.Open()[0]; !a.ConfirmDue.IsZero() || a.AcceptDue.IsZero() {
		t.Errorf("a set without a role confirms, and accepts for nobody: %+v", a)
	}
}

// TestSymptomsWrittenDownLate: an older look neither calls nor ends anything.
func TestSymptomsWrittenDownLate(t *testing.T) {
	at := clock("08:00:00")
	r := newRig(t, Default("webhook"))
	r.stays["s1"] = ward.Stay{ID: "s1", Place: bed7, Care: ward.Care{Status: ward.ComfortCare, Since: at.Add(-time.Hour)}, Symptoms: at}
	check := func(looked time.Time, pain int) {
		t.Helper()
		if err := r.desk.Symptoms(context.Background(), ward.SymptomCheck{Stay: "s1", At: looked, Entered: at.Add(time.Minute), Pain: pain}); err != nil {
			t.Fatal(err)
		}
	}
	check(at.Add(-30*time.Minute), 3)
	if n := len(r.desk.Open()); n != 0 {
		t.Fatal("an older severe symptom called")
	}
	check(at.Add(30*time.Second), 3)
	check(at.Add(-30*time.Minute), 0)
	if a := r.desk.Open(); len(a) != 1 || a[0].Causes[0].Code != CauseSevere {
		t.Fatalf("open are %v", a)
	}
}
