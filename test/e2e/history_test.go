//go:build e2e

package e2e

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"wardwatch/store/journal"
	"wardwatch/ward"
)

// readJournal reads the readings and scores that a stopped server has kept.
func readJournal(t testing.TB, data string) (readings []ward.Reading, scores []ward.Score) {
	t.Helper()
	eachRecord(t, data, func(r ward.Record) {
		switch {
		case r.Score != nil:
			scores = append(scores, *r.Score)
		case r.Reading != nil:
			kept := *r.Reading
			kept.Values, kept.Alarms = slices.Clone(kept.Values), slices.Clone(kept.Alarms)
			readings = append(readings, kept)
		}
	})
	return readings, scores
}

// readRisks reads what the models said of each person, as a stopped server has kept it.
func readRisks(t testing.TB, data string) (said []ward.Assessment) {
	t.Helper()
	eachRecord(t, data, func(r ward.Record) {
		if r.Assessment != nil {
			said = append(said, *r.Assessment)
		}
	})
	return said
}

// eachRecord goes through all that a stopped server has kept, in order. What a record points to is
// good only within fn.
func eachRecord(t testing.TB, data string, fn func(ward.Record)) {
	t.Helper()
	j, err := journal.Open(filepath.Join(data, "journal"), journal.Options{Now: time.Now, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	err = j.Read(0, 0, func(_ uint64, r ward.Record) bool { fn(r); return true })
	if err != nil {
		t.Fatal(err)
	}
}

// points reads a whole measurement from InfluxDB: "tags time field" to its number or text, tags in
// order of name.
func points(t testing.TB, address, measurement string) map[string]any {
	t.Helper()
	form := url.Values{"db": {"wardwatch"}, "epoch": {"ms"}, "q": {fmt.Sprintf(`SELECT * FROM "%s" GROUP BY *`, measurement)}}
	resp, err := http.Get(address + "/query?" + form.Encode())
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var answer struct {
		Results []struct {
			Error  string
			Series []struct {
				Tags    map[string]string
				Columns []string
				Values  [][]any
			}
		}
	}
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		t.Fatal(err)
	}
	out := map[string]any{}
	for _, r := range answer.Results {
		if r.Error != "" {
			t.Fatal(r.Error)
		}
		for _, s := range r.Series {
			var tags []string
			for _, name := range slices.Sorted(maps.Keys(s.Tags)) {
				tags = append(tags, name+"="+s.Tags[name])
			}
			for _, row := range s.Values {
				for i, x := range row[1:] {
					if x != nil {
						out[fmt.Sprintf("%s %.0f %s", strings.Join(tags, ","), row[0], s.Columns[i+1])] = x
					}
				}
			}
		}
	}
	return out
}
