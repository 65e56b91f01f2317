package pacs

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"wardwatch/ward"
)

// client speaks DICOMweb to one archive.
type client struct {
	http *http.Client
	root string // without a slash at its end
	auth func(*http.Request)
	wait time.Duration
}

func newClient(o Options) (client, error) {
	u, err := url.Parse(o.URL)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.RawQuery != "" {
		return client{}, bad("the address of the archive's DICOMweb service is no http or https URL", "give one like https://pacs.example/dicom-web", nil)
	}
	if u.User != nil {
		return client{}, bad("the address of the archive holds a password", "give user and password by themselves, so that the address can be shown", nil)
	}
	roots, err := trusted(o.CAFile)
	if err != nil {
		return client{}, err
	}
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.TLSClientConfig = &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
	t.ResponseHeaderTimeout = o.Wait
	t.MaxConnsPerHost = 2
	h := &http.Client{Transport: t, CheckRedirect: func(r *http.Request, via []*http.Request) error {
		if len(via) > 3 || r.URL.Host != via[0].URL.Host || r.URL.Scheme != via[0].URL.Scheme {
			return errors.New("the archive redirects elsewhere; give its final address")
		}
		return nil
	}}
	return client{http: h, root: strings.TrimRight(o.URL, "/"), auth: authentication(o), wait: o.Wait}, nil
}

// trusted reads the certificates that an archive is trusted by; nil is those of the system.
func trusted(file string) (*x509.CertPool, error) {
	if file == "" {
		return nil, nil
	}
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, bad("the archive's CA file cannot be read", "check its path and who may read it", err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(pem) {
		return nil, bad("the archive's CA file holds no certificate", "give one in PEM form", nil)
	}
	return roots, nil
}

func authentication(o Options) func(*http.Request) {
	switch {
	case o.Token != "":
		return func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+o.Token) }
	case o.User != "":
		return func(r *http.Request) { r.SetBasicAuth(o.User, o.Password) }
	}
	return func(*http.Request) {}
}

