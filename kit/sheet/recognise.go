package sheet

import (
	"bytes"
	"io"
	"strings"
)

// kinds is what people upload in place of a table, by its first bytes.
var kinds = []struct{ magic, what string }{
	{"%PDF", "是 PDF 文件，不是电子表格"},
	{"\x89PNG", "是图片，不是电子表格"},
	{"\xFF\xD8\xFF", "是图片，不是电子表格"},
	{"GIF8", "是图片，不是电子表格"},
	{"BM", "是图片，不是电子表格"},
	{"II*\x00", "是图片，不是电子表格"},
	{"MM\x00*", "是图片，不是电子表格"},
	{"RIFF", "是图片或音视频文件，不是电子表格"},
	{"Rar!", "是压缩包，不是电子表格"},
	{"7z\xBC\xAF", "是压缩包，不是电子表格"},
	{"\x1F\x8B", "是压缩包，不是电子表格"},
	{"\x7FELF", "是程序，不是电子表格"},
	{"MZ\x90", "是程序，不是电子表格"},
	{"{\\rtf", "是文字文档，不是电子表格"},
	{"SQLite format 3", "是数据库文件，不是电子表格"},
}

const ole = "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"

// recognise tells a zipped workbook (true) from a text, by content. All else
// is a fault that says what the file is and what to do.
func recognise(src io.ReaderAt, size int64, name string) (bool, error) {
	head := make([]byte, min(size, 4096))
	if _, err := src.ReadAt(head, 0); err != nil && err != io.EOF {
		return false, err
	}
	if bytes.HasPrefix(head, []byte("PK\x03\x04")) || bytes.HasPrefix(head, []byte("PK\x05\x06")) {
		return true, nil
	}
	if bytes.HasPrefix(head, []byte(ole)) {
		return false, oleFault(src, size, name)
	}
	if len(head) > 3 && head[0] == 9 && bytes.IndexByte([]byte{0, 2, 4, 8}, head[1]) >= 0 && head[3] == 0 { // a stream of BIFF records
		return false, refuse(name, "是旧版 Excel（.xls）文件。%s", saveAnew)
	}
	for _, k := range kinds {
		if bytes.HasPrefix(head, []byte(k.magic)) && !(k.magic == "BM" && !bytes.Contains(head, []byte{0})) {
			return false, refuse(name, "%s。请选择 .xlsx 或 .csv 文件", k.what)
		}
	}
	start := strings.ToLower(string(bytes.TrimSpace(bytes.TrimPrefix(head, []byte("\xEF\xBB\xBF")))))
	for _, tag := range []string{"<html", "<!doctype", "<table", "<?xml", "<meta", "<head", "mime-version:"} {
		if strings.HasPrefix(start, tag) {
			return false, refuse(name, "其实是网页格式的表格，只是名字像电子表格。%s", saveAnew)
		}
	}
	return false, nil
}

// oleFault names what an OLE container holds: a locked workbook, an old one,
// or something else. The names in its directory are UTF-16.
func oleFault(src io.ReaderAt, size int64, name string) error {
	found := func(word string) (bool, error) {
		wide := make([]byte, 0, 2*len(word))
		for i := range len(word) {
			wide = append(wide, word[i], 0)
		}
		return contains(src, size, wide)
	}
	for _, k := range []struct{ entry, text string }{
		{"EncryptedPackage", "设有打开密码，无法读取。请用 Excel 或 WPS 打开，取消密码后另存为 .xlsx，再重新上传"},
		{"Workbook", "是旧版 Excel（.xls）或 WPS 表格（.et）文件。" + saveAnew},
		{"Book", "是旧版 Excel（.xls）文件。" + saveAnew},
		{"WordDocument", "是文字文档，不是电子表格。请选择 .xlsx 或 .csv 文件"},
	} {
		yes, err := found(k.entry)
		if err != nil {
			return err
		}
		if yes {
			return refuse(name, "%s", k.text)
		}
	}
	return refuse(name, "是旧版办公软件的文件，无法读取。%s", saveAnew)
}

// contains looks for word in the whole of src, a piece at a time.
func contains(src io.ReaderAt, size int64, word []byte) (bool, error) {
	buf := make([]byte, 256<<10)
	for at := int64(0); at < size; at += int64(len(buf) - len(word)) {
		n, err := src.ReadAt(buf, at)
		if bytes.Contains(buf[:n], word) {
			return true, nil
		}
		if err != nil && err != io.EOF {
			return false, err
		}
	}
	return false, nil
}
