package chart

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"wardwatch/ward"
)

func TestTheChartsOfTheDesign(t *testing.T) {
	want := strings.Fields("mews-subbe-2001 msi news news2 npews-england qsofa rox rox-hr sf si sirs sofa")
	lib := embedded(t)
	if got := lib.IDs(); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	for _, id := range want {
		c, _ := lib.Find(id)
		if c.Version() == "" || c.Name("vi") == "" || c.Name("en") == "" || c.Source() == "" || len(c.File()) == 0 {
			t.Errorf("%s lacks its version, names, source or file", id)
		}
	}
	if _, ok := lib.Find("nonsense"); ok {
		t.Error("found a chart that is not there")
	}
}

func TestNEWS2Parts(t *testing.T) {
	var names []string
	for _, p := range find(t, "news2").Parts() {
		names = append(names, p.Name)
	}
	if got := strings.Join(names, " "); got != "rr spo2 o2 sbp hr consciousness temp" {
		t.Errorf("got %s", got)
	}
}

func TestWhoAChartIsFor(t *testing.T) {
	for _, c := range []struct {
		chart  string
		months int
		known  bool
		p      ward.Pregnancy
		want   ward.Refusal
	}{
		{"news2", 16*12 - 1, true, ward.NotPregnant, ward.RefusedAge},
		{"news2", 16 * 12, true, ward.NotPregnant, ward.NotRefused},
		{"news2", 90 * 12, true, ward.NotPregnant, ward.NotRefused},
		{"news2", 0, false, ward.NotPregnant, ward.NotRefused}, // an unknown age is an adult's
		{"news2", 30 * 12, true, ward.Pregnant, ward.RefusedPregnancy},
		{"news2", 30 * 12, true, ward.Postpartum, ward.RefusedPregnancy},
		{"news2", 0, false, ward.Pregnant, ward.RefusedPregnancy},
		{"npews-england", 0, true, ward.NotPregnant, ward.NotRefused},
		{"npews-england", 16*12 - 1, true, ward.NotPregnant, ward.NotRefused},
		{"npews-england", 16 * 12, true, ward.NotPregnant, ward.RefusedAdult},
		{"npews-england", 0, false, ward.NotPregnant, ward.RefusedAdult},
		{"qsofa", 30 * 12, true, ward.Pregnant, ward.NotRefused},
		{"qsofa", 10 * 12, true, ward.NotPregnant, ward.RefusedAge},
	} {
		if got := find(t, c.chart).Refuses(c.months, c.known, c.p); got != c.want {
			t.Errorf("%s at %d months (known %v) %q: got %q, want %q", c.chart, c.months, c.known, c.p, got, c.want)
		}
	}
}

func TestVariants(t *testing.T) {
	for _, c := range []struct{ chart, set, want string }{
		{"news2", "", "scale1"}, {"news2", "scale=2", "scale2"}, {"news", "scale=2", ""},
		{"npews-england", "age_months=0", "0-11m"}, {"npews-england", "age_months=11", "0-11m"},
		{"npews-england", "age_months=12", "1-4y"}, {"npews-england", "age_months=59", "1-4y"}, // the fifth birthday
		{"npews-england", "age_months=60", "5-12y"}, {"npews-england", "age_months=155", "5-12y"},
		{"npews-england", "age_months=156", "13-15y"}, {"npews-england", "age_months=191", "13-15y"},
		{"npews-england", "age_months=192", ""}, {"npews-england", "", ""},
	} {
		s := given(t, c.set)
		if got := find(t, c.chart).Variant(&s); got != c.want {
			t.Errorf("%s with %q: got %q, want %q", c.chart, c.set, got, c.want)
		}
	}
}

