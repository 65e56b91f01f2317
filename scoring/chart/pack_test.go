package chart

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const packageText = `name: Internal medicine
version: "7"
signed_by: {person: Dr Example, role: head of department, date: 2026-11-21}
`

// keys are made from a fixed seed: the tests need no secret.
func keys(seed byte) (ed25519.PublicKey, ed25519.PrivateKey) {
	private := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, ed25519.SeedSize))
	return private.Public().(ed25519.PublicKey), private
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// signed is a folder with a new chart, a chart in place of ours, and a good signature.
func signed(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	write(t, dir, "package.yaml", packageText)
	write(t, dir, "small.yaml", small)
	ours := string(find(t, "news2").File())
	write(t, dir, "news2.yaml", strings.Replace(ours, "version: rcp-2017", "version: site-7", 1))
	_, private := keys(1)
	if err := SignPackage(dir, private); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestASignedPackageAddsAndReplaces(t *testing.T) {
	public, _ := keys(1)
	pkg, err := OpenPackage(signed(t), public)
	if err != nil {
		t.Fatal(err)
	}
	if pkg.Name != "Internal medicine" || pkg.Version != "7" || pkg.SignedBy.Person != "Dr Example" || pkg.SignedBy.Date.Day() != 21 {
		t.Errorf("got %+v", pkg)
	}
	ours := embedded(t)
	lib, err := ours.With(pkg)
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := lib.Find("small"); !ok || len(lib.IDs()) != len(ours.IDs())+1 {
		t.Errorf("got %v", lib.IDs())
	}
	for _, x := range []struct {
		lib  *Library
		want string
	}{{lib, "site-7"}, {ours, "rcp-2017"}} {
		if c, _ := x.lib.Find("news2"); c.Version() != x.want {
			t.Errorf("version %s, want %s", c.Version(), x.want)
		}
	}
	if _, err := ours.With(Package{}); err == nil {
		t.Error("a package that was never opened was taken")
	}
}

// A changed chart must not pass for the published one: it needs a version of its own.
func TestAChangedChartUnderTheShippedVersion(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "package.yaml", packageText)
	ours := string(find(t, "news2").File())
	write(t, dir, "news2.yaml", strings.Replace(ours, "111–130: 2, ≥131: 3", "111–130: 2, ≥131: 0", 1))
	public, private := keys(1)
	if err := SignPackage(dir, private); err != nil {
		t.Fatal(err)
	}
	pkg, err := OpenPackage(dir, public)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := embedded(t).With(pkg); err == nil || !strings.Contains(err.Error(), "a version of its own") {
		t.Errorf("got %v", err)
	}
}

