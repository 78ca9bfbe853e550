package resolvertest

import (
	"reflect"
	"strings"
	"testing"

	"github.com/tumpline/tumpline/atoms"
)

func TestSource(t *testing.T) {
	d := &Definition{Eclasses: map[string][]string{
		"a": {"inherit b", `DEPEND="dev-libs/a"`, `IUSE="x"`, `HOMEPAGE="https://a"`, `EXPORT_FUNCTIONS src_compile`},
		"b": {"# comment", "RDEPEND='dev-libs/b'", "b_src_compile() {", "\t:", "}"},
	}}
	tests := []struct {
		name string
		in   map[string]string
		want map[string]string
	}{
		{"defaults", nil, map[string]string{"EAPI": "0", "SLOT": "0", "KEYWORDS": "x86", "DEFINED_PHASES": "-"}},
		{"RDEPEND from DEPEND", map[string]string{"EAPI": "3", "DEPEND": "a/b"},
			map[string]string{"EAPI": "3", "SLOT": "0", "KEYWORDS": "x86", "DEPEND": "a/b", "RDEPEND": "a/b", "DEFINED_PHASES": "-"}},
		{"RDEPEND set", map[string]string{"EAPI": "3", "DEPEND": "a/b", "RDEPEND": ""},
			map[string]string{"EAPI": "3", "SLOT": "0", "KEYWORDS": "x86", "DEPEND": "a/b", "DEFINED_PHASES": "-"}},
		{"RDEPEND of EAPI 4", map[string]string{"EAPI": "4", "DEPEND": "a/b"},
			map[string]string{"EAPI": "4", "SLOT": "0", "KEYWORDS": "x86", "DEPEND": "a/b", "DEFINED_PHASES": "-"}},
		{"classes that the EAPI lacks", map[string]string{"EAPI": "6", "BDEPEND": "a/b", "IDEPEND": "a/c"},
			map[string]string{"EAPI": "6", "SLOT": "0", "KEYWORDS": "x86", "DEFINED_PHASES": "-"}},
		{"expansion", map[string]string{"EAPI": "8", "SRC_URI": "x://${PN}-$PV.tar \\$x\n  y://${P}-${PR}", "KEYWORDS": ""},
			map[string]string{"EAPI": "8", "SLOT": "0", "SRC_URI": "x://pkg-1.2.tar $x y://pkg-1.2-r3", "DEFINED_PHASES": "-"}},
		{"content", map[string]string{"EAPI": "8", "DEPEND": "a/b", "MISC_CONTENT": "inherit a\nDEPEND+=\" a/c\"\nDESCRIPTION='$x'\nRESTRICT=\"test\n  strip\"\n" +
			"pkg_setup() { :; }\nsrc_install() {\n  if x; then\n    y\n  fi\n}\n"},
			map[string]string{"EAPI": "8", "SLOT": "0", "KEYWORDS": "x86", "DEPEND": "a/b a/c dev-libs/a", "RDEPEND": "dev-libs/b", "IUSE": "x", "HOMEPAGE": "https://a",
				"DESCRIPTION": "$x", "RESTRICT": "test strip", "DEFINED_PHASES": "compile install setup", "INHERITED": "b a"}},
	}
	for _, tt := range tests {
		cpv, err := atoms.ParseCPV("cat/pkg-1.2-r3")
		if err != nil {
			t.Fatal(err)
		}
		got, err := source(cpv, tt.in, d)
		if err != nil || !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s: source(%q) = %q, %v, want %q", tt.name, tt.in, got, err, tt.want)
		}
	}
}

func TestSourceRefuses(t *testing.T) {
	d := &Definition{Eclasses: map[string][]string{"bad": {"if x; then"}}}
	for _, tt := range []struct{ content, want string }{
		{"if x; then", "MISC_CONTENT: \"if x; then\" takes a shell"},
		{"inherit none", "MISC_CONTENT: none.eclass: not found"},
		{"inherit bad", "MISC_CONTENT: bad.eclass: \"if x; then\" takes a shell"},
		{"f() {", "MISC_CONTENT: function f has no end"},
		{"A=$(x)", "MISC_CONTENT: A: "},
		{"A=\"${B:-x}\"", "MISC_CONTENT: A: \"$\" in \"${B:-x}\" takes a shell"},
	} {
		_, err := source(atoms.CPV{}, map[string]string{"MISC_CONTENT": tt.content}, d)
		if err == nil || !strings.HasPrefix(err.Error(), tt.want) {
			t.Errorf("source(%q) = %v, want %s...", tt.content, err, tt.want)
		}
	}
}
