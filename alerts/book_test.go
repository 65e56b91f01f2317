package alerts

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"wardwatch/ward"
)

// memBook behaves as the contract of Book and NoticeBook says: one transaction a change, guarded
// by the version, notices inserted once. What is stored passes through JSON, so nothing is shared.
type memBook struct {
	mu        sync.Mutex
	alerts    map[ward.AlertID]ward.Alert
	positions map[ward.Place]uint64
	notices   []ward.Notice
	audit     []ward.AuditEntry
	commits   int
	fail      func() error // before a commit; nil: never
	lose      bool         // commit, but say that it failed
}

func newMemBook() *memBook {
	return &memBook{alerts: map[ward.AlertID]ward.Alert{}, positions: map[ward.Place]uint64{}}
}

func stored(a ward.Alert) ward.Alert {
	b, err := json.Marshal(a)
	if err != nil {
		panic(err)
	}
	var out ward.Alert
	if err := json.Unmarshal(b, &out); err != nil {
		panic(err)
	}
	return out
}

func (b *memBook) Commit(_ context.Context, c ward.Change) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.fail != nil {
		if err := b.fail(); err != nil {
			return err
		}
	}
	if before, ok := b.alerts[c.Alert.ID]; ok && reflect.DeepEqual(before, stored(c.Alert)) {
		return nil // said twice
	}
	if b.alerts[c.Alert.ID].Version != c.Alert.Version-1 {
		return &ward.Error{Code: ward.Conflict, Message: "another version is stored"}
	}
	b.commits++
	b.alerts[c.Alert.ID] = stored(c.Alert)
	if c.Alert.Kind != ward.Technical {
		b.positions[c.Alert.Place] = max(b.positions[c.Alert.Place], c.Alert.Position)
	}
	b.audit = append(b.audit, c.Audit...)
	for i := range b.notices {
		n := &b.notices[i]
		recalled := slices.Contains(c.Recall, ward.Addressee{Role: n.Role, Person: n.To})
		if n.Alert == c.Alert.ID && n.State == ward.NoticePending && (recalled || slices.Contains(c.Withdraw, n.Role)) {
			n.State = ward.NoticeWithdrawn
		}
	}
	for _, n := range c.Notices {
		if !slices.ContainsFunc(b.notices, func(x ward.Notice) bool { return x.ID == n.ID }) {
			n.Made, n.Due, n.Expires = plain(n.Made), plain(n.Due), plain(n.Expires) // columns hold milliseconds
			b.notices = append(b.notices, n)
		}
	}
	if b.lose {
		return errors.New("the answer was lost")
	}
	return nil
}

func (b *memBook) OpenAlerts(context.Context) ([]ward.Alert, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	var out []ward.Alert
	for _, a := range b.alerts {
		if a.State.Open() {
			out = append(out, stored(a))
		}
	}
	return out, nil
}

func (b *memBook) Positions(context.Context) (map[ward.Place]uint64, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	out := map[ward.Place]uint64{}
	for p, n := range b.positions {
		out[p] = n
	}
	return out, nil
}

func (b *memBook) DueNotices(_ context.Context, now time.Time, max int) ([]ward.Notice, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	var out []ward.Notice
	for _, n := range b.notices {
		if n.State == ward.NoticePending && !n.Due.After(now) {
			out = append(out, n)
		}
	}
	slices.SortStableFunc(out, func(x, y ward.Notice) int { return x.Due.Compare(y.Due) })
	return out[:min(max, len(out))], nil
}

func (b *memBook) NextNotice(context.Context) (first time.Time, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, n := range b.notices {
		if n.State == ward.NoticePending && (first.IsZero() || n.Due.Before(first)) {
			first = n.Due
		}
	}
	return first, nil
}

