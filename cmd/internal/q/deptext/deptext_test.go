package deptext_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/tumpline/tumpline/cmd/internal/q/deptext"
	"github.com/tumpline/tumpline/cmd/internal/q/loose"
)

func TestWrite(t *testing.T) {
	nodes, err := deptext.Parse(">=a/b-1[x] foo? ( c ) || ( d e? ( f g ) ) !x? ( || ( h ) )")
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	deptext.Write(&b, nodes, 1, &deptext.Style{Highlight: func(a *loose.Atom) bool { return a.PN == "d" }, On: "<", Off: ">"})
	const want = `    >=a/b-1[x]
    foo? ( c )
    || (
        <d>
        e? (
            f
            g
        )
    )
    !x? (
        || ( h )
    )
`
	if b.String() != want {
		t.Errorf("got\n%s\nwant\n%s", b.String(), want)
	}
}

func TestPrune(t *testing.T) {
	nodes, err := deptext.Parse("a x? ( b y? ( c ) ) !x? ( d ) || ( e x? ( f ) )")
	if err != nil {
		t.Fatal(err)
	}
	words := func(enabled ...string) string {
		var out []string
		pruned := deptext.Prune(nodes, func(flag string) bool { return strings.Contains(strings.Join(enabled, " "), flag) })
		deptext.Walk(pruned, func(n *deptext.Node) { out = append(out, n.Text) })
		return strings.Join(out, " ")
	}
	for flags, want := range map[string]string{"": "a d e", "x": "a b e f", "x y": "a b c e f"} {
		if got := words(strings.Fields(flags)...); got != want {
			t.Errorf("with %q: %q, want %q", flags, got, want)
		}
	}
}

func TestBad(t *testing.T) {
	for text, want := range map[string]error{
		"a ( b": deptext.ErrOpen, "a )": deptext.ErrOpen, "|| a": deptext.ErrGroup, "x? y": deptext.ErrGroup, "||": deptext.ErrOpen, "? ( a )": deptext.ErrFlag,
	} {
		if _, err := deptext.Parse(text); !errors.Is(err, want) {
			t.Errorf("Parse(%q): %v, want %v", text, err, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("a x? ( b ) || ( c ( d ) )")
	f.Add("|| ( )")
	f.Fuzz(func(t *testing.T, text string) {
		nodes, err := deptext.Parse(text)
		if err != nil {
			return
		}
		words := 0
		deptext.Walk(nodes, func(*deptext.Node) { words++ })
		if words > len(strings.Fields(text)) {
			t.Errorf("%q has %d atoms", text, words)
		}
		deptext.Write(&strings.Builder{}, nodes, 0, &deptext.Style{Kinds: true})
	})
}
