package alerts_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"wardwatch/alerts"
	"wardwatch/ward"
)

// Two patients lie in one ward. What can happen to them and to those who care for them is a list of
// steps; a step says everything about itself, so that any part of a list can be run alone.
type step struct {
	what    string
	patient int
	after   time.Duration // since the step before; the clock ticks meanwhile
	points  int
	person  ward.PersonID
	on      bool
	code    string
}

func (s step) String() string {
	return fmt.Sprintf("+%v %s; patient %d, %d points, %s, %v, %s", s.after, s.what, s.patient, s.points, s.person, s.on, s.code)
}

// Who there is. A person has one duty.
var people = map[ward.Role][]ward.PersonID{
	ward.RoleNurse: {"n1", "n2"}, ward.RoleCharge: {"c1"}, ward.RoleDoctor: {"d1", "d2"}, ward.RoleLead: {"l1"}, ward.RoleICU: {"i1"}, ward.RoleEngineer: {"e1"},
}

var ladderRoles = []ward.Role{ward.RoleNurse, ward.RoleCharge, ward.RoleDoctor, ward.RoleLead, ward.RoleICU}

// Channels of the policy: one reaches the ward, one a person.
const (
	toWard   = "webhook"
	toPerson = "sms"
)

// channelState is how a channel behaves.
type channelState uint8

const (
	delivers channelState = iota
	refuses               // at once, for good
	hangs                 // until the notice expires
	knowsNobody
	channelStates
)

// entry is one row of the journal after the checkpoint.
type entry struct {
	score  ward.Score
	alarms []ward.DeviceAlarm
}

// world is the program around the desk, with its clock, and the promises that are watched.
type world struct {
	now      time.Time
	late     time.Duration // how long after what is due the clock ticks
	policy   alerts.Policy
	book     *keeper
	desk     *alerts.Desk
	patients [2]*patient
	off      map[ward.PersonID]bool // off duty by the roster
	channels map[string]channelState
	position uint64
	ids      int

	ahead   []ward.Alert // the last checkpoint
	journal []entry      // after it

	promises promises
	wrong    []string // promises broken
}

func start() time.Time { return time.Date(2026, 3, 28, 20, 0, 0, 0, time.UTC) } // the night the clocks change in Europe

func newWorld() *world {
	w := &world{now: start(), policy: alerts.Default(toWard, toPerson), book: newKeeper(), off: map[ward.PersonID]bool{}, channels: map[string]channelState{}}
	w.policy.ClosedScore = w.policy.ClosedFor
	w.promises = newPromises(w)
	w.book.written = w.promises.written
	for i := range w.patients {
		w.patients[i] = &patient{}
		w.admit(i)
	}
	w.boot()
	return w
}

// stayOf looks a stay up, as the book would.
func (w *world) stayOf(id ward.StayID) (ward.Stay, bool) {
	for _, p := range w.patients {
		if p.present && p.stay.ID == id {
			return p.stay, true
		}
	}
	return ward.Stay{}, false
}

// who answers for a role now: those of it who are on duty.
func (w *world) who(role ward.Role, _ ward.Alert, _ time.Time) ward.OnDuty {
	on := ward.OnDuty{Role: role, How: ward.HeldByRoster}
	for _, p := range people[role] {
		if !w.off[p] {
			on.People = append(on.People, p)
		}
	}
	if len(on.People) == 0 {
		on.How = ward.HeldByNobody
	}
	return on
}

// boot starts the program on what is kept: the book, the checkpoint, the journal after it.
func (w *world) boot() {
	d, err := alerts.New(alerts.Options{Book: w.book, Policy: w.policy, Stay: w.stayOf, Who: w.who, Personal: map[string]bool{toPerson: true}})
	if err != nil {
		w.broken("the desk could not be made: %v", err)
		return
	}
	w.desk = d
	w.book.fail = fine
	ctx := context.Background()
	w.must(d.Load(ctx))
	d.Restore(w.ahead)
	for i := range w.journal {
		score := w.journal[i].score
		w.again(func() error { return d.Observe(ctx, &score, w.journal[i].alarms) })
	}
	w.again(func() error { return d.Stays(ctx, w.stays(), w.now) })
	for _, a := range d.Open() { // who has left is watched no more
		if _, here := w.stayOf(a.Stay); a.Stay != "" && !here {
			w.again(func() error { return d.StayEnded(ctx, a.Stay, w.now, "discharged") })
		}
	}
	if w.late > 0 { // what was seen since the clock was put back is not in the journal at its time
		w.promises.high = [2]time.Time{}
	}
	w.rescoreAll()
	w.again(func() error { return d.Tick(ctx, w.now) })
}

func (w *world) stays() (list []ward.Stay) {
	for _, p := range w.patients {
		if p.present {
			list = append(list, p.stay)
		}
	}
	return list
}

func (w *world) must(err error) {
	if err != nil {
		w.broken("refused: %v", err)
	}
}

