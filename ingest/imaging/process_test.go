package imaging

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"wardwatch/ingest/imaging/match"
	"wardwatch/ingest/imaging/refuse"
	"wardwatch/ingest/imaging/vendor"
	"wardwatch/ward"
)

var strict = match.Rules{SecondMark: true}

func TestAPictureBecomesAFinding(t *testing.T) {
	b := newBench(t, here)
	b.mustSend("pacs", picture(1, "P-0042"))
	b.process()
	b.expect("read ")
	all := b.book.Reports()
	if len(all) != 1 || all[0].Stay != "here" || len(all[0].Findings) != 1 {
		t.Fatalf("%+v", all)
	}
	d, f := b.book.Deliveries()[0], all[0].Findings[0]
	if f.ID == "" || f.Source != "pacs" || f.Delivery != d.ID || f.StudyUID != "1.2.1" || f.InstanceUID != "1.2.3.1" || f.HospitalID != "P-0042" || !f.Received.Equal(noon) {
		t.Errorf("%+v", f)
	}
	if !slices.Equal(b.changed, []ward.StayID{"here"}) {
		t.Errorf("told of %v", b.changed)
	}
}

// A structured report is read here, and by nobody else.
func TestAStructuredReport(t *testing.T) {
	body, err := os.ReadFile("sr/testdata/ai.dcm")
	if err != nil {
		t.Fatal(err)
	}
	b := newBench(t)
	b.picture = func(ward.Delivery) (ward.ImagingReport, error) {
		t.Error("a structured report was read as a picture")
		return ward.ImagingReport{}, nil
	}
	b.mustSend("pacs", body)
	b.process()
	b.expect("read ")
	if all := b.book.Reports(); len(all) != 1 || len(all[0].Findings) == 0 || all[0].Why == ward.Matched {
		t.Errorf("%+v", all)
	}
}

// JSON reports are read by the mapping and the options of their source; one whose mapping is gone is refused.
func TestDocuments(t *testing.T) {
	const (
		observation = `{"resourceType":"Observation","status":"final",
			"category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"imaging"}]}],
			"contained":[{"resourceType":"ImagingStudy","id":"s","status":"available","identifier":[{"system":"urn:dicom:uid","value":"urn:oid:1.2.3"}]},
				{"resourceType":"Patient","id":"p","identifier":[{"system":"urn:other","value":"7"},{"system":"urn:ours","value":"P-0042"}]},
				{"resourceType":"Device","id":"d","deviceName":[{"name":"cxr","type":"model-name"}]}],
			"code":{"coding":[{"system":"http://snomed.info/sct","code":"36118008"}]},"subject":{"reference":"#p"},"device":{"reference":"#d"},
			"partOf":[{"reference":"#s"}],"effectiveDateTime":"2026-11-22T08:00:00Z","valueQuantity":{"value":0.93,"unit":"1"}}`
		result  = `{"model":"cxr","study":"1.2.3","patient":"P-0042","acquired":"2026-11-22T08:00:00Z","scores":{"pneumothorax":0.9}}`
		mapping = `{"name":"cxr","model":"model","study":"study","patient":{"id":"patient"},"acquired":{"path":"acquired","layout":"rfc3339"},
			"findings":{"each":"scores[*]","label":"$key","score":"$value"}}`
	)
	m, err := vendor.Parse([]byte(mapping))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		source Source
		kind   ward.DeliveryKind
		body   string
		state  string
	}{
		{"FHIR", Source{PatientSystem: "urn:ours"}, ward.DeliveryFHIR, observation, "read "},
		{"a vendor's", Source{Mapping: m}, ward.DeliveryVendor, result, "read "},
		{"a vendor's, and the mapping is gone", Source{}, ward.DeliveryVendor, result, "refused unknown_source"},
		{"FHIR that was taken and is not understood any more", Source{}, ward.DeliveryFHIR, "{}", "refused bad_content"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t, here)
			b.o.Sources["ris"] = c.source
			if _, err := b.in.Document(t.Context(), "ris", c.kind, []byte(c.body), nil); err != nil {
				t.Fatal(err)
			}
			b.process()
			b.expect(c.state)
			if c.state != "read " {
				return
			}
			all := b.book.Reports()
			if len(all) != 1 || all[0].Stay != here.ID || len(all[0].Findings) != 1 || all[0].Findings[0].Source != "ris" {
				t.Errorf("%+v", all)
			}
		})
	}
}

