package reader

import (
	"errors"
	"io/fs"
	"os"
	"time"

	"wardwatch/ingest/imaging/dicom"
	"wardwatch/ingest/imaging/pixels"
	"wardwatch/ingest/imaging/refuse"
	"wardwatch/scoring/imaging"
	"wardwatch/scoring/imaging/show"
	"wardwatch/ward"
)

// Viewer opens pictures and shows them to models, in this process. Its methods may be called from
// several goroutines.
type Viewer struct {
	Models []*imaging.Model
	Zone   *time.Location // of times in files that do not say theirs
}

// Look reads a file as a picture. What cannot be read is a *refuse.Refusal, whatever is wrong with it.
func (v *Viewer) Look(path string) (img *ward.Image, err error) {
	defer func() {
		// a reader's mistake over one file must not take the others with it
		if p := recover(); p != nil {
			img, err = nil, refuse.Because(ward.RefusedCorrupt, "reading it failed (%v); send the picture again in another encoding", p)
		}
	}()
	raw, err := load(path)
	if err != nil {
		return nil, err
	}
	return pixels.Decode(raw, dicom.Options{Zone: v.Zone})
}

// load reads a file that is small enough to be a picture.
func load(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err == nil && !info.Mode().IsRegular() { // a device or a pipe has no end, or does not begin
		return nil, refuse.Because(ward.RefusedCorrupt, "it is no plain file; give a file or a folder")
	}
	if err == nil && info.Size() > dicom.DefaultFile {
		return nil, refuse.Because(ward.RefusedTooBig, "the file has %d MiB; at most %d are accepted", info.Size()>>20, dicom.DefaultFile>>20)
	}
	var raw []byte
	if err == nil {
		raw, err = os.ReadFile(path)
	}
	if err != nil {
		return nil, refuse.Because(ward.RefusedCorrupt, "the file cannot be read: %v", cause(err))
	}
	return raw, nil
}

// cause is an error of the file system without the path, which may name a person.
func cause(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

// Heat is where the strongest finding of a result came from. Call it only for what was not refused.
func Heat(m *imaging.Model, img *ward.Image, r *imaging.Result) ([]byte, error) {
	heat, err := m.Occlude(img, r.Strongest())
	if err != nil {
		return nil, err
	}
	return encoded(show.Overlay(img, heat, show.Side))
}
