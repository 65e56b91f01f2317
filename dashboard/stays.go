package dashboard

import (
	"bytes"
	"encoding/csv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"wardwatch/dashboard/live"
	"wardwatch/ward"
)

// StayReply is a stay, for those whose work needs who it is.
type StayReply struct {
	ID         string          `json:"id"`
	HospitalID string          `json:"hospital_id"`
	FamilyName string          `json:"family_name"`
	GivenName  string          `json:"given_name"`
	BirthDate  string          `json:"birth_date"`
	Sex        string          `json:"sex"`
	Pregnancy  string          `json:"pregnancy"`
	Ward       string          `json:"ward"`
	Bed        string          `json:"bed"`
	Scale      ScaleReply      `json:"scale"`
	Limits     []LimitReply    `json:"limits"`
	Care       CareReply       `json:"care"`
	Off        *live.OffView   `json:"off"`
	Nurse      *live.StaffView `json:"nurse"` // of this shift; null: nobody is assigned
	Doctor     *live.StaffView `json:"doctor"`
	Admitted   *int64          `json:"admitted"`
	Ended      *int64          `json:"ended"`
	EndReason  string          `json:"end_reason"`
}

// ScaleReply is the order of the SpO2 scale.
type ScaleReply struct {
	Number     int    `json:"number"`
	Prescriber string `json:"prescriber"`
	Reason     string `json:"reason"`
	Since      *int64 `json:"since"`
}

// CareReply is the order of how far treatment goes.
type CareReply struct {
	Status string `json:"status"`
	By     string `json:"by"`
	Since  *int64 `json:"since"`
	Review *int64 `json:"review"`
}

// AdmitBody is a new stay.
type AdmitBody struct {
	HospitalID string `json:"hospital_id"`
	FamilyName string `json:"family_name"`
	GivenName  string `json:"given_name"`
	BirthDate  string `json:"birth_date"` // YYYY-MM-DD; empty when unknown
	Sex        string `json:"sex"`
	Pregnancy  string `json:"pregnancy,omitempty"`
	Ward       string `json:"ward"`
	Bed        string `json:"bed"`
	At         *int64 `json:"at,omitempty"`
}

// TransferBody is a move.
type TransferBody struct {
	Ward string `json:"ward"`
	Bed  string `json:"bed"`
	At   *int64 `json:"at,omitempty"`
}

// DischargeBody ends a stay.
type DischargeBody struct {
	Reason string `json:"reason"` // discharged, transferred_out or died
	At     *int64 `json:"at,omitempty"`
}

// OffWardBody is an absence.
type OffWardBody struct {
	Destination string `json:"destination"`
	Until       int64  `json:"until"`
}

// ScaleBody orders the SpO2 scale.
type ScaleBody struct {
	Number int    `json:"number"`
	Reason string `json:"reason"`
}

// CareBody orders how far treatment goes.
type CareBody struct {
	Status string `json:"status"` // "", ceilings or comfort
	Review *int64 `json:"review,omitempty"`
}

// ImportReply is what became of an imported list.
type ImportReply struct {
	Rows        int             `json:"rows"`
	Admitted    int             `json:"admitted"`
	Transferred int             `json:"transferred"`
	Corrected   int             `json:"corrected"`
	Unchanged   int             `json:"unchanged"`
	Refused     []RefusedImport `json:"refused"`
}

// RefusedImport is a row that was not taken.
type RefusedImport struct {
	Row     int    `json:"row"`
	Message string `json:"message"`
	Hint    string `json:"hint"`
}

func (q *call) viewStay(s ward.Stay) StayReply {
	name := q.s.o.Live.NameOf
	r := StayReply{
		ID: string(s.ID), HospitalID: s.HospitalID, FamilyName: s.FamilyName, GivenName: s.GivenName,
		Sex: string(s.Sex), Pregnancy: string(s.Pregnancy), Ward: string(s.Place.Ward), Bed: string(s.Place.Bed),
		Scale:  ScaleReply{Number: max(1, s.Scale.Number), Prescriber: name(s.Scale.Prescriber), Reason: s.Scale.Reason, Since: live.Ms(s.Scale.Since)},
		Limits: q.viewLimits(&s),
		Care:   CareReply{Status: string(s.Care.Status), By: name(s.Care.By), Since: live.Ms(s.Care.Since), Review: live.Ms(s.Care.Review)},
		Nurse:  live.ViewStaff(s.Nurse, name), Doctor: live.ViewStaff(s.Doctor, name), Admitted: live.Ms(s.Admitted), Ended: live.Ms(s.Ended), EndReason: s.EndReason,
	}
	if !s.BirthDate.IsZero() {
		r.BirthDate = s.BirthDate.Format(time.DateOnly)
	}
	if !s.Off.Until.IsZero() {
		r.Off = &live.OffView{Destination: s.Off.Destination, Since: live.Ms(s.Off.Since), Until: live.Ms(s.Off.Until)}
	}
	return r
}

