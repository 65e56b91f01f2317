package incident

import (
	"archive/zip"
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"wardwatch/ward"
)

// Verdict is what a check of a file found.
type Verdict struct {
	Manifest Manifest
	Faults   []string // empty: every byte is as it was signed
	Known    bool     // the key is one of those that were given
	Shown    int      // audit rows that are there in full
	Hidden   int      // those that are there by their hash alone
}

// maxManifest bounds what is read of a file that may be anything.
const maxManifest = 64 << 20

// Verify checks a file of size bytes: the seal of the whole, the signature of the manifest, each
// file's hash and the audit's chain. keys are those to be trusted; without any, only that the file
// fits the key it names is known. An error means that it is no such file at all.
func Verify(r io.ReaderAt, size int64, keys ...ed25519.PublicKey) (v Verdict, err error) {
	z, err := zip.NewReader(r, size)
	if err != nil {
		return v, &ward.Error{Code: ward.BadInput, Message: "this is not an incident file, or its end was changed or cut off", Hint: "get the file again from where it was made", Err: err}
	}
	raw, err := manifestOf(z)
	if err != nil {
		return v, &ward.Error{Code: ward.BadInput, Message: "the file has no manifest that can be read", Hint: "get the file again from where it was made", Err: err}
	}
	if err := json.Unmarshal(raw, &v.Manifest); err != nil {
		return v, &ward.Error{Code: ward.BadInput, Message: manifestName + " was changed: it cannot be read any more", Hint: "get the file again from where it was made", Err: err}
	}
	key, err := hex.DecodeString(v.Manifest.Key)
	if err != nil || len(key) != ed25519.PublicKeySize {
		v.fault("%s names no usable key", manifestName)
		return v, nil
	}
	v.Known = slices.ContainsFunc(keys, func(k ed25519.PublicKey) bool { return k.Equal(ed25519.PublicKey(key)) })
	if len(keys) > 0 && !v.Known {
		v.fault("%s was signed by another key than the hospital's: anybody could have made this file", manifestName)
	}
	v.signature(z, key, raw)
	v.files(z)
	v.chain(z, key)
	v.whole(r, size, z.Comment, key)
	return v, nil
}

func (v *Verdict) fault(format string, args ...any) {
	v.Faults = append(v.Faults, fmt.Sprintf(format, args...))
}

func manifestOf(z *zip.Reader) ([]byte, error) {
	f, err := z.Open(manifestName)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, maxManifest))
	if errors.Is(err, zip.ErrChecksum) { // it is named by its signature
		err = nil
	}
	return raw, err
}

func (v *Verdict) signature(z *zip.Reader, key ed25519.PublicKey, raw []byte) {
	f, err := z.Open(signatureName)
	if err != nil {
		v.fault("%s is missing", signatureName)
		return
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, 4096))
	signature, bad := base64.StdEncoding.DecodeString(strings.TrimSuffix(string(text), "\n"))
	switch {
	case err != nil || bad != nil:
		v.fault("%s was changed", signatureName)
	case !ed25519.Verify(key, append([]byte(signedWords), raw...), signature):
		v.fault("%s does not fit its signature: it was changed, or %s was", manifestName, signatureName)
	}
}

// files compares what is there with what the manifest lists.
func (v *Verdict) files(z *zip.Reader) {
	there := map[string]*zip.File{}
	for _, f := range z.File {
		if there[f.Name] != nil {
			v.fault("%s is there twice", f.Name)
		}
		there[f.Name] = f
	}
	for _, want := range v.Manifest.Files {
		f := there[want.Name]
		delete(there, want.Name)
		if f == nil {
			v.fault("%s is missing", want.Name)
			continue
		}
		sum := &counting{sum: sha256.New()}
		if err := copyFile(sum, f, want.Bytes); err != nil || sum.n != want.Bytes || hex.EncodeToString(sum.sum.Sum(nil)) != want.SHA256 {
			v.fault("%s was changed", want.Name)
		}
	}
	delete(there, manifestName)
	delete(there, signatureName)
	for name := range there {
		v.fault("%s was added", name)
	}
}

// copyFile reads a file and no more than one byte over what it should have.
func copyFile(w io.Writer, f *zip.File, size int64) error {
	r, err := f.Open()
	if err != nil {
		return err
	}
	defer r.Close()
	_, err = io.Copy(w, io.LimitReader(r, size+1))
	return err
}

// whole checks the seal: whatever was changed outside of the files shows here.
func (v *Verdict) whole(r io.ReaderAt, size int64, comment string, key ed25519.PublicKey) {
	if len(comment) != sealBytes || !strings.HasPrefix(comment, sealMark) {
		v.fault("the archive's seal was changed or is missing")
		return
	}
	sum := sha256.New()
	if _, err := io.Copy(sum, io.NewSectionReader(r, 0, size-int64(sealBytes))); err != nil {
		v.fault("the archive cannot be read through: %v", err)
		return
	}
	text, _, _ := strings.Cut(strings.TrimPrefix(comment, sealMark), " ")
	said, _ := hex.DecodeString(text)
	signature, _ := hex.DecodeString(comment[len(sealMark)+2*sha256.Size+1:])
	switch {
	case comment != sealText(said, signature) || !ed25519.Verify(key, append([]byte(sealWords), said...), signature):
		v.fault("the archive's seal was changed")
	case !bytes.Equal(said, sum.Sum(nil)) && len(v.Faults) == 0:
		v.fault("the archive's own structure was changed, outside of its files")
	}
}
