package findings_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"wardwatch/store/book"
	"wardwatch/ward"
)

// What nobody could match waits with what the clerk needs, and goes to whom a person says, with audit.
func TestAnUnmatchedResultWaitsForAPerson(t *testing.T) {
	c := newClock()
	b := open(t, c)
	a := admit(t, b, "H1", "01")
	r := says("", 0.9)
	r.Of.Name, r.Of.Sex, r.Of.BirthDate = "NGUYEN VAN AN", ward.Male, time.Date(1961, 3, 5, 0, 0, 0, 0, time.UTC)
	r.Study.Acquired = c.at.Add(-time.Hour)
	if changed := report(t, b, delivery(c, "d1"), unplaced(r, ward.UnmatchedNoID, a)); len(changed) != 0 {
		t.Errorf("changed %v", changed)
	}
	item := one(t, b)
	want := ward.WorklistItem{ID: item.ID, Of: r.Of, Study: r.Study, Source: "pacs", Why: ward.UnmatchedNoID, Findings: 1, Received: c.at, Guesses: []ward.StayID{a}}
	want.Of.Acquired = r.Study.Acquired
	if fmt.Sprint(item) != fmt.Sprint(want) || item.ID == "" {
		t.Errorf("got  %+v\nwant %+v", item, want)
	}
	if got := must[ward.WorklistItem](t)(b.WorklistItem(t.Context(), item.ID)); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("by its id %+v", got)
	}
	if f := must[ward.Finding](t)(b.Finding(t.Context(), "f1")); f.Stay != "" {
		t.Errorf("it is already of %s", f.Stay)
	}
	_, err := b.StudyStay(t.Context(), "1.2.3")
	refused(t, err, ward.NotFound)

	_, err = b.AssignStudy(t.Context(), item.ID, a, "", "stranger")
	refused(t, err, ward.BadInput)
	_, err = b.AssignStudy(t.Context(), item.ID, "nobody", "", "nurse")
	refused(t, err, ward.NotFound)
	_, err = b.AssignStudy(t.Context(), "nothing", a, "", "nurse")
	refused(t, err, ward.NotFound)
	for range 2 {
		changed := must[[]ward.StayID](t)(b.AssignStudy(t.Context(), item.ID, a, "", "nurse"))
		if fs := of(t, b, a); len(fs) != 1 {
			t.Errorf("changed %v, findings %+v", changed, fs)
		}
	}
	empty(t, b)
	_, err = b.WorklistItem(t.Context(), item.ID)
	refused(t, err, ward.NotFound)
	for _, name := range []string{"1.2.3", item.ID, "f1"} {
		if got := must[ward.StayID](t)(b.StudyStay(t.Context(), name)); got != a {
			t.Errorf("%s is of %q", name, got)
		}
	}
	// One more picture of the same study goes the same way.
	more := says("", 0.8)
	more.Findings[0].ID, more.Of = "f2", r.Of
	if changed := report(t, b, delivery(c, "d2"), unplaced(more, ward.UnmatchedNoID)); !slices.Equal(changed, []ward.StayID{a}) || len(of(t, b, a)) != 2 {
		t.Errorf("changed %v", changed)
	}
	other := admit(t, b, "H2", "02")
	_, err = b.AssignStudy(t.Context(), item.ID, other, "", "nurse")
	refused(t, err, ward.Conflict)
	if got, want := deeds(t, b, "imaging."), []string{"imaging.assign by nurse: to stay " + string(a)}; !slices.Equal(got, want) {
		t.Errorf("audit %q, want %q", got, want)
	}
}

