package intake

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"wardwatch/ingest/imaging/internal/dicomtest"
	"wardwatch/ingest/imaging/internal/memory"
	"wardwatch/ingest/imaging/refuse"
	"wardwatch/ward"
)

const (
	aStudy    = "1.2.826.0.1.3680043.10.1.1" // of dicomtest.Picture
	aInstance = "1.2.826.0.1.3680043.10.1.3"
)

func picture(greys ...uint16) []byte {
	return dicomtest.File(dicomtest.Explicit, dicomtest.Picture(1, len(greys), greys))
}

type bench struct {
	*Intake
	book  *memory.Book
	files *memory.Files
	steps []string
	fresh int
}

func newBench(t *testing.T) *bench {
	t.Helper()
	b := &bench{book: memory.NewBook(), files: &memory.Files{}}
	in, err := New(Options{
		Store: b.book, Objects: b.files, Now: func() time.Time { return time.Unix(1e9, 0) },
		Fresh: func() { b.fresh++ }, Probe: func(point string) { b.steps = append(b.steps, point) },
	})
	if err != nil {
		t.Fatal(err)
	}
	b.Intake = in
	return b
}

func TestInstance(t *testing.T) {
	whole := picture(1, 2, 3, 4)
	for _, c := range []struct {
		name string
		from From
		body []byte
		code string // empty: it waits
		uid  string
	}{
		{name: "a picture", body: whole, uid: aInstance},
		{name: "a picture as announced", from: From{Study: aStudy, Instance: aInstance, Syntax: dicomtest.Explicit}, body: whole, uid: aInstance},
		{name: "of another study than announced", from: From{Study: "1.2.3"}, body: whole, code: RefusedInstance, uid: aInstance},
		{name: "another instance than announced", from: From{Instance: "1.2.3"}, body: whole, code: RefusedInstance, uid: "1.2.3"},
		{name: "in another encoding than announced", from: From{Syntax: dicomtest.Implicit}, body: whole, code: ward.RefusedSyntax, uid: aInstance},
		{name: "no DICOM", body: []byte("GIF89a"), code: ward.RefusedCorrupt},
		{name: "no DICOM, announced", from: From{Instance: "1.2.3"}, body: []byte("GIF89a"), code: ward.RefusedCorrupt, uid: "1.2.3"},
		{name: "nothing", body: nil, code: ward.RefusedCorrupt},
		{name: "too big", from: From{Limit: 100}, body: whole, code: ward.RefusedTooBig},
		{name: "too big, announced", from: From{Limit: 100, Instance: "1.2.3"}, body: whole, code: ward.RefusedTooBig, uid: "1.2.3"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t)
			c.from.Source = "pacs"
			if c.from.Limit == 0 {
				c.from.Limit = 1 << 20
			}
			rec, err := b.Instance(t.Context(), c.from, bytes.NewReader(c.body))
			if err != nil {
				t.Fatal(err)
			}
			if rec.Delivery.Code != c.code || rec.Refused() != (c.code != "") || rec.Delivery.InstanceUID != c.uid {
				t.Errorf("%+v", rec.Delivery)
			}
			if waits := b.fresh == 1; waits != (c.code == "") {
				t.Errorf("told of %d that wait", b.fresh)
			}
			kept := b.book.Deliveries()
			if c.code == ward.RefusedTooBig && c.uid == "" {
				if len(kept) != 0 {
					t.Errorf("kept a row for something without content or name: %+v", kept)
				}
				return
			}
			if len(kept) != 1 || kept[0] != rec.Delivery {
				t.Errorf("kept %+v, answered %+v", kept, rec.Delivery)
			}
		})
	}
}

// The bytes are kept before the row says that they wait.
func TestOrderOfSteps(t *testing.T) {
	b := newBench(t)
	if _, err := b.Instance(t.Context(), From{Source: "pacs", Limit: 1 << 20}, bytes.NewReader(picture(1))); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(b.steps, " "); got != "kept accepted" {
		t.Error(got)
	}
}

