package stays_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"wardwatch/store/book"
	. "wardwatch/store/book/booktest"
	"wardwatch/ward"
)

func who(p ward.PersonID) *ward.PersonID { return &p }

func assign(t testing.TB, b *book.Book, s ward.Stay, nurse ward.PersonID) {
	t.Helper()
	Must[ward.Stay](t)(b.Assign(t.Context(), s.ID, who(nurse), nil, time.Time{}, "truong"))
}

func TestAssign(t *testing.T) {
	c := NewClock()
	b := Open(t, c)
	ctx := t.Context()
	s := Admit(t, b, "a9", "01")
	s = Must[ward.Stay](t)(b.Assign(ctx, s.ID, who("lan"), who("binh"), time.Time{}, "truong"))
	if s.Nurse != "lan" || s.Doctor != "binh" || s.NurseSince != c.At || s.DoctorSince != c.At {
		t.Fatalf("assigned: %+v", s)
	}
	morning := c.At
	c.Pass(8 * time.Hour)
	s = Must[ward.Stay](t)(b.Assign(ctx, s.ID, who("lan"), nil, c.At.Add(-time.Minute), "lan")) // her next shift begins
	if s.Nurse != "lan" || s.NurseSince != c.At.Add(-time.Minute) || s.Doctor != "binh" || s.DoctorSince != morning {
		t.Errorf("renewed: %+v", s)
	}
	s = Must[ward.Stay](t)(b.Assign(ctx, s.ID, who(""), nil, time.Time{}, "truong"))
	if s.Nurse != "" || !s.NurseSince.IsZero() || s.Doctor != "binh" {
		t.Errorf("nobody's: %+v", s)
	}
	if got := b.LookUp(s.ID); !got.Same(&s) {
		t.Errorf("in memory %+v", got)
	}
	for name, p := range map[string][2]*ward.PersonID{
		"nobody at all": {nil, nil}, "another ward's nurse": {who("hoa"), nil}, "somebody who has left": {who("left"), nil}, "a stranger": {who("x"), nil},
		"a doctor as the nurse": {who("binh"), nil}, "a nurse as the doctor": {nil, who("lan")}, "the nurse in charge, who is not listed as a nurse": {who("truong"), nil},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := b.Assign(ctx, s.ID, p[0], p[1], time.Time{}, "truong")
			Refused(t, err, ward.BadInput)
		})
	}
	_, err := b.Assign(ctx, s.ID, who("lan"), nil, c.At.Add(time.Hour), "truong")
	Refused(t, err, ward.BadInput)
	_, err = b.Assign(ctx, "nobody", who("lan"), nil, time.Time{}, "truong")
	Refused(t, err, ward.NotFound)
	Whole(t, b)
}

// Who goes to another ward is not this ward's nurse's any more, by hand or by an imported list; within
// the ward they stay hers.
func TestAnotherWardHasItsOwnNurses(t *testing.T) {
	c := NewClock()
	b := Open(t, c)
	ctx := t.Context()
	s, listed := Admit(t, b, "a9", "01"), Must[ward.Stay](t)(b.Admit(ctx, ward.Stay{HospitalID: "H2", FamilyName: "Trần", GivenName: "Bình", Place: ward.Place{Ward: "a9", Bed: "02"}}, "lan"))
	for _, id := range []ward.StayID{s.ID, listed.ID} {
		Must[ward.Stay](t)(b.Assign(ctx, id, who("lan"), who("binh"), time.Time{}, "truong"))
	}
	c.Pass(time.Minute)
	if s = Must[ward.Stay](t)(b.Transfer(ctx, s.ID, ward.Place{Ward: "a9", Bed: "03"}, time.Time{}, "lan")); s.Nurse != "lan" || s.Doctor != "binh" {
		t.Errorf("within the ward: %+v", s)
	}
	c.Pass(time.Minute)
	if s = Must[ward.Stay](t)(b.Transfer(ctx, s.ID, ward.Place{Ward: "b1", Bed: "01"}, time.Time{}, "lan")); s.Nurse != "" || s.Doctor != "" || !s.NurseSince.IsZero() {
		t.Errorf("on another ward: %+v", s)
	}
	Must[book.ImportReport](t)(b.ImportStays(ctx, strings.NewReader("hospital_id,family_name,given_name,birth_date,sex,ward,bed,admitted\nH2,Trần,Bính,,,b1,02,\n"), "it"))
	if s = Must[ward.Stay](t)(b.Stay(ctx, listed.ID)); s.Nurse != "" || s.Doctor != "" || s.GivenName != "Bính" || s.Place.Ward != "b1" {
		t.Errorf("by a list: %+v", s)
	}
}

