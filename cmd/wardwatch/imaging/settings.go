// Package imaging reads the file that says which imaging sources are listened to and which models look
// at their pictures, and runs what takes them in: the doors, the pollers, the reader, and what screens ask.
package imaging

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"gopkg.in/yaml.v3"

	"wardwatch/scoring/imaging"
	"wardwatch/ward"
)

// Settings is the imaging file.
type Settings struct {
	Listen  string        `yaml:"listen"` // address of the doors; empty: none
	Models  []string      `yaml:"models"` // directories, each with a manifest.json
	Keep    time.Duration `yaml:"keep"`   // how long what was sent is kept
	Sources []Source      `yaml:"sources"`
}

// Source is one sender of pictures or results.
type Source struct {
	Name string `yaml:"name"`
	Kind Kind   `yaml:"kind"`

	// Of what pushes: dicom and fhir a token or user and password, webhook a secret.
	TokenFile    string `yaml:"token_file"`
	User         string `yaml:"user"`
	PasswordFile string `yaml:"password_file"`
	SecretFile   string `yaml:"secret_file"`
	Mapping      string `yaml:"mapping"` // of a webhook: file that describes its JSON

	// Of a pacs, which is polled.
	URL        string        `yaml:"url"`
	CAFile     string        `yaml:"ca_file"`
	Every      time.Duration `yaml:"every"`
	Days       int           `yaml:"days"` // how far back studies are looked for, today among them
	Modalities []string      `yaml:"modalities"`

	PatientSystem    string        `yaml:"patient_system"`    // of fhir: system of the hospital number among a patient's identifiers
	SecondIdentifier bool          `yaml:"second_identifier"` // a birth date or name must come with the number
	MaxSize          int64         `yaml:"max_size"`          // bytes of one object
	Zone             *ZoneName     `yaml:"zone"`              // of times that come without one; the policy's when absent
	Wait             time.Duration `yaml:"wait"`              // of a pacs: how long one answer may take
}

// Kind is how a source delivers.
type Kind string

// Kinds.
const (
	KindDICOM   Kind = "dicom"   // it sends instances to us by STOW-RS
	KindPACS    Kind = "pacs"    // we ask it by QIDO-RS and WADO-RS
	KindFHIR    Kind = "fhir"    // it posts FHIR R4
	KindWebhook Kind = "webhook" // it posts JSON as a mapping file describes it
)

var kinds = []string{string(KindDICOM), string(KindPACS), string(KindFHIR), string(KindWebhook)}

// ZoneName is a time zone by its IANA name.
type ZoneName struct{ *time.Location }

// UnmarshalText finds the zone.
func (z *ZoneName) UnmarshalText(text []byte) (err error) {
	if z.Location, err = time.LoadLocation(string(text)); err != nil {
		return fmt.Errorf("zone %q is not known: give a name such as Asia/Ho_Chi_Minh", text)
	}
	return nil
}

// Defaults, ours.
const (
	defaultKeep  = 30 * 24 * time.Hour
	defaultEvery = 30 * time.Second
	defaultDays  = 2
	defaultSize  = 256 << 20
	defaultText  = 4 << 20
	defaultWait  = time.Minute
	maxFile      = 1 << 20
)

// Load reads an imaging file. Files that it names are relative to it. An error names the place and the
// remedy.
func Load(file string) (Settings, error) {
	raw, err := readFile(file)
	if err != nil {
		return Settings{}, err
	}
	s := Settings{Keep: defaultKeep}
	dec := yaml.NewDecoder(bytes.NewReader(raw))
	dec.KnownFields(true)
	if err := dec.Decode(&s); err != nil && !errors.Is(err, io.EOF) {
		return s, fmt.Errorf("%s: %w", file, err)
	}
	if err := s.settle(filepath.Dir(file)); err != nil {
		return s, fmt.Errorf("%s: %w", file, err)
	}
	return s, nil
}

func readFile(file string) ([]byte, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("reading the imaging file: %w", err)
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("reading %s: %w", file, err)
	case len(raw) > maxFile:
		return nil, fmt.Errorf("%s is longer than %d bytes: is this the right file?", file, maxFile)
	}
	return raw, nil
}

// settle fills in what was not given and refuses what cannot work.
func (s *Settings) settle(dir string) error {
	for i := range s.Models {
		if !slices.Contains(imaging.Builtins(), s.Models[i]) {
			s.Models[i] = beside(dir, s.Models[i])
		}
	}
	if s.Keep < 24*time.Hour {
		return fmt.Errorf("keep is %v: give at least 24h", s.Keep)
	}
	if s.Listen != "" {
		if _, _, err := net.SplitHostPort(s.Listen); err != nil {
			return fmt.Errorf("listen: %q is not host:port: for example 10.0.0.5:8081", s.Listen)
		}
	}
	names := map[string]bool{}
	for i := range s.Sources {
		src := &s.Sources[i]
		if !ward.ValidID(src.Name) || names[src.Name] {
			return fmt.Errorf("sources[%d].name is %q: give each a name of its own of letters, digits, _ and -", i, src.Name)
		}
		names[src.Name] = true
		src.settle(dir)
		if err := src.check(); err != nil {
			return fmt.Errorf("source %s: %w", src.Name, err)
		}
		if least := time.Duration(src.Days+1) * 24 * time.Hour; s.Keep < least {
			return fmt.Errorf("source %s looks back %d days, and what it sent is kept %v: give keep of %v or more, or the same would be fetched again and again", src.Name, src.Days, s.Keep, least)
		}
		if s.Listen == "" && src.Kind != KindPACS {
			return fmt.Errorf("source %s sends to us, but there is no door: give listen: host:port", src.Name)
		}
	}
	return nil
}

