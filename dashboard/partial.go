package dashboard

import (
	"slices"
	"strings"
	"time"

	"wardwatch/ward"
)

// needsOfNEWS2 are the seven of NEWS2 (RCP, 2017): only a set with all of them is complete.
func needsOfNEWS2(*ward.Stay, time.Time) []string {
	return []string{"rr", "spo2", "o2", "sbp", "hr", "consciousness", "temp"}
}

// lacking are the needed inputs that the values do not give. What a set cannot hold is not asked for.
func lacking(needs []string, values []ward.Value) []string {
	out := make([]string, 0, len(needs))
	for _, input := range needs {
		from := vitalsOf(input)
		given := func(v ward.Value) bool { return slices.Contains(from, v.Vital) }
		if len(from) > 0 && !slices.ContainsFunc(values, given) {
			out = append(out, input)
		}
	}
	return out
}

// vitalsOf are the vitals of which any gives a chart's input; none when a set cannot hold it.
func vitalsOf(input string) []ward.Vital {
	switch input {
	case "o2", "oxygen": // on oxygen or not; how much of it
		return []ward.Vital{ward.O2Source, ward.O2Flow, ward.FiO2}
	case "consciousness":
		return []ward.Vital{ward.ACVPU}
	}
	if v, ok := ward.VitalNamed(input); ok && charted(v) {
		return []ward.Vital{v}
	}
	return nil
}

// charted reports whether a set can hold the vital.
func charted(v ward.Vital) bool {
	for _, l := range chartLimits {
		if l.vital == v {
			return true
		}
	}
	for _, w := range (&ChartedValues{}).words() {
		if w.vital == v {
			return true
		}
	}
	return false
}

// partialReason is the reason to keep with a set that lacks something. A complete set needs none: one
// that was chosen before the last value came is dropped.
func partialReason(reason string, missing []string) (string, error) {
	choices := "choose a reason for partial: " + strings.Join(ward.PartialReasons, ", ")
	switch {
	case reason != "" && !slices.Contains(ward.PartialReasons, reason):
		return "", badInput("there is no such reason for a set that is not complete", choices)
	case len(missing) == 0:
		return "", nil
	case reason == "":
		return "", badInput("the set is not complete, and no reason is given: it lacks "+strings.Join(missing, ", "), "give them, or "+choices)
	}
	return reason, nil
}
