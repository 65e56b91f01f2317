package scoring

import (
	"strings"
	"testing"
	"time"

	"wardwatch/ward"
)

// flag finds a flag of a score by its code.
func flag(s ward.Score, code string) *ward.Flag {
	for i := range s.FlagList() {
		if s.Flags[i].Code == code {
			return &s.Flags[i]
		}
	}
	return nil
}

// limited is a bed whose person has limits of their own.
func limited(t testing.TB, limits ...ward.Limit) *bedside {
	b := newBed(t)
	for i := range limits {
		limits[i].Until = eight.AddDate(0, 0, 1)
	}
	b.stay = &ward.Stay{BirthDate: eight.AddDate(-60, 0, 0), Limits: limits}
	return b
}

func TestOwnLimits(t *testing.T) {
	type moment struct{ second, number float64 }
	for name, c := range map[string]struct {
		limit   ward.Limit
		moments []moment
		code    string  // empty: no flag
		due     float64 // seconds after eight
	}{
		"inside":                                      {ward.Limit{Vital: ward.SpO2, Low: 90}, []moment{{0, 90}}, "", 0},
		"SpO2 far under: told after 15 s":             {ward.Limit{Vital: ward.SpO2, Low: 90}, []moment{{0, 86}}, "limit:spo2:low", 15},
		"SpO2 near the limit: after 30 s":             {ward.Limit{Vital: ward.SpO2, Low: 90}, []moment{{0, 89}}, "limit:spo2:low", 30},
		"near, then far: 15 s from then":              {ward.Limit{Vital: ward.SpO2, Low: 90}, []moment{{0, 89}, {5, 86}}, "limit:spo2:low", 20},
		"far, then near: as it began":                 {ward.Limit{Vital: ward.SpO2, Low: 90}, []moment{{0, 86}, {5, 89}}, "limit:spo2:low", 15},
		"back before it was told":                     {ward.Limit{Vital: ward.SpO2, Low: 90}, []moment{{0, 86}, {10, 90}}, "", 0},
		"told, and back by less than the margin":      {ward.Limit{Vital: ward.SpO2, Low: 90}, []moment{{0, 86}, {20, 90}}, "limit:spo2:low", 15},
		"told, and back by the margin":                {ward.Limit{Vital: ward.SpO2, Low: 90}, []moment{{0, 86}, {20, 91}}, "", 0},
		"HR over: after 15 s":                         {ward.Limit{Vital: ward.HR, High: 110}, []moment{{0, 111}}, "limit:hr:high", 15},
		"RR over: after 60 s":                         {ward.Limit{Vital: ward.RR, High: 30}, []moment{{0, 31}}, "limit:rr:high", 60},
		"pressure: after 5 min":                       {ward.Limit{Vital: ward.SBP, Low: 95}, []moment{{0, 90}}, "limit:sbp:low", 300},
		"pressure: told when a repeat says the same":  {ward.Limit{Vital: ward.SBP, Low: 95}, []moment{{0, 90}, {120, 92}}, "limit:sbp:low", 120},
		"from one side to the other it begins anew":   {ward.Limit{Vital: ward.HR, Low: 50, High: 110}, []moment{{0, 120}, {10, 40}}, "limit:hr:low", 25},
		"far from the usual":                          {ward.Limit{Vital: ward.SBP, Usual: 150}, []moment{{0, 105}}, "usual:sbp:low", 300},
		"the usual and a limit are held against both": {ward.Limit{Vital: ward.HR, Usual: 60, High: 120}, []moment{{0, 95}}, "usual:hr:high", 15},
	} {
		b := limited(t, c.limit)
		var s ward.Score
		for _, m := range c.moments {
			s = b.read(at(m.second/60, val(c.limit.Vital, m.number)))
		}
		switch {
		case c.code == "" && s.NFlags != 0:
			t.Errorf("%s: %+v", name, s.FlagList())
		case c.code != "":
			f := flag(s, c.code)
			if f == nil || f.Due.Sub(eight).Seconds() != c.due || f.Held {
				t.Errorf("%s: %+v, want %s due after %v s", name, s.FlagList(), c.code, c.due)
			}
		}
	}
}

