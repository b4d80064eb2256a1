package web

import (
	"maps"
	"mime"
	"net/http"
	"net/url"
	"slices"

	"unionhall/kit/fault"
)

// again is how a person asks once more for what could not be done just now:
// a link, or a form that holds what was typed. The form carries the key of the
// first attempt, so that the act is done once even if it had been done.
type again struct {
	place  string
	post   bool
	fields [][2]string // name and value
	told   string
}

// secrets are inputs that no page repeats.
var secrets = map[string]bool{"password": true, "old": true, "new": true, "again": true, "secret": true}

func againOf(hr *http.Request, typed url.Values) *again {
	a := &again{place: hr.URL.RequestURI(), post: hr.Method != "GET" && hr.Method != "HEAD", told: "您填写的内容都还在，点「再试一次」就会重新提交，不会办两次。"}
	if !a.post {
		return a
	}
	kind, _, _ := mime.ParseMediaType(hr.Header.Get("Content-Type"))
	if kind == "multipart/form-data" {
		a.told += "附件要在下一页重新选择。"
	}
	for _, name := range slices.Sorted(maps.Keys(typed)) {
		if _, asked := hr.URL.Query()[name]; asked {
			continue // the address holds it
		}
		if secrets[name] {
			a.told = "除密码外，您填写的内容都还在，点「再试一次」就会重新提交，不会办两次。"
			continue
		}
		for _, v := range typed[name] {
			a.fields = append(a.fields, [2]string{name, v})
		}
	}
	return a
}

// rescue reads what was typed into a form whose sender could not be found out
// because the database is away; a form with files stays unread.
func (s *Site) rescue(w http.ResponseWriter, hr *http.Request, err error) url.Values {
	kind, _, _ := mime.ParseMediaType(hr.Header.Get("Content-Type"))
	if WantsJSON(hr) || kind != "application/x-www-form-urlencoded" || fault.Of(err).Kind != fault.Busy {
		return nil
	}
	in, err := s.read(w, hr, true)
	if err != nil {
		return nil
	}
	return in.typed()
}
