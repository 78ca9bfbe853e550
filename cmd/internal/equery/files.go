package equery

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/tumpline/tumpline/cmd/internal/answer"
	"github.com/tumpline/tumpline/cmd/internal/cli"
	"github.com/tumpline/tumpline/cmd/internal/gentoolkit"
	"github.com/tumpline/tumpline/cmd/internal/getopt"
	"github.com/tumpline/tumpline/merge/vdb"
)

func filesModule() *module {
	return &module{
		name: "files", letter: "f", shown: "(f)iles", about: "list all files installed by PKG",
		doc: "List files owned by a given package.", arg: "pkgspec",
		options: [][2]string{
			{" -m, --md5sum", "include MD5 sum in output"},
			{" -s, --timestamp", "include timestamp in output"},
			{" -t, --type", "include file type in output"},
			{"     --tree", "display results in a tree (turns off other options)"},
			{" -f, --filter=RULES", "filter output by file type"},
			{"              RULES", "a comma-separated list (no spaces); choose from:"},
		},
		spec: getopt.Spec{Short: "hemstf:", Long: []string{"help", "exact-name", "md5sum", "timestamp", "type", "tree", "filter="}},
		kind: filesKind, run: files,
	}
}

// filesKind is the document of files.
var filesKind = answer.NewKind[filesDocument]("tumpline.equery-files", "1.0.0", "the files of installed packages")

type filesDocument struct {
	answer.Head
	Packages []packageFiles `json:"packages"`
}

type packageFiles struct {
	CPV   string       `json:"cpv" jsonschema:"CATEGORY/PF"`
	Files []fileObject `json:"files" jsonschema:"sorted by path"`
}

type fileObject struct {
	Path   string  `json:"path" jsonschema:"absolute, below the root"`
	Type   string  `json:"type" jsonschema:"dir, obj, sym, dev or fif, as CONTENTS has it"`
	Target *string `json:"target" jsonschema:"of a symbolic link; else null"`
	MD5    *string `json:"md5" jsonschema:"of a regular file; else null"`
	MTime  *int64  `json:"mtime" jsonschema:"seconds since 1970, of a regular file or symbolic link; else null"`
}

// filterRules are the sorts of files that can be asked for.
func filterRules() []string {
	return []string{"dir", "obj", "sym", "dev", "path", "conf", "cmd", "doc", "man", "info", "fifo"}
}

// fileLister is a call of files.
type fileLister struct {
	*call
	system               *gentoolkit.System
	md5, stamp, sort     bool
	tree                 bool
	rules                []string
	zone                 *time.Location
	search, protect, not []string // PATH, CONFIG_PROTECT, CONFIG_PROTECT_MASK
}

func files(c *call, options []getopt.Option, queries []string) error {
	f := &fileLister{call: c}
	for _, o := range options {
		switch o.Name {
		case "-m", "--md5sum":
			f.md5 = true
		case "-s", "--timestamp":
			f.stamp = true
		case "-t", "--type":
			f.sort = true
		case "--tree":
			f.tree = true
		case "-f", "--filter":
			for _, rule := range strings.Split(o.Value, ",") {
				rule = strings.TrimLeft(rule, "=")
				if !slices.Contains(filterRules(), rule) {
					msg := fmt.Sprintf("Invalid filter rule '%s'", rule)
					c.error(msg)
					return c.misused(msg)
				}
				f.rules = append(f.rules, rule)
			}
		}
	}
	if len(queries) == 0 {
		return c.none()
	}
	if f.tree {
		f.rules = nil
	}
	if err := f.prepare(); err != nil {
		return err
	}
	d := &filesDocument{Packages: []packageFiles{}}
	for i, text := range queries {
		c.separate(i)
		matches, err := f.find(text)
		if err != nil {
			return err
		}
		for _, p := range matches {
			d.Packages = append(d.Packages, f.list(p))
		}
	}
	if c.data {
		return filesKind.Write(c.env.Out, d)
	}
	return nil
}

