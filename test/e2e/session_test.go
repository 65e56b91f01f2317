//go:build e2e

package e2e

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
)

// person is somebody who signs in.
type person struct{ login, password string }

// addPerson enters a member of staff.
func (s site) addPerson(t testing.TB, access string) person {
	t.Helper()
	said := run(t, "user", "add", "--data", s.data, "--login", access, "--name", access, "--access", access)
	_, password, ok := strings.Cut(strings.TrimSpace(said), "password  ")
	if !ok {
		t.Fatalf("user add printed no password: %q", said)
	}
	return person{access, password}
}

// session is somebody's browser. It outlives the server.
type session struct {
	s      *server
	cookie *http.Cookie
	csrf   string
}

// signIn opens a session.
func (s *server) signIn(p person) *session {
	s.t.Helper()
	raw, err := json.Marshal(map[string]string{"login": p.login, "password": p.password})
	if err != nil {
		s.t.Fatal(err)
	}
	resp, err := http.Post(s.http+"/api/v1/session", "application/json", bytes.NewReader(raw))
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	var reply struct{ CSRF string }
	if err := json.NewDecoder(resp.Body).Decode(&reply); err != nil || resp.StatusCode != http.StatusOK || len(resp.Cookies()) != 1 {
		s.t.Fatalf("signing in as %s: %s, %v, %d cookies", p.login, resp.Status, err, len(resp.Cookies()))
	}
	return &session{s: s, cookie: resp.Cookies()[0], csrf: reply.CSRF}
}

// answer is what the API said: a refusal's code, detail and hint among it.
type answer struct {
	status int
	body   string
}

// ask sends a request of this session.
func (b *session) ask(method, path string, body any) answer {
	b.s.t.Helper()
	resp := b.open(context.Background(), method, path, body)
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		b.s.t.Fatal(err)
	}
	return answer{resp.StatusCode, string(raw)}
}

func (b *session) open(ctx context.Context, method, path string, body any) *http.Response {
	b.s.t.Helper()
	raw, err := json.Marshal(body)
	if err != nil {
		b.s.t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(ctx, method, b.s.http+path, bytes.NewReader(raw))
	if err != nil {
		b.s.t.Fatal(err)
	}
	req.AddCookie(b.cookie)
	req.Header.Set("X-Wardwatch-CSRF", b.csrf)
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		b.s.t.Fatal(err)
	}
	return resp
}

// tile is the part of a board's tile that the models speak in.
type tile struct {
	Bed   string
	Stay  *struct{ ID string }
	Score *struct{ Flags []struct{ Code string } }

	Assessed *struct {
		At    int64
		Risks []struct {
			Task   string
			Raised bool
		}
	}
}

// screen is an open board.
type screen struct {
	mu    sync.Mutex
	all   strings.Builder // every word that it was sent
	tiles map[string]tile // as they stand, by bed
	marks map[string]bool // every risk that a tile has named, as "bed task"
	flags map[string]bool // every flag of a score that a model raised
}

// watch opens the ward's board and follows it until the test, or the server, ends.
func (b *session) watch() *screen {
	b.s.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	resp := b.open(ctx, http.MethodGet, "/api/v1/wards/W1/stream", nil)
	if resp.StatusCode != http.StatusOK {
		cancel()
		b.s.t.Fatalf("the board's stream: %s", resp.Status)
	}
	x, done := &screen{tiles: map[string]tile{}, marks: map[string]bool{}, flags: map[string]bool{}}, make(chan struct{})
	go func() {
		defer close(done)
		defer resp.Body.Close()
		lines := bufio.NewScanner(resp.Body)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			x.take(lines.Text())
		}
	}()
	b.s.t.Cleanup(func() { cancel(); <-done })
	until(b.s.t, "the board shows the ward", func() bool { x.mu.Lock(); defer x.mu.Unlock(); return len(x.tiles) > 0 })
	return x
}

func (x *screen) take(line string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.all.WriteString(line + "\n")
	raw, ok := strings.CutPrefix(line, "data: ")
	var event struct{ Tiles []tile }
	if !ok || json.Unmarshal([]byte(raw), &event) != nil {
		return
	}
	for _, t := range event.Tiles {
		x.tiles[t.Bed] = t
		for _, task := range t.marks() {
			x.marks[t.Bed+" "+task] = true
		}
		for _, task := range t.flags() {
			x.flags[t.Bed+" "+task] = true
		}
	}
}

// marks are the tasks of the risks that the tile names.
func (t *tile) marks() (tasks []string) {
	if t.Assessed != nil {
		for _, r := range t.Assessed.Risks {
			tasks = append(tasks, r.Task)
		}
	}
	return tasks
}

// flags are the tasks whose risk the score was raised by.
func (t *tile) flags() (tasks []string) {
	if t.Score != nil {
		for _, f := range t.Score.Flags {
			if task, ok := strings.CutPrefix(f.Code, "risk:"); ok {
				tasks = append(tasks, task)
			}
		}
	}
	return tasks
}

// everRaised lists what the board was told of the models since it was opened.
func (x *screen) everRaised() (marks, flags []string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	return slices.Sorted(maps.Keys(x.marks)), slices.Sorted(maps.Keys(x.flags))
}

// said is every word so far.
func (x *screen) said() string {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.all.String()
}

// assessed is when the models spoke last of a bed, as far as the board knows.
func (x *screen) assessed(bed string) int64 {
	x.mu.Lock()
	defer x.mu.Unlock()
	if a := x.tiles[bed].Assessed; a != nil {
		return a.At
	}
	return 0
}

// raised says whether the bed's tile names a risk of the task, and whether its score has the flag.
func (x *screen) raised(bed, task string) (mark, flag bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	t := x.tiles[bed]
	return slices.Contains(t.marks(), task), slices.Contains(t.flags(), task)
}
