package sim

import (
	"fmt"
	"hash/fnv"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"wardwatch/ward"
)

// Options describe a ward. The zero value is a calm ward of 24 beds in which one person will have
// a sepsis.
type Options struct {
	Ward      ward.WardID             // empty: "SIM"
	Beds      int                     // zero: 24
	BedName   func(i int) ward.BedID  // nil: DefaultBedName
	Seed      int64                   // the same seed gives the same ward
	Interval  time.Duration           // between a monitor's messages; zero: a second
	Start     time.Time               // zero: 2026-01-01 08:00 UTC; its zone is the ward's day and night
	Pace      float64                 // how many times faster than life people deteriorate; zero: 1
	Scenarios map[ward.BedID]string   // nil: a calm ward; a bed not named here is stable
	Faults    map[ward.BedID][]string // of the bed's monitor
}

// DefaultBedName counts from 01; the twelfth bed holds two places, 12A and 12B.
func DefaultBedName(i int) ward.BedID {
	switch {
	case i < 11:
		return ward.BedID(fmt.Sprintf("%02d", i+1))
	case i == 11:
		return "12A"
	case i == 12:
		return "12B"
	}
	return ward.BedID(fmt.Sprintf("%02d", i))
}

func (o Options) withDefaults() Options {
	if o.Ward == "" {
		o.Ward = "SIM"
	}
	if o.Beds == 0 {
		o.Beds = 24
	}
	if o.BedName == nil {
		o.BedName = DefaultBedName
	}
	if o.Interval == 0 {
		o.Interval = time.Second
	}
	if o.Start.IsZero() {
		o.Start = time.Date(2026, 1, 1, 8, 0, 0, 0, time.UTC)
	}
	o.Start = o.Start.Truncate(time.Millisecond) // the wire's grain
	o.Interval = o.Interval.Truncate(time.Millisecond)
	if o.Pace == 0 {
		o.Pace = 1
	}
	if o.Scenarios == nil {
		o.Scenarios = o.calm()
	}
	return o
}

// calm is one person who deteriorates and a few who are a little unwell.
func (o Options) calm() map[ward.BedID]string {
	plan := map[ward.BedID]string{}
	for i, name := range map[int]string{3: "mild_fever", 10: "recovery", 15: "rising_oxygen_need", 19: "mild_fever"} {
		if i < o.Beds {
			plan[o.BedName(i)] = name
		}
	}
	plan[o.BedName(max(0, min(6, o.Beds-1)))] = "sepsis"
	return plan
}

const maxBeds = 100_000

// bedNames also checks what can be checked without them.
func (o Options) bedNames() ([]ward.BedID, error) {
	switch {
	case !ward.ValidID(string(o.Ward)):
		return nil, fmt.Errorf("sim: ward %q is not an identifier (letters, digits, _ and -, at most %d)", o.Ward, ward.MaxID)
	case o.Beds < 1 || o.Beds > maxBeds:
		return nil, fmt.Errorf("sim: %d beds; choose 1 to %d", o.Beds, maxBeds)
	case o.Interval < time.Millisecond:
		return nil, fmt.Errorf("sim: interval %v is not positive, or below a millisecond", o.Interval)
	case !(o.Pace > 0 && o.Pace <= 3600):
		return nil, fmt.Errorf("sim: pace %v; choose above 0 and at most 3600", o.Pace)
	}
	names := make([]ward.BedID, o.Beds)
	seen := map[ward.BedID]bool{}
	for i := range names {
		n := o.BedName(i)
		if !ward.ValidID(devicePrefix + string(n)) {
			return nil, fmt.Errorf("sim: bed %q is not an identifier (letters, digits, _ and -, at most %d)", n, ward.MaxID-len(devicePrefix))
		}
		if seen[n] {
			return nil, fmt.Errorf("sim: two beds are named %q", n)
		}
		seen[n] = true
		names[i] = n
	}
	return names, nil
}

func (o Options) check(names []ward.BedID) error {
	for _, b := range slices.Sorted(maps.Keys(o.Scenarios)) {
		if !slices.Contains(names, b) {
			return unknown("bed", string(b), names)
		}
		if s := o.Scenarios[b]; scenarioNamed(s) == nil {
			return unknown("scenario", s, nameList(Scenarios()))
		}
	}
	for _, b := range slices.Sorted(maps.Keys(o.Faults)) {
		if !slices.Contains(names, b) {
			return unknown("bed", string(b), names)
		}
		for _, f := range o.Faults[b] {
			if faultNamed(f) == nil {
				return unknown("fault", f, nameList(Faults()))
			}
			if f == "moved" && len(names) < 2 {
				return fmt.Errorf("sim: fault moved needs a second bed")
			}
		}
	}
	return nil
}

func unknown[T ~string](what, got string, choices []T) error {
	const most = 40
	var b strings.Builder
	for i, c := range choices {
		if i == most {
			fmt.Fprintf(&b, " … (%d in all)", len(choices))
			break
		}
		b.WriteByte(' ')
		b.WriteString(string(c))
	}
	return fmt.Errorf("sim: unknown %s %q; there are:%s", what, got, b.String())
}

// Named is a choice for --help, in both languages.
type Named struct{ Name, VI, EN string }

func nameList(named []Named) []string {
	var out []string
	for _, n := range named {
		out = append(out, n.Name)
	}
	return out
}

// random is a source of its own for each purpose and bed, so that one bed's faults do not change
// another bed's people.
func (o Options) random(purpose string, b ward.BedID) *rand.Rand {
	h := fnv.New64a()
	h.Write([]byte(purpose + "/" + string(o.Ward) + "/" + string(b)))
	return rand.New(rand.NewPCG(uint64(o.Seed), h.Sum64()))
}
