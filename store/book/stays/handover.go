package stays

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"wardwatch/store/book/people"
	"wardwatch/store/book/sqlite"
	"wardwatch/ward"
)

// maxHandedOver bounds the patients of one hand-over: more than any ward has.
const maxHandedOver = 200

// OfferHandOver offers patients of h.From, and such as nobody has, to h.To; its ID is given by the
// book, and it counts once h.To has accepted. h.By is who offers in the name of h.From, empty for
// h.From. A zero Offered means now. A stay has one open offer a duty; a second one is a conflict.
func (c *Census) OfferHandOver(ctx context.Context, h ward.HandOver) (kept ward.HandOver, err error) {
	err = c.change(ctx, func(e *edit) error {
		if h.Offered, err = e.moment(h.Offered); err != nil {
			return err
		}
		if err := e.mayOffer(&h); err != nil {
			return err
		}
		h.ID = rand.Text()[:16]
		if err := e.exec(`INSERT INTO handovers (id, ward, role, from_person, to_person, by_person, note, offered, state, answered, reason) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0, '')`,
			h.ID, h.Ward, h.Role, h.From, h.To, h.By, h.Note, sqlite.Ms(h.Offered), ward.HandOverOffered); err != nil {
			return err
		}
		for _, id := range h.Stays {
			if err := e.exec(`INSERT INTO handover_stays (handover, stay, role, open, was_left) VALUES (?, ?, ?, 1, 0)`, h.ID, id, h.Role); err != nil {
				return err
			}
		}
		offerer := h.By
		if offerer == "" {
			offerer = h.From
		}
		e.noteHandOver(offerer, "handover.offer", &h, fmt.Sprintf("%s %s to %s, %d stays", h.Role, h.From, h.To, len(h.Stays)))
		kept, err = handOverByID(ctx, e.tx, h.ID)
		return err
	})
	return kept, err
}

// AnswerHandOver ends an offer. Its receiver accepts, or declines with a reason; whoever may do so in
// the giver's name withdraws it, which the caller has checked. Accepting gives the receiver, in the
// same transaction and from at on (zero: now), every stay that is still on the ward and still the
// giver's or nobody's; the others are named in Left. The same answer again changes nothing.
func (c *Census) AnswerHandOver(ctx context.Context, id string, state ward.HandOverState, reason string, by ward.PersonID, at time.Time) (h ward.HandOver, err error) {
	err = c.change(ctx, func(e *edit) error {
		if h, err = handOverByID(ctx, e.tx, id); err != nil {
			return err
		}
		since, err := e.moment(at)
		if err != nil {
			return err
		}
		if err := mayAnswer(&h, state, reason, by); err != nil || h.State == state {
			return err
		}
		if state == ward.HandOverAccepted {
			if err := e.accept(&h, since); err != nil {
				return err
			}
		}
		if err := e.exec(`UPDATE handovers SET state = ?, answered = ?, reason = ? WHERE id = ?`, state, sqlite.Ms(since), reason, id); err != nil {
			return err
		}
		if err := e.exec(`UPDATE handover_stays SET open = 0 WHERE handover = ?`, id); err != nil {
			return err
		}
		e.noteHandOver(by, "handover."+string(state), &h, fmt.Sprintf("%s %s to %s, %d stays, %d left", h.Role, h.From, h.To, len(h.Stays), len(h.Left)))
		h, err = handOverByID(ctx, e.tx, id)
		return err
	})
	return h, err
}

// accept gives the receiver what is still there to give.
func (e *edit) accept(h *ward.HandOver, since time.Time) error {
	if _, err := e.mayServe(h.To, h.Role, h.Ward); err != nil {
		return err
	}
	for _, id := range h.Stays {
		s, err := stayByID(e.ctx, e.tx, id)
		if err != nil {
			return err
		}
		if givable(&s, h) != nil {
			h.Left = append(h.Left, id)
			if err := e.exec(`UPDATE handover_stays SET was_left = 1 WHERE handover = ? AND stay = ?`, h.ID, id); err != nil {
				return err
			}
			continue
		}
		give(&s, h.Role, h.To, since)
		if err := e.update(s); err != nil {
			return err
		}
		e.audit(h.To, "stay.assign", id, assignment(&s)+", by hand-over "+h.ID)
	}
	return nil
}

// givable refuses a stay that is gone, on another ward, or another's.
func givable(s *ward.Stay, h *ward.HandOver) error {
	who := holder(s, h.Role)
	switch {
	case !s.Ended.IsZero():
		return conflict("one of the patients has left", "reload the ward and choose again")
	case s.Place.Ward != h.Ward:
		return conflict(fmt.Sprintf("the patient in %s is on another ward", s.Place), "hand over the patients of one ward at a time")
	case who != "" && who != h.From:
		return conflict(fmt.Sprintf("the patient in %s is another person's", s.Place), "leave them out, or have whoever has them hand them over")
	}
	return nil
}

