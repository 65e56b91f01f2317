package influx

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	apihttp "github.com/influxdata/influxdb-client-go/v2/api/http"
)

// verdict is what an answer of InfluxDB's means for the lines sent.
type verdict uint8

const (
	taken   verdict = iota
	later           // the server or the network is in trouble: keep and try again
	setup           // our configuration or rights are wrong: keep, try again, say so loudly
	refused         // at least one line is at fault: find it
)

// judge sorts answers. What is not known is treated as a matter of set-up, so that data is kept.
func judge(err error) (verdict, *apihttp.Error) {
	if err == nil {
		return taken, nil
	}
	var e *apihttp.Error
	if !errors.As(err, &e) || e.StatusCode == 0 {
		return later, nil
	}
	switch s := e.StatusCode; {
	case s >= 500, s == http.StatusTooManyRequests, s == http.StatusRequestTimeout, s == http.StatusTooEarly:
		return later, e
	case s == http.StatusBadRequest, s == http.StatusRequestEntityTooLarge, s == http.StatusUnprocessableEntity:
		return refused, e
	}
	return setup, e
}

// deliver sends lines lo to hi until InfluxDB has each of them or it stands in the quarantine file.
// It gives up only when ctx ends.
func (f *Forwarder) deliver(ctx context.Context, lo, hi int) error {
	text := string(f.enc.span(lo, hi))
	for try := 0; ; try++ {
		err := f.write.WriteRecord(ctx, text)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		v, e := judge(err)
		switch v {
		case taken:
			f.took(hi - lo)
			return nil
		case refused:
			if hi-lo == 1 || dropped(e) == hi-lo {
				if err = f.putAside(lo, hi, e); err == nil {
					return nil
				}
				break // no room for the quarantine: keep the lines and try again
			}
			// InfluxDB may have taken the good lines already; sending them again changes nothing.
			mid := lo + (hi-lo)/2
			if err := f.deliver(ctx, lo, mid); err != nil {
				return err
			}
			return f.deliver(ctx, mid, hi)
		}
		f.complain(v, err)
		if err := f.sleep(ctx, f.pause(try, e)); err != nil {
			return err
		}
	}
}

// dropped is how many lines InfluxDB 1.8 says it dropped of a partial write; 0 when it does not say.
func dropped(e *apihttp.Error) int {
	_, after, ok := strings.Cut(e.Message, "dropped=")
	if !ok {
		return 0
	}
	end := strings.IndexFunc(after, func(r rune) bool { return r < '0' || r > '9' })
	if end >= 0 {
		after = after[:end]
	}
	n, _ := strconv.Atoi(after)
	return n
}

const (
	firstPause = 500 * time.Millisecond
	maxPause   = time.Minute
	maxAfter   = 10 * time.Minute // longest Retry-After obeyed: a wrong one must not silence us for a day
)

// pause is how long to wait after try number try: doubling, with jitter so that many senders do
// not come back at once, and never less than the server asks for.
func (f *Forwarder) pause(try int, e *apihttp.Error) time.Duration {
	d := maxPause
	if try < 7 {
		d = firstPause << try
	}
	d = d/2 + time.Duration(f.jitter()*float64(d/2))
	return max(d, min(f.retryAfter(e), maxAfter))
}

func (f *Forwarder) retryAfter(e *apihttp.Error) time.Duration {
	if e == nil {
		return 0
	}
	if e.RetryAfter > 0 {
		return time.Duration(e.RetryAfter) * time.Second
	}
	if at, err := http.ParseTime(e.Header.Get("Retry-After")); err == nil {
		return at.Sub(f.o.Now())
	}
	return 0
}

// complain notes a try that failed. A matter of set-up is said each time, trouble only when it
// begins.
func (f *Forwarder) complain(v verdict, err error) {
	f.mu.Lock()
	was := f.state.trouble
	f.state.trouble = err
	if v == setup {
		f.state.counts.setup++
	} else {
		f.state.counts.retries++
	}
	f.mu.Unlock()
	switch {
	case v == refused:
		f.o.Log.Error("InfluxDB refused a line and the quarantine file cannot be written; nothing is sent until it can", "error", err)
	case v == setup:
		f.o.Log.Error("InfluxDB refuses us; check its address, bucket and token. Readings are kept and will be sent", "error", err)
	case was == nil:
		f.o.Log.Warn("InfluxDB is away; readings are kept and will be sent", "error", err)
	}
}

func (f *Forwarder) took(lines int) {
	f.mu.Lock()
	was := f.state.trouble
	f.state.trouble = nil
	f.state.counts.lines += uint64(lines)
	f.state.counts.requests++
	f.mu.Unlock()
	if was != nil {
		f.o.Log.Info("InfluxDB takes readings again")
	}
}

// putAside writes lines that InfluxDB will never take to the quarantine file.
func (f *Forwarder) putAside(lo, hi int, e *apihttp.Error) error {
	for i := lo; i < hi; i++ {
		if err := f.quarantine.add(f.o.Now(), e.StatusCode, e.Message, f.enc.span(i, i+1)); err != nil {
			return err
		}
	}
	if err := f.quarantine.sync(); err != nil {
		return err
	}
	f.mu.Lock()
	f.state.counts.quarantined += uint64(hi - lo)
	f.state.counts.givenUp = f.quarantine.givenUp
	f.mu.Unlock()
	f.o.Log.Error("InfluxDB refused lines; they stand in the quarantine file", "lines", hi-lo, "status", e.StatusCode, "reason", shorten(e.Message))
	return nil
}
