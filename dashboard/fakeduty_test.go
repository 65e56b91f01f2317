package dashboard

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"wardwatch/ward"
)

// fakeDuty holds in memory what the tests need of a roster. The real one has its own tests.
type fakeDuty struct {
	book     *fakeBook
	shifts   map[string]ward.Shift
	defaults map[ward.Role][]ward.PersonID
	offers   map[string]ward.HandOver
	contacts map[string]ward.Contact
	symptoms map[string]ward.SymptomCheck
	notices  []ward.Notice
	receipts map[ward.NoticeID][]ward.Receipt
}

// newFakeDuty has the nurse on duty in icu until the evening, a hospital-wide duty lead, an offer from
// the nurse in charge to the nurse, and a telephone of everybody.
func newFakeDuty(b *fakeBook) *fakeDuty {
	d := &fakeDuty{
		book: b, defaults: map[ward.Role][]ward.PersonID{}, symptoms: map[string]ward.SymptomCheck{}, receipts: map[ward.NoticeID][]ward.Receipt{},
		shifts: map[string]ward.Shift{
			"sh1": {ID: "sh1", Ward: "icu", Role: ward.RoleNurse, Person: "p-nurse", From: noon.Add(-5 * time.Hour), To: noon.Add(7 * time.Hour)},
			"sh2": {ID: "sh2", Role: ward.RoleLead, Person: "p-doctor", From: noon.Add(-5 * time.Hour), To: noon.Add(19 * time.Hour)},
			"sh3": {ID: "sh3", Ward: "icu", Role: ward.RoleNurse, Person: "p-nurse_in_charge", From: noon.Add(7 * time.Hour), To: noon.Add(19 * time.Hour)},
		},
		offers: map[string]ward.HandOver{
			"h1": {ID: "h1", Ward: "icu", Role: ward.RoleNurse, From: "p-nurse_in_charge", To: "p-nurse", Stays: []ward.StayID{"gone", "s1"}, Offered: noon, State: ward.HandOverOffered},
		},
		contacts: map[string]ward.Contact{},
	}
	for _, a := range everyAccess {
		id := "c-" + string(a)
		d.contacts[id] = ward.Contact{ID: id, Person: ward.PersonID("p-" + a), Channel: webPush, Address: "https://push.example/SECRET", Label: "Điện thoại", Added: noon}
	}
	return d
}

func (d *fakeDuty) Shifts(_ context.Context, w ward.WardID, from, to time.Time) (out []ward.Shift, err error) {
	d.book.mu.Lock()
	defer d.book.mu.Unlock()
	for _, s := range d.shifts {
		if s.Ward == w && !s.From.After(to) && s.To.After(from) {
			out = append(out, s)
		}
	}
	return out, nil
}

func (d *fakeDuty) Shift(_ context.Context, id string) (ward.Shift, error) {
	return find(d.book, d.shifts, id)
}

func (d *fakeDuty) AddShift(_ context.Context, s ward.Shift, by ward.PersonID) (ward.Shift, error) {
	s.ID = fmt.Sprint("new", len(d.shifts))
	return s, d.book.do(by, "roster.add", "shift:"+s.ID, func() error { d.shifts[s.ID] = s; return nil })
}

func (d *fakeDuty) RemoveShift(_ context.Context, id string, by ward.PersonID) error {
	return d.book.do(by, "roster.remove", "shift:"+id, func() error { delete(d.shifts, id); return nil })
}

func (d *fakeDuty) ImportRoster(_ context.Context, r io.Reader, by ward.PersonID) (RosterReport, error) {
	all, err := io.ReadAll(r)
	if err != nil {
		return RosterReport{}, err
	}
	return RosterReport{Rows: len(all), Added: 1, Refused: []RosterRefusal{{Line: 3, Reason: "nobody has this login: add them first"}}},
		d.book.do(by, "roster.import", "", func() error { return nil })
}

