package findings_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"wardwatch/store/book"
	"wardwatch/ward"
)

// What people say of a thing that an AI spoke of, as a radiologist would settle it.
func TestWhatIsTrue(t *testing.T) {
	const ptx = "36118008"
	read := func(code, side string, present bool) ward.Read {
		return ward.Read{StudyUID: "1.2.3", CodeSystem: ward.SystemSNOMED, Code: code, Laterality: side, Present: present, At: newClock().at}
	}
	left, right, both := ward.LateralityLeft, ward.LateralityRight, ward.LateralityBoth
	for _, tc := range []struct {
		name  string
		score float64 // of a pneumothorax on the left
		reads []ward.Read
		word  ward.Confirmation
		want  ward.Truth
	}{
		{"nobody has looked", 0.9, nil, ward.Unread, ward.TruthUnknown},
		{"read as there", 0.9, []ward.Read{read(ptx, left, true)}, ward.Unread, ward.TruthPresent},
		{"read as not there", 0.9, []ward.Read{read(ptx, left, false)}, ward.Unread, ward.TruthAbsent},
		{"the AI missed it", 0.1, []ward.Read{read(ptx, left, true)}, ward.Unread, ward.TruthPresent},
		{"read without a side", 0.9, []ward.Read{read(ptx, "", true)}, ward.Unread, ward.TruthPresent},
		{"read on both sides", 0.9, []ward.Read{read(ptx, both, true)}, ward.Unread, ward.TruthPresent},
		{"read on the other side only", 0.9, []ward.Read{read(ptx, right, true)}, ward.Unread, ward.TruthUnknown},
		{"not here, but on the other side", 0.9, []ward.Read{read(ptx, left, false), read(ptx, right, true)}, ward.Unread, ward.TruthAbsent},
		{"something else was read", 0.9, []ward.Read{read("60046008", left, true)}, ward.Unread, ward.TruthUnknown},
		{"the same thing by another name", 0.9, []ward.Read{read("ptx", left, false)}, ward.Unread, ward.TruthAbsent},
		{"a clinician says so", 0.9, nil, ward.Confirmed, ward.TruthConfirmed},
		{"a clinician says no", 0.9, nil, ward.Rejected, ward.TruthRejected},
		{"a clinician agrees that there is nothing", 0.1, nil, ward.Confirmed, ward.TruthRejected},
		{"a clinician sees what the AI does not", 0.1, nil, ward.Rejected, ward.TruthConfirmed},
		{"the radiologist goes first", 0.9, []ward.Read{read(ptx, left, true)}, ward.Rejected, ward.TruthPresent},
	} {
		c := newClock()
		b := open(t, c)
		a := admit(t, b, "H1", "01")
		r := says("H1", tc.score)
		r.Reads = tc.reads
		report(t, b, delivery(c, "d1"), placed(r, a))
		if tc.word != ward.Unread {
			must[ward.Finding](t)(b.JudgeFinding(t.Context(), "f1", tc.word, "", nil, "doctor"))
		}
		f := book.AgreementFilter{Meaning: func(system, code string) string { return strings.Replace(code, "ptx", ptx, 1) }}
		rows := must[[]ward.AgreementRow](t)(b.AgreementRows(t.Context(), f))
		if len(rows) != 1 || rows[0].Truth != tc.want || rows[0].Present != (tc.score >= 0.5) {
			t.Errorf("%s: %+v, want %q", tc.name, rows, tc.want)
		}
	}
}

// A row says all that a table of agreement needs, and not who it is.
func TestAnAgreementRow(t *testing.T) {
	c := newClock()
	b := open(t, c)
	a := admitAs(t, b, ward.Stay{HospitalID: "H1", BirthDate: time.Date(1961, 11, 21, 0, 0, 0, 0, time.UTC), Sex: ward.Female}, "01").ID
	r := says("H1", 0.4)
	f := &r.Findings[0]
	f.Threshold, f.Acquired, f.Produced = 0, c.at.Add(-2*time.Hour), c.at.Add(-time.Hour)
	reader := *f
	reader.ID, reader.ByPerson, reader.Score = "f2", true, 1
	r.Findings = append(r.Findings, reader)
	report(t, b, delivery(c, "d1"), placed(r, a))
	c.pass(time.Minute)
	ok(t, b.SawFinding(t.Context(), "f1", "nurse"))
	want := ward.AgreementRow{Finding: "f1", Stay: a, StudyUID: "1.2.3", Source: "pacs", Model: "m", Version: "1", Modality: "DX", Device: "Acme X1",
		CodeSystem: ward.SystemSNOMED, Code: "36118008", Label: "pneumothorax", Laterality: "left", Years: 64, HasAge: true, Sex: ward.Female,
		Score: 0.4, Present: true, Truth: ward.TruthPresent, Acquired: f.Acquired, Produced: f.Produced, Received: newClock().at, Seen: c.at}
	rows := must[[]ward.AgreementRow](t)(b.AgreementRows(t.Context(), book.AgreementFilter{Least: 0.3}))
	if len(rows) != 1 || !reflect.DeepEqual(rows[0], want) {
		t.Errorf("got  %+v\nwant %+v", rows, want)
	}
}

