package dicom

import (
	"bufio"
	"bytes"

	library "github.com/suyashkumar/dicom"

	"wardwatch/ingest/imaging/refuse"
	"wardwatch/ward"
)

// Dataset reads all of a file but its picture with github.com/suyashkumar/dicom, for structured reports. The
// library believes every length, descends without a floor and panics on some values, so the walker goes
// through the whole file first, in the way in which the library will. The error is a refuse.Refusal.
func Dataset(b []byte, l Limits) (d library.Dataset, err error) {
	if err := guard(b, l); err != nil {
		return library.Dataset{}, err
	}
	return throughLibrary(b)
}

// guard refuses what is wrong and what the library would read in another way than the walker, and so
// perhaps without an end.
func guard(b []byte, l Limits) error {
	w := &walker{in: bufio.NewReader(bytes.NewReader(b)), limits: l.filled(), wanted: forIdentity, library: true}
	_, err := w.open(int64(len(b)))
	return err
}

// throughLibrary is the last line: what the library panics on although the walker let it pass, such as a
// character set that it lists and cannot find. Its errors quote values and so are not handed on.
func throughLibrary(b []byte) (d library.Dataset, err error) {
	defer func() {
		if recover() != nil {
			d, err = library.Dataset{}, unread()
		}
	}()
	d, err = library.Parse(bytes.NewReader(b), int64(len(b)), nil, library.SkipPixelData(), library.AllowUnknownSpecificCharacterSet())
	if err != nil {
		return library.Dataset{}, unread()
	}
	return d, nil
}

func unread() error {
	return refuse.Because(ward.RefusedCorrupt, "a data element does not hold what its type says")
}
