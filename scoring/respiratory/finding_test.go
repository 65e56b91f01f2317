package respiratory

import (
	"testing"
	"time"

	"wardwatch/ward"
)

func seenOn(code string, hoursAgo float64, change func(*ward.Finding)) ward.Finding {
	f := ward.Finding{
		ID: code, Stay: somebody, Source: "pacs", Model: "cxr", Region: "chest", Code: code, Score: 0.9, StudyUID: "1.2", Acquired: noon.Add(-span(hoursAgo)),
	}
	if change != nil {
		change(&f)
	}
	return f
}

func confirmed(f *ward.Finding) { f.Confirmed = ward.Confirmed }

// What a finding counts for, by kind, by who has read it, and by its age: one band less while it fades.
func TestEachFinding(t *testing.T) {
	for _, c := range []struct {
		code, unread, confirmed, unreadFading, confirmedFading, context string
	}{
		{"36118008", "pneumothorax:medium:unread", "pneumothorax:high", "pneumothorax:low_medium:unread", "pneumothorax:medium", "pneumothorax:low"},
		{"Pulmonary Edema", "oedema:low_medium:unread", "oedema:medium", "oedema:low:unread", "oedema:low_medium", "oedema:low"},
		{"RID43255", "consolidation:low_medium:unread", "consolidation:medium", "consolidation:low:unread", "consolidation:low_medium", "consolidation:low"},
		{"pneumonia", "consolidation:low_medium:unread", "consolidation:medium", "consolidation:low:unread", "consolidation:low_medium", "consolidation:low"},
		{"Lung_Opacity", "opacity:low_medium:unread", "opacity:low_medium", "opacity:low:unread", "opacity:low", "opacity:low"},
		{"60046008", "effusion:low_medium:unread", "effusion:low_medium", "effusion:low:unread", "effusion:low", "effusion:low"},
		{"233703007", "interstitial:low:unread", "interstitial:low", "interstitial:low:unread", "interstitial:low", "interstitial:low"},
		{"Emphysema", "emphysema:low:unread", "emphysema:low", "emphysema:low:unread", "emphysema:low", "emphysema:low"},
		{"cardiomegaly", "", "", "", "", ""},
	} {
		for _, age := range []struct {
			hours             float64
			unread, wasAgreed string
		}{
			{0, c.unread, c.confirmed}, {24, c.unread, c.confirmed}, {-0.05, c.unread, c.confirmed},
			{24.1, c.unreadFading, c.confirmedFading}, {72, c.unreadFading, c.confirmedFading},
			{72.1, mark(c.context), c.context}, {720, mark(c.context), c.context}, {720.1, "", ""},
			{-0.1, mark(c.context), c.context}, // to come: its time cannot be right
		} {
			in := given(t, well)
			in.Findings = []ward.Finding{seenOn(c.code, age.hours, nil)}
			if v := View(Default(), in); codes(v) != age.unread {
				t.Errorf("%s, %v h, unread: %s", c.code, age.hours, codes(v))
			}
			in.Findings[0].Confirmed = ward.Confirmed
			if v := View(Default(), in); codes(v) != age.wasAgreed {
				t.Errorf("%s, %v h, confirmed: %s", c.code, age.hours, codes(v))
			}
			in.Findings[0].Confirmed = ward.Rejected
			if v := View(Default(), in); len(v.Rows) > 0 {
				t.Errorf("%s, %v h, rejected: %s", c.code, age.hours, codes(v))
			}
		}
	}
}

// The figures of ROX and S/F are adults'; what is seen on an image is said of a child too.
func TestAChildsFinding(t *testing.T) {
	in := given(t, "spo2=80 fio2=0.9 rr=50 device=non_rebreather")
	in.Years, in.HasAge = 3, true
	in.Findings = []ward.Finding{seenOn("pneumonia", 1, nil)}
	v := View(Default(), in)
	if codes(v) != "consolidation:low_medium:unread" || v.Withheld != ward.WithheldAge || v.Band != ward.LowMedium || v.Complete {
		t.Errorf("%s, %+v", codes(v), v)
	}
}

func mark(row string) string {
	if row == "" {
		return ""
	}
	return row + ":unread"
}

