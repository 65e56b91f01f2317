package ward

import (
	"reflect"
	"time"
)

// Stay is one person's stay, from admission to discharge. Places are joined to it by dated rows
// (Lying), so that a reading belongs to the stay that held the place when it was measured.
type Stay struct {
	ID         StayID
	HospitalID string    // the hospital's patient number; identifying: never leaves the book and the screens
	FamilyName string    // identifying
	GivenName  string    // identifying
	BirthDate  time.Time // midnight UTC of the day; zero when unknown
	Sex        Sex
	Pregnancy  Pregnancy

	Scale  SpO2Scale
	Limits []Limit // the person's own; at most one a vital in force at a time
	Care   Care
	Off    OffWard
	Nurse  PersonID // of this shift; empty when unassigned
	Doctor PersonID

	NurseSince  time.Time // when the nurse was assigned; zero when unassigned
	DoctorSince time.Time
	Symptoms    time.Time // the last symptom check in comfort care; zero: none

	Place     Place // where they lie now; the last place once ended
	Admitted  time.Time
	Ended     time.Time // zero while here
	EndReason string    // discharged, transferred_out, died; empty while here
}

// Same reports whether two records of a stay say the same.
func (s *Stay) Same(o *Stay) bool { return reflect.DeepEqual(s, o) }

// AgeAt is the age in whole years at t; ok is false when the birth date is unknown.
func (s Stay) AgeAt(t time.Time) (years int, ok bool) {
	if s.BirthDate.IsZero() {
		return 0, false
	}
	b := s.BirthDate
	years = t.Year() - b.Year()
	if t.Month() < b.Month() || t.Month() == b.Month() && t.Day() < b.Day() {
		years--
	}
	return years, true
}

// Sex as recorded.
type Sex string

// Sexes.
const (
	SexUnknown Sex = ""
	Female     Sex = "female"
	Male       Sex = "male"
	OtherSex   Sex = "other"
)

// Pregnancy matters to charts: NEWS2 is not to be used in pregnancy (RCP 2017) nor, by our rule,
// until six weeks after it.
type Pregnancy string

// Pregnancy states.
const (
	NotPregnant Pregnancy = ""
	Pregnant    Pregnancy = "pregnant"
	Postpartum  Pregnancy = "postpartum" // within six weeks
)

// SpO2Scale is a doctor's order. Scale 2 (target 88–92 %) is only for confirmed hypercapnic
// respiratory failure and must name its prescriber and reason (RCP NEWS2, 2017).
type SpO2Scale struct {
	Number     int // 1 or 2; zero means 1
	Prescriber PersonID
	Reason     string
	Since      time.Time
}

// Limit is a doctor's order for one vital of one person: limits that stand in place of the ward's,
// or what is usual for them. It never changes a chart's points and ends by itself.
type Limit struct {
	Vital  Vital
	Low    float64 // a value under it is beyond the limit; 0: none
	High   float64 // a value over it is beyond the limit; 0: none
	Usual  float64 // the person's own usual value; 0: not given
	By     PersonID
	Reason string
	Since  time.Time
	Until  time.Time // when it lapses; never zero
}

// LimitAt finds the person's own limit of a vital in force at t.
func (s *Stay) LimitAt(v Vital, t time.Time) (*Limit, bool) {
	for i := range s.Limits {
		l := &s.Limits[i]
		if l.Vital == v && !t.Before(l.Since) && t.Before(l.Until) {
			return l, true
		}
	}
	return nil, false
}

// Care is a doctor's order about treatment.
type Care struct {
	Status CareStatus
	By     PersonID
	Since  time.Time
	Review time.Time // when it must be looked at again; zero when not set
}

// CareStatus says how far treatment goes. Resuscitation status alone changes nothing here.
type CareStatus string

// Care statuses.
const (
	FullCare    CareStatus = ""
	Ceilings    CareStatus = "ceilings" // limits to treatment; alerts go on
	ComfortCare CareStatus = "comfort"
)

// OffWard pauses alerts while the person is elsewhere, with a time by which they are expected.
type OffWard struct {
	Destination string
	Since       time.Time
	Until       time.Time // zero when on the ward
}

// Lying is one dated row: a stay held a place from From until To (zero: still).
type Lying struct {
	Stay     StayID
	Place    Place
	From, To time.Time
}

// Attachment is one dated row: a device stood at a place from From until To (zero: still).
type Attachment struct {
	Device    DeviceID
	Place     Place
	From, To  time.Time
	Confirmed bool     // by a person at the bedside, or by registration for this bed
	By        PersonID // who confirmed; empty for registration
}

// Bed is a place as the ward knows it.
type Bed struct {
	Place Place
	Label string // as people say it, for example "Giường 12A"
	Order int    // in which a round walks past
}

// Ward is a department.
type Ward struct {
	ID   WardID
	Name string
}

// Observation is a set of values charted by a person or read from a device and confirmed by one.
type Observation struct {
	ID      string
	Stay    StayID
	Origin  Origin
	At      time.Time // when it was true
	Entered time.Time // when it was written down
	By      PersonID
	Values  []Value
	Partial string // coded reason when the set is not complete (one of PartialReasons); empty when it is
	Worried bool   // nurse's or carer's concern
	Note    string
}

// PartialReasons are the codes for a set of observations that lacks something. "monitored": a
// monitor measures the rest.
var PartialReasons = []string{"monitored", "asleep", "refused", "away", "emergency", "device_unavailable", "doctor_order", "other"}

// Origin tells a device's set from a charted one.
type Origin string

// Origins.
const (
	OriginDevice  Origin = "device"
	OriginCharted Origin = "charted"
)
