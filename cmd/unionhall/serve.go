package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"syscall"
	"time"

	"unionhall/hall"
	"unionhall/hall/city"
)

type serve struct {
	where
	Listen string `default:"127.0.0.1:8080" env:"UNIONHALL_LISTEN" help:"Address to listen on." placeholder:"HOST:PORT"`
	signIn `embed:""`
	out    `embed:""`
	Drain  time.Duration `default:"0s" env:"UNIONHALL_DRAIN" help:"Behind a proxy: how long /readyz says no before it stops." placeholder:"5s"`
	Demo   bool          `env:"UNIONHALL_DEMO" help:"Make a synthetic city on the first start."`
}

// Run serves until it is told to stop, then lets requests and jobs finish.
func (s serve) Run(ctx context.Context, out io.Writer) error {
	l, err := net.Listen("tcp", s.Listen)
	if err != nil {
		if errors.Is(err, syscall.EADDRINUSE) {
			return fmt.Errorf("%s is in use by another program: stop it or name another address with --listen", s.Listen)
		}
		return fmt.Errorf("cannot listen on %s: %w", s.Listen, err)
	}
	defer l.Close()
	set, err := s.into(s.where.settings())
	if err != nil {
		return err
	}
	set.Demo, set.Listen = s.Demo, s.Listen
	if set.Out, err = s.out.settings(); err != nil {
		return err
	}
	h, err := hall.Open(ctx, set)
	if err != nil {
		return err
	}
	has, err := h.HasOffice(ctx)
	if err == nil && !has && s.Demo {
		err = makeDemo(ctx, h, out, city.Plan{Unions: 150, Members: 20_000, Years: 3, Seed: 1})
	}
	if err == nil && !has && !s.Demo {
		err = errors.New(`there is no office yet: run "unionhall init --name NAME --admin LOGIN" first, or serve --demo to look around`)
	}
	if err != nil {
		return errors.Join(err, h.Close())
	}
	handler, err := h.Handler()
	if err != nil {
		return errors.Join(err, h.Close())
	}
	h.Run(ctx)
	say(out, h, l.Addr().String(), s.Demo)
	return errors.Join(listen(ctx, l, handler, s.drain(h)), h.Close())
}

// drain returns what happens between the signal and the end: for as long as
// the proxy needs to see that /readyz says no, everybody is still served.
func (s serve) drain(h *hall.House) func() {
	return func() {
		h.Drain()
		time.Sleep(s.Drain)
	}
}

func listen(ctx context.Context, l net.Listener, handler http.Handler, drain func()) error {
	srv := &http.Server{
		Handler: handler, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute,
		ReadTimeout: 10 * time.Minute, WriteTimeout: 10 * time.Minute, MaxHeaderBytes: 64 << 10,
	}
	failed := make(chan error, 1)
	go func() { failed <- srv.Serve(l) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	drain()
	last, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	return srv.Shutdown(last)
}

func say(out io.Writer, h *hall.House, at string, demo bool) {
	fmt.Fprintf(out, "职工之家 http://%s\n", at)
	if !demo {
		return
	}
	fmt.Fprintf(out, "演示账号，密码都是 %s：\n", hall.DemoPassword())
	for _, a := range hall.DemoAccounts {
		fmt.Fprintf(out, "  %-11s %s\n", a.Login, a.Who)
	}
}

func makeDemo(ctx context.Context, h *hall.House, out io.Writer, p city.Plan) error {
	start := time.Now()
	if p.Members > 20_000 {
		p.Say = func(done, total int) { fmt.Fprintf(out, "\r%d / %d", done, total) }
	}
	if err := h.MakeDemo(ctx, p); err != nil {
		return err
	}
	_, err := fmt.Fprintf(out, "演示城市已建好：%d 个工会、%d 名会员，用时 %.1f 秒\n", p.Unions, p.Members, time.Since(start).Seconds())
	return err
}

type demo struct {
	where
	Unions  int    `default:"150" help:"Grassroots unions, 10 to 5000."`
	Members int    `default:"20000" help:"Members, 100 to 300000."`
	Years   int    `default:"3" help:"Years of history, 1 to 10."`
	Seed    uint64 `default:"1" help:"The same seed makes the same city."`
	Scale   int    `help:"Members, in place of --members; unions follow (1 for 130, at least 150)."`
}

// Run writes a synthetic city into a folder that holds no office.
func (d demo) Run(ctx context.Context, out io.Writer) error {
	if d.Scale > 0 {
		d.Members, d.Unions = d.Scale, min(3000, max(150, d.Scale/130))
	}
	if d.Unions < 10 || d.Unions > 5000 || d.Members < 100 || d.Members > 300_000 || d.Years < 1 || d.Years > 10 {
		return exit{2, errors.New("--unions must be 10 to 5000, --members 100 to 300000, --years 1 to 10")}
	}
	h, err := d.open(ctx)
	if err != nil {
		return err
	}
	defer h.Close()
	if has, err := h.HasOffice(ctx); err != nil || has {
		return errors.Join(err, errors.New("there is an office in this folder: a synthetic city goes into an empty one, name it with --data"))
	}
	if err := makeDemo(ctx, h, out, city.Plan{Unions: d.Unions, Members: d.Members, Years: d.Years, Seed: d.Seed}); err != nil {
		return err
	}
	return h.Chain(ctx)
}
