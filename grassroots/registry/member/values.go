package member

import (
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/ident"
	"unionhall/law/codes"
)

// Value is one thing that is recorded of a person, in words.
type Value struct {
	Name   string `json:"name"`
	Label  string `json:"label"`
	Text   string `json:"text"`
	sealed bool
}

// Sealed reports whether it is stored sealed and shown with its middle hidden.
func (v Value) Sealed() bool { return v.sealed }

// fieldNames are the fields of a person in the order in which they are shown;
// the document is its kind and its number together.
var fieldNames = []string{"name", "sex", "birthday", "id_type", "id_no", "phone", "ethnic", "politics", "education", "native", "email",
	"work_unit", "duty", "title", "employment", "skill", "household", "domicile", "migrant", "outer_card"}

// Values lists what is recorded of a person, numbers in the clear: for the
// person alone.
func (p Person) Values() []Value {
	return p.values(func(s string) string { return s }, func(s string) string { return s })
}

// Masked is Values with the numbers hidden, for everybody else.
func (p Person) Masked() []Value { return p.values(ident.Mask, ident.MaskPhone) }

func (p Person) values(number, phone func(string) string) []Value {
	f := formOf(p)
	text := map[string]string{"name": p.Name, "sex": p.Sex.Label(), "birthday": string(p.Birthday), "id_type": codes.IDType.Label(p.IDType),
		"id_no": number(p.IDNo), "phone": phone(p.Phone), "migrant": map[bool]string{true: "是", false: "否"}[p.Migrant]}
	for _, c := range f.coded() {
		text[c.name] = c.table.Label(*c.value)
	}
	for _, t := range f.free() {
		text[t.name] = *t.value
	}
	out := make([]Value, len(fieldNames))
	for i, n := range fieldNames {
		out[i] = Value{n, fieldLabels[n], text[n], n == IDField || n == PhoneField}
	}
	return out
}

// put writes the field of one form into another: the number of the document
// goes with its kind.
func (f *Form) put(name string, from Form) {
	switch name {
	case "name":
		f.Name = from.Name
	case "sex":
		f.Sex = from.Sex
	case "birthday":
		f.Birthday = from.Birthday
	case "id_type", "id_no":
		f.IDType, f.IDNo = from.IDType, from.IDNo
	case "phone":
		f.Phone = from.Phone
	case "migrant":
		f.Migrant = from.Migrant
	}
	theirs, free := from.coded(), from.free()
	for i, c := range f.coded() {
		if c.name == name {
			*c.value = *theirs[i].value
		}
	}
	for i, t := range f.free() {
		if t.name == name {
			*t.value = *free[i].value
		}
	}
}

// personOf is the form back as a person, as it stands: nothing is judged.
func (f Form) personOf() Person {
	return Person{Name: f.Name, Sex: f.Sex, Birthday: f.Birthday, IDType: f.IDType, IDNo: f.IDNo, Phone: f.Phone, Ethnic: f.Ethnic, Education: f.Education,
		Politics: f.Politics, Employment: f.Employment, Skill: f.Skill, Household: f.Household, Domicile: f.Domicile, Native: f.Native, Migrant: f.Migrant,
		WorkUnit: f.WorkUnit, Duty: f.Duty, Title: f.Title, Email: f.Email, OuterCard: f.OuterCard}
}

// Blend is the person of a with the named fields as b has them, judged as a
// form is on the day.
func Blend(a, b Member, fromB []string, today day.Day) (Person, error) {
	f, other := formOf(a.Person), formOf(b.Person)
	for _, name := range fromB {
		f.put(name, other)
	}
	return f.person(today)
}

// Sight is who sees one field, and how: for the table of who sees what.
type Sight struct {
	Field, Label string
	Look         auth.Action // whose lists and pages show it; sealed ones with their middle hidden
	Clear        auth.Action // who may see it whole, for a logged reason; empty: it is not sealed
}

// Sights lists every field of a person with the actions that show it.
//
// law: R1.74
func Sights() []Sight {
	out := []Sight{}
	for _, v := range (Person{}).Masked() {
		s := Sight{Field: v.Name, Label: v.Label, Look: Look}
		if v.sealed {
			s.Clear = Reveals
		}
		out = append(out, s)
	}
	return out
}
