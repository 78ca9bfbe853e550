package complete_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tumpline/tumpline/cmd/internal/cli"
	"github.com/tumpline/tumpline/cmd/internal/complete"
)

func commands() []complete.Command {
	helpful := func(_ context.Context, env *cli.Env) error {
		_, err := fmt.Fprint(env.Out, "usage: emerge [--ask | -p]\n  -a, --ask <y|n>  ask --first\n")
		return err
	}
	return []complete.Command{{Name: "emerge", Short: "merges", Run: helpful, Applet: true}, {Name: "qlist", Run: helpful, Applet: true}, {Name: "plain", Run: helpful}}
}

// ask gives the answer for a command line, its lines joined.
func ask(t *testing.T, vars map[string]string, line string) string {
	t.Helper()
	var out bytes.Buffer
	env := &cli.Env{Streams: cli.Streams{Out: &out}, Name: "completion", Args: []string{"words", "--line", line}, Vars: vars}
	if err := complete.Front(commands)(t.Context(), env); err != nil {
		t.Fatal(err)
	}
	return strings.Join(strings.Fields(out.String()), " ")
}

func TestWords(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"etc/portage/repos.conf":       "[DEFAULT]\nmain-repo=r\n[r]\nlocation=" + dir + "/r\n",
		"etc/portage/sets/mine":        "a/b\n",
		"r/a-b/cc/cc-1.ebuild":         "IUSE=\"+x y\"\n",
		"r/a-b/cd/cd-2.ebuild":         "",
		"r/profiles/use.desc":          "# no\nflag - about it\n",
		"var/db/pkg/a-b/cc-0.9/SLOT":   "0",
		"var/db/pkg/a-b/gone-1-r1/USE": "",
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	vars := map[string]string{"PORTAGE_CONFIGROOT": dir, "ROOT": dir}
	for line, want := range map[string]string{
		"emerge ":               "a-b/ :nospace",
		"emerge c":              "",
		"emerge cc":             "cc a-b",
		"emerge a-b/":           "a-b/cc a-b/cd",
		"/usr/bin/emerge a-b/":  "a-b/cc a-b/cd",
		"emerge -C a-b/":        "a-b/cc a-b/gone",
		"emerge-board a-b/cd":   "a-b/cd",
		"emerge =a-b/c":         "=a-b/cc-1 =a-b/cd-2",
		"qlist =a-b/":           "=a-b/cc-0.9 =a-b/gone-1-r1",
		"emerge !a-b/cd":        "!a-b/cd",
		"emerge a-b/cc[-x,":     "a-b/cc[-x,x a-b/cc[-x,y :nospace",
		"emerge @m":             "@mine @module-rebuild",
		"emerge -":              "--ask --first -a -p",
		"emerge --f":            "--first",
		"tumpline e":            "emerge merges",
		"q l":                   "list",
		"q list a-b/g":          "a-b/gone",
		"tumpline plain x":      ":files",
		"unknown x":             ":files",
		"quse fl":               ":files",
		"emerge":                "",
		"":                      "",
		"emerge ../":            "",
		"emerge a-b/cc[x] a-b/": "a-b/cc a-b/cd",
	} {
		if got := ask(t, vars, line); got != want {
			t.Errorf("%q: %q, want %q", line, got, want)
		}
	}
}

func FuzzWords(f *testing.F) {
	f.Add("emerge a/b[")
	f.Add("q -")
	f.Add("/ ")
	f.Fuzz(func(t *testing.T, line string) {
		ask(t, map[string]string{"PORTAGE_CONFIGROOT": t.TempDir(), "ROOT": "/nonexistent"}, line)
	})
}
