package channels

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"wardwatch/alerts"
	"wardwatch/ward"
)

func hanoi(t testing.TB) *time.Location { return zone(t, "Asia/Ho_Chi_Minh") }

func zone(t testing.TB, name string) *time.Location {
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func at(s string, z *time.Location) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", s, z)
	if err != nil {
		panic(err)
	}
	return t
}

// TestDue: once a day, at its time, not much later, and never twice.
func TestDue(t *testing.T) {
	z := hanoi(t)
	daily := Test{Hour: 7, Minute: 30, Zone: z, To: []string{"lan"}}
	cases := []struct {
		name, last, now string
		due             bool
	}{
		{"before its time", "2026-11-20 07:30", "2026-11-21 07:29", false},
		{"at its time", "2026-11-20 07:30", "2026-11-21 07:30", true},
		{"a little later", "2026-11-20 07:30", "2026-11-21 08:10", true},
		{"sent already", "2026-11-21 07:30", "2026-11-21 07:31", false},
		{"sent already, late", "2026-11-21 08:10", "2026-11-21 08:11", false},
		{"too late: it would wake somebody for nothing", "2026-11-20 07:30", "2026-11-21 09:30", false},
		{"just after midnight", "2026-11-20 07:30", "2026-11-21 00:01", false},
		{"the next day", "2026-11-21 08:10", "2026-11-22 07:30", true},
		{"a week of standing still", "2026-11-14 07:30", "2026-11-21 07:30", true},
		{"a clock set back", "2026-11-22 07:30", "2026-11-21 07:31", false},
	}
	for _, c := range cases {
		if got := daily.Due(at(c.last, z), at(c.now, z)); got != c.due {
			t.Errorf("%s: %v", c.name, got)
		}
	}
	evening := Test{Hour: 23, Minute: 30, Zone: z}
	if !evening.Due(at("2026-11-20 23:30", z), at("2026-11-22 00:10", z)) || evening.Due(at("2026-11-21 23:31", z), at("2026-11-22 00:10", z)) {
		t.Error("a test late in the evening is not carried over midnight")
	}
	if !daily.Due(time.Time{}, at("2026-11-21 07:30", z)) {
		t.Error("the first ever is not due")
	}
	if (Test{}).Due(time.Time{}, at("2026-11-21 07:30", z)) {
		t.Error("nobody asked for a test")
	}
}

// TestDueEveryDay: through a year of any zone, clocks put forward and back among it, it is due on every
// day exactly once.
func TestDueEveryDay(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		z := zone(t, rapid.SampledFrom([]string{"Asia/Ho_Chi_Minh", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "UTC"}).Draw(r, "zone"))
		daily := Test{Hour: rapid.IntRange(0, 23).Draw(r, "hour"), Minute: rapid.IntRange(0, 59).Draw(r, "minute"), Zone: z}
		start := time.Date(2026, time.Month(rapid.IntRange(1, 12).Draw(r, "month")), 1, 12, 0, 0, 0, z)
		sent := map[string]int{}
		last := start
		for now := start; now.Before(start.AddDate(0, 0, 60)); now = now.Add(time.Minute * 7) {
			if daily.Due(last, now) {
				sent[daily.latest(now).Format(time.DateOnly)]++
				last = now
			}
		}
		for day, n := range sent {
			if n != 1 {
				t.Fatalf("%d tests on %s", n, day)
			}
		}
		if len(sent) < 58 { // the first and the last day may lie outside
			t.Fatalf("%d tests in 60 days", len(sent))
		}
	})
}

