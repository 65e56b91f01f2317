// Package isbar puts what is known of a patient behind an alert into words that can be read out or
// copied: identify, situation, background, assessment, recommendation (ISBAR; Burgess et al., BMC Med
// Educ 2020;20:459). It says only what was measured, ordered or done, and says plainly what is not known.
// It is pure.
package isbar

import (
	"strings"
	"time"
	"unicode/utf8"

	"wardwatch/ward"
)

// MaxLength is the most characters that the five parts have together: what can be read out in about a
// minute and a half. A proposal, for local clinicians to sign.
const MaxLength = 1200

// Case is all that is known of a patient at a moment. What is zero or nil is not known.
type Case struct {
	Now        time.Time
	Zone       *time.Location
	Simulation bool
	Speaker    string // who calls, as colleagues name them
	Ward       string // as people say it
	Bed        string // as people say it
	Stay       *ward.Stay
	Alert      *ward.Alert
	NameOf     func(ward.PersonID) string

	Score      *ward.Score // nil: none
	Then       bool        // Score is the alert's own, of when people were last told, not of now
	Change     *int        // of the points, over the last four hours
	Apart      string      // why it is uncertain whose figures the monitor sends; empty: it is not
	Vitals     []ward.Value
	Assessment *ward.Assessment
	Findings   []Finding
}

// Finding is an imaging finding that counts.
type Finding struct {
	ward.Finding
	Kind   string // what the respiratory table takes its code for; empty: nothing that concerns breathing
	Unread bool   // nobody has said that it is so
}

// Text is what to say. The parts carry no heading.
type Text struct{ I, S, B, A, R string }

// Length is how many characters the parts have together.
func (t Text) Length() int {
	n := 0
	for _, part := range []string{t.I, t.S, t.B, t.A, t.R} {
		n += utf8.RuneCountInString(part)
	}
	return n
}

// most are how many items of a list are said, the fullest first.
var most = []int{6, 4, 3, 2, 1, 0}

// Compose is the text in Vietnamese (vi) or English (en), never longer than MaxLength. Of what is too
// long the least urgent goes first: lists are cut from their end. The score, what is missing, and what
// is asked for always stay.
func Compose(lang string, c *Case) Text {
	var t Text
	for _, n := range most {
		s := speech{c: c, w: speak(lang), lang: lang, most: n}
		t = Text{I: s.identify(), S: s.situation(), B: s.background(), A: s.assessment(), R: s.recommendation()}
		if t.Length() <= MaxLength {
			return t
		}
	}
	return t.cut()
}

// cut shortens the part that has the most to spare.
func (t Text) cut() Text {
	over := t.Length() - MaxLength
	for _, part := range []*string{&t.B, &t.A, &t.S, &t.I, &t.R} {
		if over <= 0 {
			break
		}
		was := utf8.RuneCountInString(*part)
		*part = clip(*part, max(1, was-over))
		over -= was - utf8.RuneCountInString(*part)
	}
	return t
}

// clip keeps at most n characters.
func clip(text string, n int) string {
	if utf8.RuneCountInString(text) <= n {
		return text
	}
	runes := []rune(text)
	return string(runes[:n-1]) + "…"
}

// speech is one text being made.
type speech struct {
	c    *Case
	w    *wording
	lang string
	most int // items of a list
}

// maxName bounds what people typed.
const maxName = 60

// name is what people typed, on one line and bounded.
func name(text string) string { return clip(strings.Join(strings.Fields(text), " "), maxName) }

// person is a member of staff as colleagues name them.
func (s *speech) person(id ward.PersonID) string { return name(s.c.NameOf(id)) }

// few is the beginning of a list, as far as there is room.
func few[T any](list []T, n int) []T { return list[:min(len(list), n)] }

// sentences joins what there is to say.
func sentences(parts ...string) string {
	var out []string
	for _, p := range parts {
		if p = strings.TrimSpace(p); p == "" {
			continue
		}
		if !strings.HasSuffix(p, ".") && !strings.HasSuffix(p, "?") && !strings.HasSuffix(p, "!") {
			p += "."
		}
		first, size := utf8.DecodeRuneInString(p)
		out = append(out, strings.ToUpper(string(first))+p[size:])
	}
	return strings.Join(out, " ")
}

// identify: who calls, about whom, where.
func (s *speech) identify() string {
	c := s.c
	var mark string
	if c.Simulation {
		mark = s.w.simulation
	}
	return sentences(mark, fill(s.w.caller, "speaker", name(c.Speaker), "ward", name(c.Ward)), fill(s.w.patient, "who", s.who(), "bed", name(c.Bed)))
}

func (s *speech) who() string {
	st := s.c.Stay
	parts := []string{name(st.FamilyName + " " + st.GivenName)}
	if parts[0] == "" {
		parts[0] = s.w.nameless
	}
	if st.BirthDate.IsZero() {
		parts = append(parts, s.w.ageless)
	} else {
		parts = append(parts, s.age(), fill(s.w.born, "year", st.BirthDate.Format("2006")))
	}
	if st.Sex != ward.SexUnknown {
		parts = append(parts, s.text("stay.sex."+string(st.Sex)))
	}
	return strings.Join(parts, ", ")
}

// infant is under how many years an age is told in months.
const infant = 2

func (s *speech) age() string {
	at := s.c.Now.In(s.c.Zone)
	years, _ := s.c.Stay.AgeAt(at)
	if years >= infant {
		return fill(s.text("stay.age"), "n", number(s.lang, float64(years), 0))
	}
	b := s.c.Stay.BirthDate
	months := (at.Year()-b.Year())*12 + int(at.Month()-b.Month())
	if at.Day() < b.Day() {
		months--
	}
	return fill(s.w.months, "n", number(s.lang, float64(max(0, months)), 0))
}
