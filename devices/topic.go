// Package devices is what stands on the wire: MQTT topics, the JSON payload of vital signs and
// the status of a device, both ways. It is pure: no network, no clock, no goroutine.
//
// What it takes in is judged piece by piece: a value that cannot be used becomes a Fault and the
// rest of the message is still used. It refuses only what cannot be the unit that the contract
// fixes; whether a value can be believed is for scoring to say.
package devices

import (
	"strings"

	"wardwatch/ward"
)

// Kind is what a topic carries.
type Kind uint8

// Kinds.
const (
	Vitals Kind = iota // ward/v1/{ward}/{bed}/vitals
	Status             // ward/v1/{ward}/{bed}/status
)

var kindNames = [...]string{"vitals", "status"}

// String is the last level of the topic.
func (k Kind) String() string { return kindNames[min(int(k), len(kindNames)-1)] }

const topicRoot = "ward/v1/"

// Topic is where a device at p publishes k.
func Topic(p ward.Place, k Kind) string {
	return topicRoot + string(p.Ward) + "/" + string(p.Bed) + "/" + k.String()
}

// ParseTopic reads a topic. The error, when there is one, is a *Fault with ReasonTopic. The place
// shares the topic's memory.
func ParseTopic(topic string) (ward.Place, Kind, error) {
	rest, ok := strings.CutPrefix(topic, topicRoot)
	if !ok {
		return ward.Place{}, 0, topicFault()
	}
	w, rest, ok := strings.Cut(rest, "/")
	if !ok {
		return ward.Place{}, 0, topicFault()
	}
	b, last, ok := strings.Cut(rest, "/")
	if !ok || !ward.ValidID(w) || !ward.ValidID(b) {
		return ward.Place{}, 0, topicFault()
	}
	p := ward.Place{Ward: ward.WardID(w), Bed: ward.BedID(b)}
	switch last {
	case "vitals":
		return p, Vitals, nil
	case "status":
		return p, Status, nil
	}
	return ward.Place{}, 0, topicFault()
}

func topicFault() error {
	return &Fault{Reason: ReasonTopic, Message: "publish to ward/v1/{ward}/{bed}/vitals or …/status; ward and bed are 1–64 of A–Z a–z 0–9 _ -"}
}
