// Package dicom reads one DICOM file (PS3.10) that may be hostile: what it is (Scan), what it says of its
// picture (Facts) and the picture (Read). It reads no more than it needs, allocates nothing that the
// file merely claims, and says no with a refuse.Refusal.
//
// Pictures and their headers are read by the walker of this package. Structured reports go through Dataset,
// which lets a file reach github.com/suyashkumar/dicom only when the walker has gone through all of it.
package dicom

import "time"

// Limits bound what one file may cost. A zero field is the default.
type Limits struct {
	File     int64 // bytes of the whole file; default 256 MiB
	Pixels   int64 // rows × columns; default 64 Mi
	Elements int   // data elements and items, at every depth; default 100,000
	Depth    int   // sequences within sequences; default 16
	Header   int64 // bytes of all values that are kept, the picture apart; default 16 MiB
}

// Defaults of Limits: proposals of ours, several times what the largest chest radiograph and the longest
// structured report in use need.
const (
	DefaultFile     = 256 << 20
	DefaultPixels   = 64 << 20
	DefaultElements = 100_000
	DefaultDepth    = 16
	DefaultHeader   = 16 << 20
)

// Options are how a file is read. The zero value is the default limits and UTC.
type Options struct {
	Limits Limits
	Zone   *time.Location // of times in files that do not say theirs; nil: UTC
}

func (l Limits) filled() Limits {
	fill(&l.File, DefaultFile)
	fill(&l.Pixels, DefaultPixels)
	fill(&l.Elements, DefaultElements)
	fill(&l.Depth, DefaultDepth)
	fill(&l.Header, DefaultHeader)
	return l
}

func fill[N int | int64](n *N, otherwise N) {
	if *n <= 0 {
		*n = otherwise
	}
}