// prepare reads what the filters need.
func (f *fileLister) prepare() error {
	var err error
	if f.system, err = f.open(); err != nil {
		return err
	}
	config := f.system.Root.Config
	for _, dir := range strings.Split(f.env.Vars["PATH"], ":") {
		f.search = append(f.search, path.Clean(dir))
	}
	for _, dir := range config.Words("CONFIG_PROTECT") {
		f.protect = append(f.protect, path.Clean(dir))
	}
	for _, dir := range config.Words("CONFIG_PROTECT_MASK") {
		f.not = append(f.not, path.Clean(dir))
	}
	f.zone = zone(f.env)
	return nil
}

// zone is the time zone of an environment.
func zone(env *cli.Env) *time.Location {
	if name, ok := env.Vars["TZ"]; ok {
		if l, err := time.LoadLocation(strings.TrimPrefix(name, ":")); err == nil {
			return l
		}
	}
	return time.Local
}

// find gives the installed packages that a query means.
func (f *fileLister) find(text string) ([]*gentoolkit.Package, error) {
	q, err := gentoolkit.ParseQuery(text)
	if err != nil {
		return nil, err
	}
	f.announce(q)
	return f.system.Find(q, gentoolkit.Scope{Installed: true})
}

// list lists the files of a package.
func (f *fileLister) list(p *gentoolkit.Package) packageFiles {
	if f.verbose && !f.data {
		f.out.Line(fmt.Sprintf(" * Contents of %s:", f.style.CPV(p.CPV)))
	}
	contents := f.filter(f.contents(p))
	slices.SortFunc(contents, func(a, b vdb.Content) int { return strings.Compare(a.Path, b.Path) })
	out := packageFiles{CPV: p.CPV, Files: []fileObject{}}
	switch {
	case f.data:
		for _, c := range contents {
			out.Files = append(out.Files, newFile(c))
		}
	case f.tree:
		f.showTree(contents)
	default:
		for _, c := range contents {
			f.out.Line(f.line(c))
		}
	}
	return out
}

// contents gives the files of a package; what is wrong with its list is told.
func (c *call) contents(p *gentoolkit.Package) []vdb.Content {
	contents, problems := p.Contents()
	for _, problem := range problems {
		c.warn(problem.Error())
	}
	return contents
}

func newFile(c vdb.Content) fileObject {
	o := fileObject{Path: c.Path, Type: c.Kind.String()}
	switch c.Kind {
	case vdb.KindFile:
		o.MD5, o.MTime = &c.MD5, &c.MTime
	case vdb.KindSymlink:
		o.Target, o.MTime = &c.Target, &c.MTime
	}
	return o
}

// line is the line of one file.
func (f *fileLister) line(c vdb.Content) string {
	sort, shown, stamp, sum := c.Kind.String(), c.Path, "", ""
	switch c.Kind {
	case vdb.KindDir:
		shown = f.style.Path(c.Path)
	case vdb.KindFile:
		sort, sum = "file", c.MD5
		stamp = time.Unix(c.MTime, 0).In(f.zone).Format(time.DateTime)
	case vdb.KindSymlink:
		stamp = time.Unix(c.MTime, 0).In(f.zone).Format(time.DateTime)
		if !f.piping {
			target, _, _ := strings.Cut(strings.TrimSpace(c.Target), " ")
			shown = f.style.Symlink(c.Path + " -> " + target)
		}
	case vdb.KindFIFO:
		sort = "fifo"
	}
	line := shown
	if f.sort {
		line = fmt.Sprintf("%4s %s", sort, line)
	}
	if f.stamp {
		line += "  " + stamp
	}
	if f.md5 {
		line += "  " + sum
	}
	return line
}

