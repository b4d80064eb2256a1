// Package registry keeps the tree of unions (工会组织), their bodies and who
// sits in them.
package registry

import (
	"unionhall/kit/auth"
	"unionhall/kit/day"
)

// What people may do here.
const (
	Look    auth.Action = "unions.look"    // see unions, their bodies and history
	Found   auth.Action = "unions.found"   // 建会
	Edit    auth.Action = "unions.edit"    // particulars: address, phone, staff
	Change  auth.Action = "unions.change"  // rename, move, merge, close (更名、隶属、合并、撤销)
	Appoint auth.Action = "unions.appoint" // bodies and who sits in them
)

// Labels is what the actions are called in the log.
var Labels = map[auth.Action]string{
	Look:    "查看工会",
	Found:   "建会",
	Edit:    "修改工会资料",
	Change:  "更名、改隶、合并、撤销",
	Appoint: "登记班子和任职",
}

// Roles says which office may do what. Chairs see what stands below them and
// keep the particulars true; who sits where is written down one level up,
// where the result of an election is approved.
func Roles() auth.Roles {
	look := []auth.Action{Look}
	return auth.Roles{
		auth.Officer:    {Look, Found, Edit, Change, Appoint},
		auth.Chair:      {Look, Edit},
		auth.Director:   look,
		auth.Accountant: look,
		auth.Cashier:    look,
		auth.Auditor:    look,
		auth.Admin:      look,
	}
}

// Kind is the kind of body that a union is (organisation.md 1.1).
type Kind string

const (
	National   Kind = "national"   // 中华全国总工会
	Province   Kind = "province"   // 省总工会
	City       Kind = "city"       // 市总工会
	County     Kind = "county"     // 县（市、区）总工会
	Industry   Kind = "industry"   // 产业工会
	Agency     Kind = "agency"     // 派出的工会工作委员会: no election, no term (ORG-01)
	Federation Kind = "federation" // 机关工会联合会
	Base       Kind = "base"       // 基层工会委员会
	Joint      Kind = "joint"      // 联合基层工会
	Single     Kind = "single"     // 组织员或主席一人
	Branch     Kind = "branch"     // 分工会
	Group      Kind = "group"      // 工会小组
)

// Kinds lists the kinds in the order people are shown them.
var Kinds = []Kind{Agency, Federation, Base, Joint, Single, Branch, Group, City, County, Industry, Province, National}

// Label is what the kind is called on paper.
func (k Kind) Label() string {
	switch k {
	case National:
		return "全国总工会"
	case Province:
		return "省总工会"
	case City:
		return "市总工会"
	case County:
		return "县级总工会"
	case Industry:
		return "产业工会"
	case Agency:
		return "工会工委"
	case Federation:
		return "机关工会联合会"
	case Base:
		return "基层工会"
	case Joint:
		return "联合基层工会"
	case Single:
		return "组织员（主席）"
	case Branch:
		return "分工会"
	case Group:
		return "工会小组"
	}
	return string(k)
}

// Elects reports whether the kind elects its bodies. An agency's members are
// appointed from above: it has no election and no term.
//
// law: ORG-01
func (k Kind) Elects() bool { return k != Agency }

// Part reports whether the kind is a part of a unit's union and no union of a
// unit by itself.
func (k Kind) Part() bool { return k == Branch || k == Group }

// units are the unions that stand by themselves at the foot of the tree.
var units = []Kind{Base, Joint, Single}

// Takes lists the kinds that may stand directly under k (organisation.md 1.1).
func (k Kind) Takes() []Kind {
	above := append([]Kind{Agency, Federation}, units...)
	switch k {
	case National:
		return append([]Kind{Province, Industry}, above...)
	case Province:
		return append([]Kind{City, County, Industry}, above...)
	case City:
		return append([]Kind{County, Industry}, above...)
	case County:
		return append([]Kind{Industry}, above...)
	case Agency:
		return append([]Kind{Federation, Industry}, units...)
	case Industry:
		return append([]Kind{Federation}, units...)
	case Federation:
		return units
	case Base:
		return append([]Kind{Branch, Group}, units...)
	case Joint:
		return []Kind{Branch, Group}
	case Branch:
		return []Kind{Group}
	}
	return nil
}

// State is where a union stands.
type State string

const (
	Standing State = "standing" // 存续
	Closed   State = "closed"   // 已撤销
	Merged   State = "merged"   // 已并入
)

func (s State) Label() string {
	switch s {
	case Standing:
		return "存续"
	case Closed:
		return "已撤销"
	case Merged:
		return "已并入"
	}
	return string(s)
}

// Union is one union of the tree as it is today.
type Union struct {
	ID         string  `json:"id"`
	Code       string  `json:"code"` // twelve digits: area and serial
	Name       string  `json:"name"`
	ShortName  string  `json:"short_name,omitempty"`
	Kind       Kind    `json:"kind"`
	OrganKind  string  `json:"organ_kind,omitempty"` // ORG-04
	ParentID   string  `json:"parent_id,omitempty"`
	State      State   `json:"state"`
	USCC       string  `json:"uscc,omitempty"` // 统一社会信用代码
	Founded    day.Day `json:"founded,omitempty"`
	Closed     day.Day `json:"closed,omitempty"`
	Region     string  `json:"region,omitempty"`
	Address    string  `json:"address,omitempty"`
	Leader     string  `json:"leader,omitempty"`
	Phone      string  `json:"phone,omitempty"`
	Nature     string  `json:"nature,omitempty"`
	Industry   string  `json:"industry,omitempty"`
	Economy    string  `json:"economy,omitempty"`
	OrgCode    string  `json:"org_code,omitempty"`
	PartyOrg   string  `json:"party_org,omitempty"`
	Staff      int64   `json:"staff"`
	OwnAccount bool    `json:"own_account"` // accounts of level one (ORG-12)
	ImportID   string  `json:"-"`
	Version    int64   `json:"version"`
}

// Place is the union's page.
func (u Union) Place() string { return "/grassroots/registry/unions/" + u.ID }

// Revision is what an edit must name to be sure that it saw the latest.
func (u Union) Revision() int64 { return u.Version }

// Ref names a union in another room's record.
type Ref struct {
	ID   string `json:"id"`
	Code string `json:"code"`
	Name string `json:"name"`
}

// Ref is how other records name u.
func (u Union) Ref() Ref { return Ref{u.ID, u.Code, u.Name} }
