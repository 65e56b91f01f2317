package app

import (
	"context"
	"fmt"
	"strings"
	"time"

	"wardwatch/dashboard/signin"
	"wardwatch/ingest"
	"wardwatch/ingest/broker"
	"wardwatch/ward"
)

// startTaking opens the door to the devices last of all, when everything behind it is up.
func (a *App) startTaking(ctx context.Context) error {
	o := ingest.Options{
		ClientID: a.config.MQTTClientID,
		Now:      a.clock.now, Journal: a.journal, Registry: a.book,
		Deliver: a.loop.deliver, Status: a.status, Quarantine: a.book.Quarantine,
		Concern:   a.deviceConcern,
		LateAfter: a.config.LateAfter, ScaledClock: a.clock.speed != 1, Log: a.log, Probe: probe,
	}
	if err := a.link(&o); err != nil {
		return err
	}
	var err error
	if a.ingest, err = ingest.New(o); err != nil {
		return err
	}
	a.undo.task(ctx, "ingest", a.ingest.Run)
	defer a.taking.Store(true)
	if a.broker == nil {
		return nil // another's broker may come later: until then we are not ready, and say so
	}
	select {
	case <-a.ingest.Subscribed():
		a.broker.Admit() // only now: what nobody is subscribed to would be acknowledged and lost
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(subscribeLimit):
		return fmt.Errorf("the embedded broker does not answer: %w", a.ingest.Ready())
	}
	return nil
}

const subscribeLimit = 30 * time.Second

// link says which broker to take from, starting the embedded one where no other is named.
func (a *App) link(o *ingest.Options) (err error) {
	if a.config.MQTTURL != "" {
		o.URL, o.User = a.config.MQTTURL, a.config.MQTTUser
		o.Password, err = secret(a.config.MQTTPassword)
		return err
	}
	a.broker, err = broker.Start(broker.Options{
		Listen: a.config.MQTTListen, Dir: a.path("broker"), TLSCert: a.config.TLSCert, TLSKey: a.config.TLSKey,
		Sync: a.power(), Authenticate: a.authenticate, Log: a.log,
	})
	if err != nil {
		return fmt.Errorf("starting the embedded broker: %w", err)
	}
	a.undo.push("broker", func() error { a.broker.Close(); return nil })
	scheme := "tcp"
	if a.config.TLSCert != "" {
		scheme = "ssl"
	}
	a.mqttAddr = scheme + "://" + a.broker.Addr()
	o.URL, o.ClientID, o.TLS = a.broker.URL(), a.broker.ClientID(), a.broker.ClientTLS()
	o.User, o.Password = a.broker.Internal()
	return nil
}

// authenticate knows the devices' credentials. Their secrets are random and long, so that a plain
// hash keeps them.
func (a *App) authenticate(user, password string) (ward.Credential, bool) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	c, hash, err := a.book.Credential(ctx, user)
	if err != nil {
		return ward.Credential{}, false
	}
	return c, signin.SecretFits(hash, password) && c.Revoked.IsZero()
}

func (a *App) status(s ward.DeviceStatus) {
	a.live.Publish(ward.Event{Ward: s.Place.Ward, At: a.clock.now(), Status: &s})
}

// deviceConcern is a concern about one device, or about the link when the place is empty. Beds that
// are not in the book raise alerts within their bound only.
func (a *App) deviceConcern(code string, bad bool, p ward.Place, d ward.DeviceID, detail string) {
	if bad && p.Bed != "" {
		if _, why := a.book.Resolve(p, "", a.clock.now(), 0); why == ward.Crowded {
			return
		}
	}
	a.concern(code, bad, p, strings.TrimSpace(string(d)+" "+detail))
}

// concern passes a technical state to the desk, in the loop.
func (a *App) concern(code string, bad bool, p ward.Place, detail string) {
	at := a.clock.now()
	a.loop.call(func(ctx context.Context) {
		a.loop.retry(ctx, "desk", func() error { return a.desk.Concern(ctx, code, bad, p, at, detail) })
	})
}
