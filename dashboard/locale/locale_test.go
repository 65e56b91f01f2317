package locale

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"testing"
	"unicode/utf8"

	"wardwatch/ward"
)

var blank = regexp.MustCompile(`\{[a-z_]+\}`)

func TestBothLanguagesHaveTheSameKeysAndBlanks(t *testing.T) {
	all := catalogues()
	for lang, other := range map[string]string{Vietnamese: English, English: Vietnamese} {
		for key, text := range all[lang] {
			theirs, ok := all[other][key]
			if !ok {
				t.Errorf("%s has %q, %s does not", lang, key, other)
				continue
			}
			if text == "" || !utf8.ValidString(text) {
				t.Errorf("%s: %q has no readable text", lang, key)
			}
			mine, yours := blank.FindAllString(text, -1), blank.FindAllString(theirs, -1)
			slices.Sort(mine)
			slices.Sort(yours)
			if !slices.Equal(mine, yours) {
				t.Errorf("%q: %s leaves blanks %v, %s %v", key, lang, mine, other, yours)
			}
		}
	}
}

func TestNoKeyIsWrittenTwice(t *testing.T) {
	// A JSON object silently keeps the last of two equal keys; a translation would be lost.
	key := regexp.MustCompile(`(?m)^\s*"([^"]+)":`)
	for lang, raw := range map[string][]byte{Vietnamese: vietnamese, English: english} {
		if !json.Valid(raw) {
			t.Fatalf("%s.json is not JSON", lang)
		}
		seen := map[string]bool{}
		for _, m := range key.FindAllSubmatch(raw, -1) {
			if seen[string(m[1])] {
				t.Errorf("%s.json has %q twice", lang, m[1])
			}
			seen[string(m[1])] = true
		}
	}
}

// Codes that the server sends and people must read.
func TestEveryCodeHasItsText(t *testing.T) {
	keys := []string{"refused." + string(ward.RefusedAge), "refused." + string(ward.RefusedPregnancy), "refused." + string(ward.RefusedNoChart)}
	for d := ward.Believed + 1; d == 1 || d.String() != (d-1).String(); d++ { // past the last the name repeats
		keys = append(keys, "doubt."+d.String())
	}
	for _, reason := range ward.PartialReasons {
		keys = append(keys, "partial."+reason)
	}
	for _, flag := range []string{ward.FlagOxygenDevice, ward.FlagOxygenRise, ward.FlagOxygenHigh, ward.FlagScaleReview, ward.FlagLimitsLapse} {
		keys = append(keys, "cause."+flag)
	}
	for _, flag := range []string{ward.FlagLimit, ward.FlagUsual} {
		keys = append(keys, "cause."+flag+".low", "cause."+flag+".high")
	}
	for _, task := range ward.Tasks {
		for _, prefix := range []string{"task.", "task.short.", "task.what.", "cause." + ward.FlagRisk + "."} {
			keys = append(keys, prefix+string(task))
		}
	}
	keys = append(keys, "cause."+ward.FlagRespiratory, "flag.short."+ward.FlagRespiratory)
	for _, w := range []ward.Withheld{
		ward.WithheldRuntime, ward.WithheldModel, ward.WithheldFailed, ward.WithheldSlow, ward.WithheldDrift, ward.WithheldTooLittle, ward.WithheldPattern, ward.WithheldRange,
		ward.WithheldScale2, ward.WithheldVentilated, ward.WithheldAge, ward.WithheldAgeUnknown, ward.WithheldPregnancy, ward.WithheldComfort, ward.WithheldNobody,
	} {
		keys = append(keys, "withheld."+string(w))
	}
	for _, l := range []ward.Level{ward.LevelLow, ward.LevelHigh} {
		keys = append(keys, "level."+string(l))
	}
	for _, c := range []ward.Course{ward.CourseRising, ward.CourseFalling} {
		keys = append(keys, "course."+string(c))
	}
	for _, m := range []ward.TrendMeans{ward.TrendSteady, ward.TrendRising, ward.TrendFalling} {
		keys = append(keys, "trend."+string(m))
	}
	keys = append(keys, ofImaging()...)
	keys = append(keys, ofTheTables(t)...)
	for v := range ward.NumVitals {
		keys = append(keys, "vital."+v.String())
	}
	for _, key := range keys {
		if Text(English, key) == key || Text(Vietnamese, key) == key {
			t.Errorf("%s has no text", key)
		}
	}
	if len(keys) < 45 {
		t.Errorf("only %d codes were looked at", len(keys))
	}
}

// ofImaging are the codes of what imaging says, and of why it is nobody's yet.
func ofImaging() (keys []string) {
	for _, w := range []string{ward.WarnAgeUnknown, ward.WarnViewUnknown, ward.WarnModalityUnknown, ward.WarnRegionUnknown, ward.WarnTimeAhead} {
		keys = append(keys, "imaging.warning."+w)
	}
	for _, w := range []ward.Withdrawal{ward.WithdrawnAbsent, ward.WithdrawnReject, ward.WithdrawnRead, ward.WithdrawnNewer, ward.WithdrawnSender} {
		keys = append(keys, "imaging.withdrawn."+string(w))
	}
	for _, side := range []string{ward.LateralityLeft, ward.LateralityRight, ward.LateralityBoth} {
		keys = append(keys, "imaging.side."+side)
	}
	for _, a := range []ward.FindingAge{ward.AgeFading, ward.AgeContext} {
		keys = append(keys, "imaging.age."+string(a))
	}
	for _, u := range []ward.Unmatched{
		ward.UnmatchedNoID, ward.UnmatchedUnknown, ward.UnmatchedSeveral, ward.UnmatchedTime, ward.UnmatchedNoTime, ward.UnmatchedBirth, ward.UnmatchedSex, ward.UnmatchedName,
		ward.UnmatchedAccession, ward.UnmatchedOneMark, ward.UnmatchedDetached, ward.UnmatchedMergedBack,
	} {
		keys = append(keys, "unmatched."+string(u))
	}
	return keys
}

// ofTheTables are the codes of what is a table elsewhere: rows of the respiratory view, and laboratory
// values that a model may use.
func ofTheTables(t *testing.T) (keys []string) {
	var table struct{ Rows []struct{ Code string } }
	readJSON(t, "../../scoring/respiratory/table.json", &table)
	for _, r := range table.Rows {
		keys = append(keys, "resp.row."+r.Code)
	}
	var features struct{ Labs map[string]any }
	readJSON(t, "../../scoring/course/features.json", &features)
	for name := range features.Labs {
		keys = append(keys, "lab."+name)
	}
	if len(table.Rows) == 0 || len(features.Labs) == 0 {
		t.Error("the tables hold nothing")
	}
	return keys
}

func readJSON(t *testing.T, file string, into any) {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err == nil {
		err = json.Unmarshal(raw, into)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestText(t *testing.T) {
	cases := []struct{ lang, key, want string }{
		{"vi", "alert.do.accept", "Tiếp nhận"},
		{"en", "alert.do.accept", "Accept"},
		{"fr", "alert.do.accept", "Tiếp nhận"},
		{"en", "cause.brand_new_code", "cause.brand_new_code"},
	}
	for _, c := range cases {
		if got := Text(c.lang, c.key); got != c.want {
			t.Errorf("Text(%q, %q) = %q, want %q", c.lang, c.key, got, c.want)
		}
	}
}
