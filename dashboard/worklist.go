package dashboard

import (
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"wardwatch/dashboard/live"
	"wardwatch/ward"
)

// WorklistReply is what waits for a person to say whose it is.
type WorklistReply struct {
	Total int                 `json:"total"` // that the person may see; the list may be shorter
	Items []WorklistItemReply `json:"items"` // those that somebody here comes near first, then the newest
}

// WorklistItemReply is one study's results, with whose they are said to be.
type WorklistItemReply struct {
	ID         string       `json:"id"`
	Source     string       `json:"source"`
	Why        string       `json:"why"` // one of ward.Unmatched
	HospitalID string       `json:"hospital_id"`
	Name       string       `json:"name"`
	BirthDate  string       `json:"birth_date"`
	Sex        string       `json:"sex"`
	Study      string       `json:"study"` // its UID; empty when not said
	Accession  string       `json:"accession"`
	Modality   string       `json:"modality"`
	Region     string       `json:"region"`
	Acquired   *int64       `json:"acquired"`
	Received   *int64       `json:"received"`
	Findings   int          `json:"findings"`
	Guesses    []GuessReply `json:"guesses"` // the nearest first
}

// GuessReply is a stay that comes near.
type GuessReply struct {
	Stay       string `json:"stay"`
	Ward       string `json:"ward"`
	Bed        string `json:"bed"`
	HospitalID string `json:"hospital_id"`
	Name       string `json:"name"` // family name, then given name
	BirthDate  string `json:"birth_date"`
	Sex        string `json:"sex"`
	Admitted   *int64 `json:"admitted"`
	Ended      *int64 `json:"ended"`
}

// AssignBody says whose results these are.
type AssignBody struct {
	Stay   string `json:"stay"`
	Reason string `json:"reason,omitempty"` // required where the two contradict each other
}

// ReasonBody says why.
type ReasonBody struct {
	Reason string `json:"reason"`
}

// maxWorklist bounds the items that are sent at once.
const maxWorklist = 200

// listWorklist is what waits. It says who people are, so that they can be told apart: it is recorded.
func listWorklist(q *call) error {
	items, err := q.waitingItems()
	if err != nil {
		return err
	}
	r := WorklistReply{Total: len(items), Items: []WorklistItemReply{}}
	for _, x := range items[:min(len(items), maxWorklist)] {
		r.Items = append(r.Items, x.reply())
	}
	q.note(ward.AuditEntry{By: q.who.Person.ID, Deed: "imaging.worklist"})
	return q.c.JSON(r)
}

// waiting is an item with those of its guesses that the person may see.
type waiting struct {
	ward.WorklistItem
	near []ward.Stay
}

// waitingItems are the items that the person may see: somebody on their wards comes near, or nobody
// anywhere does. The last concern whoever is here, for else nobody would see them.
func (q *call) waitingItems() ([]waiting, error) {
	items, err := q.s.o.Imaging.Worklist(q.ctx)
	if err != nil {
		return nil, err
	}
	known := map[ward.StayID]*ward.Stay{}
	out := make([]waiting, 0, len(items))
	for _, item := range items {
		w, ok, err := q.nearTo(item, known)
		if err != nil {
			return nil, err
		}
		if ok {
			out = append(out, w)
		}
	}
	slices.SortStableFunc(out, func(a, b waiting) int {
		if near := len(a.near) > 0; near != (len(b.near) > 0) {
			if near {
				return -1
			}
			return 1
		}
		return b.Received.Compare(a.Received)
	})
	return out, nil
}

// nearTo finds the item's guesses; ok is false when the person may not see the item. known are stays
// that were asked for before, nil for those that are gone.
func (q *call) nearTo(item ward.WorklistItem, known map[ward.StayID]*ward.Stay) (w waiting, ok bool, err error) {
	w, elsewhere := waiting{WorklistItem: item}, false
	for _, id := range item.Guesses {
		s, asked := known[id]
		if !asked {
			if s, err = q.stayOrNone(id); err != nil {
				return w, false, err
			}
			known[id] = s
		}
		switch {
		case s == nil:
		case q.who.Person.MayEnter(s.Place.Ward):
			w.near = append(w.near, *s)
		default:
			elsewhere = true
		}
	}
	return w, len(w.near) > 0 || !elsewhere, nil
}

// stayOrNone is nil for a stay that the book does not have.
func (q *call) stayOrNone(id ward.StayID) (*ward.Stay, error) {
	s, err := q.s.o.Book.Stay(q.ctx, id)
	if err == nil {
		return &s, nil
	}
	if known := (*ward.Error)(nil); errors.As(err, &known) && known.Code == ward.NotFound {
		return nil, nil
	}
	return nil, err
}

