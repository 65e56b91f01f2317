package smtp

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"mime"
	"mime/quotedprintable"
	"net"
	netmail "net/mail"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// exim is a real mail server: Debian's Exim, one process a connection, with a spool, a certificate and
// mailboxes of its own.
type exim struct {
	program string
	dir     string
	port    int
	roots   *x509.CertPool

	mu      sync.Mutex
	talking []chan struct{} // one a connection, closed when it has ended
	stderr  strings.Builder
}

// settled waits until every connection has ended: what was taken is then in its mailbox.
func (e *exim) settled() {
	e.mu.Lock()
	all := slices.Clone(e.talking)
	e.mu.Unlock()
	for _, one := range all {
		<-one
	}
}

// settings of one server.
type eximSettings struct {
	certName string // whom its certificate is for; empty: 127.0.0.1
	noTLS    bool   // STARTTLS is not offered
	implicit bool
}

const eximConfig = `
keep_environment =
primary_hostname = mail.bv.test
spool_directory = DIR/spool
log_file_path = DIR/log/%slog
exim_user = USER
exim_group = GROUP
never_users =
tls_advertise_hosts = OFFER
tls_certificate = DIR/cert.pem
tls_privatekey = DIR/key.pem
auth_advertise_hosts = ${if eq{$tls_in_cipher}{}{}{*}}
acl_smtp_mail = mail
acl_smtp_rcpt = rcpt
acl_smtp_data = data
host_lookup =
rfc1413_hosts =
chunking_advertise_hosts =
smtputf8_advertise_hosts = *
domainlist ours = bv.test

begin acl
mail:
  deny    senders = nobody@bv.test
          message = 5.1.8 sender is not known
  accept

rcpt:
  defer   local_parts = stopping
          message = 421 4.3.2 mail.bv.test is stopping
  defer   local_parts = greylisted
          message = 450 4.7.1 come back later
  defer   local_parts = undecided
          message = 451 4.3.0 cannot say now
  deny    local_parts = full
          message = 552 5.2.2 mailbox is full
  deny    local_parts = left
          message = 550 5.1.1 no such user
  deny    local_parts = disliked
          message = 550 5.7.1 host is blocked
  deny    !domains = +ours
          message = relay not permitted
  require verify = recipient
  deny    !authenticated = *
          !condition = ${if eq{$tls_in_cipher}{}}
          message = 530 5.7.0 sign in first
  accept

data:
  deny    condition = ${if match{$h_subject:}{\N.*DISLIKED\N}}
          message = 554 5.6.0 not wanted
  accept

begin routers
staff:
  driver = accept
  domains = +ours
  local_parts = lsearch;DIR/staff
  transport = box

begin transports
box:
  driver = appendfile
  directory = DIR/box/$local_part_data
  maildir_format
  create_directory
  user = USER
  group = GROUP
  envelope_to_add

begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_condition = ${if and{{eq{$auth2}{wardwatch}}{eq{$auth3}{hush}}}}
  server_set_id = $auth2
`

func startExim(t *testing.T, s eximSettings) *exim {
	t.Helper()
	program, err := exec.LookPath("exim4")
	if err != nil {
		program, err = exec.LookPath("/usr/sbin/exim4")
	}
	if err != nil && os.Getenv("CI") == "" {
		t.Skip("exim4 is not installed (apt-get install exim4-daemon-light): mail was not tried on a real server")
	} else if err != nil {
		t.Fatal("exim4 is not installed (apt-get install exim4-daemon-light)")
	}
	e := &exim{program: program, dir: t.TempDir()}
	e.prepare(t, s)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	e.port = l.Addr().(*net.TCPAddr).Port
	args := []string{"-C", filepath.Join(e.dir, "exim.conf"), "-odq", "-bs"}
	if s.implicit {
		args = append(args, "-tls-on-connect")
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			e.serve(t, c.(*net.TCPConn), args)
		}
	}()
	t.Cleanup(func() {
		l.Close()
		<-done
		e.settled()
	})
	return e
}

// serve gives one connection to an Exim of its own, as inetd does.
func (e *exim) serve(t *testing.T, c *net.TCPConn, args []string) {
	f, err := c.File()
	c.Close()
	if err != nil {
		t.Error(err)
		return
	}
	cmd := exec.Command(e.program, args...)
	var complaints strings.Builder
	cmd.Stdin, cmd.Stdout, cmd.Stderr, cmd.Dir = f, f, &complaints, e.dir
	err = cmd.Start()
	f.Close()
	if err != nil {
		t.Error(err)
		return
	}
	ended := make(chan struct{})
	e.mu.Lock()
	e.talking = append(e.talking, ended)
	e.mu.Unlock()
	go func() {
		defer close(ended)
		_ = cmd.Wait()
		e.mu.Lock()
		defer e.mu.Unlock()
		e.stderr.WriteString(complaints.String())
	}()
}

