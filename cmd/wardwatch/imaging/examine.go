package imaging

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"

	models "wardwatch/scoring/imaging"
)

// Fault is something about imaging that should be mended.
type Fault struct{ What, Detail, Remedy string }

// Examine tries every model and asks every archive, and changes nothing. It says what is well, too.
func (s *Settings) Examine(ctx context.Context, library string) (good []string, faults []Fault) {
	for _, name := range s.Models {
		m, err := models.Open(name, models.Options{Library: library})
		if err == nil {
			err = m.Manifest().ForPatients()
			_ = m.Close()
		}
		if err != nil {
			faults = append(faults, Fault{"model", err.Error(), "correct the model's directory, or take it out of the imaging file"})
			continue
		}
		good = append(good, "model "+m.Manifest().ID+" "+m.Version())
	}
	for i := range s.Sources {
		src := &s.Sources[i]
		if err := src.try(ctx); err != nil {
			faults = append(faults, Fault{"source " + src.Name, err.Error(), "correct it in the imaging file, or mend what it names"})
			continue
		}
		good = append(good, "source "+src.Name)
	}
	return good, faults
}

// try reads what the source is set up with; an archive is asked.
func (s *Source) try(ctx context.Context) error {
	for _, file := range []string{s.TokenFile, s.SecretFile} {
		if _, err := ownSecret(file); err != nil && s.Kind != KindPACS {
			return err
		}
	}
	if s.Kind == KindWebhook {
		_, err := openMapping(s.Mapping)
		return err
	}
	password, err := secret(s.PasswordFile)
	if err != nil || s.Kind != KindPACS {
		return err
	}
	token, err := secret(s.TokenFile)
	if err != nil {
		return err
	}
	return s.ask(ctx, password, token)
}

// askLimit is how long an archive may take to answer an examination.
const askLimit = 15 * time.Second

func (s *Source) ask(ctx context.Context, password, token string) error {
	ctx, cancel := context.WithTimeout(ctx, askLimit)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimRight(s.URL, "/")+"/studies?limit=1", nil)
	if err != nil {
		return err
	}
	req.Header.Set("Accept", "application/dicom+json")
	switch {
	case token != "":
		req.Header.Set("Authorization", "Bearer "+token)
	case s.User != "":
		req.SetBasicAuth(s.User, password)
	}
	client, err := s.client()
	if err != nil {
		return err
	}
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	switch resp.StatusCode {
	case http.StatusOK, http.StatusNoContent:
		return nil
	case http.StatusUnauthorized, http.StatusForbidden:
		return fmt.Errorf("the archive answers %s: its user, password or token is not right", resp.Status)
	}
	return fmt.Errorf("the archive answers %s to a search: is the address that of its DICOMweb service?", resp.Status)
}

func (s *Source) client() (*http.Client, error) {
	if s.CAFile == "" {
		return http.DefaultClient, nil
	}
	pem, err := os.ReadFile(s.CAFile)
	if err != nil {
		return nil, fmt.Errorf("reading the archive's authority: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("%s holds no certificate in PEM", s.CAFile)
	}
	return &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}}}, nil
}
