package dashboard

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"wardwatch/ward"
)

const fullSet = `"rr":22,"spo2":93,"hr":104,"sbp":98,"temp":38.4,"consciousness":"C","o2_device":"nasal_cannula","o2_flow":2`

// chart posts a set for the stay s1 and answers with what came of it and the reading, if any.
func (h *house) chart(body string) (answer, *ward.Reading) {
	h.t.Helper()
	a := h.do(ask{method: "POST", path: "/api/v1/stays/s1/observations", as: "p-nurse", body: body})
	select {
	case rs := <-h.submitted:
		if len(rs) != 1 {
			h.t.Fatalf("%d readings", len(rs))
		}
		return a, &rs[0]
	default:
		return a, nil
	}
}

func TestObservations(t *testing.T) {
	h := open(t, nil)
	at := noon.Add(-10 * time.Minute)
	for _, c := range []struct {
		name, values string
		at           time.Time
		status       int
	}{
		{"a full set", fullSet, at, 201},
		{"consciousness alone", `"consciousness":"A"`, at.Add(time.Second), 201},
		{"a child's signs", `"resp_distress":"moderate","cap_refill":2.5`, at.Add(2 * time.Second), 201},
		{"FiO2 in percent", `"fio2":28`, at, 400},
		{"degrees Fahrenheit", `"temp":100.4`, at, 400},
		{"capillary refill in milliseconds", `"cap_refill":2000`, at, 400},
		{"a number too large for a patient", `"rr":1e300`, at, 400},
		{"a number too large for a computer", `"rr":1e400`, at, 400},
		{"no such level", `"consciousness":"X"`, at, 400},
		{"no such device", `"o2_device":"tent"`, at, 400},
		{"no such distress", `"resp_distress":"3"`, at, 400},
		{"nothing", ``, at, 400},
		{"the future", `"rr":20`, noon.Add(2 * time.Minute), 400},
		{"the day before yesterday", `"rr":20`, noon.Add(-48 * time.Hour), 400},
		{"before admission", `"rr":20`, noon.Add(-3 * time.Hour), 409},
	} {
		body := fmt.Sprintf(`{"at":%d,"values":{%s},"partial":"asleep","worried":true}`, c.at.UnixMilli(), c.values)
		a, r := h.chart(body)
		if a.status != c.status || (r != nil) != (c.status == 201) {
			t.Errorf("%s: %d %s, want %d", c.name, a.status, a.body, c.status)
			continue
		}
		if r == nil {
			continue
		}
		if a := r.Alarms; len(a) != 1 || a[0].Code != ward.AlarmWorried || !a[0].On {
			t.Errorf("the worry went nowhere: %+v", a)
		}
		if r.Stay != "s1" || r.Place != (ward.Place{Ward: "icu", Bed: "1"}) || r.Source != ward.Manual || !r.At.Equal(c.at) || !r.Taken.Equal(c.at) || r.Late {
			t.Errorf("%s: %+v", c.name, r)
		}
		for _, v := range r.Values {
			if !v.At.Equal(c.at) || math.IsNaN(v.Number) {
				t.Errorf("%s: %+v", c.name, v)
			}
		}
		said := decode[ObservationReply](t, a)
		again, repeat := h.chart(body)
		if r2 := decode[ObservationReply](t, again); r2.ID != said.ID || r2.Version != 1 || repeat == nil || repeat.Seq != r.Seq {
			t.Errorf("%s: the same set sent again is another one", c.name)
		}
		if o := h.book.charted[said.ID]; !o.Worried || o.By != "p-nurse" || !o.Entered.Equal(noon) || o.Partial != r.Partial {
			t.Errorf("%s: charted %+v", c.name, o)
		}
	}
}

