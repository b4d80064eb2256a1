package exchange

import (
	"bytes"
	"context"
	"io"
	"strconv"

	"unionhall/kit/audit"
	"unionhall/kit/files"
	"unionhall/kit/sheet"
	"unionhall/kit/sqldb"
	"unionhall/kit/web"
)

const (
	home       = "/system/exchange"
	peersPlace = home + "/peers"
)

// Routes is every page of this room with the action it needs.
func (m *Room) Routes() []web.Route {
	return []web.Route{
		{Pattern: "GET " + home, Needs: Look, Doc: "上下级数据往来", Do: web.Page(m.list, listView)},
		{Pattern: "POST " + home + "/key", Needs: Send, Doc: "生成本单位的签名密钥", Do: web.Act(makeKey)},
		{Pattern: "POST " + home, Needs: Send, Doc: "生成要发出的数据包", Do: web.ActAfter(m.wrap, m.send)},
		{Pattern: "GET " + home + "/receive", Needs: Send, Doc: "收数据包的表单", Do: web.Page(receiving, receiveView)},
		{Pattern: "POST " + home + "/receive", Needs: Send, Doc: "收下数据包", Do: web.Again(web.ActAfter(m.unwrap, receive), receiving, receiveView)},
		{Pattern: "GET " + peersPlace, Needs: Look, Doc: "往来单位", Do: web.Page(peers, peersView)},
		{Pattern: "POST " + peersPlace, Needs: Trust, Doc: "登记往来单位", Do: web.Again(web.Act(believe), peers, peersView)},
		{Pattern: "POST " + peersPlace + "/{id}/end", Needs: Trust, Doc: "停止与一个单位往来", Do: web.Again(web.Act(doubt), peers, peersView)},
		{Pattern: "GET " + home + "/{id}", Needs: Look, Doc: "一个数据包的内容", Do: web.Page(m.show, showView)},
		{Pattern: "GET " + home + "/{id}/bundle", Needs: Look, Doc: "下载数据包", Do: web.Download(m.download)},
		{Pattern: "GET " + home + "/{id}/table.xlsx", Needs: Look, Doc: "数据包的电子表格", Do: web.Download(m.table)},
	}
}

// ListQuery asks for a page of bundles.
type ListQuery struct {
	Way   Way    `json:"way" doc:"方向"`
	After string `json:"after" doc:"上一页末行"`
	Limit int    `json:"limit" doc:"每页行数"`
}

// ListPage is what was sent and what came, the newest first.
type ListPage struct {
	Key   string   `json:"key,omitempty"` // the office's own, to be given to others
	Print string   `json:"fingerprint,omitempty"`
	Peers int      `json:"peers"`
	Items []Bundle `json:"items"`
	Next  string   `json:"next,omitempty"`
	q     ListQuery
	may   bool
	names map[string]string
}

func (m *Room) list(r *web.Request, in ListQuery) (p ListPage, err error) {
	if in.Limit < 1 || in.Limit > 200 {
		in.Limit = 50
	}
	p.q, p.may = in, r.May(Send)
	if p.Key, err = publicKey(r.Ctx, r.Tx, r.Grant.Tenant()); err != nil {
		return p, err
	}
	if p.Key != "" {
		p.Print = fingerprint(p.Key)
	}
	all, err := Peers(r.Ctx, r.Tx, r.Grant)
	if err != nil {
		return p, err
	}
	for _, x := range all {
		if x.Ended == "" {
			p.Peers++
		}
	}
	if p.Items, err = List(r.Ctx, r.Tx, r.Grant, in.Way, in.After, in.Limit+1); err != nil {
		return p, err
	}
	if len(p.Items) > in.Limit {
		p.Items = p.Items[:in.Limit]
		p.Next = p.Items[in.Limit-1].ID
	}
	p.names, err = m.accounts(r, p.Items...)
	return p, err
}

func (m *Room) accounts(r *web.Request, all ...Bundle) (map[string]string, error) {
	var ids []string
	for _, b := range all {
		ids = append(ids, b.Account)
	}
	return m.Names(r.Ctx, r.Tx, r.Grant.Tenant(), ids)
}