// What speaks against it must be explained by whoever assigns it all the same.
func TestAssigningAgainstTheClaim(t *testing.T) {
	born := time.Date(1961, 3, 5, 0, 0, 0, 0, time.UTC)
	for _, tc := range []struct {
		name string
		edit func(r *ward.PlacedReport, s *ward.Stay)
		want string
	}{
		{"nothing", func(*ward.PlacedReport, *ward.Stay) {}, ""},
		{"the number", func(r *ward.PlacedReport, _ *ward.Stay) { r.Of.HospitalID = "H9" }, "hospital number"},
		{"a stay without a number", func(_ *ward.PlacedReport, s *ward.Stay) { s.HospitalID = "" }, "hospital number"},
		{"the birth date", func(r *ward.PlacedReport, s *ward.Stay) { r.Of.BirthDate, s.BirthDate = born, born.AddDate(0, 0, 1) }, "birth date"},
		{"the same birth date", func(r *ward.PlacedReport, s *ward.Stay) { r.Of.BirthDate, s.BirthDate = born, born }, ""},
		{"the sex", func(r *ward.PlacedReport, s *ward.Stay) { r.Of.Sex, s.Sex = ward.Male, ward.Female }, "sex"},
		{"a sex that is no contradiction", func(r *ward.PlacedReport, s *ward.Stay) { r.Of.Sex, s.Sex = ward.OtherSex, ward.Female }, ""},
		{"the name, by the rule", func(r *ward.PlacedReport, _ *ward.Stay) { r.Why = ward.UnmatchedName }, "name"},
		{"taken two days before", func(r *ward.PlacedReport, _ *ward.Stay) { r.Study.Acquired = newClock().at.Add(-48 * time.Hour) }, "time"},
		{"taken in the emergency department", func(r *ward.PlacedReport, _ *ward.Stay) { r.Study.Acquired = newClock().at.Add(-20 * time.Hour) }, ""},
		{"two things", func(r *ward.PlacedReport, s *ward.Stay) {
			r.Of.HospitalID, r.Of.Sex, s.Sex = "H9", ward.Male, ward.Female
		}, "hospital number, sex"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := newClock()
			b := open(t, c)
			r, s := unplaced(says("H1", 0.9), ward.UnmatchedNoTime), ward.Stay{HospitalID: "H1"}
			tc.edit(&r, &s)
			a := admitAs(t, b, s, "01").ID
			report(t, b, delivery(c, "d1"), r)
			item := one(t, b)
			_, err := b.AssignStudy(t.Context(), item.ID, a, "", "nurse")
			if tc.want == "" {
				ok(t, err)
				return
			}
			refused(t, err, ward.Conflict)
			if !strings.HasSuffix(err.Error(), "differ in "+tc.want) || strings.Contains(err.Error(), "H9") {
				t.Errorf("says %q, want %q", err, tc.want)
			}
			_, err = b.AssignStudy(t.Context(), item.ID, a, " ", "nurse")
			refused(t, err, ward.BadInput)
			must[[]ward.StayID](t)(b.AssignStudy(t.Context(), item.ID, a, "Nguyễn An's wristband was read wrong", "nurse"))
			if got, want := deeds(t, b, "imaging."), []string{"imaging.assign by nurse: to stay " + string(a) + ", with a reason"}; !slices.Equal(got, want) {
				t.Errorf("audit %q, want %q", got, want)
			}
			ok(t, only(b.Recheck(t.Context()))) // a person knew of it
			if len(of(t, b, a)) != 1 {
				t.Error("what a person assigned was taken off again")
			}
		})
	}
}

func only[T any](_ T, err error) error { return err }

