package exchange

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"

	"unionhall/kit/day"
	"unionhall/kit/fault"
)

// format names the layout of a bundle: a line of JSON that says what follows,
// a line with the signature of that line in base64, and the data. Any tool that
// knows Ed25519 and SHA-256 can check it.
const format = "unionhall-bundle-1"

// largest is what a bundle may weigh.
const largest = 16 << 20

// kindUnions is what a bundle tells of: unions with their totals.
const kindUnions = "unions"

// header is the first line of a bundle.
type header struct {
	Format string      `json:"format"`
	Kind   string      `json:"kind"`
	From   string      `json:"from"` // the office's name
	Tenant int64       `json:"tenant"`
	Key    string      `json:"key"` // of the office, as base64
	Seq    int64       `json:"seq"`
	AsOf   day.Day     `json:"as_of"`
	Made   day.Instant `json:"made"`
	Hash   string      `json:"sha256"` // of the data
}

// parcel is a bundle that was opened: its signature fits its key and its data
// its hash. Whether the key is believed is another question.
type parcel struct {
	header
	lines []Line
}

// pack writes a bundle and signs it.
func pack(h header, lines []Line, secret ed25519.PrivateKey) ([]byte, error) {
	data, err := json.Marshal(lines)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(data)
	h.Format, h.Hash = format, hex.EncodeToString(sum[:])
	h.Key = base64.StdEncoding.EncodeToString(secret.Public().(ed25519.PublicKey))
	head, err := json.Marshal(h)
	if err != nil {
		return nil, err
	}
	sign := base64.StdEncoding.EncodeToString(ed25519.Sign(secret, head))
	return slices.Concat(head, []byte("\n"), []byte(sign), []byte("\n"), data), nil
}

func broken(text string) error {
	return &fault.Error{Kind: fault.Invalid, Text: text, Fields: map[string]string{"file": "数据包：" + text}}
}

// unpack opens a bundle. What is none, was cut short or changed on its way is
// fault.Invalid with a way out.
func unpack(b []byte) (p parcel, err error) {
	head, rest, ok := bytes.Cut(b, []byte("\n"))
	sign, data, whole := bytes.Cut(rest, []byte("\n"))
	if !ok || !whole || len(head) > 4096 || json.Unmarshal(head, &p.header) != nil || !strings.HasPrefix(p.Format, "unionhall-bundle-") {
		return p, broken("这不是往来数据包。请选择对方从“上下级往来”页面导出的数据包文件。")
	}
	if p.Format != format || p.Kind != kindUnions {
		return p, broken("这个数据包是另一版本的程序做的，请先升级本程序，或请对方按 " + format + " 重新导出。")
	}
	key, err := readKey(p.Key)
	if err != nil {
		return p, broken("数据包里的公钥不完整，文件可能损坏，请对方重新导出。")
	}
	signature, err := base64.StdEncoding.DecodeString(string(sign))
	if err != nil || !ed25519.Verify(key, head, signature) {
		return p, broken("签名不对：文件在途中被改动或损坏，没有收下。请对方重新导出后再传。")
	}
	sum := sha256.Sum256(data)
	if hex.EncodeToString(sum[:]) != p.Hash {
		return p, broken("数据与签名不符：文件在途中被改动或没有传完，没有收下。请重新拷贝一次。")
	}
	if err := json.Unmarshal(data, &p.lines); err != nil || p.Seq < 1 || p.AsOf == "" || len(p.lines) == 0 {
		return p, broken("数据包的内容读不出来，请对方升级程序后重新导出。")
	}
	if _, err := day.Parse(string(p.AsOf)); err != nil {
		return p, broken("数据包的截止日期不对，请对方重新导出。")
	}
	return p, nil
}

// readKey reads a public key as people paste it.
func readKey(text string) (ed25519.PublicKey, error) {
	b, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), ""))
	if err == nil && len(b) != ed25519.PublicKeySize {
		err = fault.New(fault.Invalid, "公钥不完整，请从对方的“上下级往来”页面整段复制。")
	}
	return b, err
}

// fingerprint is a key in five groups that two people can read to each other
// over the telephone.
func fingerprint(public string) string {
	sum := sha256.Sum256([]byte(public))
	text := strings.ToUpper(hex.EncodeToString(sum[:10]))
	var groups []string
	for i := 0; i < len(text); i += 4 {
		groups = append(groups, text[i:i+4])
	}
	return strings.Join(groups, " ")
}

// sums adds up a bundle: how many unions it tells of, and the people of those
// at its top.
func sums(lines []Line) (unions, members, women int64) {
	in := map[string]bool{}
	for _, l := range lines {
		in[l.Code] = true
	}
	for _, l := range lines {
		unions++
		if !in[l.Parent] { // with all below it
			members, women = members+l.Members, women+l.Women
		}
	}
	return unions, members, women
}
