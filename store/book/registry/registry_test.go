package registry

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"wardwatch/ward"
)

const gap = 8 * time.Hour

var (
	noon  = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	place = ward.Place{Ward: "a9", Bed: "01"}
)

func clock(hhmm string) time.Time {
	t, err := time.Parse("15:04:05", hhmm)
	if err != nil {
		panic(err)
	}
	return noon.Truncate(24 * time.Hour).Add(time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute + time.Duration(t.Second())*time.Second)
}

// An lay in the bed from 08:00 to 10:00, Bình from 10:30 on. Monitor mon-1 is confirmed there
// from 07:00 on and was last heard at 11:00; mon-2 stands there unconfirmed since 09:00.
func TestWhoseReadingIsIt(t *testing.T) {
	r := New(gap)
	r.SetPlace(Place{Place: place, Since: clock("00:00:00"),
		Lyings: []ward.Lying{{Stay: "An", Place: place, From: clock("08:00:00"), To: clock("10:00:00")}, {Stay: "Bình", Place: place, From: clock("10:30:00")}},
		Attached: []Attached{
			{Row: 1, Attachment: ward.Attachment{Device: "mon-1", Place: place, From: clock("07:00:00"), Confirmed: true}, Seen: clock("11:00:00")},
			{Row: 2, Attachment: ward.Attachment{Device: "mon-2", Place: place, From: clock("09:00:00")}, Seen: clock("11:00:00")},
		}})
	cases := []struct {
		at     string
		within time.Duration
		device ward.DeviceID
		stay   ward.StayID
		why    ward.Apart
	}{
		{"09:00:00", time.Second, "mon-1", "An", ward.NotApart},
		{"09:00:00", time.Second, "", "An", ward.NotApart},
		{"10:15:00", time.Second, "mon-1", "", ward.EmptyBed},
		{"11:00:00", time.Second, "mon-1", "Bình", ward.NotApart},
		{"07:30:00", time.Second, "mon-1", "", ward.EmptyBed},
		{"07:59:59", time.Second, "mon-1", "", ward.AtBoundary},
		{"08:00:01", time.Second, "mon-1", "", ward.AtBoundary},
		{"08:00:02", time.Second, "mon-1", "An", ward.NotApart},
		{"09:59:59", time.Second, "mon-1", "", ward.AtBoundary},
		{"09:58:00", 5 * time.Minute, "mon-1", "", ward.AtBoundary},
		{"10:30:00", 0, "mon-1", "Bình", ward.NotApart},
		{"09:30:00", time.Second, "mon-2", "", ward.Unconfirmed},
		{"09:30:00", time.Second, "mon-3", "", ward.Unconfirmed},
		{"19:00:00", time.Second, "mon-1", "Bình", ward.NotApart},
		{"19:00:01", time.Second, "mon-1", "", ward.Unconfirmed},
		{"00:00:00", time.Second, "mon-1", "", ward.AtBoundary},
	}
	for _, tc := range cases {
		stay, why := r.Resolve(place, tc.device, clock(tc.at), tc.within)
		if stay != tc.stay || why != tc.why {
			t.Errorf("%s ± %v from %q: %q, %v; want %q, %v", tc.at, tc.within, tc.device, stay, why, tc.stay, tc.why)
		}
	}
	if _, why := r.Resolve(ward.Place{Ward: "a9", Bed: "99"}, "mon-1", noon, 0); why != ward.UnknownBed {
		t.Errorf("a bed not in the book: %v", why)
	}
}

// naive answers the same question by looking at every millisecond of the uncertainty.
func naive(p Place, d ward.DeviceID, at time.Time, within time.Duration) (ward.StayID, ward.Apart) {
	lies := func(t time.Time) ward.StayID {
		for _, l := range p.Lyings {
			if !t.Before(l.From) && (l.To.IsZero() || t.Before(l.To)) {
				return l.Stay
			}
		}
		return ""
	}
	if at.Add(-within).Before(p.Since) {
		return "", ward.AtBoundary
	}
	held := lies(at)
	for t := at.Add(-within); within > 0 && !t.After(at.Add(within)); t = t.Add(time.Millisecond) {
		if lies(t) != held || lies(t.Add(-time.Millisecond)) != held {
			return "", ward.AtBoundary
		}
	}
	if held == "" {
		return "", ward.EmptyBed
	}
	if d == "" {
		return held, ward.NotApart
	}
	for _, a := range p.Attached {
		if a.Device == d && a.Confirmed && !at.Before(a.From) && (a.To.IsZero() || at.Before(a.To)) && at.Sub(a.Seen) <= gap {
			return held, ward.NotApart
		}
	}
	return "", ward.Unconfirmed
}

