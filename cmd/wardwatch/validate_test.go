package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wardwatch/scoring/risk"
)

// needModels skips where the shared library is not at hand: the rest of the program works without.
func needModels(t *testing.T) {
	t.Helper()
	m := risk.Open(risk.Options{})
	defer m.Close()
	for _, p := range m.Problems() {
		t.Skipf("the models do not run here: %s (make onnxruntime fetches the library)", p.Detail)
	}
}

// hourly writes people in the CinC 2019 layout: every third gets worse in breathing over the last
// hours, and carries the sepsis label then.
func hourly(t *testing.T, people int) string {
	t.Helper()
	random := rand.New(rand.NewPCG(7, 7))
	var b bytes.Buffer
	b.WriteString("patient,HR,O2Sat,Temp,SBP,MAP,DBP,Resp,EtCO2,FiO2,Age,Gender,ICULOS,SepsisLabel\n")
	for p := range people {
		for hour := 1; hour <= 30; hour++ {
			worse, label := 0.0, 0
			if p%3 == 0 && hour > 20 {
				worse, label = float64(hour-20), 1
			}
			n := func(mean, spread float64) float64 { return mean + spread*random.NormFloat64() }
			fmt.Fprintf(&b, "q%d,%.0f,%.0f,%.1f,%.0f,%.0f,%.0f,%.0f,,,%d,%d,%d,%d\n", p,
				n(80+3*worse, 4), min(100, n(97-worse, 1)), n(37+0.1*worse, 0.2), n(120-2*worse, 5), n(85-2*worse, 2), n(68-2*worse, 2), n(16+1.8*worse, 1), 40+p%50, p%2, hour, label)
		}
	}
	file := filepath.Join(t.TempDir(), "hourly.csv")
	if err := os.WriteFile(file, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// The keys that programs rely on.
func TestValidateWritesItsContract(t *testing.T) {
	needModels(t)
	for _, model := range []string{"deterioration", "respiratory", "deterioration-labs", "respiratory-logistic"} {
		t.Run(model, func(t *testing.T) {
			dir := t.TempDir()
			c := validateCmd{Model: model, recordedFlags: recordedFlags{Data: hourly(t, 30)}, Resamples: 10, JSON: filepath.Join(dir, "r.json"), HTML: filepath.Join(dir, "r.html")}
			r, err := c.run(t.Context(), &bar{})
			if err != nil {
				t.Fatal(err)
			}
			if err := c.write(r); err != nil {
				t.Fatal(err)
			}
			raw, err := os.ReadFile(c.JSON)
			if err != nil {
				t.Fatal(err)
			}
			var got struct {
				N, Events, Patients int
				AUROC, AUPRC        *float64
				Calibration         struct{ Slope, Intercept *float64 }
				Reference           struct {
					News2    struct{ AUROC, AUPRC *float64 }
					Logistic struct{ AUROC, AUPRC *float64 } `json:"trend_logistic"`
				}
				Ratio *float64 `json:"alerts_ratio_at_news2_5"`
			}
			if err := json.Unmarshal(raw, &got); err != nil {
				t.Fatal(err)
			}
			for name, x := range map[string]*float64{
				"auroc": got.AUROC, "auprc": got.AUPRC, "slope": got.Calibration.Slope, "intercept": got.Calibration.Intercept,
				"news2": got.Reference.News2.AUROC, "trend_logistic": got.Reference.Logistic.AUPRC, "ratio": got.Ratio,
			} {
				if x == nil {
					t.Errorf("%s is missing", name)
				}
			}
			if got.Patients != 30 || got.Events == 0 || got.N <= got.Events {
				t.Errorf("%d patients, %d of %d rows with the event", got.Patients, got.Events, got.N)
			}
			page, err := os.ReadFile(c.HTML)
			if err != nil || !bytes.Contains(page, []byte("<svg")) {
				t.Errorf("the page has no plot: %v", err)
			}
		})
	}
}

func TestValidateRefuses(t *testing.T) {
	needModels(t)
	dir := t.TempDir()
	text := filepath.Join(dir, "model.onnx")
	if err := os.WriteFile(text, []byte("not a model"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct{ name, model, want string }{
		{"a model that is not there", "sepsis", "give deterioration, respiratory"},
		{"the forecast, which has no probability", "vitals-forecast", "give deterioration, respiratory"},
		{"a file that is no model", text, "export the model again"},
		{"a file that is not there", filepath.Join(dir, "none.onnx"), "reading the model"},
	} {
		c := validateCmd{Model: x.model, recordedFlags: recordedFlags{Data: hourly(t, 3)}}
		_, err := c.run(t.Context(), &bar{})
		if err == nil || !strings.Contains(err.Error(), x.want) {
			t.Errorf("%s: %v, want %q", x.name, err, x.want)
		}
	}
}

// The rows of the real set are those that the definitions of the labels leave.
func TestValidateRealRows(t *testing.T) {
	needModels(t)
	dir := os.Getenv("WARDWATCH_TESTDATA")
	if dir == "" {
		t.Skip("WARDWATCH_TESTDATA is not set: no real data")
	}
	for _, x := range []struct {
		model     string
		n, events int
	}{{"deterioration", 530_418, 4_689}, {"respiratory", 326_347, 6_998}} {
		c := validateCmd{Model: x.model, recordedFlags: recordedFlags{Data: filepath.Join(dir, "cinc2019-sepsis-setB", "dev.csv.gz")}}
		r, err := c.run(t.Context(), &bar{})
		if err != nil {
			t.Fatal(err)
		}
		if r.N != x.n || r.Events != x.events {
			t.Errorf("%s: %d rows and %d events, the definitions leave %d and %d", x.model, r.N, r.Events, x.n, x.events)
		}
		if r.AUROC <= r.Reference.News2.AUROC || r.AUROC <= r.Reference.Logistic.AUROC {
			t.Errorf("%s: AUROC %.3f, NEWS2 %.3f, logistic %.3f: a model that beats neither does not ship", x.model, r.AUROC, r.Reference.News2.AUROC, r.Reference.Logistic.AUROC)
		}
	}
}
