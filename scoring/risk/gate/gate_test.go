package gate

import (
	"errors"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"wardwatch/ward"
)

var now = time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)

func TestWhoMayOpenWhen(t *testing.T) {
	const days = 24 * time.Hour
	override := "trình bày tại hội đồng"
	for _, tc := range []struct {
		name     string
		by       ward.PersonID
		override string
		since    time.Time
		events   int
		want     ward.ErrorCode // empty: it may be opened
		says     string
	}{
		{"four weeks and fifty events", "doctor", "", now.Add(-28 * days), 50, "", ""},
		{"the same, by nobody", "", "", now.Add(-28 * days), 50, ward.Forbidden, "named person"},
		{"a second under four weeks", "doctor", "", now.Add(-28*days + time.Second), 50, ward.Conflict, "1 of 28 days are missing"},
		{"forty-nine events", "doctor", "", now.Add(-90 * days), 49, ward.Conflict, "1 of 50 events are missing"},
		{"half of both", "doctor", "", now.Add(-14 * days), 25, ward.Conflict, "14 of 28 days and 25 of 50 events are missing"},
		{"never run", "doctor", "", time.Time{}, 0, ward.Conflict, "28 of 28 days and 50 of 50 events"},
		{"never run, yet with events", "doctor", "", time.Time{}, 60, ward.Conflict, "28 of 28 days"},
		{"run from tomorrow on", "doctor", "", now.Add(days), 60, ward.Conflict, "28 of 28 days"},
		{"never run, by override", "doctor", override, time.Time{}, 0, "", ""},
		{"by an override of nobody", "", override, time.Time{}, 0, ward.Forbidden, "named person"},
		{"by an override of one word", "doctor", "gấp", time.Time{}, 0, ward.BadInput, "too short"},
		{"by ten blanks", "doctor", strings.Repeat(" ", 10), time.Time{}, 0, ward.Conflict, "missing"},
		{"by nine characters in many bytes", "doctor", "đặc biệt", time.Time{}, 0, ward.BadInput, "too short"},
		{"enough, and a needless short override", "doctor", "ok", now.Add(-28 * days), 50, "", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			err := May(ward.Gate{Ward: "a9", Task: ward.Deterioration, By: tc.by, Override: tc.override}, tc.since, tc.events, now)
			if tc.want == "" {
				if err != nil {
					t.Errorf("refused: %v", err)
				}
				return
			}
			var e *ward.Error
			if !errors.As(err, &e) || e.Code != tc.want || e.Hint == "" || !strings.Contains(e.Message, tc.says) {
				t.Errorf("%v, want %s saying %q", err, tc.want, tc.says)
			}
		})
	}
}

func TestAGateIsOpenForItsVersionOnly(t *testing.T) {
	g := ward.Gate{Open: true, Model: "m", Version: "1+ab"}
	closed := g
	closed.Open = false
	for _, tc := range []struct {
		name           string
		g              ward.Gate
		model, version string
		want           bool
	}{
		{"its version", g, "m", "1+ab", true},
		{"a new version", g, "m", "2+cd", false},
		{"another model", g, "n", "1+ab", false},
		{"closed", closed, "m", "1+ab", false},
		{"never opened", ward.Gate{}, "m", "1+ab", false},
		{"open, yet for no model", ward.Gate{Open: true}, "", "", false},
	} {
		if got := Lets(tc.g, tc.model, tc.version); got != tc.want {
			t.Errorf("%s: %v", tc.name, got)
		}
	}
}

// Time and events only ever bring a gate nearer to opening.
func TestNeedsOnlyShrink(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		since := now.Add(-time.Duration(rapid.Int64Range(0, int64(60*24*time.Hour)).Draw(t, "since")))
		events := rapid.IntRange(0, 100).Draw(t, "events")
		before := Needs(since, events, now)
		after := Needs(since, events+rapid.IntRange(0, 10).Draw(t, "more"), now.Add(time.Duration(rapid.Int64Range(0, int64(24*time.Hour)).Draw(t, "later"))))
		if after.Silent > before.Silent || after.Events > before.Events || before.Silent < 0 || before.Events < 0 {
			t.Fatalf("%+v became %+v", before, after)
		}
	})
}
