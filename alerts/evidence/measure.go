package evidence

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"wardwatch/ward"
)

// Measure makes the report of a span from records in any order.
func Measure(in Input) Report {
	m := NewMeter(in.Span, in.Goals)
	m.Lyings(in.Lyings...)
	audit := map[ward.AlertID][]ward.AuditEntry{}
	for _, e := range in.Audit {
		if id, ok := strings.CutPrefix(e.Object, "alert:"); ok && strings.HasPrefix(e.Deed, deedPrefix) {
			audit[ward.AlertID(id)] = append(audit[ward.AlertID(id)], e)
		}
	}
	notices := map[ward.AlertID][]ward.Notice{}
	for _, n := range in.Notices {
		if n.Why == ward.WhyTest {
			m.Test(n, in.Receipts[n.ID])
			continue
		}
		notices[n.Alert] = append(notices[n.Alert], n)
	}
	for _, a := range in.Alerts {
		rows := audit[a.ID]
		slices.SortStableFunc(rows, func(a, b ward.AuditEntry) int { return a.At.Compare(b.At) })
		m.Add(Case{Alert: a, Audit: rows, Notices: notices[a.ID], Receipts: in.Receipts})
	}
	return m.Report()
}

// Meter measures alerts one by one, so that a year of them need not be held at once.
type Meter struct {
	s     Span
	goals Goals
	coder coder

	alerts, brief, rounds int
	unanswered, judged    int
	exposure              exposure
	lyings                []ward.Lying

	all                          response
	ward, hour, role, band, kind map[string]*response
	breaches                     []Breach
	burden                       load
	yield                        yield
	holding                      map[string]int
	tellings                     int
	channels                     map[string]*channel
	bursts                       []burst
	rows                         []AlertRow
	told                         []TellingRow
}

// NewMeter begins a report.
func NewMeter(s Span, g Goals) *Meter {
	if g.Interruptions == 0 {
		g.Interruptions = GoalInterruptions
	}
	if g.Pages == 0 {
		g.Pages = GoalPages
	}
	return &Meter{
		s: s.withDefaults(), goals: g, coder: newCoder(),
		ward: map[string]*response{}, hour: map[string]*response{}, role: map[string]*response{},
		band: map[string]*response{}, kind: map[string]*response{},
		burden: newLoad(), yield: newYield(), holding: map[string]int{}, channels: map[string]*channel{},
	}
}

// Lyings says who lay where. It may be called often; what lies outside the span does not count.
func (m *Meter) Lyings(ls ...ward.Lying) { m.lyings = append(m.lyings, ls...) }

// Test takes a test message, which no alert stands behind.
func (m *Meter) Test(n ward.Notice, receipts []ward.Receipt) {
	if m.s.holds(n.Made) {
		m.channel(n.Channel).add(&n, receipts)
	}
}

// Add takes one alert with everything written of it.
func (m *Meter) Add(c Case) {
	for i := range c.Notices {
		if n := &c.Notices[i]; m.s.holds(n.Made) {
			m.channel(n.Channel).add(n, c.Receipts[n.ID])
		}
	}
	rounds := roundsOf(&c, m.s.Now)
	raised := m.s.holds(c.Alert.Raised)
	m.bursts = append(m.bursts, burstOf(&c.Alert, raised, rounds)...)
	switch {
	case len(rounds) == 0 && raised:
		m.brief++
		return
	case raised:
		m.alerts++
		m.burden.alert(&c.Alert)
		m.yield.add(m.coder, &c.Alert)
		m.rows = append(m.rows, rowOf(m.coder, &c, rounds))
	}
	for i := range rounds {
		if m.s.holds(rounds[i].told) {
			m.round(&c, &rounds[i])
		}
		for j := range rounds[i].tellings {
			if t := &rounds[i].tellings[j]; m.s.holds(t.at) {
				m.telling(&c, t)
			}
		}
	}
}

// round measures one round in every group it belongs to.
func (m *Meter) round(c *Case, r *round) {
	m.rounds++
	limit := m.goals.limit(r)
	settled := r.settled(limit.Must)
	accept, acceptDue := judge(r.told, settled, r.end, limit.Accept)
	bedside, bedsideDue := judge(r.accepted, r.bedside, r.end, limit.Bedside)
	if accept != notJudged {
		m.judged++
		if r.taken.IsZero() {
			m.unanswered++
		}
	}
	p := &c.Alert.Place
	for _, x := range []*response{
		&m.all, of(m.ward, string(p.Ward)), of(m.hour, fmt.Sprintf("%02d", r.told.In(m.s.Zone).Hour())),
		of(m.band, r.band.String()), of(m.kind, string(r.kind)),
	} {
		x.add(c, r, accept, bedside)
	}
	for i := range r.tellings {
		if t := &r.tellings[i]; !t.warns {
			of(m.role, string(t.role)).telling(r, t, limit)
		}
	}
	if accept == broken {
		m.breach(c, r, "accept", r.told, acceptDue, settled, r.silentAt(acceptDue, limit.Must))
	}
	if bedside == broken {
		m.breach(c, r, "bedside", r.told, bedsideDue, r.bedside, []string{string(r.takenAs)})
	}
}

