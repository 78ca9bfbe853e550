package metagen_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tumpline/tumpline/ebuild/metagen"
)

// TestBadInput: what ebuilds may do to the shell and the protocol, without
// confinement. Each has an error of its own, and the next ebuild works.
func TestBadInput(t *testing.T) {
	// Every descriptor that the protocol could have.
	const everywhere = "for fd in {3..255}; do { echo \"$1\" >&$fd; } 2>/dev/null; done\n"
	cases := []struct {
		name, text string
		kind       metagen.Kind
		line       int
		msg        string
	}{
		{"exit0", "exit 0\n", metagen.KindExit, 0, "ended the shell"},
		{"exit1", "f() { exit 1; }; f\n", metagen.KindExit, 0, "ended the shell"},
		{"exec", "exec 1>&- 2>&-\nexec none-such\n", metagen.KindExit, 0, ""},
		{"inherit", "inherit() { :; }\ninherit some\n", metagen.KindRedefined, 4, "inherit must not be redefined"},
		{"source", "\nsource() { :; }\n", metagen.KindRedefined, 5, "source must not be redefined"},
		{"printf", "printf() { echo x; }\nunset() { :; }\ndeclare() { :; }\nbuiltin() { :; }\n", metagen.KindRedefined, 6, "declare must not be redefined"},
		{"report", "___report() { echo x; }\n", metagen.KindExit, 0, ""},
		{"writes", everywhere, metagen.KindForged, 0, "descriptor"},
		{"writes-frame", strings.ReplaceAll(everywhere, "$1", "${___nonce} metadata"), metagen.KindForged, 0, "descriptor"},
		{"closes", "for fd in {3..255}; do eval \"exec ${fd}>&-\"; done\n", metagen.KindExit, 0, ""},
		{"nul", "X=\x00\n", metagen.KindText, 4, "NUL"},
		{"latin1", "HOMEPAGE=\"\xe9\"\n", metagen.KindText, 0, "HOMEPAGE is not UTF-8"},
		{"newline", "IFS=\nHOMEPAGE=$'a\\nSLOT=1'\n", metagen.KindValue, 0, "HOMEPAGE"},
		{"eapi", "EAPI=9\n", metagen.KindEAPI, 1, "PMS 7.3.1"},
		{"missing", "inherit none\n", metagen.KindEclassMissing, 4, "none.eclass"},
		{"circle", "inherit round\n", metagen.KindInheritLoop, 1, "inherits itself"},
		{"readonly", "readonly IUSE=x\ninherit some\n", metagen.KindReadonly, 0, "readonly variable"},
		{"readonly-all", "readonly LC_ALL IFS POSIXLY_CORRECT\n", metagen.KindReadonly, 0, "readonly variable"},
		{"command", "DESCRIPTION=$(date)\n", metagen.KindCommand, 4, "external command date"},
		{"segv", "kill -SEGV ${BASHPID}\n", metagen.KindKilled, 0, "signal 11"},
		{"trap", "trap 'exit 0' EXIT DEBUG\nexit 0\n", metagen.KindExit, 0, ""},
		{"spins", "while :; do echo text; done\n", metagen.KindTimeout, 0, "not done"},
	}
	ebuilds := map[string]string{"innocent": "echo output; echo more >&2\ninherit some\n"}
	for _, c := range cases {
		ebuilds[c.name] = c.text
	}
	r := hostileRepo(t, ebuilds, map[string]string{"some": "IUSE=some\n", "round": "inherit round\n"})
	g := hostileGenerator(t, nil, 6*time.Second)
	for _, c := range cases {
		err := source(g, r, c.name)
		var e *metagen.Error
		if !errors.As(err, &e) {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if e.Kind != c.kind || c.line > 0 && e.Line != c.line || !strings.Contains(e.Msg, c.msg) {
			t.Errorf("%s: %s, line %d: %v\n%s\nwant %s, line %d: %s", c.name, e.Kind, e.Line, e, e.Output, c.kind, c.line, c.msg)
		}
		if err := source(g, r, "innocent"); err != nil {
			t.Errorf("innocent after %s: %v", c.name, err)
		}
	}
}

// TestEAPITricks: the EAPI is known before bash sees the ebuild.
func TestEAPITricks(t *testing.T) {
	g := hostileGenerator(t, nil, 5*time.Second)
	r := hostileRepo(t, map[string]string{"x": ""}, nil)
	path := filepath.Join(r.Location, "hostile/x/x-1.ebuild")
	cpv, err := hostileCPV("x")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		text string
		kind metagen.Kind
		line int
	}{
		{"EAPI=10\nexit 1\n", metagen.KindUnsupported, 1},
		{"EAPI=7;EAPI=8\n", metagen.KindEAPI, 1},
		{"# EAPI=8\nEAPI='8\n'\n", metagen.KindEAPI, 2},
		{"EAPI=8\\\n\n", metagen.KindEAPI, 1},
		{"EAPI=8#\n", metagen.KindEAPI, 1},
		{"export EAPI=8\n", metagen.KindEAPI, 1},
		{"EAPI=8\r\n", metagen.KindEAPI, 1},
		{": <<'X'\nEAPI=8\nX\nEAPI=7\n", metagen.KindEAPI, 1},
	} {
		if err := os.WriteFile(path, []byte(c.text), 0o644); err != nil {
			t.Fatal(err)
		}
		check(t, g, r, cpv, path, metagen.Error{Kind: c.kind, Line: c.line})
	}
}
