package web

import (
	"bytes"
	"compress/gzip"
	"io/fs"
	"path"
	"regexp"
	"testing"
)

// What may be on the wire, gzipped, in bytes: all that the board needs before it is there, what comes
// after it in a quiet moment, and what only a telephone that is told of alerts fetches.
const (
	firstBudget = 60_000
	laterBudget = 48_000
	phoneBudget = 24_000
)

// ofPhone is what a telephone alone fetches: its pages, the service worker, the manifest and its icons.
var ofPhone = regexp.MustCompile(`^(sw\.js|manifest\.webmanifest|(icon|badge)-\d+\.png|assets/PhonePage.*)$`)

func TestTheBuildIsThereAndLight(t *testing.T) {
	page, err := fs.ReadFile(Files(), "index.html")
	if err != nil {
		t.Fatal(err)
	}
	first, later, phone := 0, 0, 0
	err = fs.WalkDir(Files(), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		body, err := fs.ReadFile(Files(), name)
		if err != nil {
			return err
		}
		script := path.Ext(name) == ".js" || path.Ext(name) == ".css"
		switch {
		case ofPhone.MatchString(name):
			phone += onTheWire(t, body)
		case script && !bytes.Contains(page, []byte(path.Base(name))):
			later += onTheWire(t, body)
		default:
			first += onTheWire(t, body)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if first > firstBudget || later > laterBudget || phone > phoneBudget {
		t.Errorf("gzipped, the board weighs %d bytes of at most %d, what comes after it %d of %d, and what a telephone needs besides %d of %d",
			first, firstBudget, later, laterBudget, phone, phoneBudget)
	}
}

func TestTheServiceWorkerKeepsFilesOfTheBuildAlone(t *testing.T) {
	worker, err := fs.ReadFile(Files(), "sw.js")
	if err != nil {
		t.Fatal(err)
	}
	list := regexp.MustCompile(`"files":\[([^\]]*)\]`).FindSubmatch(worker)
	if list == nil {
		t.Fatal("the service worker has no list of files: run npm run build")
	}
	files := regexp.MustCompile(`"/([^"]+)"`).FindAllSubmatch(list[1], -1)
	if len(files) < 5 {
		t.Errorf("the service worker keeps only %d files: the phone's pages would not open without a network", len(files))
	}
	for _, m := range files {
		if _, err := fs.Stat(Files(), string(m[1])); err != nil {
			t.Errorf("the service worker keeps what is not of the build, so it would never be installed: %v", err)
		}
	}
}

// onTheWire is the size of a file as it is sent.
func onTheWire(t *testing.T, body []byte) int {
	t.Helper()
	var small bytes.Buffer
	z, err := gzip.NewWriterLevel(&small, gzip.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := z.Write(body); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return small.Len()
}

func TestThePageNamesFilesThatExistAndHoldsNothingInline(t *testing.T) {
	page, err := fs.ReadFile(Files(), "index.html")
	if err != nil {
		t.Fatal(err)
	}
	if regexp.MustCompile(`<script>|<script [^s>]*>[^<]|<style|\sstyle=`).Match(page) {
		t.Error("index.html holds an inline script or style, which the content security policy forbids")
	}
	named := regexp.MustCompile(`(?:src|href)="/([^"]+)"`).FindAllSubmatch(page, -1)
	if len(named) < 2 {
		t.Fatalf("index.html names %d files; it needs a script and a style at least: run npm run build", len(named))
	}
	for _, m := range named {
		if _, err := fs.Stat(Files(), string(m[1])); err != nil {
			t.Errorf("index.html names a file that is not in dist: %v", err)
		}
	}
}
