package findings_test

import (
	"database/sql"
	"fmt"
	"math"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"wardwatch/ward"
)

// A finding comes back as it was sent, with whose it is.
func TestAFindingIsKept(t *testing.T) {
	c := newClock()
	b := open(t, c)
	a := admit(t, b, "H1", "01")
	r := says("H1", 0.93)
	f := &r.Findings[0]
	f.Calibrated, f.Demonstration, f.SeriesUID, f.Map, f.Warnings = true, true, "1.2.3.9", object("map"), []string{ward.WarnAgeUnknown}
	f.Acquired, f.Produced = c.at.Add(-time.Hour), c.at.Add(-time.Minute)
	person := *f
	person.ID, person.Model, person.ModelVersion, person.ByPerson, person.Warnings, person.Map = "f2", "", "", true, nil, ""
	r.Findings = append(r.Findings, person)
	if changed := report(t, b, delivery(c, "d1"), placed(r, a)); !slices.Equal(changed, []ward.StayID{a}) {
		t.Errorf("changed %v", changed)
	}
	want := r.Findings
	for i := range want {
		w := &want[i]
		w.Stay, w.Source, w.Accession, w.HospitalID, w.Received, w.Delivery = a, "pacs", "A1", "H1", c.at, "d1"
	}
	if got := of(t, b, a); !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if got := must[ward.Finding](t)(b.Finding(t.Context(), "f2")); !reflect.DeepEqual(got, want[1]) {
		t.Errorf("got  %+v\nwant %+v", got, want[1])
	}
	_, err := b.Finding(t.Context(), "f9")
	refused(t, err, ward.NotFound)
	if d := must[ward.Delivery](t)(b.Delivery(t.Context(), "d1")); d.State != ward.DeliveryRead || !d.Done.Equal(c.at) {
		t.Errorf("the delivery is %+v", d)
	}
	if got, want := deeds(t, b, "imaging."), []string{"imaging.match by : to stay " + string(a)}; !slices.Equal(got, want) {
		t.Errorf("audit %q, want %q", got, want)
	}
}

// The round asks once for everybody, and gets what is young enough.
func TestFindingsOfMany(t *testing.T) {
	c := newClock()
	b := open(t, c)
	stays := []ward.StayID{admit(t, b, "H1", "01"), admit(t, b, "H2", "02"), admit(t, b, "H3", "12A")}
	for i, s := range stays[:2] {
		for age := range 3 {
			r := says(fmt.Sprint("H", i+1), 0.9)
			r.Of.Accession, r.Study.UID = "", fmt.Sprintf("1.2.%d.%d", i, age)
			f := &r.Findings[0]
			f.ID, f.StudyUID, f.Acquired = fmt.Sprint(s, age), r.Study.UID, c.at.Add(-time.Duration(age)*24*time.Hour)
			if age == 1 {
				f.Acquired = time.Time{} // nobody knows: it counts from when it came
			}
			report(t, b, delivery(c, f.ID), placed(r, s))
		}
	}
	for _, tc := range []struct {
		name  string
		since time.Duration
		want  []string
	}{{"all", 9999 * time.Hour, []string{"0", "1", "2"}}, {"a day", 24 * time.Hour, []string{"0", "1"}}, {"to the moment", 48 * time.Hour, []string{"0", "1", "2"}}} {
		got := must[map[ward.StayID][]ward.Finding](t)(b.FindingsOf(t.Context(), append(stays, "nobody"), c.at.Add(-tc.since)))
		for _, s := range stays {
			var have []string
			for _, f := range got[s] {
				have = append(have, f.ID[len(s):])
			}
			want := tc.want
			if s == stays[2] {
				want = nil
			}
			if slices.Sort(have); !slices.Equal(have, want) {
				t.Errorf("%s, %s: %v, want %v", tc.name, s, have, want)
			}
		}
	}
	if got := must[map[ward.StayID][]ward.Finding](t)(b.FindingsOf(t.Context(), nil, time.Time{})); len(got) != 0 {
		t.Errorf("of nobody: %v", got)
	}
}