// showTree prints files below their folders.
func (f *fileLister) showTree(contents []vdb.Content) {
	var last []string
	for _, c := range contents {
		depth := strings.Count(c.Path, "/")
		indent := " "
		if depth == 2 {
			indent = "   "
		} else if depth > 2 {
			indent = strings.Repeat("   ", depth-1)
		}
		parts := rightSplit(c.Path, depth-1)
		switch c.Kind {
		case vdb.KindDir:
			last = f.showFolder(indent, parts, last)
		case vdb.KindSymlink:
			f.out.Raw(f.style.Path(indent+"+") + " ")
			f.out.Line(f.style.Symlink(parts[len(parts)-1] + " -> " + c.Target))
		default:
			f.out.Line(f.style.Path(indent+"+ ") + parts[len(parts)-1])
		}
	}
}

// showFolder prints a folder once for each part of its path that the last folder did
// not have in the same place, and returns the folder that is the last one now.
func (f *fileLister) showFolder(indent string, parts, last []string) []string {
	if len(last) == 0 {
		f.out.Line(f.style.Path(indent + parts[0]))
		return parts
	}
	for i, part := range parts {
		if i < len(last) && strings.Contains(last[i], part) {
			continue
		}
		last = parts
		if len(last) == 1 {
			f.out.Line(f.style.Path(indent + last[0]))
			continue
		}
		f.out.Line(f.style.Path(indent + "> /" + last[len(last)-1]))
	}
	return last
}

// rightSplit splits a path at its last n slashes.
func rightSplit(text string, n int) []string {
	var out []string
	for ; n > 0; n-- {
		i := strings.LastIndexByte(text, '/')
		if i < 0 {
			break
		}
		out = append(out, text[i+1:])
		text = text[:i]
	}
	out = append(out, text)
	slices.Reverse(out)
	return out
}

// filter keeps the files that one of the rules is about.
func (f *fileLister) filter(contents []vdb.Content) []vdb.Content {
	if len(f.rules) == 0 {
		return contents
	}
	var tops map[string]bool
	if slices.Contains(f.rules, "path") {
		tops = topFolders(contents)
	}
	return slices.DeleteFunc(slices.Clone(contents), func(c vdb.Content) bool {
		return !slices.ContainsFunc(f.rules, func(rule string) bool { return f.keeps(rule, c, tops) })
	})
}

func (f *fileLister) keeps(rule string, c vdb.Content, tops map[string]bool) bool {
	startsWith := func(dirs []string) bool {
		return slices.ContainsFunc(dirs, func(dir string) bool { return strings.HasPrefix(c.Path, dir) })
	}
	switch rule {
	case "path":
		return tops[c.Path]
	case "conf":
		return c.Kind == vdb.KindFile && startsWith(f.protect) && !startsWith(f.not)
	case "cmd":
		return (c.Kind == vdb.KindFile || c.Kind == vdb.KindSymlink) && slices.Contains(f.search, path.Dir(c.Path))
	case "doc", "man", "info":
		return c.Kind == vdb.KindFile && strings.HasPrefix(c.Path, "/usr/share/"+rule)
	case "fifo":
		return c.Kind == vdb.KindFIFO
	default:
		return c.Kind.String() == rule
	}
}

// topFolders gives the folders that hold files themselves, without those below one.
func topFolders(contents []vdb.Content) map[string]bool {
	sorted := slices.Clone(contents)
	slices.SortFunc(sorted, func(a, b vdb.Content) int { return strings.Compare(a.Path, b.Path) })
	out := map[string]bool{}
	for len(sorted) > 0 {
		base := sorted[0]
		sorted = sorted[1:]
		if base.Kind != vdb.KindDir || !slices.ContainsFunc(sorted, func(c vdb.Content) bool {
			return c.Kind != vdb.KindDir && path.Dir(c.Path) == base.Path
		}) {
			continue
		}
		out[base.Path] = true
		for len(sorted) > 0 && strings.HasPrefix(sorted[0].Path, base.Path) {
			sorted = sorted[1:]
		}
	}
	return out
}
