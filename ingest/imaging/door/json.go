package door

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"

	"wardwatch/ingest/imaging/fhir"
	"wardwatch/ingest/imaging/intake"
	"wardwatch/ingest/imaging/refuse"
	"wardwatch/ingest/imaging/report"
	"wardwatch/ingest/imaging/vendor"
	"wardwatch/ward"
)

// fhir takes one resource of a type. It is read before it is kept, so that the sender hears of mistakes at
// once; what is wrong is kept, too, for whoever must mend it.
func (d *Door) fhir(resource string) knock {
	return func(w http.ResponseWriter, r *http.Request, s *source) {
		body, ok := d.body(w, r, s, outcome, "application/fhir+json", "application/json")
		if !ok {
			return
		}
		_, err := fhir.Read(body, s.options(d))
		var head resourceHead
		if err == nil {
			head, err = headOf(body, resource)
		}
		rec, ok := d.document(w, r, s, body, outcome, err)
		if ok {
			head.answer(w, rec.Delivery.ID)
		}
	}
}

// hook takes a vendor's JSON. Who sends it is proven by its signature, so that it is read before its sender
// is known.
func (d *Door) hook(w http.ResponseWriter, r *http.Request) {
	s, is := d.byName[r.PathValue("source")]
	if !is {
		d.unauthorised(w, r, problem)
		return
	}
	d.inTurn(w, r, s, problem, func(w http.ResponseWriter, r *http.Request, s *source) {
		body, ok := d.body(w, r, s, problem, "application/json")
		if !ok {
			return
		}
		if err := s.verify(r, body, d); err != nil {
			d.unauthorised(w, r, problem)
			return
		}
		_, err := s.Mapping.Read(body, s.options(d))
		if rec, ok := d.document(w, r, s, body, problem, err); ok {
			b, _ := json.Marshal(map[string]string{"delivery": rec.Delivery.ID})
			send(w, http.StatusAccepted, "application/json", b)
		}
	})
}

func (s *source) verify(r *http.Request, body []byte, d *Door) error {
	signature := r.Header.Get(SignatureHeader)
	if s.PlainHash {
		return vendor.VerifyBody(s.Secret, signature, body)
	}
	return vendor.Verify(s.Secret, signature, body, d.o.Now())
}

// options are those by which a body is read to find mistakes; the processor reads it again.
func (s *source) options(d *Door) report.Options {
	return report.Options{Source: s.Name, Received: d.o.Now(), Zone: s.Zone, PatientSystem: s.PatientSystem}
}

// body reads a JSON body within the bounds of its source. Without one the request is answered.
func (d *Door) body(w http.ResponseWriter, r *http.Request, s *source, no answer, kinds ...string) ([]byte, bool) {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	for _, k := range kinds {
		if err != nil || kind != k {
			continue
		}
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, s.MaxBytes))
		if err != nil {
			d.unread(w, no, err)
			return nil, false
		}
		return body, true
	}
	no(w, http.StatusUnsupportedMediaType, &ward.Error{Code: ward.BadInput, Message: "the body is of a type that is not taken here", Hint: "send Content-Type: " + kinds[0]})
	return nil, false
}

// document keeps a body; wrong is what was found wrong with it. Without ok the request is answered.
func (d *Door) document(w http.ResponseWriter, r *http.Request, s *source, body []byte, no answer, wrong error) (rec intake.Receipt, ok bool) {
	var refusal *refuse.Refusal
	if wrong != nil {
		e := told(wrong)
		refusal = refuse.Because(intake.RefusedContent, "%s", strings.TrimSuffix(e.Message+": "+e.Hint, ": "))
	}
	rec, err := d.o.Intake.Document(r.Context(), s.Name, s.Kind, body, refusal)
	switch {
	case err != nil:
		d.unkept(w, no, err)
	case wrong != nil && !json.Valid(body):
		no(w, http.StatusBadRequest, wrong)
	case wrong != nil:
		no(w, http.StatusUnprocessableEntity, wrong)
	default:
		return rec, true
	}
	return rec, false
}

// resourceHead is what the answer to a FHIR resource depends on.
type resourceHead struct {
	ResourceType string `json:"resourceType"`
	Type         string `json:"type"`
	Entry        []struct {
		Resource struct {
			ResourceType string `json:"resourceType"`
		} `json:"resource"`
	} `json:"entry"`
}

// headOf reads it from a body that was checked, and refuses a resource that was sent to the wrong address.
func headOf(body []byte, resource string) (head resourceHead, err error) {
	if err := json.Unmarshal(body, &head); err != nil {
		return head, report.Bad("the body is no FHIR resource", "send one in JSON")
	}
	if head.ResourceType != resource {
		return head, report.Bad(fmt.Sprintf("a %s was sent to the address of a %s", cmp.Or(head.ResourceType, "thing without a resourceType"), resource), "send each resource to its own address, and a Bundle to the root")
	}
	return head, nil
}

// answer answers a resource that is kept (FHIR R4 http.html#create, #transaction). What is kept cannot be
// read back here; its id is that of the delivery, so that the same again has the same.
func (h *resourceHead) answer(w http.ResponseWriter, delivery string) {
	if h.ResourceType != "Bundle" {
		w.Header().Set("Location", "/fhir/"+h.ResourceType+"/"+delivery+"/_history/1")
		w.WriteHeader(http.StatusCreated)
		return
	}
	if h.Type != "transaction" && h.Type != "batch" {
		w.WriteHeader(http.StatusAccepted)
		return
	}
	type entry struct {
		Response struct {
			Status   string `json:"status"`
			Location string `json:"location,omitempty"`
		} `json:"response"`
	}
	done := struct {
		ResourceType string  `json:"resourceType"`
		Type         string  `json:"type"`
		Entry        []entry `json:"entry"`
	}{"Bundle", h.Type + "-response", make([]entry, len(h.Entry))}
	for i := range h.Entry {
		resp := &done.Entry[i].Response
		resp.Status = "202 Accepted" // what is not a result is used to understand the others, or ignored
		if kind := h.Entry[i].Resource.ResourceType; kind == "DiagnosticReport" || kind == "Observation" {
			resp.Status, resp.Location = "201 Created", fmt.Sprintf("%s/%s-%d/_history/1", kind, delivery, i+1)
		}
	}
	b, _ := json.Marshal(done)
	send(w, http.StatusOK, "application/fhir+json", b)
}

// metadata says what may be sent (FHIR R4 capabilitystatement.html).
func (d *Door) metadata(w http.ResponseWriter, _ *http.Request, _ *source) {
	create := []map[string]string{{"code": "create"}}
	b, _ := json.Marshal(map[string]any{
		"resourceType": "CapabilityStatement", "status": "active", "date": "2026-11-22", "kind": "instance",
		"fhirVersion": "4.0.1", "format": []string{"json"},
		"implementation": map[string]string{"description": "Wardwatch: results of imaging AI and reads of radiologists, in"},
		"rest": []any{map[string]any{
			"mode":        "server",
			"interaction": []map[string]string{{"code": "transaction"}, {"code": "batch"}},
			"resource": []any{
				map[string]any{"type": "DiagnosticReport", "interaction": create},
				map[string]any{"type": "Observation", "interaction": create},
			},
		}},
	})
	send(w, http.StatusOK, "application/fhir+json", b)
}
