package incident

import (
	"cmp"
	"encoding/csv"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"
	"time"

	"wardwatch/alerts/evidence"
	"wardwatch/store/book"
	"wardwatch/ward"
)

// alertRecord is one alert of alerts.json.
type alertRecord struct {
	Alert    ward.Alert                       `json:"alert"`
	Notices  []ward.Notice                    `json:"notices"`
	Receipts map[ward.NoticeID][]ward.Receipt `json:"receipts"`
	Steps    []evidence.Step                  `json:"timeline"`
}

// mostAlerts bounds the alerts of one stay, or of one ward in the span.
const mostAlerts = 100_000

// told gathers the alerts that stood in the span: the stay's, and technical ones of its beds.
func (g *gathering) told() error {
	all, err := g.Book.Alerts(g.ctx, book.AlertFilter{Stay: g.Stay, To: g.To, Limit: mostAlerts})
	if err != nil {
		return err
	}
	for _, w := range g.wards() {
		technical, err := g.Book.Alerts(g.ctx, book.AlertFilter{Ward: w, From: g.From, To: g.To, Limit: mostAlerts})
		if err != nil {
			return err
		}
		all = append(all, slices.DeleteFunc(technical, func(a ward.Alert) bool { return a.Kind != ward.Technical || a.Stay != "" || !g.concerns(&a) })...)
	}
	slices.SortFunc(all, func(a, b ward.Alert) int { return cmp.Or(a.Raised.Compare(b.Raised), cmp.Compare(a.ID, b.ID)) })
	for _, a := range all {
		if !a.Ended.IsZero() && a.Ended.Before(g.From) {
			continue
		}
		r := alertRecord{Alert: g.plainAlert(a)}
		if r.Notices, err = g.Book.NoticesOf(g.ctx, a.ID); err != nil {
			return err
		}
		if r.Receipts, err = g.Book.ReceiptsOf(g.ctx, a.ID); err != nil {
			return err
		}
		rows, err := g.rowsOf(book.AuditFilter{Object: "alert:" + string(a.ID)})
		if err != nil {
			return err
		}
		entries := make([]ward.AuditEntry, len(rows))
		for i := range rows {
			entries[i] = rows[i].AuditEntry
		}
		r.Steps = g.plainSteps(evidence.Timeline(a, entries, r.Notices, r.Receipts))
		g.alerts = append(g.alerts, r)
	}
	return list(g.out, "alerts.json", g.alerts)
}

// concerns says whether a technical alert is about one of the beds, or about the whole ward.
func (g *gathering) concerns(a *ward.Alert) bool {
	return slices.ContainsFunc(g.lain, func(l ward.Lying) bool {
		return a.Place == l.Place || a.Place == ward.Place{Ward: l.Place.Ward}
	})
}

// rowsOf reads every audit row of a filter, oldest first.
func (g *gathering) rowsOf(f book.AuditFilter) (all []book.AuditRow, err error) {
	f.Limit = 1000
	for {
		page, err := g.Book.Audit(g.ctx, f)
		if err != nil {
			return nil, err
		}
		if len(page) == 0 {
			slices.Reverse(all)
			return all, nil
		}
		all = append(all, page...)
		f.Before = page[len(page)-1].Seq
	}
}

// line is one row of the timeline that people read.
type line struct {
	evidence.Step
	Alert, ByName, ToName string
}

// timeline writes what happened twice: a table and a page.
func (g *gathering) timeline() error {
	lines, err := g.lines()
	if err != nil {
		return err
	}
	if err := g.out.add("timeline.csv", func(w io.Writer) (int, error) { return g.timelineTable(w, lines) }); err != nil {
		return err
	}
	return g.out.add("timeline.html", func(w io.Writer) (int, error) { return len(lines), g.timelinePage(w, lines) })
}

// lines are the alerts' steps, the sets charted and the orders, by time.
func (g *gathering) lines() (all []line, err error) {
	names := map[ward.PersonID]string{}
	people, err := g.Book.People(g.ctx)
	if err != nil {
		return nil, err
	}
	for _, p := range people {
		names[p.ID] = string(p.ID)
		if g.Identified {
			names[p.ID] = p.Name
		}
	}
	add := func(s evidence.Step, alert ward.AlertID) {
		all = append(all, line{s, string(alert), cmp.Or(names[s.By], string(s.By)), cmp.Or(names[s.To], string(s.To))})
	}
	for i := range g.alerts {
		for _, s := range g.alerts[i].Steps {
			add(s, g.alerts[i].Alert.ID)
		}
	}
	sets, err := g.Book.Observations(g.ctx, g.Stay)
	if err != nil {
		return nil, err
	}
	for _, o := range sets {
		if g.within(o.At) {
			add(evidence.Step{At: o.At, What: "observation.chart", By: o.By, Detail: values(o.Values)}, "")
		}
	}
	orders, err := g.rowsOf(book.AuditFilter{Object: "stay:" + string(g.Stay), From: g.From, To: g.To})
	if err != nil {
		return nil, err
	}
	for _, o := range orders {
		if o.Deed != "stay.view" {
			add(evidence.Step{At: o.At, What: o.Deed, By: o.By, Detail: o.Detail}, "")
		}
	}
	slices.SortStableFunc(all, func(a, b line) int { return a.At.Compare(b.At) })
	return all, nil
}

