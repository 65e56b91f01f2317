package ntfy

import (
	"encoding/json"
	"errors"

	"wardwatch/alerts/wording"
	"wardwatch/ward"
)

// message is ntfy's JSON for publishing.
type message struct {
	Topic    string   `json:"topic"`
	Title    string   `json:"title"`
	Message  string   `json:"message"`
	Priority int      `json:"priority"`
	Tags     []string `json:"tags"`
	Click    string   `json:"click,omitempty"`
	Sequence string   `json:"sequence_id,omitempty"`
}

// Body is what is published of a notice to a topic.
func (s *Sender) Body(n ward.Notice, topic string) ([]byte, error) {
	m := message{
		Topic: topic, Title: wording.Title(s.o.Lang, n, s.o.Simulation), Message: wording.Line(s.o.Lang, n, s.o.Simulation),
		Priority: priority(n), Tags: s.tags(n),
	}
	if ward.ValidID(string(n.ID)) { // any other sequence id is refused with the message
		m.Sequence = string(n.ID)
	}
	if s.o.Link != nil {
		m.Click = s.o.Link(n)
	}
	body, err := json.Marshal(m)
	if err != nil {
		return nil, errors.New("the notice could not be written as JSON")
	}
	return body, nil
}

// priority is ntfy's, 1 to 5. From 4 on a telephone shows the notice over all else; 5 vibrates long and
// can be let through "do not disturb".
func priority(n ward.Notice) int {
	switch {
	case n.Why == ward.WhyTest:
		return 3
	case n.Kind == ward.Technical:
		return 2
	case n.Band == ward.High:
		return 5
	case n.Band == ward.Medium:
		return 4
	}
	return 3
}

// tags are shown with the message; those that name a pictogram are drawn.
func (s *Sender) tags(n ward.Notice) []string {
	tags := []string{}
	switch {
	case n.Why == ward.WhyTest:
	case n.Kind == ward.Technical:
		tags = append(tags, "wrench")
	case n.Band == ward.High:
		tags = append(tags, "rotating_light")
	case n.Band == ward.Medium:
		tags = append(tags, "warning")
	}
	if s.o.Simulation {
		tags = append(tags, "simulation")
	}
	if n.Why != ward.WhyAlert {
		tags = append(tags, string(n.Why))
	}
	return append(tags, string(n.ID))
}
