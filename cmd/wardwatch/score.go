package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"

	"wardwatch/scoring"
	"wardwatch/ward"
)

type scoreCmd struct{}

// Help is shown by --help.
func (scoreCmd) Help() string {
	return `Reads one set of observations a line as JSON and prints one score a line, for example
  {"chart":"news2","rr":18,"spo2":96,"o2":false,"sbp":120,"hr":80,"consciousness":"A","temp":37.0,"scale":1}
A bad line gives {"error":…,"line":n} and the rest goes on. Charts: news2.`
}

// Run scores standard input to standard output.
func (scoreCmd) Run() error { return scoreLines(os.Stdin, os.Stdout) }

// maxLine bounds one line of input, in bytes.
const maxLine = 1 << 20

func scoreLines(in io.Reader, out io.Writer) error {
	r := bufio.NewReaderSize(in, 64<<10)
	w := bufio.NewWriter(out)
	defer w.Flush()
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	for n := 1; ; n++ {
		line, err := readLine(r)
		if errors.Is(err, io.EOF) {
			return w.Flush()
		}
		if err == nil && len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		var result any
		if err == nil {
			result, err = scoreLine(line)
		}
		if err != nil {
			result = lineError{err.Error(), n}
		}
		if err := enc.Encode(result); err != nil {
			return err
		}
	}
}

var errLong = fmt.Errorf("the line is longer than %d bytes", maxLine)

// readLine returns one line without its end. A line over maxLine is read to its end and refused,
// so that the next one is still found.
func readLine(r *bufio.Reader) ([]byte, error) {
	var line []byte
	long := false
	for {
		part, err := r.ReadSlice('\n')
		if !long {
			line = append(line, part...)
			long = len(line) > maxLine
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case err != nil && (len(line) == 0 || !errors.Is(err, io.EOF)):
			return nil, err
		case long:
			return nil, errLong
		}
		return line, nil
	}
}

type lineError struct {
	Error string `json:"error"`
	Line  int    `json:"line"`
}

// observations is one line's input. A pointer tells what was not given from zero.
type observations struct {
	Chart         string   `json:"chart"`
	RR            *float64 `json:"rr"`
	SpO2          *float64 `json:"spo2"`
	O2            *bool    `json:"o2"`
	FiO2          *float64 `json:"fio2"`
	O2Flow        *float64 `json:"o2_flow"`
	O2Device      *string  `json:"o2_device"`
	SBP           *float64 `json:"sbp"`
	HR            *float64 `json:"hr"`
	Consciousness *string  `json:"consciousness"`
	ACVPU         *string  `json:"acvpu"`
	Temp          *float64 `json:"temp"`
	Scale         *int     `json:"scale"`
	Age           *float64 `json:"age"`
	Pregnant      bool     `json:"pregnant_or_postpartum"`
}

type scored struct {
	Chart      string         `json:"chart"`
	Total      *int           `json:"total"`
	LowerBound int            `json:"lower_bound"`
	Complete   bool           `json:"complete"`
	Band       string         `json:"band"`
	Parts      map[string]int `json:"parts"`
	Missing    []string       `json:"missing"`
	Refused    ward.Refusal   `json:"refused,omitempty"`
}

func scoreLine(line []byte) (*scored, error) {
	var o observations
	if err := json.Unmarshal(line, &o); err != nil {
		return nil, plainJSONError(err)
	}
	if o.Chart != scoring.NEWS2 {
		return nil, fmt.Errorf("unknown chart %q: the charts here are news2", o.Chart)
	}
	in, err := o.inputs()
	if err != nil {
		return nil, err
	}
	out := &scored{Chart: o.Chart, Band: ward.Unknown.String(), Parts: map[string]int{}, Missing: []string{}}
	switch {
	case o.Age != nil && *o.Age < 16:
		out.Refused = ward.RefusedAge
	case o.Pregnant:
		out.Refused = ward.RefusedPregnancy
	}
	if out.Refused != ward.NotRefused {
		return out, nil
	}
	p := scoring.ScoreNEWS2(&in)
	out.LowerBound, out.Complete, out.Band = p.LowerBound, p.Complete, p.Band().String()
	if p.Complete {
		out.Total = &p.LowerBound
	}
	for i := range scoring.NumInputs {
		if in.Known[i] {
			out.Parts[i.String()] = p.Of[i]
		} else {
			out.Missing = append(out.Missing, i.String())
		}
	}
	return out, nil
}

