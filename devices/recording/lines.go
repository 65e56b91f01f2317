package recording

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

const (
	maxLine = 1 << 20
	maxRead = 64 << 10 // at once from a gzipped file, so that progress is told often
)

var errEnd = errors.New("end of file")

// lines splits a CSV file into rows of fields, line by line. A quoted field may hold commas but no
// line break: with encoding/csv one stray quote would swallow the rest of the file.
type lines struct {
	file   io.Closer
	in     *bufio.Reader
	row    int64 // line last returned, from 1
	fields [][]byte
}

// progress is told how much of a file has been read; see Options.Progress.
type progress func(read, size int64)

func openLines(path string, told progress) (*lines, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("recording: %w", err)
	}
	in, err := unzipped(watched(f, told), strings.HasSuffix(strings.ToLower(path), ".gz"))
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("recording: %s: %w", path, err)
	}
	return &lines{file: f, in: in}, nil
}

// tally tells how much has been read.
type tally struct {
	io.Reader
	read, size int64
	told       progress
}

func (t *tally) Read(into []byte) (int, error) {
	n, err := t.Reader.Read(into)
	t.read += int64(n)
	t.told(t.read, t.size)
	return n, err
}

func watched(f *os.File, told progress) io.Reader {
	if told == nil {
		return f
	}
	t := &tally{Reader: f, told: told}
	if info, err := f.Stat(); err == nil && info.Mode().IsRegular() {
		t.size = info.Size()
	}
	return t
}

// unzipped recognises gzip by its first two bytes; a name in .gz must keep its word.
func unzipped(f io.Reader, named bool) (*bufio.Reader, error) {
	in := bufio.NewReaderSize(f, maxRead)
	magic, err := in.Peek(2)
	if err != nil && err != io.EOF {
		return nil, err
	}
	if !bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		if named {
			return nil, errors.New("named .gz but not gzipped: rename it, or gzip it")
		}
		return bufio.NewReaderSize(in, maxLine), nil
	}
	z, err := gzip.NewReader(in)
	if err != nil {
		return nil, err
	}
	return bufio.NewReaderSize(z, maxLine), nil
}

func (l *lines) close() { l.file.Close() }

// header is the first line's column names, copied.
func (l *lines) header() ([]string, error) {
	fields, err := l.next()
	if err == errEnd {
		return nil, errors.New("the file is empty")
	}
	if err != nil {
		return nil, err
	}
	names := make([]string, len(fields))
	for i, f := range fields {
		if i == 0 {
			f = bytes.TrimPrefix(f, []byte("\ufeff"))
		}
		names[i] = strings.TrimSpace(string(f))
	}
	return names, nil
}

// next is the fields of the next line that is not blank, valid until the one after. A line that
// cannot be split is a *RowError; errEnd is the end.
func (l *lines) next() ([][]byte, error) {
	line, err := l.line()
	if err != nil {
		return nil, err
	}
	return l.split(line)
}

// field is only the k-th field of that line; nil where the line has not just n of them.
func (l *lines) field(k, n int) ([]byte, error) {
	line, err := l.line()
	if err != nil {
		return nil, err
	}
	if bytes.IndexByte(line, '"') >= 0 {
		fields, err := l.splitQuoted(line)
		if err != nil || len(fields) != n {
			return nil, err
		}
		return fields[k], nil
	}
	if bytes.Count(line, []byte{','})+1 != n {
		return nil, nil
	}
	for range k {
		line = line[bytes.IndexByte(line, ',')+1:]
	}
	if end := bytes.IndexByte(line, ','); end >= 0 {
		line = line[:end]
	}
	return line, nil
}

// line is the next line that is not blank.
func (l *lines) line() ([]byte, error) {
	for {
		line, err := l.in.ReadSlice('\n')
		if err == bufio.ErrBufferFull {
			l.row++
			return nil, l.skipLine()
		}
		if err != nil && err != io.EOF {
			return nil, err
		}
		if len(line) == 0 && err == io.EOF {
			return nil, errEnd
		}
		l.row++
		if line = bytes.TrimRight(line, "\r\n"); len(line) > 0 {
			return line, nil
		}
	}
}

// skipLine passes over the rest of a line that does not fit.
func (l *lines) skipLine() error {
	for {
		_, err := l.in.ReadSlice('\n')
		switch err {
		case nil, io.EOF:
			return &RowError{Row: l.row, Reason: TooLong}
		case bufio.ErrBufferFull:
		default:
			return err
		}
	}
}

func (l *lines) split(line []byte) ([][]byte, error) {
	if bytes.IndexByte(line, '"') >= 0 {
		return l.splitQuoted(line)
	}
	l.fields = l.fields[:0]
	from := 0
	for i, c := range line { // most fields are too short for IndexByte to pay
		if c == ',' {
			l.fields = append(l.fields, line[from:i])
			from = i + 1
		}
	}
	l.fields = append(l.fields, line[from:])
	return l.fields, nil
}

// splitQuoted follows RFC 4180, section 2, rules 5 to 7, within one line.
func (l *lines) splitQuoted(line []byte) ([][]byte, error) {
	l.fields = l.fields[:0]
	for {
		var field []byte
		if len(line) > 0 && line[0] == '"' {
			var ok bool
			if field, line, ok = unquote(line[1:]); !ok {
				return nil, &RowError{Row: l.row, Reason: BrokenQuotes}
			}
		} else {
			i := bytes.IndexByte(line, ',')
			if i < 0 {
				i = len(line)
			}
			field, line = line[:i], line[i:]
			if bytes.IndexByte(field, '"') >= 0 {
				return nil, &RowError{Row: l.row, Reason: BrokenQuotes}
			}
		}
		l.fields = append(l.fields, field)
		if len(line) == 0 {
			return l.fields, nil
		}
		line = line[1:] // the comma
	}
}

// unquote reads up to the closing quote; rest is empty or begins with a comma.
func unquote(s []byte) (field, rest []byte, ok bool) {
	for {
		i := bytes.IndexByte(s, '"')
		if i < 0 {
			return nil, nil, false
		}
		if i+1 < len(s) && s[i+1] == '"' {
			field = append(field, s[:i+1]...)
			s = s[i+2:]
			continue
		}
		field, rest = append(field, s[:i]...), s[i+1:]
		return field, rest, len(rest) == 0 || rest[0] == ','
	}
}
