package sheet

import (
	"archive/zip"
	"errors"
	"io"
	"path"
	"strconv"
	"strings"

	"github.com/klauspost/compress/flate"
)

const (
	maxEntries   = 5_000   // parts in a package; pictures and comments are parts
	maxDirectory = 2 << 20 // bytes of the package's list of parts
	maxSheets    = 1_000
	maxStyles    = 200_000
	maxMerges    = 200_000
)

// workbook is an open .xlsx package.
type workbook struct {
	name   string
	limits Limits
	files  []*zip.File
	parts  map[string]*zip.File // by partName
	sheets []worksheet
	styles string // the part; "" when there is none
	looks  looks
}

type worksheet struct {
	Sheet
	part string
	plan *plan // read when it is first asked for
}

// budget lets no more than so many bytes be read: the list of parts is read
// by archive/zip as a whole, however long it is. An offset that a damaged
// list made up is the file's fault, not the disk's.
type budget struct {
	io.ReaderAt
	left int64
}

func (b *budget) ReadAt(p []byte, at int64) (int, error) {
	if at < 0 {
		return 0, errBroken
	}
	if b.left -= int64(len(p)); b.left < 0 {
		return 0, errTooMuch
	}
	return b.ReaderAt.ReadAt(p, at)
}

func openWorkbook(src io.ReaderAt, size int64, name string, limits Limits) (*workbook, error) {
	b := &budget{src, maxDirectory}
	zr, err := zip.NewReader(b, size)
	if err != nil {
		return nil, packageFault(name, err)
	}
	b.left = 1 << 62
	zr.RegisterDecompressor(zip.Deflate, flate.NewReader)
	w := &workbook{name: name, limits: limits, files: zr.File, parts: make(map[string]*zip.File, len(zr.File))}
	if len(zr.File) > maxEntries {
		return nil, packageFault(name, errTooMuch)
	}
	var unzipped uint64
	for _, f := range zr.File {
		if f.Flags&1 != 0 {
			return nil, refuse(name, "设有密码，无法读取。请取消密码后另存为 .xlsx，再重新上传")
		}
		if unzipped += f.UncompressedSize64; unzipped > uint64(limits.Unzipped) || f.UncompressedSize64 > uint64(limits.Unzipped) {
			return nil, packageFault(name, errTooMuch)
		}
		w.parts[partName(f.Name)] = f
	}
	if err := w.load(); err != nil {
		w.looks.texts.close()
		return nil, packageFault(name, err)
	}
	return w, nil
}

