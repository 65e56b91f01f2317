package objects

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"pgregory.net/rapid"

	"wardwatch/ward"
)

// childDir names the folder in which this test binary, started again as a child, keeps objects until it is
// killed.
const childDir = "WARDWATCH_TEST_CHILD_OBJECTS"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		keepForEver(dir)
	}
	os.Exit(m.Run())
}

func open(t testing.TB, dir string) *Store {
	t.Helper()
	s, err := Open(dir, Options{Power: true, Reserve: 1})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func keep(t testing.TB, s *Store, content string) string {
	t.Helper()
	name, sum, size, err := s.Keep(context.Background(), strings.NewReader(content), 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	if want := sumOf([]byte(content)); name != want || sum != want || size != int64(len(content)) {
		t.Fatalf("kept as %s, %s, %d bytes; want %s, %d", name, sum, size, want, len(content))
	}
	return name
}

// forget removes one object, as if nobody claimed it.
func forget(ctx context.Context, s *Store, name string) error {
	_, err := s.Prune(ctx, time.Now().Add(time.Hour), func(n string) (bool, error) { return n != name, nil })
	return err
}

func sumOf(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

func read(t testing.TB, s *Store, name string) string {
	t.Helper()
	f, err := s.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	b, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// files lists all that lies in the folder, whatever its name.
func files(t testing.TB, dir string) (list []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			list = append(list, filepath.Base(path))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func refused(t testing.TB, err error, code ward.ErrorCode) {
	t.Helper()
	var e *ward.Error
	if !errors.As(err, &e) || e.Code != code || e.Message == "" || e.Hint == "" {
		t.Fatalf("got %v, want a *ward.Error of code %s with a hint", err, code)
	}
}

func figure(s *Store, name string) float64 {
	for _, f := range s.Figures() {
		if f.Name == name {
			return f.Value
		}
	}
	return -1
}

func TestTheSameContentIsOneFile(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	name := keep(t, s, "a picture")
	if again := keep(t, s, "a picture"); again != name || len(files(t, dir)) != 1 {
		t.Errorf("kept again as %s; files %v", again, files(t, dir))
	}
	keep(t, s, "")
	if got := read(t, s, name); got != "a picture" {
		t.Errorf("reads %q", got)
	}
	if path, err := s.Path(name); err != nil || path != filepath.Join(dir, name[:2], name) {
		t.Errorf("lies at %s, %v", path, err)
	}
	for _, s := range []*Store{s, open(t, dir)} {
		if n, bytes := figure(s, "wardwatch_objects"), figure(s, "wardwatch_objects_bytes"); n != 2 || bytes != 9 {
			t.Errorf("%v objects of %v bytes", n, bytes)
		}
	}
	for range 2 {
		if err := forget(t.Context(), s, name); err != nil {
			t.Fatal(err)
		}
	}
	_, err := s.Open(name)
	refused(t, err, ward.NotFound)
	if n, bytes := figure(s, "wardwatch_objects"), figure(s, "wardwatch_objects_bytes"); n != 1 || bytes != 0 {
		t.Errorf("%v objects of %v bytes left", n, bytes)
	}
	if info, err := os.Stat(dir); err != nil || info.Mode().Perm()&0o077 != 0 && os.Geteuid() != 0 {
		t.Errorf("others may look: %v, %v", info.Mode(), err)
	}
}

// Whatever goes wrong, nothing of it is left.
func TestNothingIsHalfKept(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	gone, end := context.WithCancel(t.Context())
	end()
	hungUp := errors.New("hung up")
	for _, tc := range []struct {
		name  string
		ctx   context.Context
		r     io.Reader
		limit int64
		check func(t *testing.T, err error)
	}{
		{"a byte too many", t.Context(), strings.NewReader("12345"), 4, func(t *testing.T, err error) { refused(t, err, ward.BadInput) }},
		{"without an end", t.Context(), rand.Reader, 1 << 16, func(t *testing.T, err error) { refused(t, err, ward.BadInput) }},
		{"the sender hangs up", t.Context(), io.MultiReader(strings.NewReader("123"), iotest.ErrReader(hungUp)), 9, func(t *testing.T, err error) {
			if ours := (*ward.Error)(nil); !errors.Is(err, hungUp) || errors.As(err, &ours) {
				t.Errorf("got %v", err)
			}
		}},
		{"the sender sends less than it said", t.Context(), iotest.ErrReader(io.ErrUnexpectedEOF), 9, func(t *testing.T, err error) {
			if !errors.Is(err, io.ErrUnexpectedEOF) {
				t.Errorf("got %v", err)
			}
		}},
		{"nobody waits any more", gone, strings.NewReader("123"), 9, func(t *testing.T, err error) {
			if !errors.Is(err, context.Canceled) {
				t.Errorf("got %v", err)
			}
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, _, _, err := s.Keep(tc.ctx, tc.r, tc.limit)
			tc.check(t, err)
			if left := files(t, dir); len(left) != 0 {
				t.Errorf("left %v", left)
			}
		})
	}
	if _, _, _, err := s.Keep(t.Context(), iotest.OneByteReader(strings.NewReader("1234")), 4); err != nil {
		t.Errorf("as large as allowed: %v", err)
	}
}

// A name leads nowhere but to an object.
func FuzzPath(f *testing.F) {
	for _, name := range []string{"", "..", "../../etc/passwd", sumOf(nil), strings.ToUpper(sumOf(nil)), sumOf(nil)[:63], sumOf(nil) + "/", "\x00" + sumOf(nil)[1:]} {
		f.Add(name)
	}
	dir := f.TempDir()
	s := open(f, dir)
	f.Fuzz(func(t *testing.T, name string) {
		path, err := s.Path(name)
		if decoded, bad := hex.DecodeString(name); bad == nil && len(decoded) == sha256.Size && strings.ToLower(name) == name {
			if err != nil || filepath.Dir(filepath.Dir(path)) != dir || filepath.Base(path) != name {
				t.Fatalf("%q lies at %q, %v", name, path, err)
			}
			return
		}
		refused(t, err, ward.BadInput)
		if _, err := s.Open(name); err == nil {
			t.Fatalf("opened %q", name)
		}
	})
}

func TestOldObjectsGoUnlessClaimed(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	now := time.Date(2026, 11, 21, 8, 0, 0, 0, time.UTC)
	age := func(name string, by time.Duration) string {
		path, _ := s.Path(name)
		if err := os.Chtimes(path, now.Add(-by), now.Add(-by)); err != nil {
			t.Fatal(err)
		}
		return name
	}
	claimed, old, young := age(keep(t, s, "claimed"), 48*time.Hour), age(keep(t, s, "old"), 48*time.Hour), age(keep(t, s, "young"), time.Minute)
	again := age(keep(t, s, "kept again"), 48*time.Hour)
	keep(t, s, "kept again")
	if err := os.WriteFile(filepath.Join(dir, "notes.txt"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	var asked []string
	n, err := s.Prune(t.Context(), now.Add(-time.Hour), func(name string) (bool, error) {
		asked = append(asked, name)
		return name == claimed, nil
	})
	if err != nil || n != 1 || len(asked) != 2 {
		t.Errorf("%d gone, asked of %d, %v", n, len(asked), err)
	}
	for name, want := range map[string]bool{claimed: true, old: false, young: true, again: true} {
		if f, err := s.Open(name); (err == nil) != want {
			t.Errorf("%s is there: %v, want %v", name, err == nil, want)
		} else if err == nil {
			f.Close()
		}
	}
	if n := figure(s, "wardwatch_objects"); n != 3 {
		t.Errorf("%v objects", n)
	}
	broken := errors.New("the book is away")
	if _, err := s.Prune(t.Context(), now.Add(-time.Hour), func(string) (bool, error) { return false, broken }); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
	if _, err := s.Open(claimed); err != nil {
		t.Error("removed what nobody could ask about")
	}
}

// One that is kept again while it is being looked at is not removed.
func TestKeptAgainWhilePruned(t *testing.T) {
	s := open(t, t.TempDir())
	name := keep(t, s, "a picture")
	path, _ := s.Path(name)
	long := time.Unix(1, 0)
	if err := os.Chtimes(path, long, long); err != nil {
		t.Fatal(err)
	}
	n, err := s.Prune(t.Context(), time.Now().Add(-time.Hour), func(string) (bool, error) {
		keep(t, s, "a picture")
		return false, nil
	})
	if err != nil || n != 0 || read(t, s, name) != "a picture" {
		t.Errorf("%d gone, %v", n, err)
	}
}

// Many keep, remove and prune at once: every file that has a name is whole, and the counts agree.
func TestEverybodyAtOnce(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		dir, err := os.MkdirTemp(t.TempDir(), "")
		if err != nil {
			r.Fatal(err)
		}
		s, err := Open(dir, Options{Reserve: 1})
		if err != nil {
			r.Fatal(err)
		}
		deeds := rapid.SliceOfN(rapid.SliceOfN(rapid.IntRange(0, 9), 1, 8), 2, 4).Draw(r, "deeds")
		var all sync.WaitGroup
		for _, mine := range deeds {
			all.Go(func() {
				for _, d := range mine {
					content := []byte(fmt.Sprint("content ", d%3))
					var err error
					switch {
					case d < 6:
						_, _, _, err = s.Keep(t.Context(), bytes.NewReader(content), 99)
					case d < 8:
						err = forget(t.Context(), s, sumOf(content))
					default:
						_, err = s.Prune(t.Context(), time.Now().Add(time.Hour), func(string) (bool, error) { return false, nil })
					}
					if err != nil {
						t.Error(err)
					}
				}
			})
		}
		all.Wait()
		var size int
		left := files(t, dir)
		for _, name := range left {
			content := read(t, s, name)
			if size += len(content); sumOf([]byte(content)) != name {
				r.Fatalf("%s holds %q", name, content)
			}
		}
		if n, b := figure(s, "wardwatch_objects"), figure(s, "wardwatch_objects_bytes"); n != float64(len(left)) || b != float64(size) {
			r.Fatalf("counts %v of %v bytes, there are %d of %d", n, b, len(left), size)
		}
	})
}

func keepForEver(dir string) {
	s, err := Open(dir, Options{Reserve: 1})
	for err == nil {
		var name string
		if name, _, _, err = s.Keep(context.Background(), io.LimitReader(rand.Reader, 1<<18), 1<<18); err == nil {
			fmt.Println(name)
		}
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

// Killed at any moment: all that Keep has named is there and whole, nothing else has a name, and what was
// half written is gone once the store is opened again.
func TestKilledInTheMiddle(t *testing.T) {
	dir := t.TempDir()
	var named []string
	for round := range 4 {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), childDir+"="+dir)
		cmd.Stderr = os.Stderr
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		for range 5 + 3*round {
			if !lines.Scan() {
				t.Fatal("the child ended by itself")
			}
			named = append(named, lines.Text())
		}
		cmd.Process.Kill()
		for lines.Scan() {
			named = append(named, lines.Text())
		}
		cmd.Wait()
		s := open(t, dir)
		for _, name := range named {
			if sumOf([]byte(read(t, s, name))) != name {
				t.Fatalf("%s is not whole", name)
			}
		}
		for _, name := range files(t, dir) {
			if !isName(name) || sumOf([]byte(read(t, s, name))) != name {
				t.Fatalf("left %s", name)
			}
		}
	}
	t.Logf("%d kept over 4 kills", len(named))
}

// A folder that cannot be used is said to be so.
func TestAFolderThatCannotBeUsed(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := Open(filepath.Join(file, "objects"), Options{})
	refused(t, err, ward.Unavailable)
}

// One op keeps a picture of 2 MB.
func BenchmarkKeep(b *testing.B) {
	s, err := Open(b.TempDir(), Options{Reserve: 1})
	if err != nil {
		b.Fatal(err)
	}
	content := make([]byte, 2<<20)
	b.SetBytes(int64(len(content)))
	for n := 0; b.Loop(); n++ {
		content[n%len(content)]++
		if _, _, _, err := s.Keep(b.Context(), bytes.NewReader(content), 4<<20); err != nil {
			b.Fatal(err)
		}
	}
}
