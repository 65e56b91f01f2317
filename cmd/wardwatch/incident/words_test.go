package incident

import (
	"strings"
	"testing"
	"time"

	"wardwatch/alerts"
	"wardwatch/ward"
)

// inWords is a story in which every reason is given in words that name somebody: limits of their own,
// an alert declined, snoozed and closed, and a hand-over.
func (w *world) inWords(words string) {
	w.t.Helper()
	t, ctx := w.t, w.t.Context()
	at := noon.Add(5 * minutes)
	w.at(at)
	must[ward.Person](t)(w.book.AddPerson(ctx, ward.Person{ID: "d1", Login: "minh", Name: "Phạm Minh", Access: ward.AccessDoctor, Duties: []ward.Role{ward.RoleDoctor}}, "x", "setup"))
	must[ward.Person](t)(w.book.AddPerson(ctx, ward.Person{ID: "p2", Login: "hoa", Name: "Lê Hoa", Access: ward.AccessNurse, Duties: []ward.Role{ward.RoleNurse}}, "x", "setup"))
	must[ward.Stay](t)(w.book.SetLimit(ctx, w.a.ID, ward.Limit{Vital: ward.SpO2, Low: 86, Reason: words, Until: at.Add(8 * time.Hour)}, "d1"))

	row := func(id string, by ward.PersonID, deed, detail string) ward.AuditEntry {
		return ward.AuditEntry{At: at, By: by, Deed: "alert." + deed, Object: "alert:" + id, Detail: detail}
	}
	told := func(id ward.AlertID) ward.Alert {
		return ward.Alert{ID: id, Place: bed(1), Stay: w.a.ID, Kind: ward.Clinical, State: ward.Active, Band: ward.High, Raised: at, Told: at, Level: 1, Version: 1,
			Duties: []ward.Duty{{Role: ward.RoleNurse, Level: 1, Told: at, Declined: at, By: "p1", Reason: words}}}
	}
	snoozed, closed, coded, itself := told("K2"), told("K3"), told("K4"), told("K5")
	snoozed.State, snoozed.Rule, snoozed.SnoozedBy, snoozed.Until = ward.Snoozed, words, "d1", at.Add(time.Hour)
	closed.State, closed.Ended, closed.EndedBy, closed.Reason = ward.Resolved, at, "d1", words
	coded.State, coded.Ended, coded.EndedBy, coded.Reason = ward.Resolved, at, "d1", "artefact: "+words
	itself.State, itself.Ended, itself.Reason, itself.Rule = ward.Resolved, at, alerts.ReasonFell, alerts.RulePlan
	for _, c := range []ward.Change{
		{Alert: snoozed, Audit: []ward.AuditEntry{row("K2", "p1", "decline", "nurse: "+words), row("K2", "d1", "snooze", "doctor_on_duty: "+words)}},
		{Alert: closed, Audit: []ward.AuditEntry{row("K3", "p2", "handover", "nurse from p1 to p2"), row("K3", "d1", "plan", ": "+words), row("K3", "d1", "resolve", words)}},
		{Alert: coded, Audit: []ward.AuditEntry{row("K4", "d1", "resolve", "artefact: "+words)}},
		{Alert: itself, Audit: []ward.AuditEntry{row("K5", "", "resolve", alerts.ReasonFell)}},
	} {
		ok(t, w.book.Commit(ctx, c))
	}
	gate := ward.Gate{Ward: "icu", Task: ward.Deterioration, Model: "det", Version: "1+abc", Open: true, By: "d1", At: at, Override: words}
	ok(t, w.book.OpenGate(ctx, gate, func(time.Time, int) error { return nil }))
	h := must[ward.HandOver](t)(w.book.OfferHandOver(ctx, ward.HandOver{Ward: "icu", Role: ward.RoleNurse, From: "p1", To: "p2", Stays: []ward.StayID{w.a.ID, w.b.ID}, Note: words}))
	hoa := ward.PersonID("p2")
	must[ward.Stay](t)(w.book.Assign(ctx, w.b.ID, &hoa, nil, time.Time{}, "p2"))
	must[ward.HandOver](t)(w.book.AnswerHandOver(ctx, h.ID, ward.HandOverAccepted, "", "p2", at))
	_, err := w.book.ExportHead(ctx, w.dir+"/heads", w.key, at)
	ok(t, err)
}

// Reasons in people's own words stand in the audit rows alone, which cannot be changed, and the file
// says so. Codes stay, and so do the system's own reasons.
func TestReasonsInWordsAreLeftOut(t *testing.T) {
	const words = "theo lời dì Sáu"
	w := begin(t)
	w.stream(noon.Add(-minutes), 2*minutes)
	w.inWords(words)
	f := w.make(w.request())
	for name, text := range f.files {
		if strings.Contains(text, words) != (name == auditName) {
			t.Errorf("%s: a reason in words is there: %t", name, name != auditName)
		}
		if name != auditName && strings.Contains(text, string(w.b.ID)) {
			t.Errorf("%s is about somebody else", name)
		}
	}
	said := false
	for _, m := range f.m.Missing {
		said = said || strings.Contains(m, auditName)
	}
	if !said {
		t.Errorf("nothing says where the words are: %q", f.m.Missing)
	}
	for _, kept := range []string{`"artefact"`, alerts.ReasonFell, alerts.RulePlan, "nurse from p1 to p2"} {
		if !strings.Contains(f.files["alerts.json"], kept) {
			t.Errorf("%s is left out, and is a code", kept)
		}
	}
	q := w.request()
	q.Identified = true
	f = w.make(q)
	for _, name := range []string{"stay.json", "alerts.json", "timeline.csv", "timeline.html", "duty.json"} {
		if !strings.Contains(f.files[name], words) {
			t.Errorf("asked for, %s lacks the reasons", name)
		}
	}
}
