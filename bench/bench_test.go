package main

import (
	"bufio"
	"compress/gzip"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"
)

// The verdict goes by the figure to reach, and a miss is counted.
func TestTable(t *testing.T) {
	var tb table
	tb.most("a", amount{2, millis}, amount{0.5, millis}, 0.5)
	tb.most("b", amount{}, amount{0.51, millis}, 0.5)
	tb.times("c", amount{2, seconds}, amount{4, seconds}, 2)
	tb.times("d", amount{2, seconds}, amount{4.1, seconds}, 2)
	tb.share("e", amount{1000, perSecond}, amount{50, perSecond}, 0.05)
	tb.share("f", amount{1000, perSecond}, amount{49, perSecond}, 0.05)
	tb.note("g", amount{100, megabytes}, amount{12.34, megabytes})
	want := []string{"yes", "NO", "yes", "NO", "yes", "NO", "–"}
	for i, l := range tb.lines {
		if l.reached != want[i] {
			t.Errorf("%s: reached %s, want %s", l.work, l.reached, want[i])
		}
	}
	var b strings.Builder
	tb.print(&b)
	if !strings.Contains(b.String(), "7 figures, 3 not reached") || !strings.Contains(b.String(), "12.3 MB |   0.12 |") {
		t.Errorf("printed\n%s", &b)
	}
}

// The far end of waits is not below what one in a hundred waited.
func TestFarEnd(t *testing.T) {
	var r result
	for i := range 200 {
		r.waits = append(r.waits, time.Duration(i+1))
	}
	if r.at(0.5) != 101 || r.at(0.99) != 199 || (result{}).at(0.99) != 0 {
		t.Error(r.at(0.5), r.at(0.99))
	}
}

// The client that speaks by hand reads what net/http answers, keeps its
// connections, and takes nothing but 200 for an answer.
func TestLoad(t *testing.T) {
	body := strings.Repeat("职工之家", 2000)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, hr *http.Request) {
		if hr.URL.Path == "/bad" || hr.Header.Get("Cookie") != "c=1" {
			http.Error(w, "no", 404)
			return
		}
		var b strings.Builder
		z := gzip.NewWriter(&b)
		fmt.Fprint(z, body)
		z.Close()
		w.Header().Set("Content-Encoding", "gzip")
		w.Header().Set("Content-Length", strconv.Itoa(b.Len()))
		fmt.Fprint(w, b.String())
	}))
	defer srv.Close()
	s := &server{at: strings.TrimPrefix(srv.URL, "http://"), pid: os.Getpid(), cookie: "c=1"}
	r, err := s.press(context.Background(), 4, 20*time.Second, 50, "text/html", []string{"/a", "/b"})
	if err != nil || r.n != 200 || len(r.waits) != 200 {
		t.Errorf("%d answers, %v", r.n, err)
	}
	if _, err := s.load(context.Background(), 2, time.Second, "text/html", []string{"/a", "/bad"}); err == nil || !strings.Contains(err.Error(), "404") {
		t.Errorf("a page that is not there: %v", err)
	}
	one, err := s.get("/a", "text/html")
	if err != nil {
		t.Fatal(err)
	}
	if text, err := one.text(); err != nil || string(text) != body || one.head < 50 {
		t.Errorf("%d bytes after a head of %d, %v", len(text), one.head, err)
	}
}

func TestAnswerIsRead(t *testing.T) {
	for text, want := range map[string]string{
		"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP":  "200 ok",
		"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n": "404 ",
		"HTTP/1.1 200 OK\r\n\r\n":                             "",
		"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nok":      "",
		"nonsense\r\n\r\n":                                    "",
	} {
		r, _, err := answer(bufio.NewReader(strings.NewReader(text)), nil)
		if got := fmt.Sprintf("%d %s", r.code, r.body); err == nil && got != want || (err != nil) != (want == "") {
			t.Errorf("%q: %s, %v", text, got, err)
		}
	}
}

// Nobody in the roster is there twice, and no number is a slip of the pen.
func TestRosterRow(t *testing.T) {
	seen := map[string]bool{}
	for i := range 100_000 {
		row := rosterRow(i, []string{"一", "二"})
		if len(row) != len(rosterHead) {
			t.Fatal(row)
		}
		no := row[5].(string)
		if seen[no] || len(no) != 18 {
			t.Fatal(i, no)
		}
		seen[no] = true
	}
}

// This process is measurable: what the figures stand on is there.
func TestMeasures(t *testing.T) {
	used, err := cpu(os.Getpid())
	now, peak, failed := memory("self")
	if err != nil || failed != nil || used < 0 || now <= 1 || peak < now {
		t.Error(used, now, peak, err, failed)
	}
}
