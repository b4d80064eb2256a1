package seal

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// What a password must have at least. law: R1.69
const (
	shortest = 10
	longest  = 128
	kinds    = 3
	pieces   = 6 // a word, a run or a year counts as one piece, as a single character does
)

//go:embed weak.txt
var weakText string

// weakWords are what people here take for passwords, longest first.
var weakWords = sync.OnceValue(func() []string {
	words := strings.Fields(weakText)
	slices.SortFunc(words, func(a, b string) int { return len(b) - len(a) })
	return words
})

// runs are rows of keys and digits that hands fall into; a piece of three or
// more, in either direction, counts as one character.
var runs = []string{
	"01234567890", "abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "asdfghjkl", "zxcvbnm",
	"!@#$%^&*()",
	"147258369", "741852963",
	"qazwsxedcrfvtgbyhnujmikolp", "1qaz2wsx3edc4rfv5tgb6yhn", "!qaz@wsx#edc$rfv",
}

// Weak says in Chinese why a password is refused, or nothing. What is about
// the person (login, name, its pinyin, telephone) makes no password either.
//
// law: R1.69
func Weak(password string, about ...string) string {
	switch n := utf8.RuneCountInString(password); {
	case n < shortest:
		return "密码至少要 10 个字符，请再加长一些。"
	case n > longest:
		return "密码最长 128 个字符，请缩短一些。"
	case variety(password) < kinds:
		return "密码要在大写字母、小写字母、数字、符号这四类中至少用三类，请补上缺少的一类。"
	}
	folded := strings.ToLower(password)
	for _, a := range about {
		a = strings.ToLower(strings.TrimSpace(a))
		if utf8.RuneCountInString(a) >= 2 && substance(strings.ReplaceAll(folded, a, "\n")) <= pieces && strings.Contains(folded, a) {
			return "密码里有登录名、姓名或电话，太容易猜到，请换一个与本人资料无关的。"
		}
	}
	if substance(folded) < pieces {
		return "密码由常用词、连续的键或年份拼成，太容易猜到。请换成几个互不相干的词，中间夹上数字和符号。"
	}
	return ""
}

func variety(s string) int {
	var upper, lower, digit, other int
	for _, r := range s {
		switch {
		case unicode.IsUpper(r):
			upper = 1
		case unicode.IsLower(r):
			lower = 1
		case unicode.IsDigit(r):
			digit = 1
		default:
			other = 1
		}
	}
	return upper + lower + digit + other
}

// unleet undoes the usual disguises of letters, byte for byte.
var unleet = strings.NewReplacer("@", "a", "$", "s", "0", "o", "1", "i", "3", "e", "5", "s", "7", "t")

// substance counts the pieces of s that have to be guessed one by one.
func substance(s string) (n int) {
	for plain := unleet.Replace(s); s != ""; n++ {
		size := max(len(firstOf(s)), known(s), known(plain), run(s), same(s), year(s))
		s, plain = s[size:], plain[size:]
	}
	return n
}

// known is how many bytes at the start of s are a word of the list.
func known(s string) int {
	for _, w := range weakWords() {
		if strings.HasPrefix(s, w) {
			return len(w)
		}
	}
	return 0
}

// run is how many bytes at the start of s follow one another on the keys, if
// they are three or more.
func run(s string) (longest int) {
	for _, row := range runs {
		for _, r := range []string{row, reversed(row)} {
			_, after, found := strings.Cut(r, firstOf(s))
			n := 0
			for found && n < len(after) && n+1 < len(s) && s[n+1] == after[n] {
				n++
			}
			if n >= 2 {
				longest = max(longest, n+1)
			}
		}
	}
	return longest
}

func firstOf(s string) string {
	_, size := utf8.DecodeRuneInString(s)
	return s[:size]
}

func reversed(s string) string {
	r := []rune(s)
	slices.Reverse(r)
	return string(r)
}

// same is how many bytes at the start of s are one character repeated.
func same(s string) int {
	first := firstOf(s)
	n := len(first)
	for strings.HasPrefix(s[n:], first) {
		n += len(first)
	}
	return n
}

// year is 4 where s starts with a year of our time, else 0.
func year(s string) int {
	if len(s) >= 4 && (s[:2] == "19" || s[:2] == "20") && strings.Trim(s[2:4], "0123456789") == "" {
		return 4
	}
	return 0
}
