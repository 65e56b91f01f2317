// Package sqlite holds what every room of the book needs of SQLite: one writer connection, several
// readers, transactions, migrations, and times kept as integers. It knows no table by name.
package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	_ "modernc.org/sqlite" // the driver "sqlite"; pure Go

	"wardwatch/ward"
)

// readers is how many connections read beside the one that writes. A ward has tens of screens,
// and a read takes well under a millisecond.
const readers = 4

// busyWait is how long a write waits for another process (the command line) to finish its own.
const busyWait = 5 * time.Second

// Options says how a database is opened.
type Options struct {
	// Power makes every commit survive a power cut (synchronous=FULL: one sync a commit). Without
	// it (synchronous=NORMAL) a commit is in the operating system's hands when Write returns: it
	// survives kill -9 of this process at any moment, but a power cut may take the last seconds.
	// The file stays consistent in both.
	Power bool
	Probe func(point string) // called at "book_written" (before COMMIT) and "book_committed"; may be nil
}

// DB is one open database file.
type DB struct {
	path  string
	probe func(string)
	write *sql.DB // one connection: SQLite has one writer, and waiting in Go is fairer than its busy handler
	read  *sql.DB
	lock  *os.File

	commits, failures, nanos atomic.Uint64
}

// Querier reads: a reader connection or a transaction.
type Querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// Open opens the file, making and migrating it as needed. Errors are *ward.Error with a hint.
func Open(ctx context.Context, path string, o Options) (*DB, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("open book: %w", err)
	}
	db := &DB{path: path, probe: o.Probe}
	if db.probe == nil {
		db.probe = func(string) {}
	}
	if db.lock, err = hold(ctx, path); err != nil {
		return nil, err
	}
	if err := private(path); err != nil {
		db.Close()
		return nil, err
	}
	if err := db.connect(ctx, o.Power); err != nil {
		db.Close()
		return nil, Explain(err)
	}
	if err := db.migrate(ctx); err != nil {
		db.Close()
		return nil, Explain(err)
	}
	return db, nil
}

// private makes the file, if it is not there, for its owner only; SQLite gives its logs the same
// mode. The book holds names.
func private(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return unopened(err)
	}
	return f.Close()
}

// unopened is the error of a file that cannot be opened.
func unopened(err error) error {
	return &ward.Error{Code: ward.Unavailable, Message: "the book's file cannot be opened for writing", Hint: "check that the data directory exists and belongs to the user that runs wardwatch", Err: err}
}

func (db *DB) connect(ctx context.Context, power bool) (err error) {
	sync := "NORMAL"
	if power {
		sync = "FULL"
	}
	// The journal mode is set by the writer only, and first: it is kept in the file.
	if db.write, err = sql.Open("sqlite", dsn(db.path, "_txlock=immediate", "_journal_mode=WAL", "_synchronous="+sync)); err != nil {
		return err
	}
	db.write.SetMaxOpenConns(1)
	if err := db.write.PingContext(ctx); err != nil {
		return err
	}
	if db.read, err = sql.Open("sqlite", dsn(db.path, "_query_only=1")); err != nil {
		return err
	}
	db.read.SetMaxOpenConns(readers)
	db.read.SetMaxIdleConns(readers)
	return nil
}

func dsn(path string, params ...string) string {
	u := url.URL{Scheme: "file", Path: path}
	u.RawQuery = fmt.Sprintf("_busy_timeout=%d&_foreign_keys=1&_dqs=0", busyWait.Milliseconds())
	for _, p := range params {
		u.RawQuery += "&" + p
	}
	return u.String()
}

// Path is the file's absolute path.
func (db *DB) Path() string { return db.path }

// Read is the readers' pool. Each query sees every transaction committed before it began.
func (db *DB) Read() Querier { return db.read }

// Write runs fn in one transaction: all of it is kept, or, on any error, none. It waits for its
// turn; it does not retry. A nil error means that the transaction survives kill -9.
func (db *DB) Write(ctx context.Context, fn func(tx *sql.Tx) error) error {
	start := time.Now()
	err := db.transact(ctx, fn)
	db.nanos.Add(uint64(time.Since(start)))
	if err != nil {
		db.failures.Add(1)
		return Explain(err)
	}
	db.commits.Add(1)
	return nil
}

func (db *DB) transact(ctx context.Context, fn func(tx *sql.Tx) error) error {
	tx, err := db.write.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // after Commit it does nothing
	if err := fn(tx); err != nil {
		return err
	}
	db.probe("book_written")
	if err := tx.Commit(); err != nil {
		return err
	}
	db.probe("book_committed")
	return nil
}

// Foreign is a number that changes when another process has committed something. Our own
// commits do not change it: it is asked on the only connection that makes them.
func (db *DB) Foreign(ctx context.Context) (version int64, err error) {
	err = db.write.QueryRowContext(ctx, "PRAGMA data_version").Scan(&version)
	return version, Explain(err)
}

// Stats are counts since Open.
type Stats struct {
	Commits, Failures uint64
	Busy              time.Duration // spent in Write, waiting included
	Bytes             int64         // of the file and its write-ahead log
}

// Stats reports the counts.
func (db *DB) Stats() Stats {
	s := Stats{Commits: db.commits.Load(), Failures: db.failures.Load(), Busy: time.Duration(db.nanos.Load())}
	for _, suffix := range []string{"", "-wal"} {
		if fi, err := os.Stat(db.path + suffix); err == nil {
			s.Bytes += fi.Size()
		}
	}
	return s
}

// Close closes the connections; the last one moves the write-ahead log into the file.
func (db *DB) Close() error {
	var first error
	for _, pool := range []*sql.DB{db.read, db.write} {
		if pool == nil {
			continue
		}
		if err := pool.Close(); err != nil && first == nil {
			first = err
		}
	}
	if err := db.lock.Close(); err != nil && first == nil {
		first = err
	}
	return first
}
