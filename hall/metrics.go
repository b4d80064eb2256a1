package hall

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"unionhall/kit/day"
	"unionhall/kit/sqldb"
)

// figures are what an operator watches beside requests: they are read from
// the database when they are asked for.
type figures struct{ house *House }

func gauge(name, help string) *prometheus.Desc {
	return prometheus.NewDesc("unionhall_"+name, help, nil, nil)
}

var (
	isReady   = gauge("ready", "Whether /readyz says yes.")
	unsealed  = gauge("log_unsealed_rows", "Lines of the log that no block holds yet.")
	overdue   = gauge("jobs_overdue", "Jobs that have been due for more than two minutes.")
	failed    = gauge("jobs_failed", "Jobs of the last day that came to no good end.")
	drillAge  = gauge("drill_age_seconds", "Time since the last restore drill that passed; -1 if there was none.")
	drillGood = gauge("drill_good", "Whether the last restore drill passed; 1 if there was none.")
)

// Describe implements prometheus.Collector.
func (f figures) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{isReady, unsealed, overdue, failed, drillAge, drillGood} {
		to <- d
	}
}

// Collect implements prometheus.Collector. While the database is away it tells
// that alone.
func (f figures) Collect(to chan<- prometheus.Metric) {
	ctx, done := context.WithTimeout(context.Background(), 2*time.Second)
	defer done()
	tell := func(d *prometheus.Desc, v float64) { to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v) }
	if err := f.house.ready(ctx); err != nil {
		tell(isReady, 0)
		return
	}
	var n [4]int64
	var last string
	now := f.house.Now()
	err := f.house.DB.View(ctx, func(tx *sqldb.Tx) error {
		var err error
		n, err = sqldb.One(ctx, tx, func(row sqldb.Row) (n [4]int64, err error) { return n, row(&n[0], &n[1], &n[2], &n[3]) }, `
			SELECT (SELECT count(*) FROM audit_rows a WHERE a.tenant_id IN (SELECT t.tenant_id FROM tenants t) AND a.block IS NULL),
				(SELECT count(*) FROM jobs j WHERE j.tenant_id IN (SELECT t.tenant_id FROM tenants t) AND j.state IN ('waiting', 'running', 'cancelling') AND j.due < $1),
				(SELECT count(*) FROM jobs k WHERE k.tenant_id IN (SELECT t.tenant_id FROM tenants t) AND k.state = 'failed' AND k.due >= $2),
				(SELECT count(*) FROM drills d WHERE d.tenant_id IN (SELECT t.tenant_id FROM tenants t) AND d.good = $3
					AND d.id = (SELECT max(e.id) FROM drills e WHERE e.tenant_id = d.tenant_id))`,
			string(day.At(now.Add(-2*time.Minute))), string(day.At(now.Add(-24*time.Hour))), false)
		if err == nil {
			last, err = sqldb.One(ctx, tx, sqldb.Text, `SELECT max(d.at) FROM drills d WHERE d.tenant_id IN (SELECT t.tenant_id FROM tenants t) AND d.good = $1`, true)
		}
		return err
	})
	if err != nil {
		tell(isReady, 0)
		return
	}
	tell(isReady, 1)
	tell(unsealed, float64(n[0]))
	tell(overdue, float64(n[1]))
	tell(failed, float64(n[2]))
	tell(drillGood, map[bool]float64{true: 1, false: 0}[n[3] == 0])
	age := -1.0
	if at, err := time.Parse(time.RFC3339, last); err == nil {
		age = now.Sub(at).Seconds()
	}
	tell(drillAge, age)
}
