package main

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/mozillazg/go-pinyin"
	"unionhall/kit/zh"
)

// The files stand as gen would write them today.
func TestTableIsFresh(t *testing.T) {
	want := build()
	for name, b := range map[string][]byte{"syllables.txt": []byte(want.syllables), "common.bin": want.common, "rare.bin": want.rare} {
		got, err := os.ReadFile("../table/" + name)
		if err != nil || !bytes.Equal(got, b) {
			t.Errorf("%s is stale (%v): go generate ./kit/zh", name, err)
		}
	}
}

// zh reads every character as go-pinyin does, but for the readings in names.
func TestAgainstGoPinyin(t *testing.T) {
	args := pinyin.NewArgs()
	n := 0
	for r := range pinyin.PinyinDict {
		want := strings.Join(pinyin.SinglePinyin(rune(r), args), "")
		got := zh.UnitLetters(string(rune(r)))
		want = strings.ReplaceAll(want, "ü", "v")
		if inNames[rune(r)] == "" && got != want && strings.ContainsAny(want, "aeiouv") {
			t.Errorf("%c is %q, want %q", r, got, want)
		}
		if got != "" {
			n++
		}
	}
	if n < 41_900 {
		t.Errorf("only %d characters are read", n)
	}
}

func TestNumbered(t *testing.T) {
	for s, want := range map[string]string{"lǐ": "li3", "lǘ": "lv2", "nüè": "nve4", "de": "de5", "ér": "er2", "zhuāng": "zhuang1"} {
		if got, ok := numbered(s); got != want || !ok {
			t.Errorf("%s is %s, want %s", s, got, want)
		}
	}
	if _, ok := numbered("ń"); ok {
		t.Error("a grunt has no reading")
	}
}
