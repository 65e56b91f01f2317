package findings

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"wardwatch/ward"
)

var (
	born  = time.Date(1961, 3, 5, 0, 0, 0, 0, time.UTC)
	h1    = ward.Claim{HospitalID: "H1"}
	h2    = ward.Claim{HospitalID: "H2"}
	h1b   = ward.Claim{HospitalID: "H1", BirthDate: born}
	alone = ward.Claim{} // an accession alone
)

func by(stay ward.StayID) verdict        { return verdict{stay: stay} }
func not(why ward.Unmatched) verdict     { return verdict{why: why} }
func on(stay ward.StayID) placement      { return placement{state: placed, stay: stay} }
func person(p placement) placement       { p.by = "nurse"; return p }
func waits(why ward.Unmatched) placement { return placement{state: waiting, why: why} }
func held(why ward.Unmatched, guesses ...ward.StayID) placement {
	return placement{state: waiting, why: why, held: true, guesses: guesses}
}

func same(a, b placement) bool {
	return a.state == b.state && a.stay == b.stay && a.why == b.why && a.held == b.held && a.by == b.by && slices.Equal(a.guesses, b.guesses)
}

// What becomes of a study when one more delivery of it comes.
func TestOneMoreDeliveryOfAStudy(t *testing.T) {
	gone := placement{state: dismissed, by: "nurse"}
	for _, tc := range []struct {
		name      string
		was       placement
		had, says ward.Claim
		v         verdict
		want      placement
	}{
		{"the same again", on("A"), h1, h1, by("A"), on("A")},
		{"with more that fits", on("A"), h1, h1b, by("A"), on("A")},
		{"without a number", on("A"), h1, alone, not(ward.UnmatchedNoID), on("A")},
		{"without a time", on("A"), h1, h1, not(ward.UnmatchedNoTime), on("A")},
		{"of somebody else", on("A"), h1, h2, by("B"), held(ward.UnmatchedAccession, "A", "B")},
		{"with a number nobody has", on("A"), h1, h2, not(ward.UnmatchedUnknown), held(ward.UnmatchedUnknown, "A")},
		{"the accession was the person's, the number is nobody's", on("A"), alone, h2, not(ward.UnmatchedUnknown), held(ward.UnmatchedUnknown, "A")},
		{"with a birth date that differs", on("A"), h1, h1b, not(ward.UnmatchedBirth), held(ward.UnmatchedBirth, "A")},
		{"without a time, but of somebody else", on("A"), h1, h2, not(ward.UnmatchedNoTime), held(ward.UnmatchedNoTime, "A")},

		{"a person placed it; the same claim", person(on("A")), h2, h2, not(ward.UnmatchedUnknown), person(on("A"))},
		{"a person placed it; the rule would choose another", person(on("A")), h2, h2, by("B"), person(on("A"))},
		{"a person placed it; now with a birth date", person(on("A")), h1, h1b, not(ward.UnmatchedBirth), held(ward.UnmatchedBirth, "A")},
		{"a person placed it; now with a number", person(on("A")), alone, h2, not(ward.UnmatchedUnknown), held(ward.UnmatchedUnknown, "A")},
		{"a person placed it; the rule agrees", person(on("A")), alone, h1, by("A"), person(on("A"))},

		{"nobody knew; now it is certain", waits(ward.UnmatchedUnknown), h1, h1, by("A"), on("A")},
		{"nobody knew; nobody knows", waits(ward.UnmatchedNoID), alone, h1, not(ward.UnmatchedUnknown), waits(ward.UnmatchedUnknown)},
		{"nobody knew; now it is certain, of somebody else", waits(ward.UnmatchedUnknown), h1, h2, by("B"), held(ward.UnmatchedAccession, "B")},
		{"a person took it off somebody", held(ward.UnmatchedDetached), h1, h1, by("A"), held(ward.UnmatchedDetached)},

		{"nobody's; the same claim", gone, h2, h2, not(ward.UnmatchedUnknown), gone},
		{"nobody's; now it would fit", gone, h1, h1, by("A"), held(ward.UnmatchedAccession, "A")},
		{"nobody's; now of somebody else", gone, h1, h2, not(ward.UnmatchedUnknown), held(ward.UnmatchedUnknown)},
	} {
		if got := tc.was.next(tc.had, tc.says, tc.v); !same(got, tc.want) {
			t.Errorf("%s:\n got  %+v\n want %+v", tc.name, got, tc.want)
		}
	}
}

