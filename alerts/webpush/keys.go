package webpush

import (
	"crypto/ecdh"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"strings"
)

// Keys are the server's own key pair, by which a push service knows who sends (VAPID, RFC 8292). Browsers
// are given the public one when they subscribe; with another pair every subscription is void.
type Keys struct {
	Public  string // uncompressed P-256 point, 65 bytes in base64url
	Private string // scalar, 32 bytes in base64url
}

// NewKeys makes a key pair.
func NewKeys() (Keys, error) {
	k, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		return Keys{}, fmt.Errorf("making a VAPID key pair: %w", err)
	}
	return Keys{
		Public:  base64.RawURLEncoding.EncodeToString(k.PublicKey().Bytes()),
		Private: base64.RawURLEncoding.EncodeToString(k.Bytes()),
	}, nil
}

const newPair = "put back the key file that was there, or remove it so that a new pair is made: everybody then turns notifications on again"

// Check reports keys that are not a pair. The error never holds the private one.
func (k Keys) Check() error {
	private, err := unbase64(k.Private)
	if err != nil {
		return bad("the private VAPID key is not base64url", newPair)
	}
	key, err := ecdh.P256().NewPrivateKey(private)
	if err != nil {
		return bad("the private VAPID key is not a P-256 key", newPair)
	}
	public, err := unbase64(k.Public)
	if err != nil || string(public) != string(key.PublicKey().Bytes()) {
		return bad("the public VAPID key does not belong to the private one", newPair)
	}
	return nil
}

// unbase64 reads what browsers and key tools write: base64 with either alphabet, padded or not.
func unbase64(s string) ([]byte, error) {
	s = strings.NewReplacer("+", "-", "/", "_").Replace(strings.TrimRight(s, "="))
	return base64.RawURLEncoding.DecodeString(s)
}

// subscription keys of a browser, checked and in the one form that the library always reads right.
func subscription(p256dh, auth string) (publicKey, secret string, err error) {
	point, err := unbase64(p256dh)
	if err == nil {
		_, err = ecdh.P256().NewPublicKey(point)
	}
	if err != nil {
		return "", "", bad("the subscription's p256dh is not a P-256 public key", subscribeAgain)
	}
	s, err := unbase64(auth)
	if err != nil || len(s) != 16 { // RFC 8291, 3.2
		return "", "", bad("the subscription's auth is not a secret of 16 bytes", subscribeAgain)
	}
	return base64.RawURLEncoding.EncodeToString(point), base64.RawURLEncoding.EncodeToString(s), nil
}

const subscribeAgain = "turn notifications off and on again on that device"
