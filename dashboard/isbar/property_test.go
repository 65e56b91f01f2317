package isbar

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"wardwatch/ward"
)

var inputs = []string{"rr", "spo2", "o2", "sbp", "hr", "consciousness", "temp", "resp_distress", "oxygen", "cap_refill", "new_input"}

func drawParts(t *rapid.T) (parts []ward.Part) {
	for _, input := range rapid.SliceOfNDistinct(rapid.SampledFrom(inputs), 0, ward.MaxParts, rapid.ID).Draw(t, "inputs") {
		parts = append(parts, ward.Part{
			Input: input, Points: rapid.IntRange(0, 4).Draw(t, "points"), State: ward.PartState(rapid.IntRange(0, 3).Draw(t, "state")), Doubt: ward.Doubt(rapid.IntRange(0, 11).Draw(t, "doubt")),
			Number: float64(rapid.IntRange(0, 4).Draw(t, "number")), At: before(time.Duration(rapid.IntRange(0, 5000).Draw(t, "age")) * time.Minute), Source: ward.Source(rapid.IntRange(0, 2).Draw(t, "source")),
		})
	}
	return parts
}

func drawAlert(t *rapid.T) *ward.Alert {
	words := rapid.StringMatching(`[a-z_:]{1,80}`)
	a := alert(rapid.SampledFrom([]ward.AlertKind{ward.Clinical, ward.DeviceRaise}).Draw(t, "kind"), ward.High, rapid.IntRange(0, 20).Draw(t, "told"))
	for _, code := range rapid.SliceOfN(words, 0, 12).Draw(t, "causes") {
		a.Causes = append(a.Causes, cause(code, ward.Band(rapid.IntRange(0, 4).Draw(t, "band")), time.Hour))
	}
	for range rapid.IntRange(0, 8).Draw(t, "duties") {
		a.Duties = append(a.Duties, ward.Duty{Role: ward.RoleDoctor, Accepted: now, By: "long", OnWay: now, How: ward.HeldByNobody})
	}
	a.Next = rapid.SampledFrom([]ward.Due{ward.DueNothing, ward.DueAccept, ward.DueBedside, ward.DueWarn}).Draw(t, "next")
	return a
}

func drawCase(t *rapid.T) Case {
	text := rapid.String()
	s := an()
	s.FamilyName, s.GivenName, s.Off = text.Draw(t, "family"), text.Draw(t, "given"), ward.OffWard{Destination: text.Draw(t, "where"), Until: now}
	s.Care.Status = rapid.SampledFrom([]ward.CareStatus{ward.FullCare, ward.Ceilings, ward.ComfortCare}).Draw(t, "care")
	for v := range ward.NumVitals {
		s.Limits = append(s.Limits, ward.Limit{Vital: v, Low: 1, High: 2, Since: before(time.Hour), Until: now.Add(time.Hour)})
	}
	c := base(s, drawAlert(t), nil)
	c.Speaker, c.Ward, c.Bed, c.Apart = text.Draw(t, "speaker"), text.Draw(t, "ward"), text.Draw(t, "bed"), text.Draw(t, "apart")
	long := text.Draw(t, "long")
	c.NameOf = func(ward.PersonID) string { return long }
	if rapid.Bool().Draw(t, "scored") {
		c.Score = score("news2", ward.High, drawParts(t)...)
		c.Score.Lost, c.Score.Held, c.Score.HeldSince = rapid.Bool().Draw(t, "lost"), true, now
		c.Score.Check = rapid.SampledFrom([]string{"", "rr"}).Draw(t, "check")
	}
	c.Assessment = &ward.Assessment{}
	for range rapid.IntRange(0, 10).Draw(t, "many") {
		c.Assessment.Trends = append(c.Assessment.Trends, ward.Trend{Vital: ward.RR, Means: ward.TrendRising, Slope: 3, Limit: 30, Reach: time.Hour})
		c.Assessment.Risks = append(c.Assessment.Risks, ward.Risk{Task: ward.Deterioration, Value: 0.9, Threshold: 0.1})
		c.Assessment.Respiratory.Rows = append(c.Assessment.Respiratory.Rows, ward.RespiratoryRow{Code: "sf_148", Number: 120, Limit: 148})
		c.Findings = append(c.Findings, Finding{Finding: ward.Finding{Label: text.Draw(t, "label")}, Unread: true})
	}
	return c
}

