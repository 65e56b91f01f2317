package policy

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"
	"unicode"

	"wardwatch/alerts"
	"wardwatch/scoring"
	"wardwatch/scoring/chart"
	"wardwatch/ward"
)

// Types that a file writes as one word.
var (
	durationType = reflect.TypeFor[time.Duration]()
	zoneType     = reflect.TypeFor[*time.Location]()
	chartType    = reflect.TypeFor[*chart.Chart]()
	bandType     = reflect.TypeFor[ward.Band]()
	vitalType    = reflect.TypeFor[ward.Vital]()
	choiceType   = reflect.TypeFor[scoring.Choice]()
	staleType    = reflect.TypeFor[scoring.Stale]()
	ladderType   = reflect.TypeFor[map[alerts.Step][]alerts.Rung]()
)

const (
	observed = "observed" // scoring.AsObserved
	none     = "none"     // no chart
)

// word is a value's text; ok is false for a type that is more than one word.
func word(v reflect.Value) (text string, ok bool) {
	switch v.Type() {
	case durationType:
		d := time.Duration(v.Int())
		if d == scoring.AsObserved {
			return observed, true
		}
		return formatSpan(d), true
	case zoneType:
		return zoneText(v.Interface().(*time.Location)), true
	case chartType:
		if c := v.Interface().(*chart.Chart); c != nil {
			return c.ID(), true
		}
		return none, true
	case bandType, vitalType, choiceType:
		return v.Interface().(fmt.Stringer).String(), true
	}
	return "", false
}

// setWord reads a text into a value; known is false for a type that is more than one word. The
// error says what would be right.
func (s *Site) setWord(v reflect.Value, text string) (known bool, err error) {
	var x any
	found := true
	remedy := ""
	switch v.Type() {
	case durationType:
		x, err = parseSpan(text)
		found, remedy = err == nil, "a length of time: write for example 90s, 5m, 4h or 2d"
	case zoneType:
		x, found = zoneNamed(text)
		remedy = "a time zone: write for example Asia/Ho_Chi_Minh or +07:00"
	case chartType:
		x, found = s.chart(text)
		remedy = "a chart: write one of " + strings.Join(append(s.Charts.IDs(), none), ", ")
	case bandType:
		x, found = ward.BandNamed(text)
		remedy = "a band: write low_medium, medium or high"
	case vitalType:
		x, found = ward.VitalNamed(text)
		remedy = "a vital: write one of " + strings.Join(vitalNames(), ", ")
	case choiceType:
		x, found = scoring.ChoiceNamed(text)
		remedy = "a choice: write any, no or yes"
	default:
		return false, nil
	}
	if !found {
		return true, fmt.Errorf("%q is not %s", text, remedy)
	}
	v.Set(reflect.ValueOf(x))
	return true, nil
}

func (s *Site) chart(id string) (*chart.Chart, bool) {
	if id == none {
		return nil, true
	}
	return s.Charts.Find(id)
}

const day = 24 * time.Hour

func parseSpan(text string) (time.Duration, error) {
	if days, ok := strings.CutSuffix(text, "d"); ok {
		n, err := strconv.ParseUint(days, 10, 16)
		return time.Duration(n) * day, err
	}
	return time.ParseDuration(text)
}

func formatSpan(d time.Duration) string {
	switch {
	case d == 0:
		return "0s"
	case d%day == 0:
		return strconv.Itoa(int(d/day)) + "d"
	case d%time.Hour == 0:
		return strings.TrimSuffix(d.String(), "0m0s")
	case d%time.Minute == 0:
		return strings.TrimSuffix(d.String(), "0s")
	}
	return d.String()
}

func zoneText(z *time.Location) string {
	if z == nil {
		return "+00:00"
	}
	if _, err := time.LoadLocation(z.String()); err == nil && z.String() != "Local" {
		return z.String()
	}
	return time.Date(2000, 1, 1, 0, 0, 0, 0, z).Format("-07:00")
}

func zoneNamed(name string) (*time.Location, bool) {
	if t, err := time.Parse("-07:00", name); err == nil {
		_, offset := t.Zone()
		return time.FixedZone(name, offset), true
	}
	z, err := time.LoadLocation(name)
	return z, err == nil && name != "" && name != "Local"
}

// Ages are kept in months and written 3m, 16y or 1y6m.

func formatAge(months int) string {
	switch y, m := months/12, months%12; {
	case m == 0:
		return fmt.Sprintf("%dy", y)
	case y == 0:
		return fmt.Sprintf("%dm", m)
	default:
		return fmt.Sprintf("%dy%dm", y, m)
	}
}

func parseAge(text string) (months int, err error) {
	years, rest, split := strings.Cut(text, "y")
	if !split {
		years, rest = "0", text
	}
	y, err := strconv.ParseUint(years, 10, 7)
	if err != nil || rest == "" {
		return 12 * int(y), err
	}
	m, ok := strings.CutSuffix(rest, "m")
	n, err := strconv.ParseUint(m, 10, 11)
	if !ok && err == nil {
		err = fmt.Errorf("no unit")
	}
	return 12*int(y) + int(n), err
}

// key is a field's name in a file, and whether it holds an age.
func key(f reflect.StructField) (name string, isAge bool) {
	switch f.Name {
	case "MinMonths":
		return "from", true
	case "MaxMonths":
		return "to", true
	}
	return snake(f.Name), false
}

// snake writes SBPOver as sbp_over.
func snake(camel string) string {
	var b strings.Builder
	runes := []rune(camel)
	for i, r := range runes {
		if i > 0 && unicode.IsUpper(r) && (!unicode.IsUpper(runes[i-1]) || i+1 < len(runes) && unicode.IsLower(runes[i+1])) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

func vitalNames() []string {
	names := make([]string, ward.NumVitals)
	for v := range ward.NumVitals {
		names[v] = v.String()
	}
	return names
}