// Nothing of a package may be used that its signer has not signed as it stands.
func TestTamperedPackagesAreRefused(t *testing.T) {
	public, private := keys(1)
	other, _ := keys(2)
	change := func(t *testing.T, file, from, to string) {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		changed := strings.Replace(string(raw), from, to, 1)
		if changed == string(raw) {
			t.Fatalf("%s has no %q", file, from)
		}
		if err := os.WriteFile(file, []byte(changed), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for what, x := range map[string]struct {
		do   func(t *testing.T, dir string)
		key  ed25519.PublicKey
		says string
	}{
		"another key":        {func(*testing.T, string) {}, other, "not of this key"},
		"no key":             {func(*testing.T, string) {}, nil, "not of this key"},
		"no signature":       {func(t *testing.T, d string) { os.Remove(filepath.Join(d, "package.sig")) }, public, "there is no package.sig"},
		"an empty signature": {func(t *testing.T, d string) { write(t, d, "package.sig", "") }, public, "no signature line"},
		"one point changed":  {func(t *testing.T, d string) { change(t, filepath.Join(d, "news2.yaml"), "≤8: 3", "≤8: 0") }, public, "news2.yaml was changed"},
		"the signer changed": {func(t *testing.T, d string) { change(t, filepath.Join(d, "package.yaml"), "Dr Example", "Dr Other") }, public, "package.yaml was changed"},
		"a chart added":      {func(t *testing.T, d string) { write(t, d, "ratio.yaml", smallValue) }, public, "ratio.yaml was added"},
		"a chart removed":    {func(t *testing.T, d string) { os.Remove(filepath.Join(d, "small.yaml")) }, public, "small.yaml was removed"},
		"the list changed": {func(t *testing.T, d string) {
			change(t, filepath.Join(d, "package.sig"), "small.yaml", "smalk.yaml")
		}, public, "the list it signs was changed"},
		"the list and the chart changed together": {func(t *testing.T, d string) {
			change(t, filepath.Join(d, "small.yaml"), "≤8: 3", "≤8: 1")
			files, err := packageFiles(d)
			if err != nil {
				t.Fatal(err)
			}
			_, sum, _ := strings.Cut(string(files[signatureFile]), sigLine)
			write(t, d, "package.sig", string(manifest(files))+sigLine+sum)
		}, public, "the list it signs was changed"},
		"words after the signature": {func(t *testing.T, d string) {
			raw, _ := os.ReadFile(filepath.Join(d, "package.sig"))
			write(t, d, "package.sig", string(raw)+"more\n")
		}, public, "not of this key"},
	} {
		dir := signed(t)
		x.do(t, dir)
		pkg, err := OpenPackage(dir, x.key)
		if !errors.Is(err, ErrSignature) || !strings.Contains(err.Error(), x.says) || len(pkg.charts) != 0 {
			t.Errorf("%s: want a refusal that says %q, got %v", what, x.says, err)
		}
	}
	if err := SignPackage(t.TempDir(), nil); err == nil {
		t.Error("signed without a key")
	}
	if err := SignPackage(filepath.Join(t.TempDir(), "none"), private); err == nil {
		t.Error("signed a folder that is not there")
	}
}

// A package whose charts are wrong is not signed and not opened.
func TestPackagesThatAreNotGood(t *testing.T) {
	_, private := keys(1)
	for what, x := range map[string]struct {
		files map[string]string
		says  string
	}{
		"no package.yaml":     {map[string]string{"small.yaml": small}, "there is no package.yaml"},
		"no charts":           {map[string]string{"package.yaml": packageText}, "holds no charts"},
		"another name":        {map[string]string{"package.yaml": packageText, "other.yaml": small}, "name the file after it"},
		"a broken chart":      {map[string]string{"package.yaml": packageText, "small.yaml": strings.Replace(small, "≤8: 3, 9–20", "≤8: 3, 10–20", 1)}, "small.yaml:17: there is a gap"},
		"a stranger":          {map[string]string{"package.yaml": packageText, "small.yaml": small, "notes.txt": "hello"}, `"notes.txt" does not belong`},
		"no signer":           {map[string]string{"package.yaml": "name: a\nversion: b\n", "small.yaml": small}, `lacks "signed_by"`},
		"no person":           {map[string]string{"package.yaml": strings.Replace(packageText, "person: Dr Example, ", "", 1), "small.yaml": small}, `lacks "person"`},
		"a date that is none": {map[string]string{"package.yaml": strings.Replace(packageText, "2026-11-21", "yesterday", 1), "small.yaml": small}, "year-month-day"},
		"a file too long":     {map[string]string{"package.yaml": packageText, "small.yaml": strings.Repeat("#", maxFile+1)}, "over"},
	} {
		dir := t.TempDir()
		for name, text := range x.files {
			write(t, dir, name, text)
		}
		if err := SignPackage(dir, private); err == nil || !strings.Contains(err.Error(), x.says) {
			t.Errorf("%s: want %q, got %v", what, x.says, err)
		}
		if _, err := CheckPackage(dir); err == nil || !strings.Contains(err.Error(), x.says) {
			t.Errorf("%s: check: want %q, got %v", what, x.says, err)
		}
		if _, err := os.Stat(filepath.Join(dir, signatureFile)); err == nil {
			t.Errorf("%s: was signed", what)
		}
	}
	dir := signed(t)
	if err := os.Mkdir(filepath.Join(dir, "more.yaml"), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := CheckPackage(dir); err == nil || !strings.Contains(err.Error(), "does not belong") {
		t.Errorf("a folder inside was taken: %v", err)
	}
}