// stay is the stay of the path, on a ward that the person may enter.
func (q *call) stay() (ward.Stay, error) {
	id, err := q.id("id")
	if err != nil {
		return ward.Stay{}, err
	}
	s, err := q.s.o.Book.Stay(q.ctx, ward.StayID(id))
	if err != nil {
		return s, err
	}
	return s, q.mayEnter(s.Place.Ward)
}

func getStay(q *call) error {
	s, err := q.stay()
	if err != nil {
		return err
	}
	q.note(ward.AuditEntry{By: q.who.Person.ID, Deed: "stay.view", Object: "stay:" + string(s.ID)})
	return q.c.JSON(q.viewStay(s))
}

func admitStay(q *call) error {
	var b AdmitBody
	if err := q.read(&b); err != nil {
		return err
	}
	to, err := q.target(b.Ward, b.Bed)
	if err != nil {
		return err
	}
	s := ward.Stay{
		HospitalID: b.HospitalID, FamilyName: b.FamilyName, GivenName: b.GivenName,
		Sex: ward.Sex(b.Sex), Pregnancy: ward.Pregnancy(b.Pregnancy), Place: to, Admitted: moment(b.At, q.s.o.Now()),
	}
	if b.BirthDate != "" {
		if s.BirthDate, err = time.Parse(time.DateOnly, b.BirthDate); err != nil {
			return badInput("the birth date is not a date", "write it as YYYY-MM-DD, for example 1948-03-02")
		}
	}
	s, err = q.s.o.Book.Admit(q.ctx, s, q.who.Person.ID)
	if err != nil {
		return err
	}
	q.c.Status(fiber.StatusCreated)
	return q.changed(s, to.Ward)
}

// target is a place named in a body, on a ward that the person may enter.
func (q *call) target(w, bed string) (ward.Place, error) {
	if !ward.ValidID(w) || !ward.ValidID(bed) {
		return ward.Place{}, badInput("ward or bed is missing or not an identifier", "give both as GET /api/v1/wards and the board name them")
	}
	return ward.Place{Ward: ward.WardID(w), Bed: ward.BedID(bed)}, q.mayEnter(ward.WardID(w))
}

// changed shows the wards that the change touched as the book has them now, then answers with the
// stay. The change itself is done: a failure to show it is no failure of the request.
func (q *call) changed(s ward.Stay, wards ...ward.WardID) error {
	for _, w := range wards {
		if err := q.s.refreshStays(q.ctx, w); err != nil {
			q.s.log.Error("the board could not be refreshed", "ward", w, "error", err)
		}
	}
	return q.c.JSON(q.viewStay(s))
}

// order runs one change of the stay in the path; into is the body, nil when there is none.
func (q *call) order(into any, do func(ward.Stay) (ward.Stay, error)) error {
	s, err := q.stay()
	if err != nil {
		return err
	}
	if into != nil {
		if err := q.read(into); err != nil {
			return err
		}
	}
	was := s.Place.Ward
	if s, err = do(s); err != nil {
		return err
	}
	if s.Place.Ward != was {
		return q.changed(s, was, s.Place.Ward)
	}
	return q.changed(s, was)
}

func transferStay(q *call) error {
	var b TransferBody
	return q.order(&b, func(s ward.Stay) (ward.Stay, error) {
		to, err := q.target(b.Ward, b.Bed)
		if err != nil {
			return s, err
		}
		return q.s.o.Book.Transfer(q.ctx, s.ID, to, moment(b.At, q.s.o.Now()), q.who.Person.ID)
	})
}

func dischargeStay(q *call) error {
	var b DischargeBody
	return q.order(&b, func(s ward.Stay) (ward.Stay, error) {
		return q.s.o.Book.Discharge(q.ctx, s.ID, moment(b.At, q.s.o.Now()), b.Reason, q.who.Person.ID)
	})
}

func offWard(q *call) error {
	var b OffWardBody
	return q.order(&b, func(s ward.Stay) (ward.Stay, error) {
		return q.s.o.Book.OffWard(q.ctx, s.ID, b.Destination, time.UnixMilli(b.Until), q.who.Person.ID)
	})
}