func (b *memBook) Settle(_ context.Context, r ward.Receipt) (ward.Notice, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i := range b.notices {
		n := &b.notices[i]
		if n.ID != r.Notice {
			continue
		}
		if n.State != ward.NoticePending {
			return *n, nil
		}
		n.Tries++
		n.Error = r.Error
		switch {
		case r.OK:
			n.State, n.Settled = ward.NoticeDelivered, r.At
		case r.Final:
			n.State, n.Settled = ward.NoticeFailed, r.At
		default:
			n.Due = r.RetryAt
		}
		return *n, nil
	}
	return ward.Notice{}, &ward.Error{Code: ward.NotFound, Message: "no such notice"}
}

// rig is a desk with its book, its stays and its clock, as a test drives it.
type rig struct {
	t        testing.TB
	book     *memBook
	desk     *Desk
	policy   Policy
	stays    map[ward.StayID]ward.Stay
	position uint64
	said     []ward.Alert
	who      func(ward.Role, ward.Alert, time.Time) ward.OnDuty // nil: roles as a whole
	personal map[string]bool
}

func newRig(t testing.TB, p Policy) *rig {
	r := &rig{t: t, book: newMemBook(), policy: p, stays: map[ward.StayID]ward.Stay{}}
	r.restart()
	return r
}

// restart is what a crash leaves: the book, and what is ahead of it, which the checkpoint and the
// journal read again bring back.
func (r *rig) restart() {
	var ahead []ward.Alert
	if r.desk != nil {
		ahead = r.desk.Ahead()
	}
	d, err := New(Options{
		Book: r.book, Policy: r.policy, Who: r.who, Personal: r.personal,
		Announce: func(a ward.Alert) { r.said = append(r.said, a) },
		Stay:     func(id ward.StayID) (ward.Stay, bool) { s, ok := r.stays[id]; return s, ok },
	})
	if err != nil {
		r.t.Fatal(err)
	}
	if err := d.Load(context.Background()); err != nil {
		r.t.Fatal(err)
	}
	d.Restore(ahead)
	r.desk = d
	for _, s := range r.stays { // as the program does at its start
		d.follow(&s)
	}
}

func (r *rig) observe(s ward.Score, alarms ...ward.DeviceAlarm) {
	r.position++
	s.Position = r.position
	if err := r.desk.Observe(context.Background(), &s, alarms); err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) tick(at time.Time) {
	if err := r.desk.Tick(context.Background(), at); err != nil {
		r.t.Fatal(err)
	}
}

// An odd fraction of a second, as real clocks have.
var day = time.Date(2026, 11, 21, 0, 0, 0, 123456789, time.UTC)

// clock is a time of the test's day.
func clock(s string) time.Time {
	t, err := time.Parse("15:04:05", s)
	if err != nil {
		panic(err)
	}
	return day.Add(t.Sub(time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC)))
}

var bed7 = ward.Place{Ward: "icu", Bed: "07"}

var inputs = [...]string{"rr", "spo2", "o2", "sbp", "hr", "consciousness", "temp"}

// complete is a complete set with so many points, none of them 3 in one parameter.
func complete(at time.Time, points int) ward.Score {
	s := ward.Score{Place: bed7, Stay: "s1", At: at, Chart: "news2", Complete: true, Total: points, LowerBound: points, NParts: len(inputs), LastData: at}
	for i, name := range inputs {
		s.Parts[i] = ward.Part{Input: name, State: ward.Present}
	}
	s.Band = bandOf(points, ward.Low)
	return s
}

// partial is a set without consciousness: its points are a lower bound.
func partial(at time.Time, points int) ward.Score {
	s := complete(at, points)
	s.Complete, s.Total = false, 0
	s.Parts[5].State = ward.Missing
	s.Band = bandOf(points, ward.Unknown)
	return s
}

// lost is what scoring says when the device has gone silent at a band.
func lost(at time.Time, held ward.Band) ward.Score {
	s := partial(at, 0)
	for i := range s.NParts {
		s.Parts[i].State = ward.Stale
	}
	s.Band, s.Lost, s.Held = held, true, held > ward.Unknown
	return s
}

func bandOf(points int, otherwise ward.Band) ward.Band {
	switch {
	case points >= 7:
		return ward.High
	case points >= 5:
		return ward.Medium
	}
	return otherwise
}
