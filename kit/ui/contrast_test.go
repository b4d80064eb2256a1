package ui

import (
	"maps"
	"math"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// tokens reads the colours declared under a heading comment of the stylesheet.
func tokens(t *testing.T, css, heading string) map[string]string {
	t.Helper()
	_, rest, ok := strings.Cut(css, heading)
	if !ok {
		t.Fatalf("the stylesheet has no part %q", heading)
	}
	part, _, _ := strings.Cut(rest, "\n/*")
	colours := map[string]string{}
	for _, m := range regexp.MustCompile(`--([a-z-]+): (#[0-9a-f]{6})`).FindAllStringSubmatch(part, -1) {
		colours[m[1]] = m[2]
	}
	return colours
}

// luminance is the relative luminance of WCAG 2.2.
func luminance(hex string) float64 {
	n, err := strconv.ParseUint(hex[1:], 16, 32)
	if err != nil {
		return math.NaN()
	}
	line := func(c uint64) float64 {
		v := float64(c&255) / 255
		if v <= 0.04045 {
			return v / 12.92
		}
		return math.Pow((v+0.055)/1.055, 2.4)
	}
	return 0.2126*line(n>>16) + 0.7152*line(n>>8) + 0.0722*line(n)
}

func contrast(a, b string) float64 {
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

// WCAG 2.2 AA: 4.5 for words (1.4.3), 3 for borders of fields and for what is
// drawn (1.4.11). Elder mode asks 7 for words (1.4.6).
func TestContrast(t *testing.T) {
	source, err := os.ReadFile("assets/unionhall.css")
	if err != nil {
		t.Fatal(err)
	}
	css := string(source)
	light := tokens(t, css, "/* tokens: light */")
	dark := tokens(t, css, "/* tokens: dark, chosen */")
	elder := merged(light, tokens(t, css, "/* tokens: elder, more"))
	elderDark := merged(dark, tokens(t, css, "/* tokens: elder in the dark, chosen */"))
	alike(t, dark, tokens(t, css, "/* tokens: dark, asked for by the system"))
	alike(t, elderDark, tokens(t, css, "/* tokens: elder in the dark, asked"))
	words := strings.Fields(`ink/bg ink/card ink/head ink/hover mute/bg mute/card mute/head mute/hover mute/grey-weak
		red-ink/card red-ink/bg red-ink/red-weak red-ink/hover on-red/red on-red/red-deep blue/card blue/bg blue/hover blue/head
		blue-ink/blue-weak ok/ok-weak ok/card ok/bg warn/warn-weak warn/card bad/bad-weak grey/grey-weak`)
	drawn := strings.Fields(`edge/card edge/bg edge/head a/card b/card ok-mark/card ok-mark/bg warn-mark/card bad-mark/card blue/card red/card red/bg`)
	check := func(theme string, colours map[string]string, pairs []string, least float64) {
		for _, p := range pairs {
			front, back, _ := strings.Cut(p, "/")
			if colours[front] == "" || colours[back] == "" {
				t.Fatalf("%s: no such tokens %s", theme, p)
			}
			if got := contrast(colours[front], colours[back]); got < least {
				t.Errorf("%s: %s is %.2f, less than %.1f", theme, p, got, least)
			}
		}
	}
	check("light", light, words, 4.5)
	check("light", light, drawn, 3)
	check("dark", dark, words, 4.5)
	check("dark", dark, drawn, 3)
	plain := strings.Fields(`ink/bg ink/card ink/head mute/bg mute/card mute/head blue/card blue/bg red-ink/card red-ink/red-weak ok/card`)
	check("elder", elder, plain, 7)
	check("elder, dark", elderDark, plain, 7)
}

func merged(base, over map[string]string) map[string]string {
	m := maps.Clone(base)
	maps.Copy(m, over)
	return m
}

// alike demands that what the system asks for is what a person can choose.
func alike(t *testing.T, chosen, asked map[string]string) {
	t.Helper()
	if len(asked) < 5 {
		t.Errorf("only %d colours read", len(asked))
	}
	for name, c := range asked {
		if chosen[name] != c {
			t.Errorf("--%s is %s when the system is dark and %s when dark is chosen", name, c, chosen[name])
		}
	}
}
