//go:build e2e

package e2e

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	mqtt "github.com/eclipse/paho.mqtt.golang"
)

// sender is one plain MQTT connection that publishes at QoS 1. It does not come back when it is cut.
type sender struct {
	t       testing.TB
	client  mqtt.Client
	waiting []mqtt.Token
	sent    int
}

// senderWindow is how many messages a sender has under way at most.
const senderWindow = 200

func dial(t testing.TB, url, id, user, password string) *sender {
	t.Helper()
	o := mqtt.NewClientOptions().AddBroker(url).SetClientID(id).SetUsername(user).SetPassword(password).SetAutoReconnect(false).SetConnectTimeout(limit)
	l := &sender{t: t, client: mqtt.NewClient(o)}
	if token := l.client.Connect(); !token.WaitTimeout(limit) || token.Error() != nil {
		t.Fatalf("connecting %s: %v", id, token.Error())
	}
	t.Cleanup(func() { l.client.Disconnect(0) })
	return l
}

func (l *sender) put(topic string, payload any) {
	l.t.Helper()
	l.waiting = append(l.waiting, l.client.Publish(topic, 1, false, payload))
	l.sent++
	if len(l.waiting) == senderWindow {
		l.settle()
	}
}

// settle waits until everything is acknowledged.
func (l *sender) settle() {
	l.t.Helper()
	for _, token := range l.waiting {
		if !token.WaitTimeout(limit) || token.Error() != nil {
			l.t.Fatalf("a message was not acknowledged: %v", token.Error())
		}
	}
	l.waiting = l.waiting[:0]
}

// steady is a good monitor at a bed. Its clock may be off.
type steady struct {
	*sender
	bed, device string
	off         time.Duration
	shown       []set
}

// set is what it showed at one moment.
type set struct {
	taken  int64 // Unix milliseconds, by its own clock
	values map[string]float64
}

// show publishes the next complete set; each differs from the one before.
func (s *steady) show() {
	s.t.Helper()
	n := len(s.shown)
	taken := time.Now().Add(s.off).UnixMilli()
	if n > 0 {
		taken = max(taken, s.shown[n-1].taken+1)
	}
	values := map[string]float64{
		"rr": float64(10 + n%18), "spo2": float64(90 + n%11), "sbp": float64(95 + n%30), "hr": float64(60 + n%80),
		"temp": 36 + float64(n%40)/10, "acvpu": float64(n % 2), "o2_device": float64(n / 2 % 2),
	}
	vitals := map[string]float64{}
	for _, name := range []string{"rr", "spo2", "sbp", "hr", "temp"} {
		vitals[name] = values[name]
	}
	payload, err := json.Marshal(map[string]any{
		"device": s.device, "boot": "first", "seq": n + 1, "time": taken, "vitals": vitals,
		"consciousness": []string{"A", "C"}[n%2], "o2_device": []string{"room_air", "nasal_cannula"}[n/2%2],
	})
	if err != nil {
		s.t.Fatal(err)
	}
	s.put(fmt.Sprintf("ward/v1/W1/%s/vitals", s.bed), payload)
	s.shown = append(s.shown, set{taken, values})
}