func (w *world) broken(format string, args ...any) {
	w.wrong = append(w.wrong, fmt.Sprintf(format, args...))
}

// again tries once more what failed because the storage did, as every caller does.
func (w *world) again(do func() error) {
	err := do()
	for range 3 {
		if err == nil {
			return
		}
		err = do()
	}
	w.must(err)
}

// pass lets time go by to a moment. The clock ticks at everything that is due: by the desk, by the
// promises' own reckoning, and by the outbox.
func (w *world) pass(to time.Time) {
	for len(w.wrong) == 0 {
		next := earliest(w.desk.Due(), w.promises.due(), w.expiry())
		if next.IsZero() || next.After(to) {
			break
		}
		if !next.After(w.now) { // it was due before, or the clock was put back
			next = w.now.Add(time.Second)
			if next.After(to) {
				break
			}
		}
		if w.now = next.Add(w.late); w.now.After(to) {
			break
		}
		w.tick()
	}
	w.now = to
	w.tick()
}

func (w *world) tick() {
	w.again(func() error { return w.desk.Tick(context.Background(), w.now) })
	if due := w.desk.Due(); !due.IsZero() && !due.After(w.now) {
		w.broken("12: at %v the next thing was due at %v", w.now, due)
	}
	w.outbox()
	w.promises.look()
}

// expiry is when a hanging channel's first notice has failed.
func (w *world) expiry() (first time.Time) {
	for _, n := range w.book.pending {
		if w.channels[n.Channel] == hangs {
			first = earliest(first, n.Expires)
		}
	}
	return first
}

// outbox delivers what is pending, as its channel has it.
func (w *world) outbox() {
	var settled []ward.Notice
	var receipts []ward.Receipt
	w.book.settled(func(n *ward.Notice) bool {
		r := ward.Receipt{Notice: n.ID, At: w.now, Final: true, Error: "refused"}
		switch state := w.channels[n.Channel]; {
		case state == hangs && w.now.Before(n.Expires):
			return false
		case state == delivers:
			r.OK, r.Final, r.Error = true, false, ""
		case state == knowsNobody && n.Channel == toPerson:
			r.Nobody = true
		}
		n.Tries, n.Settled = n.Tries+1, w.now
		if n.State = ward.NoticeFailed; r.OK {
			n.State = ward.NoticeDelivered
		}
		settled, receipts = append(settled, *n), append(receipts, r)
		return true
	})
	for i := range settled {
		w.desk.Receipt(context.Background(), settled[i], receipts[i])
	}
	if len(settled) > 0 && len(w.book.pending) > 0 {
		w.outbox() // the ladder moved on
	}
}

// do makes one step happen.
func (w *world) do(s step) {
	w.pass(w.now.Add(s.after + 7*time.Millisecond))
	p, i := w.patients[s.patient], s.patient
	switch s.what {
	case "restart":
		w.boot()
	case "checkpoint":
		w.ahead, w.journal = w.desk.Ahead(), nil
	case "outage": // down for two hours and a little
		w.now = w.now.Add(2*time.Hour + s.after)
		w.boot()
		w.outbox()
	case "clock back":
		w.now = w.now.Add(-s.after - 40*time.Minute)
		w.late += time.Millisecond // no two promises are made in one millisecond of two times
		w.promises.clockBack()
		w.tick()
		w.rescoreAll()
		w.rescoreAll()                           // monitors go on: what ends by the clock, and what begins then, are two looks
		w.ahead, w.journal = w.desk.Ahead(), nil // a journal of the time to come is not read again: checkpoints come by the minute
	case "storage":
		w.book.fail = notWritten
		if s.on {
			w.book.fail = answerLost
		}
	case "duty":
		w.off[s.person] = !s.on
	case "channel":
		name := toWard
		if s.on {
			name = toPerson
		}
		w.channels[name] = channelState(s.points) % channelStates
	case "network":
		w.again(func() error {
			return w.desk.Concern(context.Background(), "link_lost", s.on, ward.Place{}, w.now, "")
		})
	case "admit":
		if !p.present {
			w.admit(i)
			w.changed(i)
		}
	default:
		if p.present {
			w.atBed(s, p)
		}
	}
	w.outbox()
	w.promises.look()
}

func (w *world) id() string { w.ids++; return fmt.Sprint("id", w.ids) }

func roleOf(p ward.PersonID) ward.Role {
	for role, list := range people {
		if slices.Contains(list, p) {
			return role
		}
	}
	return ""
}

// refused says that the desk would not do what a person asked, which is an answer.
func refused(err error) bool {
	var e *ward.Error
	return errors.As(err, &e) && e.Code != ward.Unavailable
}

func earliest(times ...time.Time) (first time.Time) {
	for _, t := range times {
		if first.IsZero() || !t.IsZero() && t.Before(first) {
			first = t
		}
	}
	return first
}
