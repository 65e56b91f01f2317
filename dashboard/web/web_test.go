package web

import (
	"bytes"
	"compress/gzip"
	"io/fs"
	"path"
	"regexp"
	"testing"
)

// What may be on the wire, gzipped, in bytes: all that the board needs before it is there, and the scripts
// that come after it in a quiet moment.
const (
	firstBudget = 60_000
	laterBudget = 20_000
)

func TestTheBuildIsThereAndLight(t *testing.T) {
	page, err := fs.ReadFile(Files(), "index.html")
	if err != nil {
		t.Fatal(err)
	}
	first, later := 0, 0
	err = fs.WalkDir(Files(), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		body, err := fs.ReadFile(Files(), name)
		if err != nil {
			return err
		}
		if path.Ext(name) == ".js" && !bytes.Contains(page, []byte(path.Base(name))) {
			later += onTheWire(t, body)
		} else {
			first += onTheWire(t, body)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if first > firstBudget || later > laterBudget {
		t.Errorf("gzipped, the board weighs %d bytes of at most %d, and what comes after it %d of %d", first, firstBudget, later, laterBudget)
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
