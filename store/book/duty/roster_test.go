package duty_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"wardwatch/store/book"
	. "wardwatch/store/book/booktest"
	"wardwatch/ward"
)

const hours = time.Hour

// night is Lan's night on A9.
func night(c *Clock) ward.Shift {
	return ward.Shift{Ward: "a9", Role: ward.RoleNurse, Person: "lan", From: c.At.Add(11 * hours), To: c.At.Add(23 * hours)}
}

func TestShifts(t *testing.T) {
	c := NewClock()
	b := Open(t, c)
	ctx := t.Context()
	want := night(c)
	got := Must[ward.Shift](t)(b.AddShift(ctx, want, "truong"))
	want.ID = got.ID
	if got != want || got.ID == "" {
		t.Fatalf("kept as %+v", got)
	}
	if again := Must[ward.Shift](t)(b.AddShift(ctx, night(c), "truong")); again != got {
		t.Errorf("the same shift again is %+v", again)
	}
	next := night(c)
	next.From, next.To = next.To, next.To.Add(8*hours)
	Must[ward.Shift](t)(b.AddShift(ctx, next, "truong")) // one after the other
	everywhere := ward.Shift{Role: ward.RoleLead, Person: "chi", From: c.At, To: c.At.Add(24 * hours)}
	Must[ward.Shift](t)(b.AddShift(ctx, everywhere, "truong"))

	for _, x := range []struct {
		name     string
		ward     ward.WardID
		from, to time.Duration
		want     int
	}{{"the night", "a9", 11, 23, 1}, {"up to its beginning", "a9", 0, 11, 0}, {"from its end on", "a9", 23, 48, 1}, {"both", "a9", 0, 48, 2}, {"the hospital's", "", 0, 48, 1}, {"another ward's", "b1", 0, 48, 0}} {
		if list := Must[[]ward.Shift](t)(b.Shifts(ctx, x.ward, c.At.Add(x.from*hours), c.At.Add(x.to*hours))); len(list) != x.want {
			t.Errorf("%s: %d shifts, want %d", x.name, len(list), x.want)
		}
	}
	OK(t, b.RemoveShift(ctx, got.ID, "truong"))
	Refused(t, b.RemoveShift(ctx, got.ID, "truong"), ward.NotFound)
	_, err := b.Shift(ctx, got.ID)
	Refused(t, err, ward.NotFound)
	Must[ward.Shift](t)(b.AddShift(ctx, night(c), "truong")) // its place is free again
	if deeds := Deeds(t, b, "shift:"+got.ID); !slices.Equal(deeds, []string{"truong: shift.add", "truong: shift.remove"}) {
		t.Errorf("on record: %v", deeds)
	}
	Whole(t, b)
}

func TestShiftsAreRefusedWithAReason(t *testing.T) {
	c := NewClock()
	b := Open(t, c)
	Must[ward.Shift](t)(b.AddShift(t.Context(), night(c), "truong"))
	for _, x := range []struct {
		name   string
		change func(*ward.Shift)
		code   ward.ErrorCode
	}{
		{"it ends when it begins", func(s *ward.Shift) { s.To = s.From }, ward.BadInput},
		{"the next day forgotten", func(s *ward.Shift) { s.To = s.From.Add(-12 * hours) }, ward.BadInput},
		{"longer than a day and a half", func(s *ward.Shift) { s.From = c.At.Add(48 * hours); s.To = s.From.Add(36*hours + time.Second) }, ward.BadInput},
		{"no beginning", func(s *ward.Shift) { s.From = time.Time{} }, ward.BadInput},
		{"no such duty", func(s *ward.Shift) { s.Role = "surgeon" }, ward.BadInput},
		{"no such ward", func(s *ward.Shift) { s.Ward = "zz" }, ward.BadInput},
		{"nobody", func(s *ward.Shift) { s.Person = "" }, ward.BadInput},
		{"a stranger", func(s *ward.Shift) { s.Person = "who" }, ward.BadInput},
		{"somebody who has left", func(s *ward.Shift) { s.Person = "left" }, ward.BadInput},
		{"a duty that is not theirs", func(s *ward.Shift) { s.Role = ward.RoleDoctor }, ward.BadInput},
		{"another ward's nurse", func(s *ward.Shift) { s.Person = "hoa" }, ward.BadInput},
		{"one ward's nurse for the whole hospital", func(s *ward.Shift) { s.Ward = "" }, ward.BadInput},
		{"it overlaps another of theirs", func(s *ward.Shift) { s.From = s.From.Add(hours) }, ward.Conflict},
		{"it contains another of theirs", func(s *ward.Shift) { s.From, s.To = s.From.Add(-hours), s.To.Add(hours) }, ward.Conflict},
	} {
		t.Run(x.name, func(t *testing.T) {
			s := night(c)
			x.change(&s)
			_, err := b.AddShift(t.Context(), s, "truong")
			Refused(t, err, x.code)
		})
	}
}

