package door

import (
	"slices"
	"testing"

	"wardwatch/test/orthanc"
)

// A real archive sends to us by STOW-RS, and takes our answer for what it is.
func TestOrthancSends(t *testing.T) {
	b := newBench(t, func(o *Options) { o.Sources[0].MaxBytes = 8192 })
	us := orthanc.Peer{Name: "wardwatch", URL: b.server.URL + "/dicom-web", User: "xray", Password: "xray-password"}
	stranger := orthanc.Peer{Name: "stranger", URL: us.URL, User: "xray", Password: "guess"}
	archive := orthanc.Start(t, us, stranger)
	picture := func(instance string) map[string]string {
		return map[string]string{"PatientID": "0045", "Modality": "DX", "StudyInstanceUID": "1.2.3", "SeriesInstanceUID": "1.2.3.1", "SOPInstanceUID": instance}
	}
	first := archive.Store(orthanc.Picture(t, picture("1.2.3.1.1")))
	second := archive.Store(orthanc.Lossless(t, orthanc.Picture(t, picture("1.2.3.1.2"))))
	for range 2 { // the same again changes nothing
		if err := archive.Send(us.Name, first, second); err != nil {
			t.Fatal(err)
		}
		if kept := b.codes(); !slices.Equal(kept, []string{"waits", "waits"}) {
			t.Fatalf("kept %v", kept)
		}
	}
	if err := archive.Send(stranger.Name, first); err == nil {
		t.Error("the archive takes a refusal for a success")
	}
	b.files.Fail(errFull)
	if err := archive.Send(us.Name, first); err == nil {
		t.Error("the archive takes a full disk for a success")
	}
}
