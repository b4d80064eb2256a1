package hall_test

import (
	"bytes"
	"testing"

	laid "unionhall/grassroots/registry/forms"
)

const papers = "/grassroots/registry/papers"

// printed prints a paper of the union and one of the member, and gives the
// office a template of its own.
func (s *stand) printed(t testing.TB, tenant int64, clerk person, x things) {
	t.Helper()
	for _, path := range []string{unions + "/" + x["union"] + "/papers/basic.pdf", members + "/" + x["member"] + "/papers/registration.pdf"} {
		if a := clerk.get(t, path); a.code != 200 {
			t.Fatalf("%s: %s", path, a)
		}
	}
	of := func(column, thing string) string {
		return s.first(t, `SELECT `+column+` FROM certificates WHERE tenant_id = $1 AND thing_id = $2 AND revoked IS NULL ORDER BY id DESC`, tenant, thing)
	}
	x["paper"], x["member paper"], x["shared code"] = of("id", x["union"]), of("id", x["member"]), of("code", x["union"])
	x["shared form"] = "basic"
	if len(s.look(t, `SELECT id FROM paper_templates WHERE tenant_id = $1`, tenant)) == 0 {
		k, _ := laid.Find("basic")
		var b bytes.Buffer
		if err := k.Starter().DOCX(&b); err != nil {
			t.Fatal(err)
		}
		if a := clerk.upload(t, papers+"/basic", "基本情况表.docx", b.Bytes(), "version", "0"); a.code != 200 {
			t.Fatalf("template: %s", a)
		}
	}
}
