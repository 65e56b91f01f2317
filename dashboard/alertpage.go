package dashboard

import (
	"context"
	"slices"
	"time"

	"wardwatch/dashboard/isbar"
	"wardwatch/dashboard/live"
	"wardwatch/ward"
)

// AlertPageReply is all that a person needs on a telephone to act on an alert.
type AlertPageReply struct {
	Alert       AlertReply             `json:"alert"`
	Stay        *PageStay              `json:"stay"`  // null: the alert is of nobody
	Apart       string                 `json:"apart"` // why it is uncertain whose figures the monitor sends; empty: it is not
	Score       *live.ScoreView        `json:"score"` // null: none of the present
	Since       map[string][]PagePoint `json:"since"` // the last four hours, by vital: time, mean of that minute
	Risks       []live.RiskView        `json:"risks"`
	Respiratory *live.RespiratoryView  `json:"respiratory"`
	Findings    []FindingReply         `json:"findings"`
	Notices     []NoticeReply          `json:"notices"`
	ISBAR       *ISBARReply            `json:"isbar"` // null: a technical alert has none
	May         MayReply               `json:"may"`
}

// PageStay is who it is about.
type PageStay struct {
	ID       string          `json:"id"`
	Ward     string          `json:"ward"`
	Bed      string          `json:"bed"`
	Label    string          `json:"label"`
	Name     string          `json:"name"` // family name, then given name
	Age      *int            `json:"age"`
	Sex      string          `json:"sex"`
	Care     string          `json:"care"`
	Scale    int             `json:"scale"`
	Nurse    *live.StaffView `json:"nurse"`
	Doctor   *live.StaffView `json:"doctor"`
	Admitted *int64          `json:"admitted"`
	Ended    *int64          `json:"ended"`
}

// PagePoint is a time in Unix milliseconds and a value.
type PagePoint [2]float64

// NoticeReply is one promise to tell somebody, and what became of it.
type NoticeReply struct {
	Role    string `json:"role"`
	To      string `json:"to"` // empty: whoever holds the role
	ToName  string `json:"to_name"`
	How     string `json:"how"`
	Channel string `json:"channel"`
	Why     string `json:"why"`
	Level   int    `json:"level"`
	Made    *int64 `json:"made"`
	Settled *int64 `json:"settled"`
	State   string `json:"state"`
	Tries   int    `json:"tries"`
	Error   string `json:"error"` // of the last try
}

// ISBARReply is what to say of the patient, in both languages.
type ISBARReply struct {
	VI ISBARText `json:"vi"`
	EN ISBARText `json:"en"`
}

// ISBARText is what to say, in five parts.
type ISBARText struct {
	I string `json:"i"`
	S string `json:"s"`
	B string `json:"b"`
	A string `json:"a"`
	R string `json:"r"`
}

// pageVitals are the vitals whose last hours the page draws.
var pageVitals = []ward.Vital{ward.RR, ward.SpO2, ward.HR, ward.SBP, ward.Temp, ward.EtCO2}

const pageSpan = 4 * time.Hour

// pageFacts is what the page is made from.
type pageFacts struct {
	alert    ward.Alert
	stay     *ward.Stay // nil: of nobody, or not to be seen by the person
	known    live.Known
	findings []StayFinding
}

// alertPage is one look for all that is needed to act. It is recorded as a look; that the alert was seen
// is said by the person's own telephone.
func alertPage(q *call) error {
	a, err := q.alert()
	if err != nil {
		return err
	}
	if q.who.Person.Access == ward.AccessEngineer && a.Kind != ward.Technical {
		return forbidden("an alert about a patient is for nurses and doctors", "technical alerts are yours")
	}
	f, err := q.pageFacts(a)
	if err != nil {
		return err
	}
	r, err := q.alertPage(&f)
	if err != nil {
		return err
	}
	object := "alert:" + string(a.ID)
	if q.s.looks.due(lookAt{string(q.who.Person.ID), object}, q.s.o.Now()) {
		q.note(ward.AuditEntry{By: q.who.Person.ID, Deed: "alert.open", Object: object})
	}
	return q.c.JSON(r)
}

