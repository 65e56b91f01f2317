package evidence

import (
	"fmt"
	"math"
	"testing"
	"time"

	"wardwatch/ward"
)

var (
	zone = time.FixedZone("+07", 7*3600)
	noon = time.Date(2026, 11, 21, 12, 0, 0, 0, zone)
	bed7 = ward.Place{Ward: "icu", Bed: "07"}
)

func minute(m float64) time.Time { return noon.Add(time.Duration(m * float64(time.Minute))) }

// story is an alert told as a nurse would: what happened, by the minute after noon.
type story struct{ Case }

func begin(id string, raised float64) *story {
	return &story{Case{
		Alert: ward.Alert{ID: ward.AlertID(id), Place: bed7, Stay: "s1", Kind: ward.Clinical, Band: ward.High, State: ward.Active, Raised: minute(raised),
			Causes: []ward.Cause{{Code: "news2", Band: ward.High, Told: ward.High, Since: minute(raised)}}},
		Receipts: map[ward.NoticeID][]ward.Receipt{},
	}}
}

func (s *story) row(m float64, by ward.PersonID, deed, detail string) {
	s.Audit = append(s.Audit, ward.AuditEntry{At: minute(m), By: by, Deed: "alert." + deed, Object: "alert:" + string(s.Alert.ID), Detail: detail})
}

// tell promises one notice by webhook to each role; it is delivered after some seconds, never when
// they are negative.
func (s *story) tell(m float64, level int, seconds float64, roles ...ward.Role) *story {
	detail := fmt.Sprintf("level %d:", level)
	for _, r := range roles {
		detail += " " + string(r)
		n := ward.Notice{ID: ward.NoticeID(fmt.Sprintf("%s/%d/%s/%g", s.Alert.ID, level, r, m)), Alert: s.Alert.ID, Place: s.Alert.Place, Kind: s.Alert.Kind,
			Band: ward.High, Level: level, Role: r, How: ward.HeldByRoster, Channel: "webhook", Made: minute(m), State: ward.NoticeFailed, Settled: minute(m + 2), Tries: 1}
		if seconds >= 0 {
			n.State, n.Settled = ward.NoticeDelivered, minute(m+seconds/60)
			s.Receipts[n.ID] = []ward.Receipt{{Notice: n.ID, At: n.Settled, OK: true}}
		}
		s.Notices = append(s.Notices, n)
	}
	s.row(m, "", "tell", detail+"; news2 high")
	return s
}

func (s *story) do(m float64, by ward.PersonID, deed ward.Deed, role ward.Role) *story {
	s.row(m, by, string(deed), string(role))
	return s
}

func (s *story) close(m float64, by ward.PersonID, reason string) *story {
	s.Alert.State, s.Alert.Ended, s.Alert.EndedBy, s.Alert.Reason = ward.Resolved, minute(m), by, reason
	s.row(m, by, "resolve", reason)
	return s
}

var limits = Goals{Limits: []Limit{{Kind: ward.Clinical, Band: ward.High, Accept: 3 * time.Minute, Bedside: 30 * time.Minute}}}

func measured(t *testing.T, stories ...*story) Report {
	t.Helper()
	m := NewMeter(Span{From: minute(-60), To: minute(24 * 60), Zone: zone}, limits)
	m.Lyings(ward.Lying{Stay: "s1", Place: bed7, From: minute(-60)})
	for _, s := range stories {
		m.Add(s.Case)
	}
	return m.Report()
}

func near(t *testing.T, what string, got *float64, want float64) {
	t.Helper()
	if got == nil || math.Abs(*got-want) > 1e-6 {
		t.Errorf("%s: %v, want %v", what, show(got), want)
	}
}

func show(p *float64) any {
	if p == nil {
		return "null"
	}
	return *p
}

