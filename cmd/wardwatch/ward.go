package main

import (
	"bufio"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	"wardwatch/store/book"
	"wardwatch/ward"
)

type wardCmd struct {
	Beds  wardBeds  `cmd:"" help:"Take wards and beds from a CSV file: ward,ward_name,bed,label,order."`
	Stays wardStays `cmd:"" help:"Take stays from a CSV file: hospital_id,family_name,given_name,birth_date,sex,ward,bed,admitted[,…]."`
	List  wardList  `cmd:"" help:"List wards and their beds."`
}

type wardBeds struct {
	dataDir `embed:""`
	File    string `arg:"" help:"The CSV file." type:"existingfile"`
}

const byteOrderMark = "\ufeff"

var bedColumns = []string{"ward", "ward_name", "bed", "label", "order"}

// Run takes the file; a row that is already there changes its label and order.
func (c *wardBeds) Run() error {
	f, err := os.Open(c.File)
	if err != nil {
		return err
	}
	defer f.Close()
	wards, beds, err := readBeds(f)
	if err != nil {
		return fmt.Errorf("%s: %w", c.File, err)
	}
	return c.openOrBegin(func(ctx context.Context, b *book.Book) error {
		for _, w := range wards {
			if err := b.AddWard(ctx, w, byCommandLine); err != nil {
				return err
			}
		}
		for _, bed := range beds {
			if err := b.AddBed(ctx, bed, byCommandLine); err != nil {
				return err
			}
		}
		say("wards: %d, beds: %d", len(wards), len(beds))
		return nil
	})
}

// readBeds reads what a spreadsheet saves: a byte-order mark is passed over, and a header with
// semicolons, as under a Vietnamese locale, means semicolons throughout.
func readBeds(r io.Reader) (wards []ward.Ward, beds []ward.Bed, err error) {
	text := bufio.NewReader(r)
	if mark, _ := text.Peek(len(byteOrderMark)); string(mark) == byteOrderMark {
		_, _ = text.Discard(len(byteOrderMark))
	}
	in := csv.NewReader(text)
	if start, _ := text.Peek(len(bedColumns[0]) + 1); strings.HasSuffix(string(start), ";") {
		in.Comma = ';'
	}
	header, err := in.Read()
	if err != nil || !slices.Equal(header, bedColumns) {
		return nil, nil, fmt.Errorf("the first line must be %s, not %s", strings.Join(bedColumns, ","), strings.Join(header, ","))
	}
	seen := map[ward.WardID]bool{}
	for line := 2; ; line++ {
		row, err := in.Read()
		if errors.Is(err, io.EOF) {
			return wards, beds, nil
		}
		if err != nil {
			return nil, nil, err
		}
		order, err := strconv.Atoi(row[4])
		if err != nil {
			return nil, nil, fmt.Errorf("line %d: order %q is not a whole number", line, row[4])
		}
		if !ward.ValidID(row[0]) || !ward.ValidID(row[2]) {
			return nil, nil, fmt.Errorf("line %d: ward %q and bed %q must be letters a to z, digits, _ and -; the label may be anything", line, row[0], row[2])
		}
		w := ward.Ward{ID: ward.WardID(row[0]), Name: row[1]}
		if !seen[w.ID] {
			seen[w.ID] = true
			wards = append(wards, w)
		}
		beds = append(beds, ward.Bed{Place: ward.Place{Ward: w.ID, Bed: ward.BedID(row[2])}, Label: row[3], Order: order})
	}
}

type wardStays struct {
	dataDir `embed:""`
	File    string `arg:"" help:"The CSV file." type:"existingfile"`
}

// Run imports stays and reports each refused line with its remedy.
func (c *wardStays) Run() error {
	f, err := os.Open(c.File)
	if err != nil {
		return err
	}
	defer f.Close()
	return c.open(func(ctx context.Context, b *book.Book) error {
		r, err := b.ImportStays(ctx, f, byCommandLine)
		if err != nil {
			return err
		}
		say("%d rows: %d admitted, %d transferred, %d corrected, %d unchanged, %d refused", r.Rows, r.Admitted, r.Transferred, r.Corrected, r.Unchanged, len(r.Refused))
		for _, x := range r.Refused {
			say("line %d: %s (%s)", x.Line, x.Message, x.Hint)
		}
		if len(r.Refused) > 0 {
			return exitCode(1)
		}
		return nil
	})
}

type wardList struct {
	dataDir `embed:""`
}

// Run lists wards and beds with who lies there by stay id.
func (c *wardList) Run() error {
	return c.open(func(ctx context.Context, b *book.Book) error {
		wards, err := b.Wards(ctx)
		if err != nil {
			return err
		}
		for _, w := range wards {
			stays, err := b.StaysOn(ctx, w.ID)
			if err != nil {
				return err
			}
			in := map[ward.BedID]ward.StayID{}
			for _, s := range stays {
				in[s.Place.Bed] = s.ID
			}
			beds, err := b.Beds(ctx, w.ID)
			if err != nil {
				return err
			}
			for _, bed := range beds {
				say("%-12s %-12s %-20s %s", w.ID, bed.Place.Bed, bed.Label, in[bed.Place.Bed])
			}
		}
		return nil
	})
}
