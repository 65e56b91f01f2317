package live

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"time"

	"wardwatch/ward"
)

// Bounds of what a ward keeps for screens that resume or are slow. A screen further behind is cut
// off and starts again with a snapshot.
const (
	maxFrames     = 512
	maxFrameBytes = 4 << 20
)

// ErrBehind says that a screen was too slow and what it missed is no longer held.
var ErrBehind = errors.New("the screen fell too far behind")

// ErrClosed says that the feed has ended.
var ErrClosed = errors.New("the feed has ended")

// frame is one delta, complete as it goes on the wire, for each mode that was watched.
type frame [numModes][]byte

// feed is a ward's newest frames, guarded by the board's out lock.
type feed struct {
	first   uint64 // number of frames[0]
	frames  []frame
	bytes   int
	watched [numModes]int
	fresh   chan struct{} // closed and replaced when a frame is added
	closed  bool
}

func (f *feed) init() { f.first, f.fresh = 1, make(chan struct{}) }

// next is the number of the frame to come.
func (f *feed) next() uint64 { return f.first + uint64(len(f.frames)) }

func (f *feed) add(fr frame) {
	f.frames = append(f.frames, fr)
	f.bytes += fr.size()
	for len(f.frames) > maxFrames || f.bytes > maxFrameBytes && len(f.frames) > 1 {
		f.bytes -= f.frames[0].size()
		f.frames[0] = frame{}
		f.frames = f.frames[1:]
		f.first++
	}
	close(f.fresh)
	f.fresh = make(chan struct{})
}

func (fr *frame) size() int {
	n := 0
	for _, b := range fr {
		n += len(b)
	}
	return n
}

// flush makes a frame of what changed; it runs by the board's timer.
func (b *board) flush() {
	b.out.Lock()
	defer b.out.Unlock()
	b.flushLocked()
}

// flushLocked is flush with out held.
func (b *board) flushLocked() {
	b.mu.Lock()
	b.timed = false
	if len(b.dirty) == 0 && len(b.gone) == 0 && !b.systemDirty || b.feed.closed {
		b.mu.Unlock()
		return
	}
	b.flushed = time.Now()
	beds := make([]bed, 0, len(b.dirty))
	for i, x := range b.dirty {
		b.dirty[i] = nil
		x.dirty = false
		if b.beds[x.place.Bed] == x {
			beds = append(beds, x.copy(false))
		}
	}
	b.dirty = b.dirty[:0]
	gone := make([]string, 0, len(b.gone))
	for _, id := range b.gone {
		if b.beds[ward.BedID(id)] == nil { // and has not come back since
			gone = append(gone, id)
		}
	}
	system, systemDirty := b.system, b.systemDirty
	b.gone, b.systemDirty = nil, false
	b.mu.Unlock()

	now := b.live.o.Now()
	d := DeltaView{Time: now.UnixMilli(), Gone: gone}
	if systemDirty {
		d.System = viewSystem(system)
	}
	var fr frame
	for i, m := range modes {
		if b.feed.watched[i] == 0 {
			continue
		}
		d.Tiles = tiles(beds, m, b.live.NameOf, now, false)
		fr[i] = b.live.event("delta", b.id(m, b.feed.next()), d)
	}
	b.feed.add(fr)
	b.live.frames.Add(1)
}

// id names an event so that a screen can resume after it, in the mode it had.
func (b *board) id(m Names, number uint64) string {
	return b.epoch + string(m)[:1] + "-" + strconv.FormatUint(number, 10)
}

// after is the number following the one in lastID; false when that is not of this board, this
// start of the program and this mode.
func (b *board) after(m Names, lastID string) (uint64, bool) {
	epoch, number, ok := strings.Cut(lastID, "-")
	if !ok || epoch != b.epoch+string(m)[:1] {
		return 0, false
	}
	n, err := strconv.ParseUint(number, 10, 64)
	return n + 1, err == nil && n < 1<<62
}

// snapshot is the whole ward as one event; with out held.
func (b *board) snapshot(m Names) []byte {
	v, number := b.snapshotView(m)
	return b.live.event("snapshot", b.id(m, number), v)
}

func (b *board) snapshotView(m Names) (SnapshotView, uint64) {
	b.mu.Lock()
	w := b.ward
	beds, system := b.picture()
	b.mu.Unlock()
	o := &b.live.o
	now := o.Now()
	limits := make(map[string]int64, len(o.Limits))
	for input, d := range o.Limits {
		limits[input] = d.Milliseconds()
	}
	return SnapshotView{
		Ward: WardView{ID: string(w.ID), Name: w.Name}, Time: now.UnixMilli(), Version: o.Version, Simulation: o.Simulation,
		Limits: limits, System: viewSystem(system), Tiles: tiles(beds, m, b.live.NameOf, now, true),
	}, b.feed.next() - 1
}

func tiles(beds []bed, m Names, name func(ward.PersonID) string, now time.Time, withSpark bool) []Tile {
	out := make([]Tile, 0, len(beds))
	for i := range beds {
		t := beds[i].tile(m, name, now)
		if withSpark {
			h := beds[i].shown().spark
			if h == nil {
				h = &spark{}
			}
			t.Spark = h.view(now)
		}
		out = append(out, t)
	}
	return out
}

func viewSystem(list []ward.System) []SystemView {
	out := make([]SystemView, 0, len(list))
	for _, s := range list {
		out = append(out, SystemView{Code: s.Code, Bad: s.Bad, Since: Ms(s.Since), Detail: s.Detail})
	}
	return out
}

// event is one server-sent event, complete on the wire. JSON holds no line breaks, so one data
// line is enough. Views hold only strings, bools and finite numbers; should one not be writable all
// the same, it is counted and left out: a screen must never end the program that alerts.
func (l *Live) event(name, id string, v any) []byte {
	data, err := json.Marshal(v)
	if err != nil {
		l.unwritable.Add(1)
		return nil
	}
	out := make([]byte, 0, len(data)+len(name)+len(id)+32)
	out = append(out, "event: "...)
	out = append(out, name...)
	out = append(out, "\nid: "...)
	out = append(out, id...)
	out = append(out, "\ndata: "...)
	out = append(out, data...)
	return append(out, '\n', '\n')
}
