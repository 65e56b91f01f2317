package chart

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"gopkg.in/yaml.v3"
)

// Package is a site's own charts: a folder of chart files, a package.yaml that names the clinician who
// answers for them, and a package.sig that fixes every byte of both.
type Package struct {
	Name     string
	Version  string
	SignedBy Signer
	charts   []*Chart
}

// Signer is the person who answers for a package.
type Signer struct {
	Person string
	Role   string
	Date   time.Time // the day, midnight UTC
}

// IDs are the ids of the package's charts, sorted.
func (p Package) IDs() []string {
	ids := make([]string, len(p.charts))
	for i, c := range p.charts {
		ids[i] = c.id
	}
	slices.Sort(ids)
	return ids
}

// With is the library with the package's charts added; those of the same id replace ours, but only
// under a version of their own: nothing may pass for the published chart that it is not. The library
// itself stays as it is.
func (l *Library) With(pkg Package) (*Library, error) {
	if len(pkg.charts) == 0 {
		return nil, errors.New("the chart package holds no charts: open one with OpenPackage")
	}
	more := maps.Clone(l.charts)
	for _, c := range pkg.charts {
		if ours, ok := l.charts[c.id]; ok && ours.version == c.version && !bytes.Equal(ours.file, c.file) {
			return nil, fmt.Errorf("the chart package's %s calls itself version %s, which is the one that is shipped, and differs from it: give it a version of its own", c.id, c.version)
		}
		more[c.id] = c
	}
	return &Library{more}, nil
}

// The files of a package beside its charts.
const (
	packageFile   = "package.yaml"
	signatureFile = "package.sig"
)

const (
	sigHeader = "wardwatch chart package, version 1\n"
	sigLine   = "signature "
)

// ErrSignature is wrapped by every refusal of OpenPackage that is about the signature: nothing of such a
// package may be used.
var ErrSignature = errors.New("the chart package is not signed as it stands")

// OpenPackage reads a folder whose signature is right for the key, and checks its charts.
func OpenPackage(path string, key ed25519.PublicKey) (Package, error) {
	files, err := packageFiles(path)
	if err != nil {
		return Package{}, err
	}
	if err := verify(files, key); err != nil {
		return Package{}, fmt.Errorf("%s: %w: %w", path, ErrSignature, err)
	}
	return readPackage(path, files)
}

// CheckPackage reads a folder and checks its charts, signed or not. Nothing of it may be used for
// patients: that needs OpenPackage.
func CheckPackage(path string) (Package, error) {
	files, err := packageFiles(path)
	if err != nil {
		return Package{}, err
	}
	return readPackage(path, files)
}

// SignPackage checks a folder of charts and writes its signature. Files changed, added or removed
// afterwards make it invalid.
func SignPackage(path string, key ed25519.PrivateKey) error {
	if len(key) != ed25519.PrivateKeySize {
		return errors.New("the signing key is not an ed25519 private key")
	}
	files, err := packageFiles(path)
	if err != nil {
		return err
	}
	if _, err := readPackage(path, files); err != nil {
		return err
	}
	text := manifest(files)
	sum := base64.StdEncoding.EncodeToString(ed25519.Sign(key, text))
	return os.WriteFile(filepath.Join(path, signatureFile), append(text, sigLine+sum+"\n"...), 0o644)
}

