package scaletest

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Write writes the tree below dir as one root: the repository with its
// md5-cache and no ebuilds in repo, its profile, the configuration in
// etc/portage, the installed packages in var/db/pkg and the world file. What is
// written names no path but those below dir.
func (t *Tree) Write(dir string) error {
	w := &writer{dir: dir, made: make(map[string]bool)}
	t.writeRepository(w)
	t.writeConfiguration(w)
	for _, p := range t.Installed {
		entry := "var/db/pkg/" + p.CPV.String() + "/"
		for key, value := range p.Metadata {
			w.file(entry+key, value)
		}
		w.file(entry+"CATEGORY", p.CPV.CP.Category())
		w.file(entry+"PF", p.CPV.PF())
		w.file(entry + "CONTENTS")
	}
	w.file("var/lib/portage/world", t.World...)
	return w.err
}

func (t *Tree) writeRepository(w *writer) {
	var cats []string
	for _, p := range t.Ebuilds {
		cats = append(cats, p.CPV.CP.Category())
		var lines []string
		for _, key := range slices.Sorted(maps.Keys(p.Metadata)) {
			if p.Metadata[key] != "" {
				lines = append(lines, key+"="+p.Metadata[key])
			}
		}
		w.file("repo/metadata/md5-cache/"+p.CPV.String(), append(lines, "_md5_=d41d8cd98f00b204e9800998ecf8427e")...)
	}
	slices.Sort(cats)
	w.file("repo/metadata/layout.conf", "masters =", "cache-formats = md5-dict", "thin-manifests = true")
	w.file("repo/profiles/repo_name", Repo)
	w.file("repo/profiles/eapi", "8")
	w.file("repo/profiles/categories", slices.Compact(cats)...)
	w.file("repo/profiles/arch.list", Arch, "arm64", "riscv", "x86")
	w.file("repo/profiles/license_groups", "FREE GPL-2")
}

func (t *Tree) writeConfiguration(w *writer) {
	var plain, targets []string
	for _, f := range t.USE {
		if value, ok := strings.CutPrefix(f, "python_targets_"); ok {
			targets = append(targets, value)
		} else {
			plain = append(plain, f)
		}
	}
	profile := "repo/profiles/default/"
	w.file(profile+"eapi", "8")
	w.file(profile+"make.defaults",
		fmt.Sprintf("ARCH=%q", Arch), fmt.Sprintf("ACCEPT_KEYWORDS=%q", Arch), `ACCEPT_LICENSE="*"`,
		`USE_EXPAND="PYTHON_TARGETS"`, fmt.Sprintf("USE=%q", strings.Join(plain, " ")),
		fmt.Sprintf("PYTHON_TARGETS=%q", strings.Join(targets, " ")), fmt.Sprintf("IUSE_IMPLICIT=%q", "prefix"),
	)
	var system []string
	for _, a := range t.System {
		system = append(system, "*"+a)
	}
	w.file(profile+"packages", system...)
	w.file("etc/portage/make.profile/eapi", "8")
	w.file("etc/portage/make.profile/parent", "../../../repo/profiles/default")
	w.file("etc/portage/make.conf", `DISTDIR="/var/cache/distfiles"`)
	w.file("etc/portage/repos.conf", "[DEFAULT]", "main-repo = "+Repo, "["+Repo+"]", "location = "+filepath.Join(w.dir, "repo"))
}

// writer writes files below a folder until one of them fails.
type writer struct {
	dir  string
	made map[string]bool // folders
	err  error
}

func (w *writer) file(name string, lines ...string) {
	path := filepath.Join(w.dir, name)
	if dir := filepath.Dir(path); w.err == nil && !w.made[dir] {
		w.made[dir] = true
		w.err = os.MkdirAll(dir, 0o755)
	}
	if w.err != nil {
		return
	}
	text := ""
	if len(lines) > 0 {
		text = strings.Join(lines, "\n") + "\n"
	}
	w.err = os.WriteFile(path, []byte(text), 0o644)
}
