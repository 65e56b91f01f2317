package dashboard

import (
	"context"
	"fmt"
	"io"
	"reflect"
	"slices"
	"sync"
	"time"

	"wardwatch/dashboard/signin"
	"wardwatch/ward"
)

// fakeBook holds in memory what the tests need of a book. The real one has its own tests.
type fakeBook struct {
	mu       sync.Mutex
	now      func() time.Time
	wards    []ward.Ward
	beds     map[ward.WardID][]ward.Bed
	stays    map[ward.StayID]ward.Stay
	lyings   map[ward.StayID][]ward.Lying
	charted  map[string]ward.Observation
	versions map[string]int64
	alerts   map[ward.AlertID]ward.Alert
	creds    map[string]ward.Credential
	hashes   map[string]string
	people   map[ward.PersonID]ward.Person
	pass     map[string]string
	failures map[string]int
	sessions map[string]ward.PersonID
	expires  map[string]time.Time
	tokens   map[string]Token
	audit    []AuditRow
	standing map[ward.DeviceID]ward.Place
	broken   error // AppendAudit fails with it

	deskBroken error // what the desk answers to all but actions
}

func newFakeBook(now func() time.Time) *fakeBook {
	b := &fakeBook{
		now: now, beds: map[ward.WardID][]ward.Bed{}, stays: map[ward.StayID]ward.Stay{}, lyings: map[ward.StayID][]ward.Lying{},
		charted: map[string]ward.Observation{}, versions: map[string]int64{}, alerts: map[ward.AlertID]ward.Alert{}, creds: map[string]ward.Credential{}, hashes: map[string]string{},
		people: map[ward.PersonID]ward.Person{}, pass: map[string]string{}, failures: map[string]int{}, sessions: map[string]ward.PersonID{},
		expires: map[string]time.Time{}, tokens: map[string]Token{}, standing: map[ward.DeviceID]ward.Place{},
	}
	for _, w := range []ward.WardID{"icu", "er"} {
		b.wards = append(b.wards, ward.Ward{ID: w, Name: "Khoa " + string(w)})
		for i := range 4 {
			b.beds[w] = append(b.beds[w], ward.Bed{Place: ward.Place{Ward: w, Bed: ward.BedID(fmt.Sprint(i + 1))}, Label: fmt.Sprint("Giường ", i+1), Order: i})
		}
	}
	return b
}

var errAbsent = &ward.Error{Code: ward.NotFound, Message: "there is no such entry", Hint: "look again"}

func find[K comparable, V any](b *fakeBook, m map[K]V, k K) (V, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	v, ok := m[k]
	if !ok {
		return v, errAbsent
	}
	return v, nil
}

func (b *fakeBook) do(by ward.PersonID, deed, object string, f func() error) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := f(); err != nil {
		return err
	}
	b.audit = append(b.audit, AuditRow{Seq: int64(len(b.audit) + 1), AuditEntry: ward.AuditEntry{At: b.now(), By: by, Deed: deed, Object: object}})
	return nil
}

func (b *fakeBook) Wards(context.Context) ([]ward.Ward, error) { return b.wards, nil }

func (b *fakeBook) Beds(_ context.Context, w ward.WardID) ([]ward.Bed, error) { return b.beds[w], nil }

func (b *fakeBook) Stay(_ context.Context, id ward.StayID) (ward.Stay, error) {
	return find(b, b.stays, id)
}

func (b *fakeBook) StaysOn(_ context.Context, w ward.WardID) ([]ward.Stay, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	var out []ward.Stay
	for _, s := range b.stays {
		if s.Place.Ward == w && s.Ended.IsZero() {
			out = append(out, s)
		}
	}
	slices.SortFunc(out, func(x, y ward.Stay) int { return x.Admitted.Compare(y.Admitted) })
	return out, nil
}

func (b *fakeBook) History(_ context.Context, id ward.StayID) ([]ward.Lying, error) {
	return find(b, b.lyings, id)
}

func (b *fakeBook) Chart(_ context.Context, o ward.Observation) (version int64, err error) {
	return version, b.do(o.By, "observation.chart", "stay:"+string(o.Stay), func() error {
		was, ok := b.charted[o.ID]
		if ok && reflect.DeepEqual(was.Values, o.Values) && was.Partial == o.Partial && was.Worried == o.Worried && was.Note == o.Note {
			version = b.versions[o.ID]
			return nil
		}
		b.charted[o.ID] = o
		b.versions[o.ID]++
		version = b.versions[o.ID]
		return nil
	})
}

