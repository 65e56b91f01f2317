package imaging

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"wardwatch/ingest/imaging/dicom"
	"wardwatch/ingest/imaging/intake"
	"wardwatch/ingest/imaging/internal/dicomtest"
	"wardwatch/ingest/imaging/internal/memory"
	"wardwatch/ward"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// here lies on the ward; the pictures of dicomtest are hers but for the instance.
var here = ward.Stay{ID: "here", HospitalID: "P-0042", Admitted: noon.Add(-5 * 24 * time.Hour)}

// bench is a processor and an intake over a book and files that outlive them.
type bench struct {
	*Processor
	t       *testing.T
	in      *intake.Intake
	book    *memory.Book
	files   *memory.Files
	now     time.Time
	probe   func(point string)
	picture func(ward.Delivery) (ward.ImagingReport, error) // nil: the header, and one finding
	asked   []string                                        // instances that another encoding was asked of
	give    func(ward.Delivery) (bool, error)               // nil: nobody can be asked

	mu      sync.Mutex
	changed []ward.StayID
}

func newBench(t *testing.T, stays ...ward.Stay) *bench {
	t.Helper()
	b := &bench{t: t, book: memory.NewBook(stays...), files: &memory.Files{Dir: t.TempDir()}, now: noon, probe: func(string) {}}
	b.start()
	return b
}

// start starts the parts anew over what was kept, as a process does.
func (b *bench) start() {
	b.t.Helper()
	var err error
	probe := func(point string) { b.probe(point) }
	b.Processor, err = New(Options{
		Store: b.book, Objects: b.files, Now: func() time.Time { return b.now }, Probe: probe,
		Sources: map[string]Source{"pacs": {}, "ris": {}, "strict": {Rules: strict}},
		Picture: b.read, Changed: b.change, Transcode: b.transcode,
	})
	if err != nil {
		b.t.Fatal(err)
	}
	b.in, err = intake.New(intake.Options{Store: b.book, Objects: b.files, Now: func() time.Time { return b.now }, Fresh: b.Wake, Probe: probe})
	if err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) change(stays []ward.StayID) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.changed = append(b.changed, stays...)
}

// read stands in for the process that reads pictures.
func (b *bench) read(_ context.Context, d ward.Delivery, path string) (ward.ImagingReport, error) {
	if b.picture != nil {
		return b.picture(d)
	}
	body, err := os.ReadFile(path)
	if err != nil {
		return ward.ImagingReport{}, err
	}
	f, err := dicom.Facts(body, dicom.Options{})
	return ward.ImagingReport{
		Of: f.Of, Study: ward.Study{UID: f.StudyUID, Modality: f.Modality, Acquired: f.Acquired},
		Findings: []ward.Finding{{Model: "cxr", InstanceUID: f.InstanceUID, CodeSystem: ward.SystemSNOMED, Code: "36118008", Score: 0.9}},
	}, err
}

func (b *bench) transcode(_ context.Context, d ward.Delivery) (bool, error) {
	b.asked = append(b.asked, d.InstanceUID)
	if b.give == nil {
		return false, nil
	}
	return b.give(d)
}

// send hands an instance to the intake. Its error is the sender's: nothing was acknowledged.
func (b *bench) send(source string, body []byte) error {
	_, err := b.in.Instance(b.t.Context(), intake.From{Source: source, Limit: 1 << 20}, bytes.NewReader(body))
	return err
}

func (b *bench) mustSend(source string, body []byte) {
	b.t.Helper()
	if err := b.send(source, body); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) process() {
	b.t.Helper()
	if _, err := b.Process(b.t.Context()); err != nil {
		b.t.Fatal(err)
	}
}

// states lists what became of the deliveries, in order.
func (b *bench) states() []string {
	var states []string
	for _, d := range b.book.Deliveries() {
		states = append(states, string(d.State)+" "+d.Code)
	}
	return states
}

func (b *bench) expect(want ...string) {
	b.t.Helper()
	if got := b.states(); !slices.Equal(got, want) {
		b.t.Errorf("deliveries are %q, want %q", got, want)
	}
}

// picture is an instance of a patient; the number makes it another one.
func picture(number int, patient string) []byte {
	return dicomtest.File(dicomtest.Explicit, dicomtest.Picture(1, 1, []uint16{uint16(number)}).With(
		dicomtest.Element{Tag: 0x0008_0018, VR: "UI", Value: fmt.Sprintf("1.2.3.%d", number)},
		dicomtest.Element{Tag: 0x0010_0020, VR: "LO", Value: patient},
		dicomtest.Element{Tag: 0x0020_000D, VR: "UI", Value: fmt.Sprintf("1.2.%d", number)},
		dicomtest.Element{Tag: 0x0008_0050, VR: "SH", Value: ""},
	))
}

var errPassing = errors.New("the process that reads pictures died")