func TestWhichFindingsCount(t *testing.T) {
	const ptx = "pneumothorax"
	for _, c := range []struct {
		name   string
		change func(*ward.Finding)
		rows   string
	}{
		{"of somebody else", func(f *ward.Finding) { f.Stay = "stay-2" }, ""},
		{"of nobody yet", func(f *ward.Finding) { f.Stay = "" }, ""},
		{"of an unknown age", func(f *ward.Finding) { f.Acquired = time.Time{} }, "pneumothorax:low:unread"},
		{"score at the least", func(f *ward.Finding) { f.Score = 0.5 }, "pneumothorax:medium:unread"},
		{"score under the least", func(f *ward.Finding) { f.Score = 0.49 }, ""},
		{"score under the least, confirmed", func(f *ward.Finding) { f.Score = 0.49; confirmed(f) }, "pneumothorax:high"},
	} {
		in := given(t, well)
		in.Findings = []ward.Finding{seenOn(ptx, 1, c.change)}
		v := View(Default(), in)
		if codes(v) != c.rows {
			t.Errorf("%s: %s", c.name, codes(v))
		}
		for _, r := range v.Rows {
			if r.Finding != ptx {
				t.Errorf("%s: the row does not name its finding: %+v", c.name, r)
			}
		}
	}
	in := given(t, well)
	in.Stay = ""
	in.Findings = []ward.Finding{seenOn(ptx, 1, func(f *ward.Finding) { f.Stay = "" })}
	if v := View(Default(), in); len(v.Rows) > 0 {
		t.Error("nobody's finding counts for nobody")
	}
}

// Of several the one that raises most is shown, then the newest.
func TestTheWorstFindingIsShown(t *testing.T) {
	in := given(t, well)
	name := func(id string, also func(*ward.Finding)) func(*ward.Finding) {
		return func(f *ward.Finding) {
			f.ID = id
			if also != nil {
				also(f)
			}
		}
	}
	in.Findings = []ward.Finding{
		seenOn("consolidation", 20, name("unread", nil)),
		seenOn("consolidation", 23, name("agreed, old", confirmed)),
		seenOn("consolidation", 22, name("agreed", confirmed)),
		seenOn("consolidation", 50, name("context", confirmed)),
	}
	v := View(Default(), in)
	if len(v.Rows) != 1 || v.Rows[0].Finding != "agreed" || v.Rows[0].Unread {
		t.Errorf("%+v", v.Rows)
	}
}

// How many findings wait to be read, whichever of them is shown.
func TestHowManyWait(t *testing.T) {
	sided := func(side string, hours float64, also func(*ward.Finding)) ward.Finding {
		return seenOn("pneumothorax", hours, func(f *ward.Finding) {
			f.ID, f.Laterality = side, side
			if also != nil {
				also(f)
			}
		})
	}
	for _, c := range []struct {
		name     string
		findings []ward.Finding
		want     int
	}{
		{"confirmed left, unread right", []ward.Finding{sided("left", 2, confirmed), sided("right", 2, nil)}, 1},
		{"both unread", []ward.Finding{sided("left", 2, nil), sided("right", 2, nil)}, 2},
		{"both confirmed", []ward.Finding{sided("left", 2, confirmed), sided("right", 2, confirmed)}, 0},
		{"one fading", []ward.Finding{sided("left", 30, nil), sided("right", 2, nil)}, 2},
		{"one context", []ward.Finding{sided("left", 80, nil), sided("right", 2, nil)}, 1},
		{"one taken back", []ward.Finding{sided("left", 2, func(f *ward.Finding) { f.Retracted = noon }), sided("right", 2, nil)}, 1},
	} {
		in := given(t, well)
		in.Findings = c.findings
		v := View(Default(), in)
		if len(v.Rows) != 1 || v.Rows[0].Waiting != c.want || v.Rows[0].Joint {
			t.Errorf("%s: %+v", c.name, v.Rows)
		}
	}
	opacity := func(id, side string, also func(*ward.Finding)) ward.Finding {
		return seenOn("opacity", 2, func(f *ward.Finding) {
			f.ID, f.Laterality = id, side
			if also != nil {
				also(f)
			}
		})
	}
	in := given(t, "spo2=94 fio2=0.4 rr=18 device=venturi")
	in.Findings = []ward.Finding{opacity("a", "left", nil), opacity("b", "right", nil), opacity("c", "right", confirmed), opacity("d", "bilateral", confirmed)}
	for _, r := range View(Default(), in).Rows {
		if r.Code == "sf_opacities" && (r.Waiting != 2 || !r.Joint || r.Unread) {
			t.Errorf("%+v", r)
		}
	}
}

