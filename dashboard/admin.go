package dashboard

import (
	"slices"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"wardwatch/dashboard/live"
	"wardwatch/dashboard/signin"
	"wardwatch/ward"
)

// CredentialReply is what a device or gateway shows the broker. Secret is there once, when made.
type CredentialReply struct {
	User    string       `json:"user"`
	Gateway bool         `json:"gateway"`
	Grants  []ward.Place `json:"grants"`
	Created *int64       `json:"created"`
	Revoked *int64       `json:"revoked"`
	Secret  string       `json:"secret,omitempty"`
}

// CredentialBody is a new credential. A device has one bed; a gateway has beds or, with an empty
// bed, whole wards.
type CredentialBody struct {
	User    string       `json:"user"`
	Gateway bool         `json:"gateway"`
	Grants  []ward.Place `json:"grants"`
}

// PersonBody is a new member of staff.
type PersonBody struct {
	Login    string   `json:"login"`
	Name     string   `json:"name"`
	Access   string   `json:"access"`
	Duties   []string `json:"duties"`
	Wards    []string `json:"wards"` // empty: every ward
	Lang     string   `json:"lang"`
	Password string   `json:"password"`
}

// TokenReply is a program's token. Token is there once, when made.
type TokenReply struct {
	ID      string `json:"id"`
	Person  string `json:"person"`
	Name    string `json:"name"`
	Made    *int64 `json:"made"`
	Revoked *int64 `json:"revoked"`
	Token   string `json:"token,omitempty"`
}

// TokenBody is a new token for a program that acts for a person.
type TokenBody struct {
	Person string `json:"person"`
	Name   string `json:"name"`
}

// AuditReply is one row of the record.
type AuditReply struct {
	Seq    int64  `json:"seq"`
	At     int64  `json:"at"`
	By     string `json:"by"`
	ByName string `json:"by_name"`
	Deed   string `json:"deed"`
	Object string `json:"object"`
	Detail string `json:"detail"`
}

const maxGrants = 500

func viewCredential(c ward.Credential) CredentialReply {
	return CredentialReply{User: c.User, Gateway: c.Gateway, Grants: append([]ward.Place{}, c.Grants...), Created: live.Ms(c.Created), Revoked: live.Ms(c.Revoked)}
}

func listDevices(q *call) error {
	list, err := q.s.o.Book.Credentials(q.ctx)
	if err != nil {
		return err
	}
	out := make([]CredentialReply, 0, len(list))
	for _, c := range list {
		out = append(out, viewCredential(c))
	}
	return q.c.JSON(out)
}

func addDevice(q *call) error {
	var b CredentialBody
	if err := q.read(&b); err != nil {
		return err
	}
	if !ward.ValidID(b.User) || len(b.Grants) == 0 || len(b.Grants) > maxGrants {
		return badInput("user or grants are missing", "give a user of letters, digits, _ and -, and the places it may speak for")
	}
	for _, g := range b.Grants {
		switch {
		case !ward.ValidID(string(g.Ward)) || g.Bed != "" && !ward.ValidID(string(g.Bed)):
			return badInput("a grant names no place", "give ward and bed")
		case !b.Gateway && (g.Bed == "" || len(b.Grants) > 1):
			return badInput("a device speaks for one bed", "give one bed, or make it a gateway")
		}
	}
	c := ward.Credential{User: b.User, Gateway: b.Gateway, Grants: b.Grants, Created: q.s.o.Now()}
	secret := signin.NewSecret()
	if err := q.s.o.Book.AddCredential(q.ctx, c, signin.SecretHash(secret), q.who.Person.ID); err != nil {
		return err
	}
	r := viewCredential(c)
	r.Secret = secret
	return q.c.Status(fiber.StatusCreated).JSON(r)
}

func removeDevice(q *call) error {
	user, err := q.id("user")
	if err != nil {
		return err
	}
	if err := q.s.o.Book.RevokeCredential(q.ctx, user, q.who.Person.ID); err != nil {
		return err
	}
	return q.c.SendStatus(fiber.StatusNoContent)
}

func listPeople(q *call) error {
	list, err := q.s.o.Book.People(q.ctx)
	if err != nil {
		return err
	}
	out := make([]PersonReply, 0, len(list))
	for _, p := range list {
		out = append(out, viewStaff(p))
	}
	return q.c.JSON(out)
}

// viewStaff is a member of staff as an administrator sees them.
func viewStaff(p ward.Person) PersonReply {
	r := viewPerson(p)
	r.Login, r.Disabled = p.Login, p.Disabled
	return r
}

var allRoles = []ward.Role{ward.RoleNurse, ward.RoleCharge, ward.RoleDoctor, ward.RoleLead, ward.RoleICU, ward.RoleEngineer}

