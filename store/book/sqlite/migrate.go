package sqlite

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"
	"time"

	"github.com/pressly/goose/v3"

	"wardwatch/ward"
)

//go:embed migrations/*.sql
var migrations embed.FS

// lockPoll is how often a held lock is asked for again, and lockWait how long in all.
const (
	lockPoll = 20 * time.Millisecond
	lockWait = 10 * time.Second
)

// hold takes the shared lock that every process using the book keeps, so that a restore or a
// migration never changes the file under another one.
func hold(ctx context.Context, path string) (*os.File, error) {
	f, err := os.OpenFile(path+".lock", os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, unopened(err)
	}
	if err := flock(ctx, f, syscall.LOCK_SH, lockWait); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// flock asks for a lock until it has it, wait is over or ctx ends.
func flock(ctx context.Context, f *os.File, how int, wait time.Duration) error {
	for tries := int(wait / lockPoll); ; tries-- {
		err := syscall.Flock(int(f.Fd()), how|syscall.LOCK_NB)
		if err == nil {
			return nil
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) || tries <= 0 {
			return &ward.Error{Code: ward.Unavailable, Message: "another wardwatch process is using the book", Hint: "stop it, then try again", Err: err}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(lockPoll):
		}
	}
}

// migrate brings the tables up to date. It does so alone: a process that still runs an older
// version must not find its tables changed.
func (db *DB) migrate(ctx context.Context) error {
	sub, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	p, err := goose.NewProvider(goose.DialectSQLite3, db.write, sub, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return err
	}
	for deadline := int(lockWait / lockPoll); ; deadline-- {
		current, target, err := p.GetVersions(ctx)
		switch {
		case err != nil:
			return fmt.Errorf("read the version of the tables: %w", err)
		case current == target:
			return nil
		case current > target:
			return &ward.Error{Code: ward.Conflict, Message: fmt.Sprintf("the book was written by a newer wardwatch (tables %d, this one knows %d)", current, target), Hint: "run the newer version, or restore a backup made before the upgrade"}
		}
		// A failed conversion gives the shared lock up, so whoever asks at the same moment gets
		// its turn; then look again, for it may have done the work.
		alone := flock(ctx, db.lock, syscall.LOCK_EX, lockPoll)
		if alone == nil {
			if _, err = p.Up(ctx); err != nil {
				err = fmt.Errorf("bring the tables up to date: %w", err)
			}
		} else if deadline <= 0 {
			return alone
		}
		if err := errors.Join(err, flock(ctx, db.lock, syscall.LOCK_SH, lockWait)); err != nil {
			return err
		}
	}
}
