package reader

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	goruntime "runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"wardwatch/ingest/imaging/refuse"
	"wardwatch/scoring/imaging"
	"wardwatch/ward"
)

// The test's program is its own child: with these first words it is one that behaves in the way named.
func TestMain(m *testing.M) {
	if len(os.Args) > 2 && os.Args[1] == "child" {
		child := map[string]func(){"serve": childServes, "falls": childFalls, "mute": func() { select {} }, "gone": func() {}, "parent": childIsAParent}[os.Args[2]]
		child()
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func childServes() {
	if err := Serve(os.Stdin, os.Stdout, &Viewer{Zone: time.UTC}, os.Args[3:], imaging.Options{}); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// childFalls answers by what the file is called. What it lives through it answers with its environment.
func childFalls() {
	w := json.NewEncoder(os.Stdout)
	w.Encode(answer{})
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		var q request
		json.Unmarshal(lines.Bytes(), &q)
		name := filepath.Base(q.Path)
		switch {
		case strings.HasPrefix(name, "dies"):
			fmt.Fprintln(os.Stderr, "fatal: something native")
			os.Exit(139)
		case strings.HasPrefix(name, "hangs"):
			select {}
		case strings.HasPrefix(name, "once") && os.Remove(q.Path) == nil:
			os.Exit(1)
		case strings.HasPrefix(name, "eats"):
			eat()
		case strings.HasPrefix(name, "other"):
			q.ID += 7
		case strings.HasPrefix(name, "garbles"):
			fmt.Println("{")
			select {}
		}
		w.Encode(answer{ID: q.ID, Facts: &ward.ImageFacts{Device: strings.Join(os.Environ(), "\n")}, Preview: []byte(fmt.Sprint(os.Getpid()))})
		if strings.HasPrefix(name, "deaf") {
			select {}
		}
	}
}

// childIsAParent is a server whose child no longer notices that its input ends.
func childIsAParent() {
	r, err := New(Options{Now: time.Now, Log: slog.New(slog.DiscardHandler), Command: []string{os.Args[0], "child", "falls"}})
	if err != nil {
		panic(err)
	}
	pid, err := r.Preview(context.Background(), "deaf.dcm")
	fmt.Println(string(pid), err)
	select {}
}

// eat takes memory until somebody ends it.
func eat() {
	var all [][]byte
	for {
		b := make([]byte, 16<<20)
		for i := range b {
			b[i] = 1
		}
		all = append(all, b)
		if len(all) > 200 {
			return
		}
	}
}

// clock stands where it is put.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

func reading(t *testing.T, child string, change func(*Options)) (*Reader, *clock) {
	t.Helper()
	c := &clock{at: time.Date(2026, 11, 21, 8, 0, 0, 0, time.UTC)}
	o := Options{Now: c.now, Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Command: []string{os.Args[0], "child", child}, Limit: time.Minute}
	if change != nil {
		change(&o)
	}
	r, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r, c
}

func delivered() ward.Delivery {
	return ward.Delivery{ID: "d1", Source: "pacs", Kind: ward.DeliveryDICOM, Received: time.Date(2026, 11, 21, 7, 0, 0, 0, time.UTC)}
}

// A file that ends the child, in whatever way, gets a second chance and is then refused; the next file is
// read as if nothing had been.
func TestFilesThatEndTheChild(t *testing.T) {
	for _, c := range []struct {
		what, file string
		change     func(*Options)
	}{
		{"it dies", "dies.dcm", nil},
		{"it hangs", "hangs.dcm", func(o *Options) { o.Limit = 200 * time.Millisecond }},
		{"it takes too much memory", "eats.dcm", func(o *Options) { o.Memory = 256 << 20 }},
		{"it answers something else", "other.dcm", nil},
		{"it says what is no answer", "garbles.dcm", nil},
	} {
		t.Run(c.what, func(t *testing.T) {
			r, _ := reading(t, "falls", c.change)
			_, err := r.Read(t.Context(), delivered(), c.file)
			if no := refuse.As(err); no == nil || no.Code != ward.RefusedFailed {
				t.Fatalf("got %v", err)
			}
			r.o.Limit = time.Minute
			if _, err := r.Read(t.Context(), delivered(), "well.dcm"); err != nil {
				t.Errorf("the next file: %v", err)
			}
		})
	}
}

func TestASecondChance(t *testing.T) {
	r, _ := reading(t, "falls", nil)
	file := filepath.Join(t.TempDir(), "once.dcm")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Read(t.Context(), delivered(), file); err != nil {
		t.Error(err)
	}
}

// One child reads all files, one after another, however many ask; Close leaves nothing of it.
func TestOneChildForAll(t *testing.T) {
	r, _ := reading(t, "falls", nil)
	first, err := r.Preview(t.Context(), "a.dcm")
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if pid, err := r.Preview(t.Context(), "b.dcm"); err != nil || string(pid) != string(first) {
				t.Errorf("process %s, %v; the first was %s", pid, err, first)
			}
		})
	}
	wg.Wait()
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat("/proc/" + string(first)); err == nil {
		t.Errorf("process %s is still there, or nobody waited for it", first)
	}
	if _, err := r.Preview(t.Context(), "c.dcm"); !errors.Is(err, ErrClosed) {
		t.Errorf("after Close: %v", err)
	}
}

