package match

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"wardwatch/ward"
)

func day(d, hour, minute int) time.Time {
	return time.Date(2026, 11, d, hour, minute, 0, 0, time.UTC)
}

// here has lain on the ward since the 20th at 10:00; left was here from the 1st to the 10th at 10:00. Both
// are stays of the same person.
var (
	born     = time.Date(1956, 3, 12, 0, 0, 0, 0, time.UTC)
	here     = ward.Stay{ID: "here", HospitalID: "0045", FamilyName: "Nguyễn", GivenName: "Thị Hòa", BirthDate: born, Sex: ward.Female, Admitted: day(20, 10, 0)}
	left     = ward.Stay{ID: "left", HospitalID: "0045", FamilyName: "Nguyễn", GivenName: "Thị Hòa", BirthDate: born, Sex: ward.Female, Admitted: day(1, 8, 0), Ended: day(10, 10, 0)}
	somebody = ward.Stay{ID: "else", HospitalID: "0099", FamilyName: "Trần", GivenName: "Văn Đức", Sex: ward.Male, Admitted: day(19, 0, 0)}
)

func TestDecide(t *testing.T) {
	number := ward.Claim{HospitalID: "0045", Acquired: day(21, 9, 0)}
	with := func(change func(*ward.Claim)) ward.Claim { c := number; change(&c); return c }
	at := func(when time.Time) ward.Claim { return with(func(c *ward.Claim) { c.Acquired = when }) }
	strict := Rules{SecondMark: true}
	one := ward.Candidates{Stays: []ward.Stay{here}}
	both := ward.Candidates{Stays: []ward.Stay{left, here}}
	for _, c := range []struct {
		name    string
		of      ward.Claim
		among   ward.Candidates
		same    bool // they are bound by the study itself, not only by the accession
		rules   Rules
		stay    ward.StayID
		why     ward.Unmatched
		guesses []ward.StayID
	}{
		// The number and the time.
		{name: "the number is of one who is here", of: number, among: one, stay: "here"},
		{name: "nobody has that number", of: number, why: ward.UnmatchedUnknown},
		{name: "no number, no accession that is known", of: ward.Claim{Name: "NGUYEN THI HOA", Acquired: day(21, 9, 0)}, why: ward.UnmatchedNoID},
		{name: "nobody knows when it was taken", of: at(time.Time{}), among: one, why: ward.UnmatchedNoTime, guesses: []ward.StayID{"here"}},
		{name: "taken in the emergency department, 5 h before admission", of: at(day(20, 5, 0)), among: one, stay: "here"},
		{name: "taken 24 h before admission", of: at(day(19, 10, 0)), among: one, stay: "here"},
		{name: "taken a minute more before admission", of: at(day(19, 9, 59)), among: one, why: ward.UnmatchedTime, guesses: []ward.StayID{"here"}},
		{name: "taken during the stay before", of: at(day(5, 0, 0)), among: both, stay: "left"},
		{name: "taken an hour after discharge", of: at(day(10, 11, 0)), among: both, stay: "left"},
		{name: "taken a minute later than that", of: at(day(10, 11, 1)), among: both, why: ward.UnmatchedTime, guesses: []ward.StayID{"left", "here"}},
		{name: "between two stays, nearer to the second", of: at(day(18, 0, 0)), among: both, why: ward.UnmatchedTime, guesses: []ward.StayID{"here", "left"}},
		{name: "readmitted half an hour after discharge: the time decides", of: at(day(10, 10, 40)), among: ward.Candidates{Stays: []ward.Stay{left, readmitted(day(10, 10, 30))}}, stay: "again"},
		{name: "between discharge and readmission it is of the stay that ended", of: at(day(10, 10, 20)), among: ward.Candidates{Stays: []ward.Stay{left, readmitted(day(10, 10, 30))}}, stay: "left"},
		{name: "two stays at the same time", of: number, among: ward.Candidates{Stays: []ward.Stay{here, readmitted(day(20, 12, 0))}}, why: ward.UnmatchedSeveral, guesses: []ward.StayID{"again", "here"}},

		// What speaks against it.
		{name: "birth date, sex and name agree", of: with(func(c *ward.Claim) { c.BirthDate, c.Sex, c.Name = born, ward.Female, "NGUYEN^THI HOA" }), among: one, stay: "here"},
		{name: "another birth date", of: with(func(c *ward.Claim) { c.BirthDate = born.AddDate(0, 0, 1) }), among: one, why: ward.UnmatchedBirth, guesses: []ward.StayID{"here"}},
		{name: "another sex", of: with(func(c *ward.Claim) { c.Sex = ward.Male }), among: one, why: ward.UnmatchedSex, guesses: []ward.StayID{"here"}},
		{name: "sex given as other speaks against nothing", of: with(func(c *ward.Claim) { c.Sex = ward.OtherSex }), among: one, stay: "here"},
		{name: "another name alone", of: with(func(c *ward.Claim) { c.Name = "TRAN^VAN DUC" }), among: one, why: ward.UnmatchedName, guesses: []ward.StayID{"here"}},
		{name: "part of the name is another name", of: with(func(c *ward.Claim) { c.Name = "NGUYEN^HOA" }), among: one, why: ward.UnmatchedName, guesses: []ward.StayID{"here"}},

		// Studies and accessions that are known.
		{name: "the accession is this person's", of: number, among: ward.Candidates{Stays: []ward.Stay{left, here}, Bound: []ward.Stay{here}}, stay: "here"},
		{name: "the accession is somebody else's", of: number, among: ward.Candidates{Stays: []ward.Stay{here}, Bound: []ward.Stay{somebody}}, why: ward.UnmatchedAccession, guesses: []ward.StayID{"here", "else"}},
		{name: "an unknown number, and the accession is somebody's", of: number, among: ward.Candidates{Bound: []ward.Stay{here}}, why: ward.UnmatchedAccession, guesses: []ward.StayID{"here"}},
		{name: "no number, and the accession alone is somebody's", of: ward.Claim{Accession: "0", Acquired: day(21, 9, 0)}, among: ward.Candidates{Bound: []ward.Stay{here}}, why: ward.UnmatchedOneMark, guesses: []ward.StayID{"here"}},
		{name: "no number and no time, and the accession alone is somebody's", of: ward.Claim{Accession: "0", BirthDate: born}, among: ward.Candidates{Bound: []ward.Stay{here}}, why: ward.UnmatchedNoTime, guesses: []ward.StayID{"here"}},
		{name: "no number, and accession and name are somebody's", of: ward.Claim{Accession: "A-1", Name: "nguyen thi hoa", Acquired: day(21, 9, 0)}, among: ward.Candidates{Bound: []ward.Stay{here}}, stay: "here"},
		{name: "no number, and accession and birth date are somebody's", of: ward.Claim{Accession: "A-1", BirthDate: born, Acquired: day(21, 9, 0)}, among: ward.Candidates{Bound: []ward.Stay{here}}, stay: "here"},
		{name: "no number, and the study is somebody's", of: ward.Claim{Acquired: day(21, 9, 0)}, among: ward.Candidates{Bound: []ward.Stay{here}}, same: true, stay: "here"},
		{name: "no number and no time, and the study is somebody's", of: ward.Claim{}, among: ward.Candidates{Bound: []ward.Stay{here}}, same: true, stay: "here"},
		{name: "no number, and the study is somebody's with another name", of: ward.Claim{Name: "TRAN VAN DUC"}, among: ward.Candidates{Bound: []ward.Stay{here}}, same: true, why: ward.UnmatchedName, guesses: []ward.StayID{"here"}},
		{name: "no number, and accession and study are of two people", of: ward.Claim{}, among: ward.Candidates{Bound: []ward.Stay{here, somebody}}, why: ward.UnmatchedSeveral, guesses: []ward.StayID{"here", "else"}},
		{name: "the number, no time, and the study is known to be of one of the stays", of: at(time.Time{}), among: ward.Candidates{Stays: []ward.Stay{left, here}, Bound: []ward.Stay{left}}, stay: "left"},
		{name: "a person gave the study to the stay that ended; the next part of it goes there", of: at(day(10, 10, 40)), among: ward.Candidates{Stays: []ward.Stay{left, readmitted(day(10, 10, 30))}, Bound: []ward.Stay{left}}, stay: "left"},
		{name: "the study is of this stay, but this part of it was taken a week before", of: at(day(12, 0, 0)), among: ward.Candidates{Stays: []ward.Stay{here}, Bound: []ward.Stay{here}}, why: ward.UnmatchedTime, guesses: []ward.StayID{"here"}},

		// A source that must say who it is twice.
		{name: "a second mark is asked for and the name agrees", of: with(func(c *ward.Claim) { c.Name = "nguyen thi hoa" }), among: one, rules: strict, stay: "here"},
		{name: "a second mark is asked for and the birth date agrees", of: with(func(c *ward.Claim) { c.BirthDate = born }), among: one, rules: strict, stay: "here"},
		{name: "a second mark is asked for and there is none", of: number, among: one, rules: strict, why: ward.UnmatchedOneMark, guesses: []ward.StayID{"here"}},
		{name: "sex is no second mark", of: with(func(c *ward.Claim) { c.Sex = ward.Female }), among: one, rules: strict, why: ward.UnmatchedOneMark, guesses: []ward.StayID{"here"}},
		{name: "a birth date that we cannot compare is no second mark", of: ward.Claim{HospitalID: "0099", BirthDate: born, Acquired: day(21, 0, 0)}, among: ward.Candidates{Stays: []ward.Stay{somebody}}, rules: strict, why: ward.UnmatchedOneMark, guesses: []ward.StayID{"else"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := Decide(c.of, ward.Study{}, c.among, c.same, c.rules)
			if got.Stay != c.stay || got.Why != c.why || !slices.Equal(got.Guesses, c.guesses) {
				t.Errorf("%+v; want stay %q, why %q, guesses %v", got, c.stay, c.why, c.guesses)
			}
		})
	}
}

