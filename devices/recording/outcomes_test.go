package recording

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"wardwatch/ward"
)

// known reads an outcomes file as text, and its faults.
func known(t testing.TB, content, layout string, o Options) []string {
	t.Helper()
	o.Base = base
	facts, err := OpenOutcomes(file(t, "outcomes.csv", content), layout, o)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for p := range facts.All() {
		got = append(got, fmt.Sprintf("%s %.0f %s %s", p.ID, p.Age, p.Sex, showOutcome(p.Outcome)))
		if same, ok := facts.Find(p.ID); !ok || same.ID != p.ID {
			t.Errorf("%s is not found", p.ID)
		}
	}
	for _, f := range facts.Faults() {
		got = append(got, short(f))
	}
	if n := len(facts.Faults()); facts.Len() != len(got)-n {
		t.Errorf("Len %d", facts.Len())
	}
	return got
}

func TestPlainOutcomes(t *testing.T) {
	same(t, known(t, `patient,event,time,age,sex
A,1,3600,70.5,F
B,0,,40,male
C,,,,
D,true,2026-02-01T09:00:00+07:00,,other
E,maybe,,,
F,1,yesterday,,
G,0,3600,,
H,1,2026-02-01 09:00:00,,
,1,,,
I,1,,200,x
J,1
K,"1,,,
A,1,3600,70.5,F
B,1,,40,male
`, "long", Options{}),
		"A 70 female event true at 1h0m0s",
		"B 40 male unknown", // told of twice, differently
		"C NaN  unknown",
		"D NaN other event true at 2h0m0s",
		"I NaN  event true",
		"row 6: unknown_text (event: write 1 or 0)",
		"row 7: bad_time (time)",
		"row 8: contradiction (a time without an event)",
		"row 9: time_without_zone (time)",
		"row 10: no_patient",
		"row 11: outside_limits (age)",
		"row 11: unknown_text (sex)",
		"row 12: wrong_number_of_columns (2 instead of 5)",
		"row 13: broken_quotes",
		"row 14: patient_repeated",
		"row 15: patient_repeated",
	)
	same(t, known(t, "event,patient\n1,A\n0,B\n", "cinc2019", Options{}), "A NaN  event true", "B NaN  event false")
	same(t, known(t, "patient,event,time\nH,1,2026-02-01 09:00:00\n", "", Options{Zone: time.FixedZone("ICT", 7*3600)}), "H NaN  event true at 2h0m0s")
	same(t, known(t, "patient,event,time\nH,1,90\n", "", Options{Unit: time.Minute}), "H NaN  event true at 1h30m0s")
}

func TestCinC2012Outcomes(t *testing.T) {
	same(t, known(t, "RecordID,set,SAPS-I,SOFA,Length_of_stay,Survival,In-hospital_death\n1,a,16,8,8,-1,0\n2,a,1,1,19,5,1\n3,a,1,1,1,1,-1\n", "cinc2012", Options{}),
		"1 NaN  event false end 48h0m0s", "2 NaN  event true end 48h0m0s", "row 4: unknown_text (In-hospital_death)")
}

func TestMIMICOutcomes(t *testing.T) {
	same(t, known(t, "icustay_id,age,gender,icu_in_to_out_min,icu_in_to_death_min\n1,90+,M,100,90\n2,17,F,100,\n3,20,,100,x\n4,20,,x,\n5,-3,Q,100,\n", "mimic3-demo", Options{}),
		"1 90 male event true at 1h30m0s end 1h30m0s", "2 17 female event false end 1h40m0s", "5 NaN  event false end 1h40m0s",
		"row 4: bad_time (icu_in_to_death_min)", "row 5: bad_time (icu_in_to_out_min)", "row 6: outside_limits (age)", "row 6: unknown_text (sex)")
}

const eicuHead = "patientunitstayid,gender,age,apacheadmissiondx,unitdischargeoffset,hospitaldischargeoffset,unitdischargestatus,hospitaldischargestatus"

