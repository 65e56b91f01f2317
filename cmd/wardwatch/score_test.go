package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"wardwatch/scoring/chart"
	"wardwatch/ward"
)

func TestScoreLines(t *testing.T) {
	const charts = "mews-subbe-2001, msi, news, news2, npews-england, qsofa, rox, rox-hr, sf, si, sirs, sofa"
	for _, c := range []struct{ in, out string }{
		{`{"chart":"news2","rr":18,"spo2":96,"o2":false,"sbp":120,"hr":80,"consciousness":"A","temp":37.0,"scale":1}`,
			`{"chart":"news2","total":0,"lower_bound":0,"complete":true,"band":"low","parts":{"consciousness":0,"hr":0,"o2":0,"rr":0,"sbp":0,"spo2":0,"temp":0},"missing":[]}`},
		{`{"chart":"news2","rr":26,"spo2":91,"sbp":120}`,
			`{"chart":"news2","total":null,"lower_bound":6,"complete":false,"band":"medium","parts":{"rr":3,"sbp":0,"spo2":3},"missing":["o2","hr","consciousness","temp"]}`},
		{`{"chart":"news2","rr":18}`,
			`{"chart":"news2","total":null,"lower_bound":0,"complete":false,"band":"unknown","parts":{"rr":0},"missing":["spo2","o2","sbp","hr","consciousness","temp"]}`},
		{`{"chart":"news2","rr":null,"hart_rate":80}`,
			`{"chart":"news2","total":null,"lower_bound":0,"complete":false,"band":"unknown","parts":{},"missing":["rr","spo2","o2","sbp","hr","consciousness","temp"],"ignored":["hart_rate"]}`},
		{`{"chart":"news2","spo2":95,"scale":2}`,
			`{"chart":"news2","total":null,"lower_bound":0,"complete":false,"band":"unknown","parts":{},"missing":["rr","o2","sbp","hr","consciousness","temp"]}`},
		{`{"chart":"news2","age":12,"rr":18}`,
			`{"chart":"news2","total":null,"lower_bound":0,"complete":false,"band":"unknown","parts":{},"missing":[],"refused":"under_16"}`},
		{`{"chart":"news2","pregnant_or_postpartum":true}`,
			`{"chart":"news2","total":null,"lower_bound":0,"complete":false,"band":"unknown","parts":{},"missing":[],"refused":"pregnancy"}`},
		{`{"chart":"npews-england","age":40}`,
			`{"chart":"npews-england","total":null,"lower_bound":0,"complete":false,"band":"unknown","parts":{},"missing":[],"refused":"16_or_over"}`},
		{`{"chart":"npews-england","rr":30}`,
			`{"chart":"npews-england","total":null,"lower_bound":0,"complete":false,"band":"unknown","parts":{},"missing":["age_months","resp_distress","spo2","o2_device","hr","sbp","cap_refill","consciousness"]}`},
		{`{"chart":"npews-england","age":2.5,"rr":30,"resp_distress":"mild","spo2":98,"o2_device":"room_air","hr":110,"sbp":90,"cap_refill":1,"avpu":"A","carer_concern":"worse"}`,
			`{"chart":"npews-england","total":1,"lower_bound":1,"complete":true,"band":"medium","parts":{"cap_refill":0,"hr":0,"oxygen":0,"resp_distress":1,"rr":0,"sbp":0,"spo2":0},"missing":[],"variant":"1-4y"}`},
		{`{"chart":"npews-england","age_months":30,"rr":30,"resp_distress":"none","spo2":98,"o2":false,"hr":110,"sbp":90,"cap_refill":1}`,
			`{"chart":"npews-england","total":0,"lower_bound":0,"complete":false,"band":"unknown","parts":{"cap_refill":0,"hr":0,"oxygen":0,"resp_distress":0,"rr":0,"sbp":0,"spo2":0},"missing":["consciousness"],"variant":"1-4y"}`},
		{`{"chart":"sirs","temp":38.5,"hr":80,"rr":18}`,
			`{"chart":"sirs","total":null,"lower_bound":1,"complete":false,"band":"unknown","parts":{"hr":0,"rr":0,"temp":1},"missing":["wbc"],"note":"1 of the 3 criteria that can be judged are met."}`},
		{`{"chart":"qsofa","rr":22,"sbp":100,"gcs":15}`,
			`{"chart":"qsofa","total":2,"lower_bound":2,"complete":true,"band":"medium","verdict":"positive","parts":{"altered_mentation":0,"rr":1,"sbp":1},"missing":[]}`},
		{`{"chart":"sofa","pao2":100,"fio2":0.5,"o2_device":"ventilator","platelets":200,"bilirubin_umol":17.1,"map":80,"norepinephrine":0.2,"gcs":15,"creatinine_umol":88.4,"urine_24h":400}`,
			`{"chart":"sofa","total":9,"lower_bound":9,"complete":true,"band":"medium","verdict":"organ_dysfunction","parts":{"cardiovascular":4,"cns":0,"coagulation":0,"liver":0,"renal":3,"respiration":2},"missing":[]}`},
		{`{"chart":"sofa","urine_24h":490}`,
			`{"chart":"sofa","total":null,"lower_bound":3,"complete":false,"band":"medium","verdict":"organ_dysfunction","parts":{},"parts_at_least":{"renal":3},"missing":["pao2","fio2","ventilated","platelets","bilirubin","map","gcs","creatinine"]}`},
		{`{"chart":"rox","spo2":96,"fio2":0.4,"rr":20}`, `{"chart":"rox","value":12,"complete":true,"band":"unknown","missing":[]}`},
		{`{"chart":"rox","spo2":90,"fio2":0.6,"rr":30,"o2_device":"hfnc","hfnc_hours":6}`, `{"chart":"rox","value":5,"complete":true,"band":"low","verdict":"low_risk","missing":[]}`},
		{`{"chart":"rox","spo2":96,"o2_device":"nasal_cannula","o2_flow":2,"rr":20}`, `{"chart":"rox","value":null,"complete":false,"band":"unknown","missing":["fio2"]}`},
		{`{"chart":"si","hr":120,"sbp":0}`, `{"chart":"si","value":null,"complete":false,"band":"unknown","missing":[],"note":"A rate or pressure of 0 gives no value: check the patient now."}`},
		{`{"chart":"news2","spo2":"96"}`, `{"error":"spo2 must be a number, not a string","line":1}`},
		{`{"chart":"news2","o2":1}`, `{"error":"o2 must be a true or false, not a number","line":1}`},
		{`{"chart":7}`, `{"error":"chart must be a string, not a number","line":1}`},
		{`{"chart":"news2","spo2":0.96}`, `{"error":"spo2 is 0.96: give it in percent, for example 96, not as a fraction","line":1}`},
		{`{"chart":"news2","o2":false,"o2_device":"nasal_cannula"}`, `{"error":"o2 is false, but o2_device, fio2 or o2_flow say that oxygen is given: correct one of them","line":1}`},
		{`{"chart":"news2","o2_device":"mask"}`, `{"error":"o2_device is \"mask\": give one of room_air, nasal_cannula, simple_mask, venturi, non_rebreather, hfnc, cpap, niv, ventilator","line":1}`},
		{`{"chart":"news2","fio2":40}`, `{"error":"fio2 is 40: give a fraction from 0.21 to 1.0, not percent","line":1}`},
		{`{"chart":"news2","temp":98.6}`, `{"error":"temp is 98.6: give it in °C, from 10 to 50","line":1}`},
		{`{"chart":"news2","rr":-1}`, `{"error":"rr is -1: give it in breaths a minute, from 0 to 150","line":1}`},
		{`{"chart":"news2","avpu":"X"}`, `{"error":"avpu is \"X\": give one of A, C, V, P, U","line":1}`},
		{`{"chart":"news2","age":10,"age_months":200}`, `{"error":"age_months is given twice, in two units that disagree: give one of them","line":1}`},
		{`{"chart":"sofa","creatinine":4,"creatinine_umol":100}`, `{"error":"creatinine is given twice, in two units that disagree: give one of them","line":1}`},
		{`{"chart":"sofa","creatinine_umol":5.5}`, `{"error":"creatinine_umol is 5.5: give it in µmol/L, from 10 to 2652 (mg/dL goes under creatinine)","line":1}`},
		{`{"chart":"msi","hr":91,"sbp":60,"dbp":90}`, `{"error":"dbp is 90 and sbp is 60: the first is never over the second, correct them","line":1}`},
		{`{"chart":"news2","avpu":"A","consciousness":"P"}`, `{"error":"acvpu, avpu and consciousness say different things: give one of them","line":1}`},
		{`{"chart":"news2","scale":3}`, `{"error":"scale is 3: the SpO2 scale is 1, or 2 when a doctor has ordered it","line":1}`},
		{`{"chart":"news2","age":-1}`, `{"error":"age is -1: give it in years, from 0 to 130","line":1}`},
		{`{"chart":"sofa","creatinine":90}`, `{"error":"creatinine is 90: give it in mg/dL, from 0 to 30","line":1}`},
		{`{"chart":"sofa","pao2":12.5}`, `{"error":"pao2 is 12.5: give it in mmHg, from 20 to 760","line":1}`},
		{`{"chart":"sirs","wbc":12000}`, `{"error":"wbc is 12000: give it in 10^9/L, from 0 to 1000","line":1}`},
		{`{"chart":"nonsense"}`, `{"error":"unknown chart \"nonsense\": the charts here are ` + charts + `","line":1}`},
		{`null`, `{"error":"not a JSON object on one line: it is null","line":1}`},
	} {
		var out strings.Builder
		if err := scoreLines(library(t), strings.NewReader(c.in+"\n"), &out, "en"); err != nil {
			t.Fatal(err)
		}
		if got := strings.TrimSpace(out.String()); got != c.out {
			t.Errorf("%s\n got %s\nwant %s", c.in, got, c.out)
		}
	}
}