func (d *fakeDuty) ExportRoster(_ context.Context, w ward.WardID, _, _ time.Time, out io.Writer) error {
	_, err := io.WriteString(out, "ward,role,login,from,to\n"+string(w)+",nurse,nurse,,\n")
	return err
}

func (d *fakeDuty) DutyDefaults(_ context.Context, w ward.WardID) (out []ward.DutyDefault, err error) {
	d.book.mu.Lock()
	defer d.book.mu.Unlock()
	for role, people := range d.defaults {
		out = append(out, ward.DutyDefault{Ward: w, Role: role, People: people})
	}
	return out, nil
}

func (d *fakeDuty) SetDutyDefault(_ context.Context, x ward.DutyDefault, by ward.PersonID) error {
	return d.book.do(by, "roster.default", "ward:"+string(x.Ward), func() error { d.defaults[x.Role] = x.People; return nil })
}

func (d *fakeDuty) OnDuty(role ward.Role, _ ward.StayID, p ward.Place, at time.Time) ward.OnDuty {
	d.book.mu.Lock()
	defer d.book.mu.Unlock()
	out := ward.OnDuty{Role: role, How: ward.HeldByNobody}
	for _, s := range d.shifts {
		if s.Role == role && (s.Ward == p.Ward || s.Ward == "") && !at.Before(s.From) && at.Before(s.To) {
			out.How, out.People = ward.HeldByRoster, append(out.People, s.Person)
		}
	}
	if len(out.People) == 0 && len(d.defaults[role]) > 0 {
		out.How, out.People = ward.HeldByDefault, d.defaults[role]
	}
	return out
}

func (d *fakeDuty) Assign(_ context.Context, id ward.StayID, nurse, doctor *ward.PersonID, at time.Time, by ward.PersonID) (ward.Stay, error) {
	return d.book.change(id, by, "stay.assign", func(s *ward.Stay) {
		if nurse != nil {
			s.Nurse, s.NurseSince = *nurse, at
		}
		if doctor != nil {
			s.Doctor, s.DoctorSince = *doctor, at
		}
	})
}

func (d *fakeDuty) OfferHandOver(_ context.Context, h ward.HandOver) (ward.HandOver, error) {
	h.ID = fmt.Sprint("h", len(d.offers)+1)
	return h, d.book.do(h.From, "handover.offer", "handover:"+h.ID, func() error { d.offers[h.ID] = h; return nil })
}

func (d *fakeDuty) AnswerHandOver(_ context.Context, id string, state ward.HandOverState, reason string, by ward.PersonID, at time.Time) (h ward.HandOver, err error) {
	err = d.book.do(by, "handover."+string(state), "handover:"+id, func() error {
		h = d.offers[id]
		if h.State != ward.HandOverOffered {
			return &ward.Error{Code: ward.Conflict, Message: "it was answered already", Hint: "look again"}
		}
		h.State, h.Reason, h.Answered, h.Left = state, reason, at, []ward.StayID{"gone"}
		d.offers[id] = h
		s := d.book.stays["s1"]
		s.Nurse = h.To
		d.book.stays["s1"] = s
		return nil
	})
	return h, err
}

func (d *fakeDuty) HandOver(_ context.Context, id string) (ward.HandOver, error) {
	return find(d.book, d.offers, id)
}

func (d *fakeDuty) HandOvers(_ context.Context, w ward.WardID, _ time.Time) (out []ward.HandOver, err error) {
	d.book.mu.Lock()
	defer d.book.mu.Unlock()
	for _, h := range d.offers {
		if h.Ward == w {
			out = append(out, h)
		}
	}
	return out, nil
}

func (d *fakeDuty) Contacts(_ context.Context, p ward.PersonID, channel string) (out []ward.Contact, err error) {
	d.book.mu.Lock()
	defer d.book.mu.Unlock()
	for _, c := range d.contacts {
		if c.Person == p && (channel == "" || c.Channel == channel) {
			out = append(out, c)
		}
	}
	return out, nil
}