// A child that was ended while it had nothing to do is no file's fault.
func TestAChildThatDiedIdle(t *testing.T) {
	r, _ := reading(t, "falls", nil)
	if _, err := r.Preview(t.Context(), "a.dcm"); err != nil {
		t.Fatal(err)
	}
	c := <-r.turn
	c.cmd.Process.Kill()
	<-c.gone
	r.turn <- c
	file := filepath.Join(t.TempDir(), "once.dcm")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Preview(t.Context(), file); err != nil {
		t.Errorf("a file that ends the child once was not given its second chance: %v", err)
	}
}

// A child that does not start is left alone for a while, longer each time; no file is refused for it.
func TestAChildThatDoesNotStart(t *testing.T) {
	for child, limit := range map[string]time.Duration{"gone": time.Minute, "mute": 50 * time.Millisecond} {
		r, clock := reading(t, child, func(o *Options) { o.Start = limit })
		tries := func() bool {
			before := r.after
			_, err := r.Read(t.Context(), delivered(), "a.dcm")
			if !errors.Is(err, refuse.ErrNoReader) || refuse.As(err) != nil {
				t.Fatalf("%s: %v", child, err)
			}
			return r.after != before
		}
		if r.State() != nil {
			t.Errorf("%s: before the first picture: %v", child, r.State())
		}
		if !tries() {
			t.Fatal("it was never tried")
		}
		if !errors.Is(r.State(), refuse.ErrNoReader) {
			t.Errorf("%s: its state is %v", child, r.State())
		}
		for _, wait := range []time.Duration{time.Second, 2 * time.Second, 4 * time.Second} {
			clock.pass(wait - time.Millisecond)
			if tries() {
				t.Errorf("%s: it was tried again before %v", child, wait)
			}
			clock.pass(time.Millisecond)
			if !tries() {
				t.Errorf("%s: after %v it was not tried again", child, wait)
			}
		}
	}
}

func TestWhoeverAskedGoesAway(t *testing.T) {
	r, _ := reading(t, "falls", nil)
	ctx, cancel := context.WithCancel(t.Context())
	if _, err := r.Preview(ctx, "a.dcm"); err != nil {
		t.Fatal(err)
	}
	go cancel()
	if _, err := r.Read(ctx, delivered(), "hangs.dcm"); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if _, err := r.Preview(t.Context(), "b.dcm"); err != nil {
		t.Errorf("the next: %v", err)
	}
}

// The child knows none of the server's secrets and stands behind the rest of the machine.
func TestTheChildIsHumble(t *testing.T) {
	t.Setenv("WARDWATCH_PASSWORD", "secret")
	r, _ := reading(t, "falls", nil)
	a, err := r.ask(t.Context(), request{Path: "a.dcm"})
	if err != nil {
		t.Fatal(err)
	}
	env := a.Facts.Device
	if strings.Contains(env, "secret") || !strings.Contains(env, "GOMAXPROCS=1\n") || !strings.Contains(env, "GOMEMLIMIT=") {
		t.Errorf("its environment:\n%s", env)
	}
	stat, err := os.ReadFile("/proc/" + string(a.Preview) + "/stat")
	if err != nil {
		t.Skip(err)
	}
	_, after, _ := strings.Cut(string(stat), ") ")
	if fields := strings.Fields(after); fields[16] != "10" {
		t.Errorf("its niceness is %s, want 10", fields[16])
	}
}

// Whatever ends the server ends the child with it, even one that hears nothing.
func TestTheChildDiesWithTheServer(t *testing.T) {
	if goruntime.GOOS != "linux" {
		t.Skip("elsewhere the child ends when its input does")
	}
	cmd := exec.Command(os.Args[0], "child", "parent")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	pid, ok := strings.CutSuffix(line, " <nil>\n")
	if err != nil || !ok {
		t.Fatal(line, err)
	}
	cmd.Process.Kill()
	cmd.Wait()
	look := time.NewTicker(10 * time.Millisecond)
	defer look.Stop()
	for range 3000 {
		if stat, err := os.ReadFile("/proc/" + pid + "/stat"); err != nil || strings.Contains(string(stat), ") Z ") {
			return // it is gone, or waits for the system to take it away
		}
		<-look.C
	}
	t.Errorf("process %s still runs", pid)
}

func TestDemonstrationModelsAreNotForPatients(t *testing.T) {
	o := Options{Models: []string{"demo-pneumonia"}, Command: []string{"none"}}
	if _, err := New(o); !errors.Is(err, imaging.ErrDemonstration) {
		t.Errorf("got %v", err)
	}
	o.Demonstrations = true
	if _, err := New(o); err != nil {
		t.Error(err)
	}
	o.Models = []string{filepath.Join(t.TempDir(), "gone")}
	if _, err := New(o); err == nil {
		t.Error("a model that is not there was accepted")
	}
}

func writePNG(t *testing.T, of func(row, col int) uint8) string {
	t.Helper()
	img := image.NewGray(image.Rect(0, 0, 64, 64))
	for row := range 64 {
		for col := range 64 {
			img.SetGray(col, row, color.Gray{Y: of(row, col)})
		}
	}
	path := filepath.Join(t.TempDir(), "picture.png")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := png.Encode(f, img); err != nil {
		t.Fatal(err)
	}
	return path
}
