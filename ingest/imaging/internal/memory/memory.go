// Package memory is a book and a folder of objects in memory, for tests of the ways in. What they hold
// outlives the parts that use them, as a disk does a process.
package memory

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"wardwatch/ward"
)

// Files holds objects. With a Dir they are files there, too.
type Files struct {
	Dir string

	mu    sync.Mutex
	fail  error
	bytes map[string][]byte
}

// Fail makes Keep fail with err; nil ends that.
func (f *Files) Fail(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.fail = err
}

// Keep keeps what r holds.
func (f *Files) Keep(ctx context.Context, r io.Reader, limit int64) (name, sum string, size int64, err error) {
	b, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return "", "", 0, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case ctx.Err() != nil:
		return "", "", 0, ctx.Err()
	case f.fail != nil:
		return "", "", 0, f.fail
	case int64(len(b)) > limit:
		return "", "", 0, &ward.Error{Code: ward.BadInput, Message: fmt.Sprintf("larger than %d bytes", limit)}
	}
	hash := sha256.Sum256(b)
	sum = hex.EncodeToString(hash[:])
	if f.bytes == nil {
		f.bytes = map[string][]byte{}
	}
	f.bytes[sum] = b
	if f.Dir != "" {
		err = os.WriteFile(filepath.Join(f.Dir, sum), b, 0o600)
	}
	return sum, sum, int64(len(b)), err
}

// Open reads an object.
func (f *Files) Open(name string) (io.ReadCloser, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	b, is := f.bytes[name]
	if !is {
		return nil, &ward.Error{Code: ward.NotFound, Message: "not kept"}
	}
	return io.NopCloser(bytes.NewReader(b)), nil
}

// Path is where an object lies.
func (f *Files) Path(name string) (string, error) { return filepath.Join(f.Dir, name), nil }

// Lose removes an object.
func (f *Files) Lose(name string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.bytes, name)
}

// Count is how many objects there are.
func (f *Files) Count() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.bytes)
}

// Book holds deliveries, stays and what was reported.
type Book struct {
	mu         sync.Mutex
	fail       error
	deliveries []ward.Delivery
	stays      []ward.Stay
	reports    map[string][]ward.PlacedReport // by delivery
	placed     map[string]ward.StayID         // worklist items placed since, by delivery
	writes     int
}

// NewBook is a book of some stays.
func NewBook(stays ...ward.Stay) *Book {
	return &Book{stays: stays, reports: map[string][]ward.PlacedReport{}, placed: map[string]ward.StayID{}}
}

// Fail makes every method fail with err; nil ends that.
func (b *Book) Fail(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.fail = err
}

// Admit adds a stay.
func (b *Book) Admit(s ward.Stay) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.stays = append(b.stays, s)
}

// Accept implements intake.Store.
func (b *Book) Accept(_ context.Context, d ward.Delivery) (bool, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.fail != nil {
		return false, b.fail
	}
	if b.find(d.ID) != nil {
		return false, nil
	}
	b.deliveries = append(b.deliveries, d)
	b.writes++
	return true, nil
}

func (b *Book) find(id string) *ward.Delivery {
	i := slices.IndexFunc(b.deliveries, func(d ward.Delivery) bool { return d.ID == id })
	if i < 0 {
		return nil
	}
	return &b.deliveries[i]
}

// Known implements pacs.Known.
func (b *Book) Known(_ context.Context, source string, instances []string) (map[string]bool, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	known := map[string]bool{}
	for _, d := range b.deliveries {
		if d.Source == source && slices.Contains(instances, d.InstanceUID) {
			known[d.InstanceUID] = true
		}
	}
	return known, b.fail
}

// Waiting implements imaging.Store.
func (b *Book) Waiting(_ context.Context, limit int) ([]ward.Delivery, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	var waiting []ward.Delivery
	for _, d := range b.deliveries {
		if d.State == ward.DeliveryWaiting && len(waiting) < limit {
			waiting = append(waiting, d)
		}
	}
	return waiting, b.fail
}

// Candidates implements imaging.Store.
func (b *Book) Candidates(_ context.Context, of ward.Claim, studyUID string) (c ward.Candidates, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	bound := map[ward.StayID]bool{}
	for id, reports := range b.reports {
		for _, r := range reports {
			if studyUID != "" && r.Study.UID == studyUID || of.Accession != "" && r.Of.Accession == of.Accession {
				bound[b.owner(id, r)] = true
			}
		}
	}
	for _, s := range b.stays {
		if of.HospitalID != "" && s.HospitalID == of.HospitalID {
			c.Stays = append(c.Stays, s)
		}
		if bound[s.ID] {
			c.Bound = append(c.Bound, s)
		}
	}
	return c, b.fail
}

func (b *Book) owner(delivery string, r ward.PlacedReport) ward.StayID {
	if s := b.placed[delivery]; s != "" {
		return s
	}
	return r.Stay
}

// Report implements imaging.Store.
func (b *Book) Report(_ context.Context, delivery string, reports []ward.PlacedReport) (changed []ward.StayID, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.fail != nil {
		return nil, b.fail
	}
	b.find(delivery).State = ward.DeliveryRead
	b.reports[delivery] = reports
	b.writes++
	for _, r := range reports {
		if r.Stay != "" {
			changed = append(changed, r.Stay)
		}
	}
	return changed, nil
}

// RefuseDelivery implements imaging.Store.
func (b *Book) RefuseDelivery(_ context.Context, id, code, detail string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.fail != nil {
		return b.fail
	}
	d := b.find(id)
	d.State, d.Code, d.Detail = ward.DeliveryRefused, code, detail
	b.writes++
	return nil
}

// Recheck implements imaging.Store.
func (b *Book) Recheck(context.Context) ([]ward.StayID, error) { return nil, b.fail }

// Unplaced implements imaging.Store.
func (b *Book) Unplaced(context.Context) (items []ward.WorklistItem, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, id := range slices.Sorted(maps.Keys(b.reports)) {
		for _, r := range b.reports[id] {
			if b.owner(id, r) == "" {
				items = append(items, ward.WorklistItem{ID: id, Of: r.Of, Study: r.Study, Source: b.find(id).Source, Why: r.Why})
			}
		}
	}
	return items, b.fail
}

// Place implements imaging.Store.
func (b *Book) Place(_ context.Context, item string, stay ward.StayID) ([]ward.StayID, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.placed[item] = stay
	b.writes++
	return []ward.StayID{stay}, b.fail
}

// Deliveries lists what was accepted, in order.
func (b *Book) Deliveries() []ward.Delivery {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.deliveries)
}

// Reports lists what was reported, in the order of the deliveries, with whose it is now.
func (b *Book) Reports() (all []ward.PlacedReport) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, d := range b.deliveries {
		for _, r := range b.reports[d.ID] {
			r.Stay = b.owner(d.ID, r)
			all = append(all, r)
		}
	}
	return all
}

// Writes counts the changes.
func (b *Book) Writes() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.writes
}
