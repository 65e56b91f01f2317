package isbar

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"wardwatch/ward"
)

// assessment: what was measured and how long ago, what is not known, where it is going, and what
// models and pictures add.
func (s *speech) assessment() string {
	out := []string{s.values(), s.unknown(), s.change()}
	out = append(out, few(s.flags(), s.most)...)
	out = append(out, few(s.trends(), s.most)...)
	out = append(out, few(s.breathing(), s.most)...)
	out = append(out, few(s.risks(), s.most)...)
	out = append(out, few(s.findings(), s.most)...)
	return sentences(out...)
}

// values are the inputs that count, each with its points and age.
func (s *speech) values() string {
	if s.c.Score == nil {
		return s.w.noValues
	}
	var out []string
	for _, p := range s.c.Score.PartList() {
		if p.State != ward.Present {
			continue
		}
		var notes []string
		if s.c.Score.Refused == ward.NotRefused && !s.comfort() { // else the points ask for nothing
			notes = append(notes, "+"+strconv.Itoa(p.Points))
		}
		notes = append(notes, s.ago(p.At))
		if p.Source == ward.Manual {
			notes = append(notes, s.w.charted)
		}
		out = append(out, fill(s.w.value, "what", s.what(&p), "notes", strings.Join(notes, ", ")))
	}
	if len(out) == 0 {
		return s.w.noValues
	}
	return strings.Join(out, "; ")
}

// what is an input with its value.
func (s *speech) what(p *ward.Part) string {
	switch p.Input {
	case "o2", "oxygen":
		return s.oxygen(p)
	case "sbp":
		return s.vital(p.Input) + " " + s.pressure(p)
	}
	return s.vital(p.Input) + " " + s.measure(p.Input, p.Number)
}

// comfort reports whether scores give way to symptom checks.
func (s *speech) comfort() bool { return s.c.Stay.Care.Status == ward.ComfortCare }

// pressure names the diastolic too when it was measured with the systolic.
func (s *speech) pressure(p *ward.Part) string {
	dbp, ok := s.last(ward.DBP)
	if ok && dbp.Quality == ward.Good && sameTime(dbp.At, p.At) {
		return number(s.lang, p.Number, 0) + "/" + s.measure("dbp", dbp.Number)
	}
	return s.measure(p.Input, p.Number)
}

// together is how far apart two values may be and still be of one measurement.
const together = time.Minute

func sameTime(a, b time.Time) bool { return a.Sub(b).Abs() <= together }

// oxygen is how it is given and how much, as far as is known: the part of NEWS2 knows only whether.
func (s *speech) oxygen(p *ward.Part) string {
	device, known := s.last(ward.O2Source)
	air := known && ward.O2Device(device.Number) == ward.RoomAir
	switch {
	case air, !known && p.Input == "o2" && p.Number == 0:
		return s.w.airOnly
	case !known:
		return s.dose(s.vital(p.Input), p.At)
	}
	return s.dose(s.vital(p.Input)+" "+s.measure("o2_device", device.Number), device.At)
}

// dose adds the flow or the fraction that goes with how the oxygen is given.
func (s *speech) dose(text string, at time.Time) string {
	for _, v := range []ward.Vital{ward.FiO2, ward.O2Flow} {
		if x, ok := s.last(v); ok && sameTime(x.At, at) {
			return text + " " + s.measure(v.String(), x.Number)
		}
	}
	return text
}

// unknown are the inputs that do not count, and why: never seen, too old, or not believed. Comfort care
// asks for none.
func (s *speech) unknown() string {
	if s.c.Score == nil || s.comfort() {
		return ""
	}
	var out []string
	for _, p := range s.c.Score.PartList() {
		switch p.State {
		case ward.Missing:
			out = append(out, lower(s.vital(p.Input)))
		case ward.Stale:
			out = append(out, fill(s.w.stale, "what", lower(s.what(&p)), "time", s.clock(p.At)))
		case ward.Implausible:
			why := s.text("part.implausible")
			if p.Doubt != ward.Believed {
				why = s.text("doubt." + p.Doubt.String())
			}
			out = append(out, fill(s.w.doubtful, "vital", lower(s.vital(p.Input)), "why", why))
		}
	}
	if len(out) == 0 {
		return ""
	}
	return fill(s.w.missing, "what", strings.Join(out, ", "))
}

// change is where the points went. A fall while inputs are missing is none.
func (s *speech) change() string {
	n := s.c.Change
	switch {
	case n == nil || s.c.Score == nil || s.comfort() || s.c.Score.Refused != ward.NotRefused || *n < 0 && !s.c.Score.Complete:
		return ""
	case *n > 0:
		return fill(s.w.up, "n", strconv.Itoa(*n))
	case *n < 0:
		return fill(s.w.down, "n", strconv.Itoa(-*n))
	}
	return s.w.same
}

// flags are concerns beside the points that the alert does not name already.
func (s *speech) flags() (out []string) {
	if s.c.Score == nil {
		return nil
	}
	for _, f := range s.c.Score.FlagList() {
		named := slices.ContainsFunc(s.c.Alert.Causes, func(c ward.Cause) bool { return c.Live() && c.Code == f.Code })
		if named {
			continue
		}
		text := s.cause(f.Code)
		if f.Held {
			text += ", " + s.text("flag.held")
		}
		out = append(out, text)
	}
	return out
}

