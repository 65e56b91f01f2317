package dashboard

import (
	"bytes"
	"slices"
	"strings"
	"time"

	"wardwatch/dashboard/live"
	"wardwatch/ward"
)

// ChannelReply is one way in which people are told, and how it fares.
type ChannelReply struct {
	Name      string `json:"name"`
	Kind      string `json:"kind"`
	Personal  bool   `json:"personal"` // it reaches one person; otherwise a group
	Audible   bool   `json:"audible"`  // it can be heard without looking
	Internet  bool   `json:"internet"` // it needs the internet
	LastOK    *int64 `json:"last_ok"`
	LastError string `json:"last_error"`
	State     string `json:"state"` // ok, failing or untried
}

// TestBody says whose group a test goes to.
type TestBody struct {
	Ward string `json:"ward,omitempty"` // of a group channel with a receiver for each ward
}

var errNoChannels = &ward.Error{Code: ward.NotFound, Message: "this server has no channels to send by", Hint: "configure one; the board goes on"}

func listChannels(q *call) error {
	out := []ChannelReply{}
	if q.s.o.Channels == nil {
		return q.c.JSON(out)
	}
	list, err := q.s.o.Channels.Channels(q.ctx)
	if err != nil {
		return err
	}
	for _, c := range list {
		out = append(out, ChannelReply{Name: c.Name, Kind: c.Kind, Personal: c.Personal, Audible: c.Audible, Internet: c.Internet, LastOK: live.Ms(c.LastOK), LastError: c.LastError, State: c.State})
	}
	return q.c.JSON(out)
}

// testChannel sends a test: to oneself where the channel reaches one person, otherwise to its group.
func testChannel(q *call) error {
	name, err := q.id("name")
	if err != nil {
		return err
	}
	var b TestBody
	if len(q.c.Request().Body()) > 0 {
		if err := q.read(&b); err != nil {
			return err
		}
	}
	if b.Ward != "" {
		if !ward.ValidID(b.Ward) {
			return badInput("the ward is not an identifier", "GET /api/v1/wards lists them")
		}
		if err := q.mayEnter(ward.WardID(b.Ward)); err != nil {
			return err
		}
	}
	if q.s.o.Channels == nil {
		return errNoChannels
	}
	list, err := q.s.o.Channels.Channels(q.ctx)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(list, func(c Channel) bool { return c.Name == name })
	switch {
	case i < 0:
		return &ward.Error{Code: ward.NotFound, Message: "there is no such channel", Hint: "GET /api/v1/channels lists them"}
	case list[i].Personal:
		return q.test(name, q.who.Person.ID, "")
	}
	return q.test(name, "", ward.WardID(b.Ward))
}

var errNoEvidence = &ward.Error{Code: ward.NotFound, Message: "this server keeps no figures of its alerts", Hint: "the alerts themselves are at /api/v1/wards/{ward}/alerts"}

// evidenceQueries are the query parameters of the figures.
var evidenceQueries = []string{"ward", "from", "to"}

// Bounds of the span that figures are made of.
const (
	evidenceDefault = 7 * 24 * time.Hour
	evidenceLongest = 366 * 24 * time.Hour
)

// evidenceSpan is what the address asks figures of.
func (q *call) evidenceSpan() (w ward.WardID, from, to time.Time, err error) {
	if q.s.o.Evidence == nil {
		return w, from, to, errNoEvidence
	}
	if w, err = q.queryWard(); err != nil {
		return w, from, to, err
	}
	if to, err = q.queryTime("to", q.s.o.Now()); err != nil {
		return w, from, to, err
	}
	if from, err = q.queryTime("from", to.Add(-evidenceDefault)); err != nil {
		return w, from, to, err
	}
	if !from.Before(to) || to.Sub(from) > evidenceLongest {
		err = badInput("the span is turned round or longer than a year", "ask for a shorter one, from before to")
	}
	return w, from, to, err
}

func alertQuality(q *call) error {
	w, from, to, err := q.evidenceSpan()
	if err != nil {
		return err
	}
	r, err := q.s.o.Evidence.Report(q.ctx, w, from, to)
	if err != nil {
		return err
	}
	return q.c.JSON(r)
}

func alertQualityCSV(q *call) error {
	w, from, to, err := q.evidenceSpan()
	if err != nil {
		return err
	}
	tables := q.s.o.Evidence.Tables()
	table := q.c.Query("table")
	if !slices.Contains(tables, table) {
		return badInput("there is no such table", "table is one of "+strings.Join(tables, ", "))
	}
	var out bytes.Buffer
	if err := q.s.o.Evidence.WriteCSV(q.ctx, &out, w, from, to, table); err != nil {
		return err
	}
	q.note(ward.AuditEntry{By: q.who.Person.ID, Deed: "alerts.export", Object: "ward:" + string(w), Detail: table})
	return q.sendCSV("alerts-"+table+".csv", out.Bytes())
}
