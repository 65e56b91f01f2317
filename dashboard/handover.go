package dashboard

import (
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"wardwatch/dashboard/live"
	"wardwatch/ward"
)

// HandOverBody offers patients to the next. From is oneself when it is left out; only the nurse in
// charge may offer for somebody else.
type HandOverBody struct {
	Ward  string   `json:"ward"`
	Role  string   `json:"role"` // nurse or doctor_on_duty
	From  string   `json:"from,omitempty"`
	To    string   `json:"to"`
	Stays []string `json:"stays"`
	Note  string   `json:"note,omitempty"`
}

// HandOverReply is an offer and what became of it.
type HandOverReply struct {
	ID       string         `json:"id"`
	Ward     string         `json:"ward"`
	Role     string         `json:"role"`
	From     live.StaffView `json:"from"`
	To       live.StaffView `json:"to"`
	Stays    []HandedOver   `json:"stays"`
	Left     []string       `json:"left"` // of these, once accepted: those that were gone or another's by then
	Note     string         `json:"note"`
	Offered  *int64         `json:"offered"`
	State    string         `json:"state"`
	Answered *int64         `json:"answered"`
	Reason   string         `json:"reason"`
}

// HandedOver is one patient of a hand-over.
type HandedOver struct {
	ID   string `json:"id"`
	Bed  string `json:"bed"`
	Name string `json:"name"`
}

// AnswerBody ends an offer.
type AnswerBody struct {
	State  string `json:"state"`            // accepted, declined or withdrawn
	Reason string `json:"reason,omitempty"` // required to decline
}

// Bounds of hand-overs.
const (
	maxHandedOver = 64             // patients in one
	handOversBack = 36 * time.Hour // that are listed
)

func offerHandOver(q *call) error {
	var b HandOverBody
	if err := q.read(&b); err != nil {
		return err
	}
	h, err := q.handOver(&b)
	if err != nil {
		return err
	}
	if h, err = q.s.o.Duty.OfferHandOver(q.ctx, h); err != nil {
		return err
	}
	r, err := q.viewHandOver(&h)
	if err != nil {
		return err
	}
	return q.c.Status(fiber.StatusCreated).JSON(r)
}

// handOver is the body as an offer that may be made.
func (q *call) handOver(b *HandOverBody) (h ward.HandOver, err error) {
	if !ward.ValidID(b.Ward) {
		return h, badInput("the ward is missing or not an identifier", "GET /api/v1/wards lists them")
	}
	h = ward.HandOver{Ward: ward.WardID(b.Ward), Role: ward.Role(b.Role), From: q.who.Person.ID, To: ward.PersonID(b.To), Note: strings.TrimSpace(b.Note), Offered: q.s.o.Now(), State: ward.HandOverOffered}
	if err := q.mayEnter(h.Ward); err != nil {
		return h, err
	}
	if b.From != "" && b.From != string(h.From) {
		if q.who.Person.Access != ward.AccessCharge {
			return h, forbidden("you may hand over your own patients", "ask the nurse in charge to hand over somebody else's")
		}
		h.From, h.By = ward.PersonID(b.From), q.who.Person.ID
	}
	switch {
	case h.Role != ward.RoleNurse && h.Role != ward.RoleDoctor:
		return h, badInput("this duty has no patients of its own", "role is nurse or doctor_on_duty")
	case !ward.ValidID(string(h.From)) || !ward.ValidID(string(h.To)) || h.From == h.To:
		return h, badInput("the receiver is missing, or the same as the giver", "GET /api/v1/wards/{ward}/staff lists who works here")
	case len(b.Stays) == 0 || len(b.Stays) > maxHandedOver:
		return h, badInput("no patients are named, or too many", "name those that are handed over, at most 64")
	case len(b.Note) > maxText:
		return h, badInput("the note is too long", "write it in a sentence or two")
	}
	for _, id := range b.Stays {
		if !ward.ValidID(id) {
			return h, badInput("a stay is not an identifier", "name stays as the board does")
		}
		h.Stays = append(h.Stays, ward.StayID(id))
	}
	return h, nil
}

func (q *call) viewHandOver(h *ward.HandOver) (HandOverReply, error) {
	r := HandOverReply{
		ID: h.ID, Ward: string(h.Ward), Role: string(h.Role), From: q.viewOne(h.From), To: q.viewOne(h.To),
		Stays: make([]HandedOver, 0, len(h.Stays)), Left: words(h.Left), Note: h.Note, Offered: live.Ms(h.Offered), State: string(h.State), Answered: live.Ms(h.Answered), Reason: h.Reason,
	}
	for _, id := range h.Stays {
		s, err := q.stayOrNone(id)
		if err != nil {
			return r, err
		}
		if s != nil {
			r.Stays = append(r.Stays, HandedOver{ID: string(s.ID), Bed: string(s.Place.Bed), Name: s.GivenName})
		}
	}
	return r, nil
}

