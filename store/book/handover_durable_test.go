package book

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"wardwatch/ward"
)

// handOverForEver hands all patients from one nurse to the other and back, until it is killed.
func handOverForEver(path, dies, first string) {
	var i, commits int
	fmt.Sscan(first, &i)
	ctx := context.Background()
	b, err := Open(ctx, path, Options{Probe: func(point string) {
		if commits++; point == dies && commits > 15 {
			killSelf()
		}
	}})
	if err == nil {
		err = withdrawOpen(ctx, b)
	}
	for ; err == nil; i++ {
		if err = handAllOver(ctx, b); err == nil {
			fmt.Println(i)
		}
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

// withdrawOpen ends the offer that a kill left open.
func withdrawOpen(ctx context.Context, b *Book) error {
	all, err := b.HandOvers(ctx, "a9", time.Now())
	for _, h := range all {
		_, e := b.AnswerHandOver(ctx, h.ID, ward.HandOverWithdrawn, "", "n1", time.Time{})
		err = errors.Join(err, e)
	}
	return err
}

func handAllOver(ctx context.Context, b *Book) error {
	all, err := b.StaysOn(ctx, "a9")
	if err != nil {
		return err
	}
	h := ward.HandOver{Ward: "a9", Role: ward.RoleNurse, From: "n1", To: "n2"}
	if all[0].Nurse == "n2" {
		h.From, h.To = h.To, h.From
	}
	for _, s := range all {
		h.Stays = append(h.Stays, s.ID)
	}
	if h, err = b.OfferHandOver(ctx, h); err != nil {
		return err
	}
	h, err = b.AnswerHandOver(ctx, h.ID, ward.HandOverAccepted, "", h.To, time.Time{})
	if err == nil && len(h.Left) > 0 {
		err = fmt.Errorf("left behind: %v", h.Left)
	}
	return err
}

// A hand-over that was accepted is there whole after kill -9 at any moment, all of its patients with the
// receiver; one that was not has moved nobody.
func TestKilledInTheMiddleOfHandOvers(t *testing.T) {
	b := openWith(t, Options{})
	path, ctx := b.Path(), t.Context()
	for _, id := range []ward.PersonID{"n1", "n2"} {
		must[ward.Person](t)(b.AddPerson(ctx, ward.Person{ID: id, Login: string(id), Access: ward.AccessNurse}, "", ""))
	}
	for _, place := range []ward.BedID{"01", "02", "12A", "12B"} {
		s := must[ward.Stay](t)(b.Admit(ctx, at(person(""), bed(place)), "n1"))
		must[ward.Stay](t)(b.Assign(ctx, s.ID, to("n1"), nil, time.Time{}, "n1"))
	}
	ok(t, b.Close())
	first := 0
	for round, dies := range []string{"book_written", "", "book_committed", "", "book_written"} {
		last := runChild(t, path, childHandsOver, dies, first, time.Duration(rand.IntN(60))*time.Millisecond)
		b, err := Open(ctx, path, Options{})
		ok(t, err)
		accepted, open := 0, 0
		for _, h := range must[[]ward.HandOver](t)(b.HandOvers(ctx, "a9", time.UnixMilli(1))) {
			switch h.State {
			case ward.HandOverAccepted:
				accepted++
			case ward.HandOverOffered:
				open++
			}
		}
		holders := map[ward.PersonID]int{}
		for _, s := range must[[]ward.Stay](t)(b.StaysOn(ctx, "a9")) {
			holders[s.Nurse]++
		}
		verdict := must[AuditVerdict](t)(b.VerifyAudit(ctx, nil))
		ok(t, b.Close())
		want := ward.PersonID([]string{"n1", "n2"}[accepted%2])
		if accepted < last+1 || accepted > last+2 || open > 1 || len(holders) != 1 || holders[want] != 4 || !verdict.OK {
			t.Fatalf("round %d (%s): %d accepted (%d were said to be), %d open; patients are with %v; audit %+v", round, dies, accepted, last+1, open, holders, verdict)
		}
		first = accepted
	}
	t.Logf("%d hand-overs over 5 kills", first)
}