func TestDefaults(t *testing.T) {
	b := Open(t, NewClock())
	ctx := t.Context()
	OK(t, b.SetDutyDefault(ctx, ward.DutyDefault{Ward: "a9", Role: ward.RoleNurse, People: []ward.PersonID{"mai", "lan", "mai"}}, "truong"))
	OK(t, b.SetDutyDefault(ctx, ward.DutyDefault{Role: ward.RoleLead, People: []ward.PersonID{"chi"}}, "truong"))
	for w, want := range map[ward.WardID]string{"a9": "[{a9 nurse [lan mai]}]", "": "[{ duty_lead [chi]}]", "b1": "[]"} {
		if got := fmt.Sprint(Must[[]ward.DutyDefault](t)(b.DutyDefaults(ctx, w))); got != want {
			t.Errorf("ward %q: %s, want %s", w, got, want)
		}
	}
	for name, d := range map[string]ward.DutyDefault{
		"another ward's nurse":     {Ward: "a9", Role: ward.RoleNurse, People: []ward.PersonID{"hoa"}},
		"somebody who has left":    {Ward: "a9", Role: ward.RoleNurse, People: []ward.PersonID{"left"}},
		"a duty that is not hers":  {Ward: "a9", Role: ward.RoleLead, People: []ward.PersonID{"lan"}},
		"no such duty":             {Ward: "a9", Role: "surgeon"},
		"no such ward":             {Ward: "zz", Role: ward.RoleNurse},
		"one ward's for all wards": {Role: ward.RoleNurse, People: []ward.PersonID{"lan"}},
	} {
		t.Run(name, func(t *testing.T) { Refused(t, b.SetDutyDefault(ctx, d, "truong"), ward.BadInput) })
	}
	OK(t, b.SetDutyDefault(ctx, ward.DutyDefault{Ward: "a9", Role: ward.RoleNurse}, "truong"))
	if got := Must[[]ward.DutyDefault](t)(b.DutyDefaults(ctx, "a9")); len(got) != 0 {
		t.Errorf("taken away, yet %v", got)
	}
	Whole(t, b)
}

// imports takes a file and gives what became of it.
func imports(t *testing.T, b *book.Book, file string) string {
	t.Helper()
	r := Must[book.RosterReport](t)(b.ImportRoster(t.Context(), strings.NewReader(file), "truong"))
	if r.Rows != r.Added+r.Unchanged+len(r.Refused) {
		t.Errorf("the report does not add up: %+v", r)
	}
	out := fmt.Sprintf("added %d, unchanged %d", r.Added, r.Unchanged)
	for _, f := range r.Refused {
		out += fmt.Sprintf("\nline %d: %s", f.Line, f.Reason)
	}
	return out
}

