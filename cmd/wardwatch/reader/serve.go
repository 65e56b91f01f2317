package reader

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"io"

	"wardwatch/ingest/imaging/refuse"
	"wardwatch/scoring/imaging"
	"wardwatch/scoring/imaging/show"
	"wardwatch/ward"
)

// Serve is the child: it reads requests, a line each, and answers each with a line, until in ends. A
// model that cannot be loaded is told in every answer; the others, and the pictures' own words, go on.
func Serve(in io.Reader, out io.Writer, v *Viewer, models []string, o imaging.Options) error {
	s := server{viewer: v}
	for _, name := range models {
		s.load(name, o)
	}
	w := json.NewEncoder(out)
	if err := w.Encode(answer{Models: s.about()}); err != nil {
		return err
	}
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		var ask request
		if err := json.Unmarshal(lines.Bytes(), &ask); err != nil {
			return fmt.Errorf("a request that is none: %w", err)
		}
		if err := w.Encode(s.answer(ask)); err != nil {
			return err
		}
	}
	return lines.Err()
}

// server answers requests.
type server struct {
	viewer *Viewer
	models []one
}

// one is a model that was asked for, or why it is not there.
type one struct {
	looked // empty but for what it is
	model  *imaging.Model
}

func (s *server) load(name string, o imaging.Options) {
	m, err := imaging.Open(name, o)
	if err != nil {
		s.models = append(s.models, one{looked: looked{Name: name, Refused: &no{ward.RefusedModelState, err.Error()}}})
		return
	}
	s.models = append(s.models, one{looked: looked{Name: name, ID: m.Manifest().ID, Version: m.Version()}, model: m})
}

func (s *server) about() (out []looked) {
	for i := range s.models {
		out = append(out, s.models[i].looked)
	}
	return out
}

func (s *server) answer(ask request) answer {
	a := answer{ID: ask.ID}
	img, err := s.viewer.Look(ask.Path)
	if err != nil {
		a.Refused = &no{ward.RefusedCorrupt, err.Error()}
		if r := refuse.As(err); r != nil {
			a.Refused = &no{r.Code, r.Message}
		}
		return a
	}
	a.Facts = &img.Facts
	if ask.Do == preview {
		a.Preview, err = encoded(show.Preview(img, show.Side))
		if err != nil {
			a.Refused = &no{ward.RefusedFailed, err.Error()}
		}
		return a
	}
	for i := range s.models {
		a.Models = append(a.Models, s.models[i].look(img, ask.Maps))
	}
	return a
}

// look asks the model, and where something is there, what made it say so.
func (o *one) look(img *ward.Image, maps bool) looked {
	l := o.looked
	if o.model == nil {
		return l
	}
	r, err := o.model.Look(img)
	l.Refused, l.Findings = noOf(r.Refused), r.Findings
	if err == nil && maps && r.Refused == nil {
		l.Strong = r.Strongest()
		if f := &r.Findings[l.Strong]; f.Present(f.Threshold) {
			l.Map, err = Heat(o.model, img, &r)
		}
	}
	if err != nil {
		return looked{Name: l.Name, ID: l.ID, Version: l.Version, Refused: &no{ward.RefusedFailed, err.Error()}}
	}
	return l
}

// encoded is a picture as PNG. A third of the time is worth a somewhat larger file here.
func encoded(img image.Image) ([]byte, error) {
	var b bytes.Buffer
	fast := png.Encoder{CompressionLevel: png.BestSpeed}
	if err := fast.Encode(&b, img); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
