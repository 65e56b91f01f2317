package sr

import (
	"strings"
	"time"

	"github.com/suyashkumar/dicom/pkg/tag"

	"wardwatch/ward"
)

// header is what the document says of itself, beside its content.
type header struct {
	zone     *time.Location
	of       ward.Claim
	study    ward.Study
	read     evidence
	maker    string // model name of the equipment that wrote the document
	software string
	written  time.Time // of the content
	signed   bool      // a person stands for it
	signedAt time.Time
}

// evidence is which pictures were looked at.
type evidence struct {
	series map[string]string // by instance
	study  map[string]string // by instance
	class  string            // storage class of the pictures
	only   image             // the one instance; empty when there are several
	onlyIn string            // the one series; empty when there are several
}

func (r *reader) header(e elements) header {
	zone := r.zone(e.text(tag.TimezoneOffsetFromUTC))
	h := header{
		zone: zone,
		of: ward.Claim{
			HospitalID: e.text(tag.PatientID), Name: personName(e.text(tag.PatientName)),
			BirthDate: day(e.text(tag.PatientBirthDate)), Sex: sex(e.text(tag.PatientSex)),
			Accession: e.text(tag.AccessionNumber),
		},
		maker: e.text(tag.ManufacturerModelName), software: e.text(tag.SoftwareVersions),
		written: moment(e.text(tag.ContentDate), e.text(tag.ContentTime), zone),
	}
	unfinished := e.text(tag.PreliminaryFlag) == "PRELIMINARY" || e.text(tag.CompletionFlag) == "PARTIAL"
	h.signed = !unfinished && (e.text(tag.VerificationFlag) == "VERIFIED" || e.text(tag.PreliminaryFlag) == "FINAL")
	h.signedAt = h.written
	for _, observer := range e.items(tag.VerifyingObserverSequence) {
		if at := dateTime(observer.text(tag.VerificationDateTime), zone); !at.IsZero() {
			h.signedAt = at
		}
	}
	own := e.text(tag.StudyInstanceUID)
	h.read = gather(e)
	h.study.UID = h.read.oneStudy(own)
	if h.study.UID == own { // the dates of the document are those of the study that it lies in
		h.study.Acquired = moment(e.text(tag.StudyDate), e.text(tag.StudyTime), zone)
	}
	h.study.Modality = modalities[h.read.class]
	h.of.Acquired = h.study.Acquired
	return h
}

// gather reads both lists of evidence (PS3.3 C.17.2): what was asked for, and what else was used.
func gather(e elements) evidence {
	ev := evidence{series: map[string]string{}, study: map[string]string{}}
	all := map[string]bool{}
	for _, list := range []tag.Tag{tag.CurrentRequestedProcedureEvidenceSequence, tag.PertinentOtherEvidenceSequence} {
		for _, study := range e.items(list) {
			for _, series := range study.items(tag.ReferencedSeriesSequence) {
				for _, ref := range series.items(tag.ReferencedSOPSequence) {
					one := image{ref.text(tag.ReferencedSOPClassUID), ref.text(tag.ReferencedSOPInstanceUID)}
					if modalities[one.class] == "" {
						continue // a segmentation or an earlier report, not a picture
					}
					ev.series[one.instance], ev.study[one.instance] = series.text(tag.SeriesInstanceUID), study.text(tag.StudyInstanceUID)
					all[ev.series[one.instance]] = true
					ev.class, ev.only = one.class, one
				}
			}
		}
	}
	if len(ev.series) > 1 {
		ev.only = image{}
	}
	if len(all) == 1 {
		for uid := range all {
			ev.onlyIn = uid
		}
	}
	return ev
}

// oneStudy is the study that was read: that of the document when it is among those read, or when none is said.
func (ev evidence) oneStudy(own string) string {
	other := ""
	for _, uid := range ev.study {
		if uid == own {
			return own
		}
		other = max(other, uid)
	}
	if other == "" {
		return own
	}
	return other
}

// personName is the first way a name is written, without the carets (PS3.5 6.2.1).
func personName(sent string) string {
	first, _, _ := strings.Cut(sent, "=")
	return strings.Join(strings.Fields(strings.ReplaceAll(first, "^", " ")), " ")
}

func sex(sent string) ward.Sex {
	switch sent {
	case "M":
		return ward.Male
	case "F":
		return ward.Female
	case "O":
		return ward.OtherSex
	}
	return ward.SexUnknown
}
