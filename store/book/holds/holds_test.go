package holds_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"wardwatch/store/book"
	. "wardwatch/store/book/booktest"
	"wardwatch/ward"
)

func hold(s ward.Stay, from, to time.Time) ward.Hold {
	return ward.Hold{Stay: s.ID, From: from, To: to, By: "truong", Reason: "sự cố 21/11"}
}

func TestHolds(t *testing.T) {
	c := NewClock()
	b := Open(t, c)
	ctx := t.Context()
	s := Admit(t, b, "a9", "01")
	h := Must[ward.Hold](t)(b.Hold(ctx, hold(s, c.At, c.At.Add(time.Hour))))
	want := hold(s, c.At, c.At.Add(time.Hour))
	want.ID, want.Made = h.ID, c.At
	if list := Must[[]ward.Hold](t)(b.Holds(ctx)); h != want || h.ID == "" || !slices.Equal(list, []ward.Hold{h}) {
		t.Errorf("made %+v, in force %+v", h, list)
	}
	OK(t, b.ReleaseHold(ctx, h.ID, "binh"))
	OK(t, b.ReleaseHold(ctx, h.ID, "binh"))
	if list := Must[[]ward.Hold](t)(b.Holds(ctx)); len(list) != 0 {
		t.Errorf("released, yet %+v", list)
	}
	if got := Deeds(t, b, "stay:"+string(s.ID)); !slices.Equal(got[1:], []string{"truong: hold.make", "binh: hold.release"}) {
		t.Errorf("on record: %v", got)
	}
	for name, change := range map[string]func(*ward.Hold){
		"backwards":     func(h *ward.Hold) { h.To = h.From },
		"from nowhere":  func(h *ward.Hold) { h.From = time.Time{} },
		"by nobody":     func(h *ward.Hold) { h.By = "" },
		"for no reason": func(h *ward.Hold) { h.Reason = " " },
		"for a novel":   func(h *ward.Hold) { h.Reason = strings.Repeat("a", 257) },
	} {
		t.Run(name, func(t *testing.T) {
			h := hold(s, c.At, c.At.Add(time.Hour))
			change(&h)
			_, err := b.Hold(ctx, h)
			Refused(t, err, ward.BadInput)
		})
	}
	_, err := b.Hold(ctx, hold(ward.Stay{ID: "x"}, c.At, c.At.Add(time.Hour)))
	Refused(t, err, ward.NotFound)
	Refused(t, b.ReleaseHold(ctx, "x", "truong"), ward.NotFound)
	Refused(t, b.ReleaseHold(ctx, h.ID, ""), ward.BadInput)
	Whole(t, b)
}

// refuse keeps a message that could not be taken.
func refuse(t *testing.T, b *book.Book, at time.Time, topic string) {
	t.Helper()
	OK(t, b.Quarantine(t.Context(), []ward.Reject{{At: at, Topic: topic, Reason: "not_json", Payload: []byte("{")}}))
}

// flood keeps so many more that all older ones would go.
func flood(t *testing.T, b *book.Book, at time.Time) {
	t.Helper()
	if _, err := Raw(t, b).Exec(`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000)
		INSERT INTO quarantine (at, topic, device, reason, message, payload) SELECT ?, 'ward/v1/flood/01/vitals', '', 'not_json', '', x'7b' FROM n`, at.UnixMilli()); err != nil {
		t.Fatal(err)
	}
	refuse(t, b, at, "ward/v1/flood/01/vitals")
}

func topics(t *testing.T, b *book.Book) (out []string) {
	t.Helper()
	for _, r := range Must[[]ward.Reject](t)(b.Quarantined(t.Context(), 100_000)) {
		if !strings.Contains(r.Topic, "flood") {
			out = append([]string{r.Topic + " " + r.At.Format("15:04")}, out...)
		}
	}
	return out
}

// Messages that could not be taken are kept while they are held, those that came before the hold and
// those that came after it; of other beds and other times they are not.
func TestHeldMessagesOutlastAFlood(t *testing.T) {
	c := NewClock()
	b := Open(t, c)
	ctx := t.Context()
	s := Admit(t, b, "a9", "01")
	const bed, other = "ward/v1/a9/01/vitals", "ward/v1/a9/02/vitals"
	begun := c.At
	refuse(t, b, begun.Add(time.Minute), bed)
	refuse(t, b, begun.Add(time.Minute), other)
	c.Pass(time.Hour)
	h := Must[ward.Hold](t)(b.Hold(ctx, hold(s, begun, begun.Add(3*time.Hour))))
	refuse(t, b, c.At, bed)
	Must[ward.Stay](t)(b.Transfer(ctx, s.ID, ward.Place{Ward: "a9", Bed: "02"}, time.Time{}, "lan"))
	c.Pass(time.Hour)
	refuse(t, b, c.At, bed)   // of whoever lies there now
	refuse(t, b, c.At, other) // where they lie now
	refuse(t, b, begun.Add(3*time.Hour), other)
	flood(t, b, c.At)
	want := []string{bed + " 01:01", bed + " 02:00", other + " 03:00"}
	if got := topics(t, b); !slices.Equal(got, want) {
		t.Errorf("kept:\n%v\nwant:\n%v", got, want)
	}
	OK(t, b.ReleaseHold(ctx, h.ID, "truong"))
	flood(t, b, c.At)
	if got := topics(t, b); len(got) != 0 {
		t.Errorf("released, yet kept: %v", got)
	}
}

// The predictions about a person outlast their time while they are held.
func TestHeldPredictionsAreNotPruned(t *testing.T) {
	c := NewClock()
	b := Open(t, c)
	ctx := t.Context()
	s, other := Admit(t, b, "a9", "01"), Admit(t, b, "a9", "02")
	hour := c.At.Truncate(time.Hour)
	db := Raw(t, b)
	for i := range 6 {
		for _, stay := range []ward.StayID{s.ID, other.ID} {
			if _, err := db.Exec(`INSERT INTO predictions (hour, stay, task, ward, model, version, value, threshold, withheld, silent, inputs) VALUES (?, ?, 'deterioration', 'a9', 'm', '1', 0.5, 0.5, '', 0, '[]')`,
				hour.Add(time.Duration(i)*time.Hour).UnixMilli(), stay); err != nil {
				t.Fatal(err)
			}
		}
	}
	h := Must[ward.Hold](t)(b.Hold(ctx, hold(s, hour.Add(90*time.Minute), hour.Add(3*time.Hour))))
	if gone := Must[int64](t)(b.PrunePredictions(ctx, hour.Add(5*time.Hour))); gone != 8 {
		t.Errorf("%d pruned, want 5 of the one and 3 of the other", gone)
	}
	var kept string
	OK(t, db.QueryRow(`SELECT group_concat(((hour - ?) / 3600000) || ' ' || (stay = ?), ', ') FROM (SELECT * FROM predictions ORDER BY hour, stay = ?)`, hour.UnixMilli(), s.ID, s.ID).Scan(&kept))
	if kept != "1 1, 2 1, 5 0, 5 1" {
		t.Errorf("kept: %s", kept)
	}
	OK(t, b.ReleaseHold(ctx, h.ID, "truong"))
	if gone := Must[int64](t)(b.PrunePredictions(ctx, hour.Add(5*time.Hour))); gone != 2 {
		t.Errorf("%d pruned after the release", gone)
	}
}
