package dicom

import (
	"math"
	"strconv"
	"strings"
	"time"

	"wardwatch/ward"
)

// Facts reads what a file says of its picture, without decoding it. The error is a refuse.Refusal.
func Facts(b []byte, o Options) (ward.ImageFacts, error) {
	f, err := walkBytes(b, o.Limits, forPicture)
	if err != nil {
		return ward.ImageFacts{}, err
	}
	return f.facts(o.Zone), nil
}

func (f *file) facts(zone *time.Location) ward.ImageFacts {
	t := f.top.text()
	id := f.identity()
	facts := ward.ImageFacts{
		Format: "dicom", SOPClass: id.SOPClass, TransferSyntax: f.syntax,
		StudyUID: id.StudyUID, SeriesUID: id.SeriesUID, InstanceUID: id.InstanceUID,
		Modality: id.Modality, BodyPart: firstOf(t.one(bodyPart), t.meaning(anatomicRegion)),
		View: t.view(), ViewText: t.viewText(), Laterality: firstOf(t.one(imageLaterality), t.one(laterality)),
		Species: t.species(), Device: strings.TrimSpace(t.one(manufacturer) + " " + t.one(machineModel)),
		Photometric: t.one(photometric), Frames: t.frames(),
		Acquired: t.acquired(zone), Of: t.claim(id),
	}
	facts.Of.Acquired = facts.Acquired
	facts.AgeYears, facts.HasAge = t.age(facts.Of.BirthDate, facts.Acquired)
	return facts
}

func firstOf(said ...string) string {
	for _, s := range said {
		if s != "" {
			return s
		}
	}
	return ""
}

// meaning is the words of a code sequence's first item.
func (t text) meaning(of tag) string {
	return t.in(t.set.item(of)).one(codeMeaning)
}

// view is the view position, or that of the view code: PS3.16 CID 4010 in SNOMED CT, and the older SRT codes.
// A code that is no plain frontal view is given in its own words, so that it is not taken for one.
func (t text) view() string {
	if v := t.one(viewPosition); v != "" {
		return v
	}
	code := t.in(t.set.item(viewCode))
	switch code.one(codeValue) {
	case "399348003", "R-10206":
		return "AP"
	case "272479007", "R-10214":
		return "PA"
	case "399173006":
		return "LL"
	case "399198007":
		return "RL"
	case "399033003": // frontal: either of the first two
		return ""
	}
	return strings.ToUpper(code.one(codeMeaning))
}

func (t text) viewText() string {
	var said []string
	for _, s := range []string{t.one(seriesDescription), t.one(protocolName), t.one(processingNamed), t.meaning(viewCode)} {
		if s != "" {
			said = append(said, s)
		}
	}
	return strings.Join(said, "; ")
}

// species is what the file says the patient is. Some attributes are there for animals only (PS3.3 C.7.1.1).
func (t text) species() string {
	kind := t.in(t.set.item(speciesCode))
	if said := firstOf(t.one(speciesDescription), kind.one(codeMeaning), kind.one(codeValue)); said != "" {
		return said
	}
	animal := t.one(breedDescription) != "" || t.one(sexNeutered) != "" ||
		t.one(anatomicalType) == "QUADRUPED" || t.one(responsibleRole) == "OWNER"
	if animal {
		return "animal"
	}
	return ""
}

// frames is the number of frames; 1 when it is not said.
func (t text) frames() int {
	n, err := strconv.Atoi(t.one(numberOfFrames))
	if err != nil {
		return 1
	}
	return n
}

func (t text) claim(id Identity) ward.Claim {
	c := ward.Claim{HospitalID: id.PatientID, Accession: id.Accession, Name: personName(t.one(patientName))}
	if day, err := time.Parse("20060102", dateOf(t.one(birthDate))); err == nil {
		c.BirthDate = day
	}
	switch t.one(patientSex) {
	case "F":
		c.Sex = ward.Female
	case "M":
		c.Sex = ward.Male
	case "O":
		c.Sex = ward.OtherSex
	}
	return c
}

