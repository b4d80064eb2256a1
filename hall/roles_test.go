package hall_test

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"unionhall/hall"
	"unionhall/kit/auth"
)

var update = flag.Bool("update", false, "write the golden files anew")

// Who may do what, a line a right: a new right shows as one new line.
func TestRoles(t *testing.T) {
	var b strings.Builder
	roles := hall.Roles()
	for _, o := range auth.Offices {
		acts := slices.Sorted(slices.Values(roles[o]))
		fmt.Fprintf(&b, "%s %s\n", o, o.Label())
		for i, a := range acts {
			if i > 0 && acts[i-1] == a {
				t.Errorf("%s has %s twice", o, a)
			}
			fmt.Fprintf(&b, "\t%s\n", a)
		}
	}
	const file = "testdata/roles.txt"
	if *update {
		if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got := b.String(); got != string(want) {
		t.Errorf("the rights are no longer those of %s; if that is meant, go test ./hall -run TestRoles -update\n%s", file, got)
	}
}

// deeds are the actions that change something, by what the routes say.
func deeds(t *testing.T) map[auth.Action]bool {
	out := map[auth.Action]bool{}
	for _, rt := range one().house.Routes() {
		if rt.Do.Writes() && rt.Needs != auth.Anyone {
			out[rt.Needs] = true
		}
	}
	if len(out) < 10 {
		t.Fatal("too few deeds:", out)
	}
	return out
}

// PL-07: system, security and audit administrators are three people, none of
// whom can do the others' acts, and none of whom is shown members.
func TestThreeAdministrators(t *testing.T) {
	roles, acts := hall.Roles(), deeds(t)
	three := []auth.Office{auth.Admin, auth.Security, auth.Auditing}
	for i, a := range three {
		for _, act := range roles[a] {
			for _, b := range three[i+1:] {
				if acts[act] && slices.Contains(roles[b], act) {
					t.Errorf("%s and %s may both do %s", a, b, act)
				}
			}
			if strings.HasPrefix(string(act), "members.") || strings.HasPrefix(string(act), "imports.") {
				t.Errorf("%s may do %s", a, act)
			}
		}
	}
	s := one()
	name := s.first(t, `SELECT name FROM members WHERE tenant_id = 2106000001 AND id NOT IN (SELECT member_id FROM accounts WHERE member_id IS NOT NULL) ORDER BY id DESC`)
	if a := s.as(t, "officer").get(t, "/search?q="+name); !strings.Contains(string(a.body), members) {
		t.Fatalf("the officer finds nobody: %s", a)
	}
	for _, login := range []string{"admin", "security", "audit"} {
		if a := s.as(t, login).get(t, "/search?q="+name); a.code != 200 || strings.Contains(string(a.body), members) {
			t.Errorf("%s finds members: %s", login, a)
		}
		if a := s.as(t, login).get(t, "/"); strings.Contains(string(a.body), members) {
			t.Errorf("the work table shows %s members: %s", login, a)
		}
	}
}
