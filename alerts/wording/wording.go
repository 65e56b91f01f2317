// Package wording says what a notice is about in words that every channel shares: what, how bad,
// where, and how far it has climbed. It never holds a name.
package wording

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"wardwatch/ward"
)

// Languages. Any other is taken as Vietnamese.
const (
	Vietnamese = "vi"
	English    = "en"
)

const dot = " · "

// Line is one line that a person can act on.
func Line(lang string, n ward.Notice, simulation bool) string {
	l := speak(lang)
	return join(dot, l.mark(simulation), l.what(n), l.band(n), l.where(n), l.climbed(n), l.afterword(n))
}

// Title is what a telephone shows in bold: how bad, or what, and where. Line says the rest.
func Title(lang string, n ward.Notice, simulation bool) string {
	l := speak(lang)
	what := l.what(n)
	if l.bandSaysAll(n) {
		what = l.band(n)
	}
	return join(dot, l.mark(simulation), capital(what), l.where(n))
}

func (l *language) mark(simulation bool) string {
	if simulation {
		return l.simulation
	}
	return ""
}

// what the notice is for: an alert of some kind, the end of a snooze, a test.
func (l *language) what(n ward.Notice) string {
	switch n.Why {
	case ward.WhyTest:
		return l.test
	case ward.WhySnoozeEnds:
		return l.snooze
	}
	return l.kinds[n.Kind]
}

// band is empty where no patient stands behind the notice.
func (l *language) band(n ward.Notice) string {
	if n.Kind == ward.Technical || n.Why == ward.WhyTest {
		return ""
	}
	return l.bands[n.Band]
}

// bandSaysAll reports whether the band alone tells what the notice is.
func (l *language) bandSaysAll(n ward.Notice) bool {
	return n.Kind == ward.Clinical && n.Why == ward.WhyAlert && l.band(n) != ""
}

func (l *language) where(n ward.Notice) string {
	switch {
	case n.Place.Ward == "":
		return l.system
	case n.Place.Bed == "":
		return l.ward + " " + string(n.Place.Ward)
	}
	return l.ward + " " + string(n.Place.Ward) + dot + l.bed + " " + string(n.Place.Bed)
}

func (l *language) climbed(n ward.Notice) string {
	if n.Level <= 1 || n.Why != ward.WhyAlert {
		return ""
	}
	return l.level + " " + strconv.Itoa(n.Level)
}

// afterword tells a test from the real thing once more, in a sentence.
func (l *language) afterword(n ward.Notice) string {
	if n.Why == ward.WhyTest {
		return l.noAlert
	}
	return ""
}

func join(sep string, parts ...string) string {
	kept := parts[:0]
	for _, p := range parts {
		if p != "" {
			kept = append(kept, p)
		}
	}
	return strings.Join(kept, sep)
}

func capital(s string) string {
	r, size := utf8.DecodeRuneInString(s)
	if size == 0 {
		return s
	}
	return string(unicode.ToUpper(r)) + s[size:]
}
