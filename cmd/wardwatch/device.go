package main

import (
	"context"
	"fmt"
	"slices"

	"wardwatch/dashboard/signin"
	"wardwatch/store/book"
	"wardwatch/ward"
)

type deviceCmd struct {
	Add    deviceAdd    `cmd:"" help:"Make a credential; its secret is printed once."`
	List   deviceList   `cmd:"" help:"List credentials."`
	Revoke deviceRevoke `cmd:"" help:"Take a credential back."`
}

type deviceAdd struct {
	dataDir `embed:""`
	User    string   `required:"" help:"User name at the broker: letters, digits, _ and -."`
	Ward    string   `required:"" help:"The ward it may speak for."`
	Beds    []string `help:"The beds; one for a device, several or none (the whole ward) for a gateway."`
	Quiet   bool     `help:"Print nothing but the secret."`
}

// Run makes the credential; only a hash of its secret is kept.
func (c *deviceAdd) Run() error {
	cred := ward.Credential{User: c.User, Gateway: len(c.Beds) != 1}
	for _, bed := range c.Beds {
		cred.Grants = append(cred.Grants, ward.Place{Ward: ward.WardID(c.Ward), Bed: ward.BedID(bed)})
	}
	if len(cred.Grants) == 0 {
		cred.Grants = []ward.Place{{Ward: ward.WardID(c.Ward)}}
	}
	secret := signin.NewSecret()
	return c.open(func(ctx context.Context, b *book.Book) error {
		if err := known(ctx, b, cred.Grants); err != nil {
			return err
		}
		if err := b.AddCredential(ctx, cred, signin.SecretHash(secret), byCommandLine); err != nil {
			return err
		}
		if c.Quiet {
			say("%s", secret)
			return nil
		}
		say("user      %s\npassword  %s", c.User, secret)
		return nil
	})
}

// known refuses places that are not in the book: the monitor of a mistyped bed would be heard, but on no tile.
func known(ctx context.Context, b *book.Book, grants []ward.Place) error {
	for _, g := range grants {
		beds, err := b.Beds(ctx, g.Ward)
		if err != nil {
			return err
		}
		if len(beds) == 0 {
			return fmt.Errorf("there is no ward %q with beds in the book (`wardwatch ward list` shows the beds, `wardwatch ward beds` adds them)", g.Ward)
		}
		if g.Bed != "" && !slices.ContainsFunc(beds, func(x ward.Bed) bool { return x.Place == g }) {
			return fmt.Errorf("there is no bed %s in the book (`wardwatch ward list` shows the beds, `wardwatch ward beds` adds them)", g)
		}
	}
	return nil
}

type deviceList struct {
	dataDir `embed:""`
}

// Run lists credentials.
func (c *deviceList) Run() error {
	return c.open(func(ctx context.Context, b *book.Book) error {
		list, err := b.Credentials(ctx)
		for _, x := range list {
			state := "good"
			if !x.Revoked.IsZero() {
				state = "revoked"
			}
			say("%-24s %-8s %v", x.User, state, x.Grants)
		}
		return err
	})
}

type deviceRevoke struct {
	dataDir `embed:""`
	User    string `required:"" help:"Whose."`
}

// Run revokes the credential.
func (c *deviceRevoke) Run() error {
	return c.open(func(ctx context.Context, b *book.Book) error {
		return b.RevokeCredential(ctx, c.User, byCommandLine)
	})
}
