package reader

import (
	"wardwatch/scoring/imaging"
	"wardwatch/ward"
)

// request is one line to the child.
type request struct {
	ID   uint64 `json:"id"`
	Path string `json:"path"`
	Do   task   `json:"do"`
	Maps bool   `json:"maps,omitempty"` // with where the score of what is there came from
}

// task is what to do with a file.
type task string

const (
	read    task = "read"    // what the models say of it
	preview task = "preview" // a small picture of it for a screen
)

// answer is one line from the child. The first, before any request, only says which models there are.
type answer struct {
	ID      uint64           `json:"id"`
	Facts   *ward.ImageFacts `json:"facts,omitempty"`
	Refused *no              `json:"refused,omitempty"` // the file cannot be read as a picture
	Models  []looked         `json:"models,omitempty"`
	Preview []byte           `json:"preview,omitempty"` // PNG
}

// looked is what one model says.
type looked struct {
	Name     string         `json:"name"` // as it was asked for: a built-in's or a directory
	ID       string         `json:"id"`
	Version  string         `json:"version"`
	Refused  *no            `json:"refused,omitempty"`
	Findings []ward.Finding `json:"findings,omitempty"`
	Strong   int            `json:"strong,omitempty"` // the finding that Map belongs to
	Map      []byte         `json:"map,omitempty"`    // PNG
}

// no is why not.
type no struct {
	Code   string `json:"code"`
	Detail string `json:"detail"`
}

func noOf(r *imaging.Refusal) *no {
	if r == nil {
		return nil
	}
	return &no{r.Code, r.Detail}
}