// silentAt names the roles that had been told and had not accepted by a time: of those who must, where
// some must.
func (r *round) silentAt(due time.Time, must []ward.Role) (roles []string) {
	for i := range r.tellings {
		t := &r.tellings[i]
		late := t.answered.IsZero() || t.answered.After(due) || !t.accepted
		asked := len(must) == 0 || slices.Contains(must, t.role)
		if asked && !t.warns && t.at.Before(due) && late && !slices.Contains(roles, string(t.role)) {
			roles = append(roles, string(t.role))
		}
	}
	return roles
}

func (m *Meter) breach(c *Case, r *round, what string, told, due, met time.Time, roles []string) {
	until := met
	if met.IsZero() {
		until = r.end
	}
	a := &c.Alert
	m.breaches = append(m.breaches, Breach{
		Alert: string(a.ID), Ward: string(a.Place.Ward), Bed: string(a.Place.Bed), Stay: string(a.Stay),
		Kind: string(r.kind), Band: r.band.String(), What: what, Roles: roles,
		Told: ms(told), Due: ms(due), Met: ms(met), Late: until.Sub(due).Seconds(),
	})
}

func (m *Meter) telling(c *Case, t *telling) {
	m.tellings++
	if t.how != "" {
		m.holding[string(t.how)]++
	}
	m.burden.telling(t, m.s.Zone)
	row := TellingRow{
		Alert: string(c.Alert.ID), Ward: string(c.Alert.Place.Ward), Bed: string(c.Alert.Place.Bed), Kind: string(c.Alert.Kind),
		Band: t.band.String(), Role: string(t.role), How: string(t.how), Level: t.level, People: len(t.people),
		Told: ms(t.at), Delivered: ms(t.delivered), Answered: ms(t.answered),
	}
	if !t.answered.IsZero() {
		row.Answer = "declined"
		if t.accepted {
			row.Answer = "accepted"
		}
	}
	m.told = append(m.told, row)
}

// Report closes the books. The meter may go on afterwards.
func (m *Meter) Report() Report {
	m.exposure = exposed(m.lyings, m.s)
	r := Report{
		From: ms(m.s.From), To: ms(m.s.To), Now: ms(m.s.Now), Zone: m.s.Zone.String(),
		Alerts: m.alerts, Brief: m.brief, Rounds: m.rounds, PatientDays: days(m.exposure.all),
		Responses: Responses{
			All: m.all.sum(""), Ward: sums(m.ward), Hour: sums(m.hour), Role: sums(m.role), Band: sums(m.band), Kind: sums(m.kind),
		},
		Breaches: slices.SortedStableFunc(slices.Values(m.breaches), func(a, b Breach) int {
			return cmp.Or(cmp.Compare(a.Told, b.Told), cmp.Compare(a.Alert, b.Alert), cmp.Compare(a.What, b.What))
		}),
		Burden:     m.burden.sum(&m.exposure),
		Yield:      m.yield.sum(),
		Unanswered: share("", m.unanswered, m.judged),
		Holding:    shares(m.holding, m.tellings),
		Channels:   []Channel{},
		Storms:     storms(m.bursts),
		Rows:       m.rows, Tellings: m.told,
	}
	if r.Breaches == nil {
		r.Breaches = []Breach{}
	}
	for _, name := range sortedKeys(m.channels) {
		r.Channels = append(r.Channels, m.channels[name].sum(name))
	}
	r.Goals = []Goal{
		m.goal("nurse_interruptions", m.goals.Interruptions, r.Burden.Nurses),
		m.goal("doctor_pages", m.goals.Pages, r.Burden.Pages),
	}
	return r
}

func (m *Meter) goal(name string, limit float64, r Rate) Goal {
	g := Goal{Name: name, Limit: limit, Rate: r, Sensitivity: m.goals.Sensitivity, SensitivityOf: m.goals.SensitivityOf}
	if r.Value != nil {
		met := *r.Value <= limit
		g.Met = &met
	}
	return g
}

// ms is a time in Unix milliseconds; 0 for none.
func ms(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}
