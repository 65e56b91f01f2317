package pacs

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"wardwatch/ingest/imaging/dicom"
	"wardwatch/ingest/imaging/intake"
	"wardwatch/ingest/imaging/internal/memory"
	"wardwatch/ward"

	"wardwatch/test/orthanc"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// bench is a poller with an intake behind it.
type bench struct {
	*Poller
	t     *testing.T
	book  *memory.Book
	files *memory.Files
	now   time.Time
}

func newBench(t *testing.T, o Options) *bench {
	t.Helper()
	b := &bench{t: t, book: memory.NewBook(), files: &memory.Files{}, now: noon}
	in, err := intake.New(intake.Options{Store: b.book, Objects: b.files, Now: func() time.Time { return b.now }})
	if err != nil {
		t.Fatal(err)
	}
	o.Source, o.Keeper, o.Known, o.Now = "pacs", in, b.book.Known, func() time.Time { return b.now }
	if b.Poller, err = New(o); err != nil {
		t.Fatal(err)
	}
	return b
}

// poll polls and reports how many instances came.
func (b *bench) poll() int {
	b.t.Helper()
	before := len(b.book.Deliveries())
	if err := b.Poll(b.t.Context()); err != nil {
		b.t.Fatal(err)
	}
	return len(b.book.Deliveries()) - before
}

func attributes(study, series, instance int, more ...string) map[string]string {
	a := map[string]string{
		"PatientID": "0045", "PatientName": "NGUYEN^THI HOA", "Modality": "DX", "StudyDate": "20261122", "StudyTime": "080000",
		"StudyInstanceUID":  fmt.Sprintf("1.2.826.0.1.3680043.10.9.%d", study),
		"SeriesInstanceUID": fmt.Sprintf("1.2.826.0.1.3680043.10.9.%d.%d", study, series),
		"SOPInstanceUID":    fmt.Sprintf("1.2.826.0.1.3680043.10.9.%d.%d.%d", study, series, instance),
	}
	for _, m := range more {
		name, value, _ := strings.Cut(m, "=")
		a[name] = value
	}
	return a
}

func ofOrthanc(archive *orthanc.Archive) Options {
	return Options{URL: archive.DICOMweb(), User: orthanc.User, Password: orthanc.Password}
}

func TestPollOrthanc(t *testing.T) {
	archive := orthanc.Start(t)
	b := newBench(t, ofOrthanc(archive))
	if n := b.poll(); n != 0 {
		t.Fatalf("%d of an empty archive", n)
	}

	archive.Store(orthanc.Picture(t, attributes(1, 1, 1)))
	archive.Store(orthanc.Picture(t, attributes(1, 2, 1, "Modality=CT")))
	archive.Store(orthanc.Picture(t, attributes(2, 1, 1, "StudyDate=20261121", "Modality=CR")))
	archive.Store(orthanc.Picture(t, attributes(3, 1, 1, "StudyDate=20261120")))
	archive.Store(orthanc.Picture(t, attributes(4, 1, 1, "Modality=MR")))
	if n := b.poll(); n != 2 {
		t.Fatalf("%d came; want the DX of today and the CR of yesterday", n)
	}
	newest := b.book.Deliveries()[0]
	if newest.InstanceUID != attributes(1, 1, 1)["SOPInstanceUID"] || newest.StudyUID != attributes(1, 1, 1)["StudyInstanceUID"] || newest.State != ward.DeliveryWaiting {
		t.Errorf("first came %+v", newest)
	}
	if n := b.poll(); n != 0 {
		t.Errorf("%d came twice", n)
	}

	archive.Store(orthanc.Picture(t, attributes(1, 1, 2)))
	if n := b.poll(); n != 1 {
		t.Errorf("%d came of a study that grew by one", n)
	}
	if b.State() != nil {
		t.Error(b.State())
	}
}

// A poller that starts anew fetches nothing again: what is here is asked of the book.
func TestRestartFetchesNothingAgain(t *testing.T) {
	archive := orthanc.Start(t)
	archive.Store(orthanc.Picture(t, attributes(1, 1, 1)))
	first := newBench(t, ofOrthanc(archive))
	if first.poll() != 1 {
		t.Fatal("the instance did not come")
	}
	second := newBench(t, ofOrthanc(archive))
	second.o.Known = first.book.Known
	if n := second.poll(); n != 0 || second.count.fetched.Load() != 0 {
		t.Errorf("%d fetched again", second.count.fetched.Load())
	}
}

// More than a page of instances.
func TestPagesOfOrthanc(t *testing.T) {
	archive := orthanc.Start(t)
	one := orthanc.Picture(t, attributes(1, 1, 1))
	from := []byte(attributes(1, 1, 1)["SOPInstanceUID"])
	for i := range pageLength + 5 {
		to := fmt.Appendf(nil, "1.2.826.0.1.3680043.10.%d", 1000000+i)
		if len(to) != len(from) {
			t.Fatal("the UID must not move what follows it")
		}
		archive.Store(bytes.ReplaceAll(one, from, to))
	}
	b := newBench(t, ofOrthanc(archive))
	if n := b.poll(); n != pageLength+5 {
		t.Errorf("%d of %d instances came", n, pageLength+5)
	}
}

// A picture in an encoding that is not read here is fetched as it is, and again uncompressed when that is
// asked for.
func TestTranscodeByOrthanc(t *testing.T) {
	archive := orthanc.Start(t)
	archive.Store(orthanc.Lossless(t, orthanc.Picture(t, attributes(1, 1, 1))))
	b := newBench(t, ofOrthanc(archive))
	if b.poll() != 1 {
		t.Fatal("the instance did not come")
	}
	kept := b.book.Deliveries()[0]
	if got := b.syntax(kept); got != "1.2.840.10008.1.2.4.70" {
		t.Fatalf("it came as %s", got)
	}
	if err := b.Transcode(t.Context(), kept); err != nil {
		t.Fatal(err)
	}
	all := b.book.Deliveries()
	if len(all) != 2 || b.syntax(all[1]) != explicitLittleEndian || all[1].InstanceUID != kept.InstanceUID || all[1].State != ward.DeliveryWaiting {
		t.Errorf("%+v", all)
	}
	if err := b.Transcode(t.Context(), ward.Delivery{StudyUID: "1.2.3", InstanceUID: "1.2.3.4"}); err == nil {
		t.Error("an instance that the archive does not have was transcoded")
	}
}

func (b *bench) syntax(d ward.Delivery) string {
	b.t.Helper()
	f, err := b.files.Open(d.Object)
	if err != nil {
		b.t.Fatal(err)
	}
	who, err := dicom.Scan(f, dicom.Limits{})
	if err != nil {
		b.t.Fatal(err)
	}
	return who.TransferSyntax
}

func TestOrthancRefusesAWrongPassword(t *testing.T) {
	archive := orthanc.Start(t)
	o := ofOrthanc(archive)
	o.Password = "wrong"
	b := newBench(t, o)
	err := b.Poll(t.Context())
	if err == nil || !strings.Contains(err.Error(), "password") || strings.Contains(err.Error(), "wrong") || b.State() == nil {
		t.Errorf("%v", err)
	}
}

func TestRunEndsWithItsContext(t *testing.T) {
	archive := orthanc.Start(t)
	b := newBench(t, ofOrthanc(archive))
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- b.Run(ctx) }()
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}
