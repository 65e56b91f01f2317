package broker

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
)

// Streams in which nats-server keeps what belongs to MQTT. It makes them at the first connection,
// without limits of their own, and then one that is full leaves no room for the others: a device
// could fill the store until our own session could not be saved, and so could not connect to empty
// it. So they are made here first, each with its limit. Names, subjects and policies are those of
// nats-server (mqtt.go, mqttCreateAccountSessionManager).
const (
	messages = "$MQTT_msgs"   // kept until our session acknowledges them
	retained = "$MQTT_rmsgs"  // the last retained message of each topic
	held     = "$MQTT_qos2in" // QoS 2 publishes that are not released yet

	maxRetained = 16 << 20
	maxHeld     = 4 << 20
	reserve     = 64 << 20 // of the store, for those two, the sessions and the rest
	setupLimit  = 10 * time.Second
)

// prepare makes the streams or brings their limits up to date, and then what they keep for sessions.
// A full stream refuses what is new, so that its publisher gets no acknowledgement and keeps it.
func prepare(s *server.Server, password string, maxMessages int64) error {
	nc, err := nats.Connect("", nats.InProcessServer(s), nats.UserInfo(internalUser, password), nats.NoReconnect())
	if err != nil {
		return fmt.Errorf("store: %w", err)
	}
	defer nc.Close()
	js, err := nc.JetStream(nats.MaxWait(setupLimit))
	if err != nil {
		return fmt.Errorf("store: %w", err)
	}
	for _, c := range []*nats.StreamConfig{
		{Name: messages, Subjects: []string{"$MQTT.msgs.>"}, Retention: nats.InterestPolicy, MaxBytes: maxMessages},
		{Name: retained, Subjects: []string{"$MQTT.rmsgs.>"}, MaxMsgsPerSubject: 1, MaxBytes: maxRetained},
		{Name: held, Subjects: []string{"$MQTT.qos2.>"}, MaxMsgsPerSubject: 1, DiscardNewPerSubject: true, MaxBytes: maxHeld},
	} {
		c.Storage, c.Discard, c.Replicas = nats.FileStorage, nats.DiscardNew, 1
		if err := limit(js, c); err != nil {
			return fmt.Errorf("store: %s: %w", c.Name, err)
		}
	}
	for kept := range js.Consumers(messages) {
		if err := renew(nc, js, kept.Config); err != nil {
			return fmt.Errorf("store: session: %w", err)
		}
	}
	return nil
}

// renew prepares what is kept for a session for its return. It sends again at once what was on its
// way when the server ended; without that, a message would wait for the rest of its ackWait. And it
// brings ackWait and window up to date, which the server takes over only when a session first
// subscribes; ours does that once in its life.
func renew(nc *nats.Conn, js nats.JetStreamContext, c nats.ConsumerConfig) error {
	if c.AckWait != ackWait || c.MaxAckPending != window {
		c.AckWait, c.MaxAckPending = ackWait, window
		if _, err := js.UpdateConsumer(messages, &c); err != nil {
			return err
		}
	}
	reply, err := nc.Request(fmt.Sprintf(server.JSApiConsumerResetT, messages, c.Durable), nil, setupLimit)
	if err != nil {
		return err
	}
	var said struct{ Error *nats.APIError }
	if err := json.Unmarshal(reply.Data, &said); err != nil {
		return err
	}
	if said.Error != nil {
		return said.Error
	}
	return nil
}

func limit(js nats.JetStreamContext, c *nats.StreamConfig) error {
	kept, err := js.StreamInfo(c.Name)
	if errors.Is(err, nats.ErrStreamNotFound) {
		_, err = js.AddStream(c)
		return err
	}
	if err != nil {
		return err
	}
	if kept.Config.MaxBytes == c.MaxBytes && kept.Config.Discard == c.Discard {
		return nil
	}
	changed := kept.Config
	changed.MaxBytes, changed.Discard, changed.DiscardNewPerSubject = c.MaxBytes, c.Discard, c.DiscardNewPerSubject
	_, err = js.UpdateStream(&changed)
	return err
}