var goodFile = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{0,60}\.yaml$`)

// packageFiles reads every file of the folder once, so that what is verified is what is used.
func packageFiles(path string) (map[string][]byte, error) {
	entries, err := os.ReadDir(path)
	if err != nil {
		return nil, fmt.Errorf("a chart package is a folder: %w", err)
	}
	files := map[string][]byte{}
	for _, e := range entries {
		if !e.Type().IsRegular() || e.Name() != signatureFile && !goodFile.MatchString(e.Name()) {
			return nil, fmt.Errorf("%s: %q does not belong in a chart package: remove it (chart files are small letters, digits, points and hyphens, ending in .yaml)", path, e.Name())
		}
		if files[e.Name()], err = readSmall(filepath.Join(path, e.Name())); err != nil {
			return nil, err
		}
	}
	return files, nil
}

func readSmall(file string) ([]byte, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err == nil && len(raw) > maxFile {
		err = fmt.Errorf("%s: is over %d bytes: a chart is a short file; is this one?", file, maxFile)
	}
	return raw, err
}

// manifest is what is signed: each file's hash and name, by name.
func manifest(files map[string][]byte) []byte {
	b := bytes.NewBufferString(sigHeader)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if name != signatureFile {
			fmt.Fprintf(b, "%x  %s\n", sha256.Sum256(files[name]), name)
		}
	}
	return b.Bytes()
}

// verify refuses files that the signature does not cover as they are.
func verify(files map[string][]byte, key ed25519.PublicKey) error {
	raw, ok := files[signatureFile]
	if !ok {
		return fmt.Errorf("there is no %s: sign it with `wardwatch chart sign`", signatureFile)
	}
	at := bytes.LastIndex(raw, []byte("\n"+sigLine))
	if at < 0 {
		return fmt.Errorf("%s has no signature line: sign the package again", signatureFile)
	}
	signed := raw[:at+1]
	sum, err := base64.StdEncoding.DecodeString(strings.TrimSpace(string(raw[at+1+len(sigLine):])))
	if err != nil || len(key) != ed25519.PublicKeySize || !ed25519.Verify(key, signed, sum) {
		return errors.New("the signature is not of this key, or the list it signs was changed: ask the signer for the package and the public key")
	}
	return sameFiles(signed, files)
}

// sameFiles tells which file is not as it was when the list was signed.
func sameFiles(signed []byte, files map[string][]byte) error {
	if bytes.Equal(signed, manifest(files)) {
		return nil
	}
	was := map[string]string{}
	for line := range strings.Lines(string(signed)) {
		if sum, name, ok := strings.Cut(strings.TrimSpace(line), "  "); ok {
			was[name] = sum
		}
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		sum := sha256.Sum256(files[name])
		switch {
		case name == signatureFile:
		case was[name] == "":
			return fmt.Errorf("%s was added after signing: remove it, or sign again", name)
		case was[name] != hex.EncodeToString(sum[:]):
			return fmt.Errorf("%s was changed after signing: restore it, or review and sign again", name)
		}
		delete(was, name)
	}
	for _, name := range slices.Sorted(maps.Keys(was)) {
		return fmt.Errorf("%s was removed after signing: restore it, or sign again", name)
	}
	return errors.New("the signed list is not in our form: sign the package again")
}

// readPackage parses what the folder holds.
func readPackage(path string, files map[string][]byte) (Package, error) {
	raw, ok := files[packageFile]
	if !ok {
		return Package{}, fmt.Errorf("%s: there is no %s: add it with name, version and signed_by (person, role, date)", path, packageFile)
	}
	pkg, err := parsePackage(filepath.Join(path, packageFile), raw)
	errs := []error{err}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if name == packageFile || name == signatureFile {
			continue
		}
		file := filepath.Join(path, name)
		c, err := Parse(file, files[name])
		switch {
		case err != nil:
			errs = append(errs, err)
		case name != c.id+".yaml":
			errs = append(errs, fmt.Errorf("%s: holds the chart %q: name the file after it", file, c.id))
		default:
			pkg.charts = append(pkg.charts, c)
		}
	}
	if err := errors.Join(errs...); err != nil {
		return Package{}, err
	}
	if len(pkg.charts) == 0 {
		return Package{}, fmt.Errorf("%s: holds no charts: add at least one", path)
	}
	return pkg, nil
}

func parsePackage(file string, raw []byte) (Package, error) {
	r := reader{file: file}
	var pkg Package
	var date string
	doc := r.document(raw)
	if doc == nil {
		return Package{}, r.err()
	}
	r.object(doc, "a package",
		need("name", r.text(&pkg.Name)),
		need("version", r.text(&pkg.Version)),
		need("signed_by", func(n *yaml.Node) {
			r.object(n, "the signer",
				need("person", r.text(&pkg.SignedBy.Person)),
				need("role", r.text(&pkg.SignedBy.Role)),
				need("date", r.text(&date)),
			)
			var err error
			if pkg.SignedBy.Date, err = time.Parse(time.DateOnly, date); err != nil && date != "" {
				r.fail(n, "date is %q: write it as year-month-day, for example 2026-11-21", date)
			}
		}),
	)
	return pkg, r.err()
}