// While the value is lost a crossing is neither confirmed nor over, and the signal matters.
func TestALostValueHoldsTheFlag(t *testing.T) {
	b := limited(t, ward.Limit{Vital: ward.SpO2, Low: 90})
	b.read(at(0, val(ward.SpO2, 80), val(ward.HR, 70)))
	doubted := val(ward.SpO2, 97)
	doubted.Quality = ward.Poor
	if f := flag(b.read(at(2, doubted)), "limit:spo2:low"); f == nil || !f.Held || f.Number != 80 {
		t.Fatalf("a doubted value: %+v", f)
	}
	s := b.wait(10)
	if f := flag(s, "limit:spo2:low"); f == nil || !f.Held || !s.Lost {
		t.Fatalf("stale: %+v, lost %v", f, s.Lost)
	}
	if s := b.read(at(11, val(ward.SpO2, 97))); s.NFlags != 0 {
		t.Fatalf("seen again, well: %+v", s.FlagList())
	}
}

// One vital lost while the device goes on: the signal is lost where a grave flag rests on it.
func TestALostVitalUnderAFlagIsALostSignal(t *testing.T) {
	b := newBed(t)
	b.stay = &ward.Stay{Pregnancy: ward.Pregnant} // no chart, so that no band is held
	b.read(at(0, val(ward.SpO2, 96), val(ward.HR, 70)))
	if s := b.read(at(6, val(ward.HR, 70))); s.Lost {
		t.Fatal("lost, though nothing rests on it")
	}
	b.read(at(7, val(ward.SpO2, 85)))
	for m := 8.0; m < 12; m++ {
		b.read(at(m, val(ward.HR, 70)))
	}
	if s := b.read(at(12.5, val(ward.HR, 70))); !s.Lost || s.Held {
		t.Fatalf("lost %v, band held %v", s.Lost, s.Held)
	}
}

// An order that ends takes its flag with it.
func TestALimitThatLapses(t *testing.T) {
	b := limited(t, ward.Limit{Vital: ward.SpO2, Low: 90})
	b.stay.Limits[0].Until = minutes(300)
	if s := b.read(at(0, val(ward.SpO2, 80))); flag(s, ward.FlagLimitsLapse) != nil || time.UnixMilli(b.wake).After(minutes(60)) {
		t.Fatalf("%+v, wakes %v", s.FlagList(), time.UnixMilli(b.wake))
	}
	if f := flag(b.wait(60), ward.FlagLimitsLapse); f == nil || f.Band != ward.LowMedium || !f.Due.Equal(minutes(60)) {
		t.Fatalf("four hours before: %+v", f)
	}
	if s := b.wait(300); s.NFlags != 0 {
		t.Fatalf("lapsed: %+v", s.FlagList())
	}
}

