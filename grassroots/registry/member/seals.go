package member

import (
	"strings"
	"unicode/utf8"

	"unionhall/kit/seal"
	"unionhall/kit/zh"
)

// The names under which fields are sealed and found; they never change, since
// what is stored hangs on them.
const (
	idColumn    = "id"
	phoneColumn = "phone"
	table       = "members"
)

// BlindID is what the database knows a document of identity by: one person
// has one membership, so it is unique.
//
// law: MEM-05
func BlindID(k *seal.Keys, tenant int64, idType, idNo string) string {
	return k.Blind(tenant, "member.id", idType+":"+idNo)
}

func sealID(k *seal.Keys, tenant int64, no string) []byte {
	return k.Seal(tenant, table, idColumn, no)
}

func sealPhone(k *seal.Keys, tenant int64, no string) []byte {
	if no == "" {
		return nil
	}
	return k.Seal(tenant, table, phoneColumn, no)
}

func openID(k *seal.Keys, tenant int64, b []byte) (string, error) {
	return k.Open(tenant, table, idColumn, b)
}

func openPhone(k *seal.Keys, tenant int64, b []byte) (string, error) {
	if len(b) == 0 {
		return "", nil
	}
	return k.Open(tenant, table, phoneColumn, b)
}

// tail is how many last digits find a person.
const tail = 4

// The marks that tokens of one kind begin with; pieces of a name have none.
const (
	spelled  = "=" // the name's pinyin
	called   = "+" // the pinyin of the name without its first character
	shortest = "-" // the initials of its pinyin
	numbered = "#" // last digits of phone or document
)

// spellings are the readings of a name that a search may begin with: whole,
// without its first character, and the initials.
func spellings(name string) [3]string {
	_, size := utf8.DecodeRuneInString(name)
	return [3]string{zh.Letters(name), zh.Letters(name[size:]), zh.Initials(name)}
}

func tailToken(k *seal.Keys, tenant int64, digits string) string {
	return numbered + k.BlindShort(tenant, "member.tail", strings.ToUpper(digits))
}
