package emerge

import (
	"path"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tumpline/tumpline/atoms"
)

type fakeFiles struct{ existing string }

func (f fakeFiles) Exists(p string) bool { return p == f.existing }
func (f fakeFiles) Abs(p string) string {
	if path.IsAbs(p) {
		return path.Clean(p)
	}
	return path.Join("/here", p)
}

func TestClassifyTargets(t *testing.T) {
	for _, c := range []struct {
		word, exists string
		kind         TargetKind
		text         string // of the atom, set or path; "" if the word is refused
	}{
		{"app-shells/bash", "", TargetAtom, "app-shells/bash"},
		{">=app-shells/bash-5.2:0::repo[readline]", "", TargetAtom, ">=app-shells/bash-5.2:0::repo[readline]"},
		{"=app-shells/bash-5.2-1", "", TargetAtom, "=app-shells/bash-5.2-1"},
		{"bash", "", TargetName, "null/bash"},
		{">=bash-5:0", "", TargetName, ">=null/bash-5:0"},
		{"bash::a/b", "", 0, ""},
		{"@world", "", TargetSet, "world"},
		{"world", "", TargetSet, "world"},
		{"system", "", TargetSet, "system"},
		{"/usr/bin/x", "", TargetFile, "/usr/bin/x"},
		{"./x", "./x", TargetFile, "/here/x"},
		{"../x", "../x", TargetFile, "/x"},
		{"./x", "", 0, ""},
		{"a/b/b-1.ebuild", "a/b/b-1.ebuild", TargetEbuild, "/here/a/b/b-1.ebuild"},
		{"b-1.tbz2", "b-1.tbz2", TargetBinary, "/here/b-1.tbz2"},
		{"b-1.gpkg.tar", "b-1.gpkg.tar", TargetBinary, "/here/b-1.gpkg.tar"},
		{"a/b-1", "", 0, ""},
		{"!a/b", "", 0, ""},
		{"a/*", "", 0, ""},
		{">=app-shells/bash", "", 0, ""},
		{"", "", 0, ""},
		{"bash:", "", 0, ""},
		{"\xff", "", 0, ""},
	} {
		targets, bad := classifyTargets([]string{c.word}, fakeFiles{c.exists})
		if c.text == "" {
			if bad != c.word || targets != nil {
				t.Errorf("classifyTargets(%q) = %+v, want a refusal", c.word, targets)
			}
			continue
		}
		if len(targets) != 1 {
			t.Errorf("classifyTargets(%q): refused", c.word)
			continue
		}
		got := targets[0]
		text := got.Set + got.Path
		if got.Atom != nil {
			text = got.Atom.String()
		}
		if got.Kind != c.kind || text != c.text {
			t.Errorf("classifyTargets(%q) = %s %q, want %s %q", c.word, got.Kind, text, c.kind, c.text)
		}
	}
}

type fakeNames []atoms.CP

func (f fakeNames) Named(name string) ([]atoms.CP, error) {
	var out []atoms.CP
	for _, cp := range f {
		if cp.Name() == name {
			out = append(out, cp)
		}
	}
	return out, nil
}

func TestExpand(t *testing.T) {
	names := fakeNames{"app-arch/tar", "app-shells/bash", "dev-libs/tar"}
	for _, c := range []struct{ word, want string }{
		{"bash", "app-shells/bash"},
		{">=bash-5:0[x]", ">=app-shells/bash-5:0[x]"},
		{"app-shells/zsh", "app-shells/zsh"},
		{"nothing", "null/nothing"},
		{"tar", "app-arch/tar dev-libs/tar"},
	} {
		targets, _ := classifyTargets([]string{c.word}, fakeFiles{})
		got, candidates, err := targets[0].Expand(names)
		if err != nil {
			t.Fatal(err)
		}
		text := got.Atom.String()
		if candidates != nil {
			var list []string
			for _, cp := range candidates {
				list = append(list, string(cp))
			}
			text = strings.Join(list, " ")
		}
		if diff := cmp.Diff(c.want, text); diff != "" {
			t.Errorf("Expand(%q) (-want +got):\n%s", c.word, diff)
		}
	}
}
