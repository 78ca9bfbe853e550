package build

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"

	"github.com/tumpline/tumpline/ebuild"
)

// revisions gives the commits of the ebuild's repository and its masters, as a JSON
// object: of those that are synchronised with git.
func (m *Making) revisions(p *ebuild.Package) string {
	found := make(map[string]string)
	if repo := m.Session.Repos.Get(p.Repo); repo != nil {
		for _, r := range append([]*ebuild.Repository{repo}, repo.Masters...) {
			if c := m.Root().Config.Repos().Get(r.Name); c != nil && c.Option("sync-type") == "git" {
				if head := gitHead(r.Location); head != "" {
					found[r.Name] = head
				}
			}
		}
	}
	text, err := json.Marshal(found) // keys are sorted
	if err != nil {
		return "{}"
	}
	return string(text)
}

// gitHead gives the commit that is checked out in a folder; "" if it is none.
func gitHead(dir string) string {
	git := filepath.Join(dir, ".git")
	text, err := os.ReadFile(filepath.Join(git, "HEAD"))
	if err != nil {
		return ""
	}
	head := strings.TrimSpace(string(text))
	ref, ok := strings.CutPrefix(head, "ref: ")
	if !ok {
		return head
	}
	if text, err := os.ReadFile(filepath.Join(git, ref)); err == nil {
		return strings.TrimSpace(string(text))
	}
	packed, err := os.ReadFile(filepath.Join(git, "packed-refs"))
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(packed)) {
		if sum, name, ok := strings.Cut(strings.TrimSpace(line), " "); ok && name == ref {
			return sum
		}
	}
	return ""
}
