package agreement

import (
	"encoding/csv"
	"io"
	"strconv"
	"time"

	"wardwatch/ward"
)

// WriteGroups writes groups as CSV, a line each, times in seconds.
func WriteGroups(w io.Writer, by By, groups []Group) error {
	t := csv.NewWriter(w)
	lines := [][]string{{"model", "code", "label", string(by), "said", "tp", "fp", "fn", "tn",
		"sensitivity", "sensitivity_low", "sensitivity_high", "specificity", "specificity_low", "specificity_high",
		"kappa", "kappa_low", "kappa_high", "confirmed", "rejected", "ppv", "ppv_low", "ppv_high",
		"results", "result_p50_s", "result_p90_s", "seen", "seen_p50_s", "seen_p90_s"}}
	for i := range groups {
		g := &groups[i]
		line := []string{plain(g.Model), plain(g.Code), plain(g.Label), plain(g.Of)}
		line = append(line, counts(g.Said, g.TP, g.FP, g.FN, g.TN)...)
		line = append(line, interval(g.Sensitivity)...)
		line = append(line, interval(g.Specificity)...)
		line = append(line, interval(g.Kappa)...)
		line = append(line, counts(g.Confirmed, g.Rejected)...)
		line = append(line, interval(g.PPV)...)
		line = append(line, seconds(g.Result)...)
		lines = append(lines, append(line, seconds(g.Seen)...))
	}
	return t.WriteAll(lines)
}

// WriteErrors writes rows as CSV, a line each: what to look up in the picture archive, without a name.
func WriteErrors(w io.Writer, rows []ward.AgreementRow) error {
	t := csv.NewWriter(w)
	lines := [][]string{{"finding", "study_uid", "source", "model", "version", "modality", "device", "code", "label", "laterality",
		"age", "sex", "score", "said", "truth", "acquired", "received"}}
	for i := range rows {
		r := &rows[i]
		age, saw := "", "absent"
		if r.HasAge {
			age = strconv.Itoa(r.Years)
		}
		if r.Present {
			saw = "present"
		}
		lines = append(lines, []string{plain(r.Finding), plain(r.StudyUID), plain(r.Source), plain(r.Model), plain(r.Version), plain(r.Modality), plain(r.Device),
			plain(r.Code), plain(r.Label), plain(r.Laterality), age, string(r.Sex), Number(r.Score), saw, string(r.Truth), moment(r.Acquired), moment(r.Received)})
	}
	return t.WriteAll(lines)
}

// plain keeps a text that a sender chose from being taken for a formula by a spreadsheet.
func plain(s string) string {
	if s != "" && (s[0] == '=' || s[0] == '+' || s[0] == '-' || s[0] == '@' || s[0] == '\t' || s[0] == '\r') {
		return "'" + s
	}
	return s
}

func counts(ns ...int) (out []string) {
	for _, n := range ns {
		out = append(out, strconv.Itoa(n))
	}
	return out
}

func interval(i Interval) []string { return []string{Number(i.Value), Number(i.Low), Number(i.High)} }

func seconds(s Spread) []string {
	if s.N == 0 {
		return []string{"0", "", ""}
	}
	return []string{strconv.Itoa(s.N), strconv.Itoa(int(s.P50.Seconds())), strconv.Itoa(int(s.P90.Seconds()))}
}

func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}
