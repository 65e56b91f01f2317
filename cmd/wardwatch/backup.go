package main

import (
	"context"

	"wardwatch/store/book"
)

type backupCmd struct {
	dataDir `embed:""`
	To      string `arg:"" help:"File to write; must not exist yet."`
}

// Run copies the book while the server may be running. The journal is not in it: raw readings are
// also in InfluxDB.
func (c *backupCmd) Run() error {
	return c.open(func(ctx context.Context, b *book.Book) error {
		if err := b.Backup(ctx, c.To); err != nil {
			return err
		}
		say("written and checked: %s", c.To)
		return nil
	})
}

type restoreCmd struct {
	dataDir `embed:""`
	From    string `arg:"" help:"A backup." type:"existingfile"`
}

// Run puts a backup in the place of the book. The server must be stopped.
func (c *restoreCmd) Run() error {
	if err := book.Restore(context.Background(), c.From, c.path("book.db")); err != nil {
		return hinted(err)
	}
	say("restored; what was there is beside it as book.db.before-restore")
	return nil
}
