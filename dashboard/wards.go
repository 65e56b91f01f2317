package dashboard

import (
	"context"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"wardwatch/dashboard/live"
	"wardwatch/ward"
)

// WardReply is a ward that the person may see.
type WardReply struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Beds int    `json:"beds"`
}

// TrendReply is history by the minute; a line has a number or null for each step from start.
type TrendReply struct {
	Start  int64                 `json:"start"`
	Step   int64                 `json:"step"`
	Series map[string]TrendLines `json:"series"`
	Score  live.Series           `json:"score"`
}

// TrendLines are one vital's lines.
type TrendLines struct {
	Mean live.Series `json:"mean"`
	Min  live.Series `json:"min"`
	Max  live.Series `json:"max"`
}

// Bounds of a trend.
const (
	trendStep    = time.Minute
	trendDefault = 24 * time.Hour
	trendLongest = 72 * time.Hour
)

func listWards(q *call) error {
	wards, err := q.s.o.Book.Wards(q.ctx)
	if err != nil {
		return err
	}
	out := make([]WardReply, 0, len(wards))
	for _, w := range wards {
		if !q.who.Person.MayEnter(w.ID) {
			continue
		}
		beds, err := q.s.o.Book.Beds(q.ctx, w.ID)
		if err != nil {
			return err
		}
		out = append(out, WardReply{ID: string(w.ID), Name: w.Name, Beds: len(beds)})
	}
	return q.c.JSON(out)
}

func trend(q *call) error {
	p, err := q.place()
	if err != nil {
		return err
	}
	from, to, err := q.span()
	if err != nil {
		return err
	}
	if from, err = q.s.sinceLying(q.ctx, p, from); err != nil {
		return err
	}
	vitals, err := vitalsNamed(q.c.Query("vitals", "rr,spo2,hr,sbp"))
	if err != nil {
		return err
	}
	from, to = from.Truncate(trendStep), to.Truncate(trendStep)
	n := max(0, int(to.Sub(from)/trendStep)+1)
	r := TrendReply{Start: from.UnixMilli(), Step: trendStep.Milliseconds(), Series: make(map[string]TrendLines, len(vitals)), Score: gaps(n)}
	if n > 0 {
		for _, v := range vitals {
			r.Series[v.String()] = lines(q.s.o.Trends.Range(p, v, from, to), from, n)
		}
		for _, m := range q.s.o.Trends.Scores(p, from, to) {
			if i := int(m.Start.Sub(from) / trendStep); m.Known && i >= 0 && i < n {
				r.Score[i] = float64(m.Points)
			}
		}
	}
	return q.c.JSON(r)
}

func lines(minutes []ward.Minute, from time.Time, n int) TrendLines {
	l := TrendLines{Mean: gaps(n), Min: gaps(n), Max: gaps(n)}
	for _, m := range minutes {
		if i := int(m.Start.Sub(from) / trendStep); m.Count > 0 && i >= 0 && i < n {
			l.Mean[i], l.Min[i], l.Max[i] = m.Mean, m.Min, m.Max
		}
	}
	return l
}

func gaps(n int) live.Series {
	s := make(live.Series, n)
	for i := range s {
		s[i] = math.NaN()
	}
	return s
}

// span is the time asked for, by default the last day.
func (q *call) span() (from, to time.Time, err error) {
	to, err = q.queryTime("to", q.s.o.Now())
	if err != nil {
		return from, to, err
	}
	if from, err = q.queryTime("from", to.Add(-trendDefault)); err != nil {
		return from, to, err
	}
	if to.Before(from) || to.Sub(from) > trendLongest {
		return from, to, badInput("the span is turned round or longer than 72 hours", "longer history is in InfluxDB")
	}
	return from, to, nil
}

func (q *call) queryTime(name string, otherwise time.Time) (time.Time, error) {
	text := q.c.Query(name)
	if text == "" {
		return otherwise, nil
	}
	ms, err := strconv.ParseInt(text, 10, 64)
	if err != nil || ms < 0 || ms > 1<<46 {
		return time.Time{}, badInput(name+" is not a time", "give Unix milliseconds")
	}
	return time.UnixMilli(ms), nil
}

func vitalsNamed(list string) ([]ward.Vital, error) {
	var out []ward.Vital
	for _, name := range strings.Split(list, ",") {
		v, ok := ward.VitalNamed(name)
		if !ok || len(out) >= int(ward.NumVitals) {
			return nil, badInput("there is no such vital, or too many are asked for", "the vitals are hr pr rr spo2 sbp dbp map temp etco2 fio2 o2_flow acvpu o2_device resp_distress cap_refill")
		}
		out = append(out, v)
	}
	return out, nil
}

// sinceLying is from, or later: when the stay that holds the place came to it. What was measured
// before belongs to someone else and must not be drawn under this one's name.
func (s *Server) sinceLying(ctx context.Context, p ward.Place, from time.Time) (time.Time, error) {
	stays, err := s.o.Book.StaysOn(ctx, p.Ward)
	if err != nil {
		return from, err
	}
	for _, st := range stays {
		if st.Place == p {
			return s.sinceCame(ctx, st.ID, from)
		}
	}
	return from, nil
}

// sinceCame is from, or later: when the stay came to the place it holds.
func (s *Server) sinceCame(ctx context.Context, id ward.StayID, from time.Time) (time.Time, error) {
	lyings, err := s.o.Book.History(ctx, id)
	if err != nil {
		return from, err
	}
	if n := len(lyings); n > 0 && lyings[n-1].From.After(from) {
		return lyings[n-1].From.Truncate(trendStep).Add(trendStep), nil
	}
	return from, nil
}

// Recall fills the small history of every tile anew from the minutes that are kept, after a
// backlog has come in. Screens that are open see it when they next begin with a snapshot.
func (s *Server) Recall(ctx context.Context) error { return s.remember(ctx, s.o.Now()) }

// remember fills the small history of every tile from the minutes that are kept.
func (s *Server) remember(ctx context.Context, now time.Time) error {
	wards, err := s.o.Book.Wards(ctx)
	if err != nil {
		return err
	}
	for _, w := range wards {
		stays, err := s.o.Book.StaysOn(ctx, w.ID)
		if err != nil {
			return err
		}
		for _, st := range stays {
			from, err := s.sinceCame(ctx, st.ID, now.Add(-live.SparkSpan))
			if err != nil {
				return err
			}
			var minutes []ward.Minute
			for _, v := range live.SparkVitals() {
				minutes = append(minutes, s.o.Trends.Range(st.Place, v, from, now)...)
			}
			s.o.Live.Remember(st.Place, st.ID, minutes, s.o.Trends.Scores(st.Place, from, now))
		}
	}
	return nil
}

// DeviceBody says which device stands at a bed, and whether a person there has seen so.
type DeviceBody struct {
	Device  string `json:"device"`
	Confirm bool   `json:"confirm"`
}

func putDevice(q *call) error {
	p, err := q.place()
	if err != nil {
		return err
	}
	var b DeviceBody
	if err := q.read(&b); err != nil {
		return err
	}
	if !ward.ValidID(b.Device) {
		return badInput("the device is not an identifier", "give the name that the device sends, for example mon-07")
	}
	if err := q.s.o.Book.PutDevice(q.ctx, ward.DeviceID(b.Device), p, q.s.o.Now(), b.Confirm, q.who.Person.ID); err != nil {
		return err
	}
	return q.c.SendStatus(fiber.StatusNoContent)
}