// Where no chart scores a person, single limits go on.
func TestLimitsWithoutAChart(t *testing.T) {
	child := func(months int) *ward.Stay { return &ward.Stay{BirthDate: eight.AddDate(0, -months, 0)} }
	mother := &ward.Stay{BirthDate: eight.AddDate(-30, 0, 0), Pregnancy: ward.Pregnant}
	after := &ward.Stay{BirthDate: eight.AddDate(-30, 0, 0), Pregnancy: ward.Postpartum}
	adult := &ward.Stay{BirthDate: eight.AddDate(-30, 0, 0)}
	for _, c := range []struct {
		name string
		stay *ward.Stay
		v    ward.Vital
		n    float64
		code string
		band ward.Band
	}{
		{"infant", child(6), ward.RR, 69, "", 0}, {"infant", child(6), ward.RR, 70, "limit:rr:high", ward.Medium},
		{"infant", child(6), ward.HR, 79, "limit:hr:low", ward.Medium}, {"infant", child(6), ward.HR, 80, "", 0},
		{"infant", child(6), ward.SBP, 110, "limit:sbp:high", ward.Medium},
		{"of one year", child(12), ward.RR, 60, "limit:rr:high", ward.Medium}, {"of one year", child(12), ward.HR, 170, "limit:hr:high", ward.Medium},
		{"of five", child(60), ward.RR, 50, "limit:rr:high", ward.Medium}, {"of five", child(60), ward.SBP, 69, "limit:sbp:low", ward.Medium},
		{"of thirteen", child(156), ward.RR, 40, "limit:rr:high", ward.Medium}, {"of thirteen", child(156), ward.SBP, 140, "limit:sbp:high", ward.Medium},
		{"of thirteen", child(156), ward.SpO2, 91, "limit:spo2:low", ward.Medium}, {"of thirteen", child(156), ward.SpO2, 92, "", 0},
		{"of thirteen", child(156), ward.ACVPU, float64(ward.Voice), "limit:acvpu:high", ward.High},
		{"of sixteen", child(192), ward.RR, 60, "", 0},
		{"pregnant", mother, ward.SBP, 161, "limit:sbp:high", ward.Medium}, {"pregnant", mother, ward.SBP, 160, "", 0},
		{"pregnant", mother, ward.DBP, 101, "limit:dbp:high", ward.Medium}, {"pregnant", mother, ward.SpO2, 94, "limit:spo2:low", ward.Medium},
		{"after birth", after, ward.HR, 121, "limit:hr:high", ward.Medium}, {"after birth", after, ward.ACVPU, 1, "limit:acvpu:high", ward.Medium},
		{"adult", adult, ward.SBP, 200, "", 0},
	} {
		b := newBed(t)
		b.stay = c.stay
		s := b.read(at(0, val(c.v, c.n)))
		f := flag(s, c.code)
		if (c.code == "") != (s.NFlags == 0) || f != nil && f.Band != c.band || c.code != "" && f == nil {
			t.Errorf("%s %v %v: %+v, want %q", c.name, c.v, c.n, s.FlagList(), c.code)
		}
		if c.stay != adult && c.name != "of sixteen" && (s.Band != ward.Unknown || s.LowerBound != 0 || s.NParts != 7) {
			t.Errorf("%s: scored without a chart: %v %d, %d parts", c.name, s.Band, s.LowerBound, s.NParts)
		}
	}
}

// A person's own limit stands in place of the ward's.
func TestOwnLimitInPlaceOfTheWards(t *testing.T) {
	b := newBed(t)
	b.stay = &ward.Stay{BirthDate: eight.AddDate(0, -6, 0), Limits: []ward.Limit{{Vital: ward.SpO2, Low: 75, Until: eight.AddDate(0, 0, 1)}}}
	if s := b.read(at(0, val(ward.SpO2, 80))); s.NFlags != 0 {
		t.Fatalf("cyanotic heart disease, 75 ordered: %+v", s.FlagList())
	}
	if s := b.read(at(1, val(ward.SpO2, 74))); flag(s, "limit:spo2:low") == nil {
		t.Fatal("under their own")
	}
}

func TestTheWorstFlagsAreKept(t *testing.T) {
	var s ward.Score
	for i, b := range []ward.Band{ward.LowMedium, ward.Medium, ward.LowMedium, ward.High, ward.Medium, ward.LowMedium, ward.High, ward.LowMedium} {
		raise(&s, ward.Flag{Number: float64(i), Band: b})
	}
	var got []float64
	for _, f := range s.FlagList() {
		got = append(got, f.Number)
	}
	want := []float64{3, 6, 1, 4, 0, 2}
	for i := range want {
		if len(got) != len(want) || got[i] != want[i] {
			t.Fatalf("%v, want %v", got, want)
		}
	}
}