func TestScoreGoesOnAfterABadLine(t *testing.T) {
	var out strings.Builder
	in := "rubbish\n\n" + strings.Repeat("x", maxLine+5) + "\n" + `{"chart":"news2","rr":18}`
	if err := scoreLines(library(t), strings.NewReader(in), &out, "en"); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 3 || !strings.Contains(lines[0], `"line":1`) || !strings.Contains(lines[1], `"line":3`) || !strings.Contains(lines[2], `"lower_bound":0`) {
		t.Fatalf("got %d lines: %s", len(lines), out.String())
	}
}

func TestScoreSpeaksVietnamese(t *testing.T) {
	var out strings.Builder
	if err := scoreLines(library(t), strings.NewReader(`{"chart":"sirs","temp":38.5}`), &out, "vi"); err != nil || !strings.Contains(out.String(), "Đạt 1 trong 1 tiêu chuẩn") {
		t.Errorf("got %s %v", out.String(), err)
	}
}

// Every input of every chart has its key, and every chart can be completed through the command.
func TestEveryChartThroughTheCommand(t *testing.T) {
	lib := library(t)
	for _, id := range lib.IDs() {
		line := map[string]any{"chart": id}
		c, _ := lib.Find(id)
		if c.NeedsAge() {
			line["age_months"] = 30
		}
		var got *scored
		for range int(chart.NumInputs) {
			got = scoreMap(t, lib, line)
			if len(got.Missing) == 0 {
				break
			}
			in, ok := chart.InputNamed(got.Missing[0])
			if !ok {
				t.Fatalf("%s asks for %q, which is no key", id, got.Missing[0])
			}
			line[got.Missing[0]] = usual(in)
		}
		if !got.Complete || got.Refused != ward.NotRefused {
			t.Errorf("%s: %v gives %+v", id, line, got)
		}
	}
}

