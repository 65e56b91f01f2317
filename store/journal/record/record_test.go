package record

import (
	"bytes"
	"math"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"wardwatch/ward"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// times draws usual times and every unusual one that a sender can think of.
func times() *rapid.Generator[time.Time] {
	return rapid.Custom(func(t *rapid.T) time.Time {
		switch rapid.IntRange(0, 5).Draw(t, "kind") {
		case 0:
			return noon.Add(time.Duration(rapid.Int64Range(-1e14, 1e14).Draw(t, "ns")))
		case 1:
			return time.Time{}
		case 2:
			return time.Unix(rapid.Int64Range(-62135596800, 253402300799).Draw(t, "sec"), rapid.Int64Range(0, 999999999).Draw(t, "nsec")).UTC()
		case 3:
			return time.Unix(rapid.Int64().Draw(t, "any"), 0).UTC()
		}
		return noon.Add(time.Duration(rapid.Int64Range(-1e8, 1e8).Draw(t, "ms")) * time.Millisecond)
	})
}

func numbers() *rapid.Generator[float64] {
	return rapid.OneOf(
		rapid.Map(rapid.IntRange(-10, 400), func(n int) float64 { return float64(n) }),
		rapid.Map(rapid.IntRange(-1000, 40000), func(n int) float64 { return float64(n) / 100 }),
		rapid.Float64(),
		rapid.SampledFrom([]float64{0, math.Copysign(0, -1), math.MaxFloat64, math.SmallestNonzeroFloat64, 1e12, -1e12, math.Inf(1)}),
	)
}

func readings() *rapid.Generator[ward.Reading] {
	return rapid.Custom(func(t *rapid.T) ward.Reading {
		id := rapid.StringMatching(`[A-Za-z0-9_-]{0,12}`)
		r := ward.Reading{
			Place:   ward.Place{Ward: ward.WardID(id.Draw(t, "ward")), Bed: ward.BedID(id.Draw(t, "bed"))},
			Device:  ward.DeviceID(id.Draw(t, "device")),
			Boot:    id.Draw(t, "boot"),
			Seq:     rapid.Uint64().Draw(t, "seq"),
			HasSeq:  rapid.Bool().Draw(t, "has seq"),
			Source:  ward.Source(rapid.Byte().Draw(t, "source")),
			Taken:   times().Draw(t, "taken"),
			Arrived: times().Draw(t, "arrived"),
			At:      times().Draw(t, "at"),
			Clock:   ward.Clock(rapid.Byte().Draw(t, "clock")),
			Late:    rapid.Bool().Draw(t, "late"),
			Stay:    ward.StayID(id.Draw(t, "stay")),
			Apart:   ward.Apart(rapid.Byte().Draw(t, "apart")),
			Values:  []ward.Value{},
			Alarms:  []ward.DeviceAlarm{},
		}
		if rapid.Bool().Draw(t, "good clock") {
			r.At = r.Taken
		}
		r.Point = r.At.Add(time.Duration(rapid.Int64Range(0, 3).Draw(t, "moved")) * time.Millisecond)
		for range rapid.IntRange(0, 14).Draw(t, "values") {
			v := ward.Value{Vital: ward.Vital(rapid.Byte().Draw(t, "vital")), Quality: ward.Quality(rapid.IntRange(0, 3).Draw(t, "quality")), Number: numbers().Draw(t, "number"), At: r.At}
			if rapid.Bool().Draw(t, "own time") {
				v.At = times().Draw(t, "measured")
			}
			r.Values = append(r.Values, v)
		}
		for range rapid.IntRange(0, 3).Draw(t, "alarms") {
			r.Alarms = append(r.Alarms, ward.DeviceAlarm{Code: rapid.String().Draw(t, "code"), Priority: ward.Priority(rapid.IntRange(0, 127).Draw(t, "priority")), On: rapid.Bool().Draw(t, "on")})
		}
		r.Partial = rapid.SampledFrom(append([]string{""}, ward.PartialReasons...)).Draw(t, "partial")
		return r
	})
}

// same compares all of two readings, numbers bit for bit.
func same(a, b ward.Reading) bool {
	bits := func(v, w ward.Value) bool {
		return v.Vital == w.Vital && v.Quality == w.Quality && v.At == w.At && math.Float64bits(v.Number) == math.Float64bits(w.Number)
	}
	if !slices.EqualFunc(a.Values, b.Values, bits) || !slices.Equal(a.Alarms, b.Alarms) {
		return false
	}
	a.Values, a.Alarms, b.Values, b.Alarms = nil, nil, nil, nil
	return reflect.DeepEqual(a, b)
}

// A reading comes back exactly, whatever a sender or a clock made of it.
func TestReadingComesBack(t *testing.T) {
	var d Decoder
	rapid.Check(t, func(t *rapid.T) {
		r := readings().Draw(t, "reading")
		payload, identity := AppendReading([]byte("before"), &r)
		got, err := d.Reading(payload[len("before"):])
		if err != nil {
			t.Fatal(err)
		}
		if !same(*got, r) {
			t.Fatalf("got  %+v\nwant %+v", *got, r)
		}
		g, err := Look(payload[len("before"):])
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(g.Identity, payload[identity:]) || string(g.Ward) != string(r.Place.Ward) || string(g.Bed) != string(r.Place.Bed) ||
			string(g.Device) != string(r.Device) || g.Source != r.Source || !g.Taken.Equal(r.Taken) || !g.Arrived.Equal(r.Arrived) ||
			!g.Point.Equal(r.Point) || string(g.Boot) != r.Boot || g.Seq != r.Seq || g.HasSeq != r.HasSeq {
			t.Fatalf("glance %+v\nof %+v", g, r)
		}
	})
}

// The identity is what the sender said, and nothing that we made of it.
func TestIdentityLeavesOurJudgementOut(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := readings().Draw(t, "reading")
		again := r
		shift := time.Duration(rapid.Int64Range(-1e12, 1e12).Draw(t, "shift"))
		again.At = r.At.Add(shift)
		again.Values = nil
		for _, v := range r.Values {
			if d := v.At.Sub(r.At).Abs(); d > (nearSeconds-2)*time.Second {
				t.Skip("measured some 17 years before or after the message: such a time is written by itself")
			}
			v.At = v.At.Add(shift)
			again.Values = append(again.Values, v)
		}
		again.Arrived, again.Point, again.Clock, again.Late = noon, noon, ward.ClockImpossible, !r.Late
		again.Stay, again.Apart, again.Position = "other", ward.AtBoundary, 99
		if !bytes.Equal(AppendIdentity(nil, &r), AppendIdentity(nil, &again)) {
			t.Fatal("the same message judged twice has two identities")
		}
	})
}

