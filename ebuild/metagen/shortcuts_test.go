package metagen_test

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/ebuild/metagen"
)

// A shortcut is an ebuild whose metadata shows whether something that shared
// shells do not do is missed.
type shortcut struct {
	name, text string
	want       string // a line of the entry
}

// shortcutEclasses are what the ebuilds of shortcuts inherit.
func shortcutEclasses() map[string]string {
	once := func(name, text string) string {
		return "case ${EAPI} in\n\t7|8) ;;\n\t*) die \"${ECLASS}: EAPI ${EAPI:-0} not supported\" ;;\nesac\n\nif [[ -z ${_" + name +
			"_ECLASS} ]]; then\n_" + name + "_ECLASS=1\n\n" + text + "\nfi\n"
	}
	function := func(name, command string) string {
		return name + "() {\n\t" + command + "\n\t: a function that is long enough, so that a shorter one is worth its while instead\n}\n"
	}
	return map[string]string{
		"text":  once("TEXT", function("text_a", "echo a")+function("text_b", "echo b")+function("text_both", "text_a; text_b")),
		"other": once("OTHER", function("text_a", "echo other")),
		"flags": once("FLAGS", function("flags_set", "IUSE+=\" $1\"")+function("flags_guess", "IUSE+=\" $1\"")),
		// It neither sees nor sets IUSE by itself.
		"user":    once("USER", "inherit flags\nflags_set user\n"),
		"guesser": once("GUESSER", "inherit flags\nguess=flags_guess\n${guess} guessed\n"),
		"nested":  once("NESTED", "inherit flags user text\nIUSE+=' nested'\n"),
		"count":   once("COUNT", "COUNT+=x\nif [[ ${COUNT} == xx ]]; then\n\tCOUNT+=y\nfi\n"),
		"always":  once("ALWAYS", "FIRST=1") + "COUNT+=x\n",
		"branch":  "if [[ -z ${_BRANCH_ECLASS} ]]; then\n_BRANCH_ECLASS=1\nCOUNT+=a\nelse\nCOUNT+=b\nfi\n",
		"export":  function("export_src_compile", "echo compile") + "EXPORT_FUNCTIONS src_compile\n",
		"last":    "[[ -n ${NONE} ]] && X=1\n" + function("last_f", "echo last"),
		"cut":     "CUT=$(ver_cut 1-2)\nONE=$(ver_cut 1 ${LONG})\nEND=$(ver_cut 2- \"${LONG}\")\n",
		"ownver":  function("ver_cut", "echo own"),
		"argv":    "argv_f() { HOMEPAGE=${BASH_ARGV[*]:0:2}; }\nargv_f c d\n",
		"wild":    "wild_list=$(declare -F)\n" + function("wild_f", "echo wild"),
	}
}