func TestResolveAgreesWithNaiveModel(t *testing.T) {
	ms := func(n int) time.Time { return noon.Add(time.Duration(n) * time.Millisecond) }
	rapid.Check(t, func(t *rapid.T) {
		p := Place{Place: place, Since: ms(-50)}
		from := 0
		for i := range rapid.IntRange(0, 4).Draw(t, "stays") {
			from += rapid.IntRange(0, 30).Draw(t, "empty")
			l := ward.Lying{Stay: ward.StayID(fmt.Sprint("s", i)), Place: place, From: ms(from)}
			from += rapid.IntRange(1, 30).Draw(t, "lies")
			l.To = ms(from)
			p.Lyings = append(p.Lyings, l)
		}
		if n := len(p.Lyings); n > 0 && rapid.Bool().Draw(t, "still here") {
			p.Lyings[n-1].To = time.Time{}
		}
		for i := range rapid.IntRange(0, 5).Draw(t, "attachments") {
			a := Attached{Row: int64(i), Attachment: ward.Attachment{Device: device(t), Place: place,
				From: ms(rapid.IntRange(-20, 100).Draw(t, "from")), Confirmed: rapid.Bool().Draw(t, "confirmed")}}
			if rapid.Bool().Draw(t, "ended") {
				a.To = a.From.Add(time.Duration(rapid.IntRange(1, 60).Draw(t, "stands")) * time.Millisecond)
			}
			a.Seen = a.From
			if rapid.IntRange(0, 3).Draw(t, "silent") == 0 {
				a.Seen = a.From.Add(-gap)
			}
			p.Attached = append(p.Attached, a)
		}
		r := New(gap)
		r.SetPlace(p)
		at, within := ms(rapid.IntRange(-60, 160).Draw(t, "at")), time.Duration(rapid.IntRange(0, 12).Draw(t, "within"))*time.Millisecond
		d := device(t)
		if rapid.IntRange(0, 4).Draw(t, "unnamed") == 0 {
			d = ""
		}
		stay, why := r.Resolve(place, d, at, within)
		wantStay, wantWhy := naive(p, d, at, within)
		if stay != wantStay || why != wantWhy {
			t.Fatalf("%q, %v; the naive model says %q, %v", stay, why, wantStay, wantWhy)
		}
	})
}

func device(t *rapid.T) ward.DeviceID {
	return rapid.SampledFrom([]ward.DeviceID{"m1", "m2", "m3"}).Draw(t, "device")
}

// A refresh from a book that does not know the latest hearings must not make a device look silent.
func TestHearingsOutliveARefresh(t *testing.T) {
	r := New(gap)
	p := Place{Place: place, Since: noon.Add(-24 * time.Hour), Lyings: []ward.Lying{{Stay: "An", Place: place, From: noon}},
		Attached: []Attached{{Row: 7, Attachment: ward.Attachment{Device: "m1", Place: place, From: noon, Confirmed: true}, Seen: noon}}}
	r.SetPlace(p)
	for h := range 20 {
		if r.Heard("m1", place, noon.Add(time.Duration(h)*time.Hour)) {
			t.Fatalf("hour %d is news", h)
		}
		r.Replace([]Place{p}, nil)
	}
	if _, why := r.Resolve(place, "m1", noon.Add(20*time.Hour), time.Second); why != ward.NotApart {
		t.Errorf("a device heard every hour: %v", why)
	}
	unkept := r.Unkept(time.Minute)
	if len(unkept) != 1 || unkept[0].Row != 7 || !unkept[0].Seen.Equal(noon.Add(19*time.Hour)) {
		t.Fatalf("to be written: %+v", unkept)
	}
	unkept[0].Kept()
	if again := r.Unkept(time.Minute); len(again) != 0 {
		t.Errorf("written, yet to be written: %+v", again)
	}
	if !r.Heard("m1", place, noon.Add(28*time.Hour)) {
		t.Error("back after nine hours is not news")
	}
	if !r.Heard("m2", place, noon) {
		t.Error("a device never seen there is not news")
	}
}

func TestReadersAndWritersTogether(t *testing.T) {
	r := New(gap)
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			for n := range 300 {
				p := ward.Place{Ward: "a9", Bed: ward.BedID(fmt.Sprint(n % 10))}
				if i == 0 {
					r.SetPlace(Place{Place: p, Since: noon, Lyings: []ward.Lying{{Stay: "s", Place: p, From: noon}},
						Attached: []Attached{{Row: int64(n), Attachment: ward.Attachment{Device: "m", Place: p, From: noon, Confirmed: true}, Seen: noon}}})
					r.SetStays(ward.Stay{ID: "s"})
				}
				r.Resolve(p, "m", noon, time.Second)
				r.Heard("m", p, noon.Add(time.Duration(n)*time.Second))
				r.Unkept(0)
				r.LookUp("s")
			}
		})
	}
	wg.Wait()
}

func BenchmarkResolve(b *testing.B) {
	r := New(gap)
	var places []Place
	for w := range 25 {
		for n := range 40 {
			p := ward.Place{Ward: ward.WardID(fmt.Sprint("ward-", w)), Bed: ward.BedID(fmt.Sprint(n))}
			places = append(places, Place{Place: p, Since: noon.Add(-time.Hour), Lyings: []ward.Lying{{Stay: "a", Place: p, From: noon.Add(-time.Hour), To: noon.Add(-time.Minute)}, {Stay: "b", Place: p, From: noon.Add(-time.Minute)}},
				Attached: []Attached{{Row: 1, Attachment: ward.Attachment{Device: "mon-07", Place: p, From: noon, Confirmed: true}, Seen: noon}}})
		}
	}
	r.Replace(places, nil)
	at := noon.Add(time.Hour)
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		p := places[i%len(places)].Place
		i++
		r.Heard("mon-07", p, at)
		if _, why := r.Resolve(p, "mon-07", at, time.Second); why != ward.NotApart {
			b.Fatal(why)
		}
	}
}
