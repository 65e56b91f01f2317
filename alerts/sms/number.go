package sms

import (
	"strings"
)

// Normalise is a telephone number as E.164 has it (ITU-T): + and 8 to 15 digits with the country's
// calling code. Spaces, dots, hyphens and brackets may stand in what people write; 00 is taken for +,
// and a single leading 0 for the country given (empty: none is known).
func Normalise(number, country string) (string, error) {
	n := strings.NewReplacer(" ", "", ".", "", "-", "", "(", "", ")", "", "\u00a0", "").Replace(number)
	switch {
	case strings.HasPrefix(n, "+"):
		n = n[1:]
	case strings.HasPrefix(n, "00"):
		n = n[2:]
	case strings.HasPrefix(n, "0") && country != "":
		n = country + n[1:]
	default:
		return "", badNumber()
	}
	if rest, ok := strings.CutPrefix(n, "840"); ok { // no number in Vietnam has a 0 after the calling code: it is the trunk prefix left in
		n = "84" + rest
	}
	if len(n) < 8 || len(n) > 15 || n[0] == '0' || !digits(n) {
		return "", badNumber()
	}
	return "+" + n, nil
}

func badNumber() error {
	return bad("that is not a telephone number", "write it with its country, for example +84 912 345 678")
}

func digits(s string) bool {
	return strings.Trim(s, "0123456789") == ""
}

// national is a number as people dial it within its country; abroad it stays as it is.
func national(e164, country string) string {
	if rest, ok := strings.CutPrefix(e164, "+"+country); ok && country != "" {
		return "0" + rest
	}
	return e164
}