// get asks for a path under the root. The caller closes the body.
func (c *client) get(ctx context.Context, path string, query url.Values, accept string) (*http.Response, error) {
	address := c.root + path
	if len(query) > 0 {
		address += "?" + query.Encode()
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	r.Header.Set("Accept", accept)
	c.auth(r)
	resp, err := c.http.Do(r)
	if err != nil {
		return nil, unreachable(err)
	}
	switch resp.StatusCode {
	case http.StatusOK, http.StatusPartialContent, http.StatusNoContent:
		return resp, nil
	}
	resp.Body.Close()
	return nil, &statusError{resp.StatusCode}
}

// list asks for one page of a QIDO-RS search.
func (c *client) list(ctx context.Context, path string, query url.Values, offset int) ([]dataset, error) {
	ctx, cancel := context.WithTimeout(ctx, c.wait)
	defer cancel()
	query.Set("limit", strconv.Itoa(pageLength))
	query.Set("offset", strconv.Itoa(offset))
	resp, err := c.get(ctx, path, query, "application/dicom+json")
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err != nil {
		return nil, unreachable(err)
	}
	if len(body) > maxAnswer {
		return nil, fmt.Errorf("the archive answers a search with more than %d bytes; it may not keep to limit=%d", maxAnswer, pageLength)
	}
	if len(bytes.TrimSpace(body)) == 0 { // 204, or 200 with nothing: no match
		return nil, nil
	}
	var page []dataset
	if err := json.Unmarshal(body, &page); err != nil {
		return nil, errors.New("the archive answers a search with something that is not DICOM JSON; check that the address is that of its DICOMweb service")
	}
	return page, nil
}

// pages goes through all of a search. each tells whether a result was new: a page without one ends the
// search, as an archive without paging gives the same one for ever. An archive may give fewer than asked
// for and have more, so only such a page, or an empty one, is the last.
func (c *client) pages(ctx context.Context, path string, query url.Values, most int, each func(dataset) (fresh bool)) error {
	for offset := 0; offset < most; {
		page, err := c.list(ctx, path, query, offset)
		if err != nil {
			return err
		}
		any := false
		for _, d := range page {
			any = each(d) || any
		}
		if !any {
			return nil
		}
		offset += len(page)
	}
	return fmt.Errorf("the archive lists more than %d results of one search; ask for fewer days or modalities", most)
}

// instance fetches one instance in a transfer syntax, "*" for the one it is kept in, and hands it to keep.
func (c *client) instance(ctx context.Context, i instance, syntax string, keep func(io.Reader) error) error {
	ctx, cancel := context.WithTimeout(ctx, fetchLimit)
	defer cancel()
	resp, err := c.get(ctx, i.path(), nil, `multipart/related; type="application/dicom"; transfer-syntax=`+syntax)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	kind, params, err := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	switch {
	case err == nil && kind == "application/dicom":
		return keep(resp.Body)
	case err != nil || kind != "multipart/related" || params["boundary"] == "":
		return &answerError{"it is not multipart/related"}
	}
	part, err := multipart.NewReader(resp.Body, params["boundary"]).NextRawPart()
	if err != nil {
		return &answerError{"it holds no part"}
	}
	return keep(part)
}

// answerError is an answer to a retrieval that holds no instance.
type answerError struct{ why string }

// Error says what is wrong with the answer.
func (e *answerError) Error() string {
	return "the archive answers a retrieval with something that is no instance: " + e.why
}

// statusError is an answer that is no success.
type statusError struct{ status int }

// Error says what the status means and what to look at.
func (e *statusError) Error() string {
	switch e.status {
	case http.StatusUnauthorized, http.StatusForbidden:
		return fmt.Sprintf("the archive refuses us (HTTP %d): check user, password or token", e.status)
	case http.StatusNotFound:
		return "the archive does not have that (HTTP 404): check the address of its DICOMweb service"
	}
	return fmt.Sprintf("the archive answers HTTP %d", e.status)
}

// ofInstance reports whether another instance may fare better.
func (e *statusError) ofInstance() bool {
	switch e.status {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusTooManyRequests,
		http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return false
	}
	return true
}

// unreachable is an archive that does not answer. The URL in the error of the client holds study UIDs, and
// is left out.
func unreachable(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	return &ward.Error{Code: ward.Unavailable, Message: "the archive does not answer", Hint: "check its address and the network", Err: err}
}

func bad(message, hint string, err error) error {
	return &ward.Error{Code: ward.BadInput, Message: message, Hint: hint, Err: err}
}

// dataset is one result of a search in DICOM JSON (PS3.18 Annex F).
type dataset map[string]struct {
	Value []json.RawMessage `json:"Value"`
}

// text is the first value of an attribute; empty where there is none.
func (d dataset) text(tag string) string {
	v := d[tag].Value
	if len(v) == 0 {
		return ""
	}
	var s string
	if json.Unmarshal(v[0], &s) == nil {
		return strings.TrimSpace(s)
	}
	return string(v[0]) // a number
}

// uid is the first value of an attribute, where it is a UID and may stand in a path.
func (d dataset) uid(tag string) string {
	s := d.text(tag)
	if s == "" || len(s) > 64 || strings.Trim(s, "0123456789.") != "" || strings.Contains(s, "..") || s == "." {
		return ""
	}
	return s
}

// Attributes of search results (PS3.18 Tables 10.6.3-3 to 10.6.3-5).
const (
	tagInstanceUID    = "00080018"
	tagStudyDate      = "00080020"
	tagStudyTime      = "00080030"
	tagModality       = "00080060"
	tagStudyUID       = "0020000D"
	tagSeriesUID      = "0020000E"
	tagStudySeries    = "00201206"
	tagStudyInstances = "00201208"
)

// when orders studies by their own date and time.
func (d dataset) when() string { return d.text(tagStudyDate) + d.text(tagStudyTime) }

// dateRange is a StudyDate search over some days. It includes tomorrow: a machine's clock may be past
// midnight before ours.
func dateRange(now time.Time, days int) string {
	return now.AddDate(0, 0, 1-days).Format("20060102") + "-" + now.AddDate(0, 0, 1).Format("20060102")
}