func TestIdentityTellsMessagesApart(t *testing.T) {
	base := func() ward.Reading {
		return ward.Reading{Place: ward.Place{Ward: "icu", Bed: "1"}, Device: "mon-1", Boot: "b", Seq: 7, HasSeq: true, Taken: noon, At: noon,
			Values: []ward.Value{{Vital: ward.HR, Number: 80, At: noon}}, Alarms: []ward.DeviceAlarm{{Code: "asystole", Priority: ward.HighPriority, On: true}}}
	}
	changes := map[string]func(*ward.Reading){
		"ward":           func(r *ward.Reading) { r.Place.Ward = "er" },
		"bed":            func(r *ward.Reading) { r.Place.Bed = "2" },
		"device":         func(r *ward.Reading) { r.Device = "mon-2" },
		"boot":           func(r *ward.Reading) { r.Boot = "c" },
		"number":         func(r *ward.Reading) { r.Seq = 8 },
		"no number":      func(r *ward.Reading) { r.HasSeq = false },
		"source":         func(r *ward.Reading) { r.Source = ward.Manual },
		"sender's time":  func(r *ward.Reading) { r.Taken = noon.Add(1) },
		"value":          func(r *ward.Reading) { r.Values[0].Number = 80.5 },
		"vital":          func(r *ward.Reading) { r.Values[0].Vital = ward.PR },
		"quality":        func(r *ward.Reading) { r.Values[0].Quality = ward.Poor },
		"measured":       func(r *ward.Reading) { r.Values[0].At = noon.Add(-time.Minute) },
		"value more":     func(r *ward.Reading) { r.Values = append(r.Values, r.Values[0]) },
		"alarm ended":    func(r *ward.Reading) { r.Alarms[0].On = false },
		"alarm priority": func(r *ward.Reading) { r.Alarms[0].Priority = ward.LowPriority },
		"alarm code":     func(r *ward.Reading) { r.Alarms[0].Code = "vtach" },
		"reason":         func(r *ward.Reading) { r.Partial = "asleep" },
		"alarm gone":     func(r *ward.Reading) { r.Alarms = nil },
	}
	one := base()
	for name, change := range changes {
		other := base()
		change(&other)
		if bytes.Equal(AppendIdentity(nil, &one), AppendIdentity(nil, &other)) {
			t.Errorf("a change of the %s does not show in the identity", name)
		}
	}
}

