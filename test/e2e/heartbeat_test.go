//go:build e2e

package e2e

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"
)

// TestOutsideHeartbeat: the outside watch is pinged while a monitored ward is fed, falls silent when
// its monitors do although the program itself is well, and is pinged again when they come back.
func TestOutsideHeartbeat(t *testing.T) {
	var pings atomic.Int64
	outside := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { pings.Add(1) }))
	t.Cleanup(outside.Close)

	const speed = 60 // one minute of the ward's clock a second
	opened := time.Now().Truncate(time.Second)
	s := prepare(t, 1)
	s.admit(t, newcomer{bed: bed(0), born: opened.AddDate(-60, 0, 0), sex: "female", from: opened.Add(-time.Hour), monitors: []string{"mon-1"}})
	srv := s.serve(t, nil, "--clock-start", opened.Format(time.RFC3339), "--clock-speed", fmt.Sprint(speed), "--heartbeat-url", outside.URL)
	monitor := dial(t, srv.mqtt, "gateway", s.user, s.password)
	show := func() {
		monitor.put("ward/v1/W1/"+bed(0)+"/vitals", fmt.Sprintf(`{"device":"mon-1","time":%q,"vitals":{"hr":72,"rr":16,"spo2":97}}`, srv.clock().Format(time.RFC3339Nano)))
		monitor.settle()
	}
	pinged := func(after int64) func() bool {
		return func() bool { show(); return pings.Load() > after+1 }
	}
	until(t, "the heartbeat gets out while the ward is fed", pinged(0))

	// Two minutes without a reading are let pass: from the third on, however long, there is none.
	silent := srv.clock()
	until(t, "five minutes pass", func() bool { return srv.clock().Sub(silent) > 5*time.Minute })
	before := pings.Load()
	until(t, "five more pass", func() bool { return srv.clock().Sub(silent) > 10*time.Minute })
	if n := pings.Load() - before; n > 0 {
		t.Errorf("%d heartbeats while no monitor of the ward was heard", n)
	}
	until(t, "the heartbeat is back with the monitors", pinged(pings.Load()))
}
