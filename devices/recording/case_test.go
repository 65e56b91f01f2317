package recording

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"wardwatch/devices"
	"wardwatch/ward"
)

// cases reads patients as text, and row errors.
func cases(t testing.TB, path string, facts *Outcomes, o Options) (got []string, counts Counts) {
	t.Helper()
	o.Base = base
	r, err := Open(path, o)
	if err != nil {
		t.Fatal(err)
	}
	for c, err := range r.Patients(facts) {
		var bad *RowError
		switch {
		case errors.As(err, &bad):
			got = append(got, short(bad))
		case err != nil:
			t.Fatal(err)
		default:
			got = append(got, fmt.Sprintf("%s %.0f %s %s", c.ID, c.Age, c.Sex, showOutcome(c.Outcome)))
			for _, row := range c.Rows {
				got = append(got, fmt.Sprintf("  %d: %s", row.Number, show(row.Reading)))
			}
		}
	}
	return got, r.Counts()
}

func showOutcome(o Outcome) string {
	if !o.Known {
		return "unknown"
	}
	text := fmt.Sprintf("event %v", o.Event)
	for i, at := range []time.Time{o.At, o.LabelAt, o.End} {
		if !at.IsZero() {
			text += fmt.Sprintf(" %s %v", []string{"at", "label", "end"}[i], at.Sub(base))
		}
	}
	return text
}

// Without facts beside it, a labelled file tells its own outcome: onset six hours after the label.
func TestPatientsOfCinC2019(t *testing.T) {
	got, counts := cases(t, file(t, "x.csv", smallCinC), nil, Options{})
	same(t, got,
		"row 4: not_a_number (O2Sat)",
		"row 4: outside_limits (FiO2)",
		"row 5: out_of_order",
		"row 6: bad_time (ICULOS)",
		"row 7: not_a_number (SepsisLabel)",
		"p1 48 male event true at 9h0m0s label 3h0m0s end 3h0m0s",
		"  2: p1 rec-p1 1h0m0s",
		"  3: p1 rec-p1 2h0m0s hr=130 spo2=96 temp=36.6 sbp=129 map=87 dbp=72 rr=24",
		"  4: p1 rec-p1 3h0m0s hr=120 sbp=126",
		"p2 NaN female event false end 1h0m0s",
		"  8: p2 rec-p2 1h0m0s hr=80 fio2=0.4",
	)
	if counts.Patients != 2 || counts.NoOutcome != 0 || counts.Bare != 0 {
		t.Errorf("%+v", counts)
	}
}

// A charted moment is one set: the cuff beside the arterial line is left out, and counted.
func TestPatientsOfCinC2012(t *testing.T) {
	facts, err := OpenOutcomes(file(t, "outcomes.csv", "RecordID,set,Survival,In-hospital_death\n7,a,3,1\n"), "cinc2012", Options{Base: base})
	if err != nil {
		t.Fatal(err)
	}
	content := strings.Join(strings.Split(smallCinC2012, "\n")[:12], "\n") + "\n8,b,0,Age,50\n8,b,9,HR,90\n9,b,0,Age,50\n"
	got, counts := cases(t, file(t, "x.csv", content), facts, Options{})
	same(t, got,
		"7 76 male event true end 48h0m0s",
		"  6: 7 rec-7 7m0s hr=80 sbp=110 dbp=70 temp=36.5",
		"  11: 7 rec-7 10m0s fio2=0.5 o2_device=8",
		"8 50  unknown",
		"  14: 8 rec-8 9m0s hr=90",
	)
	if counts.Patients != 2 || counts.NoOutcome != 1 || counts.Bare != 1 || counts.Skipped[CoveredValue] != 1 {
		t.Errorf("%+v", counts)
	}
	if never := counts.Never(); !slices.Contains(never, ward.SpO2) || slices.Contains(never, ward.HR) {
		t.Errorf("never: %v", never)
	}
}

