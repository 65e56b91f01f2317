package imaging

import (
	"context"
	"testing"

	"wardwatch/ingest/imaging/dicom"
	"wardwatch/ingest/imaging/pacs"
	"wardwatch/ingest/imaging/refuse"
	"wardwatch/ward"

	"wardwatch/test/orthanc"
)

// From a real archive to a finding on the right stay: a picture that is compressed in a way that is not read
// here is asked for again, and read once.
func TestFromOrthancToAFinding(t *testing.T) {
	archive := orthanc.Start(t)
	b := newBench(t, here)
	poller, err := pacs.New(pacs.Options{
		Source: "pacs", URL: archive.DICOMweb(), User: orthanc.User, Password: orthanc.Password,
		Keeper: b.in, Known: b.book.Known, Now: b.o.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	b.give = func(d ward.Delivery) (bool, error) { return true, poller.Transcode(t.Context(), d) }
	read := b.read
	b.o.Picture = func(ctx context.Context, d ward.Delivery, path string) (ward.ImagingReport, error) {
		if who, err := b.identify(d); err != nil || !dicom.Readable(who.TransferSyntax) {
			return ward.ImagingReport{}, refuse.Because(ward.RefusedSyntax, "compressed")
		}
		return read(ctx, d, path)
	}
	attributes := map[string]string{
		"PatientID": "P-0042", "Modality": "DX", "StudyDate": "20261122", "StudyTime": "080000", "AcquisitionDate": "20261122", "AcquisitionTime": "080000",
		"StudyInstanceUID": "1.2.3", "SeriesInstanceUID": "1.2.3.1", "SOPInstanceUID": "1.2.3.1.1",
	}
	archive.Store(orthanc.Lossless(t, orthanc.Picture(t, attributes)))
	attributes["SOPInstanceUID"] = "1.2.3.1.2"
	archive.Store(orthanc.Picture(t, attributes))
	for range 2 { // a second poll changes nothing
		if err := poller.Poll(t.Context()); err != nil {
			t.Fatal(err)
		}
		b.drain(t.Context())
		read := map[string]int{}
		for _, r := range b.book.Reports() {
			if r.Stay != here.ID {
				t.Errorf("%+v", r)
			}
			read[r.Findings[0].InstanceUID]++
		}
		if len(b.book.Deliveries()) != 3 || read["1.2.3.1.1"] != 1 || read["1.2.3.1.2"] != 1 {
			t.Fatalf("%v: %q", read, b.states())
		}
	}
}
