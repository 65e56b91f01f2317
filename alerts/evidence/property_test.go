package evidence

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"wardwatch/ward"
)

var everyRole = []ward.Role{ward.RoleNurse, ward.RoleCharge, ward.RoleDoctor, ward.RoleLead, ward.RoleICU, ward.RoleEngineer}

func drawStory(t *rapid.T, i int) *story {
	s := begin(fmt.Sprint("K", i), rapid.Float64Range(-30, 900).Draw(t, "raised"))
	s.Alert.Place = ward.Place{Ward: rapid.SampledFrom([]ward.WardID{"icu", "med", "sur"}).Draw(t, "ward"), Bed: ward.BedID(rapid.StringMatching("[1-9]").Draw(t, "bed"))}
	s.Alert.Kind = rapid.SampledFrom([]ward.AlertKind{ward.Clinical, ward.DeviceRaise, ward.Technical}).Draw(t, "kind")
	at := s.Alert.Raised.Sub(noon).Minutes()
	for range rapid.IntRange(0, 6).Draw(t, "steps") {
		at += rapid.Float64Range(0, 40).Draw(t, "after")
		role := rapid.SampledFrom(everyRole).Draw(t, "role")
		if rapid.Bool().Draw(t, "tell") {
			s.tell(at, rapid.IntRange(1, 3).Draw(t, "level"), rapid.Float64Range(-1, 90).Draw(t, "delay"), role)
			continue
		}
		s.do(at, "p", rapid.SampledFrom([]ward.Deed{ward.DoSee, ward.DoAccept, ward.DoDecline, ward.DoOnWay, ward.DoBedside, ward.DoSnooze, ward.DoPlan, ward.DoEscalate, doChart}).Draw(t, "deed"), role)
	}
	if rapid.Bool().Draw(t, "closed") {
		s.close(at+rapid.Float64Range(0, 100).Draw(t, "end"), rapid.SampledFrom([]ward.PersonID{"", "p"}).Draw(t, "by"),
			rapid.SampledFrom([]string{"treated", "artefact", "plan", "=cmd()", "score fell"}).Draw(t, "reason"))
	}
	return s
}

// Whatever happened: every split adds up to the whole, no part is greater than it, times never run
// backwards, every telling is in the record, and every table can be read back.
func TestCountsAddUpOverEverySplit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := NewMeter(Span{From: minute(-60), To: minute(1500), Zone: zone}, limits)
		m.Lyings(ward.Lying{Place: bed7, From: minute(-60)})
		for i := range rapid.IntRange(0, 8).Draw(t, "alerts") {
			m.Add(drawStory(t, i).Case)
		}
		r := m.Report()
		for what, list := range map[string][]Response{"ward": r.Responses.Ward, "hour": r.Responses.Hour, "band": r.Responses.Band, "kind": r.Responses.Kind} {
			rounds, accepted, kept, of := 0, 0, 0, 0
			for _, x := range list {
				rounds += x.Rounds
				accepted += x.ToldAccepted.N
				if w := x.ToldAccepted.Within; w != nil {
					kept, of = kept+w.N, of+w.Of
				}
			}
			all := r.Responses.All
			if rounds != r.Rounds || accepted != all.ToldAccepted.N {
				t.Fatalf("by %s: %d rounds of %d, %d accepted of %d", what, rounds, r.Rounds, accepted, all.ToldAccepted.N)
			}
			if w := all.ToldAccepted.Within; w != nil && (kept != w.N || of != w.Of) {
				t.Fatalf("by %s: %d/%d kept, in all %d/%d", what, kept, of, w.N, w.Of)
			}
		}
		addUp(t, &r)
		tables(t, &r)
	})
}

