package findings

import (
	"context"
	"slices"
	"strings"
	"time"

	"wardwatch/store/book/sqlite"
	"wardwatch/ward"
)

// Report keeps all that one delivery says, with whose the matching rule takes it to be, and marks the
// delivery read. The source and when it was received are those of the delivery. The same again changes
// nothing. What was certain and is doubted by this delivery waits in the worklist from then on, as does
// what belongs to a study that a person took off somebody. It names the stays whose findings are others
// now.
//
// A long delivery is written piece by piece, so that no alert waits for it; one that was cut off half way
// still waits, and is read again.
func (m *Imaging) Report(ctx context.Context, delivery string, reports []ward.PlacedReport) ([]ward.StayID, error) {
	d, err := deliveryByID(ctx, m.db.Read(), delivery)
	if err != nil {
		return nil, err
	}
	for i := range reports {
		if err := checkReport(&reports[i]); err != nil {
			return nil, err
		}
	}
	steps := []step{func(e *edit) error { return e.exec(`DELETE FROM gate_refusals WHERE delivery = ?`, d.ID) }}
	for i := range reports {
		steps = append(steps, stepsOf(&d, &reports[i])...)
	}
	steps = append(steps, func(e *edit) error {
		return e.exec(`UPDATE deliveries SET state = ?, code = '', detail = '', done = ? WHERE id = ? AND state <> ?`,
			ward.DeliveryRead, sqlite.Ms(e.now), d.ID, ward.DeliveryRead)
	})
	var changed []ward.StayID
	for piece := range slices.Chunk(steps, atOnce) {
		stays, err := m.change(ctx, func(e *edit) error {
			for _, do := range piece {
				if err := do(e); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		changed = append(changed, stays...)
	}
	slices.Sort(changed)
	return slices.Compact(changed), nil
}

// step is one thing of a report that is written.
type step func(*edit) error

func checkReport(r *ward.PlacedReport) error {
	if r.Stay == "" && r.Why == ward.Matched {
		return bad("a report is neither anybody's nor says why not", "give a stay, or a reason to wait")
	}
	for i := range r.Findings {
		if err := checkFinding(&r.Findings[i]); err != nil {
			return err
		}
	}
	for i := range r.Reads {
		if r.Reads[i].Code == "" {
			return bad("a read without a code cannot be kept", "say what it is that is there or not")
		}
	}
	return nil
}

func stepsOf(d *ward.Delivery, r *ward.PlacedReport) (steps []step) {
	for i := range r.Retracts { // first: what the same report says beside it stands
		steps = append(steps, func(e *edit) error { return e.retract(d, &r.Retracts[i]) })
	}
	v := verdict{stay: r.Stay, why: r.Why, guesses: r.Guesses}
	for _, p := range split(d, r) {
		var in study // as it is kept
		steps = append(steps, func(e *edit) error {
			in = p.study
			return e.place(&in, v, d.State == ward.DeliveryRead)
		})
		for i := range p.findings {
			steps = append(steps, func(e *edit) error {
				f := p.findings[i]
				return e.keepFinding(&in, &f)
			})
		}
		for i := range p.reads {
			steps = append(steps, func(e *edit) error { return e.keepRead(&in, &p.reads[i]) })
		}
	}
	for i := range r.Refused {
		steps = append(steps, func(e *edit) error { return e.keepRefusal(d.ID, &r.Refused[i]) })
	}
	return steps
}

// place writes the study with what the delivery adds, and whose it is. A delivery that was read before
// has had its say.
func (e *edit) place(s *study, v verdict, again bool) error {
	known, is, err := e.studyByID(s.id)
	if err != nil {
		return err
	}
	if is && again {
		*s = known
		return nil
	}
	if v, err = e.checked(s, v); err != nil {
		return err
	}
	if !is {
		return e.begin(s, v)
	}
	to := known.place.next(known.of, s.of, v)
	known.learn(s.of, s.about, s.received)
	*s = known
	deed := deedMatch
	if to.state == waiting {
		deed = deedDoubt
	}
	if s.place.state == placed && to.stay != s.place.stay {
		return e.takeOff(s, to, deed, "", "")
	}
	return e.move(s, to, deed, "", "")
}

// begin writes a study that was not known. One that is the same to people as one on which a person has
// the word waits for them, too.
func (e *edit) begin(s *study, v verdict) error {
	to := v.first()
	related, err := e.related(s)
	if err != nil {
		return err
	}
	for i := range related {
		switch p := related[i].place; {
		case p.state == waiting && p.held:
			to = placement{state: waiting, held: true, why: p.why, guesses: v.guesses}
		case p.state == dismissed && v.stay != "":
			to = doubt(v, "")
		}
	}
	s.place = placement{state: waiting, held: to.held} // to begin to wait is no decision
	if err := e.writeStudy(s); err != nil {            // its history refers to it
		return err
	}
	return e.move(s, to, deedMatch, "", "")
}

// checked looks once more, now that nothing can change meanwhile: the stay must be there, carry the
// hospital number that the sender gave or one that was merged with it, and what is the same study to
// people must not be on another.
func (e *edit) checked(s *study, v verdict) (verdict, error) {
	if v.stay == "" {
		return v, nil
	}
	stay, err := stayOf(e.ctx, e.tx, v.stay)
	if err != nil {
		return v, err
	}
	if is, err := e.carries(&stay, s.of.HospitalID); err != nil || !is {
		return verdict{why: ward.UnmatchedUnknown, guesses: []ward.StayID{v.stay}}, err
	}
	related, err := e.related(s)
	for i := range related {
		if on := related[i].place.stay; on != "" && on != v.stay {
			return verdict{why: ward.UnmatchedAccession, guesses: []ward.StayID{on, v.stay}}, nil
		}
	}
	return v, err
}

// carries reports whether a stay carries a hospital number or one that was merged with it. A number that
// was not given speaks against nobody.
func (e *edit) carries(stay *ward.Stay, number string) (bool, error) {
	if number == "" {
		return true, nil
	}
	numbers, err := numbersOf(e.ctx, e.tx, number)
	return slices.Contains(numbers, stay.HospitalID), err
}

// part is what a report says of one study.
type part struct {
	study    study
	main     bool // the one that the report names
	findings []ward.Finding
	reads    []ward.Read
}

// split sorts what a report says by study. The study that the report names is there even when it says
// nothing of it: others may be told by it whose they are.
func split(d *ward.Delivery, r *ward.PlacedReport) []part {
	p := splitter{d: d, of: r.Of, main: strings.TrimSpace(r.Study.UID), taken: r.Study.Acquired}
	p.of.HospitalID, p.of.Accession = strings.TrimSpace(p.of.HospitalID), strings.TrimSpace(p.of.Accession)
	fill(&p.taken, p.of.Acquired)
	if p.main != "" || p.of.Accession != "" {
		p.in(p.main, p.of.Accession, r.Study)
	}
	for _, f := range r.Findings {
		f.Source, f.Received, f.Delivery = d.Source, d.Received, d.ID
		in := p.in(f.StudyUID, f.Accession, ward.Study{Modality: f.Modality, Region: f.Region, Acquired: f.Acquired})
		if in.main {
			fill(&f.Acquired, p.taken)
		}
		in.findings = append(in.findings, f)
	}
	for _, read := range r.Reads {
		read.Delivery = d.ID
		in := p.in(read.StudyUID, read.Accession, ward.Study{})
		in.reads = append(in.reads, read)
	}
	return p.parts
}

// splitter sorts one report.
type splitter struct {
	d     *ward.Delivery
	of    ward.Claim
	main  string    // UID of the study that the report names
	taken time.Time // when its pictures were taken
	parts []part
}

// in finds the study with a UID and an accession. What names neither, or names those of the report, is of
// the report's own study.
func (p *splitter) in(uid, accession string, about ward.Study) *part {
	uid, accession = strings.TrimSpace(uid), strings.TrimSpace(accession)
	main := (uid == "" || uid == p.main) && (accession == "" || accession == p.of.Accession)
	claim := p.of
	if main {
		uid, accession = p.main, p.of.Accession
		claim.Acquired = p.taken
	} else {
		claim.Acquired = about.Acquired
	}
	claim.Accession, about.UID = accession, uid
	id := studyID(p.d.Source, uid, accession, p.d.ID)
	i := slices.IndexFunc(p.parts, func(x part) bool { return x.study.id == id })
	if i < 0 {
		i = len(p.parts)
		p.parts = append(p.parts, part{study: study{id: id, source: p.d.Source}, main: main})
	}
	p.parts[i].study.learn(claim, about, p.d.Received)
	return &p.parts[i]
}
