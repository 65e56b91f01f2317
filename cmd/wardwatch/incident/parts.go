package incident

import (
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"wardwatch/store/book"
	"wardwatch/ward"
)

func (g *gathering) begin(w io.Writer) {
	g.m = &Manifest{
		Format: 1, Stay: string(g.Stay), From: g.From.UTC(), To: g.To.UTC(), Made: g.At.UTC(), By: string(g.By), Zone: g.Zone.String(),
		Identified: g.Identified, Build: g.Build, Policy: g.Version, Kept: []Kept{}, Missing: []string{}, Files: []File{}, Key: publicOf(g.Key),
	}
	g.out = newBundle(w, g.m)
	if !g.Identified {
		g.missing("names, the patient number, free text and the bytes of refused messages: --identified puts them in")
		g.missing("the words of reasons that have no code: they stand in %s alone, whose rows cannot be changed", auditName)
	}
}

func (g *gathering) finish() (err error) {
	if g.m.Simulation, err = g.Book.Simulation(g.ctx); err != nil {
		return err
	}
	g.m.Versions, g.m.Clocks = g.seen.list(), g.clockOffsets()
	if g.Version != "" && !g.seen["policies"][g.Version] && len(g.seen["policies"]) > 0 {
		g.missing("the policy in force: the one given is version %s, the scores say %s", g.Version, strings.Join(g.m.Versions["policies"], ", "))
	}
	return g.out.close(g.Key)
}

// Person is stay.json.
type Person struct {
	Stay       string              `json:"stay"`
	HospitalID string              `json:"hospital_id,omitempty"`
	FamilyName string              `json:"family_name,omitempty"`
	GivenName  string              `json:"given_name,omitempty"`
	BirthDate  string              `json:"birth_date,omitempty"`
	Age        *int                `json:"age"` // whole years at From; null: not known
	Sex        string              `json:"sex"`
	Pregnancy  string              `json:"pregnancy,omitempty"`
	Admitted   time.Time           `json:"admitted"`
	Ended      *time.Time          `json:"ended"`
	EndReason  string              `json:"end_reason,omitempty"`
	Now        Orders              `json:"orders_now"` // at the time of making; their history is in audit.jsonl
	Places     []ward.Lying        `json:"places"`
	Symptoms   []ward.SymptomCheck `json:"symptom_checks"`
}

// Orders are the doctor's orders in force.
type Orders struct {
	Scale  int          `json:"scale"`
	Care   string       `json:"care"`
	Review *time.Time   `json:"care_review"`
	Limits []ward.Limit `json:"limits"`
	Nurse  string       `json:"nurse"`
	Doctor string       `json:"doctor"`
}

func (g *gathering) person() error {
	s := &g.stay
	p := Person{
		Stay: string(s.ID), Sex: string(s.Sex), Pregnancy: string(s.Pregnancy), Admitted: s.Admitted.UTC(), Ended: at(s.Ended), EndReason: s.EndReason,
		Now:    Orders{Scale: max(1, s.Scale.Number), Care: string(s.Care.Status), Review: at(s.Care.Review), Limits: g.limits(s.Limits), Nurse: string(s.Nurse), Doctor: string(s.Doctor)},
		Places: g.lain, Symptoms: []ward.SymptomCheck{},
	}
	if age, ok := s.AgeAt(g.From); ok {
		p.Age = &age
	}
	if g.Identified {
		p.HospitalID, p.FamilyName, p.GivenName = s.HospitalID, s.FamilyName, s.GivenName
		if !s.BirthDate.IsZero() {
			p.BirthDate = s.BirthDate.Format(time.DateOnly)
		}
	}
	checks, err := g.Book.SymptomChecks(g.ctx, g.Stay)
	if err != nil {
		return err
	}
	for _, c := range checks {
		if g.within(c.At) {
			c.Note = g.text(c.Note)
			p.Symptoms = append(p.Symptoms, c)
		}
	}
	return g.out.object("stay.json", p, 1)
}

