package incident

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"wardwatch/ward"
)

// ChartUsed is a line of charts.json.
type ChartUsed struct {
	ID      string `json:"id"`
	Version string `json:"version"`
	Source  string `json:"source"`
	SHA256  string `json:"sha256"` // of the chart's file
	Used    bool   `json:"used"`   // a score in here was made with it
}

// rules writes the policy, the charts and the gates of the models.
func (g *gathering) rules() error {
	if g.Policy == nil {
		g.missing("the policy: give the server's with --policy; scores name its version")
	} else if err := g.out.add("policy.yaml", func(w io.Writer) (int, error) { _, err := w.Write(g.Policy); return 1, err }); err != nil {
		return err
	}
	var charts []ChartUsed
	for _, id := range g.Charts.IDs() {
		c, _ := g.Charts.Find(id)
		sum := sha256.Sum256(c.File())
		charts = append(charts, ChartUsed{id, c.Version(), c.Source(), hex.EncodeToString(sum[:]), g.seen["charts"][id+" "+c.Version()]})
	}
	for _, used := range slices.Sorted(maps.Keys(g.seen["charts"])) {
		id, version, _ := strings.Cut(used, " ")
		if c, ok := g.Charts.Find(id); !ok || c.Version() != version {
			g.missing("the chart %s: another version is at hand (give the hospital's charts with --charts)", used)
		}
	}
	if err := list(g.out, "charts.json", charts); err != nil {
		return err
	}
	var gates []ward.Gate
	for _, w := range g.wards() {
		for _, task := range append(slices.Clone(ward.Tasks), ward.Forecasting) {
			history, err := g.Book.GateHistory(g.ctx, w, task)
			if err != nil {
				return err
			}
			for _, x := range history {
				if x.At.Before(g.To) {
					gates = append(gates, g.plainGate(x))
				}
			}
		}
	}
	return list(g.out, "gates.json", gates)
}

func (g *gathering) readme() error {
	return g.out.add("README.txt", func(w io.Writer) (int, error) {
		_, err := fmt.Fprintf(w, readmeText, g.Stay, g.local(g.From), g.local(g.To))
		return 1, err
	})
}

const readmeText = `Wardwatch: hồ sơ sự cố / incident file
stay %s, %s – %s

Kiểm tra / check it:  wardwatch incident verify FILE

timeline.html       diễn biến dễ đọc / what happened, to be read (timeline.csv: the same as a table)
stay.json beds.json người bệnh và giường / the stay and its beds
readings.jsonl      số đo máy gửi / raw readings, one a line, in the order of arrival
rejected.jsonl      bản tin bị từ chối và lý do / messages that could not be taken, with the reason
scores.jsonl        điểm cảnh báo sớm / scores, with the inputs they were made from
risks.jsonl predictions.jsonl   mô hình / what models said
findings.json       hình ảnh / imaging findings
observations.jsonl  sinh hiệu nhập tay, cả bản sửa / charted sets, corrections included
alerts.json         cảnh báo, thông báo, biên nhận / alerts with notices and receipts
screens.csv         ai đã mở màn hình / who had which screen open
duty.json           lịch trực / who was on duty
devices.json        máy tại giường / devices at the beds (clock offsets: manifest.json)
policy.yaml charts.json gates.json   quy tắc / rules in force
audit.jsonl heads.json   nhật ký có chuỗi băm / audit rows with their hash chain, and signed heads
manifest.json manifest.sig   mã băm của từng tệp, chữ ký / hash of each file, signature; what is missing

Giờ trong tệp là UTC; timeline.html theo giờ bệnh viện. / Times are UTC; timeline.html is in hospital time.
`