func (b *fakeBook) Admit(_ context.Context, s ward.Stay, by ward.PersonID) (ward.Stay, error) {
	s.ID = ward.StayID(fmt.Sprint("new", len(b.stays)))
	return s, b.do(by, "stay.admit", "stay:"+string(s.ID), func() error {
		for _, x := range b.stays {
			if x.Place == s.Place && x.Ended.IsZero() {
				return &ward.Error{Code: ward.Conflict, Message: "the place is taken", Hint: "discharge first"}
			}
		}
		b.stays[s.ID] = s
		b.lyings[s.ID] = []ward.Lying{{Stay: s.ID, Place: s.Place, From: s.Admitted}}
		return nil
	})
}

func (b *fakeBook) change(id ward.StayID, by ward.PersonID, deed string, f func(*ward.Stay)) (s ward.Stay, err error) {
	err = b.do(by, deed, "stay:"+string(id), func() error {
		var ok bool
		if s, ok = b.stays[id]; !ok {
			return errAbsent
		}
		f(&s)
		b.stays[id] = s
		return nil
	})
	return s, err
}

func (b *fakeBook) Transfer(_ context.Context, id ward.StayID, to ward.Place, _ time.Time, by ward.PersonID) (ward.Stay, error) {
	return b.change(id, by, "stay.transfer", func(s *ward.Stay) { s.Place = to })
}

func (b *fakeBook) Discharge(_ context.Context, id ward.StayID, at time.Time, reason string, by ward.PersonID) (ward.Stay, error) {
	return b.change(id, by, "stay.discharge", func(s *ward.Stay) { s.Ended, s.EndReason = at, reason })
}

func (b *fakeBook) Undo(_ context.Context, id ward.StayID, by ward.PersonID) (ward.Stay, error) {
	return b.change(id, by, "stay.undo", func(s *ward.Stay) { s.Ended, s.EndReason = time.Time{}, "" })
}

func (b *fakeBook) ImportStays(_ context.Context, r io.Reader, by ward.PersonID) (ImportReport, error) {
	all, err := io.ReadAll(r)
	if err != nil {
		return ImportReport{}, err
	}
	return ImportReport{Rows: len(all), Refused: []ImportRefusal{{Line: 2, Message: "no bed", Hint: "add it"}}},
		b.do(by, "stays.import", "", func() error { return nil })
}

func (b *fakeBook) OffWard(_ context.Context, id ward.StayID, to string, until time.Time, by ward.PersonID) (ward.Stay, error) {
	return b.change(id, by, "stay.off_ward", func(s *ward.Stay) { s.Off = ward.OffWard{Destination: to, Since: b.now(), Until: until} })
}

func (b *fakeBook) Return(_ context.Context, id ward.StayID, by ward.PersonID) (ward.Stay, error) {
	return b.change(id, by, "stay.return", func(s *ward.Stay) { s.Off = ward.OffWard{} })
}

func (b *fakeBook) SetScale(_ context.Context, id ward.StayID, sc ward.SpO2Scale, by ward.PersonID) (ward.Stay, error) {
	return b.change(id, by, "stay.scale", func(s *ward.Stay) { s.Scale = sc })
}

func (b *fakeBook) SetCare(_ context.Context, id ward.StayID, c ward.Care, by ward.PersonID) (ward.Stay, error) {
	return b.change(id, by, "stay.care", func(s *ward.Stay) { s.Care = c })
}

func (b *fakeBook) SetLimit(_ context.Context, id ward.StayID, l ward.Limit, by ward.PersonID) (ward.Stay, error) {
	return b.change(id, by, "stay.limit", func(s *ward.Stay) {
		l.By, l.Since = by, b.now()
		s.Limits = append(slices.DeleteFunc(slices.Clone(s.Limits), func(x ward.Limit) bool { return x.Vital == l.Vital }), l)
	})
}

func (b *fakeBook) EndLimit(_ context.Context, id ward.StayID, v ward.Vital, by ward.PersonID) (ward.Stay, error) {
	return b.change(id, by, "stay.limit_end", func(s *ward.Stay) {
		s.Limits = slices.DeleteFunc(slices.Clone(s.Limits), func(x ward.Limit) bool { return x.Vital == v })
	})
}

func (b *fakeBook) Alert(_ context.Context, id ward.AlertID) (ward.Alert, error) {
	return find(b, b.alerts, id)
}

func (b *fakeBook) OpenAlerts(context.Context) ([]ward.Alert, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	var out []ward.Alert
	for _, a := range b.alerts {
		if a.State.Open() {
			out = append(out, a)
		}
	}
	return out, nil
}