// How soon the next set is due, and what people are asked to do.
func TestIntervalAndResponse(t *testing.T) {
	const well = "rr=16 spo2=98 o2=no sbp=120 hr=70 consciousness=A temp=37 "
	for _, c := range []struct {
		set  string
		want time.Duration
		says string
	}{
		{well, 12 * time.Hour, "routine"},
		{well + "hr=95", 4 * time.Hour, "registered nurse"},
		{well + "rr=8", time.Hour, "medical team, who review"},
		{well + "rr=22 spo2=92 hr=95", time.Hour, "urgent assessment"},
		{well + "rr=25 spo2=91 hr=95", 30 * time.Minute, "critical-care"},
		{"rr=25", time.Hour, "medical team, who review"}, // incomplete: by what is certain, at the latest
		{"", 12 * time.Hour, "routine"},
	} {
		news2 := find(t, "news2")
		s := given(t, c.set)
		r := news2.Score(&s)
		if got := news2.Interval(r); got != c.want || !strings.Contains(news2.Response(r, "en"), c.says) || news2.Response(r, "vi") == "" {
			t.Errorf("%q: got %v %q, want %v and %q", c.set, got, news2.Response(r, "en"), c.want, c.says)
		}
	}
	c := find(t, "qsofa")
	if c.Interval(Result{}) != 0 || c.Response(Result{}, "vi") != "" {
		t.Error("a result without a level asks for something")
	}
	for set, want := range map[string]time.Duration{"rr=39": 60 * time.Minute, "rr=5 hr=40": 30 * time.Minute, "consciousness=U": 15 * time.Minute} {
		npews := find(t, "npews-england")
		s := given(t, "age_months=30 spo2=90 "+set)
		if got := npews.Interval(npews.Score(&s)); got != want {
			t.Errorf("national PEWS with %q: next set in %v, want %v", set, got, want)
		}
	}
}

const wellChild = "age_months=30 rr=30 resp_distress=none spo2=98 o2_device=room_air hr=110 sbp=90 cap_refill=1 consciousness=A "

// What lifts the level of National PEWS by itself, whatever the total.
func TestNPEWSConcernRaises(t *testing.T) {
	c := find(t, "npews-england")
	for _, x := range []struct {
		set, verdict string
		band         ward.Band
	}{
		{"", "none", ward.Low},
		{"consciousness=V", "high", ward.High},
		{"consciousness=C", "high", ward.High},
		{"consciousness=P", "emergency", ward.High},
		{"consciousness=U", "emergency", ward.High},
		{"pupils_abnormal=yes", "emergency", ward.High},
		{"pupils_abnormal=no", "none", ward.Low},
		{"sepsis_suspicion=sepsis", "medium", ward.Medium},
		{"sepsis_suspicion=septic_shock", "high", ward.High},
		{"carer_concern=same", "none", ward.Low},
		{"carer_concern=asleep", "none", ward.Low},
		{"carer_concern=worse", "medium", ward.Medium},
		{"carer_concern=low", "low", ward.Low},
		{"carer_concern=medium", "medium", ward.Medium},
		{"carer_concern=high", "high", ward.High},
		{"carer_concern=emergency", "emergency", ward.High},
		{"clinician_concern=no", "none", ward.Low},
		{"clinician_concern=yes", "medium", ward.Medium},
		{"clinician_concern=low", "low", ward.Low},
		{"clinician_concern=medium", "medium", ward.Medium},
		{"clinician_concern=high", "high", ward.High},
		{"clinician_concern=emergency", "emergency", ward.High},
		{"clinician_concern=low rr=5 hr=55 spo2=90", "high", ward.High}, // the worse of the total and the concern
	} {
		s := given(t, wellChild+x.set)
		if r := c.Score(&s); r.Verdict != x.verdict || r.Band != x.band || !r.Complete {
			t.Errorf("%q: got %q %v complete %v, want %q %v", x.set, r.Verdict, r.Band, r.Complete, x.verdict, x.band)
		}
	}
	s := given(t, wellChild)
	s.Drop(Consciousness)
	if r := c.Score(&s); r.Complete || r.Band != ward.Unknown {
		t.Errorf("without consciousness: got %+v, want incomplete and unknown", r)
	}
}

// The oxygen of National PEWS: the worst of what is known counts; room air is no support.
func TestNPEWSOxygen(t *testing.T) {
	c := find(t, "npews-england")
	oxygen := partNamed(t, c, "oxygen")
	for _, x := range []struct {
		set    string
		points int
		known  bool
	}{
		{"o2_device=room_air fio2=0.21", 0, true},
		{"o2=no", 0, true},
		{"o2=yes", 1, false}, // at least: how much is not known
		{"o2=yes o2_device=nasal_cannula", 1, false},
		{"o2=yes o2_device=nasal_cannula o2_flow=1", 1, true},
		{"o2=yes o2_device=simple_mask o2_flow=6", 4, true},
		{"o2=yes o2_device=venturi fio2=0.28", 1, true},
		{"o2=yes o2_device=hfnc o2_flow=1 fio2=0.25", 4, true}, // high flow gives 4 and replaces the flow
		{"o2_device=cpap", 4, true},
		{"", 0, false},
	} {
		s := given(t, "age_months=30 "+x.set)
		r := c.Score(&s)
		if r.Points[oxygen] != x.points || (r.Known&(1<<oxygen) != 0) != x.known {
			t.Errorf("%q: got %d known %v, want %d known %v", x.set, r.Points[oxygen], r.Known&(1<<oxygen) != 0, x.points, x.known)
		}
	}
}

