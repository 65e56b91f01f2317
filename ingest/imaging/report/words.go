package report

import (
	"slices"
	"strings"

	"wardwatch/ward"
)

// Code is one coded word: of which system, which, and how it reads.
type Code struct {
	System, Value, Text string
}

// Empty reports whether nothing is coded.
func (c Code) Empty() bool { return c.Value == "" }

// Code systems by the one name that is kept, with the other names the field has for them: FHIR's, the
// OIDs of HL7, and the designators of DICOM PS3.16 table 8-1.
const (
	SystemDICOM          = "http://dicom.nema.org/resources/ontology/DCM"
	SystemLOINC          = "http://loinc.org"
	systemYesNo          = "http://terminology.hl7.org/CodeSystem/v2-0136"
	systemInterpretation = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"
	SystemUMLS           = "http://terminology.hl7.org/CodeSystem/umls"
)

// System is the one name of a code system; one that is not known stays as it was sent.
func System(sent string) string {
	sent = strings.TrimSpace(sent)
	if strings.HasPrefix(sent, ward.SystemSNOMED) {
		return ward.SystemSNOMED // with an edition and version behind it
	}
	switch strings.ToLower(strings.TrimSuffix(sent, "/")) {
	case "sct", "urn:oid:2.16.840.1.113883.6.96", "2.16.840.1.113883.6.96":
		return ward.SystemSNOMED
	case "radlex", "http://radlex.org", "http://www.radlex.org", "http://radlex.org/rid", "http://www.radlex.org/rid",
		"urn:oid:2.16.840.1.113883.6.256", "2.16.840.1.113883.6.256":
		return ward.SystemRadLex
	case "dcm", strings.ToLower(SystemDICOM), "urn:oid:1.2.840.10008.2.16.4":
		return SystemDICOM
	case "ln", SystemLOINC, "urn:oid:2.16.840.1.113883.6.1":
		return SystemLOINC
	case "umls", SystemUMLS, "http://terminology.hl7.org/namingsystem/umls":
		return SystemUMLS
	}
	return sent
}

// Best picks the coding that is kept: SNOMED CT, then RadLex, then the first; without a code the text alone.
func Best(codes []Code) Code {
	for _, system := range []string{ward.SystemSNOMED, ward.SystemRadLex} {
		if i := slices.IndexFunc(codes, func(c Code) bool { return c.System == system && !c.Empty() }); i >= 0 {
			return codes[i]
		}
	}
	if i := slices.IndexFunc(codes, func(c Code) bool { return !c.Empty() }); i >= 0 {
		return codes[i]
	}
	if len(codes) > 0 {
		return codes[0]
	}
	return Code{}
}

// Said is what a coded value says of a finding.
type Said int

// What a value may say.
const (
	Unsaid    Said = iota // it is not a word about being there
	There                 // also when it is only likely: it may raise concern
	NotThere              // also when it is only unlikely
	Undecided             // it leaves open whether something is there
)

// presence lists the words for there and not there, from SNOMED CT (as in DICOM CID 230 and 240), LOINC
// answers, HL7 v2 table 0136 and the interpretation codes of FHIR.
var presence = map[Code]Said{
	{System: ward.SystemSNOMED, Value: "52101004"}:  There,     // Present
	{System: ward.SystemSNOMED, Value: "2667000"}:   NotThere,  // Absent
	{System: ward.SystemSNOMED, Value: "272519000"}: NotThere,  // Absent, as in DICOM CID 240
	{System: ward.SystemSNOMED, Value: "10828004"}:  There,     // Positive
	{System: ward.SystemSNOMED, Value: "260385009"}: NotThere,  // Negative
	{System: ward.SystemSNOMED, Value: "260373001"}: There,     // Detected
	{System: ward.SystemSNOMED, Value: "260415000"}: NotThere,  // Not detected
	{System: ward.SystemSNOMED, Value: "373066001"}: There,     // Yes
	{System: ward.SystemSNOMED, Value: "373067005"}: NotThere,  // No
	{System: ward.SystemSNOMED, Value: "410515003"}: There,     // Known present
	{System: ward.SystemSNOMED, Value: "410516002"}: NotThere,  // Known absent
	{System: ward.SystemSNOMED, Value: "410605003"}: There,     // Confirmed present
	{System: ward.SystemSNOMED, Value: "410591008"}: There,     // Definitely present
	{System: ward.SystemSNOMED, Value: "410592001"}: There,     // Probably present
	{System: ward.SystemSNOMED, Value: "410593006"}: NotThere,  // Probably not present
	{System: ward.SystemSNOMED, Value: "410594000"}: NotThere,  // Definitely not present
	{System: ward.SystemSNOMED, Value: "415684004"}: There,     // Suspected
	{System: ward.SystemSNOMED, Value: "255604002"}: There,     // Mild
	{System: ward.SystemSNOMED, Value: "6736007"}:   There,     // Moderate
	{System: ward.SystemSNOMED, Value: "24484000"}:  There,     // Severe
	{System: ward.SystemSNOMED, Value: "82334004"}:  Undecided, // Indeterminate
	{System: ward.SystemSNOMED, Value: "261665006"}: Undecided, // Unknown
	{System: ward.SystemSNOMED, Value: "373068000"}: Undecided, // Undetermined
	{System: SystemLOINC, Value: "LA9633-4"}:        There,     // Present
	{System: SystemLOINC, Value: "LA9634-2"}:        NotThere,  // Absent
	{System: SystemLOINC, Value: "LA33-6"}:          There,     // Yes
	{System: SystemLOINC, Value: "LA32-8"}:          NotThere,  // No
	{System: systemYesNo, Value: "Y"}:               There,
	{System: systemYesNo, Value: "N"}:               NotThere,
	{System: systemInterpretation, Value: "POS"}:    There,
	{System: systemInterpretation, Value: "NEG"}:    NotThere,
	{System: systemInterpretation, Value: "DET"}:    There,
	{System: systemInterpretation, Value: "ND"}:     NotThere,
	{System: systemInterpretation, Value: "A"}:      There,    // Abnormal
	{System: systemInterpretation, Value: "AA"}:     There,    // Critical abnormal
	{System: systemInterpretation, Value: "N"}:      NotThere, // Normal
	{System: systemInterpretation, Value: "IND"}:    Undecided,
	{System: systemInterpretation, Value: "E"}:      Undecided, // Equivocal
}

