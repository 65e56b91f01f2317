package duty

import (
	"fmt"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // the test's zones, on machines without any

	"wardwatch/ward"
)

var hanoi = time.FixedZone("+07", 7*3600)

// parsed is a file as it was read, a line each, times in Hanoi.
func parsed(t *testing.T, file string, zone *time.Location) string {
	t.Helper()
	rows, refused, err := ParseCSV(strings.NewReader(file), zone)
	if err != nil {
		return err.Error()
	}
	var out []string
	for _, r := range rows {
		out = append(out, fmt.Sprintf("%d %s %s %s %s-%s", r.Line, r.Ward, r.Role, r.Person, r.From.In(hanoi).Format("2/1 15:04"), r.To.In(hanoi).Format("2/1 15:04")))
	}
	for _, r := range refused {
		out = append(out, fmt.Sprintf("%d refused: %s", r.Line, r.Reason))
	}
	return strings.Join(out, "\n")
}

func TestRostersAsPeopleWriteThem(t *testing.T) {
	const night = "2 a9 nurse lan 21/11 19:00-22/11 07:00"
	for _, c := range []struct{ name, file, want string }{
		{"plain", "ward,role,login,from,to\na9,nurse,lan,2026-11-21T19:00:00+07:00,2026-11-22T07:00:00+07:00\n", night},
		{"on the hospital's clock", "ward,role,login,from,to\na9,nurse,lan,2026-11-21 19:00,2026-11-22 07:00\n", night},
		{"columns in any order, other names", "to,from,person,duty,ward\n2026-11-22 07:00,2026-11-21 19:00,lan,nurse,a9", night},
		{"as a Vietnamese spreadsheet saves it", "\xef\xbb\xbfKhoa;Vai trò;Nhân viên;Từ;Đến\r\na9;Điều dưỡng;lan;21/11/2026 19:00;22/11/2026 07:00\r\n", night},
		{"its letters decomposed", "khoa,vai tro\u0300,nha\u0302n vie\u0302n,tu\u031b\u0300,đe\u0302\u0301n\na9,đie\u0302\u0300u du\u031bo\u031b\u0303ng,lan,21/11/2026 19:00,22/11/2026 07:00", night},
		{"without marks", "khoa,vai_tro,nhan_vien,tu,den\na9,dieu duong,lan,21/11/2026 19:00,22/11/2026 07:00", night},
		{"every duty by its name", "ward,role,login,from,to\n" + strings.Join([]string{
			"*,Trực lãnh đạo,a,21/11/2026 7:00,21/11/2026 8:00", "*,HSTC,b,21/11/2026 7:00,21/11/2026 8:00", "a9,bác sĩ trực,c,21/11/2026 7:00,21/11/2026 8:00",
			"a9,Điều dưỡng trưởng,d,21/11/2026 7:00,21/11/2026 8:00", "a9,kỹ thuật viên,e,21/11/2026 7:00,21/11/2026 8:00"}, "\n"),
			"2 * duty_lead a 21/11 07:00-21/11 08:00\n3 * intensive_care b 21/11 07:00-21/11 08:00\n4 a9 doctor_on_duty c 21/11 07:00-21/11 08:00\n5 a9 nurse_charge d 21/11 07:00-21/11 08:00\n6 a9 engineer e 21/11 07:00-21/11 08:00"},
		{"bad lines beside a good one", "ward,role,login,from,to\n" +
			"a9,nurse,lan,2026-11-21 19:00,2026-11-22 07:00\n,nurse,lan,x,y\na9,nurse,,x,y\na9,surgeon,lan,x,y\na9,nurse,lan,tomorrow,y\na9,nurse,lan,2026-11-21 19:00,\na9,nurse\na9,\"nurse,lan\na9,nurse,lan,31/02/2026 07:00,y\n",
			night + `
3 refused: the ward is missing: write its id, or * for a duty of the whole hospital
4 refused: the person is missing: write their login
5 refused: "surgeon" is not a duty: write one of nurse, nurse_charge, doctor_on_duty, duty_lead, intensive_care, engineer, or its name, for example điều dưỡng or bác sĩ trực
6 refused: a time cannot be read: tomorrow: write it as 21/11/2026 19:00, 2026-11-21 19:00 or 2026-11-21T19:00:00+07:00
7 refused: a time is missing: give the beginning and the end of each shift
8 refused: the line has 2 fields, the header 5: put fields with separators in double quotes
9 refused: the line is not CSV: put fields with quotes or separators in double quotes`},
		{"bytes that are no letters", "ward,role,login,from,to\na9,nurse,l\xffn,2026-11-21 19:00,2026-11-22 07:00\n", "2 refused: the line is not in UTF-8: save the file as CSV UTF-8"},
		{"nothing", "", "the file has no header"},
		{"a header alone", "ward,role,login,from,to\n", ""},
		{"a column nobody knows", "ward,role,login,from,to,salary\n", `unknown column "salary"`},
		{"a column twice", "ward,khoa,role,login,from,to\n", `the column "khoa" stands twice`},
		{"a column missing", "ward,role,login,from\n", `the column "to" is missing`},
		{"too many lines", "ward,role,login,from,to\n" + strings.Repeat("a9,nurse\n", maxRows+1), "the file has more than 20000 lines"},
		{"too many bytes", "ward,role,login,from,to\n" + strings.Repeat("a", maxBytes), "the file is larger than 4 MiB"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := parsed(t, c.file, hanoi); !strings.HasPrefix(got, c.want) || len(got) > len(c.want) && c.want == "" {
				t.Errorf("got:\n%s\nwant:\n%s", got, c.want)
			}
		})
	}
}