func library(t testing.TB) *chart.Library {
	t.Helper()
	lib, err := chart.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	return lib
}

func scoreMap(t *testing.T, lib *chart.Library, line map[string]any) *scored {
	t.Helper()
	raw, err := json.Marshal(line)
	if err != nil {
		t.Fatal(err)
	}
	got, err := scoreLine(lib, raw, "en")
	if err != nil {
		t.Fatalf("%s: %v", raw, err)
	}
	return got
}

// usual is an unremarkable value of an input, as JSON writes it.
func usual(in chart.Input) any {
	low, high, _ := in.Limits()
	switch codes := in.Codes(); {
	case codes == nil:
		return low + (high-low)/4
	case len(codes) == 2:
		return false
	default:
		return codes[0]
	}
}

func FuzzScoreLine(f *testing.F) {
	f.Add(`{"chart":"news2","rr":18,"spo2":96,"o2":false,"sbp":120,"hr":80,"consciousness":"A","temp":37.0,"scale":1}`)
	f.Add(`{"chart":"npews-england","age":2.5,"rr":30,"resp_distress":"mild","o2_device":"room_air","carer_concern":"worse"}`)
	f.Add(`{"chart":"sofa","bilirubin_umol":17.1,"norepinephrine":0.2,"o2_flow":2,"pregnant":true}`)
	f.Add(`{"chart":"rox","spo2":90,"fio2":0.6,"rr":0,"hfnc_hours":1e9}`)
	lib := library(f)
	f.Fuzz(func(t *testing.T, line string) {
		got, err := scoreLine(lib, []byte(line), "en")
		if err != nil {
			return
		}
		if _, err := json.Marshal(got); err != nil {
			t.Fatal(err)
		}
		if !got.Complete && got.Band == ward.Low.String() {
			t.Fatalf("incomplete and low: %+v", got)
		}
		if got.pointed != nil && got.Total != nil && *got.Total != got.LowerBound {
			t.Fatal(fmt.Sprint("total and lower bound differ: ", *got.Total, got.LowerBound))
		}
	})
}
