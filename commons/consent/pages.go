package consent

import (
	"context"

	"unionhall/kit/auth"
	"unionhall/kit/fault"
	"unionhall/kit/sqldb"
	"unionhall/kit/web"
)

// Room is what the pages ask of the house.
type Room struct {
	// Offices lists the tenants, for a visitor who is not signed in.
	Offices func(ctx context.Context, tx *sqldb.Tx) ([]Office, error)
}

// Office is one tenant as a visitor may know it.
type Office struct {
	ID   int64  `json:"office"`
	Name string `json:"name"`
}

const (
	minePlace   = "/me/consents"
	noticePlace = "/system/privacy/notices"
)

// Routes is every page of this room with the action it needs.
func (m *Room) Routes() []web.Route {
	return []web.Route{
		{Pattern: "GET /privacy", Doc: "个人信息告知书", Do: web.Page(m.public, publicView)},
		{Pattern: "GET " + minePlace, Needs: auth.Anyone, Doc: "本人的同意", Do: web.Page(mine, mineView)},
		{Pattern: "POST " + minePlace + "/{purpose}/give", Needs: auth.Anyone, Doc: "同意一项告知", Do: web.Again(web.Act(give), mine, mineView)},
		{Pattern: "POST " + minePlace + "/{purpose}/decline", Needs: auth.Anyone, Doc: "不同意或撤回同意", Do: web.Act(decline)},
		{Pattern: "GET " + noticePlace, Needs: Publish, Doc: "告知书和同意情况", Do: web.Page(notices, noticesView)},
		{Pattern: "GET " + noticePlace + "/{purpose}", Needs: Publish, Doc: "一份告知书的新版本", Do: web.Page(drafting, draftView)},
		{Pattern: "POST " + noticePlace + "/{purpose}", Needs: Publish, Doc: "发布告知书的新版本", Do: web.Again(web.Act(publish), drafting, draftView)},
	}
}

// PublicQuery names the office whose notices are read.
type PublicQuery struct {
	Office int64 `json:"office" doc:"单位"`
}

// Told is one purpose with all that people were told of it.
type Told struct {
	Purpose
	Notice  Notice   `json:"notice"`
	Earlier []Notice `json:"earlier"`
}

// PublicPage is what everybody may read.
//
// law: R1.61
type PublicPage struct {
	Offices []Office `json:"offices"`
	Office  Office   `json:"office"`
	Items   []Told   `json:"items"`
	inside  bool     // somebody is signed in
	member  bool
}

func (m *Room) public(r *web.Request, in PublicQuery) (PublicPage, error) {
	p := PublicPage{Items: []Told{}, inside: r.Actor().SignedIn(), member: r.Actor().Self() != ""}
	var err error
	if p.Offices, err = m.Offices(r.Ctx, r.Tx); err != nil {
		return p, err
	}
	if p.inside {
		in.Office = r.Actor().Tenant()
	}
	for i, o := range p.Offices {
		if o.ID == in.Office || in.Office == 0 && i == 0 {
			p.Office = o
		}
	}
	if p.inside {
		p.Offices = []Office{p.Office}
	}
	if p.Office.ID == 0 {
		if in.Office != 0 {
			return p, fault.New(fault.NotFound, "没有这个单位。")
		}
		return p, nil
	}
	all, err := Versions(r.Ctx, r.Tx, p.Office.ID)
	for _, x := range Purposes {
		t := Told{Purpose: x, Earlier: []Notice{}}
		for _, n := range all {
			switch {
			case n.Purpose != x.Key:
			case t.Notice.ID == "":
				t.Notice = n
			default:
				t.Earlier = append(t.Earlier, n)
			}
		}
		if t.Notice.ID != "" {
			p.Items = append(p.Items, t)
		}
	}
	return p, err
}

// MinePage is how the viewer stands to each purpose, and all answers so far.
type MinePage struct {
	Items []Standing `json:"items"`
	Past  []Consent  `json:"past"`
	none  bool       // no member
}

func mine(r *web.Request, _ struct{}) (p MinePage, err error) {
	p = MinePage{Items: []Standing{}, Past: []Consent{}, none: r.Actor().Self() == ""}
	if p.none {
		return p, nil
	}
	if p.Items, err = Stand(r.Ctx, r.Tx, r.Grant.Tenant(), r.Actor().Self()); err != nil {
		return p, err
	}
	p.Past, err = Of(r.Ctx, r.Tx, r.Grant.Tenant(), r.Actor().Self())
	return p, err
}