// trends are those that go somewhere; one that heads for a limit first.
func (s *speech) trends() (out []string) {
	if s.c.Assessment == nil {
		return nil
	}
	list := slices.Clone(s.c.Assessment.Trends)
	list = slices.DeleteFunc(list, func(t ward.Trend) bool { return t.Means != ward.TrendRising && t.Means != ward.TrendFalling })
	slices.SortStableFunc(list, func(a, b ward.Trend) int {
		if heads := a.Reach > 0; heads != (b.Reach > 0) {
			if heads {
				return -1
			}
			return 1
		}
		return 0
	})
	for i := range list {
		out = append(out, s.trend(&list[i]))
	}
	return out
}

func (s *speech) trend(t *ward.Trend) string {
	v := t.Vital.String()
	slope := number(s.lang, math.Abs(t.Slope), 1)
	if unit, ok := s.known("unit." + v); ok {
		slope += " " + unit
	}
	text := fill(s.text("trend."+string(t.Means)), "vital", s.vital(v), "slope", slope)
	if t.Reach <= 0 {
		return text
	}
	reach := fill(s.text("trend.reach"), "limit", s.measure(v, t.Limit), "time", s.lasts(t.Reach))
	before, _, _ := strings.Cut(reach, " (") // the range is on the page
	return text + before
}

// lasts is a time to come, as exact as a straight line can be.
func (s *speech) lasts(d time.Duration) string {
	if d < 90*time.Minute {
		return fill(s.text("age.min"), "n", strconv.Itoa(max(10, int(d.Round(10*time.Minute)/time.Minute))))
	}
	return fill(s.text("age.h"), "n", s.exact(math.Round(2*d.Hours())/2))
}

// breathing are the rows of the respiratory table that do not rest on a picture; those are told as
// findings.
func (s *speech) breathing() (out []string) {
	if s.c.Assessment == nil {
		return nil
	}
	for _, r := range s.c.Assessment.Respiratory.Rows {
		if r.Silent || r.Finding != "" || r.Code == "risk" || strings.HasPrefix(r.Code, "trend_") {
			continue
		}
		text, ok := s.known("resp.row." + r.Code)
		if !ok {
			text = spoken(r.Code)
		}
		out = append(out, fill(text, "number", s.rowNumber(r.Code, r.Number), "limit", s.rowNumber(r.Code, r.Limit)))
	}
	return out
}

// rowNumber: what a row's numbers are follows from its code.
func (s *speech) rowNumber(row string, n float64) string {
	switch kind, _, _ := strings.Cut(row, "_"); {
	case row == "sf_saturated", strings.HasPrefix(row, "forecast_spo2"):
		return s.measure("spo2", math.Round(n))
	case strings.HasPrefix(row, "forecast_rr"):
		return s.measure("rr", math.Round(n))
	case kind == "rox":
		return number(s.lang, n, 2)
	case kind == "oxygen":
		return s.measure("fio2", n)
	case kind == "device":
		return s.measure("o2_device", n)
	}
	return s.exact(n)
}

// risks are those that ask for concern. A model that is silent here is not spoken of.
func (s *speech) risks() (out []string) {
	if s.c.Assessment == nil {
		return nil
	}
	for i := range s.c.Assessment.Risks {
		r := &s.c.Assessment.Risks[i]
		if r.Silent || !r.Raised() {
			continue
		}
		what := lower(s.text("cause.risk." + string(r.Task)))
		out = append(out, fill(s.w.risk, "what", what, "n", s.percent(r.Value), "limit", s.percent(r.Threshold)))
	}
	return out
}

func (s *speech) percent(p float64) string { return number(s.lang, 100*p, 0) + " %" }

// findings are those of pictures, with whose word they are and who has looked.
func (s *speech) findings() (out []string) {
	for i := range s.c.Findings {
		f := &s.c.Findings[i]
		who := s.w.ai
		if f.ByPerson {
			who = s.w.reader
		}
		var notes []string
		switch {
		case f.Unread:
			notes = append(notes, s.w.unread)
		case f.Confirmed == ward.Confirmed:
			notes = append(notes, s.w.confirmed)
		}
		if f.Demonstration {
			notes = append(notes, s.w.demo)
		}
		if !f.Acquired.IsZero() {
			notes = append(notes, fill(s.w.taken, "time", s.clock(f.Acquired)))
		}
		text := who + ": " + lower(s.finding(f))
		if len(notes) > 0 {
			text += " (" + strings.Join(notes, ", ") + ")"
		}
		out = append(out, text)
	}
	return out
}

// finding is what it shows: by our own words where the table knows it, by the sender's otherwise.
func (s *speech) finding(f *Finding) string {
	if text, ok := s.known("resp.row." + f.Kind); ok && f.Kind != "" {
		return text
	}
	if f.Label != "" {
		return name(f.Label)
	}
	return spoken(f.Code)
}
