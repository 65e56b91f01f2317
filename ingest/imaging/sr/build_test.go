package sr

import (
	"strconv"
	"time"

	"wardwatch/ingest/imaging/internal/dicomtest"
)

type (
	set     = dicomtest.Set
	element = dicomtest.Element
)

const (
	comprehensive3D = "1.2.840.10008.5.1.4.1.1.88.34"
	study           = "1.2.826.0.1.3680043.10.511.1"
	series          = study + ".2"
	instance        = series + ".1"
	dx              = "1.2.840.10008.5.1.4.1.1.1.1"
	ct              = "1.2.840.10008.5.1.4.1.1.2"
)

var (
	hanoi    = time.FixedZone("", 7*3600)
	received = time.Date(2026, 11, 21, 8, 40, 0, 0, hanoi)
	options  = Options{Source: "pacs", Delivery: "d1", Received: received, Zone: hanoi}
)

func sct(value, meaning string) set { return coded(value, "SCT", meaning) }
func dcm(value, meaning string) set { return coded(value, "DCM", meaning) }

func coded(value, scheme, meaning string) set {
	return set{{Tag: 0x0008_0100, VR: "SH", Value: value}, {Tag: 0x0008_0102, VR: "SH", Value: scheme}, {Tag: 0x0008_0104, VR: "LO", Value: meaning}}
}

func node(relation, kind string, name set, value element, under ...set) set {
	s := set{
		{Tag: 0x0040_A010, VR: "CS", Value: relation},
		{Tag: 0x0040_A040, VR: "CS", Value: kind},
		{Tag: 0x0040_A043, VR: "SQ", Value: []set{name}},
	}
	if value.Tag != 0 {
		s = s.With(value)
	}
	if len(under) > 0 {
		s = s.With(element{Tag: 0x0040_A730, VR: "SQ", Value: under})
	}
	return s
}

func container(name set, under ...set) set {
	return node("CONTAINS", "CONTAINER", name, element{}, under...)
}

func is(relation string, name, value set, under ...set) set {
	return node(relation, "CODE", name, element{Tag: 0x0040_A168, VR: "SQ", Value: []set{value}}, under...)
}

func contains(name, value set, under ...set) set { return is("CONTAINS", name, value, under...) }

func says(relation string, name set, text string) set {
	return node(relation, "TEXT", name, element{Tag: 0x0040_A160, VR: "UT", Value: text})
}

func measures(relation string, name set, number float64, unit string) set {
	return node(relation, "NUM", name, element{Tag: 0x0040_A300, VR: "SQ", Value: []set{{
		{Tag: 0x0040_08EA, VR: "SQ", Value: []set{coded(unit, "UCUM", unit)}},
		{Tag: 0x0040_A30A, VR: "DS", Value: strconv.FormatFloat(number, 'g', -1, 64)},
	}}})
}

func picture(class, uid string) set {
	return node("CONTAINS", "IMAGE", dcm("121112", "Source of Measurement"), element{Tag: 0x0008_1199, VR: "SQ", Value: []set{ref(class, uid)}})
}

func ref(class, uid string) set {
	return set{{Tag: 0x0008_1150, VR: "UI", Value: class}, {Tag: 0x0008_1155, VR: "UI", Value: uid}}
}

// evidenceOf lists the pictures of the one series that was read.
func evidenceOf(refs ...set) element {
	return element{Tag: 0x0040_A375, VR: "SQ", Value: []set{{
		{Tag: 0x0008_1115, VR: "SQ", Value: []set{{
			{Tag: 0x0008_1199, VR: "SQ", Value: refs},
			{Tag: 0x0020_000E, VR: "UI", Value: series},
		}}},
		{Tag: 0x0020_000D, VR: "UI", Value: study},
	}}}
}

// Items that many documents hold.
var (
	byDevice  = is("HAS OBS CONTEXT", dcm("121005", "Observer Type"), dcm("121007", "Device"))
	byPerson  = is("HAS OBS CONTEXT", dcm("121005", "Observer Type"), dcm("121006", "Person"))
	algorithm = says("HAS CONCEPT MOD", dcm("111001", "Algorithm Name"), "example-cxr")
	version   = says("HAS CONCEPT MOD", dcm("111003", "Algorithm Version"), "2.1.0")
	findingIs = dcm("121071", "Finding")
	pneumonia = sct("233604007", "Pneumonia")
	certainty = dcm("111012", "Certainty of Finding")
	present   = sct("52101004", "Present")
	absent    = sct("272519000", "Absent")
)

func group(under ...set) set { return container(dcm("125007", "Measurement Group"), under...) }

func measurements(under ...set) set {
	return container(dcm("126010", "Imaging Measurements"), under...)
}

func qualities(under ...set) set {
	return container(coded("C0034375", "UMLS", "Qualitative Evaluations"), under...)
}

// document is a report on one frontal picture of the chest.
func document(under ...set) set {
	return set{
		{Tag: 0x0008_0005, VR: "CS", Value: "ISO_IR 192"},
		{Tag: 0x0008_0016, VR: "UI", Value: comprehensive3D},
		{Tag: 0x0008_0018, VR: "UI", Value: "1.2.826.0.1.3680043.10.511.4"},
		{Tag: 0x0008_0020, VR: "DA", Value: "20261121"},
		{Tag: 0x0008_0023, VR: "DA", Value: "20261121"},
		{Tag: 0x0008_0030, VR: "TM", Value: "081500"},
		{Tag: 0x0008_0033, VR: "TM", Value: "081700.5"},
		{Tag: 0x0008_0050, VR: "SH", Value: "ACC-77"},
		{Tag: 0x0008_0060, VR: "CS", Value: "SR"},
		{Tag: 0x0010_0010, VR: "PN", Value: "Nguyễn^Văn A"},
		{Tag: 0x0010_0020, VR: "LO", Value: "BN-000123"},
		{Tag: 0x0010_0030, VR: "DA", Value: "19600131"},
		{Tag: 0x0010_0040, VR: "CS", Value: "M"},
		{Tag: 0x0020_000D, VR: "UI", Value: study},
		{Tag: 0x0020_000E, VR: "UI", Value: "1.2.826.0.1.3680043.10.511.3"},
		{Tag: 0x0040_A040, VR: "CS", Value: "CONTAINER"},
		{Tag: 0x0040_A043, VR: "SQ", Value: []set{dcm("126000", "Imaging Measurement Report")}},
		evidenceOf(ref(dx, instance)),
		{Tag: 0x0040_A491, VR: "CS", Value: "COMPLETE"},
		{Tag: 0x0040_A493, VR: "CS", Value: "UNVERIFIED"},
		{Tag: 0x0040_A730, VR: "SQ", Value: under},
	}
}

func signed(s set) set {
	return s.With(element{Tag: 0x0040_A493, VR: "CS", Value: "VERIFIED"},
		element{Tag: 0x0040_A073, VR: "SQ", Value: []set{{{Tag: 0x0040_A030, VR: "DT", Value: "20261121083000"}}}})
}

func bytesOf(s set) []byte { return dicomtest.File(dicomtest.Explicit, s) }
