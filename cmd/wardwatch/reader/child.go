package reader

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"time"
)

// child is the running process. One goroutine uses it at a time.
type child struct {
	cmd     *exec.Cmd
	in      io.WriteCloser
	answers chan answer   // closed when it says no more
	gone    chan struct{} // closed once it was waited for
	memory  uint64
	missing error // a model that it could not load
	log     *slog.Logger
}

// longestAnswer bounds a line of the child, in bytes: an overlay of the largest side for each of some models.
const longestAnswer = 64 << 20

// start starts the child and waits until it has loaded its models.
func start(ctx context.Context, o *Options) (*child, error) {
	cmd := exec.Command(o.Command[0], o.Command[1:]...)
	cmd.Env = environment(o.Memory)
	own(cmd)
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	said, err := cmd.StderrPipe()
	if err != nil {
		return nil, err
	}
	c := &child{cmd: cmd, in: in, answers: make(chan answer), gone: make(chan struct{}), memory: o.Memory, log: o.Log}
	if err := c.run(out, said); err != nil {
		return nil, fmt.Errorf("starting the process: %w", err)
	}
	humble(cmd.Process.Pid)
	hello, err := c.next(ctx, o.Start)
	if err != nil {
		c.end()
		return nil, err
	}
	for _, m := range hello.Models {
		if m.Refused != nil {
			c.missing = fmt.Errorf("the model %s cannot be loaded: %s", m.Name, m.Refused.Detail)
		}
	}
	return c, nil
}

// run starts the process and sees to its end. The thread that starts it stays until then: the kernel
// ends the child with the thread that is its parent, not with the process.
func (c *child) run(out, said io.Reader) error {
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := c.cmd.Start()
		started <- err
		if err != nil {
			return
		}
		heard := make(chan struct{})
		go func() { defer close(heard); c.hear(said) }()
		c.receive(out)
		<-heard
		// how it ended, its asker finds out by itself
		_ = c.cmd.Wait()
		close(c.gone)
	}()
	return <-started
}

// receive hands on the child's answers until it says no more.
func (c *child) receive(out io.Reader) {
	defer close(c.answers)
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, longestAnswer)
	for lines.Scan() {
		var a answer
		if json.Unmarshal(lines.Bytes(), &a) != nil {
			return
		}
		c.answers <- a
	}
}

// dead reports whether the child ended by itself.
func (c *child) dead() bool {
	select {
	case <-c.gone:
		return true
	default:
		return false
	}
}

// ask sends a request and waits for its answer. After an error the child is of no more use.
func (c *child) ask(ctx context.Context, q request, limit time.Duration) (answer, error) {
	line, err := json.Marshal(q)
	if err != nil {
		return answer{}, err
	}
	if _, err := c.in.Write(append(line, '\n')); err != nil {
		return answer{}, fmt.Errorf("asking: %w", err)
	}
	a, err := c.next(ctx, limit)
	if err == nil && a.ID != q.ID {
		err = fmt.Errorf("it answered request %d, not %d", a.ID, q.ID)
	}
	return a, err
}

// watchEvery is how often the child's memory is looked at.
const watchEvery = 50 * time.Millisecond

// next is the child's next line.
func (c *child) next(ctx context.Context, limit time.Duration) (answer, error) {
	deadline := time.NewTimer(limit)
	defer deadline.Stop()
	watch := time.NewTicker(watchEvery)
	defer watch.Stop()
	for {
		select {
		case a, more := <-c.answers:
			if !more {
				return answer{}, errors.New("it died")
			}
			return a, nil
		case <-ctx.Done():
			return answer{}, ctx.Err()
		case <-deadline.C:
			return answer{}, fmt.Errorf("it did not answer within %v", limit)
		case <-watch.C:
			if has := resident(c.cmd.Process.Pid); has > c.memory {
				return answer{}, fmt.Errorf("it took %d MiB of memory; %d are allowed", has>>20, c.memory>>20)
			}
		}
	}
}

// end kills the child and waits until nothing is left of it. It holds nothing that could be lost.
func (c *child) end() {
	c.in.Close()
	_ = c.cmd.Process.Kill() // it may be gone already
	for range c.answers {    // what it still said is of no more use
	}
	<-c.gone
}

// lines of the child's own words that are passed on to the log, and how long they may be.
const (
	mostLines   = 20
	longestLine = 200
)

// hear passes the beginning of what the child says beside its answers to the log. Its files' contents
// are never among it; what the library's or Go's last words are is needed to mend it.
func (c *child) hear(said io.Reader) {
	lines := bufio.NewScanner(said)
	for n := 0; lines.Scan(); n++ {
		if n < mostLines {
			text := lines.Text()
			c.log.Warn("the process that reads pictures says", "text", text[:min(len(text), longestLine)])
		}
	}
	io.Copy(io.Discard, said) // a line that is too long must not block it
}

// environment is what the child knows of ours: where things are, and none of the server's secrets.
func environment(memory uint64) []string {
	env := []string{
		"GOMAXPROCS=1",
		"GOMEMLIMIT=" + strconv.FormatUint(memory/4*3, 10),
		"GOTRACEBACK=single",
	}
	for _, name := range []string{"PATH", "HOME", "XDG_CACHE_HOME", "TMPDIR", "TZ", "ZONEINFO", "LD_LIBRARY_PATH", "WARDWATCH_ONNX_LIB"} {
		if v, ok := os.LookupEnv(name); ok {
			env = append(env, name+"="+v)
		}
	}
	return env
}
