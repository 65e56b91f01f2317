package webhook

import (
	"bufio"
	"context"
	"errors"
	"os"
	"os/exec"
	"testing"
	"time"

	"wardwatch/alerts"
)

// TestReceivers posts real notices to receivers that are not our code, in other languages' standard
// libraries: the documentation offers them as examples.
func TestReceivers(t *testing.T) {
	for name, command := range map[string][]string{
		"Python": {"python3", "testdata/receiver.py"},
		"Node":   {"node", "testdata/receiver.mjs"},
	} {
		t.Run(name, func(t *testing.T) {
			address, said := receiver(t, command)
			genuine := sender(t, Options{URL: address})
			forged := sender(t, Options{URL: address, Secret: []byte("another secret, as long as it is")})
			replayed := sender(t, Options{URL: address, Now: func() time.Time { return time.Now().Add(-time.Hour) }})
			tries := []struct {
				what  string
				s     *Sender
				taken bool
				said  string
			}{
				{"a genuine notice", genuine, true, "new N1"},
				{"the same again", genuine, true, "repeat N1"},
				{"signed with another secret", forged, false, "forged"},
				{"signed an hour ago", replayed, false, "forged"},
			}
			for _, c := range tries {
				err := c.s.Send(context.Background(), notice())
				var e *alerts.SendError
				if c.taken != (err == nil) || !c.taken && (!errors.As(err, &e) || !e.Permanent) {
					t.Errorf("%s: got %v", c.what, err)
				}
				if got := said(); got != c.said {
					t.Errorf("%s: the receiver says %q, want %q", c.what, got, c.said)
				}
			}
		})
	}
}

// receiver starts a program that prints its port and then a line a notice.
func receiver(t *testing.T, command []string) (address string, said func() string) {
	t.Helper()
	program, err := exec.LookPath(command[0])
	if err != nil && os.Getenv("CI") == "" {
		t.Skipf("%s is not installed: the signature was not checked with it", command[0])
	} else if err != nil {
		t.Fatalf("%s is not installed (apt-get install %s)", command[0], map[string]string{"python3": "python3", "node": "nodejs"}[command[0]])
	}
	c := exec.Command(program, append(command[1:], secret)...)
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
	said = func() string {
		lines.Scan()
		return lines.Text()
	}
	return "http://127.0.0.1:" + said() + "/", said
}
