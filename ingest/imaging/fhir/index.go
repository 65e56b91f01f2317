package fhir

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"wardwatch/ingest/imaging/report"
)

// maxResources bounds the resources of one body, the contained ones too.
const maxResources = 5000

// node is one resource with where it stands.
type node struct {
	path     string
	kind     string
	resource any // pointer to its struct; nil for a type that is not read
	inside   map[string]*node
}

// index finds the resources of one body by how they are referred to.
type index struct {
	top   []*node // of a Bundle, or the one that is the body
	by    map[string]*node
	count int
}

// open checks a body and finds its resources.
func open(b []byte) (*index, error) {
	if err := report.CheckJSON(b); err != nil {
		return nil, err
	}
	x := &index{by: map[string]*node{}}
	var head base
	if err := decode(b, "the body", &head); err != nil {
		return nil, err
	}
	switch head.ResourceType {
	case "Bundle":
		return x, x.bundle(b)
	case "DiagnosticReport", "Observation":
		return x, x.add(b, head.ResourceType, "")
	}
	return nil, wrong("resourceType", "the body is no Bundle, DiagnosticReport or Observation", "send one of these as FHIR R4 JSON")
}

// Types of a Bundle that are taken. A search set or a history is an answer, not something to be done.
var bundleTypes = map[string]bool{"transaction": true, "batch": true, "collection": true, "message": true, "document": true}

func (x *index) bundle(b []byte) error {
	var all bundle
	if err := decode(b, "Bundle", &all); err != nil {
		return err
	}
	if all.ImplicitRules != "" {
		return wrong("Bundle.implicitRules", "rules that are not known here would have to be obeyed", "send the bundle without implicitRules")
	}
	if !bundleTypes[all.Type] {
		return wrong("Bundle.type", "the bundle is of a type that is not taken", "send a transaction, batch, collection, message or document")
	}
	for i, e := range all.Entry {
		path := fmt.Sprintf("Bundle.entry[%d]", i)
		if e.Request != nil && (e.Request.Method == "DELETE" || e.Request.Method == "PATCH") {
			return wrong(path+".request.method", "a result cannot be deleted or patched", "send the whole resource with the status entered-in-error, or amended")
		}
		if len(e.Resource) == 0 {
			continue
		}
		if err := x.add(e.Resource, path+".resource", e.FullURL); err != nil {
			return err
		}
	}
	return nil
}

// add reads one resource and those contained in it.
func (x *index) add(b json.RawMessage, path, fullURL string) error {
	n, head, err := x.read(b, path)
	if err != nil {
		return err
	}
	for i, raw := range head.Contained {
		in, inner, err := x.read(raw, fmt.Sprintf("%s.contained[%d]", path, i))
		if err != nil {
			return err
		}
		if n.inside == nil {
			n.inside = map[string]*node{}
		}
		in.inside = n.inside // what is contained refers to its neighbours
		n.inside["#"+inner.ID] = in
	}
	x.top = append(x.top, n)
	for _, name := range []string{fullURL, n.kind + "/" + head.ID} {
		if name == "" || strings.HasSuffix(name, "/") {
			continue
		}
		if other := x.by[name]; other != nil && other != n {
			return wrong(path, "two resources of the bundle have one name", "give each its own fullUrl and id")
		}
		x.by[name] = n
	}
	return nil
}

func (x *index) read(b json.RawMessage, path string) (*node, base, error) {
	var head base
	if x.count++; x.count > maxResources {
		return nil, head, wrong(path, fmt.Sprintf("the body holds more than %d resources", maxResources), "send fewer results at a time")
	}
	if err := decode(b, path, &head); err != nil {
		return nil, head, err
	}
	n := &node{path: path, kind: head.ResourceType}
	switch head.ResourceType {
	case "Observation":
		n.resource = &observation{}
	case "DiagnosticReport":
		n.resource = &diagnosticReport{}
	case "ImagingStudy":
		n.resource = &imagingStudy{}
	case "Patient":
		n.resource = &patient{}
	case "Device":
		n.resource = &device{}
	case "ServiceRequest":
		n.resource = &serviceRequest{}
	case "":
		return nil, head, wrong(path+".resourceType", "the resource does not say what it is", "send resourceType")
	default:
		return n, head, nil
	}
	return n, head, decode(b, path, n.resource)
}

// find is the resource that a reference means, nil when the body does not hold it.
func (x *index) find(from *node, ref *reference) *node {
	if ref == nil || ref.Reference == "" {
		return nil
	}
	if strings.HasPrefix(ref.Reference, "#") {
		return from.inside[ref.Reference]
	}
	name, _, _ := strings.Cut(ref.Reference, "/_history/")
	if n := x.by[name]; n != nil {
		return n
	}
	return x.by[relative(name)]
}

// relative is the "Type/id" that a URL ends with.
func relative(name string) string {
	parts := strings.Split(name, "/")
	if len(parts) < 2 {
		return name
	}
	return parts[len(parts)-2] + "/" + parts[len(parts)-1]
}

// kind is the type of what a reference means, also when the body does not hold it.
func (x *index) kind(from *node, ref *reference) string {
	if n := x.find(from, ref); n != nil {
		return n.kind
	}
	if ref.Type != "" {
		return ref.Type
	}
	kind, _, _ := strings.Cut(relative(ref.Reference), "/")
	return kind
}

// decode reads a resource. The error names the place and not what stands there.
func decode(b []byte, path string, into any) error {
	err := json.Unmarshal(b, into)
	if err == nil {
		return nil
	}
	var mistyped *json.UnmarshalTypeError
	if errors.As(err, &mistyped) {
		if field := strings.TrimPrefix(mistyped.Field, "value."); field != "" { // of the embedded struct
			path += "." + field
		}
		return wrong(path, "the value is not of the type that FHIR R4 gives it", "see hl7.org/fhir/R4 for this element")
	}
	return wrong(path, "the value cannot be read", "see hl7.org/fhir/R4 for this element")
}
