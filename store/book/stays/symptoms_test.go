package stays_test

import (
	"strings"
	"testing"
	"time"

	. "wardwatch/store/book/booktest"
	"wardwatch/ward"
)

func TestSymptomChecks(t *testing.T) {
	c := NewClock()
	b := Open(t, c)
	ctx := t.Context()
	s := Admit(t, b, "a9", "01")
	c.Pass(time.Hour)
	first := ward.SymptomCheck{ID: "k1", Stay: s.ID, At: c.At.Add(-time.Minute), By: "lan", Pain: 1, Breathless: 2, Agitation: 3, Secretions: 1, Note: "đã cho morphin"}
	OK(t, b.AddSymptomCheck(ctx, first))
	OK(t, b.AddSymptomCheck(ctx, first)) // sent twice
	late := ward.SymptomCheck{Stay: s.ID, At: c.At.Add(-30 * time.Minute), By: "mai"}
	OK(t, b.AddSymptomCheck(ctx, late))
	got := Must[[]ward.SymptomCheck](t)(b.SymptomChecks(ctx, s.ID))
	first.Entered = c.At
	if len(got) != 2 || got[0] != first || got[1].By != "mai" || got[1].ID == "" {
		t.Errorf("kept: %+v", got)
	}
	if k := b.LookUp(s.ID); !k.Symptoms.Equal(first.At) {
		t.Errorf("last looked at %v: one entered late does not make it older", k.Symptoms)
	}
	other := first
	other.Pain = 3
	Refused(t, b.AddSymptomCheck(ctx, other), ward.Conflict)

	for name, change := range map[string]func(*ward.SymptomCheck){
		"worse than severe":       func(k *ward.SymptomCheck) { k.Nausea = 4 },
		"less than none":          func(k *ward.SymptomCheck) { k.Pain = -1 },
		"by nobody":               func(k *ward.SymptomCheck) { k.By = "" },
		"tomorrow":                func(k *ward.SymptomCheck) { k.At = c.At.Add(24 * time.Hour) },
		"before they came":        func(k *ward.SymptomCheck) { k.At = s.Admitted.Add(-time.Minute) },
		"with a novel for a note": func(k *ward.SymptomCheck) { k.Note = strings.Repeat("a", 4097) },
	} {
		t.Run(name, func(t *testing.T) {
			k := ward.SymptomCheck{Stay: s.ID, By: "lan"}
			change(&k)
			Refused(t, b.AddSymptomCheck(ctx, k), ward.BadInput)
		})
	}
	c.Pass(time.Minute)
	Must[ward.Stay](t)(b.Discharge(ctx, s.ID, time.Time{}, "died", "binh"))
	Refused(t, b.AddSymptomCheck(ctx, ward.SymptomCheck{Stay: s.ID, By: "lan"}), ward.Conflict)
	Refused(t, b.AddSymptomCheck(ctx, ward.SymptomCheck{Stay: "x", By: "lan"}), ward.NotFound)
	Whole(t, b)
}