func TestEICUOutcomes(t *testing.T) {
	same(t, known(t, eicuHead+`
1,Male,> 89,"Endarterectomy, carotid",60,120,Alive,Alive
2,Female,34,,60,120,Alive,Expired
3,Female,34,,60,120,Expired,Expired
4,,,,60,120,Expired,Alive
5,,,,60,120,Alive,
6,,,,60,120,Expired,
7,,,,60,120,,
8,,,,x,120,Alive,Alive
`, "eicu-demo", Options{}),
		"1 90 male event false end 1h0m0s",
		"2 34 female event true at 2h0m0s end 1h0m0s",
		"3 34 female event true at 1h0m0s end 1h0m0s",
		"5 NaN  unknown", "6 NaN  event true at 1h0m0s end 1h0m0s", "7 NaN  unknown",
		"row 5: contradiction (unitdischargestatus, hospitaldischargestatus)", "row 9: bad_time (unitdischargeoffset)")
}

func TestDayOne(t *testing.T) {
	const columns = "aps_respiratoryrate,aps_heartrate,aps_meanbp,aps_temperature,aps_fio2,aps_pao2,aps_wbc,aps_creatinine,aps_vent,aps_intubated,aps_meds,aps_eyes,aps_verbal,aps_motor"
	cases := []struct{ name, values, want string }{
		{"all of it", "30,120,50,36.4,40,80,11.7,1.14,0,0,0,4,5,6", "consciousness=0 creatinine=1.14 fio2=0.4 gcs=15 hr=120 map=50 o2=1 pao2=80 rr=30 temp=36.4 ventilated=0 wbc=11.7"},
		{"-1 and empty are missing", "-1,120,-1.0,,,,,,,,,4,5,", "hr=120"},
		{"air", ",,,,21,,,,0,0,0,3,4,6", "consciousness=2 fio2=0.21 gcs=13 o2=0 ventilated=0"},
		{"a tube takes the voice", "20,,,,,,,,1,1,0,4,1,6", "o2=1 rr=20 ventilated=1"},
		{"drugs hide the scale", "20,,,,,,,,0,0,1,1,1,1", "rr=20 ventilated=0"},
		{"words with a tube are words", "20,,,,,,,,1,0,0,4,5,6", "consciousness=0 gcs=15 o2=1 rr=20 ventilated=1"},
		{"slips are left out", "20,900,5000,98.6,0.4,5,2000,-3,2,0,0,5,5,6", "rr=20"},
		{"nothing", ",,,,,,,,,,,,,", ""},
	}
	for _, c := range cases {
		facts, err := OpenOutcomes(file(t, "stays.csv", eicuHead+","+columns+"\n1,Male,50,,60,120,Alive,Alive,"+c.values+"\n"), "", Options{Base: base})
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for d := range facts.DayOne() {
			var parts []string
			for _, k := range slices.Sorted(maps.Keys(d.Inputs)) {
				parts = append(parts, fmt.Sprintf("%s=%.5g", k, d.Inputs[k]))
			}
			got = strings.Join(parts, " ")
			if d.Patient != "1" || d.At != base.Add(24*time.Hour) || len(parts) == 0 {
				t.Errorf("%s: %+v", c.name, d)
			}
		}
		if got != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.name, got, c.want)
		}
	}
}

