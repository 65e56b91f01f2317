package sim

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode"

	"pgregory.net/rapid"

	"wardwatch/devices"
	"wardwatch/ward"
)

func start() time.Time { return time.Date(2026, 3, 1, 7, 30, 0, 0, time.FixedZone("+07", 7*3600)) }

// anyOptions draws a ward with scenarios and faults here and there.
func anyOptions(t *rapid.T) Options {
	o := Options{
		Beds: rapid.IntRange(2, 6).Draw(t, "beds"), Seed: rapid.Int64().Draw(t, "seed"), Start: start(),
		Interval:  time.Duration(rapid.IntRange(4000, 20_000).Draw(t, "interval")) * time.Millisecond,
		Pace:      rapid.SampledFrom([]float64{0.5, 1, 10, 60}).Draw(t, "pace"),
		Scenarios: map[ward.BedID]string{}, Faults: map[ward.BedID][]string{},
	}
	for i := range o.Beds {
		b := DefaultBedName(i)
		o.Scenarios[b] = rapid.SampledFrom(nameList(Scenarios())).Draw(t, "scenario")
		o.Faults[b] = rapid.SliceOfNDistinct(rapid.SampledFrom(nameList(Faults())), 0, 3, rapid.ID[string]).Draw(t, "faults")
	}
	return o
}

func must(t interface{ Fatal(...any) }, o Options) *Ward {
	w, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func TestSameSeedSameBytesHoweverStepped(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o := anyOptions(t)
		end := o.Start.Add(7 * time.Minute)
		once := must(t, o).Step(end)
		w := must(t, o)
		var stepped []Message
		for at := o.Start.Add(-time.Second); at.Before(end); {
			at = at.Add(time.Duration(rapid.IntRange(1, 90_000).Draw(t, "step")) * time.Millisecond)
			if at.After(end) {
				at = end
			}
			stepped = append(stepped, w.Step(at)...)
		}
		if len(once) != len(stepped) {
			t.Fatalf("%d messages at once, %d in steps", len(once), len(stepped))
		}
		for i := range once {
			if once[i].Topic != stepped[i].Topic || !bytes.Equal(once[i].Payload, stepped[i].Payload) {
				t.Fatalf("message %d differs:\n%s %s\n%s %s", i, once[i].Topic, once[i].Payload, stepped[i].Topic, stepped[i].Payload)
			}
		}
	})
}

// Whatever goes wrong with a monitor, the wire takes what it sends, and takes it for what it is.
func TestTheWireTakesEverything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o := anyOptions(t)
		var d devices.Decoder
		sent := o.Start
		for _, m := range must(t, o).Step(o.Start.Add(7 * time.Minute)) {
			place, kind, err := devices.ParseTopic(m.Topic)
			if err != nil {
				t.Fatal(err)
			}
			if m.Retained != (kind == devices.Status) || m.Retained != (m.Reading == nil) {
				t.Fatalf("%s: retained %v", m.Topic, m.Retained)
			}
			if m.Retained {
				if _, fault := devices.DecodeStatus(m.Payload); fault != nil {
					t.Fatalf("%s: %v", m.Payload, fault)
				}
				continue
			}
			if m.Reading.Place != place || m.Reading.Arrived.Before(sent) {
				t.Fatalf("%s for %v, sent %v after %v", m.Topic, m.Reading.Place, m.Reading.Arrived, sent)
			}
			sent = m.Reading.Arrived
			elements, fault := d.Decode(m.Payload, nil)
			if fault != nil || len(elements) != 1 || len(elements[0].Faults) > 0 || elements[0].Unknown > 0 {
				t.Fatalf("%s: %v %v", m.Payload, fault, elements)
			}
			sameReading(t, &elements[0].Reading, m.Reading)
		}
	})
}

// sameReading compares what a decoder can know.
func sameReading(t *rapid.T, got, want *ward.Reading) {
	if got.Device != want.Device || got.Boot != want.Boot || got.Seq != want.Seq || !got.HasSeq || !got.Taken.Equal(want.Taken) {
		t.Fatalf("decoded %+v, sent %+v", got, want)
	}
	if len(got.Values) != len(want.Values) || len(got.Alarms) != len(want.Alarms) {
		t.Fatalf("decoded %+v, sent %+v", got, want)
	}
	for _, w := range want.Values {
		g, ok := got.Value(w.Vital)
		if !ok || g.Number != w.Number || g.Quality != w.Quality || !g.At.Equal(w.At) {
			t.Fatalf("decoded %+v, sent %+v", g, w)
		}
	}
	for i := range want.Alarms {
		if got.Alarms[i] != want.Alarms[i] {
			t.Fatalf("decoded %+v, sent %+v", got.Alarms[i], want.Alarms[i])
		}
	}
}

func TestSequenceRisesByOneWithoutGap(t *testing.T) {
	w := must(t, Options{Beds: 24, Start: start()})
	last := map[ward.DeviceID]uint64{}
	boots := map[string]bool{}
	for _, m := range w.Step(start().Add(time.Minute)) {
		if m.Reading == nil {
			continue
		}
		if m.Reading.Seq != last[m.Reading.Device]+1 {
			t.Fatalf("%s: %d after %d", m.Reading.Device, m.Reading.Seq, last[m.Reading.Device])
		}
		last[m.Reading.Device] = m.Reading.Seq
		boots[m.Reading.Boot] = true
	}
	if len(last) != 24 || len(boots) != 24 {
		t.Fatalf("%d devices, %d boots", len(last), len(boots))
	}
}

