package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/url"
	"slices"
	"sync"
	"time"
)

// dayMembers is how many members the office of the mixed day has.
const dayMembers = 100_000

// deskMembers is the size of the office whose work table is measured.
const deskMembers = 20_000

// share is how often in a hundred requests of the mixed day something is asked
// for, and where it stands.
type share struct {
	of    int
	paths []string
}

// day measures the mixed day: what thirty people who work fast ask of a server
// in the busiest hour, and two who write without a pause beside them.
func (b *bench) day(ctx context.Context) error {
	members := dayMembers
	if b.short {
		members = b.big
	}
	t, err := b.town(ctx, members)
	if err != nil {
		return err
	}
	defer t.stop()
	mix, ids, err := t.mix(ctx)
	if err != nil {
		return err
	}
	const people = 30
	var r result
	for round := range 2 { // the first warms up
		if r, err = t.work(ctx, people, 3*b.spanOf(round), mix, ids); err != nil {
			return err
		}
	}
	name := fmt.Sprintf("mixed day, %d members, %d people and 2 writers", members, people)
	b.table.most(name+": P95", amount{}, ms(r.at(0.95)), 300)
	b.table.note("the same: P50", amount{}, ms(r.at(0.5)))
	b.table.note("the same: P99", amount{}, ms(r.at(0.99)))
	b.table.note("the same: requests", amount{}, amount{r.rate(), perSecond})
	b.table.note("the same: CPU a request", amount{}, amount{r.cpuEach(), millis})
	return nil
}

// mix is the script of the day, in hundredths, and the members it is about.
func (t town) mix(ctx context.Context) (paths []string, ids []string, err error) {
	var page struct {
		Items []struct {
			ID   string `json:"id"`
			Name string `json:"name"`
		} `json:"items"`
	}
	if err := t.ask(ctx, "GET", membersPath+"?limit=200&sort=-joined", "", nil, &page); err != nil {
		return nil, nil, err
	}
	var lists, searches, details, unions []string
	for _, m := range page.Items {
		ids = append(ids, m.ID)
		details = append(details, membersPath+"/"+m.ID)
		rs := []rune(m.Name)
		searches = append(searches, membersPath+"?q="+url.QueryEscape(string(rs[:min(2, len(rs))])), "/search?q="+url.QueryEscape(m.Name))
	}
	for _, u := range t.unions {
		lists = append(lists, membersPath+"?union="+url.QueryEscape(u)+"&sort=name&limit=50", membersPath+"?union="+url.QueryEscape(u)+"&status=active&sort=-joined&limit=50")
	}
	var all struct {
		Items []struct {
			ID string `json:"id"`
		} `json:"items"`
	}
	if err := t.ask(ctx, "GET", "/grassroots/registry/unions?limit=100", "", nil, &all); err != nil {
		return nil, nil, err
	}
	for _, u := range all.Items {
		unions = append(unions, "/grassroots/registry/unions/"+u.ID, "/grassroots/registry/unions/"+u.ID+"?tab=bodies")
	}
	for _, s := range []share{
		{30, lists}, {8, []string{membersPath, membersPath + "?sort=-joined", membersPath + "?status=retained"}}, {20, searches}, {16, details},
		{10, unions}, {4, []string{"/grassroots/registry/unions", "/grassroots/registry/unions/tree"}}, {8, []string{"/"}},
		{2, []string{membersPath + "/figures"}}, {1, []string{"/law/rules", "/help"}}, {1, []string{"/messages", "/account"}},
	} {
		for i := range 10 * s.of {
			paths = append(paths, s.paths[i%len(s.paths)])
		}
	}
	order := rand.New(rand.NewPCG(1, 2))
	order.Shuffle(len(paths), func(i, j int) { paths[i], paths[j] = paths[j], paths[i] })
	return paths, ids, nil
}

// work is a load beside two who write.
func (t town) work(ctx context.Context, people int, span time.Duration, paths, ids []string) (r result, err error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var writers sync.WaitGroup
	errs := make([]error, 2)
	for w := range errs {
		writers.Go(func() {
			for i := w; ctx.Err() == nil && errs[w] == nil; i += 2 {
				errs[w] = t.write(ctx, ids[i%len(ids)])
			}
		})
	}
	r, err = t.load(ctx, people, span, "text/html", paths)
	stop()
	writers.Wait()
	for _, e := range errs {
		if !errors.Is(e, context.Canceled) {
			err = errors.Join(err, e)
		}
	}
	return r, err
}

// write corrects a member's data, as read: it moves a sealed row, and so ends
// what the work table remembers.
func (s *server) write(ctx context.Context, member string) error {
	path, form := membersPath+"/"+member+"/edit", map[string]any{}
	if err := s.ask(ctx, "GET", path, "", nil, &form); err != nil {
		return err
	}
	form["duty"] = map[bool]string{true: "科长", false: "科员"}[form["duty"] == "科员"]
	body, err := json.Marshal(form)
	if err != nil {
		return err
	}
	return s.ask(ctx, "POST", path, "application/json", bytes.NewReader(body), nil)
}

// desk measures an officer's work table: as it is asked for again, and made
// anew after something was written.
func (b *bench) desk(ctx context.Context) error {
	t, err := b.town(ctx, deskMembers)
	if err != nil {
		return err
	}
	defer t.stop()
	_, ids, err := t.mix(ctx)
	if err != nil {
		return err
	}
	var again figures
	for round := range b.rounds + 1 {
		r, err := t.load(ctx, crowd, b.spanOf(round), "text/html", []string{"/"})
		if err != nil {
			return err
		}
		if round > 0 {
			again.best(r)
		}
	}
	wait := b.profiled(t.server, "desk", 6*time.Second)
	fresh, err := t.afresh(ctx, ids)
	wait()
	if err != nil {
		return err
	}
	name := fmt.Sprintf("work table of an officer, 150 unions, %d members", deskMembers)
	b.table.most(name+", made anew: CPU", amount{}, amount{fresh, millis}, 5)
	b.table.note("the same, remembered: CPU a request", amount{}, amount{again.cpu, millis})
	return nil
}

// afresh is the CPU, in ms, of the work table after a write: the median of
// rounds of what writes and tables take together, less the writes alone.
func (t town) afresh(ctx context.Context, ids []string) (float64, error) {
	const each = 60
	run := func(with bool) (float64, error) {
		before, err := cpu(t.pid)
		if err != nil {
			return 0, err
		}
		for i := range each {
			if err := t.write(ctx, ids[i%len(ids)]); err != nil {
				return 0, err
			}
			if !with {
				continue
			}
			if _, err := t.get("/", "text/html"); err != nil {
				return 0, err
			}
		}
		after, err := cpu(t.pid)
		return (after - before) / each * 1000, err
	}
	var got []float64
	for range 5 {
		alone, err := run(false)
		if err != nil {
			return 0, err
		}
		both, err := run(true)
		if err != nil {
			return 0, err
		}
		got = append(got, both-alone)
	}
	slices.Sort(got)
	return got[len(got)/2], nil
}
