package scoring

import (
	"testing"

	"wardwatch/ward"
)

// A rising need for oxygen asks for a review even though the score stays flat: it gives 2 points
// however much is given.
func TestRisingOxygenNeed(t *testing.T) {
	type entry struct {
		minute float64
		v      ward.Vital
		n      float64
	}
	device := func(minute float64, d ward.O2Device) entry { return entry{minute, ward.O2Source, float64(d)} }
	fio2 := func(minute, n float64) entry { return entry{minute, ward.FiO2, n} }
	flow := func(minute, n float64) entry { return entry{minute, ward.O2Flow, n} }
	for name, c := range map[string]struct {
		entries []entry
		want    []string
	}{
		"room air":                                   {[]entry{device(0, ward.RoomAir)}, nil},
		"a first entry is no step":                   {[]entry{device(0, ward.NonRebreather)}, nil},
		"cannula to mask":                            {[]entry{device(0, ward.NasalCannula), device(60, ward.SimpleMask)}, []string{"oxygen_device"}},
		"room air to cannula":                        {[]entry{device(0, ward.RoomAir), device(60, ward.NasalCannula)}, []string{"oxygen_device"}},
		"mask to Venturi is no step":                 {[]entry{device(0, ward.SimpleMask), device(60, ward.Venturi)}, nil},
		"mask to cannula":                            {[]entry{device(0, ward.SimpleMask), device(60, ward.NasalCannula)}, nil},
		"up and down again":                          {[]entry{device(0, ward.NasalCannula), device(60, ward.HFNC), device(90, ward.NasalCannula)}, nil},
		"down, then back up within 6 h":              {[]entry{device(0, ward.HFNC), device(60, ward.NasalCannula), device(90, ward.HFNC)}, []string{"oxygen_device"}},
		"up more than 6 h ago":                       {[]entry{device(0, ward.NasalCannula), device(60, ward.HFNC), device(440, ward.HFNC)}, nil}, // by quarters of an hour
		"FiO2 up by 0.09":                            {[]entry{fio2(0, 0.24), fio2(60, 0.33)}, nil},
		"FiO2 up by 0.10":                            {[]entry{fio2(0, 0.24), fio2(60, 0.34)}, []string{"oxygen_rise"}},
		"in small steps":                             {[]entry{fio2(0, 0.24), fio2(100, 0.28), fio2(200, 0.31), fio2(300, 0.35)}, []string{"oxygen_rise"}},
		"over more than 6 h":                         {[]entry{fio2(0, 0.24), fio2(100, 0.28), fio2(480, 0.35)}, nil},
		"the fraction before went on until it rose":  {[]entry{fio2(0, 0.24), fio2(480, 0.35)}, []string{"oxygen_rise"}},
		"from air":                                   {[]entry{device(0, ward.RoomAir), device(60, ward.Venturi), fio2(60, 0.31)}, []string{"oxygen_device", "oxygen_rise"}},
		"rose and fell again":                        {[]entry{fio2(0, 0.24), fio2(60, 0.38), fio2(90, 0.30)}, nil},
		"0.39 is not high":                           {[]entry{fio2(0, 0.39)}, nil},
		"0.40 is, however steady":                    {[]entry{fio2(0, 0.40), fio2(600, 0.40)}, []string{"oxygen_high"}},
		"a gas module's noise does not end it":       {[]entry{fio2(0, 0.40), fio2(10, 0.39)}, []string{"oxygen_high"}},
		"0.37 does":                                  {[]entry{fio2(0, 0.40), fio2(10, 0.37)}, nil},
		"a flow alone says no fraction":              {[]entry{flow(0, 2), flow(60, 15)}, nil},
		"weaned to a cannula, its fraction unknown":  {[]entry{device(0, ward.HFNC), fio2(0, 0.5), device(60, ward.NasalCannula)}, nil},
		"the same device charted again keeps its 50": {[]entry{device(0, ward.HFNC), fio2(0, 0.5), device(60, ward.HFNC)}, []string{"oxygen_high"}},
		"weaned to air":                              {[]entry{device(0, ward.HFNC), fio2(0, 0.5), device(60, ward.RoomAir)}, nil},
	} {
		b := newBed(t)
		for _, e := range c.entries {
			b.read(set(e.minute, val(e.v, e.n)))
		}
		var got []string
		for _, f := range b.last.FlagList() {
			got = append(got, f.Code)
			if f.Band != ward.Medium || f.Held {
				t.Errorf("%s: %+v", name, f)
			}
		}
		if len(got) != len(c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
			continue
		}
		for i := range got {
			if got[i] != c.want[i] {
				t.Errorf("%s: %v, want %v", name, got, c.want)
			}
		}
	}
}

func TestOxygenFlagSaysWhatRose(t *testing.T) {
	b := newBed(t)
	b.read(set(0, val(ward.O2Source, float64(ward.NasalCannula)), val(ward.FiO2, 0.28)))
	s := b.read(set(60, val(ward.O2Source, float64(ward.HFNC)), val(ward.FiO2, 0.45)))
	step, rise, high := flag(s, ward.FlagOxygenDevice), flag(s, ward.FlagOxygenRise), flag(s, ward.FlagOxygenHigh)
	if step == nil || step.Number != float64(ward.HFNC) || step.Limit != float64(ward.NasalCannula) {
		t.Errorf("%+v", step)
	}
	if rise == nil || rise.Number != 0.45 || rise.Limit != 0.28 || !rise.Due.Equal(minutes(62)) {
		t.Errorf("%+v", rise)
	}
	if high == nil || high.Number != 0.45 || high.Limit != 0.40 {
		t.Errorf("%+v", high)
	}
}

// Lost oxygen data ends nothing; time alone ends a step up only while what is given is known.
func TestOxygenFlagsAreHeldWhileUnknown(t *testing.T) {
	b := newBed(t)
	b.read(set(0, val(ward.O2Source, float64(ward.NasalCannula))))
	b.read(set(60, val(ward.O2Source, float64(ward.HFNC))))
	for _, minute := range []float64{60 + 301, 1000} {
		if f := flag(b.wait(minute), ward.FlagOxygenDevice); f == nil || !f.Held {
			t.Fatalf("after %v min: %+v", minute, f)
		}
	}
	if s := b.read(set(1001, val(ward.O2Source, float64(ward.NasalCannula)))); s.NFlags != 0 {
		t.Fatalf("%+v", s.FlagList())
	}
}

func TestStartingOxygenNeedNotCount(t *testing.T) {
	b := newBed(t)
	b.p.Oxygen.FromAir = false
	b.read(set(0, val(ward.O2Source, float64(ward.RoomAir))))
	if s := b.read(set(60, val(ward.O2Source, float64(ward.NasalCannula)))); s.NFlags != 0 {
		t.Fatalf("%+v", s.FlagList())
	}
	if s := b.read(set(90, val(ward.O2Source, float64(ward.HFNC)))); flag(s, ward.FlagOxygenDevice) == nil {
		t.Fatal("a real step up")
	}
}