// A copy of a reading stays what it is while the decoder goes on.
func TestCopyMayBeKept(t *testing.T) {
	var d Decoder
	var kept []ward.Reading
	for i := range 1000 {
		r := monitor()
		r.Seq, r.Values[0].Number = uint64(i), float64(i)
		payload, _ := AppendReading(nil, &r)
		got, err := d.Reading(payload)
		if err != nil {
			t.Fatal(err)
		}
		kept = append(kept, *got)
	}
	for i, r := range kept {
		if r.Seq != uint64(i) || len(r.Values) != 7 || r.Values[0].Number != float64(i) {
			t.Fatalf("copy %d has become %+v", i, r)
		}
	}
}

func scores() *rapid.Generator[ward.Score] {
	return rapid.Custom(func(t *rapid.T) ward.Score {
		name := rapid.StringMatching(`[a-z0-9_]{0,10}`)
		s := ward.Score{
			Place: ward.Place{Ward: ward.WardID(name.Draw(t, "ward")), Bed: ward.BedID(name.Draw(t, "bed"))}, Stay: ward.StayID(name.Draw(t, "stay")),
			At: times().Draw(t, "at"), Chart: name.Draw(t, "chart"), Variant: name.Draw(t, "variant"), Version: name.Draw(t, "version"), Policy: name.Draw(t, "policy"),
			Total: rapid.Int().Draw(t, "total"), Complete: rapid.Bool().Draw(t, "complete"), LowerBound: rapid.Int().Draw(t, "lower"), Band: ward.Band(rapid.Byte().Draw(t, "band")),
			Held: rapid.Bool().Draw(t, "held"), HeldSince: times().Draw(t, "since"), Refused: ward.Refusal(name.Draw(t, "refused")), Check: name.Draw(t, "check"),
			Lost: rapid.Bool().Draw(t, "lost"), LastData: times().Draw(t, "last"), Position: rapid.Uint64().Draw(t, "position"), NParts: rapid.IntRange(0, ward.MaxParts).Draw(t, "parts"),
		}
		if rapid.Bool().Draw(t, "charted") {
			s.Origin = ward.OriginCharted
		}
		for i := range s.PartList() {
			s.Parts[i] = ward.Part{Input: name.Draw(t, "input"), Points: rapid.Int().Draw(t, "points"), State: ward.PartState(rapid.Byte().Draw(t, "state")),
				Number: numbers().Draw(t, "number"), At: times().Draw(t, "part at"), Source: ward.Source(rapid.Byte().Draw(t, "source"))}
		}
		return s
	})
}