func TestImportRoster(t *testing.T) {
	c := NewClock()
	b := Open(t, c)
	const header = "khoa,vai trò,nhân viên,từ,đến\n"
	file := header + "a9,điều dưỡng,dd-lan,21/11/2026 19:00,22/11/2026 07:00\n*,trực lãnh đạo,BS-CHI,21/11/2026 07:00,22/11/2026 07:00\nCấp cứu A9,điều dưỡng,mai,21/11/2026 07:00,21/11/2026 19:00\n"
	for _, step := range []struct{ name, file, want string }{
		{"a first roster: by id, for the hospital, by the ward's name", file, "added 3, unchanged 0"},
		{"the same again", file, "added 0, unchanged 3"},
		{"bad lines beside a good one", header +
			"a9,điều dưỡng,dd-mai,22/11/2026 07:00,22/11/2026 19:00\n" +
			"a9,điều dưỡng,dd-lan,21/11/2026 20:00,22/11/2026 07:00\n" +
			"zz,điều dưỡng,dd-lan,21/11/2026 20:00,22/11/2026 07:00\n" +
			"a9,điều dưỡng,dd-left,21/11/2026 20:00,22/11/2026 07:00\n" +
			"a9,bác sĩ trực,dd-lan,21/11/2026 20:00,22/11/2026 07:00\n" +
			"a9,điều dưỡng,dd-lan,23/11/2026 19:00,23/11/2026 07:00\n" +
			"a9,thợ,dd-lan,21/11/2026 20:00,22/11/2026 07:00\n" +
			"toàn viện,điều dưỡng,dd-lan,21/11/2026 20:00,22/11/2026 07:00\n", `added 1, unchanged 0
line 3: this person has the duty already from 2026-11-21T12:00:00Z to 2026-11-22T00:00:00Z: remove that shift first, or choose times that do not overlap it
line 4: there is no ward "zz": write the id of a ward, or * for a duty of the whole hospital
line 5: the person named is not among the staff: choose somebody from the list of staff who may sign in
line 6: person lan does not have the duty doctor_on_duty: add it to their duties, or choose somebody who has it
line 7: the shift ends before it begins: a night shift ends on the next day: check the date of its end
line 8: "thợ" is not a duty: write one of nurse, nurse_charge, doctor_on_duty, duty_lead, intensive_care, engineer, or its name, for example điều dưỡng or bác sĩ trực
line 9: person lan does not work on every ward: let them into every ward, or enter the duty for the wards that are theirs`},
	} {
		if got := imports(t, b, step.file); got != step.want {
			t.Errorf("%s:\n%s\nwant:\n%s", step.name, got, step.want)
		}
	}
	_, err := b.ImportRoster(t.Context(), strings.NewReader("who,when\n"), "truong")
	Refused(t, err, ward.BadInput)
	if n := len(b.Roster().Shifts); n != 4 {
		t.Errorf("%d shifts in memory, want 4", n)
	}
	Whole(t, b)
}

// What is exported is taken again as it stands, many lines at once.
func TestExportedRosterIsImported(t *testing.T) {
	c := NewClock()
	b, other := Open(t, c), Open(t, c)
	ctx := t.Context()
	const nights = 201 // more than one transaction's worth
	file := "ward,role,login,from,to\n"
	for i := range nights {
		from := c.At.Add(time.Duration(i) * 24 * hours)
		for _, who := range []string{"a9,nurse,dd-lan", "*,duty_lead,bs-chi"} {
			file += fmt.Sprintf("%s,%s,%s\n", who, from.Format(time.RFC3339), from.Add(12*hours).Format(time.RFC3339))
		}
	}
	if got, want := imports(t, b, file), fmt.Sprintf("added %d, unchanged 0", 2*nights); got != want {
		t.Fatalf("%s, want %s", got, want)
	}
	for _, w := range []ward.WardID{"a9", ""} {
		var file bytes.Buffer
		OK(t, b.ExportRoster(ctx, w, c.At, c.At.Add(10_000*hours), &file))
		if got, want := imports(t, other, file.String()), fmt.Sprintf("added %d, unchanged 0", nights); got != want {
			t.Fatalf("%s, want %s", got, want)
		}
		if got, want := imports(t, b, file.String()), fmt.Sprintf("added 0, unchanged %d", nights); got != want {
			t.Errorf("into the book that wrote it: %s", got)
		}
	}
	strip := func(list []ward.Shift) []ward.Shift {
		for i := range list {
			list[i].ID = ""
		}
		return list
	}
	for _, w := range []ward.WardID{"a9", ""} {
		mine, theirs := Must[[]ward.Shift](t)(b.Shifts(ctx, w, c.At, c.At.Add(10_000*hours))), Must[[]ward.Shift](t)(other.Shifts(ctx, w, c.At, c.At.Add(10_000*hours)))
		if !slices.Equal(strip(mine), strip(theirs)) {
			t.Errorf("ward %q: what was exported is not what was imported", w)
		}
	}
}

