package dicom

import (
	"bufio"
	"io"
	"strings"

	"wardwatch/ingest/imaging/refuse"
	"wardwatch/ward"
)

// Identity is what tells one instance from another and whose it is. PatientID and Accession identify
// a person.
type Identity struct {
	SOPClass       string
	InstanceUID    string
	SeriesUID      string
	StudyUID       string
	TransferSyntax string
	Modality       string
	PatientID      string
	Accession      string
	Picture        bool // pixel data begins after the header
}

// Report reports whether the instance is a structured report that AI results come in (PS3.4 B.5).
func (i Identity) Report() bool {
	return strings.HasPrefix(i.SOPClass, "1.2.840.10008.5.1.4.1.1.88.")
}

// Scan reads the header of a file and stops before its picture, which it does not check. It needs a
// buffer of a few kilobytes and the header's few values, whatever the file claims. The error is a
// refuse.Refusal, or the reader's own. With a refusal the identity holds what was understood until then, so
// that an answer can name the instance.
func Scan(r io.Reader, l Limits) (Identity, error) {
	w := &walker{in: bufio.NewReader(r), limits: l.filled(), wanted: forIdentity, before: true}
	f, err := w.open(forever)
	id := f.identity()
	if err == nil {
		err = id.check()
	}
	return id, err
}

func (f *file) identity() Identity {
	t := f.top.text()
	id := Identity{
		SOPClass: f.top.uid(sopClass), InstanceUID: f.top.uid(sopInstance),
		SeriesUID: f.top.uid(seriesUID), StudyUID: f.top.uid(studyUID),
		TransferSyntax: f.syntax, Modality: t.one(modality),
		PatientID: t.one(patientID), Accession: t.one(accession),
		Picture: f.pixels != nil,
	}
	if id.SOPClass == "" {
		id.SOPClass = f.meta.uid(mediaClass)
	}
	if id.InstanceUID == "" {
		id.InstanceUID = f.meta.uid(mediaInstance)
	}
	return id.wellFormed()
}

// wellFormed leaves out what only looks like a UID, so that a caller can put the rest into a path or an answer.
func (i Identity) wellFormed() Identity {
	for _, uid := range []*string{&i.SOPClass, &i.InstanceUID, &i.SeriesUID, &i.StudyUID, &i.TransferSyntax} {
		if !validUID(*uid) {
			*uid = ""
		}
	}
	return i
}

// check refuses a file that does not say what it is.
func (i Identity) check() error {
	for _, uid := range []struct {
		value, name string
		tag         tag
	}{{i.SOPClass, "SOP class", sopClass}, {i.InstanceUID, "SOP instance", sopInstance}} {
		if uid.value == "" {
			return refuse.Because(ward.RefusedCorrupt, "the file does not name its %s: %v must hold digits and dots, 64 at most", uid.name, uid.tag)
		}
	}
	return nil
}

// validUID: digits and dots, at most 64 (PS3.5 9.1).
func validUID(s string) bool {
	if s == "" || len(s) > 64 {
		return false
	}
	for i := 0; i < len(s); i++ {
		if s[i] != '.' && (s[i] < '0' || s[i] > '9') {
			return false
		}
	}
	return true
}
