package hall_test

import (
	"strings"
	"testing"
	"time"
)

// PL-04: the system administrator holds a drill at the desk and on the phone
// and reads its report; the audit administrator reads it too.
func TestDrillJourney(t *testing.T) {
	s := one()
	for _, size := range [][2]int64{{1366, 768}, {390, 844}} {
		p := s.tab(t, "admin")
		p.Size(size[0], size[1])
		p.Go("/system/drills")
		before := strings.Count(p.Text(), "备份大小")
		p.Click("现在演练")
		p.See("已开始演练")
		for began := time.Now(); strings.Count(p.Text(), "备份大小") == before; time.Sleep(200 * time.Millisecond) {
			if time.Since(began) > time.Minute {
				t.Fatal("no report comes")
			}
			p.Go("/system/drills")
		}
		p.See("通过")
		p.Fits()
	}
	p := s.tab(t, "audit")
	p.Go("/system/drills")
	p.See("通过")
	if strings.Contains(p.Text(), "现在演练") {
		t.Error("the audit administrator is shown what only the system administrator may do")
	}
}