func (q *call) pageFacts(a ward.Alert) (f pageFacts, err error) {
	f.alert = a
	if a.Stay == "" || !seesNames(q.who.Person.Access) {
		return f, nil
	}
	if f.stay, err = q.stayOrNone(a.Stay); err != nil || f.stay == nil {
		return f, err
	}
	if err := q.mayEnter(f.stay.Place.Ward); err != nil { // it has moved since
		return f, err
	}
	f.known, _ = q.s.o.Live.KnownOf(f.stay.Place, f.stay.ID)
	if q.s.o.Imaging == nil {
		return f, nil
	}
	all, err := q.s.o.Imaging.FindingsOf(q.ctx, f.stay.ID)
	for _, x := range all {
		if x.There && x.Withdrawn == ward.NotWithdrawn && x.Age != ward.AgePast {
			f.findings = append(f.findings, x)
		}
	}
	return f, err
}

func (q *call) alertPage(f *pageFacts) (r AlertPageReply, err error) {
	if r.Alert, err = q.alertReply(&f.alert); err != nil {
		return r, err
	}
	if r.Notices, err = q.notices(f.alert.ID); err != nil {
		return r, err
	}
	r.May = q.may(&f.alert)
	r.Since, r.Risks, r.Findings = map[string][]PagePoint{}, []live.RiskView{}, []FindingReply{}
	if f.stay == nil {
		return r, nil
	}
	r.Stay, r.Apart, r.Score = q.pageStay(f), f.known.Apart, f.known.View
	for i := range f.findings {
		r.Findings = append(r.Findings, q.viewFinding(&f.findings[i]))
	}
	if v, ok := q.s.o.Live.Assessment(f.stay.Place); ok && v.Stay == string(f.stay.ID) {
		r.Risks, r.Respiratory = v.Risks, v.Respiratory
	}
	if r.Since, err = q.s.pageLines(q.ctx, f.stay, q.s.o.Now()); err != nil {
		return r, err
	}
	if f.alert.Kind != ward.Technical {
		c := q.isbarCase(f)
		r.ISBAR = &ISBARReply{VI: ISBARText(isbar.Compose("vi", &c)), EN: ISBARText(isbar.Compose("en", &c))}
	}
	return r, nil
}

func (q *call) pageStay(f *pageFacts) *PageStay {
	s, name := f.stay, q.s.o.Live.NameOf
	v := &PageStay{
		ID: string(s.ID), Ward: string(s.Place.Ward), Bed: string(s.Place.Bed), Label: f.label(), Name: fullName(s), Sex: string(s.Sex), Care: string(s.Care.Status),
		Scale: max(1, s.Scale.Number), Nurse: live.ViewStaff(s.Nurse, name), Doctor: live.ViewStaff(s.Doctor, name), Admitted: live.Ms(s.Admitted), Ended: live.Ms(s.Ended),
	}
	if age, ok := s.AgeAt(q.s.o.Now()); ok {
		v.Age = &age
	}
	return v
}

// label is the bed as people say it.
func (f *pageFacts) label() string {
	if f.known.Label != "" {
		return f.known.Label
	}
	return string(f.stay.Place.Bed)
}

// pageLines are the last hours of each vital that has any, from when the person came to the place.
func (s *Server) pageLines(ctx context.Context, stay *ward.Stay, now time.Time) (map[string][]PagePoint, error) {
	out := map[string][]PagePoint{}
	if !stay.Ended.IsZero() { // somebody else may lie there by now
		return out, nil
	}
	from, err := s.sinceCame(ctx, stay.ID, now.Add(-pageSpan))
	if err != nil {
		return nil, err
	}
	for _, v := range pageVitals {
		for _, m := range s.o.Trends.Range(stay.Place, v, from, now) {
			if m.Count > 0 {
				out[v.String()] = append(out[v.String()], PagePoint{float64(m.Start.UnixMilli()), m.Mean})
			}
		}
	}
	return out, nil
}

