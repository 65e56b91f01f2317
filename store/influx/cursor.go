package influx

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

func cursorPath(dir string) string { return filepath.Join(dir, "influx.cursor") }

const cursorHead = "wardwatch influx cursor 1 "

// firstCursor is where to begin. Without a readable cursor that is the oldest record kept: sending
// again is harmless, leaving out is not.
func (f *Forwarder) firstCursor() (uint64, error) {
	b, err := os.ReadFile(f.cursorPath)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("influx: cursor: %w", err)
	}
	text, ok := strings.CutPrefix(string(b), cursorHead)
	text, whole := strings.CutSuffix(text, "\n")
	n, err := strconv.ParseUint(text, 10, 64)
	if !ok || !whole || err != nil {
		f.o.Log.Warn("influx cursor is unreadable; sending the whole journal again", "file", f.cursorPath)
		return 0, nil
	}
	if end := f.o.Source.End(); n > end {
		// A power cut took the journal's tail: what is appended now begins at its end, and all before
		// that was sent.
		f.o.Log.Warn("influx cursor was beyond the journal's end", "cursor", n, "end", end)
		n = end
	}
	return n, nil
}

// advance moves the cursor after a batch. When the file cannot be written the forwarder goes on:
// a restart then sends a little again.
func (f *Forwarder) advance(to uint64) {
	err := saveCursor(f.cursorPath, to)
	f.mu.Lock()
	f.state.cursor, f.state.oldest = to, time.Time{}
	failedBefore := f.state.counts.cursorFailed
	f.state.counts.cursorFailed = err != nil
	f.mu.Unlock()
	if err != nil && !failedBefore {
		f.o.Log.Error("influx cursor cannot be saved; readings are still sent", "error", err)
	}
}

// saveCursor replaces the file as a whole: after a crash it holds the old or the new position.
func saveCursor(path string, at uint64) error {
	next := path + ".new"
	file, err := os.OpenFile(next, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o640)
	if err != nil {
		return err
	}
	_, err = file.WriteString(cursorHead + strconv.FormatUint(at, 10) + "\n")
	if err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err != nil {
		return err
	}
	return os.Rename(next, path)
}
