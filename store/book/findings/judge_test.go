package findings_test

import (
	"slices"
	"testing"
	"time"

	"wardwatch/store/book/findings"
	"wardwatch/ward"
)

// A doctor says in one step whether it is so, and can take it back.
func TestAClinicianJudges(t *testing.T) {
	c := newClock()
	b := open(t, c)
	a := admit(t, b, "H1", "01")
	r := says("H1", 0.9)
	reader := r.Findings[0]
	reader.ID, reader.ByPerson, reader.Model = "f2", true, ""
	r.Findings = append(r.Findings, reader)
	report(t, b, delivery(c, "d1"), placed(r, a))
	c.pass(time.Minute)
	word := func(w ward.Confirmation, reason string, by ward.PersonID, want ward.Confirmation, whose ward.PersonID) {
		t.Helper()
		f := must[ward.Finding](t)(b.JudgeFinding(t.Context(), "f1", w, reason, nil, by))
		if f.Confirmed != want || f.ConfirmedBy != whose || (want == ward.Unread) != f.ConfirmedAt.IsZero() || f.Seen != newClock().at.Add(time.Minute) || f.Stay != a {
			t.Errorf("%s by %s: %+v", w, by, f)
		}
		if kept := must[ward.Finding](t)(b.Finding(t.Context(), "f1")); kept.Confirmed != want {
			t.Errorf("kept: %+v", kept)
		}
	}
	word(ward.Confirmed, "", "doctor", ward.Confirmed, "doctor")
	c.pass(time.Minute)
	word(ward.Confirmed, "", "other", ward.Confirmed, "doctor")
	word(ward.Rejected, "a skin fold", "other", ward.Rejected, "other")
	word(ward.Unread, "", "other", ward.Unread, "")
	word(ward.Unread, "", "doctor", ward.Unread, "")
	want := []string{"finding.confirm by doctor:", "finding.reject by other: was confirmed, with a reason", "finding.unjudge by other: was rejected"}
	if got := deeds(t, b, "finding."); !slices.Equal(got, want) {
		t.Errorf("audit %q, want %q", got, want)
	}
	for _, tc := range []struct {
		name   string
		id     string
		word   ward.Confirmation
		reason string
		by     ward.PersonID
		code   ward.ErrorCode
	}{
		{"a word that is none", "f1", "perhaps", "", "doctor", ward.BadInput},
		{"a blank reason", "f1", ward.Rejected, " ", "doctor", ward.BadInput},
		{"a nurse", "f1", ward.Confirmed, "", "nurse", ward.Forbidden},
		{"nobody", "f1", ward.Confirmed, "", "", ward.BadInput},
		{"no such finding", "f9", ward.Confirmed, "", "doctor", ward.NotFound},
		{"a radiologist's own word", "f2", ward.Rejected, "", "doctor", ward.Conflict},
	} {
		_, err := b.JudgeFinding(t.Context(), tc.id, tc.word, tc.reason, nil, tc.by)
		t.Run(tc.name, func(t *testing.T) { refused(t, err, tc.code) })
	}
	must[[]ward.StayID](t)(b.DetachStudy(t.Context(), "f1", "wrong person", "nurse"))
	_, err := b.JudgeFinding(t.Context(), "f1", ward.Confirmed, "", nil, "doctor")
	refused(t, err, ward.Conflict)
}

// A doctor confirms what they have before them, never a correction that came between look and press.
func TestAWordIsOnWhatWasSeen(t *testing.T) {
	for _, tc := range []struct {
		name    string
		score   float64
		later   time.Duration // when the correction was produced, after what was seen
		refused bool
	}{
		{"nothing changed", 0.9, 0, false},
		{"another score", 0.7, time.Minute, true},
		{"another answer with the same score", 0.9, time.Minute, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := newClock()
			b := open(t, c)
			a := admit(t, b, "H1", "01")
			r, said := says("H1", 0.9), c.at.Add(-time.Hour+time.Nanosecond)
			r.Findings[0].Produced = said
			report(t, b, delivery(c, "d1"), placed(r, a))
			seen := &findings.Looked{Score: 0.9, Produced: of(t, b, a)[0].Produced}
			r = says("H1", tc.score)
			r.Findings[0].Produced = said.Add(tc.later)
			report(t, b, delivery(c, "d2"), placed(r, a))
			for _, word := range []ward.Confirmation{ward.Confirmed, ward.Rejected} {
				f, err := b.JudgeFinding(t.Context(), "f1", word, "", seen, "doctor")
				if !tc.refused {
					if ok(t, err); f.Confirmed != word {
						t.Errorf("%s: %+v", word, f)
					}
					continue
				}
				refused(t, err, ward.Conflict)
				if f := of(t, b, a)[0]; f.Confirmed != ward.Unread || !f.Seen.IsZero() {
					t.Errorf("%s holds unseen: %+v", word, f)
				}
			}
			must[ward.Finding](t)(b.JudgeFinding(t.Context(), "f1", ward.Confirmed, "", nil, "doctor"))
		})
	}
}

// The first look counts, and is in the audit.
func TestTheFirstLook(t *testing.T) {
	c := newClock()
	b := open(t, c)
	a := admit(t, b, "H1", "01")
	report(t, b, delivery(c, "d1"), placed(says("H1", 0.9), a))
	c.pass(time.Minute)
	first := c.at
	refused(t, b.SawFinding(t.Context(), "f1", "stranger"), ward.BadInput)
	refused(t, b.SawFinding(t.Context(), "f9", "nurse"), ward.NotFound)
	for _, by := range []ward.PersonID{"nurse", "nurse", "doctor"} {
		ok(t, b.SawFinding(t.Context(), "f1", by))
		c.pass(time.Minute)
	}
	if f := of(t, b, a)[0]; !f.Seen.Equal(first) {
		t.Errorf("seen at %v, want %v", f.Seen, first)
	}
	if got, want := deeds(t, b, "finding."), []string{"finding.see by nurse:"}; !slices.Equal(got, want) {
		t.Errorf("audit %q, want %q", got, want)
	}
}
