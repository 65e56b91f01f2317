package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"wardwatch/cmd/wardwatch/reader"
	"wardwatch/ingest/imaging/refuse"
	"wardwatch/scoring/imaging"
	"wardwatch/ward"
)

// imageLine is what is said of one file.
type imageLine struct {
	File          string         `json:"file"`
	Model         string         `json:"model"`
	Version       string         `json:"version"`
	Demonstration bool           `json:"demonstration"`
	Findings      []imageFinding `json:"findings"`
	Warnings      []string       `json:"warnings"`
	Refused       *string        `json:"refused"` // "code: what is wrong, and what would be accepted"
	Map           string         `json:"map,omitempty"`

	unread bool // nothing could be said of it
}

type imageFinding struct {
	Code       string  `json:"code"`
	System     string  `json:"system"`
	Label      string  `json:"label"`
	Laterality string  `json:"laterality"`
	Score      float64 `json:"score"`
	Threshold  float64 `json:"threshold"`
	Present    bool    `json:"present"`
	Calibrated bool    `json:"calibrated"`
}

// looker shows files to one model.
type looker struct {
	model  *imaging.Model
	viewer *reader.Viewer
	maps   string // directory; empty: none are made
}

// file looks at one file; number is its place in the order, from 0.
func (k *looker) file(number int, path string) imageLine {
	m := k.model.Manifest()
	l := imageLine{
		File: path, Model: m.ID, Version: k.model.Version(), Demonstration: m.Demonstration,
		Findings: []imageFinding{}, Warnings: []string{},
	}
	img, err := k.viewer.Look(path)
	if err != nil {
		return unread(l, err)
	}
	r, err := k.model.Look(img)
	switch {
	case err != nil:
		return unread(l, refuse.Because(ward.RefusedFailed, "%v", err))
	case r.Refused != nil:
		text := r.Refused.String()
		l.Refused = &text
		return l
	}
	l.Warnings = append(l.Warnings, r.Warnings...)
	for i := range r.Findings {
		l.Findings = append(l.Findings, imageFindingOf(&r.Findings[i]))
	}
	if k.maps != "" {
		if l.Map, err = k.writeMap(number, path, img, &r); err != nil {
			return unread(l, refuse.Because(ward.RefusedFailed, "the map could not be made: %v", err))
		}
	}
	return l
}

// unread is the line of a file of which the model says nothing. A picture that is whole but not for us
// was handled; a corrupt one was not.
func unread(l imageLine, err error) imageLine {
	r := refuse.As(err)
	if r == nil {
		r = refuse.Because(ward.RefusedCorrupt, "%v", err)
	}
	text := r.Error()
	l.Refused, l.Findings, l.Warnings = &text, []imageFinding{}, []string{}
	l.unread = r.Code == ward.RefusedCorrupt || r.Code == ward.RefusedFailed
	return l
}

func imageFindingOf(f *ward.Finding) imageFinding {
	return imageFinding{
		Code: f.Code, System: f.CodeSystem, Label: f.Label, Laterality: f.Laterality,
		Score: f.Score, Threshold: f.Threshold, Present: f.Present(f.Threshold), Calibrated: f.Calibrated,
	}
}

// writeMap writes where the strongest finding came from. Its name has the file's place in the order, so
// that files of one name in several folders do not overwrite each other.
func (k *looker) writeMap(number int, path string, img *ward.Image, r *imaging.Result) (string, error) {
	png, err := reader.Heat(k.model, img, r)
	if err != nil {
		return "", err
	}
	name := strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
	to := filepath.Join(k.maps, fmt.Sprintf("%06d-%s.png", number+1, name))
	return to, os.WriteFile(to, png, 0o640)
}