// A death within the stay, or within 24 hours of the last row, is the event; a later one is not.
func TestLateDeathInMIMIC(t *testing.T) {
	rows := "subject_id,icustay_id,minute_from_icu_in,signal,itemid,value,unit\n"
	for _, stay := range []string{"1", "2", "3", "4"} {
		rows += "9," + stay + ",600,HR,211,80,\n"
	}
	stays := "icustay_id,age,gender,icu_in_to_out_min,icu_in_to_death_min\n" +
		"1,90+,F,1000,700\n" + "2,50,M,1000,2040\n" + "3,50,M,1000,2041\n" + "4,50,M,1000,\n"
	facts, err := OpenOutcomes(file(t, "stays.csv", stays), "", Options{Base: base})
	if err != nil {
		t.Fatal(err)
	}
	got, _ := cases(t, file(t, "x.csv", rows), facts, Options{})
	same(t, got,
		"1 90 female event true at 11h40m0s end 11h40m0s", "  2: 1 rec-1 10h0m0s hr=80",
		"2 50 male event true at 34h0m0s end 16h40m0s", "  3: 2 rec-2 10h0m0s hr=80",
		"3 50 male event false end 16h40m0s", "  4: 3 rec-3 10h0m0s hr=80",
		"4 50 male event false end 16h40m0s", "  5: 4 rec-4 10h0m0s hr=80",
	)
}

// A patient who comes back is still one patient, and a torn moment one set.
func TestPatientsThatStandApart(t *testing.T) {
	got, counts := cases(t, file(t, "x.csv", "patient,time,vital,value\n"+
		"A,0,hr,80\nB,0,hr,70\nA,0,rr,18\nC,0,hr,60\nA,0,hr,81\nA,1,hr,82\nB,5,hr,71\nA,0,hr,99\n"), nil, Options{})
	same(t, got,
		"row 9: out_of_order",
		"C NaN  unknown", "  5: C rec-C 0s hr=60",
		"A NaN  unknown", "  2: A rec-A 0s hr=81 rr=18", "  7: A rec-A 1s hr=82",
		"B NaN  unknown", "  3: B rec-B 0s hr=70", "  8: B rec-B 5s hr=71",
	)
	if counts.Readings != 5 || counts.Values[ward.HR] != 5 || counts.Values[ward.RR] != 1 || counts.Conflicts != 1 || counts.Patients != 3 {
		t.Errorf("%+v", counts)
	}
}

// However patients are mixed in a file, each has the same rows as in a file sorted by patient.
func TestMixingPatientsChangesNothing(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		type line struct{ patient, text string }
		var sorted []line
		for p := range rapid.IntRange(1, 4).Draw(t, "patients") {
			id := string(rune('A' + p))
			for s := range rapid.IntRange(1, 5).Draw(t, "moments") {
				for _, v := range []string{"hr", "rr", "spo2"}[:rapid.IntRange(1, 3).Draw(t, "vitals")] {
					sorted = append(sorted, line{id, fmt.Sprintf("%s,%d,%s,%d\n", id, s, v, rapid.IntRange(50, 90).Draw(t, "x"))})
				}
			}
		}
		mixed := slices.Clone(sorted)
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		at := map[string][]int{} // a patient's own lines keep their order
		random.Shuffle(len(mixed), func(i, j int) { mixed[i], mixed[j] = mixed[j], mixed[i] })
		for i, l := range mixed {
			at[l.patient] = append(at[l.patient], i)
		}
		for _, l := range sorted {
			i := at[l.patient][0]
			at[l.patient] = at[l.patient][1:]
			mixed[i] = l
		}
		text := func(name string, lines []line) []string {
			content := "patient,time,vital,value\n"
			for _, l := range lines {
				content += l.text
			}
			path := filepath.Join(dir, name)
			if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
			r, err := Open(path, Options{Base: base})
			if err != nil {
				t.Fatal(err)
			}
			var out []string
			for c, err := range r.Patients(nil) {
				if err != nil {
					t.Fatal(err)
				}
				for _, row := range c.Rows {
					out = append(out, show(row.Reading))
				}
			}
			slices.Sort(out)
			return out
		}
		if a, b := text("sorted.csv", sorted), text("mixed.csv", mixed); !slices.Equal(a, b) {
			t.Fatalf("sorted %q\nmixed %q", a, b)
		}
	})
}