func (b *fakeBook) AlertsOn(_ context.Context, w ward.WardID, _ int) ([]ward.Alert, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	var out []ward.Alert
	for _, a := range b.alerts {
		if a.Place.Ward == w {
			out = append(out, a)
		}
	}
	return out, nil
}

func (b *fakeBook) Credentials(context.Context) ([]ward.Credential, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	var out []ward.Credential
	for _, c := range b.creds {
		out = append(out, c)
	}
	return out, nil
}

func (b *fakeBook) AddCredential(_ context.Context, c ward.Credential, hash string, by ward.PersonID) error {
	return b.do(by, "device.add", "device:"+c.User, func() error { b.creds[c.User], b.hashes[c.User] = c, hash; return nil })
}

func (b *fakeBook) RevokeCredential(_ context.Context, user string, by ward.PersonID) error {
	return b.do(by, "device.revoke", "device:"+user, func() error { delete(b.creds, user); return nil })
}

func (b *fakeBook) PutDevice(_ context.Context, d ward.DeviceID, p ward.Place, _ time.Time, _ bool, by ward.PersonID) error {
	return b.do(by, "device.put", "device:"+string(d), func() error { b.standing[d] = p; return nil })
}

func (b *fakeBook) AppendAudit(_ context.Context, es ...ward.AuditEntry) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.broken != nil {
		return b.broken
	}
	for _, e := range es {
		b.audit = append(b.audit, AuditRow{Seq: int64(len(b.audit) + 1), AuditEntry: e})
	}
	return nil
}

func (b *fakeBook) ReadAudit(_ context.Context, f AuditFilter) ([]AuditRow, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	var out []AuditRow
	for _, r := range slices.Backward(b.audit) {
		if (f.Object == "" || f.Object == r.Object) && (f.By == "" || f.By == r.By) && len(out) < f.Limit {
			out = append(out, r)
		}
	}
	return out, nil
}

// recorded counts the audit rows of a deed.
func (b *fakeBook) recorded(deed string) (n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, r := range b.audit {
		if r.Deed == deed {
			n++
		}
	}
	return n
}

// enter opens a session without a password.
func (b *fakeBook) enter(p ward.PersonID) (secret string) {
	secret = signin.NewSecret()
	b.mu.Lock()
	defer b.mu.Unlock()
	h := string(signin.HashSecret(secret))
	b.sessions[h], b.expires[h] = p, b.now().Add(time.Hour)
	return secret
}

// fakeDesk takes every action, and remembers in the book's record what else it was told.
type fakeDesk struct{ book *fakeBook }

func (d fakeDesk) HandOver(_ context.Context, h ward.HandOver, _ time.Time) error {
	return d.book.do(h.To, fmt.Sprint("desk.handover ", h.Stays), "handover:"+h.ID, func() error { return d.book.deskBroken })
}

func (d fakeDesk) Charted(_ context.Context, o ward.Observation, role ward.Role) error {
	return d.book.do(o.By, "desk.charted."+string(role), "stay:"+string(o.Stay), func() error { return d.book.deskBroken })
}

func (d fakeDesk) Symptoms(_ context.Context, c ward.SymptomCheck) error {
	return d.book.do(c.By, "desk.symptoms", "stay:"+string(c.Stay), func() error { return d.book.deskBroken })
}

func (d fakeDesk) Act(_ context.Context, a ward.Action) (ward.Alert, error) {
	d.book.mu.Lock()
	defer d.book.mu.Unlock()
	x := d.book.alerts[a.Alert]
	if a.Do == ward.DoDecline && a.Reason == "" {
		return x, &ward.Error{Code: ward.Conflict, Message: "a reason is needed", Hint: "say why"}
	}
	x.State, x.Version = ward.Accepted, x.Version+1
	x.Duties = append(x.Duties, ward.Duty{Role: a.Role, Accepted: a.At, By: a.By})
	d.book.alerts[a.Alert] = x
	return x, nil
}

// fakeTrends has a breath rate for every minute.
type fakeTrends struct{}

func (fakeTrends) Range(_ ward.Place, v ward.Vital, from, to time.Time) (out []ward.Minute) {
	for t := from.Truncate(time.Minute); !t.After(to); t = t.Add(time.Minute) {
		out = append(out, ward.Minute{Start: t, Vital: v, Min: 10, Mean: 15, Max: 20, Count: 60})
	}
	return out
}

func (fakeTrends) Scores(_ ward.Place, from, to time.Time) (out []ward.ScoreMinute) {
	for t := from.Truncate(time.Minute); !t.After(to); t = t.Add(time.Minute) {
		out = append(out, ward.ScoreMinute{Start: t, Points: 3, Known: t.Minute()%2 == 0})
	}
	return out
}