func readmitted(at time.Time) ward.Stay {
	s := here
	s.ID, s.Admitted = "again", at
	return s
}

// The time of the study counts where the picture's own is not said.
func TestDecideByTimeOfTheStudy(t *testing.T) {
	got := Decide(ward.Claim{HospitalID: "0045"}, ward.Study{Acquired: day(5, 0, 0)}, ward.Candidates{Stays: []ward.Stay{left, here}}, false, Rules{})
	if got.Stay != "left" {
		t.Errorf("%+v", got)
	}
}

func TestSameName(t *testing.T) {
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{"Nguyễn Thị Hòa", "NGUYEN^THI HOA", true},
		{"Nguyễn Thị Hòa", "HOA NGUYEN THI", true},
		{"Nguyễn Thị Hòa", "Nguyễn^Thị^Hòa^^", true},
		{"Nguyễn Thị Hòa", "Nguye\u0302\u0303n Thi\u0323 Ho\u0300a", true}, // marks that follow their letters
		{"Đặng Đức Đạt", "dang duc dat", true},
		{"Lê Ái-Vân", "LE^AI VAN", true},
		{"NGUYEN^THI HOA=阮氏和", "Nguyễn Thị Hòa", true},
		{"Nguyễn Thị Hòa", "Nguyễn Thị Hoa Mai", false},
		{"Nguyễn Thị Hòa", "Nguyễn Văn Hòa", false},
		{"Nguyễn Thị Hòa", "Nguy?n Th? H?a", false},
		{"An An", "An", false},
	} {
		if SameName(c.a, c.b) != c.same || SameName(c.b, c.a) != c.same {
			t.Errorf("%q and %q: want the same %v", c.a, c.b, c.same)
		}
	}
}

