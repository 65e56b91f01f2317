package people_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"wardwatch/store/book"
	. "wardwatch/store/book/booktest"
	"wardwatch/ward"
)

func phone(p ward.PersonID, number string) ward.Contact {
	return ward.Contact{Person: p, Channel: "sms", Address: number, Label: "Điện thoại trực"}
}

func push(p ward.PersonID, endpoint string) ward.Contact {
	return ward.Contact{Person: p, Channel: "webpush", Address: endpoint, P256dh: "BKey", Auth: "secret", Label: "Chrome"}
}

func of(t *testing.T, b *book.Book, p ward.PersonID, channel string) (out []string) {
	t.Helper()
	for _, c := range Must[[]ward.Contact](t)(b.Contacts(t.Context(), p, channel)) {
		out = append(out, c.Channel+" "+c.Address+" "+c.Label)
	}
	return out
}

func TestContacts(t *testing.T) {
	c := NewClock()
	b := Open(t, c)
	ctx := t.Context()
	first := Must[ward.Contact](t)(b.AddContact(ctx, phone("lan", "+84900000001"), "lan"))
	want := phone("lan", "+84900000001")
	want.ID, want.Added = first.ID, c.At
	if first != want || first.ID == "" {
		t.Fatalf("kept as %+v", first)
	}
	c.Pass(1e9)
	renamed := phone("lan", "+84900000001")
	renamed.Label = "Nhà"
	again := Must[ward.Contact](t)(b.AddContact(ctx, renamed, "lan"))
	if again.ID != first.ID || again.Added != first.Added || again.Label != "Nhà" {
		t.Errorf("the same number again: %+v", again)
	}
	Must[ward.Contact](t)(b.AddContact(ctx, again, "lan")) // nothing new: nothing on record
	Must[ward.Contact](t)(b.AddContact(ctx, push("lan", "https://push.example/1"), "lan"))
	if got := of(t, b, "lan", ""); !slices.Equal(got, []string{"sms +84900000001 Nhà", "webpush https://push.example/1 Chrome"}) {
		t.Errorf("all: %v", got)
	}
	if got := of(t, b, "lan", "webpush"); len(got) != 1 {
		t.Errorf("of one channel: %v", got)
	}
	OK(t, b.EndContact(ctx, first.ID, "gateway: no such number +84900000001", ""))
	OK(t, b.EndContact(ctx, first.ID, "again", "lan"))
	if got := of(t, b, "lan", "sms"); len(got) != 0 {
		t.Errorf("ended, yet %v", got)
	}
	revived := Must[ward.Contact](t)(b.AddContact(ctx, phone("lan", "+84900000001"), "lan"))
	if revived.ID != first.ID || revived.Added != c.At || !revived.Ended.IsZero() || len(of(t, b, "lan", "sms")) != 1 {
		t.Errorf("brought back: %+v", revived)
	}
	if got := Deeds(t, b, "person:lan"); !slices.Equal(got[len(got)-5:], []string{"lan: contact.add", "lan: contact.add", "lan: contact.add", ": contact.end", "lan: contact.add"}) {
		t.Errorf("on record: %v", got)
	}
	OK(t, b.Disable(ctx, "lan", true, "truong"))
	if got := of(t, b, "lan", ""); len(got) != 0 {
		t.Errorf("has left, yet is told at %v", got)
	}
	for _, row := range Must[[]book.AuditRow](t)(b.Audit(ctx, book.AuditFilter{})) {
		if strings.Contains(row.Detail, "+8490") || strings.Contains(row.Detail, "https:") {
			t.Errorf("an address is on record: %s", row.Detail)
		}
	}
	Whole(t, b)
}

// A telephone that is shared: whoever signed up last is told on it, and nobody else.
func TestASharedTelephoneIsWhoSignedUpLasts(t *testing.T) {
	b := Open(t, NewClock())
	ctx := t.Context()
	Must[ward.Contact](t)(b.AddContact(ctx, push("lan", "https://push.example/1"), "lan"))
	Must[ward.Contact](t)(b.AddContact(ctx, push("mai", "https://push.example/1"), "mai"))
	if len(of(t, b, "lan", "")) != 0 || len(of(t, b, "mai", "")) != 1 {
		t.Errorf("Lan is told at %v, Mai at %v", of(t, b, "lan", ""), of(t, b, "mai", ""))
	}
	if lan, mai := Deeds(t, b, "person:lan"), Deeds(t, b, "person:mai"); lan[len(lan)-1] != "mai: contact.end" || mai[len(mai)-1] != "mai: contact.add" {
		t.Errorf("on record: %v, %v", lan, mai)
	}
	Must[ward.Contact](t)(b.AddContact(ctx, push("lan", "https://push.example/1"), "lan")) // and back
	if len(of(t, b, "lan", "")) != 1 || len(of(t, b, "mai", "")) != 0 {
		t.Errorf("Lan is told at %v, Mai at %v", of(t, b, "lan", ""), of(t, b, "mai", ""))
	}
	Must[ward.Contact](t)(b.AddContact(ctx, phone("lan", "+84900000009"), "it")) // a ward's telephone is both's
	Must[ward.Contact](t)(b.AddContact(ctx, phone("mai", "+84900000009"), "it"))
	if len(of(t, b, "lan", "sms")) != 1 || len(of(t, b, "mai", "sms")) != 1 {
		t.Error("a number that two share is told to one of them alone")
	}
}

func TestContactsAreRefusedWithAReason(t *testing.T) {
	b := Open(t, NewClock())
	ctx := t.Context()
	for name, x := range map[string]struct {
		c    ward.Contact
		code ward.ErrorCode
	}{
		"somebody who has left":   {phone("left", "+84900000001"), ward.NotFound},
		"a stranger":              {phone("x", "+84900000001"), ward.NotFound},
		"no channel":              {ward.Contact{Person: "lan", Address: "+84"}, ward.BadInput},
		"no address":              {phone("lan", ""), ward.BadInput},
		"a line feed in it":       {phone("lan", "+84\n900"), ward.BadInput},
		"a space before it":       {phone("lan", " +84900"), ward.BadInput},
		"an endless address":      {phone("lan", strings.Repeat("1", 2049)), ward.BadInput},
		"one key of two":          {ward.Contact{Person: "lan", Channel: "webpush", Address: "https://x", P256dh: "B"}, ward.BadInput},
		"a label nobody can read": {ward.Contact{Person: "lan", Channel: "sms", Address: "+84900", Label: "\x00"}, ward.BadInput},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := b.AddContact(ctx, x.c, "truong")
			Refused(t, err, x.code)
		})
	}
	Refused(t, b.EndContact(ctx, "x", "", "lan"), ward.NotFound)
	for i := range 12 {
		Must[ward.Contact](t)(b.AddContact(ctx, phone("lan", fmt.Sprint("+8490000000", i)), "lan"))
	}
	_, err := b.AddContact(ctx, phone("lan", "+84911"), "lan")
	Refused(t, err, ward.Conflict)
	Must[ward.Contact](t)(b.AddContact(ctx, phone("lan", "+84900000003"), "lan")) // one of the twelve, renewed
	OK(t, b.EndContact(ctx, Must[[]ward.Contact](t)(b.Contacts(ctx, "lan", ""))[0].ID, "", "lan"))
	Must[ward.Contact](t)(b.AddContact(ctx, phone("lan", "+84911"), "lan"))
}
