package main

import (
	"strings"
	"testing"
)

// TestReadBeds reads beds as a text editor and as a spreadsheet under either locale saves them.
func TestReadBeds(t *testing.T) {
	const plain = "ward,ward_name,bed,label,order\nNOI1,Khoa Nội 1,12A,Giường 12A,1\nNOI1,Khoa Nội 1,12B,Giường 12B,2\n"
	for _, c := range []struct{ name, in, wrong string }{
		{"as documented", plain, ""},
		{"with a byte-order mark", "\ufeff" + plain, ""},
		{"with semicolons", strings.ReplaceAll(plain, ",", ";"), ""},
		{"with both", "\ufeff" + strings.ReplaceAll(plain, ",", ";"), ""},
		{"with Windows line ends", strings.ReplaceAll(plain, "\n", "\r\n"), ""},
		{"empty", "", "the first line must be ward,ward_name,bed,label,order"},
		{"with other columns", "ward,bed\nNOI1,1\n", "the first line must be ward,ward_name,bed,label,order, not ward,bed"},
		{"with a bed no topic can carry", "ward,ward_name,bed,label,order\nNOI1,K,12 A,G,1\n", "line 2"},
		{"with an order that is no number", "ward,ward_name,bed,label,order\nNOI1,K,12A,G,first\n", "line 2"},
	} {
		wards, beds, err := readBeds(strings.NewReader(c.in))
		switch {
		case c.wrong != "":
			if err == nil || !strings.Contains(err.Error(), c.wrong) {
				t.Errorf("%s: error %v; want %q", c.name, err, c.wrong)
			}
		case err != nil || len(wards) != 1 || len(beds) != 2 || beds[1].Label != "Giường 12B" || beds[1].Order != 2:
			t.Errorf("%s: %v %v %v", c.name, wards, beds, err)
		}
	}
}
