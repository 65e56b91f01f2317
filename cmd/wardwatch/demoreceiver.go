package main

import (
	"encoding/json"
	"io"
	"net"
	"net/http"
	"time"
)

// receiver is the far end of the demo's webhook: it prints each alert as a phone would show it.
type receiver struct {
	server *http.Server
	done   chan struct{}
}

// receiver starts one where no webhook is configured, and points the configuration at it.
func (c *demoCmd) receiver() (*receiver, error) {
	if c.Webhook != "" {
		return nil, nil
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	c.Webhook = "http://" + ln.Addr().String() + "/alerts"
	r := &receiver{server: &http.Server{Handler: http.HandlerFunc(printAlert), ReadHeaderTimeout: 5 * time.Second}, done: make(chan struct{})}
	go func() {
		defer close(r.done)
		_ = r.server.Serve(ln) // ends with ErrServerClosed
	}()
	return r, nil
}

func (r *receiver) close() {
	_ = r.server.Close()
	<-r.done
}

func printAlert(w http.ResponseWriter, req *http.Request) {
	var n struct {
		Role   string `json:"role"`
		TextEN string `json:"text_en"`
		TextVI string `json:"text_vi"`
	}
	if err := json.NewDecoder(io.LimitReader(req.Body, 64<<10)).Decode(&n); err != nil {
		http.Error(w, "not JSON", http.StatusBadRequest)
		return
	}
	say("%s  webhook → %-14s  %s  |  %s", time.Now().Format("15:04:05"), n.Role, n.TextVI, n.TextEN)
	w.WriteHeader(http.StatusNoContent)
}