// Whatever is known, what is said can be read out: bounded, in one piece, on one line a part.
func TestItIsNeverTooLong(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := drawCase(t)
		for _, lang := range []string{"vi", "en"} {
			said := Compose(lang, &c)
			if n := said.Length(); n > MaxLength {
				t.Fatalf("%s: %d characters", lang, n)
			}
			for _, part := range []string{said.I, said.S, said.B, said.A, said.R} {
				if part == "" || strings.ContainsAny(part, "\n\r") {
					t.Fatalf("%s: %+v", lang, said)
				}
			}
		}
	})
}

// Promise 1: an input that does not count is never left out, is asked for, and has no points.
func TestWhatIsNotKnownIsSaid(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := base(an(), alert(ward.Clinical, ward.Medium, 5), score("news2", ward.Medium, drawParts(t)...))
		s := speech{c: &c, w: speak("en"), lang: "en", most: 6}
		said := Compose("en", &c)
		known, unknown, _ := strings.Cut(said.A, s.w.missing[:5])
		for _, p := range c.Score.PartList() {
			if p.State == ward.Present {
				continue
			}
			name := lower(s.vital(p.Input))
			if !strings.Contains(strings.ToLower(unknown), strings.ToLower(name)) && !strings.Contains(unknown, lower(s.what(&p))) {
				t.Fatalf("%s is %s, and it is not said: %s", p.Input, p.State, said.A)
			}
			if !strings.Contains(said.R, name) {
				t.Fatalf("%s is %s, and not asked for: %s", p.Input, p.State, said.R)
			}
		}
		if n := strings.Count(known, "(+"); n != present(c.Score) || strings.Contains(unknown, "(+") {
			t.Fatalf("points of inputs that do not count: %s", said.A)
		}
		if !c.Score.Complete && !strings.Contains(said.S, "at least") {
			t.Fatalf("a lower bound is said as a total: %s", said.S)
		}
	})
}

// Promise 6: what is silent here is not spoken of; an AI's finding that nobody confirmed says so.
func TestSilentModelsAreNotSpokenOf(t *testing.T) {
	c := base(an(), alert(ward.Clinical, ward.Medium, 5), score("news2", ward.Medium))
	c.Assessment = &ward.Assessment{
		Risks:       []ward.Risk{{Task: ward.Deterioration, Value: 0.9, Threshold: 0.1, Silent: true}, {Task: ward.RespiratoryDecline, Value: 0.9, Withheld: ward.WithheldDrift}, {Task: ward.RespiratoryDecline, Value: 0.1, Threshold: 0.2}},
		Respiratory: ward.Respiratory{Rows: []ward.RespiratoryRow{{Code: "forecast_rr", Number: 31, Silent: true}}},
	}
	c.Findings = []Finding{{Finding: ward.Finding{Label: "nodule"}, Unread: true}}
	said := Compose("en", &c)
	for _, word := range []string{"Model", "Forecast", "31"} {
		if strings.Contains(said.A, word) {
			t.Errorf("%q is said: %s", word, said.A)
		}
	}
	if !strings.Contains(said.A, "NOT confirmed by any doctor") || !strings.Contains(said.R, "look at the image") {
		t.Errorf("%s %s", said.A, said.R)
	}
}

// Neither the hospital's number nor anything else that identifies beyond name and year is said.
func TestNoNumberIsSaid(t *testing.T) {
	for name, of := range cases {
		c := of()
		if strings.Contains(page("vi", &c)+page("en", &c), "SECRET") {
			t.Errorf("%s: the hospital's number is said", name)
		}
	}
}

// Each language says all that the other does.
func TestBothLanguagesSayTheSame(t *testing.T) {
	for name, of := range cases {
		c := of()
		vi, en := Compose("vi", &c), Compose("en", &c)
		count := func(x Text) []int {
			return []int{strings.Count(x.I, "."), strings.Count(x.A, ";"), strings.Count(x.S, ";"), strings.Count(x.R, ". ")}
		}
		if !slices.Equal(count(vi), count(en)) {
			t.Errorf("%s:\n%+v\n%+v", name, vi, en)
		}
	}
}
