package door

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"

	"wardwatch/ingest/imaging/intake"
	"wardwatch/ward"
)

// Failure reasons of a Store transaction (PS3.18 Table I.2-2).
const (
	outOfResources    = 0xA700
	cannotUnderstand  = 0xC000
	syntaxUnsupported = 0xC122
)

// stow stores instances (PS3.18 §10.5). Each part is kept by itself: one that is refused does not lose its
// brothers. Where one could not be kept for a reason of ours the whole is answered 503, so that no sender
// takes part of it for all; sending again what was kept already changes nothing. The answer is DICOM JSON,
// whatever the sender would rather have.
func (d *Door) stow(w http.ResponseWriter, r *http.Request, s *source) {
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/related" || params["boundary"] == "" || cmp.Or(params["type"], dicomType) != dicomType {
		w.Header().Set("Accept-Post", `multipart/related; type="application/dicom"`)
		problem(w, http.StatusUnsupportedMediaType, &ward.Error{Code: ward.BadInput, Message: "the request is no multipart/related of application/dicom", Hint: `send Content-Type: multipart/related; type="application/dicom"; boundary=…`})
		return
	}
	parts := multipart.NewReader(http.MaxBytesReader(w, r.Body, maxRequest), params["boundary"])
	var done stored
	for n := 0; ; n++ {
		part, err := parts.NextRawPart()
		if err == io.EOF {
			break
		}
		if err == nil && n >= maxParts {
			err = &http.MaxBytesError{Limit: maxRequest}
		}
		if err != nil {
			d.unread(w, problem, err)
			return
		}
		if err := d.storePart(r, s, part, &done); err != nil {
			d.unkept(w, problem, err)
			return
		}
	}
	done.answer(w)
}

const dicomType = "application/dicom"

// storePart keeps one part. An error ends the request; a refusal does not.
func (d *Door) storePart(r *http.Request, s *source, part *multipart.Part, done *stored) error {
	if kind, _, err := mime.ParseMediaType(cmp.Or(part.Header.Get("Content-Type"), dicomType)); err != nil || kind != dicomType {
		done.Unnamed.add(item{failureReason: because(cannotUnderstand)})
		return nil
	}
	from := intake.From{Source: s.Name, Limit: s.MaxBytes, Study: r.PathValue("study")}
	rec, err := d.o.Intake.Instance(r.Context(), from, part)
	if err != nil {
		return err
	}
	done.add(rec)
	return nil
}

// stored is the answer to a Store transaction (PS3.18 Table 10.5.3-2).
type stored struct {
	Failed  sequence `json:"00081198,omitzero"` // Failed SOP Sequence
	Kept    sequence `json:"00081199,omitzero"` // Referenced SOP Sequence
	Unnamed sequence `json:"0008119A,omitzero"` // Other Failures Sequence: of what instance is not known
}

// add adds what became of one instance.
func (a *stored) add(rec intake.Receipt) {
	i := item{}
	i.uid("00081150", rec.Identity.SOPClass)
	i.uid("00081155", rec.Identity.InstanceUID)
	switch {
	case !rec.Refused():
		a.Kept.add(i)
	case rec.Identity.SOPClass == "" || rec.Identity.InstanceUID == "":
		a.Unnamed.add(item{failureReason: because(reason(rec.Delivery.Code))})
	default:
		i[failureReason] = because(reason(rec.Delivery.Code))
		a.Failed.add(i)
	}
}

// reason is the failure reason of a refused delivery.
func reason(code string) int {
	switch code {
	case ward.RefusedTooBig:
		return outOfResources
	case ward.RefusedSyntax:
		return syntaxUnsupported
	}
	return cannotUnderstand
}

// answer sends it: 200 when all was stored, 202 when some was not, 409 when nothing was (PS3.18 Table
// 10.5.3-1).
func (a *stored) answer(w http.ResponseWriter) {
	refused := len(a.Failed.Value) + len(a.Unnamed.Value)
	status := http.StatusOK
	switch {
	case len(a.Kept.Value)+refused == 0:
		problem(w, http.StatusBadRequest, &ward.Error{Code: ward.BadInput, Message: "the request holds no instance", Hint: "send at least one part of application/dicom"})
		return
	case len(a.Kept.Value) == 0:
		status = http.StatusConflict
	case refused > 0:
		status = http.StatusAccepted
	}
	b, err := json.Marshal(a)
	if err != nil {
		panic(fmt.Sprintf("an answer that cannot be written: %v", err)) // strings and numbers only
	}
	send(w, status, "application/dicom+json", b)
}

// sequence, item and attribute are DICOM JSON (PS3.18 Annex F).
type sequence struct {
	VR    string `json:"vr"`
	Value []item `json:"Value"`
}

type item map[string]attribute

type attribute struct {
	VR    string `json:"vr"`
	Value []any  `json:"Value,omitempty"`
}

func (s *sequence) add(i item) {
	s.VR = "SQ"
	s.Value = append(s.Value, i)
}

func (i item) uid(tag, value string) {
	if value != "" {
		i[tag] = attribute{"UI", []any{value}}
	}
}

const failureReason = "00081197"

func because(reason int) attribute { return attribute{"US", []any{reason}} }

// IsZero reports whether the sequence is left out.
func (s sequence) IsZero() bool { return len(s.Value) == 0 }
