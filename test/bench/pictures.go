package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
)

// Pictures of a run, and what each is.
const (
	pictures     = 1000
	pictureSide  = 1024
	pictureToken = "a-token-of-the-bench"
	pictureUID   = "2.25.7700.10000" // its end is counted up
	ownWeights   = "scoring/imaging/models/demo-pneumonia"
)

// pictures compares the latency of the vitals while nothing else happens with that while pictures are
// read: one server, one run after the other.
func (b *bench) pictures() error {
	s, err := b.prepare(cpuBeds, true)
	if err != nil {
		return err
	}
	file, err := imagingFile(s.dir)
	if err != nil {
		return err
	}
	if _, err := b.serve(s, "--imaging", file); err != nil {
		return err
	}
	defer stop(s.server, syscall.SIGKILL)
	const goal = "no slower while pictures are read"
	if err := b.timed(s, "publish → screen event, no pictures", goal); err != nil {
		return err
	}
	count := b.scale(pictures)
	if err := s.sendPictures(count); err != nil {
		return err
	}
	before := s.metric(readPictures)
	if err := b.timed(s, fmt.Sprintf("the same while %d pictures are read", count), goal); err != nil {
		return err
	}
	b.add("pictures read during that", "", "%.0f of %d, %d × %d pixels, each with its map", s.metric(readPictures)-before, count, pictureSide, pictureSide)
	return nil
}

const readPictures = "wardwatch_imaging_read_total"

// imagingFile makes a model of the hospital's own, of the demonstration's weights, and a door.
func imagingFile(dir string) (string, error) {
	weights, err := os.ReadFile(filepath.Join(ownWeights, "model.onnx"))
	if err != nil {
		return "", fmt.Errorf("%w: run it in the project's folder", err)
	}
	raw, err := os.ReadFile(filepath.Join(ownWeights, "manifest.json"))
	if err != nil {
		return "", err
	}
	m := map[string]any{}
	if err := json.Unmarshal(raw, &m); err != nil {
		return "", err
	}
	weights = append(weights, 0x72, 6, 0x0a, 1, 'a', 0x12, 1, 'b') // a remark in the file makes it another
	m["id"], m["demonstration"], m["picture"], m["sha256"] = "bench", false, "none", fmt.Sprintf("%x", sha256.Sum256(weights))
	m["population"] = map[string]any{"region": "chest"}
	if raw, err = json.Marshal(m); err != nil {
		return "", err
	}
	model := filepath.Join(dir, "model")
	if err := os.MkdirAll(model, 0o700); err != nil {
		return "", err
	}
	settings := filepath.Join(dir, "imaging.yaml")
	for name, content := range map[string][]byte{
		filepath.Join(model, "model.onnx"): weights, filepath.Join(model, "manifest.json"): raw, filepath.Join(dir, "token"): []byte(pictureToken),
		settings: []byte("listen: 127.0.0.1:0\nmodels: [model]\nsources: [{name: gateway, kind: dicom, token_file: token}]\n"),
	} {
		if err := os.WriteFile(name, content, 0o600); err != nil {
			return "", err
		}
	}
	return settings, nil
}

// sendPictures sends so many pictures of one person, each a study of its own, by STOW-RS.
func (s *site) sendPictures(count int) error {
	picture, err := dicomPicture(s.dir)
	if err != nil {
		return err
	}
	var run struct{ Imaging string }
	raw, err := os.ReadFile(filepath.Join(s.dir, "run.json"))
	if err != nil {
		return err
	}
	if err := json.Unmarshal(raw, &run); err != nil {
		return err
	}
	for i := range count {
		one := bytes.ReplaceAll(picture, []byte(pictureUID), []byte(fmt.Sprintf("%s%05d", strings.TrimSuffix(pictureUID, "10000"), 10001+i)))
		if err := stow(run.Imaging, one); err != nil {
			return err
		}
	}
	return nil
}

// dicomPicture makes one by dcmtk's img2dcm.
func dicomPicture(dir string) ([]byte, error) {
	img := image.NewGray(image.Rect(0, 0, pictureSide, pictureSide))
	for y := range pictureSide {
		for x := range pictureSide {
			img.SetGray(x, y, color.Gray{Y: uint8((x*y/64 + x) % 251)})
		}
	}
	var jpg bytes.Buffer
	if err := jpeg.Encode(&jpg, img, nil); err != nil {
		return nil, err
	}
	from, to := filepath.Join(dir, "picture.jpg"), filepath.Join(dir, "picture.dcm")
	if err := os.WriteFile(from, jpg.Bytes(), 0o600); err != nil {
		return nil, err
	}
	args := []string{"--no-checks"}
	for key, value := range map[string]string{
		"PatientID": "B0", "PatientName": "Nguyen^Thu 0", "PatientBirthDate": "19500101", "PatientSex": "F", "Modality": "DX",
		"StudyInstanceUID": pictureUID, "SeriesInstanceUID": pictureUID + ".1", "SOPInstanceUID": pictureUID + ".1.1",
	} {
		args = append(args, "--key", key+"="+value)
	}
	if out, err := exec.Command("img2dcm", append(args, from, to)...).CombinedOutput(); err != nil {
		return nil, fmt.Errorf("img2dcm (Debian package dcmtk): %w: %s", err, out)
	}
	return os.ReadFile(to)
}

func stow(door string, dicom []byte) error {
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	part, err := w.CreatePart(textproto.MIMEHeader{"Content-Type": {"application/dicom"}})
	if err != nil {
		return err
	}
	if _, err := part.Write(dicom); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	req, err := http.NewRequest(http.MethodPost, door+"/dicom-web/studies", &body)
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", `multipart/related; type="application/dicom"; boundary=`+w.Boundary())
	req.Header.Set("Authorization", "Bearer "+pictureToken)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("a picture was answered %s", resp.Status)
	}
	return nil
}
