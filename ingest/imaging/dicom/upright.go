package dicom

import (
	"math"
	"slices"

	"wardwatch/ward"
)

// turnUpright turns the picture as it is shown: head up, and in a frontal view the patient's left at the right
// (PS3.3 C.7.6.1.1.1). A file that does not say how it lies stays as it is. The rotation and flip of the
// field of view (0018,7032 and 7034) say how the values came off the detector, not how they lie now, and
// so turn nothing.
func (f *file) turnUpright(m *ward.Image) {
	along, down := f.directions()
	if vertical(along) && sideways(down) {
		transpose(m)
		along, down = down, along
	}
	if !sideways(along) || !vertical(down) {
		return
	}
	if down == 'H' {
		for top, bottom := 0, m.Rows-1; top < bottom; top, bottom = top+1, bottom-1 {
			swap(row(m, top), row(m, bottom))
		}
	}
	if along == 'R' {
		for y := range m.Rows {
			slices.Reverse(row(m, y))
		}
	}
}

func vertical(d byte) bool { return d == 'H' || d == 'F' }
func sideways(d byte) bool { return d == 'L' || d == 'R' || d == 'A' || d == 'P' }

// directions are where the rows and the columns run to, by the main letter of each: left, right, anterior,
// posterior, head, feet; zero when the file does not say.
func (f *file) directions() (along, down byte) {
	t := f.top.text()
	if t.one(anatomicalType) == "QUADRUPED" { // whose letters mean something else
		return 0, 0
	}
	if said := t.all(patientOrientation); len(said) == 2 && said[0] != "" && said[1] != "" {
		return said[0][0], said[1][0]
	}
	if cosines := t.numbers(imageOrientation); len(cosines) == 6 {
		return letter(cosines[:3]), letter(cosines[3:])
	}
	return 0, 0
}

// letter is the main direction of a vector in patient coordinates: x to the left, y to the back, z to the head
// (PS3.3 C.7.6.2.1.1).
func letter(v []float64) byte {
	main := 0
	for i := range v {
		if math.Abs(v[i]) > math.Abs(v[main]) {
			main = i
		}
	}
	switch {
	case v[main] > 0:
		return "LPH"[main]
	case v[main] < 0:
		return "RAF"[main]
	}
	return 0
}

func row(m *ward.Image, y int) []float32 { return m.Values[y*m.Cols:][:m.Cols] }

func swap(a, b []float32) {
	for i := range a {
		a[i], b[i] = b[i], a[i]
	}
}

// transpose makes rows of the columns.
func transpose(m *ward.Image) {
	turned := make([]float32, len(m.Values))
	for y := range m.Rows {
		for x, v := range row(m, y) {
			turned[x*m.Rows+y] = v
		}
	}
	m.Values, m.Rows, m.Cols = turned, m.Cols, m.Rows
}
