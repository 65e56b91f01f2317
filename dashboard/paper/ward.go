// Package paper draws what a ward works with when the screens are down: the list of its patients as
// last known, and a sheet to chart on. It is pure; times and the language are arguments.
package paper

import (
	"bytes"
	"cmp"
	"slices"
	"time"

	"wardwatch/dashboard/live"
	"wardwatch/dashboard/locale"
)

// Sheet is what a printed page says about itself.
type Sheet struct {
	Lang string
	Zone *time.Location
	Now  time.Time
	Next time.Time // when a newer list is due; zero: this one was asked for
}

// maxPatients is far above any ward; beds beyond it would make a file nobody can carry.
const maxPatients = 500

// Ward draws the list of a ward in PDF, A4 across: a row a bed in the order of a round, every value
// with the time at which it was measured, and room to write.
func Ward(v *live.SnapshotView, s Sheet) ([]byte, error) {
	p := newPage(s, v.Simulation)
	p.header(s.text("paper.ward_list")+" · "+v.Ward.Name, s.made())
	p.note(s.text("paper.as_known"))
	p.heads()
	tiles := slices.Clone(v.Tiles)
	slices.SortStableFunc(tiles, func(a, b live.Tile) int { return cmp.Or(cmp.Compare(a.Order, b.Order), cmp.Compare(a.Bed, b.Bed)) })
	for i := range tiles[:min(len(tiles), maxPatients)] {
		p.row(cells(&tiles[i], &s))
	}
	p.legend(s.text("paper.legend"))
	return p.bytes()
}

// Chart draws an empty observation sheet for one patient, or for anybody when t is nil: a column a
// set, with their last known values in front.
func Chart(t *live.Tile, wardName string, simulation bool, s Sheet) ([]byte, error) {
	p := newPage(s, simulation)
	title := s.text("paper.chart") + " · " + wardName
	if t != nil {
		title += " · " + t.Label
	}
	p.header(title, s.made())
	p.note(s.who(t))
	p.grid(chartRows(t, &s))
	p.legend(s.text("paper.chart_legend"))
	return p.bytes()
}

func (s *Sheet) text(key string) string { return locale.Text(s.Lang, key) }

// made says when the page was made, and when the next is due.
func (s *Sheet) made() string {
	out := s.text("paper.made") + " " + s.Now.In(s.Zone).Format("15:04 02/01/2006")
	if !s.Next.IsZero() {
		out += " · " + s.text("paper.next") + " " + s.Next.In(s.Zone).Format("15:04")
	}
	return out
}

// clock is a time of day; with its date when that is another.
func (s *Sheet) clock(ms int64) string {
	t, now := time.UnixMilli(ms).In(s.Zone), s.Now.In(s.Zone)
	if t.YearDay() != now.YearDay() || t.Year() != now.Year() {
		return t.Format("02/01 15:04")
	}
	return t.Format("15:04")
}

func (p *page) bytes() ([]byte, error) {
	var b bytes.Buffer
	err := p.pdf.Output(&b)
	return b.Bytes(), err
}
