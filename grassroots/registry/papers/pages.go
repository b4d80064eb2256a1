package papers

import (
	"io"
	"path"
	"strings"

	"unionhall/grassroots/registry/forms"
	"unionhall/kit/fault"
	"unionhall/kit/paper"
	"unionhall/kit/web"
)

// Form is one form as the pages list it.
type Form struct {
	Key      string    `json:"key"`
	Title    string    `json:"title"`
	Template *Template `json:"template,omitempty"` // the office's own, if there is one
}

// All are the forms that there are.
type All struct {
	Forms []Form `json:"forms"`
	may   bool   // keep templates
}

func all(r *web.Request, _ struct{}) (All, error) {
	ts, err := templatesOf(r.Ctx, r.Tx, r.Grant)
	if err != nil {
		return All{}, err
	}
	own := map[string]*Template{}
	for i := range ts {
		own[ts[i].Form] = &ts[i]
	}
	out := All{Forms: []Form{}, may: r.May(Templates)}
	for _, k := range forms.Kinds {
		out.Forms = append(out.Forms, Form{k.Key, k.Title, own[k.Key]})
	}
	return out, nil
}

// ByForm names a form by its key.
type ByForm struct {
	Form string `json:"form" doc:"表格"`
}

func (in ByForm) find() (forms.Kind, error) {
	k, ok := forms.Find(in.Form)
	if !ok {
		return k, fault.New(fault.NotFound, "没有这种表格，请从“表格与模板”里选。")
	}
	return k, nil
}

// One is a form with the marks that a template of it may use.
type One struct {
	Form
	Marks []string `json:"marks"`
	Rows  []string `json:"rows"` // marks of a row that is repeated
	may   bool
}

func one(r *web.Request, in ByForm) (One, error) {
	k, err := in.find()
	if err != nil {
		return One{}, err
	}
	t, err := templateOf(r.Ctx, r.Tx, r.Grant, k.Key)
	o := One{Form: Form{Key: k.Key, Title: k.Title}, may: r.May(Templates)}
	if t.Version > 0 {
		o.Template = &t
	}
	text, rows := k.Names()
	for _, n := range append(text, paper.MarkQR, paper.MarkCode) {
		o.Marks = append(o.Marks, "{{"+n+"}}")
	}
	o.Rows = []string{}
	for _, n := range rows {
		o.Rows = append(o.Rows, "{{"+n+"}}")
	}
	return o, err
}

func blankPDF(_ *web.Request, in ByForm) (web.File, error) {
	k, err := in.find()
	return web.File{Name: k.Title + "-空白.pdf", Type: "application/pdf", Write: k.Blank().PDF}, err
}

func blankDOCX(r *web.Request, in ByForm) (web.File, error) {
	k, err := in.find()
	if err != nil {
		return web.File{}, err
	}
	return docxOf(r, k.Key, "空白", paper.Values{})
}

func starter(_ *web.Request, in ByForm) (web.File, error) {
	k, err := in.find()
	return web.File{Name: k.Title + "-模板.docx", Type: docxType, Write: k.Starter().DOCX}, err
}

// own hands the office's template out as it was uploaded.
func own(r *web.Request, in ByForm) (web.File, error) {
	t, err := kept(r, in)
	return web.File{Name: t.Name, Type: docxType, Write: func(w io.Writer) error {
		f, err := r.Site.Files.Open(t.Hash)
		if err != nil {
			return err
		}
		defer f.Close()
		_, err = io.Copy(w, f)
		return err
	}}, err
}

// kept is the template of a form that must be there.
func kept(r *web.Request, in ByForm) (Template, error) {
	k, err := in.find()
	if err != nil {
		return Template{}, err
	}
	t, err := templateOf(r.Ctx, r.Tx, r.Grant, k.Key)
	if err == nil && t.Version == 0 {
		err = fault.New(fault.NotFound, "这种表格还没有自有模板，用的是默认样式。")
	}
	return t, err
}

// preview fills the form, by the office's template where there is one, with
// words that say what they are.
func preview(r *web.Request, in ByForm) (web.File, error) {
	k, err := in.find()
	if err != nil {
		return web.File{}, err
	}
	text, rows := k.Names()
	v := paper.Values{Text: map[string]string{}, Lists: map[string][]map[string]string{}, Proof: &paper.Proof{URL: web.Origin(r.HTTP) + "/verify", Code: "示例"}}
	for _, n := range text {
		v.Text[n] = "（" + n + "）"
	}
	for _, n := range rows {
		list, field, _ := strings.Cut(n, ".")
		if v.Lists[list] == nil {
			v.Lists[list] = []map[string]string{{}, {}, {}}
		}
		for i := range v.Lists[list] {
			v.Lists[list][i][field] = field + digits(int64(i+1))
		}
	}
	f, err := docxOf(r, k.Key, "预览", v)
	return f, err
}

// KeepForm is an uploaded template; version is that of the one it replaces.
type KeepForm struct {
	Form    string     `json:"form" doc:"表格"`
	File    web.Upload `json:"file" doc:"模板文件"`
	Version int64      `json:"version" doc:"版本"`
}

// read judges the file before anything is written: a Word document without
// macros, whose marks the form knows.
func read(r *web.Request, in *KeepForm) error {
	k, err := ByForm{in.Form}.find()
	if err != nil {
		return err
	}
	wrong := func(text string) error {
		return &fault.Error{Kind: fault.Invalid, Text: "模板没有收下。", Fields: map[string]string{"file": "模板文件：" + text}}
	}
	switch {
	case in.File.Blob.Hash == "":
		return wrong("请选择要上传的 docx 文件")
	case in.File.Blob.Size > largest:
		return wrong("超过 8 MB，请压缩其中的图片后再传")
	case in.File.Blob.Type != docxType:
		return wrong("不是 docx 文档。请在 Word 或 WPS 中另存为 docx（不带宏、不加密码）后再传")
	}
	t, err := opened(r.Site.Files, in.File.Blob.Hash, in.File.Blob.Size)
	if err == nil {
		err = t.Check(k.Known(paper.Values{}))
	}
	if err == nil { // what is amiss with rows shows only when they are filled
		err = t.Fill(k.Known(paper.Values{}), io.Discard)
	}
	if fault.Of(err).Kind == fault.Invalid {
		return wrong(fault.Of(err).Text)
	}
	return err
}

// Kept is a template that was put in its place, or taken away.
type Kept struct {
	Template
	said string
}

// Place is the form's page.
func (k Kept) Place() string { return place + "/" + k.Form }

// Said tells the person.
func (k Kept) Said() string { return k.said }

func keep(r *web.Request, in KeepForm) (Kept, error) {
	name := path.Base(strings.ReplaceAll(in.File.Name, `\`, "/"))
	if rs := []rune(name); len(rs) > 100 {
		name = string(rs[len(rs)-100:])
	}
	t, err := Keep(r.Ctx, r.Tx, r.Grant, in.Form, name, in.File.Blob, in.Version, r.Now)
	return Kept{t, "已启用自有模板，今后的“" + titleOf(in.Form) + "”文档按它生成。"}, err
}

// RestoreForm names the template to take away.
type RestoreForm struct {
	Form    string `json:"form" doc:"表格"`
	Version int64  `json:"version" doc:"版本"`
}

func restore(r *web.Request, in RestoreForm) (Kept, error) {
	if _, err := (ByForm{in.Form}).find(); err != nil {
		return Kept{}, err
	}
	t, err := Restore(r.Ctx, r.Tx, r.Grant, in.Form, in.Version, r.Now)
	return Kept{t, "已恢复默认样式。"}, err
}