func values(all []ward.Value) string {
	var b strings.Builder
	for _, v := range all {
		fmt.Fprintf(&b, "%s %g ", v.Vital, v.Number)
	}
	return strings.TrimSpace(b.String())
}

func (g *gathering) timelineTable(w io.Writer, lines []line) (int, error) {
	out := csv.NewWriter(w)
	out.UseCRLF = true
	_ = out.Write([]string{"at", "alert", "what", "by", "role", "to", "how", "channel", "level", "code", "band", "detail"})
	for _, l := range lines {
		level := ""
		if l.Level > 0 {
			level = fmt.Sprint(l.Level)
		}
		_ = out.Write([]string{l.At.UTC().Format(time.RFC3339Nano), l.Alert, l.What, evidence.SafeCell(l.ByName), string(l.Role), evidence.SafeCell(l.ToName), string(l.How),
			l.Channel, level, l.Code, l.Band, evidence.SafeCell(l.Detail)})
	}
	out.Flush()
	return len(lines), out.Error()
}

// page is what the template shows.
type page struct {
	Stay, From, To string
	Simulation     bool
	Lines          []pageLine
}

type pageLine struct{ At, VI, EN, Who, Detail string }

func (g *gathering) timelinePage(w io.Writer, lines []line) error {
	vi, en := evidence.WordsOf("vi"), evidence.WordsOf("en")
	simulation, err := g.Book.Simulation(g.ctx)
	if err != nil {
		return err
	}
	p := page{Stay: string(g.Stay), From: g.local(g.From), To: g.local(g.To), Simulation: simulation}
	for _, l := range lines {
		p.Lines = append(p.Lines, pageLine{
			At: l.At.In(g.Zone).Format("02/01/2006 15:04:05"), VI: said(vi, &l), EN: said(en, &l), Who: l.ByName, Detail: l.Detail,
		})
	}
	return timelineHTML.Execute(w, p)
}

// said is what happened in the words of a language.
func said(w evidence.Words, l *line) string {
	parts := []string{w.Of(l.What)}
	if l.Code != "" {
		parts = append(parts, w.Of(l.Code))
	}
	if l.Role != "" {
		parts = append(parts, w.Of(string(l.Role)))
	}
	if l.ToName != "" {
		parts = append(parts, "→ "+l.ToName)
	}
	if l.Channel != "" {
		parts = append(parts, l.Channel)
	}
	if l.Band != "" && l.Channel == "" {
		parts = append(parts, w.Of(l.Band))
	}
	return strings.Join(parts, " · ")
}

var timelineHTML = template.Must(template.New("timeline").Parse(`<!doctype html>
<html lang="vi"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Wardwatch: {{.Stay}}</title>
<style>body{font:15px/1.4 system-ui,sans-serif;margin:1.5rem;color:#111}table{border-collapse:collapse;width:100%}th,td{border-bottom:1px solid #ccc;padding:.3rem .5rem;text-align:left;vertical-align:top}td:first-child{white-space:nowrap;font-variant-numeric:tabular-nums}.s{font-weight:bold;border:3px solid;padding:.5rem}</style>
<h1>Diễn biến / Timeline</h1>
{{if .Simulation}}<p class="s">MÔ PHỎNG / SIMULATION</p>{{end}}
<p>{{.Stay}}: {{.From}} – {{.To}}</p>
<table><thead><tr><th>Giờ / Time<th>Việc<th>What<th>Ai / Who<th>Chi tiết / Detail</thead><tbody>
{{range .Lines}}<tr><td>{{.At}}<td>{{.VI}}<td>{{.EN}}<td>{{.Who}}<td>{{.Detail}}
{{end}}</tbody></table></html>
`))

// screens writes who had which screen open: looking at a ward is recorded when a screen opens, now
// and then while it stays open, and when it closes.
func (g *gathering) screens() error {
	rows, err := g.rowsOf(book.AuditFilter{Deed: "board.", From: g.From.Add(-screenEvery), To: g.To})
	if err != nil {
		return err
	}
	views, err := g.rowsOf(book.AuditFilter{Object: "stay:" + string(g.Stay), Deed: "stay.view", From: g.From, To: g.To})
	if err != nil {
		return err
	}
	wards := g.wards()
	rows = slices.DeleteFunc(rows, func(r book.AuditRow) bool {
		return !slices.ContainsFunc(wards, func(w ward.WardID) bool { return r.Object == "ward:"+string(w) })
	})
	rows = append(rows, views...)
	slices.SortFunc(rows, func(a, b book.AuditRow) int { return cmp.Compare(a.Seq, b.Seq) })
	return g.out.add("screens.csv", func(w io.Writer) (int, error) {
		out := csv.NewWriter(w)
		out.UseCRLF = true
		_ = out.Write([]string{"at", "person", "deed", "object", "detail", "audit_row"})
		for _, r := range rows {
			_ = out.Write([]string{r.At.UTC().Format(time.RFC3339Nano), string(r.By), r.Deed, r.Object, evidence.SafeCell(r.Detail), fmt.Sprint(r.Seq)})
		}
		out.Flush()
		return len(rows), out.Error()
	})
}

// screenEvery is how long a screen that stays open may go unrecorded, with room to spare.
const screenEvery = time.Hour
