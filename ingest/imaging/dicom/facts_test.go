package dicom

import (
	"bytes"
	"testing"
	"time"

	"wardwatch/ingest/imaging/internal/dicomtest"
	"wardwatch/ward"
)

func factsOf(t *testing.T, elements ...el) ward.ImageFacts {
	t.Helper()
	f, err := Facts(small(elements...), Options{Zone: time.FixedZone("", 7*3600)})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func lo(tag uint32, s string) el { return el{Tag: tag, VR: "LO", Value: s} }
func code(tag uint32, value, meaning string) el {
	return sq(tag, attributes{{Tag: 0x0008_0100, VR: "SH", Value: value}, {Tag: 0x0008_0102, VR: "SH", Value: "SCT"}, {Tag: 0x0008_0104, VR: "LO", Value: meaning}})
}

func TestFacts(t *testing.T) {
	taken := time.Date(2026, 11, 21, 8, 15, 2, 0, time.FixedZone("", 7*3600))
	f := factsOf(t, lo(0x0008_103E, "Chest"), lo(0x0018_1030, "Thorax PA"), cs(0x0020_0062, "U"))
	want := ward.ImageFacts{
		Format: "dicom", SOPClass: "1.2.840.10008.5.1.4.1.1.1.1", TransferSyntax: dicomtest.Explicit,
		StudyUID: "1.2.826.0.1.3680043.10.1.1", SeriesUID: "1.2.826.0.1.3680043.10.1.2", InstanceUID: "1.2.826.0.1.3680043.10.1.3",
		Modality: "DX", BodyPart: "CHEST", View: "PA", ViewText: "Chest; Thorax PA", Laterality: "U", Device: "Maker Model 5",
		Photometric: "MONOCHROME2", Frames: 1, AgeYears: f.AgeYears, HasAge: true, Acquired: f.Acquired,
		Of: ward.Claim{HospitalID: "P-0042", Name: "Nguyễn Văn An", BirthDate: time.Date(1960, 3, 2, 0, 0, 0, 0, time.UTC), Sex: ward.Male, Accession: "A-17", Acquired: f.Acquired},
	}
	if f != want {
		t.Errorf("%+v\nwant %+v", f, want)
	}
	if !f.Acquired.Equal(taken) || f.AgeYears < 66.7 || f.AgeYears > 66.8 {
		t.Errorf("acquired %v, age %g", f.Acquired, f.AgeYears)
	}
}

// When the picture was taken: the nearest to the taking that has a day and a time.
func TestAcquired(t *testing.T) {
	da := func(tag uint32, s string) el { return el{Tag: tag, VR: "DA", Value: s} }
	tm := func(tag uint32, s string) el { return el{Tag: tag, VR: "TM", Value: s} }
	none := []el{da(0x0008_0020, ""), da(0x0008_0022, ""), tm(0x0008_0030, ""), tm(0x0008_0032, "")}
	for _, c := range []struct {
		name     string
		elements []el
		want     string
	}{
		{"day and time of the taking, in the hospital's zone", nil, "2026-11-21T08:15:02+07:00"},
		{"both in one", []el{{Tag: 0x0008_002A, VR: "DT", Value: "20261121091500.25"}}, "2026-11-21T09:15:00.25+07:00"},
		{"with its own zone", []el{{Tag: 0x0008_002A, VR: "DT", Value: "20261121091500+0900"}}, "2026-11-21T09:15:00+09:00"},
		{"the file's zone", []el{{Tag: 0x0008_0201, VR: "SH", Value: "-0500"}}, "2026-11-21T08:15:02-05:00"},
		{"a zone that is none", []el{{Tag: 0x0008_0201, VR: "SH", Value: "ICT"}}, "2026-11-21T08:15:02+07:00"},
		{"fractions of a second", []el{tm(0x0008_0032, "081502.123456")}, "2026-11-21T08:15:02.123456+07:00"},
		{"hour and minute", []el{tm(0x0008_0032, "0815")}, "2026-11-21T08:15:00+07:00"},
		{"the old way of writing", []el{da(0x0008_0022, "2026.11.21"), tm(0x0008_0032, "08:15:02")}, "2026-11-21T08:15:02+07:00"},
		{"content where there is no taking", append(none, da(0x0008_0023, "20261120"), tm(0x0008_0033, "070000")), "2026-11-20T07:00:00+07:00"},
		{"the study last", []el{da(0x0008_0022, "")}, "2026-11-21T08:00:00+07:00"},
		{"a day alone is no time", append(none, da(0x0008_0020, "20261121")), ""},
		{"an hour that is none", append(none, da(0x0008_0020, "20261121"), tm(0x0008_0030, "250000")), ""},
		{"nothing", none, ""},
	} {
		got := factsOf(t, c.elements...).Acquired
		want := time.Time{}
		if c.want != "" {
			want, _ = time.Parse(time.RFC3339Nano, c.want)
		}
		if !got.Equal(want) {
			t.Errorf("%s: %v, want %v", c.name, got, want)
		}
	}
	if got, _ := Facts(small(), Options{}); got.Acquired.Location() != time.UTC {
		t.Errorf("without a zone: %v", got.Acquired)
	}
}

func TestAge(t *testing.T) {
	born := func(s string) el { return el{Tag: 0x0010_0030, VR: "DA", Value: s} }
	said := func(s string) el { return el{Tag: 0x0010_1010, VR: "AS", Value: s} }
	for _, c := range []struct {
		name     string
		elements []el
		low      float64 // negative: not known
		high     float64
	}{
		{"years", []el{born(""), said("003Y")}, 3, 3},
		{"months", []el{born(""), said("018M")}, 1.5, 1.5},
		{"weeks", []el{born(""), said("010W")}, 0.19, 0.2},
		{"days", []el{born(""), said("010D")}, 0.027, 0.028},
		{"by the birth date", []el{born("20231121")}, 2.99, 3.01},
		{"both, as far apart as whole years are", []el{born("20221201"), said("003Y")}, 3, 3},
		{"both, and they contradict", []el{born("19600302"), said("003Y")}, -1, -1},
		{"a birth date that fills a field", []el{born("18000101")}, -1, -1},
		{"born after the picture", []el{born("20270101")}, -1, -1},
		{"neither", []el{born("")}, -1, -1},
		{"an age that is none", []el{born(""), said("Y003")}, -1, -1},
		{"an age without its unit", []el{born(""), said("0034")}, -1, -1},
	} {
		f := factsOf(t, c.elements...)
		if f.HasAge != (c.low >= 0) || f.HasAge && (f.AgeYears < c.low || f.AgeYears > c.high) {
			t.Errorf("%s: %v %g", c.name, f.HasAge, f.AgeYears)
		}
	}
}

func TestName(t *testing.T) {
	pn := func(b string) el { return el{Tag: 0x0010_0010, VR: "PN", Value: []byte(b)} }
	for _, c := range []struct {
		name     string
		elements []el
		want     string
	}{
		{"UTF-8", []el{pn("Nguyễn^Văn An")}, "Nguyễn Văn An"},
		{"Latin-1", []el{cs(0x0008_0005, "ISO_IR 100"), pn("Andr\xe9^Ren\xe9e")}, "André Renée"},
		{"Latin-1 with extensions", []el{cs(0x0008_0005, `ISO 2022 IR 100`), pn("Andr\xe9^X")}, "André X"},
		{"declared Latin-1, written UTF-8", []el{cs(0x0008_0005, "ISO_IR 100"), pn("Trần^Thị Bé")}, "Trần Thị Bé"},
		{"another set: as it comes", []el{cs(0x0008_0005, "ISO_IR 166"), pn("\xa1\xa2^A")}, "\uFFFD A"},
		{"prefix and suffix are no part of it", []el{pn("Le^Van^B^Dr^PhD")}, "Le Van B"},
		{"the first way of writing that is there", []el{pn("=山田^太郎=やまだ^たろう")}, "山田 太郎"},
		{"none", []el{pn("^^^^")}, ""},
	} {
		if got := factsOf(t, c.elements...).Of.Name; got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestWhatItShows(t *testing.T) {
	for _, c := range []struct {
		name     string
		elements []el
		got      func(ward.ImageFacts) string
		want     string
	}{
		{"view by SNOMED code", []el{cs(0x0018_5101, ""), code(0x0054_0220, "399348003", "antero-posterior")}, view, "AP"},
		{"view by SRT code", []el{cs(0x0018_5101, ""), code(0x0054_0220, "R-10214", "postero-anterior")}, view, "PA"},
		{"a lateral", []el{cs(0x0018_5101, ""), code(0x0054_0220, "399173006", "left lateral")}, view, "LL"},
		{"another view is not taken for a frontal", []el{cs(0x0018_5101, ""), code(0x0054_0220, "399061009", "axial")}, view, "AXIAL"},
		{"frontal: one of the two", []el{cs(0x0018_5101, ""), code(0x0054_0220, "399033003", "frontal")}, view, ""},
		{"the position wins", []el{code(0x0054_0220, "399061009", "axial")}, view, "PA"},
		{"region by code", []el{cs(0x0018_0015, ""), code(0x0008_2218, "51185008", "Chest")}, region, "Chest"},
		{"a dog", []el{lo(0x0010_2201, "Canine")}, species, "Canine"},
		{"a dog by code", []el{code(0x0010_2202, "448771007", "canis lupus familiaris")}, species, "canis lupus familiaris"},
		{"of a breed", []el{lo(0x0010_2292, "Beagle")}, species, "animal"},
		{"neutered", []el{cs(0x0010_2203, "ALTERED")}, species, "animal"},
		{"with an owner", []el{cs(0x0010_2298, "OWNER")}, species, "animal"},
		{"on four legs", []el{cs(0x0010_2210, "QUADRUPED")}, species, "animal"},
		{"a person", nil, species, ""},
		{"a person with a parent", []el{cs(0x0010_2298, "PARENT"), cs(0x0010_2210, "BIPED")}, species, ""},
	} {
		if got := c.got(factsOf(t, c.elements...)); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func view(f ward.ImageFacts) string    { return f.View }
func region(f ward.ImageFacts) string  { return f.BodyPart }
func species(f ward.ImageFacts) string { return f.Species }

// Scan says what Facts says, and reads no picture for it.
func TestScan(t *testing.T) {
	b := small()
	r := bytes.NewReader(b[:len(b)-12]) // all but the picture itself
	id, err := Scan(r, Limits{})
	want := Identity{
		SOPClass: "1.2.840.10008.5.1.4.1.1.1.1", InstanceUID: "1.2.826.0.1.3680043.10.1.3", SeriesUID: "1.2.826.0.1.3680043.10.1.2", StudyUID: "1.2.826.0.1.3680043.10.1.1",
		TransferSyntax: dicomtest.Explicit, Modality: "DX", PatientID: "P-0042", Accession: "A-17", Picture: true,
	}
	if err != nil || id != want {
		t.Errorf("%v %+v", err, id)
	}
	if id.Report() || !(Identity{SOPClass: "1.2.840.10008.5.1.4.1.1.88.34"}).Report() {
		t.Error("which one is a report")
	}
}

// What is refused is named as far as it was understood, and never by what only looks like a UID.
func TestScanNamesWhatItRefuses(t *testing.T) {
	set := dicomtest.Picture(2, 3, make(numbers, 6))
	for _, c := range []struct {
		name     string
		file     []byte
		instance string
		ok       bool
	}{
		{"big endian", dicomtest.File("1.2.840.10008.1.2.2", set), "1.2.826.0.1.3680043.10.1.3", false},
		{"cut short", small()[:500], "1.2.826.0.1.3680043.10.1.3", false},
		{"an instance that is none", dicomtest.File(dicomtest.Explicit, set.With(el{Tag: 0x0008_0018, VR: "UI", Value: "../../x"})), "", false},
		{"a class that is none", dicomtest.File(dicomtest.Explicit, set.With(el{Tag: 0x0008_0016, VR: "UI", Value: "1.2\n"})), "1.2.826.0.1.3680043.10.1.3", false},
		{"a study that is none", dicomtest.File(dicomtest.Explicit, set.With(el{Tag: 0x0020_000D, VR: "UI", Value: "a"})), "1.2.826.0.1.3680043.10.1.3", true},
	} {
		id, err := Scan(bytes.NewReader(c.file), Limits{})
		if id.InstanceUID != c.instance || (err == nil) != c.ok {
			t.Errorf("%s: %q %v", c.name, id.InstanceUID, err)
		}
	}
}