// SpO2 scale 2 never lapses by itself, but asks for a look each day, by day.
func TestScale2AsksForReview(t *testing.T) {
	hanoi := time.FixedZone("ICT", 7*3600)
	ordered := time.Date(2026, 11, 20, 22, 0, 0, 0, hanoi)
	for name, c := range map[string]struct {
		at   time.Time
		want time.Time // since when; zero: no flag
	}{
		"within a day":         {ordered.Add(23 * time.Hour), time.Time{}},
		"a day later at night": {ordered.Add(24 * time.Hour), time.Time{}},
		"before the day":       {time.Date(2026, 11, 22, 6, 59, 59, 0, hanoi), time.Time{}},
		"next morning":         {time.Date(2026, 11, 22, 7, 0, 0, 0, hanoi), time.Date(2026, 11, 22, 7, 0, 0, 0, hanoi)},
		"that afternoon":       {time.Date(2026, 11, 22, 18, 59, 0, 0, hanoi), time.Date(2026, 11, 22, 7, 0, 0, 0, hanoi)},
		"the evening":          {time.Date(2026, 11, 22, 19, 0, 0, 0, hanoi), time.Time{}},
	} {
		b := newBed(t)
		b.stay = &ward.Stay{Scale: ward.SpO2Scale{Number: 2, Since: ordered}}
		var s ward.Score
		_, s, wake := Step(&b.p, b.stay, State{}, nil, c.at)
		f := flag(s, ward.FlagScaleReview)
		if c.want.IsZero() != (f == nil) || f != nil && (!f.Since.Equal(c.want) || f.Band != ward.LowMedium) {
			t.Errorf("%s: %+v, want since %v", name, f, c.want)
		}
		if next := time.UnixMilli(wake); !next.After(c.at) || next.Sub(c.at) > 24*time.Hour {
			t.Errorf("%s: looked at again at %v", name, next)
		}
		if s.Variant != "scale2" {
			t.Errorf("%s: %s", name, s.Variant)
		}
	}
}

func TestPolicyCheck(t *testing.T) {
	news2, _ := lib.Find(NEWS2)
	rox, _ := lib.Find("rox")
	for want, change := range map[string]func(*Policy){
		"":                     func(*Policy) {},
		"version":              func(p *Policy) { p.Version = "" },
		"charts[0]":            func(p *Policy) { p.Charts = []ChartRule{{Who: Who{0, 0, Any}, Chart: news2}} },
		"charts[0]: rox":       func(p *Policy) { p.Charts = []ChartRule{{Who: Who{sixteen, 0, No}, Chart: rox}} },
		"stale.rr.device":      func(p *Policy) { p.Stale[ward.RR].Device = 0 },
		"stale.temp.charted":   func(p *Policy) { p.Stale[ward.Temp].Charted = -2 },
		"silence":              func(p *Policy) { p.Silence = 0 },
		"rounds.interval":      func(p *Policy) { p.Rounds.Interval = 48 * time.Hour },
		"rounds.grace":         func(p *Policy) { p.Rounds.Grace = 2 },
		"signal.good_share":    func(p *Policy) { p.Signal.GoodShare = 0 },
		"check_below[0].rr":    func(p *Policy) { p.CheckBelow[0].Below[ward.RR] = -1 },
		"limits[0].rr":         func(p *Policy) { p.Limits[0].Low, p.Limits[0].High = 0, 0 },
		"limits[1].hr: low":    func(p *Policy) { p.Limits[1].Low = 200 },
		"limits[1].hr: 80 and": func(p *Policy) { p.Limits[1].High = 500 },
		"check_below[2].temp":  func(p *Policy) { p.CheckBelow[2].Below[ward.Temp] = 95 },
		"limits[2]: the ages":  func(p *Policy) { p.Limits[2].MaxMonths, p.Limits[2].MinMonths = 3, 9 },
		"personal_band":        func(p *Policy) { p.PersonalBand = ward.Low },
		"persist.spo2":         func(p *Policy) { p.Persist[ward.SpO2].For = -1 },
		"oxygen.within":        func(p *Policy) { p.Oxygen.Within = 12 * time.Hour },
		"oxygen.high":          func(p *Policy) { p.Oxygen.High = 40 },
		"reviews":              func(p *Policy) { p.Reviews.DayTo = 0 },
	} {
		p := DefaultPolicy(lib)
		change(&p)
		err := p.Check()
		if (err == nil) != (want == "") || err != nil && !strings.HasPrefix(err.Error(), want) {
			t.Errorf("got %v, want an error about %q", err, want)
		}
	}
}
