package respiratory

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"wardwatch/ward"
)

// head checks what is said once of the whole table.
func (t *Table) head(f *file) error {
	n := &f.Findings
	switch {
	case strings.TrimSpace(f.Version) == "":
		return errors.New(`version is empty: name this version of the table, for example "2026-11-1"`)
	case f.Adult < 1 || f.Adult > 21:
		return fmt.Errorf("adult_from_years is %d: give an age in years, 1 to 21; ROX and S/F are for adults", f.Adult)
	case f.AdultSource == "" || n.Source == "" || f.SupportSource == "":
		return errors.New(`adult_source, findings.source and support_source: say where each is from, or "proposal"`)
	case !(n.Fresh > 0 && n.Fresh < n.Fading && n.Fading < n.Context && n.Context <= 24*30):
		return fmt.Errorf("findings: fresh_hours %v, fading_hours %v, context_hours %v: give hours over 0, each under the next, at most 720", n.Fresh, n.Fading, n.Context)
	case n.Steps < 0 || n.Steps > 3:
		return fmt.Errorf("findings: fading_steps is %d: give by how many bands a fading finding counts for less, 0 to 3", n.Steps)
	case !(n.Least > 0 && n.Least <= 1):
		return fmt.Errorf("findings: least_score is %v: give a score over 0 and at most 1", n.Least)
	case len(f.Rows) == 0:
		return errors.New("rows is empty: a table without rows says nothing of anybody; give at least one")
	case len(f.Support) != len(t.support):
		return fmt.Errorf("support names %d oxygen devices: give a rank to each of the %d", len(f.Support), len(t.support))
	}
	for name, rank := range f.Support {
		d, ok := ward.O2DeviceNamed(name)
		if !ok {
			return fmt.Errorf("support: %q is no oxygen device: %s", name, devices())
		}
		if rank < 0 || rank > 100 {
			return fmt.Errorf("support: %s has rank %d: give 0 to 100, more for more support", name, rank)
		}
		t.support[d] = rank
	}
	return nil
}

// devices is a remedy: the names there are.
func devices() string {
	names := make([]string, ward.Ventilator+1)
	for d := range names {
		names[d] = ward.O2Device(d).String()
	}
	return "give one of " + strings.Join(names, ", ")
}

func (t *Table) addEstimate(f *fileEstimate) error {
	d, ok := ward.O2DeviceNamed(f.Device)
	if !ok {
		return fmt.Errorf("estimate: %q is no oxygen device: %s", f.Device, devices())
	}
	e := estimate{
		device: d, from: f.From, to: f.To,
		low: linear{f.Low.Base, f.Low.PerLitre}, high: linear{f.High.Base, f.High.PerLitre},
	}
	if f.Source == "" {
		return fmt.Errorf(`estimate for %s has no source: name it, or "proposal"`, f.Device)
	}
	if !(e.from > 0 && e.from < e.to && e.to <= 80) {
		return fmt.Errorf("estimate for %s: flow %v to %v: give L/min, the lower first, over 0 and at most 80", f.Device, e.from, e.to)
	}
	for _, flow := range [...]float64{e.from, e.to} {
		low, high := e.low.at(flow), e.high.at(flow)
		if !(low > air && low <= high && high <= 1) {
			return fmt.Errorf("estimate for %s: at %v L/min the fraction is %v to %v: give fractions over 0.21 and at most 1, the lower one as low", f.Device, flow, low, high)
		}
	}
	for i := range t.estimates {
		if t.estimates[i].device == d {
			return fmt.Errorf("estimate for %s is there twice: leave one", f.Device)
		}
	}
	t.estimates = append(t.estimates, e)
	return nil
}

func (t *Table) addKind(f *fileKind) error {
	if !code.MatchString(f.Kind) || f.Kind == bilateral {
		return fmt.Errorf("kind %q: give a name in small letters, digits and _, other than %s", f.Kind, bilateral)
	}
	if len(f.Codes) == 0 {
		return fmt.Errorf("kind %s has no codes: give those that findings come with", f.Kind)
	}
	for _, c := range f.Codes {
		name := plain(c)
		if name == "" {
			return fmt.Errorf("kind %s: %q is no code: give a SNOMED CT or RadLex code, or a name", f.Kind, c)
		}
		if other, ok := t.kinds[name]; ok {
			return fmt.Errorf("kind %s: the code %q stands for %s already: leave one", f.Kind, c, other.name)
		}
		t.kinds[name] = kind{f.Kind, f.Opacity}
	}
	return nil
}

func (t *Table) addRow(f *fileRow) error {
	if !code.MatchString(f.Code) {
		return fmt.Errorf("row %q: give a code in small letters, digits and _", f.Code)
	}
	r, err := t.row(f)
	if err != nil {
		return fmt.Errorf("row %s: %w", f.Code, err)
	}
	t.rows = append(t.rows, r)
	return nil
}

