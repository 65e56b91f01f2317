package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"wardwatch/store/book"
)

// dataDir is shared by the commands that work on a data directory, whether the server runs or not.
type dataDir struct {
	Data string `required:"" help:"The server's data directory." placeholder:"DIR"`
}

// open opens the book that is there and gives it to f. It begins none: a mistyped directory would
// otherwise look like an empty hospital.
func (d dataDir) open(f func(context.Context, *book.Book) error) error {
	if _, err := os.Stat(d.path("book.db")); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("there is no book in %s (correct --data, or begin one there with `wardwatch ward beds`)", d.Data)
	}
	return d.openOrBegin(f)
}

// openOrBegin is open for what may come first in a new installation.
func (d dataDir) openOrBegin(f func(context.Context, *book.Book) error) error {
	if err := os.MkdirAll(d.Data, 0o700); err != nil {
		return err
	}
	if _, err := os.Stat(d.path("book.db")); errors.Is(err, fs.ErrNotExist) {
		fmt.Fprintf(os.Stderr, "a new book begins in %s\n", d.Data)
	}
	ctx := context.Background()
	b, err := book.Open(ctx, d.path("book.db"), book.Options{Log: logger(), Zone: hospitalZone()})
	if err != nil {
		return hinted(err)
	}
	return hinted(errors.Join(f(ctx, b), b.Close()))
}

func (d dataDir) path(name string) string { return filepath.Join(d.Data, name) }

// hospitalZone is the zone of times without one in imported files.
func hospitalZone() *time.Location {
	if z, err := time.LoadLocation("Asia/Ho_Chi_Minh"); err == nil {
		return z
	}
	return time.FixedZone("+07", 7*3600)
}

func logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelInfo}))
}

// byCommandLine is who the audit names for what is done from a shell on the server itself.
const byCommandLine = "command-line"

func say(format string, args ...any) { fmt.Printf(format+"\n", args...) }

// secretFile reads a secret from a file; an empty name is an empty secret.
func secretFile(name string) (string, error) {
	if name == "" {
		return "", nil
	}
	b, err := os.ReadFile(name)
	return strings.TrimSpace(string(b)), err
}
