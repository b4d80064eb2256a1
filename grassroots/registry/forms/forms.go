// Package forms lays out the forms of the field (organisation.md 7): what is
// asked, in which order, who signs and seals. It knows no record: it is handed
// values by the names that stand on the paper, which are also the marks of an
// office's own templates.
package forms

import (
	"fmt"
	"slices"

	"unionhall/kit/day"
	"unionhall/kit/paper"
)

// Kind is one form of the field.
type Kind struct {
	Key   string // in addresses; never changed, since templates are kept under it
	Title string
	build func(f *fields) paper.Form
}

// Kinds lists the forms in the order people are shown them.
var Kinds = []Kind{
	{"application", "入会申请书", application},
	{"registration", "工会会员登记表", registration},
	{"basic", "工会基本情况表", basic},
	{"legal", "工会法人资格登记申请表", legal},
	{"legal-change", "工会法人变更登记申请表", legalChange},
}

// Find returns the form with a key.
func Find(key string) (Kind, bool) {
	i := slices.IndexFunc(Kinds, func(k Kind) bool { return k.Key == key })
	if i < 0 {
		return Kind{}, false
	}
	return Kinds[i], true
}

// Fill is the form with values; what there is none of is left for the hand.
func (k Kind) Fill(v paper.Values) paper.Form {
	f := k.build(&fields{text: v.Text, lists: v.Lists})
	f.Proof = v.Proof
	return f
}

// Blank is the form to be filled by hand.
func (k Kind) Blank() paper.Form { return k.Fill(paper.Values{}) }

// Starter is the form with a mark in every place: what an office begins its
// own template with.
func (k Kind) Starter() paper.Form { return k.build(&fields{marks: true}) }

// Known adds to v the names of everything the form asks for, so that a
// template may use any of them, also those that have no value here.
func (k Kind) Known(v paper.Values) paper.Values {
	f := &fields{}
	k.build(f)
	text := map[string]string{}
	for _, name := range f.asked {
		text[name] = ""
	}
	for name, value := range v.Text {
		text[name] = value
	}
	v.Text, v.Known = text, f.of
	return v
}

// Names lists the marks that a template of the form may use, those of lists
// with the list in front.
func (k Kind) Names() (text, rows []string) {
	f := &fields{}
	k.build(f)
	for _, list := range f.order {
		for _, name := range f.of[list] {
			rows = append(rows, list+"."+name)
		}
	}
	return f.asked, rows
}

// fields hands a form its values and remembers what it asked for.
type fields struct {
	text  map[string]string
	lists map[string][]map[string]string
	marks bool // marks instead of values

	asked []string
	of    map[string][]string
	order []string // of the lists
}

func (f *fields) get(name string) string {
	if !slices.Contains(f.asked, name) {
		f.asked = append(f.asked, name)
	}
	if f.marks {
		return "{{" + name + "}}"
	}
	return f.text[name]
}

// cell is a label whose value is called the same.
func (f *fields) cell(name string) paper.Cell { return paper.Cell{Label: name, Text: f.get(name)} }

// rows are the items of a list as rows of cells, at least as many as least.
func (f *fields) rows(list string, least int, columns ...column) (out [][]paper.Cell) {
	if f.of == nil {
		f.of = map[string][]string{}
	}
	head := make([]paper.Cell, len(columns))
	for i, c := range columns {
		f.of[list] = append(f.of[list], c.name)
		head[i] = paper.Cell{Label: c.name, Head: true, Wide: c.wide}
	}
	f.order = append(f.order, list)
	out = append(out, head)
	items := f.lists[list]
	if f.marks {
		items, least = []map[string]string{{}}, 1
		for _, c := range columns {
			items[0][c.name] = "{{" + list + "." + c.name + "}}"
		}
	}
	for i := range max(least, len(items)) {
		row := make([]paper.Cell, len(columns))
		for j, c := range columns {
			row[j].Wide = c.wide
			if i < len(items) {
				row[j].Text = items[i][c.name]
			}
		}
		out = append(out, row)
	}
	return out
}

type column struct {
	name string
	wide int
}

// opinion is a box whose words, signer and day are called after who gives it.
func (f *fields) opinion(who, name string) paper.Opinion {
	o := paper.Opinion{Who: who, Text: f.get(name), Signed: f.get(name + "签字人"), Seal: true}
	o.On = written(f.get(name + "日期"))
	return o
}

// Chinese is a day as papers write it, and "" for none.
func Chinese(d day.Day) string {
	var y, m, n int
	if _, err := fmt.Sscanf(string(d), "%d-%d-%d", &y, &m, &n); err != nil {
		return ""
	}
	return fmt.Sprintf("%d年%d月%d日", y, m, n)
}

// written is the day that Chinese has spelt.
func written(text string) day.Day {
	var y, m, n int
	if _, err := fmt.Sscanf(text, "%d年%d月%d日", &y, &m, &n); err != nil {
		return ""
	}
	return day.Day(fmt.Sprintf("%04d-%02d-%02d", y, m, n))
}
