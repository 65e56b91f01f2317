package broker

import (
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"wardwatch/ward"
)

// Figures reports the state of the broker. Credentials are not named; Violations names them.
func (b *Broker) Figures() []ward.Figure {
	total := func(name, help string, v uint64) ward.Figure {
		return ward.Figure{Name: "wardwatch_broker_" + name + "_total", Help: help, Value: float64(v)}
	}
	gauge := func(name, help string, v float64) ward.Figure {
		return ward.Figure{Name: "wardwatch_broker_" + name, Help: help, Gauge: true, Value: v}
	}
	var count uint64
	violators := b.Violations()
	for _, v := range violators {
		count += v.Count
	}
	fs := []ward.Figure{
		gauge("connections", "Open MQTT connections, ours included.", float64(b.current().NumClients())),
		total("refused", "Connections refused for a wrong, empty or revoked credential.", b.guard.refused.Load()),
		total("refused_early", "Connections refused before devices were let in.", b.guard.early.Load()),
		total("violations", "Forbidden publishes and subscriptions; the broker drops them.", count),
		gauge("violators", "Credentials that tried something forbidden.", float64(len(violators))),
		total("store_mends", "Times that the store was opened again after a failed write.", b.mends.Load()),
		total("store_errors", "Complaints of the broker about its store.", b.logger.storeErrors.Load()),
	}
	kept := b.kept()
	return append(fs,
		gauge("store_bytes", "Size of the broker's store.", float64(kept.bytes)),
		gauge("store_filled_ratio", "Share of the room for messages that is taken; at 1 devices get no acknowledgement.", kept.filled),
		gauge("pending_messages", "Messages kept for our session.", float64(kept.messages)),
		gauge("oldest_pending_seconds", "Age of the oldest message kept for our session.", kept.age.Seconds()),
	)
}

type kept struct {
	bytes, messages uint64
	filled          float64
	age             time.Duration
}

// kept asks the server what it keeps. It is zero while the store is off.
func (b *Broker) kept() kept {
	z, err := b.current().Jsz(&server.JSzOptions{Accounts: true, Streams: true})
	if err != nil || z.Disabled {
		return kept{}
	}
	k := kept{bytes: z.Store}
	for _, a := range z.AccountDetails {
		for _, s := range a.Streams {
			if s.Name == messages && s.State.Msgs > 0 {
				k.messages, k.age = s.State.Msgs, time.Since(s.State.FirstTime)
				k.filled = float64(s.State.Bytes) / float64(b.options.MaxStore)
			}
		}
	}
	return k
}
