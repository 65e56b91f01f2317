package imaging

import (
	"wardwatch/scoring/imaging/prepare"
	"wardwatch/ward"
)

// mostColour is how far from grey a picture may be, on average: scanned films have a tint, and some
// stations burn in a coloured mark. A proposal.
const mostColour = 0.04

// levels is how many different values a picture has at least. A proposal: the poorest radiographs of
// the development sets have over a hundred.
const levels = 16

// plain refuses what no model can say anything of.
func plain(img *prepare.Source, in *prepare.Input) *Refusal {
	// smaller ones would be mostly invented by enlarging: a proposal
	need := (min(in.Width, in.Height) + 1) / 2
	switch {
	case img.Rows < 1 || img.Cols < 1 || len(img.Values) != img.Rows*img.Cols:
		return refuse(ward.RefusedCorrupt, "the picture's size does not agree with its values; send it again")
	case img.Facts.Frames > 1:
		return refuse(ward.RefusedFrames, "the file holds %d pictures; one picture a file is accepted", img.Facts.Frames)
	case img.Colour > mostColour:
		return refuse(ward.RefusedColour, "the picture has colours; grey ones are accepted")
	case min(img.Rows, img.Cols) < need:
		return refuse(ward.RefusedSmall, "the picture has %d × %d pixels; at least %d on the shorter side are accepted", img.Cols, img.Rows, need)
	}
	return blank(img)
}

func blank(img *prepare.Source) *Refusal {
	for _, v := range img.Values {
		if v-v != 0 { // neither infinities nor what is no number take away to nothing
			return refuse(ward.RefusedCorrupt, "the picture has values that are no numbers; send it again")
		}
	}
	p := img.Ranks().Percentiles(5, 95)
	if p[0] == p[1] || img.Ranks().Different() < levels {
		return refuse(ward.RefusedBlank, "the picture is blank or nearly so; one with shades of grey is accepted")
	}
	return nil
}
