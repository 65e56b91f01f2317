package policy

import (
	"crypto/ed25519"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"strings"

	"wardwatch/scoring/chart"
)

// Charts is every chart that may be used: those that are shipped and, over them, a hospital's
// package, which must be signed by the key in keyFile (PEM). An empty dir is no package.
func Charts(dir, keyFile string) (*chart.Library, error) {
	lib, err := chart.Embedded()
	if err != nil || dir == "" {
		return lib, err
	}
	key, err := PublicKey(keyFile)
	if err != nil {
		return nil, err
	}
	pkg, err := chart.OpenPackage(dir, key)
	if err != nil {
		return nil, err
	}
	return lib.With(pkg)
}

// PublicKey reads the key that a chart package is checked against.
func PublicKey(file string) (ed25519.PublicKey, error) {
	if file == "" {
		return nil, errors.New("a chart package needs the signer's public key: give it with --charts-key")
	}
	parsed, err := pemKey(file, "PUBLIC KEY", x509.ParsePKIXPublicKey)
	if err != nil {
		return nil, err
	}
	key, ok := parsed.(ed25519.PublicKey)
	if !ok {
		return nil, fmt.Errorf("%s is not an ed25519 key: make one with `openssl pkey -pubout`", file)
	}
	return key, nil
}

// PrivateKey reads the key that signs a chart package.
func PrivateKey(file string) (ed25519.PrivateKey, error) {
	parsed, err := pemKey(file, "PRIVATE KEY", x509.ParsePKCS8PrivateKey)
	if err != nil {
		return nil, err
	}
	key, ok := parsed.(ed25519.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("%s is not an ed25519 key: make one with `openssl genpkey -algorithm ed25519`", file)
	}
	return key, nil
}

func pemKey(file, kind string, parse func([]byte) (any, error)) (any, error) {
	raw, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(raw)
	if block == nil || block.Type != kind {
		return nil, fmt.Errorf("%s holds no %s in PEM form", file, strings.ToLower(kind))
	}
	key, err := parse(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return key, nil
}
