package alerts

import (
	"fmt"
	"testing"
	"time"

	"wardwatch/ward"
)

func withFlags(at time.Time, flags ...ward.Flag) ward.Score {
	s := complete(at, 0)
	s.NFlags = copy(s.Flags[:], flags)
	return s
}

// told brings a flag to an alert that the nurse accepted.
func toldOf(t *testing.T, f ward.Flag) (r *rig, now time.Time) {
	r = newRig(t, Default("webhook"))
	r.stays["s1"] = ward.Stay{ID: "s1", Place: bed7}
	now = clock("08:00:00")
	r.observe(withFlags(now, f))
	if err := r.act(ward.DoAccept, now.Add(time.Second)); err != nil {
		t.Fatal(err)
	}
	return r, now
}

// TestHeldFlagLowersNothing: a flag whose input was lost neither steps down nor ends, however long.
func TestHeldFlagLowersNothing(t *testing.T) {
	low := ward.Flag{Code: "limit:spo2:low", Band: ward.High}
	for _, held := range []ward.Band{ward.High, ward.Medium, ward.Low} {
		r, now := toldOf(t, low)
		for i := range 60 {
			r.observe(withFlags(now.Add(time.Duration(i)*time.Minute), ward.Flag{Code: low.Code, Band: held, Held: true}))
		}
		open := r.desk.Open()
		if len(open) != 1 || !open[0].Causes[0].Live() || open[0].Causes[0].Told != ward.High {
			t.Errorf("held as %s: %+v", held, open)
		}
	}
}

// TestFullListProvesNothing: a score carries only so many flags, the worst first: one that is not
// among them may still stand.
func TestFullListProvesNothing(t *testing.T) {
	f := ward.Flag{Code: "limit:temp:high", Band: ward.LowMedium}
	r, now := toldOf(t, f)
	worse := make([]ward.Flag, ward.MaxFlags)
	for i := range worse {
		worse[i] = ward.Flag{Code: fmt.Sprintf("limit:x%d:low", i), Band: ward.Medium}
	}
	live := func() bool { return hasCause(&r.desk.Open()[0], f.Code) }
	for i := range 10 {
		r.observe(withFlags(now.Add(time.Duration(i)*time.Minute), worse...))
	}
	if !live() {
		t.Error("ended because the list was full")
	}
	for i := range 3 {
		r.observe(withFlags(now.Add(time.Duration(10+i)*time.Minute), worse[1:]...))
	}
	if live() {
		t.Error("still live although the list has room")
	}
}

// TestFlagAgain: what was told and answered waits a quarter of an hour; what is high never does.
func TestFlagAgain(t *testing.T) {
	for band, want := range map[ward.Band]time.Duration{ward.Medium: 15 * time.Minute, ward.High: 5 * time.Minute} {
		f := ward.Flag{Code: "limit:spo2:low", Band: band, Due: day}
		r, now := toldOf(t, f)
		r.observe(withFlags(now.Add(time.Minute)))
		r.observe(withFlags(now.Add(3 * time.Minute)))
		if len(r.desk.Open()) != 0 {
			t.Fatal("still open")
		}
		told := len(r.book.notices)
		for at := now.Add(5 * time.Minute); len(r.book.notices) == told && at.Before(now.Add(time.Hour)); at = at.Add(time.Minute) {
			r.observe(withFlags(at, f))
			r.tick(at)
		}
		if got := r.book.notices[len(r.book.notices)-1].Made.Sub(plain(now)); len(r.book.notices) == told || got != want {
			t.Errorf("%s: told again after %v, want %v", band, got, want)
		}
	}
}

// TestChartChanges: points of two charts are not compared, and what is told under the old chart goes
// on under the new one.
func TestChartChanges(t *testing.T) {
	at := func(minutes int) time.Time { return clock("08:00:00").Add(time.Duration(minutes) * time.Minute) }
	pews := func(at time.Time, points int) ward.Score {
		s := complete(at, points)
		s.Chart = "npews-england"
		return s
	}
	cases := []struct {
		name          string
		before, after int // points, both high
		later         int
		tells         bool
	}{
		{"more points in the new chart are no rise", 9, 13, 13, false},
		{"three more in the new chart are one", 13, 8, 11, true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t, Default("webhook"))
			r.observe(pews(at(0), c.before))
			r.tick(at(2))
			told := len(r.book.notices)
			r.observe(complete(at(3), c.after))
			if !r.desk.Open()[0].Causes[0].Due.IsZero() {
				t.Error("the change itself is taken for a rise")
			}
			r.observe(complete(at(4), c.later))
			open := r.desk.Open()
			if len(open) != 1 || len(open[0].Causes) != 1 || open[0].Causes[0].Code != "news2" {
				t.Fatalf("%+v", open)
			}
			if rising := !open[0].Causes[0].Due.IsZero(); rising != c.tells || len(r.book.notices) != told {
				t.Errorf("a rise: %v, want %v", rising, c.tells)
			}
		})
	}
}

// TestMargins: a chart's own limits less one point.
func TestMargins(t *testing.T) {
	p := Default()
	for _, c := range []struct {
		chart  string
		told   ward.Band
		points int
		within bool
	}{
		{"news2", ward.High, 6, true}, {"news2", ward.High, 5, false},
		{"news2", ward.Medium, 4, true}, {"news2", ward.Medium, 3, false},
		{"news2", ward.LowMedium, 3, false},
		{"npews-england", ward.High, 8, true}, {"npews-england", ward.High, 7, false},
		{"", ward.Medium, 9, false}, // no chart's points
	} {
		if got := p.within(&sign{chart: c.chart, points: c.points}, c.told); got != c.within {
			t.Errorf("%d points of %q within %s: %v", c.points, c.chart, c.told, got)
		}
	}
}
