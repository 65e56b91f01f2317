package wording

import (
	"strings"
	"unicode/utf16"

	"wardwatch/ward"
)

// Most characters of a text message that is sent in one piece (3GPP TS 23.038 and 23.040): septets of
// the GSM 7-bit alphabet, or 16-bit units when any character is outside it.
const (
	OnePlain   = 160
	OneUnicode = 70
)

// Short is a notice for a text message in the GSM 7-bit alphabet, Vietnamese without its marks, with
// the link (empty: none) at its end. To stay one message it leaves out first the level, then the word
// "alert". The marks of a simulation or a test, band, ward, bed and link are never cut: very long ones
// make a second message rather than a wrong bed.
func Short(lang string, n ward.Notice, simulation bool, link string) string {
	marks := strings.NewReplacer(marked()...)
	return shorten(lang, n, simulation, link, marks.Replace, func(s string) bool { return septets(s) <= OnePlain })
}

// ShortUnicode is the same with all marks, for gateways that send Unicode. There is room for less than
// half, so that with a link it is mostly two messages.
func ShortUnicode(lang string, n ward.Notice, simulation bool, link string) string {
	asIs := func(s string) string { return s }
	return shorten(lang, n, simulation, link, asIs, func(s string) bool { return len(utf16.Encode([]rune(s))) <= OneUnicode })
}

// shorten is the fullest form that fits, or else the shortest.
func shorten(lang string, n ward.Notice, simulation bool, link string, spell func(string) string, fits func(string) bool) string {
	text := ""
	for _, form := range forms(speak(lang), n, simulation) {
		text = join(" ", spell(form), link)
		if fits(text) {
			break
		}
	}
	return text
}

// forms are the ways to say a notice, the fullest first.
func forms(l *language, n ward.Notice, simulation bool) []string {
	mark, what, band, where := l.mark(simulation), l.what(n), l.band(n), strings.ReplaceAll(l.where(n), dot, ", ")
	list := []string{
		join(", ", mark, what, band, where, l.climbed(n), l.afterword(n)),
		join(", ", mark, what, band, where, l.afterword(n)),
	}
	if l.bandSaysAll(n) {
		list = append(list, join(", ", mark, capital(band), where))
	}
	return list
}

// marked pairs each letter of our words that the GSM 7-bit alphabet lacks with its plain one.
func marked() []string {
	var pairs []string
	for plain, letters := range map[string]string{
		"a": "àáảãạăằắẳẵặâầấẩẫậ", "e": "èéẻẽẹêềếểễệ", "i": "ìíỉĩị", "o": "òóỏõọôồốổỗộơờớởỡợ",
		"u": "ùúủũụưừứửữự", "y": "ỳýỷỹỵ", "d": "đ", "-": "–",
	} {
		for _, r := range letters {
			pairs = append(pairs, string(r), plain, strings.ToUpper(string(r)), strings.ToUpper(plain))
		}
	}
	return pairs
}

// septets is the length of s in the GSM 7-bit alphabet (3GPP TS 23.038, 6.2.1), as far as our words and
// links use it; a character outside counts as no message could hold it.
func septets(s string) int {
	n := 0
	for _, r := range s {
		switch {
		case strings.ContainsRune(`^{}\[~]|`, r):
			n += 2
		case r >= ' ' && r <= '~' && r != '`', r == '\n':
			n++
		default:
			n += OnePlain + 1
		}
	}
	return n
}