func TestARepeatChangesNothing(t *testing.T) {
	b := newBench(t)
	send := func() []Receipt {
		var all []Receipt
		for _, body := range [][]byte{picture(1), picture(2), []byte("rubbish")} {
			rec, err := b.Instance(t.Context(), From{Source: "pacs", Limit: 1 << 20}, bytes.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, rec)
		}
		for _, refusal := range []*refuse.Refusal{nil, refuse.Because(RefusedContent, "no")} {
			rec, err := b.Document(t.Context(), "ris", ward.DeliveryFHIR, []byte("{}"), refusal)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, rec)
		}
		return all
	}
	first := send()
	writes, files, fresh := b.book.Writes(), b.files.Count(), b.fresh
	for i, again := range send() {
		if again.Fresh || again.Delivery.ID != first[i].Delivery.ID || again.Delivery.Code != first[i].Delivery.Code {
			t.Errorf("the answer differs: %+v, first %+v", again, first[i])
		}
	}
	if b.book.Writes() != writes || b.files.Count() != files || b.fresh != fresh {
		t.Error("a repeat changed something")
	}
}

func TestFigures(t *testing.T) {
	b := newBench(t)
	for _, body := range [][]byte{picture(1), picture(1), picture(2), []byte("rubbish")} {
		if _, err := b.Instance(t.Context(), From{Source: "pacs", Limit: 1 << 20}, bytes.NewReader(body)); err != nil {
			t.Fatal(err)
		}
	}
	got := map[string]float64{}
	for _, f := range b.Figures() {
		got[strings.TrimPrefix(f.Name, "wardwatch_imaging_")+" "+f.Of] = f.Value
	}
	for name, want := range map[string]float64{
		"deliveries_total dicom": 2, "source_deliveries_total pacs": 2, "repeats_total ": 1, "intake_refused_total corrupt": 1, "intake_errors_total ": 0,
	} {
		if got[name] != want {
			t.Errorf("%s is %v, want %v", name, got[name], want)
		}
	}
}

// Two sources may send the same picture: each is its own delivery.
func TestSourcesAreApart(t *testing.T) {
	b := newBench(t)
	for _, source := range []string{"pacs", "ai"} {
		rec, err := b.Instance(t.Context(), From{Source: source, Limit: 1 << 20}, bytes.NewReader(picture(1)))
		if err != nil || !rec.Fresh {
			t.Errorf("%s: %+v %v", source, rec, err)
		}
	}
}

// What cannot be made durable is an error, and it says whose fault that is.
func TestErrors(t *testing.T) {
	cut := errors.New("connection reset")
	full := &ward.Error{Code: ward.Unavailable, Message: "the disk is full"}
	for _, c := range []struct {
		name   string
		spoil  func(*bench)
		body   io.Reader
		sender bool
	}{
		{"the disk is full", func(b *bench) { b.files.Fail(full) }, bytes.NewReader(picture(1)), false},
		{"the book is busy", func(b *bench) { b.book.Fail(full) }, bytes.NewReader(picture(1)), false},
		{"the sender hangs up", func(*bench) {}, io.MultiReader(bytes.NewReader(picture(1)[:200]), failing{cut}), true},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t)
			c.spoil(b)
			_, err := b.Instance(t.Context(), From{Source: "pacs", Limit: 1 << 20}, c.body)
			var sender *SenderError
			if err == nil || errors.As(err, &sender) != c.sender {
				t.Errorf("%v", err)
			}
			if len(b.book.Deliveries()) != 0 || b.fresh != 0 {
				t.Error("a row says that something waits")
			}
		})
	}
}

func TestACancelledDeliveryIsNotAccepted(t *testing.T) {
	b := newBench(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := b.Document(ctx, "ris", ward.DeliveryFHIR, []byte("{}"), nil); err == nil {
		t.Error("accepted")
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }
