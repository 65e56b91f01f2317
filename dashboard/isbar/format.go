package isbar

import (
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"wardwatch/dashboard/locale"
	"wardwatch/ward"
)

// fill puts values into a text in place of their {names}, in one pass: what people typed is not filled
// again.
func fill(text string, pairs ...string) string {
	braced := make([]string, len(pairs))
	for i, p := range pairs {
		if braced[i] = p; i%2 == 0 {
			braced[i] = "{" + p + "}"
		}
	}
	return strings.NewReplacer(braced...).Replace(text)
}

// text is a text that the screens have too.
func (s *speech) text(key string) string { return locale.Text(s.lang, key) }

// known is a text that the screens have; ok is false when they have none.
func (s *speech) known(key string) (text string, ok bool) {
	text = s.text(key)
	return text, text != key
}

// spoken is a code as words, for one that nobody has translated yet.
func spoken(code string) string {
	return name(strings.NewReplacer("_", " ", ":", " ").Replace(code))
}

// number is written with as many decimals as given, in the language's way.
func number(lang string, x float64, decimals int) string {
	text := strconv.FormatFloat(x, 'f', decimals, 64)
	if lang == locale.English {
		return text
	}
	return strings.Replace(text, ".", ",", 1)
}

// exact is a number with one decimal where it has any.
func (s *speech) exact(x float64) string {
	if math.Round(x*10) == math.Round(x)*10 {
		return number(s.lang, x, 0)
	}
	return number(s.lang, x, 1)
}

// clock is a time of day, with the day when it is not today's.
func (s *speech) clock(t time.Time) string {
	t, now := t.In(s.c.Zone), s.c.Now.In(s.c.Zone)
	if t.YearDay() == now.YearDay() && t.Year() == now.Year() {
		return t.Format("15:04")
	}
	return t.Format("15:04 02/01")
}

// ago is how old something is.
func (s *speech) ago(t time.Time) string {
	d := max(0, s.c.Now.Sub(t))
	switch {
	case d < time.Minute:
		return s.text("age.now")
	case d < 2*time.Hour:
		return fill(s.text("age.min"), "n", strconv.Itoa(int(d/time.Minute)))
	case d < 48*time.Hour:
		return fill(s.text("age.h"), "n", strconv.Itoa(int(d/time.Hour)))
	}
	return fill(s.text("age.d"), "n", strconv.Itoa(int(d/(24*time.Hour))))
}

// measure is a value with its unit.
func (s *speech) measure(input string, x float64) string {
	switch input {
	case "fio2":
		return number(s.lang, 100*x, 0) + " %"
	case "consciousness", "acvpu":
		return s.text("acvpu." + strconv.Itoa(int(x)))
	case "resp_distress":
		return s.text("distress." + strconv.Itoa(int(x)))
	case "o2_device":
		return s.text("o2." + strconv.Itoa(int(x)))
	}
	if unit, ok := s.known("unit." + input); ok {
		return s.exact(x) + " " + unit
	}
	return s.exact(x)
}

// vital is what an input is called.
func (s *speech) vital(input string) string {
	if text, ok := s.known("vital." + input); ok {
		return text
	}
	return spoken(input)
}

func (s *speech) role(r ward.Role) string { return s.text("role." + string(r)) }

// last is the newest value of a vital, whatever its age.
func (s *speech) last(v ward.Vital) (ward.Value, bool) {
	for _, x := range s.c.Vitals {
		if x.Vital == v {
			return x, true
		}
	}
	return ward.Value{}, false
}

// lower makes a sentence's beginning fit inside another. SpO₂ and HFNC stay as they are.
func lower(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	word, _, _ := strings.Cut(text[size:], " ")
	if word != strings.ToLower(word) {
		return text
	}
	return strings.ToLower(string(first)) + text[size:]
}