// KeyMade is the office's key after it was made.
type KeyMade struct {
	Key   string `json:"key"`
	Print string `json:"fingerprint"`
}

func (KeyMade) Place() string { return home }
func (KeyMade) Said() string  { return "签名密钥已生成。请把公钥交给对方登记。" }

func makeKey(r *web.Request, _ struct{}) (KeyMade, error) {
	k, err := MakeKey(r.Ctx, r.Tx, r.Grant, r.Now)
	return KeyMade{k, fingerprint(k)}, err
}

// sending is a bundle that is packed and stored, on its way into the list.
type sending struct {
	parcel parcel
	blob   files.Blob
}

// wrap packs the totals of today. Its number is the moment, so that of two
// bundles the later has the higher one.
func (m *Room) wrap(r *web.Request, s *sending) error {
	var secret own
	h := header{Kind: kindUnions, Tenant: r.Grant.Tenant(), AsOf: r.Today, Made: r.Now}
	err := r.Site.DB.View(r.Ctx, func(tx *sqldb.Tx) (err error) {
		if secret, err = ownKey(r.Ctx, tx, r.Grant.Tenant()); err != nil {
			return err
		}
		if h.From, err = sqldb.One(r.Ctx, tx, sqldb.Text, `SELECT name FROM tenants WHERE tenant_id = $1`, r.Grant.Tenant()); err != nil {
			return err
		}
		s.parcel.lines, err = m.Totals(r.Ctx, tx, r.Grant, r.Today)
		return err
	})
	if err != nil {
		return err
	}
	h.Seq = r.Site.Now().UnixMilli()
	b, err := pack(h, s.parcel.lines, secret.secret)
	if err != nil {
		return err
	}
	s.parcel.header = h
	s.blob, err = m.Files.Put(r.Ctx, bytes.NewReader(b), largest)
	return err
}

// Sent is a bundle after it was made or taken in.
type Sent struct {
	Bundle
	said string
}

func (s Sent) Said() string  { return s.said }
func (s Sent) Created() bool { return true }

func (m *Room) send(r *web.Request, s sending) (Sent, error) {
	b, err := Keep(r.Ctx, r.Tx, r.Grant, s.parcel, Bundle{Way: Out, Hash: s.blob.Hash, Size: s.blob.Size}, r.Now)
	return Sent{b, "数据包已生成，请下载后发给对方。"}, err
}

// Receiving is a file that came.
type Receiving struct {
	File web.Upload `json:"file" doc:"数据包"`
	p    parcel
}

func receiving(*web.Request, struct{}) (struct{}, error) { return struct{}{}, nil }

// unwrap opens what was uploaded and proves its signature.
func (m *Room) unwrap(_ *web.Request, in *Receiving) error {
	if in.File.Blob.Hash == "" {
		return broken("请选择对方给的数据包文件。")
	}
	if in.File.Blob.Size > largest {
		return broken("文件太大，不是往来数据包。")
	}
	b, err := m.read(in.File.Blob.Hash)
	if err == nil {
		in.p, err = unpack(b)
	}
	return err
}

func (m *Room) read(hash string) ([]byte, error) {
	f, err := m.open(hash)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, largest+1))
}

func receive(r *web.Request, in Receiving) (Sent, error) {
	b, err := Keep(r.Ctx, r.Tx, r.Grant, in.p, Bundle{Way: In, Hash: in.File.Blob.Hash, Size: in.File.Blob.Size}, r.Now)
	return Sent{b, "签名核对无误，已收下" + b.Peer + "截至 " + string(b.AsOf) + " 的数据。"}, err
}

// PeersPage lists the offices whose bundles are taken.
type PeersPage struct {
	Items []Peer `json:"items"`
	may   bool
}

func peers(r *web.Request, _ struct{}) (p PeersPage, err error) {
	p.may = r.May(Trust)
	p.Items, err = Peers(r.Ctx, r.Tx, r.Grant)
	return p, err
}

// Believing is an office and its key.
type Believing struct {
	Name   string `json:"name" doc:"单位名称"`
	Public string `json:"public" doc:"公钥"`
}

