package scoring

import (
	"math/rand/v2"
	"testing"
	"time"

	"wardwatch/ward"
)

// second is one reading of a full monitor: every vital, noisy, with a cuff pressure measured each
// quarter of an hour.
func second(n int, random *rand.Rand) *ward.Reading {
	t := eight.Add(time.Duration(n) * time.Second)
	cuff := eight.Add(time.Duration(n/900) * 15 * time.Minute)
	noisy := func(v ward.Vital, mean, spread float64) ward.Value {
		return ward.Value{Vital: v, Number: mean + float64(int(random.NormFloat64()*spread)), At: t}
	}
	return &ward.Reading{Taken: t, At: t, Arrived: t, Values: []ward.Value{
		noisy(ward.HR, 88, 3), noisy(ward.PR, 88, 3), noisy(ward.RR, 19, 2), noisy(ward.SpO2, 94, 1),
		{Vital: ward.SBP, Number: 118, At: cuff}, {Vital: ward.DBP, Number: 70, At: cuff}, {Vital: ward.MAP, Number: 86, At: cuff},
		{Vital: ward.Temp, Number: 37.2, At: t}, {Vital: ward.FiO2, Number: 0.35, At: t}, {Vital: ward.O2Source, Number: float64(ward.Venturi), At: t},
		{Vital: ward.ACVPU, Number: 0, At: t},
	}}
}

// One bed at 1 Hz with everything on: windows full, own limits and usual values, scale 2, oxygen.
func BenchmarkStep(b *testing.B) {
	random := rand.New(rand.NewPCG(1, 2))
	readings := make([]*ward.Reading, 3600)
	for i := range readings {
		readings[i] = second(i, random)
	}
	w := newBed(b)
	w.stay = &ward.Stay{
		BirthDate: eight.AddDate(-60, 0, 0), Admitted: eight, Scale: ward.SpO2Scale{Number: 2, Since: eight},
		Limits: []ward.Limit{
			{Vital: ward.SpO2, Low: 88, Usual: 91, Until: eight.AddDate(1, 0, 0)},
			{Vital: ward.SBP, Low: 95, High: 180, Usual: 130, Until: eight.AddDate(1, 0, 0)},
		},
	}
	i := 0
	b.ReportAllocs()
	for b.Loop() {
		if i == len(readings) {
			i, w.state = 0, State{}
		}
		r := readings[i]
		w.last = ward.Score{}
		w.wake = w.state.step(&w.p, w.stay, r, r.Arrived, &w.last)
		i++
	}
}
