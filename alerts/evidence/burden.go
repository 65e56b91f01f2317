package evidence

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"wardwatch/ward"
)

// load gathers what alerts ask of people.
type load struct {
	kinds       map[string]int
	beds        map[ward.Place]*BedLoad
	roles       map[string]int // tellings that disturbed somebody
	pages       int
	escalations int
	named       int // tellings that named people
	people      int // named in them
}

func newLoad() load {
	return load{kinds: map[string]int{}, beds: map[ward.Place]*BedLoad{}, roles: map[string]int{}}
}

func (l *load) bed(p ward.Place) *BedLoad {
	b := l.beds[p]
	if b == nil {
		b = &BedLoad{Ward: string(p.Ward), Bed: string(p.Bed)}
		l.beds[p] = b
	}
	return b
}

func (l *load) alert(a *ward.Alert) {
	l.kinds[string(a.Kind)]++
	b := l.bed(a.Place)
	switch a.Kind {
	case ward.Clinical:
		b.Clinical++
	case ward.DeviceRaise:
		b.Device++
	default:
		b.Technical++
	}
}

func (l *load) telling(t *telling, zone *time.Location) {
	if !t.interrupts() {
		return
	}
	l.roles[string(t.role)]++
	if t.role == ward.RoleDoctor && atNight(t.at.In(zone)) {
		l.pages++
	}
	if t.level > 1 {
		l.escalations++
	}
	if len(t.people) > 0 {
		l.named++
		l.people += len(t.people)
	}
}

func (l *load) sum(x *exposure) Burden {
	d := days(x.all)
	b := Burden{
		Kinds: countRates(l.kinds, d), Interruptions: countRates(l.roles, d),
		Nurses: rate(l.roles[string(ward.RoleNurse)]+l.roles[string(ward.RoleCharge)], d),
		Pages:  rate(l.pages, x.bedNights()), Escalations: rate(l.escalations, d),
	}
	if l.named > 0 {
		mean := float64(l.people) / float64(l.named)
		b.People = &mean
	}
	b.Beds, b.TopBeds = l.sumBeds(x)
	return b
}

func (l *load) sumBeds(x *exposure) ([]BedLoad, Share) {
	beds := maps.Clone(l.beds)
	for p := range x.beds {
		if beds[p] == nil {
			beds[p] = &BedLoad{Ward: string(p.Ward), Bed: string(p.Bed)}
		}
	}
	out := make([]BedLoad, 0, len(beds))
	total := 0
	for p, b := range beds {
		one := *b
		one.PatientDays = days(x.beds[p])
		one.Rate = rate(one.all(), one.PatientDays)
		total += one.all()
		out = append(out, one)
	}
	slices.SortFunc(out, func(a, b BedLoad) int {
		return cmp.Or(cmp.Compare(b.all(), a.all()), cmp.Compare(a.Ward, b.Ward), cmp.Compare(a.Bed, b.Bed))
	})
	top := 0
	for i := range (len(out) + 9) / 10 {
		top += out[i].all()
	}
	return out, share("", top, total)
}

func countRates(counts map[string]int, of float64) []CountRate {
	out := make([]CountRate, 0, len(counts))
	for _, name := range sortedKeys(counts) {
		out = append(out, CountRate{name, rate(counts[name], of)})
	}
	return out
}

// channel gathers what became of one channel's notices.
type channel struct {
	made, delivered, failed, withdrawn, pending, tests, tries int
	delay                                                     times
}

func (m *Meter) channel(name string) *channel {
	c := m.channels[name]
	if c == nil {
		c = &channel{}
		m.channels[name] = c
	}
	return c
}

func (c *channel) add(n *ward.Notice, receipts []ward.Receipt) {
	c.made++
	c.tries += max(n.Tries, len(receipts))
	if n.Why == ward.WhyTest {
		c.tests++
	}
	if at, ok := deliveredAt(n, receipts); ok {
		c.delivered++
		c.delay.between(n.Made, at)
		return
	}
	switch n.State {
	case ward.NoticeFailed:
		c.failed++
	case ward.NoticeWithdrawn:
		c.withdrawn++
	default:
		c.pending++
	}
}

func (c *channel) sum(name string) Channel {
	return Channel{
		Name: name, Made: c.made, Delivered: c.delivered, Failed: c.failed, Withdrawn: c.withdrawn, Pending: c.pending,
		Tests: c.tests, Tries: c.tries, Delay: c.delay.stage(), Undelivered: share("", c.failed, c.failed+c.delivered),
	}
}
