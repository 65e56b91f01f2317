package respiratory

import (
	"testing"

	"pgregory.net/rapid"

	"wardwatch/ward"
)

const ptx = "36118008"

// What takes a finding away: a person who says that it is not so, or a newer study that shows the same
// region. A model's newer study takes away only what no person has confirmed.
func TestWhatWithdrawsAFinding(t *testing.T) {
	old := func(change func(*ward.Finding)) ward.Finding {
		return seenOn(ptx, 20, func(f *ward.Finding) {
			f.ID, f.StudyUID = "old", "1"
			if change != nil {
				change(f)
			}
		})
	}
	newer := func(code string, score float64, change func(*ward.Finding)) ward.Finding {
		return seenOn(code, 2, func(f *ward.Finding) {
			f.ID, f.StudyUID, f.Score = "new", "2", score
			if change != nil {
				change(f)
			}
		})
	}
	person := func(f *ward.Finding) { f.ByPerson, f.Model, f.Source, f.Produced = true, "", "ris", f.Acquired }
	side := func(laterality string) func(*ward.Finding) {
		return func(f *ward.Finding) { f.Laterality = laterality }
	}
	accession := func(number string) func(*ward.Finding) {
		return func(f *ward.Finding) { f.Accession = number }
	}
	for _, c := range []struct {
		name string
		old  ward.Finding
		also []ward.Finding
		want ward.Withdrawal
	}{
		{"by itself", old(nil), nil, ward.NotWithdrawn},
		{"rejected", old(func(f *ward.Finding) { f.Confirmed = ward.Rejected }), nil, ward.WithdrawnReject},
		{"the model's newer study sees nothing", old(nil), []ward.Finding{newer(ptx, 0.1, nil)}, ward.WithdrawnNewer},
		{"the model's newer study lists another finding only", old(nil), []ward.Finding{newer("effusion", 0.9, nil)}, ward.WithdrawnNewer},
		{"another model that knows the kind", old(nil), []ward.Finding{newer(ptx, 0.1, func(f *ward.Finding) { f.Model = "other" })}, ward.WithdrawnNewer},
		{"another model that does not", old(nil), []ward.Finding{newer("effusion", 0.9, func(f *ward.Finding) { f.Model = "other" })}, ward.NotWithdrawn},
		{"a newer study of another region", old(nil), []ward.Finding{newer(ptx, 0.1, func(f *ward.Finding) { f.Region = "head" })}, ward.NotWithdrawn},
		{"of a region that nobody said", old(nil), []ward.Finding{newer(ptx, 0.1, func(f *ward.Finding) { f.Region = "" })}, ward.NotWithdrawn},
		{"the same study once more", old(nil), []ward.Finding{newer(ptx, 0.1, func(f *ward.Finding) { f.StudyUID = "1" })}, ward.NotWithdrawn},
		{"somebody else's newer study", old(nil), []ward.Finding{newer(ptx, 0.1, func(f *ward.Finding) { f.Stay = "stay-2" })}, ward.NotWithdrawn},
		{"a study of a time to come", old(nil), []ward.Finding{newer(ptx, 0.1, func(f *ward.Finding) { f.Acquired = noon.Add(span(1)) })}, ward.NotWithdrawn},
		{"confirmed, and a model's newer study sees nothing", old(confirmed), []ward.Finding{newer(ptx, 0.1, nil)}, ward.NotWithdrawn},
		{"confirmed, and the newer one is rejected by a clinician", old(confirmed), []ward.Finding{newer(ptx, 0.9, func(f *ward.Finding) { f.Confirmed = ward.Rejected })}, ward.WithdrawnNewer},
		{"confirmed, and a radiologist has read the newer study", old(confirmed), []ward.Finding{newer("effusion", 1, person)}, ward.WithdrawnNewer},
		{"the radiologist does not see it in this study", old(nil), []ward.Finding{newer(ptx, 0, func(f *ward.Finding) { person(f); f.StudyUID = "1" })}, ward.WithdrawnRead},
		{"the radiologist says nothing of it", old(nil), []ward.Finding{newer("effusion", 0, func(f *ward.Finding) { person(f); f.StudyUID = "1" })}, ward.NotWithdrawn},
		{"confirmed by a clinician after the radiologist's word", old(func(f *ward.Finding) { f.Confirmed, f.ConfirmedAt = ward.Confirmed, noon }), []ward.Finding{newer(ptx, 0, func(f *ward.Finding) { person(f); f.StudyUID = "1" })}, ward.NotWithdrawn},
		{"under its own threshold", old(func(f *ward.Finding) { f.Score, f.Threshold = 0.6, 0.7 }), nil, ward.WithdrawnAbsent},
		{"taken back by its sender", old(func(f *ward.Finding) { f.Retracted = noon }), nil, ward.WithdrawnSender},
		{"taken back by its sender, though confirmed", old(func(f *ward.Finding) { confirmed(f); f.Retracted = noon }), nil, ward.WithdrawnSender},
		{"a newer study that its sender took back", old(nil), []ward.Finding{newer(ptx, 0.1, func(f *ward.Finding) { f.Retracted = noon })}, ward.NotWithdrawn},
		{"a radiologist's word that was taken back", old(nil), []ward.Finding{newer(ptx, 0, func(f *ward.Finding) { person(f); f.StudyUID, f.Retracted = "1", noon })}, ward.NotWithdrawn},
		{"right, and the radiologist sees no left one", old(side("right")), []ward.Finding{newer(ptx, 0, func(f *ward.Finding) { person(f); f.StudyUID, f.Laterality = "1", "left" })}, ward.NotWithdrawn},
		{"left, and the radiologist sees none", old(side("left")), []ward.Finding{newer(ptx, 0, func(f *ward.Finding) { person(f); f.StudyUID = "1" })}, ward.WithdrawnRead},
		{"right, and another model's newer study sees no left one", old(side("right")), []ward.Finding{newer(ptx, 0.1, func(f *ward.Finding) { f.Model, f.Laterality = "other", "left" })}, ward.NotWithdrawn},
		{"right and confirmed, and a clinician rejects a newer left one", old(func(f *ward.Finding) { confirmed(f); f.Laterality = "right" }), []ward.Finding{newer(ptx, 0.9, func(f *ward.Finding) { f.Confirmed, f.Laterality = ward.Rejected, "left" })}, ward.NotWithdrawn},
		{"the radiologist names the study by its accession", old(accession("A1")), []ward.Finding{newer(ptx, 0, func(f *ward.Finding) { person(f); f.StudyUID, f.Accession = "", "A1" })}, ward.WithdrawnRead},
		{"the radiologist names another study by its accession, and nothing else", old(accession("A1")), []ward.Finding{newer("effusion", 1, func(f *ward.Finding) { person(f); f.StudyUID, f.Accession = "", "A2" })}, ward.WithdrawnNewer},
		{"another study under the same accession", old(accession("A1")), []ward.Finding{newer(ptx, 0, func(f *ward.Finding) { person(f); f.Region, f.Accession = "", "A1" })}, ward.NotWithdrawn},
		{"perhaps the same study: nothing names both alike", old(nil), []ward.Finding{newer("effusion", 1, func(f *ward.Finding) { person(f); f.StudyUID, f.Accession = "", "A1" })}, ward.NotWithdrawn},
		{"over its own threshold", old(func(f *ward.Finding) { f.Score, f.Threshold = 0.3, 0.25 }), nil, ward.NotWithdrawn},
	} {
		got := Default().Standings(somebody, append([]ward.Finding{c.old}, c.also...), noon)[0]
		if got.Withdrawn != c.want {
			t.Errorf("%s: %q, want %q", c.name, got.Withdrawn, c.want)
		}
	}
}

