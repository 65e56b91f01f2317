package paper

import (
	"strconv"

	"codeberg.org/go-fonts/dejavu/dejavusans"
	"codeberg.org/go-fonts/dejavu/dejavusansbold"
	"codeberg.org/go-pdf/fpdf"
)

// Measures in mm, of A4 across.
const (
	margin     = 10.0
	rowHeight  = 9.5
	headSize   = 13.0 // points
	cellSize   = 8.5
	underSize  = 6.5
	font       = "dejavu"
	setsAcross = 10 // empty columns on an observation sheet
	nameWidth  = 42.0
	lastWidth  = 30.0
)

// cell is a value, with a smaller line under it.
type cell struct {
	top, under string
	bold       bool
}

// chartRow is one line of an observation sheet.
type chartRow struct {
	name string
	last cell
}

// page is a document being drawn.
type page struct {
	pdf  *fpdf.Fpdf
	s    Sheet
	left float64
}

func newPage(s Sheet, simulation bool) *page {
	pdf := fpdf.New("L", "mm", "A4", "")
	p := &page{pdf: pdf, s: s, left: margin}
	pdf.SetCreationDate(s.Now)
	pdf.SetModificationDate(s.Now)
	pdf.SetCatalogSort(true)
	pdf.AddUTF8FontFromBytes(font, "", dejavusans.TTF)
	pdf.AddUTF8FontFromBytes(font, "B", dejavusansbold.TTF)
	pdf.SetMargins(margin, margin, margin)
	pdf.SetAutoPageBreak(false, margin)
	pdf.SetTitle("Wardwatch", true)
	if simulation {
		pdf.SetHeaderFunc(p.watermark)
	}
	pdf.SetFooterFunc(p.footer)
	pdf.AddPage()
	return p
}

// watermark keeps a printed simulation from ever being taken for patients.
func (p *page) watermark() {
	p.pdf.SetFont(font, "B", 54)
	p.pdf.SetTextColor(225, 225, 225)
	p.pdf.SetXY(margin, 85)
	p.pdf.CellFormat(277, 30, "MÔ PHỎNG · SIMULATION", "", 0, "C", false, 0, "")
	p.pdf.SetTextColor(0, 0, 0)
	p.pdf.SetXY(margin, margin)
}

func (p *page) footer() {
	p.pdf.SetY(-8)
	p.pdf.SetFont(font, "", underSize)
	p.pdf.CellFormat(0, 4, p.s.text("paper.footer")+" · "+p.s.made(), "", 0, "L", false, 0, "")
	p.pdf.CellFormat(0, 4, strconv.Itoa(p.pdf.PageNo()), "", 0, "R", false, 0, "")
}

func (p *page) header(title, made string) {
	p.pdf.SetFont(font, "B", headSize)
	p.pdf.CellFormat(190, 7, p.fit(title, 188), "", 0, "L", false, 0, "")
	p.pdf.SetFont(font, "", cellSize)
	p.pdf.CellFormat(0, 7, made, "", 1, "R", false, 0, "")
}

func (p *page) note(text string) {
	p.pdf.SetFont(font, "", cellSize)
	p.pdf.CellFormat(0, 6, p.fit(text, 275), "", 1, "L", false, 0, "")
}

func (p *page) legend(text string) {
	if p.pdf.GetY() > 192 {
		p.pdf.AddPage()
	}
	p.pdf.SetFont(font, "", underSize)
	p.pdf.MultiCell(0, 3.5, text, "", "L", false)
}

func (p *page) heads() {
	p.pdf.SetFont(font, "B", cellSize)
	p.pdf.SetFillColor(235, 235, 235)
	for _, c := range columns {
		p.pdf.CellFormat(c.width, 6, p.fit(p.s.text(c.head), c.width-2), "1", 0, "L", true, 0, "")
	}
	p.pdf.Ln(-1)
}

// row draws one bed; a page that is full goes on with its heads on the next.
func (p *page) row(list []cell) {
	if p.pdf.GetY()+rowHeight > 198 {
		p.pdf.AddPage()
		p.heads()
	}
	x, y := p.left, p.pdf.GetY()
	for i, col := range columns {
		p.pdf.Rect(x, y, col.width, rowHeight, "D")
		if i < len(list) {
			p.put(list[i], x, y, col.width)
		}
		x += col.width
	}
	p.pdf.SetXY(p.left, y+rowHeight)
}

func (p *page) put(c cell, x, y, width float64) {
	style := ""
	if c.bold {
		style = "B"
	}
	p.pdf.SetFont(font, style, cellSize)
	p.pdf.SetXY(x, y+0.8)
	p.pdf.CellFormat(width, 4.4, p.fit(c.top, width-2), "", 0, "L", false, 0, "")
	p.pdf.SetFont(font, "", underSize)
	p.pdf.SetXY(x, y+5.2)
	p.pdf.CellFormat(width, 3.4, p.fit(c.under, width-2), "", 0, "L", false, 0, "")
}

// fit shortens a text to a width in the font in use: nothing runs into the next cell.
func (p *page) fit(text string, width float64) string {
	if p.pdf.GetStringWidth(text) <= width {
		return text
	}
	r := []rune(text)
	for len(r) > 0 && p.pdf.GetStringWidth(string(r)+"…") > width {
		r = r[:len(r)-1]
	}
	return string(r) + "…"
}

// grid draws an observation sheet: what is charted, what was last known of it, and empty columns.
func (p *page) grid(rows []chartRow) {
	const height = 13.5
	across := (277 - nameWidth - lastWidth) / setsAcross
	for i, r := range rows {
		y := p.pdf.GetY()
		p.pdf.Rect(p.left, y, nameWidth, height, "D")
		p.put(cell{top: r.name, bold: true}, p.left, y+2, nameWidth)
		p.pdf.Rect(p.left+nameWidth, y, lastWidth, height, "D")
		if i == 0 {
			r.last = cell{top: p.s.text("paper.last")}
		}
		p.put(r.last, p.left+nameWidth, y+2, lastWidth)
		for n := range setsAcross {
			p.pdf.Rect(p.left+nameWidth+lastWidth+float64(n)*across, y, across, height, "D")
		}
		p.pdf.SetXY(p.left, y+height)
	}
}