// Properties of the rule, over made-up people who are easily mistaken for each other.

func aStay() *rapid.Generator[ward.Stay] {
	return rapid.Custom(func(t *rapid.T) ward.Stay {
		s := ward.Stay{
			ID:         ward.StayID(rapid.StringMatching("[a-h]").Draw(t, "id")),
			FamilyName: rapid.SampledFrom([]string{"", "Nguyễn", "Tran"}).Draw(t, "family"),
			GivenName:  rapid.SampledFrom([]string{"", "Hòa", "Duc"}).Draw(t, "given"),
			Sex:        rapid.SampledFrom([]ward.Sex{"", ward.Female, ward.Male}).Draw(t, "sex"),
			BirthDate:  rapid.SampledFrom([]time.Time{{}, born, born.AddDate(1, 0, 0)}).Draw(t, "born"),
			Admitted:   day(1, 24*rapid.IntRange(0, 5).Draw(t, "admitted"), 0),
		}
		if rapid.Bool().Draw(t, "left") {
			s.Ended = s.Admitted.Add(time.Duration(rapid.IntRange(0, 100).Draw(t, "hours")) * time.Hour)
		}
		return s
	})
}

func aClaim() *rapid.Generator[ward.Claim] {
	return rapid.Custom(func(t *rapid.T) ward.Claim {
		c := ward.Claim{
			HospitalID: rapid.SampledFrom([]string{"", " ", "0045"}).Draw(t, "number"),
			Name:       rapid.SampledFrom([]string{"", "NGUYEN^HOA", "Trần Đức"}).Draw(t, "name"),
			Sex:        rapid.SampledFrom([]ward.Sex{"", ward.Female, ward.Male}).Draw(t, "sex"),
			BirthDate:  rapid.SampledFrom([]time.Time{{}, born, born.AddDate(1, 0, 0)}).Draw(t, "born"),
		}
		if rapid.Bool().Draw(t, "timed") {
			c.Acquired = day(1, rapid.IntRange(-50, 350).Draw(t, "taken"), 0)
		}
		return c
	})
}