// TestWhoIsTested: each group channel, each ward's and role's topic of it, and in each personal one those
// named by login or duty.
func TestWhoIsTested(t *testing.T) {
	s, err := load(t, "test: {at: \"07:30\", zone: Asia/Ho_Chi_Minh, to: [lan, engineer, doctor_on_duty]}\n"+every[1:], Site{})
	if err != nil {
		t.Fatal(err)
	}
	people := []ward.Person{
		{ID: "P1", Login: "lan", Access: ward.AccessNurse},
		{ID: "P2", Login: "minh", Access: ward.AccessEngineer},
		{ID: "P3", Login: "hoa", Access: ward.AccessDoctor, Duties: []ward.Role{ward.RoleICU, ward.RoleDoctor}},
		{ID: "P4", Login: "an", Access: ward.AccessNurse},
		{ID: "P5", Login: "gone", Access: ward.AccessEngineer, Disabled: true},
	}
	now := at("2026-11-21 07:31", hanoi(t))
	policy := alerts.Default("phones", "pager", "voice")
	wards, roles := []ward.WardID{"hstc", "noi"}, Roles(&policy)
	list := s.TestNotices(people, wards, roles, now)
	var got []string
	seen := map[ward.NoticeID]bool{}
	for _, n := range list {
		if n.Why != ward.WhyTest || n.Alert != "" || seen[n.ID] || !n.Expires.After(now) || n.State != ward.NoticePending || n.Role == "" {
			t.Errorf("%+v", n)
		}
		seen[n.ID] = true
		got = append(got, n.Channel+"/"+string(n.To)+"/"+string(n.Place.Ward)+":"+string(n.Role))
		if n.Channel == "phones" && !ward.ValidID(string(n.ID)) { // ntfy takes no other as the mark of a repeat
			t.Errorf("the id %s", n.ID)
		}
	}
	var want []string
	for _, c := range []string{"webpush", "mine", "mail", "modem", "own"} {
		want = append(want, c+"/P1/:nurse", c+"/P2/:engineer", c+"/P3/:doctor_on_duty")
	}
	for _, c := range []string{"phones", "pager", "voice"} {
		want = append(want, c+"//:engineer")
	}
	for _, w := range []string{"hstc", "noi"} {
		for _, r := range []string{"nurse", "nurse_charge", "doctor_on_duty", "duty_lead", string(ward.RoleICU), "engineer"} {
			want = append(want, "phones//"+w+":"+r)
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	later := s.TestNotices(people, wards, roles, now.Add(time.Hour))
	tomorrow := s.TestNotices(people, wards, roles, now.Add(24*time.Hour))
	for i := range list {
		if later[i].ID != list[i].ID || tomorrow[i].ID == list[i].ID {
			t.Errorf("%s, an hour later %s, a day later %s", list[i].ID, later[i].ID, tomorrow[i].ID)
		}
	}
}

// TestReceivers: a topic has as many receivers as it has places to fill.
func TestReceivers(t *testing.T) {
	wards, roles := []ward.WardID{"a", "b"}, []ward.Role{ward.RoleEngineer, ward.RoleNurse}
	for topic, want := range map[string]string{
		"":              "[{ } {a engineer} {a nurse} {b engineer} {b nurse}]",
		"{ward}-{role}": "[{ } {a engineer} {a nurse} {b engineer} {b nurse}]",
		"x-{ward}":      "[{ } {a } {b }]",
		"{role}":        "[{ } { nurse}]",
		"everybody":     "[{ }]",
	} {
		c := channel{common: common{Kind: KindNtfy}, ntfy: ntfySettings{Topic: topic}}
		if got := fmt.Sprint(c.receivers(wards, roles)); got != want {
			t.Errorf("%q: %s, want %s", topic, got, want)
		}
	}
	if got := (&channel{common: common{Kind: KindWebhook}}).receivers(wards, roles); len(got) != 1 {
		t.Errorf("a webhook: %v", got)
	}
}

// TestRoles: those whom any ladder tells by a channel, comfort care's among them.
func TestRoles(t *testing.T) {
	rung := func(channel string, roles ...ward.Role) []alerts.Rung {
		return []alerts.Rung{{Channels: []string{channel}, Roles: roles}}
	}
	p := alerts.Policy{
		Ladder:  map[alerts.Step][]alerts.Rung{{Kind: ward.Clinical, Band: ward.High}: rung("x", ward.RoleNurse, ward.RoleDoctor), {Kind: ward.Technical, Band: ward.High}: rung("y", ward.RoleEngineer)},
		Comfort: rung("x", ward.RoleNurse), ComfortReview: rung("x", ward.RoleLead),
	}
	if got := fmt.Sprint(Roles(&p)); got != "map[x:[doctor_on_duty duty_lead nurse] y:[engineer]]" {
		t.Error(got)
	}
}