func TestWhatIsUncertainGoesToTheWorklist(t *testing.T) {
	for _, c := range []struct {
		name, source, patient string
		why                   ward.Unmatched
	}{
		{"nobody has the number", "pacs", "P-0043", ward.UnmatchedUnknown},
		{"there is no number", "pacs", "", ward.UnmatchedNoID},
		{"the source must give a second mark that can be compared", "strict", "P-0042", ward.UnmatchedOneMark},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t, here)
			b.mustSend(c.source, picture(1, c.patient))
			b.process()
			if all := b.book.Reports(); len(all) != 1 || all[0].Stay != "" || all[0].Why != c.why {
				t.Errorf("%+v", all)
			}
			if len(b.changed) != 0 {
				t.Errorf("told of %v", b.changed)
			}
		})
	}
}

// Some machines give every study the accession "0": alone it makes nobody the owner, another part of the
// same study does.
func TestTheAccessionAlone(t *testing.T) {
	for _, c := range []struct {
		name, study string
		acquired    time.Time
		why         ward.Unmatched
	}{
		{"another study, taken now", "1.2.9", noon, ward.UnmatchedOneMark},
		{"another study, and no time", "1.2.9", time.Time{}, ward.UnmatchedNoTime},
		{"no study, taken now", "", noon, ward.UnmatchedOneMark},
		{"the same study", "1.2.1", noon, ward.Matched},
		{"the same study, and no time", "1.2.1", time.Time{}, ward.Matched},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t, here)
			first := ward.ImagingReport{Of: ward.Claim{HospitalID: "P-0042", Accession: "0", Acquired: noon}, Study: ward.Study{UID: "1.2.1"}}
			second := ward.ImagingReport{Of: ward.Claim{Accession: "0", Acquired: c.acquired}, Study: ward.Study{UID: c.study}}
			b.picture = func(d ward.Delivery) (ward.ImagingReport, error) {
				if d.InstanceUID == "1.2.3.1" {
					return first, nil
				}
				return second, nil
			}
			b.mustSend("pacs", picture(1, "P-0042"))
			b.mustSend("pacs", picture(2, ""))
			b.process()
			if all := b.book.Reports(); len(all) != 2 || all[0].Why != ward.Matched || all[1].Why != c.why {
				t.Errorf("%+v", all)
			}
		})
	}
}

// What waits finds its owner once they are admitted, and not before.
func TestRematch(t *testing.T) {
	b := newBench(t)
	b.mustSend("pacs", picture(1, "P-0042"))
	b.process()
	if err := b.Rematch(t.Context()); err != nil || len(b.changed) != 0 {
		t.Fatalf("%v %v", err, b.changed)
	}
	b.book.Admit(here)
	for range 2 {
		if err := b.Rematch(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if !slices.Equal(b.changed, []ward.StayID{"here"}) {
		t.Errorf("told of %v", b.changed)
	}
}

// Oldest first: a result that corrects another one comes after it.
func TestInOrder(t *testing.T) {
	b := newBench(t, here)
	var order []string
	b.picture = func(d ward.Delivery) (ward.ImagingReport, error) {
		order = append(order, d.InstanceUID)
		return ward.ImagingReport{}, nil
	}
	for i := range 5 {
		b.mustSend("pacs", picture(5-i, "P-0042"))
	}
	b.process()
	if got := strings.Join(order, " "); got != "1.2.3.5 1.2.3.4 1.2.3.3 1.2.3.2 1.2.3.1" {
		t.Error(got)
	}
}

func TestRefusals(t *testing.T) {
	for _, c := range []struct {
		name  string
		spoil func(*bench)
		state string
	}{
		{"the file cannot be read", func(b *bench) {
			b.picture = func(ward.Delivery) (ward.ImagingReport, error) {
				return ward.ImagingReport{}, fmt.Errorf("reading: %w", refuse.Because(ward.RefusedFrames, "several frames"))
			}
		}, "refused multi_frame"},
		{"the report says nothing", func(b *bench) {
			b.picture = func(ward.Delivery) (ward.ImagingReport, error) {
				return ward.ImagingReport{}, &ward.Error{Code: ward.BadInput, Message: "no finding", Hint: "send one"}
			}
		}, "refused bad_content"},
		{"a finding is wrong", func(b *bench) {
			b.picture = func(ward.Delivery) (ward.ImagingReport, error) {
				return ward.ImagingReport{Findings: []ward.Finding{{Code: "x", StudyUID: "1", Score: 7}}}, nil
			}
		}, "refused bad_content"},
		{"the file is gone", func(b *bench) { b.files.Lose(b.book.Deliveries()[0].Object) }, "refused bytes_missing"},
		{"the source is gone", func(b *bench) { delete(b.o.Sources, "pacs") }, "refused unknown_source"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t, here)
			b.mustSend("pacs", picture(1, "P-0042"))
			c.spoil(b)
			b.process()
			b.expect(c.state)
			if d := b.book.Deliveries()[0]; d.Detail == "" {
				t.Error("it does not say how to mend it")
			}
		})
	}
}