// Alternatives inside one part: a known one that decides settles it, a positive one always counts.
func TestAlternatives(t *testing.T) {
	for _, x := range []struct {
		chart, part, set string
		points           int
		known            bool
	}{
		{"sirs", "rr", "rr=18", 0, true},
		{"sirs", "rr", "rr=18 paco2=30", 1, true},
		{"sirs", "rr", "paco2=30", 1, true},
		{"sirs", "rr", "paco2=40", 0, false}, // a normal PaCO2 does not tell the rate
		{"sirs", "wbc", "bands=12", 1, true},
		{"sirs", "wbc", "bands=5", 0, false},
		{"qsofa", "altered_mentation", "gcs=15", 0, true},
		{"qsofa", "altered_mentation", "gcs=15 consciousness=C", 1, true},
		{"qsofa", "altered_mentation", "altered_mentation=no gcs=14", 1, true},
		{"sofa", "cardiovascular", "sbp=90 dbp=55", 1, true}, // a mean of 66.7
		{"sofa", "cardiovascular", "map=80 norepinephrine=0.05", 3, true},
		{"sofa", "cardiovascular", "norepinephrine=0.05", 3, true},
		{"sofa", "cardiovascular", "norepinephrine=0", 0, false},
		{"sofa", "renal", "urine_24h=490", 3, false}, // a creatinine could still give 4
		{"sofa", "renal", "urine_24h=150", 4, true},
		{"sofa", "respiration", "pao2=100 fio2=0.21", 0, true}, // 476: the same with and without support
		{"sofa", "respiration", "pao2=60 fio2=0.4", 2, false},  // 150: 2 without support, 3 with it
		{"sofa", "respiration", "pao2=60 fio2=0.4 ventilated=yes", 3, true},
		{"sofa", "respiration", "pao2=60 o2=no ventilated=no", 2, true}, // on air
		{"news2", "spo2", "scale=2 spo2=97", 0, false},
		{"news2", "spo2", "scale=2 spo2=85", 2, true},
	} {
		c := find(t, x.chart)
		i := partNamed(t, c, x.part)
		s := given(t, x.set)
		r := c.Score(&s)
		if r.Points[i] != x.points || (r.Known&(1<<i) != 0) != x.known {
			t.Errorf("%s %s with %q: got %d known %v, want %d known %v", x.chart, x.part, x.set, r.Points[i], r.Known&(1<<i) != 0, x.points, x.known)
		}
	}
}

func TestValues(t *testing.T) {
	for _, x := range []struct {
		chart, set string
		want       float64 // below 0: none
	}{
		{"rox", "spo2=92 fio2=0.60 rr=28", 5.476},
		{"rox", "spo2=92 o2=no rr=20", 21.905}, // room air
		{"rox", "spo2=92 o2_device=nasal_cannula o2_flow=2 rr=20", -1},
		{"rox", "spo2=92 fio2=0.6 rr=0", -1},
		{"rox-hr", "spo2=92 fio2=0.60 rr=28 hr=100", 5.476},
		{"sf", "spo2=90 fio2=0.5", 180},
		{"sf", "spo2=90 o2_device=room_air", 428.571},
		{"sf", "spo2=90 o2=no o2_device=simple_mask", -1},
		{"si", "hr=120 sbp=100", 1.2},
		{"si", "hr=120 sbp=0", -1},
		{"msi", "hr=120 map=80", 1.5},
		{"msi", "hr=120 sbp=120 dbp=60", 1.5},
		{"msi", "hr=120 sbp=120", -1},
		{"msi", "hr=120 map=0", -1},
	} {
		c := find(t, x.chart)
		s := given(t, x.set)
		r := c.Score(&s)
		if r.HasValue != (x.want >= 0) || r.HasValue && math.Abs(r.Value-x.want) > 0.001 {
			t.Errorf("%s with %q: got %g %v, want %g", x.chart, x.set, r.Value, r.HasValue, x.want)
		}
		if !r.HasValue && (r.Complete || r.Band != ward.Unknown || r.Verdict != "") {
			t.Errorf("%s with %q has no value, but got %+v", x.chart, x.set, r)
		}
	}
}

