package findings_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"wardwatch/store/book"
	"wardwatch/ward"
)

func merge(t testing.TB, b *book.Book, old, new string) {
	t.Helper()
	ok(t, b.MergeNumbers(t.Context(), ward.PatientAlias{Old: old, New: new, By: "nurse", Reason: "two registrations of one person"}))
}

// stays lists those that carry a number.
func stays(t testing.TB, b *book.Book, number string) (ids []ward.StayID) {
	t.Helper()
	for _, s := range must[ward.Candidates](t)(b.Candidates(t.Context(), ward.Claim{HospitalID: number}, "")).Stays {
		ids = append(ids, s.ID)
	}
	return ids
}

// A picture under the old number finds the person, until it turns out that they are two.
func TestMergedNumbers(t *testing.T) {
	c := newClock()
	b := open(t, c)
	a := admit(t, b, "H2", "01")
	merge(t, b, "H1", " H2 ")
	merge(t, b, "H1", "H2")
	if got := stays(t, b, "H1"); !slices.Equal(got, []ward.StayID{a}) {
		t.Errorf("under the old number %v", got)
	}
	report(t, b, delivery(c, "d1"), placed(says("H1", 0.9), a))
	own := says("H2", 0.9)
	own.Of.Accession, own.Study.UID, own.Findings[0].StudyUID, own.Findings[0].ID = "", "2", "2", "f2"
	report(t, b, delivery(c, "d2"), placed(own, a))
	assigned := says("H1", 0.9)
	assigned.Of.Accession, assigned.Study.UID, assigned.Findings[0].StudyUID, assigned.Findings[0].ID = "", "3", "3", "f3"
	report(t, b, delivery(c, "d3"), unplaced(assigned, ward.UnmatchedNoTime))
	must[[]ward.StayID](t)(b.AssignStudy(t.Context(), one(t, b).ID, a, "", "nurse"))
	if got, want := must[[]ward.PatientAlias](t)(b.MergedNumbers(t.Context())), []ward.PatientAlias{{Old: "H1", New: "H2", By: "nurse", At: c.at, Reason: "two registrations of one person"}}; !slices.Equal(got, want) {
		t.Errorf("merged %+v", got)
	}
	ok(t, only(b.Recheck(t.Context())))
	if n := len(of(t, b, a)); n != 3 {
		t.Fatalf("%d findings", n)
	}

	_, err := b.UnmergeNumbers(t.Context(), "H1", "", "doctor")
	refused(t, err, ward.BadInput)
	if changed := must[[]ward.StayID](t)(b.UnmergeNumbers(t.Context(), "H1", "a brother", "doctor")); !slices.Equal(changed, []ward.StayID{a}) {
		t.Errorf("changed %v", changed)
	}
	if fs := of(t, b, a); len(fs) != 2 || slices.ContainsFunc(fs, func(f ward.Finding) bool { return f.ID == "f1" }) {
		t.Errorf("left: %+v", fs)
	}
	if item := one(t, b); item.Why != ward.UnmatchedMergedBack || item.Of.HospitalID != "H1" {
		t.Errorf("%+v", item)
	}
	if n := len(must[[]ward.WorklistItem](t)(b.Unplaced(t.Context()))); n != 1 {
		t.Error("the rule may not look at it again")
	}
	_, err = b.UnmergeNumbers(t.Context(), "H1", "a brother", "doctor")
	refused(t, err, ward.NotFound)
	all := strings.Join(deeds(t, b, "imaging."), "\n")
	if strings.Count(all, "imaging.merge by nurse: with a reason") != 1 || strings.Count(all, "imaging.unmerge by doctor: with a reason") != 1 ||
		strings.Count(all, "imaging.withdraw by doctor: from stay "+string(a)+", merge_undone") != 1 || strings.Contains(all, "H1") {
		t.Errorf("audit:\n%s", all)
	}
}

