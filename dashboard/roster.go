package dashboard

import (
	"bytes"
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"wardwatch/dashboard/live"
	"wardwatch/ward"
)

// OnDutyReply is who answers for a ward's duties at a moment.
type OnDutyReply struct {
	At    int64        `json:"at"`
	Roles []RoleOnDuty `json:"roles"`
}

// RoleOnDuty is who answers for one duty.
type RoleOnDuty struct {
	Role   string           `json:"role"`
	How    string           `json:"how"` // how they were found, one of ward.Holding
	People []live.StaffView `json:"people"`
}

// StaffReply is a member of staff who works on a ward.
type StaffReply struct {
	ID     string   `json:"id"`
	Name   string   `json:"name"`
	Access string   `json:"access"`
	Duties []string `json:"duties"`
	OnDuty []string `json:"on_duty"` // by the roster, now
}

// RosterReply is who is on duty when, on one ward and for the whole hospital, and who is told when
// nobody is.
type RosterReply struct {
	Shifts   []ShiftReply   `json:"shifts"`
	Defaults []DefaultReply `json:"defaults"`
}

// ShiftReply is one person's shift in one duty.
type ShiftReply struct {
	ID     string `json:"id"`
	Ward   string `json:"ward"` // empty: for the whole hospital
	Role   string `json:"role"`
	Person string `json:"person"`
	Name   string `json:"name"`
	From   int64  `json:"from"`
	To     int64  `json:"to"`
}

// DefaultReply is who is told when the roster names nobody for a duty.
type DefaultReply struct {
	Role   string           `json:"role"`
	People []live.StaffView `json:"people"`
}

// ShiftBody is a new shift.
type ShiftBody struct {
	Role     string `json:"role"`
	Person   string `json:"person"`
	From     int64  `json:"from"`
	To       int64  `json:"to"`
	Hospital bool   `json:"hospital,omitempty"` // for the whole hospital, not this ward alone
}

// DefaultBody is who is told when the roster names nobody.
type DefaultBody struct {
	People []string `json:"people"`
}

// RosterImportReply is what became of an imported roster.
type RosterImportReply struct {
	Rows      int            `json:"rows"`
	Added     int            `json:"added"`
	Unchanged int            `json:"unchanged"`
	Refused   []RefusedShift `json:"refused"`
}

// RefusedShift is a line that was not taken, and how to mend it.
type RefusedShift struct {
	Line   int    `json:"line"`
	Reason string `json:"reason"`
}

// Bounds of a roster that is looked at, and of a default.
const (
	rosterBack    = 24 * time.Hour
	rosterDefault = 8 * 24 * time.Hour
	rosterLongest = 93 * 24 * time.Hour
	maxDefault    = 20               // people
	instant       = time.Millisecond // the shortest span; its end does not count
)

func onDuty(q *call) error {
	w, err := q.wardID()
	if err != nil {
		return err
	}
	now := q.s.o.Now()
	r := OnDutyReply{At: now.UnixMilli(), Roles: make([]RoleOnDuty, 0, len(allRoles))}
	for _, role := range allRoles {
		d := q.s.o.Duty.OnDuty(role, "", ward.Place{Ward: w}, now)
		r.Roles = append(r.Roles, RoleOnDuty{Role: string(role), How: string(d.How), People: q.viewPeople(d.People)})
	}
	return q.c.JSON(r)
}

func (q *call) viewPeople(ids []ward.PersonID) []live.StaffView {
	out := make([]live.StaffView, 0, len(ids))
	for _, id := range ids {
		out = append(out, q.viewOne(id))
	}
	return out
}

func (q *call) viewOne(id ward.PersonID) live.StaffView {
	return live.StaffView{ID: string(id), Name: q.s.o.Live.NameOf(id)}
}

