package pacs

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"
)

// Whatever an archive answers, only a UID gets into a path, and it stays where it is put.
func FuzzDataset(f *testing.F) {
	f.Add([]byte(`[{"0020000D":{"vr":"UI","Value":["1.2.3"]},"00201208":{"vr":"IS","Value":[2]}}]`))
	f.Add([]byte(`[{"0020000D":{"Value":["../../system"]}}]`))
	f.Add([]byte(`[{"0020000D":{"Value":[null,{}]}},{}]`))
	f.Fuzz(func(t *testing.T, body []byte) {
		var page []dataset
		if json.Unmarshal(body, &page) != nil {
			return
		}
		for _, d := range page {
			_ = d.when()
			uid := d.uid(tagStudyUID)
			if uid == "" {
				continue
			}
			path := instance{uid, uid, uid}.path()
			u, err := url.Parse("http://archive" + path)
			if err != nil || u.Path != path || strings.Count(u.Path, "/") != 6 || u.JoinPath().Path != path {
				t.Errorf("%q leads to %v, %v", uid, u, err)
			}
		}
	})
}