// A radiologist who does not say when the pictures were taken speaks of the study's, whichever source knows
// it and whichever of the two comes first; a model speaks of one picture, which is not the study.
func TestWhenTheStudyWasTaken(t *testing.T) {
	for _, tc := range []struct {
		name                string
		source              string
		uid, accession      string
		person, other, said bool          // by a radiologist; of another person; with a time of its own
		want                time.Duration // ago; 0: not known
	}{
		{"the same source", "pacs", "1.2.3", "", true, false, false, 3 * time.Hour},
		{"another source", "ris", "1.2.3", "", true, false, false, 3 * time.Hour},
		{"another source that has the accession only", "ris", "", "A1", true, false, false, 3 * time.Hour},
		{"another study of the same accession", "ris", "9.9", "A1", true, false, false, 0},
		{"another accession", "ris", "", "A2", true, false, false, 0},
		{"another person under the same accession", "ris", "", "A1", true, true, false, 0},
		{"with its own time", "ris", "1.2.3", "", true, false, true, time.Hour},
		{"a model", "ris", "1.2.3", "", false, false, false, 0},
	} {
		for _, last := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, last %v", tc.name, last), func(t *testing.T) {
				c := newClock()
				b := open(t, c)
				a, whose := admit(t, b, "H1", "01"), ward.StayID("")
				picture := says("H1", 0.9)
				picture.Study.Acquired = c.at.Add(-3 * time.Hour)
				r := says("H1", 1)
				f := &r.Findings[0]
				f.ID, f.ByPerson, f.Model, f.StudyUID, f.InstanceUID, f.Accession = "said", tc.person, "", tc.uid, "", tc.accession
				r.Study.UID, r.Of.Accession = tc.uid, tc.accession
				if whose = a; tc.other {
					whose, r.Of.HospitalID = admit(t, b, "H2", "02"), "H2"
				}
				if tc.said {
					f.Acquired = c.at.Add(-time.Hour)
				}
				d := delivery(c, "d2")
				d.Source = tc.source
				if last {
					report(t, b, delivery(c, "d1"), placed(picture, a))
				}
				report(t, b, d, placed(r, whose))
				if !last {
					report(t, b, delivery(c, "d1"), placed(picture, a))
				}
				want := time.Time{}
				if tc.want > 0 {
					want = c.at.Add(-tc.want)
				}
				if f := must[ward.Finding](t)(b.Finding(t.Context(), "said")); !f.Acquired.Equal(want) {
					t.Errorf("taken %v, want %v", f.Acquired, want)
				}
				before := dump(t, b)
				if changed := report(t, b, d, placed(r, whose)); len(changed) != 0 || dump(t, b) != before {
					t.Errorf("the same again changed %v", changed)
				}
			})
		}
	}
}

// Another score of the same thing is a correction: the newer holds, whichever is read first; what a
// clinician confirmed stays so until a person judges anew.
func TestACorrection(t *testing.T) {
	c := newClock()
	b := open(t, c)
	a := admit(t, b, "H1", "01")
	first := delivery(c, "d1")
	report(t, b, first, placed(says("H1", 0.9), a))
	must[ward.Finding](t)(b.JudgeFinding(t.Context(), "f1", ward.Confirmed, "", nil, "doctor"))
	c.pass(time.Minute)

	other := says("H1", 0.9) // not another statement
	other.Findings[0].Label, other.Findings[0].Device = "tràn khí màng phổi", "Acme X2"
	if changed := report(t, b, delivery(c, "d2"), placed(other, a)); len(changed) != 1 {
		t.Errorf("changed %v", changed)
	}
	if f := of(t, b, a)[0]; f.Confirmed != ward.Confirmed || f.Device != "Acme X2" || f.Seen.IsZero() {
		t.Errorf("after another label: %+v", f)
	}
	c.pass(time.Minute)
	report(t, b, delivery(c, "d3"), placed(says("H1", 0.2), a))
	f := of(t, b, a)[0]
	if f.Score != 0.2 || f.Confirmed != ward.Confirmed || f.ConfirmedBy != "doctor" || f.ConfirmedAt.IsZero() || f.Seen.IsZero() || f.Delivery != "d3" || !f.Received.Equal(c.at) {
		t.Errorf("after another score: %+v", f)
	}
	if got, want := deeds(t, b, "finding."), []string{"finding.confirm by doctor:", "finding.correct by : score 0.9 of 0.5 to 0.2 of 0.5, stays confirmed by doctor"}; !slices.Equal(got, want) {
		t.Errorf("audit %q, want %q", got, want)
	}
	before := dump(t, b)
	if changed := report(t, b, first, placed(says("H1", 0.9), a)); len(changed) != 0 || dump(t, b) != before {
		t.Errorf("the earlier delivery again changed %v", changed)
	}
}

