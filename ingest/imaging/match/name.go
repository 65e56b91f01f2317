package match

import (
	"slices"
	"strings"
	"unicode"
)

// SameName reports whether two names are the same but for case, Vietnamese marks, punctuation and the
// order of their words. A name written without marks, as imaging machines often do, is the same as with.
func SameName(a, b string) bool { return slices.Equal(words(a), words(b)) }

// words are the folded words of a name, sorted. Of the groups of a DICOM name (PS3.5 §6.2.1.2) the first
// is used: the others write the same name in other letters.
func words(name string) []string {
	name, _, _ = strings.Cut(name, "=")
	w := strings.FieldsFunc(strings.Map(fold, name), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	slices.Sort(w)
	return w
}

// fold takes case and Vietnamese marks off a letter, whether the mark is part of it or follows it.
func fold(r rune) rune {
	r = unicode.ToLower(r)
	if r < unicode.MaxASCII {
		return r
	}
	if unicode.Is(unicode.Mn, r) {
		return -1
	}
	switch {
	case strings.ContainsRune("àáảãạăằắẳẵặâầấẩẫậ", r):
		return 'a'
	case strings.ContainsRune("èéẻẽẹêềếểễệ", r):
		return 'e'
	case strings.ContainsRune("ìíỉĩị", r):
		return 'i'
	case strings.ContainsRune("òóỏõọôồốổỗộơờớởỡợ", r):
		return 'o'
	case strings.ContainsRune("ùúủũụưừứửữự", r):
		return 'u'
	case strings.ContainsRune("ỳýỷỹỵ", r):
		return 'y'
	case r == 'đ':
		return 'd'
	}
	return r
}
