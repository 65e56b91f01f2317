package book

import (
	"reflect"
	"testing"
	"time"

	"wardwatch/ward"
)

func TestMovesAreRefusedWithAReason(t *testing.T) {
	cases := []struct {
		name string
		do   func(b *Book, c *clock, s ward.Stay) error
		code ward.ErrorCode
	}{
		{"admit to an occupied bed", func(b *Book, c *clock, s ward.Stay) error {
			_, err := b.Admit(t.Context(), at(person("H9"), s.Place), "n")
			return err
		}, ward.Conflict},
		{"admit before the last one left", func(b *Book, c *clock, s ward.Stay) error {
			if _, err := b.Discharge(t.Context(), s.ID, time.Time{}, "discharged", "n"); err != nil {
				return err
			}
			late := at(person("H9"), s.Place)
			late.Admitted = c.at.Add(-minutes(5))
			_, err := b.Admit(t.Context(), late, "n")
			return err
		}, ward.Conflict},
		{"admit tomorrow", func(b *Book, c *clock, s ward.Stay) error {
			early := at(person("H9"), bed("02"))
			early.Admitted = c.at.Add(24 * time.Hour)
			_, err := b.Admit(t.Context(), early, "n")
			return err
		}, ward.BadInput},
		{"admit with a sex that is none", func(b *Book, c *clock, s ward.Stay) error {
			odd := at(person("H9"), bed("02"))
			odd.Sex = "Nữ"
			_, err := b.Admit(t.Context(), odd, "n")
			return err
		}, ward.BadInput},
		{"transfer to the same bed", func(b *Book, c *clock, s ward.Stay) error {
			_, err := b.Transfer(t.Context(), s.ID, s.Place, time.Time{}, "n")
			return err
		}, ward.Conflict},
		{"transfer before the admission", func(b *Book, c *clock, s ward.Stay) error {
			_, err := b.Transfer(t.Context(), s.ID, bed("02"), s.Admitted.Add(-time.Second), "n")
			return err
		}, ward.BadInput},
		{"transfer nobody", func(b *Book, c *clock, s ward.Stay) error {
			_, err := b.Transfer(t.Context(), "nobody", bed("02"), time.Time{}, "n")
			return err
		}, ward.NotFound},
		{"discharge for no known reason", func(b *Book, c *clock, s ward.Stay) error {
			_, err := b.Discharge(t.Context(), s.ID, time.Time{}, "home", "n")
			return err
		}, ward.BadInput},
		{"discharge twice", func(b *Book, c *clock, s ward.Stay) error {
			if _, err := b.Discharge(t.Context(), s.ID, time.Time{}, "died", "n"); err != nil {
				return err
			}
			_, err := b.Discharge(t.Context(), s.ID, time.Time{}, "died", "n")
			return err
		}, ward.Conflict},
		{"undo after more than a minute", func(b *Book, c *clock, s ward.Stay) error {
			_, err := b.Undo(t.Context(), s.ID, "n")
			return err
		}, ward.Conflict},
		{"off the ward until yesterday", func(b *Book, c *clock, s ward.Stay) error {
			_, err := b.OffWard(t.Context(), s.ID, "X-quang", c.at.Add(-time.Hour), "n")
			return err
		}, ward.BadInput},
		{"off the ward for a week", func(b *Book, c *clock, s ward.Stay) error {
			_, err := b.OffWard(t.Context(), s.ID, "X-quang", c.at.Add(7*24*time.Hour), "n")
			return err
		}, ward.BadInput},
		{"scale 2 prescribed by a nurse", func(b *Book, c *clock, s ward.Stay) error {
			_, err := b.SetScale(t.Context(), s.ID, ward.SpO2Scale{Number: 2, Prescriber: "nurse", Reason: "COPD, pCO2 62"}, "nurse")
			return err
		}, ward.Forbidden},
		{"scale 2 without a reason", func(b *Book, c *clock, s ward.Stay) error {
			_, err := b.SetScale(t.Context(), s.ID, ward.SpO2Scale{Number: 2, Prescriber: "doctor"}, "doctor")
			return err
		}, ward.BadInput},
		{"scale 2 prescribed by nobody", func(b *Book, c *clock, s ward.Stay) error {
			_, err := b.SetScale(t.Context(), s.ID, ward.SpO2Scale{Number: 2, Reason: "COPD, pCO2 62"}, "doctor")
			return err
		}, ward.BadInput},
		{"scale 2 at admission without a doctor", func(b *Book, c *clock, s ward.Stay) error {
			odd := at(person("H9"), bed("02"))
			odd.Scale = ward.SpO2Scale{Number: 2, Prescriber: "nurse", Reason: "COPD"}
			_, err := b.Admit(t.Context(), odd, "n")
			return err
		}, ward.Forbidden},
		{"comfort care ordered by a nurse", func(b *Book, c *clock, s ward.Stay) error {
			_, err := b.SetCare(t.Context(), s.ID, ward.Care{Status: ward.ComfortCare, By: "nurse"}, "nurse")
			return err
		}, ward.Forbidden},
		{"another person's hospital number", func(b *Book, c *clock, s ward.Stay) error {
			other, err := b.Admit(t.Context(), at(person("H2"), bed("02")), "n")
			if err != nil {
				return err
			}
			other.HospitalID = s.HospitalID
			_, err = b.Correct(t.Context(), other, "n")
			return err
		}, ward.Conflict},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			c := newClock()
			b := open(t, c)
			addStaff(t, b)
			s := must[ward.Stay](t)(b.Admit(t.Context(), at(person("H1"), bed("01")), "n"))
			c.pass(minutes(10))
			refused(t, tc.do(b, c, s), tc.code)
		})
	}
}

