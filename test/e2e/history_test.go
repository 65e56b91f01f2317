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

// readJournal reads all that a stopped server has kept.
func readJournal(t testing.TB, data string) (readings []ward.Reading, scores []ward.Score) {
	t.Helper()
	j, err := journal.Open(filepath.Join(data, "journal"), journal.Options{Now: time.Now, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	err = j.Read(0, 0, func(_ uint64, r *ward.Reading, s *ward.Score) bool {
		if s != nil {
			scores = append(scores, *s)
			return true
		}
		kept := *r
		kept.Values, kept.Alarms = slices.Clone(r.Values), slices.Clone(r.Alarms)
		readings = append(readings, kept)
		return true
	})
	if err != nil {
		t.Fatal(err)
	}
	return readings, scores
}

// points reads a whole measurement from InfluxDB: "tags time field" to value, tags in order of name.
func points(t testing.TB, address, measurement string) map[string]float64 {
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
				Values  [][]*float64
			}
		}
	}
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		t.Fatal(err)
	}
	out := map[string]float64{}
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
						out[fmt.Sprintf("%s %d %s", strings.Join(tags, ","), int64(*row[0]), s.Columns[i+1])] = *x
					}
				}
			}
		}
	}
	return out
}