func beside(dir, file string) string {
	if file == "" || filepath.IsAbs(file) {
		return file
	}
	return filepath.Join(dir, file)
}

func (s *Source) settle(dir string) {
	for _, file := range []*string{&s.TokenFile, &s.PasswordFile, &s.SecretFile, &s.Mapping, &s.CAFile} {
		*file = beside(dir, *file)
	}
	if s.MaxSize == 0 {
		s.MaxSize = defaultSize
		if s.Kind == KindFHIR || s.Kind == KindWebhook {
			s.MaxSize = defaultText
		}
	}
	if s.Kind != KindPACS {
		return
	}
	if s.Every == 0 {
		s.Every = defaultEvery
	}
	if s.Days == 0 {
		s.Days = defaultDays
	}
	if s.Wait == 0 {
		s.Wait = defaultWait
	}
	if len(s.Modalities) == 0 {
		s.Modalities = []string{"CR", "DX", "SR"}
	}
}

func (s *Source) check() error {
	switch {
	case !slices.Contains(kinds, string(s.Kind)):
		return fmt.Errorf("kind is %q: give one of %s", s.Kind, strings.Join(kinds, ", "))
	case s.Kind != KindPACS && s.Wait != 0:
		return errors.New("wait is for a pacs")
	case s.MaxSize < 1024 || s.MaxSize > 2<<30:
		return fmt.Errorf("max_size is %d: give bytes, 1024 to 2147483648", s.MaxSize)
	case (s.User == "") != (s.PasswordFile == ""):
		return errors.New("user and password_file go together")
	case s.Kind == KindWebhook && (s.SecretFile == "" || s.Mapping == ""):
		return errors.New("a webhook needs secret_file, which it signs with, and mapping, which describes its JSON")
	case (s.Kind == KindDICOM || s.Kind == KindFHIR) && s.TokenFile == "" && s.User == "":
		return errors.New("give token_file, or user and password_file: nobody may send without")
	case s.Kind == KindPACS:
		return s.checkPACS()
	}
	return nil
}

func (s *Source) checkPACS() error {
	u, err := url.Parse(s.URL)
	switch {
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "":
		return fmt.Errorf("url is %q: give the DICOMweb root, for example http://pacs.local:8042/dicom-web", s.URL)
	case u.User != nil:
		return errors.New("url holds a password: give user and password_file instead")
	case s.Every < time.Second || s.Every > time.Hour:
		return fmt.Errorf("every is %v: give 1s to 1h", s.Every)
	case s.Days < 1 || s.Days > 30:
		return fmt.Errorf("days is %d: give 1 to 30", s.Days)
	case s.Wait < time.Second || s.Wait > 10*time.Minute:
		return fmt.Errorf("wait is %v: give 1s to 10m", s.Wait)
	}
	return nil
}

// mapping reads a mapping file, which is YAML, as the JSON that the reader of mappings takes.
func mapping(file string) ([]byte, error) {
	raw, err := readFile(file)
	if err != nil {
		return nil, err
	}
	var any map[string]any
	if err := yaml.Unmarshal(raw, &any); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	out, err := json.Marshal(any)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return out, nil
}

// secret reads a secret from a file; without a file there is none.
func secret(file string) (string, error) {
	if file == "" {
		return "", nil
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		return "", fmt.Errorf("reading a secret: %w", err)
	}
	text := strings.TrimSpace(string(raw))
	if text == "" {
		return "", fmt.Errorf("%s is empty: it should hold a secret", file)
	}
	return text, nil
}

// ownSecret reads a secret that others prove themselves by here: it must be long enough not to be guessed.
func ownSecret(file string) (string, error) {
	text, err := secret(file)
	if err == nil && file != "" && len(text) < 16 {
		err = fmt.Errorf("the secret in %s is shorter than 16 characters: make one with openssl rand -hex 32", file)
	}
	return text, err
}

// With adds the settings of a file to these.
func (s Settings) With(file Settings) Settings {
	if file.Listen != "" {
		s.Listen = file.Listen
	}
	s.Keep = file.Keep
	s.Models = append(slices.Clip(s.Models), file.Models...)
	s.Sources = append(slices.Clip(s.Sources), file.Sources...)
	return s
}
