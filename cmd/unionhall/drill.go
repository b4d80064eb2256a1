package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"unionhall/hall"
)

type drill struct {
	where
	JSON bool `name:"json" help:"Print the report as JSON."`
}

// Run holds a restore drill; one that does not pass ends with 1.
func (d drill) Run(ctx context.Context, out io.Writer) error {
	return with(ctx, d.where, func(h *hall.House) error {
		r, err := h.Drill(ctx, shellUser())
		if err != nil {
			return err
		}
		if d.JSON {
			e := json.NewEncoder(out)
			e.SetEscapeHTML(false)
			err = e.Encode(r)
		} else {
			word := "通过"
			if !r.Good() {
				word = "没有通过"
			}
			fmt.Fprintf(out, "恢复演练%s：恢复 %d 行记录、%d 个附件，核对日志 %d 条、加印记录 %d 条，用时 %d 秒。%s\n", word, r.Rows(), r.Files, r.LogRows, r.Sealed, r.Seconds, r.Why())
		}
		if err == nil && !r.Good() {
			err = exit{1, errors.New("the restore drill did not pass")}
		}
		return err
	})
}
