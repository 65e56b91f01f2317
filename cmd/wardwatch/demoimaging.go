package main

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"wardwatch/cmd/wardwatch/app"
	"wardwatch/cmd/wardwatch/imaging"
	"wardwatch/dashboard/signin"
	"wardwatch/devices/sim"
	"wardwatch/ingest/imaging/door"
	"wardwatch/ward"
)

// What the demonstration's imaging sources are called. The one is an AI that posts results; to the other
// anybody on this machine may send pictures.
const (
	demoAI      = "demo-ai"
	demoGate    = "demo-gateway"
	demoBed     = ward.BedID("07") // the person who gets worse
	demoResults = 45 * time.Second // after the start
)

//go:embed demoai.yaml
var demoMapping []byte

// demoImaging is what the demonstration takes in of imaging, and the secrets of its sources.
type demoImaging struct {
	settings      imaging.Settings
	token, secret string
}

func (c *demoCmd) imaging() (d demoImaging, err error) {
	dir := filepath.Join(c.Data, "demo-imaging")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return d, err
	}
	d.token, d.secret = signin.NewSecret(), signin.NewSecret()
	for name, content := range map[string][]byte{"token": []byte(d.token), "secret": []byte(d.secret), "mapping.yaml": demoMapping} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			return d, err
		}
	}
	d.settings = imaging.Settings{
		Listen: "127.0.0.1:0", Models: []string{"demo-pneumonia"}, Keep: 30 * 24 * time.Hour,
		Sources: []imaging.Source{
			{Name: demoAI, Kind: imaging.KindWebhook, SecretFile: filepath.Join(dir, "secret"), Mapping: filepath.Join(dir, "mapping.yaml")},
			{Name: demoGate, Kind: imaging.KindDICOM, TokenFile: filepath.Join(dir, "token"), MaxSize: 256 << 20},
		},
	}
	return d, nil
}

// results posts what a made-up imaging AI says of a chest X-ray of the person who gets worse, the way a
// real one would.
func (d *demoImaging) results(ctx context.Context, a *app.App, simulated *sim.Ward) error {
	for _, p := range simulated.Patients() {
		if p.Place.Bed != demoBed {
			continue
		}
		taken := time.Now().Add(-40 * time.Minute)
		body, err := json.Marshal(map[string]any{
			"study": fmt.Sprintf("2.25.%d", taken.UnixNano()), "patient": p.HospitalID, "born": p.BirthDate.Format(time.DateOnly),
			"taken": taken.Format(time.RFC3339), "done": taken.Add(3 * time.Minute).Format(time.RFC3339),
			"scores": map[string]float64{"bilateral opacity": 0.87, "effusion": 0.31, "pneumothorax": 0.02},
		})
		if err != nil {
			return err
		}
		return d.post(ctx, a.ImagingAddress()+"/hooks/"+demoAI, body)
	}
	return nil
}

func (d *demoImaging) post(ctx context.Context, url string, body []byte) error {
	stamp := strconv.FormatInt(time.Now().Unix(), 10)
	mac := hmac.New(sha256.New, []byte(d.secret))
	mac.Write([]byte(stamp + "."))
	mac.Write(body)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set(door.SignatureHeader, "t="+stamp+",v1="+hex.EncodeToString(mac.Sum(nil)))
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode/100 != 2 {
		return fmt.Errorf("the demonstration's imaging result was answered %s", resp.Status)
	}
	return nil
}