// One alert, each step of which is known to the second.
func TestStepsOfOneAlert(t *testing.T) {
	s := begin("K1", 0).tell(2, 1, 3, ward.RoleNurse, ward.RoleDoctor).
		do(3, "n1", ward.DoSee, ward.RoleNurse).do(4, "n1", ward.DoAccept, ward.RoleNurse).do(10, "n1", ward.DoBedside, ward.RoleNurse).close(40, "d1", "treated")
	r := measured(t, s)
	a := r.Responses.All
	for _, c := range []struct {
		what string
		got  Stage
		want float64
	}{
		{"crossing to telling", a.TriggerTold, 120}, {"telling to delivery", a.ToldDelivered, 3}, {"telling to seen", a.ToldSeen, 60},
		{"telling to acceptance", a.ToldAccepted, 120}, {"acceptance to bedside", a.AcceptedBedside, 360}, {"telling to bedside", a.ToldBedside, 480},
	} {
		if c.got.N != 1 {
			t.Errorf("%s: n %d", c.what, c.got.N)
		}
		near(t, c.what, c.got.Median, c.want)
		near(t, c.what, c.got.Max, c.want)
	}
	if w := a.ToldAccepted.Within; w == nil || w.N != 1 || w.Of != 1 {
		t.Errorf("accepted in time: %+v", w)
	}
	if len(r.Breaches) != 0 || r.Alerts != 1 || r.Rounds != 1 {
		t.Errorf("%d alerts, %d rounds, breaches %+v", r.Alerts, r.Rounds, r.Breaches)
	}
	if y := r.Yield; y.PPV.N != 1 || y.PPV.Of != 1 {
		t.Errorf("a treated patient is a true alert: %+v", y.PPV)
	}
}

func TestLimits(t *testing.T) {
	nurse, doctor := ward.RoleNurse, ward.RoleDoctor
	for _, c := range []struct {
		what       string
		s          *story
		breaches   string // what:late in seconds
		of         int    // rounds judged for acceptance
		unanswered int
	}{
		{"accepted on the last moment", begin("K", 0).tell(0, 1, 1, nurse).do(3, "n", ward.DoAccept, nurse).do(9, "n", ward.DoBedside, nurse).close(20, "n", "treated"), "", 1, 0},
		{"accepted a minute late", begin("K", 0).tell(0, 1, 1, nurse).do(4, "n", ward.DoAccept, nurse).do(9, "n", ward.DoBedside, nurse).close(20, "n", "treated"), "accept:60 nurse", 1, 0},
		{"the next rung accepted late for the first", begin("K", 0).tell(0, 1, 1, nurse).tell(3, 2, 1, doctor).do(5, "d", ward.DoAccept, doctor).do(9, "d", ward.DoBedside, doctor).close(20, "d", "treated"), "accept:120 nurse", 1, 0},
		{"nobody ever", begin("K", 0).tell(0, 1, 1, nurse).tell(3, 2, 1, doctor).close(63, "", "score fell"), "accept:3600 nurse", 1, 1},
		{"over by itself before the limit", begin("K", 0).tell(0, 1, 1, nurse).close(2, "", "score fell"), "", 0, 0},
		{"at the bedside without accepting first", begin("K", 0).tell(0, 1, 1, nurse).do(2, "n", ward.DoBedside, nurse).close(20, "n", "treated"), "", 1, 0},
		{"accepted and nobody came", begin("K", 0).tell(0, 1, 1, nurse).do(1, "n", ward.DoAccept, nurse).close(61, "", "score fell"), "bedside:1800 nurse", 1, 0},
		{"snoozed at once", begin("K", 0).tell(0, 1, 1, doctor).do(1, "d", ward.DoSnooze, doctor).close(40, "", "score fell"), "", 1, 0},
		{"closed at once", begin("K", 0).tell(0, 1, 1, nurse).close(1, "n", "artefact"), "", 1, 0},
		{"only looked at", begin("K", 0).tell(0, 1, 1, nurse).do(1, "n", ward.DoSee, nurse).close(10, "", "score fell"), "accept:420 nurse", 1, 1},
		{"a rise is a round of its own", begin("K", 0).tell(0, 1, 1, nurse).do(1, "n", ward.DoAccept, nurse).do(2, "n", ward.DoBedside, nurse).tell(60, 1, 1, nurse).close(90, "", "score fell"), "accept:1620 nurse", 2, 1},
	} {
		r := measured(t, c.s)
		got := ""
		for _, b := range r.Breaches {
			got += fmt.Sprintf("%s:%g %s", b.What, b.Late, b.Roles[0])
		}
		if got != c.breaches {
			t.Errorf("%s: breaches %q, want %q", c.what, got, c.breaches)
		}
		if r.Unanswered.Of != c.of || r.Unanswered.N != c.unanswered {
			t.Errorf("%s: never taken over: %d of %d, want %d of %d", c.what, r.Unanswered.N, r.Unanswered.Of, c.unanswered, c.of)
		}
	}
}

