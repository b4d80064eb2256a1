package books

import (
	"testing"

	"pgregory.net/rapid"
	"unionhall/kit/day"
	"unionhall/kit/money"
	"unionhall/law"
)

func TestDepreciation(t *testing.T) {
	d := Depreciation{Cost: 6000_00, Years: 6, From: "2024-03-31"}
	for _, c := range []struct {
		law  string
		on   day.Day
		out  day.Day
		want money.Fen
	}{
		{"F3.9 the month before", "2024-02-29", "", 0},
		{"F3.9 the month of addition counts", "2024-03-01", "", 83_33},
		{"F3.9 any month", "2027-08-15", "", 83_33},
		{"F3.9 the last but one", "2030-01-31", "", 83_33},
		{"F3.9 the 72nd takes the rest", "2030-02-01", "", 83_57},
		{"F3.9 stops when full", "2030-03-01", "", 0},
		{"F3.9 the month before removal", "2025-04-30", "2025-05-01", 83_33},
		{"F3.9 the month of removal does not count", "2025-05-31", "2025-05-01", 0},
		{"F3.9 after it", "2025-06-01", "2025-05-31", 0},
	} {
		if got := d.On(c.on, c.out); got != c.want {
			t.Errorf("%s: %s", c.law, got)
		}
	}
	if d.Through("2030-02-28", "") != 6000_00 || d.Through("2040-01-01", "") != 6000_00 || d.Through("2024-02-01", "") != 0 || d.Through("2030-01-01", "2024-05-05") != 166_66 {
		t.Error("F3.9 what is written off")
	}
	if (Depreciation{Cost: 5, From: "2024-01-01"}).On("2024-01-01", "") != 0 {
		t.Error("F3.9 without years")
	}
}

// F3.9: of whatever cost and life the months add up to the cost, none is
// negative, and all but the last are alike until it is used up.
func TestDepreciationAddsUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := Depreciation{Cost: money.Fen(rapid.Int64Range(0, 1_000_000_000_00).Draw(t, "cost")), Years: rapid.IntRange(1, 50).Draw(t, "years"), From: "2022-01-15"}
		var sum money.Fen
		for n := 0; n <= d.Months()+1; n++ {
			m := d.Month(n)
			if m < 0 {
				t.Fatalf("month %d is %s", n, m)
			}
			sum += m
		}
		if sum != d.Cost {
			t.Fatalf("%s of %s", sum, d.Cost)
		}
		u := Units{Cost: d.Cost, Total: rapid.Int64Range(1, 1_000_000).Draw(t, "units")}
		half := rapid.Int64Range(0, u.Total).Draw(t, "half")
		if u.Between(0, half)+u.Between(half, u.Total+5) != d.Cost || u.Between(u.Total, u.Total+1) != 0 {
			t.Fatalf("units of %s", d.Cost)
		}
	})
}

func TestDepreciates(t *testing.T) {
	for _, c := range []struct {
		law    string
		system System
		kind   string
		cost   money.Fen
		want   bool
	}{
		{"F3.9 a computer", A21, "计算机设备", 6000_00, true},
		{"F3.9 2009 books none", A09, "计算机设备", 6000_00, false},
		{"F3.9 a relic", A21, "文物", 6000_00, false},
		{"F3.9 plants and animals", A21, "动植物", 6000_00, false},
		{"F3.9 books", A21, "图书档案", 6000_00, false},
		{"F3.9 land booked apart", A21, "单独入账的土地", 6000_00, false},
		{"F3.7 the nominal yuan", A21, "计算机设备", Nominal, false},
	} {
		if got := Depreciates(c.system, c.kind, c.cost); got != c.want {
			t.Errorf("%s: %v", c.law, got)
		}
	}
	if l, ok := LifeOf("通用设备", "计算机设备"); !ok || l.MinYears != 6 || l.MaxYears != 0 || len(Lives()) != 30 {
		t.Errorf("F3.9 附录2: %+v of %d", l, len(Lives()))
	}
	if l, ok := LifeOf("专用设备", "体育设备"); !ok || l.MinYears != 5 || l.MaxYears != 15 {
		t.Errorf("F3.9 附录2: %+v", l)
	}
	if _, ok := LifeOf("专用设备", "计算机设备"); ok {
		t.Error("a line of the table that is none")
	}
}

func TestThresholds(t *testing.T) {
	for _, c := range []struct {
		law           string
		on            day.Day
		price         money.Fen
		special, bulk bool
		want          bool
	}{
		{"F3.8 general from 1,000", "2022-01-01", 1000_00, false, false, true},
		{"F3.8 general below", "2022-01-01", 999_99, false, false, false},
		{"F3.8 special from 1,500", "2022-01-01", 1500_00, true, false, true},
		{"F3.8 special below", "2022-01-01", 1499_99, true, false, false},
		{"F3.8 bulk", "2022-01-01", 10_00, false, true, true},
		{"F3.8 2009: from 500", "2021-12-31", 500_00, false, false, true},
		{"F3.8 2009: special from 800", "2021-12-31", 799_99, true, false, false},
	} {
		got, err := IsAsset(law.Shipped, law.Nation, c.on, c.price, c.special, true, c.bulk)
		if got != c.want || err != nil {
			t.Errorf("%s: %v, %v", c.law, got, err)
		}
	}
	if got, err := IsAsset(law.Shipped, law.Nation, "2022-01-01", 9999_00, false, false, false); got || err != nil {
		t.Errorf("F3.8 used up within the year: %v, %v", got, err)
	}
	if got, err := MayExpense(law.Shipped, law.Nation, "2022-01-01", 999_99, false); !got || err != nil {
		t.Errorf("F3.8 a cheap intangible: %v, %v", got, err)
	}
	if got, err := MayExpense(law.Shipped, law.Nation, "2022-01-01", 1000_00, false); got || err != nil {
		t.Errorf("F3.8 a dear one: %v, %v", got, err)
	}
	if _, err := MayExpense(law.Shipped, law.Nation, "2021-12-31", 1, false); err == nil {
		t.Error("F3.8 intangibles have no threshold in 2009")
	}
}
