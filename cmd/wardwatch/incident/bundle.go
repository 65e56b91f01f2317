package incident

import (
	"archive/zip"
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"io"
	"time"
)

// The file is a ZIP archive. Its files stand in a fixed order with a fixed time; behind them stands
// manifest.json, which has the hash of each, and manifest.sig, its signature. The archive's comment
// has a signed hash of every byte before it, so that not even the archive's own structure can change
// without showing.
const (
	manifestName  = "manifest.json"
	signatureName = "manifest.sig"
	signedWords   = "wardwatch incident 1\n" // keep the key from signing anything else
	sealWords     = "wardwatch incident seal 1\n"
	sealMark      = "wardwatch sha256 "
	sealBytes     = len(sealMark) + 2*sha256.Size + 1 + 2*ed25519.SignatureSize
)

// Manifest says what the file holds and what it was made from.
type Manifest struct {
	Format     int       `json:"format"`
	Stay       string    `json:"stay"`
	From       time.Time `json:"from"`
	To         time.Time `json:"to"`
	Made       time.Time `json:"made"`
	By         string    `json:"by"`
	Zone       string    `json:"zone"`
	Identified bool      `json:"identified"` // false: no names, no patient number, no bytes of refused messages, and free text in audit.jsonl alone
	Simulation bool      `json:"simulation"` // nobody real
	Build      Build     `json:"build"`
	Policy     string    `json:"policy"` // version in policy.yaml; empty: it was not given

	Versions map[string][]string `json:"versions"` // charts, policies and models that made what is in here
	Clocks   []ClockOffset       `json:"clocks"`   // of each device against ours
	Kept     []Kept              `json:"kept"`     // where the raw record of the span is whole
	Missing  []string            `json:"missing"`  // what is not in here and why
	Audit    AuditProof          `json:"audit"`
	Key      string              `json:"key"` // public ed25519, hexadecimal
	Files    []File              `json:"files"`
}

// File is one file of the archive.
type File struct {
	Name   string `json:"name"`
	SHA256 string `json:"sha256"`
	Bytes  int64  `json:"bytes"`
	Rows   int    `json:"rows"` // lines or elements, without a heading
}

// Kept is a time whose raw record was still there.
type Kept struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
}

// bundle writes the archive.
type bundle struct {
	seal *sealer
	zip  *zip.Writer
	m    *Manifest
}

func newBundle(w io.Writer, m *Manifest) *bundle {
	s := &sealer{w: w, sum: sha256.New()}
	return &bundle{seal: s, zip: zip.NewWriter(s), m: m}
}

// stamp is the time of every file: the earliest that the format knows, so that the same content makes
// the same bytes.
var stamp = time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)

// add writes one file. write answers how many rows it wrote.
func (b *bundle) add(name string, write func(io.Writer) (int, error)) error {
	w, err := b.zip.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: stamp})
	if err != nil {
		return err
	}
	sum := &counting{sum: sha256.New()}
	rows, err := write(io.MultiWriter(w, sum))
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	b.m.Files = append(b.m.Files, File{name, hex.EncodeToString(sum.sum.Sum(nil)), sum.n, rows})
	return nil
}

// object writes one JSON document of so many elements.
func (b *bundle) object(name string, v any, rows int) error {
	return b.add(name, func(w io.Writer) (int, error) {
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		e.SetEscapeHTML(false)
		return rows, e.Encode(v)
	})
}

// list writes a JSON array.
func list[T any](b *bundle, name string, all []T) error {
	if all == nil {
		all = []T{}
	}
	return b.object(name, all, len(all))
}

// close writes the manifest, signs it and seals the archive.
func (b *bundle) close(key ed25519.PrivateKey) error {
	raw, err := json.MarshalIndent(b.m, "", "  ")
	if err != nil {
		return err
	}
	signature := base64.StdEncoding.EncodeToString(ed25519.Sign(key, append([]byte(signedWords), raw...))) + "\n"
	for _, f := range []struct {
		name string
		body []byte
	}{{manifestName, raw}, {signatureName, []byte(signature)}} {
		w, err := b.zip.CreateHeader(&zip.FileHeader{Name: f.name, Method: zip.Deflate, Modified: stamp})
		if err != nil {
			return err
		}
		if _, err := w.Write(f.body); err != nil {
			return err
		}
	}
	if err := b.zip.SetComment(string(bytes.Repeat([]byte{' '}, sealBytes))); err != nil {
		return err
	}
	if err := b.zip.Close(); err != nil {
		return err
	}
	return b.seal.close(key)
}

// sealer hashes everything that passes but the last sealBytes, which it replaces by the seal.
type sealer struct {
	w    io.Writer
	sum  hash.Hash
	held []byte
}

func (s *sealer) Write(p []byte) (int, error) {
	s.held = append(s.held, p...)
	if pass := len(s.held) - sealBytes; pass > 0 {
		s.sum.Write(s.held[:pass])
		if _, err := s.w.Write(s.held[:pass]); err != nil {
			return 0, err
		}
		s.held = append(s.held[:0], s.held[pass:]...)
	}
	return len(p), nil
}

func (s *sealer) close(key ed25519.PrivateKey) error {
	sum := s.sum.Sum(nil)
	_, err := io.WriteString(s.w, sealText(sum, ed25519.Sign(key, append([]byte(sealWords), sum...))))
	return err
}

func sealText(sum, signature []byte) string {
	return sealMark + hex.EncodeToString(sum) + " " + hex.EncodeToString(signature)
}

// counting hashes and counts.
type counting struct {
	sum hash.Hash
	n   int64
}

func (c *counting) Write(p []byte) (int, error) {
	c.n += int64(len(p))
	return c.sum.Write(p)
}