// A reason that may pass does not cost the delivery, nor hold up those behind it; one that does not pass
// ends it, with the reason.
func TestRetries(t *testing.T) {
	b := newBench(t, here)
	broken := true
	b.picture = func(d ward.Delivery) (ward.ImagingReport, error) {
		if broken && d.InstanceUID == "1.2.3.1" {
			return ward.ImagingReport{}, errPassing
		}
		return ward.ImagingReport{}, nil
	}
	b.mustSend("pacs", picture(1, "P-0042"))
	b.mustSend("pacs", picture(2, "P-0042"))
	b.process()
	b.expect("waiting ", "read ")
	broken = false
	b.process()
	b.expect("waiting ", "read ") // its time has not come
	b.now = b.now.Add(firstRetry)
	b.process()
	b.expect("read ", "read ")
}

func TestRetriesEnd(t *testing.T) {
	b := newBench(t, here)
	times := 0
	b.picture = func(ward.Delivery) (ward.ImagingReport, error) { times++; return ward.ImagingReport{}, errPassing }
	b.mustSend("pacs", picture(1, "P-0042"))
	began := b.now
	for range 10 * maxAttempts {
		b.process()
		b.now = b.now.Add(lastRetry)
	}
	b.expect("refused model_failed")
	if times != maxAttempts || !strings.Contains(b.book.Deliveries()[0].Detail, errPassing.Error()) {
		t.Errorf("%d times, %q", times, b.book.Deliveries()[0].Detail)
	}
	if b.now.Sub(began) < time.Hour {
		t.Error("it is given up within an hour")
	}
}

// While nobody reads pictures they wait, however many and however long, and none is refused for it; what
// stands behind them is read. When somebody reads again all are read, in order.
func TestNobodyReadsPictures(t *testing.T) {
	report, err := os.ReadFile("sr/testdata/ai.dcm")
	if err != nil {
		t.Fatal(err)
	}
	const pictures = 3 * batchLength
	b := newBench(t, here)
	asked, down := 0, true
	var order []string
	b.picture = func(d ward.Delivery) (ward.ImagingReport, error) {
		asked++
		if down {
			return ward.ImagingReport{}, fmt.Errorf("%w: it does not start", refuse.ErrNoReader)
		}
		order = append(order, d.InstanceUID)
		return ward.ImagingReport{}, nil
	}
	for i := range pictures {
		b.mustSend("pacs", picture(i+1, "P-0042"))
	}
	b.mustSend("pacs", report)
	b.drain(t.Context())
	if all := b.states(); all[pictures] != "read " || asked != 1 {
		t.Fatalf("the report behind them is %q, pictures were asked of %d times", all[pictures], asked)
	}
	if err := b.Ready(); err != nil {
		t.Errorf("at once: %v", err)
	}
	for range 3 * maxAttempts {
		b.now = b.now.Add(lastRetry)
		b.mustSend("pacs", picture(pictures+asked, "P-0042")) // new ones do not keep the reader from being asked
		b.drain(t.Context())
	}
	if asked != 1+3*maxAttempts {
		t.Errorf("pictures were asked of %d times", asked)
	}
	if b.Ready() == nil {
		t.Error("ready with pictures that have waited for a day")
	}
	down = false
	b.now = b.now.Add(idle)
	b.drain(t.Context())
	for i, state := range b.states() {
		if state != "read " {
			t.Fatalf("delivery %d is %q", i, state)
		}
	}
	if order[0] != "1.2.3.1" || order[pictures-1] != fmt.Sprintf("1.2.3.%d", pictures) {
		t.Error("they were not read in order")
	}
	if b.Process(t.Context()); b.Ready() != nil {
		t.Error(b.Ready())
	}
}

