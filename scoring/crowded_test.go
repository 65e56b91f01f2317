package scoring

import (
	"testing"

	"wardwatch/ward"
)

// Readings that ingest has set aside as one made-up bed too many are not scored and hold no state.
func TestCrowdedBedsAreNotScored(t *testing.T) {
	scores := 0
	e := NewEngine(Options{
		Policy: DefaultPolicy(lib), Stay: func(ward.StayID) *ward.Stay { return nil },
		Scored: func(*ward.Score, *ward.Reading) { scores++ }, Record: func([]ward.Score) {},
	})
	known, crowded := *at(0, well()...), *at(0, well()...)
	known.Apart, crowded.Apart = ward.UnknownBed, ward.Crowded
	known.Place.Bed, crowded.Place.Bed = "1", "2"
	e.Take([]ward.Reading{known, crowded})
	if scores != 1 || e.Beds() != 1 {
		t.Errorf("%d scores, %d beds", scores, e.Beds())
	}
}
