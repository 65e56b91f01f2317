// Package signin says who is asking: passwords, browser sessions, tokens of programs, and the
// brakes on guessing. It knows nothing of HTTP.
package signin

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"

	"wardwatch/ward"
)

// Cost of one password hash: OWASP's first choice of 2023 for argon2id (19 MiB, two passes, one
// lane), about 30 ms on one core here.
const (
	memoryKiB = 19 * 1024
	passes    = 2
	lanes     = 1
	saltBytes = 16
	keyBytes  = 32
)

// Bounds of a password. The upper one keeps a sign-in from hashing megabytes.
const (
	minPassword = 8   // characters
	maxPassword = 256 // bytes
)

// HashPassword is the argon2id hash of a password in PHC form. A password that is too short or
// too long is refused with a *ward.Error.
func HashPassword(password string) (string, error) {
	if utf8.RuneCountInString(password) < minPassword || len(password) > maxPassword {
		return "", &ward.Error{Code: ward.BadInput, Message: "the password is too short or too long",
			Hint: fmt.Sprintf("choose one of at least %d characters and at most %d bytes; a sentence is good", minPassword, maxPassword)}
	}
	salt := make([]byte, saltBytes)
	_, _ = rand.Read(salt) // never fails: crypto/rand ends the program instead
	key := argon2.IDKey([]byte(password), salt, passes, memoryKiB, lanes, keyBytes)
	enc := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, memoryKiB, passes, lanes, enc.EncodeToString(salt), enc.EncodeToString(key)), nil
}

// CheckPassword reports whether password has this hash. A hash that cannot be read fits nothing.
func CheckPassword(hash, password string) bool {
	var version, memory, t, p int
	parts := strings.Split(hash, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || len(password) > maxPassword {
		return false
	}
	if _, err := fmt.Sscanf(parts[2], "v=%d", &version); err != nil || version != argon2.Version {
		return false
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &memory, &t, &p); err != nil {
		return false
	}
	// A hash from elsewhere may cost more than ours, but not without bound.
	if memory < 8 || memory > 1<<20 || t < 1 || t > 64 || p < 1 || p > 64 {
		return false
	}
	salt, err := base64.RawStdEncoding.DecodeString(parts[4])
	if err != nil {
		return false
	}
	want, err := base64.RawStdEncoding.DecodeString(parts[5])
	if err != nil || len(want) < 16 || len(want) > 128 {
		return false
	}
	got := argon2.IDKey([]byte(password), salt, uint32(t), uint32(memory), uint8(p), uint32(len(want)))
	return subtle.ConstantTimeCompare(got, want) == 1
}
