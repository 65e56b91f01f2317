package incident

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math"
	"os"
	"slices"
	"strings"
	"time"

	"wardwatch/ward"
)

// lateBy is how long after it was measured a reading may still arrive and be kept as history: a
// device that was cut off for a day. Ours.
const lateBy = 24 * time.Hour

// record writes what the journal holds of the stay: readings, scores, and what models said, each a
// line of JSON, in one pass.
func (g *gathering) record() error {
	if err := g.keep(); err != nil {
		return err
	}
	scores, err := newSpool()
	if err != nil {
		return err
	}
	defer scores.close()
	risks, err := newSpool()
	if err != nil {
		return err
	}
	defer risks.close()
	if err := g.out.add("readings.jsonl", func(w io.Writer) (int, error) { return g.readings(w, scores, risks) }); err != nil {
		return err
	}
	if err := g.out.add("scores.jsonl", scores.copy); err != nil {
		return err
	}
	return g.out.add("risks.jsonl", risks.copy)
}

const influxHas = "InfluxDB has them for as long as it was told to keep them (measurement vitals, tags ward and bed, by time)"

// keep notes where the raw record of the span is whole, and refuses to go on when nothing is.
func (g *gathering) keep() error {
	whole := g.From // up to here it is whole, or said to be missing
	stretches := g.Journal.Stretches()
	for i, s := range stretches {
		if s.Newest.Before(g.From) || !s.Oldest.Before(g.To) {
			continue
		}
		from, to := later(s.Oldest, g.From), earlier(s.Newest, g.To)
		follows := i == 0 && s.From == 0 || i > 0 && stretches[i-1].To == s.From
		if !follows {
			g.gone(whole, from)
		}
		if n := len(g.m.Kept); follows && n > 0 {
			g.m.Kept[n-1].To = to
		} else {
			g.m.Kept = append(g.m.Kept, Kept{from, to})
		}
		if whole = to; i+1 < len(stretches) && stretches[i+1].From != s.To && !stretches[i+1].Oldest.Before(g.To) {
			g.gone(to, g.To)
		}
	}
	switch {
	case len(g.m.Kept) > 0:
	case !g.WithoutRaw:
		return &ward.Error{Code: ward.NotFound, Message: "no raw readings of this span are kept here any more", Hint: influxHas + "; --without-raw makes the file from the book alone"}
	default:
		g.missing("raw readings: none of this span are kept here any more; %s", influxHas)
	}
	return nil
}

