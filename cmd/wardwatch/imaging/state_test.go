package imaging

import (
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wardwatch/cmd/wardwatch/reader"
	"wardwatch/ingest/imaging"
	"wardwatch/store/book"
	"wardwatch/store/objects"
	"wardwatch/ward"
)

// A process that does not start is told to whoever watches the server, and on the screen; before the first
// picture nothing is wrong.
func TestAReaderThatDoesNotStart(t *testing.T) {
	b, err := book.Open(t.Context(), filepath.Join(t.TempDir(), "book.db"), book.Options{Log: slog.New(slog.DiscardHandler), Zone: time.UTC})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	o := reader.Options{Now: time.Now, Log: slog.New(slog.DiscardHandler), Command: []string{filepath.Join(t.TempDir(), "gone")}}
	m := &Imaging{o: Options{Book: b, Now: time.Now}}
	if m.reader, err = reader.New(o); err != nil {
		t.Fatal(err)
	}
	defer m.reader.Close()
	m.processor, err = imaging.New(imaging.Options{Store: b, Objects: &objects.Store{}, Now: time.Now, Picture: m.reader.Read})
	if err != nil {
		t.Fatal(err)
	}
	screens := Screens{Imaging: m}
	if s, err := screens.State(t.Context()); err != nil || m.Ready() != nil || len(s.Problems) != 0 {
		t.Errorf("before the first picture: %v, %v, %+v", err, m.Ready(), s.Problems)
	}
	if _, err := m.reader.Read(t.Context(), ward.Delivery{}, "a.dcm"); err == nil {
		t.Fatal("it was read")
	}
	if err := m.Ready(); err == nil || !strings.Contains(err.Error(), "does not start") {
		t.Errorf("ready: %v", err)
	}
	if s, err := screens.State(t.Context()); err != nil || len(s.Problems) != 1 || s.Problems[0].Hint == "" {
		t.Errorf("%v, %+v", err, s.Problems)
	}
}
