package course

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"

	"wardwatch/ward"
)

// The program keeps exactly what its own specification speaks of.
func TestDefaultFitsTheProgram(t *testing.T) {
	s := Default()
	if len(s.Inputs()) != numInputs || len(s.Labs()) != numLabs || len(s.signals) != numKept {
		t.Errorf("%d inputs of %d, %d laboratory values of %d, %d signals of %d", len(s.Inputs()), numInputs, len(s.Labs()), numLabs, len(s.signals), numKept)
	}
	for name := range s.signals {
		if _, err := s.Compile([]string{name + ".sd.all"}); err != nil {
			t.Error(err)
		}
	}
	if sum := sha256.Sum256(features); s.SHA256() != hex.EncodeToString(sum[:]) || s.Version() == "" {
		t.Errorf("version %q, hash %q", s.Version(), s.SHA256())
	}
	if b := s.Believes()[ward.RR]; b != [2]float64{1, 80} || len(s.Believes()) != numInputs || s.MinPulse() != 10 {
		t.Errorf("believes %v, pulse pressure from %v", s.Believes(), s.MinPulse())
	}
	if in := s.Inputs()[inSpO2]; in != (Input{ward.SpO2, "%", 50, 100}) {
		t.Errorf("SpO2 is %v", in)
	}
}

func TestBrokenSpecifications(t *testing.T) {
	change := func(old, new string) string {
		if !strings.Contains(string(features), old) {
			t.Fatalf("features.json has no %s any more: mend this test", old)
		}
		return strings.Replace(string(features), old, new, 1)
	}
	for _, x := range []struct{ file, says string }{
		{"", "line 1: EOF"},
		{"{\n\n  \"version\": 1}", "line 3: json: cannot unmarshal number"},
		{change(`"hours": 24,`, `"hours": 24`), "line 4: invalid character"},
		{string(features) + "{}", "text after the end"},
		{change(`"version"`, `"verzion"`), `unknown field "verzion"`},
		{change(`"version": "1"`, `"version": ""`), `no "version"`},
		{change(`"hours": 24`, `"hours": 48`), "this program keeps 24"},
		{change(`"min_pulse": 10`, `"min_pulse": -1`), "negative"},
		{change(`"etco2": {`, `"cvp": {`), `input "cvp": this program keeps no such vital; it keeps [hr`},
		{change(`"etco2": {`, `"o2_flow": {`), `input "o2_flow"`},
		{change("[50, 100]", "[100, 50]"), `input "spo2": "believe" is [100 50]: give [low, high]`},
		{change("[50, 100]", "[50, 50]"), "is [50 50]"},
		{change("[50, 100]", "[50, 1000]"), "from 0 to 650"},
		{change(`"lactate":`, `"lactat":`), `laboratory value "lactat": this program keeps none of that name; it keeps base_excess`},
		{change(`"rr":    {"first_of": ["rr"]}`, `"rr": {}`), `signal "rr": give first_of, ratio or difference`},
		{change(`{"first_of": ["rr"]}`, `{"first_of": ["rr"], "ratio": ["rr", "hr"]}`), "not several"},
		{change(`{"first_of": ["rr"]}`, `{"first_of": []}`), "made of 0 inputs"},
		{change(`["hr", "sbp"]`, `["hr"]`), `signal "shock_index": made of 1 inputs: name two`},
		{change(`["hr", "sbp"]`, `["hr", "sbp", "rr"]`), "made of 3 inputs"},
		{change(`["hr", "sbp"]`, `["hr", "sf"]`), `made of "sf", which is not among "inputs"`},
		{change(`"shock_index"`, `"shock.index"`), "choose another name"},
		{change(`"shock_index"`, `"age"`), "choose another name"},
	} {
		s, err := Parse([]byte(x.file))
		if err == nil || s != nil || !strings.Contains(err.Error(), x.says) {
			t.Errorf("said %v, want %q", err, x.says)
		}
	}
}

func TestNamesOfFeatures(t *testing.T) {
	for _, x := range []struct{ name, says string }{
		{"hr.last.24", ""}, {"rr.over.24.5.6", ""}, {"rr.over.-1.6", ""}, {"lab.ph.48", ""}, {"sf.sd.all", ""},
		{"", `no signal ""`}, {"bp.last.24", `no signal "bp"`}, {"Age", `no signal "Age"`},
		{"hr", "say SIGNAL.OPERATOR.HOURS"}, {"hr.last", "say SIGNAL.OPERATOR.HOURS"},
		{"hr.median.6", `no operator "median": there are last, mean`},
		{"hr.last.0", "give 1 to 24"}, {"hr.last.25", "give 1 to 24"}, {"hr.last.-1", "give 1 to 24"}, {"hr.last.x", "give 1 to 24"}, {"hr.last.", "give 1 to 24"},
		{"hr.last.all", "last is not kept over all hours"}, {"hr.slope.all", "slope is not kept"}, {"hr.over.90.all", "over is not kept"},
		{"hr.mean.3.6", "mean takes hours only"},
		{"hr.over.6", "over takes a number and hours"}, {"hr.over.x.6", "over takes a number"}, {"hr.under.NaN.6", "under takes a number"}, {"hr.under.Inf.6", "under takes a number"},
		{"lab.ph", "say lab.NAME.HOURS"}, {"lab", "say lab.NAME.HOURS"}, {"lab.gold.24", `no laboratory value "gold"`}, {"lab.ph.all", "give 1 to 8784"}, {"lab.ph.0", "give 1 to"},
	} {
		plan, err := Default().Compile([]string{"age", x.name})
		switch {
		case x.says == "" && (err != nil || plan.Len() != 2):
			t.Errorf("%q: %v", x.name, err)
		case x.says != "" && (err == nil || plan != nil || !strings.Contains(err.Error(), x.says) || !strings.Contains(err.Error(), `feature "`+x.name)):
			t.Errorf("%q: said %v, want %q", x.name, err, x.says)
		}
	}
	if _, err := Default().Compile([]string{"x.last.1", "y.last.1"}); err == nil || strings.Count(err.Error(), "no signal") != 2 {
		t.Errorf("each wrong name is told: %v", err)
	}
}

