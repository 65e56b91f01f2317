package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wardwatch/store/book"
	"wardwatch/store/journal"
	"wardwatch/ward"
)

func TestMomentOf(t *testing.T) {
	want := time.Date(2026, 11, 21, 1, 0, 0, 0, time.UTC) // 08:00 in Viet Nam
	for _, text := range []string{"2026-11-21T08:00", "2026-11-21 08:00", "2026-11-21T08:00:00", "2026-11-21T08:00:00+07:00", "2026-11-21T01:00:00Z"} {
		if got, err := momentOf("--from", text); err != nil || !got.Equal(want) {
			t.Errorf("%s: %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "yesterday", "21/11/2026", "2026-11-21T25:00", "2026-11-31"} {
		if _, err := momentOf("--from", text); err == nil || !strings.Contains(err.Error(), "2026-11-21T08:00") {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// oneStay makes a data directory with one stay and an hour of readings, as a server leaves it.
func oneStay(t *testing.T) (dir, stay string, from time.Time) {
	t.Helper()
	dir, from = t.TempDir(), time.Now().Add(-2*time.Hour).Truncate(time.Second)
	b, err := book.Open(t.Context(), filepath.Join(dir, "book.db"), book.Options{})
	if err != nil {
		t.Fatal(err)
	}
	place := ward.Place{Ward: "icu", Bed: "01"}
	s := ward.Stay{FamilyName: "Nguyễn", GivenName: "Văn A", Place: place, Admitted: from}
	err = errors.Join(b.AddWard(t.Context(), ward.Ward{ID: "icu"}, "it"), b.AddBed(t.Context(), ward.Bed{Place: place}, "it"))
	if err == nil {
		s, err = b.Admit(t.Context(), s, "it")
	}
	if err = errors.Join(err, b.Close()); err != nil {
		t.Fatal(err)
	}
	j, err := journal.Open(filepath.Join(dir, "journal"), journal.Options{Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	for m := range 60 {
		at := from.Add(time.Duration(m) * time.Minute)
		err = errors.Join(err, j.Append([]ward.Reading{{Place: place, Stay: s.ID, Taken: at, At: at, Point: at, Arrived: at, Values: []ward.Value{{Vital: ward.HR, Number: 80, At: at}}}}))
	}
	if err = errors.Join(err, j.Close()); err != nil {
		t.Fatal(err)
	}
	return dir, string(s.ID), from
}

// The file is made, checked, and found out when a byte of it changes; what goes wrong leaves none.
func TestIncident(t *testing.T) {
	dir, stay, from := oneStay(t)
	out := filepath.Join(t.TempDir(), "incident.zip")
	c := incidentMake{dataDir: dataDir{dir}, incidentSpan: incidentSpan{stay, from.Format(time.RFC3339), from.Add(time.Hour).Format(time.RFC3339)}, Out: out, Hold: true, Reason: "khiếu nại"}
	if err := c.Run(); err != nil {
		t.Fatal(err)
	}
	if err := c.Run(); !errors.Is(err, os.ErrExist) || !strings.Contains(err.Error(), "--out") {
		t.Errorf("a file that is there is not overwritten: %v", err)
	}
	check := incidentVerify{File: out, Data: dir}
	if err := check.Run(); err != nil {
		t.Errorf("the file as it was made: %v", err)
	}
	raw, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	raw[len(raw)/2] ^= 1
	if err := os.WriteFile(out, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	var code exitCode
	if err := check.Run(); err == nil || errors.As(err, &code) && code != 1 {
		t.Errorf("a changed byte: %v", err)
	}
	if err := (&incidentVerify{File: out, Key: "abc"}).Run(); err == nil || !strings.Contains(err.Error(), "--key") {
		t.Errorf("a key that is none: %v", err)
	}
	c.Stay, c.Out = "nobody", filepath.Join(t.TempDir(), "none.zip")
	if err := c.Run(); err == nil || !strings.Contains(err.Error(), "no stay") {
		t.Errorf("no such stay: %v", err)
	}
	if _, err := os.Stat(c.Out); err == nil {
		t.Error("a file was left behind")
	}
	if c.Reason = " "; c.Run() == nil {
		t.Error("a hold without a reason")
	}
}

func TestHolds(t *testing.T) {
	dir, stay, from := oneStay(t)
	d := dataDir{dir}
	c := incidentHold{d, incidentSpan{stay, from.Format(time.RFC3339), from.Add(time.Hour).Format(time.RFC3339)}, "khiếu nại"}
	if err := c.Run(); err != nil {
		t.Fatal(err)
	}
	b, err := book.Open(t.Context(), d.path("book.db"), book.Options{})
	if err != nil {
		t.Fatal(err)
	}
	holds, err := b.Holds(t.Context())
	if err = errors.Join(err, b.Close()); err != nil || len(holds) != 1 || string(holds[0].Stay) != stay || holds[0].Reason != "khiếu nại" {
		t.Fatalf("%+v, %v", holds, err)
	}
	if err := errors.Join((&incidentList{d}).Run(), (&incidentRelease{d, holds[0].ID}).Run(), (&incidentRelease{d, holds[0].ID}).Run()); err != nil {
		t.Error(err)
	}
	if err := (&incidentRelease{d, "none"}).Run(); err == nil {
		t.Error("a hold that is none was released")
	}
}
