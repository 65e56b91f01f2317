package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"wardwatch/scoring/chart"
	"wardwatch/ward"
)

type scoreCmd struct {
	chartPackage `embed:""`
	Lang         string `help:"Language of the notes." enum:"en,vi" default:"en"`
}

// Help is shown by --help.
func (scoreCmd) Help() string {
	return `Reads one set of observations a line as JSON and prints one score a line, for example
  {"chart":"news2","rr":18,"spo2":96,"o2":false,"sbp":120,"hr":80,"consciousness":"A","temp":37.0,"scale":1}
A bad line gives {"error":…,"line":n} and the rest goes on. "wardwatch chart list" names the charts,
"wardwatch chart show ID" what each reads. A person is told by "age" (years) or "age_months", and by
"pregnant_or_postpartum". Units are fixed; "bilirubin_umol" and "creatinine_umol" take µmol/L.`
}

// Run scores standard input to standard output.
func (c scoreCmd) Run() error {
	lib, err := c.library()
	if err != nil {
		return err
	}
	return scoreLines(lib, os.Stdin, os.Stdout, c.Lang)
}

// maxLine bounds one line of input, in bytes.
const maxLine = 1 << 20

func scoreLines(lib *chart.Library, in io.Reader, out io.Writer, lang string) error {
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
			result, err = scoreLine(lib, line, lang)
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

// scored is one line's output. A chart gives points or a value: one of pointed and valued is set.
type scored struct {
	Chart string `json:"chart"`
	*pointed
	*valued
	Complete bool         `json:"complete"`
	Band     string       `json:"band"`
	Verdict  string       `json:"verdict,omitempty"` // the chart's own word, where it says more than the band
	Parts    *parts       `json:"parts,omitempty"`
	AtLeast  parts        `json:"parts_at_least,omitempty"` // certain points of parts that are not known
	Missing  []string     `json:"missing"`
	Refused  ward.Refusal `json:"refused,omitempty"`
	Variant  string       `json:"variant,omitempty"` // of a chart by age
	Note     string       `json:"note,omitempty"`
	Ignored  []string     `json:"ignored,omitempty"` // keys that are no input
}

type pointed struct {
	Total      *int `json:"total"`
	LowerBound int  `json:"lower_bound"`
}

type valued struct {
	Value *float64 `json:"value"`
}

type parts map[string]int

func scoreLine(lib *chart.Library, line []byte, lang string) (*scored, error) {
	o, err := readObservations(line)
	if err != nil {
		return nil, err
	}
	c, ok := lib.Find(o.chart)
	if !ok {
		return nil, fmt.Errorf("unknown chart %q: the charts here are %s", o.chart, strings.Join(lib.IDs(), ", "))
	}
	out := &scored{Chart: c.ID(), Band: ward.Unknown.String(), Missing: []string{}, Ignored: o.ignored}
	if c.HasValue() {
		out.valued = &valued{}
	} else {
		out.pointed, out.Parts = &pointed{}, &parts{}
	}
	if out.Refused = o.refusal(c); out.Refused != ward.NotRefused {
		return out, nil
	}
	out.fill(c, &o.set, lang)
	return out, nil
}

func (s *scored) fill(c *chart.Chart, set *chart.Set, lang string) {
	r := c.Score(set)
	s.Complete, s.Band = r.Complete, r.Band.String()
	if r.Verdict != s.Band {
		s.Verdict = r.Verdict
	}
	if c.NeedsAge() {
		s.Variant = c.Variant(set)
	}
	for _, in := range c.Missing(set, r) {
		s.Missing = append(s.Missing, in.String())
	}
	notes := c.Notes(r, lang)
	if c.HasValue() {
		if r.HasValue {
			s.Value = &r.Value
		} else if len(s.Missing) == 0 {
			notes = append(notes, noDivisor[lang])
		}
	}
	s.Note = strings.Join(notes, " ")
	if !c.HasValue() {
		s.points(c, r)
	}
}

// noDivisor is said when everything is known and yet there is no value.
var noDivisor = map[string]string{
	"en": "A rate or pressure of 0 gives no value: check the patient now.",
	"vi": "Tần số hoặc huyết áp bằng 0 không cho ra giá trị: kiểm tra người bệnh ngay.",
}

func (s *scored) points(c *chart.Chart, r chart.Result) {
	s.LowerBound = r.LowerBound
	known := true
	for i, p := range c.Parts() {
		switch {
		case r.Known&(1<<i) != 0:
			(*s.Parts)[p.Name] = r.Points[i]
			continue
		case r.Points[i] != 0:
			if s.AtLeast == nil {
				s.AtLeast = parts{}
			}
			s.AtLeast[p.Name] = r.Points[i]
		}
		known = false
	}
	if known {
		s.Total = &r.LowerBound
	}
}
