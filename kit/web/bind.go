package web

import (
	"encoding"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"reflect"
	"strconv"
	"strings"

	"unionhall/kit/fault"
	"unionhall/kit/files"
)

// input is what came with a request, read before the transaction opens, since
// that may run twice. A field is known by one name (its json tag) wherever it
// comes from: path, query, form or JSON body; its doc tag is what people call
// it, in messages and in the OpenAPI document.
type input struct {
	path    func(name string) string
	query   url.Values
	form    url.Values // the query's values included
	body    []byte     // JSON, or nil
	match   string     // the version that If-Match names
	uploads map[string]Upload
}

// Upload is a file that came with a form; its bytes are in the blob store.
type Upload struct {
	Name string     `json:"name"`
	Blob files.Blob `json:"blob"`
}

const (
	formLimit     = 1 << 20
	fileLimit     = 200 << 20
	strangerLimit = 64 << 10 // of one who has not signed in; files are not taken
)

var errUnreadable = fault.New(fault.Invalid, "提交的内容读不出来或超过 1 MB，请减少内容后重新提交。")

func (s *Site) read(w http.ResponseWriter, hr *http.Request, known bool) (in input, err error) {
	in.path, in.match, in.query = hr.PathValue, strings.Trim(hr.Header.Get("If-Match"), `"`), hr.URL.Query()
	kind, _, _ := mime.ParseMediaType(hr.Header.Get("Content-Type"))
	switch {
	case hr.Method == "GET" || hr.Method == "HEAD":
		in.form = in.query
		return in, nil
	case kind == "multipart/form-data" && !known:
		return in, errUnreadable
	case kind == "multipart/form-data":
		return s.readParts(w, hr, in)
	}
	hr.Body = http.MaxBytesReader(w, hr.Body, formLimit)
	if kind == "application/json" {
		in.form = in.query
		in.body, err = io.ReadAll(hr.Body)
	} else {
		err = hr.ParseForm()
		in.form = hr.Form
	}
	if err != nil {
		return in, errUnreadable
	}
	return in, nil
}

// readParts streams files into the blob store and the rest into the form.
func (s *Site) readParts(w http.ResponseWriter, hr *http.Request, in input) (input, error) {
	hr.Body = http.MaxBytesReader(w, hr.Body, fileLimit+formLimit)
	parts, err := hr.MultipartReader()
	if err != nil {
		return in, errUnreadable
	}
	in.form, in.uploads = url.Values{}, map[string]Upload{}
	for k, v := range in.query {
		in.form[k] = v
	}
	for {
		p, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return in, nil
		}
		if err != nil {
			return in, fault.New(fault.Invalid, "文件没有传完，请检查网络后重新上传。")
		}
		if err := s.readPart(hr, p, in); err != nil {
			return in, err
		}
	}
}

func (s *Site) readPart(hr *http.Request, p *multipart.Part, in input) error {
	defer p.Close()
	if p.FileName() == "" {
		b, err := io.ReadAll(io.LimitReader(p, formLimit))
		if err != nil {
			return errUnreadable
		}
		in.form.Add(p.FormName(), string(b))
		return nil
	}
	blob, err := s.Files.Put(hr.Context(), p, fileLimit)
	if err != nil {
		return err
	}
	in.uploads[p.FormName()] = Upload{Name: p.FileName(), Blob: blob}
	return nil
}

func (in input) text(name string) string {
	if v := in.path(name); v != "" {
		return v
	}
	if name == "version" && in.match != "" {
		return in.match
	}
	return strings.TrimSpace(in.form.Get(name))
}

const wrongFields = "有的内容填得不对，请按提示改正后再提交。"

