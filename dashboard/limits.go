package dashboard

import (
	"time"

	"wardwatch/dashboard/live"
	"wardwatch/ward"
)

// LimitBody orders limits of one vital for one person, or what is usual for them, in the vital's
// fixed unit. A number left out is not given.
type LimitBody struct {
	Vital  string   `json:"vital"`
	Low    *float64 `json:"low,omitempty"`
	High   *float64 `json:"high,omitempty"`
	Usual  *float64 `json:"usual,omitempty"`
	Reason string   `json:"reason"`
	Until  int64    `json:"until"` // at most 14 days ahead
}

// LimitReply is such an order in force.
type LimitReply struct {
	Vital  string   `json:"vital"`
	Low    *float64 `json:"low"`
	High   *float64 `json:"high"`
	Usual  *float64 `json:"usual"`
	By     string   `json:"by"`
	Reason string   `json:"reason"`
	Since  *int64   `json:"since"`
	Until  *int64   `json:"until"`
}

// viewLimits are the person's own limits in force now.
func (q *call) viewLimits(s *ward.Stay) []LimitReply {
	out := make([]LimitReply, 0, len(s.Limits))
	for _, l := range live.LimitsAt(s, q.s.o.Now()) {
		out = append(out, LimitReply{
			Vital: l.Vital.String(), Low: live.Given(l.Low), High: live.Given(l.High), Usual: live.Given(l.Usual),
			By: q.s.o.Live.NameOf(l.By), Reason: l.Reason, Since: live.Ms(l.Since), Until: live.Ms(l.Until),
		})
	}
	return out
}

func setLimit(q *call) error {
	var b LimitBody
	return q.order(&b, func(s ward.Stay) (ward.Stay, error) {
		v, err := limitedVital(b.Vital)
		if err != nil {
			return s, err
		}
		l := ward.Limit{Vital: v, Reason: b.Reason, Until: time.UnixMilli(b.Until)}
		for _, n := range []struct {
			what string
			from *float64
			to   *float64
		}{{"low", b.Low, &l.Low}, {"high", b.High, &l.High}, {"usual", b.Usual, &l.Usual}} {
			if n.from == nil {
				continue
			}
			if *n.from == 0 { // would be taken for none further on
				return s, badInput(n.what+" cannot be 0", "leave it out when there is none")
			}
			*n.to = *n.from
		}
		return q.s.o.Book.SetLimit(q.ctx, s.ID, l, q.who.Person.ID)
	})
}

func endLimit(q *call) error {
	return q.order(nil, func(s ward.Stay) (ward.Stay, error) {
		v, err := limitedVital(q.c.Params("vital"))
		if err != nil {
			return s, err
		}
		return q.s.o.Book.EndLimit(q.ctx, s.ID, v, q.who.Person.ID)
	})
}

func limitedVital(name string) (ward.Vital, error) {
	v, ok := ward.VitalNamed(name)
	if !ok {
		return v, badInput("there is no such vital", "the vitals with limits are hr pr rr spo2 sbp dbp map temp etco2 fio2")
	}
	return v, nil
}