// What cannot be read by a fault of its own, and what waits for the first time, alarm nobody; what waits
// long does.
func TestReadySaysWhatIsLate(t *testing.T) {
	for _, c := range []struct {
		name  string
		err   error
		after time.Duration
		ready bool
	}{
		{"its own fault", errPassing, 2 * tooLate, true},
		{"nobody reads, a short time", refuse.ErrNoReader, tooLate, true},
		{"nobody reads", refuse.ErrNoReader, tooLate + time.Second, false},
	} {
		b := newBench(t, here)
		b.picture = func(ward.Delivery) (ward.ImagingReport, error) { return ward.ImagingReport{}, c.err }
		b.mustSend("pacs", picture(1, "P-0042"))
		b.process()
		b.now = b.now.Add(c.after)
		b.process()
		if err := b.Ready(); (err == nil) != c.ready {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// While the book cannot be used everything waits, however long, and nothing is refused for it.
func TestABusyBook(t *testing.T) {
	b := newBench(t, here)
	b.mustSend("pacs", picture(1, "P-0042"))
	b.book.Fail(errors.New("busy"))
	for range 3 * maxAttempts {
		if _, err := b.Process(t.Context()); err == nil {
			t.Fatal("no error")
		}
		b.note(t.Context(), errors.New("busy"))
		b.now = b.now.Add(lastRetry)
	}
	if b.Ready() == nil {
		t.Error("ready with a book that cannot be used")
	}
	b.book.Fail(nil)
	b.drain(t.Context())
	b.expect("read ")
	if b.Ready() != nil {
		t.Error(b.Ready())
	}
}

// A book that fails at the last step: nobody is told of findings that are not kept.
func TestABookThatFailsAtTheLastStep(t *testing.T) {
	b := newBench(t, here)
	b.mustSend("pacs", picture(1, "P-0042"))
	b.probe = func(point string) {
		if point == "matched" {
			b.book.Fail(errors.New("busy"))
		}
	}
	if _, err := b.Process(t.Context()); err == nil || len(b.changed) != 0 {
		t.Errorf("%v, told of %v", err, b.changed)
	}
	b.expect("waiting ")
}

// A picture in an encoding that is not read here is asked for again in another one.
func TestTranscode(t *testing.T) {
	compressed := refuse.Because(ward.RefusedSyntax, "JPEG 2000 is not read here")
	for _, c := range []struct {
		name   string
		give   func(*bench) func(ward.Delivery) (bool, error)
		states []string
	}{
		{"its archive gives it", func(b *bench) func(ward.Delivery) (bool, error) {
			return func(d ward.Delivery) (bool, error) { return true, b.send("pacs", picture(2, "P-0042")) }
		}, []string{"refused transfer_syntax", "read "}},
		{"nobody can be asked", func(*bench) func(ward.Delivery) (bool, error) { return nil }, []string{"refused transfer_syntax"}},
		{"its archive will not", func(*bench) func(ward.Delivery) (bool, error) {
			return func(ward.Delivery) (bool, error) { return true, refuse.Because(ward.RefusedSyntax, "no") }
		}, []string{"refused transfer_syntax"}},
		{"its archive does not answer now", func(*bench) func(ward.Delivery) (bool, error) {
			return func(ward.Delivery) (bool, error) { return true, errors.New("unreachable") }
		}, []string{"waiting "}},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t, here)
			b.give = c.give(b)
			b.picture = func(d ward.Delivery) (ward.ImagingReport, error) {
				if d.InstanceUID == "1.2.3.1" {
					return ward.ImagingReport{}, compressed
				}
				return ward.ImagingReport{}, nil
			}
			b.mustSend("pacs", picture(1, "P-0042"))
			b.drain(t.Context())
			b.expect(c.states...)
			if !slices.Equal(b.asked, []string{"1.2.3.1"}) {
				t.Errorf("asked for %v", b.asked)
			}
		})
	}
}

func TestFigures(t *testing.T) {
	b := newBench(t, here)
	b.picture = func(d ward.Delivery) (ward.ImagingReport, error) {
		switch d.InstanceUID {
		case "1.2.3.2":
			return ward.ImagingReport{}, refuse.Because(ward.RefusedFrames, "several frames")
		case "1.2.3.3":
			return ward.ImagingReport{}, errPassing
		}
		return ward.ImagingReport{Of: ward.Claim{HospitalID: "P-0042", Acquired: noon}}, nil
	}
	for i := range 3 {
		b.mustSend("pacs", picture(i+1, "P-0042"))
	}
	b.process()
	b.process() // looks at what waits once more
	b.now = b.now.Add(time.Minute)
	got := map[string]float64{}
	for _, f := range b.Figures() {
		got[strings.TrimPrefix(f.Name, "wardwatch_imaging_")+f.Of] = f.Value
	}
	for name, want := range map[string]float64{
		"read_total": 1, "reports_matched_total": 1, "reports_unmatched_total": 0, "refused_totalmulti_frame": 1,
		"retries_total": 1, "waiting": 1, "oldest_waiting_seconds": 60,
	} {
		if got[name] != want {
			t.Errorf("%s is %v, want %v", name, got[name], want)
		}
	}
}

// Run reads what waits at its start, what comes, and ends with its context.
func TestRun(t *testing.T) {
	b := newBench(t, here)
	read := make(chan string, 2)
	b.picture = func(d ward.Delivery) (ward.ImagingReport, error) {
		read <- d.InstanceUID
		return ward.ImagingReport{}, nil
	}
	b.mustSend("pacs", picture(1, "P-0042"))
	ctx, cancel := withCancel(t)
	ended := make(chan error)
	go func() { ended <- b.Run(ctx) }()
	if got := <-read; got != "1.2.3.1" {
		t.Error(got)
	}
	b.mustSend("pacs", picture(2, "P-0042"))
	if got := <-read; got != "1.2.3.2" {
		t.Error(got)
	}
	b.StaysChanged()
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