func TestMergesThatAreRefused(t *testing.T) {
	c := newClock()
	b := open(t, c)
	admit(t, b, "H1", "01")
	admit(t, b, "H2", "02")
	merge(t, b, "H3", "H4")
	merge(t, b, "H4", "H1")
	for _, tc := range []struct {
		name     string
		old, new string
		by       ward.PersonID
		reason   string
		code     ward.ErrorCode
	}{
		{"no number", "", "H1", "nurse", "r", ward.BadInput},
		{"the same", "H1", " H1", "nurse", "r", ward.BadInput},
		{"no reason", "H5", "H1", "nurse", " ", ward.BadInput},
		{"nobody", "H5", "H1", "", "r", ward.BadInput},
		{"somebody unknown", "H5", "H1", "stranger", "r", ward.BadInput},
		{"merged already, the other way", "H4", "H3", "nurse", "r", ward.Conflict},
		{"merged already, by way of a third", "H1", "H3", "nurse", "r", ward.Conflict},
		{"merged with another", "H3", "H5", "nurse", "r", ward.Conflict},
		{"both lie here", "H1", "H2", "nurse", "r", ward.Conflict},
		{"both lie here, by way of a third", "H2", "H3", "nurse", "r", ward.Conflict},
	} {
		t.Run(tc.name, func(t *testing.T) {
			refused(t, b.MergeNumbers(t.Context(), ward.PatientAlias{Old: tc.old, New: tc.new, By: tc.by, Reason: tc.reason}), tc.code)
		})
	}
	if n := len(must[[]ward.PatientAlias](t)(b.MergedNumbers(t.Context()))); n != 2 {
		t.Errorf("%d merges", n)
	}
}

// Whatever is merged and undone, in whatever order: two numbers find the same stays if and only if merges
// that stand join them.
func TestMergesAgreeWithTheModel(t *testing.T) {
	c := newClock()
	b := open(t, c)
	var stay [5]ward.StayID
	for i := range stay { // one after the other in the same bed, so that all may be merged
		stay[i] = admit(t, b, fmt.Sprint("H", i), "01")
		c.pass(time.Minute)
		must[ward.Stay](t)(b.Discharge(t.Context(), stay[i], time.Time{}, "discharged", "doctor"))
	}
	db := raw(t, b)
	rapid.Check(t, func(r *rapid.T) {
		if _, err := db.Exec(`DELETE FROM aliases`); err != nil {
			r.Fatal(err)
		}
		into := map[int]int{}
		root := func(i int) int {
			for {
				next, is := into[i]
				if !is {
					return i
				}
				i = next
			}
		}
		for range rapid.IntRange(0, 6).Draw(r, "deeds") {
			x, y := rapid.IntRange(0, 4).Draw(r, "old"), rapid.IntRange(0, 4).Draw(r, "new")
			if rapid.IntRange(0, 3).Draw(r, "deed") == 0 {
				_, is := into[x]
				if _, err := b.UnmergeNumbers(t.Context(), fmt.Sprint("H", x), "r", "nurse"); (err == nil) != is {
					r.Fatalf("undo %d: %v", x, err)
				}
				delete(into, x)
				continue
			}
			before, had := into[x]
			may := root(x) != root(y) && !had || had && before == y
			if err := b.MergeNumbers(t.Context(), ward.PatientAlias{Old: fmt.Sprint("H", x), New: fmt.Sprint("H", y), By: "nurse", Reason: "r"}); (err == nil) != may {
				r.Fatalf("merge %d into %d with %v: %v", x, y, into, err)
			}
			if may {
				into[x] = y
			}
		}
		for i := range stay {
			got := stays(t, b, fmt.Sprint("H", i))
			for k := range stay {
				if slices.Contains(got, stay[k]) != (root(i) == root(k)) {
					r.Fatalf("%d finds %v; merged are %v", i, got, into)
				}
			}
		}
	})
}

