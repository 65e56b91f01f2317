// Package book is the durable truth of one Wardwatch: wards, beds and stays, devices and where
// they stand, alerts and the promises to tell somebody, what the models said and who sees it, what
// imaging says of whom, people and when they are on duty, the audit log, and what could not be taken. It is one SQLite file; each
// room of it is a package below this one, and Book has the methods of them all.
package book

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"wardwatch/store/book/audit"
	"wardwatch/store/book/duty"
	"wardwatch/store/book/episodes"
	"wardwatch/store/book/equipment"
	"wardwatch/store/book/findings"
	"wardwatch/store/book/holds"
	"wardwatch/store/book/models"
	"wardwatch/store/book/people"
	"wardwatch/store/book/quarantine"
	"wardwatch/store/book/registry"
	"wardwatch/store/book/sqlite"
	"wardwatch/store/book/stays"
	"wardwatch/ward"
)

// DefaultGap is how long a device may be silent before it must be confirmed anew: a shift. Our
// proposal, for local clinicians to sign.
const DefaultGap = 8 * time.Hour

// The words of the rooms, for those who hold a Book.
type (
	AgreementFilter  = findings.AgreementFilter
	AlertFilter      = episodes.Filter
	AttachDevice     = equipment.AttachDevice
	AuditFilter      = audit.Filter
	AuditRow         = audit.Row
	AuditHead        = audit.Head
	AuditVerdict     = audit.Verdict
	DeliveryCount    = findings.DeliveryCount
	ImportReport     = stays.Report
	Prediction       = models.Prediction
	PredictionFilter = models.Filter
	RefusalCount     = findings.RefusalCount
	RejectCount      = quarantine.Count
	RosterReport     = duty.Report
	RosterRefusal    = duty.Refusal
	StudyMove        = findings.StudyMove
	Token            = people.Token
)

// TestAlert stands in a test message where other notices name their alert.
const TestAlert = episodes.TestAlert

// Options says how a book is opened. The zero value is usable.
type Options struct {
	// Power makes every commit survive a power cut, at the cost of a sync each. Without it a commit
	// survives kill -9 of this process at any moment, but a power cut may take the last seconds.
	Power bool
	Now   func() time.Time   // the one clock; nil is the wall clock
	Log   *slog.Logger       // nil discards
	Probe func(point string) // called at "book_written" (before COMMIT) and "book_committed"; may be nil
	Gap   time.Duration      // longest silence of a device; 0 is DefaultGap
	Zone  *time.Location     // of times without one in imported files; nil refuses them
}

// Book is one open book. It is safe for concurrent use.
type Book struct {
	*stays.Census
	*equipment.Equipment
	*episodes.Episodes
	*findings.Imaging
	*models.Ledger
	*people.Staff
	*duty.Rota
	*holds.Legal
	*audit.Trail
	*quarantine.Shelf

	db  *sqlite.DB
	now func() time.Time
	log *slog.Logger
	gap time.Duration

	picture *registry.Registry
	sights  sights
	roster  roster
	reload  sync.Mutex // one refresh of the picture at a time; guards foreign and kept
	foreign int64      // sqlite.DB.Foreign as of the picture; negative: the picture may be old
	kept    time.Time  // when hearings were last written
	loads   atomic.Uint64

	crowded   atomic.Uint64 // readings set aside because too many beds are not in the book
	crowdedAt atomic.Int64  // when the last was, Unix ms
}

// Open opens the book at path, making and migrating it as needed. Errors are *ward.Error with a
// hint.
func Open(ctx context.Context, path string, o Options) (*Book, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Gap == 0 {
		o.Gap = DefaultGap
	}
	db, err := sqlite.Open(ctx, path, sqlite.Options{Power: o.Power, Probe: o.Probe})
	if err != nil {
		return nil, err
	}
	b := &Book{db: db, now: o.Now, log: o.Log, gap: o.Gap, picture: registry.New(o.Gap), foreign: -1}
	b.sights.init()
	b.Census = stays.New(db, o.Now, o.Zone, b.refresh)
	b.Equipment = equipment.New(db, o.Now, func(ctx context.Context, places []ward.Place) { b.refresh(ctx, places, nil) })
	b.Episodes = episodes.New(db, o.Now)
	b.Imaging = findings.New(db, o.Now)
	b.Ledger = models.New(db, o.Now)
	b.Staff = people.New(db, o.Now, b.staffChanged)
	b.Rota = duty.New(db, o.Now, o.Zone, b.dutyChanged)
	b.Legal = holds.New(db, o.Now)
	b.Trail = audit.New(db)
	b.Shelf = quarantine.New(db)
	if err := b.Reload(ctx); err != nil {
		db.Close()
		return nil, err
	}
	return b, nil
}

// Path is the book's file.
func (b *Book) Path() string { return b.db.Path() }

// Close writes when devices were last heard and closes the file. Nothing may use the book any more.
func (b *Book) Close() error {
	err := b.keepSeen(context.Background(), time.Millisecond)
	if cerr := b.db.Close(); cerr != nil {
		return fmt.Errorf("close the book: %w", cerr)
	}
	return err
}