func (w *waiting) reply() WorklistItemReply {
	r := WorklistItemReply{
		ID: w.ID, Source: w.Source, Why: string(w.Why), HospitalID: w.Of.HospitalID, Name: w.Of.Name, BirthDate: dateOf(w.Of.BirthDate), Sex: string(w.Of.Sex),
		Study: w.Study.UID, Accession: w.Of.Accession, Modality: w.Study.Modality, Region: w.Study.Region,
		Acquired: live.Ms(firstKnown(w.Of.Acquired, w.Study.Acquired)), Received: live.Ms(w.Received), Findings: w.Findings, Guesses: []GuessReply{},
	}
	for _, s := range w.near {
		r.Guesses = append(r.Guesses, GuessReply{
			Stay: string(s.ID), Ward: string(s.Place.Ward), Bed: string(s.Place.Bed), HospitalID: s.HospitalID, Name: fullName(&s),
			BirthDate: dateOf(s.BirthDate), Sex: string(s.Sex), Admitted: live.Ms(s.Admitted), Ended: live.Ms(s.Ended),
		})
	}
	return r
}

func fullName(s *ward.Stay) string { return strings.TrimSpace(s.FamilyName + " " + s.GivenName) }

// dateOf is a day as YYYY-MM-DD; empty when unknown.
func dateOf(day time.Time) string {
	if day.IsZero() {
		return ""
	}
	return day.Format(time.DateOnly)
}

func firstKnown(times ...time.Time) time.Time {
	for _, t := range times {
		if !t.IsZero() {
			return t
		}
	}
	return time.Time{}
}

// waitingItem is the item of the path, which the person may see.
func (q *call) waitingItem() (ward.WorklistItem, error) {
	id, err := q.id("id")
	if err != nil {
		return ward.WorklistItem{}, err
	}
	item, err := q.s.o.Imaging.WorklistItem(q.ctx, id)
	if err != nil {
		return item, err
	}
	_, ok, err := q.nearTo(item, map[ward.StayID]*ward.Stay{})
	if err == nil && !ok {
		err = forbidden("these results come near to somebody on a ward that is not among yours", "ask somebody of that ward")
	}
	return item, err
}

// assignResults gives an item to a stay. The book judges what contradicts it.
func assignResults(q *call) error {
	if err := q.asPerson("say whose results these are"); err != nil {
		return err
	}
	item, err := q.waitingItem()
	if err != nil {
		return err
	}
	var b AssignBody
	if err := q.read(&b); err != nil {
		return err
	}
	if !ward.ValidID(b.Stay) {
		return badInput("the stay is missing or not an identifier", "give the stay of one of the guesses, or of a bed")
	}
	reason, err := reasonOf(b.Reason, "")
	if err != nil {
		return err
	}
	to, err := q.s.o.Book.Stay(q.ctx, ward.StayID(b.Stay))
	if err != nil {
		return err
	}
	if err := q.mayEnter(to.Place.Ward); err != nil {
		return err
	}
	if err := q.s.o.Imaging.Assign(q.ctx, item.ID, to.ID, reason, q.who.Person.ID); err != nil {
		return err
	}
	return q.c.SendStatus(fiber.StatusNoContent)
}

// dismissResults takes an item off the list: it is nobody's here.
func dismissResults(q *call) error {
	if err := q.asPerson("take results off the list"); err != nil {
		return err
	}
	item, err := q.waitingItem()
	if err != nil {
		return err
	}
	reason, err := q.reason("say in a few words why these results are nobody's here")
	if err != nil {
		return err
	}
	if err := q.s.o.Imaging.Dismiss(q.ctx, item.ID, reason, q.who.Person.ID); err != nil {
		return err
	}
	return q.c.SendStatus(fiber.StatusNoContent)
}

// detachStudy takes a study off the person it was given to. It is named by its UID, by the id that it had in
// the worklist, or by one of its findings: not every sender names the study.
func detachStudy(q *call) error {
	if err := q.asPerson("take a study off a person"); err != nil {
		return err
	}
	study := q.c.Params("study")
	if !isUID(study) && !ward.ValidID(study) {
		return badInput("the address names no study", "give its DICOM UID, its id in the worklist, or the id of one of its findings")
	}
	stay, err := q.s.o.Imaging.StayOf(q.ctx, study)
	if err != nil {
		return err
	}
	s, err := q.s.o.Book.Stay(q.ctx, stay)
	if err != nil {
		return err
	}
	if err := q.mayEnter(s.Place.Ward); err != nil {
		return err
	}
	reason, err := q.reason("say in a few words why the study is not this person's")
	if err != nil {
		return err
	}
	if err := q.s.o.Imaging.Detach(q.ctx, study, reason, q.who.Person.ID); err != nil {
		return err
	}
	return q.c.SendStatus(fiber.StatusNoContent)
}

// reason is a body that is a reason and no more; missing says what to give.
func (q *call) reason(missing string) (string, error) {
	var b ReasonBody
	if err := q.read(&b); err != nil {
		return "", err
	}
	return reasonOf(b.Reason, missing)
}

// isUID reports whether s may be a DICOM UID: [0-9.]{1,64} (PS3.5, 9.1).
func isUID(s string) bool {
	return s != "" && len(s) <= 64 && strings.Trim(s, "0123456789.") == ""
}
