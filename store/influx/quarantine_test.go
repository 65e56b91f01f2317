package influx

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"
)

func quarantined(t *testing.T, f *Forwarder) (lines []refusal) {
	t.Helper()
	file, err := os.Open(f.quarantine.path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for s := bufio.NewScanner(file); s.Scan(); {
		var r refusal
		if err := json.Unmarshal(s.Bytes(), &r); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, r)
	}
	return lines
}

func TestTheQuarantineIsBounded(t *testing.T) {
	q := newQuarantine(t.TempDir())
	q.max = 1000
	for i := range 50 {
		if err := q.add(at, 400, strings.Repeat("reason ", 1000), []byte(fmt.Sprintf("line %d\n", i))); err != nil {
			t.Fatal(err)
		}
	}
	if err := q.close(); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{q.path, q.path + ".old"} {
		info, err := os.Stat(path)
		if err != nil || info.Size() > q.max || info.Size() == 0 {
			t.Errorf("%s: %v %v", path, info, err)
		}
	}
	if q.givenUp == 0 {
		t.Error("what was given up is not counted")
	}
}

func TestALineIsKeptWhileTheQuarantineCannotBeWritten(t *testing.T) {
	s, b, dir := serve(t), &book{}, t.TempDir()
	b.add(1)
	s.answer = func(int, []string) (int, http.Header, string) { return 400, nil, "bad" }
	f := forwarder(t, s, b, dir)
	if err := os.Mkdir(f.quarantine.path, 0o700); err != nil {
		t.Fatal(err)
	}
	f.sleep = func(context.Context, time.Duration) error { return os.Remove(f.quarantine.path) }
	drain(t, f, b)
	if len(quarantined(t, f)) != 1 {
		t.Error("the line is gone")
	}
}
