package ward

import (
	"slices"
	"time"
)

// Access is what a person may do in the program.
type Access string

// Access roles.
const (
	AccessNurse    Access = "nurse"
	AccessCharge   Access = "nurse_in_charge"
	AccessDoctor   Access = "doctor"
	AccessEngineer Access = "engineer"
	AccessAdmin    Access = "administrator"
	AccessDisplay  Access = "display" // a wall screen: sees, does nothing
)

// Role is a duty on the ladder: who is told.
type Role string

// Duty roles.
const (
	RoleNurse    Role = "nurse"          // điều dưỡng: the patient's nurse
	RoleCharge   Role = "nurse_charge"   // điều dưỡng trưởng
	RoleDoctor   Role = "doctor_on_duty" // bác sĩ trực
	RoleLead     Role = "duty_lead"      // trực lãnh đạo
	RoleICU      Role = "intensive_care" // hồi sức tích cực (HSTC)
	RoleEngineer Role = "engineer"       // technical alerts
)

// Person is a member of staff, or a program acting with a token.
type Person struct {
	ID       PersonID
	Login    string
	Name     string
	Access   Access
	Duties   []Role
	Wards    []WardID // empty: every ward
	Lang     string   // "vi" or "en"
	Disabled bool
}

// MayEnter reports whether the person works on the ward.
func (p Person) MayEnter(w WardID) bool {
	if len(p.Wards) == 0 {
		return true
	}
	for _, x := range p.Wards {
		if x == w {
			return true
		}
	}
	return false
}

// Holds reports whether a duty is the person's: one they are listed with or, when they are listed
// with none, the one that comes with their access.
func (p Person) Holds(r Role) bool {
	if len(p.Duties) > 0 {
		return slices.Contains(p.Duties, r)
	}
	switch p.Access {
	case AccessNurse:
		return r == RoleNurse
	case AccessCharge:
		return r == RoleCharge
	case AccessDoctor:
		return r == RoleDoctor
	case AccessEngineer:
		return r == RoleEngineer
	}
	return false
}

// Credential is what a device or gateway shows the broker.
type Credential struct {
	User    string
	Gateway bool
	Grants  []Place // Bed empty: the whole ward
	Created time.Time
	Revoked time.Time
}

// May reports whether the credential may publish for p.
func (c Credential) May(p Place) bool {
	for _, g := range c.Grants {
		if g.Ward == p.Ward && (g.Bed == "" || g.Bed == p.Bed) {
			return true
		}
	}
	return false
}
