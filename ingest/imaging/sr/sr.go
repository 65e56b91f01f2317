// Package sr reads DICOM structured reports that follow TID 1500 Measurement Report (PS3.16): what a
// program or a radiologist found in the pictures of one study. It is pure.
package sr

import (
	lib "github.com/suyashkumar/dicom"
	"github.com/suyashkumar/dicom/pkg/tag"

	"wardwatch/ingest/imaging/dicom"
	"wardwatch/ingest/imaging/report"
	"wardwatch/ward"
)

// Options says where the bytes came from.
type Options = report.Options

// Storage classes that are read (PS3.4 B.5). Basic Text SR holds sentences, not findings.
var classes = map[string]bool{
	"1.2.840.10008.5.1.4.1.1.88.22": true, // Enhanced SR
	"1.2.840.10008.5.1.4.1.1.88.33": true, // Comprehensive SR
	"1.2.840.10008.5.1.4.1.1.88.34": true, // Comprehensive 3D SR
}

// Read takes apart one structured report, a DICOM file.
//
// What a program says (a device observer or an algorithm is named) is a finding; so is what nobody says
// that is named, for it must not pass as a person's word. What a person says is a read once the document
// is signed (VERIFIED, or FINAL, and neither PRELIMINARY nor PARTIAL) and nothing before. A finding
// without a probability scores 1 when it is there and 0 when it is not.
//
// The error is a *refuse.Refusal for a file that is not readable DICOM and a *ward.Error for a report that
// says nothing which is understood here; neither identifies anybody.
func Read(b []byte, o Options) (ward.ImagingReport, error) {
	data, err := dicom.Dataset(b, dicom.Limits{})
	if err != nil {
		return ward.ImagingReport{}, err
	}
	return readData(data, o)
}

func readData(data lib.Dataset, o Options) (ward.ImagingReport, error) {
	top := elements(data.Elements)
	if !classes[top.text(tag.SOPClassUID)] {
		return ward.ImagingReport{}, report.Bad("the DICOM object is not a structured report that is read here",
			"send Enhanced, Comprehensive or Comprehensive 3D SR that follows TID 1500")
	}
	root, err := (&grower{}).grow(top, 0)
	if err != nil {
		return ward.ImagingReport{}, err
	}
	r := &reader{o: o}
	r.head = r.header(top)
	r.out = ward.ImagingReport{Of: r.head.of, Study: r.head.study}
	r.library(root)
	if err := r.walk(root, scope{}); err != nil {
		return ward.ImagingReport{}, err
	}
	if len(r.out.Findings)+len(r.out.Reads) == 0 && !r.unsigned {
		return ward.ImagingReport{}, report.Bad("the structured report holds no finding that is understood here",
			"code findings by TID 1500: Finding with its code, or the finding's code with Present or Absent")
	}
	if err := report.Finish(&r.out, o); err != nil {
		return ward.ImagingReport{}, err
	}
	return r.out, nil
}
