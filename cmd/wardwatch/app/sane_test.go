package app

import (
	"math"
	"strings"
	"testing"
	"time"
)

func TestSettingsThatWouldSilentlyDoNothingAreRefused(t *testing.T) {
	good := Config{LateAfter: 2 * time.Minute, Keep: 72 * time.Hour, Influx: "http://127.0.0.1:8086", PublicURL: "https://ward.example.vn", HeartbeatURL: "https://beat.example.vn/x?y=1"}
	if err := good.sane(false); err != nil {
		t.Fatal(err)
	}
	replay := good
	replay.LateAfter = 240 * time.Hour
	if err := replay.sane(true); err != nil {
		t.Error(err)
	}
	for _, c := range []struct {
		says  string
		spoil func(*Config)
	}{
		{"late-after", func(c *Config) { c.LateAfter = -time.Minute }},
		{"late-after", func(c *Config) { c.LateAfter = 0 }},
		{"late-after", func(c *Config) { c.LateAfter = 9000 * time.Hour }},
		{"keep", func(c *Config) { c.Keep = -5 * time.Hour }},
		{"influx", func(c *Config) { c.Influx = "localhost:8086" }},
		{"public-url", func(c *Config) { c.PublicURL = "javascript:alert(1)" }},
		{"heartbeat-url", func(c *Config) { c.HeartbeatURL = "::" }},
	} {
		bad := good
		c.spoil(&bad)
		if err := bad.sane(false); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", c.says, err)
		}
	}
}

func TestAClockThatIsNone(t *testing.T) {
	for _, speed := range []float64{0, -1, math.NaN(), math.Inf(1)} {
		if _, err := newClock("", speed); err == nil {
			t.Errorf("speed %g", speed)
		}
	}
}
