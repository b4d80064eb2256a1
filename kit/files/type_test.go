package files

import (
	archive "archive/zip"
	"bytes"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"

	"unionhall/kit/fault"
)

func archived(t *testing.T, names ...string) string {
	t.Helper()
	var b bytes.Buffer
	w := archive.NewWriter(&b)
	for _, n := range names {
		f, err := w.Create(n)
		if err == nil {
			_, err = f.Write(bytes.Repeat([]byte(n), 100))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestTypeByContent(t *testing.T) {
	s, _ := open(t)
	many := make([]string, 20_000)
	for i := range many {
		many[i] = fmt.Sprintf("docs/%d.txt", i)
	}
	for _, c := range []struct {
		name, content, want string
		attachable, inline  bool
	}{
		{"PDF", "%PDF-1.7\n…", pdf, true, true},
		{"JPEG", "\xff\xd8\xff\xe0\x00\x10JFIF", jpeg, true, true},
		{"PNG", "\x89PNG\r\n\x1a\n", png, true, true},
		{"WEBP", "RIFF\x00\x00\x00\x00WEBPVP8 ", webp, true, true},
		{"HEIC of a telephone", "\x00\x00\x00\x18ftypheic\x00\x00\x00\x00", heic, true, false},
		{"a film", "\x00\x00\x00\x18ftypisom\x00\x00\x00\x00", octets, false, false},
		{"docx", archived(t, "[Content_Types].xml", "word/document.xml"), docx, true, false},
		{"docx with macros", archived(t, "word/document.xml", "word/vbaProject.bin"), octets, false, false},
		{"xlsx", archived(t, "xl/worksheets/sheet1.xml", "xl/workbook.xml"), xlsx, true, false},
		{"xlsx of 5 sheets and pictures", archived(t, append(many[:500:500], "xl/workbook.xml")...), xlsx, true, false},
		{"pptx", archived(t, "ppt/presentation.xml"), pptx, true, false},
		{"OFD", archived(t, "OFD.xml", "Doc_0/Document.xml"), ofd, true, false},
		{"zip", archived(t, many...), zip, true, false},
		{"zip cut off", archived(t, "a.txt")[:60], zip, true, false},
		{"xls, or a workbook with a password", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + strings.Repeat("\x00", 600), ole, false, false},
		{"text", "会议记录\r\n一、…", text, true, false},
		{"text in GB18030", "\xbb\xe1\xd2\xe9\xbc\xc7\xc2\xbc", text, true, false},
		{"a page", "<!DOCTYPE html><script>alert(1)</script>", octets, false, false},
		{"a picture with script", `<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>`, octets, false, false},
		{"a program", "MZ\x90\x00\x03\x00\x00\x00\x04", octets, false, false},
		{"nothing", "", text, false, false},
	} {
		b, err := s.Put(t.Context(), strings.NewReader(c.content), 1<<24)
		if err != nil {
			t.Fatal(err)
		}
		if b.Type != c.want || Inline(b.Type) != c.inline {
			t.Errorf("%s: %s, want %s", c.name, b.Type, c.want)
		}
		err = Refuse(b)
		if (err == nil) != c.attachable || (err != nil && fault.Of(err).Kind != fault.Invalid) {
			t.Errorf("%s: Refuse = %v", c.name, err)
		}
	}
}

func TestServe(t *testing.T) {
	s, _ := open(t)
	put := func(content string) Blob {
		b, err := s.Put(t.Context(), strings.NewReader(content), 1<<20)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	picture, page := put("\x89PNG\r\n\x1a\n"), put("<html><script>alert(1)</script>")
	for _, c := range []struct {
		name              string
		b                 Blob
		inline            bool
		how, kind, policy string
	}{
		{"picture in place", picture, true, "inline", png, "sandbox"},
		{"picture to save", picture, false, "attachment", png, "sandbox"},
		{"a page is never shown", page, true, "attachment", octets, "sandbox"},
		{"PDF in place", put("%PDF-1.4"), true, "inline", pdf, "default-src 'none'"},
		{"text is saved", put("abc"), true, "attachment", text, "sandbox"},
	} {
		w := httptest.NewRecorder()
		if err := Serve(w, httptest.NewRequest("GET", "/x", nil), s, c.b, "合影.png", c.inline); err != nil {
			t.Fatal(err)
		}
		h := w.Header()
		if !strings.HasPrefix(h.Get("Content-Disposition"), c.how+";") || h.Get("Content-Type") != c.kind ||
			h.Get("X-Content-Type-Options") != "nosniff" || !strings.Contains(h.Get("Content-Security-Policy"), c.policy) || int64(w.Body.Len()) != c.b.Size {
			t.Errorf("%s: %v, %d bytes", c.name, h, w.Body.Len())
		}
	}
	w, hr := httptest.NewRecorder(), httptest.NewRequest("GET", "/x", nil)
	hr.Header.Set("Range", "bytes=1-3")
	if err := Serve(w, hr, s, picture, "a.png", true); err != nil || w.Code != 206 || w.Body.String() != "PNG" {
		t.Errorf("a part: %d %q, %v", w.Code, w.Body, err)
	}
	if err := Serve(httptest.NewRecorder(), hr, s, Blob{Hash: abc[:63] + "0"}, "a", false); fault.Of(err).Kind != fault.NotFound {
		t.Errorf("not there: %v", err)
	}
}

func TestDisposition(t *testing.T) {
	for _, c := range [][2]string{
		{"a b.pdf", `attachment; filename="a b.pdf"; filename*=UTF-8''a%20b.pdf`},
		{"名册.xlsx", `attachment; filename="__.xlsx"; filename*=UTF-8''%E5%90%8D%E5%86%8C.xlsx`},
		{"𬭎.txt", `attachment; filename="_.txt"; filename*=UTF-8''%F0%AC%AD%8E.txt`},
		{"../../etc/passwd", `attachment; filename="_.._etc_passwd"; filename*=UTF-8''_.._etc_passwd`},
		{"a\"; x=\"\r\nSet-Cookie: y", `attachment; filename="a_; x=___Set-Cookie_ y"; filename*=UTF-8''a_%3B%20x%3D___Set-Cookie_%20y`},
		{"\u202egnp.exe", `attachment; filename="_gnp.exe"; filename*=UTF-8''_gnp.exe`},
		{"100%'(1).txt", `attachment; filename="100_'(1).txt"; filename*=UTF-8''100%25%27%281%29.txt`},
		{"  ..", `attachment; filename="file"; filename*=UTF-8''file`},
		{"\xff.txt", `attachment; filename="_.txt"; filename*=UTF-8''_.txt`},
	} {
		if got := Disposition("attachment", c[0]); got != c[1] {
			t.Errorf("%q: %s\nwant %s", c[0], got, c[1])
		}
	}
}