func at(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

func (g *gathering) within(t time.Time) bool { return !t.Before(g.From) && t.Before(g.To) }

// rooms writes the wards and beds.
func (g *gathering) rooms() error {
	var beds []ward.Bed
	for _, w := range g.wards() {
		list, err := g.Book.Beds(g.ctx, w)
		if err != nil {
			return err
		}
		for _, b := range list {
			if slices.ContainsFunc(g.lain, func(l ward.Lying) bool { return l.Place == b.Place }) {
				beds = append(beds, b)
			}
		}
	}
	return list(g.out, "beds.json", beds)
}

// Rejected is a line of rejected.jsonl: a message for one of the stay's beds that could not be taken.
type Rejected struct {
	At      time.Time `json:"at"`
	Topic   string    `json:"topic"`
	Device  string    `json:"device"`
	Reason  string    `json:"reason"`
	Message string    `json:"message"`
	Bytes   int       `json:"bytes"` // kept of it
	SHA256  string    `json:"sha256"`
	Payload string    `json:"payload,omitempty"` // base64
}

// allKept is more messages than the quarantine keeps.
const allKept = 1 << 20

func (g *gathering) rejected() error {
	kept, err := g.Book.Quarantined(g.ctx, allKept)
	if err != nil {
		return err
	}
	if n := len(kept); n > 0 && kept[n-1].At.After(g.From) {
		g.missing("refused messages before %s: the quarantine holds the newest only", g.local(kept[n-1].At))
	}
	return g.out.add("rejected.jsonl", func(w io.Writer) (rows int, err error) {
		out := json.NewEncoder(w)
		for _, r := range slices.Backward(kept) {
			if !g.aboutUs(&r) {
				continue
			}
			sum := sha256.Sum256(r.Payload)
			line := Rejected{At: r.At.UTC(), Topic: r.Topic, Device: string(r.Device), Reason: r.Reason, Message: g.text(r.Message), Bytes: len(r.Payload), SHA256: hex.EncodeToString(sum[:])}
			if g.Identified {
				line.Payload = base64.StdEncoding.EncodeToString(r.Payload)
			}
			if err := out.Encode(line); err != nil {
				return rows, err
			}
			rows++
		}
		return rows, nil
	})
}

// aboutUs says whether a refused message was sent for a bed while the stay held it.
func (g *gathering) aboutUs(r *ward.Reject) bool {
	return slices.ContainsFunc(g.lain, func(l ward.Lying) bool {
		here := strings.Contains("/"+r.Topic+"/", "/"+string(l.Place.Ward)+"/"+string(l.Place.Bed)+"/")
		return here && !r.At.Before(l.From.Add(-edge)) && r.At.Before(l.To.Add(edge))
	})
}

func (g *gathering) predictions() error {
	return g.out.add("predictions.jsonl", func(w io.Writer) (rows int, err error) {
		out := json.NewEncoder(w)
		var failed error
		for _, id := range g.wards() {
			err := g.Book.Predictions(g.ctx, book.PredictionFilter{Ward: id, From: g.From.Truncate(time.Hour), To: g.To}, func(p *book.Prediction) bool {
				if p.Stay != g.Stay {
					return true
				}
				g.seen.add("models", p.Model+" "+p.Version)
				rows++
				failed = out.Encode(p)
				return failed == nil
			})
			if err = cmp.Or(err, failed); err != nil {
				return rows, err
			}
		}
		return rows, nil
	})
}

func (g *gathering) findings() error {
	all, err := g.Book.FindingsOf(g.ctx, []ward.StayID{g.Stay}, time.Time{})
	if err != nil {
		return err
	}
	var mine []ward.Finding
	for _, f := range all[g.Stay] {
		if !f.Received.Before(g.To) {
			continue
		}
		if !g.Identified {
			f.HospitalID, f.Accession = "", ""
		}
		if !f.ByPerson {
			g.seen.add("models", f.Model+" "+f.ModelVersion)
		}
		mine = append(mine, f)
	}
	return list(g.out, "findings.json", mine)
}

// Charted is a line of observations.jsonl: one version of one set; the highest of an id is in force.
type Charted struct {
	Version int `json:"version"`
	ward.Observation
}

// observations writes every version of each set that was true or written down in the span.
func (g *gathering) observations() error {
	sets, err := g.Book.Observations(g.ctx, g.Stay)
	if err != nil {
		return err
	}
	var all []Charted
	for _, s := range sets {
		history, err := g.Book.ObservationHistory(g.ctx, s.ID)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(history, func(o ward.Observation) bool { return g.within(o.At) || g.within(o.Entered) }) {
			continue
		}
		for i, o := range history {
			o.Note = g.text(o.Note)
			all = append(all, Charted{i + 1, o})
		}
	}
	slices.SortStableFunc(all, func(a, b Charted) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.ID, b.ID)) })
	return g.out.add("observations.jsonl", func(w io.Writer) (int, error) {
		out := json.NewEncoder(w)
		for _, o := range all {
			if err := out.Encode(o); err != nil {
				return 0, err
			}
		}
		return len(all), nil
	})
}