// morning is a ward with three patients: Lan's, Lan's, and nobody's.
func morning(t *testing.T) (*Clock, *book.Book, []ward.Stay) {
	c := NewClock()
	b := Open(t, c)
	all := []ward.Stay{Admit(t, b, "a9", "01"), Admit(t, b, "a9", "02"), Admit(t, b, "a9", "03")}
	assign(t, b, all[0], "lan")
	assign(t, b, all[1], "lan")
	c.Pass(10 * time.Hour)
	return c, b, all
}

func toMai(stays ...ward.Stay) ward.HandOver {
	h := ward.HandOver{Ward: "a9", Role: ward.RoleNurse, From: "lan", To: "mai", Note: "Giường 02 theo dõi thở"}
	for _, s := range stays {
		h.Stays = append(h.Stays, s.ID)
	}
	return h
}

func nurses(t *testing.T, b *book.Book, all []ward.Stay) (out []string) {
	t.Helper()
	for _, s := range all {
		out = append(out, string(Must[ward.Stay](t)(b.Stay(t.Context(), s.ID)).Nurse))
	}
	return out
}

func TestHandOver(t *testing.T) {
	c, b, all := morning(t)
	ctx := t.Context()
	h := Must[ward.HandOver](t)(b.OfferHandOver(ctx, toMai(all...)))
	if h.ID == "" || h.State != ward.HandOverOffered || h.Offered != c.At || len(h.Stays) != 3 || h.Note == "" {
		t.Fatalf("offered: %+v", h)
	}
	if got := nurses(t, b, all); !slices.Equal(got, []string{"lan", "lan", ""}) {
		t.Errorf("an offer alone changes nobody's nurse: %v", got)
	}
	c.Pass(time.Minute)
	Must[ward.Stay](t)(b.Discharge(ctx, all[0].ID, time.Time{}, "discharged", "binh")) // meanwhile one goes home
	at := c.At
	c.Pass(time.Minute)
	done := Must[ward.HandOver](t)(b.AnswerHandOver(ctx, h.ID, ward.HandOverAccepted, "", "mai", at))
	if done.State != ward.HandOverAccepted || done.Answered != at || !slices.Equal(done.Left, []ward.StayID{all[0].ID}) {
		t.Errorf("accepted: %+v", done)
	}
	if got := nurses(t, b, all); !slices.Equal(got, []string{"lan", "mai", "mai"}) {
		t.Errorf("accepted: %v", got)
	}
	if s := b.LookUp(all[1].ID); s.Nurse != "mai" || s.NurseSince != at {
		t.Errorf("in memory: %+v", s)
	}
	again := Must[ward.HandOver](t)(b.AnswerHandOver(ctx, h.ID, ward.HandOverAccepted, "", "mai", at))
	if again.Answered != done.Answered || len(again.Left) != 1 {
		t.Errorf("accepted again: %+v", again)
	}
	_, err := b.AnswerHandOver(ctx, h.ID, ward.HandOverDeclined, "không", "mai", at)
	Refused(t, err, ward.Conflict)
	if got := Deeds(t, b, "handover:"+h.ID); !slices.Equal(got, []string{"lan: handover.offer", "mai: handover.accepted"}) {
		t.Errorf("on record: %v", got)
	}
	if got := Deeds(t, b, "stay:"+string(all[1].ID)); got[len(got)-1] != "mai: stay.assign" {
		t.Errorf("on record of the stay: %v", got)
	}
	Whole(t, b)
}

