package evidence

import (
	"slices"
	"strings"
	"time"

	"wardwatch/ward"
)

// Shift is what a digest is made from: one person's patients, in the order of a round.
type Shift struct {
	Ward     ward.WardID
	Role     ward.Role
	From     time.Time // when the shift began
	At       time.Time // when it is handed over
	Next     time.Time // the end of the shift that follows: what lapses or falls due before it is said; zero: twelve hours on
	Zone     *time.Location
	Lang     string                     // "vi" or "en"
	Name     func(ward.PersonID) string // of staff; nil: nobody is named
	Patients []Patient
}

// nextShift is how far ahead a digest looks when it is not said: the longest usual shift. Ours.
const nextShift = 12 * time.Hour

// Patient is one of them with what is known at Shift.At.
type Patient struct {
	Stay    ward.Stay
	Label   string      // of the bed, as people say it
	Name    string      // as this screen may show it
	Score   *ward.Score // live; nil: none
	Alerts  []ward.Alert
	Audit   []ward.AuditEntry // of those alerts
	NextSet time.Time         // when the next set of observations is due; zero: not known
	Tasks   []string          // codes of further tasks, as Words knows them
}

// Digest is what one shift hands to the next. Times are Unix milliseconds, 0: none.
type Digest struct {
	Ward     string          `json:"ward"`
	Role     string          `json:"role"`
	From     int64           `json:"from"`
	At       int64           `json:"at"`
	Patients []PatientDigest `json:"patients"`
	Text     string          `json:"text"` // to read out
}

// PatientDigest is one patient's part.
type PatientDigest struct {
	Stay    string        `json:"stay"`
	Bed     string        `json:"bed"`
	Label   string        `json:"label"`
	Name    string        `json:"name"`
	Band    string        `json:"band"`
	Points  string        `json:"points"` // "5", "≥5" for a lower bound; empty: no score
	Alert   *AlertDigest  `json:"alert,omitempty"`
	LastSet int64         `json:"last_set"`
	NextSet int64         `json:"next_set"`
	Care    string        `json:"care"`
	Review  int64         `json:"care_review"`
	Scale   int           `json:"scale"`
	Limits  []LimitDigest `json:"limits"`
	Tasks   []string      `json:"tasks"`
	Events  []Event       `json:"events"`
}

// AlertDigest is the worst open alert.
type AlertDigest struct {
	ID    string `json:"id"`
	State string `json:"state"`
	Band  string `json:"band"`
	Since int64  `json:"since"`
	Owner string `json:"owner"` // who accepted or is there, by name; empty: nobody
	Until int64  `json:"until"` // of a snooze, a suppression or a plan
}

// LimitDigest is one of the patient's own limits.
type LimitDigest struct {
	Vital  string  `json:"vital"`
	Low    float64 `json:"low"`
	High   float64 `json:"high"`
	Until  int64   `json:"until"`
	Lapses bool    `json:"lapses"` // in the next shift
}

// Event is one thing that happened in the shift, in words.
type Event struct {
	At   int64  `json:"at"`
	Text string `json:"text"`
}

// Codes of tasks that a digest finds by itself, in the order of urgency.
const (
	TaskAlert       = "alert_open"     // an open alert that nobody has come for
	TaskSetOverdue  = "set_overdue"    // observations should have been charted
	TaskReturn      = "return_overdue" // off the ward, and expected back
	TaskSnoozeEnds  = "snooze_ends"
	TaskPlanEnds    = "plan_ends"
	TaskSetDue      = "set_due"
	TaskCareReview  = "care_review"
	TaskLimitsLapse = "limits_lapse"
	TaskScaleReview = "scale2_review"
	TaskReturnDue   = "off_ward"
)

// MakeDigest makes the digest.
func MakeDigest(s Shift) Digest {
	if s.Zone == nil {
		s.Zone = time.UTC
	}
	if s.Next.IsZero() {
		s.Next = s.At.Add(nextShift)
	}
	if s.Name == nil {
		s.Name = func(ward.PersonID) string { return "" }
	}
	d := Digest{Ward: string(s.Ward), Role: string(s.Role), From: ms(s.From), At: ms(s.At), Patients: []PatientDigest{}}
	w := WordsOf(s.Lang)
	for i := range s.Patients {
		d.Patients = append(d.Patients, s.patient(&s.Patients[i], w))
	}
	d.Text = w.text(&d, s.Zone)
	return d
}

