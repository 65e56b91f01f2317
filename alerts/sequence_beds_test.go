package alerts_test

import (
	"context"
	"fmt"
	"slices"
	"time"

	"wardwatch/ward"
)

// patient is one bed and who lies there.
type patient struct {
	stay    ward.Stay
	score   ward.Score
	flags   []ward.Flag
	alarms  map[string]bool
	scored  bool
	stays   int // how many persons have lain here
	present bool
}

func (w *world) admit(i int) {
	p := w.patients[i]
	place := ward.Place{Ward: "w1", Bed: ward.BedID(fmt.Sprint("b", i))}
	p.stays++
	id := ward.StayID(fmt.Sprintf("s%d-%d", i, p.stays))
	w.promises.high[i] = time.Time{}
	*p = patient{stays: p.stays, present: true, alarms: map[string]bool{}, stay: ward.Stay{ID: id, Place: place, Admitted: w.now, Nurse: "n1", Doctor: "d1"}}
	p.score = ward.Score{Place: place, Stay: id, Chart: "news2", At: w.now}
}

// atBed is what happens to a person, or is done for one.
func (w *world) atBed(s step, p *patient) {
	ctx, i := context.Background(), s.patient
	switch s.what {
	case "leaves":
		w.again(func() error { return w.desk.StayEnded(ctx, p.stay.ID, w.now, "discharged") })
		p.present = false
	case "off":
		p.stay.Off = ward.OffWard{Destination: "CT", Since: w.now, Until: w.now.Add(30 * time.Minute)}
		w.changed(i)
	case "return":
		p.stay.Off = ward.OffWard{}
		w.changed(i)
	case "comfort":
		p.stay.Care = ward.Care{Status: ward.ComfortCare, By: "d1", Since: w.now, Review: w.now.Add(24 * time.Hour)}
		w.changed(i)
	case "full":
		p.stay.Care, p.stay.Symptoms = ward.Care{}, time.Time{}
		w.changed(i)
	case "charted":
		o := ward.Observation{ID: w.id(), Stay: p.stay.ID, Origin: ward.OriginCharted, At: w.now, Entered: w.now, By: s.person}
		if s.on {
			o.Partial = "asleep"
		}
		w.promises.charted(p, s.person, func() error { return w.desk.Charted(ctx, o, roleOf(s.person)) })
	case "symptoms":
		c := ward.SymptomCheck{ID: w.id(), Stay: p.stay.ID, At: w.now, Entered: w.now, By: s.person, Pain: s.points % 4}
		if p.stay.Care.Status == ward.ComfortCare {
			p.stay.Symptoms = w.now
			w.again(func() error { return w.desk.Symptoms(ctx, c) })
		}
	case "hand over":
		w.handOver(s, p)
	default:
		if scores[s.what] {
			w.observe(s, p)
			return
		}
		w.deed(s, p)
	}
}

// changed is what the program does when a stay's record has: the desk is told, and the bed is scored.
func (w *world) changed(i int) {
	w.again(func() error { return w.desk.Stays(context.Background(), w.stays(), w.now) })
	if w.patients[i].scored {
		w.rescore(i)
	}
}

// rescoreAll scores every bed once, from no new reading.
func (w *world) rescoreAll() {
	for i, p := range w.patients {
		if p.present && p.scored {
			w.rescore(i)
		}
	}
}

func (w *world) rescore(i int) {
	s := w.patients[i].score
	s.At, s.Position = w.now, 0
	w.again(func() error { return w.desk.Observe(context.Background(), &s, nil) })
	w.promises.scored(i)
}

var inputs = [...]string{"rr", "spo2", "o2", "sbp", "hr", "consciousness", "temp"}

// scores are the steps that bring a new score.
var scores = map[string]bool{"score": true, "single": true, "partial": true, "held": true, "lost": true, "check": true, "flag": true, "alarm": true}

