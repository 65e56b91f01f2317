package devices

import _ "embed"

//go:embed schema/vitals.schema.json
var schema []byte

// Schema is the JSON Schema (2020-12) of the vitals payload. It must not be changed.
func Schema() []byte { return schema }
