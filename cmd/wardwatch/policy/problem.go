package policy

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// Problem is one thing wrong with a policy file, with its remedy.
type Problem struct {
	File    string
	Line    int // 0: it is not in the file, but in how the file fits the default
	Message string
}

// Error is the file, the line and the message.
func (p *Problem) Error() string {
	if p.Line == 0 {
		return p.File + ": " + p.Message
	}
	return fmt.Sprintf("%s:%d: %s", p.File, p.Line, p.Message)
}

func inFile(file string, err error) error {
	var p *Problem
	if errors.As(err, &p) {
		p.File = file
	}
	return err
}

var syntax = regexp.MustCompile(`^yaml: (?:line (\d+): )?(.*)`)

func notYAML(file string, err error) error {
	p := &Problem{File: file, Message: err.Error()}
	if m := syntax.FindStringSubmatch(err.Error()); m != nil {
		p.Line, _ = strconv.Atoi(m[1])
		p.Message = "this is not YAML: " + m[2] + ": look at the indentation and the colons"
	}
	return p
}

var index = regexp.MustCompile(`\[(\d+)\]`)

// locate gives the error of a check, which begins with the name of a setting and a colon or a
// space, its line in the file. Entries of lists are numbered from 1, or from 0 in brackets.
func locate(file string, root *yaml.Node, under string, err error) error {
	name, _, _ := strings.Cut(err.Error(), " ")
	name = index.ReplaceAllStringFunc(strings.TrimRight(name, ":"), func(s string) string {
		i, _ := strconv.Atoi(strings.Trim(s, "[]"))
		return "." + strconv.Itoa(i+1)
	})
	return &Problem{File: file, Line: lineAt(root, append([]string{under}, strings.Split(name, ".")...)), Message: err.Error()}
}

// lineAt is the line of the deepest part of a path that the document has. A setting's name may be
// several steps of the path joined.
func lineAt(n *yaml.Node, path []string) (line int) {
	for len(path) > 0 {
		var next *yaml.Node
		steps := 1
		for ; steps <= len(path) && next == nil; steps++ {
			next = child(n, strings.Join(path[:steps], "_"))
		}
		if next == nil {
			return line
		}
		line, n, path = next.Line, next, path[steps-1:]
	}
	return line
}

// child is a group's value by its key, or a list's entry by its number from 1.
func child(n *yaml.Node, step string) *yaml.Node {
	if n != nil && n.Kind == yaml.DocumentNode && len(n.Content) > 0 {
		n = n.Content[0]
	}
	if n == nil {
		return nil
	}
	if n.Kind == yaml.SequenceNode {
		if i, err := strconv.Atoi(step); err == nil && i >= 1 && i <= len(n.Content) {
			return n.Content[i-1]
		}
		return nil
	}
	for i := 0; n.Kind == yaml.MappingNode && i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == step {
			return n.Content[i+1]
		}
	}
	return nil
}
