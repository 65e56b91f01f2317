package book

import (
	"fmt"
	"testing"
	"time"

	"wardwatch/ward"
)

// hears tells the book of a device speaking now and checks what it makes of its reading.
func hears(t *testing.T, b *Book, c *clock, d ward.DeviceID, p ward.Place, want ward.Apart) {
	t.Helper()
	b.Sight(heard(d, p, c.at))
	if _, why := b.Resolve(p, d, c.at, time.Second); why != want {
		t.Errorf("%s at %s: %v, want %v", d, p, why, want)
	}
}

func twoStays(t *testing.T) (*Book, *clock) {
	c := newClock()
	b := open(t, c)
	must[ward.Stay](t)(b.Admit(t.Context(), at(person("H1"), bed("01")), "n"))
	must[ward.Stay](t)(b.Admit(t.Context(), at(person("H2"), bed("02")), "n"))
	c.pass(time.Hour)
	return b, c
}

func TestANewDeviceIsConfirmedByRegistration(t *testing.T) {
	b, c := twoStays(t)
	hears(t, b, c, "m1", bed("01"), ward.NotApart)    // alone there
	hears(t, b, c, "m2", bed("01"), ward.Unconfirmed) // beside another
	ok(t, b.AddCredential(t.Context(), ward.Credential{User: "m3", Grants: []ward.Place{bed("01")}}, "hash", "it"))
	hears(t, b, c, "m3", bed("01"), ward.NotApart) // its credential names the bed
	ok(t, b.AddCredential(t.Context(), ward.Credential{User: "m4", Gateway: true, Grants: []ward.Place{{Ward: "a9"}}}, "hash", "it"))
	hears(t, b, c, "m4", bed("01"), ward.Unconfirmed) // a gateway's names no bed
	ok(t, b.AddCredential(t.Context(), ward.Credential{User: "m5", Gateway: true, Grants: []ward.Place{bed("01")}}, "hash", "it"))
	hears(t, b, c, "m5", bed("01"), ward.Unconfirmed) // what a gateway speaks for is not where it stands
	if why := unknown(b, c); why != ward.UnknownBed {
		t.Errorf("a bed not in the book: %v", why)
	}
}

func unknown(b *Book, c *clock) ward.Apart {
	b.Sight(heard("m9", bed("99"), c.at))
	_, why := b.Resolve(bed("99"), "m9", c.at, time.Second)
	return why
}

func TestAMovedDeviceWaitsForAPerson(t *testing.T) {
	b, c := twoStays(t)
	ctx := t.Context()
	hears(t, b, c, "m1", bed("01"), ward.NotApart)
	c.pass(minutes(10))
	hears(t, b, c, "m1", bed("02"), ward.Unconfirmed)
	before := c.at.Add(-minutes(5))
	if _, why := b.Resolve(bed("01"), "m1", before, time.Second); why != ward.NotApart {
		t.Errorf("what it said before the move: %v", why)
	}
	c.pass(minutes(1))
	ok(t, b.Confirm(ctx, "m1", bed("02"), time.Time{}, "nurse"))
	c.pass(time.Second)
	hears(t, b, c, "m1", bed("02"), ward.NotApart)
	if _, why := b.Resolve(bed("02"), "m1", c.at.Add(-30*time.Second), time.Second); why != ward.Unconfirmed {
		t.Errorf("what it said before it was confirmed: %v", why)
	}
	c.pass(minutes(1))
	hears(t, b, c, "m1", bed("01"), ward.Unconfirmed) // and back again
}

// Whoever may speak for one bed can claim any device's name there. The device that is registered
// for another bed keeps its patient.
func TestABorrowedNameTakesNoDeviceAway(t *testing.T) {
	b, c := twoStays(t)
	ok(t, b.AddCredential(t.Context(), ward.Credential{User: "m1", Grants: []ward.Place{bed("01")}}, "hash", "it"))
	hears(t, b, c, "m1", bed("01"), ward.NotApart)
	for range 3 {
		c.pass(minutes(2))
		hears(t, b, c, "m1", bed("02"), ward.Unconfirmed) // the impostor
		c.pass(time.Second)
		hears(t, b, c, "m1", bed("01"), ward.NotApart)
	}
}

