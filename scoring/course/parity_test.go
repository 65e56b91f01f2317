package course

import (
	"encoding/json"
	"math"
	"os"
	"testing"
	"time"

	"wardwatch/ward"
)

// generated is testdata/parity.json: people made up by training, with what its reader of
// features.json makes of them.
type generated struct {
	SpecSHA256 string `json:"spec_sha256"`
	Features   []string
	People     []struct {
		What      string
		Age, Male *float64
		Rows      []struct {
			Hour     int64
			Inputs   map[string]float64
			Dropped  []string
			Labs     map[string]float64
			Expected []*float64
		}
	}
}

func TestFeaturesEqualTraining(t *testing.T) {
	raw, err := os.ReadFile("testdata/parity.json")
	if err != nil {
		t.Fatal(err)
	}
	var f generated
	if err := json.Unmarshal(raw, &f); err != nil {
		t.Fatal(err)
	}
	spec := Default()
	if f.SpecSHA256 != spec.SHA256() {
		t.Fatal("parity.json was made of another features.json: run `python -m wardwatch_training.fixture` in training/")
	}
	plan, err := spec.Compile(f.Features)
	if err != nil {
		t.Fatal(err)
	}
	compared := 0
	for _, person := range f.People {
		var c Course
		who := Who{orNaN(person.Age), orNaN(person.Male)}
		for _, row := range person.Rows {
			values := nothing()
			for name, number := range row.Inputs {
				v, _ := ward.VitalNamed(name)
				values[v] = number
			}
			spec.Believe(&values)
			for _, name := range row.Dropped {
				if v, _ := ward.VitalNamed(name); !math.IsNaN(values[v]) {
					t.Errorf("%s, hour %d: %s is believed, not so in training", person.What, row.Hour, name)
				}
			}
			takeHour(&c, row.Hour, &values, row.Labs)
			if row.Expected == nil {
				continue
			}
			got := make([]float32, plan.Len())
			plan.Fill(&c, who, hourAt(row.Hour).Add(59*time.Minute), got)
			for i, want := range row.Expected {
				compared++
				if !equal(got[i], orNaN(want)) {
					t.Errorf("%s, hour %d: %s is %v, training has %v", person.What, row.Hour, f.Features[i], got[i], orNaN(want))
				}
			}
		}
	}
	t.Logf("%d people, %d numbers equal", len(f.People), compared)
	if compared < 5000 {
		t.Errorf("only %d numbers compared", compared)
	}
}

func nothing() (values [ward.NumVitals]float64) {
	for v := range values {
		values[v] = math.NaN()
	}
	return values
}

// takeHour takes one row of hourly data in, measured at some minute of its hour.
func takeHour(c *Course, hour int64, values *[ward.NumVitals]float64, labs map[string]float64) {
	at := hourAt(hour).Add(17 * time.Minute)
	for v, number := range values {
		if !math.IsNaN(number) {
			c.Take(ward.Vital(v), number, at.UnixMilli())
		}
	}
	for name, number := range labs {
		c.TakeLab(&ward.Lab{Name: name, Number: number, At: at})
	}
}

func hourAt(hour int64) time.Time { return time.Unix(hour*hourS, 0) }

func orNaN(x *float64) float64 {
	if x == nil {
		return math.NaN()
	}
	return *x
}

// equal to a millionth, which is a float32's own precision where the number is large; what lies in
// the middle between two millionths may fall to either.
func equal(got float32, want float64) bool {
	if math.IsNaN(want) {
		return math.IsNaN(float64(got))
	}
	return math.Abs(float64(got)-want) <= 1.1e-6*math.Max(1, math.Abs(want))
}
