package dicom

import (
	"encoding/binary"
	"fmt"

	library "github.com/suyashkumar/dicom/pkg/tag"

	"wardwatch/ingest/imaging/refuse"
	"wardwatch/ward"
)

// tag names a data element: group, then element.
type tag uint32

func (t tag) group() uint16  { return uint16(t >> 16) }
func (t tag) String() string { return fmt.Sprintf("(%04x,%04x)", t.group(), uint16(t)) }

func tagOf(b []byte) tag {
	return tag(binary.LittleEndian.Uint16(b))<<16 | tag(binary.LittleEndian.Uint16(b[2:]))
}

// Tags of PS3.6 that are read here.
const (
	mediaClass     tag = 0x0002_0002
	mediaInstance  tag = 0x0002_0003
	transferSyntax tag = 0x0002_0010

	characterSet        tag = 0x0008_0005
	sopClass            tag = 0x0008_0016
	sopInstance         tag = 0x0008_0018
	studyDate           tag = 0x0008_0020
	seriesDate          tag = 0x0008_0021
	acquisitionDate     tag = 0x0008_0022
	contentDate         tag = 0x0008_0023
	acquisitionDateTime tag = 0x0008_002A
	studyTime           tag = 0x0008_0030
	seriesTime          tag = 0x0008_0031
	acquisitionTime     tag = 0x0008_0032
	contentTime         tag = 0x0008_0033
	accession           tag = 0x0008_0050
	modality            tag = 0x0008_0060
	manufacturer        tag = 0x0008_0070
	codeValue           tag = 0x0008_0100
	codeMeaning         tag = 0x0008_0104
	zoneOffset          tag = 0x0008_0201
	seriesDescription   tag = 0x0008_103E
	machineModel        tag = 0x0008_1090
	anatomicRegion      tag = 0x0008_2218

	patientName        tag = 0x0010_0010
	patientID          tag = 0x0010_0020
	birthDate          tag = 0x0010_0030
	patientSex         tag = 0x0010_0040
	patientAge         tag = 0x0010_1010
	speciesDescription tag = 0x0010_2201
	speciesCode        tag = 0x0010_2202
	sexNeutered        tag = 0x0010_2203
	anatomicalType     tag = 0x0010_2210
	breedDescription   tag = 0x0010_2292
	responsibleRole    tag = 0x0010_2298

	bodyPart        tag = 0x0018_0015
	protocolName    tag = 0x0018_1030
	processingNamed tag = 0x0018_1400
	viewPosition    tag = 0x0018_5101

	studyUID           tag = 0x0020_000D
	seriesUID          tag = 0x0020_000E
	patientOrientation tag = 0x0020_0020
	imageOrientation   tag = 0x0020_0037
	laterality         tag = 0x0020_0060
	imageLaterality    tag = 0x0020_0062

	samplesPerPixel     tag = 0x0028_0002
	photometric         tag = 0x0028_0004
	planarConfiguration tag = 0x0028_0006
	numberOfFrames      tag = 0x0028_0008
	rows                tag = 0x0028_0010
	columns             tag = 0x0028_0011
	bitsAllocated       tag = 0x0028_0100
	bitsStored          tag = 0x0028_0101
	highBit             tag = 0x0028_0102
	pixelRepresentation tag = 0x0028_0103
	paddingValue        tag = 0x0028_0120
	paddingLimit        tag = 0x0028_0121
	windowCenter        tag = 0x0028_1050
	windowWidth         tag = 0x0028_1051
	rescaleIntercept    tag = 0x0028_1052
	rescaleSlope        tag = 0x0028_1053
	modalityLUT         tag = 0x0028_3000
	lutDescriptor       tag = 0x0028_3002
	lutData             tag = 0x0028_3006
	voiLUT              tag = 0x0028_3010

	viewCode          tag = 0x0054_0220
	presentationShape tag = 0x2050_0020
	sharedGroups      tag = 0x5200_9229
	perFrameGroups    tag = 0x5200_9230

	floatPixels  tag = 0x7FE0_0008
	doublePixels tag = 0x7FE0_0009
	pixelValues  tag = 0x7FE0_0010

	item              tag = 0xFFFE_E000
	itemDelimiter     tag = 0xFFFE_E00D
	sequenceDelimiter tag = 0xFFFE_E0DD
)

func isPixels(t tag) bool { return t == pixelValues || t == floatPixels || t == doublePixels }

// forIdentity are the tags that Scan keeps.
func forIdentity(t tag) bool {
	switch t {
	case mediaClass, mediaInstance, transferSyntax,
		sopClass, sopInstance, accession, modality, patientID, studyUID, seriesUID, characterSet:
		return true
	}
	return false
}

