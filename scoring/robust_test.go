package scoring

import (
	"testing"

	"wardwatch/ward"
)

// monitor plays seconds of a monitor that sends a saturation and rates once a second.
func (w *bedside) monitor(from, to int, spo2 float64) ward.Score {
	for s := from; s <= to; s++ {
		w.read(at(float64(s)/60, val(ward.SpO2, spo2), val(ward.HR, 70), val(ward.PR, 70), val(ward.RR, 16)))
	}
	return w.last
}

// Artefacts neither raise nor lower at 1 Hz, a real fall shows once it makes up half a minute, and
// what is too low to believe asks for the patient at once.
func TestRobustValues(t *testing.T) {
	b := newBed(t)
	b.read(at(-1, well()...))
	b.monitor(0, 60, 97)
	s := b.monitor(61, 75, 86)
	if part := s.Parts[inSpO2]; part.Number != 97 || part.Points != 0 {
		t.Fatalf("15 s at 86: the median is %v with %d points", part.Number, part.Points)
	}
	s = b.monitor(76, 95, 86)
	if part := s.Parts[inSpO2]; part.Number != 86 || part.Points != 3 || s.Band != ward.LowMedium {
		t.Fatalf("35 s at 86: the median is %v, band %v", part.Number, s.Band)
	}
	b.monitor(96, 200, 97)
	s = b.monitor(201, 201, 40)
	if part := s.Parts[inSpO2]; s.Check != "spo2" || s.Doubts[ward.SpO2] != ward.OutOfRange || part.State != ward.Present || part.Number != 97 {
		t.Fatalf("one sample of 40: check %q, doubt %q, %+v", s.Check, s.Doubts[ward.SpO2], part)
	}
	s = b.monitor(202, 240, 40)
	if part := s.Parts[inSpO2]; part.State != ward.Implausible || s.Complete || s.Band != ward.Unknown {
		t.Fatalf("half a minute of 40: %+v, band %v", part, s.Band)
	}
	s = b.monitor(241, 243, 97)
	if part := s.Parts[inSpO2]; part.State != ward.Implausible || s.Doubts[ward.SpO2] != ward.TooFewGood || s.Check != "" {
		t.Fatalf("back, too few good yet: %+v, doubt %q", part, s.Doubts[ward.SpO2])
	}
	if s = b.monitor(244, 275, 97); !s.Complete || s.Band != ward.Low || s.Doubts[ward.SpO2] != ward.Believed {
		t.Fatalf("well again: %v %v", s.Complete, s.Band)
	}
}

// A part is as old as the newest sample behind it.
func TestAMedianIsAsOldAsItsNewestSample(t *testing.T) {
	b := newBed(t)
	b.monitor(0, 30, 97)
	poor := val(ward.SpO2, 60)
	poor.Quality = ward.Poor
	s := b.read(at(35.0/60, poor))
	if part := s.Parts[inSpO2]; !part.At.Equal(minutes(0.5)) || part.State != ward.Present {
		t.Fatalf("%+v", part)
	}
}