// Where the doctor must accept, a nurse's acceptance alone does not keep the limit; the bedside clock
// runs from the first.
func TestWhoMustAccept(t *testing.T) {
	nurse, doctor := ward.RoleNurse, ward.RoleDoctor
	for _, c := range []struct {
		what     string
		s        *story
		breaches string
	}{
		{"the nurse alone", begin("K", 0).tell(0, 1, 1, nurse, doctor).do(1, "n", ward.DoAccept, nurse).do(5, "n", ward.DoBedside, nurse).close(60, "", "score fell"), "accept:3420 [doctor_on_duty]"},
		{"both in time", begin("K", 0).tell(0, 1, 1, nurse, doctor).do(1, "n", ward.DoAccept, nurse).do(2, "d", ward.DoAccept, doctor).do(5, "n", ward.DoBedside, nurse).close(60, "", "score fell"), ""},
		{"the doctor late", begin("K", 0).tell(0, 1, 1, nurse, doctor).do(1, "n", ward.DoAccept, nurse).do(4, "d", ward.DoAccept, doctor).do(5, "n", ward.DoBedside, nurse).close(60, "", "score fell"), "accept:60 [doctor_on_duty]"},
		{"closed before anybody had to", begin("K", 0).tell(0, 1, 1, nurse, doctor).close(1, "n", "artefact"), ""},
	} {
		g := Goals{Limits: []Limit{{Kind: ward.Clinical, Band: ward.High, Accept: 3 * time.Minute, Bedside: 30 * time.Minute, Must: []ward.Role{doctor}}}}
		m := NewMeter(Span{From: minute(-60), To: minute(1440), Zone: zone}, g)
		m.Add(c.s.Case)
		r, got := m.Report(), ""
		for _, b := range r.Breaches {
			got += fmt.Sprintf("%s:%g %v", b.What, b.Late, b.Roles)
		}
		if got != c.breaches {
			t.Errorf("%s: %q, want %q", c.what, got, c.breaches)
		}
	}
}

// What has not had its time yet is neither kept nor broken.
func TestOpenNowIsNotJudged(t *testing.T) {
	m := NewMeter(Span{From: minute(-60), To: minute(1440), Now: minute(2), Zone: zone}, limits)
	m.Add(begin("K", 0).tell(0, 1, 1, ward.RoleNurse).Case)
	if r := m.Report(); r.Unanswered.Of != 0 || len(r.Breaches) != 0 || r.Responses.All.ToldAccepted.Within != nil {
		t.Errorf("%+v %+v", r.Unanswered, r.Breaches)
	}
}

// One role told by three channels is one interruption; one whose notices all failed is none; what
// stands on the board alone is one.
func TestInterruptions(t *testing.T) {
	three := begin("K1", 0).tell(0, 1, 1, ward.RoleNurse)
	for _, ch := range []string{"webpush", "sms"} {
		n := three.Notices[0]
		n.ID, n.Channel, n.To = n.ID+ward.NoticeID(ch), ch, ward.PersonID("p-"+ch)
		three.Notices = append(three.Notices, n)
	}
	failed := begin("K2", 0).tell(5, 1, -1, ward.RoleNurse)
	board := begin("K3", 0).tell(10, 1, 1, ward.RoleCharge)
	board.Notices = nil
	night := begin("K4", 0).tell(11*60, 1, 1, ward.RoleDoctor) // 23:00
	r := measured(t, three, failed, board, night)
	if n := r.Burden.Nurses.N; n != 2 {
		t.Errorf("%d interruptions of nurses, want 2", n)
	}
	if r.PatientDays == 0 || math.Abs(r.PatientDays-25.0/24) > 1e-9 {
		t.Errorf("%g patient-days", r.PatientDays)
	}
	near(t, "a patient-day", r.Burden.Nurses.Value, 2/(25.0/24))
	// 22:00 to 06:00 of one bed is a fortieth of a unit.
	near(t, "pages", r.Burden.Pages.Value, 40)
	near(t, "people named", r.Burden.People, 2)
	if g := r.Goals[1]; g.Name != "doctor_pages" || g.Met == nil || *g.Met || g.Sensitivity != nil {
		t.Errorf("the goal of pages: %+v", g)
	}
}

func TestYieldCountsWhatIsNotKnownApart(t *testing.T) {
	told := func(id string) *story { return begin(id, 0).tell(0, 1, 1, ward.RoleNurse) }
	r := measured(t,
		told("1").close(1, "n", "treated"), told("2").close(1, "n", "Chuyển hồi sức tích cực (HSTC)"), told("3").close(1, "n", "artefact: cảm biến rơi"),
		told("4").close(1, "n", "mẹ người bệnh đến thăm"), told("5").close(1, "n", "other"), told("6").close(1, "n", "plan"), told("7").close(1, "", "score fell"), told("8"))
	y := r.Yield
	if y.PPV.N != 2 || y.PPV.Of != 3 || y.Uncoded != 2 || y.Unknown != 1 || y.Itself != 1 || y.Open != 1 {
		t.Errorf("%+v", y)
	}
	// Wilson's interval of 2 of 3, by hand: centre 0.5936, half width 0.3859.
	near(t, "lower bound", round4(y.PPV.Low), 0.2077)
	near(t, "upper bound", round4(y.PPV.High), 0.9385)
	for _, row := range r.Rows {
		if row.ID == "4" && row.Reason != ReasonOther {
			t.Errorf("free text in a table: %q", row.Reason)
		}
	}
}

