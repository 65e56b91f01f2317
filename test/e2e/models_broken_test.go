//go:build e2e

package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"wardwatch/devices/publish"
	"wardwatch/ward"
)

// TestModelsBroken starts the server with what is not ONNX Runtime in its place. The charts and the
// alerts go on, and everybody who asks is told what is missing and how to mend it.
func TestModelsBroken(t *testing.T) {
	for _, c := range []struct {
		what    string
		library func(t *testing.T) string
		long    bool // waits for the limit of the trial
	}{
		{"no library", func(t *testing.T) string { return filepath.Join(t.TempDir(), "libonnxruntime.so.1") }, false},
		{"a text file", func(t *testing.T) string { return textFile(t, "this is no library\n") }, false},
		{"another library", func(t *testing.T) string { return compiled(t, "int other(void) { return 1; }") }, false},
		{"crashes on load", func(t *testing.T) string {
			return compiled(t, "#include <stdlib.h>\n__attribute__((constructor)) static void load(void) { abort(); }")
		}, false},
		{"crashes when it is called", func(t *testing.T) string { return compiled(t, "void *OrtGetApiBase(void) { return 0; }") }, false},
		{"does not end loading", func(t *testing.T) string {
			return compiled(t, "#include <unistd.h>\n__attribute__((constructor)) static void load(void) { for (;;) pause(); }")
		}, true},
	} {
		t.Run(c.what, func(t *testing.T) {
			if c.long && !soak() {
				t.Skip("takes a minute: WARDWATCH_SOAK is not set")
			}
			t.Parallel()
			withoutModels(t, c.library(t))
		})
	}
}

func textFile(t testing.TB, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "libonnxruntime.so.1")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// compiled is a shared library made of C.
func compiled(t testing.TB, source string) string {
	t.Helper()
	cc := os.Getenv("CC")
	if cc == "" {
		cc = "gcc"
	}
	dir := t.TempDir()
	from, to := filepath.Join(dir, "library.c"), filepath.Join(dir, "libonnxruntime.so.1")
	if err := os.WriteFile(from, []byte(source), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(needs(t, cc), "-shared", "-fPIC", "-o", to, from).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v: %s", cc, err, out)
	}
	return to
}

func withoutModels(t *testing.T, library string) {
	x := newTrial(t, 6)
	x.doctorSays(library)
	srv := x.site.serve(t, nil, append(x.flags, "--onnx-lib", library)...)
	g := newGateway(t, publish.Options{URL: srv.mqtt, User: x.site.user, Password: x.site.password}, "boot", 6)
	g.stream(300, 300, 100)
	g.flush()
	x.alarmed()
	srv.toldWithout()
	if !srv.alive() {
		t.Error("the server ended")
	}
	code, said := x.doctor("--onnx-lib", library)
	if !strings.Contains(said, "MEND  models_missing") || code != 1 {
		t.Errorf("doctor, beside the running server, ends with %d and does not name models_missing:\n%s", code, said)
	}
	srv.stop()
	x.promised()
}

// toldWithout: the server is ready, and says at each place what is missing.
func (s *server) toldWithout() {
	s.t.Helper()
	list := s.models()
	var ready struct {
		Ready  bool
		Checks []struct {
			Name, Detail string
			OK           bool
		}
	}
	s.get("/readyz", &ready)
	named := false
	for _, c := range ready.Checks {
		if c.Name == "models_missing" {
			named = c.OK && strings.Contains(c.Detail, "make onnxruntime")
		}
	}
	if !ready.Ready || !named {
		s.t.Errorf("/readyz does not name models_missing with its remedy, or is not ready: %+v", ready)
	}
	if len(list.Models) != 0 || len(list.Problems) != 1 || list.Problems[0].Code != string(ward.WithheldRuntime) || list.Problems[0].Detail == "" || list.Problems[0].Hint == "" {
		s.t.Errorf("the models: %+v", list)
	}
	for _, task := range ward.Tasks {
		until(s.t, fmt.Sprintf("%s is withheld with its reason", task), func() bool {
			var said []struct {
				Risk struct {
					Withheld string
					Value    *float64
				}
			}
			s.get(fmt.Sprintf("/api/v1/models/%s/predictions?ward=W1", task), &said)
			return len(said) == 1 && said[0].Risk.Withheld == string(ward.WithheldRuntime) && said[0].Risk.Value == nil
		})
	}
}

// doctorSays: of all that is to be mended, the models are what this library adds, and the exit code
// is 1.
func (x *trial) doctorSays(library string) {
	x.Helper()
	_, sound := x.doctor()
	code, said := x.doctor("--onnx-lib", library)
	for _, line := range mends(said) {
		if slices.Contains(mends(sound), line) {
			continue
		}
		if !strings.HasPrefix(line, "MEND  models ") {
			x.Errorf("doctor has something else to mend than with a sound library: %s", line)
		}
	}
	if code != 1 || !strings.Contains(said, "MEND  models ") || !strings.Contains(said, "make onnxruntime") {
		x.Errorf("doctor ends with %d, and does not say how to mend the models:\n%s", code, said)
	}
	if strings.Contains(sound, "MEND  models ") {
		x.Errorf("with the library of this machine the models do not run (make onnxruntime):\n%s", sound)
	}
}

func mends(said string) (lines []string) {
	for line := range strings.Lines(said) {
		if strings.HasPrefix(line, "MEND") {
			lines = append(lines, line)
		}
	}
	return lines
}

// doctor examines the site with the flags of its server and more.
func (x *trial) doctor(more ...string) (code int, said string) {
	x.Helper()
	cmd := exec.Command(program(x), append(append([]string{"doctor", "--data", x.site.data}, x.flags...), more...)...)
	out, err := cmd.Output()
	if _, ended := err.(*exec.ExitError); err != nil && !ended {
		x.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), string(out)
}