// The roster in memory is the book's: after our own changes, after another process's, and as time
// passes.
func TestRosterInMemory(t *testing.T) {
	c := NewClock()
	b := Open(t, c)
	cli := OpenAt(t, b.Path(), c)
	ctx := t.Context()
	OK(t, b.Reload(ctx))
	before := b.Roster()
	OK(t, b.Reload(ctx))
	if b.Roster() != before {
		t.Error("nothing has changed, yet the roster is another")
	}
	if len(before.Shifts) != 0 || len(before.People) != len(Staff()) {
		t.Fatalf("at first %+v", before)
	}
	s := Must[ward.Shift](t)(b.AddShift(ctx, night(c), "truong"))
	if got := b.Roster().Shifts; len(got) != 1 || got[0] != s {
		t.Errorf("after our own change: %+v", got)
	}
	OK(t, b.Disable(ctx, "lan", true, "truong"))
	if p := b.Roster().People; !slices.ContainsFunc(p, func(p ward.Person) bool { return p.ID == "lan" && p.Disabled }) {
		t.Errorf("a person kept out is not so in memory: %+v", p)
	}
	if len(before.Shifts) != 0 {
		t.Error("what was handed out has changed")
	}

	OK(t, cli.RemoveShift(ctx, s.ID, "it"))
	OK(t, cli.SetDutyDefault(ctx, ward.DutyDefault{Ward: "a9", Role: ward.RoleNurse, People: []ward.PersonID{"mai"}}, "it"))
	far := ward.Shift{Ward: "a9", Role: ward.RoleNurse, Person: "mai", From: c.At.Add(30 * 24 * hours), To: c.At.Add(30*24*hours + 12*hours)}
	Must[ward.Shift](t)(cli.AddShift(ctx, far, "it"))
	if len(b.Roster().Shifts) != 1 {
		t.Error("another process's change shows before it is read")
	}
	OK(t, b.Reload(ctx))
	if got := b.Roster(); len(got.Shifts) != 0 || len(got.Defaults) != 1 {
		t.Errorf("after another process's change: %+v", got)
	}
	c.Pass(29 * 24 * hours) // and nobody writes anything
	OK(t, b.Reload(ctx))
	if got := b.Roster().Shifts; len(got) != 1 || got[0].Person != "mai" {
		t.Errorf("as its day comes near: %+v", got)
	}
}

// A month of a ward in a hospital of 2,000 people.
func BenchmarkRoster(b *testing.B) {
	c := NewClock()
	k := Open(b, c)
	ctx := b.Context()
	var file strings.Builder
	file.WriteString("ward,role,login,from,to\n")
	for day := range 30 {
		for turn := range 3 {
			from := c.At.Add(time.Duration(day*24+turn*8) * hours)
			fmt.Fprintf(&file, "a9,nurse,%s,%s,%s\n", []string{"dd-lan", "dd-mai"}[turn%2], from.Format(time.RFC3339), from.Add(8*hours).Format(time.RFC3339))
		}
	}
	k.ImportRoster(ctx, strings.NewReader(file.String()), "truong")
	if _, err := Raw(b, k).Exec(`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)
		INSERT INTO people SELECT 'p' || i, 'p' || i, name, access, '[]', wards, lang, 0, '' FROM n JOIN people ON id = 'hoa';`); err != nil {
		b.Fatal(err)
	}
	if _, err := Raw(b, k).Exec(`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60000)
		INSERT INTO shifts SELECT 'x' || i, 'b1', 'nurse', 'p' || (1 + i % 2000), 1795000000000 + i / 2000 * 86400000, 1795000000000 + i / 2000 * 86400000 + 28800000, 0, '', 0, '' FROM n`); err != nil {
		b.Fatal(err)
	}
	b.Run("a change, and the roster in memory", func(b *testing.B) {
		for b.Loop() {
			s := Must[ward.Shift](b)(k.AddShift(ctx, ward.Shift{Role: ward.RoleLead, Person: "chi", From: c.At, To: c.At.Add(hours)}, "truong"))
			OK(b, k.RemoveShift(ctx, s.ID, "truong"))
		}
	})
	b.Run("a month of a ward", func(b *testing.B) {
		for b.Loop() {
			Must[[]ward.Shift](b)(k.Shifts(ctx, "a9", c.At, c.At.Add(720*hours)))
		}
	})
}

// TestARosterThatHasRunOut: a ward whose last shift is long over still keeps a roster of that duty,
// and of no other.
func TestARosterThatHasRunOut(t *testing.T) {
	c := NewClock()
	b := Open(t, c)
	Must[ward.Shift](t)(b.AddShift(t.Context(), night(c), "truong"))
	last := night(c)
	c.At = c.At.Add(40 * 24 * hours)
	for _, x := range []struct {
		role ward.Role
		kept bool
	}{{last.Role, true}, {ward.RoleICU, false}} {
		if kept, err := b.Keeps(t.Context(), last.Ward, x.role); err != nil || kept != x.kept {
			t.Errorf("%s: kept %v (%v)", x.role, kept, err)
		}
	}
}
