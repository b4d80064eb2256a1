package asset

import (
	"fmt"
	"io"

	"unionhall/kit/ui"
	"unionhall/kit/web"
)

// ImportPage is the form that takes up what there was.
type ImportPage struct {
	Choices
	Year int `json:"year"`
}

// ImportForm brings the workbook.
type ImportForm struct {
	Union string     `json:"union" doc:"工会"`
	Year  int        `json:"year" doc:"年度"`
	File  web.Upload `json:"file" doc:"工作簿"`
	Rows  []Brought  `json:"rows" doc:"资产"`
}

func readBrought(r *web.Request, in *ImportForm) (err error) {
	if in.File.Blob.Hash != "" {
		in.Rows, err = ReadBrought(r.Site.Files, in.File)
	}
	return err
}

func (rm Room) importing(r *web.Request, in Blank) (p ImportPage, err error) {
	p.Year = r.Today.Year()
	p.Choices, err = choices(r, in.Union, r.Today)
	return p, err
}

// Taken is what came in by a workbook.
type Taken struct {
	Count int `json:"count"`
	union string
}

func (t Taken) Place() string { return Home + "?union=" + t.union }
func (t Taken) Created() bool { return true }
func (t Taken) Said() string {
	return fmt.Sprintf("已登记 %d 张期初卡片，请到“核对”看是否与年初余额一致。", t.Count)
}

func (rm Room) bring(r *web.Request, in ImportForm) (Taken, error) {
	if in.Year == 0 {
		in.Year = r.Today.Year()
	}
	cards, err := OpenCards(r.Ctx, r.Tx, r.Grant, in.Union, in.Year, in.Rows, r.Now)
	if err != nil {
		return Taken{}, err
	}
	return Taken{len(cards), cards[0].Union.Code}, nil
}

func importBlank(_ *web.Request, _ struct{}) (web.File, error) {
	return web.File{Name: "期初资产卡片.xlsx", Type: xlsxType, Write: func(dst io.Writer) error { return blank(dst) }}, nil
}

// CheckQuery chooses whose books are checked, and when.
type CheckQuery struct {
	Union string `json:"union" doc:"工会"`
	Month string `json:"month" doc:"月份"`
}

// CheckPage is whether cards and books agree.
type CheckPage struct {
	Checked
	OK     bool `json:"ok"`
	unions []ui.Option
	code   string
	name   string
	none   bool
}

func (rm Room) check(r *web.Request, in CheckQuery) (p CheckPage, err error) {
	month, ok := ParseMonth(in.Month)
	if !ok {
		month = MonthOf(r.Today)
	}
	c, err := choices(r, in.Union, month.First())
	if err != nil {
		return p, err
	}
	p = CheckPage{unions: c.unions, code: c.Code, name: c.Name, Checked: Checked{Month: month}}
	if len(c.unions) == 0 {
		p.none = true
		return p, nil
	}
	p.Checked, err = Check(r.Ctx, r.Tx, r.Grant, c.Code, month)
	p.OK = p.Checked.OK()
	return p, err
}
