package channels

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"gopkg.in/yaml.v3"

	"wardwatch/alerts/sms"
	"wardwatch/ward"
)

// document is the channels file.
type document struct {
	Test       yaml.Node   `yaml:"test"`
	BoardHeard bool        `yaml:"board_heard"`
	Channels   []yaml.Node `yaml:"channels"`
}

type testSettings struct {
	At   string   `yaml:"at"`
	Zone string   `yaml:"zone"`
	To   []string `yaml:"to"`
}

const maxFile = 1 << 20

func (s *Set) read(file string) error {
	f, err := os.Open(file)
	if err != nil {
		return fmt.Errorf("reading the channels file: %w", err)
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	switch {
	case err != nil:
		return fmt.Errorf("reading %s: %w", file, err)
	case len(raw) > maxFile:
		return fmt.Errorf("%s is longer than %d bytes: is this the right file?", file, maxFile)
	}
	s.file = file
	return inFile(file, s.decode(raw, filepath.Dir(file)))
}

// inFile gives a problem the name of its file.
func inFile(file string, err error) error {
	var p *Problem
	if errors.As(err, &p) {
		p.File = file
	}
	return err
}

// decode reads the file's text. Files that it names are relative to dir.
func (s *Set) decode(raw []byte, dir string) error {
	var root yaml.Node
	dec := yaml.NewDecoder(bytes.NewReader(raw))
	if err := dec.Decode(&root); errors.Is(err, io.EOF) {
		return nil
	} else if err != nil {
		return notYAML(err)
	}
	if err := dec.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return &Problem{Message: "there is more than one document in the file: leave out the --- and what follows"}
	}
	var doc document
	if err := group(root.Content[0], &doc); err != nil {
		return err
	}
	s.boardHeard = doc.BoardHeard
	if err := s.readTest(&doc.Test); err != nil {
		return err
	}
	for i := range doc.Channels {
		c, err := readChannel(&doc.Channels[i], dir)
		if err != nil {
			return err
		}
		if slices.Contains(s.Names(), c.Name) {
			return wrong(&doc.Channels[i], "there is a channel %q already: give each a name of its own", c.Name)
		}
		s.channels = append(s.channels, c)
	}
	return nil
}

var syntax = regexp.MustCompile(`^yaml: (?:line (\d+): )?(.*)`)

func notYAML(err error) error {
	p := &Problem{Message: err.Error()}
	if m := syntax.FindStringSubmatch(err.Error()); m != nil {
		p.Line, _ = strconv.Atoi(m[1])
		p.Message = "this is not YAML: " + m[2] + ": look at the indentation and the colons"
	}
	return p
}

func (s *Set) readTest(n *yaml.Node) (err error) {
	if n.IsZero() {
		return nil
	}
	var given testSettings
	if err := group(n, &given); err != nil {
		return err
	}
	if s.test, err = given.settle(); err != nil {
		return wrong(n, "%v", err)
	}
	return nil
}

func (t testSettings) settle() (Test, error) {
	at, err := time.Parse("15:04", t.At)
	if err != nil {
		return Test{}, fmt.Errorf("test.at is %q: give a time of day in quotes, for example \"07:30\"", t.At)
	}
	zone, err := time.LoadLocation(t.Zone)
	if err != nil || t.Zone == "" || t.Zone == "Local" {
		return Test{}, fmt.Errorf("test.zone is %q: give a zone by its name, for example Asia/Ho_Chi_Minh", t.Zone)
	}
	if len(t.To) == 0 {
		return Test{}, errors.New("test.to is empty: name those who get the daily test by login or by duty, for example [engineer]")
	}
	return Test{Hour: at.Hour(), Minute: at.Minute(), Zone: zone, To: t.To}, nil
}

// readChannel reads one entry: its kind says which settings it may have.
func readChannel(n *yaml.Node, dir string) (channel, error) {
	c := channel{line: n.Line}
	if aimed(n).Kind != yaml.MappingNode {
		return c, wrong(n, "a channel begins with a dash and has name: and kind:, for example \"- {name: pager, kind: webhook, url: …}\"")
	}
	var settings any
	switch kind := kindOf(aimed(n)); kind {
	case KindWebPush:
		settings = &c.webpush
	case KindNtfy:
		settings = &c.ntfy
	case KindWebhook:
		settings = &c.webhook
	case KindSMTP:
		settings = &c.smtp
	case KindSMS:
		settings = &c.sms
	default:
		return c, wrong(n, "kind is %q: give one of %s", kind, join(kinds))
	}
	if err := group(n, &c.common, settings); err != nil {
		return c, err
	}
	c.settle(dir)
	if err := c.check(); err != nil {
		return c, wrong(n, "channel %s: %v", c.Name, err)
	}
	return c, nil
}

func join[T ~string](list []T) string {
	words := make([]string, len(list))
	for i, w := range list {
		words[i] = string(w)
	}
	return strings.Join(words, ", ")
}

// kindOf is what a channel's kind says, before anything else is read.
func kindOf(n *yaml.Node) Kind {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == "kind" {
			return Kind(aimed(n.Content[i+1]).Value)
		}
	}
	return ""
}

// settle makes file names relative to the channels file.
func (c *channel) settle(dir string) {
	files := []*string{
		&c.webpush.KeyFile, &c.webpush.CAFile, &c.ntfy.TokenFile, &c.ntfy.CAFile, &c.webhook.SecretFile, &c.webhook.CAFile,
		&c.smtp.PasswordFile, &c.smtp.CAFile, &c.sms.CAFile,
	}
	for _, f := range files {
		*f = beside(dir, *f)
	}
	for name, f := range c.sms.Secrets {
		c.sms.Secrets[name] = beside(dir, f)
	}
}

func beside(dir, file string) string {
	if file == "" || filepath.IsAbs(file) {
		return file
	}
	return filepath.Join(dir, file)
}

// check refuses what the senders themselves would not.
func (c *channel) check() error {
	switch timeout := max(c.ntfy.Timeout, c.webhook.Timeout, c.smtp.Timeout, c.sms.Timeout, c.webpush.Timeout); {
	case !ward.ValidID(c.Name):
		return errors.New("its name is not one: give letters, digits, _ and -")
	case c.Kind == KindWebPush && c.Name != string(KindWebPush):
		return errors.New("the Web Push channel is named webpush: telephones subscribe under that name")
	case timeout != 0 && (timeout < time.Second || timeout > time.Minute):
		return fmt.Errorf("timeout is %v: give 1s to 1m", timeout)
	case (c.smtp.User == "") != (c.smtp.PasswordFile == ""):
		return errors.New("user and password_file go together")
	case c.Kind == KindSMS:
		return c.sms.check()
	}
	return nil
}

func (s *smsSettings) check() error {
	switch {
	case s.Vendor == "" && s.Query == nil && s.Form == nil && s.JSON == nil:
		return fmt.Errorf("it says nothing about its gateway: give vendor (%s), or query, form or json as the gateway wants them", strings.Join(sms.Vendors(), ", "))
	case s.Vendor != "" && !slices.Contains(sms.Vendors(), s.Vendor):
		return fmt.Errorf("vendor is %q: give one of %s, or describe the gateway with query, form or json", s.Vendor, strings.Join(sms.Vendors(), ", "))
	case s.Password != "" && !strings.HasPrefix(s.Password, "{secret."):
		return errors.New("password stands in the file: give {secret.NAME}, and the secret's file under secrets")
	case s.Text != "" && s.Text != textPlain && s.Text != textVietnamese:
		return fmt.Errorf("text is %q: give plain (one message) or vietnamese (with its marks, mostly two)", s.Text)
	}
	return nil
}
