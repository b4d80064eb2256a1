package hall_test

import (
	"fmt"
	"testing"
	"time"

	"unionhall/hall/city"
)

// dayOfWork does one of everything in the demo's committee, each as whoever
// may.
func (s *stand) dayOfWork(t *testing.T, of map[string]things) {
	t.Helper()
	officer, x := s.as(t, "officer"), of["officer"]
	today := time.Now().Format(time.DateOnly)
	paper := `"document":"滨直工〔2026〕7号","reason":"机构改革"`
	found := func(name string) (id, code string) {
		a := officer.post(t, unions, fmt.Sprintf(`{"name":%q,"kind":"base","parent":"210600000000","staff":20,"day":"2020-01-02",%s}`, name, paper))
		return a.text(t, "id"), a.text(t, "code")
	}
	version := func(path string) string { return officer.get(t, path).text(t, "version") }
	act := func(path, name, body string) {
		t.Helper()
		officer.post(t, path+name, with(t, `{`+body+`}`, "version", number64(t, version(path))))
	}

	one, oneCode := found("滨江市甲局工会")
	two, twoCode := found("滨江市乙局工会")
	act(unions+"/"+one, "/edit", `"short_name":"甲局","staff":30,"own_account":true`)
	act(unions+"/"+one, "/rename", `"name":"滨江市甲委工会",`+paper)
	act(unions+"/"+two, "/move", `"parent":"`+oneCode+`",`+paper)

	person := officer.post(t, members, fmt.Sprintf(`{"name":"单雄信","id_no":%q,"phone":"15400001234","union":%q,"joined":"2021-03-04"}`, number(), oneCode)).text(t, "id")
	act(members+"/"+person, "/edit", fmt.Sprintf(`"name":"单雄心","id_no":%q,"phone":"15400001235"`, number()))
	officer.post(t, members+"/"+person+"/reveal", `{"field":"phone","reason":"核对联系方式"}`)
	officer.upload(t, members+"/"+person+"/files", "入会申请书.pdf", []byte("%PDF-1.4\n%%EOF\n"))
	act(members+"/"+person, "/change", `"step":"transfer","union":"`+twoCode+`","document":"滨直工〔2026〕9号"`)
	act(members+"/"+person, "/change", `"step":"transfer","union":"`+oneCode+`","document":"滨直工〔2026〕9号"`)

	body := officer.post(t, unions+"/"+one+"/bodies", `{"kind":"committee","nth":1,"elected":"2025-01-05","years":5,"seats":3,"document":"滨直工〔2025〕1号","reason":"人少"}`).text(t, "id")
	seat := officer.post(t, "/grassroots/registry/bodies/"+body+"/fill", fmt.Sprintf(`{"member_id":%q,"office":"chair","how":"elected"}`, person)).text(t, "id")
	officer.post(t, "/grassroots/registry/seats/"+seat+"/end", `{"version":1,"to":"`+today+`","how_ended":"moved"}`)
	officer.post(t, "/grassroots/registry/seats/"+seat+"/consents", `{"version":2,"own_consent":"同意","above_consent":"同意"}`)
	officer.post(t, "/grassroots/registry/bodies/"+body+"/end", `{"version":1,`+paper+`}`)

	roster := officer.judged(t, "roster", "新人.csv", []byte(fmt.Sprintf("姓名,证件号码,所属工会\n尉迟恭,%s,%s\n", number(), twoCode)))
	officer.post(t, imports+"/"+roster+"/confirm", `{}`)
	officer.reaches(t, roster, "confirmed")
	officer.post(t, imports+"/"+roster+"/undo", `{}`)
	officer.reaches(t, roster, "undone")
	act(unions+"/"+two, "/merge", `"into":"`+oneCode+`",`+paper)

	officer.post(t, "/messages/"+x["own message"]+"/read", `{}`)
	officer.post(t, "/law/calendar", `{"text":"2027-01-01 休 元旦"}`)
	officer.post(t, "/account/tokens/"+x["own token"]+"/end", `{}`)
	officer.get(t, members+".csv") // notes who took it

	admin, security := s.as(t, "admin"), s.as(t, "security")
	acc := admin.post(t, "/system/accounts", `{"login":"xinren","name":"新人"}`).text(t, "id")
	root := s.first(t, `SELECT id FROM unions WHERE tenant_id = $1 AND parent_id IS NULL`, int64(city.Tenant))
	post := admin.post(t, "/system/accounts/"+acc+"/posts", fmt.Sprintf(`{"office":"officer","union":%q}`, root)).text(t, "id")
	admin.post(t, "/system/accounts/"+acc+"/posts/"+post+"/end", `{"version":1}`)
	security.post(t, "/system/accounts/"+acc+"/lock", `{"reason":"离岗","version":`+s.first(t, `SELECT cast(version AS text) FROM accounts WHERE tenant_id = $1 AND id = $2`, int64(city.Tenant), acc)+`}`)
	s.as(t, "audit").post(t, "/audit/verify", `{}`)
}

func number64(t testing.TB, text string) (n int64) {
	t.Helper()
	if _, err := fmt.Sscan(text, &n); err != nil {
		t.Fatal(err)
	}
	return n
}