// prepare writes what the server needs, owned by whom it runs as.
func (e *exim) prepare(t *testing.T, s eximSettings) {
	t.Helper()
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	if me.Uid == "0" { // Exim gives root up
		if me, err = user.Lookup("Debian-exim"); err != nil {
			t.Fatal(err)
		}
	}
	offer := "*"
	if s.noTLS {
		offer = ":"
	}
	config := strings.NewReplacer("DIR", e.dir, "USER", me.Uid, "GROUP", me.Gid, "OFFER", offer).Replace(eximConfig)
	files := map[string]string{"exim.conf": config, "staff": "nurse: nurse\ndoctor: doctor\n"}
	files["cert.pem"], files["key.pem"] = e.certificate(t, s.certName)
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(e.dir, name), []byte(text), 0o640); err != nil {
			t.Fatal(err)
		}
	}
	for _, d := range []string{"spool", "log", "box"} {
		if err := os.Mkdir(filepath.Join(e.dir, d), 0o750); err != nil {
			t.Fatal(err)
		}
	}
	if os.Getuid() != 0 {
		return
	}
	uid, _ := strconv.Atoi(me.Uid)
	gid, _ := strconv.Atoi(me.Gid)
	if err := os.Chmod(filepath.Dir(e.dir), 0o755); err != nil { // so that another user gets in
		t.Fatal(err)
	}
	for _, name := range []string{"", "cert.pem", "key.pem", "staff", "spool", "log", "box"} {
		if err := os.Chown(filepath.Join(e.dir, name), uid, gid); err != nil {
			t.Fatal(err)
		}
	}
}

// certificate makes an authority and a certificate signed by it.
func (e *exim) certificate(t *testing.T, name string) (cert, key string) {
	t.Helper()
	ca, caKey := authority(t)
	e.roots = x509.NewCertPool()
	e.roots.AddCert(ca)
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	leaf := &x509.Certificate{SerialNumber: big.NewInt(2), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	if name == "" {
		leaf.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1)}
	} else {
		leaf.DNSNames = []string{name}
	}
	der, err := x509.CreateCertificate(rand.Reader, leaf, ca, &k.PublicKey, caKey)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := x509.MarshalECPrivateKey(k)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})), string(pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: raw}))
}

func authority(t *testing.T) (*x509.Certificate, *ecdsa.PrivateKey) {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	ca := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "the hospital's authority"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, ca, ca, &k.PublicKey, k)
	if err != nil {
		t.Fatal(err)
	}
	if ca, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	return ca, k
}

// letter is a mail as its receiver reads it.
type letter struct {
	header  netmail.Header
	subject string
	body    string
}

// box is what a mailbox holds, once every connection has ended and the queue is delivered.
func (e *exim) box(t *testing.T, who string) (letters []letter) {
	t.Helper()
	e.settled()
	if out, err := exec.Command(e.program, "-C", filepath.Join(e.dir, "exim.conf"), "-qf").CombinedOutput(); err != nil {
		t.Fatalf("delivering: %v\n%s", err, out)
	}
	files, _ := filepath.Glob(filepath.Join(e.dir, "box", who, "new", "*"))
	for _, name := range files {
		f, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		l, err := read(f)
		f.Close()
		if err != nil {
			t.Fatal(err)
		}
		letters = append(letters, l)
	}
	return letters
}

func read(r io.Reader) (letter, error) {
	m, err := netmail.ReadMessage(r)
	if err != nil {
		return letter{}, err
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if err != nil {
		return letter{}, err
	}
	if enc := m.Header.Get("Content-Transfer-Encoding"); enc != "quoted-printable" {
		return letter{}, fmt.Errorf("encoded as %q", enc)
	}
	body, err := io.ReadAll(quotedprintable.NewReader(m.Body))
	return letter{m.Header, subject, string(body)}, err
}

// log is what the server wrote about it all: for a test that fails.
func (e *exim) log() string {
	e.settled()
	var all strings.Builder
	all.WriteString(e.stderr.String())
	files, _ := filepath.Glob(filepath.Join(e.dir, "log", "*"))
	for _, name := range files {
		raw, _ := os.ReadFile(name)
		all.Write(raw)
	}
	return all.String()
}
