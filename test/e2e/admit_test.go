//go:build e2e

package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// newcomer is somebody to be admitted. The monitors are registered for the bed.
type newcomer struct {
	bed      string
	born     time.Time
	sex      string
	from     time.Time
	monitors []string
}

// admit enters people by the list that a ward imports.
func (s site) admit(t testing.TB, people ...newcomer) {
	t.Helper()
	var sheet strings.Builder
	sheet.WriteString("hospital_id,family_name,given_name,birth_date,sex,ward,bed,admitted\n")
	for i, p := range people {
		fmt.Fprintf(&sheet, "TEST-%d,Thử,Nghiệm,%s,%s,W1,%s,%s\n", i, p.born.Format(time.DateOnly), p.sex, p.bed, p.from.Format(time.RFC3339))
		for _, monitor := range p.monitors {
			run(t, "device", "add", "--data", s.data, "--user", monitor, "--ward", "W1", "--beds", p.bed, "--quiet")
		}
	}
	file := filepath.Join(t.TempDir(), "stays.csv")
	if err := os.WriteFile(file, []byte(sheet.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	run(t, "ward", "stays", file, "--data", s.data)
}
