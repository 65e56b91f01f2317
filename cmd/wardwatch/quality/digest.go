package quality

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"wardwatch/alerts/evidence"
	"wardwatch/dashboard"
	"wardwatch/dashboard/live"
	"wardwatch/ward"
)

// shiftLength is how far back a digest looks when the roster does not say when the shift began; ours.
const shiftLength = 12 * time.Hour

// Board is what a digest takes from the screens.
type Board interface {
	Snapshot(w ward.WardID, names live.Names) (live.SnapshotView, bool)
	KnownOf(p ward.Place, stay ward.StayID) (live.Known, bool)
	NameOf(ward.PersonID) string
}

// Digest composes what is said when a ward's shift in a duty ends.
func (r *Records) Digest(b Board, roster func() *ward.Roster) dashboard.Digester {
	return func(ctx context.Context, w ward.WardID, role ward.Role, lang string) (reply dashboard.DigestReply, err error) {
		v, ok := b.Snapshot(w, live.NamesGiven)
		if !ok {
			return reply, &ward.Error{Code: ward.NotFound, Message: "there is no such ward", Hint: "GET /api/v1/wards lists them"}
		}
		now := r.Now()
		s := evidence.Shift{Ward: w, Role: role, From: began(roster().Shifts, w, role, now), At: now, Zone: r.Zone, Lang: lang, Name: b.NameOf}
		if s.Patients, err = r.patients(ctx, b, &v, s.From, now); err != nil {
			return reply, err
		}
		return replyOf(evidence.MakeDigest(s)), nil
	}
}

// began is when the shift that now runs began.
func began(shifts []ward.Shift, w ward.WardID, role ward.Role, now time.Time) time.Time {
	first := time.Time{}
	for _, s := range shifts {
		if s.Role == role && (s.Ward == w || s.Ward == "") && !now.Before(s.From) && now.Before(s.To) && (first.IsZero() || s.From.Before(first)) {
			first = s.From
		}
	}
	if first.IsZero() {
		return now.Add(-shiftLength)
	}
	return first
}

// patients are those on the board in the order of a round, with their alerts of the shift.
func (r *Records) patients(ctx context.Context, b Board, v *live.SnapshotView, from, now time.Time) (list []evidence.Patient, err error) {
	stays, err := r.Book.StaysOn(ctx, ward.WardID(v.Ward.ID))
	if err != nil {
		return nil, fmt.Errorf("reading the stays: %w", err)
	}
	byBed := map[ward.BedID]*ward.Stay{}
	for i := range stays {
		byBed[stays[i].Place.Bed] = &stays[i]
	}
	at := map[ward.StayID]int{}
	for i := range v.Tiles {
		t := &v.Tiles[i]
		s := byBed[ward.BedID(t.Bed)]
		if s == nil || t.Stay == nil {
			continue
		}
		p := evidence.Patient{Stay: *s, Label: t.Label, Name: t.Stay.Name}
		if k, ok := b.KnownOf(s.Place, s.ID); ok && k.Score != nil {
			p.Score, p.NextSet = k.Score, k.Score.Charted.Due
		}
		at[s.ID] = len(list)
		list = append(list, p)
	}
	for a, err := range r.Book.AlertsBetween(ctx, ward.WardID(v.Ward.ID), from, now.Add(time.Minute)) {
		if err != nil {
			return nil, fmt.Errorf("reading the alerts: %w", err)
		}
		i, here := at[a.Stay]
		if !here {
			continue
		}
		c, err := r.caseOf(ctx, a)
		if err != nil {
			return nil, err
		}
		list[i].Alerts, list[i].Audit = append(list[i].Alerts, a), append(list[i].Audit, c.Audit...)
	}
	return list, nil
}

func replyOf(d evidence.Digest) dashboard.DigestReply {
	out := dashboard.DigestReply{At: d.At, Text: d.Text, Patients: []dashboard.DigestPatient{}}
	for i := range d.Patients {
		out.Patients = append(out.Patients, patientOf(&d.Patients[i]))
	}
	return out
}

func patientOf(p *evidence.PatientDigest) dashboard.DigestPatient {
	out := dashboard.DigestPatient{
		Stay: p.Stay, Bed: p.Bed, Label: p.Label, Name: p.Name, Band: p.Band, LastSet: some(p.LastSet), NextSet: some(p.NextSet),
		Care: p.Care, Tasks: p.Tasks, Limits: []string{}, Events: []dashboard.DigestEvent{},
	}
	for _, l := range p.Limits {
		out.Limits = append(out.Limits, l.Vital)
	}
	for _, e := range p.Events {
		out.Events = append(out.Events, dashboard.DigestEvent(e))
	}
	if p.Alert != nil {
		out.Alert = &dashboard.DigestAlert{State: p.Alert.State, Since: some(p.Alert.Since), Owner: p.Alert.Owner}
	}
	if points, atLeast := strings.CutPrefix(p.Points, "≥"); points != "" {
		if n, err := strconv.Atoi(points); err == nil {
			out.Points, out.AtLeast = &n, atLeast
		}
	}
	return out
}

// some is a time that may be missing.
func some(ms int64) *int64 {
	if ms == 0 {
		return nil
	}
	return &ms
}