// A model may raise concern and never lower it, also where a doctor has spoken.
func TestAWordAfterACorrection(t *testing.T) {
	for _, tc := range []struct {
		name             string
		word             ward.Confirmation
		score, threshold float64
		stands           bool
	}{
		{"confirmed, and now lower", ward.Confirmed, 0.1, 0.5, true},
		{"confirmed, and now rounded", ward.Confirmed, 0.61, 0.5, true},
		{"confirmed, under a new threshold", ward.Confirmed, 0.6, 0.7, true},
		{"confirmed, and now higher", ward.Confirmed, 0.9, 0.5, true},
		{"rejected, and now lower", ward.Rejected, 0.1, 0.5, true},
		{"rejected, and now higher", ward.Rejected, 0.9, 0.5, false},
		{"rejected, over a lower threshold", ward.Rejected, 0.6, 0.3, false},
		{"rejected, and the threshold is not said any more", ward.Rejected, 0.6, 0, false},
		{"seen, and no word", ward.Unread, 0.1, 0.5, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := newClock()
			b := open(t, c)
			a := admit(t, b, "H1", "01")
			report(t, b, delivery(c, "d1"), placed(says("H1", 0.6), a))
			ok(t, b.SawFinding(t.Context(), "f1", "doctor"))
			must[ward.Finding](t)(b.JudgeFinding(t.Context(), "f1", tc.word, "", nil, "doctor"))
			c.pass(time.Minute)
			r := says("H1", tc.score)
			r.Findings[0].Threshold = tc.threshold
			report(t, b, delivery(c, "d2"), placed(r, a))
			want := ward.Unread
			if tc.stands {
				want = tc.word
			}
			if f := of(t, b, a)[0]; f.Confirmed != want || f.Seen.IsZero() == tc.stands || f.Score != tc.score {
				t.Errorf("%+v", f)
			}
		})
	}
}

// What a source takes back counts for nothing from then on, unless it is said again later.
func TestARetraction(t *testing.T) {
	c := newClock()
	b := open(t, c)
	a := admit(t, b, "H1", "01")
	r := says("H1", 0.9)
	other := r.Findings[0]
	other.ID, other.Code = "f2", "60046008"
	r.Findings = append(r.Findings, other)
	report(t, b, delivery(c, "d1"), placed(r, a))
	c.pass(time.Minute)
	back := ward.ImagingReport{Of: r.Of, Study: r.Study, Retracts: []ward.Retraction{{StudyUID: "1.2.3", Code: "36118008", At: c.at}}}
	if changed := report(t, b, delivery(c, "d2"), placed(back, a)); !slices.Equal(changed, []ward.StayID{a}) {
		t.Errorf("changed %v", changed)
	}
	stand := func(want ...bool) {
		t.Helper()
		var got []bool
		for _, f := range of(t, b, a) {
			got = append(got, f.Retracted.IsZero())
		}
		if !slices.Equal(got, want) {
			t.Errorf("stand: %v, want %v", got, want)
		}
	}
	stand(false, true)
	_, err := b.JudgeFinding(t.Context(), "f1", ward.Confirmed, "", nil, "doctor")
	refused(t, err, ward.Conflict)
	before := dump(t, b)
	must[[]ward.StayID](t)(b.Report(t.Context(), "d2", []ward.PlacedReport{placed(back, a)}))
	must[[]ward.StayID](t)(b.Report(t.Context(), "d1", []ward.PlacedReport{placed(r, a)}))
	if dump(t, b) != before {
		t.Error("the same again changed the book")
	}
	elsewhere := delivery(c, "d3")
	elsewhere.Source = "vendor"
	report(t, b, elsewhere, placed(ward.ImagingReport{Of: r.Of, Retracts: []ward.Retraction{{StudyUID: "1.2.3", At: c.at}}}, a))
	stand(false, true) // nobody takes back what another source said
	c.pass(time.Minute)
	report(t, b, delivery(c, "d4"), placed(says("H1", 0.9), a))
	stand(true, true)
	if got, want := deeds(t, b, "finding."), []string{"finding.retract by :"}; !slices.Equal(got, want) {
		t.Errorf("audit %q, want %q", got, want)
	}
}

func TestReportsThatAreRefused(t *testing.T) {
	c := newClock()
	b := open(t, c)
	a := admit(t, b, "H1", "01")
	must[bool](t)(b.Accept(t.Context(), delivery(c, "d1")))
	change := func(edit func(r *ward.PlacedReport)) ward.PlacedReport {
		r := placed(says("H1", 0.9), a)
		edit(&r)
		return r
	}
	before := dump(t, b)
	for _, tc := range []struct {
		name     string
		delivery string
		r        ward.PlacedReport
		code     ward.ErrorCode
	}{
		{"of a delivery that nobody accepted", "d9", placed(says("H1", 0.9), a), ward.NotFound},
		{"of a stay that is not there", "d1", placed(says("H1", 0.9), "nobody"), ward.NotFound},
		{"neither placed nor not", "d1", placed(says("H1", 0.9), ""), ward.BadInput},
		{"score over one", "d1", placed(says("H1", 1.1), a), ward.BadInput},
		{"score that is no number", "d1", placed(says("H1", math.NaN()), a), ward.BadInput},
		{"threshold that is no number", "d1", change(func(r *ward.PlacedReport) { r.Findings[0].Threshold = math.Inf(1) }), ward.BadInput},
		{"no id", "d1", change(func(r *ward.PlacedReport) { r.Findings[0].ID = "" }), ward.BadInput},
		{"no study, so that its id is anybody's", "d1", change(func(r *ward.PlacedReport) { r.Findings[0].StudyUID, r.Findings[0].InstanceUID = "", "" }), ward.BadInput},
		{"a read without a code", "d1", change(func(r *ward.PlacedReport) { r.Reads = []ward.Read{{StudyUID: "1.2.3"}} }), ward.BadInput},
	} {
		_, err := b.Report(t.Context(), tc.delivery, []ward.PlacedReport{placed(says("H1", 0.4), a), tc.r})
		t.Run(tc.name, func(t *testing.T) { refused(t, err, tc.code) })
		if dump(t, b) != before {
			t.Fatalf("%s: left something", tc.name)
		}
	}
}