func round4(p *float64) *float64 {
	v := math.Round(*p*1e4) / 1e4
	return &v
}

func TestStorms(t *testing.T) {
	var all []*story
	for i := range 6 {
		s := begin(fmt.Sprint("T", i), float64(i)).tell(float64(i)+1, 1, 1, ward.RoleEngineer)
		s.Alert.Kind, s.Alert.Causes = ward.Technical, []ward.Cause{{Code: "silent_device"}}
		s.Alert.Place.Bed = ward.BedID(fmt.Sprint(i))
		all = append(all, s)
	}
	if r := measured(t, all...); len(r.Storms) != 1 || r.Storms[0].Alerts != 6 || r.Storms[0].Tellings != 6 || r.Storms[0].Merged {
		t.Errorf("%+v", r.Storms)
	}
	if r := measured(t, all[:4]...); len(r.Storms) != 0 {
		t.Errorf("four are no storm: %+v", r.Storms)
	}
	all[0].Alert.Causes[0].Code = "many:silent_device"
	if r := measured(t, all[0]); len(r.Storms) != 1 || !r.Storms[0].Merged {
		t.Errorf("%+v", r.Storms)
	}
}

func TestHandOverNoticeBeginsNoRound(t *testing.T) {
	s := begin("K", 0).tell(0, 1, 1, ward.RoleNurse)
	n := s.Notices[0]
	n.ID, n.To, n.Made = "after", "n2", minute(1)
	s.Notices = append(s.Notices, n)
	warn := n
	warn.ID, warn.Why, warn.Made = "warn", ward.WhySnoozeEnds, minute(50)
	s.Notices = append(s.Notices, warn)
	if r := measured(t, s); r.Rounds != 1 || r.Burden.Nurses.N != 3 {
		t.Errorf("%d rounds, %d interruptions", r.Rounds, r.Burden.Nurses.N)
	}
}

func TestNightsAcrossAChangeOfTheClocks(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Skip("no time zones here")
	}
	for _, c := range []struct {
		day  int
		mon  time.Month
		want float64
	}{{24, time.October, 9}, {28, time.March, 7}, {10, time.June, 8}} { // 2026: back on 25 October, ahead on 29 March
		from := time.Date(2026, c.mon, c.day, 12, 0, 0, 0, berlin)
		x := exposed([]ward.Lying{{Place: bed7, From: from}}, Span{From: from, To: time.Date(2026, c.mon, c.day+1, 12, 0, 0, 0, berlin), Zone: berlin}.withDefaults())
		if x.night.Hours() != c.want {
			t.Errorf("the night after %d %s has %g hours, want %g", c.day, c.mon, x.night.Hours(), c.want)
		}
	}
}

// A hole in the roster is read from the record too, and where nobody is on duty nobody is disturbed.
func TestHolesOfTheRoster(t *testing.T) {
	s := begin("K", 0)
	s.row(0, "", "tell", "level 1: nurse (nobody) nurse_charge doctor_on_duty (default); news2 high")
	r := measured(t, s)
	got := map[string]int{}
	for _, h := range r.Holding {
		got[h.Name] = h.N
		if h.Of != 3 {
			t.Errorf("%+v", h)
		}
	}
	if got["nobody"] != 1 || got["default"] != 1 || r.Burden.Nurses.N != 1 {
		t.Errorf("%v, %d interruptions", got, r.Burden.Nurses.N)
	}
}

func FuzzDetail(f *testing.F) {
	f.Add("level 2: nurse (all) duty_lead; news2 high", "p")
	f.Add("level 99999999999999999999:;", "")
	f.Add("(default) nurse", "p")
	f.Fuzz(func(t *testing.T, detail, by string) {
		if n := levelOf(detail); n < 0 || n > 10_010 {
			t.Errorf("rung %d", n)
		}
		for _, r := range rolesOf(detail) {
			if _, ok := roleNamed(string(r.role)); !ok {
				t.Errorf("role %q", r.role)
			}
		}
		bandOf(detail)
		role, reason, ok := actedAs(ward.AuditEntry{By: ward.PersonID(by), Deed: "alert.accept", Detail: detail})
		if ok == (role == "") || len(reason) > len(detail) {
			t.Errorf("%q %q %t", role, reason, ok)
		}
	})
}
