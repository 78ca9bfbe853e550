package bash_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/tumpline/tumpline/ebuild/bash"
)

const sample = "n metadata\nsrc_compile 3 /a b.ebuild\nn\nn\n3:set,3: \t\n,4: a b,2: b," +
	"0:,1:d,0:,1:8,0:,0:,0:,0:,0:,0:,0:,0:,0:,0:,1:0,0:,\nn\n"

func TestParseResult(t *testing.T) {
	m, f, err := bash.ParseResult(sample, "n")
	if err != nil || f != nil {
		t.Fatal(f, err)
	}
	if m.Values["DEPEND"] != "d" || m.Values["EAPI"] != "8" || m.Values["SLOT"] != "0" || m.IFS != " \t\n" || !m.IFSSet || m.Jobs {
		t.Errorf("%+v", m)
	}
	if len(m.Functions) != 1 || m.Functions[0] != (bash.Frame{Function: "src_compile", File: "/a b.ebuild", Line: 3}) {
		t.Errorf("%+v", m.Functions)
	}
	for i := 1; i < len(sample); i++ {
		if _, _, err := bash.ParseResult(sample[:i], "n"); !errors.Is(err, bash.ErrForged) {
			t.Errorf("the first %d bytes: %v", i, err)
		}
		if _, _, err := bash.ParseResult(sample[i:], "n"); !errors.Is(err, bash.ErrForged) {
			t.Errorf("from byte %d: %v", i, err)
		}
	}
}

// FuzzParseResult: whatever an ebuild writes is a result or an error.
func FuzzParseResult(f *testing.F) {
	for _, s := range []string{sample, "", "n failure\n3:die,1:m,\nn\n", "n lazy\n1:f,1:e,\nn\n", "n metadata\nn\nn\n-1:,\nn\n", "n metadata\nn\nn\n9999999999999999999:,\nn\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		m, fail, err := bash.ParseResult(text, "n")
		if (m != nil) && (fail != nil) || err == nil && m == nil && fail == nil {
			t.Fatalf("ParseResult(%q) = %v, %v, %v", text, m, fail, err)
		}
	})
}

// FuzzOutline: leaving nothing out gives the text, and lines keep their numbers.
func FuzzOutline(f *testing.F) {
	for _, s := range []string{
		"f() {\n\techo a\n}\n", "# c\nX='\nf() {\n\ta\n}\n'\n", "f() { a; }\n", "f() {\n\tcat <<-E\nx\n\tE\n}\nf\n", "f() {\n", "a \\\n# b\n", "x=`a\n",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		o := bash.NewOutline(text)
		eager := o.Eager(nil)
		got := o.Text(eager, map[string]bool{"f": true}, "___lazy")
		want := strings.Count(text, "\n")
		if n := strings.Count(got, "\n"); n != want && n != want+1 {
			t.Fatalf("Text of %q has %d lines, not %d: %q", text, n, want, got)
		}
		o.Asks(eager)
		if words, plain := o.Plain(eager); plain && strings.Contains(got, "IUSE") && eager["f"] {
			t.Fatalf("Plain of %q gives %v", text, words)
		}
		if c := bash.ParseCommand(o, bash.Parsing{Name: "x", Eager: eager, Cut: true}); strings.Count(c, "\n") < strings.Count(got, "\n") {
			t.Fatalf("ParseCommand of %q has lost lines: %q", text, c)
		}
	})
}