// listStaff are those who may work on a ward, by name. A wall is nobody.
func listStaff(q *call) error {
	w, err := q.wardID()
	if err != nil {
		return err
	}
	people, err := q.s.o.Book.People(q.ctx)
	if err != nil {
		return err
	}
	now := q.s.o.Now()
	shifts, err := q.shifts(w, now, now.Add(instant))
	if err != nil {
		return err
	}
	out := []StaffReply{}
	for _, p := range people {
		if worksOn(p, w) {
			out = append(out, StaffReply{ID: string(p.ID), Name: p.Name, Access: string(p.Access), Duties: words(duties(p)), OnDuty: words(onShift(shifts, p.ID, now))})
		}
	}
	slices.SortFunc(out, func(a, b StaffReply) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.ID, b.ID))
	})
	return q.c.JSON(out)
}

func worksOn(p ward.Person, w ward.WardID) bool {
	return !p.Disabled && p.Access != ward.AccessDisplay && p.MayEnter(w)
}

// onShift are the duties that the shifts give a person at a moment.
func onShift(shifts []ward.Shift, p ward.PersonID, at time.Time) (out []ward.Role) {
	for _, s := range shifts {
		if s.Person == p && !at.Before(s.From) && at.Before(s.To) && !slices.Contains(out, s.Role) {
			out = append(out, s.Role)
		}
	}
	return out
}

// shifts are those of a ward and of the whole hospital that touch the span, the earliest first.
func (q *call) shifts(w ward.WardID, from, to time.Time) ([]ward.Shift, error) {
	own, err := q.s.o.Duty.Shifts(q.ctx, w, from, to)
	if err != nil {
		return nil, err
	}
	hospital, err := q.s.o.Duty.Shifts(q.ctx, "", from, to)
	if err != nil {
		return nil, err
	}
	all := slices.Concat(own, hospital)
	slices.SortFunc(all, func(a, b ward.Shift) int {
		return cmp.Or(a.From.Compare(b.From), strings.Compare(a.ID, b.ID))
	})
	return all, nil
}

func getRoster(q *call) error {
	w, err := q.wardID()
	if err != nil {
		return err
	}
	from, to, err := q.rosterSpan()
	if err != nil {
		return err
	}
	shifts, err := q.shifts(w, from, to)
	if err != nil {
		return err
	}
	defaults, err := q.s.o.Duty.DutyDefaults(q.ctx, w)
	if err != nil {
		return err
	}
	r := RosterReply{Shifts: make([]ShiftReply, 0, len(shifts)), Defaults: make([]DefaultReply, 0, len(defaults))}
	for _, s := range shifts {
		r.Shifts = append(r.Shifts, q.viewShift(s))
	}
	for _, d := range defaults {
		r.Defaults = append(r.Defaults, DefaultReply{Role: string(d.Role), People: q.viewPeople(d.People)})
	}
	return q.c.JSON(r)
}

func (q *call) viewShift(s ward.Shift) ShiftReply {
	return ShiftReply{ID: s.ID, Ward: string(s.Ward), Role: string(s.Role), Person: string(s.Person), Name: q.s.o.Live.NameOf(s.Person), From: s.From.UnixMilli(), To: s.To.UnixMilli()}
}

// rosterSpan is the time asked for, by default from yesterday to a week from now.
func (q *call) rosterSpan() (from, to time.Time, err error) {
	if from, err = q.queryTime("from", q.s.o.Now().Add(-rosterBack)); err != nil {
		return from, to, err
	}
	if to, err = q.queryTime("to", from.Add(rosterDefault)); err != nil {
		return from, to, err
	}
	if to.Before(from) || to.Sub(from) > rosterLongest {
		return from, to, badInput("the span is turned round or longer than three months", "ask for a shorter one, from before to")
	}
	return from, to, nil
}

func addShift(q *call) error {
	w, err := q.wardID()
	if err != nil {
		return err
	}
	var b ShiftBody
	if err := q.read(&b); err != nil {
		return err
	}
	if b.Hospital {
		if err := q.wholeHospital(); err != nil {
			return err
		}
		w = ""
	}
	role, err := roleNamed(b.Role)
	if err != nil {
		return err
	}
	if !ward.ValidID(b.Person) {
		return badInput("the person is missing or not an identifier", "GET /api/v1/wards/{ward}/staff lists who works here")
	}
	s := ward.Shift{Ward: w, Role: role, Person: ward.PersonID(b.Person), From: time.UnixMilli(b.From), To: time.UnixMilli(b.To)}
	if s, err = q.s.o.Duty.AddShift(q.ctx, s, q.who.Person.ID); err != nil {
		return err
	}
	return q.c.Status(fiber.StatusCreated).JSON(q.viewShift(s))
}

