package book

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"wardwatch/ward"
)

const header = "hospital_id,family_name,given_name,birth_date,sex,ward,bed,admitted\n"

// imports takes a file and gives what became of it in a line a clinician can read.
func imports(t *testing.T, b *Book, file string) string {
	t.Helper()
	r := must[ImportReport](t)(b.ImportStays(t.Context(), strings.NewReader(file), "it"))
	if r.Rows != r.Admitted+r.Transferred+r.Corrected+r.Unchanged+len(r.Refused) {
		t.Errorf("the report does not add up: %+v", r)
	}
	out := fmt.Sprintf("admitted %d, transferred %d, corrected %d, unchanged %d", r.Admitted, r.Transferred, r.Corrected, r.Unchanged)
	for _, f := range r.Refused {
		if f.Hint == "" {
			t.Errorf("line %d has no remedy: %s", f.Line, f.Message)
		}
		out += fmt.Sprintf("\nline %d: %s", f.Line, f.Message)
	}
	return out
}

func lies(t *testing.T, b *Book) string {
	t.Helper()
	var out []string
	for _, s := range must[[]ward.Stay](t)(b.StaysOn(t.Context(), "a9")) {
		out = append(out, fmt.Sprintf("%s %s %s", s.Place.Bed, s.HospitalID, s.GivenName))
	}
	return strings.Join(out, ", ")
}

func TestImportStays(t *testing.T) {
	c := newClock()
	b := open(t, c)
	addStaff(t, b)
	file := header +
		"H1,Nguyễn,An,1950-02-03,female,a9,01,2026-11-20T08:00:00+07:00\n" +
		"H2,Trần,Bình,,male,a9,02,\n"
	steps := []struct{ name, file, report, lies string }{
		{"a first census", file, "admitted 2, transferred 0, corrected 0, unchanged 0", "01 H1 An, 02 H2 Bình"},
		{"the same again", file, "admitted 0, transferred 0, corrected 0, unchanged 2", "01 H1 An, 02 H2 Bình"},
		{"as a spreadsheet saves it", "\xef\xbb\xbf" + strings.ReplaceAll(strings.ReplaceAll(file, ",", ";"), "\n", "\r\n"),
			"admitted 0, transferred 0, corrected 0, unchanged 2", "01 H1 An, 02 H2 Bình"},
		{"both move on, each into a place the other leaves", header + "H1,Nguyễn,An,1950-02-03,female,a9,02,\nH2,Trần,Bình,,male,a9,12A,\n",
			"admitted 0, transferred 2, corrected 0, unchanged 0", "02 H1 An, 12A H2 Bình"},
		{"a name put right", header + "H1,Nguyễn,Ân,1950-02-03,female,a9,02,\n", "admitted 0, transferred 0, corrected 1, unchanged 0", "02 H1 Ân, 12A H2 Bình"},
		{"bad lines beside a good one", header +
			"H3,Lê,Chi,1990-01-01,female,a9,02,\n" +
			"H4,Lê,Dũng,01/02/1990,male,a9,01,\n" +
			"H5,Lê,Em,1990-01-01,nam,a9,01,\n" +
			"H6,Lê,Phúc,1990-01-01,male,a9,77,\n" +
			",Lê,Giang,1990-01-01,male,a9,01,\n" +
			"H7,Lê,Hà,1990-01-01,male\n" +
			"H8,Lê,Hải,1990-01-01,male,a9,01,2026-11-20 08:00\n" +
			"H9,Lê,Khôi,1990-01-01,male,a9,12B,\n" +
			"H9,Lê,Khôi,1990-01-01,male,a9,01,\n" +
			"H10,Lê,\xff\xfe,1990-01-01,male,a9,01,\n",
			"admitted 1, transferred 0, corrected 0, unchanged 0\n" +
				"line 3: the birth date is not a date\n" +
				"line 4: the sex is not one we know\n" +
				"line 5: there is no bed a9/77\n" +
				"line 6: the hospital number is missing\n" +
				"line 7: the line has 5 fields, the header 8\n" +
				"line 8: the time of admission \"2026-11-20 08:00\" cannot be read\n" +
				"line 10: this hospital number stands on line 9 already\n" +
				"line 11: the line is not in UTF-8\n" +
				"line 2: a9/02 is occupied",
			"02 H1 Ân, 12A H2 Bình, 12B H9 Khôi"},
		{"a swap needs a free bed", header + "H1,Nguyễn,Ân,1950-02-03,female,a9,12A,\nH2,Trần,Bình,,male,a9,02,\n",
			"admitted 0, transferred 0, corrected 0, unchanged 0\nline 2: a9/12A is occupied\nline 3: a9/02 is occupied", "02 H1 Ân, 12A H2 Bình, 12B H9 Khôi"},
		{"scale 2 by a nurse", strings.TrimSpace(header) + ",scale,scale_prescriber,scale_reason\nH11,Lê,Lan,,female,a9,01,,2,dr-nurse,COPD\n",
			"admitted 0, transferred 0, corrected 0, unchanged 0\nline 2: scale 2 must be prescribed by a doctor", "02 H1 Ân, 12A H2 Bình, 12B H9 Khôi"},
		{"scale 2 by a doctor", strings.TrimSpace(header) + ",scale,scale_prescriber,scale_reason\nH11,Lê,Lan,,female,a9,01,,2,dr-doctor,\"COPD, pCO2 62\"\n",
			"admitted 1, transferred 0, corrected 0, unchanged 0", "01 H11 Lan, 02 H1 Ân, 12A H2 Bình, 12B H9 Khôi"},
	}
	for _, step := range steps {
		if got := imports(t, b, step.file); got != step.report {
			t.Errorf("%s:\n%s\nwant\n%s", step.name, got, step.report)
		}
		if got := lies(t, b); got != step.lies {
			t.Errorf("%s: %s; want %s", step.name, got, step.lies)
		}
		c.pass(minutes(10))
	}
	s := must[[]ward.Stay](t)(b.StaysOn(t.Context(), "a9"))[0]
	if s.Scale.Number != 2 || s.Scale.Prescriber != "doctor" || s.Scale.Reason != "COPD, pCO2 62" || s.Scale.Since.IsZero() {
		t.Errorf("scale %+v", s.Scale)
	}
}

