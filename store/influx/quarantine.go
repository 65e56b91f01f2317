package influx

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// quarantine keeps the lines that InfluxDB refused, with its reason, one JSON object a line. It
// holds two files of at most maxQuarantine; when both are full the older one is given up.
type quarantine struct {
	path    string
	file    *os.File
	size    int64
	max     int64
	givenUp uint64 // files, since the start
}

const maxQuarantine = 64 << 20

// refusal is one line of the file.
type refusal struct {
	At     time.Time `json:"at"`
	Status int       `json:"status"`
	Reason string    `json:"reason"`
	Line   string    `json:"line"`
}

func newQuarantine(dir string) *quarantine {
	return &quarantine{path: filepath.Join(dir, "influx.quarantine.jsonl"), max: maxQuarantine}
}

// open opens the file at the first refusal, so that a site without any has no file.
func (q *quarantine) open() error {
	file, err := os.OpenFile(q.path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o640)
	if err != nil {
		return err
	}
	info, err := file.Stat()
	if err != nil {
		return errors.Join(err, file.Close())
	}
	q.file, q.size = file, info.Size()
	return nil
}

func (q *quarantine) add(at time.Time, status int, reason string, line []byte) error {
	b, err := json.Marshal(refusal{At: at, Status: status, Reason: shorten(reason), Line: strings.TrimSuffix(string(line), "\n")})
	if err != nil {
		return fmt.Errorf("influx quarantine: %w", err)
	}
	b = append(b, '\n')
	if q.file != nil && q.size > 0 && q.size+int64(len(b)) > q.max {
		if err := q.turn(); err != nil {
			return fmt.Errorf("influx quarantine: %w", err)
		}
	}
	if q.file == nil {
		if err := q.open(); err != nil {
			return fmt.Errorf("influx quarantine: %w", err)
		}
	}
	if _, err := q.file.Write(b); err != nil {
		return fmt.Errorf("influx quarantine: %w", errors.Join(err, q.file.Truncate(q.size)))
	}
	q.size += int64(len(b))
	return nil
}

// shorten keeps a server's long answer from filling the file: it repeats the lines.
func shorten(reason string) string {
	const most = 500
	if len(reason) <= most {
		return reason
	}
	return strings.ToValidUTF8(reason[:most], "") + "…"
}

func (q *quarantine) turn() error {
	if err := q.close(); err != nil {
		return err
	}
	old := q.path + ".old"
	if _, err := os.Stat(old); err == nil {
		q.givenUp++
	}
	return os.Rename(q.path, old)
}

func (q *quarantine) sync() error {
	if err := q.file.Sync(); err != nil {
		return fmt.Errorf("influx quarantine: %w", err)
	}
	return nil
}

func (q *quarantine) close() error {
	if q.file == nil {
		return nil
	}
	err := q.file.Close()
	q.file = nil
	return err
}
