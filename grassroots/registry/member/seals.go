package member

import (
	"strings"

	"unionhall/kit/ident"
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

// tokens lists what a search finds p by: every one and two characters of the
// name, its pinyin whole and without the first character, its initials, and the last digits
// of phone and document, which only the key can tell.
func tokens(k *seal.Keys, tenant int64, p Person) []string {
	out := zh.Grams(p.Name)
	if l := zh.Letters(p.Name); l != "" {
		out = append(out, "="+l)
	}
	if given := []rune(p.Name); len(given) > 1 {
		if l := zh.Letters(string(given[1:])); l != "" {
			out = append(out, "+"+l)
		}
	}
	if i := zh.Initials(p.Name); i != "" {
		out = append(out, "-"+i)
	}
	for _, no := range []string{p.IDNo, p.Phone} {
		if len(no) >= tail {
			out = append(out, tailToken(k, tenant, no[len(no)-tail:]))
		}
	}
	return out
}

func tailToken(k *seal.Keys, tenant int64, digits string) string {
	return "#" + k.BlindShort(tenant, "member.tail", strings.ToUpper(digits))
}

func maskID(p Person) string    { return ident.Mask(p.IDNo) }
func maskPhone(p Person) string { return ident.MaskPhone(p.Phone) }
