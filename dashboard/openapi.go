package dashboard

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"wardwatch/dashboard/live"
)

// object is JSON being built.
type object = map[string]any

// describe makes openapi.json from the routes and the types of their bodies and replies, so that
// it cannot say anything else than the program does.
func describe(routes []route, version string) ([]byte, error) {
	d := describer{schemas: object{}}
	paths := object{}
	for _, r := range routes {
		p, ok := paths[r.Path].(object)
		if !ok {
			p = object{}
			paths[r.Path] = p
		}
		p[strings.ToLower(r.Method)] = d.operation(r)
	}
	problem := d.schema(reflect.TypeFor[Problem]())
	d.schema(reflect.TypeFor[live.DeltaView]()) // the stream's other event
	out, err := json.MarshalIndent(object{
		"openapi": "3.1.0",
		"info": object{"title": "Wardwatch", "version": version,
			"description": "All times are Unix milliseconds. Errors are application/problem+json. A browser's session needs the header " + csrfHeader + " on everything but GET; a bearer token does not."},
		"paths": paths,
		"components": object{
			"schemas": d.schemas,
			"securitySchemes": object{
				"session": object{"type": "apiKey", "in": "cookie", "name": "wardwatch"},
				"token":   object{"type": "http", "scheme": "bearer"},
			},
			"responses": object{"Problem": object{"description": "What is wrong, and how to mend it", "content": object{"application/problem+json": object{"schema": problem}}}},
		},
	}, "", " ")
	if err != nil {
		return nil, fmt.Errorf("describing the API: %w", err)
	}
	return out, nil
}

type describer struct{ schemas object }

func (d *describer) operation(r route) object {
	status := r.Status
	if status == 0 {
		status = 200
	}
	reply := object{"description": r.Summary}
	switch {
	case r.Reply != nil:
		kind := r.Kind
		if kind == "" {
			kind = "application/json"
		}
		reply["content"] = object{kind: object{"schema": d.schema(reflect.TypeOf(r.Reply))}}
	case r.Kind != "":
		reply["content"] = object{r.Kind: object{"schema": object{"type": "string"}}}
	}
	op := object{
		"summary":   r.Summary,
		"responses": object{strconv.Itoa(status): reply, "default": object{"$ref": "#/components/responses/Problem"}},
	}
	if ps := parameters(r); len(ps) > 0 {
		op["parameters"] = ps
	}
	switch {
	case r.Large:
		op["requestBody"] = object{"required": true, "content": object{"text/csv": object{"schema": object{"type": "string"}}}}
	case r.Body != nil:
		_, optional := r.Body.(NoBody)
		op["requestBody"] = object{"required": !optional, "content": object{"application/json": object{"schema": d.schema(reflect.TypeOf(r.Body))}}}
	}
	if !r.Open() {
		op["security"] = []object{{"session": []string{}}, {"token": []string{}}}
		op["x-access"] = words(r.Access)
	}
	return op
}

func parameters(r route) []object {
	var out []object
	for _, name := range r.params() {
		pattern := "^[A-Za-z0-9_-]{1,64}$"
		switch name {
		case "uid": // DICOM's, PS3.5 9.1
			pattern = "^[0-9.]{1,64}$"
		case "token":
			pattern = "^[A-Za-z0-9_-]+$"
		}
		out = append(out, object{"name": name, "in": "path", "required": true, "schema": object{"type": "string", "pattern": pattern}})
	}
	for _, name := range r.Query {
		out = append(out, object{"name": name, "in": "query", "schema": object{"type": "string"}})
	}
	return out
}

// schema is t as JSON Schema; named structs are put among the components and referred to.
func (d *describer) schema(t reflect.Type) object {
	if t == reflect.TypeFor[live.Series]() {
		return object{"type": "array", "items": object{"type": []string{"number", "null"}}}
	}
	switch t.Kind() {
	case reflect.Pointer:
		return object{"anyOf": []object{d.schema(t.Elem()), {"type": "null"}}}
	case reflect.Slice:
		return object{"type": "array", "items": d.schema(t.Elem())}
	case reflect.Array:
		return object{"type": "array", "items": d.schema(t.Elem()), "minItems": t.Len(), "maxItems": t.Len()}
	case reflect.Interface: // described where it is made
		return object{}
	case reflect.Map:
		return object{"type": "object", "additionalProperties": d.schema(t.Elem())}
	case reflect.String:
		return object{"type": "string"}
	case reflect.Bool:
		return object{"type": "boolean"}
	case reflect.Float64:
		return object{"type": "number"}
	case reflect.Struct:
		return d.component(t)
	default:
		return object{"type": "integer"}
	}
}

func (d *describer) component(t reflect.Type) object {
	ref := object{"$ref": "#/components/schemas/" + t.Name()}
	if _, ok := d.schemas[t.Name()]; ok {
		return ref
	}
	properties, required := object{}, []string{}
	s := object{"type": "object", "properties": properties}
	d.schemas[t.Name()] = s
	for _, f := range reflect.VisibleFields(t) {
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if f.Anonymous || name == "" {
			continue
		}
		properties[name] = d.schema(f.Type)
		if !strings.Contains(options, "omit") {
			required = append(required, name)
		}
	}
	if len(required) > 0 {
		s["required"] = required
	}
	return ref
}
