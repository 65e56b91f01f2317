package main

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// pair writes a key pair as openssl does.
func pair(t *testing.T, dir string) (private, public string) {
	t.Helper()
	pub, priv, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	privDER, err := x509.MarshalPKCS8PrivateKey(priv)
	if err != nil {
		t.Fatal(err)
	}
	pubDER, err := x509.MarshalPKIXPublicKey(pub)
	if err != nil {
		t.Fatal(err)
	}
	private, public = filepath.Join(dir, "charts.key"), filepath.Join(dir, "charts.pub")
	put(t, private, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: privDER}))
	put(t, public, pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: pubDER}))
	return private, public
}

func put(t *testing.T, file string, raw []byte) {
	t.Helper()
	if err := os.WriteFile(file, raw, 0o600); err != nil {
		t.Fatal(err)
	}
}

// A hospital changes a chart, checks it, signs the folder, and uses it; a change afterwards is refused.
func TestASitesOwnChart(t *testing.T) {
	private, public := pair(t, t.TempDir())
	dir := t.TempDir()
	ours, _ := library(t).Find("news2")
	text := strings.Replace(string(ours.File()), "version: rcp-2017", "version: site-1", 1)
	put(t, filepath.Join(dir, "news2.yaml"), []byte(text))
	put(t, filepath.Join(dir, "package.yaml"), []byte("name: Site\nversion: \"1\"\nsigned_by: {person: A, role: B, date: 2026-11-21}\n"))

	if err := (chartCheck{Path: []string{filepath.Join(dir, "news2.yaml"), dir}}).Run(); err != nil {
		t.Fatal(err)
	}
	if err := (chartCheck{Path: []string{dir}, ChartsKey: public}).Run(); err == nil || !strings.Contains(err.Error(), "chart sign") {
		t.Errorf("an unsigned package was taken: %v", err)
	}
	if err := (chartSign{Dir: dir, PrivateKey: private}).Run(); err != nil {
		t.Fatal(err)
	}
	if err := (chartCheck{Path: []string{dir}, ChartsKey: public}).Run(); err != nil {
		t.Error(err)
	}
	lib, err := chartPackage{Charts: dir, ChartsKey: public}.library()
	if err != nil {
		t.Fatal(err)
	}
	if c, _ := lib.Find("news2"); c.Version() != "site-1" {
		t.Errorf("the site's chart is not used: version %s", c.Version())
	}
	put(t, filepath.Join(dir, "news2.yaml"), []byte(text+"# later\n"))
	if _, err := (chartPackage{Charts: dir, ChartsKey: public}).library(); err == nil || !strings.Contains(err.Error(), "changed after signing") {
		t.Errorf("a changed package was taken: %v", err)
	}
}

func TestKeysThatAreNone(t *testing.T) {
	dir := t.TempDir()
	private, public := pair(t, dir)
	junk := filepath.Join(dir, "junk")
	put(t, junk, []byte("hello"))
	for _, err := range []error{
		(chartSign{Dir: dir, PrivateKey: public}).Run(),
		(chartSign{Dir: dir, PrivateKey: junk}).Run(),
		(chartSign{Dir: dir, PrivateKey: filepath.Join(dir, "none")}).Run(),
		(chartCheck{Path: []string{dir}, ChartsKey: private}).Run(),
		(chartList{chartPackage: chartPackage{Charts: dir}}).Run(),
		(chartShow{ID: "nonsense"}).Run(),
		(chartCheck{Path: []string{filepath.Join(dir, "none")}}).Run(),
	} {
		if err == nil {
			t.Error("a command went through that should have been refused")
		}
	}
}