func addUp(t *rapid.T, r *Report) {
	accept := 0
	for _, b := range r.Breaches {
		if b.What == "accept" {
			accept++
		}
		if b.Late < 0 {
			t.Fatalf("a breach before its limit: %+v", b)
		}
	}
	if w := r.Responses.All.ToldAccepted.Within; w != nil && w.Of-w.N != accept {
		t.Fatalf("%d of %d kept, %d breaches listed", w.N, w.Of, accept)
	}
	y := &r.Yield
	judged := 0
	for _, k := range y.Kind {
		judged += k.Of
	}
	technical, beds, kinds := 0, 0, 0
	for _, b := range r.Burden.Beds {
		beds += b.all()
		technical += b.Technical
	}
	for _, k := range r.Burden.Kinds {
		kinds += k.N
	}
	if judged != y.PPV.Of || y.PPV.Of+y.Uncoded+y.Unknown+y.Itself+y.Open+technical != r.Alerts || beds != r.Alerts || kinds != r.Alerts || len(r.Rows) != r.Alerts {
		t.Fatalf("%d alerts; beds %d, kinds %d, rows %d, yield %+v", r.Alerts, beds, kinds, len(r.Rows), *y)
	}
	for _, c := range r.Channels {
		if c.Delivered+c.Failed+c.Withdrawn+c.Pending != c.Made {
			t.Fatalf("channel %+v", c)
		}
	}
}

func tables(t *rapid.T, r *Report) {
	for _, table := range Tables() {
		var b bytes.Buffer
		if err := WriteCSV(&b, r, table, CSVOptions{}); err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(&b).ReadAll()
		if err != nil || len(rows) == 0 {
			t.Fatalf("%s: %d rows, %v", table, len(rows), err)
		}
		for _, row := range rows[1:] {
			for _, cell := range row {
				if cell != "" && (cell[0] == '=' || cell[0] == '+' || cell[0] == '@') {
					t.Fatalf("%s: a spreadsheet would run %q", table, cell)
				}
			}
		}
	}
}

// A timeline is in order, and holds every row and every promise.
func TestTimelineLosesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawStory(t, 1)
		steps := Timeline(s.Alert, s.Audit, s.Notices, s.Receipts)
		count := map[string]int{}
		for i, x := range steps {
			count[x.What]++
			if i > 0 && x.At.Before(steps[i-1].At) {
				t.Fatalf("step %d is before the one before it", i)
			}
		}
		deeds := 0
		for _, e := range s.Audit {
			if count[e.Deed] == 0 {
				t.Fatalf("%s is missing", e.Deed)
			}
			deeds++
		}
		if count[StepPromised] != len(s.Notices) || count[StepDelivered]+count[StepFailed] != len(s.Notices) {
			t.Fatalf("%d notices: %v", len(s.Notices), count)
		}
	})
}

// BenchmarkMeasure is a year of a large ward: 50,000 alerts.
func BenchmarkMeasure(b *testing.B) {
	in := Input{Span: Span{From: noon, To: noon.AddDate(1, 0, 0), Zone: zone}, Goals: limits, Receipts: map[ward.NoticeID][]ward.Receipt{}}
	for i := range 50_000 {
		m := float64(i) * 10
		s := begin(fmt.Sprint("K", i), m).tell(m+2, 1, 1, ward.RoleNurse, ward.RoleCharge, ward.RoleDoctor).do(m+4, "n", ward.DoAccept, ward.RoleNurse).do(m+9, "n", ward.DoBedside, ward.RoleNurse).close(m+30, "n", "treated")
		in.Alerts = append(in.Alerts, s.Alert)
		in.Audit = append(in.Audit, s.Audit...)
		in.Notices = append(in.Notices, s.Notices...)
		for id, r := range s.Receipts {
			in.Receipts[id] = r
		}
	}
	for i := range 40 {
		in.Lyings = append(in.Lyings, ward.Lying{Place: ward.Place{Ward: "icu", Bed: ward.BedID(fmt.Sprint(i))}, From: noon})
	}
	b.ReportAllocs()
	for b.Loop() {
		if r := Measure(in); r.Alerts != 50_000 {
			b.Fatal(r.Alerts)
		}
	}
	b.ReportMetric(float64(b.Elapsed())/float64(b.N)/50_000/float64(time.Microsecond), "µs/alert")
}
