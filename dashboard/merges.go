package dashboard

import (
	"strings"

	"github.com/gofiber/fiber/v2"

	"wardwatch/dashboard/live"
	"wardwatch/ward"
)

// MergeReply says that two hospital numbers are one person's.
type MergeReply struct {
	Old    string `json:"old"`
	New    string `json:"new"`
	By     string `json:"by"`
	At     *int64 `json:"at"`
	Reason string `json:"reason"`
}

// MergeBody says that two hospital numbers are one person's.
type MergeBody struct {
	Old    string `json:"old"`
	New    string `json:"new"`
	Reason string `json:"reason"`
}

// UnmergeBody takes it back. Numbers are identifying: they never stand in an address.
type UnmergeBody struct {
	Old    string `json:"old"`
	Reason string `json:"reason"`
}

// everyWard refuses who works on some wards: a number's owner may lie on any.
func (q *call) everyWard() error {
	if len(q.who.Person.Wards) > 0 {
		return forbidden("a hospital number may be of somebody on any ward, and you work on some", "ask someone who works on all wards")
	}
	return nil
}

func listMerges(q *call) error {
	if err := q.everyWard(); err != nil {
		return err
	}
	list, err := q.s.o.Imaging.Merged(q.ctx)
	if err != nil {
		return err
	}
	out := make([]MergeReply, 0, len(list))
	for _, a := range list {
		out = append(out, MergeReply{Old: a.Old, New: a.New, By: q.s.o.Live.NameOf(a.By), At: live.Ms(a.At), Reason: a.Reason})
	}
	q.note(ward.AuditEntry{By: q.who.Person.ID, Deed: "imaging.merges"})
	return q.c.JSON(out)
}

// mergeNumbers says that two hospital numbers are one person's.
func mergeNumbers(q *call) error {
	var b MergeBody
	if err := q.readDecision(&b); err != nil {
		return err
	}
	a, err := q.alias(b.Old, b.Reason)
	if err != nil {
		return err
	}
	if a.New = strings.TrimSpace(b.New); a.New == "" || len(a.New) > maxText || a.New == a.Old {
		return badInput("the new number is missing, too long or the same as the old one", "give both hospital numbers, the one that is used from now on as new")
	}
	if err := q.s.o.Imaging.Merge(q.ctx, a); err != nil {
		return err
	}
	return q.c.SendStatus(fiber.StatusNoContent)
}

// unmergeNumbers takes it back.
func unmergeNumbers(q *call) error {
	var b UnmergeBody
	if err := q.readDecision(&b); err != nil {
		return err
	}
	a, err := q.alias(b.Old, b.Reason)
	if err != nil {
		return err
	}
	if err := q.s.o.Imaging.Unmerge(q.ctx, a); err != nil {
		return err
	}
	return q.c.SendStatus(fiber.StatusNoContent)
}

// readDecision reads the body of whoever may decide about hospital numbers.
func (q *call) readDecision(body any) error {
	if err := q.asPerson("say whose a hospital number is"); err != nil {
		return err
	}
	if err := q.everyWard(); err != nil {
		return err
	}
	return q.read(body)
}

// alias is a decision about an old number by whoever asks.
func (q *call) alias(old, reason string) (a ward.PatientAlias, err error) {
	a = ward.PatientAlias{Old: strings.TrimSpace(old), By: q.who.Person.ID, At: q.s.o.Now()}
	if a.Old == "" || len(a.Old) > maxText {
		return a, badInput("the old number is missing or too long", "give the hospital number that is no longer used")
	}
	a.Reason, err = reasonOf(reason, "say in a few words how you know")
	return a, err
}