func someCandidates(t *rapid.T) ward.Candidates {
	var c ward.Candidates
	for _, s := range rapid.SliceOfNDistinct(aStay(), 0, 5, func(s ward.Stay) ward.StayID { return s.ID }).Draw(t, "stays") {
		if rapid.Bool().Draw(t, "has the number") {
			c.Stays = append(c.Stays, s)
		}
		if rapid.IntRange(0, 3).Draw(t, "bound") == 0 {
			c.Bound = append(c.Bound, s)
		}
	}
	return c
}

func find(stays []ward.Stay, id ward.StayID) *ward.Stay {
	i := slices.IndexFunc(stays, func(s ward.Stay) bool { return s.ID == id })
	if i < 0 {
		return nil
	}
	return &stays[i]
}

func TestNeverTheWrongPatient(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		of, c := aClaim().Draw(t, "claim"), someCandidates(t)
		rules, same := Rules{SecondMark: rapid.Bool().Draw(t, "second mark")}, rapid.Bool().Draw(t, "same study")
		v := Decide(of, ward.Study{}, c, same, rules)
		if (v.Stay == "") == (v.Why == ward.Matched) {
			t.Fatalf("neither matched nor not: %+v", v)
		}
		if v.Stay == "" {
			return
		}
		s := find(slices.Concat(c.Stays, c.Bound), v.Stay)
		switch {
		case len(v.Guesses) > 0:
			t.Fatal("a certain match does not guess")
		case of.HospitalID == "0045" && find(c.Stays, v.Stay) == nil:
			t.Fatal("a stay without the patient number")
		case len(c.Bound) > 0 && find(c.Bound, v.Stay) == nil:
			t.Fatal("the study or the accession is somebody else's")
		case !of.BirthDate.IsZero() && !s.BirthDate.IsZero() && !of.BirthDate.Equal(s.BirthDate):
			t.Fatal("another birth date")
		case of.Sex != "" && s.Sex != "" && of.Sex != s.Sex:
			t.Fatal("another sex")
		case of.Name != "" && s.FamilyName+s.GivenName != "" && !SameName(of.Name, s.FamilyName+" "+s.GivenName):
			t.Fatal("another name")
		case !of.Acquired.IsZero() && of.Acquired.Before(s.Admitted.Add(-24*time.Hour)):
			t.Fatal("taken before the stay")
		case !of.Acquired.IsZero() && !s.Ended.IsZero() && of.Acquired.After(s.Ended.Add(time.Hour)):
			t.Fatal("taken after the stay")
		case of.Acquired.IsZero() && len(c.Bound) == 0:
			t.Fatal("nobody knows when it was taken")
		case of.HospitalID != "0045" && !same && of.Acquired.IsZero():
			t.Fatal("nothing but an accession, and nobody knows when it was taken")
		case of.HospitalID != "0045" && !same && (of.BirthDate.IsZero() || s.BirthDate.IsZero()) && (of.Name == "" || s.FamilyName+s.GivenName == ""):
			t.Fatal("nothing but an accession")
		}
	})
}

func TestOrderOfCandidatesIsIrrelevant(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		of, c := aClaim().Draw(t, "claim"), someCandidates(t)
		other := ward.Candidates{Stays: rapid.Permutation(c.Stays).Draw(t, "stays again"), Bound: rapid.Permutation(c.Bound).Draw(t, "bound again")}
		a, b := Decide(of, ward.Study{}, c, true, Rules{}), Decide(of, ward.Study{}, other, true, Rules{})
		if a.Stay != b.Stay || a.Why != b.Why || !slices.Equal(a.Guesses, b.Guesses) {
			t.Fatalf("%+v and %+v", a, b)
		}
	})
}

// Saying more of the person never turns a match into a match with somebody else.
func TestSayingMoreOnlyDoubts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		of, c := aClaim().Draw(t, "claim"), someCandidates(t)
		less := of
		less.Name, less.Sex, less.BirthDate = "", "", time.Time{}
		v, before := Decide(of, ward.Study{}, c, false, Rules{}), Decide(less, ward.Study{}, c, false, Rules{})
		if v.Stay != "" && before.Stay != "" && v.Stay != before.Stay {
			t.Fatalf("%+v, and with less said %+v", v, before)
		}
	})
}
