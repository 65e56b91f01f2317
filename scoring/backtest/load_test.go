package backtest

import (
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"

	"wardwatch/scoring/backtest/stat"
	"wardwatch/ward"
)

// One patient's night as the desk writes it down, in Hanoi: who was told how often, and for what.
func TestWhoIsTold(t *testing.T) {
	const nurse, doctor, lead, engineer = ward.RoleNurse, ward.RoleDoctor, ward.RoleLead, ward.RoleEngineer
	at := func(hour, min int) time.Time { return time.Date(2026, 3, 1, hour, min, 0, 0, hanoi) }
	duty := func(role ward.Role, told time.Time) ward.Duty { return ward.Duty{Role: role, Told: told} }
	causes := []ward.Cause{{Code: "news2", Band: ward.High, Told: ward.High}}
	rounds := []struct {
		what    string
		id      ward.AlertID
		kind    ward.AlertKind
		told    time.Time
		level   int
		audit   string
		duties  []ward.Duty
		notices int // for each role told
	}{
		{"the first telling, in the evening", "a", ward.Clinical, at(21, 50), 1, "", []ward.Duty{duty(nurse, at(21, 50)), duty(doctor, at(21, 50))}, 2},
		{"the nurse accepted; nothing is told", "a", ward.Clinical, at(21, 50), 1, "alert.accept", []ward.Duty{duty(nurse, at(21, 50)), duty(doctor, at(21, 50))}, 0},
		{"the doctor did not: the lead is told, who accepted is not", "a", ward.Clinical, at(22, 0), 2, "alert.escalate", []ward.Duty{duty(nurse, at(21, 50)), duty(doctor, at(21, 50)), duty(lead, at(22, 0))}, 2},
		{"a review in the small hours", "a", ward.Clinical, at(5, 59), 1, "alert.review", []ward.Duty{duty(nurse, at(5, 59)), duty(doctor, at(5, 59))}, 2},
		{"the device went silent", "b", ward.Technical, at(6, 0), 1, "", []ward.Duty{duty(nurse, at(6, 0)), duty(engineer, at(6, 0))}, 0},
		{"the top repeats", "a", ward.Clinical, at(6, 3), 7, "alert.escalate", []ward.Duty{duty(lead, at(6, 3))}, 2},
	}
	s := &staff{how: prompt()}
	var l listener
	l.reset(s, hanoi)
	for _, x := range rounds {
		c := &ward.Change{Alert: ward.Alert{ID: x.id, Kind: x.kind, State: ward.Active, Level: x.level, Told: x.told, Causes: causes, Duties: x.duties}}
		if x.audit != "" {
			c.Audit = []ward.AuditEntry{{Deed: x.audit}}
		}
		for _, u := range x.duties {
			for range x.notices {
				if u.Told.Equal(x.told) {
					c.Notices = append(c.Notices, ward.Notice{Role: u.Role})
				}
			}
		}
		l.committed(c)
	}
	for _, x := range []struct {
		role                                             ward.Role
		calls, climbs, reviews, technical, night, notice int32
	}{
		{nurse, 1, 0, 1, 1, 1, 4},
		{doctor, 1, 0, 1, 0, 1, 4},
		{lead, 0, 2, 0, 0, 1, 4},
		{engineer, 0, 0, 0, 1, 0, 0},
		{ward.RoleICU, 0, 0, 0, 0, 0, 0},
	} {
		r := l.load.of(x.role)
		if got, want := r.told, [whys]int32{x.calls, x.climbs, x.reviews, x.technical}; got != want || r.night != x.night || r.notices != x.notice {
			t.Errorf("%s: told %v, %d at night, %d notices; want %v, %d, %d", x.role, got, r.night, r.notices, want, x.night, x.notice)
		}
	}
	if want := [topRung + 1]int32{0, 2, 1, 0, 1}; l.load.rungs != want {
		t.Errorf("rungs %v, want %v", l.load.rungs, want)
	}
}

var hanoi = time.FixedZone("+07", 7*3600)

