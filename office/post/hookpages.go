package post

import (
	"slices"

	"unionhall/kit/outbox"
	"unionhall/kit/web"
)

// HooksPage lists who is told of events.
type HooksPage struct {
	Items []Hook `json:"items"`
	May   bool   `json:"-"`
}

func (m *Room) hooks(r *web.Request, _ struct{}) (p HooksPage, err error) {
	p.May = r.May(Hooks)
	p.Items, err = allHooks(r.Ctx, r.Tx, r.Grant.Tenant())
	return p, err
}

// HookFormPage is the form of a hook.
type HookFormPage struct {
	Hook
	Catalogue []Event `json:"-"`
	Private   bool    `json:"-"`
}

func (p HookFormPage) listens(event string) bool { return slices.Contains(p.Events, event) }

func (m *Room) newHook(*web.Request, struct{}) (HookFormPage, error) {
	return HookFormPage{Catalogue: m.Events, Private: m.Guard.Private}, nil
}

func (m *Room) editHook(r *web.Request, in One) (HookFormPage, error) {
	h, err := findHook(r.Ctx, r.Tx, r.Grant.Tenant(), in.ID)
	return HookFormPage{Hook: h, Catalogue: m.Events, Private: m.Guard.Private}, err
}

func (m *Room) addHook(r *web.Request, in HookForm) (HookMade, error) {
	return m.Add(r.Ctx, r.Tx, r.Grant, in, r.Now)
}

// HookDone is a hook after an act on it.
type HookDone struct {
	Hook
	said string
}

func (h HookDone) Said() string { return h.said }

func (m *Room) changeHook(r *web.Request, in HookChange) (HookDone, error) {
	h, err := m.Amend(r.Ctx, r.Tx, r.Grant, in, r.Now)
	return HookDone{h, "订阅已保存。"}, err
}

// SwitchForm stops a hook or lets it go on.
type SwitchForm struct {
	ID      string `json:"id" doc:"编号"`
	On      bool   `json:"on" doc:"启用"`
	Version int64  `json:"version" doc:"版本"`
}

func (m *Room) turnHook(r *web.Request, in SwitchForm) (HookDone, error) {
	h, err := m.Switch(r.Ctx, r.Tx, r.Grant, in.ID, in.On, in.Version, r.Now)
	said := "订阅已停用，不再往那里发事件。"
	if in.On {
		said = "订阅已启用，从现在起的事件会发过去。"
	}
	return HookDone{h, said}, err
}

// Versioned names a thing and the version that was read.
type Versioned struct {
	ID      string `json:"id" doc:"编号"`
	Version int64  `json:"version" doc:"版本"`
}

func (m *Room) newSecret(r *web.Request, in Versioned) (HookMade, error) {
	return m.Rekey(r.Ctx, r.Tx, r.Grant, in.ID, in.Version, r.Now)
}

func (m *Room) testHook(r *web.Request, in One) (HookDone, error) {
	h, err := m.Try(r.Ctx, r.Tx, r.Grant, in.ID, r.Now)
	return HookDone{h, "试用事件已排队发送，稍等片刻刷新，看下面的记录。"}, err
}

// HookPage is one hook with what was sent to it of late.
type HookPage struct {
	Hook
	Labels map[string]string `json:"-"`
	Log    []outbox.Letter   `json:"log"`
	May    bool              `json:"-"`
}

func (m *Room) hook(r *web.Request, in One) (p HookPage, err error) {
	if p.Hook, err = findHook(r.Ctx, r.Tx, r.Grant.Tenant(), in.ID); err != nil {
		return p, err
	}
	p.May, p.Labels = r.May(Hooks), map[string]string{}
	for _, e := range p.Events {
		p.Labels[e] = m.labelOf(e)
	}
	p.Log, err = outbox.List(r.Ctx, r.Tx, r.Grant, outbox.Filter{Thing: in.ID, Kind: hookKind, Limit: 20})
	return p, err
}

// Catalogue is what can be told, with the schema of each body.
type Catalogue struct {
	Items []CatalogueItem `json:"items"`
}

// CatalogueItem is one event.
type CatalogueItem struct {
	Name   string         `json:"name"`
	Label  string         `json:"label"`
	Schema map[string]any `json:"schema"`
	fields []Told
}

func (m *Room) catalogue(*web.Request, struct{}) (p Catalogue, err error) {
	for _, e := range m.Events {
		p.Items = append(p.Items, CatalogueItem{e.Name, e.Label, e.Schema(), e.Fields})
	}
	return p, nil
}