func (e *edit) mayOffer(h *ward.HandOver) error {
	switch {
	case h.Role != ward.RoleNurse && h.Role != ward.RoleDoctor:
		return bad("patients are handed over by nurses and by doctors", "give the role nurse or doctor_on_duty")
	case h.From == h.To:
		return bad("the giver and the receiver are the same person", "choose who takes over")
	case len(h.Note) > longestNote || !utf8.ValidString(h.Note):
		return bad("the note is too long", "write at most 4096 bytes")
	}
	if _, err := people.Enabled(e.ctx, e.tx, h.From); err != nil {
		return err
	}
	if _, err := e.mayServe(h.To, h.Role, h.Ward); err != nil {
		return err
	}
	return e.mayHandOver(h)
}

func (e *edit) mayHandOver(h *ward.HandOver) error {
	slices.Sort(h.Stays)
	h.Stays = slices.Compact(h.Stays)
	if len(h.Stays) == 0 || len(h.Stays) > maxHandedOver {
		return bad("a hand-over names 1 to 200 patients", "choose whom to hand over")
	}
	for _, id := range h.Stays {
		s, err := stayByID(e.ctx, e.tx, id)
		if err != nil {
			return err
		}
		if err := givable(&s, h); err != nil {
			return err
		}
		n, err := sqlite.Number(e.ctx, e.tx, `SELECT count(*) FROM handover_stays WHERE stay = ? AND role = ? AND open = 1`, id, h.Role)
		if err != nil {
			return err
		}
		if n > 0 {
			return conflict(fmt.Sprintf("the patient in %s is offered already", s.Place), "wait for the answer, or withdraw that offer first")
		}
	}
	return nil
}

// mayAnswer refuses an answer, with the remedy. The answer that was given already passes.
func mayAnswer(h *ward.HandOver, state ward.HandOverState, reason string, by ward.PersonID) error {
	switch state {
	case ward.HandOverAccepted, ward.HandOverDeclined:
		if by != h.To {
			return &ward.Error{Code: ward.Forbidden, Message: "this hand-over is offered to somebody else", Hint: "the receiver answers; the giver may withdraw it"}
		}
	case ward.HandOverWithdrawn:
		if by == "" {
			return bad("nobody is named as withdrawing it", "sign in")
		}
	default:
		return bad("this is no answer to a hand-over", "give accepted, declined or withdrawn")
	}
	switch {
	case h.State == state:
		return nil
	case h.State != ward.HandOverOffered:
		return conflict("this hand-over is "+string(h.State)+" already", "reload to see what stands now; offer the patients again if need be")
	case state == ward.HandOverDeclined && !isReason(reason):
		return bad("declining needs a reason of at most 256 bytes", "say in a few words why")
	case len(reason) > longestText || !utf8.ValidString(reason):
		return bad("the reason is too long", "write at most 256 bytes")
	}
	return nil
}

func (e *edit) noteHandOver(by ward.PersonID, deed string, h *ward.HandOver, detail string) {
	e.entries = append(e.entries, ward.AuditEntry{At: e.now, By: by, Deed: deed, Object: "handover:" + h.ID, Detail: detail})
}

const handOvers = `SELECT h.id, h.ward, h.role, h.from_person, h.to_person, h.by_person, h.note, h.offered, h.state, h.answered, h.reason,
	(SELECT json_group_array(stay) FROM handover_stays WHERE handover = h.id),
	(SELECT json_group_array(stay) FROM handover_stays WHERE handover = h.id AND was_left = 1) FROM handovers h `

func scanHandOver(r sqlite.Row) (h ward.HandOver, err error) {
	err = r.Scan(&h.ID, &h.Ward, &h.Role, &h.From, &h.To, &h.By, &h.Note, sqlite.When(&h.Offered), &h.State, sqlite.When(&h.Answered), &h.Reason,
		sqlite.FromJSON(&h.Stays), sqlite.FromJSON(&h.Left))
	if len(h.Left) == 0 {
		h.Left = nil
	}
	return h, err
}

func handOverByID(ctx context.Context, q sqlite.Querier, id string) (ward.HandOver, error) {
	h, err := scanHandOver(q.QueryRowContext(ctx, handOvers+`WHERE h.id = ?`, id))
	if errors.Is(err, sql.ErrNoRows) {
		err = &ward.Error{Code: ward.NotFound, Message: "there is no such hand-over", Hint: "reload the list of hand-overs"}
	}
	return h, err
}

// HandOver finds a hand-over.
func (c *Census) HandOver(ctx context.Context, id string) (ward.HandOver, error) {
	h, err := handOverByID(ctx, c.db.Read(), id)
	return h, sqlite.Explain(err)
}

// HandOvers lists a ward's hand-overs that were offered at or after a time, and those still open,
// the newest first.
func (c *Census) HandOvers(ctx context.Context, w ward.WardID, from time.Time) ([]ward.HandOver, error) {
	return sqlite.List(ctx, c.db.Read(), scanHandOver, handOvers+`WHERE h.ward = ?1 AND h.offered >= ?2 OR h.ward = ?1 AND h.state = 'offered'
		ORDER BY h.offered DESC, h.id`, w, sqlite.Ms(from))
}
