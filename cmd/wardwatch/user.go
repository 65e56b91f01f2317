package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"slices"
	"strings"

	"wardwatch/dashboard/signin"
	"wardwatch/store/book"
	"wardwatch/ward"
)

type userCmd struct {
	Add      userAdd      `cmd:"" help:"Add a person; a password is made and printed once, or read from standard input."`
	List     userList     `cmd:"" help:"List people."`
	Password userPassword `cmd:"" help:"Give a new password; sessions end."`
	Disable  userDisable  `cmd:"" help:"Lock a person out; the record stays."`
	Token    userToken    `cmd:"" help:"Make a token for a program that acts for a person; printed once."`
	Contact  userContact  `cmd:"" help:"Addresses at which a person is told: numbers, mail addresses, topics."`
}

type userAdd struct {
	dataDir  `embed:""`
	Login    string   `required:"" help:"Name to sign in with."`
	Name     string   `required:"" help:"Name as staff know it."`
	Access   string   `required:"" enum:"nurse,nurse_in_charge,doctor,engineer,administrator,display" help:"What they may do: ${enum}."`
	Duties   []string `help:"Roles on the ladder: nurse, nurse_charge, doctor_on_duty, duty_lead, intensive_care, engineer."`
	Wards    []string `help:"Wards they work on; none given: every ward."`
	Lang     string   `default:"vi" enum:"vi,en" help:"Language of their screens."`
	PassFrom string   `name:"password-from" default:"make" enum:"make,stdin" help:"make: make one and print it. stdin: read it from standard input."`
}

var duties = []ward.Role{ward.RoleNurse, ward.RoleCharge, ward.RoleDoctor, ward.RoleLead, ward.RoleICU, ward.RoleEngineer}

// Run adds the person.
func (c *userAdd) Run() error {
	password, err := choosePassword(c.PassFrom)
	if err != nil {
		return err
	}
	hash, err := signin.HashPassword(password)
	if err != nil {
		return hinted(err)
	}
	p := ward.Person{Login: c.Login, Name: c.Name, Access: ward.Access(c.Access), Lang: c.Lang}
	for _, d := range c.Duties {
		// A duty that no ladder names would be somebody who is never told.
		if !slices.Contains(duties, ward.Role(d)) {
			return fmt.Errorf("there is no duty %q: the duties are %v", d, duties)
		}
		p.Duties = append(p.Duties, ward.Role(d))
	}
	for _, w := range c.Wards {
		p.Wards = append(p.Wards, ward.WardID(w))
	}
	return c.openOrBegin(func(ctx context.Context, b *book.Book) error {
		wards, err := b.Wards(ctx)
		if err != nil {
			return err
		}
		for _, w := range p.Wards {
			if !slices.ContainsFunc(wards, func(known ward.Ward) bool { return known.ID == w }) {
				return fmt.Errorf("there is no ward %q (`wardwatch ward list` shows them, `wardwatch ward beds` adds them)", w)
			}
		}
		if _, err := b.AddPerson(ctx, p, hash, byCommandLine); err != nil {
			return err
		}
		if c.PassFrom == "make" {
			say("password  %s", password)
		}
		return nil
	})
}

func choosePassword(from string) (string, error) {
	if from == "make" {
		return signin.NewSecret()[:20], nil
	}
	return standardInput("password")
}

// standardInput is one line that should stand in no command history.
func standardInput(what string) (string, error) {
	line, err := bufio.NewReader(os.Stdin).ReadString('\n')
	if line = strings.TrimRight(line, "\r\n"); line == "" {
		return "", fmt.Errorf("no %s on standard input: %v", what, err)
	}
	return line, nil
}

type userList struct {
	dataDir `embed:""`
}

// Run lists people by login; names stay in the book.
func (c *userList) Run() error {
	return c.open(func(ctx context.Context, b *book.Book) error {
		people, err := b.People(ctx)
		for _, p := range people {
			state := ""
			if p.Disabled {
				state = "disabled"
			}
			say("%-20s %-16s %v %v %s", p.Login, p.Access, p.Duties, p.Wards, state)
		}
		return err
	})
}

type userPassword struct {
	dataDir  `embed:""`
	Login    string `required:"" help:"Whose."`
	PassFrom string `name:"password-from" default:"make" enum:"make,stdin" help:"make: make one and print it. stdin: read it from standard input."`
}

// Run sets the password and ends the person's sessions.
func (c *userPassword) Run() error {
	password, err := choosePassword(c.PassFrom)
	if err != nil {
		return err
	}
	hash, err := signin.HashPassword(password)
	if err != nil {
		return err
	}
	return c.open(func(ctx context.Context, b *book.Book) error {
		p, _, err := b.PersonByLogin(ctx, c.Login)
		if err != nil {
			return err
		}
		if err := b.SetPassword(ctx, p.ID, hash, byCommandLine); err != nil {
			return err
		}
		if c.PassFrom == "make" {
			say("password  %s", password)
		}
		return b.EndSessions(ctx, p.ID)
	})
}

type userDisable struct {
	dataDir `embed:""`
	Login   string `required:"" help:"Whom."`
	Undo    bool   `help:"Let them in again."`
}

// Run disables the person, or enables them again.
func (c *userDisable) Run() error {
	return c.open(func(ctx context.Context, b *book.Book) error {
		p, _, err := b.PersonByLogin(ctx, c.Login)
		if err != nil {
			return err
		}
		return b.Disable(ctx, p.ID, !c.Undo, byCommandLine)
	})
}

type userToken struct {
	dataDir `embed:""`
	Login   string `required:"" help:"For whom the program acts."`
	Name    string `required:"" help:"What the program is."`
}

// Run makes a token; only its hash is kept.
func (c *userToken) Run() error {
	secret := signin.NewSecret()
	return c.open(func(ctx context.Context, b *book.Book) error {
		p, _, err := b.PersonByLogin(ctx, c.Login)
		if err != nil {
			return err
		}
		if _, err := b.NewToken(ctx, signin.HashSecret(secret), p.ID, c.Name); err != nil {
			return err
		}
		say("%s", secret)
		return nil
	})
}