// Between the offer and its acceptance the patient was given to somebody else, or moved away: they stay
// as they are.
func TestWhatChangedMeanwhileIsLeft(t *testing.T) {
	_, b, all := morning(t)
	ctx := t.Context()
	h := Must[ward.HandOver](t)(b.OfferHandOver(ctx, toMai(all...)))
	hung := ward.Person{ID: "hung", Login: "dd-hung", Access: ward.AccessNurse}
	Must[ward.Person](t)(b.AddPerson(ctx, hung, "", ""))
	assign(t, b, all[0], "hung")
	Must[ward.Stay](t)(b.Transfer(ctx, all[1].ID, ward.Place{Ward: "b1", Bed: "01"}, time.Time{}, "lan"))
	done := Must[ward.HandOver](t)(b.AnswerHandOver(ctx, h.ID, ward.HandOverAccepted, "", "mai", time.Time{}))
	if len(done.Left) != 2 {
		t.Errorf("left: %v", done.Left)
	}
	if got := nurses(t, b, all); !slices.Equal(got, []string{"hung", "", "mai"}) {
		t.Errorf("after: %v", got)
	}
}

func TestHandOversAreRefusedWithAReason(t *testing.T) {
	_, b, all := morning(t)
	ctx := t.Context()
	elsewhere := Admit(t, b, "b1", "01")
	Must[ward.HandOver](t)(b.OfferHandOver(ctx, toMai(all[2])))
	for _, x := range []struct {
		name   string
		change func(*ward.HandOver)
		code   ward.ErrorCode
	}{
		{"to herself", func(h *ward.HandOver) { h.To = "lan" }, ward.BadInput},
		{"to another ward's nurse", func(h *ward.HandOver) { h.To = "hoa" }, ward.BadInput},
		{"to somebody who has left", func(h *ward.HandOver) { h.To = "left" }, ward.BadInput},
		{"to a doctor", func(h *ward.HandOver) { h.To = "binh" }, ward.BadInput},
		{"by nobody", func(h *ward.HandOver) { h.From = "" }, ward.BadInput},
		{"in a duty that has no patients", func(h *ward.HandOver) { h.Role = ward.RoleLead }, ward.BadInput},
		{"nobody", func(h *ward.HandOver) { h.Stays = nil }, ward.BadInput},
		{"a novel", func(h *ward.HandOver) { h.Note = strings.Repeat("a", 4097) }, ward.BadInput},
		{"a stranger", func(h *ward.HandOver) { h.Stays = []ward.StayID{"x"} }, ward.NotFound},
		{"a patient of another ward", func(h *ward.HandOver) { h.Stays = []ward.StayID{elsewhere.ID} }, ward.Conflict},
		{"one who is offered already", func(h *ward.HandOver) { h.Stays = []ward.StayID{all[2].ID} }, ward.Conflict},
		{"another nurse's patients", func(h *ward.HandOver) { h.From, h.To = "mai", "lan" }, ward.Conflict},
	} {
		t.Run(x.name, func(t *testing.T) {
			h := toMai(all[0])
			x.change(&h)
			_, err := b.OfferHandOver(ctx, h)
			Refused(t, err, x.code)
		})
	}
}

