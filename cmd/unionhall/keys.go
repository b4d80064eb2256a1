package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"unionhall/hall"
)

type keys struct {
	List   keysList   `cmd:"" help:"Generations of keys, and how much each has sealed."`
	Add    keysAdd    `cmd:"" help:"Put a new generation into keys.json; it seals nothing yet."`
	Use    keysUse    `cmd:"" help:"Let the newest generation seal, and seal everything anew while serving."`
	Rotate keysRotate `cmd:"" help:"Add, wait until every instance knows, use: where all share the folder."`
}

type keysList struct{ where }

func (k keysList) Run(ctx context.Context, out io.Writer) error {
	return with(ctx, k.where, func(h *hall.House) error { return h.ListKeys(ctx, out) })
}

type keysAdd struct{ where }

func (k keysAdd) Run(out io.Writer) error {
	version, err := hall.AddKeys(k.settings(), k.Suite)
	if err == nil {
		_, err = fmt.Fprintf(out, "已加入第 %d 代密钥，还没有启用。请把 keys.json 复制到每个实例，再运行 unionhall keys use。\n", version)
	}
	return err
}

type keysUse struct{ where }

func (k keysUse) Run(ctx context.Context, out io.Writer) error {
	return with(ctx, k.where, func(h *hall.House) error {
		err := h.UseKeys(ctx, shellUser())
		if err == nil {
			_, err = fmt.Fprintln(out, "新一代密钥已启用，原有数据已全部换好。")
		}
		return err
	})
}

type keysRotate struct {
	where
	Wait time.Duration `default:"15s" help:"How long instances have to read the key file."`
}

func (k keysRotate) Run(ctx context.Context, out io.Writer) error {
	if err := (keysAdd{k.where}).Run(io.Discard); err != nil {
		return err
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(k.Wait):
	}
	return keysUse{k.where}.Run(ctx, out)
}
