package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"wardwatch/scoring/chart"
	"wardwatch/ward"
)

// observations is one line's input.
type observations struct {
	chart     string
	set       chart.Set
	pregnancy ward.Pregnancy
	ignored   []string
}

// refusal is why the chart may not be used for this person. Without an age a chart by age is not
// refused: it says that the age is missing.
func (o *observations) refusal(c *chart.Chart) ward.Refusal {
	known := o.set.Has(chart.Age)
	why := c.Refuses(int(o.set.Number[chart.Age]), known, o.pregnancy)
	if why == ward.RefusedAdult && !known {
		return ward.NotRefused
	}
	return why
}

// readObservations reads a line of JSON. Numbers in the wrong unit are refused, never guessed.
func readObservations(line []byte) (*observations, error) {
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(line, &raw); err != nil {
		return nil, fmt.Errorf("not a JSON object on one line: %w", err)
	}
	if raw == nil {
		return nil, errors.New("not a JSON object on one line: it is null")
	}
	keys := make([]string, 0, len(raw))
	for key := range raw {
		keys = append(keys, key)
	}
	slices.Sort(keys) // the same line always gives the same first error
	o := &observations{}
	for _, key := range keys {
		if string(raw[key]) == "null" {
			continue
		}
		if err := o.take(key, raw[key]); err != nil {
			return nil, err
		}
	}
	return o, o.settle()
}

// settle puts what the given implies, and refuses what contradicts itself.
func (o *observations) settle() error {
	without := o.set
	without.Drop(chart.O2)
	without.Infer()
	if o.set.Has(chart.O2) && o.set.Number[chart.O2] == 0 && without.Has(chart.O2) && without.Number[chart.O2] != 0 {
		return errors.New("o2 is false, but o2_device, fio2 or o2_flow say that oxygen is given: correct one of them")
	}
	o.set.Infer()
	return o.pressures()
}

// pressures refuses those of one measurement that are out of order: two were swapped.
func (o *observations) pressures() error {
	for _, p := range [...][2]chart.Input{{chart.DBP, chart.SBP}, {chart.DBP, chart.MAP}, {chart.MAP, chart.SBP}} {
		if low, high := p[0], p[1]; o.set.Has(low) && o.set.Has(high) && o.set.Number[low] > o.set.Number[high] {
			return fmt.Errorf("%s is %g and %s is %g: the first is never over the second, correct them", low, o.set.Number[low], high, o.set.Number[high])
		}
	}
	return nil
}

// take reads one key.
func (o *observations) take(key string, raw json.RawMessage) error {
	switch key {
	case "chart":
		return read(key, raw, "string", &o.chart)
	case "scale":
		return o.scale(raw)
	case "age":
		return o.age(raw)
	case "pregnant_or_postpartum", "pregnant", "postpartum":
		return o.pregnant(key, raw)
	case "acvpu", "avpu", "consciousness":
		return o.consciousness(key, raw)
	case "bilirubin_umol":
		return o.converted(key, raw, chart.Bilirubin, bilirubinPerMg)
	case "creatinine_umol":
		return o.converted(key, raw, chart.Creatinine, creatininePerMg)
	}
	in, ok := chart.InputNamed(key)
	switch {
	case !ok:
		o.ignored = append(o.ignored, key)
		return nil
	case in.Codes() != nil:
		return o.word(in, raw)
	}
	return o.number(in, raw)
}

// µmol/L in 1 mg/dL.
const (
	bilirubinPerMg  = 17.1
	creatininePerMg = 88.4
)

// umolLeast is under what nobody's value lies in µmol/L: it was meant in mg/dL. Ours.
var umolLeast = map[chart.Input]float64{chart.Bilirubin: 1.5, chart.Creatinine: 10}

func read(key string, raw json.RawMessage, kind string, into any) error {
	if err := json.Unmarshal(raw, into); err != nil {
		return fmt.Errorf("%s must be a %s, not a %s", key, kind, jsonKind(raw))
	}
	return nil
}

// jsonKind is what JSON calls a value.
func jsonKind(raw json.RawMessage) string {
	switch raw[0] {
	case '"':
		return "string"
	case 't', 'f':
		return "bool"
	case '{':
		return "object"
	case '[':
		return "array"
	}
	return "number" // one that does not fit what was asked for
}

func (o *observations) number(in chart.Input, raw json.RawMessage) error {
	var x float64
	if err := read(in.String(), raw, "number", &x); err != nil {
		return err
	}
	return o.put(in, x)
}

