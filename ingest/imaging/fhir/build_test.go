package fhir

import (
	"encoding/json"
	"time"
)

// object is a piece of JSON.
type object map[string]any

type list []any

var (
	hanoi    = time.FixedZone("", 7*3600)
	received = time.Date(2026, 11, 21, 8, 40, 0, 0, hanoi)
	options  = Options{Source: "ris", Delivery: "d1", Received: received, Zone: hanoi}
)

func sct(code, display string) object {
	return object{"coding": list{object{"system": "http://snomed.info/sct", "code": code, "display": display}}}
}

func ref(to string) object { return object{"reference": to} }

// with is the object with more in it, or other.
func (o object) with(name string, v any) object {
	out := object{}
	for k, v := range o {
		out[k] = v
	}
	out[name] = v
	return out
}

func (o object) without(name string) object {
	out := o.with(name, nil)
	delete(out, name)
	return out
}

func (o object) json() []byte {
	b, err := json.Marshal(o)
	if err != nil {
		panic(err)
	}
	return b
}

func bundleOf(resources ...object) object {
	var entries list
	for _, r := range resources {
		entries = append(entries, object{"fullUrl": "urn:uuid:" + r["id"].(string), "resource": r})
	}
	return object{"resourceType": "Bundle", "type": "transaction", "entry": entries}
}

var (
	pneumonia    = sct("233604007", "Pneumonia")
	pneumothorax = sct("36118008", "Pneumothorax")
	present      = sct("52101004", "Present")
	absent       = sct("2667000", "Absent")

	person = object{
		"resourceType": "Patient", "id": "p1", "gender": "male", "birthDate": "1960-01-31",
		"identifier": list{object{
			"system": "urn:bv", "value": "BN-000123",
			"type": object{"coding": list{object{"system": systemIdentifierType, "code": "MR"}}},
		}},
		"name": list{object{"family": "Nguyễn", "given": list{"Văn", "A"}}},
	}
	pictures = object{
		"resourceType": "ImagingStudy", "id": "s1", "status": "available", "subject": ref("Patient/p1"), "started": "2026-11-21T08:15:00+07:00",
		"identifier": list{
			object{"system": "urn:dicom:uid", "value": "urn:oid:1.2.826.0.1.3680043.10.511.1"},
			object{"value": "ACC-77", "type": object{"coding": list{object{"system": systemIdentifierType, "code": "ACSN"}}}},
		},
		"modality": list{object{"code": "DX"}},
		"series":   list{object{"uid": "1.2.826.0.1.3680043.10.511.1.2", "bodySite": object{"system": "http://snomed.info/sct", "code": "51185008", "display": "Thoracic structure"}}},
	}
	program = object{
		"resourceType": "Device", "id": "d1",
		"deviceName": list{object{"name": "Example Inc.", "type": "manufacturer-name"}, object{"name": "example-cxr", "type": "model-name"}},
		"version":    list{object{"value": "9", "type": object{"text": "hardware"}}, object{"value": "2.1.0", "type": object{"text": "Software version"}}},
	}
	doctor = ref("Practitioner/r1")

	// byProgram is an Observation of the AI, byDoctor one of the radiologist; each wants a value.
	byProgram = object{
		"resourceType": "Observation", "id": "o1", "status": "final", "code": pneumonia, "subject": ref("Patient/p1"),
		"derivedFrom": list{ref("ImagingStudy/s1")}, "device": ref("Device/d1"), "issued": "2026-11-21T08:17:00+07:00",
	}
	byDoctor = byProgram.without("device").with("performer", list{doctor}).with("issued", "2026-11-21T08:30:00+07:00")

	diagnosis = object{
		"resourceType": "DiagnosticReport", "id": "r1", "status": "final", "subject": ref("Patient/p1"),
		"code": sct("399208008", "Plain chest X-ray"), "imagingStudy": list{ref("ImagingStudy/s1")}, "result": list{ref("Observation/o1")},
	}
)

func number(value float64, unit string) object { return object{"value": value, "code": unit} }