func TestScoreComesBack(t *testing.T) {
	var d Decoder
	rapid.Check(t, func(t *rapid.T) {
		s := scores().Draw(t, "score")
		payload := AppendScore(nil, &s)
		got, err := d.Score(payload)
		if err != nil {
			t.Fatal(err)
		}
		if *got != s {
			t.Fatalf("got  %+v\nwant %+v", *got, s)
		}
		if at, err := ScoreAt(payload); err != nil || !at.Equal(s.At) {
			t.Fatalf("ScoreAt %v, %v; want %v", at, err, s.At)
		}
	})
}

func assessments() *rapid.Generator[ward.Assessment] {
	return rapid.Custom(func(t *rapid.T) ward.Assessment {
		name := rapid.StringMatching(`[a-z0-9_+-]{0,10}`)
		risk := rapid.Custom(func(t *rapid.T) ward.Risk {
			return ward.Risk{Task: ward.Task(name.Draw(t, "task")), Model: name.Draw(t, "model"), Version: name.Draw(t, "version"), Value: numbers().Draw(t, "value"),
				Threshold: numbers().Draw(t, "threshold"), Withheld: ward.Withheld(name.Draw(t, "withheld")), Silent: rapid.Bool().Draw(t, "silent")}
		})
		return ward.Assessment{
			Place: ward.Place{Ward: ward.WardID(name.Draw(t, "ward")), Bed: ward.BedID(name.Draw(t, "bed"))}, Stay: ward.StayID(name.Draw(t, "stay")),
			At: times().Draw(t, "at"), Policy: name.Draw(t, "policy"), Risks: rapid.SliceOfN(risk, 1, 4).Draw(t, "risks"),
		}
	})
}

func TestRisksComeBack(t *testing.T) {
	var d Decoder
	var before, copied ward.Assessment
	rapid.Check(t, func(t *rapid.T) {
		a := assessments().Draw(t, "assessment")
		payload := AppendRisks(nil, &a)
		got, err := d.Risks(payload)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(*got, a) {
			t.Fatalf("got  %+v\nwant %+v", *got, a)
		}
		if at, err := RisksAt(payload); err != nil || !at.Equal(a.At) {
			t.Fatalf("RisksAt %v, %v; want %v", at, err, a.At)
		}
		if !reflect.DeepEqual(copied, before) {
			t.Fatalf("a copy was changed by the next call: %+v, was %+v", copied, before)
		}
		before, copied = a, *got
	})
}

// Reasons, inputs and all else of an assessment but its risks are of the moment.
func TestOnlyHistoryIsKeptOfRisks(t *testing.T) {
	a := ward.Assessment{Place: ward.Place{Ward: "icu", Bed: "1"}, Stay: "s1", At: noon, Policy: "p1", Risks: []ward.Risk{{Task: ward.Deterioration, Model: "m", Version: "1+ab", Value: 0.25, Threshold: 0.03}}}
	full := a
	full.Risks = slices.Clone(a.Risks)
	full.Risks[0].Because, full.Risks[0].Reasons, full.Risks[0].Inputs = []string{"hr"}, make([]ward.Contribution, 2), make([]ward.RiskInput, 3)
	full.Trends, full.Forecasts, full.Respiratory.Table = make([]ward.Trend, 1), make([]ward.Forecast, 1), "1"
	if string(AppendRisks(nil, &full)) != string(AppendRisks(nil, &a)) {
		t.Error("more than history is written")
	}
}

