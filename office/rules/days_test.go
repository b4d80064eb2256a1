package rules

import (
	"bytes"
	"mime/multipart"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"unionhall/kit/auth"
	"unionhall/kit/sqldb"
	"unionhall/schema/dbtest"
)

const notice = `日期,安排,节日
2027-01-01 休 元旦
2027-01-02 休 元旦
2027-10-01 休 国庆节
2027-10-09 班 国庆节
`

// PL-25: next year's notice is data that an officer brings in.
func TestNotice(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		h := open(t, db)
		h.has(h.page("/law/calendar"), "工作日历 · 2026 年", "全年 ", "国庆节调休上班")
		h.has(h.page("/law/calendar?year=2027"), "2027 年的放假通知待公布", "录入一年的安排")
		if w := h.get("/law/calendar?year=1999", nil); w.Code < 400 || w.Code > 499 {
			t.Errorf("1999: %d", w.Code)
		}
		w := h.post("/law/calendar/read", url.Values{"text": {notice}}, nil)
		if w.Code != 303 {
			t.Fatalf("read: %d %s", w.Code, w.Body)
		}
		h.has(h.page(w.Header().Get("Location")), "录入 2027 年的安排", "放假 3 天，调休上班 1 天", "星期六", "录入这 4 天")
		var y Year
		h.get("/law/calendar?year=2027", &y)
		if y.Known {
			t.Error("looking has written")
		}
		before := y.Workdays
		for range 2 { // pressed twice
			var k Kept
			h.post("/law/calendar", url.Values{"text": {notice}}, &k)
			if k.Year != 2027 || k.Days != 4 {
				t.Fatalf("kept: %+v", k)
			}
		}
		h.get("/law/calendar?year=2027", &y)
		if !y.Known || !y.Own || y.Workdays != before-1 || len(y.Days) != 4 { // 2 January is a Saturday
			t.Errorf("after: %+v", y)
		}
		h.has(h.page("/law/calendar?year=2027"), "本单位录入", "撤回录入")
		h.who = actor(twins, auth.Officer)
		h.get("/law/calendar?year=2027", &y)
		if y.Known {
			t.Error("the twin has it too")
		}
		if w := h.post("/law/calendar/2027/drop", url.Values{}, nil); w.Code != 409 {
			t.Errorf("the twin takes back: %d", w.Code)
		}
		h.who = actor(ours, auth.Officer)
		if w := h.post("/law/calendar/2027/drop", url.Values{}, nil); w.Code != 303 {
			t.Errorf("taken back: %d", w.Code)
		}
		h.get("/law/calendar?year=2027", &y)
		if y.Known || y.Own || y.Workdays != before {
			t.Errorf("taken back: %+v", y)
		}
		h.who = actor(ours, auth.Member)
		if w := h.post("/law/calendar", url.Values{"text": {notice}}, nil); w.Code != 403 {
			t.Errorf("a member: %d", w.Code)
		}
	})
}

func TestNoticeRefused(t *testing.T) {
	h := open(t, dbtest.SQLite(t))
	for text, want := range map[string]string{
		"":                "没有读到放假或调休的日期",
		"2027-02-30 休 春节": "第 1 行",
		"2027-01-01 休 元旦\n2027-01-01 休 元旦":       "已经写过",
		"2027-01-04 班 元旦":                        "本来就上班",
		"2027-01-01 休\n2027-01-02 休\n2020-1-1 休": "离得太远",
	} {
		w := h.post("/law/calendar/read", url.Values{"text": {text}}, nil)
		body := w.Body.String()
		if w.Code >= 500 || w.Code < 400 || !strings.Contains(body, want) || text != "" && !strings.Contains(body, strings.Fields(text)[0]) {
			t.Errorf("%q: %d lacks %s or what was typed", text, w.Code, want)
		}
	}
}

// The same notice as a file: what offices keep it in.
func TestNoticeFile(t *testing.T) {
	h := open(t, dbtest.SQLite(t))
	up := func(name, content string) *httptest.ResponseRecorder {
		var b bytes.Buffer
		m := multipart.NewWriter(&b)
		part, err := m.CreateFormFile("file", name)
		if err != nil {
			t.Fatal(err)
		}
		part.Write([]byte(content)) // into memory
		if err := m.Close(); err != nil {
			t.Fatal(err)
		}
		hr := httptest.NewRequest("POST", "/law/calendar/read", &b)
		hr.Header.Set("Content-Type", m.FormDataContentType())
		return h.send(hr, nil)
	}
	w := up("安排.csv", strings.ReplaceAll(notice, " ", ","))
	if w.Code != 303 {
		t.Fatalf("uploaded: %d %s", w.Code, w.Body)
	}
	h.has(h.page(w.Header().Get("Location")), "录入 2027 年的安排", "录入这 4 天")
	if w := up("画.png", "\x89PNG\r\n\x1a\n0000"); w.Code < 400 || w.Code > 499 {
		t.Errorf("a picture: %d", w.Code)
	}
}