// GiveForm agrees to a notice.
type GiveForm struct {
	Purpose    string `json:"purpose" doc:"用途"`
	Notice     string `json:"notice" doc:"告知书"`
	Separately bool   `json:"separately" doc:"单独同意"`
}

// Answered is a purpose that was just answered.
type Answered struct {
	Standing
	said string
}

func (Answered) Place() string  { return minePlace }
func (a Answered) Said() string { return a.said }

func give(r *web.Request, in GiveForm) (Answered, error) {
	s, err := Give(r.Ctx, r.Tx, r.Grant, in.Purpose, in.Notice, in.Separately, r.Now)
	said := "已同意“" + s.Label + "”，可以随时撤回。"
	if s.Needed {
		said = "已记下您读过“" + s.Label + "”的告知。"
	}
	return Answered{s, said}, err
}

func decline(r *web.Request, in GiveForm) (Answered, error) {
	was, err := standing(r.Ctx, r.Tx, r.Grant, in.Purpose, "")
	if err != nil {
		return Answered{}, err
	}
	s, err := Decline(r.Ctx, r.Tx, r.Grant, in.Purpose, r.Now)
	said := "已记下您不同意“" + s.Label + "”，其他服务不受影响。"
	if was.Consent.Holds() {
		said = "已撤回对“" + s.Label + "”的同意，其他服务不受影响。"
	}
	return Answered{s, said}, err
}

// NoticesPage lists the purposes with their notices and how people answered.
type NoticesPage struct {
	Items []Counted `json:"items"`
}

// Counted is a purpose with the answers to its notice in force.
type Counted struct {
	Purpose
	Notice  Notice `json:"notice"`
	Agree   int64  `json:"agree"`
	Not     int64  `json:"not"`
	Earlier int64  `json:"earlier"` // agree to an earlier version and are asked again
}

func notices(r *web.Request, _ struct{}) (NoticesPage, error) {
	p := NoticesPage{Items: []Counted{}}
	all, err := Versions(r.Ctx, r.Tx, r.Grant.Tenant())
	if err != nil {
		return p, err
	}
	tallies, err := Tallies(r.Ctx, r.Tx, r.Grant.Tenant())
	purpose, newest := map[string]string{}, map[string]Notice{}
	for _, n := range all {
		purpose[n.ID] = n.Purpose
		if newest[n.Purpose].ID == "" {
			newest[n.Purpose] = n
		}
	}
	for _, x := range Purposes {
		c := Counted{Purpose: x, Notice: newest[x.Key]}
		for _, t := range tallies {
			switch {
			case purpose[t.Notice] != x.Key || t.How == Renewed:
			case t.Notice == c.Notice.ID && t.How == "":
				c.Agree += t.N
			case t.Notice == c.Notice.ID:
				c.Not += t.N
			case t.How == "":
				c.Earlier += t.N
			}
		}
		p.Items = append(p.Items, c)
	}
	return p, err
}

// ByPurpose names a purpose.
type ByPurpose struct {
	Purpose string `json:"purpose" doc:"用途"`
}

// DraftPage is the form of the next version, filled with the one in force.
type DraftPage struct {
	Purpose
	Notice Notice `json:"notice"`
}

func drafting(r *web.Request, in ByPurpose) (DraftPage, error) {
	p, ok := PurposeOf(in.Purpose)
	if !ok {
		return DraftPage{}, fault.New(fault.NotFound, "没有这一项告知。")
	}
	now, err := Current(r.Ctx, r.Tx, r.Grant.Tenant())
	n, published := now[p.Key]
	if !published {
		n = p.draft
	}
	return DraftPage{p, n}, err
}

// Published is a notice that was just published.
type Published struct{ Notice }

func (Published) Place() string  { return noticePlace }
func (p Published) Said() string { return "已发布，会员下次打开时会看到新的告知。" }
func (Published) Created() bool  { return true }

func publish(r *web.Request, in Text) (Published, error) {
	n, err := Issue(r.Ctx, r.Tx, r.Grant, in, r.Now)
	return Published{n}, err
}

// Drafts are what a new office may begin with: the product's own texts.
func Drafts() []Text {
	out := []Text{}
	for _, p := range Purposes {
		d := p.draft
		out = append(out, Text{Purpose: p.Key, Who: d.Who, Aim: d.Aim, Kinds: d.Kinds, Keeping: d.Keeping, Rights: d.Rights, Effect: d.Effect})
	}
	return out
}