// A specification may speak of a signal that the program keeps no statistics of, as long as no
// feature asks for them.
func TestSignalThatIsNotKept(t *testing.T) {
	s, err := Parse([]byte(strings.Replace(string(features), `"ratio": ["hr", "sbp"]`, `"ratio": ["hr", "map"]`, 1)))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Compile([]string{"shock_index.mean.24"}); err != nil {
		t.Error(err)
	}
	if _, err := s.Compile([]string{"shock_index.mean.all"}); err == nil || !strings.Contains(err.Error(), "keeps no statistics") {
		t.Errorf("said %v", err)
	}
}

func TestBelieve(t *testing.T) {
	type set = map[ward.Vital]float64
	for _, x := range []struct {
		what     string
		measured set
		believed set
	}{
		{"all of it", set{ward.HR: 80, ward.SBP: 120, ward.DBP: 70, ward.MAP: 87}, set{ward.HR: 80, ward.SBP: 120, ward.DBP: 70, ward.MAP: 87}},
		{"at the limits", set{ward.RR: 1, ward.SpO2: 100, ward.FiO2: 0.21}, set{ward.RR: 1, ward.SpO2: 100, ward.FiO2: 0.21}},
		{"beyond them", set{ward.RR: 0, ward.SpO2: 49, ward.FiO2: 40, ward.HR: 70}, set{ward.HR: 70}},
		{"a pulse pressure of 9", set{ward.SBP: 99, ward.DBP: 90, ward.HR: 70}, set{ward.HR: 70}},
		{"a pulse pressure of 10", set{ward.SBP: 100, ward.DBP: 90}, set{ward.SBP: 100, ward.DBP: 90}},
		{"the mean over the systolic", set{ward.SBP: 100, ward.MAP: 100}, set{}},
		{"the mean under the diastolic", set{ward.DBP: 70, ward.MAP: 70}, set{}},
		{"an impossible systolic says nothing of the others", set{ward.SBP: 20, ward.DBP: 70, ward.MAP: 80}, set{ward.DBP: 70, ward.MAP: 80}},
		{"what is no input", set{ward.O2Flow: 4, ward.ACVPU: 0}, set{ward.O2Flow: 4, ward.ACVPU: 0}},
	} {
		values := nothing()
		for v, n := range x.measured {
			values[v] = n
		}
		Default().Believe(&values)
		for v, n := range values {
			want, ok := x.believed[ward.Vital(v)]
			if ok && n != want || !ok && n == n {
				t.Errorf("%s: %v is %v, want %v %v", x.what, ward.Vital(v), n, want, ok)
			}
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(features)
	f.Add([]byte(`{"version":"1","hours":24,"signals":{"x":{"first_of":["hr"]}}}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		s, err := Parse(raw)
		if (s == nil) == (err == nil) {
			t.Fatalf("a specification %v and an error %v", s, err)
		}
		if err != nil {
			return
		}
		var c Course
		for name := range s.signals {
			plan, err := s.Compile([]string{name + ".slope.24"})
			if err != nil {
				t.Fatalf("signal %q: %v", name, err)
			}
			plan.Fill(&c, Who{}, hourAt(1), make([]float32, plan.Len()))
			s.Newest(&c, name, hourAt(1))
		}
	})
}

func FuzzCompile(f *testing.F) {
	for _, name := range []string{"age", "hr.last.24", "rr.over.24.5.6", "sf.sd.all", "lab.ph.48", "shock_index.slope.6", "hr.over.6", "x.mean.99"} {
		f.Add(name)
	}
	full := courseOf(f, said{"08:00", ward.HR, 80}, said{"09:00", ward.HR, 90}, said{"+2 10:00", ward.HR, 70}, said{"+2 10:00", ward.SBP, 100})
	f.Fuzz(func(t *testing.T, name string) {
		plan, err := Default().Compile([]string{name})
		if (plan == nil) == (err == nil) {
			t.Fatalf("a plan %v and an error %v", plan, err)
		}
		if err == nil {
			plan.Fill(full, Who{}, clock(t, "+2 10:30"), make([]float32, plan.Len()))
		}
	})
}