// What decodes is written back as something that decodes to the same; what does not is refused.
func FuzzDecode(f *testing.F) {
	r := ward.Reading{Place: ward.Place{Ward: "icu", Bed: "1"}, Device: "mon-1", Boot: "b", Seq: 7, HasSeq: true, Taken: noon, At: noon, Point: noon, Arrived: noon,
		Values: []ward.Value{{Vital: ward.Temp, Number: 37.2, At: noon.Add(-time.Minute)}}, Alarms: []ward.DeviceAlarm{{Code: "asystole", On: true}}}
	s := ward.Score{Place: r.Place, At: noon, Chart: "news2", NParts: 1, Parts: [8]ward.Part{{Input: "rr", Points: 3, At: noon}}}
	reading, _ := AppendReading(nil, &r)
	f.Add(reading)
	r.Source, r.Partial = ward.Manual, "asleep"
	partial, _ := AppendReading(nil, &r)
	f.Add(partial)
	f.Add(AppendScore(nil, &s))
	f.Add(AppendRisks(nil, &ward.Assessment{Place: r.Place, Stay: "s1", At: noon, Policy: "p1", Risks: []ward.Risk{{Task: ward.Deterioration, Value: 0.0311, Threshold: 0.03}, {Task: ward.RespiratoryDecline, Withheld: ward.WithheldScale2, Silent: true}}}))
	f.Add([]byte{})
	f.Add([]byte{version, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff})
	f.Fuzz(func(t *testing.T, b []byte) {
		var d, again Decoder
		if got, err := d.Reading(b); err == nil {
			payload, _ := AppendReading(nil, got)
			back, err := again.Reading(payload)
			if err != nil || len(back.Values) != len(got.Values) || back.Place != got.Place || !back.Taken.Equal(got.Taken) || !back.Point.Equal(got.Point) {
				t.Fatalf("%+v came back as %+v, %v", got, back, err)
			}
			if back.Partial != got.Partial {
				t.Fatalf("the reason %q came back as %q", got.Partial, back.Partial)
			}
			if _, err := Look(b); err != nil {
				t.Fatalf("decodes but cannot be glanced at: %v", err)
			}
		}
		if got, err := d.Score(b); err == nil {
			if back, err := again.Score(AppendScore(nil, got)); err != nil || back.Place != got.Place || !back.At.Equal(got.At) || back.Total != got.Total || back.Origin != got.Origin {
				t.Fatalf("%+v came back as %+v, %v", got, back, err)
			}
		}
		if got, err := d.Risks(b); err == nil {
			if back, err := again.Risks(AppendRisks(nil, got)); err != nil || back.Place != got.Place || !back.At.Equal(got.At) || len(back.Risks) != len(got.Risks) {
				t.Fatalf("%+v came back as %+v, %v", got, back, err)
			}
			if _, err := RisksAt(b); err != nil {
				t.Fatalf("decodes but has no time: %v", err)
			}
		}
		_, _ = Look(b)
		_, _ = ScoreAt(b)
	})
}

// monitor is what a bedside monitor sends each second.
func monitor() ward.Reading {
	r := ward.Reading{Place: ward.Place{Ward: "W1", Bed: "bed00042"}, Device: "mon-bed00042", Boot: "18a9c3f2d41e6b07", Seq: 1042, HasSeq: true, Taken: noon, At: noon, Point: noon, Arrived: noon.Add(12345678), Stay: "01JD4X9Q2M"}
	for v, n := range map[ward.Vital]float64{ward.HR: 88, ward.RR: 18, ward.SpO2: 95, ward.SBP: 121, ward.Temp: 36.8, ward.FiO2: 0.21, ward.ACVPU: 0} {
		r.Values = append(r.Values, ward.Value{Vital: v, Number: n, At: noon})
	}
	return r
}

func BenchmarkAppendReading(b *testing.B) {
	r := monitor()
	var buf []byte
	b.ReportAllocs()
	for b.Loop() {
		buf, _ = AppendReading(buf[:0], &r)
	}
	b.ReportMetric(float64(len(buf)), "bytes/record")
}

func BenchmarkDecodeReading(b *testing.B) {
	r := monitor()
	payload, _ := AppendReading(nil, &r)
	var d Decoder
	b.ReportAllocs()
	for b.Loop() {
		if _, err := d.Reading(payload); err != nil {
			b.Fatal(err)
		}
	}
}