func plainJSONError(err error) error {
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) && wrong.Field != "" {
		return fmt.Errorf("%s must be a %s, not a %s", wrong.Field, jsonName(wrong.Type.Kind()), wrong.Value)
	}
	return fmt.Errorf("not a JSON object on one line: %w", err)
}

// jsonName is what JSON calls a kind of Go value.
func jsonName(k reflect.Kind) string {
	switch k {
	case reflect.Bool:
		return "true or false"
	case reflect.String:
		return "string"
	case reflect.Int:
		return "whole number"
	default:
		return "number"
	}
}

func (o *observations) inputs() (in scoring.Inputs, err error) {
	for _, n := range []struct {
		i        scoring.Input
		number   *float64
		min, max float64
		unit     string
	}{
		{scoring.InRR, o.RR, 0, 150, "breaths a minute"},
		{scoring.InSpO2, o.SpO2, 0, 100, "percent"},
		{scoring.InSBP, o.SBP, 0, 400, "mmHg"},
		{scoring.InHR, o.HR, 0, 400, "beats a minute"},
		{scoring.InTemp, o.Temp, 10, 50, "°C"},
	} {
		if n.number == nil {
			continue
		}
		if n.i == scoring.InSpO2 && *n.number > 0 && *n.number <= 1 {
			return in, fmt.Errorf("spo2 is %g: give it in percent, for example 96, not as a fraction", *n.number)
		}
		if *n.number < n.min || *n.number > n.max {
			return in, fmt.Errorf("%s is %g: give it in %s, from %g to %g", n.i, *n.number, n.unit, n.min, n.max)
		}
		in.Set(n.i, *n.number)
	}
	if err := o.oxygen(&in); err != nil {
		return in, err
	}
	if err := o.consciousness(&in); err != nil {
		return in, err
	}
	if o.Scale != nil {
		if *o.Scale != 1 && *o.Scale != 2 {
			return in, fmt.Errorf("scale is %d: the SpO2 scale is 1, or 2 when a doctor has ordered it", *o.Scale)
		}
		in.Scale2 = *o.Scale == 2
	}
	return in, nil
}

func (o *observations) consciousness(in *scoring.Inputs) error {
	letter := o.Consciousness
	if letter == nil {
		letter = o.ACVPU
	}
	if letter == nil {
		return nil
	}
	level, ok := ward.ConsciousnessNamed(*letter)
	if *letter == "CVPU" { // the chart's own row: any of the four
		level, ok = ward.Confused, true
	}
	if !ok {
		return fmt.Errorf("consciousness is %q: give one of A, C, V, P, U", *letter)
	}
	in.Set(scoring.InConsciousness, float64(level))
	return nil
}

// oxygen takes o2 when given, otherwise what the device, the fraction or the flow say.
func (o *observations) oxygen(in *scoring.Inputs) error {
	on, known := false, false
	if o.O2Device != nil {
		d, ok := ward.O2DeviceNamed(*o.O2Device)
		if !ok {
			return fmt.Errorf("o2_device is %q: give one of room_air, nasal_cannula, simple_mask, venturi, non_rebreather, hfnc, cpap, niv, ventilator", *o.O2Device)
		}
		on, known = d != ward.RoomAir, true
	}
	if o.FiO2 != nil {
		if *o.FiO2 < 0.21 || *o.FiO2 > 1 {
			return fmt.Errorf("fio2 is %g: give a fraction from 0.21 to 1.0, not percent", *o.FiO2)
		}
		on, known = on || *o.FiO2 > 0.21, true
	}
	if o.O2Flow != nil {
		if *o.O2Flow < 0 || *o.O2Flow > 100 {
			return fmt.Errorf("o2_flow is %g: give litres a minute, from 0 to 100", *o.O2Flow)
		}
		on, known = on || *o.O2Flow > 0, true
	}
	if o.O2 != nil {
		if on && !*o.O2 {
			return errors.New("o2 is false, but o2_device, fio2 or o2_flow say that oxygen is given: correct one of them")
		}
		on, known = *o.O2, true
	}
	if known {
		in.Set(scoring.InO2, map[bool]float64{true: 1}[on])
	}
	return nil
}
