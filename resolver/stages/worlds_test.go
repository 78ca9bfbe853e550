package stages_test

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/tumpline/tumpline/resolver/stages"
	"github.com/tumpline/tumpline/resolver/universe"
)

var update = flag.Bool("update", false, "rewrite what testdata wants")

func lines(data []byte) []string {
	var out []string
	for line := range strings.Lines(string(data)) {
		if line = strings.TrimSpace(line); line != "" {
			out = append(out, line)
		}
	}
	return out
}

// readQuestion reads a world: ebuilds, what is installed, arguments, policy,
// files of the configuration.
func readQuestion(t *testing.T, a *txtar.Archive) *question {
	q := &question{}
	for _, f := range a.Files {
		switch f.Name {
		case "repo":
			q.ebuilds = lines(f.Data)
		case "installed":
			q.installed = lines(f.Data)
		case "binary":
			q.binaries = lines(f.Data)
		case "sdk":
			q.sdk, q.cross = lines(f.Data), true
		case "args":
			q.args = lines(f.Data)
		case "policy":
			q.policy = string(f.Data)
		case "sdk-policy":
			q.running = string(f.Data)
		case "want":
		default:
			if !strings.HasPrefix(f.Name, "profile/") {
				t.Fatalf("section %q is unknown", f.Name)
			}
			q.files = map[string][]string{f.Name: lines(f.Data)}
		}
	}
	return q
}

func names(list []*universe.Pkg) string {
	var out []string
	for _, p := range list {
		out = append(out, p.CPV.String())
	}
	return strings.Join(out, " ")
}

// answerText tells an answer line by line.
func answerText(a *stages.Answer) []string {
	switch {
	case a == nil:
		return []string{"not circular"}
	case a.Plan != nil:
		return merges(a)
	}
	out := []string{"no plan"}
	if a.Problem != "" {
		out = append(out, "problem "+a.Problem)
	}
	for _, c := range a.Cycles {
		if c.Solved {
			continue
		}
		word := "uncut "
		if c.Unproved {
			word = "perhaps uncut "
		}
		out = append(out, word+names(c.Members))
		for _, o := range c.Outside {
			out = append(out, "outside "+names(o))
		}
		for _, f := range c.Forbidden {
			out = append(out, "fixed "+f.Pkg.CPV.String()+"["+f.Flag+"]: "+f.Reason)
		}
	}
	return out
}

// TestWorlds answers the worlds of testdata.
func TestWorlds(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no worlds", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			a, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			q := readQuestion(t, a)
			got := answerText(q.ask(t, nil))
			want := &a.Files[len(a.Files)-1]
			if slices.Equal(got, lines(want.Data)) {
				return
			}
			if !*update {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), want.Data)
				return
			}
			want.Data = []byte(strings.Join(got, "\n") + "\n")
			if err := os.WriteFile(file, txtar.Format(a), 0o644); err != nil {
				t.Fatal(err)
			}
		})
	}
}
