//go:build e2e

package e2e

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"wardwatch/store/book"
	"wardwatch/store/book/episodes"
	"wardwatch/ward"
)

// trial is a ward under load: a site, its receiver of notices, and the flags of its server.
type trial struct {
	testing.TB
	site  site
	pager *receiver
	flags []string
	ill   int // how many people fall ill: those in the first beds
}

// quick takes a monitor at its last word and waits for nothing: what is looked for here is loss.
const quick = "version: quick\nscoring: {signal: {window: 1s}}\nalerts: {persist_score: 300ms}\n"

// newTrial prepares a ward of n beds. A person has been lying in the first one for an hour.
func newTrial(t testing.TB, n int) *trial {
	t.Helper()
	x := &trial{TB: t, site: prepare(t, n), pager: newReceiver(t), ill: sickBeds}
	x.site.admit(t, newcomer{
		bed: bed(0), born: time.Date(1950, 2, 1, 0, 0, 0, 0, time.UTC), sex: "female", from: time.Now().Add(-time.Hour), monitors: []string{monitor(0)},
	})
	x.flags = append(x.pager.flags(), "--policy", policyFile(t, quick))
	return x
}

// serve starts the server and carries the gateways' connections to its embedded broker.
func (x *trial) serve(env []string, door *relay, more ...string) *server {
	x.Helper()
	srv := x.site.serve(x, env, append(more, x.flags...)...)
	if srv.mqtt != "" {
		door.to(srv.mqtt)
	}
	return srv
}

// peek reads the history of a running server from a copy of its files, so that nothing of the
// server's own bookkeeping needs to be believed.
func (x *trial) peek() map[message]int {
	x.Helper()
	into, err := os.MkdirTemp("", "peek-*")
	if err != nil {
		x.Fatal(err)
	}
	defer os.RemoveAll(into)
	if err := os.CopyFS(filepath.Join(into, "journal"), os.DirFS(filepath.Join(x.site.data, "journal"))); err != nil {
		return nil // a file was taken away meanwhile: the next look sees it whole
	}
	readings, _ := readJournal(x, into)
	return named(readings)
}

// named counts the readings by the message they came in.
func named(readings []ward.Reading) map[message]int {
	out := map[message]int{}
	for i := range readings {
		r := &readings[i]
		out[message{string(r.Place.Bed), string(r.Device), r.Boot, r.Seq}]++
	}
	return out
}

// holds says whether every one of the messages is in the history.
func holds(history map[message]int, messages map[message]bool) bool {
	for m := range messages {
		if history[m] == 0 {
			return false
		}
	}
	return true
}

// arrive waits until all that was receipted is in the history; what never comes is reported by
// kept.
func (x *trial) arrive(receipted map[message]bool) {
	x.Helper()
	for end := time.Now().Add(limit); time.Now().Before(end); time.Sleep(200 * time.Millisecond) {
		if holds(x.peek(), receipted) {
			return
		}
	}
}

// kept looks into the history of a stopped server: all that was receipted is there, nothing twice,
// and nothing that was never sent.
func (x *trial) kept(g *gateway, receipted map[message]bool) []ward.Reading {
	x.Helper()
	readings, _ := readJournal(x, x.site.data)
	history := named(readings)
	lost, twice, strange := 0, 0, 0
	for m := range receipted {
		if history[m] == 0 {
			if lost++; lost <= 5 {
				x.Errorf("%v was acknowledged and is lost", m)
			}
		}
	}
	for m, n := range history {
		if n > 1 {
			if twice++; twice <= 5 {
				x.Errorf("%v is in the history %d times", m, n)
			}
		}
		if _, ours := g.receipts[m]; !ours {
			strange++
		}
	}
	if lost+twice+strange > 0 {
		x.Errorf("of %d acknowledged messages %d are lost, %d are repeated; %d were never sent", len(receipted), lost, twice, strange)
	}
	if len(receipted) == 0 {
		x.Error("nothing was acknowledged: this shows nothing")
	}
	return readings
}

// firstRung is who must be told first of a patient in the emergency band.
var firstRung = []string{"nurse", "nurse_charge", "doctor_on_duty"}

// alarmed waits until everybody has been told of the sick.
func (x *trial) alarmed() {
	x.Helper()
	until(x, "everybody is told of the sick", func() bool {
		for i := range x.ill {
			if len(x.pager.roles(bed(i), 1)) < len(firstRung) {
				return false
			}
		}
		return true
	})
}

// promised looks into the book of a stopped server: one alert a sick person, none for others, and
// each notice that was promised has reached the receiver, under one id for one promise.
func (x *trial) promised() {
	x.Helper()
	ctx := context.Background()
	b, err := book.Open(ctx, filepath.Join(x.site.data, "book.db"), book.Options{})
	if err != nil {
		x.Fatal(err)
	}
	defer b.Close()
	list, err := b.Alerts(ctx, episodes.Filter{Limit: 1000}) // of the whole house: a link that is down long is one, too
	if err != nil {
		x.Fatal(err)
	}
	heard, _ := x.pager.heard()
	found := map[ward.BedID]int{}
	for _, a := range list {
		if a.Kind == ward.Clinical {
			found[a.Place.Bed]++
		}
		notices, err := b.NoticesOf(ctx, a.ID)
		if err != nil {
			x.Fatal(err)
		}
		x.delivered(a, notices, heard)
	}
	for i := range x.ill {
		if n := found[ward.BedID(bed(i))]; n != 1 {
			x.Errorf("%s has %d alerts, want 1", bed(i), n)
		}
		delete(found, ward.BedID(bed(i)))
	}
	if len(found) > 0 {
		x.Errorf("alerts for people who are well: %v", found)
	}
	for id := range heard {
		x.Errorf("notice %s was sent and is not in the book: nobody promised it", id)
	}
	for _, w := range x.pager.wrong {
		x.Error(w)
	}
}

// delivered compares the notices of one alert with what the receiver heard, and takes them off.
func (x *trial) delivered(a ward.Alert, notices []ward.Notice, heard map[string]told) {
	x.Helper()
	type promise struct {
		level int
		role  ward.Role
		made  int64
	}
	once := map[promise]bool{}
	roles := map[string]bool{}
	for _, n := range notices {
		p := promise{n.Level, n.Role, n.Made.UnixNano()}
		if once[p] {
			x.Errorf("alert %s promises %v twice", a.ID, p)
		}
		once[p] = true
		got, ok := heard[string(n.ID)]
		delete(heard, string(n.ID))
		switch {
		case !ok && a.Kind == ward.Clinical:
			x.Errorf("notice %s of alert %s for %s was promised and never came: it is %s", n.ID, a.ID, n.Role, n.State)
		case ok && (got.Alert != string(a.ID) || got.Role != string(n.Role) || got.Level != n.Level):
			x.Errorf("notice %s is %v in the book and came as %v", n.ID, n, got)
		}
		if n.Level == 1 {
			roles[string(n.Role)] = true
		}
	}
	if a.Kind != ward.Clinical {
		return
	}
	for _, role := range firstRung {
		if !roles[role] {
			x.Errorf("the alert of %s promises %s nothing", a.Place.Bed, role)
		}
	}
	if a.Band != ward.High || a.State == ward.Resolved {
		x.Errorf("the alert of %s is %s, %s", a.Place.Bed, a.Band, a.State)
	}
}
