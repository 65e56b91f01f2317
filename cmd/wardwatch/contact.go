package main

import (
	"context"
	"fmt"

	"wardwatch/store/book"
	"wardwatch/ward"
)

type userContact struct {
	Add    contactAdd    `cmd:"" help:"Give a person an address in a channel: a telephone number, a mail address, a topic."`
	List   contactList   `cmd:"" help:"List a person's addresses."`
	Remove contactRemove `cmd:"" help:"Take an address out of use."`
}

type contactAdd struct {
	channelFlags `embed:""`
	Login        string `required:"" help:"Whose."`
	Channel      string `required:"" help:"In which channel of the channels file."`
	Address      string `required:"" help:"Number, mail address or topic; - reads it from standard input, so that it stands in no command history."`
	Label        string `help:"What they call it, for example \"Điện thoại trực\"."`
}

// Run keeps the address as its channel writes it.
func (c *contactAdd) Run() error {
	given := c.Address
	if given == "-" {
		var err error
		if given, err = standardInput("address"); err != nil {
			return err
		}
	}
	return c.open(func(ctx context.Context, b *book.Book) error {
		set, err := c.load(false, true)
		if err != nil {
			return err
		}
		address, err := set.Address(c.Channel, given)
		if err != nil {
			return err
		}
		p, _, err := b.PersonByLogin(ctx, c.Login)
		if err != nil {
			return err
		}
		kept, err := b.AddContact(ctx, ward.Contact{Person: p.ID, Channel: c.Channel, Address: address, Label: c.Label}, byCommandLine)
		if err == nil {
			say("contact   %s", kept.ID)
		}
		return err
	})
}

type contactList struct {
	dataDir `embed:""`
	Login   string `required:"" help:"Whose."`
	Show    bool   `help:"Show whole addresses, not their ends alone."`
}

// Run lists addresses so that their owner knows them and a passer-by does not.
func (c *contactList) Run() error {
	return c.open(func(ctx context.Context, b *book.Book) error {
		p, _, err := b.PersonByLogin(ctx, c.Login)
		if err != nil {
			return err
		}
		list, err := b.Contacts(ctx, p.ID, "")
		for _, x := range list {
			address := x.Address
			if !c.Show {
				address = tail(address)
			}
			say("%-20s %-12s %-10s %s", x.ID, x.Channel, address, x.Label)
		}
		return err
	})
}

// tail is the end of an address.
func tail(address string) string {
	const shown = 4
	r := []rune(address)
	return "…" + string(r[max(len(r)-shown, len(r)/2):])
}

type contactRemove struct {
	dataDir `embed:""`
	Login   string `required:"" help:"Whose."`
	Contact string `required:"" help:"Which, as list names it."`
}

// Run ends the use of the address; the record of it stays.
func (c *contactRemove) Run() error {
	return c.open(func(ctx context.Context, b *book.Book) error {
		p, _, err := b.PersonByLogin(ctx, c.Login)
		if err != nil {
			return err
		}
		list, err := b.Contacts(ctx, p.ID, "")
		if err != nil {
			return err
		}
		for _, x := range list {
			if x.ID == c.Contact {
				return b.EndContact(ctx, x.ID, "removed", byCommandLine)
			}
		}
		return fmt.Errorf("%s has no contact %q in use (`wardwatch user contact list` shows them)", c.Login, c.Contact)
	})
}