func addStaff(t testing.TB, b *Book) {
	t.Helper()
	for id, access := range map[ward.PersonID]ward.Access{"nurse": ward.AccessNurse, "doctor": ward.AccessDoctor} {
		must[ward.Person](t)(b.AddPerson(t.Context(), ward.Person{ID: id, Login: "dr-" + string(id), Access: access}, "hash", ""))
	}
}

func TestOrders(t *testing.T) {
	c := newClock()
	b := open(t, c)
	addStaff(t, b)
	ctx := t.Context()
	s := must[ward.Stay](t)(b.Admit(ctx, at(person("H1"), bed("01")), "nurse"))
	s = must[ward.Stay](t)(b.SetScale(ctx, s.ID, ward.SpO2Scale{Number: 2, Prescriber: "doctor", Reason: "COPD, pCO2 62"}, "doctor"))
	s = must[ward.Stay](t)(b.SetCare(ctx, s.ID, ward.Care{Status: ward.Ceilings, By: "doctor", Review: c.at.Add(time.Hour)}, "doctor"))
	s = must[ward.Stay](t)(b.Assign(ctx, s.ID, to("nurse"), to("doctor"), time.Time{}, "nurse"))
	s = must[ward.Stay](t)(b.OffWard(ctx, s.ID, "X-quang", c.at.Add(time.Hour), "nurse"))
	right := s
	right.GivenName, right.Pregnancy, right.BirthDate = "Ân", ward.Pregnant, time.Date(1950, 2, 3, 0, 0, 0, 0, time.UTC)
	s = must[ward.Stay](t)(b.Correct(ctx, right, "nurse"))
	want := ward.Stay{ID: s.ID, HospitalID: "H1", FamilyName: "Nguyễn", GivenName: "Ân", Pregnancy: ward.Pregnant,
		BirthDate: time.Date(1950, 2, 3, 0, 0, 0, 0, time.UTC),
		Scale:     ward.SpO2Scale{Number: 2, Prescriber: "doctor", Reason: "COPD, pCO2 62", Since: c.at},
		Care:      ward.Care{Status: ward.Ceilings, By: "doctor", Since: c.at, Review: c.at.Add(time.Hour)},
		Off:       ward.OffWard{Destination: "X-quang", Since: c.at, Until: c.at.Add(time.Hour)},
		Nurse:     "nurse", Doctor: "doctor", NurseSince: c.at, DoctorSince: c.at, Place: bed("01"), Admitted: c.at}
	if !s.Same(&want) {
		t.Errorf("got  %+v\nwant %+v", s, want)
	}
	if got := b.LookUp(s.ID); !got.Same(&want) {
		t.Errorf("in memory %+v", got)
	}
	s = must[ward.Stay](t)(b.Return(ctx, s.ID, "nurse"))
	if s.Off != (ward.OffWard{}) {
		t.Errorf("back on the ward, yet %+v", s.Off)
	}
}

