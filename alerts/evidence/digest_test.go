package evidence

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"wardwatch/ward"
)

func shift(lang string) Shift {
	s := begin("K1", 10).tell(12, 1, 1, ward.RoleNurse, ward.RoleDoctor).do(13, "p1", ward.DoAccept, ward.RoleNurse).do(15, "p1", ward.DoBedside, ward.RoleNurse).do(16, "p1", doChart, ward.RoleNurse)
	s.row(20, "p2", "snooze", "doctor_on_duty: treated")
	s.Alert.State, s.Alert.Until = ward.Snoozed, minute(75)
	s.Alert.Duties = []ward.Duty{{Role: ward.RoleNurse, Accepted: minute(13), By: "p1"}}
	before := s.Audit[0]
	before.At = minute(-100)
	return Shift{
		Ward: "icu", Role: ward.RoleNurse, From: minute(0), At: minute(60), Zone: zone, Lang: lang,
		Name: func(p ward.PersonID) string { return map[ward.PersonID]string{"p1": "Lan", "p2": "BS Minh"}[p] },
		Patients: []Patient{
			{
				Stay: ward.Stay{ID: "s1", Place: bed7, Care: ward.Care{Status: ward.Ceilings, Review: minute(120)},
					Limits: []ward.Limit{{Vital: ward.SpO2, Low: 86, Since: minute(-10), Until: minute(90)}, {Vital: ward.HR, High: 130, Since: minute(-500), Until: minute(-10)}}},
				Label: "Giường 07", Name: "Nguyễn V. A", Score: &ward.Score{LowerBound: 7, Band: ward.High, Charted: ward.Charted{At: minute(-30)}},
				Alerts: []ward.Alert{s.Alert}, Audit: append(s.Audit, before), NextSet: minute(30),
			},
			{Stay: ward.Stay{ID: "s2", Place: ward.Place{Ward: "icu", Bed: "08"}}, Label: "08"},
		},
	}
}

func TestDigest(t *testing.T) {
	d := MakeDigest(shift("vi"))
	p := d.Patients[0]
	if p.Points != "≥7" || p.Band != "high" || p.Alert == nil || p.Alert.State != "snoozed" || p.Alert.Owner != "Lan" || p.LastSet != ms(minute(-30)) {
		t.Errorf("%+v %+v", p, p.Alert)
	}
	if want := []string{TaskSetOverdue, TaskSnoozeEnds, TaskCareReview, TaskLimitsLapse}; !slices.Equal(p.Tasks, want) {
		t.Errorf("tasks %v, want %v", p.Tasks, want)
	}
	if len(p.Limits) != 1 || !p.Limits[0].Lapses {
		t.Errorf("limits %+v", p.Limits)
	}
	if len(p.Events) != 5 {
		t.Errorf("what happened before the shift is not told again: %+v", p.Events)
	}
	if q := d.Patients[1]; q.Points != "" || q.Band != "unknown" || len(q.Tasks) != 0 {
		t.Errorf("%+v", q)
	}
	for lang, lines := range map[string][]string{
		"vi": {"Bàn giao ca 12:00–13:00", "Giường 07 Nguyễn V. A: điểm ≥7 (cao); Mức điều trị: có giới hạn điều trị", "- 12:12 báo điều dưỡng, bác sĩ trực: NEWS2, cao",
			"- 12:13 tiếp nhận Lan (điều dưỡng)", "- 12:20 tạm hoãn BS Minh (bác sĩ trực) đến 13:15: Đã xử trí", "Giường 08: chưa có điểm", "- Ngưỡng riêng: spo2 86– đến 13:30 21/11"},
		"en": {"Shift hand-over 12:00–13:00", "- 12:16 observations charted Lan (nurse)", "- 12:20 snoozed BS Minh (doctor on duty) until 13:15: Treated", "- To do: observations overdue; a snooze ends; review the care order; own limits lapse"},
	} {
		text := MakeDigest(shift(lang)).Text
		for _, line := range lines {
			if !strings.Contains(text, line) {
				t.Errorf("%s: %q is missing from\n%s", lang, line, text)
			}
		}
	}
	if d := MakeDigest(Shift{Lang: "en", From: minute(0), At: minute(1)}); !strings.Contains(d.Text, "No patients.") {
		t.Error(d.Text)
	}
}

func TestEveryWordHasBothLanguages(t *testing.T) {
	for code, both := range catalogue() {
		if both[0] == "" || both[1] == "" {
			t.Errorf("%s: %q", code, both)
		}
	}
	seen := map[string]bool{}
	for _, r := range Reasons() {
		if seen[r.Code] || r.VI == "" || r.EN == "" {
			t.Errorf("%+v", r)
		}
		seen[r.Code] = true
	}
}

func TestCSVIsSafeAndReadable(t *testing.T) {
	r := Report{Breaches: []Breach{{Alert: "=1+1", Bed: "@x", Ward: "-3", Kind: "a\"b,c", What: "accept"}}}
	var b bytes.Buffer
	if err := WriteCSV(&b, &r, TableBreaches, CSVOptions{BOM: true}); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(b.String(), "\r\n")
	if !strings.HasPrefix(b.String(), "\uFEFFalert,") || !strings.HasPrefix(lines[1], `'=1+1,'-3,'@x,,"a""b,c",`) {
		t.Errorf("%q", b.String())
	}
	if err := WriteCSV(&b, &r, "all", CSVOptions{}); err == nil || !strings.Contains(err.Error(), "all") {
		t.Errorf("an unknown table: %v", err)
	}
}