// Nights between two moments, from 22:00 to 06:00, as a clock on the wall shows them.
func TestNights(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct {
		from, to string
		zone     *time.Location
		want     float64
	}{
		{"2026-03-01 06:00", "2026-03-01 22:00", hanoi, 0},
		{"2026-03-01 22:00", "2026-03-02 06:00", hanoi, 1},
		{"2026-03-01 12:00", "2026-03-02 12:00", hanoi, 1},
		{"2026-03-01 23:00", "2026-03-02 01:00", hanoi, 0.25},
		{"2026-03-01 05:00", "2026-03-03 23:00", hanoi, (1 + 8 + 8 + 1) / 8.},
		{"2026-03-28 12:00", "2026-03-29 12:00", berlin, 7 / 8.}, // the clock is put forward
		{"2026-10-24 12:00", "2026-10-25 12:00", berlin, 9 / 8.}, // and back
	} {
		at := func(s string) time.Time {
			m, err := time.ParseInLocation("2006-01-02 15:04", s, x.zone)
			if err != nil {
				t.Fatal(err)
			}
			return m
		}
		if got := nightsBetween(at(x.from), at(x.to), x.zone); math.Abs(got-x.want) > 1e-9 {
			t.Errorf("%s to %s: %v nights, want %v", x.from, x.to, got, x.want)
		}
	}
}

// Nights add up however the time is cut, and are a third of whole days.
func TestNightsAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		from := noon.Add(time.Duration(rapid.Int64Range(0, 1e6).Draw(t, "start")) * time.Second)
		a := time.Duration(rapid.Int64Range(0, 1e6).Draw(t, "first")) * time.Second
		b := time.Duration(rapid.Int64Range(0, 1e6).Draw(t, "second")) * time.Second
		parts := nightsBetween(from, from.Add(a), hanoi) + nightsBetween(from.Add(a), from.Add(a+b), hanoi)
		if whole := nightsBetween(from, from.Add(a+b), hanoi); math.Abs(whole-parts) > 1e-9 {
			t.Fatalf("%v in one piece, %v in two", whole, parts)
		}
		if days := rapid.IntRange(0, 9).Draw(t, "days"); nightsBetween(from, from.AddDate(0, 0, days), hanoi) != float64(days) {
			t.Fatalf("%d days have another number of nights", days)
		}
	})
}

// A patient ill from noon for two hours, in a record of four: the nurse is told once. Without times
// of day a night is a third of a day; with them, this afternoon has no night.
func TestBurdenOfOnePatient(t *testing.T) {
	c := Case{ID: "a", AgeYears: 60, Followed: true, Event: true, EventAt: minute(240), End: minute(240)}
	for m := 0; m < 240; m++ {
		v := well()
		if m < 120 {
			v = ill()
		}
		c.Rows = append(c.Rows, reading(minute(m), ward.FromDevice, v))
	}
	run := func(zone *time.Location) *Report {
		c := c
		c.Zone = zone
		r, err := Run(t.Context(), cases(c), []Arm{arm(defaultPolicy(t), nil)}, Options{Workers: 1, Resamples: 10, Responder: prompt()})
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	without, with := run(nil), run(time.UTC)
	if without.Set.Clock || !with.Set.Clock {
		t.Error("the report mistakes whether there are times of day")
	}
	nurse := without.Policies[0].Burden.Roles[0]
	if nurse.Role != string(ward.RoleNurse) || nurse.Tellings != 1 {
		t.Errorf("the first role is %+v", nurse)
	}
	is(t, "told per patient-day", nurse.PerDay.Value, 6)
	is(t, "of them calls", nurse.Calls, 6)
	is(t, "a night of 40 beds, as a third of a day", nurse.Night.Value, 80)
	is(t, "rounds of the first rung", without.Policies[0].Burden.Rungs[0].PerDay.Value, 6)
	if with.Policies[0].Burden.Roles[0].Night.Value.Known() {
		t.Error("an afternoon has a night")
	}
	g := without.Policies[0].Burden.Goals
	if len(g) != 2 || g[0].Met != NotMet || g[1].Met != Met || g[0].Sensitivity.Value != 1 {
		t.Errorf("the goals are %+v", g)
	}
}

// Met or not, for certain when the whole interval is on one side of the goal.
func TestGoalsMet(t *testing.T) {
	for _, x := range []struct {
		value, low, high float64
		want             string
	}{
		{0.5, 0.4, 1, Met}, {1.5, 1.1, 2, NotMet}, {0.9, 0.7, 1.2, Unclear}, {1.1, 0.9, 1.2, Unclear},
		{0.9, math.NaN(), math.NaN(), Met}, {1.1, math.NaN(), math.NaN(), NotMet}, {math.NaN(), math.NaN(), math.NaN(), Unclear},
	} {
		e := stat.Estimate{Value: stat.Number(x.value), Low: stat.Number(x.low), High: stat.Number(x.high)}
		if got := goal("g", ward.RoleNurse, 1, e, stat.NoEstimate()).Met; got != x.want {
			t.Errorf("%v (%v–%v): %s, want %s", x.value, x.low, x.high, got, x.want)
		}
	}
}