// gone notes a part of the span that was pruned. Less than a minute is the pause between two segments.
func (g *gathering) gone(from, to time.Time) {
	if to.Sub(from) > time.Minute {
		g.missing("raw readings from %s to %s: no longer kept here; %s", g.local(from), g.local(to), influxHas)
	}
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

func (g *gathering) readings(w io.Writer, scores, risks *spool) (rows int, err error) {
	out := json.NewEncoder(w)
	for _, s := range g.Journal.Stretches() {
		if s.Newest.Before(g.From) || s.Oldest.After(g.To.Add(lateBy)) {
			continue
		}
		var failed error
		err := g.Journal.Read(s.From, 0, func(next uint64, r ward.Record) bool {
			if next > s.To {
				return false
			}
			switch {
			case r.Reading != nil && g.ours(r.Reading.Place, r.Reading.At, r.Reading.Stay):
				rows++
				g.clock(r.Reading)
				failed = out.Encode(readingLine(r.Reading))
			case r.Score != nil && g.ours(r.Score.Place, r.Score.At, r.Score.Stay):
				g.seen.chart(r.Score)
				failed = scores.add(scoreLine(r.Score))
			case r.Assessment != nil && g.ours(r.Assessment.Place, r.Assessment.At, r.Assessment.Stay):
				failed = risks.add(g.riskLine(r.Assessment))
			}
			return failed == nil && g.ctx.Err() == nil
		})
		if err = cmp.Or(err, failed, g.ctx.Err()); err != nil {
			return rows, err
		}
	}
	return rows, nil
}

// Reading is a line of readings.jsonl. Vitals are in their fixed units; times are RFC 3339.
type Reading struct {
	At       time.Time          `json:"at"`      // when it is held to be true
	Taken    time.Time          `json:"taken"`   // by the sender's clock
	Arrived  time.Time          `json:"arrived"` // by ours
	Ward     string             `json:"ward"`
	Bed      string             `json:"bed"`
	Stay     string             `json:"stay"`            // empty: kept apart
	Apart    string             `json:"apart,omitempty"` // why
	Device   string             `json:"device,omitempty"`
	Boot     string             `json:"boot,omitempty"`
	Seq      *uint64            `json:"seq,omitempty"`
	Source   string             `json:"source"`
	Clock    string             `json:"clock"`
	Late     bool               `json:"late,omitempty"`
	Vitals   map[string]float64 `json:"vitals"`
	Poor     map[string]string  `json:"quality,omitempty"`  // by the device's own word
	Measured map[string]string  `json:"measured,omitempty"` // where older than the message
	Alarms   []string           `json:"alarms,omitempty"`
	Partial  string             `json:"partial,omitempty"`
	Position uint64             `json:"position"`
}

func readingLine(r *ward.Reading) *Reading {
	out := &Reading{
		At: r.At.UTC(), Taken: r.Taken.UTC(), Arrived: r.Arrived.UTC(), Ward: string(r.Place.Ward), Bed: string(r.Place.Bed), Stay: string(r.Stay),
		Apart: r.Apart.String(), Device: string(r.Device), Boot: r.Boot, Source: r.Source.String(), Clock: r.Clock.String(), Late: r.Late,
		Vitals: make(map[string]float64, len(r.Values)), Partial: r.Partial, Position: r.Position,
	}
	if r.HasSeq {
		seq := r.Seq
		out.Seq = &seq
	}
	for i := range r.Values {
		v := &r.Values[i]
		out.Vitals[v.Vital.String()] = v.Number
		if v.Quality != 0 {
			put(&out.Poor, v.Vital.String(), v.Quality.String())
		}
		if !v.At.Equal(r.At) {
			put(&out.Measured, v.Vital.String(), v.At.UTC().Format(time.RFC3339Nano))
		}
	}
	for _, a := range r.Alarms {
		state := "off"
		if a.On {
			state = "on"
		}
		out.Alarms = append(out.Alarms, a.Code+" "+a.Priority.String()+" "+state)
	}
	return out
}

func put(m *map[string]string, name, value string) {
	if *m == nil {
		*m = map[string]string{}
	}
	(*m)[name] = value
}

// Score is a line of scores.jsonl.
type Score struct {
	At       time.Time   `json:"at"`
	Ward     string      `json:"ward"`
	Bed      string      `json:"bed"`
	Chart    string      `json:"chart"`
	Variant  string      `json:"variant,omitempty"`
	Version  string      `json:"version"`
	Policy   string      `json:"policy"`
	Origin   string      `json:"origin,omitempty"`
	Total    *int        `json:"total"` // null: not complete
	Lower    int         `json:"lower_bound"`
	Band     string      `json:"band"`
	Held     bool        `json:"held,omitempty"`
	Refused  string      `json:"refused,omitempty"`
	Parts    []ScorePart `json:"parts"`
	Position uint64      `json:"position,omitempty"`
}

// ScorePart is one input's share.
type ScorePart struct {
	Input  string     `json:"input"`
	Points int        `json:"points"`
	State  string     `json:"state"`
	Value  *float64   `json:"value,omitempty"`
	At     *time.Time `json:"at,omitempty"`
	Source string     `json:"source,omitempty"`
}

func scoreLine(s *ward.Score) *Score {
	out := &Score{
		At: s.At.UTC(), Ward: string(s.Place.Ward), Bed: string(s.Place.Bed), Chart: s.Chart, Variant: s.Variant, Version: s.Version, Policy: s.Policy,
		Origin: string(s.Origin), Lower: s.LowerBound, Band: s.Band.String(), Held: s.Held, Refused: string(s.Refused), Parts: []ScorePart{}, Position: s.Position,
	}
	if s.Complete {
		out.Total = &s.Total
	}
	for _, p := range s.PartList() {
		line := ScorePart{Input: p.Input, Points: p.Points, State: p.State.String()}
		if p.State != ward.Missing {
			at := p.At.UTC()
			line.Value, line.At, line.Source = number(p.Number), &at, p.Source.String()
		}
		out.Parts = append(out.Parts, line)
	}
	return out
}

func number(f float64) *float64 {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return nil
	}
	return &f
}