func TestOutcomesThatCannotBeUsed(t *testing.T) {
	cases := []struct {
		name, content, layout string
		says                  []string
	}{
		{"wrong header", "id,died\n1,0\n", "", []string{`"died"`, "plain has patient,event", "In-hospital_death", "unitdischargestatus"}},
		{"another set's", "RecordID,In-hospital_death\n1,0\n", "eicu-demo", []string{`"RecordID"`, "patientunitstayid", "plain has patient,event"}},
		{"a recording", smallLong, "long", []string{`"vital"`, "patient,event"}},
		{"empty", "", "", []string{"empty"}},
		{"only the header", "patient,event\n", "", []string{"only the header"}},
		{"nothing usable", "patient,event\nA,dead\n", "", []string{"row 2", "write 1 or 0"}},
	}
	for _, c := range cases {
		_, err := OpenOutcomes(file(t, "outcomes.csv", c.content), c.layout, Options{})
		for _, s := range c.says {
			if err == nil || !strings.Contains(err.Error(), s) {
				t.Errorf("%s: %v does not say %q", c.name, err, s)
			}
		}
	}
	if _, err := OpenOutcomes(filepath.Join(t.TempDir(), "none.csv"), "", Options{}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
}

// However many rows are bad, few are kept word for word and all are counted.
func TestFaultsAreBounded(t *testing.T) {
	facts, err := OpenOutcomes(file(t, "outcomes.csv", "patient,event\nA,1\n"+strings.Repeat("B,x\n", 1000)), "", Options{})
	if err != nil {
		t.Fatal(err)
	}
	if len(facts.Faults()) != maxFaults || facts.Skipped()[UnknownText] != 1000 {
		t.Errorf("%d kept, %v", len(facts.Faults()), facts.Skipped())
	}
}

func TestCompanion(t *testing.T) {
	dir := t.TempDir()
	write := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	rec := write("dev.csv", smallCinC2012)
	if got := Companion(rec); got != "" {
		t.Errorf("nothing is there, yet %q", got)
	}
	write("stays.csv", eicuHead+"\n")
	if got := Companion(rec); got != "" {
		t.Errorf("another set's: %q", got)
	}
	beside := write("outcomes.csv", "RecordID,In-hospital_death\n1,0\n")
	if got := Companion(rec); got != beside {
		t.Errorf("%q", got)
	}
	if got := Companion(filepath.Join(dir, "none.csv")); got != "" {
		t.Errorf("%q", got)
	}
}

// The real files, counted the way their own columns say.
func TestOutcomesReal(t *testing.T) {
	for _, c := range []struct {
		file                  string
		patients, known, died int
		days                  int
	}{
		{"cinc2012-mortality/outcomes.csv", 8476, 8476, 1233, 0},
		{"mimic3-demo-vitals/stays.csv", 95, 95, 0, 0},
		{"eicu-demo/stays.csv", 1743, 0, 0, 1522},
	} {
		facts, err := OpenOutcomes(real(t, c.file), "", Options{})
		if err != nil {
			t.Fatal(err)
		}
		known, died, days := 0, 0, 0
		for p := range facts.All() {
			if p.Outcome.Known {
				known++
			}
			if p.Outcome.Event {
				died++
			}
		}
		for d := range facts.DayOne() {
			days++
			for name, x := range d.Inputs {
				if math.IsNaN(x) || x < 0 {
					t.Errorf("%s=%v", name, x)
				}
			}
		}
		t.Logf("%s: %d patients, %d known, %d events, %d first days, left out %v", c.file, facts.Len(), known, died, days, facts.Skipped())
		if facts.Len() != c.patients || c.known > 0 && known != c.known || c.died > 0 && died != c.died || days != c.days {
			t.Errorf("%s: expected %+v", c.file, c)
		}
	}
}

func FuzzOutcomes(f *testing.F) {
	for _, s := range []string{
		"patient,event,time,age,sex\nA,1,3600,70,F\nB,0,,,\n\"A\",1,x,,\n",
		"RecordID,In-hospital_death\n1,1\n2,0\n",
		"icustay_id,age,gender,icu_in_to_out_min,icu_in_to_death_min\n1,90+,M,100,90\n",
		eicuHead + ",aps_eyes,aps_verbal,aps_motor,aps_fio2\n1,Male,> 89,\"a, b\",60,120,Alive,Alive,4,5,6,40\n",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		facts, err := readOutcomes(linesOf(content), "", Options{Base: base, Zone: time.UTC}.withDefaults())
		if err != nil {
			return
		}
		if facts.Len() == 0 || len(facts.Faults()) > maxFaults {
			t.Fatalf("%d patients, %d faults", facts.Len(), len(facts.Faults()))
		}
		seen := map[ward.BedID]bool{}
		for p := range facts.All() {
			o := p.Outcome
			switch {
			case !ward.ValidID(string(p.ID)) || seen[p.ID]:
				t.Fatalf("id %q", p.ID)
			case p.Age < 0 || p.Age > maxAge:
				t.Fatalf("age %v", p.Age)
			case !o.Known && o.Event, !o.Event && !o.At.IsZero():
				t.Fatalf("%+v", o)
			}
			seen[p.ID] = true
		}
		for d := range facts.DayOne() {
			for name, x := range d.Inputs {
				if math.IsNaN(x) || math.IsInf(x, 0) || x < 0 && name != "map" {
					t.Fatalf("%s=%v", name, x)
				}
			}
		}
	})
}