func (t *Table) row(f *fileRow) (r row, err error) {
	for i := range t.rows {
		if t.rows[i].code == f.Code {
			return r, errors.New("the code is there twice: give each row its own")
		}
	}
	r = row{code: f.Code, group: f.Group, source: f.Source, within: hours(f.Limits.Within)}
	if strings.TrimSpace(f.Source) == "" {
		return r, errors.New(`no source: name it, or "proposal"`)
	}
	if f.Source != proposal && f.Clause == "" {
		return r, errors.New("a source without its clause: say where in the source the limit is")
	}
	var ok bool
	if r.reads, ok = readsNamed(f.Reads); !ok {
		return r, fmt.Errorf("reads %q: give one of %s", f.Reads, readable())
	}
	if r.band, err = band(f.Band); err != nil {
		return r, err
	}
	if err := t.setNeeds(&r, f); err != nil {
		return r, err
	}
	return r, r.setLimits(&f.Limits)
}

// proposal is the source of what is ours.
const proposal = "proposal"

func readable() string {
	var names []string
	for _, s := range specs {
		names = append(names, s.name)
	}
	return strings.Join(names, ", ")
}

func (t *Table) setNeeds(r *row, f *fileRow) (err error) {
	n := &f.Needs
	r.needs = needs{
		hoursFrom: n.HoursFrom, hoursTo: n.HoursTo, spo2To: n.SpO2To,
		oxygen: n.Oxygen, ownBreath: n.OwnBreath, kind: n.Finding,
	}
	for _, name := range n.Devices {
		d, ok := ward.O2DeviceNamed(name)
		if !ok {
			return fmt.Errorf("needs: %q is no oxygen device: %s", name, devices())
		}
		r.needs.devices = append(r.needs.devices, d)
	}
	switch {
	case n.HoursFrom < 0 || n.HoursTo < 0 || n.HoursTo != 0 && n.HoursTo <= n.HoursFrom:
		return fmt.Errorf("needs: hours %v to %v: give the lower first, 0 for no end", n.HoursFrom, n.HoursTo)
	case r.needs.hours() && len(n.Devices) == 0:
		return errors.New("needs: hours without devices: name the devices that have been in use so long")
	case n.SpO2To != 0 && !(n.SpO2To >= 50 && n.SpO2To <= 100):
		return fmt.Errorf("needs: spo2_at_most is %v: give per cent, 50 to 100", n.SpO2To)
	case (n.Finding == "") != (f.UnreadBand == ""):
		return errors.New("needs.finding and unread_band go together: give both or neither")
	case r.reads == readsFinding && (n.Finding == "" || n.Finding == bilateral):
		return errors.New("needs.finding: name the kind of finding that the row reads")
	case n.Finding == "":
		return nil
	case n.Finding != bilateral && !slices.Contains(t.kindNames(), n.Finding):
		return fmt.Errorf("needs.finding: %q is no kind: give one of %s, %s", n.Finding, strings.Join(t.kindNames(), ", "), bilateral)
	}
	if r.unread, err = band(f.UnreadBand); err != nil {
		return fmt.Errorf("unread_%w", err)
	}
	if r.unread > r.band {
		return errors.New("unread_band is over band: what a clinician confirmed cannot count for less")
	}
	return nil
}

func (t *Table) kindNames() []string {
	var names []string
	for _, k := range t.kinds {
		if !slices.Contains(names, k.name) {
			names = append(names, k.name)
		}
	}
	slices.Sort(names)
	return names
}

func (r *row) setLimits(f *fileLimits) error {
	given := 0
	for _, l := range [...]struct {
		bound   *float64
		compare func(x, limit float64) bool
	}{{f.Under, under}, {f.AtMost, atMost}, {f.AtLeast, atLeast}} {
		if l.bound != nil {
			given++
			r.bound, r.compare = *l.bound, l.compare
		}
	}
	s := &specs[r.reads]
	forecast := r.reads >= readsForecastRRMid && r.reads <= readsForecastSpO2High
	r.scale2 = f.Scale2
	switch {
	case !r.reads.limited() && (given > 0 || f.Scale2 != 0):
		return fmt.Errorf("limits: a row that reads %s has none of its own: remove them", s.name)
	case !r.reads.limited():
	case given != 1:
		return errors.New("limits: give exactly one of under, at_most, at_least")
	case !(r.bound >= s.low && r.bound <= s.high):
		return fmt.Errorf("limits: %v is not possible for %s: give %v to %v; check the unit", r.bound, s.name, s.low, s.high)
	case f.Scale2 != 0 && !(f.Scale2 >= s.low && f.Scale2 <= s.high):
		return fmt.Errorf("limits: scale2 is %v, not possible for %s: give %v to %v", f.Scale2, s.name, s.low, s.high)
	}
	if forecast != (f.Within > 0) || f.Within > 24 || f.Within < 0 {
		return errors.New("limits: within_hours belongs to rows that read a forecast: give it there, over 0 and at most 24, and nowhere else")
	}
	return nil
}
