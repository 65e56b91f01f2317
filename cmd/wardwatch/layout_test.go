package main

import (
	"encoding/json"
	"os/exec"
	"strings"
	"testing"
)

// The house: who may see whom (docs/architecture.md). Everything sees ward; siblings do not see
// each other, save that ingest sees the wire format in devices; only cmd sees everything.
var mayAlsoSee = map[string][]string{
	"ingest": {"wardwatch/devices"},
}

// Each third-party package lives in one place, so that replacing it touches one place.
var livesIn = map[string][]string{
	"github.com/eclipse/paho.mqtt.golang":      {"ingest", "devices"},
	"github.com/nats-io/nats-server":           {"ingest/broker"},
	"github.com/influxdata/influxdb-client-go": {"store/influx"},
	"github.com/gofiber/fiber":                 {"dashboard"},
	"github.com/valyala/fasthttp":              {"dashboard"},
	"github.com/prometheus/client_golang":      {"dashboard"},
	"github.com/sajari/regression":             {"scoring/trend"},
	"github.com/yalue/onnxruntime_go":          {"scoring"},
	"modernc.org/sqlite":                       {"store/book"},
	"github.com/pressly/goose":                 {"store/book"},
	"github.com/alecthomas/kong":               {"cmd"},
	"gopkg.in/yaml.v3":                         {"cmd", "scoring/chart"},
	"github.com/suyashkumar/dicom":             {"ingest/imaging"},
	"golang.org/x/crypto/argon2":               {"dashboard"},
	"github.com/SherClockHolmes/webpush-go":    {"alerts/webpush"},
	"github.com/wneessen/go-mail":              {"alerts/smtp"},
}

type listed struct {
	ImportPath   string
	Imports      []string
	TestImports  []string
	XTestImports []string
}

func TestTheHouse(t *testing.T) {
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports,TestImports,XTestImports", "wardwatch/...").Output()
	if err != nil {
		t.Fatal(err)
	}
	for dec := json.NewDecoder(strings.NewReader(string(out))); dec.More(); {
		var p listed
		if err := dec.Decode(&p); err != nil {
			t.Fatal(err)
		}
		path := strings.TrimPrefix(p.ImportPath, "wardwatch/")
		room, _, _ := strings.Cut(path, "/")
		if room == "cmd" || room == "test" {
			continue
		}
		for _, imported := range p.Imports {
			judgeImport(t, path, room, imported)
		}
	}
}

func judgeImport(t *testing.T, path, room, imported string) {
	t.Helper()
	if other, ours := strings.CutPrefix(imported, "wardwatch/"); ours {
		otherRoom, _, _ := strings.Cut(other, "/")
		if room == "ward" {
			t.Errorf("ward is pure, but imports %s", imported)
		}
		if otherRoom == room || otherRoom == "ward" {
			return
		}
		for _, allowed := range mayAlsoSee[room] {
			if imported == allowed {
				return
			}
		}
		t.Errorf("%s imports %s: siblings do not see each other", path, imported)
		return
	}
	if room == "ward" && strings.Contains(imported, ".") {
		t.Errorf("ward is pure, but imports %s", imported)
	}
	for pkg, homes := range livesIn {
		if imported != pkg && !strings.HasPrefix(imported, pkg+"/") {
			continue
		}
		home := false
		for _, h := range homes {
			home = home || path == h || strings.HasPrefix(path, h+"/")
		}
		if !home {
			t.Errorf("%s imports %s, which lives in %v", path, imported, homes)
		}
	}
}

// ward must not touch the world: no I/O, no clock, no goroutines of its own.
func TestWardIsPure(t *testing.T) {
	out, err := exec.Command("go", "list", "-f", "{{join .Imports \"\\n\"}}", "wardwatch/ward").Output()
	if err != nil {
		t.Fatal(err)
	}
	allowed := map[string]bool{"time": true, "errors": true, "fmt": true, "strings": true, "slices": true, "cmp": true, "math": true, "encoding/json": true, "strconv": true, "reflect": true}
	for _, imported := range strings.Fields(string(out)) {
		if !allowed[imported] {
			t.Errorf("ward imports %s", imported)
		}
	}
}
