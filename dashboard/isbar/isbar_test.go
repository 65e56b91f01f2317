package isbar

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wardwatch/ward"
)

var update = flag.Bool("update", false, "write the golden texts anew")

var (
	vietnam = time.FixedZone("ICT", 7*60*60)
	now     = time.Date(2026, 11, 21, 14, 10, 0, 0, vietnam)
	names   = map[ward.PersonID]string{"hoa": "Lê Thị Hoa", "lan": "Trần Lan"}
)

func before(d time.Duration) time.Time { return now.Add(-d) }

func nameOf(id ward.PersonID) string { return names[id] }

func value(v ward.Vital, x float64, age time.Duration) ward.Value {
	return ward.Value{Vital: v, Number: x, At: before(age)}
}

func part(input string, points int, x float64, age time.Duration) ward.Part {
	return ward.Part{Input: input, Points: points, State: ward.Present, Number: x, At: before(age)}
}

func score(chart string, band ward.Band, parts ...ward.Part) *ward.Score {
	s := &ward.Score{Chart: chart, Variant: "scale1", At: now, Band: band, NParts: len(parts), Complete: true, LastData: now}
	for i, p := range parts {
		s.Parts[i] = p
		s.LowerBound += p.Points
		s.Complete = s.Complete && p.State == ward.Present
	}
	if s.Complete {
		s.Total = s.LowerBound
	}
	return s
}

func an() *ward.Stay {
	return &ward.Stay{
		ID: "s1", HospitalID: "BN-SECRET", FamilyName: "Nguyễn Văn", GivenName: "An", BirthDate: time.Date(1950, 1, 2, 0, 0, 0, 0, time.UTC), Sex: ward.Male,
		Admitted: before(53 * time.Hour), Nurse: "hoa", Doctor: "lan",
	}
}

func alert(kind ward.AlertKind, band ward.Band, points int, causes ...ward.Cause) *ward.Alert {
	return &ward.Alert{
		ID: "A1", Stay: "s1", Kind: kind, State: ward.Delivered, Band: band, Points: points, Level: 1, Raised: before(6 * time.Minute), Told: before(5 * time.Minute),
		Causes: causes, Next: ward.DueAccept, NextAt: before(2 * time.Minute),
		Duties: []ward.Duty{{Role: ward.RoleNurse, Level: 1, Told: before(5 * time.Minute), How: ward.HeldByAssignment, People: []ward.PersonID{"hoa"}}},
	}
}

func cause(code string, band ward.Band, age time.Duration) ward.Cause {
	return ward.Cause{Code: code, Band: band, Told: band, Since: before(age)}
}

func base(s *ward.Stay, a *ward.Alert, sc *ward.Score) Case {
	return Case{Now: now, Zone: vietnam, Speaker: "Lê Thị Hoa", Ward: "Khoa Hồi sức tích cực", Bed: "Giường 12A", Stay: s, Alert: a, NameOf: nameOf, Score: sc}
}