func believe(r *web.Request, in Believing) (Peer, error) {
	return Believe(r.Ctx, r.Tx, r.Grant, in.Name, in.Public, r.Now)
}

// Doubting names a peer in the version that was seen.
type Doubting struct {
	ID      string `json:"id" doc:"编号"`
	Version int64  `json:"version" doc:"版本"`
}

func doubt(r *web.Request, in Doubting) (Peer, error) {
	return Doubt(r.Ctx, r.Tx, r.Grant, in.ID, in.Version, r.Now)
}

// ByID names one bundle.
type ByID struct {
	ID string `json:"id" doc:"编号"`
}

// Detail is a bundle with what it tells, and what the one before it told.
type Detail struct {
	Bundle
	Lines  []Line  `json:"lines"`
	Before *Bundle `json:"before,omitempty"`
	By     string  `json:"by"`
	names  map[string]string
}

func (m *Room) show(r *web.Request, in ByID) (d Detail, err error) {
	if d.Bundle, err = Find(r.Ctx, r.Tx, r.Grant, in.ID); err != nil {
		return d, err
	}
	if d.Lines, err = m.lines(r.Ctx, d.Bundle); err != nil {
		return d, err
	}
	was, ok, err := before(r.Ctx, r.Tx, r.Grant, d.Bundle)
	if ok {
		d.Before = &was
	}
	if err != nil {
		return d, err
	}
	names, err := m.accounts(r, d.Bundle)
	d.By = names[d.Account]
	return d, err
}

// lines reads what a bundle tells out of its file.
func (m *Room) lines(_ context.Context, b Bundle) ([]Line, error) {
	text, err := m.read(b.Hash)
	if err != nil {
		return nil, err
	}
	p, err := unpack(text)
	return p.lines, err
}

func (m *Room) download(r *web.Request, in ByID) (web.File, error) {
	b, err := Find(r.Ctx, r.Tx, r.Grant, in.ID)
	if err != nil {
		return web.File{}, err
	}
	f := web.File{Name: "往来数据-" + string(b.AsOf) + "-" + strconv.FormatInt(b.Seq, 10) + ".uhb", Type: "application/octet-stream"}
	f.Write = func(dst io.Writer) error {
		text, err := m.read(b.Hash)
		if err == nil {
			_, err = dst.Write(text)
		}
		return err
	}
	return f, m.taken(r, b)
}

// taken notes that a file left the house.
func (m *Room) taken(r *web.Request, b Bundle) error {
	return r.Site.DB.Do(r.Ctx, func(tx *sqldb.Tx) error {
		return audit.Write(r.Ctx, tx, r.Grant, b.ID, Deed{Did: "taken away", Seq: b.Seq, AsOf: b.AsOf, Hash: b.Hash}, r.Now)
	})
}

func (m *Room) table(r *web.Request, in ByID) (web.File, error) {
	b, err := Find(r.Ctx, r.Tx, r.Grant, in.ID)
	if err != nil {
		return web.File{}, err
	}
	lines, err := m.lines(r.Ctx, b)
	if err != nil {
		return web.File{}, err
	}
	columns := []sheet.Column{{Name: "编码", Width: 16}, {Name: "名称", Width: 36}, {Name: "上级编码", Width: 16}, {Name: "会员人数", Kind: sheet.Integer}, {Name: "女会员", Kind: sheet.Integer},
		{Name: "职工人数", Kind: sheet.Integer}, {Name: "届满日期", Kind: sheet.Date}, {Name: "缺项", Width: 30}}
	f := web.File{Name: "往来数据-" + string(b.AsOf) + ".xlsx", Type: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
	f.Write = func(dst io.Writer) error {
		w, err := sheet.NewXLSX(dst, "工会情况", columns)
		if err != nil {
			return err
		}
		for _, l := range lines {
			if err := w.Row(l.Code, l.Name, l.Parent, count(l.Members), count(l.Women), count(l.Staff), string(l.TermDue), l.lacks()); err != nil {
				return err
			}
		}
		return w.Close()
	}
	return f, nil
}
