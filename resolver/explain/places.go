package explain

import (
	"path/filepath"
	"strings"

	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/ebuild/linefile"
	"github.com/tumpline/tumpline/profiles/sets"
	"github.com/tumpline/tumpline/resolver/partial"
	"github.com/tumpline/tumpline/resolver/universe"
)

// file returns where a package is written down: the ebuild, the binary
// package or the database entry; "" if unknown.
func (x *explainer) file(p *universe.Pkg) string {
	if p.Origin != ebuild.OriginEbuild {
		return p.Path
	}
	for _, r := range x.roots[p.Root].Repos {
		if r.Name == p.Repo {
			cp := p.CPV.CP
			return filepath.Join(r.Location, cp.Category(), cp.Name(), p.CPV.PF()+".ebuild")
		}
	}
	return p.Path
}

// dependencyFile returns where the dependencies of a package are written down:
// those of an installed package may be the ebuild's of today.
func (x *explainer) dependencyFile(p *universe.Pkg) string {
	if live := p.Live(); live != nil {
		if e := x.w.U.EbuildIn(p.Root, live.CPV, live.Repo); e != nil {
			return x.file(e)
		}
	}
	return x.file(p)
}

// memberPlace returns the file and line of a set in which a member stands; ""
// if the set is not made of files or the line is not found.
func (x *explainer) memberPlace(arg *partial.Arg, text string) (string, Line) {
	if arg.Kind != partial.ArgSet || arg.Internal {
		return "", 0
	}
	file, line := "", Line(0)
	for _, path := range x.setFiles(x.roots[arg.Root].Config.UserDir, arg) {
		// What cannot be read was told of when the set was loaded.
		lines, _ := linefile.Read(path, linefile.FileOrTree)
		for _, l := range lines {
			if strings.TrimPrefix(l.Words[0], "*") == text {
				file, line = l.File, Line(l.Number)
			}
		}
	}
	return file, line
}

// setFiles lists the files that members of a set may stand in, weakest first.
func (x *explainer) setFiles(userDir string, arg *partial.Arg) []string {
	switch arg.Set.Name {
	case sets.World, sets.Selected:
		dir := filepath.Join(arg.Root.Path, "var/lib/portage")
		return []string{filepath.Join(dir, "world"), filepath.Join(dir, "world_sets")}
	case sets.System, sets.Profile:
		var files []string
		for _, n := range x.roots[arg.Root].Config.Nodes {
			files = append(files, n.Join("packages"))
		}
		return files
	}
	return []string{filepath.Join(userDir, "sets", filepath.FromSlash(arg.Set.Name))}
}