func TestAnswers(t *testing.T) {
	for _, x := range []struct {
		name   string
		state  ward.HandOverState
		reason string
		by     ward.PersonID
		code   ward.ErrorCode // empty: taken
	}{
		{"the receiver accepts", ward.HandOverAccepted, "", "mai", ""},
		{"the giver accepts for her", ward.HandOverAccepted, "", "lan", ward.Forbidden},
		{"she declines", ward.HandOverDeclined, "đang cấp cứu", "mai", ""},
		{"she declines and says nothing", ward.HandOverDeclined, " ", "mai", ward.BadInput},
		{"another declines for her", ward.HandOverDeclined, "không", "truong", ward.Forbidden},
		{"the giver withdraws", ward.HandOverWithdrawn, "", "lan", ""},
		{"the nurse in charge withdraws", ward.HandOverWithdrawn, "", "truong", ""},
		{"nobody withdraws", ward.HandOverWithdrawn, "", "", ward.BadInput},
		{"no answer", ward.HandOverOffered, "", "mai", ward.BadInput},
	} {
		t.Run(x.name, func(t *testing.T) {
			c, b, all := morning(t)
			ctx := t.Context()
			h := Must[ward.HandOver](t)(b.OfferHandOver(ctx, toMai(all[0])))
			c.Pass(time.Minute)
			_, err := b.AnswerHandOver(ctx, h.ID, x.state, x.reason, x.by, time.Time{})
			h = Must[ward.HandOver](t)(b.HandOver(ctx, h.ID))
			if x.code != "" {
				Refused(t, err, x.code)
				if h.State != ward.HandOverOffered {
					t.Errorf("refused, yet %+v", h)
				}
				return
			}
			OK(t, err)
			if h.State != x.state || h.Reason != x.reason || h.Answered != c.At {
				t.Errorf("%+v", h)
			}
			want := ward.PersonID("lan")
			if x.state == ward.HandOverAccepted {
				want = "mai"
			}
			if got := nurses(t, b, all[:1]); got[0] != string(want) {
				t.Errorf("the patient is %s's", got[0])
			}
			if x.state != ward.HandOverAccepted {
				Must[ward.HandOver](t)(b.OfferHandOver(ctx, toMai(all[0]))) // may be offered again
			}
		})
	}
	_, b, _ := morning(t)
	_, err := b.AnswerHandOver(t.Context(), "x", ward.HandOverAccepted, "", "mai", time.Time{})
	Refused(t, err, ward.NotFound)
}

func TestHandOversAreListed(t *testing.T) {
	c, b, all := morning(t)
	ctx := t.Context()
	old := Must[ward.HandOver](t)(b.OfferHandOver(ctx, toMai(all[0])))
	open := Must[ward.HandOver](t)(b.OfferHandOver(ctx, toMai(all[1])))
	Must[ward.HandOver](t)(b.AnswerHandOver(ctx, old.ID, ward.HandOverDeclined, "bận", "mai", time.Time{}))
	c.Pass(24 * time.Hour)
	h := toMai(all[0])
	h.By = "truong"
	fresh := Must[ward.HandOver](t)(b.OfferHandOver(ctx, h))
	var got []string
	for _, h := range Must[[]ward.HandOver](t)(b.HandOvers(ctx, "a9", c.At)) {
		got = append(got, h.ID)
	}
	if !slices.Equal(got, []string{fresh.ID, open.ID}) {
		t.Errorf("today's, and the one still open: %v", got)
	}
	if list := Must[[]ward.HandOver](t)(b.HandOvers(ctx, "b1", time.Time{})); len(list) != 0 {
		t.Errorf("another ward's: %v", list)
	}
	if fresh.By != "truong" || Deeds(t, b, "handover:"+fresh.ID)[0] != "truong: handover.offer" {
		t.Errorf("offered in her name: %+v", fresh)
	}
}

// Two accept, assign and withdraw at once: the book ends in one of the orders, and says so to each.
func TestTwoAnswersAtOnce(t *testing.T) {
	_, b, all := morning(t)
	ctx := t.Context()
	assign(t, b, all[2], "lan")
	for range 10 {
		h := Must[ward.HandOver](t)(b.OfferHandOver(ctx, toMai(all...)))
		answers := make(chan error, 2)
		go func() {
			_, err := b.AnswerHandOver(ctx, h.ID, ward.HandOverAccepted, "", "mai", time.Time{})
			answers <- err
		}()
		go func() {
			_, err := b.AnswerHandOver(ctx, h.ID, ward.HandOverWithdrawn, "", "lan", time.Time{})
			answers <- err
		}()
		if one, other := <-answers, <-answers; (one == nil) == (other == nil) {
			t.Fatalf("one of them counts: %v, %v", one, other)
		}
		h = Must[ward.HandOver](t)(b.HandOver(ctx, h.ID))
		want := map[ward.HandOverState][]string{ward.HandOverAccepted: {"mai", "mai", "mai"}, ward.HandOverWithdrawn: {"lan", "lan", "lan"}}[h.State]
		if got := nurses(t, b, all); !slices.Equal(got, want) {
			t.Fatalf("%s: %v", h.State, got)
		}
		for _, s := range all {
			assign(t, b, s, "lan")
		}
	}
	Whole(t, b)
}
