package evidence

import (
	"maps"
	"slices"
)

// response gathers the steps of one group's rounds.
type response struct {
	rounds                                                                           int
	triggerTold, toldDelivered, toldSeen, toldAccepted, acceptedBedside, toldBedside times
}

func of(groups map[string]*response, name string) *response {
	x := groups[name]
	if x == nil {
		x = &response{}
		groups[name] = x
	}
	return x
}

func (x *response) add(c *Case, r *round, accept, bedside verdict) {
	x.rounds++
	if r.first {
		x.triggerTold.between(c.Alert.Raised, r.told)
	}
	x.toldDelivered.between(r.told, r.delivered)
	x.toldSeen.between(r.told, r.seen)
	x.toldAccepted.between(r.told, r.taken)
	x.toldAccepted.judge(accept)
	x.acceptedBedside.between(r.accepted, r.bedside)
	x.acceptedBedside.judge(bedside)
	x.toldBedside.between(r.told, r.bedside)
}

// telling measures one role's own part. Its limit is judged by its own answer, and not at all where
// another role took the round over before this one's time was up, unless this one must accept.
func (x *response) telling(r *round, t *telling, limit Limit) {
	x.rounds++
	x.toldDelivered.between(t.at, t.delivered)
	if !t.accepted {
		if slices.Contains(limit.Must, t.role) {
			v, _ := judge(t.at, earliest(r.takes[t.role], r.closed), r.end, limit.Accept)
			x.toldAccepted.judge(v)
			return
		}
		if !r.taken.IsZero() && limit.Accept > 0 && !r.taken.After(t.at.Add(limit.Accept)) {
			return
		}
		v, _ := judge(t.at, r.taken, r.end, limit.Accept)
		x.toldAccepted.judge(v)
		return
	}
	x.toldAccepted.between(t.at, t.answered)
	v, _ := judge(t.at, t.answered, r.end, limit.Accept)
	x.toldAccepted.judge(v)
	if r.takenAs == t.role {
		x.acceptedBedside.between(r.accepted, r.bedside)
		v, _ := judge(r.accepted, r.bedside, r.end, limit.Bedside)
		x.acceptedBedside.judge(v)
		x.toldBedside.between(t.at, r.bedside)
	}
}

func (x *response) sum(name string) Response {
	return Response{
		Name: name, Rounds: x.rounds,
		TriggerTold: x.triggerTold.stage(), ToldDelivered: x.toldDelivered.stage(), ToldSeen: x.toldSeen.stage(),
		ToldAccepted: x.toldAccepted.stage(), AcceptedBedside: x.acceptedBedside.stage(), ToldBedside: x.toldBedside.stage(),
	}
}

func sums(groups map[string]*response) []Response {
	out := make([]Response, 0, len(groups))
	for _, name := range sortedKeys(groups) {
		out = append(out, groups[name].sum(name))
	}
	return out
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

func shares(counts map[string]int, of int) []Share {
	out := make([]Share, 0, len(counts))
	for _, name := range sortedKeys(counts) {
		out = append(out, share(name, counts[name], of))
	}
	return out
}
