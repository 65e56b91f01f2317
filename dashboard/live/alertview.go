package live

import (
	"time"

	"wardwatch/ward"
)

// ViewStaff is a member of staff by their display name; nil for nobody.
func ViewStaff(id ward.PersonID, name func(ward.PersonID) string) *StaffView {
	if id == "" {
		return nil
	}
	return &StaffView{ID: string(id), Name: name(id)}
}

// ViewAlert is a in the form of the contract; name turns a member of staff into a display name.
func ViewAlert(a *ward.Alert, name func(ward.PersonID) string) AlertView {
	v := AlertView{
		ID: string(a.ID), Ward: string(a.Place.Ward), Bed: string(a.Place.Bed), Stay: string(a.Stay),
		Kind: string(a.Kind), State: string(a.State), Band: a.Band.String(), Points: a.Points, Level: a.Level,
		Raised: Ms(a.Raised), Told: Ms(a.Told), Next: string(a.Next), NextAt: Ms(a.NextAt),
		BedsideBy: name(a.BedsideBy), BedsideAt: Ms(a.Bedside),
		Until: Ms(a.Until), Rule: a.Rule, Version: a.Version,
		Causes: make([]CauseView, 0, len(a.Causes)), Roles: make([]DutyView, 0, len(a.Duties)),
	}
	for _, c := range a.Causes {
		v.Causes = append(v.Causes, CauseView{Code: c.Code, Band: c.Band.String(), Since: Ms(c.Since), Ended: Ms(c.Ended)})
	}
	var accepted time.Time
	for i := range a.Duties {
		d := &a.Duties[i]
		v.Roles = append(v.Roles, viewDuty(d, name))
		v.Unrostered = v.Unrostered || Unrostered(d.How)
		if d.Held() && d.Accepted.After(accepted) {
			accepted = d.Accepted
			v.Owner, v.OnWay = ViewStaff(d.By, name), Ms(d.OnWay)
			v.AcceptedBy, v.AcceptedAt = name(d.By), Ms(d.Accepted)
		}
	}
	return v
}

func viewDuty(d *ward.Duty, name func(ward.PersonID) string) DutyView {
	v := DutyView{
		Role: string(d.Role), Level: d.Level, Told: Ms(d.Told), How: string(d.How), People: make([]StaffView, 0, len(d.People)),
		Declined: Ms(d.Declined), By: string(d.By), ByName: name(d.By),
	}
	if d.Held() { // an acceptance that nobody kept asks for a new one: the record has it
		v.Accepted, v.OnWay = Ms(d.Accepted), Ms(d.OnWay)
	}
	for _, p := range d.People {
		v.People = append(v.People, *ViewStaff(p, name))
	}
	return v
}

// Unrostered reports whether a duty's people were found without the roster: it has a hole.
func Unrostered(how ward.Holding) bool {
	return how == ward.HeldByDefault || how == ward.HeldByAll || how == ward.HeldByNobody
}
