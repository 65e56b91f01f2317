package tinymodel

// Picture is a model of pictures that adds up what it sees: each output is its bias and the pixels by
// its weights. Its input is "image", its outputs "logits" and, for those who ask, "seen": the pixels.
type Picture struct {
	Channels, Height, Width int
	Weights                 [][]float32 // an output each, one weight a pixel, channel by channel
	Bias                    []float32
	AtOnce                  int // the only number of pictures that it takes; 0: any
}

// Bytes is the model as a file.
func (p Picture) Bytes() []byte {
	outputs, pixels := len(p.Weights), p.Channels*p.Height*p.Width
	across := make([]float32, 0, pixels*outputs)
	for i := range pixels {
		for o := range outputs {
			across = append(across, p.Weights[o][i])
		}
	}
	var g message
	g.embed(1, node("Flatten", "seen", "image"))
	g.embed(1, node("MatMul", "sum", "seen", "weights"))
	g.embed(1, node("Add", "logits", "sum", "bias"))
	g.text(2, "picture")
	g.embed(5, tensor("weights", across, pixels, outputs))
	g.embed(5, tensor("bias", p.Bias, outputs))
	g.embed(11, block("image", p.AtOnce, p.Channels, p.Height, p.Width))
	g.embed(12, block("logits", p.AtOnce, outputs))
	g.embed(12, block("seen", p.AtOnce, pixels))
	return file(g, nil)
}