// The radiologist's system is another source than the AI's: they meet in the study or the accession, but
// never across two people.
func TestReadsOfOtherSources(t *testing.T) {
	for _, tc := range []struct {
		name           string
		uid, accession string
		other          bool // on another person
		want           ward.Truth
	}{
		{"the same study", "1.2.3", "", false, ward.TruthAbsent},
		{"the same accession", "", "A1", false, ward.TruthAbsent},
		{"both", "1.2.3", "A1", false, ward.TruthAbsent},
		{"another accession", "", "A2", false, ward.TruthUnknown},
		{"the accession of another person", "", "A1", true, ward.TruthUnknown},
	} {
		c := newClock()
		b := open(t, c)
		a, other := admit(t, b, "H1", "01"), admit(t, b, "H2", "02")
		report(t, b, delivery(c, "d1"), placed(says("H1", 0.9), a))
		r := ward.ImagingReport{Of: ward.Claim{HospitalID: "H1", Accession: tc.accession}, Study: ward.Study{UID: tc.uid},
			Reads: []ward.Read{{StudyUID: tc.uid, Accession: tc.accession, CodeSystem: ward.SystemSNOMED, Code: "36118008", At: c.at}}}
		d := delivery(c, "d2")
		d.Source = "ris"
		if tc.other {
			r.Of.HospitalID = "H2"
			must[bool](t)(b.Accept(t.Context(), d))
			must[[]ward.StayID](t)(b.Report(t.Context(), d.ID, []ward.PlacedReport{unplaced(r, ward.UnmatchedNoTime)}))
			// A person who knows says that it is the other's, whatever the accession.
			item := texts(t, raw(t, b), `SELECT id FROM studies WHERE source = 'ris'`)[0]
			must[[]ward.StayID](t)(b.AssignStudy(t.Context(), item, other, "the accession was typed wrong", "nurse"))
		} else {
			report(t, b, d, placed(r, a))
		}
		rows := must[[]ward.AgreementRow](t)(b.AgreementRows(t.Context(), book.AgreementFilter{}))
		if len(rows) != 1 || rows[0].Truth != tc.want {
			t.Errorf("%s: %+v, want %q", tc.name, rows, tc.want)
		}
	}
}

func TestAgreementRowsAreChosen(t *testing.T) {
	c := newClock()
	b := open(t, c)
	a := admit(t, b, "H1", "01")
	start := c.at
	add := func(id, source, model string, stay ward.StayID) {
		r := says("H1", 0.9)
		r.Of.Accession, r.Study.UID = "", id
		f := &r.Findings[0]
		f.ID, f.StudyUID, f.Model, f.Acquired = id, id, model, c.at
		d := delivery(c, id)
		d.Source = source
		if stay == "" {
			report(t, b, d, unplaced(r, ward.UnmatchedUnknown))
		} else {
			report(t, b, d, placed(r, stay))
		}
		c.pass(time.Hour)
	}
	add("1", "pacs", "m", a)
	add("2", "vendor", "m", a)
	must[ward.Stay](t)(b.Transfer(t.Context(), a, ward.Place{Ward: "b1", Bed: "01"}, time.Time{}, "nurse"))
	add("3", "pacs", "n", a)
	add("4", "pacs", "m", "")
	gone := ward.ImagingReport{Of: ward.Claim{HospitalID: "H1"}, Study: ward.Study{UID: "2"}, Retracts: []ward.Retraction{{StudyUID: "2", At: c.at}}}
	for _, tc := range []struct {
		name string
		f    book.AgreementFilter
		want []string
	}{
		{"all", book.AgreementFilter{}, []string{"1", "2", "3", "4"}},
		{"where they lay then", book.AgreementFilter{Ward: "a9"}, []string{"1", "2"}},
		{"where they lay later", book.AgreementFilter{Ward: "b1"}, []string{"3"}},
		{"a time, its end left out", book.AgreementFilter{From: start.Add(time.Hour), To: start.Add(3 * time.Hour)}, []string{"2", "3"}},
		{"after the retraction", book.AgreementFilter{}, []string{"1", "3", "4"}},
	} {
		if tc.name == "after the retraction" {
			d := delivery(c, "d9")
			d.Source = "vendor"
			report(t, b, d, placed(gone, a))
		}
		var got []string
		for _, r := range must[[]ward.AgreementRow](t)(b.AgreementRows(t.Context(), tc.f)) {
			got = append(got, r.Finding)
		}
		if !slices.Equal(got, tc.want) {
			t.Errorf("%s: %v, want %v", tc.name, got, tc.want)
		}
	}
}
