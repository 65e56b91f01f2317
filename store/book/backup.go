package book

import (
	"context"

	"wardwatch/store/book/sqlite"
)

// Backup writes a copy of the book as it is now to a file that must not exist yet, and checks it.
// The book stays in use meanwhile. What imaging sources sent is in it as rows, and all that was read in
// it; the files themselves are not: a picture that is gone is ward.NotFound, and its finding stands.
func (b *Book) Backup(ctx context.Context, to string) error { return b.db.Backup(ctx, to) }

// Restore puts a backup in the place of the book at to, after checking it. No process may be using
// that book. What was there is kept beside it, its name ending in .before-restore.
func Restore(ctx context.Context, from, to string) error { return sqlite.Restore(ctx, from, to) }
