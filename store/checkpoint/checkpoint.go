// Package checkpoint keeps one value in one file, replaced whole: after a crash there is the old
// one or the new one, never half of either.
package checkpoint

import (
	"bytes"
	"encoding/gob"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"os"
	"path/filepath"
)

// Save writes v (anything gob can encode) over path. With sync it is also safe from power loss.
func Save(path string, v any, sync bool) error {
	var body bytes.Buffer
	body.Write(make([]byte, crc32.Size))
	if err := gob.NewEncoder(&body).Encode(v); err != nil {
		return fmt.Errorf("encoding the checkpoint: %w", err)
	}
	b := body.Bytes()
	copy(b, sum(b[crc32.Size:]))
	if err := replace(path, b, sync); err != nil {
		return fmt.Errorf("saving the checkpoint: %w", err)
	}
	return nil
}

// Load reads path into v. ok is false when there is no checkpoint, or none that can be read: then
// the reason is in err and recovery starts from the journal alone.
func Load(path string, v any) (ok bool, err error) {
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("reading the checkpoint: %w", err)
	}
	if len(b) < crc32.Size || !bytes.Equal(b[:crc32.Size], sum(b[crc32.Size:])) {
		return false, fmt.Errorf("the checkpoint %s is damaged: it is passed over", path)
	}
	if err := gob.NewDecoder(bytes.NewReader(b[crc32.Size:])).Decode(v); err != nil {
		return false, fmt.Errorf("the checkpoint %s is of another version: it is passed over: %w", path, err)
	}
	return true, nil
}

func sum(b []byte) []byte {
	h := crc32.New(crc32.MakeTable(crc32.Castagnoli))
	h.Write(b)
	return h.Sum(nil)
}

func replace(path string, b []byte, sync bool) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), ".checkpoint-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name())
		}
	}()
	_, err = f.Write(b)
	if err == nil && sync {
		err = f.Sync()
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
