package app

import (
	"fmt"
	"os"
	"strings"
	"time"

	"wardwatch/cmd/wardwatch/policy"
)

// Config is what `serve` and `demo` share: one struct, whose tags are the flags, the environment
// and the configuration file at once.
type Config struct {
	HTTP string `name:"http" default:"127.0.0.1:8080" help:"Address of the board and the API (${default})." placeholder:"ADDR"`
	Data string `help:"Directory for everything that is kept." placeholder:"DIR"`

	MQTTListen   string `name:"mqtt-listen" default:"127.0.0.1:1883" help:"Address of the embedded broker (${default})." placeholder:"ADDR"`
	MQTTURL      string `name:"mqtt-url" help:"An external broker instead of the embedded one." placeholder:"URL"`
	MQTTUser     string `name:"mqtt-user" help:"Our user at the external broker."`
	MQTTPassword string `name:"mqtt-password-file" help:"File with our password at the external broker." placeholder:"FILE"`
	MQTTClientID string `name:"mqtt-client-id" default:"wardwatch" help:"Names our durable session at the broker; one per installation."`

	TLSCert string `name:"tls-cert" help:"Certificate for the board and the embedded broker." placeholder:"FILE"`
	TLSKey  string `name:"tls-key" help:"Its key." placeholder:"FILE"`

	Durability string        `enum:"process,power" default:"process" help:"process: an acknowledged reading survives kill -9. power: it survives power loss too, at the price of a sync a batch."`
	Keep       time.Duration `default:"72h" help:"How long raw readings are kept here."`

	Influx        string  `help:"InfluxDB address; none: no forwarding." placeholder:"URL"`
	InfluxOrg     string  `default:"wardwatch" help:"InfluxDB organisation."`
	InfluxBucket  string  `default:"wardwatch" help:"InfluxDB bucket (database/retention on 1.8)."`
	InfluxToken   string  `name:"influx-token-file" help:"File with the InfluxDB token (user:password on 1.8)." placeholder:"FILE"`
	Webhook       string  `help:"Where alerts are posted, signed." placeholder:"URL"`
	WebhookSecret string  `name:"webhook-secret-file" help:"File with the secret that signs them; made on first use when absent." placeholder:"FILE"`
	PublicURL     string  `name:"public-url" help:"Address of the board as staff reach it, for links in alerts." placeholder:"URL"`
	HeartbeatURL  string  `name:"heartbeat-url" help:"Pinged every 30 s while all is well; its silence should ring somewhere else." placeholder:"URL"`
	Channels      string  `help:"Ways in which people are told: a file, see docs/channels.md; none: the board alone, and --webhook." placeholder:"FILE"`
	MetricsToken  string  `name:"metrics-token-file" help:"File with the token that may read /metrics from elsewhere." placeholder:"FILE"`
	ClockStart    string  `name:"clock-start" help:"Start the one clock at this time (RFC 3339): marks the data as a simulation." placeholder:"TIME"`
	ClockSpeed    float64 `name:"clock-speed" default:"1" help:"How many times faster than life the clock runs."`

	DowntimeDir   string        `name:"downtime-dir" help:"Folder for each ward's list as a PDF, for when the screens are down: let another machine hold a copy. It names patients." placeholder:"DIR"`
	DowntimeEvery time.Duration `name:"downtime-every" default:"15m" help:"How often those lists are made anew."`

	LateAfter time.Duration `name:"late-after" default:"2m" help:"A device's reading older than this on arrival is history, never scored as current."`

	Policy    string `help:"How to score and alert: a policy file (see wardwatch policy); the default policy when not given." placeholder:"FILE"`
	Charts    string `help:"The hospital's own signed charts (see wardwatch chart)." placeholder:"DIR"`
	ONNXLib   string `name:"onnx-lib" help:"Shared library of ONNX Runtime for the learned models; found in the usual places when not given." placeholder:"FILE"`
	Imaging   string `help:"Imaging sources and models: a file, see docs/imaging.md; none: no imaging results are taken in." placeholder:"FILE"`
	ChartsKey string `name:"charts-key" help:"Public key that they are signed with (PEM)." placeholder:"FILE"`
}

// Rules are the policy in force. Channels are those by which people can be told here.
func (c *Config) Rules(channels []string) (policy.Policy, error) {
	lib, err := policy.Charts(c.Charts, c.ChartsKey)
	if err != nil {
		return policy.Policy{}, fmt.Errorf("opening the charts: %w", err)
	}
	site := policy.Site{Charts: lib, Channels: channels}
	if c.Policy == "" {
		return policy.Default(site), nil
	}
	return policy.Load(c.Policy, site)
}

// secret reads a secret from a file; an empty name is an empty secret.
func secret(file string) (string, error) {
	if file == "" {
		return "", nil
	}
	b, err := os.ReadFile(file)
	if err != nil {
		return "", fmt.Errorf("reading a secret: %w", err)
	}
	return strings.TrimSpace(string(b)), nil
}