func TestUndo(t *testing.T) {
	c := newClock()
	b := open(t, c)
	ctx := t.Context()

	s := must[ward.Stay](t)(b.Admit(ctx, at(person("H1"), bed("01")), "n"))
	c.pass(30 * time.Second)
	s = must[ward.Stay](t)(b.Undo(ctx, s.ID, "n"))
	if s.EndReason != "undone" || len(must[[]ward.Lying](t)(b.History(ctx, s.ID))) != 0 {
		t.Errorf("an undone admission leaves %+v", s)
	}
	if id, why := b.Resolve(bed("01"), "", c.at.Add(-10*time.Second), 0); why != ward.EmptyBed {
		t.Errorf("the bed of an undone admission: %q, %v", id, why)
	}

	s = must[ward.Stay](t)(b.Admit(ctx, at(person("H1"), bed("01")), "n"))
	before := must[[]ward.Lying](t)(b.History(ctx, s.ID))
	c.pass(minutes(5))
	must[ward.Stay](t)(b.Transfer(ctx, s.ID, bed("02"), time.Time{}, "n"))
	s = must[ward.Stay](t)(b.Undo(ctx, s.ID, "n"))
	after := must[[]ward.Lying](t)(b.History(ctx, s.ID))
	if s.Place != bed("01") || len(after) != 1 || after[0] != before[0] {
		t.Errorf("an undone transfer leaves %v in %v", after, s.Place)
	}
	_, err := b.Undo(ctx, s.ID, "n")
	refused(t, err, ward.Conflict)

	must[ward.Stay](t)(b.Discharge(ctx, s.ID, time.Time{}, "discharged", "n"))
	s = must[ward.Stay](t)(b.Undo(ctx, s.ID, "n"))
	after = must[[]ward.Lying](t)(b.History(ctx, s.ID))
	if !s.Ended.IsZero() || len(after) != 1 || after[0] != before[0] {
		t.Errorf("an undone discharge leaves %+v, %v", s, after)
	}

	c.pass(minutes(5))
	must[ward.Stay](t)(b.Discharge(ctx, s.ID, time.Time{}, "discharged", "n"))
	must[ward.Stay](t)(b.Admit(ctx, at(person("H2"), bed("01")), "n"))
	_, err = b.Undo(ctx, s.ID, "n")
	refused(t, err, ward.Conflict) // somebody else lies there now
	if s = must[ward.Stay](t)(b.Stay(ctx, s.ID)); s.Ended.IsZero() {
		t.Error("a refused undo changed the stay")
	}
}

func TestTwoPlacesInABed(t *testing.T) {
	c := newClock()
	b := open(t, c)
	one := must[ward.Stay](t)(b.Admit(t.Context(), at(person("H1"), bed("12A")), "n"))
	two := must[ward.Stay](t)(b.Admit(t.Context(), at(person("H2"), bed("12B")), "n"))
	c.pass(minutes(1))
	for place, want := range map[ward.BedID]ward.StayID{"12A": one.ID, "12B": two.ID} {
		if got, why := b.Resolve(bed(place), "", c.at, time.Second); got != want {
			t.Errorf("%s: %q, %v; want %q", place, got, why, want)
		}
	}
}