// What a person takes off somebody never goes back by itself, from whatever source it comes.
func TestDetachedStaysDetached(t *testing.T) {
	c := newClock()
	b := open(t, c)
	a, other := admit(t, b, "H1", "01"), admit(t, b, "H2", "02")
	report(t, b, delivery(c, "d1"), placed(says("H1", 0.9), a))
	second := delivery(c, "d2") // another source, known by the accession
	second.Source = "vendor"
	byAccession := says("", 0.9)
	byAccession.Study.UID, byAccession.Findings[0].StudyUID, byAccession.Findings[0].ID = "", "", "f2"
	report(t, b, second, placed(byAccession, a))
	_, err := b.DetachStudy(t.Context(), "1.2.3", "", "nurse")
	refused(t, err, ward.BadInput)
	_, err = b.DetachStudy(t.Context(), "9.9.9", "wrong person", "nurse")
	refused(t, err, ward.NotFound)
	if changed := must[[]ward.StayID](t)(b.DetachStudy(t.Context(), "f1", "wrong person", "nurse")); !slices.Equal(changed, []ward.StayID{a}) {
		t.Errorf("changed %v", changed)
	}
	list := must[[]ward.WorklistItem](t)(b.Worklist(t.Context()))
	if len(list) != 2 || list[0].Why != ward.UnmatchedDetached || list[1].Why != ward.UnmatchedDetached || len(of(t, b, a)) != 0 {
		t.Fatalf("the worklist holds %+v", list)
	}
	if n := must[[]ward.WorklistItem](t)(b.Unplaced(t.Context())); len(n) != 0 {
		t.Errorf("the rule may place %+v", n)
	}
	third := delivery(c, "d3")
	third.Source = "door"
	again := says("H1", 0.9)
	again.Findings[0].ID = "f3"
	report(t, b, delivery(c, "d4"), placed(says("H1", 0.7), a))
	report(t, b, third, placed(again, a))
	for _, item := range list {
		must[[]ward.StayID](t)(b.Place(t.Context(), item.ID, a))
	}
	if fs := of(t, b, a); len(fs) != 0 {
		t.Fatalf("went back by itself: %+v", fs)
	}
	for _, item := range must[[]ward.WorklistItem](t)(b.Worklist(t.Context())) {
		if item.Source != "vendor" {
			must[[]ward.StayID](t)(b.AssignStudy(t.Context(), item.ID, other, "the other Mr An", "nurse"))
		}
	}
	history := must[[]book.StudyMove](t)(b.StudyHistory(t.Context(), "f1"))
	id := history[0].Study
	if want := []book.StudyMove{
		{Study: id, At: c.at, Deed: "imaging.match", Stay: a},
		{Study: id, At: c.at, Deed: "imaging.detach", Why: ward.UnmatchedDetached, By: "nurse", Reason: "wrong person"},
		{Study: id, At: c.at, Deed: "imaging.assign", Stay: other, By: "nurse", Reason: "the other Mr An"},
	}; !slices.Equal(slices.DeleteFunc(history, func(m book.StudyMove) bool { return m.Study != id }), want) {
		t.Errorf("history %+v", history)
	}
	// The rule may follow the person, but put the same study on nobody else.
	last := delivery(c, "d5")
	last.Source = "late"
	conflicting := says("H1", 0.9)
	conflicting.Findings[0].ID = "f5"
	report(t, b, last, placed(conflicting, a))
	if fs := of(t, b, a); len(fs) != 0 || len(of(t, b, other)) != 2 {
		t.Errorf("one study on two people: %+v", fs)
	}
	if got, want := deeds(t, b, "imaging.detach"), []string{
		"imaging.detach by nurse: from stay " + string(a) + ", detached, with a reason",
		"imaging.detach by nurse: from stay " + string(a) + ", detached, with a reason",
	}; !slices.Equal(got, want) {
		t.Errorf("audit %q, want %q", got, want)
	}
}

// A delivery that contradicts what was certain leaves the study with nobody until a person has looked.
func TestADoubtedStudyIsNobodys(t *testing.T) {
	c := newClock()
	b := open(t, c)
	a, other := admit(t, b, "H1", "01"), admit(t, b, "H2", "02")
	report(t, b, delivery(c, "d1"), placed(says("H1", 0.9), a))
	c.pass(time.Minute)
	if changed := report(t, b, delivery(c, "d2"), placed(says("H2", 0.9), other)); !slices.Equal(changed, []ward.StayID{a}) {
		t.Errorf("changed %v", changed)
	}
	item := one(t, b)
	if item.Why != ward.UnmatchedAccession || !slices.Equal(item.Guesses, []ward.StayID{a, other}) || item.Of.HospitalID != "H1" {
		t.Errorf("%+v", item)
	}
	if len(of(t, b, a))+len(of(t, b, other)) != 0 {
		t.Error("it is still somebody's")
	}
	if got, want := deeds(t, b, "imaging."), []string{"imaging.match by : to stay " + string(a), "imaging.doubt by : from stay " + string(a) + ", accession_elsewhere"}; !slices.Equal(got, want) {
		t.Errorf("audit %q, want %q", got, want)
	}
}

