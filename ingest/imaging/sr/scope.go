package sr

import "wardwatch/ingest/imaging/report"

// scope is what holds for a content item because of where it hangs: who speaks, and of which part of the
// body and which pictures.
type scope struct {
	person, device bool
	deviceName     string
	algorithm      string
	version        string

	qualitative bool // in the container of that name, where a number can only be a likelihood
	site        report.Code
	side        string
	pictures    []image
}

// enter adds what an item says of everything under it (TID 1001, 4019 and 1501).
func (s scope) enter(it *item) scope {
	if it.child(observerType) != nil {
		s.person, s.device, s.deviceName = false, false, ""
	}
	if it.child(algorithmName) != nil {
		s.version = "" // the outer one's
	}
	for _, c := range it.items {
		switch {
		case c.is(observerType):
			s.person = s.person || observerPerson.names(c.value)
			s.device = s.device || observerDevice.names(c.value)
		case c.is(personObserverName):
			s.person = true
		case c.is(deviceObserverUID):
			s.device = true
		case c.is(deviceObserverModel), c.is(deviceObserverName) && s.deviceName == "":
			s.device, s.deviceName = true, c.text
		case c.is(algorithmName):
			s.algorithm = c.text
		case c.is(algorithmVersion):
			s.version = c.text
		case c.is(findingSite):
			s = s.at(c)
		case c.is(laterality):
			s.side = c.value.Side()
		}
	}
	return s
}

// at is the scope of a part of the body.
func (s scope) at(site *item) scope {
	s.site, s.side = site.value, site.value.Side()
	if side := site.child(laterality); side != nil {
		s.side = side.value.Side()
	}
	return s
}

// byProgram reports whether a program speaks. Where both a person and a device are named it may be the
// device that found it, so it is not taken for the person's word.
func (s scope) byProgram() bool { return s.algorithm != "" || s.device || !s.person }
