package main

import (
	"context"
	"encoding/csv"
	"fmt"
	"os"
	"strconv"
	"time"

	"wardwatch/store/book"
	"wardwatch/store/book/audit"
)

type auditCmd struct {
	Verify auditVerify `cmd:"" help:"Check that nothing was changed, removed or cut from the log."`
	Export auditExport `cmd:"" help:"Print the log as CSV, oldest first."`
	Head   auditHead   `cmd:"" help:"Sign the log's head now, into the heads folder."`
}

type auditVerify struct {
	dataDir `embed:""`
	Heads   string `help:"Folder of signed heads kept elsewhere; the data directory's own when not given." placeholder:"DIR"`
}

// Run verifies the chain against the signed heads; it fails when it finds anything.
func (c *auditVerify) Run() error {
	return c.open(func(ctx context.Context, b *book.Book) error {
		keys, err := b.Keys(ctx)
		if err != nil {
			return err
		}
		dir := c.Heads
		if dir == "" {
			dir = c.path("heads")
		}
		heads, err := audit.ReadHeads(dir, keys...)
		if err != nil {
			return err
		}
		v, err := b.VerifyAudit(ctx, heads)
		if err != nil {
			return err
		}
		if !v.OK {
			where := ""
			if v.BadSeq > 0 {
				where = fmt.Sprintf(" (row %d, %s)", v.BadSeq, v.BadAt.Format(time.RFC3339))
			}
			say("NOT WHOLE: %s%s", v.Problem, where)
			say("keep the book and the heads as they are and find out why; the restore of an older backup cuts the tail, too")
			return exitCode(1)
		}
		say("whole: %d rows, %d signed heads", v.Rows, len(heads))
		return nil
	})
}

type auditExport struct {
	dataDir `embed:""`
}

// Run prints every row; ids only, no names.
func (c *auditExport) Run() error {
	return c.open(func(ctx context.Context, b *book.Book) error {
		var all []audit.Row
		for before := int64(0); ; {
			rows, err := b.Audit(ctx, audit.Filter{Before: before, Limit: 1000})
			if err != nil {
				return err
			}
			if len(rows) == 0 {
				break
			}
			all = append(all, rows...)
			before = rows[len(rows)-1].Seq
		}
		w := csv.NewWriter(os.Stdout)
		_ = w.Write([]string{"seq", "at", "by", "deed", "object", "detail"})
		for i := len(all) - 1; i >= 0; i-- {
			r := all[i]
			_ = w.Write([]string{strconv.FormatInt(r.Seq, 10), r.At.UTC().Format(time.RFC3339Nano), string(r.By), r.Deed, r.Object, r.Detail})
		}
		w.Flush()
		return w.Error()
	})
}

type auditHead struct {
	dataDir `embed:""`
}

// Run signs the head of today.
func (c *auditHead) Run() error {
	return c.open(func(ctx context.Context, b *book.Book) error {
		key, err := audit.LoadKey(c.path("audit.key"))
		if err != nil {
			return err
		}
		h, err := b.ExportHead(ctx, c.path("heads"), key, time.Now())
		if err != nil {
			return err
		}
		say("row %d signed", h.Seq)
		return nil
	})
}