// notices are who was told of an alert and how, the oldest first.
func (q *call) notices(a ward.AlertID) ([]NoticeReply, error) {
	out := []NoticeReply{}
	if q.s.o.Duty == nil {
		return out, nil
	}
	list, err := q.s.o.Duty.NoticesOf(q.ctx, a)
	if err != nil {
		return nil, err
	}
	receipts, err := q.s.o.Duty.ReceiptsOf(q.ctx, a)
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(list, func(x, y ward.Notice) int { return x.Made.Compare(y.Made) })
	for i := range list {
		n := &list[i]
		r := NoticeReply{
			Role: string(n.Role), To: string(n.To), How: string(n.How), Channel: n.Channel, Why: string(n.Why), Level: n.Level,
			Made: live.Ms(n.Made), Settled: live.Ms(n.Settled), State: string(n.State), Tries: max(n.Tries, len(receipts[n.ID])), Error: n.Error,
		}
		if n.To != "" {
			r.ToName = q.s.o.Live.NameOf(n.To)
		}
		out = append(out, r)
	}
	return out, nil
}

// isbarCase gathers what is known for the text.
func (q *call) isbarCase(f *pageFacts) isbar.Case {
	c := isbar.Case{
		Now: q.s.o.Now(), Zone: q.s.zone, Simulation: q.s.o.Simulation, Ward: f.known.Ward, Bed: f.label(), Stay: f.stay, Alert: &f.alert,
		Score: f.known.Score, Vitals: f.known.Vitals, Apart: f.known.Apart, Assessment: f.known.Assessment, Speaker: q.who.Person.Name, NameOf: q.s.o.Live.NameOf,
	}
	if c.Ward == "" {
		c.Ward = string(f.stay.Place.Ward)
	}
	if f.known.View != nil {
		c.Change = f.known.View.Trend
	}
	if c.Score == nil && f.alert.Score.Chart != "" {
		c.Score, c.Then = &f.alert.Score, true
	}
	for i := range f.findings {
		x := &f.findings[i]
		c.Findings = append(c.Findings, isbar.Finding{Finding: x.Finding, Kind: x.Kind, Unread: x.Unread})
	}
	return c
}

// MayReply is what the person can do about an alert, as far as can be told; the desk has the last word.
type MayReply struct {
	Accept    bool `json:"accept"`
	Decline   bool `json:"decline"`
	OnWay     bool `json:"on_way"`
	AtBedside bool `json:"at_bedside"`
	Plan      bool `json:"plan"`
	Resolve   bool `json:"resolve"`
	Snooze    bool `json:"snooze"`
	Escalate  bool `json:"escalate"`
}

func (q *call) may(a *ward.Alert) (m MayReply) {
	me := q.who.Person
	told := a.State.Open() && a.State != ward.Candidate && a.State != ward.Suppressed
	if !told {
		m.Resolve = a.State == ward.Suppressed
		return m
	}
	d, mine := dutyOf(me, a)
	own := duties(me)
	if mine {
		own = append([]ward.Role{d.Role}, own...)
	}
	band, known := worstLive(a)
	patient := a.Kind != ward.Technical
	high := patient && known == ward.High // as people know it
	m.Accept = !slices.ContainsFunc(a.Duties, func(x ward.Duty) bool { return x.Role == own[0] && x.Held() })
	m.Decline = mine && !answered(d)
	m.AtBedside = a.State != ward.AtBedside || a.BedsideBy != me.ID
	m.OnWay = m.AtBedside && slices.ContainsFunc(a.Duties, func(x ward.Duty) bool { return x.By == me.ID && x.Held() && x.OnWay.IsZero() })
	m.Plan = patient && !a.Bedside.IsZero() && holdsAny(own, planners(high))
	m.Resolve = !patient || band < ward.High
	m.Snooze = !high || holdsAny(own, seniors)
	m.Escalate = true
	return m
}

// seniors are the duties that decide about a patient in the high band.
var seniors = []ward.Role{ward.RoleDoctor, ward.RoleLead, ward.RoleICU}

func planners(high bool) []ward.Role {
	if high {
		return seniors
	}
	return append([]ward.Role{ward.RoleCharge}, seniors...)
}

func holdsAny(own, of []ward.Role) bool {
	return slices.ContainsFunc(own, func(r ward.Role) bool { return slices.Contains(of, r) })
}

// worstLive is the worst of the causes that stand, and the worst that people were told of them.
func worstLive(a *ward.Alert) (band, told ward.Band) {
	for _, c := range a.Causes {
		if c.Live() {
			band, told = max(band, c.Band), max(told, c.Told)
		}
	}
	return band, told
}
