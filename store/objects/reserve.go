package objects

import (
	"errors"
	"io"
	"syscall"
)

// DefaultReserve is how many bytes of the disk objects leave to others: twice what the journal of vital
// signs reports as too little, so that pictures stop well before vital signs do. A proposal for local
// clinicians and whoever runs the machine to sign.
const DefaultReserve = 2 << 30

// smallDiskShare is one part in how many is the reserve of a disk too small for that, which else would
// keep nothing ever: again twice the journal's.
const smallDiskShare = 5

var errReserve = errors.New("no more is free on the disk than what is kept for vital signs")

// spare refuses when a write would leave less of the disk than its reserve.
func (s *Store) spare(size int) error {
	var fs syscall.Statfs_t
	if err := syscall.Statfs(s.dir, &fs); err != nil {
		return err
	}
	block := uint64(fs.Bsize)
	if least := min(s.reserve, fs.Blocks*block/smallDiskShare); fs.Bavail*block < least+uint64(size) {
		return errReserve
	}
	return nil
}

// sparing writes as long as the disk has more than its reserve. Others write too: it looks each time.
type sparing struct {
	s *Store
	w io.Writer
}

// Write implements io.Writer.
func (w sparing) Write(b []byte) (int, error) {
	if err := w.s.spare(len(b)); err != nil {
		return 0, err
	}
	return w.w.Write(b)
}
