package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"strings"
	"syscall"

	"wardwatch/cmd/wardwatch/reader"
	"wardwatch/scoring/imaging"
)

type imageCmd struct {
	Model   string   `required:"" help:"A model that is part of the program (${models}), or a directory with a manifest.json." placeholder:"NAME|DIR"`
	Map     string   `help:"Write for each picture that was looked at where the score came from, as a PNG into this directory." placeholder:"DIR"`
	Jobs    int      `help:"Pictures at a time; 0: as many as there are processors."`
	ONNXLib string   `name:"onnx-lib" help:"Shared library of ONNX Runtime; found in the usual places when not given." placeholder:"FILE"`
	Files   []string `arg:"" name:"file" help:"DICOM, PNG or JPEG files, or folders of them."`
}

// Help says what comes out.
func (imageCmd) Help() string {
	return `A JSON line a file, in the order given: what the model says, or in "refused" why it would not look. In folders, files that end in .dcm, .png, .jpg or .jpeg are taken, and DICOM files without an ending. Exit code 1 says that some file could not be read at all. A demonstration model is for showing, never for patients.`
}

// modelNames is for the help: the models that are part of the program.
func modelNames() string { return strings.Join(imaging.Builtins(), ", ") }

// Run shows pictures to a model.
func (c *imageCmd) Run() error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	return c.run(ctx, os.Stdout, os.Stderr)
}

func (c *imageCmd) run(ctx context.Context, out io.Writer, talk *os.File) error {
	files, err := pictures(c.Files)
	if err != nil {
		return err
	}
	model, err := imaging.Open(c.Model, imaging.Options{Library: c.ONNXLib})
	if err != nil {
		return err
	}
	defer model.Close()
	if c.Map != "" {
		if err := os.MkdirAll(c.Map, 0o750); err != nil {
			return fmt.Errorf("making the directory of the maps: %w", err)
		}
	}
	if c.Jobs <= 0 {
		c.Jobs = runtime.NumCPU()
	}
	seen := newCount(talk, len(files))
	look := looker{model: model, viewer: &reader.Viewer{Zone: hospitalZone()}, maps: c.Map}
	unread, err := writeLines(out, seen, func(put func(imageLine) error) error {
		return inOrder(ctx, files, c.Jobs, look.file, put)
	})
	seen.done()
	if err != nil {
		return err
	}
	if unread > 0 {
		fmt.Fprintf(talk, "wardwatch: %d of %d files could not be read: their lines say why\n", unread, len(files))
		return exitCode(1)
	}
	return nil
}

// writeLines writes the lines that it is given, and counts those of files that could not be read.
func writeLines(out io.Writer, seen *count, each func(put func(imageLine) error) error) (unread int, err error) {
	w := bufio.NewWriter(out)
	err = each(func(l imageLine) error {
		if l.unread {
			unread++
		}
		seen.one(l.Refused != nil)
		return writeLine(w, &l)
	})
	return unread, err
}

// writeLine writes a line at once, so that who reads along need not wait for the next.
func writeLine(w *bufio.Writer, l *imageLine) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	if err := e.Encode(l); err != nil {
		return err
	}
	return w.Flush()
}

// readImagesCmd reads pictures for the server, which starts it as a child: requests come on standard
// input, answers go to standard output, a line each.
type readImagesCmd struct {
	Models  []string `name:"model" sep:"none" help:"A model; may be repeated." placeholder:"NAME|DIR"`
	ONNXLib string   `name:"onnx-lib" help:"Shared library of ONNX Runtime." placeholder:"FILE"`
}

// Run answers until standard input ends.
func (c *readImagesCmd) Run() error {
	err := reader.Serve(os.Stdin, os.Stdout, &reader.Viewer{Zone: hospitalZone()}, c.Models, imaging.Options{Library: c.ONNXLib})
	if errors.Is(err, io.ErrClosedPipe) || errors.Is(err, syscall.EPIPE) {
		return nil // the server is gone
	}
	return err
}
