package alerts

import (
	"context"
	"strconv"
	"strings"
	"time"

	"wardwatch/ward"
)

// Concern reports that a part of Wardwatch is in trouble (bad) or is well again. One alert a code
// and place; a place without a bed, or empty, is the ward's or the whole system's. detail is for
// engineers and names nobody.
func (d *Desk) Concern(ctx context.Context, code string, bad bool, p ward.Place, at time.Time, detail string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.sure(ctx); err != nil {
		return err
	}
	return d.concern(ctx, code, bad, p, plain(at), detail, 0)
}

func (d *Desk) concern(ctx context.Context, code string, bad bool, p ward.Place, at time.Time, detail string, position uint64) error {
	b := d.bed(p)
	if b.dismissed[code] {
		if bad {
			return nil
		}
		delete(b.dismissed, code)
	}
	e := b.technical[code]
	if e == nil && !bad {
		return nil
	}
	s := over(code)
	if bad {
		how := d.p.concern(code)
		s.band, s.persist, s.detail, s.quiet = how.Band, how.Persist, detail, false
	}
	g := sighting{moment: moment{kind: ward.Technical, place: p, at: at, turn: b.turn, position: position, crew: &d.crew}, signs: []sign{s}}
	var a *ward.Alert
	if e != nil {
		a = &e.a
		if err := d.gather(ctx, a, at, bad); err != nil {
			return err
		}
		g.rule = d.stormRule(a)
	}
	return d.take(ctx, e, a, &g)
}

// dismiss notes that a person closed a concern while it lasts. That of many beds is each bed's that nobody
// was told of: a bed that joins them later was not looked at.
func (d *Desk) dismiss(p ward.Place, code string) {
	each, many := strings.CutPrefix(code, ManyPrefix)
	if !many {
		d.bed(p).dismiss(code)
		return
	}
	for _, e := range d.byID {
		if d.untoldOf(&e.a, p.Ward, each) {
			d.bed(e.a.Place).dismiss(each)
		}
	}
}

func (b *bed) dismiss(code string) {
	if b.dismissed == nil {
		b.dismissed = map[string]bool{}
	}
	b.dismissed[code] = true
}

// over is the sign that what a part reported, or what a person had to do, is no more.
func over(code string) sign {
	return sign{code: code, proof: true, fell: true, quiet: true, ends: true}
}

// silence raises and ends the technical alert for a device that has stopped sending while nothing of
// medium or worse stood for its patient. From medium up it is the patient's alert (CauseSignal).
func (d *Desk) silence(ctx context.Context, b *bed, s *ward.Score, at time.Time, r rule) error {
	silent := s.Lost && !signalLost(s) && r.name != RuleOffWard
	if !silent && b.technical[CauseSilent] == nil && !b.dismissed[CauseSilent] {
		return nil
	}
	if e := b.technical[CauseSilent]; e != nil && s.Position != 0 && s.Position < e.a.Position {
		return nil // read again from the journal: what came later is already known
	}
	return d.concern(ctx, CauseSilent, silent, s.Place, at, "", b.seen)
}

// Storm: when a network, a broker or a device fault silences many beds of a ward, their concerns that
// nobody was told of yet are one technical alert of the ward. Those of the beds stay, kept quiet by a
// rule of that name, and are told when the storm is over if they still stand. What was told before
// is another matter and goes on. Patients' alerts never merge.

// gather raises the ward's alert when a bed's concern would be told now and so many others stand
// beside it.
func (d *Desk) gather(ctx context.Context, a *ward.Alert, at time.Time, bad bool) error {
	if d.p.StormFrom == 0 || !bad || !ofBed(a) || !a.Told.IsZero() || !ripe(&a.Causes[0], rule{}, at) || d.storm(a.Place.Ward, codeOf(a)) {
		return nil
	}
	n := d.untold(a.Place.Ward, codeOf(a))
	if n < d.p.StormFrom {
		return nil
	}
	return d.concern(ctx, ManyPrefix+codeOf(a), true, ward.Place{Ward: a.Place.Ward}, at, strconv.Itoa(n)+" beds", 0)
}

// stormRule keeps a bed's concern that nobody was told of quiet while its ward's storm lasts, and when a
// person has closed that, until the bed has recovered.
func (d *Desk) stormRule(a *ward.Alert) rule {
	if ofBed(a) && a.Told.IsZero() && (d.storm(a.Place.Ward, codeOf(a)) || d.bed(a.Place).dismissed[codeOf(a)]) {
		return rule{name: RuleStorm}
	}
	return rule{}
}

// storm says whether a concern of many beds of a ward stands.
func (d *Desk) storm(w ward.WardID, code string) bool {
	b := d.beds[ward.Place{Ward: w}]
	return b != nil && b.technical[ManyPrefix+code] != nil
}

// few says that fewer than half as many beds are left as make a storm.
func (d *Desk) few(w ward.WardID, code string) bool { return 2*d.untold(w, code) < d.p.StormFrom }

// calm says that a ward's alert of many beds is over.
func (d *Desk) calm(a *ward.Alert) bool {
	if a.Kind != ward.Technical {
		return false
	}
	each, many := strings.CutPrefix(codeOf(a), ManyPrefix)
	return many && d.few(a.Place.Ward, each)
}

// untold counts the beds of a ward with a concern that nobody was told of.
func (d *Desk) untold(w ward.WardID, code string) (n int) {
	for _, e := range d.byID {
		if d.untoldOf(&e.a, w, code) {
			n++
		}
	}
	return n
}

// untoldOf says whether a bed of a ward has a concern that nobody was told of, or has closed.
func (d *Desk) untoldOf(a *ward.Alert, w ward.WardID, code string) bool {
	return ofBed(a) && a.Place.Ward == w && a.Told.IsZero() && codeOf(a) == code && !d.bed(a.Place).dismissed[code]
}

func ofBed(a *ward.Alert) bool { return a.Kind == ward.Technical && a.Place.Bed != "" }