// A radiologist's own finding is read; one that agrees with the model's makes that read too.
func TestARadiologistsWord(t *testing.T) {
	ai := seenOn(ptx, 2, func(f *ward.Finding) { f.ID = "ai" })
	read := seenOn(ptx, 2, func(f *ward.Finding) {
		f.ID, f.ByPerson, f.Model, f.Score, f.Produced = "read", true, "", 1, noon
	})
	got := Default().Standings(somebody, []ward.Finding{ai, read}, noon)
	for _, s := range got {
		if s.Unread || s.Withdrawn != ward.NotWithdrawn {
			t.Errorf("%+v", s)
		}
	}
	ai.StudyUID = "another"
	if got := Default().Standings(somebody, []ward.Finding{ai, read}, noon); !got[0].Unread {
		t.Error("a read of another study confirms nothing")
	}
	ai.Accession, read.Accession, read.StudyUID = "A1", "A1", ""
	if got := Default().Standings(somebody, []ward.Finding{ai, read}, noon); got[0].Unread {
		t.Error("a read that names the study by its accession confirms")
	}
	read.Retracted = noon
	if got := Default().Standings(somebody, []ward.Finding{ai, read}, noon); !got[0].Unread {
		t.Error("a read that was taken back confirms nothing")
	}
}

// Signed together, left absent and right present: each says what it says of its own side, in any order,
// and what has no side, or both, is there.
func TestARadiologistsWordIsOfASide(t *testing.T) {
	read := func(laterality string, score float64) ward.Finding {
		return seenOn(ptx, 2, func(f *ward.Finding) {
			f.ID, f.ByPerson, f.Model, f.Laterality, f.Score, f.Produced = "read "+laterality, true, "", laterality, score, noon
		})
	}
	for _, c := range []struct {
		side   string
		want   ward.Withdrawal
		unread bool
	}{
		{"left", ward.WithdrawnRead, false}, {"right", ward.NotWithdrawn, false}, {"", ward.NotWithdrawn, false}, {"bilateral", ward.NotWithdrawn, false},
	} {
		ai := seenOn(ptx, 2, func(f *ward.Finding) { f.ID, f.Laterality = "ai", c.side })
		for _, all := range [][]ward.Finding{
			{ai, read("left", 0), read("right", 1)},
			{ai, read("right", 1), read("left", 0)},
		} {
			if got := Default().Standings(somebody, all, noon)[0]; got.Withdrawn != c.want || got.Unread != c.unread {
				t.Errorf("%q, then %s: %+v", c.side, all[1].ID, got)
			}
		}
	}
}

// Whatever models say of a newer study, what a clinician has confirmed goes on counting.
func TestModelsNeverLower(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := Input{At: noon, Stay: somebody, Findings: []ward.Finding{seenOn(ptx, 10, confirmed)}}
		before := View(Default(), in).Band
		for range rapid.IntRange(0, 5).Draw(t, "others") {
			in.Findings = append(in.Findings, seenOn(rapid.SampledFrom([]string{ptx, "effusion", "cardiomegaly", "opacity"}).Draw(t, "code"),
				rapid.Float64Range(-2, 40).Draw(t, "hours"), func(f *ward.Finding) {
					f.ID = rapid.StringN(1, 4, 4).Draw(t, "id")
					f.Score, f.StudyUID = rapid.Float64Range(0, 1).Draw(t, "score"), rapid.SampledFrom([]string{"1.2", "2", ""}).Draw(t, "study")
					f.Model, f.Region = rapid.SampledFrom([]string{"cxr", "other", ""}).Draw(t, "model"), rapid.SampledFrom([]string{"chest", ""}).Draw(t, "region")
				}))
		}
		if after := View(Default(), in).Band; after < before {
			t.Fatalf("%v, then %v", before, after)
		}
	})
}