func TestObservationsKeepTheirHistory(t *testing.T) {
	c := newClock()
	b := open(t, c)
	ctx := t.Context()
	s := must[ward.Stay](t)(b.Admit(ctx, at(person("H1"), bed("01")), "n"))
	o := ward.Observation{ID: "o1", Stay: s.ID, Origin: ward.OriginCharted, At: c.at, By: "n", Entered: c.at, Worried: true, Note: "xanh tái",
		Values: []ward.Value{{Vital: ward.RR, Number: 22, At: c.at}}}
	right := o
	right.Values = []ward.Value{{Vital: ward.RR, Number: 12, At: c.at}, {Vital: ward.CapRefill, Number: 2.5, At: c.at}, {Vital: ward.RespDistress, Number: float64(ward.MildDistress), At: c.at}}
	right.Partial = "asleep"
	for i, step := range []struct {
		what    string
		set     ward.Observation
		version int64
	}{
		{"charted", o, 1}, {"sent again", o, 1}, {"corrected", right, 2}, {"the correction sent again", right, 2}, {"corrected back", o, 3}, {"corrected once more", right, 4},
	} {
		step.set.Entered = c.at.Add(time.Duration(i) * time.Second) // not part of what a set says
		if v := must[int64](t)(b.Chart(ctx, step.set)); v != step.version {
			t.Errorf("%s: version %d, want %d", step.what, v, step.version)
		}
	}
	now := must[[]ward.Observation](t)(b.Observations(ctx, s.ID))
	if len(now) != 1 || !reflect.DeepEqual(now[0].Values, right.Values) || !now[0].Worried || now[0].Partial != "asleep" {
		t.Errorf("in force: %+v", now)
	}
	if all := must[[]ward.Observation](t)(b.ObservationHistory(ctx, "o1")); len(all) != 4 || all[0].Values[0].Number != 22 || all[2].Values[0].Number != 22 {
		t.Errorf("history: %+v", all)
	}
	other := must[ward.Stay](t)(b.Admit(ctx, at(person("H2"), bed("02")), "n"))
	right.Stay = other.ID
	_, err := b.Chart(ctx, right)
	refused(t, err, ward.NotFound)
}

// Every change of a stay is in the audit log, by whom, with nothing identifying.
func TestChangesOfStaysAreAudited(t *testing.T) {
	c := newClock()
	b := open(t, c)
	addStaff(t, b)
	ctx := t.Context()
	s := must[ward.Stay](t)(b.Admit(ctx, at(person("H1"), bed("01")), "nurse"))
	c.pass(minutes(1))
	must[ward.Stay](t)(b.Transfer(ctx, s.ID, bed("02"), time.Time{}, "nurse"))
	c.pass(minutes(1))
	must[ward.Stay](t)(b.SetScale(ctx, s.ID, ward.SpO2Scale{Number: 2, Prescriber: "doctor", Reason: "COPD, pCO2 62"}, "doctor"))
	must[ward.Stay](t)(b.Discharge(ctx, s.ID, time.Time{}, "died", "doctor"))
	must[ward.Stay](t)(b.Undo(ctx, s.ID, "nurse"))
	rows := must[[]AuditRow](t)(b.Audit(ctx, AuditFilter{Object: "stay:" + string(s.ID)}))
	want := []string{"stay.undo nurse discharge", "stay.discharge doctor died", "stay.scale doctor 2", "stay.transfer nurse a9/01 to a9/02", "stay.admit nurse a9/01"}
	if len(rows) != len(want) {
		t.Fatalf("%d rows, want %d: %v", len(rows), len(want), rows)
	}
	for i, r := range rows {
		if got := r.Deed + " " + string(r.By) + " " + r.Detail; got != want[i] {
			t.Errorf("row %d: %q, want %q", i, got, want[i])
		}
	}
}
