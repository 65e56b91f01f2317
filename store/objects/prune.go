package objects

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"wardwatch/ward"
)

// Prune removes the objects that were last kept before a time and that keep does not claim, and says
// how many. What was kept since is left, for whoever kept it may not have said so yet; before should
// therefore lie an hour or more in the past. An error of keep ends it.
func (s *Store) Prune(ctx context.Context, before time.Time, keep func(name string) (bool, error)) (gone int, err error) {
	old := func(fi fs.FileInfo) bool { return fi.ModTime().Before(before) }
	err = s.walk(func(path string, fi fs.FileInfo) error {
		if err := ctx.Err(); err != nil || !old(fi) {
			return err
		}
		if claimed, err := keep(filepath.Base(path)); err != nil || claimed {
			return err
		}
		removed, err := s.remove(path, old)
		if removed {
			gone++
		}
		return err
	})
	if err != nil {
		return gone, fmt.Errorf("remove old imaging objects: %w", err)
	}
	return gone, nil
}

// remove removes a file if, as it is now, it may go.
func (s *Store) remove(path string, may func(fs.FileInfo) bool) (removed bool, err error) {
	s.naming.Lock()
	defer s.naming.Unlock()
	fi, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil || !may(fi) {
		return false, err
	}
	if err := os.Remove(path); err != nil {
		return false, err
	}
	s.count.Add(-1)
	s.bytes.Add(-fi.Size())
	return true, nil
}

// walk calls fn with every object, a folder of them at a time. What goes away meanwhile is passed over.
func (s *Store) walk(fn func(path string, fi fs.FileInfo) error) error {
	folders, err := os.ReadDir(s.dir)
	if err != nil {
		return err
	}
	for _, folder := range folders {
		if !folder.IsDir() {
			continue
		}
		files, err := os.ReadDir(filepath.Join(s.dir, folder.Name()))
		if err != nil {
			return err
		}
		for _, file := range files {
			if !isName(file.Name()) {
				continue
			}
			fi, err := file.Info()
			if errors.Is(err, fs.ErrNotExist) {
				continue
			}
			if err != nil {
				return err
			}
			if err := fn(filepath.Join(s.dir, folder.Name(), file.Name()), fi); err != nil {
				return err
			}
		}
	}
	return nil
}

// Figures reports the store's own numbers.
func (s *Store) Figures() []ward.Figure {
	return []ward.Figure{
		{Name: "wardwatch_objects", Help: "Imaging objects that are kept.", Gauge: true, Value: float64(s.count.Load())},
		{Name: "wardwatch_objects_bytes", Help: "Size of the imaging objects that are kept.", Gauge: true, Value: float64(s.bytes.Load())},
		{Name: "wardwatch_objects_kept_total", Help: "Imaging objects that were kept and were new.", Value: float64(s.kept.Load())},
		{Name: "wardwatch_objects_repeats_total", Help: "Imaging objects whose content was kept already.", Value: float64(s.repeats.Load())},
		{Name: "wardwatch_objects_failures_total", Help: "Imaging objects that the disk could not keep.", Value: float64(s.failures.Load())},
	}
}
