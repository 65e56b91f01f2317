package alerts

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"wardwatch/ward"
)

// storm drives many beds of wards whose monitors fall silent while their patients are well.
type storm struct {
	*rig
	now time.Time
}

func newStorm(t *testing.T) *storm {
	s := &storm{rig: newRig(t, Default("webhook")), now: clock("08:00:00")}
	s.tick(s.now)
	return s
}

func (s *storm) silent(w ward.WardID, bad bool, beds ...int) {
	s.t.Helper()
	for _, n := range beds {
		p := ward.Place{Ward: w, Bed: ward.BedID(fmt.Sprint(n))}
		if err := s.desk.Concern(context.Background(), CauseSilent, bad, p, s.now, ""); err != nil {
			s.t.Fatal(err)
		}
	}
}

// pass lets time pass, second by second.
func (s *storm) pass(d time.Duration) {
	for end := s.now.Add(d); s.now.Before(end); {
		s.now = s.now.Add(time.Second)
		s.tick(s.now)
	}
}

// told is what each technical alert told since the last look, by place and cause.
func (s *storm) told() (list []string) {
	for _, e := range s.book.audit {
		if e.Deed != "alert.tell" {
			continue
		}
		a := s.book.alerts[ward.AlertID(e.Object[len("alert:"):])]
		list = append(list, fmt.Sprintf("%s/%s %s", a.Place.Ward, a.Place.Bed, codeOf(&a)))
	}
	s.book.audit = nil
	slices.Sort(list)
	return list
}

func (s *storm) want(what string, want ...string) {
	s.t.Helper()
	if got := s.told(); !slices.Equal(got, want) {
		s.t.Errorf("%s: told %q, want %q", what, got, want)
	}
}

func beds(from, to int) (list []int) {
	for n := from; n <= to; n++ {
		list = append(list, n)
	}
	return list
}

// TestBedsTogether: beds that fall silent together are one technical alert of their ward; those that stay
// silent when the others are back are told by themselves.
func TestBedsTogether(t *testing.T) {
	s := newStorm(t)
	s.silent("icu", true, 1) // alone, long before: a matter of its own
	s.pass(2 * time.Minute)
	s.want("one bed", "icu/1 silent_device")
	s.silent("icu", true, beds(2, 21)...)
	s.silent("er", true, beds(1, 4)...) // four do not make a storm
	s.pass(2 * time.Minute)
	s.want("twenty beds of one ward, four of another", "er/1 silent_device", "er/2 silent_device", "er/3 silent_device", "er/4 silent_device", "icu/ many:silent_device")
	s.silent("icu", true, 1)
	for _, a := range s.desk.Open() {
		if a.Place.Ward == "icu" && a.Place.Bed == "1" && a.State != ward.Active {
			t.Errorf("what was told before is %s", a.State)
		}
		if a.Place.Ward == "icu" && a.Place.Bed > "1" && (a.State != ward.Suppressed || a.Rule != RuleStorm) {
			t.Fatalf("bed %s is %s by %q", a.Place.Bed, a.State, a.Rule)
		}
	}
	s.silent("icu", true, 22) // joins
	s.pass(3 * time.Minute)
	s.want("one more")
	s.silent("icu", false, beds(2, 19)...) // four left
	s.pass(time.Second)
	s.want("most are back")
	s.silent("icu", false, 20, 21)
	s.pass(2 * time.Second)
	s.want("one is left: it is told by itself", "icu/22 silent_device")
	for _, a := range s.desk.Open() {
		if a.Place.Bed == "" {
			t.Errorf("the storm is %s", a.State)
		}
	}
}

// close lets a person close the ward's alert of many beds.
func (s *storm) close() {
	s.t.Helper()
	for _, a := range s.desk.Open() {
		if a.Place.Bed == "" {
			if _, err := s.desk.Act(context.Background(), ward.Action{Alert: a.ID, Do: ward.DoResolve, By: "e1", Role: ward.RoleEngineer, At: s.now, Reason: "works on the network"}); err != nil {
				s.t.Fatal(err)
			}
		}
	}
}

