package alerts_test

import (
	"fmt"
	"testing"
	"time"

	"wardwatch/ward"
)

func TestDebugSeq(t *testing.T) {
	list := []step{
		{what: "score", points: 9, after: 3*time.Minute},
		{what: "leaves", after: time.Second},
		{what: "restart", patient: 1, after: 119*time.Second},
		{what: "on_way", patient: 1, person: "l1", after: 31*time.Minute},
		{what: "admit", after: 4*time.Minute},
		{what: "symptoms", after: 15*time.Second},
		{what: "storage", after: 119*time.Second},
		{what: "score", points: 8},
		{what: "partial", points: 8, patient: 1, after: 11*time.Minute},
	}
	w := newWorld()
	inner := w.book.written
	w.book.written = func(b *ward.Alert, c *ward.Change, f []ward.Notice) {
		if true {
		
		fmt.Println(w.now.Format("15:04:05"), c.Alert.State, "L", c.Alert.Level, c.Alert.Next, c.Alert.NextAt.Format("15:04:05"), "acc", c.Alert.AcceptDue.Format("15:04:05"), "bed", c.Alert.BedsideDue.Format("15:04:05"))
		for _, e := range c.Audit {
			fmt.Println("     ", e.Deed, e.By, e.Detail)
		}
		}
		inner(b, c, f)
	}
	for _, s := range list {
		for _, a := range w.desk.Open() { fmt.Printf("  before %s: %s %s pos %d v %d committed %v\n", s.what, a.Stay, a.State, a.Position, a.Version, w.book.positions) }
		w.do(s)
		if len(w.wrong) > 0 {
			fmt.Println(w.wrong)
			break
		}
	}
}
