package channels

import (
	"time"

	"wardwatch/alerts/sms"
)

// common is what every channel of the file says.
type common struct {
	Name     string `yaml:"name"`
	Kind     Kind   `yaml:"kind"`
	Audible  bool   `yaml:"audible"`
	Internet *bool  `yaml:"internet"` // absent: yes, because a path is trusted to work without it only where somebody says so
}

// channel is one entry of the file; the settings of its kind are filled in.
type channel struct {
	common
	line    int // 0: made by a flag
	webpush webpushSettings
	ntfy    ntfySettings
	webhook webhookSettings
	smtp    smtpSettings
	sms     smsSettings
}

type webpushSettings struct {
	Subject    string        `yaml:"subject"`     // who answers for the messages: a mail address or an https address
	KeyFile    string        `yaml:"key_file"`    // VAPID key pair; absent: made on first use in the data directory
	Proxy      string        `yaml:"proxy"`       // of the hospital, on the way to the internet
	AllowHosts []string      `yaml:"allow_hosts"` // the push services that may be used; absent: those of the browsers
	CAFile     string        `yaml:"ca_file"`
	Timeout    time.Duration `yaml:"timeout"`
}

type ntfySettings struct {
	URL       string        `yaml:"url"`
	TokenFile string        `yaml:"token_file"`
	Topic     string        `yaml:"topic"`    // with {ward} and {role}; absent: {ward}-{role}
	Personal  bool          `yaml:"personal"` // each person's own topic instead
	Lang      string        `yaml:"lang"`
	CAFile    string        `yaml:"ca_file"`
	Proxy     string        `yaml:"proxy"`
	Timeout   time.Duration `yaml:"timeout"`
}

type webhookSettings struct {
	URL        string        `yaml:"url"`
	SecretFile string        `yaml:"secret_file"` // absent: made on first use in the data directory
	CAFile     string        `yaml:"ca_file"`
	Timeout    time.Duration `yaml:"timeout"`
}

type smtpSettings struct {
	Host         string        `yaml:"host"`
	Port         int           `yaml:"port"`
	TLS          string        `yaml:"tls"` // starttls, implicit or none; absent: starttls
	Insecure     bool          `yaml:"insecure"`
	User         string        `yaml:"user"`
	PasswordFile string        `yaml:"password_file"`
	From         string        `yaml:"from"`
	CAFile       string        `yaml:"ca_file"`
	Timeout      time.Duration `yaml:"timeout"`
}

type smsSettings struct {
	Vendor  string            `yaml:"vendor"` // a template that comes with Wardwatch
	URL     string            `yaml:"url"`
	From    string            `yaml:"from"`
	Country string            `yaml:"country"` // calling code of numbers written with a leading 0
	Text    string            `yaml:"text"`    // plain or vietnamese
	Secrets map[string]string `yaml:"secrets"` // name in the template: file
	CAFile  string            `yaml:"ca_file"`
	Proxy   string            `yaml:"proxy"`
	Timeout time.Duration     `yaml:"timeout"`

	Method   string            `yaml:"method"`
	User     string            `yaml:"user"` // of HTTP basic authentication
	Password string            `yaml:"password"`
	Headers  map[string]string `yaml:"headers"`
	Query    map[string]string `yaml:"query"`
	Form     map[string]string `yaml:"form"`
	JSON     map[string]any    `yaml:"json"`
	Taken    *ruleSettings     `yaml:"taken"`
	Dead     *ruleSettings     `yaml:"dead"`
	Again    *ruleSettings     `yaml:"again"`
}

type ruleSettings struct {
	Status []int             `yaml:"status"`
	JSON   map[string]string `yaml:"json"`
	Match  string            `yaml:"match"`
}

// How an SMS spells Vietnamese.
const (
	textPlain      = "plain"
	textVietnamese = "vietnamese"
)

// template is the vendor's with what the file says laid over it.
func (s *smsSettings) template() sms.Template {
	t, _ := sms.Vendor(s.Vendor)
	lay(&t.URL, s.URL)
	lay(&t.Method, s.Method)
	lay(&t.User, s.User)
	lay(&t.Pass, s.Password)
	if s.Headers != nil {
		t.Headers = s.Headers
	}
	if s.Query != nil {
		t.Query = s.Query
	}
	if s.Form != nil {
		t.Form = s.Form
	}
	if s.JSON != nil {
		t.JSON = s.JSON
	}
	t.Taken, t.Dead, t.Again = s.Taken.over(t.Taken), s.Dead.over(t.Dead), s.Again.over(t.Again)
	return t
}

func lay(over *string, given string) {
	if given != "" {
		*over = given
	}
}

func (r *ruleSettings) over(before sms.Rule) sms.Rule {
	if r == nil {
		return before
	}
	return sms.Rule{Status: r.Status, JSON: r.JSON, Match: r.Match}
}

// personal says whether the channel tells one person at a time.
func (c *channel) personal() bool {
	switch c.Kind {
	case KindWebPush, KindSMTP, KindSMS:
		return true
	case KindNtfy:
		return c.ntfy.Personal
	}
	return false
}

func (c *channel) internet() bool { return c.Internet == nil || *c.Internet }