func (s *Shift) patient(p *Patient, w Words) PatientDigest {
	st := &p.Stay
	out := PatientDigest{
		Stay: string(st.ID), Bed: string(st.Place.Bed), Label: p.Label, Name: p.Name, Band: ward.Unknown.String(),
		NextSet: ms(p.NextSet), Care: string(st.Care.Status), Review: ms(st.Care.Review), Scale: max(1, st.Scale.Number),
		Limits: []LimitDigest{}, Tasks: []string{}, Events: []Event{},
	}
	if p.Score != nil {
		out.Band, out.Points = p.Score.Band.String(), points(p.Score)
		out.LastSet = ms(p.Score.Charted.At)
	}
	for _, l := range st.Limits {
		if s.At.Before(l.Until) && !s.At.Before(l.Since) {
			out.Limits = append(out.Limits, LimitDigest{l.Vital.String(), l.Low, l.High, ms(l.Until), s.soon(l.Until)})
		}
	}
	open := worstOpen(p.Alerts)
	if open != nil {
		out.Alert = s.open(open)
	}
	out.Tasks = s.tasks(p, open)
	out.Events = s.events(p, w)
	return out
}

func points(s *ward.Score) string {
	switch {
	case s.Refused != ward.NotRefused:
		return ""
	case s.Complete:
		return itoa(s.Total)
	}
	return "≥" + itoa(s.LowerBound)
}

// worstOpen is the open alert about the patient that people know of and that is worst.
func worstOpen(alerts []ward.Alert) (worst *ward.Alert) {
	for i := range alerts {
		a := &alerts[i]
		if a.State.Open() && a.State != ward.Candidate && (worst == nil || a.Band > worst.Band) {
			worst = a
		}
	}
	return worst
}

func (s *Shift) open(a *ward.Alert) *AlertDigest {
	out := &AlertDigest{ID: string(a.ID), State: string(a.State), Band: a.Band.String(), Since: ms(a.Raised), Until: ms(a.Until)}
	by := a.BedsideBy
	for _, u := range a.Duties {
		if by == "" && !u.Accepted.IsZero() {
			by = u.By
		}
	}
	if by != "" {
		out.Owner = s.Name(by)
	}
	return out
}

// soon says whether a time lies between now and the end of the next shift.
func (s *Shift) soon(t time.Time) bool { return !t.IsZero() && !t.Before(s.At) && t.Before(s.Next) }

func (s *Shift) tasks(p *Patient, open *ward.Alert) []string {
	st := &p.Stay
	flagged := p.Score != nil && slices.ContainsFunc(p.Score.FlagList(), func(f ward.Flag) bool { return f.Code == ward.FlagScaleReview })
	return slices.DeleteFunc(append([]string{
		when(open != nil && waiting(open.State), TaskAlert),
		when(!p.NextSet.IsZero() && p.NextSet.Before(s.At), TaskSetOverdue),
		when(!st.Off.Until.IsZero() && st.Off.Until.Before(s.At), TaskReturn),
		when(open != nil && open.State == ward.Snoozed, TaskSnoozeEnds),
		when(open != nil && open.State == ward.AtBedside && s.soon(open.Until), TaskPlanEnds),
		when(s.soon(p.NextSet), TaskSetDue),
		when(!st.Care.Review.IsZero() && st.Care.Review.Before(s.Next), TaskCareReview),
		when(slices.ContainsFunc(st.Limits, func(l ward.Limit) bool { return s.soon(l.Until) }), TaskLimitsLapse),
		when(flagged, TaskScaleReview),
		when(s.soon(st.Off.Until), TaskReturnDue),
	}, p.Tasks...), func(code string) bool { return code == "" })
}

func when(so bool, code string) string {
	if so {
		return code
	}
	return ""
}

func waiting(s ward.AlertState) bool {
	switch s {
	case ward.Active, ward.Delivered, ward.Seen, ward.Accepted:
		return true
	}
	return false
}

// events are what was told and done in the shift, oldest first.
func (s *Shift) events(p *Patient, w Words) []Event {
	out := []Event{}
	alerts := map[string]*ward.Alert{}
	for i := range p.Alerts {
		alerts["alert:"+string(p.Alerts[i].ID)] = &p.Alerts[i]
	}
	rows := slices.Clone(p.Audit)
	slices.SortStableFunc(rows, func(a, b ward.AuditEntry) int { return a.At.Compare(b.At) })
	for _, e := range rows {
		a := alerts[e.Object]
		if a == nil || e.At.Before(s.From) || e.At.After(s.At) {
			continue
		}
		if text := w.event(e, a, s); text != "" {
			out = append(out, Event{ms(e.At), strings.TrimSpace(text)})
		}
	}
	return out
}
