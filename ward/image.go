package ward

import "time"

// Image is one decoded grey picture with what its file says of it. Values are those of the modality
// after rescaling, turned upright as the file's flags say; no window has been applied.
type Image struct {
	Rows, Cols int
	Values     []float32 // row by row, Rows × Cols
	Inverted   bool      // small values are bright (MONOCHROME1)
	Windows    []Window  // that the file proposes, the first is the default
	Bits       int       // stored bits a value
	Colour     float64   // mean distance of the colours from grey, 0–1; 0 for a grey picture
	Facts      ImageFacts
}

// Window is a range of values that is shown from black to white.
type Window struct{ Center, Width float64 }

// ImageFacts is what a picture's file says of it. An empty field was not said.
type ImageFacts struct {
	Format         string // "dicom", "png" or "jpeg"
	SOPClass       string
	TransferSyntax string
	StudyUID       string
	SeriesUID      string
	InstanceUID    string
	Modality       string
	BodyPart       string // DICOM (0018,0015)
	View           string // DICOM (0018,5101)
	ViewText       string // what says a view elsewhere: series and protocol descriptions; never shown
	Laterality     string
	Species        string // DICOM (0010,2201), or that of (0010,2202)
	Device         string // maker and model
	Photometric    string
	Frames         int
	AgeYears       float64
	HasAge         bool
	Acquired       time.Time
	Of             Claim
}