func TestDefines(t *testing.T) {
	for text, want := range map[string]string{
		"f() {\n}\n": "f", "a-b.c+ ( )\n{": "a-b.c+", "x=1; g(){ h() { :; }; }": "g h", "function f {": "f", "function g() {": "g g",
		"functional f": "", "$(f)": "", "( ) f()": "f", "x=\"$(a)\"": "", "function": "", "(": "",
	} {
		if got := strings.Join(bash.Defines(text), " "); got != want {
			t.Errorf("Defines(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestAsks(t *testing.T) {
	for text, want := range map[string]bool{
		"declare -F f\n": true, "typeset -g -f x >/dev/null\n": true, "declare -A f\n": false, "if type f; then :; fi\n": true, "x=$(type -t f)\n": true,
		"x=$(type -P f)\n": false, "DESCRIPTION='what type is it'\n": false, "command -v f\n": true, "command f\n": false, "compgen -A function\n": true,
		"PATH=/x\n": true, "export PATH+=:/x\n": true, "MANPATH=/x\n": false, "# type f\n": false, "f() {\n\ttype g\n}\n": false, "f() {\n\ttype g\n}\nf\n": true,
	} {
		o := bash.NewOutline(text)
		if got := o.Asks(o.Eager(nil)); got != want {
			t.Errorf("Asks(%q) = %v", text, got)
		}
	}
}

func TestPlain(t *testing.T) {
	for text, want := range map[string]bool{
		"X=1\n": true, "IUSE=x\n": false, "X=${BDEPEND}\n": false, "f() {\n\tIUSE=x\n}\n": true, "f() {\n\tIUSE=x\n}\nf\n": false, "eval \"$x\"\n": false,
		"declare \"$x=1\"\n": false, "export ${x}=1\n": false, "export X=\"${Y}\"\n": true, "printf -v \"$x\" a\n": false, "local -n x=y\n": false, "set -e\n": false,
		"\"$x\" y\n": false, "x=${!y}\n": false, "[[ -n ${X} ]] && Y=1\n": true,
		"a_${x} y\n": false, "[[ ${x} ]] && ${y} z\n": false, "X=$(${y})\n": false, "if ! \"${x}\"; then :; fi\n": false, "X=( \"${Y[@]}\" )\n": true,
	} {
		o := bash.NewOutline(text)
		if _, got := o.Plain(o.Eager(nil)); got != want {
			t.Errorf("Plain(%q) = %v", text, got)
		}
	}
}

// TestParseCommand: what the command says of running the eclass again.
func TestParseCommand(t *testing.T) {
	for text, want := range map[string]string{
		"if [[ -z ${_X} ]]; then\n_X=1\nY=2\nfi\n":                                    "_X",
		"# c\nif [[ ! ${_X} ]]; then\n\n_X=1\nif a; then\nb\nfi\n\nfi # end\n":        "_X",
		"case ${EAPI} in\n\t8) ;;\n\t*) die \"${ECLASS}: no\" ;;\nesac\nf() { :; }\n": "ECLASS",
		"case ${EAPI} in\n\t8) X+=1 ;;\nesac\n":                                       "",
		"if [[ -z ${_X} ]]; then\n_X=1\nelse\nY=2\nfi\n":                              "",
		"if [[ -z ${_X} ]]; then\n_X=1\nfi\nEXPORT_FUNCTIONS a\n":                     "",
		"if [[ -z ${_X} ]]; then\n_Y=1\nfi\n":                                         "",
		"if [[ -z ${_X} ]]; then\n_X=1\nif a; then b; fi\nfi\n":                       "_X",
		"if [[ -z ${_X} ]]; then\n_X=1\nY='\nfi\n'\nfi\n":                             "_X",
		"if [[ -z ${_X} ]]; then\n_X=1\n\tfi\nif a; then\nb\nfi\n":                    "",
		"if [[ -z ${_X} ]]; then\n_X=1\ncat <<E\nfi\nE\nfi\n":                         "",
	} {
		o := bash.NewOutline(text)
		c := bash.ParseCommand(o, bash.Parsing{Name: "x"})
		if !strings.HasSuffix(c, "\n___guard['x']='"+want+"'\n") {
			t.Errorf("%q: want %q: %q", text, want, c)
		}
	}
	o := bash.NewOutline("\tX=$(ver_cut 1-2 ${Y})\nZ=$(ver_cut 1 ${Y}).$(ver_cut 2)\n")
	if c := bash.ParseCommand(o, bash.Parsing{Name: "x", Cut: true}); !strings.Contains(c, "'\t___ver_value 1-2 ${Y}; X=${___value}\nZ=$(ver_cut 1 ${Y}).$(ver_cut 2)\n'") {
		t.Errorf("%q", c)
	}
}
