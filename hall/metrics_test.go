package hall_test

import (
	"strings"
	"testing"
	"time"

	"unionhall/kit/sqldb"
)

// PL-37: what an operator watches is there, and right on each engine.
func TestMetrics(t *testing.T) {
	for _, engine := range engines(t) {
		t.Run(engine, func(t *testing.T) {
			s := raise(t, engine, small)
			if _, err := s.house.Drill(ctx, "test"); err != nil {
				t.Fatal(err)
			}
			err := s.house.DB.Do(ctx, func(tx *sqldb.Tx) error {
				_, err := tx.Exec(ctx, `
					INSERT INTO jobs (tenant_id, id, kind, title, state, done, total, tries, due, made) VALUES
					(2106000001, 'a', 'test', 't', 'failed', 0, 0, 5, $1, $1), (2106000001, 'b', 'none', 't', 'cancelling', 0, 0, 9, $2, $2)`,
					time.Now().UTC().Format("2006-01-02T15:04:05.000000Z"), time.Now().Add(time.Hour).UTC().Format("2006-01-02T15:04:05.000000Z"))
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			for range 100 { // the sealer is at work
				if text := string(s.nobody().get(t, "/metrics").body); strings.Contains(text, "unionhall_log_unsealed_rows 0\n") {
					for _, line := range []string{"unionhall_ready 1\n", "unionhall_jobs_failed 1\n", "unionhall_jobs_overdue 0\n", "unionhall_drill_good 1\n", "unionhall_drill_age_seconds "} {
						if !strings.Contains(text, line) {
							t.Errorf("%q is not in\n%s", line, text)
						}
					}
					return
				}
				time.Sleep(50 * time.Millisecond)
			}
			t.Error("the log stays unsealed")
		})
	}
}