// Whatever comes, in whatever order: the rule never places what a person must, never moves a study from
// one stay to another, and the same delivery twice is as good as once.
func TestPlacementsNeverJump(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		claim := rapid.Custom(func(r *rapid.T) ward.Claim {
			c := ward.Claim{HospitalID: rapid.SampledFrom([]string{"", "H1", "H2"}).Draw(r, "number"), Sex: rapid.SampledFrom([]ward.Sex{"", ward.Male}).Draw(r, "sex")}
			if rapid.Bool().Draw(r, "born") {
				c.BirthDate = born
			}
			return c
		})
		said := rapid.Custom(func(r *rapid.T) verdict {
			if s := rapid.SampledFrom([]ward.StayID{"", "A", "B"}).Draw(r, "stay"); s != "" {
				return by(s)
			}
			return not(rapid.SampledFrom([]ward.Unmatched{ward.UnmatchedNoID, ward.UnmatchedUnknown, ward.UnmatchedBirth, ward.UnmatchedNoTime, ward.UnmatchedAccession}).Draw(r, "why"))
		})
		s := study{of: claim.Draw(r, "first")}
		s.place = said.Draw(r, "first").first()
		for range rapid.IntRange(1, 8).Draw(r, "more") {
			of, v := claim.Draw(r, "claim"), said.Draw(r, "verdict")
			to := s.place.next(s.of, of, v)
			switch {
			case s.place.held && (to.state != waiting || !to.held):
				r.Fatalf("only a person may place %+v, yet %+v", s.place, to)
			case s.place.stay != "" && to.stay != "" && s.place.stay != to.stay:
				r.Fatalf("jumped from %s to %s", s.place.stay, to.stay)
			case to.stay != "" && to.by == "" && v.stay != to.stay && s.place.stay != to.stay:
				r.Fatalf("placed on %s though the rule says %+v", to.stay, v)
			}
			s.learn(of, ward.Study{}, time.Time{})
			if again := to.next(s.of, of, v); again.state != to.state || again.stay != to.stay || again.held != to.held {
				r.Fatalf("%+v with %+v again is %+v", to, v, again)
			}
			s.place = to
		}
	})
}

// Two sides can be of the same place unless one is left and the other right.
func TestSides(t *testing.T) {
	l, r, b := ward.LateralityLeft, ward.LateralityRight, ward.LateralityBoth
	for _, tc := range []struct {
		a, b string
		want bool
	}{{l, l, true}, {l, r, false}, {r, l, false}, {b, l, true}, {r, b, true}, {"", l, true}, {"", "", true}} {
		if got := overlap(tc.a, tc.b); got != tc.want {
			t.Errorf("%q and %q: %v", tc.a, tc.b, got)
		}
	}
}

// What a delivery says is sorted by study; what names no study, or the report's own accession, is of the
// study that the report names.
func TestSplit(t *testing.T) {
	at := time.Date(2026, 11, 21, 1, 0, 0, 0, time.UTC)
	d := &ward.Delivery{ID: "d1", Source: "pacs", Received: at.Add(time.Hour)}
	find := func(id, uid, accession string, acquired time.Time) ward.Finding {
		return ward.Finding{ID: id, StudyUID: uid, Accession: accession, Acquired: acquired}
	}
	r := &ward.PlacedReport{ImagingReport: ward.ImagingReport{
		Of:    ward.Claim{HospitalID: " H1 ", Accession: " A1", Acquired: at},
		Study: ward.Study{UID: "1", Modality: "DX"},
		Findings: []ward.Finding{
			find("own", "1", "A1", time.Time{}), find("unnamed", "", "", time.Time{}), find("by accession", "", "A1", time.Time{}),
			find("earlier study", "2", "", at.Add(-time.Hour)), find("earlier accession", "", "A2", time.Time{}), find("earlier, again", "2", "", time.Time{}),
		},
		Reads: []ward.Read{{StudyUID: "2"}, {Accession: "A1"}},
	}}
	type sorted struct {
		uid, accession, number string
		acquired               time.Time
		findings               string
		reads                  int
	}
	var got []sorted
	for _, p := range split(d, r) {
		x := sorted{p.study.about.UID, p.study.of.Accession, p.study.of.HospitalID, p.study.about.Acquired, "", len(p.reads)}
		for _, f := range p.findings {
			x.findings += f.ID + ";"
			if f.Source != "pacs" || f.Delivery != "d1" || !f.Received.Equal(d.Received) || p.main != f.Acquired.Equal(at) {
				t.Errorf("%s: %+v", f.ID, f)
			}
		}
		got = append(got, x)
	}
	want := []sorted{
		{"1", "A1", "H1", at, "own;unnamed;by accession;", 1},
		{"2", "", "H1", at.Add(-time.Hour), "earlier study;earlier, again;", 1},
		{"", "A2", "H1", time.Time{}, "earlier accession;", 0},
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if parts := split(d, &ward.PlacedReport{ImagingReport: ward.ImagingReport{Of: ward.Claim{HospitalID: "H1"}, Findings: []ward.Finding{{InstanceUID: "9"}}}}); len(parts) != 1 || parts[0].study.id != studyID("pacs", "", "", "d1") {
		t.Errorf("of an instance alone: %+v", parts)
	}
}
