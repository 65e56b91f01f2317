// Bench measures Wardwatch against its goals, side by side in one run on one machine: the real
// program, a real Mosquitto and a real InfluxDB, and beside them a bare paho subscriber that only
// counts. CPU is that of the one process alone. A run counts only if sent = accepted = stored.
package main

import (
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"text/tabwriter"
)

// row is one line of the table.
type row struct{ what, goal, got string }

// bench is one run.
type bench struct {
	binary  string
	influxd string
	quick   bool
	profile string
	dir     string
	rows    []row
}

func main() {
	b := &bench{}
	floor := flag.String("floor", "", "be the floor: subscribe at this broker and only count")
	want := flag.Int64("want", 0, "messages the floor waits for")
	flag.StringVar(&b.binary, "binary", "bin/wardwatch", "the program to measure")
	flag.StringVar(&b.influxd, "influxd", envOr("WARDWATCH_INFLUXD", "influxd"), "InfluxDB 1.8")
	flag.BoolVar(&b.quick, "quick", false, "a tenth of everything, to see that it runs")
	flag.StringVar(&b.profile, "profile", "", "write CPU profiles of the server to files that begin so")
	only := flag.String("only", "", "one part: cpu, latency, pictures, notice, alerts, beds, memory, start, code")
	flag.Parse()
	if *floor != "" {
		beFloor(*floor, *want)
		return
	}
	stopped := make(chan os.Signal, 1)
	signal.Notify(stopped, syscall.SIGINT, syscall.SIGTERM)
	go func() { <-stopped; killAll(); os.Exit(130) }()
	if err := b.run(*only); err != nil {
		killAll()
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
	killAll()
	b.print()
}

func (b *bench) run(only string) (err error) {
	if b.dir, err = os.MkdirTemp("", "wardwatch-bench-*"); err != nil {
		return err
	}
	defer os.RemoveAll(b.dir)
	for _, part := range []struct {
		name string
		do   func() error
	}{
		{"code", b.code}, {"start", b.start}, {"cpu", b.cpu}, {"latency", b.latency}, {"pictures", b.pictures}, {"notice", b.notice}, {"alerts", b.alerts}, {"beds", b.beds}, {"memory", b.memory},
	} {
		if only != "" && only != part.name {
			continue
		}
		fmt.Fprintln(os.Stderr, "measuring:", part.name)
		if err := part.do(); err != nil {
			return fmt.Errorf("%s: %w", part.name, err)
		}
	}
	return nil
}

func (b *bench) add(what, goal, got string, args ...any) {
	r := row{what, goal, fmt.Sprintf(got, args...)}
	b.rows = append(b.rows, r)
	fmt.Fprintln(os.Stderr, " ", r.what, "|", r.goal, "|", r.got)
}

func (b *bench) print() {
	w := tabwriter.NewWriter(os.Stdout, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "what\tgoal\tmeasured")
	for _, r := range b.rows {
		fmt.Fprintf(w, "%s\t%s\t%s\n", r.what, r.goal, r.got)
	}
	_ = w.Flush()
}

// scale shortens a quick run.
func (b *bench) scale(n int) int {
	if b.quick {
		return max(1, n/10)
	}
	return n
}

func envOr(name, other string) string {
	if v := os.Getenv(name); v != "" {
		return v
	}
	return other
}
