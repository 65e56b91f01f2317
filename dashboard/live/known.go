package live

import "wardwatch/ward"

// Known is what the picture holds of one person.
type Known struct {
	Ward       string           // its name
	Label      string           // of the bed, as people say it
	Apart      string           // why it is uncertain whose figures the bed's monitor sends; empty: it is not
	Score      *ward.Score      // the person's own, the last while Apart; nil: none yet
	View       *ScoreView       // the same as screens have it, with its trend
	Vitals     []ward.Value     // the last of each, whatever its age
	Assessment *ward.Assessment // as screens have it, with what is silent still in it and marked; nil: none of the present
}

// KnownOf is what is held of a person who lies at p: their own figures, never those kept apart. ok is
// false when they are not known to lie there.
func (l *Live) KnownOf(p ward.Place, stay ward.StayID) (k Known, ok bool) {
	b := l.board(p.Ward)
	if b == nil || stay == "" {
		return k, false
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	x := b.beds[p.Bed]
	if x == nil || x.stay == nil || x.stay.ID != stay || x.own.of != stay {
		return k, false
	}
	k = Known{Ward: b.ward.Name, Label: x.label, Apart: x.apartShown(), Assessment: x.assessment(l.o.Now())}
	for v, last := range x.own.vitals {
		if !last.at.IsZero() {
			k.Vitals = append(k.Vitals, ward.Value{Vital: ward.Vital(v), Quality: last.quality, Number: last.number, At: last.at})
		}
	}
	if x.own.scored {
		score := x.own.score
		k.Score, k.View = &score, viewScore(&score, x.own.trend)
	}
	return k, true
}