// What a caller keeps of one patient stays what it was.
func TestRowsOfAPatientAreFresh(t *testing.T) {
	r, err := Open(file(t, "x.csv", "patient,time,vital,value\nA,0,hr,80\nA,1,hr,81\nB,0,hr,70\nB,1,hr,71\n"), Options{Base: base})
	if err != nil {
		t.Fatal(err)
	}
	var all []Case
	for c, err := range r.Patients(nil) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, c)
	}
	if len(all) != 2 || show(all[0].Rows[0].Reading) != "A rec-A 0s hr=80" || show(all[0].Rows[1].Reading) != "A rec-A 1s hr=81" {
		t.Errorf("%v", all)
	}
}

func TestPatientsCanStop(t *testing.T) {
	r, err := Open(file(t, "x.csv", "patient,time,vital,value\nA,0,hr,80\nB,0,hr,70\nA,1,hr,81\nC,0,hr,x\nC,1,hr,60\n"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	for stopAfter := 1; stopAfter <= 4; stopAfter++ {
		n := 0
		for range r.Patients(nil) {
			if n++; n == stopAfter {
				break
			}
		}
		if n != stopAfter {
			t.Errorf("%d of %d", n, stopAfter)
		}
	}
}

// A file cut short ends with an error and yields no half patient after it.
func TestPatientsOfATruncatedFile(t *testing.T) {
	var b strings.Builder
	b.WriteString("patient,time,vital,value\n")
	for i := range 20_000 {
		fmt.Fprintf(&b, "A,%d,hr,%d\n", i, 60+i*7919%60)
	}
	path := file(t, "x.csv.gz", b.String())
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, content[:len(content)/2], 0o600); err != nil {
		t.Fatal(err)
	}
	r, err := Open(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	whole, last := 0, error(nil)
	for _, err := range r.Patients(nil) {
		if last = err; err == nil {
			whole++
		}
	}
	var bad *RowError
	if last == nil || errors.As(last, &bad) || whole > 0 {
		t.Errorf("%d patients, ended with %v", whole, last)
	}
}

func TestProgressRisesToTheSize(t *testing.T) {
	var b strings.Builder
	b.WriteString("patient,time,vital,value\n")
	for i := range 50_000 {
		fmt.Fprintf(&b, "A,%d,hr,80\n", i)
	}
	path := file(t, "x.csv", b.String())
	var last, size, calls int64
	r, err := Open(path, Options{Progress: func(read, of int64) {
		if read < last || read > of {
			t.Errorf("%d of %d after %d", read, of, last)
		}
		last, size, calls = read, of, calls+1
	}})
	if err != nil {
		t.Fatal(err)
	}
	for range r.Patients(nil) {
	}
	if last != size || size != 2*int64(b.Len()) || calls < 4 {
		t.Errorf("patients: %d of %d in %d calls", last, size, calls)
	}
	last, calls = 0, 0
	for range r.Readings() {
	}
	if last != size || size != int64(b.Len()) || calls < 2 {
		t.Errorf("readings: %d of %d in %d calls", last, size, calls)
	}
}

// Published tables are charted sets; our long layout is a device's; and either can be told otherwise.
// On the wire nobody says so: what is replayed is a device's.
func TestSource(t *testing.T) {
	device := ward.FromDevice
	manual := ward.Manual
	for _, c := range []struct {
		content string
		told    *ward.Source
		want    ward.Source
	}{
		{smallLong, nil, ward.FromDevice}, {smallLong, &manual, ward.Manual},
		{smallMIMIC, nil, ward.HIS}, {smallCinC, nil, ward.HIS}, {smallCinC2012, nil, ward.HIS}, {smallEICU, nil, ward.HIS},
		{smallCinC2012, &device, ward.FromDevice}, {smallCinC, &device, ward.FromDevice},
	} {
		r, err := Open(file(t, "x.csv", c.content), Options{Source: c.told})
		if err != nil {
			t.Fatal(err)
		}
		var d devices.Decoder
		n := 0
		for reading, err := range r.Readings() {
			if err != nil {
				continue
			}
			n++
			if reading.Source != c.want {
				t.Errorf("%s: %s, want %s", r.Layout(), reading.Source, c.want)
			}
			got, fault := d.Decode(devices.Encode(nil, &reading), nil)
			if fault != nil || got[0].Reading.Source != ward.FromDevice {
				t.Errorf("%s on the wire: %v, %v", r.Layout(), got, fault)
			}
		}
		if n == 0 {
			t.Errorf("%s: nothing read", r.Layout())
		}
	}
}

// Whatever Readings yields, Patients yields too, but for the cuffs.
func TestPatientsRealHaveAllReadings(t *testing.T) {
	path := real(t, "mimic3-demo-vitals/dev_vitals.csv.gz")
	r, err := Open(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for range r.Readings() {
	}
	flat := r.Counts()
	facts, err := OpenOutcomes(Companion(path), r.Layout(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	rows, events := int64(0), 0
	for c, err := range r.Patients(facts) {
		if err != nil {
			continue
		}
		rows += int64(len(c.Rows))
		if c.Outcome.Event {
			events++
		}
		if math.IsNaN(c.Age) || c.Sex == ward.SexUnknown || !c.Outcome.Known {
			t.Errorf("a stay without age, sex or outcome: %+v", c.Patient.Outcome)
		}
	}
	c := r.Counts()
	t.Logf("%d patients, %d events, %d rows", c.Patients, events, rows)
	dropped := c.Skipped[CoveredValue] - flat.Skipped[CoveredValue]
	var values, flatValues int64
	for v := range c.Values {
		values, flatValues = values+c.Values[v], flatValues+flat.Values[v]
	}
	if rows != c.Readings || dropped == 0 || values+dropped != flatValues || events != 21 {
		t.Errorf("%d rows of %d, %d + %d values of %d, %d events", rows, c.Readings, values, dropped, flatValues, events)
	}
}

func BenchmarkPatientsCinC2019(b *testing.B) {
	benchmarkPatients(b, real(b, "cinc2019-sepsis-setB/dev.csv.gz"))
}
func BenchmarkPatientsCinC2012(b *testing.B) {
	benchmarkPatients(b, real(b, "cinc2012-mortality/dev.csv.gz"))
}

// BenchmarkPatients needs no real data: hours as cinc2012 writes them.
func BenchmarkPatients(b *testing.B) {
	var content strings.Builder
	content.WriteString("patient,set,minute,parameter,value\n")
	for p := range 500 {
		for h := range 48 {
			for i, name := range []string{"HR", "RespRate", "NISysABP", "NIDiasABP", "Temp", "GCS", "Urine", "Weight"} {
				fmt.Fprintf(&content, "%d,a,%d,%s,%d\n", 132500+p, h*60, name, []int{80, 18, 120, 70, 37, 15, 60, 81}[i])
			}
		}
	}
	benchmarkPatients(b, file(b, "x.csv.gz", content.String()))
}

func benchmarkPatients(b *testing.B, path string) {
	r, err := Open(path, Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	var rows int64
	for b.Loop() {
		for c, err := range r.Patients(nil) {
			var bad *RowError
			if err != nil && !errors.As(err, &bad) || err == nil && len(c.Rows) == 0 {
				b.Fatal(err)
			}
		}
		rows += r.Counts().Rows
	}
	b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "rows/s")
}
