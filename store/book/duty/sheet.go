package duty

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"wardwatch/ward"
)

// Bounds of an imported roster: a month of a large hospital.
const (
	maxRows  = 20_000
	maxBytes = 4 << 20
)

// everyWard stands in a file, and in the record, for a duty of the whole hospital.
const everyWard = "*"

// Row is one line of a roster as it is written: ward and person are still names.
type Row struct {
	Line     int    // of the file, the header being 1
	Ward     string // an id or a name; "*" is the whole hospital
	Role     ward.Role
	Person   string // a login or an id
	From, To time.Time
}

// Refusal is a line that was not taken, and how to mend it.
type Refusal struct {
	Line   int // of the file, the header being 1
	Reason string
}

// ParseCSV reads a duty roster: UTF-8 with or without a mark, separated by commas or, as some
// spreadsheets write it, by semicolons. The header names the columns, in any order, in English or in
// Vietnamese: ward or khoa, role or vai trò, login or person or nhân viên, from or từ, to or đến.
// Duties are written by their ids or their names. Times are RFC 3339, or 2026-11-21 19:00, or
// 21/11/2026 19:00 on the clock of zone, refused when it is nil or when the clock was put forward or
// back then. A line that cannot be used is refused and the rest goes on; an error is returned only
// when no line can be.
func ParseCSV(r io.Reader, zone *time.Location) (rows []Row, refused []Refusal, err error) {
	in := bufio.NewReader(&bounded{r: r, left: maxBytes})
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
		return nil, nil, unread(err, "the file has no header", "begin it with: "+columnNames)
	}
	column, err := columnsOf(header)
	if err != nil {
		return nil, nil, err
	}
	for n := 0; ; n++ {
		record, err := cr.Read()
		if errors.Is(err, io.EOF) {
			return rows, refused, nil
		}
		if n == maxRows {
			return nil, nil, bad(fmt.Sprintf("the file has more than %d lines", maxRows), "split it, for example by month")
		}
		var broken *csv.ParseError
		switch {
		case errors.As(err, &broken):
			refused = append(refused, Refusal{broken.StartLine, "the line is not CSV: put fields with quotes or separators in double quotes"})
			continue
		case err != nil:
			return nil, nil, unread(err, "the file could not be read to its end", "send it again")
		}
		line, _ := cr.FieldPos(0)
		row, err := readRow(record, column, len(header), zone)
		if err != nil {
			refused = append(refused, Refusal{line, reason(err)})
			continue
		}
		row.Line = line
		rows = append(rows, row)
	}
}

// bounded reads no further than so many bytes, and says so when there are more.
type bounded struct {
	r    io.Reader
	left int
}

var errTooLong = bad(fmt.Sprintf("the file is larger than %d MiB", maxBytes>>20), "split it, for example by month")

// Read implements io.Reader.
func (b *bounded) Read(p []byte) (int, error) {
	if b.left == 0 {
		if n, err := b.r.Read(p[:min(1, len(p))]); n == 0 {
			return 0, err
		}
		return 0, errTooLong
	}
	n, err := b.r.Read(p[:min(len(p), b.left)])
	b.left -= n
	return n, err
}

func unread(err error, message, hint string) error {
	var known *ward.Error
	if errors.As(err, &known) {
		return err
	}
	return &ward.Error{Code: ward.BadInput, Message: message, Hint: hint, Err: err}
}

func separatedBySemicolons(start []byte) bool {
	first, _, _ := bytes.Cut(start, []byte("\n"))
	return bytes.Count(first, []byte(";")) > bytes.Count(first, []byte(","))
}

// The columns of a roster, each with the names that it goes by.
const (
	colWard = iota
	colRole
	colPerson
	colFrom
	colTo
	columns
)

const columnNames = "ward,role,login,from,to or khoa,vai_tro,nhan_vien,tu,den"

func columnNamed(name string) (int, bool) {
	switch fold(name) {
	case "ward", "khoa":
		return colWard, true
	case "role", "duty", "vai_tro":
		return colRole, true
	case "login", "person", "nhan_vien":
		return colPerson, true
	case "from", "tu":
		return colFrom, true
	case "to", "den":
		return colTo, true
	}
	return 0, false
}

func columnsOf(header []string) (at [columns]int, err error) {
	for i := range at {
		at[i] = -1
	}
	for i, name := range header {
		c, known := columnNamed(name)
		if !known {
			return at, bad(fmt.Sprintf("unknown column %q", shortened(name)), "the columns are "+columnNames)
		}
		if at[c] >= 0 {
			return at, bad(fmt.Sprintf("the column %q stands twice", shortened(name)), "keep one of them")
		}
		at[c] = i
	}
	for c, name := range []string{"ward", "role", "login", "from", "to"} {
		if at[c] < 0 {
			return at, bad(fmt.Sprintf("the column %q is missing", name), "the columns are "+columnNames)
		}
	}
	return at, nil
}

func readRow(record []string, column [columns]int, width int, zone *time.Location) (row Row, err error) {
	if len(record) != width {
		return row, bad(fmt.Sprintf("the line has %d fields, the header %d", len(record), width), "put fields with separators in double quotes")
	}
	field := func(c int) string { return strings.TrimSpace(record[column[c]]) }
	for _, text := range record {
		if !utf8.ValidString(text) {
			return row, bad("the line is not in UTF-8", "save the file as CSV UTF-8")
		}
	}
	if row.Ward = field(colWard); row.Ward == "" {
		return row, bad("the ward is missing", "write its id, or "+everyWard+" for a duty of the whole hospital")
	}
	if row.Person = field(colPerson); row.Person == "" {
		return row, bad("the person is missing", "write their login")
	}
	var known bool
	if row.Role, known = roleNamed(field(colRole)); !known {
		return row, bad(fmt.Sprintf("%q is not a duty", shortened(field(colRole))), "write one of "+list(roles)+", or its name, for example điều dưỡng or bác sĩ trực")
	}
	if row.From, err = readTime(field(colFrom), zone); err != nil {
		return row, err
	}
	row.To, err = readTime(field(colTo), zone)
	return row, err
}

// reason is an error and its remedy in one line.
func reason(err error) string {
	var known *ward.Error
	if errors.As(err, &known) && known.Hint != "" {
		return known.Message + ": " + known.Hint
	}
	return err.Error()
}

// shortened is a stranger's text at a length that can be shown.
func shortened(text string) string {
	if r := []rune(text); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return text
}