// Made-up ids that wait at a bed keep out others like them, not the device whose credential names it.
func TestARegisteredDeviceFindsRoomBesideMadeUpOnes(t *testing.T) {
	b, c := twoStays(t)
	hears(t, b, c, "m1", bed("01"), ward.NotApart)
	for i := range 40 {
		hears(t, b, c, ward.DeviceID(fmt.Sprint("made-up-", i)), bed("01"), ward.Unconfirmed)
	}
	if n := len(must[[]ward.Attachment](t)(b.Attachments(t.Context(), "a9"))); n > 17 {
		t.Errorf("%d rows for one bed", n)
	}
	ok(t, b.AddCredential(t.Context(), ward.Credential{User: "m3", Grants: []ward.Place{bed("01")}}, "hash", "it"))
	hears(t, b, c, "m3", bed("01"), ward.NotApart)
}

func TestALongGapAsksForAPerson(t *testing.T) {
	b, c := twoStays(t)
	hears(t, b, c, "m1", bed("01"), ward.NotApart)
	c.pass(DefaultGap)
	hears(t, b, c, "m1", bed("01"), ward.NotApart)
	c.pass(DefaultGap + time.Second)
	hears(t, b, c, "m1", bed("01"), ward.Unconfirmed)
	if stand := must[[]ward.Attachment](t)(b.Attachments(t.Context(), "a9")); len(stand) != 1 || stand[0].Confirmed || !stand[0].From.Equal(c.at) {
		t.Errorf("standing now: %+v", stand)
	}
	c.pass(time.Second)
	hears(t, b, c, "m1", bed("01"), ward.Unconfirmed)
	ok(t, b.Confirm(t.Context(), "m1", bed("01"), time.Time{}, "nurse"))
	c.pass(time.Second)
	hears(t, b, c, "m1", bed("01"), ward.NotApart)
}

// The gap is measured across a restart, from what was written meanwhile.
func TestTheGapSurvivesARestart(t *testing.T) {
	b, c := twoStays(t)
	for range 12 { // twelve hours of a reading an hour
		hears(t, b, c, "m1", bed("01"), ward.NotApart)
		c.pass(time.Hour)
	}
	ok(t, b.Close())
	again := must[*Book](t)(Open(t.Context(), b.Path(), Options{Now: c.now}))
	defer again.Close()
	hears(t, again, c, "m1", bed("01"), ward.NotApart)
}

// The book cannot write: the device is not trusted, tried again once a second, and not forgotten.
func TestASightingThatCannotBeWrittenIsTriedAgain(t *testing.T) {
	b, c := twoStays(t)
	execute(t, b, `CREATE TRIGGER broken BEFORE INSERT ON attachments BEGIN SELECT RAISE(ABORT, 'broken'); END`)
	for range 5 {
		hears(t, b, c, "m1", bed("01"), ward.Unconfirmed)
	}
	if n := b.sights.failureCount(); n != 1 {
		t.Errorf("%d tries within a second", n)
	}
	execute(t, b, `DROP TRIGGER broken`)
	c.pass(time.Second)
	hears(t, b, c, "m1", bed("01"), ward.NotApart)
}

// Two devices with one id speak for two beds in turn: both wait, and the book does not grow.
func TestAClonedDeviceIsHeldApartAtBoth(t *testing.T) {
	b, c := twoStays(t)
	hears(t, b, c, "m1", bed("01"), ward.NotApart)
	for range 50 {
		c.pass(time.Second)
		hears(t, b, c, "m1", bed("02"), ward.Unconfirmed)
		hears(t, b, c, "m1", bed("01"), ward.Unconfirmed)
	}
	if rows := must[[]ward.Attachment](t)(b.AttachmentHistory(t.Context(), "m1")); len(rows) != 3 {
		t.Errorf("%d rows: %v", len(rows), rows)
	}
}

// A sender that makes up an id for each message cannot fill the book.
func TestAFloodOfDeviceIdsIsBounded(t *testing.T) {
	b, c := twoStays(t)
	hears(t, b, c, "m1", bed("01"), ward.NotApart)
	for i := range 100 {
		hears(t, b, c, ward.DeviceID(fmt.Sprint("x", i)), bed("01"), ward.Unconfirmed)
	}
	if rows := must[[]ward.Attachment](t)(b.Attachments(t.Context(), "a9")); len(rows) > 20 {
		t.Errorf("%d devices stand there", len(rows))
	}
	hears(t, b, c, "m1", bed("01"), ward.NotApart)
}