// What is corrected on the stay is looked at again: a study never stays on somebody whose number, birth date
// or sex is another.
func TestRecheck(t *testing.T) {
	born := time.Date(1961, 3, 5, 0, 0, 0, 0, time.UTC)
	for _, tc := range []struct {
		name string
		edit func(s *ward.Stay)
		why  ward.Unmatched
	}{
		{"nothing", func(*ward.Stay) {}, ward.Matched},
		{"the name: the rule compares it, once", func(s *ward.Stay) { s.GivenName = "Ân" }, ward.Matched},
		{"the number", func(s *ward.Stay) { s.HospitalID = "H2" }, ward.UnmatchedUnknown},
		{"the number, gone", func(s *ward.Stay) { s.HospitalID = "" }, ward.UnmatchedUnknown},
		{"the number, to one that was merged with it", func(s *ward.Stay) { s.HospitalID = "H3" }, ward.Matched},
		{"the birth date", func(s *ward.Stay) { s.BirthDate = born.AddDate(1, 0, 0) }, ward.UnmatchedBirth},
		{"the birth date, now unknown", func(s *ward.Stay) { s.BirthDate = time.Time{} }, ward.Matched},
		{"the sex", func(s *ward.Stay) { s.Sex = ward.Female }, ward.UnmatchedSex},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := newClock()
			b := open(t, c)
			merge(t, b, "H1", "H3")
			s := admitAs(t, b, ward.Stay{HospitalID: "H1", BirthDate: born, Sex: ward.Male}, "01")
			r := says("H1", 0.9)
			r.Of.BirthDate, r.Of.Sex = born, ward.Male
			report(t, b, delivery(c, "d1"), placed(r, s.ID))
			twin := delivery(c, "d3") // another source, with the same claim
			twin.Source = "vendor"
			same := says("H1", 0.9)
			same.Of, same.Findings[0].ID = r.Of, "f3"
			report(t, b, twin, placed(same, s.ID))
			follows := says("", 0.9) // known by the accession alone
			follows.Study.UID, follows.Findings[0].StudyUID, follows.Findings[0].ID = "", "", "f2"
			report(t, b, delivery(c, "d2"), placed(follows, s.ID))
			tc.edit(&s)
			must[ward.Stay](t)(b.Correct(t.Context(), s, "nurse"))
			before := dump(t, b)
			changed := must[[]ward.StayID](t)(b.Recheck(t.Context()))
			if tc.why == ward.Matched {
				if len(changed) != 0 || dump(t, b) != before {
					t.Errorf("changed %v", changed)
				}
				return
			}
			if !slices.Equal(changed, []ward.StayID{s.ID}) || len(of(t, b, s.ID)) != 0 {
				t.Errorf("changed %v, left %v", changed, of(t, b, s.ID))
			}
			for _, item := range must[[]ward.WorklistItem](t)(b.Unplaced(t.Context())) {
				if item.Why != tc.why {
					t.Errorf("%+v", item)
				}
			}
			if n := len(must[[]ward.WorklistItem](t)(b.Worklist(t.Context()))); n != 3 {
				t.Errorf("%d in the worklist", n)
			}
			if got := deeds(t, b, "imaging.withdraw"); len(got) != 3 {
				t.Errorf("audit %q", got)
			}
		})
	}
}

// An admission that was a mistake leaves nothing on it, whoever put it there.
func TestAnUndoneAdmissionHasNoFindings(t *testing.T) {
	c := newClock()
	b := open(t, c)
	a := admit(t, b, "H1", "01")
	report(t, b, delivery(c, "d1"), placed(says("H1", 0.9), a))
	other := says("", 0.9)
	other.Of.Accession, other.Study.UID, other.Findings[0].StudyUID, other.Findings[0].ID = "", "2", "2", "f2"
	report(t, b, delivery(c, "d2"), unplaced(other, ward.UnmatchedNoID))
	must[[]ward.StayID](t)(b.AssignStudy(t.Context(), one(t, b).ID, a, "", "nurse"))
	must[ward.Stay](t)(b.Undo(t.Context(), a, "nurse"))
	if got := stays(t, b, "H1"); len(got) != 0 {
		t.Errorf("still a candidate: %v", got)
	}
	must[[]ward.StayID](t)(b.Recheck(t.Context()))
	if n := len(must[[]ward.WorklistItem](t)(b.Worklist(t.Context()))); n != 2 || len(of(t, b, a)) != 0 {
		t.Errorf("%d in the worklist, %d left", n, len(of(t, b, a)))
	}
}