func addPerson(q *call) error {
	var b PersonBody
	if err := q.read(&b); err != nil {
		return err
	}
	p := ward.Person{Login: b.Login, Name: b.Name, Access: ward.Access(b.Access), Lang: b.Lang}
	switch {
	case !ward.ValidID(b.Login):
		return badInput("the login is missing or not an identifier", "letters, digits, _ and -, at most 64")
	case b.Name == "" || len(b.Name) > maxText:
		return badInput("the name is missing or too long", "give the name that colleagues use")
	case !slices.Contains(signedIn, p.Access):
		return badInput("there is no such access", "give one of "+accessList(signedIn))
	case b.Lang != "vi" && b.Lang != "en":
		return badInput("there is no such language here", "choose vi or en")
	}
	for _, d := range b.Duties {
		if !slices.Contains(allRoles, ward.Role(d)) {
			return badInput("there is no such duty", "duties are nurse, nurse_charge, doctor_on_duty, duty_lead, intensive_care, engineer")
		}
		p.Duties = append(p.Duties, ward.Role(d))
	}
	for _, w := range b.Wards {
		if !ward.ValidID(w) {
			return badInput("a ward is not an identifier", "GET /api/v1/wards lists them")
		}
		p.Wards = append(p.Wards, ward.WardID(w))
	}
	hash, err := signin.HashPassword(b.Password)
	if err != nil {
		return err
	}
	if p, err = q.s.o.Book.AddPerson(q.ctx, p, hash, q.who.Person.ID); err != nil {
		return err
	}
	if people, err := q.s.o.Book.People(q.ctx); err == nil {
		q.s.o.Live.SetPeople(people)
	}
	return q.c.Status(fiber.StatusCreated).JSON(viewStaff(p))
}

func viewToken(t Token) TokenReply {
	return TokenReply{ID: t.ID, Person: string(t.Person), Name: t.Name, Made: live.Ms(t.Made), Revoked: live.Ms(t.Revoked)}
}

func listTokens(q *call) error {
	list, err := q.s.o.Book.Tokens(q.ctx, "")
	if err != nil {
		return err
	}
	out := make([]TokenReply, 0, len(list))
	for _, t := range list {
		out = append(out, viewToken(t))
	}
	return q.c.JSON(out)
}

func addToken(q *call) error {
	var b TokenBody
	if err := q.read(&b); err != nil {
		return err
	}
	if !ward.ValidID(b.Person) || b.Name == "" || len(b.Name) > maxText {
		return badInput("person or name is missing", "give the id of the person the program acts for, and what it is")
	}
	secret := signin.NewSecret()
	t, err := q.s.o.Book.NewToken(q.ctx, signin.HashSecret(secret), ward.PersonID(b.Person), b.Name)
	if err != nil {
		return err
	}
	// The book records for whom the program acts; this, who let it.
	q.note(ward.AuditEntry{By: q.who.Person.ID, Deed: "token.grant", Object: "token:" + t.ID})
	r := viewToken(t)
	r.Token = secret
	return q.c.Status(fiber.StatusCreated).JSON(r)
}

func removeToken(q *call) error {
	id, err := q.id("id")
	if err != nil {
		return err
	}
	if err := q.s.o.Book.RevokeToken(q.ctx, id, q.who.Person.ID); err != nil {
		return err
	}
	return q.c.SendStatus(fiber.StatusNoContent)
}

func readAudit(q *call) error {
	f := AuditFilter{By: ward.PersonID(q.c.Query("by")), Object: q.c.Query("object"), Deed: q.c.Query("deed"), Limit: maxListed}
	var err error
	if f.From, err = q.queryTime("from", f.From); err != nil {
		return err
	}
	if f.To, err = q.queryTime("to", f.To); err != nil {
		return err
	}
	if text := q.c.Query("before"); text != "" {
		if f.Before, err = strconv.ParseInt(text, 10, 64); err != nil || f.Before < 1 {
			return badInput("before is not the number of a row", "give the seq of the oldest row you have")
		}
	}
	if text := q.c.Query("limit"); text != "" {
		if f.Limit, err = strconv.Atoi(text); err != nil || f.Limit < 1 || f.Limit > maxListed {
			return badInput("limit is not a number from 1 to "+strconv.Itoa(maxListed), "ask for fewer rows")
		}
	}
	rows, err := q.s.o.Book.ReadAudit(q.ctx, f)
	if err != nil {
		return err
	}
	out := make([]AuditReply, 0, len(rows))
	for _, r := range rows {
		out = append(out, AuditReply{Seq: r.Seq, At: r.At.UnixMilli(), By: string(r.By), ByName: q.s.o.Live.NameOf(r.By), Deed: r.Deed, Object: r.Object, Detail: r.Detail})
	}
	return q.c.JSON(out)
}
