package registry

import (
	"fmt"
	"testing"
	"time"

	"wardwatch/ward"
)

func hear(r *Registry, w ward.WardID, bed string, at time.Time) ward.Apart {
	_, why := r.Resolve(ward.Place{Ward: w, Bed: ward.BedID(bed)}, "mon-1", at, time.Second)
	return why
}

// A gateway with a whole ward's credential makes up ten thousand beds.
func TestMadeUpBedsAreBounded(t *testing.T) {
	r := New(gap)
	scored := 0
	for i := range 30_000 {
		if hear(r, "a9", fmt.Sprint("fake-", i), noon) == ward.UnknownBed {
			scored++
		}
	}
	if scored != maxStrangers || r.Strangers() != maxStrangers {
		t.Errorf("%d made-up beds are scored and %d remembered, want %d", scored, r.Strangers(), maxStrangers)
	}
	if why := hear(r, "a9", "fake-0", noon); why != ward.UnknownBed {
		t.Errorf("a bed that has a slot loses it: %v", why)
	}
	if why := hear(r, "a9", "fake-29999", noon); why != ward.Crowded {
		t.Errorf("a bed too many is %v", why)
	}
	if why := hear(r, "b1", "01", noon); why != ward.UnknownBed {
		t.Errorf("another ward is %v: it must not suffer", why)
	}
}

func TestMadeUpWardsAreBounded(t *testing.T) {
	r := New(gap)
	for i := range 30_000 {
		hear(r, ward.WardID(fmt.Sprint("w", i)), "01", noon)
	}
	if n := r.Strangers(); n != maxStrangersAll {
		t.Errorf("%d beds remembered, want %d", n, maxStrangersAll)
	}
}

// A crowded bed that enters the book is known at once, and leaves its slot to another.
func TestASlotIsFreedByTheBookAndByADayOfSilence(t *testing.T) {
	r := New(gap)
	for i := range maxStrangers {
		hear(r, "a9", fmt.Sprint(i), noon)
	}
	if why := hear(r, "a9", "new", noon); why != ward.Crowded {
		t.Fatalf("one too many is %v", why)
	}
	r.SetPlace(Place{Place: ward.Place{Ward: "a9", Bed: "0"}, Since: noon.Add(-time.Hour)})
	if why := hear(r, "a9", "0", noon); why != ward.EmptyBed {
		t.Errorf("a bed in the book is %v", why)
	}
	if why := hear(r, "a9", "new", noon); why != ward.UnknownBed {
		t.Errorf("the freed slot was not given: %v", why)
	}
	day := noon.Add(strangerLife + time.Second)
	hear(r, "a9", "1", day)
	for i := range maxStrangers - 1 {
		if why := hear(r, "a9", fmt.Sprint("later-", i), day); why != ward.UnknownBed {
			t.Fatalf("bed %d of the next day is %v", i, why)
		}
	}
	if why := hear(r, "a9", "1", day); why != ward.UnknownBed {
		t.Errorf("the bed that goes on sending lost its slot: %v", why)
	}
}
