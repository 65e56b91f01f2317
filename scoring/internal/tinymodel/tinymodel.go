// Package tinymodel writes small ONNX files for tests: linear models of rows, with or without metadata,
// and of pictures. It knows just enough of the format (onnx.proto, opset 15) for that.
package tinymodel

import (
	"encoding/binary"
	"math"
)

// Linear is a model that adds up what it is given: each output is its bias and the features by its
// weights, where a missing feature counts as its entry in Fill.
type Linear struct {
	Output   string      // name of the output; empty: "logit"
	Weights  [][]float32 // an output each, one weight a feature
	Bias     []float32
	Fill     []float32 // nil: zeros
	Metadata map[string]string
	Rows     int  // the only number of rows that it takes; 0: any
	Also     bool // it has a second output: the features, filled
}

// Bytes is the model as a file.
func (l Linear) Bytes() []byte {
	outputs, features := len(l.Weights), len(l.Weights[0])
	fill := l.Fill
	if fill == nil {
		fill = make([]float32, features)
	}
	across := make([]float32, 0, features*outputs)
	for f := range features {
		for o := range outputs {
			across = append(across, l.Weights[o][f])
		}
	}
	name := l.Output
	if name == "" {
		name = "logit"
	}
	var g message
	g.embed(1, node("IsNaN", "gone", "features"))
	g.embed(1, node("Where", "filled", "gone", "fill", "features"))
	g.embed(1, node("MatMul", "sum", "filled", "weights"))
	g.embed(1, node("Add", name, "sum", "bias"))
	g.text(2, "linear")
	g.embed(5, tensor("fill", fill, features))
	g.embed(5, tensor("weights", across, features, outputs))
	g.embed(5, tensor("bias", l.Bias, outputs))
	g.embed(11, table("features", l.Rows, features))
	g.embed(12, table(name, l.Rows, outputs))
	if l.Also {
		g.embed(12, table("filled", l.Rows, features))
	}
	return file(g, l.Metadata)
}

func file(graph message, metadata map[string]string) []byte {
	var opset, m message
	opset.text(1, "")
	opset.number(2, 15)
	m.number(1, 8) // IR version
	m.embed(7, graph)
	m.embed(8, opset)
	for k, v := range metadata {
		var entry message
		entry.text(1, k)
		entry.text(2, v)
		m.embed(14, entry)
	}
	return m
}

func node(op, output string, inputs ...string) message {
	var n message
	for _, in := range inputs {
		n.text(1, in)
	}
	n.text(2, output)
	n.text(4, op)
	return n
}

func tensor(name string, values []float32, dims ...int) message {
	var t message
	for _, d := range dims {
		t.number(1, uint64(d))
	}
	t.number(2, float32Type)
	t.text(8, name)
	raw := make([]byte, 0, 4*len(values))
	for _, v := range values {
		raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(v))
	}
	t.text(9, string(raw))
	return t
}

const float32Type = 1

// table is a matrix of float32; with 0 rows it may have any number of them.
func table(name string, n, columns int) message { return block(name, n, columns) }

// block is float32 values of some dimensions; the first may be 0: any size.
func block(name string, dims ...int) message {
	var shape, values, kind, info message
	for _, size := range dims {
		var d message
		if size == 0 {
			d.text(2, "N")
		} else {
			d.number(1, uint64(size))
		}
		shape.embed(1, d)
	}
	values.number(1, float32Type)
	values.embed(2, shape)
	kind.embed(1, values)
	info.text(1, name)
	info.embed(2, kind)
	return info
}

// message is a protocol buffer being written.
type message []byte

func (m *message) number(field int, v uint64) {
	*m = binary.AppendUvarint(*m, uint64(field)<<3)
	*m = binary.AppendUvarint(*m, v)
}

func (m *message) text(field int, v string) {
	*m = binary.AppendUvarint(*m, uint64(field)<<3|2)
	*m = binary.AppendUvarint(*m, uint64(len(v)))
	*m = append(*m, v...)
}

func (m *message) embed(field int, v message) { m.text(field, string(v)) }
