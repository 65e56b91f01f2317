// Package audit keeps the append-only record of who did what. Each row's hash covers the row
// before it, so an edit or a gap shows; a signed head, exported daily, shows a cut tail as well.
package audit

import (
	"crypto/sha256"
	"encoding/binary"
	"time"

	"wardwatch/store/book/sqlite"
	"wardwatch/ward"
)

// Row is one line of the record as kept.
type Row struct {
	Seq int64 // 1 for the first; no gaps
	ward.AuditEntry
	Hash []byte // over the previous row's hash and this row
}

// Link computes a row's hash: SHA-256 over the previous row's hash (nothing for the first) and the
// row in an encoding that no two different rows share: fixed-width numbers big-endian, each text
// led by its length. The time is milliseconds since 1970, 0 when there is none. The encoding is a contract: an auditor's own program can repeat it.
func Link(prev []byte, seq int64, e ward.AuditEntry) []byte {
	b := make([]byte, 0, 256)
	b = append(b, prev...)
	b = binary.BigEndian.AppendUint64(b, uint64(seq))
	b = binary.BigEndian.AppendUint64(b, uint64(sqlite.Ms(e.At)))
	for _, s := range []string{string(e.By), e.Deed, e.Object, e.Detail} {
		b = binary.BigEndian.AppendUint32(b, uint32(len(s)))
		b = append(b, s...)
	}
	sum := sha256.Sum256(b)
	return sum[:]
}

// Verdict is what a check of the chain found.
type Verdict struct {
	OK      bool
	Rows    int64     // rows read
	BadSeq  int64     // the first row that does not fit; 0 when none
	BadAt   time.Time // what that row, or the missing head, says of its time
	Problem string    // what is wrong, in a sentence; empty when OK
}
