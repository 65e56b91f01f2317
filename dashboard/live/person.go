package live

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"wardwatch/ward"
)

// shownName is what a screen in this mode shows of the person's name.
func shownName(s *ward.Stay, m Names) string {
	switch m {
	case NamesGiven:
		return s.GivenName
	case NamesInitials:
		return initials(s.FamilyName + " " + s.GivenName)
	}
	return ""
}

// initials of "Nguyễn Văn An" are "N.V.A.".
func initials(name string) string {
	var b strings.Builder
	for _, word := range strings.Fields(name) {
		r, _ := utf8.DecodeRuneInString(word)
		b.WriteString(strings.ToUpper(string(r)))
		b.WriteByte('.')
	}
	return b.String()
}

func viewStay(s *ward.Stay, m Names, sameName bool, name func(ward.PersonID) string, now time.Time) *StayView {
	v := &StayView{
		ID: string(s.ID), Name: shownName(s, m), Sex: string(s.Sex), Scale: max(1, s.Scale.Number), Limits: viewLimits(s, m, name, now),
		Care: string(s.Care.Status), SameName: sameName,
		Nurse: staffIn(m, s.Nurse, name), Doctor: staffIn(m, s.Doctor, name),
	}
	if m == NamesGiven && !s.BirthDate.IsZero() {
		year := s.BirthDate.Year()
		v.BirthYear = &year
	}
	if age, ok := s.AgeAt(now); ok {
		v.Age = &age
	}
	if !s.Off.Until.IsZero() {
		v.Off = &OffView{Destination: s.Off.Destination, Since: Ms(s.Off.Since), Until: Ms(s.Off.Until)}
	}
	return v
}

// staffIn is a member of staff as a mode shows them: without a name where nobody has one. The id
// stays, so that everybody finds their own patients.
func staffIn(m Names, id ward.PersonID, name func(ward.PersonID) string) *StaffView {
	v := ViewStaff(id, name)
	if v != nil && m == NamesNone {
		v.Name = ""
	}
	return v
}

// namesakes says, for each mode, which of the stays could be taken for another of the ward by what
// is shown of them. A given name is shared by many here, so beside it the year of birth is shown,
// and the mark stands where both are the same, or the whole name is.
func namesakes(stays []*ward.Stay) map[ward.StayID][numModes]bool {
	out := make(map[ward.StayID][numModes]bool, len(stays))
	for i, m := range modes {
		seen := make(map[string]int, len(stays))
		for _, s := range stays {
			for _, name := range mistakable(s, m) {
				seen[name]++
			}
		}
		for _, s := range stays {
			marks := out[s.ID]
			for _, name := range mistakable(s, m) {
				marks[i] = marks[i] || seen[name] > 1
			}
			out[s.ID] = marks
		}
	}
	return out
}

// mistakable are the forms of a name that must be unique on a ward not to be mistaken.
func mistakable(s *ward.Stay, m Names) []string {
	shown := strings.ToLower(shownName(s, m))
	switch {
	case shown == "":
		return nil
	case m != NamesGiven:
		return []string{shown}
	}
	return []string{
		"whole " + strings.ToLower(s.FamilyName+" "+s.GivenName),
		"year " + shown + strconv.Itoa(s.BirthDate.Year()),
	}
}