func (d *fakeDuty) AddContact(_ context.Context, c ward.Contact, by ward.PersonID) (ward.Contact, error) {
	c.ID = fmt.Sprint("c", len(d.contacts))
	return c, d.book.do(by, "contact.add", "contact:"+c.ID, func() error { d.contacts[c.ID] = c; return nil })
}

func (d *fakeDuty) EndContact(_ context.Context, id, _ string, by ward.PersonID) error {
	return d.book.do(by, "contact.end", "contact:"+id, func() error { delete(d.contacts, id); return nil })
}

func (d *fakeDuty) AddSymptomCheck(_ context.Context, c ward.SymptomCheck) error {
	return d.book.do(c.By, "symptoms.chart", "stay:"+string(c.Stay), func() error { d.symptoms[c.ID] = c; return nil })
}

func (d *fakeDuty) SymptomChecks(_ context.Context, stay ward.StayID) (out []ward.SymptomCheck, err error) {
	d.book.mu.Lock()
	defer d.book.mu.Unlock()
	for _, c := range d.symptoms {
		if c.Stay == stay {
			out = append(out, c)
		}
	}
	return out, nil
}

func (d *fakeDuty) NoticesOf(_ context.Context, a ward.AlertID) (out []ward.Notice, err error) {
	for _, n := range d.notices {
		if n.Alert == a {
			out = append(out, n)
		}
	}
	return out, nil
}

func (d *fakeDuty) ReceiptsOf(context.Context, ward.AlertID) (map[ward.NoticeID][]ward.Receipt, error) {
	return d.receipts, nil
}

// fakeEvidence measured one thing.
type fakeEvidence struct{}

func (fakeEvidence) Report(_ context.Context, w ward.WardID, _, _ time.Time) (any, error) {
	return map[string]any{"ward": w, "alerts": 3}, nil
}

func (fakeEvidence) Tables() []string { return []string{"alerts", "responses"} }

func (fakeEvidence) WriteCSV(_ context.Context, out io.Writer, _ ward.WardID, _, _ time.Time, table string) error {
	_, err := io.WriteString(out, table+"\n3\n")
	return err
}

// fakeChannels are one that reaches a person and one that reaches a group; it remembers the tests.
type fakeChannels struct{ tests []string }

func (*fakeChannels) Channels(context.Context) ([]Channel, error) {
	return []Channel{{Name: webPush, Kind: "webpush", Personal: true, State: "ok", LastOK: noon}, {Name: "siren", Kind: "webhook", Audible: true, State: "untried"}}, nil
}

func (c *fakeChannels) Test(_ context.Context, name string, to ward.PersonID, w ward.WardID, by ward.PersonID) error {
	c.tests = append(c.tests, strings.Join([]string{name, string(to), string(w), string(by)}, "|"))
	return nil
}

func fakeDigest(_ context.Context, w ward.WardID, role ward.Role, lang string) (DigestReply, error) {
	return DigestReply{At: noon.UnixMilli(), Patients: []DigestPatient{{Stay: "s1", Bed: "1", Name: "An"}}, Text: string(w) + " " + string(role) + " " + lang}, nil
}

// fakeLinks knows "good" for the nurse and A1, and the same that is "old".
func fakeLinks(token string, _ time.Time) (ward.PersonID, ward.AlertID, error) {
	switch token {
	case "good":
		return "p-nurse", "A1", nil
	case "old":
		return "p-nurse", "A1", &ward.Error{Code: ward.Unavailable, Message: "this link has expired"}
	}
	return "", "", &ward.Error{Code: ward.NotFound, Message: "this link was not made here"}
}

// deeds are the rows about an object, the oldest first.
func (b *fakeBook) deeds(object string) (out []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, r := range b.audit {
		if r.Object == object {
			out = append(out, r.Deed)
		}
	}
	slices.Sort(out)
	return out
}
