package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"wardwatch/cmd/wardwatch/channels"
	"wardwatch/store/book"
	"wardwatch/ward"
)

type channelCmd struct {
	List  channelList  `cmd:"" help:"List the channels by which people are told."`
	Check channelCheck `cmd:"" help:"Look whether each channel could tell, without telling anybody."`
	Test  channelTest  `cmd:"" help:"Tell one person, or a group, that this is a test, and print what became of it."`
	VAPID channelVAPID `cmd:"" name:"vapid" help:"Print the public key of Web Push; the pair is made on first use."`
}

// channelFlags are those of serve that say by which channels people are told.
type channelFlags struct {
	dataDir       `embed:""`
	Channels      string `help:"The channels file." placeholder:"FILE"`
	Webhook       string `help:"Where alerts are posted, signed." placeholder:"URL"`
	WebhookSecret string `name:"webhook-secret-file" help:"File with the secret that signs them." placeholder:"FILE"`
}

// load reads the channels; in a simulation they reach this machine only.
func (c *channelFlags) load(simulation, readOnly bool) (*channels.Set, error) {
	if c.Channels == "" && c.Webhook == "" {
		return nil, errors.New("no channels are configured: give --channels FILE (see docs/channels.md), or --config with the file that serve gets")
	}
	return channels.Load(c.Channels, channels.Site{
		Data: c.Data, Simulation: simulation, ReadOnly: readOnly, Webhook: c.Webhook, WebhookSecret: c.WebhookSecret,
	})
}

// look reads the channels to look at them. There may be no book yet.
func (c *channelFlags) look() (*channels.Set, error) {
	if _, err := os.Stat(c.path("book.db")); err != nil {
		return c.load(false, true)
	}
	var set *channels.Set
	err := c.open(func(ctx context.Context, b *book.Book) error {
		simulation, err := b.Simulation(ctx)
		if err != nil {
			return err
		}
		set, err = c.load(simulation, true)
		return err
	})
	return set, err
}

type channelList struct {
	channelFlags `embed:""`
}

// Run lists the channels and what should be looked at again.
func (c *channelList) Run() error {
	set, err := c.look()
	if err != nil {
		return err
	}
	for _, d := range set.Describe() {
		say("%-20s %-8s %s", d.Name, d.Kind, strings.Join(traits(d), ", "))
	}
	for _, w := range set.Warnings() {
		say("note  %s", w)
	}
	return nil
}

func traits(d channels.Description) []string {
	list := []string{"one message a group"}
	if d.Personal {
		list[0] = "one message a person"
	}
	if d.Audible {
		list = append(list, "can be heard")
	}
	if d.Internet {
		return append(list, "needs the internet")
	}
	return append(list, "works without the internet")
}

type channelCheck struct {
	channelFlags `embed:""`
}

// Run examines the channels.
func (c *channelCheck) Run() error {
	set, err := c.look()
	if err != nil {
		return err
	}
	x := &examination{}
	x.channels(set)
	if x.bad > 0 {
		return exitCode(1)
	}
	return nil
}

// channels examines each channel.
func (x *examination) channels(set *channels.Set) {
	for _, f := range set.Examine(context.Background()) {
		if f.Remedy == "" {
			x.good(f.Channel, f.Detail)
		} else {
			x.wrong(f.Channel, f.Detail, f.Remedy)
		}
	}
	for _, w := range set.Warnings() {
		x.note("channels", w)
	}
}

type channelTest struct {
	channelFlags `embed:""`
	Name         string `arg:"" help:"Which channel."`
	To           string `help:"Login of the person to tell; none for a channel that tells a group." placeholder:"LOGIN"`
	Ward         string `help:"For a group: the ward whose listeners are told." placeholder:"WARD"`
}

// Run sends at once, past the outbox: it says what the receiver said.
func (c *channelTest) Run() error {
	return c.open(func(ctx context.Context, b *book.Book) error {
		simulation, err := b.Simulation(ctx)
		if err != nil {
			return err
		}
		set, err := c.load(simulation, false)
		if err != nil {
			return err
		}
		person, err := c.person(ctx, b, set)
		if err != nil {
			return err
		}
		senders, err := set.Senders(channels.Deps{
			Contacts: b.Contacts, Lang: func(ward.PersonID) string { return person.Lang },
			Gone: func(ctx context.Context, id, why string) error {
				say("given up  an address of theirs: %s", why)
				return b.EndContact(ctx, id, why, byCommandLine)
			},
		})
		if err != nil {
			return err
		}
		now := time.Now()
		n := channels.TestNotice(c.Name, fmt.Sprint("at-", now.UnixMilli()), person, now)
		n.Place.Ward = ward.WardID(c.Ward)
		if err := senders[c.Name].Send(ctx, n); err != nil {
			return err
		}
		say("sent      the receiver took it; whether it rang, only they can say")
		return nil
	})
}

// person is who is told.
func (c *channelTest) person(ctx context.Context, b *book.Book, set *channels.Set) (ward.Person, error) {
	d, ok := set.Find(c.Name)
	switch {
	case !ok:
		return ward.Person{}, fmt.Errorf("there is no channel %q: the channels are %s", c.Name, strings.Join(set.Names(), ", "))
	case d.Personal && c.To == "":
		return ward.Person{}, fmt.Errorf("the channel %s tells one person at a time: say whom with --to LOGIN", c.Name)
	case !d.Personal && c.To != "":
		return ward.Person{}, fmt.Errorf("the channel %s tells a group: leave out --to", c.Name)
	case c.To == "":
		return ward.Person{}, nil
	}
	p, _, err := b.PersonByLogin(ctx, c.To)
	return p, err
}

type channelVAPID struct {
	channelFlags `embed:""`
	Renew        bool `help:"Make a new pair: every telephone has to subscribe again."`
}

// Run prints the public key; the private one stays in its file.
func (c *channelVAPID) Run() error {
	set, err := c.load(false, false)
	if err != nil {
		return err
	}
	if c.Renew {
		keys, err := set.RenewKeys()
		if err != nil {
			return hinted(err)
		}
		say("%s", keys.Public)
		return nil
	}
	keys, ok, err := set.Keys()
	switch {
	case err != nil:
		return hinted(err)
	case !ok:
		return errors.New("there is no channel of the kind webpush: add one to the channels file")
	}
	say("%s", keys.Public)
	return nil
}
