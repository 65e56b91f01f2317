package channels

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"wardwatch/alerts"
	"wardwatch/ward"
)

// receiver is who hears a group channel. The zero one is the whole hospital's engineers.
type receiver struct {
	ward ward.WardID
	role ward.Role
}

// receivers are the receivers of a group channel. An ntfy channel has as many as its topic has places to
// fill; every other one has one.
func (c *channel) receivers(wards []ward.WardID, roles []ward.Role) []receiver {
	list := []receiver{{}}
	if c.Kind != KindNtfy {
		return list
	}
	topic := cmp.Or(c.ntfy.Topic, "{ward}{role}")
	if !strings.Contains(topic, "{ward}") {
		wards = []ward.WardID{""}
	}
	if !strings.Contains(topic, "{role}") {
		roles = []ward.Role{""}
	}
	for _, w := range wards {
		for _, r := range roles {
			if g := (receiver{w, r}); !slices.Contains(list, g) && !(w == "" && r == ward.RoleEngineer) { // that is the first
				list = append(list, g)
			}
		}
	}
	return list
}

func (g receiver) notice(channel, day string, now time.Time) ward.Notice {
	if g == (receiver{}) {
		return TestNotice(channel, day, ward.Person{}, now)
	}
	which := sha256.Sum256([]byte(string(g.ward) + "/" + string(g.role)))
	n := TestNotice(channel, day+"-"+hex.EncodeToString(which[:6]), ward.Person{}, now)
	n.Place.Ward = g.ward
	if g.role != "" {
		n.Role = g.role
	}
	return n
}

// Roles are the roles that a policy's ladders tell by each channel, in the order of their names.
func Roles(p *alerts.Policy) map[string][]ward.Role {
	told := map[string][]ward.Role{}
	ladders := [][]alerts.Rung{p.Comfort, p.ComfortSevere, p.ComfortReview}
	for _, rungs := range p.Ladder {
		ladders = append(ladders, rungs)
	}
	for _, rung := range slices.Concat(ladders...) {
		for _, channel := range rung.Channels {
			told[channel] = append(told[channel], rung.Roles...)
		}
	}
	for channel, roles := range told {
		slices.Sort(roles)
		told[channel] = slices.Compact(roles)
	}
	return told
}