func (o *observations) put(in chart.Input, x float64) error {
	low, high, unit := in.Limits()
	switch {
	case in == chart.SpO2 && x > 0 && x <= 1:
		return fmt.Errorf("spo2 is %g: give it in percent, for example 96, not as a fraction", x)
	case in == chart.FiO2 && (x < low || x > high):
		return fmt.Errorf("fio2 is %g: give a fraction from 0.21 to 1.0, not percent", x)
	case x < low || x > high:
		return fmt.Errorf("%s is %g: give it in %s, from %g to %g", in, x, plainUnit(in, unit), low, high)
	case o.set.Has(in) && apart(in, o.set.Number[in], x):
		return fmt.Errorf("%s is given twice, in two units that disagree: give one of them", in)
	}
	o.set.Put(in, x)
	return nil
}

// apart says whether an input given in two units differs by more than rounding.
func apart(in chart.Input, a, b float64) bool {
	if in == chart.Age { // whole years beside months
		return math.Abs(a-b) >= 12
	}
	return math.Abs(a-b) > 0.1*max(a, b)
}

// plainUnit says in words what a rate counts.
func plainUnit(in chart.Input, unit string) string {
	switch in {
	case chart.RR:
		return "breaths a minute"
	case chart.HR:
		return "beats a minute"
	}
	return unit
}

func (o *observations) converted(key string, raw json.RawMessage, in chart.Input, per float64) error {
	var x float64
	if err := read(key, raw, "number", &x); err != nil {
		return err
	}
	low := umolLeast[in]
	if _, high, _ := in.Limits(); x < low || x > high*per {
		return fmt.Errorf("%s is %g: give it in µmol/L, from %g to %g (mg/dL goes under %s)", key, x, low, math.Floor(high*per), in)
	}
	return o.put(in, x/per)
}

// word reads a coded input: one of its words, or true and false where the words are no and yes.
func (o *observations) word(in chart.Input, raw json.RawMessage) error {
	codes := in.Codes()
	word := map[byte]string{'t': "yes", 'f': "no"}[raw[0]]
	yesNo := codes[0] == "no" && codes[1] == "yes"
	switch {
	case word != "" && yesNo:
	case len(codes) == 2 && yesNo:
		return fmt.Errorf("%s must be a true or false, not a %s", in, jsonKind(raw))
	default:
		if err := read(in.String(), raw, "string", &word); err != nil {
			return err
		}
	}
	x, ok := in.CodeNamed(word)
	if !ok {
		return fmt.Errorf("%s is %q: give one of %s", in, word, strings.Join(codes, ", "))
	}
	o.set.Put(in, x)
	return nil
}

func (o *observations) consciousness(key string, raw json.RawMessage) error {
	var letter string
	if err := read(key, raw, "string", &letter); err != nil {
		return err
	}
	if letter == "CVPU" { // the row of NEWS2: any of the four
		letter = "C"
	}
	x, ok := chart.Consciousness.CodeNamed(letter)
	if !ok {
		return fmt.Errorf("%s is %q: give one of A, C, V, P, U", key, letter)
	}
	if o.set.Has(chart.Consciousness) && o.set.Number[chart.Consciousness] != x {
		return errors.New("acvpu, avpu and consciousness say different things: give one of them")
	}
	o.set.Put(chart.Consciousness, x)
	return nil
}

func (o *observations) scale(raw json.RawMessage) error {
	var n float64
	if err := read("scale", raw, "whole number", &n); err != nil {
		return err
	}
	if n != 1 && n != 2 {
		return fmt.Errorf("scale is %g: the SpO2 scale is 1, or 2 when a doctor has ordered it", n)
	}
	o.set.Scale2 = n == 2
	return nil
}

// age takes years, also in fractions; age_months says it exactly and comes after it.
func (o *observations) age(raw json.RawMessage) error {
	var years float64
	if err := read("age", raw, "number", &years); err != nil {
		return err
	}
	if years < 0 || years > 130 {
		return fmt.Errorf("age is %g: give it in years, from 0 to 130", years)
	}
	const hair = 1e-6 // a birthday told in decimals, such as 0.9999999 for twelve months
	o.set.Put(chart.Age, math.Floor(years*12+hair))
	return nil
}

func (o *observations) pregnant(key string, raw json.RawMessage) error {
	var yes bool
	if err := read(key, raw, "true or false", &yes); err != nil {
		return err
	}
	if yes {
		o.pregnancy = ward.Pregnant
	}
	return nil
}
