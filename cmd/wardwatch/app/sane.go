package app

import (
	"fmt"
	"net/url"
	"time"
)

// longestLate bounds LateAfter: values older than the shortest-lived input would be scored as
// current. Ours.
const longestLate = time.Hour

// sane refuses settings with which Wardwatch would seem to run and not do its work. A simulation's
// clock may run faster than its data come, so that there lateness has no upper bound.
func (c *Config) sane(simulation bool) error {
	switch {
	case c.LateAfter <= 0 || c.LateAfter > longestLate && !simulation:
		return fmt.Errorf("late-after is %v: give more than zero, or nothing would ever be scored as current, and at most %v, for example 2m", c.LateAfter, longestLate)
	case c.Keep <= 0:
		return fmt.Errorf("keep is %v: give how long readings are kept, for example 72h", c.Keep)
	}
	for _, a := range []struct{ name, url string }{{"influx", c.Influx}, {"public-url", c.PublicURL}, {"heartbeat-url", c.HeartbeatURL}} {
		if a.url == "" {
			continue
		}
		if u, err := url.Parse(a.url); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			return fmt.Errorf("%s is no address: give a full one that begins with http:// or https://", a.name)
		}
	}
	return nil
}
