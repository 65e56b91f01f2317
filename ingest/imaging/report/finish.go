package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"wardwatch/ingest/imaging/ident"
	"wardwatch/ward"
)

// Lengths that a report's words are held to, in runes.
const (
	maxText   = 200
	maxWord   = 128
	maxNumber = 64 // a patient number or accession: DICOM LO
)

// MaxFindings is how many findings and reads one delivery may hold.
const MaxFindings = 2000

// Finish makes a reader's result a whole report: it says where it came from, makes the ids, joins what
// is said twice, and checks what everybody behind it relies on. Of two words on the same thing the one
// that says more is kept: it may raise concern.
func Finish(r *ward.ImagingReport, o Options) error {
	r.Delivery = o.Delivery
	if err := finishClaim(&r.Of); err != nil {
		return err
	}
	if len(r.Findings)+len(r.Reads) > MaxFindings {
		return Bad(fmt.Sprintf("the report holds %d findings; at most %d are taken", len(r.Findings)+len(r.Reads), MaxFindings), "send fewer results at a time")
	}
	for i := range r.Findings {
		if err := finishFinding(&r.Findings[i], r, o); err != nil {
			return err
		}
	}
	for i := range r.Reads {
		if err := finishRead(&r.Reads[i], r, o); err != nil {
			return err
		}
	}
	for i := range r.Retracts {
		if err := finishRetraction(&r.Retracts[i], r, o); err != nil {
			return err
		}
	}
	r.Findings = joinFindings(r.Findings)
	r.Reads = joinReads(r.Reads)
	return nil
}

func finishClaim(c *ward.Claim) error {
	for _, w := range []struct {
		what string
		word *string
	}{{"patient number", &c.HospitalID}, {"accession number", &c.Accession}} {
		*w.word = strings.TrimSpace(*w.word)
		if len([]rune(*w.word)) > maxNumber || !printable(*w.word) {
			return Bad("the "+w.what+" is longer than 64 characters or holds control characters", "send it as the hospital writes it")
		}
	}
	c.Name = Text(c.Name)
	return nil
}

func finishFinding(f *ward.Finding, r *ward.ImagingReport, o Options) error {
	f.Source, f.Delivery, f.Received = o.Source, o.Delivery, o.Received
	f.HospitalID, f.Accession = r.Of.HospitalID, cmp.Or(f.Accession, r.Of.Accession)
	f.StudyUID = cmp.Or(f.StudyUID, r.Study.UID)
	f.Modality, f.Region = cmp.Or(f.Modality, r.Study.Modality), cmp.Or(f.Region, r.Study.Region)
	if f.Acquired.IsZero() {
		f.Acquired = cmp.Or(r.Study.Acquired, r.Of.Acquired)
	}
	f.Label = cmp.Or(Text(f.Label), f.Code)
	if !ValidScore(f.Score) || !ValidScore(f.Threshold) {
		return Bad("a finding's score or threshold lies outside 0 to 1", `send a part of one, or per cent with the unit "%"`)
	}
	err := words(&f.Model, &f.ModelVersion, &f.CodeSystem, &f.Code, &f.StudyUID, &f.SeriesUID, &f.InstanceUID, &f.Modality, &f.Region, &f.View)
	if err != nil {
		return err
	}
	if f.Code == "" {
		return Bad("a finding has no code", "name what was found by a SNOMED CT, RadLex or vendor code")
	}
	if f.StudyUID+f.SeriesUID+f.InstanceUID+f.Accession == "" {
		return Bad("a finding does not say of which study it speaks", "send the study's UID or the accession number")
	}
	f.Produced = notAhead(f.Produced, o.Received)
	taken(f, o.Received)
	f.ID = ident.Finding(f)
	return nil
}

// taken holds the time of the picture to that of its arrival: taken for a time to come it would raise
// nothing, and what is not known is not normal.
func taken(f *ward.Finding, received time.Time) {
	if at := notAhead(f.Acquired, received); !at.Equal(f.Acquired) {
		f.Acquired = at
		f.Warnings = append(slices.Clip(f.Warnings), ward.WarnTimeAhead)
	}
}

// ahead is what the clocks of senders may differ from ours by; ours.
const ahead = 5 * time.Minute

// notAhead holds a sender's time to when we heard of it: one in the future would stand above every word
// said until then.
func notAhead(said, received time.Time) time.Time {
	if !received.IsZero() && said.After(received.Add(ahead)) {
		return received
	}
	return said
}

func finishRead(d *ward.Read, r *ward.ImagingReport, o Options) error {
	d.Delivery = o.Delivery
	d.StudyUID, d.Accession = cmp.Or(d.StudyUID, r.Study.UID), cmp.Or(d.Accession, r.Of.Accession)
	if d.At.IsZero() {
		d.At = o.Received
	}
	d.At = notAhead(d.At, o.Received)
	if err := words(&d.CodeSystem, &d.Code, &d.StudyUID, &d.Accession); err != nil {
		return err
	}
	if d.Code == "" {
		return Bad("a radiologist's finding has no code", "name what was read by a SNOMED CT, RadLex or other code")
	}
	if d.StudyUID+d.Accession == "" {
		return Bad("a radiologist's finding does not say of which study it speaks", "send the study's UID or the accession number")
	}
	return nil
}

func finishRetraction(t *ward.Retraction, r *ward.ImagingReport, o Options) error {
	if t.StudyUID = cmp.Or(t.StudyUID, r.Study.UID); t.StudyUID == "" {
		t.Accession = cmp.Or(t.Accession, r.Of.Accession)
	}
	if t.At.IsZero() {
		t.At = o.Received
	}
	t.At = notAhead(t.At, o.Received)
	if t.StudyUID+t.Accession == "" {
		return Bad("a result is taken back without saying of which study", "send the study's UID or the accession number with it")
	}
	return words(&t.StudyUID, &t.Accession, &t.Model, &t.Version, &t.CodeSystem, &t.Code)
}

func joinFindings(all []ward.Finding) []ward.Finding {
	at := make(map[string]int, len(all))
	var kept []ward.Finding
	for _, f := range all {
		i, twice := at[f.ID]
		switch {
		case !twice:
			at[f.ID] = len(kept)
			kept = append(kept, f)
		case f.Score > kept[i].Score:
			kept[i] = f
		}
	}
	return kept
}

func joinReads(all []ward.Read) []ward.Read {
	at := make(map[ward.Read]int, len(all))
	var kept []ward.Read
	for _, d := range all {
		same := d
		same.Present, same.At = false, time.Time{}
		i, twice := at[same]
		switch {
		case !twice:
			at[same] = len(kept)
			kept = append(kept, d)
		case d.Present && !kept[i].Present:
			kept[i] = d
		}
	}
	return kept
}

// words trims codes and ids and refuses what cannot be one.
func words(all ...*string) error {
	for _, w := range all {
		*w = strings.TrimSpace(*w)
		if len([]rune(*w)) > maxWord || !printable(*w) {
			return Bad("a code, a UID or a model's name is longer than 128 characters or holds control characters", "send codes and names, and longer texts as labels")
		}
	}
	return nil
}

// Text is what a person may be shown of a sender's free text: one line, of bounded length.
func Text(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == unicode.ReplacementChar {
			return ' '
		}
		return r
	}, s)
	s = strings.Join(strings.Fields(s), " ")
	if runes := []rune(s); len(runes) > maxText {
		s = string(runes[:maxText-1]) + "…"
	}
	return s
}

func printable(s string) bool {
	return strings.IndexFunc(s, unicode.IsControl) < 0
}
