package influx

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"wardwatch/ward"
)

// maxAnswer bounds an answer: a month of minutes is about 3 MB.
const maxAnswer = 64 << 20

// History is a vital's one-minute roll-up of a place, from and to being whole minutes or cut to
// them, to excluded. Minutes without data are left out. It asks in InfluxQL over /query, the one
// read language that InfluxDB 1.8, 2 and 3 share; on 2 the bucket needs a DBRP mapping. Errors are
// *ward.Error with code unavailable.
func (f *Forwarder) History(ctx context.Context, p ward.Place, v ward.Vital, from, to time.Time) ([]ward.Minute, error) {
	from, to = from.Truncate(time.Minute), to.Truncate(time.Minute)
	if v >= ward.NumVitals || !from.Before(to) {
		return nil, nil
	}
	body, err := f.query(ctx, historyQuery(p, v, from, to))
	if err != nil {
		return nil, &ward.Error{Code: ward.Unavailable, Message: "long history cannot be read", Hint: "check that InfluxDB answers /query for database " + f.o.Database, Err: err}
	}
	minutes, err := readMinutes(body, v)
	if err != nil {
		return nil, &ward.Error{Code: ward.Unavailable, Message: "long history cannot be read", Hint: "InfluxDB gave an answer of an unknown shape", Err: err}
	}
	return minutes, nil
}

func historyQuery(p ward.Place, v ward.Vital, from, to time.Time) string {
	field := `"` + v.String() + `"`
	return "SELECT MIN(" + field + "), MAX(" + field + "), MEAN(" + field + "), COUNT(" + field + `) FROM "vitals" WHERE "ward" = ` +
		quote(string(p.Ward)) + ` AND "bed" = ` + quote(string(p.Bed)) +
		" AND time >= " + strconv.FormatInt(from.UnixMilli(), 10) + "ms AND time < " + strconv.FormatInt(to.UnixMilli(), 10) +
		"ms GROUP BY time(1m) fill(none)"
}

// quote writes an InfluxQL string, so that a place can never become a part of the query.
func quote(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`, "\n", `\n`).Replace(s) + "'"
}

func (f *Forwarder) query(ctx context.Context, q string) ([]byte, error) {
	at, err := url.Parse(f.o.URL)
	if err != nil {
		return nil, err
	}
	at = at.JoinPath("query")
	form := url.Values{"db": {f.o.Database}, "epoch": {"ms"}, "q": {q}}
	if _, policy, ok := strings.Cut(f.o.Bucket, "/"); ok {
		form.Set("rp", policy)
	}
	at.RawQuery = form.Encode()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, at.String(), nil)
	if err != nil {
		return nil, err
	}
	if f.o.Token != "" {
		req.Header.Set("Authorization", "Token "+f.o.Token)
	}
	resp, err := f.http.Do(req)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	err = errors.Join(err, resp.Body.Close())
	switch {
	case err != nil:
		return nil, err
	case len(body) > maxAnswer:
		return nil, errors.New("the answer is too long")
	case resp.StatusCode != http.StatusOK:
		return nil, fmt.Errorf("status %s: %s", resp.Status, shorten(strings.TrimSpace(string(body))))
	}
	return body, nil
}

// answer is the shape of /query: one statement, at most one series, rows of time, min, max, mean,
// count.
type answer struct {
	Error   string `json:"error"`
	Results []struct {
		Error  string `json:"error"`
		Series []struct {
			Values [][]*float64 `json:"values"`
		} `json:"series"`
	} `json:"results"`
}

func readMinutes(body []byte, v ward.Vital) ([]ward.Minute, error) {
	var a answer
	if err := json.Unmarshal(body, &a); err != nil {
		return nil, err
	}
	if a.Error != "" {
		return nil, errors.New(a.Error)
	}
	var minutes []ward.Minute
	for _, result := range a.Results {
		if result.Error != "" {
			return nil, errors.New(result.Error)
		}
		for _, series := range result.Series {
			for _, row := range series.Values {
				m, ok := minute(row, v)
				if !ok {
					return nil, fmt.Errorf("a row with %d columns, or an empty one", len(row))
				}
				minutes = append(minutes, m)
			}
		}
	}
	return minutes, nil
}

func minute(row []*float64, v ward.Vital) (m ward.Minute, ok bool) {
	if len(row) != 5 {
		return m, false
	}
	for _, cell := range row {
		if cell == nil {
			return m, false
		}
	}
	return ward.Minute{
		Start: time.UnixMilli(int64(*row[0])).UTC(), Vital: v,
		Min: *row[1], Max: *row[2], Mean: *row[3], Count: uint32(*row[4]),
	}, true
}