func listHandOvers(q *call) error {
	w, err := q.wardID()
	if err != nil {
		return err
	}
	list, err := q.s.o.Duty.HandOvers(q.ctx, w, q.s.o.Now().Add(-handOversBack))
	if err != nil {
		return err
	}
	out := make([]HandOverReply, 0, len(list))
	for i := range list {
		r, err := q.viewHandOver(&list[i])
		if err != nil {
			return err
		}
		out = append(out, r)
	}
	return q.c.JSON(out)
}

// answerHandOver ends an offer in the book, then moves what alerts have to do with it. An answer that
// the book has already is given to the desk again: it may not have reached it the first time.
func answerHandOver(q *call) error {
	id, err := q.id("id")
	if err != nil {
		return err
	}
	h, err := q.s.o.Duty.HandOver(q.ctx, id)
	if err != nil {
		return err
	}
	if err := q.mayEnter(h.Ward); err != nil {
		return err
	}
	var b AnswerBody
	if err := q.read(&b); err != nil {
		return err
	}
	state := ward.HandOverState(b.State)
	reason, err := q.mayAnswer(&h, state, b.Reason)
	if err != nil {
		return err
	}
	if h.State != state {
		if h, err = q.s.o.Duty.AnswerHandOver(q.ctx, id, state, reason, q.who.Person.ID, q.s.o.Now()); err != nil {
			return err
		}
	}
	if h.State == ward.HandOverAccepted {
		moved := h
		moved.Stays = slices.DeleteFunc(slices.Clone(h.Stays), func(id ward.StayID) bool { return slices.Contains(h.Left, id) })
		if err := q.s.o.Desk.HandOver(q.ctx, moved, q.s.o.Now()); err != nil {
			return err
		}
		if err := q.s.refreshStays(q.ctx, h.Ward); err != nil {
			q.s.log.Error("the board could not be refreshed", "ward", h.Ward, "error", err)
		}
	}
	r, err := q.viewHandOver(&h)
	if err != nil {
		return err
	}
	return q.c.JSON(r)
}

// mayAnswer: the receiver accepts or declines, the giver or the nurse in charge withdraws.
func (q *call) mayAnswer(h *ward.HandOver, state ward.HandOverState, reason string) (string, error) {
	me := q.who.Person
	switch state {
	case ward.HandOverAccepted, ward.HandOverDeclined:
		if me.ID != h.To {
			return "", forbidden("only the receiver may answer a hand-over", "who offered it, or the nurse in charge, may withdraw it")
		}
	case ward.HandOverWithdrawn:
		if me.ID != h.From && me.Access != ward.AccessCharge {
			return "", forbidden("only who offered it, or the nurse in charge, may withdraw a hand-over", "the receiver may accept or decline it")
		}
	default:
		return "", badInput("there is no such answer", "state is accepted, declined or withdrawn")
	}
	missing := ""
	if state == ward.HandOverDeclined {
		missing = "say in a few words why you cannot take them"
	}
	return reasonOf(reason, missing)
}

// handOverDigest is what to say at a hand-over; it is about everybody on the ward, so it is recorded.
func handOverDigest(q *call) error {
	w, err := q.wardID()
	if err != nil {
		return err
	}
	role := ward.Role(q.c.Query("role", string(ward.RoleNurse)))
	if !slices.Contains(allRoles, role) || role == ward.RoleEngineer {
		return badInput("there is no such duty", "role is nurse, nurse_charge, doctor_on_duty, duty_lead or intensive_care")
	}
	lang := q.c.Query("lang", q.who.Person.Lang)
	if lang != "vi" && lang != "en" {
		return badInput("there is no such language here", "choose vi or en")
	}
	if q.s.o.Digest == nil {
		return &ward.Error{Code: ward.NotFound, Message: "this server composes no hand-over", Hint: "hand over from the board"}
	}
	r, err := q.s.o.Digest(q.ctx, w, role, lang)
	if err != nil {
		return err
	}
	r.Patients = orEmpty(r.Patients)
	for i := range r.Patients {
		p := &r.Patients[i]
		p.Limits, p.Tasks, p.Events = orEmpty(p.Limits), orEmpty(p.Tasks), orEmpty(p.Events)
	}
	q.note(ward.AuditEntry{By: q.who.Person.ID, Deed: "handover.digest", Object: "ward:" + string(w), Detail: string(role)})
	return q.c.JSON(r)
}
