package fleet

import (
	"bytes"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"unionhall/kit/files/s3test"
)

// Attachments in an object store: what lay in the folder moves there, both of
// two instances see what either received, and backup, restore, drill and
// verify go on as before.
func TestObjectStore(t *testing.T) {
	heavy(t)
	t.Parallel()
	o := found(t, empty(t))
	// two instances with folders of their own: only the keys are shared
	second := office{data: filepath.Join(t.TempDir(), "second"), db: o.db, token: o.token}
	if err := os.MkdirAll(second.data, 0o700); err != nil {
		t.Fatal(err)
	}
	keys, err := os.ReadFile(filepath.Join(o.data, "keys.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(second.data, "keys.json"), keys, 0o600); err != nil {
		t.Fatal(err)
	}
	a := o.serve(t)
	code, body, err := ask(client(), "POST", a.url+"/grassroots/registry/unions", o.token, "", `{"name":"滨江市一局工会","kind":"base","parent":"210600000000","document":"滨直工〔2026〕8号"}`)
	if err != nil || code != 201 {
		t.Fatal(code, body, err)
	}
	code, body, err = ask(client(), "POST", a.url+"/grassroots/registry/members", o.token, "", `{"name":"单雄信","id_no":"210602198001010018","phone":"15400001234","union":"210600000001","joined":"2021-03-04"}`)
	if err != nil || code != 201 {
		t.Fatal(code, body, err)
	}
	member := between(body, `"id":"`, `"`)
	attach(t, a.url, o.token, member, "入会申请书.pdf", "%PDF-1.4\n%%EOF\n")
	a.stop(t)

	b := s3test.New(t)
	store := []string{"--files", b.Address("hall"), "--s3-key", "key", "--s3-secret", "secret"}
	if out := must(t, o.args("move-files", store...)...); !strings.Contains(out, "这次复制 1 个") {
		t.Errorf("move: %s", out)
	}
	if out := must(t, o.args("move-files", store...)...); !strings.Contains(out, "这次复制 0 个") {
		t.Errorf("move again: %s", out)
	}
	a = o.serve(t, store...)
	other := second.serve(t, store...)
	attach(t, a.url, o.token, member, "转会介绍信.pdf", "%PDF-1.4\n% second\n%%EOF\n")
	for _, i := range []*instance{a, other} {
		code, body, err := ask(client(), "GET", i.url+"/grassroots/registry/members/"+member, o.token, "", "")
		if err != nil || code != 200 || strings.Count(body, `.pdf","type"`) != 2 {
			t.Errorf("the member at %s: %d %s %v", i.url, code, body, err)
		}
		for _, part := range strings.Split(between(body, `"files":[`, `]`), `"id":"`)[1:] {
			id, _, _ := strings.Cut(part, `"`)
			code, paper, err := ask(client(), "GET", i.url+"/grassroots/registry/members/"+member+"/files/"+id, o.token, "", "")
			if err != nil || code != 200 || !strings.HasPrefix(paper, "%PDF-") {
				t.Errorf("a paper at %s: %d %q %v", i.url, code, paper, err)
			}
		}
	}
	if b.Len() != 2 {
		t.Errorf("%d objects", b.Len())
	}
	path, copied := filepath.Join(t.TempDir(), "b.tar.zst"), filepath.Join(t.TempDir(), "copy")
	must(t, o.args("verify", store...)...)
	must(t, o.args("drill", store...)...)
	must(t, o.args("backup", append(store, path)...)...)
	must(t, "restore", "--data", copied, path)
	if out := must(t, "verify", "--data", copied); !strings.Contains(out, "文件 2 个") {
		t.Errorf("the copy: %s", out)
	}
	b.Close()
	if code, _, err := ask(client(), "GET", a.url+"/grassroots/registry/members/"+member, o.token, "", ""); err != nil || code != 200 {
		t.Errorf("pages without the store: %d %v", code, err)
	}
}

func between(text, from, to string) string {
	_, rest, _ := strings.Cut(text, from)
	out, _, _ := strings.Cut(rest, to)
	return out
}

func attach(t testing.TB, url, token, member, name, content string) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	f, err := w.CreateFormFile("file", name)
	if err == nil {
		_, err = io.WriteString(f, content)
	}
	if err != nil {
		t.Fatal(err)
	}
	w.Close()
	hr, err := http.NewRequest("POST", url+"/grassroots/registry/members/"+member+"/files", &b)
	if err != nil {
		t.Fatal(err)
	}
	hr.Header.Set("Content-Type", w.FormDataContentType())
	hr.Header.Set("Accept", "application/json")
	hr.Header.Set("Authorization", "Bearer "+token)
	res, err := client().Do(hr)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if text, _ := io.ReadAll(res.Body); res.StatusCode >= 300 {
		t.Fatalf("attach: %d %s", res.StatusCode, text)
	}
}