func shortcuts() []shortcut {
	return []shortcut{
		{"called", "inherit text\nHOMEPAGE=$(text_both)\n", "HOMEPAGE=a b"},
		{"composed", "inherit text\nx=text\nHOMEPAGE=$(${x}_b)\n", "HOMEPAGE=b"},
		{"hidden", "inherit text\nx=text_\nHOMEPAGE=$(${x}a 2>/dev/null || echo failed)\n", "HOMEPAGE=a"},
		{"two", "inherit text other\nx=text_a\nHOMEPAGE=$(${x})\n", "HOMEPAGE=other"},
		{"two-again", "inherit other text\nx=text_a\nHOMEPAGE=$(${x})\n", "HOMEPAGE=a"},
		{"own-before", "text_a() { echo own; }\ninherit text\nx=text_a\nHOMEPAGE=$(${x})\n", "HOMEPAGE=a"},
		{"own-after", "inherit text\ntext_a() { echo own; }\nHOMEPAGE=$(text_a)\n", "HOMEPAGE=own"},
		{"own-function", "function text_b { echo own; }\ninherit text\nx=text_b\nHOMEPAGE=$(${x})\n", "HOMEPAGE=b"},
		{"asks", "inherit text\nx=text\ndeclare -F ${x}_a >/dev/null && HOMEPAGE=yes\n", "HOMEPAGE=yes"},
		{"asks-type", "inherit text\nx=text\nif type ${x}_a &>/dev/null; then HOMEPAGE=yes; fi\n", "HOMEPAGE=yes"},
		{"asks-command", "inherit text\nx=text\nHOMEPAGE=$(command -v ${x}_b)\n", "HOMEPAGE=text_b"},
		{"asks-eclass", "inherit text wild\nHOMEPAGE=${wild_list//[!_]*text_b/x}\n[[ ${wild_list} == *text_b* ]] && HOMEPAGE=yes\n", "HOMEPAGE=yes"},
		{"path", "inherit text\nPATH=/none\nx=text_a\nHOMEPAGE=$(${x})\n", "HOMEPAGE=a"},
		{"user", "IUSE=own\ninherit user\n", "IUSE=own user"},
		{"guesser", "inherit guesser\nIUSE=own\n", "IUSE=own guessed"},
		{"nested", "inherit nested\nIUSE=own\n", "IUSE=own user nested"},
		{"repeat", "inherit count text count\ninherit count\nHOMEPAGE=${COUNT}\n", "HOMEPAGE=x"},
		{"repeat-unset", "inherit count\nunset _COUNT_ECLASS\ninherit count\nHOMEPAGE=${COUNT}\n", "HOMEPAGE=xxy"},
		{"repeat-explicit", "inherit count\ninherit count\n", "INHERIT=count count"},
		{"always", "inherit always always\nHOMEPAGE=${COUNT}\n", "HOMEPAGE=xx"},
		{"branch", "inherit branch branch\nHOMEPAGE=${COUNT}\n", "HOMEPAGE=ab"},
		{"export", "inherit export text\nHOMEPAGE=x\n", "DEFINED_PHASES=compile"},
		{"last", "inherit last\nx=last_f\nHOMEPAGE=$(${x})\n", "HOMEPAGE=last"},
		{"cut", "LONG=3.4_p1\ninherit cut\nHOMEPAGE=${CUT}/${ONE}/${END}\n", "HOMEPAGE=1/3/4_p1"},
		{"cut-unset", "inherit cut\nHOMEPAGE=${CUT}/${ONE}\n", "HOMEPAGE=1/1"},
		{"cut-own", "inherit ownver cut\nHOMEPAGE=${CUT}\n", "HOMEPAGE=own"},
		{"cut-mine", "ver_cut() { echo mine; }\ninherit cut\nHOMEPAGE=${CUT}\n", "HOMEPAGE=mine"},
		{"option", "inherit text\nHOMEPAGE=$(shopt extdebug)\n", "HOMEPAGE=extdebug on"},
		{"arguments", "f() { HOMEPAGE=${BASH_ARGV[*]:0:2}; }\nf a b\n", "HOMEPAGE=b a"},
		{"arguments-eclass", "inherit argv\n", "HOMEPAGE=d c"},
		{"flags", "HOMEPAGE=${-//[!ET]}\n", "HOMEPAGE=ET"},
		{"debug", "f() { return 0; }\ntrap 'HOMEPAGE+=x' DEBUG\nf\ntrap - DEBUG\n", "HOMEPAGE=xxxx"},
		{"has", "x=$'a\\037b'\nhas a \"${x}\" || has '' || has c || HOMEPAGE+=no\nhas \"${x}\" c \"${x}\" && has '' a '' && has 'a b' c 'a b' && HOMEPAGE+=yes\n", "HOMEPAGE=noyes"},
		{"cuts", "HOMEPAGE=$(ver_cut 2-3 1.2.3.4)-$(ver_cut 0-1 .1.2)-$(ver_cut 1-9 1.2_p)-$(ver_cut 3 1.2)-$(ver_cut 2 1..2)\n", "HOMEPAGE=2.3-.1-1.2_p--2"},
	}
}

// entryText makes an entry as text.
func entryText(t *testing.T, g *metagen.Generator, r *ebuild.Repository, name string) string {
	t.Helper()
	cpv, err := hostileCPV(name)
	if err != nil {
		t.Fatal(err)
	}
	e, err := g.Entry(t.Context(), r, cpv, filepath.Join(r.Location, "hostile", name, name+"-1.ebuild"))
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return ""
	}
	return e.Text()
}

// TestShortcuts: what shells leave out makes no difference. A generator that has
// just been made sources eclasses from their files.
func TestShortcuts(t *testing.T) {
	texts := map[string]string{}
	for _, s := range shortcuts() {
		texts[s.name] = s.text
	}
	r := hostileRepo(t, texts, shortcutEclasses())
	shared := hostileGenerator(t, nil, 20*time.Second)
	for round := range 3 {
		for _, s := range shortcuts() {
			got := entryText(t, shared, r, s.name)
			if !strings.Contains(got, s.want+"\n") {
				t.Errorf("round %d, %s: no line %s in\n%s", round, s.name, s.want, got)
			}
		}
	}
	for _, s := range shortcuts() {
		fresh := hostileGenerator(t, nil, 20*time.Second)
		if want, got := entryText(t, fresh, r, s.name), entryText(t, shared, r, s.name); got != want {
			t.Errorf("%s:\n%s", s.name, difference(want, got))
		}
		fresh.Close()
	}
}