// observe makes a reading's score and hands it to the desk.
func (w *world) observe(s step, p *patient) {
	var alarms []ward.DeviceAlarm
	before := p.score
	switch s.what {
	case "score", "single":
		p.score = whole(before, s.points)
		if s.what == "single" {
			p.score = whole(before, 3)
			p.score.Band = ward.LowMedium
		}
	case "partial", "check":
		p.score = lacking(before, s.points, "hr")
		if s.what == "check" {
			p.score.Check, p.score.Parts[0].State = "rr", ward.Implausible
		}
	case "held":
		p.score = lacking(before, 0, "rr")
		p.score.Band, p.score.Held = max(before.Band, ward.Unknown), true
	case "lost":
		p.score = lacking(before, 0, inputs[:]...)
		p.score.Band, p.score.Held, p.score.Lost = max(before.Band, ward.Unknown), true, true
	case "flag":
		p.flag(s, w.now)
	case "alarm":
		alarms = []ward.DeviceAlarm{{Code: s.code, Priority: ward.HighPriority, On: s.on}}
		p.alarms[s.code] = s.on
	}
	w.position++
	p.scored = true
	p.score.At, p.score.Position = w.now, w.position
	p.score.NFlags = copy(p.score.Flags[:], p.flags)
	w.journal = append(w.journal, entry{p.score, alarms})
	w.promises.scored(s.patient)
	score := p.score
	w.again(func() error { return w.desk.Observe(context.Background(), &score, alarms) })
}

func whole(from ward.Score, points int) ward.Score {
	s := ward.Score{Place: from.Place, Stay: from.Stay, Chart: from.Chart, Total: points, LowerBound: points, Complete: true, Band: bandOf(points)}
	s.NParts = len(inputs)
	for i, in := range inputs {
		s.Parts[i] = ward.Part{Input: in, State: ward.Present}
	}
	return s
}

func lacking(from ward.Score, points int, gone ...string) ward.Score {
	s := whole(from, points)
	s.Complete, s.Total = false, 0
	if s.Band == ward.Low {
		s.Band = ward.Unknown
	}
	for i := range s.PartList() {
		if slices.Contains(gone, s.Parts[i].Input) {
			s.Parts[i].State = ward.Stale
		}
	}
	return s
}

func bandOf(points int) ward.Band {
	switch {
	case points >= 7:
		return ward.High
	case points >= 5:
		return ward.Medium
	}
	return ward.Low
}

func (p *patient) flag(s step, now time.Time) {
	const code = "limit:spo2:low"
	p.flags = nil
	if s.on {
		p.flags = []ward.Flag{{Code: code, Band: ward.Medium, Since: now, Due: now.Add(15 * time.Second)}}
	}
}

// deed is what a person does to the alert at a bed.
func (w *world) deed(s step, p *patient) {
	a := w.open(p.stay.ID)
	if a == nil {
		return
	}
	x := ward.Action{Alert: a.ID, Do: ward.Deed(s.what), By: s.person, Role: roleOf(s.person), At: w.now, Reason: "a reason", Until: w.now.Add(20 * time.Minute)}
	if x.Do == ward.DoPlan {
		x.Until = w.now.Add(3 * time.Hour)
	}
	w.promises.act(x, func() error {
		_, err := w.desk.Act(context.Background(), x)
		return err
	})
}

// open is the alert of a stay that stands, as the desk has it.
func (w *world) open(id ward.StayID) *ward.Alert {
	for _, a := range w.desk.Open() {
		if a.Stay == id && a.Kind != ward.Technical {
			return &a
		}
	}
	return nil
}

// handOver gives one nurse's, or doctor's, patient to the other.
func (w *world) handOver(s step, p *patient) {
	role := ward.RoleNurse
	from, to := &p.stay.Nurse, ward.PersonID("n2")
	if s.on {
		role, from, to = ward.RoleDoctor, &p.stay.Doctor, "d2"
	}
	if *from == to {
		to = people[role][0]
	}
	h := ward.HandOver{ID: w.id(), Ward: "w1", Role: role, From: *from, To: to, Stays: []ward.StayID{p.stay.ID}, State: ward.HandOverAccepted, Answered: w.now}
	*from = to
	w.again(func() error { return w.desk.HandOver(context.Background(), h, w.now) })
	w.promises.handedOver(&h)
}
