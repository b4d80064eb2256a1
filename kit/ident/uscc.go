package ident

import "strings"

// USCC is a checked unified social credit code (统一社会信用代码), 18 characters.
type USCC string

// usccAlphabet gives each character its value by its place; I, O, S, V and Z
// are left out since they look like digits.
const usccAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"

// ReadUSCC reads a code (GB 32100-2015), in small or full-width letters if need
// be. Both of its checks must hold: its own, and that of the organisation code
// within.
func ReadUSCC(text string) (USCC, Flaw) {
	s := normal(text)
	if strings.Trim(s, usccAlphabet) != "" {
		return "", Format
	}
	switch {
	case s == "":
		return "", Missing
	case len(s) != 18:
		return "", Length
	case !digits(s[2:8]):
		return "", Format
	case orgCheck(s[8:16]) != s[16] || usccCheck(s[:17]) != s[17]:
		return "", Checksum
	}
	return USCC(s), ""
}

// Authority returns the sign of the registering authority (登记管理部门): 8 is
// a union, 1 the office of posts (机构编制).
func (c USCC) Authority() string { return string(c[:1]) }

// Kind returns the sign of the kind within its authority (机构类别): of unions
// 1 is a grassroots union, 9 another.
func (c USCC) Kind() string { return string(c[1:2]) }

// Region returns the code (GB/T 2260) of the authority's district.
func (c USCC) Region() string { return string(c[2:8]) }

// OrgCode returns the organisation code (组织机构代码) within, 9 characters.
func (c USCC) OrgCode() string { return string(c[8:17]) }

// UnionHint says what is odd about a grassroots union's code, to warn and not
// to refuse: it should begin with 81 and bear the district of the federation
// (总工会) that registers it; region may be "" where that is not known.
//
// law: ID-01
func (c USCC) UnionHint(region string) string {
	switch {
	case c.Authority() == "1":
		return "这是机关单位的统一社会信用代码，不是工会的；基层工会的代码以81开头，请核对。"
	case c[:2] != "81":
		return "基层工会的统一社会信用代码应以81开头，请核对。"
	case region != "" && c.Region() != region:
		return "代码中的登记机关区划是" + c.Region() + "，与登记的总工会所在区划" + region + "不一致，请核对。"
	}
	return ""
}

// usccCheck returns the check character of the first 17.
func usccCheck(s string) byte {
	sum, weight := 0, 1
	for i := range 17 {
		sum += strings.IndexByte(usccAlphabet, s[i]) * weight
		weight = weight * 3 % 31
	}
	return usccAlphabet[(31-sum%31)%31]
}

// ReadOrgCode reads an organisation code (组织机构代码, GB 11714-1997), with or
// without the dash before its check character, and returns its 9 characters.
func ReadOrgCode(text string) (string, Flaw) {
	s := strings.ReplaceAll(normal(text), "-", "")
	if strings.Trim(s, alnum) != "" {
		return "", Format
	}
	switch {
	case s == "":
		return "", Missing
	case len(s) != 9:
		return "", Length
	case orgCheck(s[:8]) != s[8]:
		return "", Checksum
	}
	return s, ""
}

// orgCheck returns the check character of the first 8 of an organisation code.
func orgCheck(s string) byte {
	const weights = "\x03\x07\x09\x0a\x05\x08\x04\x02"
	sum := 0
	for i := range len(weights) {
		sum += strings.IndexByte(alnum, s[i]) * int(weights[i])
	}
	return "0X987654321"[sum%11]
}

// CheckedUSCC makes a code of its first 16 characters, for made-up
// organisations. It panics on characters that no code has.
func CheckedUSCC(first16 string) string {
	if len(first16) != 16 || strings.Trim(first16, usccAlphabet) != "" || !digits(first16[2:8]) {
		panic("ident: " + first16 + " is not the beginning of a code")
	}
	s := first16 + string(orgCheck(first16[8:]))
	return s + string(usccCheck(s))
}