func TestImportRefusesAFileItCannotUse(t *testing.T) {
	b := open(t, newClock())
	for name, file := range map[string]string{
		"empty":             "",
		"no header":         "H1,Nguyễn,An,1950-02-03,female,a9,01,\n",
		"a column missing":  "hospital_id,family_name,given_name,birth_date,sex,ward,bed\n",
		"a column twice":    strings.TrimSpace(header) + ",bed\n",
		"an unknown column": strings.TrimSpace(header) + ",diagnosis\n",
	} {
		t.Run(name, func(t *testing.T) {
			_, err := b.ImportStays(t.Context(), strings.NewReader(file), "it")
			refused(t, err, ward.BadInput)
		})
	}
}

func TestImportReadsLocalTimesInTheHospitalsZone(t *testing.T) {
	c := newClock()
	b := openWith(t, Options{Now: c.now, Zone: time.FixedZone("+07", 7*3600)})
	imports(t, b, header+"H1,Nguyễn,An,,female,a9,01,2026-11-20 08:00\n")
	s := must[[]ward.Stay](t)(b.StaysOn(t.Context(), "a9"))
	if len(s) != 1 || !s[0].Admitted.Equal(time.Date(2026, 11, 20, 1, 0, 0, 0, time.UTC)) {
		t.Errorf("%+v", s)
	}
}

// Whatever the file: no panic, the report adds up, nobody lies twice, and the same file again
// admits nobody.
func FuzzImportStays(f *testing.F) {
	f.Add(header + "H1,Nguyễn,An,1950-02-03,female,a9,01,2026-11-20T08:00:00+07:00\nH2,Trần,Bình,,male,a9,02,\n")
	f.Add("\xef\xbb\xbf" + strings.ReplaceAll(header, ",", ";") + "H1;a;b;;;a9;01;\n\"H2;a\n")
	f.Add(strings.TrimSpace(header) + ",pregnancy,scale\nH1,a,b,,female,a9,01,,pregnant,2\nH1,a,b,,,a9,02,,,1\n")
	f.Add(header + "\"\x00\",\"\n\",b,,,a9,12A,0001-01-01T00:00:00Z\n")
	c := newClock()
	b := open(f, c)
	f.Fuzz(func(t *testing.T, file string) {
		first, err := b.ImportStays(t.Context(), strings.NewReader(file), "it")
		if err != nil {
			return
		}
		if first.Rows != first.Admitted+first.Transferred+first.Corrected+first.Unchanged+len(first.Refused) {
			t.Errorf("does not add up: %+v", first)
		}
		var beds []ward.BedID
		for _, s := range must[[]ward.Stay](t)(b.StaysOn(t.Context(), "a9")) {
			beds = append(beds, s.Place.Bed)
		}
		slices.Sort(beds)
		if len(slices.Compact(slices.Clone(beds))) != len(beds) {
			t.Errorf("two people in one place: %v", beds)
		}
		c.pass(time.Second)
		again := must[ImportReport](t)(b.ImportStays(t.Context(), strings.NewReader(file), "it"))
		if again.Admitted > 0 {
			t.Errorf("the same file again admitted %d", again.Admitted)
		}
		for _, s := range must[[]ward.Stay](t)(b.StaysOn(t.Context(), "a9")) { // a clean ward for the next file
			c.pass(10 * time.Minute)
			must[ward.Stay](t)(b.Discharge(t.Context(), s.ID, time.Time{}, "discharged", ""))
		}
	})
}
