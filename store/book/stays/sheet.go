package stays

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"wardwatch/ward"
)

// maxRows bounds an imported file: more people than the largest hospital has beds.
const maxRows = 5_000

// required are the columns every file has; optional ones may be left out.
var (
	required = []string{"hospital_id", "family_name", "given_name", "birth_date", "sex", "ward", "bed", "admitted"}
	optional = []string{"pregnancy", "scale", "scale_prescriber", "scale_reason"}
)

// line is one person of an imported file, or why it cannot be one.
type line struct {
	number     int // of the line in the file, the header being 1
	stay       ward.Stay
	prescriber string // login
	err        error
}

// readSheet reads a CSV file of stays: UTF-8 with or without a mark, separated by commas or, as
// some spreadsheets write it, by semicolons. A line that cannot be used carries its error and the
// rest goes on; an error is returned only when no line can be.
func readSheet(r io.Reader, zone *time.Location) ([]line, error) {
	in := bufio.NewReader(r)
	if mark, _ := in.Peek(3); bytes.Equal(mark, []byte("\xef\xbb\xbf")) {
		in.Discard(3)
	}
	cr := csv.NewReader(in)
	cr.FieldsPerRecord = -1 // judged line by line
	cr.TrimLeadingSpace = true
	if first, _ := in.Peek(512); separatedBySemicolons(first) {
		cr.Comma = ';'
	}
	header, err := cr.Read()
	if err != nil {
		return nil, &ward.Error{Code: ward.BadInput, Message: "the file has no header", Hint: "begin it with: " + strings.Join(required, ","), Err: err}
	}
	column, err := columnsOf(header)
	if err != nil {
		return nil, err
	}
	var lines []line
	for {
		record, err := cr.Read()
		if errors.Is(err, io.EOF) {
			return lines, nil
		}
		if len(lines) == maxRows {
			return nil, bad(fmt.Sprintf("the file has more than %d lines", maxRows), "split it")
		}
		l := line{}
		var broken *csv.ParseError
		switch {
		case errors.As(err, &broken):
			l.number, l.err = broken.StartLine, bad("the line is not CSV: "+broken.Err.Error(), "put fields with quotes or separators in double quotes")
		case err != nil:
			return nil, &ward.Error{Code: ward.BadInput, Message: "the file could not be read to its end", Hint: "send it again", Err: err}
		default:
			l.number, _ = cr.FieldPos(0)
			l.read(record, column, len(header), zone)
		}
		lines = append(lines, l)
	}
}

func separatedBySemicolons(start []byte) bool {
	first, _, _ := bytes.Cut(start, []byte("\n"))
	return bytes.Count(first, []byte(";")) > bytes.Count(first, []byte(","))
}

func columnsOf(header []string) (map[string]int, error) {
	column := make(map[string]int, len(header))
	for i, name := range header {
		name = strings.ToLower(strings.TrimSpace(name))
		if !slices.Contains(required, name) && !slices.Contains(optional, name) {
			return nil, bad(fmt.Sprintf("unknown column %q", name), "the columns are "+strings.Join(required, ",")+" and, if wanted, "+strings.Join(optional, ","))
		}
		if _, twice := column[name]; twice {
			return nil, bad(fmt.Sprintf("the column %q stands twice", name), "keep one of them")
		}
		column[name] = i
	}
	for _, name := range required {
		if _, ok := column[name]; !ok {
			return nil, bad(fmt.Sprintf("the column %q is missing", name), "the columns are "+strings.Join(required, ","))
		}
	}
	return column, nil
}

func (l *line) read(record []string, column map[string]int, width int, zone *time.Location) {
	if len(record) != width {
		l.err = bad(fmt.Sprintf("the line has %d fields, the header %d", len(record), width), "put fields with separators in double quotes")
		return
	}
	field := func(name string) string {
		if i, ok := column[name]; ok {
			return strings.TrimSpace(record[i])
		}
		return ""
	}
	for _, text := range record {
		if !utf8.ValidString(text) {
			l.err = bad("the line is not in UTF-8", "save the file as CSV UTF-8")
			return
		}
	}
	s := &l.stay
	s.HospitalID, s.FamilyName, s.GivenName = field("hospital_id"), field("family_name"), field("given_name")
	s.Sex, s.Pregnancy = ward.Sex(field("sex")), ward.Pregnancy(field("pregnancy"))
	s.Place = ward.Place{Ward: ward.WardID(field("ward")), Bed: ward.BedID(field("bed"))}
	s.Scale.Reason, l.prescriber = field("scale_reason"), field("scale_prescriber")
	if s.HospitalID == "" {
		l.err = bad("the hospital number is missing", "without it the same person cannot be recognised in the next file")
		return
	}
	l.err = errors.Join(readBirth(field("birth_date"), &s.BirthDate), readWhen(field("admitted"), zone, &s.Admitted), readScale(field("scale"), &s.Scale.Number))
}

func readBirth(text string, out *time.Time) error {
	if text == "" {
		return nil
	}
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return bad("the birth date is not a date", "write it as YYYY-MM-DD, or leave it empty")
	}
	*out = t
	return nil
}

func readWhen(text string, zone *time.Location, out *time.Time) (err error) {
	if text == "" {
		return nil
	}
	if *out, err = time.Parse(time.RFC3339, text); err == nil {
		return nil
	}
	if zone != nil {
		for _, layout := range []string{time.DateTime, "2006-01-02 15:04", "2006-01-02T15:04:05", "2006-01-02T15:04"} {
			if *out, err = time.ParseInLocation(layout, text, zone); err == nil {
				return nil
			}
		}
	}
	return bad(fmt.Sprintf("the time of admission %q cannot be read", text), "write it as 2026-11-21T08:15:00+07:00, or leave it empty for now")
}

func readScale(text string, out *int) (err error) {
	if text == "" {
		return nil
	}
	if *out, err = strconv.Atoi(text); err != nil || *out < 1 || *out > 2 {
		return bad(fmt.Sprintf("the SpO2 scale %q is not 1 or 2", text), "write 1 or 2, or leave it empty")
	}
	return nil
}
