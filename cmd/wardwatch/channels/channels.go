// Package channels reads the file that says by which channels people are told here, and makes their
// senders: Web Push, ntfy, webhooks, mail and SMS gateways, each under a name of the hospital's own.
package channels

import (
	"fmt"
	"slices"
	"time"

	"wardwatch/ward"
)

// Kind is how a channel tells.
type Kind string

// Kinds.
const (
	KindWebPush Kind = "webpush" // browsers and phones, each person's own
	KindNtfy    Kind = "ntfy"    // topics of an ntfy server: a ward's and role's, or a person's own
	KindWebhook Kind = "webhook" // another program: a pager, DECT, modem or voice gateway
	KindSMTP    Kind = "smtp"    // mail, each person's own
	KindSMS     Kind = "sms"     // text messages by an HTTP gateway, each person's own number
)

var kinds = []Kind{KindWebPush, KindNtfy, KindWebhook, KindSMTP, KindSMS}

// Site is what the channels are for.
type Site struct {
	Data       string // data directory: keys that are made on first use are kept there
	Simulation bool   // made-up patients: no receiver but this machine
	ReadOnly   bool   // nothing that is missing is made: what is looked at is not changed

	// The one webhook of --webhook; it becomes the channel "webhook". Empty: none.
	Webhook       string
	WebhookSecret string // file; empty: made on first use in Data
}

// Set is the channels of one installation. It does not change once loaded.
type Set struct {
	site       Site
	file       string
	channels   []channel
	test       Test
	boardHeard bool
}

// Load reads a channels file and adds what the site's flags name; an empty name is a file with
// nothing in it. Files that it names are relative to it. An error has the line and the remedy. Keys
// and secrets are not read yet: Senders does that.
func Load(file string, site Site) (*Set, error) {
	s := &Set{site: site}
	if file != "" {
		if err := s.read(file); err != nil {
			return nil, err
		}
	}
	if site.Webhook == "" {
		return s, nil
	}
	if slices.Contains(s.Names(), nameWebhook) {
		return nil, fmt.Errorf("%s has a channel named %q, and --webhook makes another: leave out one of them", file, nameWebhook)
	}
	s.channels = append(s.channels, channel{
		common:  common{Name: nameWebhook, Kind: KindWebhook},
		webhook: webhookSettings{URL: site.Webhook, SecretFile: site.WebhookSecret},
	})
	return s, nil
}

// nameWebhook is the channel that --webhook makes.
const nameWebhook = "webhook"

// Names are the channels' names in the order of the file, as a policy's rungs and notices name them.
func (s *Set) Names() []string {
	names := make([]string, len(s.channels))
	for i, c := range s.channels {
		names[i] = c.Name
	}
	return names
}

// Personal says of each channel that tells one person at a time that it does.
func (s *Set) Personal() map[string]bool {
	personal := map[string]bool{}
	for _, c := range s.channels {
		if c.personal() {
			personal[c.Name] = true
		}
	}
	return personal
}

// Description is what people may know of a channel: no address, no secret.
type Description struct {
	Name     string
	Kind     Kind
	Personal bool // it tells one person at a time
	Audible  bool // it can be heard by somebody who is not looking at a screen
	Internet bool // it needs the internet
}

// Describe describes the channels in the order of the file.
func (s *Set) Describe() []Description {
	list := make([]Description, len(s.channels))
	for i, c := range s.channels {
		list[i] = Description{Name: c.Name, Kind: c.Kind, Personal: c.personal(), Audible: c.Audible, Internet: c.internet()}
	}
	return list
}

// Warnings are what works but should be looked at again.
func (s *Set) Warnings() []string {
	if s.boardHeard || slices.ContainsFunc(s.channels, func(c channel) bool { return c.Audible && !c.internet() }) {
		return nil
	}
	return []string{"no channel can be heard without the internet: when its line is cut, nobody is called to a high alert. " +
		"Add an ntfy server on the hospital's network or a modem or voice gateway (audible: true, internet: false), or say board_heard: true where every ward's board is loud and in earshot"}
}

// Find describes one channel by its name.
func (s *Set) Find(name string) (Description, bool) {
	for _, d := range s.Describe() {
		if d.Name == name {
			return d, true
		}
	}
	return Description{}, false
}

// Daily is the daily test, if the file asks for one.
func (s *Set) Daily() (Test, bool) { return s.test, s.test.Zone != nil }

// TestNotices are the notices of a daily test that is due now: one a receiver of a group channel, and
// one a personal channel and person whom the test names by login or by duty. A group channel whose
// topic is made of the ward and the role has a receiver for each of wards and of the roles that are
// told by it, and the hospital's own. Made again for the same day they have the same ids.
func (s *Set) TestNotices(people []ward.Person, wards []ward.WardID, roles map[string][]ward.Role, now time.Time) (list []ward.Notice) {
	if s.test.Zone == nil {
		return nil
	}
	day := s.test.latest(now).Format(time.DateOnly)
	for i := range s.channels {
		c := &s.channels[i]
		if c.personal() {
			list = append(list, s.test.toPeople(c.Name, day, people, now)...)
			continue
		}
		for _, g := range c.receivers(wards, roles[c.Name]) {
			list = append(list, g.notice(c.Name, day, now))
		}
	}
	return list
}
