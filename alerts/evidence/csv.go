package evidence

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"wardwatch/ward"
)

// Tables that WriteCSV knows.
const (
	TableAlerts    = "alerts"    // one row an alert
	TableTellings  = "tellings"  // one row a telling
	TableResponses = "responses" // one row a step and group
	TableBreaches  = "breaches"
	TableBurden    = "burden"
	TablePPV       = "ppv"
	TableChannels  = "channels"
)

// Tables names the tables, in the order in which they are offered.
func Tables() []string {
	return []string{TableAlerts, TableTellings, TableResponses, TableBreaches, TableBurden, TablePPV, TableChannels}
}

// CSVOptions say how a table is written. The zero value is RFC 4180 with times in UTC.
type CSVOptions struct {
	BOM  bool           // a byte order mark first, without which Excel takes UTF-8 for something else
	Zone *time.Location // of times; nil: UTC
}

// WriteCSV writes one of Tables (RFC 4180). What a spreadsheet would take for a formula is led by an
// apostrophe. A figure that is not known is an empty cell.
func WriteCSV(w io.Writer, r *Report, table string, o CSVOptions) error {
	write, ok := map[string]func(*sheet, *Report){
		TableAlerts: alertSheet, TableTellings: tellingSheet, TableResponses: responseSheet, TableBreaches: breachSheet,
		TableBurden: burdenSheet, TablePPV: ppvSheet, TableChannels: channelSheet,
	}[table]
	if !ok {
		return &ward.Error{Code: ward.BadInput, Message: fmt.Sprintf("there is no table %q", table), Hint: "the tables are " + strings.Join(Tables(), ", ")}
	}
	if o.Zone == nil {
		o.Zone = time.UTC
	}
	if o.BOM {
		if _, err := io.WriteString(w, "\uFEFF"); err != nil {
			return err
		}
	}
	s := &sheet{w: csv.NewWriter(w), zone: o.Zone}
	s.w.UseCRLF = true
	write(s, r)
	s.w.Flush()
	return s.w.Error()
}

// sheet is a table being written.
type sheet struct {
	w    *csv.Writer
	zone *time.Location
}

func (s *sheet) row(cells ...any) {
	line := make([]string, len(cells))
	for i, c := range cells {
		line[i] = s.cell(c)
	}
	_ = s.w.Write(line) // the writer keeps its error for the end
}

// moment is Unix milliseconds in a cell.
type moment int64

func (s *sheet) cell(c any) string {
	switch c := c.(type) {
	case string:
		return SafeCell(c)
	case moment:
		if c == 0 {
			return ""
		}
		return time.UnixMilli(int64(c)).In(s.zone).Format(time.RFC3339)
	case nil:
		return ""
	case *float64:
		if c == nil {
			return ""
		}
		return strconv.FormatFloat(*c, 'f', -1, 64)
	case float64:
		return strconv.FormatFloat(c, 'f', -1, 64)
	}
	return fmt.Sprint(c)
}

// SafeCell keeps a spreadsheet from running what is text (OWASP, CSV injection).
func SafeCell(text string) string {
	if text != "" && strings.ContainsRune("=+-@\t\r\n", rune(text[0])) {
		return "'" + text
	}
	return text
}

func alertSheet(s *sheet, r *Report) {
	s.row("alert", "ward", "bed", "stay", "kind", "band", "cause", "raised", "told", "delivered", "seen", "accepted", "bedside", "ended", "rounds", "level", "tellings", "reason", "says")
	for _, a := range r.Rows {
		s.row(a.ID, a.Ward, a.Bed, a.Stay, a.Kind, a.Band, a.Cause, moment(a.Raised), moment(a.Told), moment(a.Delivered), moment(a.Seen),
			moment(a.Accepted), moment(a.Bedside), moment(a.Ended), a.Rounds, a.Level, a.Tellings, a.Reason, a.Says)
	}
}

func tellingSheet(s *sheet, r *Report) {
	s.row("alert", "ward", "bed", "kind", "band", "role", "how", "level", "people", "told", "delivered", "answer", "answered")
	for _, t := range r.Tellings {
		s.row(t.Alert, t.Ward, t.Bed, t.Kind, t.Band, t.Role, t.How, t.Level, t.People, moment(t.Told), moment(t.Delivered), t.Answer, moment(t.Answered))
	}
}