// personName is "family given middle" of the first way that the name is written in (PS3.5 6.2.1).
func personName(pn string) string {
	for _, group := range strings.Split(pn, "=") {
		parts := strings.Split(group, "^")
		if name := strings.Join(strings.Fields(strings.Join(parts[:min(3, len(parts))], " ")), " "); name != "" {
			return name
		}
	}
	return ""
}

// oldest is the age over which a birth date is a filler such as 1900-01-01. A proposal of ours.
const oldest = 125

// age is in years at the time of the picture: as the file says it, else by the birth date. Where the two
// are further apart than an age in whole years explains, neither is believed.
func (t text) age(birth, acquired time.Time) (years float64, known bool) {
	said, hasSaid := ageString(t.one(patientAge))
	counted := acquired.Sub(birth).Hours() / 24 / 365.25
	hasCounted := !birth.IsZero() && !acquired.IsZero() && counted >= 0 && counted < oldest
	switch {
	case hasSaid && hasCounted && math.Abs(said-counted) > 1.1:
		return 0, false
	case hasSaid:
		return said, true
	case hasCounted:
		return counted, true
	}
	return 0, false
}

// ageString reads an AS such as "018M" (PS3.5 6.2) as years.
func ageString(s string) (years float64, ok bool) {
	if len(s) != 4 {
		return 0, false
	}
	n, err := strconv.ParseUint(s[:3], 10, 16)
	if err != nil {
		return 0, false
	}
	switch s[3] {
	case 'D':
		return float64(n) / 365.25, true
	case 'W':
		return float64(n) * 7 / 365.25, true
	case 'M':
		return float64(n) / 12, true
	case 'Y':
		return float64(n), true
	}
	return 0, false
}

// acquired is when the picture was taken: the first of acquisition, content, series and study that has a
// day and a time. A day alone is no time: the zero value then.
func (t text) acquired(zone *time.Location) time.Time {
	if zone == nil {
		zone = time.UTC
	}
	if offset := offsetOf(t.one(zoneOffset)); offset != nil {
		zone = offset
	}
	if at, ok := dateTime(t.one(acquisitionDateTime), zone); ok {
		return at
	}
	for _, pair := range [][2]tag{{acquisitionDate, acquisitionTime}, {contentDate, contentTime}, {seriesDate, seriesTime}, {studyDate, studyTime}} {
		day, clock := dateOf(t.one(pair[0])), strings.ReplaceAll(t.one(pair[1]), ":", "")
		if at, ok := dateTime(day+clock, zone); ok {
			return at
		}
	}
	return time.Time{}
}

// dateOf is YYYYMMDD of a DA, also of the dotted form of before DICOM 3 (PS3.5 6.2).
func dateOf(s string) string {
	if len(s) == 10 && s[4] == '.' && s[7] == '.' {
		return s[:4] + s[5:7] + s[8:]
	}
	return s
}

// dateTime reads a DT (PS3.5 6.2) with at least a day and an hour. Its own offset wins over zone.
func dateTime(s string, zone *time.Location) (at time.Time, ok bool) {
	if i := strings.LastIndexAny(s, "+-"); i > 0 {
		offset := offsetOf(s[i:])
		if offset == nil {
			return time.Time{}, false
		}
		s, zone = s[:i], offset
	}
	whole, fraction, _ := strings.Cut(s, ".")
	layout := "20060102150405"
	if len(whole) < len("2006010215") || len(whole) > len(layout) {
		return time.Time{}, false
	}
	layout = layout[:len(whole)]
	if fraction != "" {
		layout, whole = layout+".000000000"[:1+min(9, len(fraction))], whole+"."+fraction[:min(9, len(fraction))]
	}
	at, err := time.ParseInLocation(layout, whole, zone)
	return at, err == nil
}

// offsetOf reads "+0700"; nil when it is none.
func offsetOf(s string) *time.Location {
	at, err := time.Parse("-0700", s)
	if err != nil {
		return nil
	}
	_, seconds := at.Zone()
	return time.FixedZone("", seconds)
}