// wholeHospital refuses who works on some wards: the roster of all is not theirs to write.
func (q *call) wholeHospital() error {
	if len(q.who.Person.Wards) > 0 {
		return forbidden("this is for the whole hospital, and you work on some wards", "ask someone who works on all wards")
	}
	return nil
}

func roleNamed(word string) (ward.Role, error) {
	if !slices.Contains(allRoles, ward.Role(word)) {
		return "", badInput("there is no such duty", "the duties are "+strings.Join(words(allRoles), ", "))
	}
	return ward.Role(word), nil
}

func removeShift(q *call) error {
	id, err := q.id("id")
	if err != nil {
		return err
	}
	s, err := q.s.o.Duty.Shift(q.ctx, id)
	if err != nil {
		return err
	}
	if s.Ward == "" {
		err = q.wholeHospital()
	} else {
		err = q.mayEnter(s.Ward)
	}
	if err != nil {
		return err
	}
	if err := q.s.o.Duty.RemoveShift(q.ctx, id, q.who.Person.ID); err != nil {
		return err
	}
	return q.c.SendStatus(fiber.StatusNoContent)
}

func importRoster(q *call) error {
	if err := q.wholeHospital(); err != nil {
		return err
	}
	body, err := q.csvBody()
	if err != nil {
		return err
	}
	rep, err := q.s.o.Duty.ImportRoster(q.ctx, bytes.NewReader(body), q.who.Person.ID)
	if err != nil {
		return err
	}
	out := RosterImportReply{Rows: rep.Rows, Added: rep.Added, Unchanged: rep.Unchanged, Refused: make([]RefusedShift, 0, len(rep.Refused))}
	for _, r := range rep.Refused {
		out.Refused = append(out.Refused, RefusedShift(r))
	}
	return q.c.JSON(out)
}

func exportRoster(q *call) error {
	w, err := q.wardID()
	if err != nil {
		return err
	}
	from, to, err := q.rosterSpan()
	if err != nil {
		return err
	}
	var out bytes.Buffer
	if err := q.s.o.Duty.ExportRoster(q.ctx, w, from, to, &out); err != nil {
		return err
	}
	return q.sendCSV("roster.csv", out.Bytes())
}

func setDutyDefault(q *call) error {
	w, err := q.wardID()
	if err != nil {
		return err
	}
	role, err := roleNamed(q.c.Params("role"))
	if err != nil {
		return err
	}
	var b DefaultBody
	if err := q.read(&b); err != nil {
		return err
	}
	if len(b.People) > maxDefault {
		return badInput("too many people", "name those who must be told, at most 20")
	}
	d := ward.DutyDefault{Ward: w, Role: role}
	for _, id := range b.People {
		if err := q.mayHold(ward.PersonID(id), role, w); err != nil {
			return err
		}
		d.People = append(d.People, ward.PersonID(id))
	}
	if err := q.s.o.Duty.SetDutyDefault(q.ctx, d, q.who.Person.ID); err != nil {
		return err
	}
	return q.c.JSON(DefaultReply{Role: string(role), People: q.viewPeople(d.People)})
}

// mayHold refuses a person who cannot answer for a duty on a ward: nobody would be told.
func (q *call) mayHold(id ward.PersonID, role ward.Role, w ward.WardID) error {
	people, err := q.s.o.Book.People(q.ctx)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(people, func(p ward.Person) bool { return p.ID == id })
	if i < 0 || !worksOn(people[i], w) || !people[i].Holds(role) {
		return badInput("this person does not work on the ward in the duty "+string(role), "GET /api/v1/wards/{ward}/staff lists who does; hospital IT keeps people's duties")
	}
	return nil
}
