package paper

import (
	"strconv"
	"strings"

	"wardwatch/dashboard/live"
)

// columns of the ward list: key of the head, width in mm.
var columns = []struct {
	head  string
	width float64
}{
	{"paper.bed", 20}, {"paper.patient", 43}, {"paper.score", 19}, {"vital.short.rr", 17}, {"vital.short.spo2", 17},
	{"vital.short.o2", 23}, {"vital.short.sbp", 18}, {"vital.short.hr", 17}, {"vital.short.consciousness", 19}, {"vital.short.temp", 17},
	{"paper.alert", 33}, {"paper.due", 17}, {"paper.notes", 17},
}

// cells is one bed's row: in each cell the value, and under it when it was measured.
func cells(t *live.Tile, s *Sheet) []cell {
	if t.Stay == nil {
		return []cell{{top: t.Label}, {top: s.text("stay.empty")}}
	}
	return []cell{
		{top: t.Label, bold: true}, patient(t, s), score(t, s), number(t, s, "rr", 0), number(t, s, "spo2", 0),
		oxygen(t, s), pressure(t, s), number(t, s, "hr", 0), coded(t, s, "acvpu", "acvpu."), number(t, s, "temp", 1),
		alert(t, s), due(t, s), {},
	}
}

func patient(t *live.Tile, s *Sheet) cell {
	st := t.Stay
	top := st.Name
	var under []string
	if st.BirthYear != nil {
		under = append(under, strconv.Itoa(*st.BirthYear))
	}
	if st.Sex != "" {
		under = append(under, s.text("stay.sex."+st.Sex))
	}
	if st.Scale == 2 {
		under = append(under, s.text("stay.scale2"))
	}
	if st.Care != "" {
		under = append(under, s.text("stay.care."+st.Care))
	}
	if st.Off != nil {
		under = append(under, s.text("stay.off"))
	}
	if st.SameName {
		top = "! " + top
	}
	return cell{top: top, under: strings.Join(under, " · "), bold: true}
}

// score is the points, with ≥ where inputs are missing, over the band: never a number alone.
func score(t *live.Tile, s *Sheet) cell {
	v := t.Score
	switch {
	case v == nil:
		return cell{top: "–"}
	case v.Refused != "":
		return cell{top: "–", under: strings.ToUpper(v.Chart)}
	}
	top := "≥" + strconv.Itoa(v.LowerBound) + " · " + strconv.Itoa(v.Have) + "/" + strconv.Itoa(v.Need)
	if v.Total != nil {
		top = strconv.Itoa(*v.Total)
	}
	return cell{top: top, under: s.text("band.short." + v.Band), bold: true}
}

func number(t *live.Tile, s *Sheet, vital string, digits int) cell {
	v, ok := t.Vitals[vital]
	if !ok {
		return cell{top: "–"}
	}
	top := strconv.FormatFloat(v.V, 'f', digits, 64)
	if s.Lang == "vi" {
		top = strings.Replace(top, ".", ",", 1)
	}
	if v.Doubt != "" {
		top += " ?"
	}
	return cell{top: top, under: s.clock(v.At)}
}

func coded(t *live.Tile, s *Sheet, vital, prefix string) cell {
	v, ok := t.Vitals[vital]
	if !ok {
		return cell{top: "–"}
	}
	return cell{top: s.text(prefix + strconv.Itoa(int(v.V))), under: s.clock(v.At)}
}

func oxygen(t *live.Tile, s *Sheet) cell {
	c := coded(t, s, "o2_device", "o2.short.")
	if v, ok := t.Vitals["fio2"]; ok && v.V > 0.21 {
		c.under = strconv.FormatFloat(v.V*100, 'f', 0, 64) + " % " + c.under
	}
	if v, ok := t.Vitals["o2_flow"]; ok && v.V > 0 {
		c.under = strconv.FormatFloat(v.V, 'f', -1, 64) + " L " + c.under
	}
	return c
}

func pressure(t *live.Tile, s *Sheet) cell {
	c := number(t, s, "sbp", 0)
	if d, ok := t.Vitals["dbp"]; ok && c.under != "" {
		c.top += "/" + strconv.FormatFloat(d.V, 'f', 0, 64)
	}
	return c
}

// alert is the worst open alert of the bed, with who answers for it.
func alert(t *live.Tile, s *Sheet) cell {
	var worst *live.AlertView
	for i := range t.Alerts {
		if a := &t.Alerts[i]; a.Kind != "technical" && a.State != "candidate" && (worst == nil || a.Points > worst.Points) {
			worst = a
		}
	}
	if worst == nil {
		return cell{}
	}
	c := cell{top: s.text("alert.state." + worst.State), bold: true}
	if worst.Owner != nil {
		c.under = worst.Owner.Name
	}
	if worst.Told != nil {
		c.under = strings.TrimSpace(s.clock(*worst.Told) + " " + c.under)
	}
	return c
}

func due(t *live.Tile, s *Sheet) cell {
	if t.Score == nil || t.Score.Charted == nil || t.Score.Charted.Due == nil {
		return cell{}
	}
	c := cell{top: s.clock(*t.Score.Charted.Due)}
	if *t.Score.Charted.Due < s.Now.UnixMilli() {
		c.under, c.bold = s.text("paper.overdue"), true
	}
	return c
}

// who is the line that names the patient on a sheet of their own, or leaves room for it.
func (s *Sheet) who(t *live.Tile) string {
	if t == nil || t.Stay == nil {
		return s.text("paper.patient") + ": ________________________   " + s.text("paper.born") + ": ________   " + s.text("paper.bed") + ": ________"
	}
	c := patient(t, s)
	return c.top + "   " + c.under
}

// chartRows are what a nurse charts, in the order of the form, with the last known value of each.
func chartRows(t *live.Tile, s *Sheet) []chartRow {
	rows := []chartRow{{name: s.text("paper.time")}}
	for _, r := range []struct {
		key string
		of  func(*live.Tile, *Sheet) cell
	}{
		{"vital.rr", func(t *live.Tile, s *Sheet) cell { return number(t, s, "rr", 0) }},
		{"vital.spo2", func(t *live.Tile, s *Sheet) cell { return number(t, s, "spo2", 0) }},
		{"vital.oxygen", oxygen},
		{"vital.sbp", pressure},
		{"vital.hr", func(t *live.Tile, s *Sheet) cell { return number(t, s, "hr", 0) }},
		{"vital.consciousness", func(t *live.Tile, s *Sheet) cell { return coded(t, s, "acvpu", "acvpu.") }},
		{"vital.temp", func(t *live.Tile, s *Sheet) cell { return number(t, s, "temp", 1) }},
		{"paper.score", score},
	} {
		row := chartRow{name: s.text(r.key)}
		if t != nil && t.Stay != nil {
			row.last = r.of(t, s)
		}
		rows = append(rows, row)
	}
	return append(rows, chartRow{name: s.text("paper.worried")}, chartRow{name: s.text("paper.signed")})
}
