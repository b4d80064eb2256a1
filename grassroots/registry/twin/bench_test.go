package twin

import (
	"fmt"
	"hash/maphash"
	"math/rand/v2"
	"runtime"
	"testing"
	"time"

	"unionhall/grassroots/registry/member"
	"unionhall/kit/ident"
)

var seed = maphash.MakeSeed()

// S2-10: 100,000 members are compared within seconds and some hundred bytes
// each, and the twins among them are found.
func TestHundredThousand(t *testing.T) {
	if testing.Short() {
		t.Skip("100,000 members: not in a short run")
	}
	r := rand.New(rand.NewPCG(1, 2))
	names, given := []rune("王李张刘陈杨赵黄周吴徐孙马朱胡郭何林高罗"), []rune("伟芳娜敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂国建文辉玲志红春")
	h := hasher{seed}
	ts := make([]trace, 0, 100_200)
	add := func(i int, p member.Person) {
		m := member.Member{ID: fmt.Sprintf("%036d", i), Status: member.Active, Person: p}
		m.Union.ID = fmt.Sprint(i % 150)
		ts = append(ts, h.traceOf(&m))
	}
	began := time.Now()
	for i := range 100_000 {
		no := ident.CheckedID(fmt.Sprintf("%06d%04d%02d%02d%03d", 210602+r.IntN(40), 1964+r.IntN(38), 1+r.IntN(12), 1+r.IntN(28), r.IntN(1000)))
		p := person(string([]rune{names[r.IntN(20)], given[r.IntN(30)], given[r.IntN(30)]}), no)
		p.Phone = fmt.Sprintf("13%09d", r.IntN(1e9))
		add(i, p)
		if i%500 == 0 {
			p.IDType, p.IDNo = "2", fmt.Sprintf("E%08d", i)
			add(100_000+i, p)
		}
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	found, err := pairs(ts, mostPairs, func(int) error { return nil })
	took := time.Since(began)
	runtime.ReadMemStats(&after)
	if err != nil || len(found) < 200 || took > 30*time.Second {
		t.Errorf("%d pairs in %s, %v", len(found), took, err)
	}
	sure := 0
	for _, p := range found {
		if p.score >= 90 {
			sure++
		}
	}
	if sure < 200 {
		t.Errorf("%d of the 200 twins are sure", sure)
	}
	t.Logf("100,200 members: %d pairs in %s, %d MB held", len(found), took, after.HeapAlloc>>20)
}
