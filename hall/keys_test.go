package hall_test

import (
	"context"
	"fmt"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"unionhall/hall"
	"unionhall/hall/city"
	"unionhall/hall/keep"
	"unionhall/kit/job"
	"unionhall/kit/seal"
)

// R1.72: keys are rotated to another suite while people work: whoever edits a
// member is not disturbed, numbers are found and read all the while, the work
// is cut off and goes on elsewhere, and every proof holds before, during and
// after.
func TestKeysAreRotatedWhileServing(t *testing.T) {
	for _, engine := range engines(t) {
		t.Run(engine, func(t *testing.T) { tryRotation(t, raise(t, engine, small)) })
	}
}

func tryRotation(t *testing.T, s *stand) {
	h := s.house
	ids := s.look(t, `SELECT m.id FROM members m WHERE m.tenant_id = $1 ORDER BY m.id`, int64(city.Tenant))
	clean := func(when string) {
		t.Helper()
		if p, err := h.Verify(ctx); err != nil || len(p.Findings) > 0 {
			t.Errorf("%s: %v %v", when, p.Findings, err)
		}
	}
	clean("before")
	var halt atomic.Bool
	edited, lost := make(chan int, 1), atomic.Int64{}
	officer := s.as(t, "officer")
	go func() {
		n := 0
		for ; !halt.Load(); n++ {
			path := members + "/" + ids[n%len(ids)]
			a := officer.send(t, "GET", path+"/edit", "")
			version := s.look(t, `SELECT cast(version AS text) FROM members WHERE tenant_id = $1 AND id = $2`, int64(city.Tenant), ids[n%len(ids)])[0]
			a = officer.send(t, "POST", path+"/edit", fmt.Sprintf(`{"name":"单雄心","id_no":%q,"phone":"15400001235","version":%s}`, number(), version))
			switch {
			case a.code == 409:
				lost.Add(1)
			case a.code >= 400:
				t.Errorf("an edit: %s", a)
			}
		}
		edited <- n
	}()
	version, err := seal.Add(filepath.Join(h.Settings.Data, "keys.json"), seal.SM)
	if err != nil || version != 2 {
		t.Fatal(version, err)
	}
	// The second instance begins and is cut off after the first pieces.
	other, err := hall.Open(ctx, h.Settings)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	work := h.Runner.Works["keys"]
	brief, cut := context.WithCancel(ctx)
	cutting := func(ctx context.Context, turn *job.Turn) (string, error) {
		time.AfterFunc(30*time.Millisecond, cut)
		return work(ctx, turn)
	}
	h.Runner.Works["keys"], other.Runner.Works["keys"] = cutting, cutting
	go h.UseKeys(brief, "test")
	<-brief.Done()
	clean("during")
	h.Runner.Works["keys"], other.Runner.Works["keys"] = work, work
	if err := other.UseKeys(ctx, "test"); err != nil {
		t.Fatal(err)
	}
	clean("after")
	halt.Store(true)
	n := <-edited
	if err := h.Chain(ctx); err != nil {
		t.Fatal(err)
	}
	clean("at rest")
	left, err := keep.Generations(ctx, h.DB)
	if err != nil || left[1] != 0 || left[2] < int64(len(ids)) {
		t.Errorf("sealed by generation: %v, %v", left, err)
	}
	if n < 5 || lost.Load() > int64(n/2) {
		t.Errorf("%d edits beside it, %d had to be done again", n, lost.Load())
	}
	no := number()
	one := officer.post(t, members, fmt.Sprintf(`{"name":"尉迟恭","id_no":%q,"phone":"15400001239","union":%q,"joined":"2021-03-04"}`, no, s.first(t, `SELECT code FROM unions WHERE tenant_id = $1 AND kind = 'base'`, int64(city.Tenant)))).text(t, "id")
	a := officer.post(t, members+"/"+one+"/reveal", `{"field":"id_no","reason":"核对身份"}`)
	if a.code >= 400 {
		t.Errorf("a number under the new keys: %s", a)
	}
	t.Logf("%d edits beside the rotation, %d told to read again; sealed by generation %v", n, lost.Load(), left)
}
