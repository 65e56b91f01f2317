package respiratory

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"time"

	"wardwatch/ward"
)

// maxFile is the largest table that is read.
const maxFile = 1 << 20

// file is a table as it is written.
type file struct {
	Version     string `json:"version"`
	Adult       int    `json:"adult_from_years"`
	AdultSource string `json:"adult_source"`
	Findings    struct {
		Fresh   float64 `json:"fresh_hours"`
		Fading  float64 `json:"fading_hours"`
		Steps   int     `json:"fading_steps"`
		Context float64 `json:"context_hours"`
		Least   float64 `json:"least_score"`
		Source  string  `json:"source"`
	} `json:"findings"`
	Support       map[string]int    `json:"support"`
	SupportSource string            `json:"support_source"`
	Estimates     []json.RawMessage `json:"estimates"`
	Kinds         []json.RawMessage `json:"kinds"`
	Rows          []json.RawMessage `json:"rows"`
}

type fileEstimate struct {
	Device string     `json:"device"`
	From   float64    `json:"flow_from"`
	To     float64    `json:"flow_to"`
	Low    fileLinear `json:"low"`
	High   fileLinear `json:"high"`
	Source string     `json:"source"`
}

type fileLinear struct {
	Base     float64 `json:"base"`
	PerLitre float64 `json:"per_litre"`
}

type fileKind struct {
	Kind    string   `json:"kind"`
	Opacity bool     `json:"opacity"`
	Codes   []string `json:"codes"`
}

type fileRow struct {
	Code       string     `json:"code"`
	Group      string     `json:"group"`
	Reads      string     `json:"reads"`
	Needs      fileNeeds  `json:"needs"`
	Limits     fileLimits `json:"limits"`
	Band       string     `json:"band"`
	UnreadBand string     `json:"unread_band"`
	Source     string     `json:"source"`
	Clause     string     `json:"clause"`
}

type fileNeeds struct {
	Devices   []string `json:"devices"`
	HoursFrom float64  `json:"hours_from"`
	HoursTo   float64  `json:"hours_to"`
	SpO2To    float64  `json:"spo2_at_most"`
	Oxygen    bool     `json:"oxygen"`
	OwnBreath bool     `json:"own_breath"`
	Finding   string   `json:"finding"`
}

type fileLimits struct {
	Under   *float64 `json:"under"`
	AtMost  *float64 `json:"at_most"`
	AtLeast *float64 `json:"at_least"`
	Scale2  float64  `json:"scale2"`
	Within  float64  `json:"within_hours"`
}

// Parse reads a table. An error names the line, what is wrong and how to mend it.
func Parse(raw []byte) (*Table, error) {
	if len(raw) > maxFile {
		return nil, fmt.Errorf("respiratory table: %d bytes: at most %d are read", len(raw), maxFile)
	}
	p := parser{raw: raw}
	var f file
	if err := p.strict(raw, 0, &f); err != nil {
		return nil, fmt.Errorf("respiratory table: %w", err)
	}
	t, err := p.table(&f)
	if err != nil {
		return nil, fmt.Errorf("respiratory table: %w", err)
	}
	return t, nil
}

// parser knows where in the file it is.
type parser struct {
	raw []byte
	at  int // bytes read so far
}

// next is the line where a part of the file begins; parts are asked for in their order.
func (p *parser) next(part []byte) (line, offset int) {
	if i := bytes.Index(p.raw[p.at:], part); i >= 0 {
		p.at += i
	}
	offset = p.at
	p.at += len(part)
	return p.line(offset), offset
}

func (p *parser) line(offset int) int {
	return 1 + bytes.Count(p.raw[:min(offset, len(p.raw))], []byte("\n"))
}

// strict decodes one JSON value that begins at an offset of the file, and nothing besides.
func (p *parser) strict(part []byte, offset int, into any) error {
	d := json.NewDecoder(bytes.NewReader(part))
	d.DisallowUnknownFields()
	err := d.Decode(into)
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case err == nil:
		if _, err := d.Token(); err != io.EOF {
			return fmt.Errorf("line %d: something follows the table: remove it", p.line(offset+int(d.InputOffset())))
		}
		return nil
	case errors.As(err, &syntax):
		return fmt.Errorf("line %d: this is not JSON: %w", p.line(offset+int(syntax.Offset)), err)
	case errors.As(err, &kind):
		return fmt.Errorf("line %d: %s cannot be a %s: give a %s", p.line(offset+int(kind.Offset)), kind.Field, kind.Value, kind.Type)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("line %d: the file ends too soon: copy it again", p.line(len(p.raw)))
	}
	return fmt.Errorf("line %d: %w: check the spelling", p.line(offset), err)
}

// table puts the parts together, in the order of the file's own fields.
func (p *parser) table(f *file) (*Table, error) {
	t := &Table{version: f.Version, adult: f.Adult, kinds: map[string]kind{}, leastScore: f.Findings.Least}
	t.fresh, t.fading, t.context = hours(f.Findings.Fresh), hours(f.Findings.Fading), hours(f.Findings.Context)
	t.fadingSteps = f.Findings.Steps
	if err := t.head(f); err != nil {
		return nil, err
	}
	for _, part := range [...]struct {
		name string
		all  []json.RawMessage
		add  func(raw []byte, offset int) error
	}{
		{"estimates", f.Estimates, func(raw []byte, offset int) error {
			var e fileEstimate
			if err := p.strict(raw, offset, &e); err != nil {
				return err
			}
			return t.addEstimate(&e)
		}},
		{"kinds", f.Kinds, func(raw []byte, offset int) error {
			var k fileKind
			if err := p.strict(raw, offset, &k); err != nil {
				return err
			}
			return t.addKind(&k)
		}},
		{"rows", f.Rows, func(raw []byte, offset int) error {
			var r fileRow
			if err := p.strict(raw, offset, &r); err != nil {
				return err
			}
			return t.addRow(&r)
		}},
	} {
		p.at = max(0, bytes.Index(p.raw, []byte(`"`+part.name+`"`)))
		for _, raw := range part.all {
			line, offset := p.next(raw)
			if err := part.add(raw, offset); err != nil {
				if strings.HasPrefix(err.Error(), "line ") {
					return nil, err
				}
				return nil, fmt.Errorf("line %d: %w", line, err)
			}
		}
	}
	return t, nil
}

// hours is a length of time; beyond a year it is taken as one, so that nothing overflows.
func hours(h float64) time.Duration {
	const most = 366 * 24
	return time.Duration(max(0, min(h, most)) * float64(time.Hour))
}

// code is what rows, groups and kinds may be called.
var code = regexp.MustCompile(`^[a-z][a-z0-9_]{0,63}$`)

// band finds a band that a row may raise.
func band(name string) (ward.Band, error) {
	b, ok := ward.BandNamed(name)
	if !ok || b == ward.Unknown {
		return 0, fmt.Errorf("band %q: give one of low, low_medium, medium, high", name)
	}
	return b, nil
}
