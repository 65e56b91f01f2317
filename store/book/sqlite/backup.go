package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"wardwatch/ward"
)

// kept is what a restore leaves of the file that was there.
const kept = ".before-restore"

// Backup writes a checked copy to a file that must not exist yet.
func (db *DB) Backup(ctx context.Context, to string) error {
	if _, err := os.Lstat(to); err == nil {
		return &ward.Error{Code: ward.Conflict, Message: "the backup file exists already", Hint: "give another name: a backup never overwrites one"}
	}
	part := to + ".partial"
	defer os.Remove(part)
	if err := copyInto(ctx, db.path, part); err != nil {
		return err
	}
	if err := Check(ctx, part); err != nil {
		return err
	}
	return place(part, to)
}

// Restore puts a checked copy of from in the place of to, which no process may be using.
func Restore(ctx context.Context, from, to string) error {
	if err := Check(ctx, from); err != nil {
		return err
	}
	lock, err := os.OpenFile(to+".lock", os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	defer lock.Close()
	if err := flock(ctx, lock, syscall.LOCK_EX, 0); err != nil {
		return err
	}
	part := to + ".partial"
	defer os.Remove(part)
	if err := copyInto(ctx, from, part); err != nil {
		return err
	}
	if err := Check(ctx, part); err != nil {
		return err
	}
	// The old write-ahead log goes first: it must never meet the new file. The old file goes last,
	// by being replaced, so that at no moment there is none and an empty book is begun.
	for _, suffix := range []string{"-wal", "-shm", ""} {
		if err := setAside(to, suffix); err != nil {
			return fmt.Errorf("restore: %w", err)
		}
	}
	return place(part, to)
}

// Check opens a copy of a book for reading and checks that it is one and is whole.
func Check(ctx context.Context, path string) error {
	if _, err := os.Stat(path); err != nil {
		return &ward.Error{Code: ward.NotFound, Message: "there is no such backup", Hint: "check the path", Err: err}
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return err
	}
	db, err := sql.Open("sqlite", dsn(abs, "mode=ro", "_query_only=1"))
	if err != nil {
		return Explain(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	var answer string
	if err := db.QueryRowContext(ctx, `PRAGMA integrity_check(1)`).Scan(&answer); err != nil {
		return &ward.Error{Code: ward.BadInput, Message: "the file cannot be read as a backup of a book", Hint: "give a file made by `wardwatch backup`, or an older one", Err: err}
	}
	if answer != "ok" {
		return &ward.Error{Code: ward.Conflict, Message: "the backup is damaged", Hint: "use an older one", Err: errors.New(answer)}
	}
	if n, err := Number(ctx, db, `SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name IN ('stays', 'alerts', 'audit')`); err != nil || n != 3 {
		return &ward.Error{Code: ward.BadInput, Message: "the file is not a backup of a book", Hint: "give a file made by `wardwatch backup`", Err: err}
	}
	return nil
}

// copyInto writes a copy of a database, its write-ahead log included, over a connection of its own:
// the writer's would hold up alerts, the readers' may not write.
func copyInto(ctx context.Context, from, to string) error {
	if err := os.Remove(to); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("copy the book: %w", err)
	}
	if err := private(to); err != nil { // an empty file is as good as none
		return err
	}
	abs, err := filepath.Abs(from)
	if err != nil {
		return fmt.Errorf("copy the book: %w", err)
	}
	source, err := sql.Open("sqlite", dsn(abs, "mode=ro"))
	if err != nil {
		return Explain(err)
	}
	defer source.Close()
	_, err = source.ExecContext(ctx, `VACUUM INTO ?`, to)
	return Explain(err)
}

// setAside keeps what is at path+suffix. The file itself is linked and stays, too; its logs move.
func setAside(path, suffix string) error {
	err := os.Remove(path + kept + suffix)
	if err == nil || errors.Is(err, fs.ErrNotExist) {
		if suffix == "" {
			err = os.Link(path, path+kept)
		} else {
			err = os.Rename(path+suffix, path+kept+suffix)
		}
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// place makes a finished file durable under its name.
func place(part, to string) error {
	f, err := os.OpenFile(part, os.O_RDWR, 0)
	if err != nil {
		return fmt.Errorf("keep %s: %w", filepath.Base(to), err)
	}
	err = errors.Join(f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(part, to)
	}
	if err == nil {
		err = syncDir(filepath.Dir(to))
	}
	if err != nil {
		return fmt.Errorf("keep %s: %w", filepath.Base(to), err)
	}
	return nil
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