// Opacities of both lungs with S/F of 315 or less: the oxygenation and the imaging part of the
// global definition of ARDS meet.
func TestOpacitiesOfBothLungs(t *testing.T) {
	side := func(code, study, laterality string, agreed bool) ward.Finding {
		return seenOn(code, 2, func(f *ward.Finding) {
			f.StudyUID, f.Laterality = study, laterality
			if agreed {
				f.Confirmed = ward.Confirmed
			}
		})
	}
	const hypoxic, enough = "spo2=94.5 fio2=0.3 rr=18 device=venturi", "spo2=95 fio2=0.3 rr=18 device=venturi"
	for _, c := range []struct {
		name, given string
		findings    []ward.Finding
		want        ward.Band // of the row; low: not there
		unread      bool
	}{
		{"both, confirmed", hypoxic, []ward.Finding{side("consolidation", "1", "bilateral", true)}, ward.High, false},
		{"both, unread", hypoxic, []ward.Finding{side("opacity", "1", "B", false)}, ward.Medium, true},
		{"both, S/F over 315", enough, []ward.Finding{side("opacity", "1", "B", true)}, ward.Low, false},
		{"both, SpO2 98", "spo2=98 fio2=0.4 rr=18 device=venturi", []ward.Finding{side("opacity", "1", "B", true)}, ward.Low, false},
		{"one side", hypoxic, []ward.Finding{side("opacity", "1", "left", true)}, ward.Low, false},
		{"side not said", hypoxic, []ward.Finding{side("opacity", "1", "", true)}, ward.Low, false},
		{"left and right of one study", hypoxic, []ward.Finding{side("opacity", "1", "left", true), side("pneumonia", "1", "R", true)}, ward.High, false},
		{"one of them unread", hypoxic, []ward.Finding{side("opacity", "1", "left", true), side("pneumonia", "1", "R", false)}, ward.Medium, true},
		{"left and right of two studies", hypoxic, []ward.Finding{side("opacity", "1", "left", true), side("opacity", "2", "right", true)}, ward.Low, false},
		{"left and right of no study", hypoxic, []ward.Finding{side("opacity", "", "left", true), side("opacity", "", "right", true)}, ward.Low, false},
		{"effusions are no opacities", hypoxic, []ward.Finding{side("effusion", "1", "bilateral", true)}, ward.Low, false},
		{"confirmed goes before unread", hypoxic, []ward.Finding{side("opacity", "1", "B", false), side("opacity", "2", "B", true)}, ward.High, false},
	} {
		in := given(t, c.given)
		in.Findings = c.findings
		got, unread := ward.Low, false
		for _, r := range View(Default(), in).Rows {
			if r.Code == "sf_opacities" {
				got, unread = r.Band, r.Unread
				if r.Finding == "" || r.Limit != 315 {
					t.Errorf("%s: %+v", c.name, r)
				}
			}
		}
		if got != c.want || unread != c.unread {
			t.Errorf("%s: %s, unread %v", c.name, got, unread)
		}
	}
	in := given(t, hypoxic)
	in.Findings = []ward.Finding{side("opacity", "1", "B", true)}
	in.Findings[0].Acquired = noon.Add(-span(24.1))
	if v := View(Default(), in); codes(v) != "sf_315:medium sf_opacities:medium opacity:low" {
		t.Errorf("an older image counts for less: %s", codes(v))
	}
	in.Findings[0].Acquired = noon.Add(-span(72.1))
	if v := View(Default(), in); codes(v) != "sf_315:medium opacity:low" {
		t.Errorf("a still older one is context: %s", codes(v))
	}
}
