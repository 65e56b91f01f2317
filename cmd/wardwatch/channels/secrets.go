package channels

import (
	"crypto/rand"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"wardwatch/alerts/webpush"
)

// secret reads a secret from a file; an empty name is an empty secret.
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

// firstUse reads what a file in the data directory holds, or makes it there: readable by us alone, and
// whole even when two processes come at the same time. Where nothing may be changed, what is made is
// kept by nobody.
func (s *Set) firstUse(file string, begin func() ([]byte, error)) ([]byte, error) {
	raw, err := os.ReadFile(file)
	if !errors.Is(err, fs.ErrNotExist) {
		return raw, err
	}
	fresh, err := begin()
	if err != nil || s.site.ReadOnly {
		return fresh, err
	}
	tmp, err := os.CreateTemp(filepath.Dir(file), ".new-*") // 0600
	if err != nil {
		return nil, fmt.Errorf("keeping a secret: %w", err)
	}
	defer os.Remove(tmp.Name())
	_, err = tmp.Write(fresh)
	if err = errors.Join(err, tmp.Sync(), tmp.Close()); err != nil {
		return nil, fmt.Errorf("keeping a secret: %w", err)
	}
	if err := os.Link(tmp.Name(), file); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("keeping a secret: %w", err)
	}
	return os.ReadFile(file)
}

// webhookSecret is the configured one, or one made on first use and kept beside the data.
func (s *Set) webhookSecret(c *channel) (string, error) {
	if c.webhook.SecretFile != "" {
		return secret(c.webhook.SecretFile)
	}
	if s.site.Data == "" {
		return "", errors.New("no secret_file is given, and there is no data directory to make one in")
	}
	raw, err := s.firstUse(filepath.Join(s.site.Data, c.Name+".secret"), func() ([]byte, error) {
		return []byte(hex.EncodeToString([]byte(rand.Text())) + "\n"), nil
	})
	return strings.TrimSpace(string(raw)), err
}

// vapid is the name of the key pair's file in the data directory.
const vapid = "vapid.json"

// Keys are the VAPID key pair of Web Push, made on first use. Without a Web Push channel there are none
// and ok is false.
func (s *Set) Keys() (keys webpush.Keys, ok bool, err error) {
	for i := range s.channels {
		if c := &s.channels[i]; c.Kind == KindWebPush {
			keys, err = s.keys(c)
			return keys, true, err
		}
	}
	return webpush.Keys{}, false, nil
}

func (s *Set) keys(c *channel) (webpush.Keys, error) {
	file, err := s.keyFile(c)
	if err != nil {
		return webpush.Keys{}, err
	}
	return s.readKeys(file)
}

func (s *Set) keyFile(c *channel) (string, error) {
	switch {
	case c.webpush.KeyFile != "":
		return c.webpush.KeyFile, nil
	case s.site.Data == "":
		return "", errors.New("no key_file is given, and there is no data directory to make a key pair in")
	}
	return filepath.Join(s.site.Data, vapid), nil
}

// RenewKeys makes a new VAPID key pair in the place of the old one, which is kept beside it. Every
// telephone subscribes again.
func (s *Set) RenewKeys() (webpush.Keys, error) {
	for i := range s.channels {
		c := &s.channels[i]
		if c.Kind != KindWebPush {
			continue
		}
		file, err := s.keyFile(c)
		if err != nil {
			return webpush.Keys{}, err
		}
		if err := os.Rename(file, file+".old"); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return webpush.Keys{}, fmt.Errorf("putting the old key pair aside: %w", err)
		}
		return s.readKeys(file)
	}
	return webpush.Keys{}, errors.New("there is no channel of the kind webpush: add one to the channels file")
}

func (s *Set) readKeys(file string) (keys webpush.Keys, err error) {
	raw, err := s.firstUse(file, func() ([]byte, error) {
		made, err := webpush.NewKeys()
		if err != nil {
			return nil, err
		}
		return json.MarshalIndent(keyPair{made.Public, made.Private}, "", "  ")
	})
	if err != nil {
		return keys, err
	}
	var pair keyPair
	if err := json.Unmarshal(raw, &pair); err != nil {
		return keys, fmt.Errorf("%s does not hold a VAPID key pair: put back the one that telephones subscribed with, or remove it and have everybody subscribe again", file)
	}
	keys = webpush.Keys{Public: pair.Public, Private: pair.Private}
	return keys, keys.Check()
}

// keyPair is the form of a key pair in its file.
type keyPair struct {
	Public  string `json:"public"`
	Private string `json:"private"`
}

// roots are the authorities of a file added to the machine's; nil without a file.
func roots(file string) (*x509.CertPool, error) {
	if file == "" {
		return nil, nil
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("reading ca_file: %w", err)
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(raw) {
		return nil, fmt.Errorf("%s holds no certificate in PEM", file)
	}
	return pool, nil
}

// through is a proxy's address; nil without one.
func through(proxy string) (*url.URL, error) {
	if proxy == "" {
		return nil, nil
	}
	u, err := url.Parse(proxy)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.User != nil {
		return nil, fmt.Errorf("proxy is not a usable address: give for example http://proxy.benhvien.vn:3128")
	}
	return u, nil
}
