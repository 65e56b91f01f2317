package broker

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// Settings of the watch over the store. Ours.
const (
	mendEvery  = time.Second
	roomNeeded = 1 << 20 // bytes that must be free before the store is opened again
	probeFile  = "room"
)

// supervise mends a store that has failed to write. After one failed write nats-server refuses all
// others for as long as it runs, also when there is room again; opened anew it has everything that
// it ever acknowledged. So once there is room, the server is started again on the same port.
// Until then it goes on answering, but acknowledges nothing.
func (b *Broker) supervise(ctx context.Context) {
	tick := time.NewTicker(mendEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if b.logger.broken.Load() && b.room() {
				b.mend()
			}
		}
	}
}

// mend starts the server again. Where that fails, the next tick tries once more.
func (b *Broker) mend() {
	b.log.Warn("the broker's store is opened again after a failed write")
	stop(b.current())
	if err := b.run(); err != nil {
		b.logger.broken.Store(true)
		b.log.Error("the broker cannot start again", "error", err)
		return
	}
	b.mends.Add(1)
}

// room reports whether the disk takes some data now.
func (b *Broker) room() bool {
	path := filepath.Join(b.options.Dir, probeFile)
	defer os.Remove(path)
	f, err := os.Create(path)
	if err != nil {
		return false
	}
	_, err = f.Write(make([]byte, roomNeeded))
	if err == nil {
		err = f.Sync()
	}
	return f.Close() == nil && err == nil
}

// run starts a server, waits until it is ready and prepares its streams. Start calls it, and after that
// only supervise.
func (b *Broker) run() error {
	settings, err := b.options.settings(b.guard)
	if err != nil {
		return err
	}
	if b.port != 0 { // the address and the certificate stay what they were
		settings.MQTT.Port, settings.MQTT.TLSConfig = b.port, b.tls
	}
	s, err := server.NewServer(settings)
	if err != nil {
		return err
	}
	b.logger.renew()
	s.SetLoggerV2(b.logger, false, false, false)
	b.server.Store(s)
	s.Start()
	if err := ready(s, b.logger); err != nil {
		stop(s)
		return err
	}
	if err := prepare(s, b.guard.secret, b.options.MaxStore); err != nil {
		stop(s)
		return err
	}
	if b.port == 0 {
		b.host, b.port, b.tls = settings.MQTT.Host, settings.MQTT.Port, settings.MQTT.TLSConfig
	}
	return nil
}

// ready waits until the server takes connections or has given up.
func ready(s *server.Server, l *logger) error {
	for began := time.Now(); time.Since(began) < startLimit; {
		if s.ReadyForConnections(startPoll) {
			return l.failed()
		}
		if err := l.failed(); err != nil {
			return err
		}
	}
	return errors.New("it is not ready in time")
}

// stop ends a server and waits until its store is shut.
func stop(s *server.Server) {
	s.Shutdown()
	s.WaitForShutdown()
}

// current is the server that runs now.
func (b *Broker) current() *server.Server { return b.server.Load() }
