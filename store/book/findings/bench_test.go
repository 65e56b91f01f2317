package findings_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"wardwatch/store/book"
	"wardwatch/ward"
)

// full is a book with many studies of two findings each, a tenth of them of eight people who are here.
func full(b *testing.B, c *clock, studies int) (*book.Book, []ward.StayID) {
	k := open(b, c)
	var here []ward.StayID
	for _, w := range []ward.WardID{"a9", "b1"} {
		for _, id := range beds {
			s := must[ward.Stay](b)(k.Admit(b.Context(), ward.Stay{HospitalID: fmt.Sprint("H", len(here)), Place: ward.Place{Ward: w, Bed: id}}, "nurse"))
			here = append(here, s.ID)
		}
	}
	db := raw(b, k)
	if _, err := db.Exec(`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)
		INSERT INTO stays SELECT 'old' || i, 'O' || i, family_name, given_name, birth_date, sex, pregnancy, scale, scale_by, scale_reason, scale_since,
		care, care_by, care_since, care_review, off_to, off_since, off_until, nurse, doctor, ward, bed, admitted - 1000, admitted - 500, 'discharged', '', 0, 0, 0, 0
		FROM n JOIN stays ON hospital_id = 'H0'`); err != nil {
		b.Fatal(err)
	}
	const bundle = 100
	for i := 0; i < studies; i += bundle {
		d := delivery(c, fmt.Sprint("d", i))
		must[bool](b)(k.Accept(b.Context(), d))
		var rs []ward.PlacedReport
		for n := i; n < i+bundle; n++ {
			r := says(fmt.Sprint("O", n%5000+1), 0.9)
			stay := ward.StayID(fmt.Sprint("old", n%5000+1))
			if n%10 == 0 {
				stay = here[n/10%len(here)]
				r.Of.HospitalID = fmt.Sprint("H", n/10%len(here))
			}
			r.Of.Accession, r.Study.UID = fmt.Sprint("A", n), fmt.Sprint("1.2.", n)
			f := r.Findings[0]
			f.StudyUID, f.Acquired = r.Study.UID, c.at.Add(-time.Duration(n)*time.Minute)
			second := f
			f.ID, second.ID, second.Code = fmt.Sprint("f", n), fmt.Sprint("g", n), "60046008"
			r.Findings = []ward.Finding{f, second}
			if n%3 == 0 {
				r.Reads = []ward.Read{{StudyUID: r.Study.UID, CodeSystem: f.CodeSystem, Code: f.Code, Present: n%2 == 0, At: c.at}}
			}
			rs = append(rs, placed(r, stay))
		}
		must[[]ward.StayID](b)(k.Report(b.Context(), d.ID, rs))
	}
	return k, here
}

// Each op is one call on a book of 100,000 findings.
func BenchmarkImaging(b *testing.B) {
	c := newClock()
	k, here := full(b, c, 50_000)
	ctx := context.Background()
	var err error
	for _, bm := range []struct {
		name string
		op   func(n int)
	}{
		{"FindingsOf", func(int) { _, err = k.FindingsOf(ctx, here, c.at.Add(-72*time.Hour)) }},
		{"Finding", func(n int) { _, err = k.Finding(ctx, fmt.Sprint("f", n%50_000)) }},
		{"Candidates", func(n int) {
			_, err = k.Candidates(ctx, ward.Claim{HospitalID: fmt.Sprint("O", n%5000+1), Accession: fmt.Sprint("A", n%50_000)}, fmt.Sprint("1.2.", n%50_000))
		}},
		{"Worklist", func(int) { _, err = k.Worklist(ctx) }},
		{"Recheck", func(int) { _, err = k.Recheck(ctx) }},
		{"AgreementRowsAMonth", func(int) {
			_, err = k.AgreementRows(ctx, book.AgreementFilter{From: c.at.Add(-30 * 24 * time.Hour), Ward: "a9"})
		}},
		{"DeliveryCounts", func(int) { _, err = k.DeliveryCounts(ctx) }},
		{"ClaimsObject", func(n int) { _, err = k.ClaimsObject(ctx, object(fmt.Sprint("d", n))) }},
		{"AcceptAndReport", func(n int) {
			d := delivery(c, fmt.Sprint(b.N, "n", n, time.Now().UnixNano()))
			if _, err = k.Accept(ctx, d); err == nil {
				r := says("H0", 0.9)
				r.Of.Accession, r.Study.UID, r.Findings[0].StudyUID, r.Findings[0].ID = "", d.ID, d.ID, d.ID
				_, err = k.Report(ctx, d.ID, []ward.PlacedReport{placed(r, here[0])})
			}
		}},
	} {
		b.Run(bm.name, func(b *testing.B) {
			for n := 0; b.Loop(); n++ {
				if bm.op(n); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
