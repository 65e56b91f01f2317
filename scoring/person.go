package scoring

import (
	"time"

	"wardwatch/scoring/chart"
	"wardwatch/ward"
)

// person is what the policy makes of who somebody is at a moment.
type person struct {
	months   int // age in completed months; an adult's when not known
	known    bool
	pregnant bool // or within six weeks after
	scale2   bool
	chart    *chart.Chart // nil: no chart may score them
	refusing *chart.Chart // the chart that would have, when there is one
	refusal  ward.Refusal // why chart is nil
}

// adult stands for the age of a person whose birth date is not known.
const adult = 18 * 12

// person judges a stay at a moment; nil is somebody of whom nothing is known.
func (p *Policy) person(stay *ward.Stay, at time.Time) person {
	who := person{months: adult}
	pregnancy := ward.NotPregnant
	if stay != nil {
		pregnancy = stay.Pregnancy
		who.pregnant, who.scale2 = pregnancy != ward.NotPregnant, stay.Scale.Number == 2
		if !stay.BirthDate.IsZero() {
			who.months, who.known = ageMonths(stay.BirthDate, p.local(at)), true
		}
	}
	for i := range p.Charts {
		c := &p.Charts[i]
		fits := c.fits(who.months, who.pregnant)
		if c.Chart == nil {
			if fits {
				break
			}
			continue
		}
		refusal := c.Chart.Refuses(who.months, who.known, pregnancy)
		if fits && refusal == ward.NotRefused {
			who.chart, who.refusing, who.refusal = c.Chart, nil, ward.NotRefused
			return who
		}
		if who.refusing == nil {
			who.refusing, who.refusal = c.Chart, refusal
		}
	}
	if who.refusal == ward.NotRefused {
		who.refusal = ward.RefusedNoChart
	}
	return who
}

// local is a moment as the hospital's calendar has it.
func (p *Policy) local(at time.Time) time.Time {
	if p.Zone == nil {
		return at.UTC()
	}
	return at.In(p.Zone)
}

// ageMonths is the age in completed months on a day; never less than 0.
func ageMonths(birth, day time.Time) int {
	by, bm, bd := birth.Date()
	y, m, d := day.Date()
	months := (y-by)*12 + int(m-bm)
	if d < bd {
		months--
	}
	return max(0, months)
}

// Needs names the inputs that a full set of observations has for a person: the parts of their chart.
// Nil when no chart scores them.
func (p *Policy) Needs(stay *ward.Stay, at time.Time) (inputs []string) {
	who := p.person(stay, at)
	if who.chart == nil {
		return nil
	}
	for _, part := range who.chart.Parts() {
		inputs = append(inputs, part.Name)
	}
	return inputs
}