func returnStay(q *call) error {
	return q.order(nil, func(s ward.Stay) (ward.Stay, error) {
		return q.s.o.Book.Return(q.ctx, s.ID, q.who.Person.ID)
	})
}

func setScale(q *call) error {
	var b ScaleBody
	return q.order(&b, func(s ward.Stay) (ward.Stay, error) {
		return q.s.o.Book.SetScale(q.ctx, s.ID, ward.SpO2Scale{Number: b.Number, Reason: b.Reason, Prescriber: q.who.Person.ID}, q.who.Person.ID)
	})
}

func setCare(q *call) error {
	var b CareBody
	return q.order(&b, func(s ward.Stay) (ward.Stay, error) {
		care := ward.Care{Status: ward.CareStatus(b.Status), By: q.who.Person.ID}
		if b.Review != nil {
			care.Review = time.UnixMilli(*b.Review)
		}
		if care.Status == ward.ComfortCare && !care.Review.After(q.s.o.Now()) {
			return s, badInput("comfort care needs a date by which a doctor looks at it again", "give review, a time ahead")
		}
		return q.s.o.Book.SetCare(q.ctx, s.ID, care, q.who.Person.ID)
	})
}

func undoStay(q *call) error {
	return q.order(nil, func(s ward.Stay) (ward.Stay, error) {
		return q.s.o.Book.Undo(q.ctx, s.ID, q.who.Person.ID)
	})
}

func importStays(q *call) error {
	if len(q.who.Person.Wards) > 0 {
		return forbidden("a list may name any ward, and you work on some", "admit one by one, or ask someone who works on all wards")
	}
	body, err := q.csvBody()
	if err != nil {
		return err
	}
	rep, err := q.s.o.Book.ImportStays(q.ctx, bytes.NewReader(body), q.who.Person.ID)
	if err != nil {
		return err
	}
	if err := q.s.Refresh(q.ctx); err != nil {
		q.s.log.Error("the board could not be refreshed", "error", err)
	}
	out := ImportReply{Rows: rep.Rows, Admitted: rep.Admitted, Transferred: rep.Transferred, Corrected: rep.Corrected, Unchanged: rep.Unchanged, Refused: make([]RefusedImport, 0, len(rep.Refused))}
	for _, r := range rep.Refused {
		out.Refused = append(out.Refused, RefusedImport{Row: r.Line, Message: r.Message, Hint: r.Hint})
	}
	return q.c.JSON(out)
}

// csvBody is the body of a request that brings a CSV list.
func (q *call) csvBody() ([]byte, error) {
	kind, _, _ := strings.Cut(q.c.Get(fiber.HeaderContentType), ";")
	if !strings.EqualFold(strings.TrimSpace(kind), "text/csv") {
		return nil, &refusal{fiber.StatusUnsupportedMediaType, "not_csv", "the body is not said to be CSV", "send Content-Type: text/csv"}
	}
	return q.c.Request().Body(), nil
}

// sendCSV answers with a list as a file.
func (q *call) sendCSV(name string, rows []byte) error {
	q.c.Set(fiber.HeaderContentType, "text/csv; charset=utf-8")
	q.c.Set(fiber.HeaderContentDisposition, `attachment; filename="`+name+`"`)
	return q.c.Send(rows)
}

// exportStays writes the columns that an import reads.
func exportStays(q *call) error {
	w := q.c.Query("ward")
	if !ward.ValidID(w) {
		return badInput("the ward is missing or not an identifier", "add ?ward= to the address")
	}
	if err := q.mayEnter(ward.WardID(w)); err != nil {
		return err
	}
	stays, err := q.s.o.Book.StaysOn(q.ctx, ward.WardID(w))
	if err != nil {
		return err
	}
	var out bytes.Buffer
	c := csv.NewWriter(&out)
	rows := [][]string{{"hospital_id", "family_name", "given_name", "birth_date", "sex", "ward", "bed", "admitted"}}
	for _, s := range stays {
		r := q.viewStay(s)
		rows = append(rows, []string{cell(r.HospitalID), cell(r.FamilyName), cell(r.GivenName), r.BirthDate, r.Sex, r.Ward, r.Bed, s.Admitted.UTC().Format(time.RFC3339)})
	}
	if err := c.WriteAll(rows); err != nil {
		return err
	}
	q.note(ward.AuditEntry{By: q.who.Person.ID, Deed: "stays.export", Object: "ward:" + w})
	return q.sendCSV("stays.csv", out.Bytes())
}

// cell keeps a spreadsheet from taking a name for a formula.
func cell(text string) string {
	if text != "" && strings.ContainsRune("=+-@\t\r", rune(text[0])) {
		return "'" + text
	}
	return text
}