// TestStormClosed: a storm that a person closed tells nobody of its beds; the next one is told again.
func TestStormClosed(t *testing.T) {
	s := newStorm(t)
	s.silent("icu", true, beds(1, 9)...)
	s.pass(2 * time.Minute)
	s.want("nine beds", "icu/ many:silent_device")
	s.close()
	s.pass(5 * time.Minute)
	s.want("closed")
	s.silent("icu", false, beds(1, 9)...)
	s.pass(time.Second)
	s.silent("icu", true, beds(1, 9)...)
	s.pass(2 * time.Minute)
	s.want("the next storm", "icu/ many:silent_device")
}

// TestStormClosedForItsBedsOnly: who closed a storm has looked at its beds. What falls silent later is told,
// alone or as a storm of its own, however long some of the first are switched off.
func TestStormClosedForItsBedsOnly(t *testing.T) {
	s := newStorm(t)
	s.silent("icu", true, beds(1, 5)...)
	s.pass(2 * time.Minute)
	s.want("five beds", "icu/ many:silent_device")
	s.close()
	s.silent("icu", false, 1, 2) // three stay switched off
	s.pass(time.Hour)
	s.want("closed")
	s.silent("icu", true, 10)
	s.pass(2 * time.Minute)
	s.want("one more bed", "icu/10 silent_device")
	s.silent("icu", true, beds(11, 30)...)
	s.pass(2 * time.Minute)
	s.want("twenty more", "icu/ many:silent_device")
	s.close()
	s.silent("icu", false, 3)
	s.pass(time.Second)
	s.silent("icu", true, 3)
	s.pass(2 * time.Minute)
	s.want("a bed of the first, anew", "icu/3 silent_device")
}

// TestStormAfterACrash: wherever the program dies, nobody is told of a bed while the storm lasts, and
// everybody of what is left when it is over.
func TestStormAfterACrash(t *testing.T) {
	for die := range 24 {
		s := newStorm(t)
		commits := 0
		s.book.fail = func() error {
			if commits++; commits == die+1 {
				return errors.New("the disk is full")
			}
			return nil
		}
		step := func(f func() error) {
			t.Helper()
			if f() == nil {
				return
			}
			s.restart()
			if err := f(); err != nil {
				t.Fatal(err)
			}
		}
		all := func(bad bool, from, to int) {
			for _, n := range beds(from, to) {
				p := ward.Place{Ward: "icu", Bed: ward.BedID(fmt.Sprint(n))}
				step(func() error { return s.desk.Concern(context.Background(), "link_weak", bad, p, s.now, "") })
			}
		}
		pass := func(d time.Duration) {
			s.now = s.now.Add(d)
			for range 3 {
				step(func() error { return s.desk.Tick(context.Background(), s.now) })
			}
		}
		all(true, 1, 7)
		pass(2 * time.Minute)
		pass(time.Second)
		if die%2 == 0 {
			s.restart()
		}
		all(false, 1, 5)
		pass(time.Second)
		s.want(fmt.Sprintf("killed at commit %d", die+1), "icu/ many:link_weak", "icu/6 link_weak", "icu/7 link_weak")
	}
}

// Patients' alerts never merge, however many lose their signal at once.
func TestNoStormOfPatients(t *testing.T) {
	s := newStorm(t)
	for n := range 10 {
		x := lost(s.now, ward.High)
		x.Stay, x.Place.Bed = ward.StayID(fmt.Sprint("s", n)), ward.BedID(fmt.Sprint(n))
		s.observe(x)
	}
	s.pass(3 * time.Minute)
	if got := s.told(); len(got) < 10 {
		t.Errorf("told of %d patients: %q", len(got), got)
	}
}