// A set that lacks something says why, in one of the coded reasons.
func TestASetThatIsNotCompleteSaysWhy(t *testing.T) {
	child := func(*ward.Stay, time.Time) []string {
		return []string{"rr", "oxygen", "resp_distress", "cap_refill", "clinician_concern"}
	}
	nothing := func(*ward.Stay, time.Time) []string { return nil }
	for _, c := range []struct {
		name, set string
		needs     func(*ward.Stay, time.Time) []string
		status    int
		partial   string // as kept
		missing   string
	}{
		{"complete", `{"values":{` + fullSet + `}}`, nil, 201, "", ""},
		{"complete, with a reason chosen before", `{"values":{` + fullSet + `},"partial":"asleep"}`, nil, 201, "", ""},
		{"oxygen known by its fraction", `{"values":{"rr":18,"spo2":97,"hr":70,"sbp":120,"temp":37,"consciousness":"A","fio2":0.21}}`, nil, 201, "", ""},
		{"no reason", `{"values":{"rr":18,"spo2":97}}`, nil, 400, "", ""},
		{"an empty reason", `{"values":{"rr":18,"spo2":97},"partial":""}`, nil, 400, "", ""},
		{"a reason of one's own", `{"values":{"rr":18},"partial":"no time"}`, nil, 400, "", ""},
		{"a reason of one's own for a complete set", `{"values":{` + fullSet + `},"partial":"no time"}`, nil, 400, "", ""},
		{"asleep", `{"values":{"rr":18,"spo2":97,"hr":70,"sbp":120,"temp":37,"o2_device":"room_air"},"partial":"asleep"}`, nil, 201, "asleep", "consciousness"},
		{"a monitor measures the rest", `{"values":{"consciousness":"A","o2_device":"room_air","temp":37}, "partial":"monitored"}`, nil, 201, "monitored", "rr spo2 sbp hr"},
		{"a child's chart, complete", `{"values":{"rr":40,"o2_flow":2,"resp_distress":"mild","cap_refill":2}}`, child, 201, "", ""},
		{"a child's chart with an adult's set", `{"values":{` + fullSet + `}}`, child, 400, "", ""},
		{"a child's chart, refused", `{"values":{` + fullSet + `},"partial":"refused"}`, child, 201, "refused", "resp_distress cap_refill"},
		{"nobody's chart", `{"values":{"rr":18}}`, nothing, 201, "", ""},
	} {
		h := open(t, func(o *Options) { o.NeedsFor = c.needs })
		a, r := h.chart(c.set)
		if a.status != c.status {
			t.Errorf("%s: %d %s, want %d", c.name, a.status, a.body, c.status)
			continue
		}
		if r == nil {
			p := decode[Problem](t, a)
			for _, reason := range ward.PartialReasons {
				if !strings.Contains(p.Hint, reason) {
					t.Errorf("%s: the hint leaves out %s: %q", c.name, reason, p.Hint)
				}
			}
			if c.set == `{"values":{"rr":18,"spo2":97}}` && !strings.Contains(p.Detail, "lacks o2, sbp, hr, consciousness, temp") {
				t.Errorf("%s: %q", c.name, p.Detail)
			}
			continue
		}
		got := decode[ObservationReply](t, a)
		if r.Partial != c.partial || !slices.Equal(got.Missing, strings.Fields(c.missing)) || got.Complete != (c.missing == "") {
			t.Errorf("%s: kept %q, answered %+v", c.name, r.Partial, got)
		}
	}
}

// A set of the same time corrects the one before; it is no repeat of it, nor is a set corrected back.
func TestACorrectionIsAnotherVersion(t *testing.T) {
	h := open(t, nil)
	set := func(rr int) string {
		return fmt.Sprintf(`{"at":%d,"values":{"rr":%d},"partial":"asleep"}`, noon.Add(-time.Minute).UnixMilli(), rr)
	}
	var id string
	for i, c := range []struct {
		rr      int
		version int64
	}{{32, 1}, {32, 1}, {23, 2}, {32, 3}} {
		a, r := h.chart(set(c.rr))
		got := decode[ObservationReply](t, a)
		if i == 0 {
			id = got.ID
		}
		if got.ID != id || got.Version != c.version || !r.HasSeq || r.Seq != uint64(c.version) {
			t.Errorf("step %d: version %d, number %d, want %d", i, got.Version, r.Seq, c.version)
		}
	}
	other, _ := h.chart(fmt.Sprintf(`{"at":%d,"values":{"rr":20},"partial":"asleep"}`, noon.UnixMilli()))
	if got := decode[ObservationReply](t, other); got.ID == id || got.Version != 1 {
		t.Errorf("a set of another time: %+v", got)
	}
}

func TestASetEnteredAfterwardsIsCalledSo(t *testing.T) {
	for _, c := range []struct {
		back, age time.Duration
		taken     string
	}{
		{0, 0, "current"}, {0, 10 * time.Minute, "current"}, {0, 10*time.Minute + time.Millisecond, "afterwards"}, {0, 90 * time.Minute, "afterwards"},
		{time.Hour, 50 * time.Minute, "current"}, {time.Hour, 61 * time.Minute, "afterwards"},
	} {
		h := open(t, func(o *Options) { o.BackEntry = c.back })
		a, r := h.chart(fmt.Sprintf(`{"at":%d,"values":{%s}}`, noon.Add(-c.age).UnixMilli(), fullSet))
		// A worry ticked then is told, and one not ticked ends an earlier one, only by a set of now.
		if told := len(r.Alarms) > 0; told != (c.taken == "current") {
			t.Errorf("%v old: it carries %+v", c.age, r.Alarms)
		}
		if got := decode[ObservationReply](t, a); got.Taken != c.taken || !r.At.Equal(noon.Add(-c.age)) || !r.Arrived.Equal(noon) {
			t.Errorf("%v old: %s %+v", c.age, a.body, r)
		}
	}
}
