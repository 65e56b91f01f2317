//go:build e2e

package e2e

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	nats "github.com/nats-io/nats-server/v2/server"
)

// helperDir, when set, makes this test program an external broker that keeps its store there.
const helperDir = "WARDWATCH_TEST_BROKER"

func TestMain(m *testing.M) {
	if dir := os.Getenv(helperDir); dir != "" {
		if err := beBroker(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	code := m.Run()
	if built.path != "" {
		_ = os.RemoveAll(filepath.Dir(built.path))
	}
	os.Exit(code)
}

// beBroker runs a plain nats-server with its MQTT side until it is killed.
func beBroker(dir string) error {
	o := &nats.Options{ServerName: "outside", DontListen: true, NoSigs: true, NoLog: true, JetStream: true, StoreDir: dir}
	o.MQTT.Host, o.MQTT.Port = "127.0.0.1", nats.RANDOM_PORT
	o.MQTT.AckWait, o.MQTT.MaxAckPending = 3*time.Second, 4096
	s, err := nats.NewServer(o)
	if err != nil {
		return err
	}
	s.Start()
	if !s.ReadyForConnections(limit) {
		return fmt.Errorf("the broker did not start")
	}
	next := filepath.Join(dir, "address.new")
	if err := os.WriteFile(next, []byte(net.JoinHostPort(o.MQTT.Host, fmt.Sprint(o.MQTT.Port))), 0o600); err != nil {
		return err
	}
	if err := os.Rename(next, filepath.Join(dir, "address")); err != nil {
		return err
	}
	s.WaitForShutdown()
	return nil
}

// outsideBroker is a process of its own, as a hospital's broker is.
type outsideBroker struct {
	*process
	address string // host:port
}

func natsBroker(t testing.TB, dir string) *outsideBroker {
	t.Helper()
	file := filepath.Join(dir, "address")
	_ = os.Remove(file)
	b := &outsideBroker{process: spawn(t, []string{helperDir + "=" + dir}, os.Args[0], "-test.run=^$")}
	until(t, "the broker listens", func() bool {
		raw, err := os.ReadFile(file)
		b.address = strings.TrimSpace(string(raw))
		return err == nil && b.alive()
	})
	return b
}
