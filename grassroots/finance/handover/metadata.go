package handover

import (
	"fmt"
	"io"

	"unionhall/kit/print"
	"unionhall/law/books"
)

// standing is what kind of archive it is, in words.
func standing(kind string) string {
	if kind == Draft {
		return "草稿（账簿尚未年结，不是会计档案）"
	}
	return "正式"
}

// grouped are the files of one kind within one folder.
type grouped struct {
	folder string
	kind   books.Archive
	count  int
	size   int64
}

// groups gathers the files by folder and kind, in their order.
func (p *packer) groups() (out []grouped) {
	for _, m := range p.members {
		folder := m.path
		for i, r := range m.path {
			if r == '/' {
				folder = m.path[:i]
				break
			}
		}
		n := len(out)
		if n == 0 || out[n-1].folder != folder || out[n-1].kind != m.kind {
			out = append(out, grouped{folder: folder, kind: m.kind})
			n++
		}
		out[n-1].count++
		out[n-1].size += m.size
	}
	return out
}

// manifest writes the list of what is handed over (移交清册): every file as
// text, and by folder as a paper to sign.
//
// law: F3.27
func (p *packer) manifest() error {
	err := p.add("移交清册.csv", books.Originals, func(w io.Writer) error {
		t, err := newTable(w, "序号", "文件", "类别", "大小（字节）", "校验值（SHA-256）", "保管到")
		if err != nil {
			return err
		}
		for i, m := range p.members {
			until, err := p.until(m.kind)
			if err != nil {
				return err
			}
			if err := t.row(fmt.Sprint(i+1), m.path, m.kind.Label(), fmt.Sprint(m.size), m.hash, until); err != nil {
				return err
			}
		}
		return t.close()
	})
	if err != nil {
		return err
	}
	return p.add("移交清册.pdf", books.Originals, p.manifestPaper)
}

func (p *packer) manifestPaper(w io.Writer) error {
	paper := print.Paper{Office: "单位名称：" + p.book.Union.Name, Title: "会计档案移交清册", Note: fmt.Sprintf("%d 年度", p.book.Year), By: p.who[p.kept.By], Made: p.at}
	if p.kept.Kind == Draft {
		paper.Watermark = "草稿"
	}
	d, err := print.New(paper)
	if err != nil {
		return err
	}
	d.Text(fmt.Sprintf("全宗：%s　会计制度：%s　归档软件：%s %s", p.office, p.book.System.Label(), product, release()))
	t := d.Table(print.Column{Head: "序号", Width: 0.5}, print.Column{Head: "类别", Width: 2.2}, print.Column{Head: "所在文件夹", Width: 1.3}, print.Column{Head: "份数", Width: 0.6, Align: print.Right}, print.Column{Head: "字节", Align: print.Right}, print.Column{Head: "保管到", Width: 0.9})
	for i, g := range p.groups() {
		until, err := p.until(g.kind)
		if err != nil {
			return err
		}
		if err := t.Row(fmt.Sprint(i+1), g.kind.Label(), g.folder, fmt.Sprint(g.count), fmt.Sprint(g.size), until); err != nil {
			return err
		}
	}
	t.End()
	d.Text("记账凭证起止号")
	n := d.Table(print.Column{Head: "月份"}, print.Column{Head: "张数", Align: print.Right}, print.Column{Head: "起号", Align: print.Right}, print.Column{Head: "止号", Align: print.Right}, print.Column{Head: "附单据", Align: print.Right})
	for _, m := range p.months {
		if err := n.Row(monthWords(m.month), fmt.Sprint(m.count), fmt.Sprint(m.first), fmt.Sprint(m.last), fmt.Sprint(m.sheets)); err != nil {
			return err
		}
	}
	n.End()
	d.Text("保管期限从会计年度终了后第一天起算。电子文件逐个的校验值见“移交清册.csv”和“metadata.xml”。")
	d.Signatures("移交人", "接收人", "监交人", "移交单位负责人", "档案部门负责人", "移交日期")
	_, err = d.WriteTo(w)
	return err
}

func monthWords(m int) string {
	if m == 0 {
		return "年初余额"
	}
	return fmt.Sprintf("%d 月", m)
}

// metadata writes what an archivist must know of the archive (元数据), last of
// all: it names every other file with its hash.
//
// law: F3.27, S06, R1.75
func (p *packer) metadata() error {
	w, err := p.z.Create("metadata.xml")
	if err != nil {
		return err
	}
	x := newXML(w, "会计档案元数据")
	total, red := int64(0), int64(0)
	for _, m := range p.months {
		total, red = total+m.count, red+m.red
	}
	first := fmt.Sprintf("%d-01-01", p.book.Year+1)
	x.record("档案", cell{"题名", p.kept.Title()}, cell{"全宗", p.office}, cell{"立档单位", p.book.Union.Name}, cell{"工会编码", p.book.Union.Code}, cell{"会计年度", fmt.Sprint(p.book.Year)},
		cell{"会计制度", p.book.System.Label()}, cell{"性质", standing(p.kept.Kind)}, cell{"账簿状态", p.book.State.Label()}, cell{"年结时间", p.book.Closed.Local()},
		cell{"凭证张数", fmt.Sprint(total)}, cell{"红字凭证张数", fmt.Sprint(red)}, cell{"文件数", fmt.Sprint(len(p.members))},
		cell{"归档人", p.who[p.kept.By]}, cell{"归档时间", p.at.Local()}, cell{"软件名称", product}, cell{"软件版本", release()}, cell{"账簿校验", "无不符"})
	for _, m := range p.months {
		x.record("凭证号", cell{"会计期间号", fmt.Sprint(m.month)}, cell{"张数", fmt.Sprint(m.count)}, cell{"起号", fmt.Sprint(m.first)}, cell{"止号", fmt.Sprint(m.last)}, cell{"附单据张数", fmt.Sprint(m.sheets)})
	}
	for _, kind := range []books.Archive{books.Originals, books.Reports, books.Annual} {
		until, err := p.until(kind)
		if err != nil {
			return err
		}
		x.record("保管期限", cell{"类别", kind.Label()}, cell{"起算日", first}, cell{"保管到", until})
	}
	for i, m := range p.members {
		until, err := p.until(m.kind)
		if err != nil {
			return err
		}
		x.record("文件", cell{"序号", fmt.Sprint(i + 1)}, cell{"路径", m.path}, cell{"类别", m.kind.Label()}, cell{"字节数", fmt.Sprint(m.size)}, cell{"SHA256", m.hash}, cell{"保管到", until})
	}
	return x.close()
}