// partName is how a part is looked up: names differ in case, in slashes and
// in what they are relative to.
func partName(name string) string {
	return strings.ToLower(strings.TrimPrefix(path.Clean("/"+strings.ReplaceAll(name, `\`, "/")), "/"))
}

// packageFault turns what went wrong inside a package into a sentence; a
// failure of the disk stays what it is.
func packageFault(name string, err error) error {
	var corrupt flate.CorruptInputError
	switch {
	case errors.Is(err, errTooMuch):
		return refuse(name, "解开后的内容过大，已停止读取。请删去图片和多余的工作表，只留要导入的那一张，另存后重新上传")
	case errors.Is(err, errLongCell):
		return refuse(name, "里有一个单元格的文字超过 3 万字。请删去后重新上传")
	case errors.Is(err, errBroken), errors.Is(err, zip.ErrFormat), errors.Is(err, zip.ErrChecksum),
		errors.Is(err, zip.ErrAlgorithm), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.As(err, &corrupt):
		return refuse(name, "已损坏或没有传完整。请用 Excel 或 WPS 打开后另存为 .xlsx，再重新上传；若打不开，请找原件")
	}
	return err
}

// load reads what the package says about itself: the sheets, their styles and
// the texts they share.
func (w *workbook) load() error {
	root, err := w.relations("", "_rels/.rels")
	if err != nil {
		return err
	}
	main := "xl/workbook.xml"
	for _, r := range root {
		if strings.HasSuffix(r.kind, "/officeDocument") {
			main = r.target
		}
	}
	if w.parts[main] == nil || path.Ext(main) != ".xml" || !strings.HasPrefix(main, "xl/") {
		return w.foreign(main)
	}
	rels, err := w.relations(path.Dir(main), path.Join(path.Dir(main), "_rels", path.Base(main)+".rels"))
	if err != nil {
		return err
	}
	if err := w.read(main, func(s *scanner) error { return w.readMain(s, rels) }); err != nil {
		return err
	}
	w.looks.texts = &texts{}
	for _, r := range rels {
		switch {
		case w.parts[r.target] == nil:
		case strings.HasSuffix(r.kind, "/styles"):
			w.styles = r.target
			err = w.read(r.target, func(s *scanner) (err error) {
				w.looks.shapes, err = readShapes(s)
				return err
			})
		case strings.HasSuffix(r.kind, "/sharedStrings") && w.looks.texts.count == 0:
			w.looks.texts.close()
			err = w.read(r.target, func(s *scanner) (err error) {
				w.looks.texts, err = readTexts(s)
				return err
			})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// foreign names a package that is no .xlsx.
func (w *workbook) foreign(main string) error {
	switch {
	case w.parts["content.xml"] != nil, strings.HasSuffix(main, ".bin"), w.parts["xl/workbook.bin"] != nil:
		return refuse(w.name, "不是 .xlsx 格式的电子表格。%s", saveAnew)
	case w.parts["word/document.xml"] != nil, w.parts["ppt/presentation.xml"] != nil:
		return refuse(w.name, "是文字或演示文档，不是电子表格。请选择 .xlsx 或 .csv 文件")
	case w.parts["[content_types].xml"] == nil:
		return refuse(w.name, "是压缩包，不是电子表格。请解压后选择其中的 .xlsx 或 .csv 文件")
	}
	return errBroken
}

// open returns the unpacked part, which ends with errTooMuch when it lied
// about its size.
func (w *workbook) open(part string) (io.ReadCloser, error) {
	f := w.parts[part]
	if f == nil {
		return nil, errBroken
	}
	rc, err := f.Open()
	if err != nil {
		return nil, err
	}
	return struct {
		io.Reader
		io.Closer
	}{&capped{rc, int64(f.UncompressedSize64)}, rc}, nil
}

type capped struct {
	src  io.Reader
	left int64
}

func (c *capped) Read(p []byte) (int, error) {
	n, err := c.src.Read(p)
	if c.left -= int64(n); c.left < 0 {
		return 0, errTooMuch
	}
	return n, err
}

func (w *workbook) read(part string, do func(*scanner) error) error {
	rc, err := w.open(part)
	if err != nil {
		return err
	}
	defer rc.Close()
	return do(newScanner(rc))
}

type relation struct{ id, kind, target string }

// relations reads a .rels part; one that is absent names nothing.
func (w *workbook) relations(dir, part string) (list []relation, err error) {
	part = strings.ToLower(part)
	if w.parts[part] == nil {
		return nil, nil
	}
	return list, w.read(part, func(s *scanner) error {
		return s.each(func() error {
			if string(s.name) != "Relationship" || len(list) > maxEntries {
				return nil
			}
			target := s.attrText("Target")
			if !strings.HasPrefix(target, "/") {
				target = dir + "/" + target
			}
			target = partName(target)
			list = append(list, relation{s.attrText("Id"), s.attrText("Type"), target})
			return nil
		})
	})
}

// each calls do for every opening tag up to the end of the part.
func (s *scanner) each(do func() error) error {
	for {
		kind, err := s.next()
		if err == io.EOF {
			return nil
		}
		if err == nil && kind == tokOpen {
			err = do()
		}
		if err != nil {
			return err
		}
	}
}

// readMain reads workbook.xml: the sheets in order and the date system.
func (w *workbook) readMain(s *scanner, rels []relation) error {
	sheets := map[string]string{}
	for _, r := range rels {
		if strings.HasSuffix(r.kind, "/worksheet") {
			sheets[r.id] = r.target
		}
	}
	return s.each(func() error {
		switch string(s.name) {
		case "workbookPr":
			w.looks.from1904 = s.attrTrue("date1904")
		case "sheet":
			target, ok := sheets[s.attrText("id")]
			if !ok || len(w.sheets) >= maxSheets {
				return nil
			}
			state := string(s.attr("state"))
			w.sheets = append(w.sheets, worksheet{
				Sheet: Sheet{Name: s.attrText("name"), Hidden: state == "hidden" || state == "veryHidden"},
				part:  target,
			})
		}
		return nil
	})
}

// readShapes reads styles.xml: which styles show a number as a date.
func readShapes(s *scanner) ([]shape, error) {
	codes := map[int]shape{}
	var list []shape
	within := ""
	return list, s.each(func() error {
		switch name := string(s.name); name {
		case "numFmts", "cellStyleXfs", "cellXfs", "dxfs":
			within = name
		case "numFmt":
			if id, err := strconv.Atoi(string(s.attr("numFmtId"))); err == nil && within == "numFmts" && len(codes) < maxStyles {
				codes[id] = codeShape(s.attrText("formatCode"))
			}
		case "xf":
			if within != "cellXfs" || len(list) > maxStyles {
				return nil
			}
			id, _ := strconv.Atoi(string(s.attr("numFmtId")))
			as, custom := codes[id]
			if !custom {
				as = builtinShape(id)
			}
			list = append(list, as)
		}
		return nil
	})
}