// On the night the clock is changed an hour is missing, or is there twice: then only a time with its
// zone is one moment.
func TestTimesOnTheNightTheClockIsChanged(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ text, want string }{ // forward on 29 March, back on 25 October 2026
		{"2026-03-29 01:59", "2026-03-29T00:59:00Z"},
		{"2026-03-29 02:30", ""},
		{"29/03/2026 03:00", "2026-03-29T01:00:00Z"},
		{"2026-10-25 01:59", "2026-10-24T23:59:00Z"},
		{"2026-10-25 02:30", ""},
		{"2026-10-25T02:30:00+01:00", "2026-10-25T01:30:00Z"},
		{"2026-10-25 03:00", "2026-10-25T02:00:00Z"},
		{"2026-10-24 22:00", "2026-10-24T20:00:00Z"},
	} {
		got, err := readTime(c.text, berlin)
		if (err == nil) != (c.want != "") || err == nil && got.Format(time.RFC3339) != c.want {
			t.Errorf("%s: %v, %v; want %q", c.text, got, err, c.want)
		}
	}
	if _, err := readTime("2026-11-21 19:00", nil); err == nil {
		t.Error("a time without a zone is taken where none is set")
	}
}

// Whatever the bytes: no line is lost, none is both taken and refused, each refusal has a remedy, and
// what is taken is whole.
func FuzzParseCSV(f *testing.F) {
	f.Add("ward,role,login,from,to\na9,nurse,lan,2026-11-21 19:00,2026-11-22 07:00\n")
	f.Add("\xef\xbb\xbfKhoa;Vai trò;Nhân viên;Từ;Đến\r\na9;Điều dưỡng;lan;21/11/2026 19:00;22/11/2026 07:00\r\n,;\"")
	f.Add("ward,role,login,from,to\n\"a9,nurse\n*,hstc,x,2026-11-21T19:00:00Z,2026-11-21T19:00:00Z")
	f.Fuzz(func(t *testing.T, file string) {
		rows, refused, err := ParseCSV(strings.NewReader(file), hanoi)
		if err != nil && (len(rows) > 0 || len(refused) > 0) {
			t.Fatal("an error and lines")
		}
		seen := map[int]bool{1: true}
		for _, r := range refused {
			if seen[r.Line] || !strings.Contains(r.Reason, ": ") {
				t.Fatalf("line %d: %q", r.Line, r.Reason)
			}
			seen[r.Line] = true
		}
		for _, r := range rows {
			if seen[r.Line] || r.Ward == "" || r.Person == "" || r.From.IsZero() || r.To.IsZero() {
				t.Fatalf("%+v", r)
			}
			if _, known := roleNamed(string(r.Role)); !known || r.Role == ward.Role("") {
				t.Fatalf("%+v", r)
			}
			seen[r.Line] = true
		}
	})
}