// Roster is duty.json: who was on duty, and who they are.
type Roster struct {
	Shifts    []ward.Shift       `json:"shifts"`
	Defaults  []ward.DutyDefault `json:"defaults_now"`
	HandOvers []ward.HandOver    `json:"hand_overs"` // of this stay
	People    []Staff            `json:"people"`
}

// Staff is one member of staff. Names are there only where the file identifies.
type Staff struct {
	ID     string      `json:"id"`
	Name   string      `json:"name,omitempty"`
	Access string      `json:"access"`
	Duties []ward.Role `json:"duties"`
}

func (g *gathering) dutyTimes() error {
	r := Roster{Shifts: []ward.Shift{}, Defaults: []ward.DutyDefault{}, HandOvers: []ward.HandOver{}, People: []Staff{}}
	people, err := g.Book.People(g.ctx)
	if err != nil {
		return err
	}
	for _, p := range people {
		one := Staff{ID: string(p.ID), Access: string(p.Access), Duties: p.Duties}
		if g.Identified {
			one.Name = p.Name
		}
		r.People = append(r.People, one)
	}
	if err := g.roster(&r); err != nil {
		return err
	}
	return g.out.object("duty.json", r, len(r.Shifts))
}

func (g *gathering) roster(r *Roster) error {
	for _, w := range append(g.wards(), "") { // and what is for the whole hospital
		shifts, err := g.Book.Shifts(g.ctx, w, g.From, g.To)
		if err != nil {
			return err
		}
		defaults, err := g.Book.DutyDefaults(g.ctx, w)
		if err != nil {
			return err
		}
		overs, err := g.Book.HandOvers(g.ctx, w, g.From)
		if err != nil {
			return err
		}
		r.Shifts, r.Defaults = append(r.Shifts, shifts...), append(r.Defaults, defaults...)
		for _, h := range overs {
			if slices.Contains(h.Stays, g.Stay) && h.Offered.Before(g.To) {
				h.Note, h.Reason, h.Stays = g.text(h.Note), g.text(h.Reason), []ward.StayID{g.Stay}
				h.Left = slices.DeleteFunc(h.Left, func(id ward.StayID) bool { return id != g.Stay })
				r.HandOvers = append(r.HandOvers, h)
			}
		}
	}
	shifts := map[string]ward.Shift{}
	for _, s := range r.Shifts {
		shifts[s.ID] = s
	}
	r.Shifts = slices.SortedFunc(maps.Values(shifts), func(a, b ward.Shift) int { return cmp.Or(a.From.Compare(b.From), cmp.Compare(a.ID, b.ID)) })
	return nil
}

// devices writes which device stood at the stay's beds and when.
func (g *gathering) devices() error {
	var all []ward.Attachment
	for _, l := range g.lain {
		rows, err := g.Book.AttachedAt(g.ctx, l.Place, l.From)
		if err != nil {
			return err
		}
		for _, a := range rows {
			if a.From.Before(l.To) {
				all = append(all, a.Attachment)
			}
		}
	}
	return list(g.out, "devices.json", all)
}
