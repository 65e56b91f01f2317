package validate

import (
	"math"
	"math/rand/v2"
	"testing"

	"wardwatch/ward"
)

// generated are rows as of a ward of such patients: a true risk that the model sees in part, and a
// NEWS2 and a plain regression that see less of it. They are calibrated by design.
func generated(patients, hours int, seed uint64) []Row {
	rng := rand.New(rand.NewPCG(seed, 1))
	rows := make([]Row, 0, patients*hours)
	for p := range patients {
		base := -4.5 + rng.NormFloat64()
		age := 18 + 75*rng.Float64()
		sex := []ward.Sex{ward.Female, ward.Male}[rng.IntN(2)]
		for h := range hours {
			x := base + 0.7*rng.NormFloat64()
			event := rng.Float64() < sigmoid(x)
			label := Label{Eligible: true, Event: event, HoursToEvent: math.NaN()}
			if event {
				label.HoursToEvent = float64(1 + rng.IntN(6))
			}
			rows = append(rows, Row{
				Patient: int32(p), Hour: int32(h), Label: label, P: sigmoid(x), Age: age, Sex: sex,
				News2:    min(max(int(math.Round(6+x+1.5*rng.NormFloat64())), Unscored), 20),
				Logistic: sigmoid(x + 0.8*rng.NormFloat64()),
			})
		}
	}
	return rows
}

func options() Options {
	return Options{Task: ward.Deterioration, Model: Model{ID: "generated", Version: "1", Threshold: 0.05}, Seed: 1, Workers: 2}
}

func BenchmarkMeasure(b *testing.B) {
	rows := generated(15000, 40, 1)
	o := options()
	o.Resamples = 500
	for b.Loop() {
		if _, err := Measure(b.Context(), rows, o); err != nil {
			b.Fatal(err)
		}
	}
}