func responseSheet(s *sheet, r *Report) {
	s.row("by", "group", "rounds", "step", "n", "median_s", "p90_s", "p95_s", "max_s", "within", "of", "share", "low", "high")
	groups := []struct {
		by   string
		list []Response
	}{{"all", []Response{r.Responses.All}}, {"ward", r.Responses.Ward}, {"hour", r.Responses.Hour}, {"role", r.Responses.Role}, {"band", r.Responses.Band}, {"kind", r.Responses.Kind}}
	for _, g := range groups {
		for _, x := range g.list {
			for _, step := range []struct {
				name string
				of   Stage
			}{
				{"trigger_told", x.TriggerTold}, {"told_delivered", x.ToldDelivered}, {"told_seen", x.ToldSeen},
				{"told_accepted", x.ToldAccepted}, {"accepted_bedside", x.AcceptedBedside}, {"told_bedside", x.ToldBedside},
			} {
				within := Share{}
				if step.of.Within != nil {
					within = *step.of.Within
				}
				s.row(g.by, x.Name, x.Rounds, step.name, step.of.N, step.of.Median, step.of.P90, step.of.P95, step.of.Max, within.N, within.Of, within.Value, within.Low, within.High)
			}
		}
	}
}

func breachSheet(s *sheet, r *Report) {
	s.row("alert", "ward", "bed", "stay", "kind", "band", "limit", "roles", "told", "due", "met", "late_s")
	for _, b := range r.Breaches {
		s.row(b.Alert, b.Ward, b.Bed, b.Stay, b.Kind, b.Band, b.What, strings.Join(b.Roles, " "), moment(b.Told), moment(b.Due), moment(b.Met), b.Late)
	}
}

func burdenSheet(s *sheet, r *Report) {
	s.row("what", "name", "n", "of", "rate", "goal")
	line := func(what, name string, x Rate, goal *float64) { s.row(what, name, x.N, x.Of, x.Value, goal) }
	for _, k := range r.Burden.Kinds {
		line("alerts", k.Name, k.Rate, nil)
	}
	for _, k := range r.Burden.Interruptions {
		line("tellings", k.Name, k.Rate, nil)
	}
	for i := range r.Goals {
		line(r.Goals[i].Name, "", r.Goals[i].Rate, &r.Goals[i].Limit)
	}
	line("escalations", "", r.Burden.Escalations, nil)
	for _, b := range r.Burden.Beds {
		line("bed", b.Ward+"/"+b.Bed, b.Rate, nil)
	}
}

func ppvSheet(s *sheet, r *Report) {
	s.row("by", "group", "n", "of", "ppv", "low", "high")
	line := func(by string, list ...Share) {
		for _, x := range list {
			s.row(by, x.Name, x.N, x.Of, x.Value, x.Low, x.High)
		}
	}
	y := &r.Yield
	line("all", y.PPV)
	line("kind", y.Kind...)
	line("band", y.Band...)
	line("cause", y.Cause...)
	told := y.PPV.Of + y.Uncoded + y.Unknown + y.Itself + y.Open
	for _, x := range y.Reasons {
		s.row("reason", x.Code+" ("+string(x.Says)+")", x.N, told, nil, nil, nil)
	}
	for _, x := range []struct {
		name string
		n    int
	}{{"uncoded", y.Uncoded}, {"unknown", y.Unknown}, {"by_itself", y.Itself}, {"open", y.Open}} {
		s.row("not_judged", x.name, x.n, told, nil, nil, nil)
	}
}

func channelSheet(s *sheet, r *Report) {
	s.row("channel", "made", "delivered", "failed", "withdrawn", "pending", "tests", "tries", "delay_median_s", "delay_p95_s", "delay_max_s", "undelivered_share")
	for _, c := range r.Channels {
		s.row(c.Name, c.Made, c.Delivered, c.Failed, c.Withdrawn, c.Pending, c.Tests, c.Tries, c.Delay.Median, c.Delay.P95, c.Delay.Max, c.Undelivered.Value)
	}
}
