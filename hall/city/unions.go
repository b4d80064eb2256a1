package city

import (
	"context"
	"fmt"
	"strings"

	"unionhall/grassroots/registry"
	"unionhall/kit/audit"
	"unionhall/kit/ident"
	"unionhall/kit/sqldb"
)

// plan thinks up the unions: the organs, the institutions, and where more are
// wanted the units of districts; a few large ones have branches below them.
func (m *making) plan() {
	m.unions = m.unions[:0]
	units := append(append([]string{}, bureaus...), institutions...)
	for i := 0; len(units) < m.Unions; i++ {
		units = append(units, string(villages[2*i%len(villages)])+string(villages[(2*i+1+i/9)%len(villages)])+fmt.Sprintf("区第%d单位", i+1))
	}
	for i, unit := range units[:m.Unions] {
		m.unions = append(m.unions, m.think(i, unit))
	}
	m.share()
}

// inCity puts the city's name where it belongs: 滨江市财政局, 民革滨江市委.
func inCity(unit string) string {
	if strings.HasPrefix(unit, "市") {
		return "滨江" + unit
	}
	if at := strings.Index(unit, "市委"); at > 0 {
		return unit[:at] + "滨江" + unit[at:]
	}
	return "滨江市" + unit
}

func (m *making) think(i int, unit string) union {
	institution := i >= len(bureaus)
	u := registry.Union{
		ID: m.id(), Name: inCity(unit) + "机关工会", ShortName: unit, Kind: registry.Base, OrganKind: "government", Nature: "500",
		State: registry.Standing, OwnAccount: true, Region: Region, Industry: "19",
		Address: fmt.Sprintf("滨江市振兴大街%d号", 2*i+1), Phone: fmt.Sprintf("0415-20%05d", i),
		PartyOrg: "中共滨江" + unit + "机关委员会",
	}
	if institution {
		u.OrganKind, u.Nature = "institution", "400"
		if unit != "市图书馆" && unit != "市中心医院" { // as the table of unions that offices bring calls them
			u.Name = inCity(unit) + "工会"
		}
	}
	u.Founded = m.between("1984-03-01", "2019-12-20")
	switch {
	case strings.HasPrefix(unit, "民") || strings.HasPrefix(unit, "致公") || strings.HasPrefix(unit, "九三") || strings.HasPrefix(unit, "农工"):
		u.Kind, u.OrganKind, u.OwnAccount = registry.Single, "party", false
	case institution && i%20 == 15 && u.Name == inCity(unit)+"工会":
		u.Kind, u.Name = registry.Joint, inCity(unit)+"联合工会"
	}
	out := union{Union: u, parent: m.root}
	if i%9 == 4 && u.Kind == registry.Base && u.Founded < "2018-06-01" {
		out.renamed = strings.Replace(u.Name, "滨江", "滨江市原", 1)
	}
	return out
}

// share deals the members out: organs are small, hospitals and the police
// large; and puts some institutions below the organ that leads them.
func (m *making) share() {
	weights, sum := make([]int, len(m.unions)), 0
	for i, u := range m.unions {
		w := 20 + m.rand.IntN(120)
		switch {
		case u.Kind == registry.Single:
			w = 2 + m.rand.IntN(4)
		case strings.Contains(u.Name, "医院") || strings.Contains(u.Name, "公安") || strings.Contains(u.Name, "学院") || strings.Contains(u.Name, "税务"):
			w = 500 + m.rand.IntN(400)
		}
		weights[i] = w
		sum += w
	}
	left := m.Members
	for i := range m.unions {
		n := weights[i] * m.Members / sum
		m.unions[i].size = max(n, 3)
		left -= m.unions[i].size
	}
	m.unions[m.index("市公安局", 0)].size += max(left, 0)
	for _, pair := range [][2]string{
		{"市第一医院", "市卫生健康委员会"}, {"市中医院", "市卫生健康委员会"}, {"市妇幼保健院", "市卫生健康委员会"}, {"市疾病预防控制中心", "市卫生健康委员会"},
		{"市第一中学", "市教育局"}, {"市第二中学", "市教育局"}, {"市实验小学", "市教育局"}, {"市图书馆", "市文化旅游和广播电视局"}, {"市博物馆", "市文化旅游和广播电视局"},
	} {
		c, p := m.index(pair[0], 0), m.index(pair[1], 0)
		if c > p && p > 0 {
			if m.chance(40) && m.unions[p].Founded < "2019-01-01" {
				m.unions[c].moved = m.unions[p].ID // stood under the committee until 2024
			} else {
				m.unions[c].parent = m.unions[p].ref()
			}
		}
	}
}

// found writes the unions with their history.
func (m *making) found(ctx context.Context, tx *sqldb.Tx) error {
	moves := audit.Moves{}
	first, err := registry.Next(ctx, tx, Tenant, "union", "", int64(len(m.unions)))
	if err != nil {
		return err
	}
	for i := range m.unions {
		u := &m.unions[i]
		u.Code = fmt.Sprintf("%s%06d", Region, first+int64(i))
		if m.chance(85) && u.Kind != registry.Single {
			u.USCC = ident.CheckedUSCC(fmt.Sprintf("81%sMC%06d", Region, 1000+i))
		}
		u.ParentID = u.parent.ID
		u.Staff = int64(u.size + u.size/20)
		u.Leader = personName(m.rand, m.chance(30))
		u.Version = 1
		first := u.Union
		if u.renamed != "" {
			first.Name = u.renamed
		}
		if err := registry.Insert(ctx, tx, m.g, moves, first, "founded", u.Founded, fmt.Sprintf("滨直工〔%s〕%d号", u.Founded[:4], 1+i%60), "建会"); err != nil {
			return fmt.Errorf("%s: %w", u.Name, err)
		}
	}
	if err := moves.Write(ctx, tx, m.g, m.root.ID, map[string]any{"unions": len(m.unions)}, m.at); err != nil {
		return err
	}
	return m.reform(ctx, tx)
}

// reform tells of the organs' reform of 2019, by the acts of today: some
// unions were called otherwise before, some stood elsewhere.
func (m *making) reform(ctx context.Context, tx *sqldb.Tx) error {
	paper := registry.Paper{Day: "2019-03-01", Document: "滨编办发〔2019〕7号", Reason: "机构改革"}
	for i := range m.unions {
		u := &m.unions[i]
		if u.renamed != "" {
			now, err := registry.Rename(ctx, tx, m.g.For(registry.Change), u.ID, 1, registry.Naming{Name: u.Name, ShortName: u.ShortName}, paper, m.at)
			if err != nil {
				return fmt.Errorf("%s: %w", u.Name, err)
			}
			u.Union = now
		}
		if u.moved == "" {
			continue
		}
		p := paper
		p.Day, p.Document, p.Reason = "2024-06-20", "滨直工〔2024〕31号", "理顺隶属关系"
		now, err := registry.Move(ctx, tx, m.g.For(registry.Change), u.ID, u.Version, u.moved, p, m.at)
		if err != nil {
			return fmt.Errorf("%s: %w", u.Name, err)
		}
		u.Union = now
	}
	return nil
}
