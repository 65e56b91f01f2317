package sqlite

import (
	"database/sql"
	"errors"

	"modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"

	"wardwatch/ward"
)

// Explain turns an error of SQLite into a *ward.Error that says what to do. An error that already
// is one, or is nil, passes unchanged.
func Explain(err error) error {
	if err == nil {
		return nil
	}
	var known *ward.Error
	if errors.As(err, &known) {
		return err
	}
	if errors.Is(err, sql.ErrNoRows) {
		return &ward.Error{Code: ward.NotFound, Message: "there is no such entry in the book", Hint: "look it up again: it may have been changed meanwhile", Err: err}
	}
	code, message, hint := ward.Unavailable, "the book could not be used", "see the cause; run `wardwatch doctor`"
	var own *sqlite.Error
	if errors.As(err, &own) {
		switch own.Code() & 0xff { // the low byte is the kind, the rest its flavour
		case lib.SQLITE_FULL:
			message, hint = "the disk is full: the book cannot write", "free space on the disk of the data directory; writing resumes by itself"
		case lib.SQLITE_BUSY, lib.SQLITE_LOCKED:
			message, hint = "the book is busy with another process", "try again; if it lasts, end the other wardwatch command that is writing"
		case lib.SQLITE_CONSTRAINT:
			code, message, hint = ward.Conflict, "the change contradicts what the book holds", "reload and look at what changed meanwhile"
		case lib.SQLITE_CORRUPT, lib.SQLITE_NOTADB:
			message, hint = "the book's file is damaged or is not a book", "stop wardwatch and restore the latest backup with `wardwatch restore`"
		case lib.SQLITE_READONLY, lib.SQLITE_CANTOPEN, lib.SQLITE_PERM:
			return unopened(err)
		case lib.SQLITE_IOERR:
			message, hint = "the disk failed while the book was using it", "check the disk and the system's log, then run `wardwatch doctor`"
		}
	}
	return &ward.Error{Code: code, Message: message, Hint: hint, Err: err}
}

// Absent is Explain for a look-up: when nothing was found it says what and how to go on.
func Absent(err error, message, hint string) error {
	if errors.Is(err, sql.ErrNoRows) {
		return &ward.Error{Code: ward.NotFound, Message: message, Hint: hint}
	}
	return Explain(err)
}
