package risk

import (
	"fmt"
	"strings"
)

// inputOf is the input that a feature belongs to, by the head of its name; empty when there is none.
func inputOf(feature string) string {
	head, rest, _ := strings.Cut(feature, ".")
	switch head {
	case "age", "hr", "rr", "spo2", "temp", "etco2":
		return head
	case "male":
		return "sex"
	case "rate_ratio":
		return "rr"
	case "sbp", "dbp", "map", "pulse_pressure", "shock_index":
		return "bp"
	case "fio2", "sf":
		return "oxygen"
	case "lab":
		name, _, _ := strings.Cut(rest, ".")
		return name
	}
	return ""
}

// checkOrder sees that the features stand where the inputs say: a list in another order than the
// model was trained in would put one vital in the place of another.
func (m *Metadata) checkOrder() error {
	for i := range m.Inputs {
		for _, f := range m.Inputs[i].Features {
			if of := inputOf(m.Features[f]); of != m.Inputs[i].Input {
				return fmt.Errorf("metadata: feature %d is %q, of the input %q, where the input %q is meant: the order of the features is not the one of training",
					f, m.Features[f], of, m.Inputs[i].Input)
			}
		}
	}
	return nil
}

// newest names the feature that holds an input's newest value of the last 24 hours.
func (m *Metadata) newest(in *Input) string {
	if first := m.Features[in.Features[0]]; in.isPerson() || in.isLab() {
		return first
	}
	return in.Signal + ".last.24"
}

// slope names the feature that says where an input is going; empty when there is none.
func (m *Metadata) slope(in *Input) string {
	if in.SlopeLow == nil {
		return ""
	}
	return in.Signal + ".slope.6"
}

// isPerson tells what is known of the person from what is measured.
func (in *Input) isPerson() bool { return in.Input == "age" || in.Input == "sex" }

// isLab tells laboratory values from what is measured at the bedside.
func (in *Input) isLab() bool { return strings.HasPrefix(in.Signal, "lab.") }
