package web

import (
	"bytes"
	"compress/gzip"
	"io"
	"io/fs"
	"regexp"
	"testing"
)

// budget is what the whole front end may weigh on the wire, in bytes.
const budget = 60_000

func TestTheBuildIsThereAndLight(t *testing.T) {
	var total int
	err := fs.WalkDir(Files(), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		body, err := fs.ReadFile(Files(), name)
		if err != nil {
			return err
		}
		var small bytes.Buffer
		z, err := gzip.NewWriterLevel(&small, gzip.BestCompression)
		if err != nil {
			return err
		}
		if _, err := io.Copy(z, bytes.NewReader(body)); err != nil {
			return err
		}
		if err := z.Close(); err != nil {
			return err
		}
		total += small.Len()
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if total > budget {
		t.Errorf("the front end weighs %d bytes gzipped, over its budget of %d", total, budget)
	}
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
