package findings

import (
	"context"
	"time"

	"wardwatch/store/book/sqlite"
)

// PruneDeliveries forgets deliveries read or refused before a time, but for those whose findings are
// still of use: of people who are here, or left after that time, or in the worklist. What the deliveries
// said is kept. It says how many went; their objects may go then, too (ClaimsObject).
func (m *Imaging) PruneDeliveries(ctx context.Context, before time.Time) (gone int64, err error) {
	const atOnce = 200 // so that an alert never waits long for its turn
	for {
		var n int64
		_, err := m.change(ctx, func(e *edit) error {
			res, err := e.tx.ExecContext(ctx, `DELETE FROM deliveries WHERE seq IN (
				SELECT seq FROM deliveries d WHERE state <> 'waiting' AND done < ?1
				AND NOT EXISTS (SELECT 1 FROM findings f JOIN studies s ON s.id = f.study LEFT JOIN stays st ON st.id = s.stay
					WHERE f.delivery = d.id AND (st.ended = 0 OR st.ended >= ?1 OR s.state = 'waiting' AND s.received >= ?1))
				LIMIT ?2)`, sqlite.Ms(before), atOnce)
			if err != nil {
				return err
			}
			n, err = res.RowsAffected()
			return err
		})
		if err != nil || n == 0 {
			return gone, err
		}
		gone += n
	}
}

// ClaimsObject reports whether anything in the book needs a kept object: a delivery, or a finding whose
// delivery is there.
func (m *Imaging) ClaimsObject(ctx context.Context, name string) (bool, error) {
	n, err := sqlite.Number(ctx, m.db.Read(), `SELECT EXISTS (SELECT 1 FROM deliveries WHERE object = ?1)
		OR EXISTS (SELECT 1 FROM findings f JOIN deliveries d ON d.id = f.delivery WHERE f.map = ?1 AND f.map <> '')`, name)
	return n > 0, err
}
