package dashboard

import (
	"encoding/csv"
	"strings"
	"testing"
	"time"
)

func TestImagingRecord(t *testing.T) {
	h := open(t, nil)
	get := func(query string) answer {
		return h.do(ask{method: "GET", path: "/api/v1/imaging/quality" + query, as: "p-administrator"})
	}
	r := decode[ImagingQualityReply](t, get("?ward=icu&by=device"))
	if r.Ward != "icu" || r.By != "device" || *r.To != noon.UnixMilli() || *r.From != noon.Add(-recordDefault).UnixMilli() || len(r.Agreement) != 2 || r.Refused == nil || r.Drift == nil {
		t.Errorf("%+v", r)
	}
	if h.imaging.asked.By != "device" || h.imaging.asked.Ward != "icu" || !h.imaging.asked.To.Equal(noon) {
		t.Errorf("%+v", h.imaging.asked)
	}
	for _, query := range []string{"?by=nurse", "?ward=no.ward", "?from=x", "?from=2&to=1", "?from=1"} {
		if a := get(query); a.status != 400 {
			t.Errorf("%s: %d %s", query, a.status, a.body)
		}
	}
	if a := get(""); a.status != 200 || h.imaging.asked.Ward != "" {
		t.Errorf("every ward: %d", a.status)
	}
	if a := h.do(ask{method: "GET", path: "/api/v1/imaging/quality", as: "p-elsewhere"}); a.status != 403 {
		t.Errorf("every ward, by somebody who works on one: %d", a.status)
	}
}

func (h *house) table(path string) [][]string {
	a := h.do(ask{method: "GET", path: path, as: "p-doctor"})
	if !strings.HasPrefix(a.head.Get("Content-Type"), "text/csv") || !strings.Contains(a.head.Get("Content-Disposition"), "attachment") {
		h.t.Errorf("%s: %v", path, a.head)
	}
	rows, err := csv.NewReader(strings.NewReader(a.body)).ReadAll() // refuses rows of different lengths
	if err != nil {
		h.t.Fatalf("%s: %v in %s", path, err, a.body)
	}
	return rows
}

// column is the cells of a column by its head.
func column(t *testing.T, rows [][]string, head string) (out []string) {
	t.Helper()
	for i, name := range rows[0] {
		if name == head {
			for _, r := range rows[1:] {
				out = append(out, r[i])
			}
			return out
		}
	}
	t.Fatalf("no column %s in %v", head, rows[0])
	return nil
}

func TestImagingQualityAsCSV(t *testing.T) {
	h := open(t, nil)
	rows := h.table("/api/v1/imaging/quality.csv?by=model")
	for head, want := range map[string]string{
		"model": "cxr cxr other", "n": "4 4 ", "tp": "1 0 ", "sensitivity": "0.5  ", "label": "'=1+1  ",
		"studies": "9  1", "result_p50_s": "3600  ", "unseen": "2  0",
	} {
		if got := strings.Join(column(t, rows, head), " "); got != want {
			t.Errorf("%s is %q, want %q", head, got, want)
		}
	}
	if h.book.recorded("imaging.quality") != 1 {
		t.Error("who took the file was not recorded")
	}
}

// The list of errors is to learn from: it says nothing of who it is.
func TestImagingErrorsAsCSV(t *testing.T) {
	h := open(t, nil)
	rows := h.table("/api/v1/imaging/errors.csv")
	all := strings.Join(rows[1], ",")
	if strings.Contains(all, "SECRET") || strings.Contains(all, "s1") || strings.Contains(all, "1.2.3") {
		t.Errorf("it says who it is: %s", all)
	}
	for head, want := range map[string]string{"finding": "f1", "person": "p7", "age": "", "sex": "female", "taken": noon.Add(-3 * time.Hour).Format(time.DateOnly), "score": "0.8", "ai": "true", "radiologist": "false"} {
		if got := column(t, rows, head)[0]; got != want {
			t.Errorf("%s is %q, want %q", head, got, want)
		}
	}
}
