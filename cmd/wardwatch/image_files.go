package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// pictures are the files that are named, and those in the folders that are, in order. A named file is
// taken whatever its ending; that one is not there is said in its own line.
func pictures(named []string) ([]string, error) {
	var files []string
	for _, name := range named {
		info, err := os.Stat(name)
		if err != nil || !info.IsDir() {
			files = append(files, name)
			continue
		}
		err = filepath.WalkDir(name, func(path string, e fs.DirEntry, err error) error {
			if err == nil && e.Type().IsRegular() && isPicture(path) {
				files = append(files, path)
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	if len(files) == 0 {
		return nil, errors.New("no pictures there: name files, or folders with files that end in .dcm, .png, .jpg or .jpeg")
	}
	return files, nil
}

func isPicture(path string) bool {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".dcm", ".png", ".jpg", ".jpeg":
		return true
	case "":
		return hasMagic(path)
	}
	// instance UIDs have dots and no ending: their last part is a number
	return strings.Trim(filepath.Ext(path), ".0123456789") == "" && hasMagic(path)
}

// hasMagic looks for DICOM's mark behind the preamble (PS3.10 7.1).
func hasMagic(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	var head [132]byte
	_, err = io.ReadFull(f, head[:])
	return err == nil && string(head[128:]) == "DICM"
}

// inOrder looks at files, jobs at a time, and puts the lines in the order of the files. No more than a
// few lines wait for one that takes long.
func inOrder(ctx context.Context, files []string, jobs int, look func(int, string) imageLine, put func(imageLine) error) error {
	ctx, cancel := context.WithCancel(ctx)
	var running sync.WaitGroup
	defer running.Wait()
	defer cancel()
	lines := make(chan chan imageLine, 4*jobs)
	running.Go(func() {
		defer close(lines)
		free := make(chan struct{}, jobs)
		for i, path := range files {
			line := make(chan imageLine, 1)
			select {
			case <-ctx.Done():
				return
			case free <- struct{}{}:
			}
			running.Go(func() {
				defer func() { <-free }()
				line <- look(i, path)
			})
			select {
			case <-ctx.Done():
				return
			case lines <- line:
			}
		}
	})
	for line := range lines {
		if err := put(<-line); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// count tells on a terminal, or of many files, how far the work is: one line, in its place.
type count struct {
	w             io.Writer // nil: nobody looks
	every         time.Duration
	of, n, refuse int
	last          time.Time
}

// many files take long enough to want to know.
const many = 100

func newCount(f *os.File, of int) *count {
	c := &count{of: of, every: 5 * time.Second}
	info, err := f.Stat()
	terminal := err == nil && info.Mode()&os.ModeCharDevice != 0
	if terminal {
		c.every = 100 * time.Millisecond
	}
	if terminal || of > many {
		c.w = f
	}
	return c
}

func (c *count) one(refused bool) {
	c.n++
	if refused {
		c.refuse++
	}
	if c.w == nil || c.n < c.of && time.Since(c.last) < c.every {
		return
	}
	c.last = time.Now()
	fmt.Fprintf(c.w, "\r%d of %d files, %d refused", c.n, c.of, c.refuse)
}

// done ends the line; it may be called again.
func (c *count) done() {
	if c.w != nil && c.n > 0 {
		fmt.Fprintln(c.w)
	}
	c.w = nil
}