func TestDismissing(t *testing.T) {
	c := newClock()
	b := open(t, c)
	a := admit(t, b, "H1", "01")
	report(t, b, delivery(c, "d1"), unplaced(says("H9", 0.9), ward.UnmatchedUnknown))
	id := one(t, b).ID
	refused(t, b.DismissStudy(t.Context(), id, "", "nurse"), ward.BadInput)
	for range 2 {
		ok(t, b.DismissStudy(t.Context(), id, "a patient of the clinic", "nurse"))
	}
	report(t, b, delivery(c, "d2"), unplaced(says("H9", 0.9), ward.UnmatchedUnknown))
	empty(t, b)
	if got, want := deeds(t, b, "imaging."), []string{"imaging.dismiss by nurse: unknown_patient, with a reason"}; !slices.Equal(got, want) {
		t.Errorf("audit %q, want %q", got, want)
	}
	must[[]ward.StayID](t)(b.AssignStudy(t.Context(), id, a, "it was hers after all", "nurse")) // who dismissed it by mistake can mend it
	refused(t, b.DismissStudy(t.Context(), id, "a patient of the clinic", "nurse"), ward.Conflict)
}

// What somebody comes near goes first, and for how long.
func TestTheWorklistIsChosen(t *testing.T) {
	c := newClock()
	b := open(t, c)
	here := admit(t, b, "H1", "01")
	there := must[ward.Stay](t)(b.Admit(t.Context(), ward.Stay{HospitalID: "H2", Place: ward.Place{Ward: "b1", Bed: "01"}}, "nurse")).ID
	wait := func(id string, findings bool, guesses ...ward.StayID) {
		r := says("H9", 0.9)
		r.Of.Accession, r.Study.UID, r.Findings[0].StudyUID, r.Findings[0].ID = "", id, id, id
		if !findings {
			r.Findings = nil
		}
		report(t, b, delivery(c, id), unplaced(r, ward.UnmatchedUnknown, guesses...))
		c.pass(time.Minute)
	}
	wait("1", true, here)
	wait("2", true, there)
	wait("3", true)
	wait("4", false, here) // nothing to place
	wait("5", true, there, here)
	check := func(want ...string) {
		t.Helper()
		var got []string
		for _, i := range must[[]ward.WorklistItem](t)(b.Worklist(t.Context())) {
			got = append(got, i.Study.UID)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%v, want %v", got, want)
		}
	}
	check("5", "2", "1", "3")
	forTheRule := func(want int) {
		t.Helper()
		if n := len(must[[]ward.WorklistItem](t)(b.Unplaced(t.Context()))); n != want {
			t.Errorf("%d for the rule, want %d", n, want)
		}
	}
	forTheRule(0) // nobody has that number
	merge(t, b, "H9", "H8")
	forTheRule(5)
	must[[]ward.StayID](t)(b.UnmergeNumbers(t.Context(), "H9", "two people", "nurse"))
	forTheRule(0)
	admit(t, b, "H9", "02")
	forTheRule(5)
	c.pass(7*24*time.Hour - 2*time.Minute)
	check("5")
	wait("1", true, here) // the same delivery again is no news
	check("5")
	r := says("H9", 0.9)
	r.Of.Accession, r.Study.UID, r.Findings[0].StudyUID, r.Findings[0].ID = "", "1", "1", "1"
	report(t, b, delivery(c, "1, once more"), unplaced(r, ward.UnmatchedUnknown, here))
	check("1", "5")
}