// presenceWords are read where the code is of a system that is not known here, as the SNOMED RT ids
// ("SRT") of older DICOM files, or where there is only text.
var presenceWords = map[string]Said{
	"present": There, "positive": There, "yes": There, "detected": There, "suspected": There, "true": There,
	"probable": There, "probably present": There, "likely": There,
	"absent": NotThere, "negative": NotThere, "no": NotThere, "not detected": NotThere, "not present": NotThere,
	"none": NotThere, "unlikely": NotThere, "false": NotThere,
	"indeterminate": Undecided, "undetermined": Undecided, "unknown": Undecided, "equivocal": Undecided,
	"inconclusive": Undecided, "not evaluated": Undecided,
}

// Presence is what a coded value says of being there.
func (c Code) Presence() Said {
	if said, ok := presence[Code{System: c.System, Value: c.Value}]; ok {
		return said
	}
	return presenceWords[fold(c.Text)]
}

// IsPresence reports whether a value under this name says if the finding beside it is there.
func (c Code) IsPresence() bool {
	text := fold(c.Text)
	return c.System == ward.SystemSNOMED && c.Value == "705057003" || strings.Contains(text, "presence") ||
		slices.Contains([]string{"status", "finding status", "result", "detection"}, text)
}

// Of the sides: SNOMED CT with the SNOMED RT ids of older DICOM files (CID 244), and the body structures
// that reports on a chest name together with their side.
var sides = map[string]string{
	"7771000": ward.LateralityLeft, "G-A101": ward.LateralityLeft,
	"24028007": ward.LateralityRight, "G-A100": ward.LateralityRight,
	"51440002": ward.LateralityBoth, "G-A102": ward.LateralityBoth,
	"44029006": ward.LateralityLeft,  // Left lung structure
	"3341006":  ward.LateralityRight, // Right lung structure
	"74101002": ward.LateralityBoth,  // Both lungs
}

var sideWords = map[string]string{
	"left": ward.LateralityLeft, "trái": ward.LateralityLeft,
	"right": ward.LateralityRight, "phải": ward.LateralityRight,
	"both": ward.LateralityBoth, "bilateral": ward.LateralityBoth,
}

// Side is the laterality a code or its text names, empty when it names none.
func (c Code) Side() string {
	if side, ok := sides[c.Value]; ok && c.System != SystemLOINC {
		return side
	}
	return SideOf(c.Text)
}

// SideOf is the laterality that a text names, in English or Vietnamese; empty when it names none.
func SideOf(text string) string {
	switch strings.TrimSpace(text) { // DICOM (0020,0060)
	case "L":
		return ward.LateralityLeft
	case "R":
		return ward.LateralityRight
	case "B":
		return ward.LateralityBoth
	}
	words := wordsOf(text)
	left := slices.ContainsFunc(words, func(w string) bool { return sideWords[w] == ward.LateralityLeft })
	right := slices.ContainsFunc(words, func(w string) bool { return sideWords[w] == ward.LateralityRight })
	both := slices.ContainsFunc(words, func(w string) bool { return sideWords[w] == ward.LateralityBoth })
	switch {
	case both, left && right, strings.Contains(fold(text), "hai bên"):
		return ward.LateralityBoth
	case left:
		return ward.LateralityLeft
	case right:
		return ward.LateralityRight
	}
	return ""
}

// Chest is the region of whatever lies in the chest.
const Chest = "chest"

// chestCodes are SNOMED CT's for the chest and for what fills it.
var chestCodes = []string{
	"51185008",  // Thoracic structure
	"816094009", // Structure of thorax, as in DICOM CID 4031
	"43799004",  // Thoracic cavity structure
	"39607008",  // Lung structure
	"44029006",  // Left lung structure
	"3341006",   // Right lung structure
	"74101002",  // Both lungs
}

var chestWords = []string{"chest", "thorax", "thoracic", "lung", "lungs", "pulmonary", "pleura", "pleural", "ngực", "phổi"}

// Region is the part of the body in small letters. Whatever lies in the chest is Chest, so that two
// studies of it are known to be of one region.
func (c Code) Region() string {
	if slices.Contains(chestCodes, c.Value) {
		return Chest
	}
	text := fold(c.Text)
	spine := strings.Contains(text, "spine") || strings.Contains(text, "vertebra")
	if !spine && slices.ContainsFunc(wordsOf(text), func(w string) bool { return slices.Contains(chestWords, w) }) {
		return Chest
	}
	return text
}

func wordsOf(text string) []string {
	return strings.FieldsFunc(fold(text), func(r rune) bool { return strings.ContainsRune(" ,;()/_-", r) })
}

// fold makes texts comparable: small letters, single spaces.
func fold(s string) string { return strings.ToLower(strings.Join(strings.Fields(s), " ")) }
