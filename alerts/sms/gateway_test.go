package sms

import (
	"bufio"
	"context"
	"encoding/base64"
	"encoding/json"
	"os"
	"os/exec"
	"reflect"
	"strings"
	"testing"
)

// asked is what the gateway understood.
type asked struct {
	Method  string
	Path    string
	Query   map[string][]string
	Form    map[string][]string
	JSON    any
	Headers map[string]string
}

// gateway starts a program that is not our code.
func gateway(t *testing.T) (address string, next func() asked) {
	t.Helper()
	program, err := exec.LookPath("python3")
	if err != nil && os.Getenv("CI") == "" {
		t.Skip("python3 is not installed: nobody but us has read the requests")
	} else if err != nil {
		t.Fatal("python3 is not installed (apt-get install python3)")
	}
	c := exec.Command(program, "testdata/gateway.py")
	c.Stderr = os.Stderr
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.Process.Kill()
		_ = c.Wait()
	})
	lines := bufio.NewScanner(out)
	lines.Scan()
	address = "http://127.0.0.1:" + lines.Text()
	return address, func() (a asked) {
		t.Helper()
		lines.Scan()
		if err := json.Unmarshal(lines.Bytes(), &a); err != nil {
			t.Fatalf("%v: %s", err, lines.Text())
		}
		return a
	}
}

const nasty = `a b&c=d%20"\{}` + "\n\tđường/ắ 😀+?#"

// TestEscaping: whatever stands in a field arrives as it is, in every place of a request.
func TestEscaping(t *testing.T) {
	address, next := gateway(t)
	every := map[string]any{"text": "{text}", "nested": []any{map[string]any{"to": "{{{to}}}", "n": 7, "yes": true, "none": nil}}}
	cases := []struct {
		name string
		t    Template
		want func(a asked) (got, want any)
	}{
		{"query", Template{Method: "GET", URL: address + "/x?to={to}&fixed=a%26b", Query: map[string]string{"text": "<{text}>"}}, func(a asked) (any, any) {
			return a.Query, map[string][]string{"to": {"+84912345678"}, "fixed": {"a&b"}, "text": {"<" + nasty + ">"}}
		}},
		{"form", Template{URL: address, Form: map[string]string{"text": "{text}", "to": "{to_national}/{to_digits}", "a b": "{from}"}}, func(a asked) (any, any) {
			return a.Form, map[string][]string{"text": {nasty}, "to": {"0912345678/84912345678"}, "a b": {"BV & Co"}}
		}},
		{"json", Template{Method: "PUT", URL: address, JSON: every}, func(a asked) (any, any) {
			return a.JSON, map[string]any{"text": nasty, "nested": []any{map[string]any{"to": "{+84912345678}", "n": 7.0, "yes": true, "none": nil}}}
		}},
		{"headers and sign-in", Template{URL: address, User: "{secret.user}", Pass: "{secret.key}:{from}",
			Headers: map[string]string{"X-Key": "Bearer {secret.key}", "X-Id": "{notice}"}, JSON: every}, func(a asked) (any, any) {
			basic := "Basic " + base64.StdEncoding.EncodeToString([]byte("trực:k{e}y:BV & Co"))
			return []string{a.Headers["x-key"], a.Headers["x-id"], a.Headers["authorization"]}, []string{"Bearer k{e}y", "N1-c1", basic}
		}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			p, err := parse(c.t, map[string]string{"key": "k{e}y", "user": "trực"})
			if err != nil {
				t.Fatal(err)
			}
			s := &Sender{o: Options{From: "BV & Co", Country: "84"}, template: p}
			values := s.values(notice(), "c1", "+84912345678")
			values["text"] = nasty
			req, err := p.request(context.Background(), values)
			if err != nil {
				t.Fatal(err)
			}
			send(t, req)
			if got, want := c.want(next()); !reflect.DeepEqual(got, want) {
				t.Errorf("got  %q\nwant %q", got, want)
			}
		})
	}
}

// TestVendors: what each gateway that we know is asked, as its makers describe it.
func TestVendors(t *testing.T) {
	address, next := gateway(t)
	const text = "MO PHONG, Canh bao, nguy co cao, khoa hstc, giuong 12A, bac bao 2 https://w.vn/a/t"
	secrets := map[string]string{"username": "ww", "password": "p&w", "api_key": "AK", "secret_key": "SK", "access_token": "AT"}
	want := map[string]asked{
		"json": {Method: "POST", JSON: map[string]any{"to": "+84912345678", "text": text, "from": "BENHVIEN", "notice": "N1-c1"}},
		"kannel": {Method: "GET", Query: map[string][]string{
			"username": {"ww"}, "password": {"p&w"}, "to": {"+84912345678"}, "from": {"BENHVIEN"}, "text": {text}, "coding": {"0"}, "charset": {"UTF-8"},
		}},
		"gammu-gateway": {Method: "POST", JSON: map[string]any{"number": "+84912345678", "text": text}, Headers: map[string]string{"authorization": "Basic " + base64.StdEncoding.EncodeToString([]byte("ww:p&w"))}},
		"esms": {Method: "POST", JSON: map[string]any{
			"ApiKey": "AK", "SecretKey": "SK", "Brandname": "BENHVIEN", "SmsType": "2", "Phone": "84912345678", "Content": text, "IsUnicode": "0", "RequestId": "N1-c1",
		}},
		"speedsms": {Method: "POST", JSON: map[string]any{"to": []any{"84912345678"}, "content": text, "sms_type": 3.0, "sender": "BENHVIEN"},
			Headers: map[string]string{"authorization": "Basic " + base64.StdEncoding.EncodeToString([]byte("AT:x"))}},
	}
	for _, name := range Vendors() {
		t.Run(name, func(t *testing.T) {
			template, ok := Vendor(name)
			if !ok {
				t.Fatal("is listed and not there")
			}
			template.URL = address + "/sms"
			s := sender(t, Options{Template: template, From: "BENHVIEN", Country: "84", Secrets: secrets, Simulation: true}, "0912 345 678")
			_ = s.Send(context.Background(), notice()) // the answer is judged elsewhere
			got, w := next(), want[name]
			if got.Method != w.Method || got.Path != "/sms" || len(w.Query) > 0 && !reflect.DeepEqual(got.Query, w.Query) || !reflect.DeepEqual(got.JSON, w.JSON) {
				t.Errorf("got  %+v\nwant %+v", got, w)
			}
			for k, v := range w.Headers {
				if got.Headers[k] != v {
					t.Errorf("header %s is %q, want %q", k, got.Headers[k], v)
				}
			}
			if strings.Contains(got.Path, "ww") {
				t.Error("a secret in the path")
			}
		})
	}
	if _, ok := Vendor("nobody's"); ok {
		t.Error("a vendor nobody knows")
	}
}