func TestALateReadingMovesNothing(t *testing.T) {
	b, c := twoStays(t)
	hears(t, b, c, "m1", bed("01"), ward.NotApart)
	ok(t, b.Attach(t.Context(), AttachDevice{Device: "m1", Place: bed("02"), At: c.at.Add(minutes(1)), By: "nurse", Confirmed: true}))
	c.pass(minutes(5))
	hears(t, b, c, "m1", bed("02"), ward.NotApart)
	b.Sight(heard("m1", bed("01"), c.at.Add(-minutes(10))))
	b.Sight(heard("m1", bed("12A"), c.at.Add(-minutes(10))))
	hears(t, b, c, "m1", bed("02"), ward.NotApart)
}

func TestASwapEndsWhatStoodThere(t *testing.T) {
	b, c := twoStays(t)
	ctx := t.Context()
	hears(t, b, c, "m1", bed("01"), ward.NotApart)
	hears(t, b, c, "m2", bed("02"), ward.NotApart)
	c.pass(minutes(1))
	ok(t, b.Attach(ctx, AttachDevice{Device: "m2", Place: bed("01"), By: "nurse", Confirmed: true, Replace: true}))
	c.pass(time.Second)
	hears(t, b, c, "m2", bed("01"), ward.NotApart)
	stand := must[[]ward.Attachment](t)(b.Attachments(ctx, "a9"))
	if len(stand) != 1 || stand[0].Device != "m2" || stand[0].Place != bed("01") || !stand[0].Confirmed || stand[0].By != "nurse" {
		t.Errorf("standing now: %+v", stand)
	}
	hears(t, b, c, "m1", bed("01"), ward.Unconfirmed)
	ok(t, b.Detach(ctx, "m1", time.Time{}, "nurse"))
	refused(t, b.Attach(ctx, AttachDevice{Device: "m1", Place: bed("99")}), ward.NotFound)
	refused(t, b.Attach(ctx, AttachDevice{Device: "m1", Place: bed("01"), At: c.at.Add(time.Hour)}), ward.BadInput)
}

func TestCredentials(t *testing.T) {
	b := open(t, newClock())
	ctx := t.Context()
	device := ward.Credential{User: "m1", Grants: []ward.Place{bed("01")}}
	ok(t, b.AddCredential(ctx, device, "hash 1", "it"))
	refused(t, b.AddCredential(ctx, device, "hash 2", "it"), ward.Conflict)
	for name, bad := range map[string]ward.Credential{
		"no grant":              {User: "m2"},
		"a device with a ward":  {User: "m2", Grants: []ward.Place{{Ward: "a9"}}},
		"a device with two":     {User: "m2", Grants: []ward.Place{bed("01"), bed("02")}},
		"a wildcard":            {User: "m2", Gateway: true, Grants: []ward.Place{{Ward: "#"}}},
		"a name with a blank":   {User: "m 2", Grants: []ward.Place{bed("01")}},
		"a bed with a wildcard": {User: "m2", Grants: []ward.Place{{Ward: "a9", Bed: "+"}}},
	} {
		t.Run(name, func(t *testing.T) { refused(t, b.AddCredential(ctx, bad, "hash", "it"), ward.BadInput) })
	}
	ok(t, b.RevokeCredential(ctx, "m1", "it"))
	ok(t, b.RevokeCredential(ctx, "m1", "it"))
	c, _, err := b.Credential(ctx, "m1")
	ok(t, err)
	if c.Revoked.IsZero() {
		t.Error("revoked, yet not")
	}
	ok(t, b.AddCredential(ctx, device, "hash 3", "it"))
	c, hash, err := b.Credential(ctx, "m1")
	ok(t, err)
	if !c.Revoked.IsZero() || hash != "hash 3" || !c.May(bed("01")) {
		t.Errorf("given anew: %+v, %q", c, hash)
	}
	_, _, err = b.Credential(ctx, "m9")
	refused(t, err, ward.NotFound)
	refused(t, b.RevokeCredential(ctx, "m9", "it"), ward.NotFound)
}

// heard is one live reading as the registry sees it.
func heard(d ward.DeviceID, p ward.Place, at time.Time) []ward.Reading {
	return []ward.Reading{{Device: d, Place: p, Arrived: at}}
}
