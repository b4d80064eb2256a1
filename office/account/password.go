package account

import (
	"crypto/rand"
	"strings"
	"unicode"
	"unicode/utf8"

	"unionhall/kit/fault"
	"unionhall/kit/seal"
	"unionhall/kit/zh"
)

// PasswordFlaw returns why a password won't do for the person, as a sentence
// with a way out, or "". An office may ask for more than kit/seal does, never
// for less.
//
// law: R1.69
func (l Limits) PasswordFlaw(password, login, name string) string {
	switch n := utf8.RuneCountInString(password); {
	case n < l.MinLength:
		return "密码至少要 " + digits(l.MinLength) + " 个字符，现在只有 " + digits(n) + " 个，请再加长一些。"
	case classes(password) < l.MinClasses:
		return "密码要在大写字母、小写字母、数字、符号这四类中至少用 " + digits(l.MinClasses) + " 类，请补上缺少的。"
	}
	return seal.Weak(password, login, name, zh.Letters(name), zh.Initials(name))
}

func refusePassword(field, flaw string) error {
	return &fault.Error{Kind: fault.Invalid, Rule: "R1.69", Text: "密码没有改：" + flaw, Fields: map[string]string{field: flaw}}
}

// classes counts how many of capitals, small letters, digits and other
// characters a password mixes.
func classes(password string) int {
	var has [4]int
	for _, r := range password {
		switch {
		case unicode.IsUpper(r):
			has[0] = 1
		case unicode.IsLower(r):
			has[1] = 1
		case unicode.IsDigit(r):
			has[2] = 1
		default:
			has[3] = 1
		}
	}
	return has[0] + has[1] + has[2] + has[3]
}

// legible are the characters that no one mistakes for another when reading
// them out, a few of them twice to make sixty-four.
const legible = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789abcdefghj"

// temporary returns a password to be handed out: three groups of four.
func temporary() string {
	for {
		var b [12]byte
		rand.Read(b[:]) // never fails: the program ends where there is no randomness
		var out strings.Builder
		for i, x := range b {
			if i > 0 && i%4 == 0 {
				out.WriteByte('-')
			}
			out.WriteByte(legible[int(x)%len(legible)])
		}
		if p := out.String(); classes(p) == 4 && seal.Weak(p) == "" {
			return p
		}
	}
}
