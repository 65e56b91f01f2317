package book

import (
	"context"
	"time"

	"wardwatch/store/book/equipment"
	"wardwatch/store/book/registry"
	"wardwatch/ward"
)

// How the picture in memory is kept. All are ours.
const (
	horizon   = 7 * 24 * time.Hour // how far back it reaches; ingest believes no older time than 24 h
	keepEvery = 5 * time.Minute    // how often hearings of devices are written
	keepBatch = 500                // hearings a transaction, so that an alert waits at most some 10 ms
)

// Resolve says who lay at a place at a time known to within an uncertainty, when d reported it; an
// empty d is a source that does not name itself. The stay is empty, with the reason, whenever it
// is not certain. For a place in the book it takes no lock and allocates nothing. Call Sight first, or a device's first
// reading is unconfirmed.
func (b *Book) Resolve(p ward.Place, d ward.DeviceID, at time.Time, within time.Duration) (ward.StayID, ward.Apart) {
	stay, why := b.picture.Resolve(p, d, at, within)
	if why == ward.Crowded {
		b.crowded.Add(1)
		b.crowdedAt.Store(b.now().UnixMilli())
	}
	return stay, why
}

// Crowded reports whether readings of beds that are not in the book were set aside since a time,
// because there are too many such beds.
func (b *Book) Crowded(since time.Time) bool {
	return b.crowded.Load() > 0 && b.crowdedAt.Load() > since.UnixMilli()
}

// LookUp finds a stay that has not ended more than a week ago, from memory; nil when there is
// none. The stay must not be changed.
func (b *Book) LookUp(id ward.StayID) *ward.Stay { return b.picture.LookUp(id) }

// Sight tells the book where devices have spoken, live; late readings are passed over. It costs
// next to nothing unless something is new: then rows are written, in one transaction for all of
// the batch, or, when the book cannot write, tried again with later readings. Until a device's row
// is there, Resolve does not trust it.
func (b *Book) Sight(rs []ward.Reading) {
	var news []equipment.Sighting
	for i := range rs {
		r := &rs[i]
		if r.Late || !b.picture.Heard(r.Device, r.Place, r.Arrived) || b.sights.quiet(r.Device, r.Place, r.Arrived) || pending(news, r) {
			continue
		}
		news = append(news, equipment.Sighting{Device: r.Device, Place: r.Place, At: r.Arrived, Gap: b.gap, Seen: b.picture.Seen})
	}
	if len(news) == 0 || !b.sights.mayTry(b.now()) {
		return
	}
	written, err := b.Equipment.Sight(context.Background(), news...)
	if err != nil {
		b.sights.failed(b.now())
		b.log.Error("devices' new places could not be written", "devices", len(news), "first", news[0].Device, "place", news[0].Place, "err", err)
		return
	}
	for i, g := range news {
		b.sights.succeeded(g.Device, g.Place, g.At, written[i])
	}
}

// pending says whether the batch has this device at this place already. Only what is new comes
// here, which is little or comes once.
func pending(news []equipment.Sighting, r *ward.Reading) bool {
	for i := len(news) - 1; i >= 0; i-- {
		if news[i].Device == r.Device && news[i].Place == r.Place {
			return true
		}
	}
	return false
}

// Reload brings the picture up to date with what other processes (the command line) have written,
// which costs one small query when they have not, and now and then writes when devices were last
// heard. Call it about once a second.
func (b *Book) Reload(ctx context.Context) error {
	b.reload.Lock()
	defer b.reload.Unlock()
	foreign, err := b.db.Foreign(ctx)
	if err != nil {
		return err
	}
	if foreign != b.foreign {
		if err := b.loadAll(ctx); err != nil {
			return err
		}
		b.foreign = foreign
	}
	if b.rosterOld() {
		if err := b.loadRoster(ctx); err != nil {
			return err
		}
	}
	if now := b.now(); now.Sub(b.kept) >= keepEvery {
		b.kept = now
		return b.keepSeen(ctx, keepEvery)
	}
	return nil
}

// Generation rises each time the picture has been loaded anew, which is after another process has
// written: whoever keeps something of the book in mind compares it after Reload.
func (b *Book) Generation() uint64 { return b.loads.Load() }

func (b *Book) loadAll(ctx context.Context) error {
	since := b.now().Add(-horizon)
	beds, err := b.Beds(ctx, "")
	if err != nil {
		return err
	}
	lyings, err := b.LyingsSince(ctx, since)
	if err != nil {
		return err
	}
	attached, err := b.AttachedSince(ctx, since)
	if err != nil {
		return err
	}
	stays, err := b.StaysSince(ctx, since)
	if err != nil {
		return err
	}
	places := make([]registry.Place, len(beds))
	index := make(map[ward.Place]*registry.Place, len(beds))
	for i, bed := range beds {
		places[i] = registry.Place{Place: bed.Place, Since: since}
		index[bed.Place] = &places[i]
	}
	for _, l := range lyings {
		if p := index[l.Place]; p != nil { // a bed added this instant has its own refresh behind this
			p.Lyings = append(p.Lyings, l)
		}
	}
	for _, a := range attached {
		if p := index[a.Place]; p != nil {
			p.Attached = append(p.Attached, a)
		}
	}
	if err := b.loadRoster(ctx); err != nil {
		return err
	}
	b.picture.Replace(places, stays)
	b.sights.forget()
	b.loads.Add(1)
	return nil
}

// refresh brings some places and stays of the picture up to date after a commit. When it cannot,
// the next Reload loads everything. One at a time: what is read first must be shown first.
func (b *Book) refresh(ctx context.Context, places []ward.Place, ids []ward.StayID) {
	ctx = context.WithoutCancel(ctx) // what is committed must show, whoever has hung up meanwhile
	b.reload.Lock()
	defer b.reload.Unlock()
	err := b.loadStays(ctx, ids)
	if err == nil {
		err = b.loadPlaces(ctx, places)
	}
	if err != nil {
		b.foreign = -1
		b.log.Error("the picture of who lies where could not be refreshed; it is loaded anew", "error", err)
	}
}

func (b *Book) loadStays(ctx context.Context, ids []ward.StayID) error {
	stays := make([]ward.Stay, 0, len(ids))
	for _, id := range ids {
		s, err := b.Stay(ctx, id)
		if err != nil {
			return err
		}
		stays = append(stays, s)
	}
	if len(stays) > 0 {
		b.picture.SetStays(stays...)
	}
	return nil
}

func (b *Book) loadPlaces(ctx context.Context, places []ward.Place) error {
	since := b.now().Add(-horizon)
	done := make(map[ward.Place]bool, len(places))
	for _, p := range places {
		if done[p] {
			continue
		}
		done[p] = true
		lyings, err := b.LyingsAt(ctx, p, since)
		if err != nil {
			return err
		}
		attached, err := b.AttachedAt(ctx, p, since)
		if err != nil {
			return err
		}
		b.picture.SetPlace(registry.Place{Place: p, Since: since, Lyings: lyings, Attached: attached})
	}
	b.sights.forget()
	return nil
}

func (b *Book) keepSeen(ctx context.Context, while time.Duration) error {
	seen := b.picture.Unkept(while)
	for len(seen) > 0 {
		n := min(len(seen), keepBatch)
		if err := b.KeepSeen(ctx, seen[:n]); err != nil {
			return err
		}
		seen = seen[n:]
	}
	return nil
}
