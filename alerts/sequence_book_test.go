package alerts_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"wardwatch/ward"
)

// keeper is a book in memory with the contract of the real one: a change is one transaction guarded
// by the alert's version, notices are inserted once, times come back in milliseconds and UTC, and
// what is read shares nothing with what was written.
type keeper struct {
	alerts    map[ward.AlertID]ward.Alert
	positions map[ward.Place]uint64
	notices   map[ward.NoticeID]*ward.Notice
	pending   []*ward.Notice // in the order made
	audit     map[string]int // rows by deed
	commits   int

	fail    failure
	written func(before *ward.Alert, c *ward.Change, fresh []ward.Notice)
}

// failure is how the next commit goes wrong.
type failure uint8

const (
	fine       failure = iota
	notWritten         // nothing was written
	answerLost         // everything was written, and the desk hears an error
)

func newKeeper() *keeper {
	return &keeper{
		alerts: map[ward.AlertID]ward.Alert{}, positions: map[ward.Place]uint64{},
		notices: map[ward.NoticeID]*ward.Notice{}, audit: map[string]int{},
	}
}

var errStorage = errors.New("the disk is full")

func (k *keeper) Commit(_ context.Context, c ward.Change) error {
	fail := k.fail
	k.fail = fine
	if fail == notWritten {
		return errStorage
	}
	var before *ward.Alert
	if a, ok := k.alerts[c.Alert.ID]; ok {
		before = &a
	}
	if v := k.alerts[c.Alert.ID].Version; v != c.Alert.Version-1 {
		return &ward.Error{Code: ward.Conflict, Message: fmt.Sprintf("version %d is stored, %d was to follow", v, c.Alert.Version)}
	}
	k.commits++
	a := c.Alert
	a.Causes, a.Duties = slices.Clone(a.Causes), slices.Clone(a.Duties)
	k.alerts[a.ID] = a
	if a.Kind != ward.Technical {
		k.positions[a.Place] = max(k.positions[a.Place], a.Position)
	}
	for _, e := range c.Audit {
		k.audit[e.Deed]++
	}
	k.withdraw(&c)
	fresh := k.insert(&c)
	k.written(before, &c, fresh)
	if fail == answerLost {
		return errStorage
	}
	return nil
}

// withdraw takes back what a settled role's, or a recalled person's, pending notices promised.
func (k *keeper) withdraw(c *ward.Change) {
	k.settled(func(n *ward.Notice) bool {
		gone := n.Alert == c.Alert.ID && (slices.Contains(c.Withdraw, n.Role) || slices.Contains(c.Recall, ward.Addressee{Role: n.Role, Person: n.To}))
		if gone {
			n.State = ward.NoticeWithdrawn
		}
		return gone
	})
}

// settled takes out of the pending what is so no more.
func (k *keeper) settled(gone func(*ward.Notice) bool) {
	k.pending = slices.DeleteFunc(k.pending, gone)
}

func (k *keeper) insert(c *ward.Change) (fresh []ward.Notice) {
	for _, n := range c.Notices {
		if k.notices[n.ID] != nil {
			continue
		}
		n.Made, n.Due, n.Expires = n.Made.UTC().Truncate(time.Millisecond), n.Due.UTC().Truncate(time.Millisecond), n.Expires.UTC().Truncate(time.Millisecond)
		fresh = append(fresh, n)
		k.notices[n.ID] = &n
		k.pending = append(k.pending, &n)
	}
	return fresh
}

func (k *keeper) OpenAlerts(context.Context) ([]ward.Alert, error) {
	var open []ward.Alert
	for _, id := range slices.Sorted(maps.Keys(k.alerts)) {
		a := k.alerts[id]
		if !a.State.Open() {
			continue
		}
		raw, err := json.Marshal(a)
		if err != nil {
			return nil, err
		}
		var back ward.Alert
		if err := json.Unmarshal(raw, &back); err != nil {
			return nil, err
		}
		open = append(open, back)
	}
	return open, nil
}

func (k *keeper) Positions(context.Context) (map[ward.Place]uint64, error) {
	return maps.Clone(k.positions), nil
}
