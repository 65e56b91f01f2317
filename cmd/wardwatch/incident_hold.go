package main

import (
	"context"
	"time"

	"wardwatch/store/book"
	"wardwatch/ward"
)

type incidentHold struct {
	dataDir      `embed:""`
	incidentSpan `embed:""`
	Reason       string `required:"" help:"Why it is held."`
}

// Run makes a hold. A running server takes it up before it next prunes.
func (c *incidentHold) Run() error {
	from, to, err := c.times()
	if err != nil {
		return err
	}
	return c.open(func(ctx context.Context, b *book.Book) error {
		return hold(ctx, b, ward.StayID(c.Stay), from, to, c.Reason)
	})
}

func hold(ctx context.Context, b *book.Book, stay ward.StayID, from, to time.Time, reason string) error {
	h, err := b.Hold(ctx, ward.Hold{Stay: stay, From: from, To: to, By: byCommandLine, Reason: reason})
	if err != nil {
		return err
	}
	say("held as %s until it is released", h.ID)
	return nil
}

type incidentRelease struct {
	dataDir `embed:""`
	ID      string `arg:"" help:"The hold, as list shows it."`
}

// Run ends a hold.
func (c *incidentRelease) Run() error {
	return c.open(func(ctx context.Context, b *book.Book) error {
		return b.ReleaseHold(ctx, c.ID, byCommandLine)
	})
}

type incidentList struct {
	dataDir `embed:""`
}

// Run lists the holds in force.
func (c *incidentList) Run() error {
	return c.open(func(ctx context.Context, b *book.Book) error {
		holds, err := b.Holds(ctx)
		local := func(t time.Time) string { return t.In(hospitalZone()).Format(time.RFC3339) }
		for _, h := range holds {
			say("%s  stay %s  %s – %s  since %s by %s: %s", h.ID, h.Stay, local(h.From), local(h.To), local(h.Made), h.By, h.Reason)
		}
		return err
	})
}