// Risk is a line of risks.jsonl: one model's opinion.
type Risk struct {
	At        time.Time `json:"at"`
	Ward      string    `json:"ward"`
	Bed       string    `json:"bed"`
	Policy    string    `json:"policy"`
	Task      string    `json:"task"`
	Model     string    `json:"model"`
	Version   string    `json:"version"`
	Value     *float64  `json:"value"` // null: withheld
	Threshold float64   `json:"threshold"`
	Withheld  string    `json:"withheld,omitempty"`
	Silent    bool      `json:"silent"` // treating staff did not see it
}

func (g *gathering) riskLine(a *ward.Assessment) (lines []any) {
	for i := range a.Risks {
		r := &a.Risks[i]
		g.seen.add("models", r.Model+" "+r.Version)
		g.seen.add("policies", a.Policy)
		line := Risk{At: a.At.UTC(), Ward: string(a.Place.Ward), Bed: string(a.Place.Bed), Policy: a.Policy, Task: string(r.Task), Model: r.Model,
			Version: r.Version, Threshold: r.Threshold, Withheld: string(r.Withheld), Silent: r.Silent}
		if r.Withheld == ward.NotWithheld {
			line.Value = number(r.Value)
		}
		lines = append(lines, line)
	}
	return lines
}

// versions are what made the figures, as the figures themselves say.
type versions map[string]map[string]bool

func (v versions) add(kind, what string) {
	if what = strings.TrimSpace(what); what == "" {
		return
	}
	if v[kind] == nil {
		v[kind] = map[string]bool{}
	}
	v[kind][what] = true
}

func (v versions) chart(s *ward.Score) {
	v.add("charts", s.Chart+" "+s.Version)
	v.add("policies", s.Policy)
}

func (v versions) list() map[string][]string {
	out := map[string][]string{"charts": {}, "policies": {}, "models": {}}
	for kind, all := range v {
		out[kind] = slices.Sorted(maps.Keys(all))
	}
	return out
}

// spool holds lines on the disk until their turn comes. Its file has no name: nothing of it stays.
type spool struct {
	file *os.File
	w    *bufio.Writer
	e    *json.Encoder
	rows int
}

func newSpool() (*spool, error) {
	f, err := os.CreateTemp("", "wardwatch-incident-*")
	if err != nil {
		return nil, fmt.Errorf("making room for the incident: %w", err)
	}
	if err := os.Remove(f.Name()); err != nil {
		f.Close()
		return nil, fmt.Errorf("making room for the incident: %w", err)
	}
	w := bufio.NewWriterSize(f, 1<<16)
	return &spool{file: f, w: w, e: json.NewEncoder(w)}, nil
}

// add writes a line, or one of each when it is given several.
func (s *spool) add(line any) error {
	lines, many := line.([]any)
	if !many {
		lines = []any{line}
	}
	for _, l := range lines {
		if err := s.e.Encode(l); err != nil {
			return err
		}
		s.rows++
	}
	return nil
}

func (s *spool) copy(w io.Writer) (int, error) {
	if err := s.w.Flush(); err != nil {
		return 0, err
	}
	if _, err := s.file.Seek(0, io.SeekStart); err != nil {
		return 0, err
	}
	_, err := io.Copy(w, s.file)
	return s.rows, err
}

func (s *spool) close() { _ = s.file.Close() }
