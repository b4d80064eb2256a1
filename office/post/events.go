package post

import (
	"encoding/json"
	"slices"

	"unionhall/kit/audit"
	"unionhall/kit/day"
)

// Event is something that programs elsewhere can be told of. It is read off
// the log: Key and Did say which line tells of it, Fields what of that line is
// told. No person's name, number or contact is among them.
//
// law: PL-18, R1.66
type Event struct {
	Name   string // union.renamed
	Label  string // 工会更名
	Kind   string // of the thing: union, member, import
	Key    string // in the line's change: act or did
	Did    []string
	Fields []Told
}

// Told is one thing that an event tells.
type Told struct {
	Name, Type, Doc string
	Key             string // in the log's line, where it is called otherwise
}

// Ping is the event that tries a hook out.
const Ping = "ping"

var (
	paper = []Told{{"day", "string", "生效日期", ""}, {"document", "string", "文号", ""}}
	named = append(slices.Clone(paper), Told{"was", "string", "原来的名称或上级", ""}, Told{"now", "string", "现在的名称或上级", ""})
)

// Events is what others can be told of, in the order of the manual.
var Events = []Event{
	{"union.founded", "建会", "union", "act", []string{"founded"}, named},
	{"union.renamed", "工会更名", "union", "act", []string{"renamed"}, named},
	{"union.moved", "工会改隶", "union", "act", []string{"moved"}, named},
	{"union.merged", "工会合并", "union", "act", []string{"merged"}, named},
	{"union.closed", "工会撤销", "union", "act", []string{"closed"}, named},
	{"union.amended", "工会资料变更", "union", "act", []string{"amended"}, []Told{{"fields", "array", "改了哪些项目", ""}}},
	{"member.joined", "会员入会", "member", "did", []string{"registered", "rejoin", "admitted"}, paper},
	{"member.left", "会员退会、除名或去世", "member", "did", []string{"leave", "expel", "deceased"}, append(slices.Clone(paper), Told{"how", "string", "退会、除名还是去世", "did"})},
	{"member.moved", "会籍转接", "member", "did", []string{"transfer"}, append(slices.Clone(paper), Told{"from", "string", "转出工会", ""}, Told{"to", "string", "转入工会", ""})},
	{"member.retained", "会籍保留或恢复", "member", "did", []string{"retain", "resume"}, append(slices.Clone(paper), Told{"how", "string", "保留还是恢复", "did"})},
	{"import.confirmed", "导入写入完成", "import", "did", []string{"confirmed"}, []Told{{"new", "integer", "新增", ""}, {"changed", "integer", "更新", ""}}},
}

// places are the pages of the kinds of things, which are the API as well.
var places = map[string]string{"union": "/grassroots/registry/unions/", "member": "/grassroots/registry/members/", "import": "/grassroots/registry/imports/"}

// Payload is the body of a webhook.
type Payload struct {
	ID     string         `json:"id"` // of the event; a repeat carries the same
	Event  string         `json:"event"`
	At     day.Instant    `json:"at"`
	Office int64          `json:"office"`
	Thing  string         `json:"thing,omitempty"`
	Kind   string         `json:"kind,omitempty"`
	Path   string         `json:"path,omitempty"` // where more is to be read, by whoever may
	Data   map[string]any `json:"data"`
}

// read returns the event that a line of the log tells of, if any.
func (m *Room) read(row audit.Row) (Event, Payload, bool) {
	var change map[string]any
	if json.Unmarshal([]byte(row.Change), &change) != nil {
		return Event{}, Payload{}, false
	}
	for _, e := range m.Events {
		did, _ := change[e.Key].(string)
		if did == "" || !slices.Contains(e.Did, did) {
			continue
		}
		p := Payload{ID: row.ID, Event: e.Name, At: row.At, Office: row.Tenant, Thing: row.Thing, Kind: e.Kind, Path: places[e.Kind] + row.Thing, Data: map[string]any{}}
		for _, t := range e.Fields {
			key := t.Key
			if key == "" {
				key = t.Name
			}
			if v, ok := change[key]; ok {
				p.Data[t.Name] = v
			}
		}
		return e, p, true
	}
	return Event{}, Payload{}, false
}

// Schema is the JSON schema of an event's body.
func (e Event) Schema() map[string]any {
	data := map[string]any{}
	for _, t := range e.Fields {
		s := map[string]any{"type": t.Type, "description": t.Doc}
		if t.Type == "array" {
			s["items"] = map[string]any{"type": "string"}
		}
		data[t.Name] = s
	}
	text := func(doc string) map[string]any { return map[string]any{"type": "string", "description": doc} }
	return map[string]any{
		"$schema": "https://json-schema.org/draft/2020-12/schema", "title": e.Label, "type": "object",
		"required": []string{"id", "event", "at", "office", "data"},
		"properties": map[string]any{
			"id": text("事件编号，重发时不变"), "event": map[string]any{"const": e.Name}, "at": text("时刻，UTC"),
			"office": map[string]any{"type": "integer", "description": "工委编号"}, "thing": text("对象编号"), "kind": text("对象类别"), "path": text("查看地址"),
			"data": map[string]any{"type": "object", "properties": data},
		},
	}
}

// labelOf is what an event is called.
func (m *Room) labelOf(name string) string {
	if name == Ping {
		return "试用"
	}
	for _, e := range m.Events {
		if e.Name == name {
			return e.Label
		}
	}
	return name
}
