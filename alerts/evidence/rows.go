package evidence

import "wardwatch/ward"

// rowOf is one alert in a line: the first of each moment over all its rounds.
func rowOf(c coder, x *Case, rounds []round) AlertRow {
	a := &x.Alert
	row := AlertRow{
		ID: string(a.ID), Ward: string(a.Place.Ward), Bed: string(a.Place.Bed), Stay: string(a.Stay),
		Kind: string(a.Kind), Band: a.Band.String(), Cause: firstCause(a),
		Raised: ms(a.Raised), Ended: ms(a.Ended), Rounds: len(rounds),
	}
	first := round{}
	for i := range rounds {
		r := &rounds[i]
		first.told = earliest(first.told, r.told)
		first.delivered = earliest(first.delivered, r.delivered)
		first.seen = earliest(first.seen, r.seen)
		first.accepted = earliest(first.accepted, r.accepted)
		first.bedside = earliest(first.bedside, r.bedside)
		row.Tellings += len(r.tellings)
		for j := range r.tellings {
			row.Level = max(row.Level, r.tellings[j].level)
		}
	}
	row.Told, row.Delivered, row.Seen = ms(first.told), ms(first.delivered), ms(first.seen)
	row.Accepted, row.Bedside = ms(first.accepted), ms(first.bedside)
	row.Reason, row.Says = closingWords(c, a)
	return row
}

// closingWords is the code an alert was closed with and what it says. Words of a person's own stay
// out of tables: they may name somebody.
func closingWords(c coder, a *ward.Alert) (code, says string) {
	switch reason, how := c.closing(a); how {
	case stillOpen:
		return "", ""
	case byItself:
		return "by_itself", ""
	case coded:
		return reason.Code, string(reason.Says)
	}
	return ReasonOther, string(SaysUnknown)
}
