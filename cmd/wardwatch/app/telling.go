package app

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"wardwatch/alerts"
	"wardwatch/alerts/webhook"
	"wardwatch/ward"
)

// channelWebhook is the channel's name on the ladder and in notices.
const channelWebhook = "webhook"

// channels are the ways of telling that are configured.
func (a *App) channels() []string {
	if a.config.Webhook == "" {
		return nil
	}
	return []string{channelWebhook}
}

// startTelling brings up the channels and the outbox: promises made before a crash are kept first.
func (a *App) startTelling(ctx context.Context) error {
	senders := map[string]alerts.Sender{}
	if a.config.Webhook != "" {
		key, err := a.webhookSecret()
		if err != nil {
			return err
		}
		s, err := webhook.New(webhook.Options{URL: a.config.Webhook, Secret: []byte(key), Board: a.config.PublicURL, Now: a.clock.now, Simulation: a.options.Simulation})
		if err != nil {
			return fmt.Errorf("the webhook: %w", err)
		}
		senders[channelWebhook] = s
	}
	a.outbox = alerts.NewOutbox(alerts.OutboxOptions{Book: a.book, Senders: senders, Now: a.clock.now, Settled: a.settled, Log: a.log, Probe: probe})
	a.undo.task(ctx, "outbox", func(ctx context.Context) error { a.outbox.Run(ctx); return nil })
	return nil
}

// webhookSecret is the configured one, or one made on first use and kept beside the data.
func (a *App) webhookSecret() (string, error) {
	if a.config.WebhookSecret != "" {
		return secret(a.config.WebhookSecret)
	}
	file := a.path("webhook.secret")
	key, err := secret(file)
	if !errors.Is(err, fs.ErrNotExist) {
		return key, err
	}
	key = hex.EncodeToString([]byte(rand.Text()))
	if err := os.WriteFile(file, []byte(key+"\n"), 0o600); err != nil {
		return "", fmt.Errorf("keeping the webhook's secret: %w", err)
	}
	return key, nil
}

// settled tells the desk what became of a notice.
func (a *App) settled(n ward.Notice, r ward.Receipt) {
	a.loop.call(func(ctx context.Context) { a.desk.Receipt(ctx, n, r) })
}

// announceAlert shows a committed change of an alert, and wakes the outbox for its notices.
func (a *App) announceAlert(x ward.Alert) {
	a.live.Publish(ward.Event{Ward: x.Place.Ward, At: a.clock.now(), Alert: &x})
	if a.outbox != nil {
		a.outbox.Kick()
	}
}

// stay is the desk's view of a person's record.
func (a *App) stay(id ward.StayID) (ward.Stay, bool) {
	s := a.book.LookUp(id)
	if s == nil {
		return ward.Stay{}, false
	}
	return *s, true
}