// A ward started again is another boot, or its sequence numbers would be taken for repeats.
func TestAnotherStartIsAnotherBoot(t *testing.T) {
	boot := func(at time.Time) string {
		for _, m := range must(t, Options{Start: at}).Step(at.Add(time.Second)) {
			if m.Reading != nil {
				return m.Reading.Boot
			}
		}
		return ""
	}
	if a, b := boot(start()), boot(start().Add(time.Hour)); a == b {
		t.Fatalf("both %s", a)
	}
}

func TestCarriedValuesKeepTheirTime(t *testing.T) {
	w := must(t, Options{Beds: 1, Start: start(), Scenarios: map[ward.BedID]string{}})
	cuffs := map[time.Time]bool{}
	for _, m := range w.Step(start().Add(20*time.Minute + 30*time.Second)) {
		if m.Reading == nil {
			continue
		}
		sbp, _ := m.Reading.Value(ward.SBP)
		if age := m.Reading.Taken.Sub(sbp.At); age < 0 || age > 5*time.Minute {
			t.Fatalf("a cuff pressure %v old", age)
		}
		cuffs[sbp.At] = true
		if hr, _ := m.Reading.Value(ward.HR); !hr.At.Equal(m.Reading.Taken) {
			t.Fatal("a heart rate of another time")
		}
		if len(m.Reading.Values) < 10 {
			t.Fatalf("only %d values", len(m.Reading.Values))
		}
	}
	if len(cuffs) != 5 {
		t.Errorf("%d cuff pressures in 20 minutes", len(cuffs))
	}
}

func TestChoicesThatAreNotThere(t *testing.T) {
	cases := []struct {
		o    Options
		says []string
	}{
		{Options{Scenarios: map[ward.BedID]string{"01": "sepsys"}}, []string{`scenario "sepsys"`, "sepsis", "haemorrhage"}},
		{Options{Faults: map[ward.BedID][]string{"01": {"probe"}}}, []string{`fault "probe"`, "probe_off", "moved"}},
		{Options{Scenarios: map[ward.BedID]string{"99": "sepsis"}}, []string{`bed "99"`, "01", "12B", "23"}},
		{Options{Faults: map[ward.BedID][]string{"12": nil}}, []string{`bed "12"`, "12A"}},
		{Options{Beds: 1, Faults: map[ward.BedID][]string{"01": {"moved"}}}, []string{"second bed"}},
		{Options{Beds: -1}, []string{"-1 beds"}},
		{Options{Pace: -1}, []string{"pace"}},
		{Options{Interval: -time.Second}, []string{"interval"}},
		{Options{Ward: "khoa nội"}, []string{"khoa nội"}},
		{Options{BedName: func(int) ward.BedID { return "A" }}, []string{"two beds"}},
		{Options{BedName: func(i int) ward.BedID { return ward.BedID(fmt.Sprintf("bed %d", i)) }}, []string{"bed 0"}},
	}
	for _, c := range cases {
		_, err := New(c.o)
		if err == nil {
			t.Errorf("%v: no error", c.says)
			continue
		}
		for _, s := range c.says {
			if !strings.Contains(err.Error(), s) {
				t.Errorf("%q does not say %q", err, s)
			}
		}
	}
}

func TestBedNamesHoldTwoPlacesInTheTwelfth(t *testing.T) {
	var got []string
	for i := range 24 {
		got = append(got, string(DefaultBedName(i)))
	}
	want := "01 02 03 04 05 06 07 08 09 10 11 12A 12B 13 14 15 16 17 18 19 20 21 22 23"
	if strings.Join(got, " ") != want {
		t.Fatalf("%v", got)
	}
}

func TestPatientsAreInventedAdults(t *testing.T) {
	w := must(t, Options{Beds: 200, Seed: 3, Start: start()})
	people, again := w.Patients(), must(t, Options{Beds: 200, Seed: 3, Start: start()}).Patients()
	sexes := map[ward.Sex]int{}
	for i, p := range people {
		if p != again[i] {
			t.Fatalf("another person: %+v, %+v", p, again[i])
		}
		if !strings.HasPrefix(p.HospitalID, "SIM-") || p.Place.Bed != DefaultBedName(i) {
			t.Fatalf("%+v", p)
		}
		if age, ok := (ward.Stay{BirthDate: p.BirthDate}).AgeAt(start()); !ok || age < 18 || age > 100 {
			t.Fatalf("age %d", age)
		}
		for _, r := range p.FamilyName + p.GivenName {
			if !unicode.IsLetter(r) && r != ' ' {
				t.Fatalf("%q %q", p.FamilyName, p.GivenName)
			}
		}
		sexes[p.Sex]++
	}
	if sexes[ward.Male] < 50 || sexes[ward.Female] < 50 {
		t.Fatalf("%v", sexes)
	}
}

func TestEveryChoiceSpeaksBothLanguages(t *testing.T) {
	for _, n := range append(Scenarios(), Faults()...) {
		if n.Name == "" || n.VI == "" || n.EN == "" || strings.Contains(n.VI+n.EN, "\n") {
			t.Errorf("%+v", n)
		}
	}
}

func BenchmarkStep(b *testing.B) {
	w := must(b, Options{Beds: 1000, Start: start()})
	at := start()
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		at = at.Add(time.Second)
		n += len(w.Step(at))
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(n), "ns/message")
}