// forPicture are the tags that a picture and its facts need.
func forPicture(t tag) bool {
	switch t.group() {
	case 0x0008, 0x0010, 0x0018, 0x0020:
		return forIdentity(t) || forFacts(t)
	case 0x0028:
		return true
	}
	return forIdentity(t) || t == viewCode || t == presentationShape || t == sharedGroups || t == perFrameGroups
}

func forFacts(t tag) bool {
	switch t {
	case studyDate, seriesDate, acquisitionDate, contentDate, acquisitionDateTime,
		studyTime, seriesTime, acquisitionTime, contentTime, zoneOffset,
		manufacturer, machineModel, seriesDescription, protocolName, processingNamed,
		codeValue, codeMeaning, anatomicRegion, bodyPart, viewPosition,
		patientName, birthDate, patientSex, patientAge,
		speciesDescription, speciesCode, sexNeutered, anatomicalType, breedDescription, responsibleRole,
		patientOrientation, imageOrientation, laterality, imageLaterality:
		return true
	}
	return false
}

// longVR reports whether the length of a VR has four bytes (PS3.5 7.1.2), and whether there is such a VR.
func longVR(vr string) (long, known bool) {
	switch vr {
	case "OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV":
		return true, true
	case "AE", "AS", "AT", "CS", "DA", "DS", "DT", "FD", "FL", "IS", "LO", "LT", "PN",
		"SH", "SL", "SS", "ST", "TM", "UI", "UL", "US":
		return false, true
	}
	return false, false
}

// isVeryLong: 64-bit numbers, whose headers the library reads as if their length had two bytes.
func isVeryLong(vr string) bool { return vr == "OV" || vr == "SV" || vr == "UV" }

// isBytes: what may be cut into fragments when it has no length.
func isBytes(vr string) bool { return vr == "OB" || vr == "OW" }

// implicitVR is the type that the dictionary gives a tag. It is the library's own dictionary, so that the
// walker and the library agree on what is a sequence.
func implicitVR(t tag) string {
	entry, err := library.Find(library.Tag{Group: t.group(), Element: uint16(t)})
	switch {
	case err != nil:
		return "UN"
	case isPixels(t):
		return "OW"
	}
	return entry.VRs[0]
}

// Transfer syntaxes (PS3.6 A) that matter here.
const (
	implicitLittle = "1.2.840.10008.1.2"
	explicitLittle = "1.2.840.10008.1.2.1"
	deflated       = "1.2.840.10008.1.2.1.99"
	jpipDeflated   = "1.2.840.10008.1.2.4.95"
	explicitBig    = "1.2.840.10008.1.2.2"
	jpegBaseline   = "1.2.840.10008.1.2.4.50"
	privateGE      = "1.2.840.113619.5.2" // implicit, with the picture big endian
)

// Readable reports whether a picture in this transfer syntax is decoded here; a PACS can be asked for
// another copy of the rest.
func Readable(syntax string) bool {
	return syntax == implicitLittle || syntax == explicitLittle || syntax == jpegBaseline
}

func refuseSyntax(uid string) error {
	return refuse.Because(ward.RefusedSyntax,
		"the file is in transfer syntax %s (%s), which is not read here; explicit VR little endian (%s), implicit (%s) and JPEG baseline (%s) are",
		uid, syntaxName(uid), explicitLittle, implicitLittle, jpegBaseline)
}

func syntaxName(uid string) string {
	switch uid {
	case explicitBig:
		return "explicit VR big endian"
	case deflated:
		return "deflated explicit VR little endian"
	case privateGE:
		return "GE private"
	case "1.2.840.10008.1.2.4.51":
		return "JPEG extended, 12 bits"
	case "1.2.840.10008.1.2.4.57", "1.2.840.10008.1.2.4.70":
		return "JPEG lossless"
	case "1.2.840.10008.1.2.4.80", "1.2.840.10008.1.2.4.81":
		return "JPEG-LS"
	case "1.2.840.10008.1.2.4.90", "1.2.840.10008.1.2.4.91":
		return "JPEG 2000"
	case "1.2.840.10008.1.2.4.201", "1.2.840.10008.1.2.4.202", "1.2.840.10008.1.2.4.203":
		return "high-throughput JPEG 2000"
	case "1.2.840.10008.1.2.5":
		return "RLE lossless"
	case jpipDeflated, "1.2.840.10008.1.2.4.94":
		return "JPIP, pixels elsewhere"
	}
	return "not a common one"
}