// bind fills an In. What does not fit is fault.Invalid, told field by field.
func bind[In any](in input) (v In, err error) {
	if in.body != nil {
		var wrong *json.UnmarshalTypeError
		if err := json.Unmarshal(in.body, &v); errors.As(err, &wrong) {
			return v, &fault.Error{Kind: fault.Invalid, Text: wrongFields, Fields: map[string]string{wrong.Field: "类型不对"}}
		} else if f := (*fault.Error)(nil); errors.As(err, &f) {
			return v, f
		} else if err != nil {
			return v, fault.New(fault.Invalid, "提交的内容不是合格的 JSON，请检查后再提交。")
		}
	}
	fields := map[string]string{}
	s := reflect.ValueOf(&v).Elem()
	if s.Kind() != reflect.Struct {
		return v, nil
	}
	fill(s, in, fields)
	if len(fields) > 0 {
		return v, &fault.Error{Kind: fault.Invalid, Text: wrongFields, Fields: fields}
	}
	return v, nil
}

func fill(s reflect.Value, in input, fields map[string]string) {
	for i := range s.NumField() {
		f := s.Type().Field(i)
		if f.Anonymous && f.Type.Kind() == reflect.Struct {
			fill(s.Field(i), in, fields)
			continue
		}
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "" || name == "-" {
			continue
		}
		if err := in.set(s.Field(i), name); err != nil {
			fields[name] = f.Tag.Get("doc") + err.Error()
		}
	}
}

// set reads the input called name into f; its errors are for the person.
func (in input) set(f reflect.Value, name string) error {
	switch p := f.Addr().Interface().(type) {
	case *Upload:
		if u, ok := in.uploads[name]; ok {
			*p = u
		}
		return nil
	case *[]string:
		if vs := in.form[name]; len(vs) > 0 {
			*p = vs
		}
		return nil
	case *map[string]string:
		for k, vs := range in.form {
			if key, ok := strings.CutPrefix(k, name+"."); ok {
				if *p == nil {
					*p = map[string]string{}
				}
				(*p)[key] = vs[0]
			}
		}
		return nil
	}
	if f.Kind() == reflect.Slice && f.Type().Elem().Kind() == reflect.Struct {
		in.fillRows(f, name)
		return nil
	}
	if text := in.text(name); text != "" {
		return setText(f, text)
	}
	return nil
}

// mostRows is the highest index that a row of a form may have.
const mostRows = 10000

// fillRows reads the rows of a form, such as lines.0.account and
// lines.3.debit, into f; a row that the form leaves out stays empty. Their
// values are texts: what does not fit is for the handler to tell at its field.
func (in input) fillRows(f reflect.Value, name string) {
	for key, values := range in.form {
		rest, ok := strings.CutPrefix(key, name+".")
		at, field, dot := strings.Cut(rest, ".")
		n, err := strconv.Atoi(at)
		if !ok || !dot || err != nil || n < 0 || n > mostRows {
			continue
		}
		for f.Len() <= n {
			f.Set(reflect.Append(f, reflect.Zero(f.Type().Elem())))
		}
		setNamed(f.Index(n), field, strings.TrimSpace(values[0]))
	}
}

// setNamed puts text into the field of a row that has the name.
func setNamed(row reflect.Value, name, text string) {
	for i := range row.NumField() {
		t := row.Type().Field(i)
		if tag, _, _ := strings.Cut(t.Tag.Get("json"), ","); tag == name && t.Type.Kind() == reflect.String {
			row.Field(i).SetString(text)
			return
		}
		if t.Anonymous && t.Type.Kind() == reflect.Struct {
			setNamed(row.Field(i), name, text)
		}
	}
}

func setText(f reflect.Value, text string) error {
	if u, ok := f.Addr().Interface().(encoding.TextUnmarshaler); ok {
		err := u.UnmarshalText([]byte(text))
		if e := (*fault.Error)(nil); errors.As(err, &e) {
			return errors.New("：" + e.Text)
		} else if err != nil {
			return errors.New("：请按 2026-11-22 的样子填写")
		}
		return nil
	}
	switch f.Kind() {
	case reflect.String:
		f.SetString(text)
	case reflect.Bool:
		f.SetBool(text == "1" || text == "true" || text == "on" || text == "yes")
	case reflect.Int, reflect.Int64:
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return errors.New("：请填整数")
		}
		f.SetInt(n)
	}
	return nil
}
