package prepare

// reach is which source pixels make one output pixel, and how much each gives; the shares sum to 1.
type reach struct {
	first  int
	shares []float64
}

// reaches is the reach of each output pixel of one axis.
func reaches(source, target int) []reach {
	out := make([]reach, target)
	switch {
	case target == source:
		for i := range out {
			out[i] = reach{i, []float64{1}}
		}
	case target < source:
		for i := range out {
			out[i] = covered(i, source, target)
		}
	default:
		for i := range out {
			out[i] = between(i, source, target)
		}
	}
	return out
}

// covered is the stretch of source that an output pixel covers, its ends by their share.
func covered(i, source, target int) reach {
	step := float64(source) / float64(target)
	begin := float64(i) * step
	end := begin + step
	r := reach{first: int(begin)}
	for p := r.first; p < source && float64(p) < end; p++ {
		share := min(end, float64(p+1)) - max(begin, float64(p))
		r.shares = append(r.shares, max(share, 0)/step)
	}
	return r
}

// between is the straight line between the two pixel centres that are nearest, held at the edges.
func between(i, source, target int) reach {
	at := (float64(i)+0.5)*float64(source)/float64(target) - 0.5
	at = min(max(at, 0), float64(source-1))
	near := min(int(at), max(source-2, 0))
	if source == 1 {
		return reach{first: 0, shares: []float64{1}}
	}
	return reach{first: near, shares: []float64{1 - (at - float64(near)), at - float64(near)}}
}

// resized is a picture, shaded, in the middle of a black input. It goes through the picture once, row
// by row, so that no grey copy of a large picture is made.
func resized(img *Source, s shade, p Placement, height, width int) []float64 {
	out := make([]float64, height*width)
	scale(p.Rows, p.Cols, func(r int, row []float64) {
		from := (p.Top+r)*img.Cols + p.Left
		for i, v := range img.Values[from : from+p.Cols] {
			row[i] = s.of(v)
		}
	}, p.ToRows, p.ToCols, out[p.ToTop*width+p.ToLeft:], width)
	return out
}

// Scale brings a grey picture of rows × cols to height × width, as a model's input is made.
func Scale(grey []float64, rows, cols, height, width int) []float64 {
	out := make([]float64, height*width)
	scale(rows, cols, func(r int, row []float64) { copy(row, grey[r*cols:]) }, height, width, out, width)
	return out
}

// scale asks for the rows of a picture one after another and adds their shares to out, whose rows
// begin stride apart.
func scale(rows, cols int, read func(r int, row []float64), height, width int, out []float64, stride int) {
	across := reaches(cols, width)
	row, line := make([]float64, cols), make([]float64, width)
	into := takers(reaches(rows, height), rows)
	for r := range rows {
		if len(into[r]) == 0 {
			continue
		}
		read(r, row)
		squeeze(row, across, line)
		for _, t := range into[r] {
			to := out[t.row*stride:][:width]
			for i, v := range line {
				to[i] += t.share * v
			}
		}
	}
}

// squeeze brings one row to its new width.
func squeeze(row []float64, across []reach, line []float64) {
	for i := range across {
		sum := 0.0
		pixels := row[across[i].first:][:len(across[i].shares)]
		for j, share := range across[i].shares {
			sum += share * pixels[j]
		}
		line[i] = sum
	}
}

// taker is an output row that takes a share of a source row.
type taker struct {
	row   int
	share float64
}

// takers turns reaches round: which output rows each source row gives to.
func takers(down []reach, source int) [][]taker {
	out := make([][]taker, source)
	for row, r := range down {
		for j, share := range r.shares {
			out[r.first+j] = append(out[r.first+j], taker{row, share})
		}
	}
	return out
}