// However many strangers an archive sends, what somebody comes near is among what people see.
func TestStrangersHideNobody(t *testing.T) {
	c := newClock()
	b := open(t, c)
	here := admit(t, b, "H1", "01")
	report(t, b, delivery(c, "near"), unplaced(says("H7", 0.9), ward.UnmatchedBirth, here))
	c.pass(time.Minute)
	var strangers []ward.PlacedReport
	for n := range 510 {
		r := says("H9", 0.9)
		r.Of.Accession, r.Study.UID = "", fmt.Sprint("9.", n)
		r.Findings[0].StudyUID, r.Findings[0].ID = r.Study.UID, fmt.Sprint("s", n)
		strangers = append(strangers, unplaced(r, ward.UnmatchedUnknown))
	}
	report(t, b, delivery(c, "archive"), strangers...)
	list := must[[]ward.WorklistItem](t)(b.Worklist(t.Context()))
	if len(list) != 500 || list[0].Study.UID != "1.2.3" || list[1].Study.UID == "1.2.3" {
		t.Errorf("%d items, the first %+v", len(list), list[0])
	}
}

// What waited because the person was not admitted yet is placed once they are.
func TestWhatWaitedIsPlaced(t *testing.T) {
	c := newClock()
	b := open(t, c)
	r := says(" H1 ", 0.9) // as some machines write it
	report(t, b, delivery(c, "d1"), unplaced(r, ward.UnmatchedUnknown))
	a := admit(t, b, "H1", "01")
	waiting := must[[]ward.WorklistItem](t)(b.Unplaced(t.Context()))
	if len(waiting) != 1 || waiting[0].Of.HospitalID != "H1" {
		t.Fatalf("%+v", waiting)
	}
	found := must[ward.Candidates](t)(b.Candidates(t.Context(), waiting[0].Of, waiting[0].Study.UID))
	if len(found.Stays) != 1 || found.Stays[0].ID != a || len(found.Bound) != 0 {
		t.Fatalf("%+v", found)
	}
	for _, want := range [][]ward.StayID{{a}, {}} {
		if changed := must[[]ward.StayID](t)(b.Place(t.Context(), waiting[0].ID, a)); !slices.Equal(changed, want) {
			t.Errorf("changed %v, want %v", changed, want)
		}
	}
	if len(of(t, b, a)) != 1 {
		t.Error("not placed")
	}
	empty(t, b)
	found = must[ward.Candidates](t)(b.Candidates(t.Context(), ward.Claim{Accession: "A1"}, ""))
	if len(found.Stays) != 0 || len(found.Bound) != 1 || found.Bound[0].ID != a {
		t.Errorf("by the accession: %+v", found)
	}
}

// Two sources that disagree on whose one study is: the second waits, whatever the rule was told.
func TestOneStudyIsOnOnePerson(t *testing.T) {
	c := newClock()
	b := open(t, c)
	a, other := admit(t, b, "H1", "01"), admit(t, b, "H2", "02")
	report(t, b, delivery(c, "d1"), placed(says("H1", 0.9), a))
	second, r := delivery(c, "d2"), says("H2", 0.9)
	second.Source, r.Findings[0].ID = "vendor", "f2"
	report(t, b, second, placed(r, other))
	item := one(t, b)
	if item.Why != ward.UnmatchedAccession || !slices.Equal(item.Guesses, []ward.StayID{a, other}) || len(of(t, b, a)) != 1 || len(of(t, b, other)) != 0 {
		t.Errorf("%+v", item)
	}
	must[[]ward.StayID](t)(b.Place(t.Context(), item.ID, other))
	_, err := b.AssignStudy(t.Context(), item.ID, other, "it is hers", "nurse")
	refused(t, err, ward.Conflict)
	if n := len(of(t, b, other)); n != 0 {
		t.Errorf("%d findings on the other", n)
	}
}

// A delivery that is read once more had its say on whose the study is: what was found out since stands.
func TestReadOnceMore(t *testing.T) {
	c := newClock()
	b := open(t, c)
	d, r := delivery(c, "d1"), unplaced(says("H1", 0.9), ward.UnmatchedUnknown)
	report(t, b, d, r)
	a := admit(t, b, "H1", "01")
	must[[]ward.StayID](t)(b.Place(t.Context(), one(t, b).ID, a))
	before := dump(t, b)
	if changed := report(t, b, d, r); len(changed) != 0 || dump(t, b) != before {
		t.Errorf("changed %v", changed)
	}
}
