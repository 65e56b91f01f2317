// Package orthanc runs a real picture archive, Debian's Orthanc with its DICOMweb plugin, for tests, and
// makes pictures for it with dcmtk.
package orthanc

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

const (
	program    = "/usr/sbin/Orthanc"
	plugin     = "/usr/share/orthanc/plugins/libOrthancDicomWeb.so"
	startLimit = 20 * time.Second
)

// User and Password are what the archive asks for.
const (
	User     = "ward"
	Password = "watch"
)

// Peer is a DICOMweb service that the archive may send to.
type Peer struct {
	Name, URL, User, Password string
}

// Archive is a running Orthanc. It ends with the test.
type Archive struct {
	t    testing.TB
	base string
}

// Start starts an empty archive on a free port of the loopback. Without Orthanc or dcmtk the test is
// skipped, but fails where CI is set.
func Start(t testing.TB, peers ...Peer) *Archive {
	t.Helper()
	for _, needed := range []string{program, plugin} {
		if _, err := os.Stat(needed); err != nil {
			missing(t, "Orthanc with its DICOMweb plugin (Debian packages orthanc and orthanc-dicomweb)")
		}
	}
	if _, err := exec.LookPath("img2dcm"); err != nil {
		missing(t, "dcmtk (Debian package dcmtk)")
	}
	dir, port := t.TempDir(), freePort(t)
	conf := filepath.Join(dir, "orthanc.json")
	if err := os.WriteFile(conf, configuration(dir, port, peers), 0o600); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	cmd := exec.Command(program, conf)
	cmd.Stdout, cmd.Stderr = &log, &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { defer close(ended); _ = cmd.Wait() }()
	t.Cleanup(func() { _ = cmd.Process.Kill(); <-ended })
	a := &Archive{t: t, base: fmt.Sprintf("http://127.0.0.1:%d", port)}
	a.awaitStart(ended, &log)
	return a
}

func missing(t testing.TB, what string) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatal("not installed: ", what)
	}
	t.Skip("not installed: ", what)
}

func configuration(dir string, port int, peers []Peer) []byte {
	servers := map[string]any{}
	for _, p := range peers {
		servers[p.Name] = map[string]any{"Url": p.URL, "Username": p.User, "Password": p.Password}
	}
	b, _ := json.Marshal(map[string]any{
		"Name": "test", "StorageDirectory": dir, "IndexDirectory": dir, "Plugins": []string{plugin},
		"HttpPort": port, "RemoteAccessAllowed": false, "DicomServerEnabled": false,
		"AuthenticationEnabled": true, "RegisteredUsers": map[string]string{User: Password},
		"OverwriteInstances": true, "HttpsVerifyPeers": false,
		"DicomWeb": map[string]any{"Enable": true, "Root": "/dicom-web/", "Servers": servers},
	})
	return b
}

func freePort(t testing.TB) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// awaitStart waits until the archive answers. The log is read only once the process has ended.
func (a *Archive) awaitStart(ended <-chan struct{}, log *bytes.Buffer) {
	a.t.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for late := time.After(startLimit); ; {
		if resp, err := a.do(http.MethodGet, "/system", nil); err == nil {
			resp.Body.Close()
			return
		}
		select {
		case <-ended:
			a.t.Fatalf("Orthanc ended: %s", log)
		case <-late:
			a.t.Fatal("Orthanc does not answer")
		case <-tick.C:
		}
	}
}

// DICOMweb is the address of the archive's DICOMweb service.
func (a *Archive) DICOMweb() string { return a.base + "/dicom-web" }

// Store puts an instance into the archive and returns the archive's own name of it.
func (a *Archive) Store(dicom []byte) string {
	a.t.Helper()
	var stored struct{ ID string }
	a.ask(http.MethodPost, "/instances", dicom, &stored)
	return stored.ID
}

// Send has the archive send instances, by its own names, to a peer by STOW-RS. The error is the archive's.
func (a *Archive) Send(peer string, ids ...string) error {
	a.t.Helper()
	b, _ := json.Marshal(map[string]any{"Resources": ids, "Synchronous": true})
	resp, err := a.do(http.MethodPost, "/dicom-web/servers/"+peer+"/stow", b)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if body, _ := io.ReadAll(resp.Body); resp.StatusCode != http.StatusOK {
		return fmt.Errorf("HTTP %d: %s", resp.StatusCode, body)
	}
	return nil
}

func (a *Archive) ask(method, path string, body []byte, answer any) {
	a.t.Helper()
	resp, err := a.do(method, path, body)
	if err != nil {
		a.t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		a.t.Fatalf("%s %s: HTTP %d: %s: %v", method, path, resp.StatusCode, b, err)
	}
	if answer != nil {
		if err := json.Unmarshal(b, answer); err != nil {
			a.t.Fatal(err)
		}
	}
}

func (a *Archive) do(method, path string, body []byte) (*http.Response, error) {
	r, err := http.NewRequest(method, a.base+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.SetBasicAuth(User, Password)
	return http.DefaultClient.Do(r)
}
