// Package locale holds every text that people read, in Vietnamese and English, one catalogue for
// the screens and for what the server itself writes. A key that only one language has fails the
// test here and the front end's type check.
package locale

import (
	_ "embed"
	"encoding/json"
	"sync"
)

// Languages of the catalogue.
const (
	Vietnamese = "vi"
	English    = "en"
)

//go:embed vi.json
var vietnamese []byte

//go:embed en.json
var english []byte

// catalogues is decoded once, when the first text is asked for.
var catalogues = sync.OnceValue(func() map[string]map[string]string {
	all := make(map[string]map[string]string, 2)
	for lang, raw := range map[string][]byte{Vietnamese: vietnamese, English: english} {
		texts := map[string]string{}
		if err := json.Unmarshal(raw, &texts); err != nil {
			panic("locale: the embedded catalogue " + lang + " is not JSON: " + err.Error())
		}
		all[lang] = texts
	}
	return all
})

// Text is the text of key in lang. An unknown language is read as Vietnamese; an unknown key is
// given back as it is, so that a new code is shown and never swallowed.
func Text(lang, key string) string {
	texts, ok := catalogues()[lang]
	if !ok {
		texts = catalogues()[Vietnamese]
	}
	if text, ok := texts[key]; ok {
		return text
	}
	return key
}