// cases are as a clinician meets them.
var cases = map[string]func() Case{
	"complete 8, taken by the doctor": func() Case {
		a := alert(ward.Clinical, ward.High, 8, cause("news2", ward.High, 6*time.Minute), cause("oxygen_rise", ward.Medium, 20*time.Minute))
		a.State, a.Next, a.NextAt = ward.Accepted, ward.DueBedside, now.Add(26*time.Minute)
		a.Duties = append(a.Duties, ward.Duty{Role: ward.RoleDoctor, Level: 1, Told: before(5 * time.Minute), How: ward.HeldByRoster, People: []ward.PersonID{"lan"}, Accepted: before(4 * time.Minute), By: "lan", OnWay: before(3 * time.Minute)})
		c := base(an(), a, score("news2", ward.High, part("rr", 3, 26, time.Minute), part("spo2", 2, 93, 0), part("o2", 2, 1, 0), part("sbp", 0, 118, 10*time.Minute),
			part("hr", 1, 104, 0), part("consciousness", 0, 0, 35*time.Minute), part("temp", 0, 37.9, 35*time.Minute)))
		c.Score.Parts[5].Source, c.Score.Parts[6].Source = ward.Manual, ward.Manual
		c.Vitals = []ward.Value{value(ward.O2Source, float64(ward.HFNC), 0), value(ward.FiO2, 0.5, 0), value(ward.DBP, 70, 10*time.Minute)}
		up := 4
		c.Change = &up
		c.Assessment = &ward.Assessment{
			Trends: []ward.Trend{
				{Vital: ward.HR, Means: ward.TrendSteady},
				{Vital: ward.RR, Means: ward.TrendRising, Slope: 2.1},
				{Vital: ward.SpO2, Means: ward.TrendFalling, Slope: -0.8, Limit: 91, Reach: 150 * time.Minute},
			},
			Respiratory: ward.Respiratory{Table: "1", Rows: []ward.RespiratoryRow{
				{Code: "rox_grey", Number: 4.2, Limit: 4.88}, {Code: "pneumothorax", Finding: "f1", Unread: true}, {Code: "forecast_rr", Number: 31, Silent: true},
			}},
			Risks: []ward.Risk{{Task: ward.RespiratoryDecline, Value: 0.31, Threshold: 0.2}, {Task: ward.Deterioration, Value: 0.5, Threshold: 0.1, Silent: true}},
		}
		c.Findings = []Finding{{Finding: ward.Finding{Code: "36118008", Acquired: before(5 * time.Hour)}, Kind: "pneumothorax", Unread: true}}
		return c
	},
	"at least 5, two inputs not known": func() Case {
		a := alert(ward.Clinical, ward.Medium, 5, cause("news2", ward.Medium, 6*time.Minute))
		a.Duties[0].How, a.Duties[0].People = ward.HeldByAll, nil
		sc := score("news2", ward.Medium, part("rr", 3, 25, 0), part("spo2", 2, 93, 0), part("o2", 0, 0, 0),
			ward.Part{Input: "sbp", State: ward.Stale, Number: 118, At: before(9 * time.Hour)}, part("hr", 0, 88, 0),
			part("consciousness", 0, 0, 35*time.Minute), ward.Part{Input: "temp", State: ward.Implausible, Doubt: ward.ProbeOff, Number: 31, At: now})
		sc.Held, sc.HeldSince = true, before(40*time.Minute)
		s := an()
		s.Doctor, s.BirthDate, s.Sex = "", time.Time{}, ward.SexUnknown
		s.Scale.Number = 2
		s.Limits = []ward.Limit{{Vital: ward.SpO2, Low: 88, High: 92, Since: before(time.Hour), Until: now.Add(70 * time.Hour)}}
		c := base(s, a, sc)
		down := -2
		c.Change = &down // only because inputs are missing: not to be said
		return c
	},
	"signal lost at 7": func() Case {
		a := alert(ward.Clinical, ward.High, 7, cause("signal_lost", ward.High, 8*time.Minute))
		a.Level, a.Next, a.NextAt = 2, ward.DueAccept, now.Add(time.Minute)
		sc := score("news2", ward.High, ward.Part{Input: "rr", State: ward.Stale, Number: 26, At: before(12 * time.Minute)}, ward.Part{Input: "spo2", State: ward.Stale, Number: 91, At: before(12 * time.Minute)},
			ward.Part{Input: "o2", State: ward.Missing})
		sc.Lost, sc.LastData, sc.Held, sc.HeldSince = true, before(12*time.Minute), true, before(12*time.Minute)
		return base(an(), a, sc)
	},
	"comfort care, severe symptom": func() Case {
		a := alert(ward.Clinical, ward.Medium, 0, cause("symptom_severe", ward.Medium, 5*time.Minute))
		s := an()
		s.Care = ward.Care{Status: ward.ComfortCare, Review: now.Add(20 * time.Hour)}
		s.Symptoms = before(5 * time.Minute)
		return base(s, a, score("news2", ward.High, part("rr", 3, 28, time.Minute), ward.Part{Input: "temp", State: ward.Missing}))
	},
	"the monitor raises asystole": func() Case {
		a := alert(ward.DeviceRaise, ward.High, 0, cause("device:asystole", ward.High, time.Minute), cause("device:leads_off", ward.Medium, 3*time.Minute))
		sc := score("news2", ward.High, part("rr", 0, 16, 0), ward.Part{Input: "hr", State: ward.Implausible, Doubt: ward.OutOfRange, At: now})
		sc.Check = "hr"
		c := base(an(), a, sc)
		c.Apart = "unconfirmed_device"
		return c
	},
	"a child, by PEWS": func() Case {
		a := alert(ward.Clinical, ward.High, 9, cause("npews-england", ward.High, 6*time.Minute), cause("device:worried", ward.Medium, 6*time.Minute))
		s := an()
		s.GivenName, s.BirthDate, s.Sex = "Bin", time.Date(2025, 9, 30, 0, 0, 0, 0, time.UTC), ward.Female
		c := base(s, a, score("npews-england", ward.High, part("rr", 2, 58, 0), part("resp_distress", 2, 2, 10*time.Minute), part("spo2", 1, 93, 0), part("oxygen", 2, 0, 10*time.Minute),
			part("hr", 1, 155, 0), part("sbp", 0, 92, 10*time.Minute), part("cap_refill", 1, 3, 10*time.Minute)))
		c.Vitals = []ward.Value{value(ward.O2Source, float64(ward.NasalCannula), 10*time.Minute), value(ward.O2Flow, 2, 10*time.Minute)}
		return c
	},
	"told at 7, now 5, the nurse is there, the doctor has not answered": func() Case {
		a := alert(ward.Clinical, ward.High, 7, cause("news2", ward.High, 6*time.Minute), cause("oxygen_device", ward.Medium, 20*time.Minute))
		a.State, a.Bedside, a.BedsideBy, a.NextAt = ward.AtBedside, before(2*time.Minute), "hoa", now.Add(time.Minute)
		a.Duties[0].Accepted, a.Duties[0].By = before(4*time.Minute), "hoa"
		for _, role := range []ward.Role{ward.RoleCharge, ward.RoleDoctor} {
			a.Duties = append(a.Duties, ward.Duty{Role: role, Level: 1, Told: before(5 * time.Minute), How: ward.HeldByRoster, People: []ward.PersonID{"lan"}})
		}
		return base(an(), a, score("news2", ward.Medium, part("rr", 2, 22, 0), part("spo2", 3, 91, 0)))
	},
	"told at 7, now at least 0, too little known to step down": func() Case {
		a := alert(ward.Clinical, ward.High, 7, cause("news2", ward.High, 6*time.Minute))
		return base(an(), a, score("news2", ward.Unknown, part("rr", 0, 16, 0), ward.Part{Input: "spo2", State: ward.Missing}))
	},
	"told at 7, eased to medium, now 5": func() Case {
		a := alert(ward.Clinical, ward.High, 7, cause("news2", ward.Medium, 16*time.Minute))
		return base(an(), a, score("news2", ward.Medium, part("rr", 2, 22, 0), part("spo2", 3, 91, 0)))
	},
	"three accepted, nobody came": func() Case {
		a := alert(ward.Clinical, ward.High, 8, cause("news2", ward.High, 50*time.Minute))
		a.State, a.Level, a.Told, a.NextAt = ward.Active, 2, before(time.Minute), now.Add(2*time.Minute)
		a.Duties[0].Accepted, a.Duties[0].By, a.Duties[0].Lapsed = before(40*time.Minute), "hoa", true
		a.Duties = append(a.Duties, ward.Duty{Role: ward.RoleDoctor, Level: 1, Told: before(45 * time.Minute), Accepted: before(39 * time.Minute), By: "lan", OnWay: before(38 * time.Minute), Lapsed: true})
		return base(an(), a, score("news2", ward.High, part("rr", 3, 26, 0), part("spo2", 3, 91, 0), part("hr", 2, 120, 0)))
	},
	"told at 5, now 8": func() Case {
		a := alert(ward.Clinical, ward.Medium, 5, cause("news2", ward.Medium, 6*time.Minute))
		return base(an(), a, score("news2", ward.High, part("rr", 3, 26, 0), part("spo2", 3, 91, 0), part("hr", 2, 120, 0)))
	},
	"seen, with a plan, training data": func() Case {
		a := alert(ward.Clinical, ward.Medium, 6, cause("news2", ward.Medium, 3*time.Hour))
		a.State, a.Bedside, a.BedsideBy, a.Rule, a.Until = ward.AtBedside, before(time.Hour), "lan", "plan_in_place", now.Add(2*time.Hour)
		a.Next, a.NextAt = ward.DueReview, a.Until
		a.Duties[0].Accepted, a.Duties[0].By = before(time.Hour), "hoa"
		c := base(an(), a, score("news2", ward.Medium, part("rr", 3, 25, 0), part("spo2", 3, 91, 0)))
		c.Simulation = true
		c.Findings = []Finding{
			{Finding: ward.Finding{Label: "Đông đặc thùy dưới phải", ByPerson: true, Acquired: before(30 * time.Hour), Confirmed: ward.Confirmed}},
			{Finding: ward.Finding{Label: "opacity", Demonstration: true, Acquired: before(time.Hour)}, Kind: "opacity", Unread: true},
		}
		return c
	},
	"nothing measured yet, off the ward": func() Case {
		a := alert(ward.Clinical, ward.LowMedium, 0, cause("return_overdue", ward.LowMedium, 10*time.Minute))
		a.State, a.Until, a.Next, a.NextAt = ward.Snoozed, now.Add(20*time.Minute), ward.DueWarn, now.Add(15*time.Minute)
		s := an()
		s.Off = ward.OffWard{Destination: "CT  ngực\n tầng 2", Since: before(2 * time.Hour), Until: before(time.Hour)}
		s.Care, s.Pregnancy, s.Sex, s.BirthDate = ward.Care{Status: ward.Ceilings}, ward.Postpartum, ward.Female, time.Date(1995, 6, 1, 0, 0, 0, 0, time.UTC)
		return base(s, a, nil)
	},
}

// page is the text as it is read out.
func page(lang string, c *Case) string {
	t := Compose(lang, c)
	return "I: " + t.I + "\nS: " + t.S + "\nB: " + t.B + "\nA: " + t.A + "\nR: " + t.R + "\n"
}

func TestWhatIsSaid(t *testing.T) {
	for name, of := range cases {
		c := of()
		got := page("vi", &c) + "\n" + page("en", &c)
		file := filepath.Join("testdata", strings.NewReplacer(" ", "-", ",", "").Replace(name)+".txt")
		if *update {
			if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("%s (go test -update writes it anew, to be read by a clinician):\n%s\nwant\n%s", name, got, want)
		}
	}
}