// The rule may have been asked before somebody changed the stay: a number that the stay does not carry is
// never placed on it.
func TestANumberIsLookedAtAgain(t *testing.T) {
	c := newClock()
	b := open(t, c)
	a := admit(t, b, "H1", "01")
	report(t, b, delivery(c, "d1"), placed(says("H2", 0.9), a))
	if item := one(t, b); item.Why != ward.UnmatchedUnknown || !slices.Equal(item.Guesses, []ward.StayID{a}) || len(of(t, b, a)) != 0 {
		t.Errorf("%+v", item)
	}
}

// Reports of any content, in any order, each as often as one likes: the same again changes nothing at all,
// and what was said does not depend on the order.
func TestReportsAgainChangeNothing(t *testing.T) {
	b := open(t, newClock())
	stay := admit(t, b, "H1", "01")
	db := raw(t, b)
	anew := func() {
		for _, table := range []string{"placements", "findings", "reads", "gate_refusals", "studies", "deliveries"} {
			must[sql.Result](t)(db.Exec(`DELETE FROM ` + table))
		}
	}
	rapid.Check(t, func(r *rapid.T) {
		c := newClock()
		anew()
		var ds []ward.Delivery
		var said []ward.PlacedReport
		for i := range rapid.IntRange(1, 3).Draw(r, "deliveries") {
			c.pass(time.Duration(rapid.IntRange(0, 1).Draw(r, "later")) * time.Second)
			x := ward.ImagingReport{Of: ward.Claim{HospitalID: "H1"}, Study: ward.Study{UID: "1.2.3"}}
			for k := range rapid.IntRange(0, 2).Draw(r, "findings") {
				f := says("H1", float64(rapid.IntRange(0, 3).Draw(r, "score"))/4).Findings[0]
				f.ID, f.Label = fmt.Sprint("f", k), rapid.SampledFrom([]string{"x", "y"}).Draw(r, "label")
				if rapid.Bool().Draw(r, "dated") {
					f.Produced = newClock().at.Add(time.Duration(rapid.IntRange(-2, 2).Draw(r, "produced")) * time.Second)
				}
				x.Findings = append(x.Findings, f)
			}
			if rapid.Bool().Draw(r, "read") {
				x.Reads = []ward.Read{{StudyUID: "1.2.3", Code: "36118008", Present: rapid.Bool().Draw(r, "present"), At: newClock().at.Add(time.Duration(rapid.IntRange(0, 2).Draw(r, "signed")) * time.Second)}}
			}
			if rapid.Bool().Draw(r, "refused") {
				x.Refused = []ward.GateRefusal{{Model: "m", Version: "1", InstanceUID: "1.2.3.4", Code: ward.RefusedBlank, At: c.at}}
			}
			ds, said = append(ds, delivery(c, fmt.Sprint("d", i))), append(said, placed(x, stay))
		}
		for i := range ds {
			report(t, b, ds[i], said[i])
		}
		if rapid.Bool().Draw(r, "again") {
			before := dump(t, b)
			for _, i := range rapid.SliceOfN(rapid.IntRange(0, len(ds)-1), 1, 3).Draw(r, "which") {
				if changed := report(t, b, ds[i], said[i]); len(changed) != 0 {
					r.Fatalf("changed %v", changed)
				}
			}
			if after := dump(t, b); after != before {
				r.Fatalf("before:\n%s\nafter:\n%s", before, after)
			}
			return
		}
		but := []string{"audit", "placements", "deliveries", "findings.delivery", "findings.received", "findings.taken"}
		before := dump(t, b, but...)
		anew()
		for _, i := range rapid.Permutation(order(len(ds))).Draw(r, "order") {
			report(t, b, ds[i], said[i])
		}
		if after := dump(t, b, but...); after != before {
			r.Fatalf("in order:\n%s\nnot in order:\n%s", before, after)
		}
	})
}

func order(n int) []int {
	list := make([]int, n)
	for i := range list {
		list[i] = i
	}
	return list
}
