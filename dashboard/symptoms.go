package dashboard

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"github.com/gofiber/fiber/v2"

	"wardwatch/ward"
)

// SymptomBody is what was found in comfort care, each symptom from 0 (none) to 3 (severe). All are
// asked for: one that was not looked at is not one that is absent.
type SymptomBody struct {
	At         *int64 `json:"at,omitempty"`
	Pain       *int   `json:"pain"`
	Breathless *int   `json:"breathless"`
	Agitation  *int   `json:"agitation"`
	Nausea     *int   `json:"nausea"`
	Secretions *int   `json:"secretions"`
	Note       string `json:"note,omitempty"`
}

// SymptomReply is a symptom check.
type SymptomReply struct {
	ID         string `json:"id"`
	At         int64  `json:"at"`
	Entered    int64  `json:"entered"`
	ByName     string `json:"by_name"`
	Pain       int    `json:"pain"`
	Breathless int    `json:"breathless"`
	Agitation  int    `json:"agitation"`
	Nausea     int    `json:"nausea"`
	Secretions int    `json:"secretions"`
	Worst      int    `json:"worst"`
	Note       string `json:"note"`
}

const maxSymptom = 3

func (q *call) viewSymptoms(c *ward.SymptomCheck) SymptomReply {
	return SymptomReply{
		ID: c.ID, At: c.At.UnixMilli(), Entered: c.Entered.UnixMilli(), ByName: q.s.o.Live.NameOf(c.By), Pain: c.Pain, Breathless: c.Breathless,
		Agitation: c.Agitation, Nausea: c.Nausea, Secretions: c.Secretions, Worst: c.Worst(), Note: c.Note,
	}
}

func listSymptoms(q *call) error {
	s, err := q.stay()
	if err != nil {
		return err
	}
	list, err := q.s.o.Duty.SymptomChecks(q.ctx, s.ID)
	if err != nil {
		return err
	}
	out := make([]SymptomReply, 0, len(list))
	for i := range list {
		out = append(out, q.viewSymptoms(&list[i]))
	}
	return q.c.JSON(out)
}

// checkSymptoms keeps the check, then gives it to the desk: a severe symptom tells somebody. When the
// desk cannot take it the request fails, and the same again is the same check.
func checkSymptoms(q *call) error {
	s, err := q.stay()
	if err != nil {
		return err
	}
	var b SymptomBody
	if err := q.read(&b); err != nil {
		return err
	}
	c, err := q.symptomCheck(s.ID, &b)
	if err != nil {
		return err
	}
	if err := q.s.o.Duty.AddSymptomCheck(q.ctx, c); err != nil {
		return err
	}
	if err := q.s.o.Desk.Symptoms(q.ctx, c); err != nil {
		return err
	}
	return q.c.Status(fiber.StatusCreated).JSON(q.viewSymptoms(&c))
}

func (q *call) symptomCheck(stay ward.StayID, b *SymptomBody) (c ward.SymptomCheck, err error) {
	if len(b.Note) > maxText {
		return c, badInput("the note is too long", "write it in a sentence or two")
	}
	now := q.s.o.Now()
	at, err := chartedAt(b.At, now)
	if err != nil {
		return c, err
	}
	c = ward.SymptomCheck{Stay: stay, At: at, Entered: now, By: q.who.Person.ID, Note: b.Note}
	for _, x := range []struct {
		what string
		from *int
		to   *int
	}{{"pain", b.Pain, &c.Pain}, {"breathless", b.Breathless, &c.Breathless}, {"agitation", b.Agitation, &c.Agitation}, {"nausea", b.Nausea, &c.Nausea}, {"secretions", b.Secretions, &c.Secretions}} {
		if x.from == nil || *x.from < 0 || *x.from > maxSymptom {
			return c, badInput(x.what+" is missing or not a number from 0 to 3", "0 none, 1 mild, 2 moderate, 3 severe; look at each")
		}
		*x.to = *x.from
	}
	c.ID = symptomID(&c)
	return c, nil
}

// symptomID is the same for the same check sent again, and another for one that says something else.
func symptomID(c *ward.SymptomCheck) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "symptoms\x00%s\x00%d\x00%s\x00%d %d %d %d %d\x00%s", c.Stay, c.At.UnixMilli(), c.By, c.Pain, c.Breathless, c.Agitation, c.Nausea, c.Secretions, c.Note))
	return hex.EncodeToString(sum[:16])
}
