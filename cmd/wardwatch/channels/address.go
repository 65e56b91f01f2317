package channels

import (
	"fmt"
	"strings"

	"wardwatch/alerts/sms"
	"wardwatch/alerts/smtp"
	"wardwatch/ward"
)

// Address checks what somebody gives as a person's address in a channel, and writes it as the channel
// keeps it: a number with its country, a mail address without a name. An error says how to mend it.
func (s *Set) Address(name, address string) (string, error) {
	for i := range s.channels {
		if c := &s.channels[i]; c.Name == name {
			return c.address(address)
		}
	}
	return "", bad(fmt.Sprintf("there is no channel %q", name), "the channels are "+strings.Join(s.Names(), ", "))
}

func (c *channel) address(given string) (string, error) {
	switch {
	case !c.personal():
		return "", bad(fmt.Sprintf("the channel %s tells a group: it has no addresses", c.Name), "name a channel of the kind smtp, sms or webpush, or an ntfy one with personal: true")
	case c.Kind == KindWebPush:
		return "", bad("a telephone subscribes to Web Push by itself", "sign in on it, and turn notifications on there")
	case c.Kind == KindSMS:
		return sms.Normalise(given, c.sms.Country)
	case c.Kind == KindSMTP:
		return smtp.Address(given)
	case !ward.ValidID(given):
		return "", bad("that is not an ntfy topic", "give letters, digits, _ and -, at most 64: a long random one, because whoever knows it can listen")
	}
	return given, nil
}

func bad(message, hint string) error {
	return &ward.Error{Code: ward.BadInput, Message: message, Hint: hint}
}
