// Package files serves the built front end from memory.
package files

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"mime"
	"path"
	"strings"

	"github.com/gofiber/fiber/v2"
)

// Set is the front end's files by address, read and compressed once: they are few and small.
type Set map[string]*asset

type asset struct {
	kind  string
	tag   string
	plain []byte
	small []byte // gzip; nil when that saves nothing
}

const index = "/index.html"

// Load reads the front end, with index.html at its root; nil is none.
func Load(files fs.FS) (Set, error) {
	out := Set{}
	if files == nil {
		return out, nil
	}
	err := fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		body, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		out["/"+name], err = newAsset(name, body)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading the front end: %w", err)
	}
	return out, nil
}

func newAsset(name string, body []byte) (*asset, error) {
	sum := sha256.Sum256(body)
	a := &asset{kind: kindOf(name), tag: `"` + hex.EncodeToString(sum[:8]) + `"`, plain: body}
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := z.Write(body); err != nil {
		return nil, err
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	if b.Len() < len(body) {
		a.small = b.Bytes()
	}
	return a, nil
}

// kindOf names the media types of the web itself, so that they do not depend on the machine's
// tables.
func kindOf(name string) string {
	switch ext := path.Ext(name); ext {
	case ".html":
		return "text/html; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".json":
		return "application/json"
	case ".webmanifest":
		return "application/manifest+json"
	default:
		if kind := mime.TypeByExtension(ext); kind != "" {
			return kind
		}
		return "application/octet-stream"
	}
}

// Index sends the one page that stands behind every address of the board; false when there is none.
func (s Set) Index(c *fiber.Ctx) (bool, error) {
	a := s[index]
	if a == nil {
		return false, nil
	}
	return true, a.send(c, "no-cache")
}

// File sends the file at the request's address; false when there is none.
func (s Set) File(c *fiber.Ctx) (bool, error) {
	a := s[c.Path()]
	if a == nil || c.Path() == index || c.Method() != fiber.MethodGet && c.Method() != fiber.MethodHead {
		return false, nil
	}
	cache := "no-cache"
	if strings.HasPrefix(c.Path(), "/assets/") { // named by their content
		cache = "public, max-age=31536000, immutable"
	}
	return true, a.send(c, cache)
}

func (a *asset) send(c *fiber.Ctx, cache string) error {
	c.Set(fiber.HeaderCacheControl, cache)
	c.Set(fiber.HeaderETag, a.tag)
	c.Set(fiber.HeaderVary, fiber.HeaderAcceptEncoding)
	if c.Get(fiber.HeaderIfNoneMatch) == a.tag {
		return c.SendStatus(fiber.StatusNotModified)
	}
	c.Set(fiber.HeaderContentType, a.kind)
	if a.small != nil && strings.Contains(c.Get(fiber.HeaderAcceptEncoding), "gzip") {
		c.Set(fiber.HeaderContentEncoding, "gzip")
		return c.Send(a.small)
	}
	return c.Send(a.plain)
}
