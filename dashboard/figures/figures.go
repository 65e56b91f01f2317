// Package figures shows what every part of Wardwatch reports about itself, in the form of Prometheus.
package figures

import (
	"strconv"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/adaptor"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"wardwatch/ward"
)

// Meter gathers the figures of every part. Its registry is its own.
type Meter struct {
	requests  *prometheus.CounterVec
	unaudited prometheus.Counter
	handler   fiber.Handler
}

// New is a Meter of these parts, of the requests it is told of, and of the process.
func New(parts []func() []ward.Figure) *Meter {
	m := &Meter{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "wardwatch_http_requests_total", Help: "Requests answered, by route and status.",
		}, []string{"route", "status"}),
		unaudited: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "wardwatch_http_unaudited_total", Help: "Views that could not be written to the audit.",
		}),
	}
	r := prometheus.NewPedanticRegistry()
	r.MustRegister(m.requests, m.unaudited, reported(parts), collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	m.handler = adaptor.HTTPHandler(promhttp.HandlerFor(r, promhttp.HandlerOpts{ErrorHandling: promhttp.ContinueOnError}))
	return m
}

// Count notes an answered request. The route is the pattern, never the address: addresses name beds.
func (m *Meter) Count(route string, status int) {
	m.requests.WithLabelValues(route, strconv.Itoa(status)).Inc()
}

// Unaudited notes a view that could not be written to the audit.
func (m *Meter) Unaudited() { m.unaudited.Inc() }

// Write answers with all figures as they are now.
func (m *Meter) Write(c *fiber.Ctx) error { return m.handler(c) }

// reported collects what the parts report about themselves. The same figure reported twice is
// summed: a part may be there more than once.
type reported []func() []ward.Figure

// Describe sends nothing: what the parts report is not known beforehand.
func (reported) Describe(chan<- *prometheus.Desc) {}

// Collect sends what the parts report now.
func (parts reported) Collect(out chan<- prometheus.Metric) {
	type key struct{ name, of string }
	sum := map[key]ward.Figure{}
	var order []key
	for _, part := range parts {
		for _, f := range part() {
			k := key{f.Name, f.Of}
			seen, ok := sum[k]
			if !ok {
				order = append(order, k)
			}
			f.Value += seen.Value
			sum[k] = f
		}
	}
	for _, k := range order {
		f := sum[k]
		var labels, values []string
		if f.Label != "" {
			labels, values = []string{f.Label}, []string{f.Of}
		}
		kind := prometheus.CounterValue
		if f.Gauge {
			kind = prometheus.GaugeValue
		}
		metric, err := prometheus.NewConstMetric(prometheus.NewDesc(f.Name, f.Help, labels, nil), kind, f.Value, values...)
		if err != nil {
			metric = prometheus.NewInvalidMetric(prometheus.NewDesc("wardwatch_bad_figure", "A part reported a figure that cannot be shown.", nil, nil), err)
		}
		out <- metric
	}
}
