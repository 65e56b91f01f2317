package duty

import (
	"strings"
	"time"
	"unicode"

	"wardwatch/ward"
)

// roleNamed finds a duty by its id or by what it is called in Vietnamese or English.
func roleNamed(name string) (ward.Role, bool) {
	switch fold(name) {
	case "nurse", "dieu_duong":
		return ward.RoleNurse, true
	case "nurse_charge", "nurse_in_charge", "charge_nurse", "dieu_duong_truong":
		return ward.RoleCharge, true
	case "doctor_on_duty", "doctor", "bac_si", "bac_si_truc":
		return ward.RoleDoctor, true
	case "duty_lead", "truc_lanh_dao":
		return ward.RoleLead, true
	case "intensive_care", "icu", "hstc", "hoi_suc_tich_cuc":
		return ward.RoleICU, true
	case "engineer", "ky_su", "ky_thuat_vien":
		return ward.RoleEngineer, true
	}
	return "", false
}

// namesEveryWard says whether a text means the whole hospital.
func namesEveryWard(text string) bool {
	switch fold(text) {
	case everyWard, "hospital", "toan_vien", "toan_benh_vien":
		return true
	}
	return false
}

// fold makes one word of what people write differently: case, Vietnamese marks (composed or not, as
// keyboards and spreadsheets differ), spaces and hyphens.
func fold(text string) string {
	var out strings.Builder
	for _, r := range strings.ToLower(strings.TrimSpace(text)) {
		switch {
		case unicode.Is(unicode.Mn, r): // a mark that follows its letter
		case r == ' ' || r == '-' || r == '\u00a0':
			out.WriteByte('_')
		default:
			out.WriteRune(bare(r))
		}
	}
	return out.String()
}

// bare is a Vietnamese letter without its marks.
func bare(r rune) rune {
	if r < 0x80 {
		return r
	}
	for _, family := range [...]string{"aàáảãạăằắẳẵặâầấẩẫậ", "eèéẻẽẹêềếểễệ", "iìíỉĩị", "oòóỏõọôồốổỗộơờớởỡợ", "uùúủũụưừứửữự", "yỳýỷỹỵ", "dđ"} {
		if strings.ContainsRune(family, r) {
			return rune(family[0])
		}
	}
	return r
}

// readTime reads when a shift begins or ends.
func readTime(text string, zone *time.Location) (time.Time, error) {
	if text == "" {
		return time.Time{}, bad("a time is missing", "give the beginning and the end of each shift")
	}
	if t, err := time.Parse(time.RFC3339, text); err == nil {
		return t.UTC(), nil
	}
	for _, layout := range []string{"2006-01-02 15:04", "2006-01-02 15:04:05", "2006-01-02T15:04", "2/1/2006 15:04", "2/1/2006 15:04:05"} {
		wall, err := time.Parse(layout, text)
		if err != nil {
			continue
		}
		if zone == nil {
			return time.Time{}, bad("a time has no zone, and the hospital's is not set", "write it as 2026-11-21T19:00:00+07:00, or set the zone")
		}
		return onTheClock(wall, zone)
	}
	return time.Time{}, bad("a time cannot be read: "+shortened(text), "write it as 21/11/2026 19:00, 2026-11-21 19:00 or 2026-11-21T19:00:00+07:00")
}

// onTheClock is the one moment at which a clock in the zone shows what wall says. On the night the
// clock is changed there may be none, or two.
func onTheClock(wall time.Time, zone *time.Location) (time.Time, error) {
	var found []time.Time
	for _, around := range []time.Duration{-24 * time.Hour, 24 * time.Hour} { // one on each side of a change
		_, offset := wall.Add(around).In(zone).Zone()
		t := wall.Add(-time.Duration(offset) * time.Second)
		if shows(t, zone, wall) && (len(found) == 0 || !found[0].Equal(t)) {
			found = append(found, t)
		}
	}
	if len(found) != 1 {
		return time.Time{}, bad("the clock was changed at this time, so it is not one moment: "+wall.Format("2006-01-02 15:04"), "write it with its zone, for example 2026-11-21T19:00:00+07:00")
	}
	return found[0].UTC(), nil
}

// shows says whether a clock in the zone shows at t what wall says.
func shows(t time.Time, zone *time.Location, wall time.Time) bool {
	return t.In(zone).Format(time.DateTime) == wall.Format(time.DateTime)
}