func TestNotes(t *testing.T) {
	for _, x := range []struct {
		chart, set string
		says       []string
	}{
		{"rox", "spo2=97 fio2=0.5 rr=20 o2_device=hfnc", nil},
		{"rox", "spo2=98 fio2=0.5 rr=20 o2_device=hfnc", []string{"saturated"}},
		{"rox", "spo2=93 fio2=0.3 rr=20 o2_device=nasal_cannula", []string{"estimate"}},
		{"sf", "spo2=98 fio2=0.5", []string{"says nothing"}},
		{"sf", "spo2=97.4 fio2=0.5", nil}, // printed as 97
		{"sf", "spo2=92 fio2=0.5", []string{"hide"}},
		{"npews-england", wellChild + "temp=38.0", []string{"sepsis"}},
		{"npews-england", wellChild + "temp=35.9", []string{"sepsis"}},
		{"npews-england", wellChild + "temp=37.9", nil},
		{"sirs", "temp=38.5 hr=95 rr=18", []string{"2 of the 3"}},
		{"sirs", "temp=38.5 hr=95 rr=18 wbc=9", nil},
		{"news2", "rr=18", nil},
	} {
		c := find(t, x.chart)
		s := given(t, x.set)
		r := c.Score(&s)
		got := c.Notes(r, "en")
		if len(got) != len(x.says) || len(c.Notes(r, "vi")) != len(x.says) {
			t.Errorf("%s with %q: got %q, want %q", x.chart, x.set, got, x.says)
			continue
		}
		for i := range got {
			if !strings.Contains(got[i], x.says[i]) {
				t.Errorf("%s with %q: got %q, want %q", x.chart, x.set, got[i], x.says[i])
			}
		}
	}
	c := find(t, "sf")
	s := given(t, "spo2=98 fio2=0.5 o2_device=ventilator")
	if r := c.Score(&s); r.Verdict != "" || r.Band != ward.Unknown || !r.HasValue {
		t.Errorf("S/F above 97 %%: got %+v, want a value and no verdict", r)
	}
}

func TestInputs(t *testing.T) {
	for i := range NumInputs {
		low, high, unit := i.Limits()
		back, ok := InputNamed(i.String())
		if !ok || back != i || unit == "" || low >= high {
			t.Errorf("%d %s: named %v, unit %q, limits %g–%g", i, i, ok, unit, low, high)
		}
		if n := len(i.Codes()); n != 0 && (low != 0 || int(high) != n-1) {
			t.Errorf("%s has %d words, but limits %g–%g", i, n, low, high)
		}
	}
	if Consciousness.Text(2) != "V" || RR.Text(18.5) != "18.5" || O2Device.Text(5) != "hfnc" {
		t.Error("numbers are not told as people write them")
	}
	var s Set
	s.Put(HR, math.NaN())
	s.Put(RR, math.Inf(1))
	if s.Known != 0 {
		t.Error("a number that is not finite became known")
	}
	s.Put(HR, 80)
	s.Drop(HR)
	if s != (Set{}) {
		t.Error("a dropped input leaves something behind")
	}
}

func TestInfer(t *testing.T) {
	for _, x := range []struct{ set, o2, ventilated string }{
		{"o2_device=room_air", "no", "no"}, {"o2_device=nasal_cannula", "yes", "no"}, {"o2_device=niv", "yes", "yes"},
		{"fio2=0.21", "no", ""}, {"fio2=0.3", "yes", ""}, {"o2_flow=0", "no", ""}, {"o2_flow=2", "yes", ""},
		{"o2=no", "no", ""}, {"", "", ""}, {"o2_device=hfnc ventilated=yes", "yes", "yes"},
	} {
		s := given(t, x.set)
		s.Infer()
		for in, want := range map[Input]string{O2: x.o2, Ventilated: x.ventilated} {
			got := ""
			if s.Has(in) {
				got = in.Text(s.Number[in])
			}
			if got != want {
				t.Errorf("%q: %s is %q, want %q", x.set, in, got, want)
			}
		}
	}
}
